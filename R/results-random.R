# What is said of the random effects of a model given as formulas: predicted
# effects and coefficients by group, and their variances.
#' @include ranef.R
NULL

# By term: list(list, values, errors), the names of the list that lme4 has.
formula_ranef <- function(fit, se) {
  terms <- random_terms(fit$model)
  effects <- effects_mode(fit)
  values <- group_effects(fit, terms, effects)
  errors <- if (se) group_errors(fit, terms)
  names <- vapply(terms, function(term) paste0(term$prefix, term$group), "")
  frames <- function(values) {
    by_term <- Map(function(term, value) {
      data.frame(matrix(value, length(term$levels),
                        dimnames = list(term$levels, term$columns)),
                 check.names = FALSE)
    }, terms, values)
    lapply(split(by_term, factor(names, unique(names))), function(own) {
      do.call(cbind, unname(own))
    })
  }
  new_ranef(frames(values), if (se) frames(errors))
}

# Positions of the effects of a term: a matrix with a column for each.
effect_positions <- function(fit, term) {
  start <- fit$random$start
  first <- cumsum(lengths(start)) - lengths(start)
  vapply(term$effects, function(name) {
    first[[name]] + seq_along(start[[name]])
  }, numeric(length(term$levels)))
}

# Lambda of a term at the coefficients.
term_lambda <- function(term, sd, cor) {
  count <- length(term$columns)
  if (count == 1L) {
    return(matrix(sd))
  }
  if (count == 2L) cor <- matrix(c(1, cor, cor, 1), 2L)
  # Of a correlation at its boundary too.
  pivot <- suppressWarnings(tryCatch(t(chol(cor)), error = function(e) {
    values <- eigen(cor, symmetric = TRUE)
    root <- values$vectors %*% diag(sqrt(pmax(values$values, 0)))
    t(qr.R(qr(t(root))))
  }))
  sd * pivot %*% diag(sign(diag(pivot)) + (diag(pivot) == 0), count)
}

fitted_lambda <- function(fit, term) {
  values <- parameters_expand(fit$parameters, unname(fit$theta))
  term_lambda(term, unname(values[[term$sd]]),
              if (length(term$cor)) unname(values[[term$cor]]))
}

group_effects <- function(fit, terms, effects) {
  lapply(terms, function(term) {
    at <- effect_positions(fit, term)
    u <- matrix(effects[at], nrow(at))
    u %*% t(fitted_lambda(fit, term))
  })
}

# Conditional variances given the parameters, and by the delta method what these
# add: the effects are functions of them, b = Lambda(theta) u(theta).
group_errors <- function(fit, terms) {
  theta <- unname(fit$theta)
  inverse <- effects_function(fit, fit$random, "inverse")(theta)
  pattern <- fit$random$facts$pattern
  key <- function(i, j) pmax(i, j) * 2^26 + pmin(i, j)
  keys <- key(pattern$row, pattern$column)
  known <- identical(fit$information$status, "definite")
  V <- if (known) {
    theta_covariance(fit, vcov_spec("hessian"), fit$information)$matrix
  }
  slopes <- if (known) by_theta(fit, terms)
  base <- if (min(pattern$row) == 0) 1L else 0L
  lapply(seq_along(terms), function(i) {
    term <- terms[[i]]
    at <- effect_positions(fit, term) - base
    lambda <- fitted_lambda(fit, term)
    count <- ncol(at)
    variances <- vapply(seq_len(count), function(j) {
      total <- 0
      for (l in seq_len(count)) for (m in seq_len(count)) {
        element <- as.numeric(inverse)[match(key(at[, l], at[, m]), keys)]
        element[is.na(element)] <- 0
        total <- total + lambda[j, l] * lambda[j, m] * element
      }
      total
    }, numeric(nrow(at)))
    of_theta <- if (known) rowSums((slopes[[i]] %*% V) * slopes[[i]]) else NA
    sqrt(as.vector(variances) + of_theta)
  })
}

# The derivatives of all effects of each term by the parameters.
by_theta <- function(fit, terms) {
  inside <- interior(fit)
  mode <- function_without_effects(fit$random, "mode")
  lapply(terms, function(term) {
    at <- as.vector(effect_positions(fit, term))
    code <- effects_code(term)
    fn <- mode
    shown <- formals(fn)
    own <- function() NULL
    formals(own) <- shown
    inner <- as.call(c(quote(.mode), lapply(
      stats::setNames(names(shown), names(shown)), as.name
    )))
    body(own) <- bquote({
      .u <- .(inner)[.(at)]
      .(code)
    })
    environment(own) <- list2env(list(.mode = mode), parent = environment(mode))
    jacobian(function(theta) {
      plain_value(own, fit$parameters, theta, data_to_record(fit))
    })(unname(fit$theta))[, inside, drop = FALSE]
  })
}

# c(b_1, ..., b_k) of the vector .u = c(u_1, ..., u_k)
effects_code <- function(term) {
  lambda <- lambda_code(term)
  size <- length(term$levels)
  columns <- lapply(seq_along(term$columns), function(j) {
    sums <- lapply(seq_len(j), function(l) {
      bquote(.(lambda(j, l)) * .u[.((l - 1L) * size + seq_len(size))])
    })
    Reduce(function(a, b) call("+", a, b), sums)
  })
  as.call(c(quote(c), columns))
}

