# Random effects of a model given as formulas: what they are in the data, and
# their part of the linear predictor. The effects u are standard normal; those
# of a group are Lambda u, with Lambda made of standard deviations and
# correlations, so that a standard deviation can become zero. They are gathered
# by group one by one, u[g], times a vector of the rows: in that form it is seen
# which effects occur together.

# `model`: NULL of a fit of a function.
has_effects <- function(model) {
  any(lengths(lapply(model$components, `[[`, "bars")) > 0L)
}

# The terms of a part: variables to be put into the frame.
with_bar_terms <- function(part, data) {
  part$random <- lapply(part$bars, function(bar) {
    list(formula = bar$effects, group = bar$group,
         terms = component_terms(bar$effects, data),
         variables = group_variables(bar$group))
  })
  part
}

bar_variables <- function(part) {
  unlist(lapply(part$random, function(term) {
    c(as.list(attr(term$terms, "variables"))[-1L], term$variables)
  }), recursive = FALSE)
}

# Adds to the terms of all parts: group (a label), levels, columns, the values
# of the rows (index, z) and the names of the arguments of the likelihood.
random_design <- function(model, contrasts) {
  taken <- c(model$arguments, model$scalars, names(model$given))
  for (i in seq_along(model$components)) {
    part <- model$components[[i]]
    if (length(part$random) && !is.null(part$outcomes)) {
      admle_abort("unsupported", sprintf(paste(
        "Random effects of `%s`, which has a linear predictor for each",
        "category, are not supported."
      ), part$parameter))
    }
    for (j in seq_along(part$random)) {
      term <- random_term(part$random[[j]], model$frame, contrasts)
      prefix <- if (isTRUE(part$first)) "" else paste0(part$parameter, "_")
      term$prefix <- prefix
      label <- utils::tail(make.unique(c(taken, paste0(prefix, term$group)),
                                       sep = "_"), 1L)
      taken <- c(taken, label)
      part$random[[j]] <- random_arguments(term, label)
    }
    model$components[[i]] <- part
  }
  model
}

random_term <- function(term, frame, contrasts) {
  term <- component_frame(term, frame)
  Z <- component_matrix(term, frame, contrasts)
  term$contrasts <- attr(Z, "contrasts")
  check_finite(Z, term, frame)
  term$columns <- colnames(Z)
  term$code <- term$group
  term$group <- gsub(" ", "", deparse1(term$group), fixed = TRUE)
  if (ncol(Z) == 0L) {
    admle_abort("argument", sprintf(
      "The random effects (%s | %s) have no column.",
      deparse1(term$formula[[2L]]), term$group
    ), argument = "formula")
  }
  groups <- group_factor(term, frame)
  term$levels <- levels(groups)
  if (nlevels(groups) < 2L) {
    admle_abort("data", sprintf(paste(
      "The grouping `%s` has one level only in the rows in use (\"%s\"), so it",
      "has no variance that can be estimated."
    ), term$group, term$levels), variables = term$group)
  }
  warn_far_slopes(Z, term)
  random_rows(term, Z, as.integer(groups))
}

# Where a slope's regressor hardly varies compared with its distance from zero,
# effects of the constant are so nearly multiples of those of the slope that a
# search may end at a correlation of one.
warn_far_slopes <- function(Z, term) {
  if (!"(Intercept)" %in% colnames(Z)) {
    return()
  }
  center <- colMeans(Z)
  spread <- sqrt(colMeans(sweep(Z, 2L, center)^2))
  far <- names(which(spread > 0 & abs(center) > 20 * spread))
  if (length(far)) {
    admle_warn("data", sprintf(paste(
      "%s is far from zero compared with how it varies: the effects of the",
      "constant and of its slope in (%s | %s) are nearly the same, and the",
      "search may end at a correlation of one that is none. Center it, as in",
      "I(%s - mean(%s))."
    ), enumerate(far), deparse1(term$formula[[2L]]), term$group, far[[1L]],
    far[[1L]]))
  }
}

random_rows <- function(term, Z, index) {
  term$index <- index
  term$z <- lapply(seq_len(ncol(Z)), function(j) {
    if (term$columns[[j]] != "(Intercept)") as.vector(Z[, j])
  })
  term
}

# A variable of groups is taken as a factor, whatever it is.
group_factor <- function(term, frame) {
  columns <- lapply(term$variables, function(code) {
    column <- frame[[deparse1(code)]]
    if (!is.atomic(column) || length(dim(column)) > 1L) {
      admle_abort("data", sprintf(
        "The grouping `%s` must be a vector or a factor, not %s.",
        deparse1(code), described(column)
      ), variables = deparse1(code))
    }
    factor(column)
  })
  if (length(columns) == 1L) columns[[1L]] else
    interaction(columns, sep = ":", drop = TRUE, lex.order = TRUE)
}

random_arguments <- function(term, label) {
  count <- length(term$columns)
  term$label <- label
  term$sd <- paste0("sd_", label)
  term$cor <- if (count > 1L) paste0("cor_", label)
  term$effects <- if (count == 1L) paste0("u_", label) else
    sprintf("u%d_%s", seq_len(count), label)
  term$z_names <- sprintf("z%d_%s", seq_len(count), label)
  term$index_name <- paste0("g_", label)
  term
}

random_terms <- function(model) {
  unlist(lapply(model$components, `[[`, "random"), recursive = FALSE)
}

