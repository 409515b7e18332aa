# Oracle for recordings: what was recorded at one point and replayed at others
# must be what plain R computes there, and the result must have R's shape.

# Values at the recording point are compared by record() itself. At the points
# in `also` the guards must hold, or `rerecord = TRUE` is expected.
expect_traced <- function(f, at, also = list(), guards = NULL,
                          rerecord = FALSE) {
  r <- record(f, at)
  plain <- suppressWarnings(do.call(f, at))
  if (is_traced(r$output)) {
    testthat::expect_identical(dim(r$output), dim(plain))
    testthat::expect_equal(names(r$output), names(plain))
    testthat::expect_equal(dimnames(r$output), dimnames(plain))
  }
  if (!is.null(guards)) {
    testthat::expect_identical(trace_counts(r)[["guards"]], as.integer(guards))
  }
  for (point in also) {
    replayed <- replay(r, point)
    testthat::expect_identical(replayed$valid, !rerecord)
    if (replayed$valid) {
      plain <- suppressWarnings(do.call(f, point))
      testthat::expect_equal(replayed$value, as.numeric(plain),
                             tolerance = 1e-10)
    }
  }
  testthat::expect_true(TRUE)
  invisible(r)
}

trace_counts <- function(r) trace_counts_(trace_graph(r$trace))

# Evaluates the recorded graph at other inputs.
replay <- function(r, at) {
  if (!is_traced(r$output)) {
    return(list(value = as.numeric(r$output), valid = TRUE))
  }
  id <- reopened_id(r)
  trace_replay_(trace_graph(r$trace), unname(lapply(at, as.numeric)), id)
}

# The node of the output after the recording has ended.
reopened_id <- function(r) r$id

expect_unsupported <- function(f, at, pattern = NULL) {
  testthat::expect_error(record(f, at), pattern,
                         class = "admle_error_unsupported")
}
