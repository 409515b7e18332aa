# The positive list: functions whose value depends on their arguments alone, and
# on nothing that a program can change. A function that is not listed may read
# elsewhere or have effects; what calls it is not remembered.

pure_functions <- list(
  base = c(
    "{", "(", "if", "for", "while", "repeat", "break", "next", "return",
    "function", "<-", "=", "[", "[[", "$", "[<-", "[[<-", "$<-", "missing",
    "+", "-", "*", "/", "^", "%%", "%/%", "%*%", "%o%", "%x%", "%in%",
    "==", "!=", "<", ">", "<=", ">=", "!", "&", "&&", "|", "||", "xor",
    "isTRUE", "isFALSE", ":", "c", "list", "unlist", "append", "rev", "sort",
    "order", "rank", "unique", "duplicated", "which", "which.max", "which.min",
    "match", "tabulate", "findInterval", "rle", "seq", "seq_len", "seq_along",
    "seq.int", "rep", "rep_len", "rep.int", "numeric", "double", "integer",
    "logical", "character", "vector", "matrix", "array", "cbind", "rbind",
    "length", "nrow", "ncol", "NROW", "NCOL", "dim", "names", "dimnames",
    "rownames", "colnames", "setdiff", "union", "intersect", "nlevels",
    "levels", "length<-", "dim<-", "names<-", "dimnames<-", "rownames<-",
    "colnames<-", "diag<-", "attr", "unname", "as.numeric", "as.double",
    "as.integer", "as.logical", "as.vector", "as.matrix", "as.list",
    "is.null", "is.na", "is.nan", "is.finite", "is.infinite", "is.numeric",
    "is.matrix", "is.vector", "is.list", "is.function", "is.logical", "anyNA",
    "identical", "abs", "sqrt", "exp", "expm1", "log", "log1p", "log2",
    "log10", "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh",
    "cosh", "tanh", "asinh", "acosh", "atanh", "sinpi", "cospi", "tanpi",
    "gamma", "lgamma", "digamma", "trigamma", "psigamma", "beta", "lbeta",
    "choose", "lchoose", "factorial", "lfactorial", "sign", "floor", "ceiling",
    "trunc", "round", "signif", "sum", "prod", "mean", "max", "min", "range",
    "any", "all", "pmin", "pmax", "ifelse", "switch", "cumsum", "cumprod",
    "cummax", "cummin", "diff", "outer", "crossprod", "tcrossprod",
    "kronecker", "t", "diag", "det", "determinant", "solve", "chol",
    "chol2inv", "backsolve", "forwardsolve", "norm", "row", "col", "lower.tri",
    "upper.tri", "rowSums", "colSums", "rowMeans", "colMeans", "aperm",
    "rowsum", "scale", "sweep", "drop", "apply", "sapply", "lapply", "vapply",
    "mapply", "Map", "Reduce", "Filter", "do.call", "match.fun", "tapply",
    "split", "unsplit", "invisible", "stop", "warning", "stopifnot",
    "identity", "nchar", "replace", "Negate", "Vectorize", "as.factor", "factor"
  ),
  stats = c(
    "setNames", "var", "sd", "cov", "cor", "median", "weighted.mean", "cov2cor",
    "mahalanobis", "toeplitz", "embed", "filter",
    "plogis", "qlogis", "dnorm", "pnorm",
    "qnorm", "dlnorm", "plnorm", "qlnorm", "dlogis", "dt", "pt", "qt",
    "dcauchy", "pcauchy", "qcauchy", "dgamma", "pgamma", "qgamma", "dbeta",
    "pbeta", "qbeta", "dexp", "pexp", "qexp", "dweibull", "pweibull",
    "qweibull", "dchisq", "pchisq", "qchisq", "df", "pf", "qf", "dunif",
    "punif", "qunif", "dbinom", "pbinom", "qbinom", "dpois", "ppois", "qpois",
    "dgeom", "pgeom", "qgeom", "dnbinom", "pnbinom", "qnbinom", "dhyper",
    "dmultinom"
  ),
  utils = c("head", "tail"),
  admle = c(
    "grad", "value_and_grad", "jacobian", "hessian", "hvp", "vjp", "jvp"
  )
)
# Functions that take the name of a function as text, and those that make text
# of which this file sees nothing: the two together are not followed.
takes_names <- c("apply", "sapply", "lapply", "vapply", "mapply", "Map",
                 "Reduce", "Filter", "do.call", "match.fun", "tapply", "outer",
                 "sweep", "kronecker", "Vectorize", "Negate")
makes_text <- c("names", "dimnames", "rownames", "colnames", "levels", "attr",
                "as.vector", "as.list")

# Addresses of the functions on the list; densities of admle's are on it, too.
pure_registry <- function() {
  if (is.null(trace_session$pure)) {
    known <- new.env()
    own <- getNamespaceExports("admle")
    listed <- pure_functions
    listed$admle <- c(listed$admle, grep("^[dpq][a-z]+$", own, value = TRUE))
    for (package in names(listed)) {
      where <- asNamespace(package)
      for (name in listed[[package]]) {
        f <- get0(name, envir = where, inherits = FALSE)
        if (is.function(f)) assign(function_key(f), TRUE, envir = known)
      }
    }
    trace_session$pure <- known
  }
  trace_session$pure
}

is_pure <- function(f) isTRUE(pure_registry()[[function_key(f)]])
