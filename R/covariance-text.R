# What a summary says about its covariance: what it is made of, how many
# clusters, which kernel, what small-sample factor, which distribution.

covariance_text <- function(x) {
  if (is.null(x$vcov) || all(is.na(x$vcov))) {
    return("Covariance: none")
  }
  made <- x$covariance
  paste0("Covariance: ", covariance_words(made, x), distribution_text(made),
         known_step_text(made, x))
}

# What a test says of its covariance, whose distribution it shows elsewhere;
# nothing of the one that is meant where none was chosen.
covariance_named <- function(method, made, fit) {
  if (made$spec$type == default_covariance && length(factor_text(made)) == 0L &&
        is.null(fit$first_steps)) {
    return(method)
  }
  paste0(method, "; covariance: ", covariance_words(made, fit),
         known_step_text(made, fit))
}

covariance_words <- function(made, fit) {
  factors <- factor_text(made)
  paste0(
    covariance_source(made, identical(fit$returns, "total")),
    if (length(factors)) paste(", times", enumerate(factors, "")),
    negative_text(made)
  )
}

known_step_text <- function(made, fit) {
  if (!is.null(fit$first_steps) && !isTRUE(covariance_of(made$spec)$steps)) {
    "; the first step is taken as known"
  }
}

covariance_source <- function(made, split) {
  type <- covariance_of(made$spec)
  source <- type$text(made)
  if (split && isTRUE(type$scores)) {
    source <- paste0(source, " (the total is split into its terms)")
  }
  source
}

factor_text <- function(made) {
  own <- covariance_of(made$spec)$factor(made)
  adjustment <- made$adjustment
  if (is.null(adjustment) || adjustment$factor == 1) {
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
