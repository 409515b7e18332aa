# Complex values that depend on parameters: a pair of vectors, each of them
# recorded or plain. A log-likelihood is real, so they end in Re(), Im(), Mod()
# or Arg(); what has no method here stops as for any object that R's code does
# not know.
#' @include traced-matrix.R
NULL

setClass("traced_complex", slots = c(re = "ANY", im = "ANY"))

# One shape for both parts.
complex_of <- function(re, im) {
  n <- max(length(re), length(im))
  shaped <- if (length(dim(re)) > 0L || length(re) == n) re else im
  fit <- function(x) {
    if (length(x) == n) return(x)
    recycled(x, n, dim(shaped), shape_names(shaped))
  }
  methods::new("traced_complex", re = fit(re), im = fit(im))
}

is_traced_complex <- function(x) is(x, "traced_complex")

# What stands for the imaginary part of a real vector.
zeros_like <- function(x) if (is_traced(x)) stand_in(x) * 0 else x * 0

as_pair <- function(x) {
  if (is_traced_complex(x)) {
    list(re = x@re, im = x@im)
  } else if (is.complex(x)) {
    list(re = Re(x), im = Im(x))
  } else {
    list(re = x, im = zeros_like(x))
  }
}
is_real <- function(x) !is_traced_complex(x) && !is.complex(x)

pair_add <- function(x, y) {
  u <- as_pair(x)
  v <- as_pair(y)
  complex_of(u$re + v$re, u$im + v$im)
}
pair_subtract <- function(x, y) {
  u <- as_pair(x)
  v <- as_pair(y)
  complex_of(u$re - v$re, u$im - v$im)
}
pair_multiply <- function(x, y) {
  u <- as_pair(x)
  v <- as_pair(y)
  if (is_real(y)) return(complex_of(u$re * y, u$im * y))
  if (is_real(x)) return(complex_of(x * v$re, x * v$im))
  complex_of(u$re * v$re - u$im * v$im, u$re * v$im + u$im * v$re)
}
pair_divide <- function(x, y) {
  if (is_real(y)) {
    u <- as_pair(x)
    return(complex_of(u$re / y, u$im / y))
  }
  v <- as_pair(y)
  size <- v$re^2 + v$im^2
  pair_multiply(x, complex_of(v$re / size, -v$im / size))
}
# A whole power by squaring, others by the logarithm.
pair_power <- function(x, y) {
  if (length(y) != 1L || !is.numeric(y) || y != round(y) || abs(y) > 64) {
    return(exp(pair_multiply(log(pair_add(x, 0i)), y)))
  }
  if (y < 0) {
    return(pair_divide(1, pair_power(x, -y)))
  }
  out <- 1
  while (y >= 1) {
    if (y %% 2 == 1) out <- pair_multiply(out, x)
    x <- pair_multiply(x, x)
    y <- y %/% 2
  }
  out
}
pair_equal <- function(x, y) {
  u <- as_pair(x)
  v <- as_pair(y)
  u$re == v$re & u$im == v$im
}

complex_operators <- list(
  "+" = pair_add, "-" = pair_subtract, "*" = pair_multiply, "/" = pair_divide,
  "^" = pair_power, "==" = pair_equal,
  "!=" = function(x, y) !pair_equal(x, y)
)
for (operator in names(complex_operators)) {
  method <- eval(bquote(function(e1, e2) {
    complex_operators[[.(operator)]](e1, e2)
  }))
  pairs <- list(
    c("traced_complex", "ANY"), c("ANY", "traced_complex"),
    c("traced_complex", "traced_complex"), c("traced_complex", "traced"),
    c("traced", "traced_complex"), c("traced", "complex"),
    c("complex", "traced")
  )
  for (pair in pairs) setMethod(operator, signature(pair[1L], pair[2L]), method)
}
rm(operator, method, pairs, pair)
setMethod("-", signature("traced_complex", "missing"), function(e1, e2) {
  complex_of(-e1@re, -e1@im)
})
setMethod("+", signature("traced_complex", "missing"), function(e1, e2) e1)

setMethod("Re", "traced_complex", function(z) z@re)
setMethod("Im", "traced_complex", function(z) z@im)
setMethod("Conj", "traced_complex", function(z) complex_of(z@re, -z@im))
setMethod("Mod", "traced_complex", function(z) sqrt(z@re^2 + z@im^2))
setMethod("abs", "traced_complex", function(x) sqrt(x@re^2 + x@im^2))
complex_angle <- function(z) {
  traced_function("atan2", list(Im(z), Re(z)), kind_number)
}
setMethod("Arg", "traced_complex", complex_angle)
setMethod("Re", "traced", function(z) z)
setMethod("Im", "traced", function(z) zeros_like(z))
setMethod("Conj", "traced", function(z) z)
setMethod("Mod", "traced", function(z) abs(z))
setMethod("Arg", "traced", function(z) {
  traced_function("atan2", list(zeros_like(z), z), kind_number)
})

