# Spatial covariances against a double loop over the observations.

places_data <- function() {
  i <- seq_len(300)
  data.frame(
    y = c(0, 1, 3, 2, 1, 0, 5)[(i * i) %% 7 + 1], x = sin(i),
    latitude = 45 + 5 * sin(3 * i), longitude = 8 + 9 * cos(5 * i)
  )
}

# Haversine distance in km, one pair.
great_circle <- function(a, b) {
  r <- pi / 180
  h <- sin((a[[1]] - b[[1]]) * r / 2)^2 +
    cos(a[[1]] * r) * cos(b[[1]] * r) * sin((a[[2]] - b[[2]]) * r / 2)^2
  2 * 6371 * asin(sqrt(h))
}

double_loop <- function(fit, places, cutoff, distance, weight) {
  scores <- theta_scores(fit)
  meat <- 0
  for (i in seq_len(nrow(scores))) {
    for (j in seq_len(nrow(scores))) {
      apart <- distance(places[i, ], places[j, ]) / cutoff
      if (apart <= 1) {
        meat <- meat + weight(apart) * tcrossprod(scores[i, ], scores[j, ])
      }
    }
  }
  vcov(fit) %*% meat %*% vcov(fit)
}

test_that("Conley's covariance equals a double loop", {
  d <- places_data()
  fit <- mle_fit(y ~ x, data = d, family = poisson)
  places <- as.matrix(d[c("latitude", "longitude")])
  euclidean <- function(a, b) sqrt(sum((a - b)^2))
  spatial <- function(...) {
    vcov(fit, "conley", coordinates = ~latitude + longitude, fix = FALSE, ...)
  }
  expect_equal(
    spatial(cutoff = 150),
    double_loop(fit, places, 150, great_circle, function(x) 1 - x),
    tolerance = 1e-11, ignore_attr = TRUE
  )
  expect_equal(
    spatial(cutoff = 150, kernel = "uniform"),
    double_loop(fit, places, 150, great_circle, function(x) 1),
    tolerance = 1e-11, ignore_attr = TRUE
  )
  expect_equal(
    spatial(cutoff = 2, distance = "euclidean"),
    double_loop(fit, places, 2, euclidean, function(x) 1 - x),
    tolerance = 1e-11, ignore_attr = TRUE
  )
})

test_that("far apart it is the sandwich, all together nothing is left", {
  d <- places_data()
  d$place <- seq_along(d$y)
  fit <- mle_fit(y ~ x, data = d, family = poisson)
  expect_equal(
    vcov(fit, "conley", coordinates = ~place, distance = "euclidean",
         cutoff = 0.5),
    vcov(fit, "sandwich"), tolerance = 1e-12
  )
  # The scores sum to zero.
  all <- vcov(fit, "conley", coordinates = ~place, distance = "euclidean",
              cutoff = 1e6, kernel = "uniform", fix = FALSE)
  expect_lt(max(abs(all)), 1e-12)
})
