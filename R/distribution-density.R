# From the call of a density to a distribution: R's naming convention gives the
# distribution function, the quantiles and the random numbers, which are looked
# up where the density was found.
#' @include distribution.R
NULL

is_density_call <- function(expr) {
  name <- function_name(expr)
  startsWith(name, "d") && name != "distribution"
}

density_call <- function(expr, env) {
  name <- function_name(expr)
  family <- density_family(expr[[1L]], name, env)
  given <- matched_arguments(family$density, expr, env)
  do.call(density_distribution, c(list(.family = family), given))
}

# The functions of a family: density, probability, quantile, random. They are
# taken from one place, so that `dm` does not go with base R's rm().
density_family <- function(head, name, env) {
  if (is.call(head)) {
    package <- as.character(head[[2L]])
    where <- asNamespace(package)
  } else {
    where <- where_function(name, env)
    # In a density formula admle's density may stand alone.
    own <- get0(name, envir = topenv(), inherits = FALSE)
    if (!is.null(own) && identical(own, where[[name]])) where <- topenv()
  }
  find <- function(letter) {
    get0(
      paste0(letter, substring(name, 2L)), envir = where, mode = "function",
      inherits = is.call(head)
    )
  }
  density <- if (!is.null(where)) find("d")
  if (is.null(density)) {
    abort_no_density(name)
  }
  list(
    name = name, density = density, probability = find("p"),
    quantile = find("q"), random = find("r"),
    facts = density_facts(name, density)
  )
}

# The parameters by the names that the density gives them.
matched_arguments <- function(density, expr, env) {
  call <- as.call(c(list(expr[[1L]], quote(observation)), as.list(expr)[-1L]))
  matched <- tryCatch(
    as.list(match.call(density, call))[-1L],
    error = function(e) {
      admle_abort("argument", sprintf(
        "In %s: %s", call_text(unwrap(expr)), conditionMessage(e)
      ))
    }
  )
  observation <- vapply(matched, identical, NA, quote(observation))
  matched <- matched[!observation & names(matched) != "log"]
  lapply(matched, function(e) eval(e, env))
}

# The parameters are in `...`, so that the density is called as the user would.
density_distribution <- function(.family, ...) {
  parameters <- list(...)
  density <- .family$density
  facts <- .family$facts
  size <- do.call(facts$size, parameters)
  discrete <- if (is.null(facts$discrete)) {
    looks_discrete(.family$quantile, lapply(parameters, trace_value))
  } else {
    facts$discrete
  }
  log_density <- if ("log" %in% names(formals(density))) {
    function(x) density(x, ..., log = TRUE)
  } else {
    function(x) log(density(x, ...))
  }
  cumulative <- function(q, lower.tail = TRUE, log.p = FALSE) {
    probability <- .family$probability
    if (is.null(probability)) no_probability(.family$name)
    tail_probability(probability, q, lower.tail, log.p, ...)
  }
  quantile <- function(p, lower.tail = TRUE) {
    inverse <- .family$quantile
    if (is.null(inverse)) {
      return(invert_cumulative(cumulative, p, size, discrete, lower.tail))
    }
    if ("lower.tail" %in% names(formals(inverse))) {
      inverse(p, ..., lower.tail = lower.tail)
    } else {
      inverse(if (lower.tail) p else 1 - p, ...)
    }
  }
  draw <- function(n) {
    random <- .family$random
    if (is.null(random)) quantile(stats::runif(n)) else random(n, ...)
  }
  moment <- function(which) {
    known <- facts[[which]]
    if (!is.null(facts$categories)) {
      return(NULL)
    }
    if (is.null(known)) {
      return(numeric_moment(self, which))
    }
    value <- do.call(known, parameters)
    if (is.null(value)) NULL else rep_len(value, size)
  }
  self <- new_distribution(
    name = .family$name, parameters = parameters, size = size,
    discrete = discrete, log_density = log_density, cumulative = cumulative,
    quantile = quantile, draw = draw,
    mean = function() moment("mean"), variance = function() moment("variance"),
    support = function() {
      density_support(self, facts, !is.null(.family$quantile))
    },
    plain = function() {
      do.call(
        density_distribution,
        c(list(.family = .family), lapply(parameters, trace_value))
      )
    },
    probabilities = function() {
      if (is.null(facts$categories)) {
        return(NULL)
      }
      categories <- seq_len(do.call(facts$categories, parameters))
      columns <- lapply(categories, function(k) {
        exp(log_density(rep_len(k, size)))
      })
      do.call(cbind, columns)
    }
  )
  self
}

# A distribution function need not have the arguments of R's own. Its
# parameters in `...` may be called `prob` or `q`.
tail_probability <- function(.function, .at, lower.tail, log.p, ...) {
  known <- names(formals(.function))
  if (all(c("lower.tail", "log.p") %in% known)) {
    return(.function(.at, ..., lower.tail = lower.tail, log.p = log.p))
  }
  p <- .function(.at, ...)
  if (!lower.tail) p <- 1 - p
  if (log.p) log(p) else p
}

no_probability <- function(name) {
  admle_abort("unsupported", sprintf(
    paste(
      "The distribution function of `%s()` is needed, and there is no `%s()`",
      "where the density was found."
    ), name, sub("^d", "p", name)
  ))
}

density_support <- function(d, facts, has_quantiles) {
  if (!is.null(facts$support)) {
    ends <- do.call(facts$support, d$parameters)
  } else if (!has_quantiles) {
    ends <- c(-Inf, Inf)
  } else {
    ends <- suppressWarnings(list(d$quantile(0), d$quantile(1)))
  }
  list(
    lower = rep_len(ends[[1L]], d$size), upper = rep_len(ends[[2L]], d$size),
    discrete = d$discrete
  )
}

define_rewritten("admle",
  "density_call", "matched_arguments", "density_distribution",
  "tail_probability"
)

abort_no_density <- function(name) {
  admle_abort("argument", paste(c(
    sprintf("There is no density `%s()`.", name),
    near_text(name, grep("^d", value = TRUE, c(
      getNamespaceExports("stats"), getNamespaceExports(topenv())
    )), "()")
  ), collapse = " "))
}
