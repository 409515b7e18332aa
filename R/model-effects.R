# Effects of groups that are absorbed: what is right of the bar in the formula
# of a parameter, mu ~ x | firm + year. Each is an argument of the
# log-likelihood, a vector indexed by the group of the row; the fit maximises
# over it inside of the likelihood (fixed-effects.R). Levels that others
# determine, of a further effect one in each connected component, are
# references: their effects are 0.
#
# Abowd, Creecy and Kramarz (2002), Computing person and firm effects using
# linked longitudinal employer-employee data, section 3.

# -> the component without them in its formula, with `effects`: a list of
# list(name, argument, codes), codes being the expressions of its variables.
component_effects <- function(part) {
  right <- part$formula[[2L]]
  if (!is_bar(right)) {
    return(part)
  }
  if (is_bar(right[[2L]])) {
    abort_effects(part, paste(
      "it has more than two parts: what is right of one bar `|` are the",
      "effects of groups, and nothing else is meant"
    ))
  }
  codes <- effect_codes(right[[3L]])
  effects <- lapply(codes, read_effect, part = part)
  twice <- duplicated(lapply(effects, function(effect) {
    sort(vapply(effect$codes, deparse1, ""))
  }))
  if (any(twice)) {
    abort_effects(part, sprintf("`%s` is given twice",
                                effects[twice][[1L]]$name))
  }
  part$formula[[2L]] <- right[[2L]]
  part[["bar"]] <- right[[3L]]
  arguments <- make.unique(vapply(effects, function(effect) {
    make.names(paste("effect", part$parameter, effect$name, sep = "_"))
  }, ""), sep = "_")
  part$effects <- Map(c, effects, lapply(arguments, function(name) {
    list(argument = name, index_name = paste0("index_", name))
  }))
  part
}

is_bar <- function(code) {
  is.call(code) && identical(code[[1L]], quote(`|`)) && length(code) == 3L
}

abort_effects <- function(part, why) {
  left <- if (is.null(part$left)) quote(y) else part$left
  admle_abort("argument", sprintf("In the formula %s: %s.", deparse1(
    call("~", left, part$formula[[2L]])
  ), why), argument = "formula")
}

effect_codes <- function(code) {
  if (is.call(code) && identical(code[[1L]], quote(`+`)) &&
        length(code) == 3L) {
    return(c(effect_codes(code[[2L]]), effect_codes(code[[3L]])))
  }
  if (is.call(code) && identical(code[[1L]], quote(`(`))) {
    return(effect_codes(code[[2L]]))
  }
  list(code)
}

read_effect <- function(code, part) {
  not_meant <- c("-", "*", "/", "|", "%in%", "~", "[", "[[", "||", "!")
  codes <- crossed_codes(code)
  wrong <- Filter(function(code) {
    length(all.vars(code)) == 0L ||
      is.call(code) && deparse1(code[[1L]]) %in% not_meant
  }, codes)
  if (length(wrong)) {
    abort_effects(part, sprintf(paste(
      "`%s` is no effect of groups; right of the bar are variables, joined by",
      "`+`, or by `^` for a group for each combination"
    ), deparse1(wrong[[1L]])))
  }
  list(name = deparse1(code), codes = codes)
}

# firm^year
crossed_codes <- function(code) {
  crossed <- is.call(code) && length(code) == 3L &&
    as.character(code[[1L]])[[1L]] %in% c("^", ":")
  if (crossed) c(crossed_codes(code[[2L]]), crossed_codes(code[[3L]])) else
    list(code)
}

# Expressions of all variables that define groups in the components.
grouping_codes <- function(components) {
  unlist(lapply(components, function(part) {
    lapply(part$effects, `[[`, "codes")
  }))
}

grouping_variables <- function(model) {
  unique(unlist(lapply(grouping_codes(model$components), all.vars)))
}

# -> list(code, levels): the level of each row, by its number.
grouped_rows <- function(effect, frame) {
  parts <- lapply(effect$codes, function(code) {
    group_levels(frame[[deparse1(code)]], deparse1(code))
  })
  Reduce(function(a, b) {
    pair <- (a$code - 1) * length(b$levels) + b$code
    seen <- sort(unique(pair))
    list(code = match(pair, seen), levels = paste(
      a$levels[(seen - 1) %/% length(b$levels) + 1],
      b$levels[(seen - 1) %% length(b$levels) + 1], sep = "_"
    ))
  }, parts)
}

group_levels <- function(x, name) {
  if (!is.atomic(x) || length(dim(x)) > 1L) {
    admle_abort("data", sprintf(
      "`%s` defines groups: it must be a vector or factor, not %s.", name,
      described(x)
    ), variable = name)
  }
  if (anyNA(x)) {
    admle_abort("data", sprintf(paste(
      "`%s` defines groups and is missing (NA) in row %d in use:",
      "`na.action = na.omit` leaves such rows out."
    ), name, which(is.na(x))[[1L]]), variable = name)
  }
  values <- if (is.factor(x)) levels(x)[tabulate(x, nlevels(x)) > 0L] else
    sort(unique(x))
  list(code = match(if (is.factor(x)) as.character(x) else x, values),
       levels = as.character(values))
}

