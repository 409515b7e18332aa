# Types of covariance that are made of the coefficients at once, by functions
# that themselves need covariances: they are registered by the files that make
# them, so that this layer names none. An entry consists of
#   make(fit, spec) -> list(matrix, facts for the text)
#   keep(fit, spec) -> the specification that a fit is to keep; an error where
#            its covariance could not be made
#   methods  values of its setting `method`, which a user may take for types

covariance_types <- new.env(parent = emptyenv())

register_covariance <- function(type, make, keep, methods = character()) {
  covariance_types[[type]] <- list(make = make, keep = keep, methods = methods)
}

is_resampled <- function(spec) !is.null(covariance_types[[spec$type]])

# The type of which this is a method, or NULL.
type_of_method <- function(method) {
  for (type in ls(covariance_types)) {
    if (method %in% covariance_types[[type]]$methods) {
      return(type)
    }
  }
}
