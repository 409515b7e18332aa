# Reading the formulas of a model. Whatever was written -- a linear model, a
# family, a density -- becomes the same description:
#    response    expression of the response
#    density     call of a density or distribution, without the response
#    components  per parameter with a formula: parameter, link, formula
#    unknown     parameters without a formula (known after the data are)
#    family      the family object, or NULL
#    formula     as it was given; env, where its names are looked up

model_read <- function(formula, formulas, family, env) {
  if (length(formula) != 3L) {
    admle_abort("argument", sprintf(paste(
      "`formula` needs a response on its left-hand side, as in y ~ x;",
      "it is %s."
    ), deparse1(formula)), argument = "formula")
  }
  right <- formula[[3L]]
  parts <- lapply(seq_along(formulas), function(i) {
    c(read_parameter_formula(formulas[[i]], env), list(position = i))
  })
  by_density <- is_density(right, env) ||
    is.null(family) && length(parts) && is_density_of(right, parts)
  if (by_density && !is.null(family)) {
    admle_abort("argument", sprintf(
      "`family` and the density `%s` say the same. Give one of them.",
      deparse1(right)
    ), argument = "family")
  }
  model <- if (by_density) {
    list(density = right, components = parts)
  } else {
    read_family_model(formula, parts, family, env)
  }
  if (is_bar(right) && is_density(right[[2L]], env)) {
    admle_abort("argument", sprintf(paste(
      "In the formula %s: effects of groups belong to the formula of a",
      "parameter, as in mu ~ x | firm."
    ), deparse1(formula)), argument = "formula")
  }
  model$components <- lapply(model$components, component_effects)
  check_components(model)
  c(model, list(response = formula[[2L]], formula = formula, env = env))
}

# Normal by default. A formula of the other parameter may follow.
read_family_model <- function(formula, parts, family, env) {
  given <- family
  family <- if (is.null(family)) stats::gaussian() else family
  mean <- list(
    parameter = "mu", formula = formula[-2L],
    link = link_of_parameter(
      link_of_family(family$link, family$linkfun, family$linkinv), "mu"
    )
  )
  environment(mean$formula) <- env
  list(density = family_densities[[family$family]],
       components = c(list(take_bars(mean)), parts), family = family,
       linear = is.null(given))
}

read_parameter_formula <- function(formula, env) {
  if (length(formula) != 3L) {
    admle_abort("argument", sprintf(paste(
      "The formula %s has no parameter on its left-hand side, as in",
      "log(sigma) ~ x."
    ), deparse1(formula)), formula = formula)
  }
  read <- read_link(formula[[2L]], env)
  take_bars(c(read, list(left = formula[[2L]], formula = formula[-2L])))
}

check_components <- function(model) {
  names <- vapply(model$components, `[[`, "", "parameter")
  known <- all.vars(model$density)
  unused <- setdiff(names, known)
  if (length(unused)) {
    admle_abort("argument", sprintf(
      "%s has a formula, but is no parameter of `%s`.", enumerate(unused),
      deparse1(model$density)
    ), parameters = unused)
  }
  twice <- unique(names[duplicated(names)])
  if (length(twice)) {
    admle_abort("argument", sprintf(
      "%s has more than one formula.", enumerate(twice)
    ), parameters = twice)
  }
}

# A call that uses the parameters with formulas as its arguments.
is_density_of <- function(code, parts) {
  is.call(code) && !is_linear(code) &&
    any(all.vars(code) %in% vapply(parts, `[[`, "", "parameter"))
}

# Terms joined by an operator of model formulas are no density.
is_linear <- function(code) {
  is.call(code) && is.symbol(code[[1L]]) &&
    as.character(code[[1L]]) %in% c("+", "-", "*", "/", ":", "^", "%in%", "|")
}

combinators <- c("censored", "truncated", "zero_inflated", "hurdle", "mixture")

# Whether the right-hand side is a density of the response rather than a term:
# a call of a function whose name starts with d and which has an argument `log`,
# or of which some argument is no variable; or of a combinator of densities.
is_density <- function(code, env) {
  if (!is.call(code) || is_linear(code)) {
    return(FALSE)
  }
  head <- code[[1L]]
  name <- called_name(head)
  fn <- called_function(head, env)
  if (name %in% combinators) {
    return(is.null(fn) || identical(environment(fn), topenv()))
  }
  is.function(fn) && startsWith(name, "d") && "log" %in% names(formals(fn))
}

called_name <- function(head) {
  if (is.symbol(head)) {
    return(as.character(head))
  }
  package <- is.call(head) && length(head) == 3L &&
    as.character(head[[1L]])[[1L]] %in% c("::", ":::")
  if (package) as.character(head[[3L]]) else ""
}

# What the names in the density are: parameters with a formula, scalar
# parameters, or variables of the data. Adds `scalars`, `variables`, `roles`
# and `unresolved`, the parameters for which no moment suggests a start.
model_symbols <- function(model, data, start, fixed) {
  parts <- vapply(model$components, `[[`, "", "parameter")
  named <- c(names(start), names(fixed))
  rest <- setdiff(looked_up(model$density), parts)
  rest <- rest[!vapply(rest, is_constant, NA, data, named, model)]
  if (is.null(model$family)) {
    is_data <- vapply(rest, function(name) {
      is_data_variable(name, data, named, model)
    }, NA)
  } else {
    is_data <- rest %in% "size"
  }
  model$scalars <- rest[!is_data]
  model$variables <- if (is.null(model$family)) rest[is_data] else character()
  model$roles <- density_roles(model$density, model$env)
  model$unresolved <- setdiff(c(parts, model$scalars), names(model$roles))
  model
}

