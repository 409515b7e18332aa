# How the arguments of the user's function are found. What is estimated is in
# `start`; the rest comes, in this order, from further arguments of mle_fit(),
# as in optim(), from `data`, and from the function's own defaults. The function
# is adapted once, before anything else sees it, to one whose arguments without
# a default are the parameters, each a scalar, vector or matrix:
#    function(par, y, x)    `x` in `data`: an argument no more, so that the body
#                           finds the column, in whatever rows are in use
#                           `y = k` in the call: y = .given_y, a variable of an
#                           environment around the function
#    function(p)            a list in `start`: p = list(a = p_a, b = p_b), with
#                           `p_a` and `p_b` as arguments

# -> fn, start, fixed, and `asked`, from which update() goes on: formals (the
#    function's own), given (values of further arguments), start (as given) and
#    whole, TRUE where the argument `data` of the function is all of `data`.
adapted_likelihood <- function(fn, start, fixed = NULL, given = list(),
                               data = NULL) {
  asked <- list(formals = formals(fn), given = given, start = start,
                whole = FALSE)
  if (typeof(fn) != "closure") {
    return(list(fn = fn, start = start, fixed = fixed, asked = asked))
  }
  check_data_kind(data)
  check_given(given, fn)
  columns <- names(data)
  own <- setdiff(names(formals(fn)), "...")
  estimated <- if (is.list(start) && !is_declared(start)) names(start) else
    utils::head(c(setdiff(own, c(names(given), columns)),
                  setdiff(own, names(given))), 1L)
  estimated <- c(estimated, intersect(names(fixed), own))
  warn_given_twice(names(given), intersect(estimated, own), columns)
  given <- given[setdiff(names(given), estimated)]
  fn <- with_given(fn, given)
  if (!is.null(data)) {
    asked$whole <- "data" %in% setdiff(own, c(estimated, names(given), columns))
    found <- c(columns, if (asked$whole) "data")
    fn <- without_arguments(fn, setdiff(found, c(estimated, names(given))))
  }
  lists <- listed_parameters(fn, start, fixed, columns)
  list(fn = lists$fn, start = lists$start, fixed = lists$fixed, asked = asked)
}

# Further arguments as they came by `...`; a name that mle_fit() would have
# taken for a short form of its own was marked by `marked_arguments()`.
argument_mark <- ".argument."

further_arguments <- function(...) {
  if (...length() == 0L) {
    return(list())
  }
  if (is.null(names(list(...))) || any(names(list(...)) == "")) {
    unnamed <- as.list(substitute(list(...)))[-1L]
    check <- names(unnamed)
    if (!is.null(check)) unnamed <- unnamed[check == ""]
    shown <- vapply(unnamed, function(x) deparse(x, nlines = 1L)[[1L]], "")
    admle_abort("argument", sprintf(paste(
      "Unused argument: %s. Further arguments of the function must be named,",
      "as in mle_fit(fn, start, y = y)."
    ), enumerate(unname(shown))), argument = "...")
  }
  given <- list(...)
  names(given) <- unmarked(names(given))
  twice <- unique(names(given)[duplicated(names(given))])
  if (length(twice)) {
    admle_abort("argument", sprintf(
      "The argument %s is given twice in the call of mle_fit(). Remove one.",
      enumerate(twice)
    ), argument = twice[[1L]])
  }
  given
}

unmarked <- function(names) {
  sub(argument_mark, "", names, fixed = TRUE)
}

# The call with arguments of the function marked that mle_fit() would take for
# short forms of its own, as `d` of function(p, d) for `data`; NULL where there
# are none. What `...` stands for in `frame` is written out.
marked_arguments <- function(call, fn, frame, own = c("start", "data")) {
  dots <- which(vapply(as.list(call), identical, NA, quote(...)))
  if (length(dots)) {
    handed <- as.list(eval(quote(substitute(list(...))), frame))[-1L]
    symbols <- lapply(paste0("..", seq_along(handed)), as.name)
    names(symbols) <- names(handed)
    call <- as.call(append(as.list(call)[-dots], symbols, dots[[1L]] - 1L))
  }
  if (typeof(fn) != "closure" || is.null(names(call))) {
    return(NULL)
  }
  short <- names(call) %in% setdiff(names(formals(fn)), own) &
    vapply(names(call), function(name) any(startsWith(own, name)), NA)
  if (!any(short)) {
    return(NULL)
  }
  names(call)[short] <- paste0(argument_mark, names(call)[short])
  call
}