# The coefficients of the first formula by group.
group_coefficients <- function(fit, group) {
  if (!isTRUE(fit$random$mixed)) {
    admle_abort("argument", paste(
      "`group` is about random effects in formulas, (1 | g); the fit has none."
    ), argument = "group")
  }
  effects <- formula_ranef(fit, se = FALSE)
  first <- vapply(random_terms(fit$model), `[[`, "", "prefix") == ""
  known <- unique(vapply(random_terms(fit$model)[first], `[[`, "", "group"))
  if (!is.character(group) || length(group) != 1L || !group %in% known) {
    admle_abort("argument", sprintf(
      "`group` must be one of the groups of the first formula: %s.",
      enumerate(known, "\"")
    ), argument = "group")
  }
  own <- effects[[group]]
  fixed <- first_coefficients(fit)
  names <- union(names(fixed), names(own))
  columns <- lapply(names, function(name) {
    value <- if (name %in% names(fixed)) fixed[[name]] else 0
    value + (if (name %in% names(own)) own[[name]] else numeric(nrow(own)))
  })
  names(columns) <- names
  data.frame(columns, row.names = rownames(own), check.names = FALSE)
}

first_coefficients <- function(fit) {
  part <- fit$model$components[[1L]]
  argument <- coefficient_argument(part)
  values <- if (argument %in% fit$model$integrated) {
    integrated_coefficients(fit)$value
  } else {
    all_parameters(fit)[fit$parameters$shapes[[argument]]$positions]
  }
  stats::setNames(values, part$columns)
}

# Those that were integrated out: list(value, se).
integrated_coefficients <- function(fit) {
  part <- fit$model$components[[1L]]
  start <- fit$random$start
  ends <- cumsum(lengths(start))
  name <- coefficient_argument(part)
  at <- ends[[name]] - rev(seq_along(start[[name]])) + 1L
  list(value = stats::setNames(effects_mode(fit)[at], part$columns),
       positions = at)
}

#' @importFrom nlme VarCorr
#' @export
nlme::VarCorr

#' @rdname random_effects
#' @param x A fit by [mle_fit()] with random effects in its formulas; for
#'   `as.data.frame()` what `VarCorr()` or `ranef()` returned.
#' @param sigma Not used.
#' @export
VarCorr.mle_fit <- function(x, sigma = 1, ...) {
  need_effects(x, "x")
  if (!isTRUE(x$random$mixed)) {
    admle_abort("unsupported", paste(
      "`VarCorr()` reads the formulas of a model. Of a function the standard",
      "deviations are what its parameters are: see coef()."
    ))
  }
  terms <- random_terms(x$model)
  found <- lapply(terms, function(term) {
    lambda <- fitted_lambda(x, term)
    V <- lambda %*% t(lambda)
    dimnames(V) <- list(term$columns, term$columns)
    V
  })
  names(found) <- make.unique(vapply(terms, function(term) {
    paste0(term$prefix, term$group)
  }, ""))
  residual <- tryCatch(stats::sigma(x), error = function(e) NULL)
  structure(found, residual = residual, class = "mle_VarCorr")
}

#' @export
as.data.frame.mle_VarCorr <- function(x, ...) {
  rows <- lapply(names(x), function(name) {
    V <- x[[name]]
    sd <- sqrt(diag(V))
    pairs <- which(lower.tri(V), arr.ind = TRUE)
    own <- data.frame(
      grp = name, var1 = c(rownames(V), rownames(V)[pairs[, 2L]]),
      var2 = c(rep(NA, nrow(V)), rownames(V)[pairs[, 1L]]),
      vcov = c(diag(V), V[pairs]),
      sdcor = c(sd, V[pairs] / (sd[pairs[, 1L]] * sd[pairs[, 2L]]))
    )
    own
  })
  residual <- attr(x, "residual")
  if (!is.null(residual)) {
    rows <- c(rows, list(data.frame(
      grp = "Residual", var1 = NA, var2 = NA, vcov = residual^2,
      sdcor = residual
    )))
  }
  found <- do.call(rbind, rows)
  rownames(found) <- NULL
  found
}

#' @export
print.mle_VarCorr <- function(x, digits = max(3, getOption("digits") - 2),
                              ...) {
  frame <- as.data.frame(x)
  single <- frame[is.na(frame$var2), ]
  shown <- data.frame(
    Groups = ifelse(duplicated(single$grp), "", single$grp),
    Name = ifelse(is.na(single$var1), "", single$var1),
    `Std.Dev.` = format(single$sdcor, digits = digits), check.names = FALSE
  )
  pairs <- frame[!is.na(frame$var2), ]
  most <- max(0L, vapply(x, nrow, 1L)) - 1L
  if (most > 0L) {
    corr <- matrix("", nrow(single), most)
    for (i in seq_len(nrow(pairs))) {
      pair <- pairs[i, ]
      own <- rownames(x[[pair$grp]])
      at <- which(single$grp == pair$grp & single$var1 %in% pair$var2)
      corr[at, match(pair$var1, own)] <- formatC(pair$sdcor, digits = 3,
                                                  format = "f")
    }
    colnames(corr) <- c("Corr", rep("", most - 1L))
    shown <- cbind(shown, corr)
  }
  shown <- as.matrix(shown)
  rownames(shown) <- rep("", nrow(shown))
  print(shown, quote = FALSE, right = FALSE)
  invisible(x)
}
