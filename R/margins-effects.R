# One effect as a function of the parameters. A derivative with respect to a
# variable of the data is the derivative in a step s, at 0, of the model with
# X + s dX in place of each model matrix X: the engine differentiates it in s
# and then in the parameters. dX is exact because a column of a model matrix is
# a product of variables of the frame, linear in each:
#   dX = sum over v of X with dv/dx in place of v, in the columns that have v.

# -> a list with list(labels, fn) for each point and contrast.
effects_of <- function(name, fit, data, target, points, groups) {
  values <- contrast_values(name, fit, data)
  changes <- if (is.null(values)) list(NULL) else
    lapply(seq_along(values)[-1L], function(i) values[c(i, 1L)])
  unlist(lapply(changes, function(pair) {
    lapply(seq_len(max(1L, nrow(points$grid))), function(i) {
      chosen <- points$grid[i, , drop = FALSE]
      place <- points$place(data, chosen, groups)
      fn <- if (is.null(pair)) {
        derivative_function(name, fit, place, target$code, data)
      } else {
        contrast_function(name, pair, fit, place, target$code)
      }
      labels <- data.frame(
        term = name, contrast = if (is.null(pair)) "dY/dX" else
          paste(format_labels(pair), collapse = " - ")
      )
      extra <- list(chosen, groups$labels)
      for (part in extra[lengths(extra) > 0L]) {
        labels <- cbind(labels, part, row.names = NULL)
      }
      list(labels = labels, fn = fn)
    })
  }), recursive = FALSE)
}

# E(f(second) - f(first)) over the rows of each group
contrast_function <- function(name, pair, fit, place, code) {
  at_value <- function(i) {
    data <- place$data
    data[[name]] <- constant_column(data[[name]], pair[i], nrow(data))
    model_function(fit, margins_model(fit, data), code, data)
  }
  upper <- at_value(1L)
  lower <- at_value(2L)
  average <- place$average
  zeros <- numeric(nrow(place$data))
  function(.theta) {
    drop(average %*% (zeros + upper(.theta) - lower(.theta)))
  }
}

# The column with one value everywhere, with the levels that it has.
constant_column <- function(column, value, rows) {
  if (is.factor(column)) {
    return(factor(rep(as.character(value), rows), levels = levels(column),
                  ordered = is.ordered(column)))
  }
  rep(value, rows)
}

derivative_function <- function(name, fit, place, code, data) {
  check_differentiable(name, fit, data)
  data_at <- place$data
  model <- margins_model(fit, data_at)
  spread <- stats::sd(data[[name]])
  if (is.na(spread) || spread == 0) spread <- max(abs(data[[name]]), 1)
  slopes <- unlist(lapply(model$components, component_slopes, name = name,
                          data = data_at, spread = spread), recursive = FALSE)
  if (name %in% names(model$given)) {
    slopes[[name]] <- rep(1, nrow(data_at))
  }
  fn <- model_function(fit, model, code, data_at)
  own <- list2env(
    stats::setNames(slopes, sprintf(".slope_%s", names(slopes))),
    parent = environment(fn)
  )
  own$.average <- place$average
  own$.zeros <- numeric(nrow(data_at))
  own$.jvp <- jvp
  body(fn) <- step_derivative(body(fn), names(slopes),
                              length(fit$parameters$shapes))
  environment(fn) <- own
  fn
}

# { beta <- ...; mu <- ...; target }  ->
# { beta <- ...; average %*% jvp(function(.step) {
#     X <- X + .step * .slope_X; mu <- ...; target })(0, v = 1) }
step_derivative <- function(body, moved, count) {
  statements <- as.list(body)[-1L]
  first <- seq_len(count)
  last <- length(statements)
  moves <- lapply(moved, function(name) {
    bquote(.(as.name(name)) <- .(as.name(name)) +
             .step * .(as.name(sprintf(".slope_%s", name))))
  })
  # One value for each row, also where the target is the same for all.
  target <- call("+", quote(.step * .zeros), statements[[last]])
  inner <- as.call(c(quote(`{`), moves, statements[-c(first, last)], target))
  inner <- call("function", as.pairlist(alist(.step = )), inner)
  as.call(c(quote(`{`), statements[first], bquote(
    drop(.average %*% .jvp(.(inner))(0, v = 1))
  )))
}

