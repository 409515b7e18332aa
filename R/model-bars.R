# Random effects in formulas, (effects | group) as lme4 writes them: read from
# the code of a formula. What is left of it has the terms of ordinary formulas.
#
# Bates, Maechler, Bolker and Walker (2015), Journal of Statistical Software
# 67(1), section 2.

# -> the part with `formula` without these terms, `written` as it was, and
# `bars`, a list of list(effects, group): a formula, and the code of variables
# or interactions of variables.
take_bars <- function(part) {
  right <- part$formula[[2L]]
  terms <- bar_terms(right)
  if (length(terms) == 0L) {
    check_no_bars(right, right)
    return(part)
  }
  part$written <- part$formula
  left <- without_bars(right)
  if (is.null(left)) left <- 1
  check_no_bars(left, right)
  part$formula[[2L]] <- left
  part$bars <- unlist(lapply(terms, split_bar, environment(part$formula)),
                      recursive = FALSE)
  part
}

# (effects | group) and (effects || group)
is_bar_term <- function(code) {
  is.call(code) && identical(code[[1L]], quote(`(`)) && is.call(code[[2L]]) &&
    as.character(code[[2L]][[1L]])[[1L]] %in% c("|", "||")
}

is_plus <- function(code) is.call(code) && identical(code[[1L]], quote(`+`))

bar_terms <- function(code) {
  if (is_bar_term(code)) {
    return(list(code[[2L]]))
  }
  if (is_plus(code)) unlist(lapply(as.list(code)[-1L], bar_terms), FALSE) else
    if (is_minus(code)) bar_terms(code[[2L]])
}

is_minus <- function(code) {
  is.call(code) && length(code) == 3L && identical(code[[1L]], quote(`-`))
}

without_bars <- function(code) {
  if (is_bar_term(code)) {
    return(NULL)
  }
  if (is_minus(code)) {
    first <- without_bars(code[[2L]])
    return(if (is.null(first)) call("-", 1, code[[3L]]) else
      call("-", first, code[[3L]]))
  }
  if (!is_plus(code)) {
    return(code)
  }
  kept <- Filter(Negate(is.null), lapply(as.list(code)[-1L], without_bars))
  if (length(kept)) as.call(c(code[[1L]], kept))
}

# A term in brackets with a bar that is no summand.
check_no_bars <- function(code, formula) {
  in_code(code, function(e) {
    if (is_bar_term(e)) {
      admle_abort("argument", sprintf(paste(
        "The random effects %s in `%s` must be added, as in",
        "y ~ x + (1 | g)."
      ), deparse1(e), deparse1(formula)), argument = "formula")
    }
    e
  })
}

# (1 + x || g) is (1 | g) + (0 + x | g), and (1 | a / b) is (1 | a) + (1 | b:a).
split_bar <- function(bar, env) {
  effects <- eval(call("~", bar[[2L]]))
  environment(effects) <- env
  if (identical(bar[[1L]], quote(`||`))) {
    effects <- uncorrelated(effects)
  } else {
    effects <- list(effects)
  }
  groups <- nested_groups(bar[[3L]])
  check_groups(groups, bar)
  unlist(lapply(groups, function(group) {
    lapply(effects, function(one) list(effects = one, group = group))
  }), recursive = FALSE)
}

uncorrelated <- function(effects) {
  terms <- stats::terms(effects)
  labels <- attr(terms, "term.labels")
  own <- lapply(labels, function(label) call("+", 0, str2lang(label)))
  if (attr(terms, "intercept")) own <- c(list(1), own)
  lapply(own, function(code) {
    one <- eval(call("~", code))
    environment(one) <- environment(effects)
    one
  })
}

nested_groups <- function(code) {
  if (is.call(code) && identical(code[[1L]], quote(`(`))) {
    return(nested_groups(code[[2L]]))
  }
  if (!(is.call(code) && identical(code[[1L]], quote(`/`)))) {
    return(list(code))
  }
  outer <- nested_groups(code[[2L]])
  c(outer, list(call(":", code[[3L]], outer[[length(outer)]])))
}

check_groups <- function(groups, bar) {
  for (group in groups) {
    head <- if (is.call(group)) as.character(group[[1L]])[[1L]] else ""
    if (head %in% c("+", "*", "-", "|", "||") || !length(all.vars(group))) {
      admle_abort("argument", sprintf(paste(
        "The group in (%s) must be a variable, as in (1 | g), or variables",
        "joined by `:` or `/`; several groups are several terms:",
        "(1 | a) + (1 | b)."
      ), deparse1(bar)), argument = "formula")
    }
  }
}

# The codes of the variables that an interaction is made of.
group_variables <- function(code) {
  if (is.call(code) && identical(code[[1L]], quote(`:`))) {
    return(c(group_variables(code[[2L]]), group_variables(code[[3L]])))
  }
  list(code)
}