# What is given must be an argument of the function.
check_given <- function(given, fn) {
  unknown <- setdiff(names(given), names(formals(fn)))
  if (length(unknown) && !"..." %in% names(formals(fn))) {
    shown <- vapply(unknown, function(name) {
      value <- given[[name]]
      if (!is.atomic(value) || length(value) != 1L) name else
        paste(name, "=", deparse(value))
    }, "")
    admle_abort("argument", paste(c(sprintf(paste(
      "Unused argument: %s. mle_fit() has none of that name, nor has the",
      "function, whose arguments are %s."
    ), enumerate(unname(shown)), enumerate(names(formals(fn)))),
    other_names_text(unknown)), collapse = " "), argument = unknown[[1L]])
  }
}

warn_given_twice <- function(given, estimated, columns) {
  for (name in intersect(given, estimated)) {
    admle_warn("argument", sprintf(paste(
      "`%s` is given twice, in `start` as a parameter and as an argument of",
      "the function. The parameter is used."
    ), name), argument = name)
  }
  for (name in setdiff(intersect(given, columns), estimated)) {
    admle_warn("argument", sprintf(paste(
      "`%s` is given twice, as an argument of the function and as a column of",
      "`data`. The argument is used."
    ), name), argument = name)
  }
}

# Values of arguments as defaults, after the parameters; those of `...` are
# written into the calls that hand `...` on.
with_given <- function(fn, given) {
  if (length(given) == 0L) {
    return(fn)
  }
  symbols <- lapply(paste0(".given_", names(given)), as.name)
  names(symbols) <- names(given)
  own <- names(given) %in% names(formals(fn))
  code <- answer_missing(body(fn), names(given)[own])
  if (!all(own)) code <- handed_on(code, symbols[!own])
  out <- changed_closure(
    fn, c(formals(fn)[setdiff(names(formals(fn)), names(given))], symbols[own]),
    code
  )
  names(given) <- vapply(symbols, as.character, "")
  environment(out) <- list2env(given, parent = environment(fn))
  out
}

without_arguments <- function(fn, names) {
  found <- intersect(names, base::names(formals(fn)))
  if (length(found) == 0L) {
    return(fn)
  }
  changed_closure(fn, formals(fn)[setdiff(base::names(formals(fn)), found)],
                  answer_missing(body(fn), found))
}

changed_closure <- function(fn, formals, body) {
  out <- as.function(c(formals, list(NULL)), envir = environment(fn))
  body(out, envir = environment(fn)) <- body
  out
}

# `missing(x)` of what is given.
answer_missing <- function(code, names) {
  in_code(code, function(e) {
    if (identical(e[[1L]], quote(missing)) && length(e) == 2L &&
          as.character(e[[2L]])[[1L]] %in% names) {
      FALSE
    } else {
      e
    }
  })
}

# f(...) -> f(..., y = .given_y), but not in functions with a `...` of theirs.
handed_on <- function(code, symbols) {
  in_code(code, function(e) {
    dots <- vapply(as.list(e), identical, NA, quote(...))
    if (any(dots)) as.call(c(as.list(e), symbols)) else e
  }, enter = function(e) {
    !(identical(e[[1L]], quote(`function`)) && "..." %in% names(e[[2L]]))
  })
}

# `change` of every call in some code, the inner ones first.
in_code <- function(code, change, enter = function(e) TRUE) {
  if (!is.call(code) || !enter(code)) {
    return(code)
  }
  for (k in seq_along(code)) {
    if (is.call(code[[k]])) code[k] <- list(in_code(code[[k]], change, enter))
  }
  change(code)
}

# Lists of parameters as arguments of their own, of which the list is made.
listed_parameters <- function(fn, start, fixed, columns = NULL) {
  out <- list(fn = fn, start = start, fixed = fixed)
  if (!is.list(start) || is_declared(start)) {
    return(out)
  }
  names <- names(Filter(is_plain_list, start))
  if (length(names) == 0L) {
    return(out)
  }
  formal <- formals(fn)
  for (name in names) {
    check_list_names(fixed[[name]], start[[name]], name)
    leaves <- leaf_names(start[[name]], name)
    taken <- c(setdiff(names(formal), name), names(start), columns)
    clash <- intersect(unlist(leaves), taken)
    if (length(clash)) {
      admle_abort("start", sprintf(paste(
        "`start` makes %s of the list `%s`, which %s also an argument of the",
        "function or a column of `data`. Rename one of the two."
      ), enumerate(clash), name, if (length(clash) == 1L) "is" else "are"))
    }
    formal[unlist(leaves)] <- alist(x = )
    formal[[name]] <- list_code(leaves)
    out$start <- c(out$start, flat_values(start[[name]], leaves))
    if (is.list(fixed[[name]])) {
      out$fixed <- c(out$fixed, flat_values(fixed[[name]], leaves))
    }
  }
  out$start[names] <- NULL
  out$fixed <- out$fixed[setdiff(names(out$fixed), names)]
  out$fn <- changed_closure(fn, formal, answer_missing(body(fn), names))
  out
}

