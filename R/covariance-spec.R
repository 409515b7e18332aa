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
  if (type == "newey-west") {
    type <- "hac"
    settings <- newey_west_settings(settings)
  }
  check_settings(settings, type)
  structure(c(list(type = type), settings), class = "vcov_spec")
}

# The kernel of Newey and West (1987), with their automatic number of lags.
newey_west_settings <- function(settings) {
  automatic <- is.null(settings$lag) && is.null(settings$bandwidth)
  if (automatic) settings$lag <- "newey-west"
  if (is.null(settings$kernel)) settings$kernel <- "bartlett"
  settings
}

# The types and what can be set about them; `df` can about all.
covariance_settings <- list(
  hessian = character(),
  expected = c("simulations", "seed"),
  opg = character(),
  stacked = c("cluster", "cadjust"),
  `murphy-topel` = character(),
  sandwich = character(),
  HC1 = character(),
  cluster = c("cluster", "cadjust", "fix"),
  hac = c("kernel", "bandwidth", "lag", "prewhite", "time"),
  `driscoll-kraay` = c("time", "kernel", "bandwidth", "lag"),
  conley = c("coordinates", "cutoff", "distance", "kernel", "fix"),
  bootstrap = c("R", "method", "cluster", "seed", "multipliers", "parallel",
                "progress", "max_failed"),
  jackknife = c("cluster", "exact", "center")
)

# As Stata, sandwich and econometricians call them.
covariance_synonyms <- c(
  oim = "hessian", observed = "hessian", eim = "expected",
  robust = "sandwich", hc = "sandwich", hc0 = "sandwich", hc1 = "HC1",
  clustered = "cluster", cl = "cluster", nw = "newey-west",
  dk = "driscoll-kraay", spatial = "conley"
)

canonical_type <- function(type, argument = "type") {
  choices <- c(names(covariance_settings), "newey-west")
  if (is.character(type) && length(type) == 1L) {
    plain <- gsub("[ _]", "-", tolower(type))
    if (plain %in% names(covariance_synonyms)) {
      return(covariance_synonyms[[plain]])
    }
    if (plain %in% choices) {
      return(plain)
    }
  }
  of <- if (is.character(type) && length(type) == 1L) type_of_method(type)
  if (!is.null(of)) {
    admle_abort("argument", sprintf(paste(
      "\"%s\" is a method of the %s, as in",
      "vcov(fit, \"%s\", method = \"%s\")."
    ), type, of, of, type), argument = argument)
  }
  match_choice(type, choices, argument)
}

check_settings <- function(settings, type) {
  own <- c(covariance_settings[[type]], "df")
  unknown <- setdiff(names(settings), own)
  if ("cluster" %in% unknown) abort_unclustered(type)
  if (length(unknown)) {
    admle_abort("argument", sprintf(
      "%s cannot be set for a covariance of type \"%s\", only %s.",
      enumerate(unknown), type, enumerate(own)
    ), argument = unknown[[1L]])
  }
  check_smoothing(settings, type)
  if (!is.null(settings$fix)) check_flag(settings$fix, "fix")
  if (!is.null(settings$seed)) check_seed_number(settings$seed)
  if (!is.null(settings$cadjust)) check_cadjust(settings$cadjust)
  df <- settings$df
  if (!is.null(df) && !identical(df, "clusters") &&
        !(is.numeric(df) && length(df) == 1L && !is.na(df) && df > 0)) {
    admle_abort("argument", paste(
      "`df` must be the degrees of freedom of the t distribution (Inf for the",
      "normal), or \"clusters\" for the number of clusters less one."
    ), argument = "df")
  }
  if (identical(df, "clusters") && type != "cluster") {
    admle_abort("argument", sprintf(
      "`df = \"clusters\"` needs clusters; the covariance is of type \"%s\".",
      type
    ), argument = "df")
  }
}

check_cadjust <- function(cadjust) {
  if (!isTRUE(cadjust) && !isFALSE(cadjust) && !identical(cadjust, "min")) {
    admle_abort("argument", "`cadjust` must be TRUE, FALSE or \"min\".",
                argument = "cadjust")
  }
}

