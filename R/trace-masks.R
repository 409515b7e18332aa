# The replacements that recorded code sees. Each falls through to base R when
# no argument is traced; what is not listed here is base R's own, which stops
# on a traced value or dispatches on it (traced-*.R).
#' @include trace-mask.R
NULL

# A function of one vector: `traced` where it is traced, base R's otherwise.
first_argument_mask <- function(package, name, traced) {
  original <- call("::", as.name(package), as.name(name))
  eval(bquote(function(x, ...) {
    if (is_traced(x) || any_traced(list(...))) .(traced)(x, ...) else .(original)(x, ...)
  }))
}

two_argument_mask <- function(package, name, first, second, traced) {
  original <- call("::", as.name(package), as.name(name))
  mask <- eval(bquote(function() {
    if (is_traced(.(as.name(first))) || is_traced(.(as.name(second)))) {
      .(traced)(.(as.name(first)), .(as.name(second)))
    } else {
      .(original)(.(as.name(first)), .(as.name(second)))
    }
  }))
  formals(mask) <- stats::setNames(rep(alist(x = ), 2L), c(first, second))
  mask
}

summary_mask <- function(name) {
  original <- call("::", quote(base), as.name(name))
  eval(bquote(function(..., na.rm = FALSE) {
    arguments <- list(...)
    if (any_traced(arguments) || is_traced(na.rm)) {
      traced_summary(.(name), arguments, na.rm)
    } else {
      .(original)(..., na.rm = na.rm)
    }
  }))
}

# Lengths, dimensions and the like have to be plain.
index_mask <- function(name, what) {
  original <- call("::", quote(base), as.name(name))
  eval(bquote(function(...) {
    arguments <- list(...)
    if (!any_traced(arguments)) {
      return(.(original)(...))
    }
    do.call(.(original), lapply(arguments, plain_index, what = .(what)))
  }))
}

# Text made from a value: the recording holds for this text only.
text_mask <- function(name) {
  original <- call("::", quote(base), as.name(name))
  eval(bquote(function(...) {
    arguments <- list(...)
    if (!any_traced(arguments)) {
      return(.(original)(...))
    }
    do.call(.(original), lapply(arguments, guarded_value))
  }))
}

# Text that is only shown.
display_mask <- function(name) {
  original <- call("::", quote(base), as.name(name))
  eval(bquote(function(...) {
    arguments <- list(...)
    if (any_traced(arguments)) do.call(.(original), lapply(arguments, trace_value)) else .(original)(...)
  }))
}

# unique() and its like compare handles in a list.
first_list_mask <- function(name) {
  original <- call("::", quote(base), as.name(name))
  eval(bquote(function(x, ...) {
    if (contains_traced(x)) {
      unsupported(.(paste0(name, "() of values depending on parameters")),
        "Use it on data only.")
    }
    .(original)(x, ...)
  }))
}

