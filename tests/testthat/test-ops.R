# Every operation of op_table(): values against base R on a grid with the edges
# of the domains, recycling, every set of arguments that may depend on
# parameters, derivatives to third order. An operation without a test here
# fails.

ops <- op_table()
ops <- ops[ops$kind != "function", ]
op_row <- function(name) ops[ops$name == name, ]

test_that("every operation has a function in R or is a derivative of another", {
  known <- vapply(ops$name, function(name) is.function(op_function(name)), NA)
  expect_identical(ops$name[!known], character())
  expect_true(all(names(derivative_ops) %in% ops$name))
  expect_true(all(derivative_ops %in% ops$name))
  expect_true(all(names(op_points) %in% ops$name))
  domains <- unique(unlist(lapply(seq_len(nrow(ops)),
    function(i) op_domain(ops[i, ]))))
  expect_setequal(setdiff(domains, "fixed"), names(domain_points))
})

# Values.

edges <- c(-Inf, -2.5, -1, 0, 0.3, 1, 2, 7.5, 40, Inf, NaN, NA)

# Where the value may be missing although R has a limit. It is never another
# number than R's.
may_be_missing <- list(
  "infinite parameters of a distribution: R's limiting distributions" =
    function(name, g) {
      is_formula(name) & Reduce(`|`, lapply(g[-1L], is.infinite), FALSE)
    },
  "distributions that sit at a point: no spread" = function(name, g) {
    scaled <- c("dnorm", "dlnorm", "dexp", "pnorm", "plnorm", "pgamma", "qnorm",
      "qlnorm", "qexp", "qlogis", "qcauchy")
    r_name <- r_function(name)
    last <- g[[length(g)]]
    second <- if (length(g) > 1L) g[[2L]] else last
    (r_name %in% scaled & last %in% 0) |
      (r_name == "punif" & (second == last) %in% TRUE) |
      (r_name %in% c("pbeta", "pnbinom", "qgamma", "qchisq", "qbeta", "qf") &
           (second %in% 0 | last %in% 0))
  },
  "quantiles of 0 and 1: R gives the end of the support for any scale" =
    function(name, g) {
      ends <- if (grepl("_log$", name)) c(-Inf, 0) else c(0, 1)
      grepl("^q", r_function(name)) & g[[1L]] %in% ends &
        !(g[[length(g)]] > 0) %in% TRUE
    },
  "the density of an infinite observation" = function(name, g) {
    r_function(name) %in% "dweibull" & is.infinite(g[[1L]])
  }
)

# Differences from R that are meant, or that are R's.
may_differ <- list(
  "outside of the support a missing `meanlog` does not matter" =
    function(name, g) {
      if (!r_function(name) %in% c("dlnorm", "plnorm")) return(FALSE)
      is.na(g[[2L]]) & !(g[[1L]] > 0) %in% TRUE
    },
  "at q = 1 and shape2 = 0 R gives 0 or 1/2 instead of 1" = function(name, g) {
    if (r_function(name) != "pbeta") return(FALSE)
    (g[[1L]] >= 1) %in% TRUE & g[[3L]] %in% 0
  },
  "R gives NaN for an infinite location or scale" = function(name, g) {
    r_function(name) %in% c("dexp", "qcauchy") &
      Reduce(`|`, lapply(g[-1L], is.infinite), FALSE)
  },
  "orders are whole and the other arguments positive" = function(name, g) {
    if (name != "polygamma_difference") return(FALSE)
    !(g[[1L]] %in% 0:2 & g[[2L]] > 0 & g[[3L]] > 0 &
        g[[2L]] + g[[3L]] < Inf) %in% TRUE
  },
  "the formula of the reference is 0 / 0" = function(name, g) {
    name == "mills" & g[[1L]] %in% -Inf
  }
)
is_formula <- function(name) op_row(name)$kind == "formula"
r_function <- function(name) {
  if (is_formula(name) || grepl("^d.*_log$", name)) sub("_.*", "", name) else ""
}
any_rule <- function(rules, name, g) {
  Reduce(`|`, lapply(rules, function(rule) rule(name, g)))
}

