# Derivative functions that remember: when a recording may be used again, and
# what is kept with it. The rule is in design/0022; the look at everything that
# the function mentions is in trace-reads.R, the comparison in
# trace/remembered-entry.cpp of src.
#' @include trace-reads.R
#' @include trace.R
NULL

# `remember`: NULL for the rule, TRUE for the user's word that the function
# depends on its arguments alone, FALSE for a recording at each call.
check_remember <- function(remember) {
  if (!is.null(remember)) check_flag(remember, "remember")
  remember
}

is_verifying <- function() identical(getOption("admle.remember"), "verify")

# Keeps the recording behind `result` for the next call of the operator `kind`
# of `f` with respect to `wrt`; `word` is the user's.
keep_recording <- function(f, kind, wrt, word, labels, point, arguments,
                           result) {
  if (point$nested || is.null(point$id) || length(point$warnings) ||
        "..." %in% labels || isFALSE(getOption("admle.remember")) ||
        !all_numbers(result)) {
    return()
  }
  others <- arguments[setdiff(names(arguments), wrt)]
  reads <- if (word) no_reads else collect_reads(f, others)
  if (is.null(reads)) {
    return()
  }
  kept <- lapply(labels, function(label) {
    if (label %in% names(arguments)) arguments[[label]] else quote(expr = )
  })
  remember_entry(f, kind, wrt, word, labels, c(
    list(kept), unname(reads),
    list(remember_plan(point$trace, kind, point$id, point$input), result)
  ))
}

no_reads <- list(symbols = list(), environments = list(), values = list(),
                 modes = integer())

all_numbers <- function(x) {
  if (is.list(x)) {
    return(all(vapply(x, all_numbers, NA)))
  }
  is.double(x) && all(is.finite(x))
}

# options(admle.remember = "verify"): both ways, and they must agree.
check_remembered <- function(known, fresh, kind) {
  known <- as.numeric(unlist(known))
  fresh <- as.numeric(unlist(fresh))
  scale <- max(1, abs(fresh))
  if (length(known) != length(fresh) ||
        !all(abs(known - fresh) <= 1e-8 * scale)) {
    admle_abort("internal", sprintf(paste(
      "A remembered recording gives another %s than a fresh one. Please report",
      "it with the function; options(admle.remember = FALSE) records anew."
    ), kind))
  }
}