define_masks("base",
  sum = summary_mask("sum"), prod = summary_mask("prod"),
  max = summary_mask("max"), min = summary_mask("min"),
  range = summary_mask("range"), any = summary_mask("any"),
  all = summary_mask("all"),
  ifelse = function(test, yes, no) {
    if (!is_traced(test)) {
      decided <- is.logical(test) && length(test) > 0L && !anyNA(test)
      if (decided && all(test)) {
        return(if (is_traced(yes)) traced_ifelse(test, yes, yes) else base::ifelse(test, yes, no))
      }
      if (decided && !any(test)) {
        return(if (is_traced(no)) traced_ifelse(test, no, no) else base::ifelse(test, yes, no))
      }
    }
    if (is_traced(test) || is_traced(yes) || is_traced(no)) {
      traced_ifelse(test, yes, no)
    } else {
      base::ifelse(test, yes, no)
    }
  },
  pmin = function(..., na.rm = FALSE) {
    arguments <- list(...)
    if (any_traced(arguments)) {
      traced_parallel("pmin2", arguments, na.rm)
    } else {
      base::pmin(..., na.rm = na.rm)
    }
  },
  pmax = function(..., na.rm = FALSE) {
    arguments <- list(...)
    if (any_traced(arguments)) {
      traced_parallel("pmax2", arguments, na.rm)
    } else {
      base::pmax(..., na.rm = na.rm)
    }
  },
  log = function(x, base) {
    if (missing(base)) {
      return(base::log(x))
    }
    if (is_traced(x) || is_traced(base)) log(x) / log(base) else base::log(x, base)
  },
  signif = function(x, digits = 6) {
    check_plain(digits = digits)
    base::signif(x, digits)
  },
  round = function(x, digits = 0) {
    check_plain(digits = digits)
    base::round(x, digits)
  },
  which = function(x, arr.ind = FALSE, useNames = TRUE) {
    if (is_traced(x)) x <- guarded_value(x)
    base::which(x, arr.ind, useNames)
  },
  which.max = function(x) {
    if (is_traced(x)) traced_which_extreme(x, TRUE) else base::which.max(x)
  },
  which.min = function(x) {
    if (is_traced(x)) traced_which_extreme(x, FALSE) else base::which.min(x)
  },
  match = function(x, table, ...) {
    base::match(plain_index(x, "what is looked up"), plain_index(table, "a table"), ...)
  },
  "%in%" = function(x, table) {
    base::`%in%`(plain_index(x, "what is looked up"), plain_index(table, "a table"))
  },
  findInterval = function(x, vec, ...) {
    if (!is_traced(x) && !is_traced(vec)) {
      return(base::findInterval(x, vec, ...))
    }
    if (...length() > 0L) {
      unsupported("findInterval() with more than two arguments", "Use the defaults.")
    }
    counts <- lapply(seq_along(vec), function(k) {
      traced_binary("ge", x, vec[k], kind_whole)
    })
    as.integer(guarded_value(Reduce(`+`, counts)))
  }
)

elementwise_masks <- list(
  atan2 = c("y", "x"), beta = c("a", "b"), lbeta = c("a", "b"),
  choose = c("n", "k"), lchoose = c("n", "k")
)
for (name in names(elementwise_masks)) {
  arguments <- elementwise_masks[[name]]
  define_mask <- list(two_argument_mask("base", name, arguments[1L], arguments[2L],
    eval(bquote(function(a, b) traced_function(.(name), list(a, b), kind_number)))))
  names(define_mask) <- name
  do.call(define_masks, c(list("base"), define_mask))
}
rm(name, arguments, define_mask)

define_masks("base",
  psigamma = function(x, deriv = 0L) {
    if (!is_traced(x)) {
      return(base::psigamma(x, plain_index(deriv)))
    }
    check_plain(deriv = deriv)
    traced_function("psigamma", list(x, deriv), kind_number)
  },
  factorial = function(x) gamma(x + 1),
  lfactorial = function(x) lgamma(x + 1)
)

