# Masks of functions of functions and of `::`: what is handed over is recorded
# too, whether it is a closure, a name or an alias.
#' @include trace-masks.R
NULL

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
  lapply = function(X, FUN, ...) apply_list(
    X, own_function(FUN, parent.frame()), ...
  ),
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
  simplify2array = function(x, higher = TRUE, ...) simplified(x, higher, ...),
  mapply = function(
    FUN, ..., MoreArgs = NULL, SIMPLIFY = TRUE, USE.NAMES = TRUE
  ) {
    apply_map(
      own_function(FUN, parent.frame()), list(...), MoreArgs, SIMPLIFY,
      USE.NAMES
    )
  },
  Map = function(f, ...) {
    apply_map(own_function(f, parent.frame()), list(...), SIMPLIFY = FALSE)
  },
  Reduce = function(
    f, x, init, right = FALSE, accumulate = FALSE, simplify = TRUE
  ) {
    f <- resolve_function(f, parent.frame())
    in_steps <- if (!right) reduced_by_steps(f, x, init, accumulate && simplify)
    if (!is.null(in_steps) && (!accumulate || simplify)) {
      return(in_steps)
    }
    f <- masked_function(f)
    x <- as_elements(x)
    out <- if (missing(init)) {
      base::Reduce(f, x, right = right, accumulate = accumulate)
    } else {
      base::Reduce(f, x, init, right = right, accumulate = accumulate)
    }
    if (accumulate && simplify && is.list(out) && all(lengths_of(out) == 1L)) {
      simplified(out)
    } else {
      out
    }
  },
  Filter = function(f, x) {
    f <- own_function(f, parent.frame())
    if (!is_traced(x)) {
      return(base::Filter(f, x))
    }
    x[base::which(vapply(elements(x), f, NA))]
  },
  Vectorize = function(FUN, ...) base::Vectorize(
    own_function(FUN, parent.frame()), ...
  ),
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
      return(
        apply_margin(
          X, MARGIN, FUN, ..., simplify = simplify, summary = summary
        )
      )
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
      return(
        base::tapply(
          X, INDEX, original, ..., default = default, simplify = simplify
        )
      )
    }
    FUN <- if (identical(original, base::sum)) {
      original
    } else {
      masked_function(original)
    }
    apply_groups(X, INDEX, FUN, ..., simplify = simplify)
  },
  sys.function = function(which = 0L) base::sys.function(
    if (which == 0L) base::sys.parent() else which
  ),
  "::" = function(pkg, name) {
    value <- getExportedValue(
      as.character(substitute(pkg)), as.character(substitute(name))
    )
    if (is.function(value)) masked_function(value) else value
  },
  ":::" = function(pkg, name) {
    value <- get(as.character(substitute(name)),
      envir = asNamespace(as.character(substitute(pkg))), inherits = FALSE
    )
    if (is.function(value)) masked_function(value) else value
  }
)