test_that("values are base R's, at the edges of the domains and outside", {
  # Of these R has values at whole numbers only: tested below.
  continued <- grep("_continuous", ops$name, value = TRUE)
  for (name in setdiff(ops$name, c(names(derivative_ops), plain_second,
                                   continued))) {
    row <- op_row(name)
    f <- op_function(name)
    at <- if (row$arity == 4L) edges[c(1, 3, 4, 5, 7, 10, 12)] else edges
    g <- expand.grid(rep(list(at), row$arity))
    names(g) <- op_arguments(row)
    g <- as.list(g)
    plain <- suppressWarnings(do.call(f, unname(g)))
    got <- suppressWarnings(engine_value(name, g))
    same <- (is.na(got) & is.na(plain)) | (got == plain) %in% TRUE |
      (abs(got - plain) <=
         derivative_tolerance$edge * abs(plain) + 1e-305) %in% TRUE
    same <- same | any_rule(may_differ, name, g) |
      (is.na(got) & any_rule(may_be_missing, name, g))
    first <- which(!same)[1L]
    expect_true(all(same), label = sprintf(
      "%s(%s) is %s and not %s: equal", name,
      paste(vapply(g, function(x) format(x[first]), ""), collapse = ", "),
      format(got[first], digits = 17), format(plain[first], digits = 17)
    ))
  }
})

test_that("counts that depend on parameters have R's values at counts", {
  same <- function(f, at) {
    total <- function(k) sum(f(k) * seq_along(f(k)))
    expect_equal(value_and_grad(total)(at)$value, total(at), tolerance = 1e-13)
  }
  for (log in c(FALSE, TRUE)) {
    same(function(k) dpois(k, 2.5, log), c(0, 1, 7))
    same(function(k) dbinom(k, 7, 0.3, log), c(0, 1, 7))
    same(function(n) dbinom(2, n, 0.3, log), c(2, 3, 12))
    same(function(k) dgeom(k, 0.3, log), c(0, 1, 7))
    same(function(k) dnbinom(k, 1.5, 0.3, log = log), c(0, 1, 7))
    same(function(k) dnbinom(k, 1.5, mu = 3, log = log), c(0, 1, 7))
    same(function(n) dhyper(2, 5, n, 4, log), c(2, 9, 30))
  }
  same(function(k) choose(7, k) + lchoose(7, k), c(0, 1, 7))
  expect_equal(grad(function(k) dpois(k, 2))(-1), 0)
  slope <- suppressWarnings(grad(function(k) dpois(k, 2.5, log = TRUE))(3.2))
  expect_equal(slope, log(2.5) - digamma(4.2), tolerance = 1e-13)
})

test_that("values inside of the domains are base R's to the last digits", {
  for (name in setdiff(ops$name, names(derivative_ops))) {
    at <- op_point(op_row(name))
    active <- op_active(op_row(name), at)
    if (length(active) == 0L) active <- names(at)
    f <- with_fixed(op_function(name), at, active)
    r <- record(f, at[active])
    expect_equal(node_value(trace_graph(r$trace), r$id), do.call(f, at[active]),
      tolerance = derivative_tolerance$value, label = name
    )
  }
})

# Recycling.

# Value, names and dimensions, or the error. That warnings are the same is
# checked in every recording.
outcome <- function(expr) {
  suppressWarnings(tryCatch(expr, error = conditionMessage))
}
recorded_outcome <- function(f, at) {
  outcome({
    r <- record(f, at)
    if (is_traced(r$output)) {
      value <- node_value(trace_graph(r$trace), r$id)
      with_shape(value, dim(r$output), shape_names(r$output))
    } else {
      r$output
    }
  })
}
user_functions <- setdiff(
  ops$name, c(names(derivative_ops), names(internal_references), plain_second)
)

