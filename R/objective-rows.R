# Which rows of the data the contributions of a total belong to, and what is
# worth telling about how they are counted (design/0022-provenance.md).

# A total whose rows a plain recording does not tell, recorded with leaves if
# these do; `described` is what describe_recorded() made, `again()` makes
# it anew. Where recorded code needs plain data it stays as it was, and
# `state$unknown` says that another time is not worth trying.
told_rows <- function(described, again, state) {
  if (isTRUE(state$unknown) || described$contributions ||
        total_is_split(described$trace, described$output)) {
    return(described)
  }
  found <- tryCatch(suppressWarnings(again()), error = function(e) NULL)
  told <- !is.null(found) && !found$contributions &&
    total_is_split(found$trace, found$output) &&
    isTRUE(all.equal(node_value(found$trace, found$output),
                     node_value(described$trace, described$output),
                     tolerance = 1e-8))
  state$unknown <- !told
  if (told) found else described
}

# What objective_row_facts() knows, and the numbers of contributions at the
# points where the function was recorded, in words.
row_warnings <- function(facts, lengths, n) {
  recycled <- facts[["recycled_to"]] > 0L && facts[["recycled_to"]] %in% n
  c(
    if (facts[["divided_by"]] > 0L) divided_warning(facts[["divided_by"]]),
    if (recycled) sprintf(paste(
      "A vector of %d data values is recycled to %d: each of them counts as",
      "%s observations, and standard errors are those of %d contributions."
    ), facts[["recycled_from"]], facts[["recycled_to"]],
    format(facts[["recycled_to"]] / facts[["recycled_from"]], digits = 3),
    facts[["recycled_to"]]),
    if (length(lengths) > 1L) sprintf(paste(
      "The function returned %d contributions at the start, but %s at other",
      "points: log-likelihoods of different lengths are compared, and standard",
      "errors are those of the contributions at the estimate."
    ), lengths[[1L]], enumerate(lengths[-1L], quote = ""))
  )
}

divided_warning <- function(n) {
  sprintf(paste(
    "The log-likelihood is divided by %d, its number of contributions, as",
    "mean() or sum() / %d do. It is maximised as written, but standard errors",
    "from the Hessian are sqrt(%d) = %s times too large, and AIC, BIC and",
    "likelihood ratios are of the average. Return the sum, or the",
    "contributions."
  ), n, n, n, format(sqrt(n), digits = 3))
}

warn_rows <- function(objective) {
  for (message in objective$row_warnings()) admle_warn("observations", message)
}
