# What predict() is asked for: `newdata` is always data, whatever its name; an
# expression of the parameters is a one-sided formula, or the argument `expr`.

# The promise `newdata`, and its code for the message where that is an
# expression of parameters.
evaluated_newdata <- function(newdata, code, fit) {
  value <- tryCatch(newdata, error = function(e) {
    abort_bare_expression(code, fit, conditionMessage(e))
    stop(e)
  })
  if (!is.null(value) && !is.list(value) && !inherits(value, "formula")) {
    abort_bare_expression(code, fit, paste("it is", described(value)))
  }
  value
}

abort_bare_expression <- function(code, fit, why) {
  if (length(intersect(all.vars(code), model_names(fit)))) {
    shown <- deparse1(code)
    admle_abort("argument", sprintf(paste(
      "`newdata` must be a data frame; `%s` is none (%s). An expression of",
      "parameters is a one-sided formula: predict(fit, ~ %s)."
    ), shown, sub("[.]$", "", why), shown), argument = "newdata")
  }
}

# -> list(code, env), list(type) or an empty list. `code` is the argument `expr`
# as it was written: a formula, an expression, a type as in predict.glm(), or
# the name of a variable that holds one of these.
read_expression <- function(code, fit, frame) {
  if (is.symbol(code) && !as.character(code) %in% model_names(fit)) {
    value <- tryCatch(eval(code, frame), error = function(e) NULL)
    if (is.language(value) || is.character(value)) code <- value
  }
  if (is.character(code)) {
    return(list(type = code))
  }
  if (is.expression(code)) code <- code[[1L]]
  if (is.call(code) && identical(code[[1L]], quote(`~`))) {
    return(read_one_sided(code, frame))
  }
  if (is.null(code)) list() else list(code = code, env = frame)
}

read_one_sided <- function(formula, frame) {
  if (length(formula) != 2L) {
    admle_abort("argument", sprintf(paste(
      "An expression to be predicted is a one-sided formula, as in",
      "~ sigma / mu, not %s."
    ), deparse1(formula)), argument = "expr")
  }
  env <- environment(formula)
  list(code = formula[[2L]], env = if (is.null(env)) frame else env)
}

# A formula in the place of the data.
read_second <- function(formula, asked) {
  if (!is.null(asked$code)) {
    admle_abort("argument", sprintf(paste(
      "`newdata` must be a data frame, not the formula %s; `expr` already says",
      "what is predicted."
    ), deparse1(formula)), argument = "newdata")
  }
  c(read_one_sided(formula, NULL), asked["type"])
}

asked_function <- function(fit, model, wanted, variables) {
  fn <- model_function(fit, model, wanted$code, variables, wanted$env)
  own <- c(model_names(fit), names(variables))
  used <- setdiff(looked_up(wanted$code), own)
  # Arguments of a function that the expression defines are not told apart.
  literal <- "function" %in% all.names(wanted$code)
  lost <- used[!vapply(used, exists, NA, envir = environment(fn))]
  if (length(lost) && !literal) {
    admle_abort("argument", sprintf(paste(
      "%s in `%s` %s no parameter and no variable. The parameters are %s."
    ), enumerate(lost), deparse1(wanted$code),
    if (length(lost) == 1L) "is" else "are", enumerate(model_names(fit))),
    argument = "expr", variables = lost)
  }
  fn
}

# Names that an expression of parameters may use.
model_names <- function(fit) {
  c(fit$parameters$arguments, names(list_arguments(fit)),
    names(fit$absorb$start),
    vapply(fit$model$components, `[[`, "", "parameter"))
}
