# Which covariance matrix is meant, as one small object: a type and its
# settings. Whatever a user writes -- a type, Stata's words, the clusters as a
# formula -- becomes a specification; a fit keeps one as `fit$covariance`, and
# covariance-make.R makes the matrix of it.

#' Specification of a covariance matrix
#'
#' A type of [vcov.mle_fit()] with its settings, for the argument `vcov` of
#' [mle_fit()], [summary.mle_fit()] and all other functions that have one.
#' `vcov(fit, "hac", kernel = "parzen")` is short for
#' `vcov(fit, vcov_spec("hac", kernel = "parzen"))`.
#'
#' @param type One of the types of [vcov.mle_fit()] or their synonyms.
#' @param ... Settings of this type, see [vcov.mle_fit()].
#' @return An object of class `"vcov_spec"`, a list of `type` and the settings.
#'   An error of class `admle_error_argument` for an unknown type or a setting
#'   that it does not have.
#' @examples
#' vcov_spec("cluster", cluster = ~ Chick, cadjust = FALSE)
#' fit <- mle_fit(weight ~ Time, data = ChickWeight,
#'                vcov = vcov_spec("cluster", cluster = ~ Chick,
#'                                 df = "clusters"))
#' summary(fit)
#' @export
vcov_spec <- function(type, ...) {
  settings <- list(...)
  if (length(settings) && (is.null(names(settings)) ||
                             any(names(settings) == ""))) {
    admle_abort("argument", "The settings of a covariance must be named.")
  }
  if (inherits(type, "vcov_spec")) {
    settings <- utils::modifyList(unclass(type), settings, keep.null = TRUE)
    type <- settings$type
    settings$type <- NULL
  }
  type <- canonical_type(type)
  short <- covariance_types$all[[type]]$expand
  if (!is.null(short)) {
    meant <- short(settings)
    type <- meant$type
    settings <- meant$settings
  }
  check_settings(settings, covariance_types$all[[type]])
  structure(c(list(type = type), settings), class = "vcov_spec")
}

# As Stata, sandwich and econometricians call them.
canonical_type <- function(type, argument = "type") {
  types <- covariance_types$all
  if (is.character(type) && length(type) == 1L) {
    plain <- gsub("[ _]", "-", tolower(type))
    known <- Find(function(known) {
      type == known$name || plain %in% c(known$name, known$synonyms)
    }, types)
    if (!is.null(known)) {
      return(known$name)
    }
    of <- type_of_method(type)
    if (!is.null(of)) {
      admle_abort("argument", sprintf(paste(
        "\"%s\" is a method of the %s, as in",
        "vcov(fit, \"%s\", method = \"%s\")."
      ), type, of, of, type), argument = argument)
    }
  }
  match_choice(type, names(types), argument)
}

check_settings <- function(settings, type) {
  own <- c(type$settings, "df")
  unknown <- setdiff(names(settings), own)
  if ("cluster" %in% unknown) abort_unclustered(type)
  if (length(unknown)) {
    admle_abort("argument", sprintf(
      "%s cannot be set for a covariance of type \"%s\", only %s.",
      enumerate(unknown), type$name, enumerate(own)
    ), argument = unknown[[1L]])
  }
  type$check(settings)
  df <- settings$df
  if (!is.null(df) && !identical(df, "clusters") &&
        !(is.numeric(df) && length(df) == 1L && !is.na(df) && df > 0)) {
    admle_abort("argument", paste(
      "`df` must be the degrees of freedom of the t distribution (Inf for the",
      "normal), or \"clusters\" for the number of clusters less one."
    ), argument = "df")
  }
  if (identical(df, "clusters") && is.null(type$clusters)) {
    admle_abort("argument", sprintf(
      "`df = \"clusters\"` needs clusters; the covariance is of type \"%s\".",
      type$name
    ), argument = "df")
  }
}