abort_unclustered <- function(type) {
  takes <- Filter(takes_clusters, names(covariance_settings))
  factor <- if (type == "HC1") {
    paste0(" With `adjust = TRUE` there is a factor for the number of ",
           "parameters, too.")
  }
  admle_abort("argument", sprintf(paste0(
    "A covariance of type \"%s\" has no clusters. Leave out the type for a ",
    "clustered sandwich; other types with clusters are %s.%s"
  ), type, enumerate(setdiff(takes, "cluster"), "\""),
  if (is.null(factor)) "" else factor), argument = "cluster")
}

# Rules by which a number of lags or a bandwidth is chosen.
bandwidth_rules <- list(
  hac = list(lag = "newey-west", bandwidth = c("andrews", "newey-west")),
  `driscoll-kraay` = list(lag = c("NW1987", "NW1994"), bandwidth = character())
)

check_smoothing <- function(settings, type) {
  given <- intersect(c("lag", "bandwidth"), names(settings))
  if (length(given) > 1L) {
    admle_abort("argument", paste(
      "`lag` and `bandwidth` say the same (a bandwidth of lag + 1). Give one",
      "of them."
    ), argument = "lag")
  }
  for (name in given) {
    value <- settings[[name]]
    rules <- bandwidth_rules[[type]][[name]]
    number <- is.numeric(value) && length(value) == 1L &&
      isTRUE(is.finite(value) && value >= 0)
    if (!number && !(is.character(value) && length(value) == 1L &&
                       value %in% rules)) {
      admle_abort("argument", sprintf(
        "`%s` must be a number that is not negative%s.", name,
        if (length(rules)) paste(", or", paste0("\"", rules, "\"",
                                                collapse = " or ")) else ""
      ), argument = name)
    }
  }
  if (!is.null(settings$kernel) && type != "conley") {
    kernel_name(settings$kernel)
  }
}

# What the arguments of a function say: a specification, or whatever else was
# given as `vcov` (a matrix, a function). Nothing said means the fit's own, and
# its own type means its own settings where they are not said.
covariance_wanted <- function(vcov = NULL, type = NULL, vce = NULL,
                              cluster = NULL, ..., own = NULL) {
  said_nothing <- is.null(vcov) && is.null(type) && is.null(vce) &&
    is.null(cluster) && ...length() == 0L
  if (said_nothing && inherits(own, "vcov_spec")) {
    return(own)
  }
  said <- list(vcov = vcov, type = type, vce = vce)
  said <- said[lengths(said) > 0L]
  if (length(said) > 1L) {
    admle_abort("argument", sprintf(
      "%s mean the same. Give one of them.", enumerate(names(said))
    ), argument = names(said)[[2L]])
  }
  argument <- names(said)
  said <- if (length(said)) said[[1L]]
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
    said <- if (!identical(own$type, "stacked")) "cluster"
  }
  if (is.character(said)) said <- canonical_type(said, argument)
  if (!is.null(cluster)) {
    settings$cluster <- cluster
    said <- with_clusters(said, own)
  }
  if (!is.null(said) && !is.character(said) && !inherits(said, "vcov_spec")) {
    admle_abort("argument", sprintf(
      "`vcov` must be a type, a formula, a matrix or a function, not %s.",
      described(said)
    ), argument = "vcov")
  }
  base <- if (is.null(said)) own else said
  if (is.character(base) && !is.null(own) &&
        identical(base, own$type)) {
    base <- own
  }
  do.call(vcov_spec, c(list(base), settings))
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
    return(if (takes_clusters(own$type)) own else "cluster")
  }
  if (inherits(said, "vcov_spec")) {
    return(said)
  }
  if (said == "sandwich") "cluster" else said
}

takes_clusters <- function(type) "cluster" %in% covariance_settings[[type]]

# Whether the covariance is made of the contributions of the observations.
needs_scores <- function(spec) !spec$type %in% c("hessian", "expected")

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
