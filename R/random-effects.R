# Effects of a log-likelihood: arguments of its function that are no parameters
# of the fit. Random effects are integrated over by Laplace's method, absorbed
# ones (fixed-effects.R) are put where the log-likelihood is largest in them
# (laplace.R). What is maximised is a function of the other parameters, and
# everything that is done with a fit is done with that.
#' @include fit-hooks.R
#' @include laplace.R
NULL

register_fit_hook("random",
  arguments = c("random", "integration"),
  expressions = c("weights", "subset"),
  read = function(asked, settings) {
    found <- if (isTRUE(asked$mixed)) list(mixed = TRUE) else
      read_effects(asked, "random")
    given <- asked$integration
    if (is.null(found)) {
      if (is.null(given) || identical(given, "laplace")) return(NULL)
      admle_abort("argument", paste(
        "`integration` says how random effects are integrated out; none are",
        "named by `random`."
      ), argument = "integration")
    }
    rows <- !is.null(asked$weights) ||
      !is.null(asked$subset) && is.null(asked$data)
    if (rows && !isTRUE(asked$mixed)) {
      admle_abort("unsupported", paste(
        "With `random`, the terms of the log-likelihood are those of",
        "independent parts of the effects: weights of rows, and subsets",
        "without `data`, have to be in the function, as in",
        "w * dnorm(..., log = TRUE)."
      ))
    }
    found$nodes <- integration_nodes(if (is.null(given)) "laplace" else given)
    found
  },
  likelihood = function(settings, adapted, negative) {
    without_effects_in(adapted, c(settings, list(
      argument = "random", wanted = "value", negative = negative
    )))
  },
  by_row = FALSE,
  counted = function(fit) {
    facts <- fit$random$facts
    fit$random$said <- if (isTRUE(fit$random$mixed)) terms_text(fit$model) else
      effects_sizes(fit$random)
    if (isTRUE(fit$random$mixed)) {
      weights <- fit$model$row_weights
      fit$nobs <- if (is.null(weights)) fit$model$rows else sum(weights != 0)
      return(fit)
    }
    fit$nobs <- if (facts$rows > 0) as.integer(facts$rows) else NA_integer_
    fit
  },
  text = function(fit) {
    parts <- fit$random$facts$parts
    said <- sprintf(
      "Random effects: %s, integrated by %s%s",
      fit$random$said,
      if (fit$random$nodes > 1L) {
        sprintf("adaptive quadrature with %d nodes", fit$random$nodes)
      } else {
        "Laplace's method"
      },
      if (isTRUE(fit$random$facts$by_part) && parts > 1L) {
        sprintf("; %d independent parts", parts)
      } else {
        ""
      }
    )
    c(said, if (length(fit$model$integrated)) paste(
      "Restricted maximum likelihood: the coefficients of",
      sub("^beta_", "", fit$model$integrated),
      "are integrated out; see fixef(fit, se = TRUE)"
    ))
  }
)

effects_sizes <- function(effects) {
  sizes <- if (is.null(effects$sizes)) lengths(effects$start) else effects$sizes
  toString(sprintf("%s (%d)", names(sizes), sizes))
}

# -> list(names), or NULL where no effects are asked for.
read_effects <- function(asked, argument) {
  names <- asked[[argument]]
  if (is.null(names)) {
    return(NULL)
  }
  if (!is.character(names) || anyNA(names) || length(names) == 0L) {
    admle_abort("argument", sprintf(
      "`%s` must name parameters in `start`, as in %s = \"u\".", argument,
      argument
    ), argument = argument)
  }
  if (asked$derivatives == "numeric") {
    admle_abort("unsupported", sprintf(paste(
      "`%s` needs exact derivatives: remove derivatives = \"numeric\"."
    ), argument), argument = argument)
  }
  list(names = unique(names))
}

