# Tables of knitr. In R Markdown a summary looks as at the console, as that of
# lm() does; kable() makes a table of what as.data.frame() returns.

#' Table of coefficients as a data frame
#'
#' `knitr::kable(summary(fit))` is a table for R Markdown, made of this data
#' frame. The other lines of a summary are not in it.
#'
#' @param x The [summary()][summary.mle_fit] of a fit.
#' @param row.names,optional,... Ignored.
#' @return A data frame with the columns of `coef(x)`, and coefficients as row
#'   names.
#' @examples
#' fit <- mle_fit(mpg ~ wt, data = mtcars, adjust = TRUE)
#' as.data.frame(summary(fit))
#' if (requireNamespace("knitr", quietly = TRUE)) {
#'   knitr::kable(summary(fit), digits = 3)
#' }
#' @export
as.data.frame.summary.mle_fit <- function(x, row.names = NULL,
                                          optional = FALSE, ...) {
  as.data.frame(x$coefficients, optional = TRUE)
}
