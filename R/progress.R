# A progress bar that nobody sees unless the work is long and someone waits.

# -> list(show, close): `show(done)` after each part of the work, of `total`;
# the bar appears after two seconds.
progress_bar <- function(total, wanted = interactive()) {
  if (!wanted) {
    return(list(show = function(done) NULL, close = function() NULL))
  }
  began <- proc.time()[["elapsed"]]
  bar <- NULL
  list(
    show = function(done) {
      if (is.null(bar) && proc.time()[["elapsed"]] - began > 2) {
        bar <<- utils::txtProgressBar(max = total, style = 3L)
      }
      if (!is.null(bar)) utils::setTxtProgressBar(bar, done)
    },
    close = function() if (!is.null(bar)) close(bar)
  )
}