# Building and rearranging.
define_masks("base",
  c = function(...) {
    arguments <- list(...)
    if (any_traced(arguments)) traced_c(...) else base::c(...)
  },
  unlist = function(x, recursive = TRUE, use.names = TRUE) {
    if (is_traced(x)) {
      return(x)
    }
    if (is.list(x)) traced_unlist(x, recursive, use.names) else base::unlist(x, recursive, use.names)
  },
  append = function(x, values, after = length(x)) {
    if (is_traced(x) || is_traced(values) || is_traced(after)) {
      traced_append(x, values, after)
    } else {
      base::append(x, values, after)
    }
  },
  rep = function(x, ...) {
    if (is_traced(x)) {
      return(traced_rep(x, ...))
    }
    if (...length() == 0L || !any_traced(list(...))) {
      return(base::rep(x, ...))
    }
    do.call(base::rep, c(list(x), lapply(list(...), plain_index, what = "a number of repetitions")))
  },
  rep_len = function(x, length.out) {
    length.out <- plain_index(length.out, "a length")
    if (is_traced(x)) recycled(flat(x), length.out) else base::rep_len(x, length.out)
  },
  rep.int = function(x, times) {
    times <- plain_index(times, "a number of repetitions")
    if (is_traced(x)) traced_rep(flat(x), times = times) else base::rep.int(x, times)
  },
  matrix = function(data = NA, nrow = 1, ncol = 1, byrow = FALSE, dimnames = NULL) {
    call <- match.call()
    if (is_traced(data)) {
      arguments <- list(data = data, byrow = byrow, dimnames = dimnames)
      if (!missing(nrow)) arguments$nrow <- nrow
      if (!missing(ncol)) arguments$ncol <- ncol
      return(do.call(traced_matrix, arguments))
    }
    arguments <- list(data = data, byrow = byrow, dimnames = dimnames)
    if (!missing(nrow)) arguments$nrow <- plain_index(nrow, "a dimension")
    if (!missing(ncol)) arguments$ncol <- plain_index(ncol, "a dimension")
    do.call(base::matrix, arguments)
  },
  array = function(data = NA, dim = length(data), dimnames = NULL) {
    if (is_traced(data)) {
      traced_array(data, dim, dimnames)
    } else {
      base::array(data, plain_index(dim, "a dimension"), dimnames)
    }
  },
  numeric = index_mask("numeric", "a length"),
  double = index_mask("double", "a length"),
  integer = index_mask("integer", "a length"),
  logical = index_mask("logical", "a length"),
  vector = index_mask("vector", "a length"),
  seq_len = index_mask("seq_len", "a length"),
  seq = index_mask("seq", "an end of a sequence"),
  seq.int = index_mask("seq.int", "an end of a sequence"),
  ":" = function(from, to) {
    if (is_traced(from)) from <- plain_index(from, "an end of a sequence")
    if (is_traced(to)) to <- plain_index(to, "an end of a sequence")
    base::`:`(from, to)
  },
  seq_along = function(along.with) base::seq_len(length(along.with)),
  cbind = function(..., deparse.level = 1) {
    arguments <- list(...)
    if (!any_traced(arguments)) {
      return(base::cbind(..., deparse.level = deparse.level))
    }
    traced_bind("cbind", arguments, symbol_names(substitute(list(...))), deparse.level)
  },
  rbind = function(..., deparse.level = 1) {
    arguments <- list(...)
    if (!any_traced(arguments)) {
      return(base::rbind(..., deparse.level = deparse.level))
    }
    traced_bind("rbind", arguments, symbol_names(substitute(list(...))), deparse.level)
  },
  drop = first_argument_mask("base", "drop", quote(function(x) by_position(x, base::drop))),
  order = function(..., na.last = TRUE, decreasing = FALSE, method = c("auto", "shell", "radix")) {
    if (any_traced(list(...))) {
      traced_order(..., na.last = na.last, decreasing = decreasing)
    } else {
      base::order(..., na.last = na.last, decreasing = decreasing, method = method)
    }
  },
  rank = first_argument_mask("base", "rank", quote(traced_rank)),
  sort.int = first_argument_mask("base", "sort.int", quote(traced_sort)),
  rowsum = function(x, group, reorder = TRUE, ...) {
    if (is_traced(x)) traced_rowsum(x, group, reorder) else base::rowsum(x, group, reorder, ...)
  },
  sweep = function(x, MARGIN, STATS, FUN = "-", check.margin = TRUE, ...) {
    if (is_traced(x) || is_traced(STATS)) {
      traced_sweep(x, MARGIN, STATS, masked_function(match.fun(FUN)))
    } else {
      base::sweep(x, MARGIN, STATS, FUN, check.margin, ...)
    }
  },
  split = function(x, f, drop = FALSE, ...) {
    if (is_traced(f)) {
      unsupported("split() by values depending on parameters", "Split by data.")
    }
    if (is_traced(x)) traced_split(x, f, drop, ...) else base::split(x, f, drop, ...)
  }
)

