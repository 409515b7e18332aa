# The replacements that recorded code sees. Each falls through to base R when
# no argument is traced; what is not listed here is base R's own, which stops
# on a traced value or dispatches on it (traced-*.R).
#' @include trace-mask.R
NULL

# A function of one vector: `traced` where it is traced, base R's otherwise.
first_argument_mask <- function(package, name, traced) {
  original <- call("::", as.name(package), as.name(name))
  eval(bquote(function(x, ...) {
    if (is_traced(x) || any_traced(list(...))) {
      .(traced)(x, ...)
    } else {
      .(original)(x, ...)
    }
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

parallel_mask <- function(name, op) {
  original <- call("::", quote(base), as.name(name))
  eval(bquote(function(..., na.rm = FALSE) {
    arguments <- list(...)
    if (any_traced(arguments)) {
      out <- traced_parallel(.(op), arguments, na.rm)
      if (.(endsWith(name, ".int"))) flat(out) else out
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
    if (any_traced(arguments)) {
      do.call(.(original), lapply(arguments, trace_value))
    } else {
      .(original)(...)
    }
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
        return(
          if (is_traced(yes)) {
            traced_ifelse(test, yes, yes)
          } else {
            base::ifelse(test, yes, no)
          }
        )
      }
      if (decided && !any(test)) {
        return(
          if (is_traced(no)) {
            traced_ifelse(test, no, no)
          } else {
            base::ifelse(test, yes, no)
          }
        )
      }
    }
    if (is_traced(test) || is_traced(yes) || is_traced(no)) {
      traced_ifelse(test, yes, no)
    } else {
      base::ifelse(test, yes, no)
    }
  },
  pmin = parallel_mask("pmin", "pmin2"), pmax = parallel_mask("pmax", "pmax2"),
  pmin.int = parallel_mask("pmin.int", "pmin2"),
  pmax.int = parallel_mask("pmax.int", "pmax2"),
  log = function(x, base) {
    if (missing(base)) {
      return(base::log(x))
    }
    if (is_traced(x) || is_traced(base)) {
      log(x) / log(base)
    } else {
      base::log(x, base)
    }
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
    base::match(
      plain_index(x, "what is looked up"), plain_index(table, "a table"), ...
    )
  },
  "%in%" = function(x, table) {
    base::`%in%`(
      plain_index(x, "what is looked up"), plain_index(table, "a table")
    )
  },
  findInterval = function(x, vec, ...) {
    if (!is_traced(x) && !is_traced(vec)) {
      return(base::findInterval(x, vec, ...))
    }
    if (...length() > 0L) {
      unsupported(
        "findInterval() with more than two arguments", "Use the defaults."
      )
    }
    if (!is_traced(vec) && !anyNA(trace_value(x))) {
      return(guarded_interval(x, vec))
    }
    counts <- lapply(seq_along(vec), function(k) {
      traced_binary("ge", x, vec[k], kind_whole)
    })
    as.integer(guarded_value(Reduce(`+`, counts)))
  }
)

# In which interval of data: that x is still between the same two is guarded.
guarded_interval <- function(x, vec) {
  at <- base::findInterval(trace_value(flat(x)), vec)
  guarded_value(traced_binary("ge", flat(x), c(-Inf, vec)[at + 1L], kind_whole))
  guarded_value(traced_binary("lt", flat(x), c(vec, Inf)[at + 1L], kind_whole))
  at
}

elementwise_masks <- list(
  atan2 = c("y", "x"), beta = c("a", "b"), lbeta = c("a", "b")
)
for (name in names(elementwise_masks)) {
  arguments <- elementwise_masks[[name]]
  recorded <- eval(bquote(function(a, b) {
    traced_function(.(name), list(a, b), kind_number)
  }))
  define_mask <- list(two_argument_mask(
    "base", name, arguments[1L], arguments[2L], recorded
  ))
  names(define_mask) <- name
  do.call(define_masks, c(list("base"), define_mask))
}
rm(name, arguments, recorded, define_mask)

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
