# Errors of the recording: which call of the user's own code they are about, and
# what to use instead. The calls are shown as the user wrote them.
#' @include trace-mask.R
NULL

unsupported <- function(what, instead = NULL) {
  e <- unsupported_condition(user_call(), what, instead)
  trace_session$failure <- e
  stop(e)
}

unsupported_condition <- function(call, what, instead) {
  subject <- if (is.null(call)) {
    "The function"
  } else {
    sprintf("`%s`", call_text(call))
  }
  known <- if (is.call(call)) hints[hinted_name(call)] else NA
  hint <- if (is.null(instead) || !is.na(known)) hint_for(call) else instead
  if (!is.na(known)) what <- "it has no recorded form"
  admle_condition("error", "unsupported",
    sprintf(
      "%s cannot be recorded: %s. %s", subject, sub("\\.$", "", what), hint
    ),
    user_call = call
  )
}

call_text <- function(call, width = 60L) {
  # A method of `[`, as it was called.
  if (startsWith(function_name(call), "[.")) call[[1L]] <- as.name("[")
  text <- paste(trimws(deparse(call, width.cutoff = 500L)), collapse = " ")
  if (nchar(text) > width) {
    paste0(substr(text, 1L, width - 4L), " ...")
  } else {
    text
  }
}

# What to use instead of functions that cannot be recorded.
hints <- c(
  filter = "Write the recursion as a for loop.",
  `[.data.table` = paste(
    "data.table evaluates what is in the brackets out of sight: write",
    "with(d, ...), or take the columns, as in d$y."
  ),
  model.frame = "Write the linear predictor as X %*% b.",
  model.matrix = "Build the model matrix outside of the function."
)

hinted_name <- function(call) sub("[.]default$", "", function_name(call))

# The name of what is called, also of stats::filter(); "" for other calls.
function_name <- function(call) {
  if (!is.call(call)) {
    return("")
  }
  head <- call[[1L]]
  if (is.call(head) && as.character(head[[1L]])[[1L]] %in% c("::", ":::")) {
    head <- head[[3L]]
  }
  if (is.symbol(head)) as.character(head) else ""
}

hint_for <- function(call) {
  name <- hinted_name(call)
  if (name %in% names(hints)) {
    return(hints[[name]])
  }
  paste(
    "Compute it outside of the function",
    "if it does not depend on the parameters;",
    "op_table() lists what can be recorded."
  )
}

# The innermost call made from the user's own code, as the user wrote it.
# `error`: a condition being raised, whose call counts when a primitive that
# leaves no frame was called by the user's code itself.
user_call <- function(error = NULL) {
  found <- user_frame()
  if (!is.null(error) && found$own > found$call &&
      !is.null(conditionCall(error))) {
    return(unwrap(conditionCall(error)))
  }
  if (found$call == 0L) {
    return(NULL)
  }
  call <- sys.call(found$call)
  if (is.symbol(call[[1L]]) &&
      startsWith(as.character(call[[1L]]), ".admle_lift")) {
    target <- as.call(list(as.name(call[[4L]]), unwrap(call[[3L]]), quote(...)))
    return(call("<-", target, unwrap(call[[2L]])))
  }
  unwrap(call)
}

# Frames: `call`, the call made by user code into other code; `first` and `own`,
# the first and the last frame of user code.
user_frame <- function() {
  n <- sys.nframe() - 1L
  parents <- sys.parents()
  own <- vapply(seq_len(n), function(k) is_users_code(sys.function(k)), NA)
  called <- which(parents[seq_len(n)] %in% which(own) & !own)
  calls <- vapply(called, function(k) {
    head <- sys.call(k)[[1L]]
    !(is.symbol(head) && as.character(head) %in% wrapper_names)
  }, NA)
  if (any(calls)) called <- called[calls]
  list(
    call = if (length(called)) max(called) else 0L,
    own = if (any(own)) max(which(own)) else 0L,
    first = if (any(own)) min(which(own)) else 0L
  )
}

# Called from C++ in locate mode: the number of the user's call being recorded.
current_origin <- function() {
  found <- user_frame()
  if (found$call == 0L) {
    return(-1L)
  }
  call <- unwrap(sys.call(found$call))
  around <- sys.parents()[[found$call]]
  # The function being recorded is called by us: the user wrote no such call.
  within <- if (around != found$first) unwrap(sys.call(around))
  key <- paste(deparse(call, nlines = 5L), collapse = "\n")
  known <- trace_session$keys[[key]]
  if (is.null(known)) {
    known <- length(trace_session$calls) + 1L
    trace_session$calls[[known]] <- list(call = call, within = within)
    assign(key, known, envir = trace_session$keys)
  }
  known
}

# Whether an error, being raised, is a function's word on its arguments: by
# stop() or stopifnot(), or of a matrix that cannot be factorised, or of a
# condition that is NA. NULL otherwise.
is_deliberate <- function(e) {
  head <- function_name(conditionCall(e))
  fails <- head %in% c("chol.default", "solve.default", "chol2inv",
                       "backsolve", "qr.solve") ||
    head %in% c("if", "while") && !grepl("length", conditionMessage(e))
  calls <- vapply(sys.calls(), function_name, "")
  if (fails || any(calls %in% c("stopifnot", "abort"))) {
    return(TRUE)
  }
  # Base R's own methods, as those of factors and dates, stop() for a mistake.
  by <- sys.parents()[calls == "stop"]
  own <- vapply(by, function(k) {
    k > 0L && identical(environment(sys.function(k)), .BaseNamespaceEnv)
  }, NA)
  if (any(!own)) TRUE
}