is_plain_list <- function(x) is.list(x) && !is.object(x)

# The names of the arguments in the place of the values: p_a, and p1 where an
# element has no name.
leaf_names <- function(values, path, shown = path) {
  if (length(values) == 0L) {
    admle_abort("start", sprintf("`%s` in `start` is an empty list.", shown))
  }
  labels <- names(values)
  if (is.null(labels)) labels <- character(length(values))
  leaves <- lapply(seq_along(values), function(k) {
    named <- nzchar(labels[[k]])
    leaf <- paste0(path, if (named) "_" else "",
                   if (named) part_name(labels[[k]]) else k)
    place <- if (named) paste0(shown, "$", labels[[k]]) else
      sprintf("%s[[%d]]", shown, k)
    value <- values[[k]]
    if (is_plain_list(value)) {
      return(leaf_names(value, leaf, place))
    }
    check_leaf(value, place)
    as.name(leaf)
  })
  names(leaves) <- names(values)
  twice <- unlist(lapply(Filter(is.name, leaves), as.character))
  twice <- unique(twice[duplicated(twice)])
  if (length(twice)) {
    admle_abort("start", sprintf(
      "The list `%s` in `start` has more than one element for the name %s.",
      shown, enumerate(twice)
    ))
  }
  rapply(leaves, as.character, how = "list")
}

check_leaf <- function(value, place) {
  if (is_declared(value) || is.numeric(value)) {
    return()
  }
  admle_abort("start", sprintf(paste(
    "`%s` in `start` must be numeric, not %s. `start` holds what is estimated;",
    "give the rest as a further argument of mle_fit(), or in `data`."
  ), place, described(value)))
}

check_list_names <- function(fixed, start, name) {
  if (is.null(fixed)) {
    return()
  }
  unknown <- if (is_plain_list(fixed)) setdiff(names(fixed), names(start))
  if (!is_plain_list(fixed) || is.null(names(fixed)) || length(unknown)) {
    admle_abort("argument", sprintf(paste(
      "`%s` in `fixed` must be a list of some of the elements that it has in",
      "`start`: %s."
    ), name, enumerate(names(start))), argument = "fixed")
  }
}

list_code <- function(leaves) {
  if (!is.list(leaves)) {
    return(as.name(leaves))
  }
  as.call(c(quote(list), lapply(leaves, list_code)))
}

# The values of all or some of the elements, by the names of their leaves.
flat_values <- function(values, leaves) {
  labels <- names(values)
  out <- lapply(seq_along(values), function(k) {
    leaf <- leaves[[if (is.null(labels) || !nzchar(labels[[k]])) k else
      labels[[k]]]]
    if (is.list(leaf)) flat_values(values[[k]], leaf) else
      stats::setNames(values[k], leaf)
  })
  do.call(c, out)
}

# The inverse of `flat_values()`: the user's lists with values by argument.
listed_start <- function(flat, start) {
  for (name in names(Filter(is_plain_list, start))) {
    leaves <- leaf_names(start[[name]], name)
    fill <- function(leaf) if (is.list(leaf)) lapply(leaf, fill) else
      flat[[leaf]]
    start[[name]] <- fill(leaves)
  }
  plain <- intersect(names(start), names(flat))
  start[plain] <- flat[plain]
  start
}

# The code of the arguments that are lists of parameters.
list_arguments <- function(fit) {
  if (!is.list(fit$asked$start) || is_declared(fit$asked$start)) {
    return(list())
  }
  as.list(formals(fit$fn))[names(Filter(is_plain_list, fit$asked$start))]
}

# The function as the user gave it, of one that was adapted.
asked_function_of <- function(fn, asked) {
  if (is.null(asked)) {
    return(fn)
  }
  changed_closure(fn, asked$formals, body(fn))
}

# What the adapted function sees of the data of a fit.
# Those of the function: one made of a formula has its variables, in the rows in
# use, in its environment.
data_to_record <- function(fit) if (is.null(fit$model)) likelihood_data(fit)

likelihood_data <- function(fit) {
  data <- data_in_use(fit$data, fit$subset)
  if (isTRUE(fit$asked$whole)) {
    all <- if (is.data.frame(fit$data) && !is.null(fit$subset)) {
      as.data.frame(fit$data)[fit$subset, , drop = FALSE]
    } else {
      data
    }
    columns <- c(as.list(data), list(data = all))
    if (is.data.frame(data)) {
      columns <- structure(columns, class = "data.frame",
                           row.names = seq_len(nrow(data)))
    }
    data <- columns
  }
  data
}
