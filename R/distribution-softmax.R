# Probabilities of several alternatives from indices.
#' @include distribution.R
NULL

#' Probabilities from indices
#'
#' The multinomial logit: of \eqn{K} alternatives the probabilities
#' \eqn{\exp(a_k) / (1 + \sum_j \exp(a_j))} of the first \eqn{K - 1}, whose
#' indices are given, and \eqn{1 / (1 + \sum_j \exp(a_j))} of the last, whose
#' index is 0. Of one index it is [stats::plogis()]. Meant for the weights of a
#' [mixture()]: in a formula the indices start at 0, equal weights.
#'
#' @param ... Indices: numbers, or vectors with an element for each observation.
#' @return A matrix with a column for each alternative and a row for each
#'   observation; of numbers, one row.
#' @seealso [dcategorical()] for outcomes with such probabilities.
#' @examples
#' softmax(0, 0)
#' softmax(c(0, 1), 2)
#'
#' # Three kinds of eruptions; the share of the first two varies with `waiting`
#' mle_fit(
#'   eruptions ~ mixture(softmax(a, b), dnorm(m1, s1), dnorm(m2, s2),
#'                       dnorm(m3, s3)),
#'   log(s1) ~ 1, log(s2) ~ 1, log(s3) ~ 1, data = faithful
#' )
#' @export
softmax <- function(...) {
  indices <- lapply(list(...), as.vector)
  if (length(indices) == 0L) {
    stop("softmax() needs an index or more", call. = FALSE)
  }
  numbers <- vapply(indices, function(a) is_traced(a) || is.numeric(a), NA)
  if (!all(numbers)) stop("the indices of softmax() are numbers", call. = FALSE)
  n <- max(lengths(indices))
  if (!all(lengths(indices) %in% c(1L, n))) {
    stop(sprintf("the indices of softmax() have lengths %s",
                 paste(lengths(indices), collapse = ", ")), call. = FALSE)
  }
  columns <- lapply(c(indices, 0), rep_len, length.out = n)
  eta <- do.call(cbind, columns)
  exp(eta - log_sum_exp(eta, by = "row"))
}

define_rewritten("admle", "softmax")
