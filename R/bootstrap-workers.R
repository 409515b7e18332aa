# Replications on workers that the user has set up: of future.apply or mirai. A
# recorded log-likelihood lives in one process; each worker is sent the fit and
# records it again.

# -> NULL for this session, or list(map): map(f, ...) calls f(piece, ...) for
# consecutive pieces of x and returns the list of results.
distribute <- function(parallel, x) {
  by <- parallel_backend(parallel)
  switch(
    by,
    none = NULL,
    future = {
      pieces <- consecutive(x, future::nbrOfWorkers())
      list(map = function(f, ...) {
        future.apply::future_lapply(pieces, f, ..., future.seed = NULL)
      })
    },
    mirai = {
      workers <- sum(mirai::status()$connections)
      pieces <- consecutive(x, max(1, workers))
      list(map = function(f, ...) {
        found <- mirai::mirai_map(pieces, f, .args = list(...))[]
        failed <- vapply(found, inherits, NA, "errorValue")
        if (any(failed)) {
          admle_abort("unsupported", paste(
            "A mirai daemon failed:", format(found[[which(failed)[[1L]]]])
          ))
        }
        found
      })
    }
  )
}

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
  pieces <- min(length(x), max(1, workers))
  if (!is.finite(pieces)) pieces <- length(x)
  unname(split(x, ceiling(seq_along(x) * pieces / length(x))))
}