# `adapted` (parameters-arguments.R) without the effects, and into the settings:
#   start   of the effects, a list
#   joint   the function of effects and parameters
#   facts   what recordings find, an environment
without_effects_in <- function(adapted, settings) {
  names <- effects_names(settings, adapted)
  start <- adapted$start[names]
  for (name in names) check_effect(start[[name]], name)
  settings$names <- names
  settings$start <- start
  settings$joint <- adapted$fn
  settings$facts <- new.env(parent = emptyenv())
  adapted$fn <- function_without_effects(settings)
  adapted$start <- adapted$start[setdiff(names(adapted$start), names)]
  if (length(adapted$start) == 0L && length(adapted$fixed) == 0L) {
    admle_abort("argument", sprintf(
      "`%s` names all parameters: none is left to be estimated.",
      settings$argument
    ), argument = settings$argument)
  }
  list(adapted = adapted, settings = settings)
}

# The arguments of the function that are meant; an element `u` of a list `p` is
# its argument p_u.
effects_names <- function(settings, adapted) {
  known <- if (is.list(adapted$start)) names(adapted$start) else character()
  unlist(lapply(settings$names, function(name) {
    if (name %in% known) {
      return(name)
    }
    within <- known[endsWith(known, paste0("_", name))]
    if (length(within) == 1L) {
      return(within)
    }
    admle_abort("argument", sprintf(paste(
      "`%s` names `%s`, which is no parameter in `start`.%s `start` must be",
      "a list with the effects in it, as in",
      "start = list(mu = 0, sd = positive(1), u = numeric(10))."
    ), settings$argument, name, if (length(known)) {
      sprintf(" `start` has %s.", enumerate(known))
    } else {
      ""
    }), argument = settings$argument)
  }))
}

check_effect <- function(value, name) {
  if (is_declared(value)) {
    admle_abort("start", sprintf(paste(
      "The effects `%s` are taken over all numbers: they cannot be declared.",
      "Use exp(%s) in the function for positive ones."
    ), name, name))
  }
  if (!is.numeric(value) || length(value) == 0L || anyNA(value)) {
    admle_abort("start", sprintf(
      "The starting values of the effects `%s` must be numbers.", name
    ))
  }
}

# The function without the effects. Its code contains that of the user's, so
# that messages, and what is read from the code, are as without effects.
function_without_effects <- function(settings, wanted = settings$wanted) {
  fn <- settings$joint
  names <- settings$names
  own <- c(formals(fn)[names], defaults_with(formals(fn), names))
  inner <- call("function", as.pairlist(own), body(fn))
  if (settings$negative) {
    arguments <- stats::setNames(lapply(names, as.name), names)
    inner <- call("function", as.pairlist(formals(fn)[names]),
                  call("-", as.call(c(call("(", inner), arguments))))
  }
  code <- bquote(.(call(":::", quote(admle), quote(integrate_effects)))(
    .(inner), .effects$start, .effects$facts, .(wanted), .(settings$nodes)
  ))
  for (name in c("weights", "idle")) {
    if (length(settings[[name]])) {
      code[[name]] <- call("$", quote(.effects), as.name(name))
    }
  }
  if (settings$negative && wanted %in% c("value", "profile")) {
    code <- call("-", code)
  }
  out <- changed_closure(
    fn, formals(fn)[setdiff(names(formals(fn)), names(own))], code
  )
  effects <- settings[c("start", "facts", "weights", "idle")]
  own <- environment(fn)
  # A function made of a formula has its variables in its own environment.
  environment(out) <- list2env(
    c(if (isTRUE(settings$by_formula)) as.list(own, all.names = TRUE),
      list(.effects = effects)),
    parent = if (isTRUE(settings$by_formula)) parent.env(own) else own
  )
  out
}

# Arguments whose defaults are made of these, or of such arguments.
defaults_with <- function(formals, names) {
  found <- character()
  repeat {
    more <- Filter(function(name) {
      any(all.vars(formals[[name]]) %in% c(names, found))
    }, setdiff(names(formals), c(names, found)))
    if (length(more) == 0L) {
      return(formals[names(formals) %in% found])
    }
    found <- c(found, more)
  }
}
