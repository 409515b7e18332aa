# Masks of text, output, warnings and tryCatch(). An error of ours that the
# user's handler swallows still fails the recording (trace.R).
#' @include trace-masks.R
NULL

define_masks("base",
  paste = text_mask("paste"), paste0 = text_mask("paste0"),
  sprintf = text_mask("sprintf"), format = text_mask("format"),
  formatC = text_mask("formatC"), as.character = text_mask("as.character"),
  toString = text_mask("toString"), deparse = text_mask("deparse"),
  cat = display_mask("cat"), message = display_mask("message"),
  suppressWarnings = function(expr, classes = "warning") {
    withCallingHandlers(expr, warning = function(w) {
      if (inherits(w, classes)) {
        note_warning(w)
        tryInvokeRestart("muffleWarning")
      }
    })
  },
  tryCatch = function(expr, ..., finally) {
    enter_catching()
    on.exit(leave_catching())
    if (missing(finally)) {
      base::tryCatch(withCallingHandlers(expr, error = note_caught), ...)
    } else {
      base::tryCatch(
        withCallingHandlers(expr, error = note_caught), ..., finally = finally
      )
    }
  },
  try = function(expr, silent = FALSE, ...) {
    enter_catching()
    on.exit(leave_catching())
    base::try(withCallingHandlers(expr, error = note_caught), silent, ...)
  }
)

enter_catching <- function() {
  trace_session$catching <- trace_session$catching + 1L
}
leave_catching <- function() {
  trace_session$catching <- trace_session$catching - 1L
}
note_caught <- function(e) {
  trace_session$caught <- c(trace_session$caught, conditionMessage(e))
}
note_warning <- function(w) {
  trace_session$warned <- c(trace_session$warned, conditionMessage(w))
}
