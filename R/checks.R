# What an argument must be. Each check names the argument, says what was given
# instead, and returns the value in the form in which it is used.

# `match.arg()` with an error of ours; the default is the first choice.
match_choice <- function(value, choices, name) {
  if (identical(value, choices)) {
    return(choices[[1L]])
  }
  if (is.character(value) && length(value) == 1L && value %in% choices) {
    return(value)
  }
  given <- paste(deparse(value, nlines = 1L)[[1L]])
  admle_abort("argument", sprintf(
    "`%s` must be one of %s, not %s.", name,
    enumerate(choices, "\"", length(choices)), given
  ), argument = name)
}

check_flag <- function(value, name) {
  if (!is.logical(value) || length(value) != 1L || is.na(value)) {
    admle_abort(
      "argument", sprintf("`%s` must be TRUE or FALSE.", name),
      argument = name
    )
  }
  value
}

check_count <- function(value, name, least = 1, infinite = FALSE, most = Inf) {
  whole <- is.numeric(value) && length(value) == 1L && !is.na(value) &&
    value >= least && value <= most && (value == floor(value)) &&
    (infinite || is.finite(value))
  if (!whole) {
    admle_abort("argument", sprintf(
      "`%s` must be a whole number of at least %d%s.", name, least,
      if (infinite) " (or Inf)" else
        if (is.finite(most)) sprintf(" and at most %d", most) else ""
    ), argument = name)
  }
  as.numeric(value)
}

check_level <- function(level, name = "level") {
  if (!is.numeric(level) || length(level) != 1L || is.na(level) ||
        level <= 0 || level >= 1) {
    admle_abort("argument", sprintf("`%s` must be a number between 0 and 1.",
                                    name), argument = name)
  }
  level
}

# The name of something that a user adds to what admle has.
check_own_name <- function(name, taken, what) {
  if (!is.character(name) || length(name) != 1L || is.na(name) ||
        !nzchar(name)) {
    admle_abort("argument", sprintf("`name` must be one name, not %s.",
                                    deparse(name, nlines = 1L)[[1L]]),
                argument = "name")
  }
  if (name %in% taken) {
    admle_abort("argument", sprintf(
      "admle itself has a %s \"%s\". Choose another name.", what, name
    ), argument = "name")
  }
}

check_no_dots <- function(...) {
  if (...length() == 0L) {
    return()
  }
  dots <- as.list(substitute(list(...)))[-1L]
  shown <- vapply(dots, function(x) deparse(x, nlines = 1L)[[1L]], "")
  given <- names(dots)
  if (!is.null(given)) {
    shown <- paste0(given, ifelse(nzchar(given), " = ", ""), shown)
  }
  admle_abort("argument", paste(c(
    paste0("Unused argument: ", enumerate(unname(shown)), "."),
    other_names_text(given)
  ), collapse = " "), argument = "...")
}

# Arguments of optim(), nlm(), nlminb(), mle(), maxLik(), glm() and lm(): what
# they are here.
other_names <- local({
  loglik <- paste("the log-likelihood is the first argument, `loglik`;",
                  "`negative = TRUE` says that it is the negative one")
  start <- "starting values are `start`"
  range <- paste("the range of a parameter is declared in `start`, by",
                 "positive() or bounded()")
  exact <- "derivatives are exact: there is nothing to give"
  control <- "settings of the search are `control = mle_control()`"
  c(minuslogl = loglik, negloglik = loglik, nll = loglik, fn = loglik,
    logLik = loglik, objective = loglik, par = start, p = start,
    params = start, init = start, lower = range, upper = range, gr = exact,
    grad = exact, gradient = exact, hess = exact, hessian = exact,
    maxit = control, tol = control, iterlim = control,
    link = "a link is that of `family`, as in binomial(\"probit\")",
    dist = "a density is written in the formula, y ~ dname(mu, ...)",
    distribution = "a density is written in the formula, y ~ dname(mu, ...)")
})

other_names_text <- function(given) {
  known <- unique(unname(other_names[intersect(given, names(other_names))]))
  if (length(known)) paste0(capital(paste(known, collapse = "; ")), ".")
}

described <- function(x) {
  if (is.null(x)) {
    return("NULL")
  }
  if (is.primitive(x)) {
    return("a primitive function")
  }
  paste("an object of class", dQuote(class(x)[[1L]], FALSE))
}
