# What insight::model_info() says of a fit: the kind of its response, found from
# the family or from the density. Everything that insight works out itself is
# left to it, by giving it the family of the density.

#' @rdname insight_methods
#' @exportS3Method insight::model_info
model_info.mle_model <- function(x, ...) {
  density <- plain_density(x$model$density)
  if (is.null(x$model$family)) {
    x$model$family <- insight_family(density$name, x)
  }
  # Not NextMethod(), which would take the object from before the change.
  default <- utils::getS3method("model_info", "default",
                                envir = asNamespace("insight"))
  info <- default(x, ...)
  if (isTRUE(list(...)$return_family_only)) {
    return(info)
  }
  trials <- x$model$given$size
  info$is_bernoulli <- info$is_binomial && !is.null(trials) && all(trials == 1)
  info$is_linear <- density$name == "dnorm" && info$link_function == "identity"
  info$is_dispersion <- length(x$model$components) > 1L
  said <- c(censored = "is_censored", truncated = "is_truncated",
            mixture = "is_mixture", zero_inflated = "is_zero_inflated",
            hurdle = "is_hurdle")
  info[said] <- names(said) %in% density$around
  info$is_zeroinf <- info$is_zero_inflated || info$is_hurdle
  info$is_ordinal <- info$is_cumulative <- density$name == "dordered"
  info$is_multinomial <- info$is_categorical <-
    density$name %in% c("dcategorical", "dconditional")
  info
}

# censored(dnorm(mu, sigma), lower = 0) -> name "dnorm", around "censored"
plain_density <- function(code) {
  around <- character()
  while (is.call(code) && called_name(code[[1L]]) %in% combinators) {
    around <- c(around, called_name(code[[1L]]))
    code <- code[[2L]]
  }
  list(name = if (is.call(code)) called_name(code[[1L]]) else "",
       around = around)
}

# As R's families, or else as insight, calls them.
family_names <- c(
  dnorm = "gaussian", dbinom = "binomial", dpois = "poisson", dgamma = "Gamma",
  dnbinom = "negative binomial", dbeta = "beta", dweibull = "weibull"
)

insight_family <- function(name, fit) {
  parts <- fit$model$components
  structure(list(
    family = if (name %in% names(family_names)) family_names[[name]] else name,
    link = if (length(parts)) parts[[1L]]$link$name else "identity"
  ), class = "family")
}