test_that("arguments of lengths 0, 1 and n are recycled as in base R", {
  for (name in user_functions) {
    row <- op_row(name)
    f <- op_function(name)
    at <- op_point(row)
    patterns <- list(
      c(0L, 0L), c(1L, 1L), c(0L, 3L), c(3L, 1L), c(1L, 3L), c(2L, 4L), c(4L,
        3L)
    )
    if (row$arity == 1L) patterns <- list(0L, 1L)
    for (lengths in patterns) {
      short <- Map(function(x, n) rep_len(x, n), at,
        rep_len(lengths, row$arity))
      expect_equal(recorded_outcome(f, short), outcome(do.call(f, short)),
        tolerance = derivative_tolerance$value,
        label = sprintf("%s with lengths %s", name,
          paste(lengths, collapse = ", "))
      )
    }
  }
})

test_that("names and dimensions are base R's", {
  shapes <- list(
    vector = function(x) stats::setNames(x[1:4], letters[1:4]),
    matrix = function(x) matrix(x[1:4], 2L, dimnames = list(NULL, c("u", "v")))
  )
  for (name in user_functions) {
    f <- op_function(name)
    at <- op_point(op_row(name))
    for (shape in names(shapes)) {
      shaped <- at
      shaped[[1L]] <- shapes[[shape]](rep_len(at[[1L]], 5L))
      if (length(at) > 1L) shaped[[2L]] <- rep_len(at[[2L]], 5L)[1:2]
      if (length(at) > 2L) shaped[-(1:2)] <- lapply(at[-(1:2)], `[`, 1L)
      expect_equal(recorded_outcome(f, shaped), outcome(do.call(f, shaped)),
        tolerance = derivative_tolerance$value,
        label = sprintf("%s of a named %s", name, shape)
      )
    }
  }
})

# Derivatives.

# Formulas are made of operations that are tested to third order themselves; of
# their variants (log, upper tail) only the first goes that far.
is_variant <- function(name) is_formula(name) && grepl("_", name)

test_that("derivatives agree with differences to third order", {
  for (name in ops$name) {
    row <- op_row(name)
    at <- op_point(row)
    active <- op_active(row, at)
    limit <- op_limit(name)
    check <- function(wrt, order) {
      expect_derivatives(with_names(op_function(name), names(at)), at,
        order = order, wrt = wrt, elementwise = TRUE, scale = op_scale(row, at),
        tolerance = op_tolerance(name), label = name
      )
    }
    if (is.null(limit)) {
      if (length(active) > 0L) check(active, if (is_variant(name)) 2 else 3)
    } else {
      if (limit$order > 0) {
        check(active, min(limit$order, if (is_variant(name)) 2 else 3))
      }
      if (limit$order < 3) check(setdiff(active, limit$shapes), 1)
    }
  }
})

test_that("any set of arguments may depend on parameters", {
  for (name in ops$name) {
    row <- op_row(name)
    at <- op_point(row)
    active <- op_active(row, at)
    limit <- op_limit(name)
    if (!is.null(limit) && limit$order == 0) active <- setdiff(active,
      limit$shapes)
    v <- lapply(at[active], spread, 3)
    f <- op_function(name)
    along <- function(set) {
      g <- with_fixed(f, at, set)
      as.numeric(jvp(function(p) do.call(g, unname(p)))(at[set], v[set]))
    }
    # Derivatives in single arguments add up to those in sets of them.
    single <- lapply(stats::setNames(nm = active), along)
    sets <- unlist(lapply(seq_along(active)[-1L], function(size) {
      utils::combn(active, size, simplify = FALSE)
    }), FALSE)
    for (set in sets) {
      expect_equal(along(set), Reduce(`+`, single[set]), tolerance = 1e-13,
        label = sprintf("derivative of %s in %s", name,
          paste(set, collapse = " and "))
      )
    }
  }
})

test_that("derivatives that do not exist are errors that name the argument", {
  expect_snapshot(error = TRUE, {
    grad(function(v) psigamma(2, v))(1)
    grad(function(p) qpois(p, 2))(0.4)
    grad(grad(grad(grad(function(a) pgamma(1, a)))))(2)
  })
})
