# marginaleffects 1.0.0 uses an operator that base R has since 4.4; before, it
# is found if it is attached.
skip_unless_marginaleffects <- function() {
  testthat::skip_if_not_installed("marginaleffects")
  name <- "operator of R 4.4"
  if (getRversion() < "4.4" && !name %in% search()) {
    operator <- getExportedValue("rlang", "%||%")
    attach(list(`%||%` = operator), name = name, warn.conflicts = FALSE)
  }
}
