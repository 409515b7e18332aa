# The safety net of record(): the function's own errors come first, then ours,
# then any difference between the recorded and the plain value.
#' @include trace-errors.R
NULL

check_recording <- function(traced, plain) {
  if (!is.null(plain$error)) {
    stop(plain$error)
  }
  if (!is.null(traced$failure)) {
    stop(traced$failure)
  }
  failed <- if (is.null(traced$error)) traced$number$error else traced$error
  if (!is.null(failed)) {
    if (inherits(failed, "admle_error")) {
      stop(failed)
    }
    call <- if (is.null(traced$error)) traced$number$call else traced$call
    stop(
      unsupported_condition(
        call, sprintf("R says: %s", conditionMessage(failed)), NULL
      )
    )
  }
  if (length(traced$caught) != length(traced$caught_plainly)) {
    stop(unsupported_condition(NULL, sprintf(
      "an error is caught that only the recording raises: %s",
      traced$caught[[1L]]
    ), NULL))
  }
  spurious <- setdiff(traced$warnings, plain$warnings)
  if (length(spurious) > 0L) {
    stop(unsupported_condition(NULL, sprintf(
      "base R warns about a value depending on parameters: %s", spurious[[1L]]
    ), NULL))
  }
  compare_values(traced$number$value, plain$value)
}

# The recorded value must be the plain one: relative 1e-8, the same pattern of
# NaN and Inf, the same lengths. Where plain R overflows, a stable form may well
# have a value.
compare_values <- function(traced, plain, where = "the result") {
  mismatch <- function(detail) {
    stop(unsupported_condition(NULL, sprintf(
      "the recording does not reproduce the function: %s %s", where, detail
    ), "Please report it with the function."))
  }
  if (is.list(plain) || is.list(traced)) {
    if (!is.list(plain) || !is.list(traced) ||
        length(plain) != length(traced)) {
      mismatch("has another structure")
    }
    for (k in seq_along(plain)) {
      compare_values(traced[[k]], plain[[k]], sprintf("element %d", k))
    }
    return(invisible())
  }
  if (!is.numeric(plain) && !is.logical(plain)) {
    return(invisible())
  }
  if (!is.numeric(traced) && !is.logical(traced)) {
    mismatch(sprintf("is of type \"%s\"", typeof(traced)))
  }
  if (length(plain) != length(traced)) {
    mismatch(
      sprintf("has length %d instead of %d", length(traced), length(plain))
    )
  }
  x <- as.numeric(traced)
  y <- as.numeric(plain)
  k <- first_disagreement(x, y, 1e-8)
  if (k > 0L) {
    mismatch(sprintf(
      "has %s instead of %s in element %d", format(x[[k]], digits = 10),
      format(y[[k]], digits = 10), k
    ))
  }
}
