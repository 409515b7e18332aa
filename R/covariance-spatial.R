# Covariances for scores that are correlated in space: products of the scores of
# all pairs of observations that are closer than a cutoff (Conley 1999, Journal
# of Econometrics 92, 1-45).

#' @include covariance-driscoll-kraay.R
NULL

# -> list(meat, kernel, cutoff, distance)
conley_meat <- function(scores, spec, fit) {
  places <- fit_places(fit, spec)
  cutoff <- checked_cutoff(spec$cutoff)
  kernel <- kernel_name(setting(spec, "kernel", "bartlett"),
                        spatial_kernels)
  distance <- match_choice(setting(spec, "distance", "haversine"),
                           c("haversine", "euclidean"), "distance")
  if (distance == "haversine") check_degrees(places)
  list(meat = spatial_product(scores, places, cutoff, kernel, distance),
       kernel = kernel, cutoff = cutoff, distance = distance)
}

# Kilometres.
earth_radius <- 6371

# Sorted by the first coordinate, so that a block of observations is compared
# only with those that can be close.
spatial_product <- function(scores, places, cutoff, kernel, distance) {
  sorted <- order(places[, 1L])
  scores <- scores[sorted, , drop = FALSE]
  places <- places[sorted, , drop = FALSE]
  first <- places[, 1L]
  window <- if (distance == "haversine") {
    cutoff / earth_radius * 180 / pi
  } else {
    cutoff
  }
  # Rounding must not lose a pair at the cutoff.
  window <- window * (1 + 1e-9)
  n <- length(first)
  product <- 0
  for (start in seq(1L, n, by = 256L)) {
    block <- start:min(start + 255L, n)
    near <- which(first >= first[[start]] - window &
                    first <= first[[block[[length(block)]]]] + window)
    apart <- distances(places[block, , drop = FALSE],
                       places[near, , drop = FALSE], distance)
    weights <- kernel_weight(apart / cutoff, kernel)
    dim(weights) <- dim(apart)
    product <- product + crossprod(
      scores[block, , drop = FALSE],
      weights %*% scores[near, , drop = FALSE]
    )
  }
  (product + t(product)) / 2
}

# Between the rows of two matrices of coordinates.
distances <- function(from, to, distance) {
  if (distance == "euclidean") {
    squares <- lapply(seq_len(ncol(from)), function(j) {
      outer(from[, j], to[, j], "-")^2
    })
    return(sqrt(Reduce(`+`, squares)))
  }
  from <- from * pi / 180
  to <- to * pi / 180
  half <- sin(outer(from[, 1L], to[, 1L], "-") / 2)^2 +
    outer(cos(from[, 1L]), cos(to[, 1L])) *
    sin(outer(from[, 2L], to[, 2L], "-") / 2)^2
  2 * earth_radius * asin(sqrt(pmin(half, 1)))
}

fit_places <- function(fit, spec) {
  given <- spec$coordinates
  if (is.null(given)) {
    admle_abort("argument", paste(
      "A spatial covariance needs `coordinates`, as in",
      "vcov(fit, \"conley\", coordinates = ~ latitude + longitude,",
      "cutoff = 100)."
    ), argument = "coordinates")
  }
  places <- unclass(fit_variables(fit, given, "coordinates"))
  numeric <- vapply(places, is.numeric, NA)
  if (!all(numeric)) {
    admle_abort("argument", sprintf("The coordinate `%s` is not numeric.",
                                    names(places)[!numeric][[1L]]),
                argument = "coordinates")
  }
  do.call(cbind, places)
}

checked_cutoff <- function(cutoff) {
  if (!is.numeric(cutoff) || length(cutoff) != 1L ||
        !isTRUE(is.finite(cutoff) && cutoff > 0)) {
    admle_abort("argument", paste(
      "`cutoff` must be the distance beyond which observations are",
      "independent, a positive number."
    ), argument = "cutoff")
  }
  cutoff
}

check_degrees <- function(places) {
  if (ncol(places) != 2L) {
    admle_abort("argument", sprintf(paste(
      "Great-circle distances need two coordinates, latitude and longitude,",
      "not %d. Use distance = \"euclidean\" for others."
    ), ncol(places)), argument = "coordinates")
  }
  if (any(abs(places[, 1L]) > 90 | abs(places[, 2L]) > 360)) {
    admle_abort("argument", paste(
      "The coordinates are not latitude (-90 to 90 degrees) and longitude, in",
      "this order. Use distance = \"euclidean\" for others."
    ), argument = "coordinates")
  }
}

conley_text <- function(made) {
  sprintf("robust to correlation in space (Conley), %s kernel up to %s",
          kernel_table[[made$kernel]]$label,
          if (made$distance == "haversine") {
            paste(format(made$cutoff), "km")
          } else {
            paste("a distance of", format(made$cutoff))
          })
}

register_covariance(
  "conley", synonyms = "spatial",
  settings = c("coordinates", "cutoff", "distance", "kernel", "fix"),
  variables = "coordinates",
  check = function(settings) check_fix(settings$fix),
  meat = conley_meat, need = fit_places, indefinite = function(made) TRUE,
  text = conley_text
)
