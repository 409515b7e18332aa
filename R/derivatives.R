# Derivative operators: functions of functions. Outside of a recording the
# function is recorded at the arguments, the derivative is made as a graph and
# evaluated. Inside of one (a derivative of a derivative, a gradient in a
# likelihood) the same nodes are appended to the graph being recorded, so that
# operators nest to any order.

#' Exact derivatives of R functions
#'
#' Each operator takes a function written in plain R and returns a function
#' that computes a derivative of it by automatic differentiation: exact to
#' rounding, no differences, no step sizes. The results are ordinary
#' functions: they can be differentiated again, to any order, and used inside a
#' log-likelihood.
#'
#' What can be recorded is listed by [op_table()]; branches on the arguments
#' (`if`, `while`) are followed as they are taken at the point.
#'
#' * `grad(f)` of a function with one number as its value: the gradient, in the
#'   shape of the argument, names kept.
#' * `value_and_grad(f)`: a list with `value` and `grad`, from one recording.
#' * `jacobian(f)`: the matrix of derivatives, a row for each element of the
#'   value and a column for each element of the argument.
#' * `hessian(f)`: the symmetric matrix of second derivatives; with `sparse =
#'   TRUE` a sparse one.
#' * `hvp(f)(x, v)`: the Hessian times `v`, without forming the Hessian.
#' * `vjp(f)(x, u)`: `u` times the Jacobian (reverse mode), in the shape of `x`.
#' * `jvp(f)(x, v)`: the Jacobian times `v` (forward mode), in the shape of
#'   `f(x)`.
#'
#' If the argument is a list of numeric values, so is the result (for
#' `jacobian()` a list of matrices; the rows and columns of `hessian()` are
#' its elements one after the other).
#'
#' @section Recordings that are remembered:
#' A recording is used again in later calls, also where `grad(f)(x)` is written
#' out each time, if everything that `f` and its helpers mention is what it was:
#' variables, elements of environments, functions, methods. So `f` may use
#' variables that change in between. Where that cannot be known (random numbers,
#' `get()`, `<<-`, options, files, reference objects, active bindings, functions
#' of packages that are not written in R) `f` is recorded in each call. Up to 8
#' recordings of a function are kept, as long as its environment exists, and
#' 1 GB in all. `remember = TRUE` says that the value of `f` depends on its
#' arguments alone: nothing else is looked at. `remember = FALSE` or
#' `options(admle.remember = FALSE)` records in each call;
#' `options(admle.remember = "verify")` does both and compares.
#'
#' @section Loops:
#' A `for` of 64 steps or more over numbers is recorded once, for all its steps,
#' where it carries numbers, vectors or matrices of a fixed shape from step to
#' step, fills vectors element by element, takes the same branches in each step
#' and calls nothing that may read or change what is elsewhere. Other loops are
#' recorded step by step, in time and memory in proportion to their length:
#' those with `break`, `next` or `<<-`, with a branch that some steps take and
#' others do not, or with subscripts that depend on what the loop carries.
#' `options(admle.loops = "explain")` says of each loop how it is recorded, and
#' why; `options(admle.loops = FALSE)` records all of them step by step.
#'
#' @param f A function; its value must depend on numeric arguments.
#' @param wrt Which argument to differentiate with respect to: its name or its
#'   position. A numeric vector, matrix or array (integers are taken as
#'   doubles), or a list of them.
#' @param remember `NULL` to use a recording again where it is known to hold;
#'   `TRUE` or `FALSE`: see below.
#' @param sparse Whether the Hessian is a [Matrix::dsCMatrix-class], for
#'   functions of thousands of numbers few of which are coupled. Only what can
#'   be other than zero is computed where the function is a sum over rows that
#'   each depend on few elements: `a[g]`, `a[-1] - a[-n]`, `S %*% a` with a
#'   sparse matrix. It is not remembered.
#' @return A function with the arguments of `f`; for `hvp`, `vjp` and `jvp` with
#'   one more, the vector, as `v =` or `u =` or as the last argument.
#' @section Errors:
#' `admle_error_unsupported` names the call that cannot be recorded;
#' `admle_error_argument` and `admle_error_value` tell of an argument or a
#' value of `f` that cannot be used. Errors of `f` are passed on.
#' @references Griewank and Walther (2008), *Evaluating Derivatives*, SIAM,
#'   chapters 3 and 5.
#' @seealso [check_gradient()], [with_derivative()], [mle_fit()]
#' @examples
#' f <- function(x, y) x^0.8 * y^0.2
#' dfdx <- grad(f)
#' dfdx(2, 3)
#' grad(f, "y")(2, 3)
#' grad(dfdx, "y")(2, 3)          # a second derivative
#'
#' loglik <- function(theta) {
#'   sum(dnorm(mtcars$mpg, theta[1] + theta[2] * mtcars$wt, exp(theta[3]),
#'     log = TRUE))
#' }
#' theta <- c(a = 37, b = -5, log_sigma = 1)
#' grad(loglik)(theta)
#' hessian(loglik)(theta)
#' @name derivatives
NULL

