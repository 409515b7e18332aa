#' Values that depend on parameters
#'
#' While a function is recorded its parameters, and what is computed from them,
#' are objects of the S4 class `"traced"`. They behave like the numeric vectors,
#' matrices and arrays that they stand for; [op_table()] lists what can be done
#' with them. Printing one shows its value at the point of recording. They are
#' of no use outside of a function that is being recorded.
#'
#' @name traced-class
#' @eval traced_aliases()
#' @keywords internal
#' @seealso [op_table()], [derivatives], [mle_fit()]
NULL

# The names that R looks for in the documentation of S4 methods.
traced_aliases <- function() {
  namespace <- asNamespace("admle")
  tables <- ls(namespace, all.names = TRUE, pattern = "^[.]__T__")
  aliases <- lapply(tables, function(table) {
    generic <- sub("^[.]__T__(.*):[^:]+$", "\\1", table)
    signatures <- ls(get(table, envir = namespace), all.names = TRUE)
    signatures <- grep("traced", signatures, value = TRUE)
    paste0(generic, ",", gsub("#", ",", signatures), "-method")
  })
  paste("@aliases", unlist(aliases))
}
