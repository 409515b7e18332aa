# Observations that say nothing about the other parameters, whatever these are:
# the effect of their group runs off to where their likelihood is 1, or fits
# them exactly. They are found before the search and left out, again and again,
# since what is left of a group of another effect may be of the same kind.
# Correia, Guimaraes and Zylkin (2021), Verifying the existence of maximum
# likelihood estimates for generalized linear models.

# -> NULL, or a data frame: row (of the frame), reason, effect (its name),
# level.
uninformative_rows <- function(model) {
  rows <- nrow(model$frame)
  left <- rep(TRUE, rows)
  found <- list()
  weights <- as.vector(stats::model.weights(model$frame))
  parts <- Filter(function(part) length(part$effects), model$components)
  repeat {
    more <- NULL
    for (part in parts) {
      limits <- response_limits(model, part)
      for (effect in part$effects) {
        own <- grouped_rows(effect, model$frame)
        more <- say_nothing(own, left, limits, weights)
        if (!is.null(more)) break
      }
      if (!is.null(more)) break
    }
    if (is.null(more)) break
    more$effect <- effect$name
    found <- c(found, list(more))
    left[more$row] <- FALSE
  }
  if (length(found) == 0L) {
    return(NULL)
  }
  out <- do.call(rbind, found)
  out[order(out$row), c("row", "reason", "effect", "level")]
}

# The rows of such groups, among those left.
say_nothing <- function(own, left, limits, weights) {
  count <- length(own$levels)
  seen <- left & (if (is.null(weights)) TRUE else weights > 0)
  number <- tabulate(own$code[seen], count)
  present <- tabulate(own$code[left], count) > 0L
  reason <- rep(NA_character_, count)
  reason[present & number == 0L] <- "all weights are zero"
  for (name in names(limits$values)) {
    at <- tabulate(own$code[seen & limits$values[[name]]], count) == number
    reason[is.na(reason) & number > 0L & at] <- name
  }
  if (isTRUE(limits$exact)) {
    reason[is.na(reason) & number == 1L] <- "a single observation"
  }
  rows <- which(left & !is.na(reason[own$code]))
  if (length(rows)) {
    data.frame(row = rows, reason = reason[own$code[rows]],
               level = own$levels[own$code[rows]])
  }
}

# Where the likelihood of a response tends to 1 as the predictor of this
# component runs off, whatever the other parameters are: `values`, by what is
# said of them; `exact`: whether one response alone is fitted by its effect so
# that its likelihood does not depend on anything else. NULL where this is not
# known.
response_limits <- function(model, part) {
  density <- limit_density(model, part)
  rule <- if (!is.null(density)) known_limits[[density$name]]
  if (is.null(rule) || !identical(density$argument, rule$argument) ||
        !part$link$name %in% rule$links) {
    return(NULL)
  }
  list(values = rule$values(density$y, density$size), exact = rule$exact)
}

known_limits <- list(
  dbinom = list(
    argument = "prob", exact = FALSE,
    links = c("logit", "probit", "cauchit", "cloglog", "loglog"),
    values = function(y, size) {
      list(`all responses are 0` = y == 0,
           `all responses are at their largest` = y == size)
    }
  ),
  dpois = list(
    argument = "lambda", links = "log", exact = TRUE,
    values = function(y, size) list(`all responses are 0` = y == 0)
  ),
  dnbinom = list(
    argument = "mu", links = "log", exact = FALSE,
    values = function(y, size) list(`all responses are 0` = y == 0)
  )
)

# The density of the response, which argument of it the component is, and the
# response as it takes it.
limit_density <- function(model, part) {
  y <- model$frame[[1L]]
  if (!is.null(model$family)) {
    read <- family_response(model$family, y,
                            as.vector(stats::model.weights(model$frame)))
    name <- c(binomial = "dbinom", poisson = "dpois")[model$family$family]
    if (is.na(name) || !isTRUE(part$first)) {
      return(NULL)
    }
    return(list(name = unname(name), argument = known_limits[[name]]$argument,
                y = read$response, size = read$given$size))
  }
  role <- model$roles[[part$parameter]]
  y <- plain_response(y)
  if (is.null(role) || called_name(model$density[[1L]]) != role$density ||
        !is.numeric(y) && !is.logical(y) || length(dim(y)) > 1L) {
    return(NULL)
  }
  list(name = role$density, argument = role$argument, y = y,
       size = known_size(model))
}

# Trials that are data; NA where they are not.
known_size <- function(model) {
  fn <- called_function(model$density[[1L]], model$env)
  full <- as.call(append(as.list(model$density), list(x = quote(y)), 1L))
  code <- tryCatch(match.call(fn, full)$size, error = function(e) NULL)
  if (is.null(code) || any(all.vars(code) %in% c(
    model$scalars, vapply(model$components, `[[`, "", "parameter")
  ))) {
    return(NA)
  }
  eval(code, model$frame, model$env)
}

# The frame without these rows; they are left out as those with missing values
# are, see naprint.dropped().
without_uninformative <- function(model, na_action) {
  if (length(grouping_codes(model$components)) == 0L) {
    return(model)
  }
  model$components <- lapply(model$components, function(part) {
    if (length(part$effects)) {
      part$limits_known <- !is.null(response_limits(model, part))
    }
    part
  })
  dropped <- uninformative_rows(model)
  if (is.null(dropped)) {
    return(model)
  }
  if (nrow(dropped) == nrow(model$frame)) {
    admle_abort("data", paste0("No observation is left: ",
                               dropped_text(dropped), "."))
  }
  missing <- attr(model$frame, "na.action")
  names <- row.names(model$frame)[dropped$row]
  total <- seq_len(nrow(model$frame) + length(missing))
  at <- if (length(missing)) total[-missing] else total
  both <- c(stats::setNames(as.integer(missing), names(missing)),
            stats::setNames(at[dropped$row], names))
  terms <- attr(model$frame, "terms")
  model$frame <- model$frame[-dropped$row, , drop = FALSE]
  attr(model$frame, "terms") <- terms
  attr(model$frame, "na.action") <- structure(
    sort(both), dropped = dropped_text(dropped), missing = length(missing),
    class = c("dropped", if (identical(na_action, stats::na.exclude) ||
                               identical(na_action, "na.exclude")) "exclude"
              else "omit")
  )
  model$rows <- nrow(model$frame)
  dropped$row <- names
  row.names(dropped) <- NULL
  model$dropped <- dropped
  message(paste(strwrap(paste0(
    "Observations without information are left out: ", dropped_text(dropped),
    "."
  )), collapse = "\n"))
  model
}

dropped_text <- function(dropped) {
  kinds <- split(dropped, interaction(dropped$effect, dropped$reason,
                                      drop = TRUE))
  toString(vapply(kinds, function(kind) {
    sprintf("%s of `%s` (%s in %s)", counted(nrow(kind), "row"),
            kind$effect[[1L]], kind$reason[[1L]],
            counted(length(unique(kind$level)), "level"))
  }, ""))
}

#' @importFrom stats naprint
#' @export
naprint.dropped <- function(x, ...) {
  missing <- attr(x, "missing")
  paste(c(paste("without information:", attr(x, "dropped")),
          if (missing) sprintf("%s deleted due to missingness",
                               counted(missing, "observation"))),
        collapse = "; ")
}