# The names cbind() gives to arguments that are symbols.
symbol_names <- function(call) {
  vapply(as.list(unwrap(call))[-1L], function(e) {
    if (is.symbol(e) && !identical(e, quote(...))) as.character(e) else ""
  }, "")
}

# Matrix algebra.
define_masks("base",
  crossprod = function(x, y = NULL) {
    if (is_traced(x) || is_traced(y)) mat_crossprod(x, y) else base::crossprod(x, y)
  },
  tcrossprod = function(x, y = NULL) {
    if (is_traced(x) || is_traced(y)) mat_tcrossprod(x, y) else base::tcrossprod(x, y)
  },
  outer = function(X, Y, FUN = "*", ...) {
    product <- missing(FUN) || identical(FUN, "*") || identical(FUN, base::`*`)
    if (!product) FUN <- masked_function(resolve_function(FUN, parent.frame()))
    if (product && (is_traced(X) || is_traced(Y))) {
      return(mat_outer(X, Y))
    }
    if (product) {
      return(base::outer(X, Y))
    }
    if (is_traced(X) || is_traced(Y)) {
      return(apply_outer(X, Y, FUN, ...))
    }
    if (typeof(FUN) == "closure" && is_under_mask(FUN)) apply_outer(X, Y, FUN, ...) else base::outer(X, Y, FUN, ...)
  },
  "%o%" = function(X, Y) {
    if (is_traced(X) || is_traced(Y)) mat_outer(X, Y) else base::`%o%`(X, Y)
  },
  kronecker = function(X, Y, FUN = "*", make.dimnames = FALSE, ...) {
    if (!is_traced(X) && !is_traced(Y)) {
      return(base::kronecker(X, Y, FUN, make.dimnames, ...))
    }
    if (!identical(FUN, "*") || make.dimnames) {
      unsupported("kronecker() with more than two arguments", "Use kronecker(X, Y).")
    }
    mat_kronecker(X, Y)
  },
  "%x%" = function(X, Y) {
    if (is_traced(X) || is_traced(Y)) mat_kronecker(X, Y) else base::`%x%`(X, Y)
  },
  solve = function(a, b, ...) {
    if (missing(b)) {
      return(if (is_traced(a)) mat_solve(a) else base::solve(a, ...))
    }
    if (is_traced(a) || is_traced(b)) mat_solve(a, b) else base::solve(a, b, ...)
  },
  chol = function(x, ...) if (is_traced(x)) mat_chol(x, ...) else base::chol(x, ...),
  chol2inv = function(x, size = NCOL(x), LINPACK = FALSE) {
    if (is_traced(x)) mat_chol2inv(x, size) else base::chol2inv(x, size)
  },
  det = function(x, ...) if (is_traced(x)) mat_det(x) else base::det(x, ...),
  determinant = function(x, logarithm = TRUE, ...) {
    if (is_traced(x)) mat_determinant(x, logarithm) else base::determinant(x, logarithm, ...)
  },
  backsolve = function(r, x, k = ncol(r), upper.tri = TRUE, transpose = FALSE) {
    if (is_traced(r) || is_traced(x)) {
      mat_triangular(r, x, k, upper.tri, transpose)
    } else {
      base::backsolve(r, x, k, upper.tri, transpose)
    }
  },
  forwardsolve = function(l, x, k = ncol(l), upper.tri = FALSE, transpose = FALSE) {
    if (is_traced(l) || is_traced(x)) {
      mat_triangular(l, x, k, upper.tri, transpose)
    } else {
      base::forwardsolve(l, x, k, upper.tri, transpose)
    }
  },
  diag = function(x = 1, nrow, ncol, names = TRUE) {
    arguments <- list(x)
    if (!missing(names)) arguments$names <- names
    if (is_traced(x)) {
      if (!missing(nrow)) arguments$nrow <- nrow
      if (!missing(ncol)) arguments$ncol <- ncol
      return(do.call(mat_diag, arguments))
    }
    if (!missing(nrow)) arguments$nrow <- plain_index(nrow, "a dimension")
    if (!missing(ncol)) arguments$ncol <- plain_index(ncol, "a dimension")
    do.call(base::diag, arguments)
  },
  "diag<-" = function(x, value) {
    if (is_traced(x) || is_traced(value)) `mat_diag<-`(x, value) else base::`diag<-`(x, value)
  },
  norm = function(x, type = "O") {
    if (!is_traced(x)) {
      return(base::norm(x, type))
    }
    check_plain(type = type)
    switch(toupper(substr(type, 1L, 1L)),
      O = ,
      "1" = max(mat_sums(abs(x), FALSE)),
      I = max(mat_sums(abs(x), TRUE)),
      M = max(abs(x)),
      F = ,
      E = sqrt(sum(x^2)),
      unsupported(sprintf("norm() of type \"%s\"", type), "Use type \"F\".")
    )
  },
  rowSums = function(x, na.rm = FALSE, dims = 1L) {
    if (is_traced(x)) mat_sums(x, TRUE, na.rm, dims) else base::rowSums(x, na.rm, dims)
  },
  colSums = function(x, na.rm = FALSE, dims = 1L) {
    if (is_traced(x)) mat_sums(x, FALSE, na.rm, dims) else base::colSums(x, na.rm, dims)
  },
  rowMeans = function(x, na.rm = FALSE, dims = 1L) {
    if (is_traced(x)) mat_sums(x, TRUE, na.rm, dims, TRUE) else base::rowMeans(x, na.rm, dims)
  },
  colMeans = function(x, na.rm = FALSE, dims = 1L) {
    if (is_traced(x)) mat_sums(x, FALSE, na.rm, dims, TRUE) else base::colMeans(x, na.rm, dims)
  },
  aperm = function(a, perm = NULL, ...) {
    if (is_traced(a)) by_position(a, base::aperm, perm, ...) else base::aperm(a, perm, ...)
  },
  scale = function(x, center = TRUE, scale = TRUE) {
    if (is_traced(x) || is_traced(center) || is_traced(scale)) {
      traced_scale(x, center, scale)
    } else {
      base::scale(x, center, scale)
    }
  }
)