# Names of coefficients, by argument.
random_labels <- function(model) {
  labels <- list()
  for (term in random_terms(model)) {
    own <- function(kind, columns) {
      paste0(term$prefix, kind, "_", term$group, "_", columns)
    }
    labels[[term$sd]] <- own("sd", term$columns)
    if (length(term$cor)) {
      pairs <- utils::combn(term$columns, 2L, paste, collapse = "_")
      labels[[term$cor]] <- own("cor", pairs)
    }
  }
  labels
}

# What the likelihood's environment holds of the rows.
random_values <- function(part) {
  values <- list()
  for (term in part$random) {
    values[[term$index_name]] <- term$index
    for (j in seq_along(term$z)) {
      if (!is.null(term$z[[j]])) values[[term$z_names[[j]]]] <- term$z[[j]]
    }
  }
  values
}

# The sum over effects l of u_l[g] * sum_j Lambda[j, l] z_j.
random_code <- function(part) {
  sums <- lapply(part$random, function(term) {
    lambda <- lambda_code(term)
    count <- length(term$columns)
    products <- lapply(seq_len(count), function(l) {
      factors <- lapply(seq(l, count), function(j) {
        scale <- lambda(j, l)
        if (is.null(term$z[[j]])) scale else
          call("*", scale, as.name(term$z_names[[j]]))
      })
      factors <- Reduce(function(a, b) call("+", a, b), factors)
      if (l < count) factors <- call("(", factors)
      call("*", factors, gather_code(term, term$effects[[l]]))
    })
    Reduce(function(a, b) call("+", a, b), products)
  })
  Reduce(function(a, b) call("+", a, b), sums)
}

# Levels that the fit has not seen have the effect zero.
gather_code <- function(term, effect) {
  effect <- as.name(effect)
  if (isTRUE(term$new_levels)) effect <- bquote(c(.(effect), 0))
  bquote(.(effect)[.(as.name(term$index_name))])
}

# -> function(j, l): the code of an element of the Cholesky factor.
lambda_code <- function(term) {
  sd <- as.name(term$sd)
  count <- length(term$columns)
  if (count == 1L) {
    return(function(j, l) sd)
  }
  cor <- as.name(term$cor)
  if (count == 2L) {
    return(function(j, l) {
      if (j == 1L) return(bquote(.(sd)[1L]))
      if (l == 1L) return(bquote(.(sd)[2L] * .(cor)))
      bquote(.(sd)[2L] * sqrt((1 - .(cor)) * (1 + .(cor))))
    })
  }
  function(j, l) bquote(.(sd)[.(j)] * chol(.(cor))[.(l), .(j)])
}

# What the fit keeps of a term: its rows are in the likelihood's environment.
without_rows <- function(term) {
  term$index <- NULL
  term$z <- lapply(term$z, is.null)
  term
}

fitted_rows <- function(term, env) {
  term$index <- get(term$index_name, envir = env)
  term$z <- Map(function(constant, name) {
    if (!constant) get(name, envir = env)
  }, term$z, term$z_names)
  term
}

# The formula of a part as it was written.
written_formula <- function(part) {
  if (is.null(part$written)) part$formula else part$written
}

# A term at new data. Without `new_levels` a level that the fit has not seen is
# an error, with it the effect is zero.
new_random_term <- function(term, newdata, part) {
  frame <- tryCatch(
    stats::model.frame(term$terms, newdata, xlev = term$xlevels,
                       na.action = stats::na.pass),
    error = function(e) abort_new_data(term, newdata, e)
  )
  Z <- stats::model.matrix(term$terms, frame, contrasts.arg = term$contrasts)
  levels <- new_group(term, newdata)
  index <- match(levels, term$levels)
  unseen <- is.na(index)
  if (any(unseen) && !isTRUE(part$new_levels)) {
    admle_abort("data", sprintf(paste(
      "`%s` has levels in `newdata` that the fit has not seen: %s.",
      "allow.new.levels = TRUE predicts them with the effect 0."
    ), term$group, first_few(unique(levels[unseen]))), variable = term$group,
    levels = unique(levels[unseen]))
  }
  index[unseen] <- length(term$levels) + 1L
  term$new_levels <- any(unseen)
  random_rows(term, Z, rep_len(index, max(nrow(Z), length(index))))
}

new_group <- function(term, newdata) {
  env <- environment(term$formula)
  columns <- lapply(term$variables, function(code) {
    absent <- setdiff(all.vars(code), names(newdata))
    if (length(absent)) {
      admle_abort("data", sprintf(paste(
        "`newdata` lacks the grouping %s. re.form = NA predicts without random",
        "effects."
      ), enumerate(absent)), variables = absent)
    }
    as.character(eval(code, newdata, env))
  })
  do.call(paste, c(columns, sep = ":"))
}

terms_text <- function(model) {
  toString(vapply(random_terms(model), function(term) {
    sprintf("(%s | %s)%s with %d groups", deparse1(term$formula[[2L]]),
            term$group, if (nzchar(term$prefix)) {
              paste(" of", sub("_$", "", term$prefix))
            } else {
              ""
            }, length(term$levels))
  }, ""))
}

# c(weights * density, dnorm(u, log = TRUE))
joint_statement <- function(model, density) {
  if (!is.null(model$row_weights)) {
    density <- call("*", quote(row_weights), density)
  }
  effects <- unlist(lapply(random_terms(model), `[[`, "effects"))
  as.call(c(quote(c), density, lapply(effects, function(name) {
    bquote(stats::dnorm(.(as.name(name)), log = TRUE))
  })))
}

# Whether the linear predictor of a part has its random effects.
conditional_on <- function(part, on) {
  part$conditional <- on
  part
}
