# Derivative functions that remember: when a recording may be used again, and
# what is kept with it. The rule is in design/0022; the look at everything that
# the function mentions is in trace-reads.R, the comparison in glue_remember.cpp.
#' @include trace-reads.R
#' @include trace.R
NULL

# `remember`: NULL for the rule, TRUE for the user's word that the function
# depends on its arguments alone, FALSE for a recording at each call.
check_remember <- function(remember) {
  if (!is.null(remember)) check_flag(remember, "remember")
  remember
}

# What `remembered_value()` needs besides the arguments.
memory_of <- function(f, kind, labels, wrt, remember) {
  usable <- typeof(f) == "closure" && !isFALSE(remember) &&
    !"..." %in% labels
  list(
    f = f, labels = labels, wrt = match(wrt, labels) - 1L, usable = usable,
    word = isTRUE(remember), kind = kind,
    operation = paste(kind, wrt, isTRUE(remember))
  )
}

recalled <- function(memory, given) {
  if (!memory$usable) {
    return(NULL)
  }
  remembered_value(memory$f, memory$operation, memory$labels, memory$wrt,
                   given$arguments, given$vector)
}

is_verifying <- function() identical(getOption("admle.remember"), "verify")

# Keeps the recording behind `result` for the next call.
keep_recording <- function(memory, point, arguments, result) {
  if (!memory$usable || point$nested || is.null(point$id) ||
        length(point$warnings) || isFALSE(getOption("admle.remember")) ||
        !all_numbers(result)) {
    return()
  }
  given <- arguments[setdiff(names(arguments), memory$labels[memory$wrt + 1L])]
  reads <- if (memory$word) no_reads else collect_reads(memory$f, given)
  if (is.null(reads)) {
    return()
  }
  kept <- lapply(memory$labels, function(label) {
    if (label %in% names(arguments)) arguments[[label]] else quote(expr = )
  })
  plan <- remember_plan(point$trace, memory$kind, point$id, point$input)
  remember_entry(memory$f, memory$operation, memory$wrt, c(
    list(kept), unname(reads), list(plan, result)
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