# Functions of functions: what is handed over is recorded too.
resolve_function <- function(f, frame) {
  if (is.function(f)) {
    return(f)
  }
  get(as.character(f), envir = frame, mode = "function")
}
own_function <- function(f, frame) masked_function(resolve_function(f, frame))

margin_summary <- function(f) {
  if (identical(f, base::sum) || identical(f, mask_table[["base::sum"]])) {
    "sum"
  } else if (identical(f, base::mean)) {
    "mean"
  }
}

define_masks("base",
  match.fun = function(FUN, descend = TRUE) own_function(FUN, parent.frame(2L)),
  lapply = function(X, FUN, ...) apply_list(X, own_function(FUN, parent.frame()), ...),
  sapply = function(X, FUN, ..., simplify = TRUE, USE.NAMES = TRUE) {
    apply_simplify(X, own_function(FUN, parent.frame()), ...,
      simplify = simplify, USE.NAMES = USE.NAMES
    )
  },
  vapply = function(X, FUN, FUN.VALUE, ..., USE.NAMES = TRUE) {
    apply_checked(X, own_function(FUN, parent.frame()), FUN.VALUE, ...,
      USE.NAMES = USE.NAMES
    )
  },
  mapply = function(FUN, ..., MoreArgs = NULL, SIMPLIFY = TRUE, USE.NAMES = TRUE) {
    apply_map(own_function(FUN, parent.frame()), list(...), MoreArgs, SIMPLIFY, USE.NAMES)
  },
  Map = function(f, ...) {
    apply_map(own_function(f, parent.frame()), list(...), SIMPLIFY = FALSE)
  },
  Reduce = function(f, x, init, right = FALSE, accumulate = FALSE, simplify = TRUE) {
    f <- own_function(f, parent.frame())
    x <- as_elements(x)
    out <- if (missing(init)) {
      base::Reduce(f, x, right = right, accumulate = accumulate)
    } else {
      base::Reduce(f, x, init, right = right, accumulate = accumulate)
    }
    if (accumulate && simplify && is.list(out) && all(lengths_of(out) == 1L)) simplified(out) else out
  },
  Filter = function(f, x) {
    f <- own_function(f, parent.frame())
    if (!is_traced(x)) {
      return(base::Filter(f, x))
    }
    x[base::which(vapply(elements(x), f, NA))]
  },
  Vectorize = function(FUN, ...) base::Vectorize(own_function(FUN, parent.frame()), ...),
  do.call = function(what, args, quote = FALSE, envir = parent.frame()) {
    what <- own_function(what, envir)
    if (is_traced(args)) args <- as.list(args)
    base::do.call(what, args, quote, envir)
  },
  apply = function(X, MARGIN, FUN, ..., simplify = TRUE) {
    FUN <- resolve_function(FUN, parent.frame())
    summary <- margin_summary(FUN)
    FUN <- masked_function(FUN)
    if (is_traced(X)) {
      return(apply_margin(X, MARGIN, FUN, ..., simplify = simplify, summary = summary))
    }
    if (typeof(FUN) == "closure" && is_under_mask(FUN)) {
      return(apply_margin(as.matrix(X), MARGIN, FUN, ..., simplify = simplify))
    }
    base::apply(X, MARGIN, FUN, ..., simplify = simplify)
  },
  tapply = function(X, INDEX, FUN = NULL, ..., default = NA, simplify = TRUE) {
    original <- resolve_function(FUN, parent.frame())
    if (identical(margin_summary(original), "sum")) original <- base::sum
    if (!is_traced(X) && !is_under_mask(masked_function(original))) {
      return(base::tapply(X, INDEX, original, ..., default = default, simplify = simplify))
    }
    FUN <- if (identical(original, base::sum)) original else masked_function(original)
    apply_groups(X, INDEX, FUN, ..., simplify = simplify)
  },
  sys.function = function(which = 0L) base::sys.function(if (which == 0L) base::sys.parent() else which),
  "::" = function(pkg, name) {
    value <- getExportedValue(as.character(substitute(pkg)), as.character(substitute(name)))
    if (is.function(value)) masked_function(value) else value
  },
  ":::" = function(pkg, name) {
    value <- get(as.character(substitute(name)),
      envir = asNamespace(as.character(substitute(pkg))), inherits = FALSE
    )
    if (is.function(value)) masked_function(value) else value
  }
)

