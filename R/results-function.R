# What a fit of a likelihood written as a function answers where R asks for
# parts of a model. R's default methods would return NULL, or numbers that
# belong to another model.

# `answer` is that of a fit of a function. A fit of a formula comes here only if
# version 0.1 saved it, which had one class for both: its method is called.
without_model <- function(fit, answer) {
  if (is.null(fit$model)) {
    return(answer)
  }
  caller <- parent.frame(2L)
  generic <- get(".Generic", envir = parent.frame())
  call <- match.call(sys.function(-1L), sys.call(-1L), envir = caller)
  class(fit) <- c("mle_model", "mle_fit")
  call[[1L]] <- get(paste0(generic, ".mle_model"), envir = topenv())
  call[[2L]] <- fit
  eval(call, caller)
}

#' @rdname fitted.mle_model
#' @export
fitted.mle_fit <- function(object, ...) {
  without_model(object, abort_no_model("fitted values"))
}

#' @rdname fitted.mle_model
#' @export
residuals.mle_fit <- function(object, ...) {
  without_model(object, abort_no_model("residuals"))
}

#' @rdname simulate.mle_model
#' @export
simulate.mle_fit <- function(object, nsim = 1, seed = NULL, ...) {
  without_model(object, abort_no_model("simulated responses"))
}

#' @rdname sigma.mle_model
#' @export
sigma.mle_fit <- function(object, ...) {
  without_model(object, abort_no_sigma())
}

abort_no_sigma <- function() {
  admle_abort("unsupported", paste(
    "Only a model with a normal response of constant variance has a residual",
    "standard deviation."
  ))
}

#' @rdname fit_names
#' @export
case.names.mle_fit <- function(object, ...) {
  without_model(object, {
    if (!is.data.frame(object$data)) {
      abort_no_model("names of observations")
    }
    rows <- row.names(object$data)
    if (is.null(object$subset)) rows else rows[object$subset]
  })
}

#' @rdname fit_names
#' @export
labels.mle_fit <- function(object, ...) {
  without_model(object, need_model(object, "terms"))
}

#' @rdname model_parts
#' @export
formula.mle_fit <- function(x, ...) {
  asked <- expanded_variables(parent.frame())
  without_model(x, if (length(asked)) {
    formula_of_data(x, asked[[1L]], environment(with_missing_globals(x)))
  } else {
    need_model(x, "formula")
  })
}

#' @rdname model_parts
#' @export
terms.mle_fit <- function(x, ...) {
  without_model(x, need_model(x, "terms"))
}

#' @rdname model_parts
#' @export
model.frame.mle_fit <- function(formula, ...) {
  without_model(formula, need_model(formula, "model frame"))
}

#' @rdname model_parts
#' @export
model.matrix.mle_fit <- function(object, ...) {
  without_model(object, need_model(object, "model matrix"))
}

#' @rdname model_parts
#' @export
family.mle_fit <- function(object, ...) {
  without_model(object, need_model(object, "family"))
}

#' @rdname margins
#' @export
margins.mle_fit <- function(fit, ...) {
  without_model(fit, admle_abort("unsupported", paste(
    "Marginal effects need a model given as a formula: a likelihood written",
    "as a function does not say what its response is. Write the effect as an",
    "expression: predict(fit, ~ expr, se.fit = TRUE)."
  )))
}
