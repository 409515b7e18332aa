# The table of what can be recorded: operations of the engine, and functions of
# R that are composed of them or only rearrange.

#' Operations and functions that admle records
#'
#' @return A data frame with a row for each operation or function: `name`;
#'   `kind` ("elementwise", "formula", or "function" for what R code composes);
#'   `arity`; `domain`, the ranges of the arguments for which it is tested;
#'   `notes`.
#' @examples
#' head(op_table())
#' subset(op_table(), kind == "function")$name
#' @export
op_table <- function() {
  ops <- named_ops_()
  functions <- setdiff(recorded_functions(), ops$name)
  rbind(
    data.frame(
      name = ops$name, kind = ifelse(ops$elementwise, "elementwise", "formula"),
      arity = ops$arity, domain = ops$domain, notes = ""
    ),
    data.frame(
      name = functions, kind = "function", arity = NA_integer_, domain = "",
      notes = function_notes(functions)
    )
  )
}

# Masked functions and methods, by the name a user writes.
recorded_functions <- function() {
  masked <- sub("^.*?::", "", ls(mask_table))
  internal <- c(
    "::", ":::", "tryCatch", "try", "suppressWarnings", "regularize.values",
    "integrate_effects"
  )
  methods <- c(
    "[", "[<-", "[[", "[[<-", "length", "dim", "names", "dimnames",
    "Re", "Im", "Mod", "Arg", "Conj",
    "%*%", "cumsum", "cumprod", "cummax", "cummin", "is.na", "is.finite",
    unlist(traced_s3_methods)
  )
  sort(unique(c(setdiff(masked, internal), methods)))
}

guarded_functions <- c(
  "any", "all", "which", "which.max", "which.min", "order", "sort", "rank",
  "cummax", "cummin", "quantile", "median", "findInterval", "is.na",
  "is.finite", "paste", "sprintf", "format"
)
function_notes <- function(names) {
  ifelse(names %in% guarded_functions,
    "recorded again when the outcome changes", ""
  )
}
