# Replications on workers that the user has set up: of future.apply or mirai. A
# recorded log-likelihood lives in one process; each worker is sent the fit and
# records it again.

# -> NULL for this session, or list(map): map(f, ...) calls f(chunk, ...) for
# consecutive chunks of x and returns the list of results.
distribute <- function(parallel, x) {
  by <- parallel_backend(parallel)
  switch(
    by,
    none = NULL,
    future = {
      chunks <- consecutive(x, future::nbrOfWorkers())
      list(map = function(f, ...) {
        future.apply::future_lapply(chunks, f, ..., future.seed = NULL)
      })
    },
    mirai = {
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
  )
}

count_daemons <- function() {
  daemons <- mirai::status()$connections
  if (!is.numeric(daemons) || sum(daemons) == 0) {
    admle_abort("unsupported", paste(
      "`parallel = \"mirai\"` needs daemons that are connected. Start some by",
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

parallel_backend <- function(parallel) {
  if (isFALSE(parallel)) {
    return("none")
  }
  needs <- c(future = "future.apply", mirai = "mirai")
  has <- vapply(needs, requireNamespace, NA, quietly = TRUE)
  if (isTRUE(parallel)) {
    if (!any(has)) {
      admle_abort("unsupported", paste(
        "`parallel = TRUE` needs one of the packages future.apply and mirai;",
        "neither is installed."
      ), argument = "parallel")
    }
    return(names(needs)[has][[1L]])
  }
  if (!is.character(parallel) || length(parallel) != 1L ||
        !parallel %in% names(needs)) {
    admle_abort("argument", paste(
      "`parallel` must be TRUE, FALSE, \"future\" or \"mirai\"."
    ), argument = "parallel")
  }
  if (!has[[parallel]]) {
    admle_abort("unsupported", sprintf(
      "`parallel = \"%s\"` needs the package %s, which is not installed.",
      parallel, needs[[parallel]]
    ), argument = "parallel")
  }
  parallel
}

# Pieces of nearly the same length, one for each worker.
consecutive <- function(x, workers) {
  chunks <- min(length(x), max(1, workers))
  if (!is.finite(chunks)) chunks <- length(x)
  unname(split(x, ceiling(seq_along(x) * chunks / length(x))))
}
