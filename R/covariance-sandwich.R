# The sandwich: the middle between two inverses of the negative Hessian (White
# 1982, Econometrica 50, 1-25).

#' @include covariance-two-step.R
NULL

# -> list(matrix, facts) of any type that has a `meat`.
sandwich_covariance <- function(fit, spec, information) {
  type <- covariance_of(spec)
  bread <- inverse_information(information)
  made <- type$meat(interior_scores(fit), kept_variables(fit, spec), fit)
  covariance <- bread %*% made$meat %*% bread
  if (!isFALSE(spec$fix) && type$indefinite(made)) {
    fixed <- semidefinite(covariance, sqrt(diag(bread)))
    covariance <- fixed$matrix
    made$negative <- fixed$negative
  }
  made$meat <- NULL
  c(list(matrix = covariance), made)
}

# A difference of products need not be positive semi-definite. Its negative
# eigenvalues, in units of the model-based standard errors, are set to zero
# (Cameron, Gelbach and Miller 2011, p. 241).
semidefinite <- function(covariance, units) {
  scaled <- covariance / outer(units, units)
  split <- eigen((scaled + t(scaled)) / 2, symmetric = TRUE)
  negative <- split$values < -1e-12 * max(abs(split$values))
  if (any(negative)) {
    values <- pmax(split$values, 0)
    scaled <- split$vectors %*% (values * t(split$vectors))
    covariance <- scaled * outer(units, units)
  }
  list(matrix = covariance, negative = sum(negative))
}

score_products <- function(scores, spec, fit) list(meat = crossprod(scores))

sandwich_text <- function(made) {
  "sandwich of the Hessian and the outer product of the scores"
}

register_covariance("sandwich", synonyms = c("robust", "hc", "hc0"),
                    meat = score_products, text = sandwich_text,
                    clustered = clustered_covariance)

register_covariance("HC1", synonyms = "hc1", meat = score_products,
                    text = sandwich_text, adjusts = "sandwich")
