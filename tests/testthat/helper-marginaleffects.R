# marginaleffects 1.0.0 uses an operator that base R has since 4.4; before, it is
# found if rlang, on which it depends, is attached.
skip_unless_marginaleffects <- function(frame = parent.frame()) {
  testthat::skip_if_not_installed("marginaleffects")
  if (getRversion() < "4.4") {
    operator <- getExportedValue("rlang", "%||%")
    name <- "operator of R 4.4"
    attach(list(`%||%` = operator), name = name, warn.conflicts = FALSE)
    withr::defer(detach(name, character.only = TRUE), envir = frame)
  }
}
