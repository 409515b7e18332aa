# Arithmetic, comparison and logic of traced values: one method for each
# operator, since a group generic costs three times as much. A comparison of
# single numbers gives a plain logical and records a guard (in C++).
#' @include traced.R
NULL

# What is neither number nor traced is refused in C++, factors and data frames
# included. The call is spelled out: the wrapper around it costs as much again.
binary_operator <- function(name, kind) {
  eval(bquote(function(e1, e2) {
    .Call(`_admle_traced_binary`, .(name), e1, e2, .(kind))
  }))
}

arithmetic_operators <- c(
  "*" = "mul", "/" = "div", "^" = "pow", "%%" = "mod", "%/%" = "int_div"
)
comparison_operators <- c(
  "<" = "lt", "<=" = "le", ">" = "gt", ">=" = "ge", "==" = "eq", "!=" = "ne"
)
logical_operators <- c("&" = "logical_and", "|" = "logical_or")

# Quotients and powers of whole numbers need not be whole; the others are.
operator_kinds <- c(
  mul = -1L, div = kind_number, pow = kind_number, mod = -1L,
  int_div = kind_whole, add = -1L, sub = -1L
)

for (operator in names(arithmetic_operators)) {
  name <- arithmetic_operators[[operator]]
  method <- binary_operator(name, operator_kinds[[name]])
  setMethod(operator, signature("traced", "traced"), method)
  setMethod(operator, signature("traced", "ANY"), method)
  setMethod(operator, signature("ANY", "traced"), method)
}
for (operator in c(names(comparison_operators), names(logical_operators))) {
  name <- c(comparison_operators, logical_operators)[[operator]]
  method <- binary_operator(name, kind_logical)
  setMethod(operator, signature("traced", "traced"), method)
  setMethod(operator, signature("traced", "ANY"), method)
  setMethod(operator, signature("ANY", "traced"), method)
}
for (operator in c("+", "-")) {
  method <- binary_operator(c("+" = "add", "-" = "sub")[[operator]], -1L)
  setMethod(operator, signature("traced", "traced"), method)
  setMethod(operator, signature("traced", "ANY"), method)
  setMethod(operator, signature("ANY", "traced"), method)
}
rm(operator, name, method)

setMethod("+", signature("traced", "missing"), function(e1, e2) e1)
setMethod("-", signature("traced", "missing"), function(e1, e2) {
  traced_unary("neg", e1, -1L)
})
setMethod("!", "traced", function(x) {
  traced_unary("logical_not", x, kind_logical)
})

# A condition on a vector, as 0 and 1 even where a number was given.
as_condition <- function(x) {
  if (!is_traced(x)) {
    return(x)
  }
  if (traced_kind(x) == kind_logical) {
    x
  } else {
    traced_binary("ne", x, 0, kind_logical)
  }
}

# ifelse() is a selection: no guard, both branches are recorded. R gives the
# result the shape of the test; a plain test selects by position.
traced_ifelse <- function(test, yes, no) {
  if (is_traced(test) || length(test) == 0L) {
    return(traced_select(as_condition(test), yes, no))
  }
  if (is.atomic(test) && typeof(test) != "logical") {
    storage.mode(test) <- "logical"
  }
  keep <- if (is.null(dim(test))) names(test) else dimnames(test)
  if (all(test, na.rm = FALSE) %in% TRUE) {
    return(recycled(yes, length(test), dim(test), keep))
  }
  if (any(test, na.rm = FALSE) %in% FALSE) {
    return(recycled(no, length(test), dim(test), keep))
  }
  traced_select(test, yes, no)
}

# A plain or traced vector recycled or cut to a length, with new attributes.
recycled <- function(x, length, dim = NULL, names = NULL) {
  if (!is_traced(x)) {
    x <- rep_len(as.vector(x), length)
    if (is.null(dim)) {
      names(x) <- names
    } else {
      dim(x) <- dim
      dimnames(x) <- names
    }
    return(x)
  }
  if (length(x) > length) {
    return(traced_gather(x, seq_len(length), dim, names))
  }
  traced_recycle(x, length, dim, names)
}

# pmin() and pmax(): selections of the smaller or larger, NA wins.
traced_parallel <- function(name, arguments, na.rm = FALSE) {
  check_plain(na.rm = na.rm)
  shape <- arguments[[1L]]
  out <- Reduce(function(x, y) {
    if (na.rm) {
      n <- max(length(x), length(y))
      filled <- list(recycled(flat(x), n), recycled(flat(y), n))
      x <- traced_ifelse(is.na(filled[[1L]]), filled[[2L]], filled[[1L]])
      y <- traced_ifelse(is.na(filled[[2L]]), filled[[1L]], filled[[2L]])
    }
    traced_function(name, list(x, y), -1L)
  }, arguments)
  if (length(out) != length(shape)) {
    return(flat(out))
  }
  # The first argument gives the attributes, as in base R.
  traced_as(out, dim(shape), shape_names(shape), traced_kind(out))
}