# -> list(X_mu =, offset_mu =): derivatives of what the component takes from
# the data, where they are not zero.
component_slopes <- function(part, name, data, spread) {
  terms <- stats::delete.response(part$terms)
  variables <- as.list(attr(terms, "variables"))[-1L]
  depends <- vapply(variables, function(v) name %in% all.vars(v), NA)
  if (!any(depends)) {
    return(list())
  }
  learned <- as.list(attr(terms, "predvars"))[-1L]
  frame <- stats::model.frame(terms, data, xlev = part$xlevels,
                              na.action = stats::na.pass)
  slope_X <- 0
  slope_offset <- NULL
  for (v in which(depends)) {
    slope <- variable_slope(learned[[v]], name, data, environment(terms),
                            spread)
    if (v %in% attr(terms, "offset")) {
      slope_offset <- slope + if (is.null(slope_offset)) 0 else slope_offset
    } else {
      slope_X <- slope_X + matrix_slope(part, terms, frame, v, slope)
    }
  }
  result <- list()
  if (is.matrix(slope_X) && !part$constant && length(part$columns)) {
    result[[matrix_name(part)]] <- slope_X
  }
  if (!is.null(slope_offset)) {
    result[[offset_name(part)]] <- as.vector(slope_offset)
  }
  result
}

matrix_slope <- function(part, terms, frame, v, slope) {
  # In the shape and with the names that model.matrix() makes columns of.
  frame[[v]] <- if (is.matrix(frame[[v]])) {
    matrix(slope, nrow(frame), dimnames = list(NULL, colnames(frame[[v]])))
  } else {
    as.vector(slope)
  }
  X <- stats::model.matrix(terms, frame, contrasts.arg = part$contrasts)
  factors <- attr(terms, "factors")
  has <- c(FALSE, factors[v, ] > 0)[attr(X, "assign") + 1L]
  X[, !has] <- 0
  X[, part$columns, drop = FALSE]
}

# d v / d x, row by row: a vector, or a matrix for terms such as poly(x, 2).
variable_slope <- function(expression, name, data, env, spread) {
  fn <- function(x) NULL
  formals(fn) <- stats::setNames(alist(x = ), name)
  body(fn) <- expression
  x <- as.double(data[[name]])
  others <- as.list(data)[setdiff(names(data), name)]
  environment(fn) <- list2env(c(others, recordable_terms), parent = env)
  exact <- tryCatch(jvp(fn)(x, rep(1, length(x))), error = function(e) NULL)
  slope <- if (!is.null(exact)) exact else
    difference_slope(expression, name, x, list2env(others, parent = env),
                     spread)
  shape <- dim(slope)
  slope <- as.vector(slope)
  if (!is.null(shape)) dim(slope) <- shape
  slope
}

# Terms that R computes by steps that cannot be recorded, for values that they
# learned from earlier data. poly(): the three-term recurrence of orthogonal
# polynomials, Kennedy and Gentle (1980), Statistical Computing, pages 343-344.
recordable_terms <- list(
  I = function(x) x,
  poly = function(x, degree = 1, coefs = NULL, raw = FALSE) {
    if (is.null(coefs)) {
      return(outer(x, seq_len(degree), `^`))
    }
    before <- 0
    current <- 1
    columns <- list()
    for (i in seq_len(degree)) {
      following <- (x - coefs$alpha[i]) * current -
        (if (i > 1) coefs$norm2[i + 1] / coefs$norm2[i] else 0) * before
      before <- current
      current <- following
      columns[[i]] <- current / sqrt(coefs$norm2[i + 2])
    }
    do.call(cbind, columns)
  }
)

difference_slope <- function(expression, name, x, env, spread) {
  value <- function(x) {
    assign(name, x, envir = env)
    unclass(suppressWarnings(eval(expression, env)))
  }
  extrapolated(function(h) (value(x + h) - value(x - h)) / (2 * h),
               1e-3 * spread)
}
