# The log-likelihood that a formula stands for, as a plain R function that
# could have been written by hand: the parameters of the density from their
# linear predictors, then the density of the response. Its environment holds
# the response, the model matrices and the offsets.

#' The log-likelihood of a fitted model
#'
#' The function that [mle_fit()] maximised. For a model given as a formula it is
#' an ordinary R function made of the formula, that can be read, called,
#' changed and fitted again.
#'
#' @param object A fit by [mle_fit()].
#' @param ... Ignored.
#' @return A function of the parameters that returns the contributions of the
#'   observations, without weights. For a formula, the coefficients of a
#'   parameter `mu` are its argument `beta_mu`, and parameters without a formula
#'   are arguments by their own names; the model matrices `X_mu`, the offsets
#'   `offset_mu` and the response are in its environment.
#' @examples
#' fit <- mle_fit(mpg ~ wt, data = mtcars)
#' loglik_function(fit)
#' sum(loglik_function(fit)(beta_mu = coef(fit)[1:2], sigma = coef(fit)[[3]]))
#' @export
loglik_function <- function(object, ...) {
  UseMethod("loglik_function")
}

#' @rdname loglik_function
#' @export
loglik_function.mle_fit <- function(object, ...) {
  object$fn
}

# -> the function; `model` has its components with matrices, `given` and the
# response's value.
model_loglik <- function(model) {
  env <- model_environment(model)
  statements <- lapply(model$components, parameter_statement)
  density <- density_statement(model)
  if (isTRUE(model$joint)) density <- joint_statement(model, density)
  body <- as.call(c(quote(`{`), statements, list(density)))
  arguments <- rep(alist(x = ), length(model$arguments))
  names(arguments) <- model$arguments
  fn <- function() NULL
  formals(fn) <- arguments
  body(fn) <- body
  environment(fn) <- env
  attr(fn, "srcref") <- NULL
  fn
}

# mu <- exp(offset_mu + drop(X_mu %*% beta_mu))
parameter_statement <- function(part) {
  coefficients <- as.name(coefficient_argument(part))
  eta <- if (!is.null(part$outcomes)) {
    bquote(.(as.name(matrix_name(part))) %*%
             matrix(.(coefficients), .(length(part$columns))))
  } else if (part$constant && length(part$columns)) {
    coefficients
  } else if (length(part$columns)) {
    bquote(drop(.(as.name(matrix_name(part))) %*% .(coefficients)))
  }
  if (!is.null(part$offset)) {
    offset <- as.name(offset_name(part))
    eta <- if (is.null(eta)) offset else call("+", offset, eta)
  }
  if (isTRUE(part$conditional) && length(part$random)) {
    random <- random_code(part)
    eta <- if (is.null(eta)) random else call("+", eta, random)
  }
  for (code in effect_codes_of(part)) {
    eta <- if (is.null(eta)) code else call("+", eta, code)
  }
  if (is.null(eta)) eta <- 0
  call("<-", as.name(part$parameter), link_inverse_code(part$link, eta))
}

coefficient_argument <- function(part) paste0("beta_", part$parameter)
matrix_name <- function(part) paste0("X_", part$parameter)
offset_name <- function(part) paste0("offset_", part$parameter)

# dnorm(y, mu, sigma, log = TRUE), or log_density() where that is not plain.
density_statement <- function(model) {
  density <- model$density
  response <- as.name(model$response_name)
  if (model$plain) {
    return(as.call(c(
      density[[1L]], response, as.list(density)[-1L], list(log = TRUE)
    )))
  }
  call("log_density", if (model$combined) density else
    call("distribution", density), response)
}

model_environment <- function(model) {
  env <- new.env(parent = model_functions(model))
  assign(model$response_name, model$y, envir = env)
  for (part in model$components) {
    if (length(part$columns) && !part$constant) {
      assign(matrix_name(part), part$matrix, envir = env)
    }
    if (!is.null(part$offset)) {
      assign(offset_name(part), part$offset, envir = env)
    }
    list2env(random_values(part), env)
    assign_effect_indices(part, env)
    for (name in names(part$link$functions)) {
      assign(name, part$link$functions[[name]], envir = env)
    }
  }
  list2env(model$given, env)
  if (isTRUE(model$joint)) list2env(model["row_weights"], env)
  env
}

# The package's own functions are found also where it is not attached, and where
# another package masks them, now or later.
model_functions <- function(model) {
  names <- intersect(
    c("distribution", "log_density", setdiff(bare_names(model$density),
                                             all.vars(model$density))),
    getNamespaceExports(topenv())
  )
  inform_masked(masked_names(names, model$env))
  own <- mget(names, envir = topenv())
  meant <- lapply(lapply(names, as.name), called_function, model$env)
  list2env(own[mapply(identical, own, meant)], parent = model$env)
}
