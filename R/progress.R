# A progress bar that nobody sees unless the work is long and someone waits.

# -> function(done): to be called after each part of the work; it closes the bar
#    after the last one.
progress <- function(total, after = 2, active = interactive()) {
  began <- proc.time()[["elapsed"]]
  bar <- NULL
  function(done) {
    if (!active) {
      return(invisible())
    }
    if (is.null(bar) && done < total &&
          proc.time()[["elapsed"]] - began > after) {
      bar <<- utils::txtProgressBar(max = total, style = 3)
    }
    if (!is.null(bar)) {
      utils::setTxtProgressBar(bar, done)
      if (done >= total) close(bar)
    }
    invisible()
  }
}
