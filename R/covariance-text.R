# What a summary says about its covariance: what it is made of, how many
# clusters, which kernel, what small-sample factor, which distribution.

covariance_text <- function(x) {
  if (is.null(x$vcov) || all(is.na(x$vcov))) {
    return("Covariance: none")
  }
  made <- x$covariance
  factors <- factor_text(made)
  paste0(
    "Covariance: ", covariance_source(made, identical(x$returns, "total")),
    if (length(factors)) paste(", times", enumerate(factors, "")),
    negative_text(made), distribution_text(made),
    if (!is.null(x$first_steps) && !made$spec$type %in% two_step_types) {
      "; the first step is taken as known"
    }
  )
}

covariance_source <- function(made, split) {
  source <- switch(
    made$spec$type,
    hessian = "inverse of the negative Hessian",
    opg = "inverse of the outer product of the scores",
    sandwich = , HC1 =
      "sandwich of the Hessian and the outer product of the scores",
    cluster = paste("clustered by", clusters_text(made$clusters)),
    stacked = paste0(
      "stacked scores of both steps",
      if (!is.null(made$clusters)) {
        paste(", clustered by", clusters_text(made$clusters))
      }
    ),
    `murphy-topel` = "Murphy and Topel's, of both steps",
    matrix = "a matrix that was given",
    `function` = "by a function that was given"
  )
  if (split && needs_scores(made$spec)) {
    source <- paste0(source, " (the total is split into its terms)")
  }
  source
}

# "`firm` (10 clusters) and `year` (20 clusters)"
clusters_text <- function(clusters) {
  text <- sprintf("`%s` (%s)", names(clusters), counted_each(clusters))
  enumerate(text, "")
}

counted_each <- function(clusters) {
  vapply(clusters, function(n) counted(n, "cluster"), "")
}

factor_text <- function(made) {
  own <- if (made$spec$type == "cluster" && !isFALSE(made$spec$cadjust)) {
    if (identical(made$spec$cadjust, "min")) "G / (G - 1) of the fewest" else
      "G / (G - 1)"
  }
  adjustment <- made$adjustment
  if (is.null(adjustment)) {
    return(own)
  }
  clustered <- made$spec$type == "cluster"
  c(own, sprintf("%s/%s", format(adjustment$n - clustered),
                 format(adjustment$df)))
}

# Of several ways of clustering, where that was needed.
negative_text <- function(made) {
  if (isTRUE(made$negative > 0L)) {
    sprintf(" (%s set to zero)", counted(made$negative, "negative eigenvalue"))
  }
}

distribution_text <- function(made) {
  excluded <- made$adjustment$excluded
  paste0(
    if (is.finite(made$df)) {
      sprintf("; t with %s degrees of freedom", format(made$df))
    },
    if (length(excluded)) {
      sprintf(" (not counted: %s)", enumerate(excluded))
    }
  )
}