# Questions about the type: answered as for an ordinary number.
type_mask <- function(name, answer) {
  original <- call("::", quote(base), as.name(name))
  eval(bquote(function(x, ...) if (is_traced(x)) .(answer) else .(original)(x, ...)))
}
is_traced_logical <- function(x) traced_kind(x) == kind_logical

define_masks("base",
  is.numeric = type_mask("is.numeric", quote(!is_traced_logical(x))),
  is.double = type_mask("is.double", quote(!is_traced_logical(x))),
  is.logical = type_mask("is.logical", quote(is_traced_logical(x))),
  is.vector = function(x, mode = "any") {
    if (!is_traced(x)) {
      return(base::is.vector(x, mode))
    }
    own <- if (is_traced_logical(x)) "logical" else c("numeric", "double")
    is.null(dim(x)) && mode %in% c("any", own)
  },
  is.atomic = type_mask("is.atomic", TRUE),
  is.object = type_mask("is.object", FALSE),
  isS4 = function(object) if (is_traced(object)) FALSE else base::isS4(object),
  is.matrix = type_mask("is.matrix", quote(length(dim(x)) == 2L)),
  is.array = type_mask("is.array", quote(length(dim(x)) > 0L)),
  typeof = type_mask("typeof", quote(typeof(stand_in(x)))),
  mode = type_mask("mode", quote(mode(stand_in(x)))),
  storage.mode = type_mask("storage.mode", quote(typeof(stand_in(x)))),
  class = type_mask("class", quote(class(stand_in(x)))),
  oldClass = type_mask("oldClass", NULL),
  inherits = function(x, what, which = FALSE) {
    base::inherits(if (is_traced(x)) stand_in(x) else x, what, which)
  },
  unclass = type_mask("unclass", quote(x)),
  lengths = function(x, use.names = TRUE) {
    if (is_traced(x)) {
      return(stats::setNames(rep(1L, length(x)), if (use.names) names(x)))
    }
    if (is.list(x)) {
      return(vapply(x, length, 1L, USE.NAMES = use.names))
    }
    base::lengths(x, use.names)
  },
  attributes = function(x) {
    if (is_traced(x)) attributes(stand_in(x)) else base::attributes(x)
  },
  attr = function(x, which, exact = FALSE) {
    if (is_traced(x)) attr(stand_in(x), which, exact) else base::attr(x, which, exact)
  },
  "attr<-" = function(x, which, value) {
    if (is_traced(x) || is_traced(value)) {
      traced_setattr(x, which, value)
    } else {
      base::`attr<-`(x, which, value)
    }
  },
  structure = function(.Data, ...) {
    if (!is_traced(.Data)) {
      return(base::structure(.Data, ...))
    }
    given <- list(...)
    for (which in names(given)) {
      name <- switch(which, .Names = "names", .Dim = "dim", .Dimnames = "dimnames", which)
      .Data <- traced_setattr(.Data, name, given[[which]])
    }
    .Data
  },
  "storage.mode<-" = function(x, value) as_mode(x, value, base::`storage.mode<-`),
  "mode<-" = function(x, value) as_mode(x, value, base::`mode<-`),
  "class<-" = function(x, value) as_mode(x, value, base::`class<-`),
  "oldClass<-" = function(x, value) as_mode(x, value, base::`oldClass<-`),
  "attributes<-" = function(x, value) {
    if (is_traced(x)) {
      unsupported("`attributes<-` on values depending on parameters",
        "Set names(), dim() or dimnames().")
    }
    base::`attributes<-`(x, value)
  },
  identical = function(x, y, ...) {
    if (contains_traced(x) || contains_traced(y)) {
      unsupported("identical() with values depending on parameters",
        "Compare with == and all().")
    }
    base::identical(x, y, ...)
  },
  all.equal = function(target, current, ...) {
    if (contains_traced(target) || contains_traced(current)) {
      unsupported("all.equal() of values depending on parameters",
        "Compare with abs(x - y) < tolerance.")
    }
    base::all.equal(target, current, ...)
  },
  unique = first_list_mask("unique"),
  duplicated = first_list_mask("duplicated"),
  anyDuplicated = first_list_mask("anyDuplicated"),
  as.integer = function(x, ...) if (is_traced(x)) as.integer.traced(x) else base::as.integer(x, ...),
  stopifnot = function(...) {
    for (k in seq_len(...length())) {
      holds <- ...elt(k)
      if (is_traced(holds)) holds <- all(holds)
      if (!(is.logical(holds) && !anyNA(holds) && all(holds))) {
        stop(deparse1(unwrap(substitute(list(...))[[k + 1L]])), " is not TRUE", call. = FALSE)
      }
    }
    invisible()
  }
)

