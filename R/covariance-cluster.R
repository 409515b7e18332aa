# Clustered covariances: scores are summed within clusters before their outer
# product is taken (Liang and Zeger 1986, Biometrika 73, 13-22). With several
# ways of clustering, observations are correlated that share a cluster in any of
# them, and the meat is the sum over ways, minus pairs of ways, plus triples ...
# (Cameron, Gelbach and Miller 2011, Journal of Business and Economic
# Statistics 29, 238-249).

#' @include covariance-sandwich.R
NULL

# -> list(meat, clusters, ways, parameters): the sum over ways of products of
# sums of scores; the number of clusters by way.
cluster_meat <- function(scores, spec, fit) {
  ways <- fit_clusters(fit, spec)
  used <- counted_rows(fit)
  if (!is.null(used)) scores <- scores[used, , drop = FALSE]
  counts <- vapply(ways, max, 0L)
  check_cluster_counts(counts, fit)
  cadjust <- if (is.null(spec$cadjust)) TRUE else spec$cadjust
  meat <- 0
  for (subset in way_subsets(length(ways))) {
    group <- Reduce(crossed_groups, ways[subset])
    size <- if (identical(cadjust, "min")) min(counts) else max(group)
    factor <- if (isFALSE(cadjust)) 1 else size / (size - 1)
    sums <- rowsum(scores, group, reorder = FALSE)
    meat <- meat - (-1)^length(subset) * factor * crossprod(sums)
  }
  list(meat = meat, clusters = counts, ways = length(ways),
       parameters = fit_information(fit)$rank)
}

# Every choice of one or more of the ways.
way_subsets <- function(ways) {
  choices <- lapply(seq_len(ways), function(size) {
    utils::combn(ways, size, simplify = FALSE)
  })
  unlist(choices, recursive = FALSE)
}

crossed_groups <- function(first, second) {
  code <- (first - 1) * max(second) + second
  match(code, unique(code))
}

# The clusters of the observations that count, numbered, by way.
fit_clusters <- function(fit, spec) {
  given <- spec$cluster
  if (is.null(given)) {
    admle_abort("argument", paste(
      "A clustered covariance needs `cluster`, as in",
      "vcov(fit, cluster = ~ firm)."
    ), argument = "cluster")
  }
  used <- counted_rows(fit)
  lapply(unclass(fit_variables(fit, given, "cluster")), function(way) {
    if (!is.null(used)) way <- way[used]
    match(way, unique(way))
  })
}

# Observations with a weight of zero are none.
counted_rows <- function(fit) {
  if (any(fit$weights == 0)) which(fit$weights != 0)
}

# Scores add up to zero at a maximum, so that sums over G clusters have a rank
# of G - 1 at most. `sums_to_zero` is FALSE where something is added to them.
check_cluster_counts <- function(counts, fit, what = "cluster",
                                 sums_to_zero = TRUE) {
  single <- names(counts)[counts < 2L]
  if (length(single)) {
    admle_abort("argument", sprintf(paste(
      "`%s` has one %s only: the variation between %ss cannot be estimated."
    ), single[[1L]], what, what), argument = what)
  }
  parameters <- fit_information(fit)$rank
  few <- counts[counts <= parameters]
  if (length(few) == 0L) {
    return()
  }
  rank <- few[[1L]] - is.null(fit$bias)
  singular <- length(counts) == 1L && sums_to_zero && rank < parameters
  admle_warn("clusters", sprintf(
    "There are no more %ss of `%s` (%d) than parameters (%d): %s.",
    what, names(few)[[1L]], few[[1L]], parameters, if (singular) {
      sprintf(paste(
        "the covariance is singular, of rank %d at most, and tests of more",
        "restrictions than that at once mean nothing"
      ), rank)
    } else {
      "the covariance is not reliable"
    }
  ))
}

# "clustered by `firm` (10 clusters) and `year` (20 clusters)"
clusters_text <- function(clusters, parameters = 0L) {
  counts <- vapply(clusters, function(n) {
    paste0(counted(n, "cluster"), if (n <= parameters) {
      sprintf(", no more than the %s", counted(parameters, "parameter"))
    })
  }, "")
  text <- sprintf("`%s` (%s)", names(clusters), counts)
  paste0("clustered by ", enumerate(text, ""))
}

# Of each term, unless it is set otherwise.
clusters_factor <- function(made) {
  cadjust <- made$spec$cadjust
  if (identical(cadjust, "min")) "G / (G - 1) of the fewest" else
    if (!isFALSE(cadjust)) "G / (G - 1)"
}

check_cadjust <- function(cadjust) {
  if (!is.null(cadjust) && !isTRUE(cadjust) && !isFALSE(cadjust) &&
        !identical(cadjust, "min")) {
    admle_abort("argument", "`cadjust` must be TRUE, FALSE or \"min\".",
                argument = "cadjust")
  }
}

check_fix <- function(fix) if (!is.null(fix)) check_flag(fix, "fix")

register_covariance(
  clustered_covariance, synonyms = c("clustered", "cl"),
  settings = c("cluster", "cadjust", "fix"), variables = "cluster",
  check = function(settings) {
    check_fix(settings$fix)
    check_cadjust(settings$cadjust)
  },
  meat = cluster_meat, clusters = fit_clusters, need = fit_clusters,
  indefinite = function(made) made$ways > 1L,
  text = function(made) clusters_text(made$clusters, made$parameters),
  factor = clusters_factor
)