# The effects of a component with what the rows in use say: levels, `position`
# of each among the free ones (0: a reference), `index`, for each row. And
# `groups`, the indicators of the free levels, a sparse matrix.
component_groups <- function(part, frame) {
  if (is.null(part$effects)) {
    return(part)
  }
  check_index(part)
  found <- lapply(part$effects, grouped_rows, frame = frame)
  constant <- if (isTRUE(part$without_intercept)) {
    list(list(code = rep(1L, nrow(frame)), levels = ""))
  }
  references <- reference_levels(c(constant, found), nrow(frame))
  references <- utils::tail(references, length(found))
  part$effects <- Map(function(effect, own, reference) {
    free <- !reference
    effect$levels <- own$levels
    effect$position <- ifelse(free, cumsum(free), 0L)
    effect$index <- effect_index(effect, own$code)
    effect
  }, part$effects, found, references)
  check_effect_levels(part)
  part$groups <- group_indicators(part$effects)
  if (isTRUE(ncol(part$groups) >= nrow(frame))) {
    admle_abort("data", sprintf(paste(
      "The effects of %s exhaust the data: they are %d, of %d observations."
    ), enumerate(vapply(part$effects, `[[`, "", "name")), ncol(part$groups),
    nrow(frame)), effects = ncol(part$groups))
  }
  part
}

check_index <- function(part) {
  if (!is.null(part$outcomes) || !is.null(part$sets)) {
    abort_effects(part, sprintf(paste(
      "effects of groups in the index `%s` of categories or choices are not",
      "supported; use a factor among the terms"
    ), part$parameter))
  }
}

check_effect_levels <- function(part) {
  for (effect in part$effects) {
    if (length(effect$levels) < 2L) {
      admle_abort("data", sprintf(paste(
        "`%s` has one level only in the rows in use (%s): it is a constant,",
        "not an effect of groups. Leave it out."
      ), effect$name, enumerate(effect$levels, "\"")), variables = effect$name)
    }
    if (all(effect$position == 0L)) {
      admle_abort("data", sprintf(paste(
        "The effects of `%s` are determined by the other effects of `%s`.",
        "Leave it out: the fit is the same."
      ), effect$name, part$parameter), variables = effect$name)
    }
  }
}

# Into c(0, effect) where there are references, else into the effect.
effect_index <- function(effect, code) {
  effect$position[code] + any(effect$position == 0L)
}

group_indicators <- function(effects) {
  sizes <- vapply(effects, function(effect) max(effect$position), 1L)
  before <- cumsum(sizes) - sizes
  made <- lapply(seq_along(effects), function(k) {
    effect <- effects[[k]]
    at <- effect$index - any(effect$position == 0L)
    rows <- which(at > 0L)
    cbind(rows, at[rows] + before[[k]])
  })
  at <- do.call(rbind, made)
  Matrix::sparseMatrix(i = at[, 1L], j = at[, 2L], x = 1,
                       dims = c(length(effects[[1L]]$index), sum(sizes)))
}

# mu's part of the predictor: effect_mu_firm[index_effect_mu_firm]
effect_codes_of <- function(part) {
  lapply(part$effects, function(effect) {
    values <- as.name(effect$argument)
    if (any(effect$position == 0L)) values <- call("c", 0, values)
    call("[", values, as.name(effect$index_name))
  })
}

effect_arguments <- function(part) {
  vapply(part$effects, `[[`, "", "argument")
}

assign_effect_indices <- function(part, env) {
  for (effect in part$effects) {
    assign(effect$index_name, effect$index, envir = env)
  }
}

# In new data.
new_effect_index <- function(effect, newdata, env) {
  labels <- lapply(effect$codes, function(code) {
    value <- tryCatch(eval(code, newdata, env), error = function(e) {
      admle_abort("data", sprintf("`newdata` lacks %s.",
                                  enumerate(all.vars(code))),
                  variables = all.vars(code))
    })
    ifelse(is.na(value), NA, as.character(value))
  })
  known <- !Reduce(`|`, lapply(labels, is.na))
  labels <- do.call(paste, c(labels, sep = "_"))
  code <- match(labels, effect$levels)
  new <- unique(labels[known & is.na(code)])
  if (length(new)) {
    admle_abort("data", sprintf(paste(
      "`%s` has levels in `newdata` whose effects were not estimated: %s."
    ), effect$name, enumerate(utils::head(new, 10L), "\"")),
    variable = effect$name, levels = new)
  }
  effect_index(effect, code)
}

# The absorbed effects, which follow the other parameters, as variables:
# effect_mu_firm <- .theta[4:103]
absorbed_statements <- function(fit) {
  start <- fit$absorb$start
  ends <- length(fit$parameters$free) + cumsum(lengths(start))
  unname(Map(function(name, value, end) {
    at <- bquote(.theta[.(end - length(value) + 1L):.(end)])
    if (!is.null(dim(value))) at <- bquote(array(.(at), .(dim(value))))
    call("<-", as.name(name), at)
  }, names(start), start, ends))
}