#' @rdname derivatives
#' @export
grad <- function(f, wrt = 1, remember = NULL) {
  derivative_operator(f, wrt, "grad", remember, gradient_of)
}

#' @rdname derivatives
#' @export
value_and_grad <- function(f, wrt = 1, remember = NULL) {
  derivative_operator(f, wrt, "value_and_grad", remember, function(point) {
    list(value = point_value(point), grad = gradient_of(point))
  })
}

#' @rdname derivatives
#' @export
jacobian <- function(f, wrt = 1, remember = NULL) {
  derivative_operator(f, wrt, "jacobian", remember, function(point) {
    point$value_names <- value_labels(point$output)
    matrix_like(point, point_node(point, "jacobian"), point$n_output)
  })
}

#' @rdname derivatives
#' @export
hessian <- function(f, wrt = 1, remember = NULL, sparse = FALSE) {
  check_flag(sparse, "sparse")
  # What is remembered is the whole matrix.
  if (sparse) remember <- FALSE
  derivative_operator(f, wrt, "hessian", remember, function(point) {
    check_scalar(point, "hessian()", "jacobian(grad(f))")
    labels <- argument_labels(point$parts)
    dim <- c(point$n_input, point$n_input)
    names <- if (!is.null(labels)) list(labels, labels)
    if (sparse) {
      return(sparse_hessian(point, labels))
    }
    if (is.null(point$id) || point$nested) {
      return(point_array(point, point_node(point, "hessian"), dim, names))
    }
    with_shape(as.numeric(as.matrix(point_hessian(point))), dim, names)
  })
}

#' @rdname derivatives
#' @export
hvp <- function(f, wrt = 1, remember = NULL) {
  derivative_operator(f, wrt, "hvp", remember, vector = "v", rule = function(
    point, v
  ) {
    check_scalar(point, "hvp()", "jacobian(grad(f))")
    argument_shaped(point, point_node(point, "hvp", input_vector(point, v)))
  })
}

#' @rdname derivatives
#' @export
vjp <- function(f, wrt = 1, remember = NULL) {
  derivative_operator(f, wrt, "vjp", remember, vector = "u", rule = function(
    point, u
  ) {
    check_vector(u, point$n_output, "u", "the value of the function")
    argument_shaped(point, point_node(point, "vjp", u))
  })
}

#' @rdname derivatives
#' @export
jvp <- function(f, wrt = 1, remember = NULL) {
  derivative_operator(f, wrt, "jvp", remember, vector = "v", rule = function(
    point, v
  ) {
    node <- point_node(point, "jvp", input_vector(point, v))
    output <- point$output
    point_array(point, node, dim(output), shape_names(output))
  })
}

# rule(point) or rule(point, v); see `point_at()`.
derivative_operator <- function(f, wrt, kind, remember, rule, vector = NULL) {
  f <- as_function(f)
  labels <- argument_names(f)
  force(rule)
  wrt <- which_argument(wrt, labels)
  check_remember(remember)
  word <- isTRUE(remember)
  operator <- function(...) {
    given <- take_vector(list(...), vector)
    known <- if (!isFALSE(remember)) {
      remembered_value(f, kind, wrt, word, labels, given$arguments,
                       given$vector)
    }
    if (!is.null(known) && !is_verifying()) {
      return(known)
    }
    arguments <- match_arguments(labels, given$arguments)
    if (!wrt %in% names(arguments)) {
      admle_abort("argument", sprintf(
        "The argument to differentiate with respect to, `%s`, is missing.", wrt
      ))
    }
    point <- point_at(f, arguments, wrt)
    result <- if (is.null(vector)) rule(point) else rule(point, given$vector)
    if (!is.null(known)) {
      check_remembered(known, result, kind)
    } else if (!isFALSE(remember)) {
      keep_recording(f, kind, wrt, word, labels, point, arguments, result)
    }
    result
  }
  # structure() would take as long as the rest of this.
  attr(operator, "arguments") <- c(labels, vector)
  class(operator) <- c("admle_operator", "function")
  operator
}

#' @export
print.admle_operator <- function(x, ...) {
  cat(sprintf(
    "<derivative made by admle: function(%s)>\n",
    paste(attr(x, "arguments"), collapse = ", ")
  ))
  invisible(x)
}

as_function <- function(f, name = "f") {
  if (!is.function(f)) {
    admle_abort("argument", sprintf(
      "`%s` must be a function, not %s.", name, described(f)
    ), argument = name)
  }
  if (is.primitive(f)) primitive_closure(f) else f
}