# A plain object of the same type and shape, for questions about those.
stand_in <- function(x) {
  out <- if (is_traced_logical(x)) logical(length(x)) else numeric(length(x))
  if (is.null(dim(x))) {
    names(out) <- names(x)
  } else {
    dim(out) <- dim(x)
    dimnames(out) <- dimnames(x)
  }
  out
}

as_mode <- function(x, value, original) {
  if (!is_traced(x)) {
    return(original(x, value))
  }
  if (!value %in% c("double", "numeric")) {
    unsupported(sprintf("conversion of values depending on parameters to \"%s\"", value),
      "Keep them as numbers.")
  }
  traced_renamed(x, dim(x), shape_names(x))
}

# Text, output, conditions.
define_masks("base",
  paste = text_mask("paste"), paste0 = text_mask("paste0"),
  sprintf = text_mask("sprintf"), format = text_mask("format"),
  formatC = text_mask("formatC"), as.character = text_mask("as.character"),
  toString = text_mask("toString"), deparse = text_mask("deparse"),
  cat = display_mask("cat"), message = display_mask("message"),
  suppressWarnings = function(expr, classes = "warning") {
    withCallingHandlers(expr, warning = function(w) {
      if (inherits(w, classes)) {
        note_warning(w)
        tryInvokeRestart("muffleWarning")
      }
    })
  },
  tryCatch = function(expr, ..., finally) {
    enter_catching()
    on.exit(leave_catching())
    if (missing(finally)) {
      base::tryCatch(withCallingHandlers(expr, error = note_caught), ...)
    } else {
      base::tryCatch(withCallingHandlers(expr, error = note_caught), ..., finally = finally)
    }
  },
  try = function(expr, silent = FALSE, ...) {
    enter_catching()
    on.exit(leave_catching())
    base::try(withCallingHandlers(expr, error = note_caught), silent, ...)
  }
)

