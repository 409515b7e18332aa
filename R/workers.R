# Replications on the daemons of mirai that the user has started. A recorded
# log-likelihood lives in one process; each daemon is sent the fit and records
# it again.

# -> NULL for this session, or list(map): map(f, ...) calls f(chunk, ...) for
# consecutive chunks of x and returns the list of results.
distribute <- function(parallel, x) {
  if (!runs_on_daemons(parallel)) {
    return(NULL)
  }
  chunks <- consecutive(x, count_daemons())
  list(map = function(f, ...) {
    job <- serialize(list(f = f, arguments = list(...)), NULL)
    found <- mirai::mirai_map(chunks, on_daemon, .args = list(job))[]
    failed <- vapply(found, inherits, NA, "errorValue")
    if (any(failed)) {
      admle_abort("unsupported", paste(
        "A mirai daemon failed:", format(found[[which(failed)[[1L]]]])
      ), argument = "parallel")
    }
    found
  })
}

count_daemons <- function() {
  daemons <- mirai::status()$connections
  if (!is.numeric(daemons) || sum(daemons) == 0) {
    admle_abort("unsupported", paste(
      "`parallel = TRUE` needs daemons that are connected. Start some by",
      "mirai::daemons(), such as mirai::daemons(4)."
    ), argument = "parallel")
  }
  sum(daemons)
}

# What a daemon runs. Nothing of admle is in it, so that it also arrives where
# the package cannot be loaded, and says so; functions of a namespace that is
# not there would be lost, or stop the daemon.
on_daemon <- function(chunk, job) {
  if (!requireNamespace("admle", quietly = TRUE)) {
    stop("it cannot load the package admle from its libraries, ",
         paste(.libPaths(), collapse = ", "), call. = FALSE)
  }
  job <- unserialize(job)
  do.call(job$f, c(list(chunk), job$arguments))
}
environment(on_daemon) <- baseenv()

runs_on_daemons <- function(parallel) {
  if (identical(parallel, "future")) {
    admle_abort("argument", paste(
      "`parallel = \"future\"` is no more. Start daemons by mirai::daemons(4),",
      "and set `parallel = TRUE`."
    ), argument = "parallel")
  }
  if (!identical(parallel, "mirai")) {
    check_flag(parallel, "parallel")
  }
  if (isFALSE(parallel)) {
    return(FALSE)
  }
  if (!requireNamespace("mirai", quietly = TRUE)) {
    admle_abort("unsupported", paste(
      "`parallel = TRUE` needs the package mirai:",
      "install.packages(\"mirai\")."
    ), argument = "parallel")
  }
  TRUE
}

# Chunks of nearly the same length, one for each worker.
consecutive <- function(x, workers) {
  chunks <- min(length(x), max(1, workers))
  if (!is.finite(chunks)) chunks <- length(x)
  unname(split(x, ceiling(seq_along(x) * chunks / length(x))))
}
