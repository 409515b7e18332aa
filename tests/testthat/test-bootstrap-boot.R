# The package boot on results of bootstrap(). Influence values have a closed
# form in the normal linear model: n (X'X)^-1 x_i e_i.

skip_if_not_installed("boot")

linear <- mle_fit(mpg ~ wt + hp, data = mtcars)
drawn <- bootstrap(linear, R = 299, method = "score", seed = 1)

test_that("boot.ci() has the intervals of confint()", {
  kinds <- c(norm = "normal", basic = "basic", perc = "percentile",
             bca = "bca")
  parts <- c(norm = "normal", basic = "basic", perc = "percent", bca = "bca")
  # boot's own acceleration is that of infinitesimal changes of weights, ours
  # that of observations left out
  without <- moved_estimates(linear, leave_out_steps(linear, drawn$units))
  jackknife <- rowMeans(t(without)) - t(without)
  for (index in 1:3) {
    theirs <- boot::boot.ci(drawn, index = index, type = names(kinds),
                            L = jackknife[index, ])
    for (kind in names(kinds)) {
      ours <- confint(drawn, type = kinds[[kind]])[index, ]
      limits <- theirs[[parts[[kind]]]]
      expect_equal(limits[length(limits) - 1:0], unname(ours),
                   tolerance = 1e-12, label = kind)
    }
  }
  expect_equal(boot::boot.ci(drawn, conf = 0.9, type = "perc")$percent[4:5],
               unname(confint(drawn, level = 0.9)[1L, ]))
})

test_that("influence is that of the linear model", {
  X <- model.matrix(lm(mpg ~ wt + hp, mtcars))
  e <- residuals(lm(mpg ~ wt + hp, mtcars))
  influence <- 32 * (X * e) %*% solve(crossprod(X))
  for (index in 1:3) {
    expect_equal(boot::empinf(drawn, index = index),
                 unname(influence[, index]), tolerance = 1e-6)
  }
})

test_that("statistics and clusters keep their units", {
  fit <- mle_fit(weight ~ Time, data = ChickWeight)
  b <- bootstrap(fit, R = 49, cluster = ~Chick, seed = 1,
                 statistic = function(b) b[[1]] / b[["Time"]])
  expect_identical(nrow(b$data), nlevels(ChickWeight$Chick))
  expect_equal(b$statistic(b$data, rep(1 / 50, 50)), b$t0)
  expect_length(boot::empinf(b), 50L)
  expect_s3_class(boot::boot.ci(b, type = "perc"), "bootci")
})

test_that("what boot cannot know is an error and no number", {
  set.seed(1)
  state <- .Random.seed
  expect_error(boot::boot.array(drawn))
  assign(".Random.seed", state, envir = globalenv())
  parametric <- bootstrap(linear, R = 99, method = "parametric", seed = 1)
  expect_error(boot::empinf(parametric), "parametric")
  expect_s3_class(boot::boot.ci(parametric, type = "basic"), "bootci")
})

test_that("boot's plot works, and print() and summary() are ours", {
  file <- tempfile(fileext = ".pdf")
  grDevices::pdf(file)
  on.exit(unlink(file))
  expect_no_error(plot(drawn, index = 2))
  grDevices::dev.off()
  expect_output(print(drawn), "Bootstrap: 299 replications")
})

test_that("c() adds replications", {
  both <- c(drawn, bootstrap(linear, R = 100, method = "score", seed = 2))
  expect_identical(both$R, 399L)
  expect_identical(both$t[1:299, ], drawn$t)
  expect_s3_class(boot::boot.ci(both, type = "perc"), "bootci")
  expect_error(c(drawn, bootstrap(linear, R = 10, method = "wild", seed = 2)),
               class = "admle_error_argument")
})