# Primitives do not take their arguments by name: function(x) f(x).
primitive_closure <- function(f) {
  signature <- args(f)
  labels <- if (is.null(signature)) "x" else names(formals(signature))
  labels <- setdiff(labels, "...")
  as.function(c(
    stats::setNames(rep(list(quote(expr = )), length(labels)), labels),
    list(as.call(c(list(quote(f)), lapply(labels, as.name))))
  ), envir = list2env(list(f = f), parent = globalenv()))
}

argument_names <- function(f) {
  known <- attr(f, "arguments")
  if (inherits(f, "admle_operator")) {
    return(known)
  }
  names(formals(f))
}

which_argument <- function(wrt, labels) {
  if (is.character(wrt) && length(wrt) == 1L && wrt %in% labels) {
    return(wrt)
  }
  whole <- is.numeric(wrt) && length(wrt) == 1L && !is.na(wrt) &&
    wrt == floor(wrt)
  if (whole && wrt >= 1 && wrt <= length(labels)) {
    return(labels[[wrt]])
  }
  admle_abort("argument", sprintf(
    "`wrt` must name one of the function's arguments (%s) or be its position.",
    enumerate(labels)
  ), argument = "wrt")
}

# The vector that hvp, vjp and jvp take: by name, or the last argument.
take_vector <- function(arguments, vector) {
  if (is.null(vector)) {
    return(list(arguments = arguments))
  }
  at <- match(vector, names(arguments))
  if (is.na(at)) at <- length(arguments)
  if (length(arguments) < 2L) {
    admle_abort("argument", sprintf(
      "Two arguments are needed: the point and the vector `%s`.", vector
    ), argument = vector)
  }
  list(arguments = arguments[-at], vector = arguments[[at]])
}

# Named as R would match them.
match_arguments <- function(labels, arguments) {
  if ("..." %in% labels || length(arguments) == 0L) {
    if (is.null(names(arguments))) {
      names(arguments) <- rep("", length(arguments))
    }
    first <- setdiff(labels, "...")
    unnamed <- which(names(arguments) == "")
    free <- setdiff(first, names(arguments))
    take <- seq_len(min(length(unnamed), length(free)))
    names(arguments)[unnamed[take]] <- free[take]
    return(arguments)
  }
  no_defaults <- rep(list(quote(expr = )), length(labels))
  signature <- as.function(c(stats::setNames(no_defaults, labels), list(NULL)))
  matched <- match.call(signature, as.call(c(list(quote(f)), arguments)))
  as.list(matched)[-1L]
}

# f evaluated on recorded arguments at a point:
#   output      traced value, or plain when it does not depend on the argument
#   n_input, n_output, parts (the shape of the argument), nested
point_at <- function(f, arguments, wrt) {
  value <- arguments[[wrt]]
  parts <- argument_parts(value, wrt)
  nested <- trace_active_()
  build <- function(theta) {
    stats::setNames(list(build_argument(value, parts, theta)), wrt)
  }
  point <- list(parts = parts, nested = nested, value = value)
  if (nested) {
    theta <- trace_alias(flatten_argument(value))
    arguments[[wrt]] <- build(theta)[[1L]]
    point$output <- trace_call(f, arguments)
    point$trace <- NULL
    point$input <- traced_id(theta)
    point$id <- if (is_traced(point$output)) traced_id(point$output)
  } else {
    recorded <- record(
      f, arguments,
      flat = list(theta = flatten_argument(value), build = build)
    )
    for (message in recorded$warnings) warning(message, call. = FALSE)
    point$warnings <- recorded$warnings
    point$trace <- trace_graph(recorded$trace)
    point$input <- recorded$input_ids[[1L]]
    point$output <- recorded$output
    point$id <- if (is_traced(recorded$output)) recorded$id
  }
  if (!is_traced(point$output) && !is.numeric(point$output) &&
        !is.logical(point$output)) {
    admle_abort("value", sprintf(
      "The value of the function must be numeric, not %s.",
      described(point$output)
    ))
  }
  point$n_output <- length(point$output)
  point$n_input <- sum(lengths(lapply(parts, `[[`, "positions")))
  point
}

# Shape of the argument: one part, or one for each element of a list.
argument_parts <- function(value, wrt) {
  elements <- if (is.list(value) && !is_traced(value)) value else list(value)
  end <- 0L
  parts <- list()
  for (k in seq_along(elements)) {
    x <- elements[[k]]
    if (!is_traced(x) && (!is.numeric(x) && !is.logical(x) || is.object(x))) {
      admle_abort("argument", sprintf(
        "`%s` must be numeric, not %s.", wrt, described(x)
      ), argument = wrt)
    }
    parts[[k]] <- list(
      positions = end + seq_len(length(x)), dim = dim(x), names = names(x),
      dimnames = dimnames(x)
    )
    end <- end + length(x)
  }
  names(parts) <- names(elements)
  parts
}