enter_catching <- function() {
  trace_session$catching <- trace_session$catching + 1L
}
leave_catching <- function() {
  trace_session$catching <- trace_session$catching - 1L
}
note_caught <- function(e) {
  trace_session$caught <- c(trace_session$caught, conditionMessage(e))
}
note_warning <- function(w) {
  trace_session$warned <- c(trace_session$warned, conditionMessage(w))
}

# Statistics.
define_masks("stats",
  var = function(x, y = NULL, na.rm = FALSE, use) {
    if (is_traced(x) || is_traced(y)) {
      traced_var(x, y, na.rm, if (!missing(use)) use)
    } else if (missing(use)) {
      stats::var(x, y, na.rm)
    } else {
      stats::var(x, y, na.rm, use)
    }
  },
  cov = function(x, y = NULL, ...) {
    if (is_traced(x) || is_traced(y)) traced_var(x, y) else stats::cov(x, y, ...)
  },
  cor = function(x, y = NULL, ...) {
    if (is_traced(x) || is_traced(y)) {
      traced_var(x, y, correlation = TRUE)
    } else {
      stats::cor(x, y, ...)
    }
  },
  sd = function(x, na.rm = FALSE) {
    if (is_traced(x)) sqrt(traced_var(flat(x), na.rm = na.rm)) else stats::sd(x, na.rm)
  },
  dmultinom = function(x, size = NULL, prob, log = FALSE) {
    if (is_traced(prob) || is_traced(x) || is_traced(log) || is_traced(size)) {
      traced_dmultinom(x, size, prob, log)
    } else {
      stats::dmultinom(x, size, prob, log)
    }
  },
  nlminb = function(start, objective, ...) {
    if (is_traced(start) || contains_traced(masked_function(objective)(start))) {
      unsupported("nlminb() on a function of the parameters",
        "An optimum inside a likelihood cannot be recorded.")
    }
    stats::nlminb(start, objective, ...)
  }
)
distributions <- c(density_arguments, probability_arguments, quantile_arguments)
for (name in names(distributions)) {
  mask <- list(make_distribution_mask(name, distributions[[name]]))
  names(mask) <- name
  do.call(define_masks, c(list("stats"), mask))
}
rm(name, mask)

# Functions of R's own that are R code through and through: recorded like a
# helper of the user's.
rewritten_functions <- list(
  stats = c(
    "mahalanobis", "cov2cor", "toeplitz", "embed", "weighted.mean", "ave"
  )
)

define_masks("methods",
  kronecker = mask_table[["base::kronecker"]],
  as = function(object, Class, ...) {
    if (!is_traced(object)) {
      return(methods::as(object, Class, ...))
    }
    if (!Class %in% c("numeric", "double")) {
      unsupported(sprintf("as() to \"%s\"", Class), "Keep the values as numbers.")
    }
    flat(object)
  }
)
