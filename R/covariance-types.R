# Types of covariance matrices. A type is one object, registered by the file
# that makes its matrix; no other file knows one by name. It consists of
#   name, synonyms
#   settings    names of what can be set; `df` can of all
#   variables   those that are variables, which a fit keeps
#   check(settings)  an error for settings that cannot be used
#   expand(settings) -> list(type, settings): it is short for another type
# its computation, one of
#   meat(scores, spec, fit) -> list(meat, facts): of the sandwich
#   theta(fit, spec, information) -> list(matrix, facts), of what is not on a
#               boundary in theta
#   few(fit, spec, information, slopes) -> list(matrix, facts), of some of many
#               coefficients, whose `slopes` by theta are those of
#               covariance-few.R; besides one of the others
#   coefficients(fit, spec) -> list(matrix, facts), of the coefficients; where
#               `resampled`, it takes long and has no small-sample factors
# what is said of it, from the facts, the specification and the adjustment
#   text(made)  what it is made of
#   factor(made)  its own factor, or NULL
# and what others ask
#   need(fit, spec)  an error where the covariance could not be made
#   keep(spec) -> the specification that a fit keeps
#   scores      whether it is made of the contributions of the observations
#   information what it estimates if the likelihood is right, with its name
#   steps       whether it accounts for the error of first steps
#   clusters(fit, spec) -> the ways of clustering that count for `adjust`, `df`
#   clustered   the type that it becomes with clusters
#   adjusts     the type that it is, times n / (n - k)
#   indefinite(made)  whether the matrix may have negative eigenvalues
#   methods     values of its setting `method`, which a user may take for types

covariance_types <- new.env(parent = emptyenv())

# In the order in which messages list them, those that are short for another
# at the end.
register_covariance <- function(name, ..., settings = character(),
                                variables = character(),
                                check = function(settings) NULL,
                                need = function(fit, spec) NULL,
                                keep = identity,
                                factor = function(made) NULL,
                                indefinite = function(made) FALSE,
                                scores = TRUE) {
  type <- list(name = name, settings = settings, variables = variables,
               check = check, need = need, keep = keep, factor = factor,
               indefinite = indefinite, scores = scores, ...)
  all <- covariance_types$all
  all[[name]] <- type
  short <- vapply(all, function(type) !is.null(type$expand), NA)
  covariance_types$all <- all[order(short)]
}

# Where nobody chose one, and where clusters are all that is said.
default_covariance <- "hessian"
clustered_covariance <- "cluster"

# The type of a specification, or of what was given in place of one.
covariance_of <- function(spec) {
  if (!inherits(spec, "vcov_spec")) {
    return(given_covariances[[spec$type]])
  }
  type <- covariance_types$all[[spec$type]]
  if (is.null(type)) {
    admle_abort("unsupported", sprintf(paste(
      "Covariances of type \"%s\" are not known to this session. Call",
      "covariance_type(\"%s\", ...) again."
    ), spec$type, spec$type), argument = "vcov")
  }
  type
}

given_covariances <- lapply(
  c(matrix = "a matrix that was given",
    `function` = "by a function that was given"),
  function(text) list(text = function(made) text, factor = function(made) NULL)
)

is_resampled <- function(spec) isTRUE(covariance_of(spec)$resampled)

takes_clusters <- function(type) "cluster" %in% type$settings

# The type of which this is a method, or NULL.
type_of_method <- function(method) {
  Find(function(type) method %in% type$methods, covariance_types$all)$name
}

# The type that estimates this information.
type_of_information <- function(information) {
  Find(function(type) information %in% names(type$information),
       covariance_types$all)
}

setting <- function(spec, name, default) {
  if (is.null(spec[[name]])) default else spec[[name]]
}