build_argument <- function(value, parts, theta) {
  built <- lapply(parts, function(part) layout_slice(theta, part))
  if (is.list(value) && !is_traced(value)) built else built[[1L]]
}

flatten_argument <- function(value) {
  if (!is.list(value) || is_traced(value)) {
    return(if (is_traced(value)) flat(value) else as.numeric(value))
  }
  if (!any(vapply(value, is_traced, NA))) {
    return(as.numeric(unlist(value, use.names = FALSE)))
  }
  parts <- unlist(lapply(value, function(x) elements(flat(x))), FALSE)
  traced_concat(parts, NULL, NULL)
}

# Element names, for the rows and columns of matrices; NULL when there are none.
argument_labels <- function(parts) {
  labels <- lapply(seq_along(parts), function(k) {
    part <- parts[[k]]
    n <- length(part$positions)
    prefix <- names(parts)[k]
    prefix <- if (is.null(prefix) || !nzchar(prefix)) NULL else prefix
    if (!is.null(part$names)) {
      if (is.null(prefix)) part$names else paste0(prefix, ".", part$names)
    } else if (!is.null(prefix)) {
      if (n == 1L) prefix else paste0(prefix, seq_len(n))
    } else {
      rep("", n)
    }
  })
  labels <- unlist(labels)
  if (all(labels == "")) NULL else labels
}

value_labels <- function(output) {
  if (is.null(dim(output))) names(output)
}

# A derivative as a node of the graph; -1 where the value does not depend on
# the argument.
point_node <- function(point, kind, vector = NULL) {
  if (is.null(point$id)) {
    return(-1L)
  }
  engine(derive_node(point$trace, kind, point$id, point$input, vector))
}

# The node as R value: numbers, or a traced value in a recording.
point_array <- function(point, node, dim = NULL, names = NULL) {
  if (node < 0L) {
    n <- if (is.null(dim)) point$n_output else prod(dim)
    return(with_shape(numeric(n), dim, names))
  }
  if (!point$nested) {
    return(with_shape(node_value(point$trace, node), dim, names))
  }
  dim <- if (!is.null(dim)) as.integer(dim)
  out <- traced_from_id(node, dim = dim, names = names)
  if (traced_is_fixed(out)) trace_value(out) else out
}

with_shape <- function(x, dim, names) {
  if (is.null(dim)) {
    names(x) <- names
  } else {
    dim(x) <- dim
    dimnames(x) <- names
  }
  x
}

point_value <- function(point) {
  if (is.null(point$id)) {
    return(point$output)
  }
  output <- point$output
  point_array(point, point$id, dim(output), shape_names(output))
}

gradient_of <- function(point) {
  check_scalar(point, "grad()", "jacobian()")
  argument_shaped(point, point_node(point, "gradient"))
}

# n_input numbers in the shape of the argument.
argument_shaped <- function(point, node) {
  flat <- if (node < 0L) numeric(point$n_input) else point_array(point, node)
  build_argument(point$value, point$parts, flat)
}

# A matrix with a column for each element of the argument, one for each part.
matrix_like <- function(point, node, rows) {
  whole <- if (node < 0L) {
    matrix(0, rows, point$n_input)
  } else {
    point_array(point, node, c(rows, point$n_input))
  }
  labels <- argument_labels(unname(point$parts))
  named <- function(m, columns) {
    if (!is.null(point$value_names) || !is.null(columns)) {
      dimnames(m) <- list(point$value_names, columns)
    }
    m
  }
  if (!is.list(point$value) || is_traced(point$value)) {
    return(named(whole, labels))
  }
  lapply(point$parts, function(part) {
    columns <- whole[, part$positions, drop = FALSE]
    named(columns, part$names)
  })
}

# A vector in the space of the argument: its own shape, or a list of its shape.
input_vector <- function(point, v) {
  v <- flatten_argument(v)
  check_vector(v, point$n_input, "v", "the argument")
  v
}

check_vector <- function(v, n, name, of) {
  if (!is_traced(v) && !is.numeric(v) || length(v) != n) {
    admle_abort("argument", sprintf(
      "`%s` must be a numeric vector with %s, like %s.", name,
      counted(n, "element"), of
    ), argument = name)
  }
}

check_scalar <- function(point, operator, instead) {
  if (point$n_output != 1L) {
    admle_abort("value", sprintf(paste(
      "%s needs a function whose value is one number; this one returned %d.",
      "Use %s."
    ), operator, point$n_output, instead))
  }
}
