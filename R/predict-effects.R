# A fit with random effects in its formulas, seen as one of the joint density:
# the effects are coefficients like others, at their predicted values, and have
# a covariance with the parameters. What is asked of a model at data
# (model-evaluate.R) is asked of this view, so that values and the errors by the
# delta method are conditional on the effects.
#
# Kass and Steffey (1989), Journal of the American Statistical Association 84.

# `effects`: numbers to take in place of the predicted ones. Without `random`
# the linear predictors have none of the effects.
conditional_fit <- function(fit, random = TRUE, new_levels = FALSE,
                            effects = NULL) {
  if (!isTRUE(fit$random$mixed) || isTRUE(fit$conditional)) {
    return(fit)
  }
  view <- fit
  if (is.null(effects)) effects <- effects_mode(fit)
  view$effects <- effects
  names <- effect_labels(fit)
  view$parameters <- with_effect_shapes(fit, effects, names)
  view$coefficients <- c(fit$coefficients, stats::setNames(effects, names))
  view$conditional <- TRUE
  view["weights"] <- list(fit$model$row_weights)
  view$model$components <- lapply(fit$model$components, function(part) {
    part$new_levels <- new_levels
    conditional_on(part, random)
  })
  view
}

effects_mode <- function(fit) {
  as.numeric(effects_function(fit, fit$random, "mode")(unname(fit$theta)))
}

effect_labels <- function(fit) {
  start <- fit$random$start
  paste0(rep(names(start), lengths(start)), "_", sequence(lengths(start)))
}

with_effect_shapes <- function(fit, effects, labels) {
  parameters <- fit$parameters
  start <- fit$random$start
  ends <- length(parameters$start) + cumsum(lengths(start))
  shapes <- Map(function(name, end, size) {
    list(name = name, positions = seq(end - size + 1L, end))
  }, names(start), ends, lengths(start))
  parameters$shapes <- c(parameters$shapes, shapes)
  parameters$start <- c(parameters$start, stats::setNames(effects, labels))
  parameters$free <- c(parameters$free, rep(TRUE, length(effects)))
  parameters$names <- c(parameters$names, labels)
  parameters
}

# That of the free coefficients, of a view also of its effects.
predictive_covariance <- function(fit, view, vcov) {
  covariance <- covariance_made(fit, vcov)$matrix
  if (!isTRUE(view$conditional)) {
    return(covariance)
  }
  covariance <- plain_covariance(covariance)
  held <- rownames(covariance) %in% boundary_coefficients(fit)
  covariance[held, ] <- covariance[, held] <- 0
  own <- effects_covariance(fit, view)
  known <- !held & fit$parameters$free[fit$parameters$free]
  slopes <- effects_slopes(fit)[, known, drop = FALSE]
  cross <- matrix(0, length(view$effects), nrow(covariance))
  cross[, known] <- slopes %*% covariance[known, known, drop = FALSE]
  both <- cross[, known, drop = FALSE] %*% t(slopes)
  names <- names(view$coefficients)
  joint <- rbind(cbind(covariance, t(cross)), cbind(cross, own + both))
  dimnames(joint) <- list(names, names)
  joint
}

# The derivatives of the predicted effects by the free coefficients.
effects_slopes <- function(fit) {
  fn <- coefficient_function(fit, function_without_effects(fit$random, "mode"))
  jacobian(fn)(all_parameters(fit))[, fit$parameters$free, drop = FALSE]
}

# A function of the arguments of the likelihood as one of all coefficients.
coefficient_function <- function(fit, of_arguments) {
  takes <- lapply(fit$parameters$shapes, function(shape) {
    argument_code(shape, fit$parameters$template[[shape$name]])
  })
  fn <- function(.theta) NULL
  body(fn) <- as.call(c(quote(.of_arguments), takes))
  environment(fn) <- list2env(list(.of_arguments = of_arguments),
                              parent = likelihood_home(fit))
  fn
}

most_conditional <- 3000L

# Given the data and the parameters: the inverse of the curvature of the joint
# density in the effects.
effects_covariance <- function(fit, view) {
  count <- length(view$effects)
  if (count > most_conditional) {
    admle_abort("unsupported", sprintf(paste(
      "Standard errors of predictions need the covariance of all %d random",
      "effects; they are made for up to %d. re.form = NA predicts without",
      "effects; ranef() has standard errors of each effect."
    ), count, most_conditional))
  }
  parameters <- all_parameters(fit)
  joint <- coefficient_function(view, fit$random$joint)
  of_effects <- function(u) sum(joint(c(parameters, u)))
  solve(-hessian(of_effects)(view$effects))
}

# NULL: all random effects; NA or ~0: none.
read_re_form <- function(re_form) {
  if (is.null(re_form)) {
    return(TRUE)
  }
  none <- inherits(re_form, "formula") && identical(re_form[[2L]], 0) ||
    length(re_form) == 1L && is.atomic(re_form) && is.na(re_form)
  if (!none) {
    admle_abort("argument", paste(
      "`re.form` must be NULL, for predictions with all random effects, or NA",
      "or ~0, for those without."
    ), argument = "re.form")
  }
  FALSE
}
