# The safety net of record(): the function's own errors come first, then ours,
# then any difference between the recorded and the plain value.
#' @include trace-errors.R
NULL

# `rounding()`: how far rounding may move the elements of the plain value.
check_recording <- function(traced, plain, rounding) {
  if (!is.null(plain$error)) {
    # Raised by the recording as well: then the branches taken are why.
    plain$error$recorded <- !is.null(traced$error)
    # The same error was raised where the user's call and frame are known.
    known <- identical(traced$call, conditionCall(plain$error)) &&
      !any(plain$operands$odd)
    plain$error$operands <- if (known) traced$operands else plain$operands
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
    # What is no number is named rather than R's word for it.
    odd <- if (any(traced$operands$odd)) {
      operands_text(traced$operands, conditionMessage(failed))
    }
    if (is.null(odd)) odd <- sprintf("R says: %s", conditionMessage(failed))
    stop(unsupported_condition(call, odd, NULL))
  }
  if (length(traced$caught) != length(traced$caught_plainly)) {
    stop(unsupported_condition(NULL, sprintf(
      "an error is caught that only the recording raises: %s",
      traced$caught[[1L]]
    ), NULL))
  }
  spurious <- setdiff(traced$warnings, c(plain$warnings, traced$suppressed))
  if (length(spurious) > 0L) {
    stop(unsupported_condition(NULL, sprintf(
      "base R warns about a value depending on parameters: %s", spurious[[1L]]
    ), NULL))
  }
  if (!isTRUE(traced$continued)) {
    compare_values(traced$number$value, plain$value, rounding, traced$searched)
  }
}

# The recorded value must be the plain one: relative 1e-8, the same pattern of
# NaN and Inf, the same lengths. Where plain R overflows, a stable form may well
# have a value; where rounding decides the plain value, as that of
# log(1 - plogis(30)), it is no measure. `searched`: see searched_values().
compare_values <- function(traced, plain, rounding = function() 0,
                           searched = NULL, where = "the result") {
  mismatch <- function(detail) {
    stop(unsupported_condition(NULL, sprintf(
      "the recording does not reproduce the function: %s %s", where, detail
    ), "Please report it with the function."))
  }
  plain <- dense_matrix(plain)
  if (is.list(plain) || is.list(traced)) {
    if (!is.list(plain) || !is.list(traced) ||
        length(plain) != length(traced)) {
      mismatch("has another structure")
    }
    for (k in seq_along(plain)) {
      compare_values(traced[[k]], plain[[k]], searched = list(
        value = searched$value[[k]], tolerance = searched$tolerance
      ), where = sprintf("element %d", k))
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
  if (k > 0L && !is.null(searched$value)) {
    # Derivatives, in the plain evaluation too, are taken at polished values.
    polished <- as.numeric(searched$value)
    explained <- which(abs(polished - y) <= 2 * abs(polished - x) +
                         searched$tolerance * pmax(1, abs(y)))
    x[explained] <- y[explained]
    k <- first_disagreement(x, y, 1e-8)
  }
  if (k > 0L) {
    explained <- which(abs(x - y) <= rounding())
    x[explained] <- y[explained]
    k <- first_disagreement(x, y, 1e-8)
  }
  if (k > 0L) {
    mismatch(sprintf(
      "has %s instead of %s in element %d", format(x[[k]], digits = 10),
      format(y[[k]], digits = 10), k
    ))
  }
}

# A first-order bound on the rounding errors of a vector: every value that it is
# made of is wrong by a few units in the last place, and passes this on with its
# derivative (Higham 2002, Accuracy and Stability of Numerical Algorithms, 3.1).
# A sum or a product of matrices is what it would be, without rounding, of
# factors that are wrong by as much; where it cancels, as in a polynomial in
# years, their derivatives are large. 0 where that would take long.
rounding_bound <- function(trace, id, n, units = 8, most_nodes = 500L) {
  if (is.list(id) || id < 0L || id > most_nodes) {
    return(0)
  }
  total <- 0
  for (node in seq_len(id + 1L) - 1L) {
    value <- as.numeric(node_value(trace, node))
    # Data, as the numbers of dbinom(), may have no derivative, nor errors.
    size <- tryCatch(passed_on(trace, id, node, value, n),
                     error = function(e) 0)
    total <- total + ifelse(is.finite(size), size, 0)
  }
  units * .Machine$double.eps * total
}

# What relative errors of `value` of size one change in each of the n results,
# all with the same sign.
passed_on <- function(trace, id, node, value, n, most_columns = 200L) {
  if (length(value) == n || n == 1L) {
    slope <- node_value(trace, derive_node(trace, "vjp", id, node, rep(1, n)))
    size <- abs(as.numeric(slope) * value)
    return(if (n == 1L) sum(size) else size)
  }
  if (length(value) > most_columns) {
    return(0)
  }
  slopes <- node_value(trace, derive_node(trace, "jacobian", id, node, NULL))
  as.numeric(abs(matrix(slopes, n)) %*% abs(value))
}
