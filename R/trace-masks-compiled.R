# Compiled code sees numbers only: what calls it is recorded as long as that is
# given nothing that depends on parameters, whoever's code makes the call.
#' @include trace-masks.R
NULL

# A routine given by its name is looked up in the package of the caller.
foreign_mask <- function(name) {
  original <- call("::", quote(base), as.name(name))
  eval(bquote(function(.NAME, ...) {
    if (contains_traced(list(...))) {
      unsupported(
        .(paste0("compiled code, called by ", name, "(), has no derivative")),
        paste("Use derivatives = \"numeric\", or give the derivative by",
              "with_derivative().")
      )
    }
    if (!is.character(.NAME)) return(.(original)(.NAME, ...))
    call <- sys.call()
    call[[1L]] <- quote(.(original))
    eval(call, parent.frame())
  }))
}

define_masks("base",
  .Call = foreign_mask(".Call"), .External = foreign_mask(".External"),
  .C = foreign_mask(".C"), .Fortran = foreign_mask(".Fortran")
)
