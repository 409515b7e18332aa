# The problems of Moré, Garbow and Hillstrom (1981) from their standard starts:
# every method, on the contributions and on their total. See helper-mgh.R.

problems <- mgh_problems()

# The sum of squares is recomputed by plain R at the estimate.
mgh_fit <- function(problem, ...) {
  fit <- suppressWarnings(mle_fit(..., start = problem$start))
  fit$sum_of_squares <- sum(problem$residuals(unname(coef(fit)))^2)
  fit$right <- mgh_is_minimum(problem, fit$sum_of_squares)
  fit
}

# Sums of squares at the standard starts, as published.
published <- c(
  rosenbrock = 24.2, freudenstein_roth = 400.5, powell_badly_scaled = 1.13526,
  brown_badly_scaled = 9.99998e11, beale = 14.203125,
  jennrich_sampson = 4171.31, helical_valley = 2500, bard = 41.6817,
  gaussian = 3.88811e-6, meyer = 1.69361e9, gulf = 12.1107, box3d = 1031.15,
  powell_singular = 215,
  wood = 19192, kowalik_osborne = 5.31317e-3, brown_dennis = 7926690,
  osborne1 = 0.879026, biggs_exp6 = 0.779070, osborne2 = 2.09342, watson = 30,
  extended_rosenbrock = 5 * 24.2, extended_powell_singular = 3 * 215
)

test_that("the problems are those of the article", {
  expect_length(problems, 35L)
  for (name in names(published)) {
    problem <- problems[[name]]
    expect_equal(sum(problem$residuals(problem$start)^2), published[[name]],
                 tolerance = 5e-6, info = name)
  }
})

for (name in names(problems)) {
  test_that(paste(name, "is solved, and said to be"), {
    problem <- problems[[name]]
    for (total in c(FALSE, TRUE)) {
      fit <- mgh_fit(problem, mgh_loglik(problem, total))
      expect_true(fit$right)
      expect_equal(-2 * fit$loglik, fit$sum_of_squares, tolerance = 1e-10)
      if (!is.na(problem$definite)) {
        expect_identical(fit$converged, problem$definite)
      }
      expect_identical(fit$converged, length(fit$problems) == 0L)
      expect_identical(fit$converged, !anyNA(vcov(fit)))
    }
  })
}

test_that("what is not identified is said in the user's terms", {
  for (name in c("linear_rank1", "linear_rank1_zero")) {
    problem <- problems[[name]]
    fit <- mgh_fit(problem, mgh_loglik(problem))
    kinds <- vapply(fit$problems, `[[`, "", "kind")
    messages <- vapply(fit$problems, `[[`, "", "message")
    expect_identical(unique(kinds), "identification")
    expect_match(messages, "the log-likelihood does not change (along|with)")
    count <- sum(vapply(fit$problems, function(x) ncol(x$directions), 0L))
    expect_equal(count, length(problem$start) - 1)
  }
})

# How many of the 35 problems a method solves at least. One or two less than
# seen: in the hardest, the last bits of the arithmetic decide.
solved <- c(newton = 33, bfgs = 33, lbfgs = 33, bhhh = 16)

for (method in names(solved)) {
  test_that(paste(method, "claims nothing that is not so"), {
    right <- 0
    for (name in names(problems)) {
      problem <- problems[[name]]
      fit <- mgh_fit(problem, mgh_loglik(problem), method = method)
      right <- right + fit$right
      expect_true(!fit$converged || fit$right, info = paste(method, name))
      if (isFALSE(problem$definite)) {
        expect_false(fit$converged, info = paste(method, name))
      }
    }
    expect_gte(right, solved[[method]])
  })
}

test_that("functions that differ in a branch are recorded again", {
  # From x1 = -1 to 1: `if (x[1] < 0)` takes its other way.
  problem <- problems$helical_valley
  fit <- mgh_fit(problem, mgh_loglik(problem))
  expect_gt(fit$search$recordings, 1)
  expect_equal(unname(coef(fit)), c(1, 0, 0), tolerance = 1e-8)
})

test_that("known minimisers are found", {
  at <- list(
    rosenbrock = c(1, 1), beale = c(3, 0.5), brown_badly_scaled = c(1e6, 2e-6),
    gulf = c(50, 25, 1.5), wood = rep(1, 4), extended_rosenbrock = rep(1, 10),
    variably_dimensioned = rep(1, 10), linear_full_rank = rep(-1, 10)
  )
  for (name in names(at)) {
    problem <- problems[[name]]
    fit <- mgh_fit(problem, mgh_loglik(problem))
    expect_lt(max(abs(coef(fit) / at[[name]] - 1)), 1e-8)
  }
})