abort_unclustered <- function(type) {
  takes <- names(Filter(takes_clusters, covariance_types$all))
  factor <- if (!is.null(type$adjusts)) {
    paste0(" With `adjust = TRUE` there is a factor for the number of ",
           "parameters, too.")
  }
  admle_abort("argument", sprintf(paste0(
    "A covariance of type \"%s\" has no clusters. Leave out the type for a ",
    "clustered sandwich; other types with clusters are %s.%s"
  ), type$name, enumerate(setdiff(takes, clustered_covariance), "\""),
  if (is.null(factor)) "" else factor), argument = "cluster")
}

# What the arguments of a function say: a specification, or whatever else was
# given as `vcov` (a matrix, a function). Nothing said means the fit's own, and
# its own type means its own settings where they are not said.
covariance_wanted <- function(vcov = NULL, cluster = NULL, ..., own = NULL,
                              argument = "vcov") {
  check_renamed(list(...), argument)
  if (is.null(vcov) && is.null(cluster) && ...length() == 0L &&
        inherits(own, "vcov_spec")) {
    return(own)
  }
  said <- vcov
  settings <- list(...)
  if (is.matrix(said) || is.function(said)) {
    return(said)
  }
  named <- clusters_named(said)
  if (!is.null(named)) {
    if (!is.null(cluster)) {
      admle_abort("argument", "The clusters are given twice.",
                  argument = "cluster")
    }
    cluster <- named
    of <- if (!is.null(own)) covariance_of(own)
    said <- if (!(isTRUE(of$steps) && takes_clusters(of))) clustered_covariance
  }
  if (is.character(said)) said <- canonical_type(said, argument)
  if (!is.null(cluster)) {
    settings$cluster <- cluster
    said <- with_clusters(said, own)
  }
  if (!is.null(said) && !is.character(said) && !inherits(said, "vcov_spec")) {
    abort_no_covariance(said)
  }
  base <- if (is.null(said)) own else said
  if (is.character(base) && !is.null(own) &&
        identical(base, own$type)) {
    base <- own
  }
  do.call(vcov_spec, c(list(base), settings))
}

# Names that the choice of a covariance had elsewhere or before.
check_renamed <- function(given, argument = "vcov") {
  for (name in intersect(names(given), c("vcov", "vce", "type"))) {
    admle_abort("argument", sprintf(
      "A covariance is chosen by `%s` here, not by `%s`.", argument, name
    ), argument = name)
  }
}

# Stata's name, of mle_fit() and summary().
vcov_or_vce <- function(vcov, vce) {
  if (!is.null(vcov) && !is.null(vce)) {
    admle_abort("argument",
                "`vcov` and `vce` mean the same. Give one of them.",
                argument = "vce")
  }
  if (is.null(vce)) vcov else vce
}

# A formula, or Stata's "cluster firm" -> what `cluster` would be; or NULL.
clusters_named <- function(said) {
  if (inherits(said, "formula")) {
    return(said)
  }
  if (is.character(said) && length(said) == 1L &&
        grepl("^cluster +[^ ]", said)) {
    strsplit(said, " +")[[1L]][-1L]
  }
}

# The robust types are clustered when clusters are given.
with_clusters <- function(said, own) {
  if (is.null(said)) {
    clustered <- !is.null(own) && takes_clusters(covariance_of(own))
    return(if (clustered) own else clustered_covariance)
  }
  clustered <- if (is.character(said)) covariance_types$all[[said]]$clustered
  if (is.null(clustered)) said else clustered
}

#' @export
print.vcov_spec <- function(x, ...) {
  cat("Covariance of type \"", x$type, "\"", sep = "")
  settings <- x[setdiff(names(x), "type")]
  if (length(settings)) {
    shown <- vapply(settings, function(value) {
      if (is.list(value)) enumerate(names(value)) else
        deparse(value, nlines = 1L)[[1L]]
    }, "")
    cat(": ", paste(names(settings), "=", shown, collapse = ", "), sep = "")
  }
  cat("\n")
  invisible(x)
}
