# What a summary says about its covariance: what it is made of, how many
# clusters, which kernel, what small-sample factor, which distribution.

covariance_text <- function(x) {
  if (is.null(x$vcov) || all(is.na(x$vcov))) {
    return("Covariance: none")
  }
  made <- x$covariance
  paste0("Covariance: ", covariance_words(made, x), distribution_text(made),
         held_text(made, x))
}

# What a test says of its covariance, whose distribution it shows elsewhere;
# nothing of the one that is meant where none was chosen.
covariance_named <- function(method, made, fit) {
  if (made$spec$type == "hessian" && length(factor_text(made)) == 0L &&
        is.null(fit$first_steps)) {
    return(method)
  }
  paste0(method, "; covariance: ", covariance_words(made, fit),
         held_text(made, fit))
}

covariance_words <- function(made, fit) {
  factors <- factor_text(made)
  paste0(
    covariance_source(made, identical(fit$returns, "total")),
    if (length(factors)) paste(", times", enumerate(factors, "")),
    negative_text(made)
  )
}

held_text <- function(made, fit) {
  if (!is.null(fit$first_steps) && !made$spec$type %in% two_step_types) {
    "; the first step is taken as known"
  }
}

covariance_source <- function(made, split) {
  source <- switch(
    made$spec$type,
    hessian = "inverse of the negative Hessian",
    expected = expected_text(made),
    opg = "inverse of the outer product of the scores",
    sandwich = , HC1 =
      "sandwich of the Hessian and the outer product of the scores",
    cluster = clusters_text(made$clusters, made$parameters),
    hac = paste0("robust to autocorrelation", order_text(made), ", ",
                 kernel_text(made)),
    `driscoll-kraay` = sprintf("Driscoll and Kraay's, %s of `%s`, %s",
                               counted(made$periods, "period"),
                               names(made$periods), kernel_text(made)),
    conley = conley_text(made),
    bootstrap = , jackknife = paste(made$resampled, collapse = "; "),
    stacked = paste0(
      "stacked scores of both steps",
      if (!is.null(made$clusters)) {
        paste0(", ", clusters_text(made$clusters, made$parameters))
      }
    ),
    `murphy-topel` = "Murphy and Topel's, of both steps",
    matrix = "a matrix that was given",
    `function` = "by a function that was given"
  )
  if (split && inherits(made$spec, "vcov_spec") && needs_scores(made$spec)) {
    source <- paste0(source, " (the total is split into its terms)")
  }
  source
}

expected_text <- function(made) {
  simulated <- if (!is.null(made$simulations)) {
    sprintf(", the mean of %s at simulated responses",
            counted(made$simulations, "negative Hessian"))
  }
  failed <- if (isTRUE(made$failed > 0)) {
    sprintf(" (%s not finite)", counted(made$failed, "other"))
  }
  paste0("inverse of the expected information", simulated, failed)
}

order_text <- function(made) {
  if (is.null(made$ordered)) " in the order of the rows" else
    sprintf(" in the order of `%s`", made$ordered)
}

# "Bartlett kernel, 4 lags (Newey and West 1994)"
kernel_text <- function(made) {
  lags <- made$kernel == "bartlett" && made$bandwidth == round(made$bandwidth)
  width <- if (lags) {
    counted(max(made$bandwidth - 1, 0), "lag")
  } else {
    paste("bandwidth", format(signif(made$bandwidth, 4)))
  }
  rule <- switch(
    made$rule, given = "", andrews = " (Andrews 1991)",
    `newey-west` = , NW1994 = " (Newey and West 1994)",
    NW1987 = " (the fourth root of the periods)"
  )
  prewhitened <- if (isTRUE(made$prewhite > 0)) {
    sprintf(", prewhitened with order %d", made$prewhite)
  }
  paste0(kernel_labels[[made$kernel]], " kernel, ", width, rule, prewhitened)
}

conley_text <- function(made) {
  sprintf("robust to correlation in space (Conley), %s kernel up to %s",
          kernel_labels[[made$kernel]],
          if (made$distance == "haversine") {
            paste(format(made$cutoff), "km")
          } else {
            paste("a distance of", format(made$cutoff))
          })
}

# "clustered by `firm` (10 clusters) and `year` (20 clusters)"
clusters_text <- function(clusters, parameters = 0L) {
  counts <- vapply(clusters, function(n) {
    paste0(counted(n, "cluster"), if (n <= parameters) {
      sprintf(", no more than the %s", counted(parameters, "parameter"))
    })
  }, "")
  text <- sprintf("`%s` (%s)", names(clusters), counts)
  paste0("clustered by ", enumerate(text, ""))
}

factor_text <- function(made) {
  own <- if (made$spec$type %in% c("cluster", "stacked") &&
               !is.null(made$clusters) && !isFALSE(made$spec$cadjust)) {
    if (identical(made$spec$cadjust, "min")) "G / (G - 1) of the fewest" else
      "G / (G - 1)"
  }
  adjustment <- made$adjustment
  if (is.null(adjustment)) {
    return(own)
  }
  if (adjustment$factor == 1) {
    return(own)
  }
  c(own, sprintf("%s/%s", format(adjustment$numerator), format(adjustment$df)))
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