polar <- function(size, angle) complex_of(size * cos(angle), size * sin(angle))
setMethod("exp", "traced_complex", function(x) polar(exp(x@re), x@im))
natural_log <- function(z) {
  complex_of(log(z@re^2 + z@im^2) / 2, complex_angle(z))
}
setMethod("log", "traced_complex", function(x, ...) {
  if (...length()) pair_divide(natural_log(x), log(..1)) else natural_log(x)
})
setMethod("log10", "traced_complex", function(x) natural_log(x) / log(10))
setMethod("log2", "traced_complex", function(x) natural_log(x) / log(2))
setMethod("sqrt", "traced_complex", function(x) {
  polar(sqrt(Mod(x)), complex_angle(x) / 2)
})
setMethod("cos", "traced_complex", function(x) {
  complex_of(cos(x@re) * cosh(x@im), -sin(x@re) * sinh(x@im))
})
setMethod("sin", "traced_complex", function(x) {
  complex_of(sin(x@re) * cosh(x@im), cos(x@re) * sinh(x@im))
})

setMethod("tan", "traced_complex", function(x) sin(x) / cos(x))
setMethod("cosh", "traced_complex", function(x) {
  complex_of(cosh(x@re) * cos(x@im), sinh(x@re) * sin(x@im))
})
setMethod("sinh", "traced_complex", function(x) {
  complex_of(sinh(x@re) * cos(x@im), cosh(x@re) * sin(x@im))
})
setMethod("tanh", "traced_complex", function(x) sinh(x) / cosh(x))

setMethod("sum", "traced_complex", function(x, ..., na.rm = FALSE) {
  check_plain(na.rm = na.rm)
  out <- complex_of(sum(x@re), sum(x@im))
  for (y in list(...)) out <- out + if (is_traced_complex(y)) sum(y) else sum(y)
  out
})
setMethod("prod", "traced_complex", function(x, ..., na.rm = FALSE) {
  Reduce(pair_multiply, lapply(seq_len(length(x)), function(i) x[[i]]), 1)
})
setMethod("cumsum", "traced_complex", function(x) {
  complex_of(cumsum(x@re), cumsum(x@im))
})
setMethod("length", "traced_complex", function(x) length(x@re))
setMethod("dim", "traced_complex", function(x) dim(x@re))
setMethod("names", "traced_complex", function(x) names(x@re))
setMethod("[", "traced_complex", function(x, i, j, ..., drop = TRUE) {
  vector <- nargs() - !missing(drop) < 3L
  all_rows <- missing(i)
  all_columns <- missing(j)
  part <- function(v) {
    if (vector) {
      if (all_rows) v else v[i]
    } else {
      v[if (all_rows) seq_len(nrow(v)) else i,
        if (all_columns) seq_len(ncol(v)) else j, drop = drop]
    }
  }
  complex_of(part(x@re), part(x@im))
})
setMethod("[[", "traced_complex", function(x, i, ...) {
  complex_of(x@re[[i, ...]], x@im[[i, ...]])
})
setMethod("c", "traced_complex", function(x, ...) {
  complex_concat(list(x, ...))
})
complex_concat <- function(values) {
  parts <- lapply(values, as_pair)
  join <- function(side) {
    sides <- lapply(parts, function(p) flat(p[[side]]))
    if (any_traced(sides)) traced_concat(sides, NULL, NULL) else unlist(sides)
  }
  complex_of(join("re"), join("im"))
}
# Whether values, some of which are traced, are complex together.
are_complex <- function(values) {
  kind <- function(x) {
    (if (inherits(x, "traced_complex")) 2L else 0L) + is.complex(x)
  }
  found <- vapply(values, kind, 0L)
  any(found == 2L) || any(found == 1L) && any_traced(values)
}

complex_product <- function(x, y) {
  u <- as_pair(x)
  v <- as_pair(y)
  times <- mat_product
  if (is_real(x)) return(complex_of(times(x, v$re), times(x, v$im)))
  if (is_real(y)) return(complex_of(times(u$re, y), times(u$im, y)))
  complex_of(times(u$re, v$re) - times(u$im, v$im),
             times(u$re, v$im) + times(u$im, v$re))
}
for (pair in list(
  c("traced_complex", "ANY"), c("ANY", "traced_complex"),
  c("traced_complex", "traced_complex"), c("traced_complex", "traced"),
  c("traced", "traced_complex"), c("traced", "complex"), c("complex", "traced")
)) {
  setMethod("%*%", signature(pair[1L], pair[2L]),
            function(x, y) complex_product(x, y))
}
rm(pair)
mean.traced_complex <- function(x, ...) sum(x) / length(x)
rev.traced_complex <- function(x) x[rev(seq_len(length(x)))]

setMethod("show", "traced_complex", function(object) {
  cat("<complex value depending on parameters, here:>\n")
  print(complex(real = trace_value(object@re),
                imaginary = trace_value(object@im)))
})
