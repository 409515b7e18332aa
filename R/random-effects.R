# Random effects of a log-likelihood that is written as a function: arguments
# that are integrated over, by Laplace's method (laplace.R). What is maximised is
# a function of the other parameters; everything that is done with a fit is done
# with that.
#' @include fit-hooks.R
#' @include laplace.R
NULL

register_fit_hook("random",
  arguments = "random",
  read = function(asked, settings) {
    if (is.null(asked$random)) {
      return(NULL)
    }
    if (!is.character(asked$random) || anyNA(asked$random) ||
          length(asked$random) == 0L) {
      admle_abort("argument", paste(
        "`random` must name parameters in `start` that are integrated over, as",
        "in random = \"u\"."
      ), argument = "random")
    }
    if (asked$derivatives == "numeric") {
      admle_abort("unsupported", paste(
        "`random` needs exact derivatives: remove derivatives = \"numeric\"."
      ), argument = "random")
    }
    list(names = unique(asked$random))
  },
  likelihood = function(settings, adapted, negative) {
    effects_integrated(settings, adapted, negative)
  },
  by_row = FALSE,
  counted = function(fit) {
    facts <- fit$random$facts
    if (!is.null(fit$weights) || !is.null(fit$subset)) {
      admle_abort("unsupported", paste(
        "With `random`, the terms of the log-likelihood are those of",
        "independent parts of the effects: weights and subsets of rows have to",
        "be in the function, as in w * dnorm(..., log = TRUE)."
      ))
    }
    fit$nobs <- if (facts$rows > 0) as.integer(facts$rows) else NA_integer_
    fit
  },
  text = function(fit) {
    size <- lengths(fit$random$start)
    sprintf(
      "Random effects: %s, integrated by Laplace's method%s",
      toString(sprintf("%s (%d)", names(size), size)),
      if (isTRUE(fit$random$facts$by_part) && fit$random$facts$parts > 1L) {
        sprintf("; %d independent parts", fit$random$facts$parts)
      } else {
        ""
      }
    )
  }
)

# `adapted` (parameters-arguments.R) without the effects, and into the settings:
#   start   of the effects, a list
#   joint   the function of effects and parameters
#   facts   what recordings find, an environment
effects_integrated <- function(settings, adapted, negative) {
  fn <- adapted$fn
  names <- effects_names(settings$names, adapted)
  start <- adapted$start[names]
  for (name in names) check_effect(start[[name]], name)
  settings$names <- names
  settings$start <- start
  settings$joint <- fn
  settings$negative <- negative
  settings$facts <- new.env(parent = emptyenv())
  adapted$fn <- integrated_function(settings, "value")
  adapted$start <- adapted$start[setdiff(names(adapted$start), names)]
  if (length(adapted$start) == 0L && length(adapted$fixed) == 0L) {
    admle_abort("argument", paste(
      "`random` names all parameters: none is left to be estimated."
    ), argument = "random")
  }
  list(adapted = adapted, settings = settings)
}

# The arguments of the function that are meant; an element `u` of a list `p` is
# its argument p_u.
effects_names <- function(names, adapted) {
  known <- names(adapted$start)
  if (!is.list(adapted$start)) known <- NULL
  unlist(lapply(names, function(name) {
    if (name %in% known) {
      return(name)
    }
    within <- known[endsWith(known, paste0("_", name))]
    if (length(within) == 1L) {
      return(within)
    }
    admle_abort("argument", sprintf(paste(
      "`random` names `%s`, which is no parameter in `start`.%s `start` must be",
      "a list with the effects in it, as in",
      "start = list(mu = 0, sd = positive(1), u = numeric(10))."
    ), name, if (length(known)) {
      sprintf(" `start` has %s.", enumerate(known))
    } else {
      ""
    }), argument = "random")
  }))
}

check_effect <- function(value, name) {
  if (is_declared(value)) {
    admle_abort("start", sprintf(paste(
      "The random effects `%s` are integrated over all numbers: they cannot be",
      "declared. Use exp(%s) in the function for positive ones."
    ), name, name))
  }
  if (!is.numeric(value) || length(value) == 0L || anyNA(value)) {
    admle_abort("start", sprintf(
      "The starting values of the random effects `%s` must be numbers.", name
    ))
  }
}

# The function without the effects. Its code contains that of the user's, so that
# messages, and what is read from the code, are as without effects.
integrated_function <- function(settings, wanted) {
  fn <- settings$joint
  names <- settings$names
  own <- c(formals(fn)[names], defaults_with(formals(fn), names))
  inner <- call("function", as.pairlist(own), body(fn))
  if (settings$negative) {
    arguments <- stats::setNames(lapply(names, as.name), names)
    inner <- call("function", as.pairlist(formals(fn)[names]),
                  call("-", as.call(c(call("(", inner), arguments))))
  }
  code <- bquote(admle:::integrate_effects(
    .(inner), .effects$start, .effects$facts, .(wanted)
  ))
  if (settings$negative && wanted == "value") code <- call("-", code)
  out <- changed_closure(
    fn, formals(fn)[setdiff(names(formals(fn)), names(own))], code
  )
  effects <- list(start = settings$start, facts = settings$facts)
  environment(out) <- list2env(list(.effects = effects),
                               parent = environment(fn))
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