# R's own constants, as pi and LETTERS, and what `$` takes parts of: neither
# parameters nor variables with rows, unless they are named as such, or given
# for an argument of that name: zero_inflated(dpois(mu), pi).
is_constant <- function(name, data, named, model) {
  if (name %in% c(names(data), named, named_alike(model))) {
    return(FALSE)
  }
  own <- find_variable(name, model$env)
  if (is.null(own)) {
    exists(name, envir = baseenv(), inherits = FALSE) &&
      !is.function(get(name, envir = baseenv()))
  } else {
    name %in% taken_apart(model$density) && is.recursive(own$value)
  }
}

# Names in the density that are given for arguments of the same name.
named_alike <- function(model) {
  found <- character()
  in_code(model$density, function(e) {
    fn <- called_function(e[[1L]], model$env)
    if (is.null(fn) && called_name(e[[1L]]) %in% combinators) {
      fn <- get(called_name(e[[1L]]), envir = topenv())
    }
    given <- if (is.function(fn) && !is.primitive(fn)) {
      tryCatch(as.list(match.call(fn, e))[-1L], error = function(e) NULL)
    }
    names <- Filter(nzchar, names(given))
    found <<- c(found, Filter(function(name) {
      identical(given[[name]], as.name(name))
    }, names))
    e
  })
  found
}

# The variables in some code; in x$y, that is x alone.
looked_up <- function(code) {
  all.vars(in_code(code, function(e) {
    if (is_component(e)) e[[2L]] else e
  }))
}

taken_apart <- function(code) {
  found <- character()
  in_code(code, function(e) {
    if (is_component(e)) found <<- c(found, all.vars(e[[2L]]))
    e
  })
  found
}

is_component <- function(e) {
  is.symbol(e[[1L]]) && as.character(e[[1L]]) %in% c("$", "@")
}

# A column of `data` is data. Without such a column, a variable where the
# formula was written is, if there is no data frame or it is no single number.
is_data_variable <- function(name, data, named, model) {
  if (name %in% names(data)) {
    if (name %in% named) {
      admle_abort("data", sprintf(paste(
        "`%s` is a column of `data` and also named in `start` or `fixed`.",
        "Rename one of the two."
      ), name), columns = name)
    }
    return(TRUE)
  }
  if (name %in% named) {
    return(FALSE)
  }
  value <- get0(name, envir = model$env, mode = "numeric")
  if (is.null(value)) {
    value <- get0(name, envir = model$env, mode = "any")
    return(is.factor(value) || is.logical(value))
  }
  if (is.null(data) || length(value) > 1L) {
    return(TRUE)
  }
  own <- find_variable(name, model$env)
  if (!is.null(own)) {
    admle_warn("data", sprintf(paste(
      "`%s` is a parameter of `%s`. The variable of that name is not used; to",
      "hold the parameter at its value, use fixed = list(%s = %s)."
    ), name, deparse1(model$density), name, name), variable = name)
  }
  FALSE
}

# By parameter: the density and the argument that it is, where it is one
# itself and not part of an expression; of a mixture also which part of how
# many.
density_roles <- function(code, env) {
  if (!is.call(code)) {
    return(list())
  }
  name <- called_name(code[[1L]])
  if (name == "softmax") {
    indices <- Filter(is.symbol, as.list(code)[-1L])
    names(indices) <- vapply(indices, as.character, "")
    return(lapply(indices, function(i) {
      list(density = name, argument = "index")
    }))
  }
  fn <- called_function(code[[1L]], env)
  if (is.null(fn) || is.primitive(fn)) {
    return(list())
  }
  is_leaf <- !name %in% combinators
  if (is_leaf) {
    code <- as.call(c(code[[1L]], quote(.response), as.list(code)[-1L]))
  }
  matched <- tryCatch(match.call(fn, code), error = function(e) NULL)
  if (is.null(matched)) {
    return(list())
  }
  roles <- list()
  arguments <- as.list(matched)[-1L]
  is_part <- vapply(arguments, is.call, NA) & name == "mixture" &
    names(arguments) != "p"
  components <- sum(is_part)
  seen <- 0L
  for (i in seq_along(arguments)) {
    value <- arguments[[i]]
    if (is.symbol(value) && !identical(value, quote(.response))) {
      roles[[as.character(value)]] <- list(
        density = name, argument = names(arguments)[[i]]
      )
    } else if (!is_leaf) {
      inner <- density_roles(value, env)
      if (is_part[[i]] && length(inner)) {
        seen <- seen + 1L
        inner <- lapply(inner, c, list(part = c(seen, components)))
      }
      roles <- c(roles, inner)
    }
  }
  roles[!duplicated(names(roles))]
}

called_function <- function(head, env) {
  tryCatch(
    if (is.symbol(head)) {
      masked <- masked_names(as.character(head), env)
      get0(as.character(head), mode = "function",
           envir = if (length(masked)) topenv() else env,
           ifnotfound = get0(as.character(head), mode = "function",
                             envir = topenv()))
    } else {
      eval(head, env)
    },
    error = function(e) NULL
  )
}
