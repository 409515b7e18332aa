# Recordings with leaves: the data that a function finds by name are inputs of
# the graph, behind the one that holds the parameters. Then `y[i]` is an element
# of a leaf, not a number, and the graph says which row each value reads.
#' @include trace.R
NULL

# A total whose rows a plain recording does not tell, recorded with leaves if
# these do; `described` is what describe_recorded() made, `again(leaves = TRUE)`
# makes it anew. Where recorded code needs plain data it stays as it was, and
# `state$unknown` says that another time is not worth trying.
told_rows <- function(described, again, state) {
  if (isTRUE(state$unknown) || described$contributions ||
        total_is_split(described$trace, described$output)) {
    return(described)
  }
  found <- tryCatch(suppressWarnings(again(leaves = TRUE)),
                    error = function(e) NULL)
  told <- !is.null(found) && !found$contributions &&
    total_is_split(found$trace, found$output) &&
    isTRUE(all.equal(node_value(found$trace, found$output),
                     node_value(described$trace, described$output),
                     tolerance = 1e-8))
  state$unknown <- !told
  if (told) found else described
}

# Whether a function or its helpers find data by name.
mentions_rows <- function(f, data = NULL, known = new.env()) {
  key <- function_key(f)
  if (!is.function(f) || is.primitive(f) || !is.null(known[[key]])) {
    return(FALSE)
  }
  assign(key, TRUE, envir = known)
  where <- environment(f)
  if (!is.null(data)) where <- list2env(as.list(data), parent = where)
  for (name in unique(c(all.names(body(f)), names(data)))) {
    if (!nzchar(name) || name == "...") next
    value <- get0(name, envir = where)
    if (has_rows(value)) return(TRUE)
    if (is_user_function(value) && mentions_rows(value, NULL, known)) {
      return(TRUE)
    }
  }
  FALSE
}

# Binds leaves in a mask for the data that code mentions.
bind_leaves <- function(mask, names, where) {
  if (is.null(trace_session$leaves) || isNamespace(where)) {
    return()
  }
  for (name in names) {
    if (!nzchar(name) || name == "...") next
    value <- get0(name, envir = where)
    if (has_rows(value)) assign(name, leaf_of(value), envir = mask)
  }
}

# Numbers in rows. A symmetric matrix is a statistic of the data.
has_rows <- function(x) {
  if (is.data.frame(x)) {
    return(nrow(x) > 1L)
  }
  is.numeric(x) && !is.object(x) && length(x) > 1L && length(dim(x)) < 3L &&
    !(is.matrix(x) && (nrow(x) < 2L || isSymmetric(unname(x))))
}

# One leaf for each object, however many names it has.
leaf_of <- function(x) {
  key <- function_key(x)
  known <- trace_session$leaves[[key]]
  if (is.null(known)) {
    if (is.data.frame(x)) {
      attributes <- attributes(x)
      x <- lapply(x, function(column) {
        if (has_rows(column)) leaf_of(column) else column
      })
      attributes(x) <- attributes
      known <- x
    } else {
      whole <- is.integer(x) || all(x == floor(x), na.rm = TRUE)
      known <- trace_input(x, if (whole) 2L else 0L)
    }
    assign(key, known, envir = trace_session$leaves)
  }
  known
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
  if (is_numeric_objective(objective)) {
    return()
  }
  facts <- objective_row_facts(objective$pointer)
  for (message in row_warnings(facts, objective$points$lengths, objective$n)) {
    admle_warn("observations", message)
  }
}
