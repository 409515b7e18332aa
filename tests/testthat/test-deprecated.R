test_that("names of earlier versions say what to use", {
  expect_snapshot(error = TRUE, {
    constraint_test(1, "a = b", test = "wald")
    lincom()
    delta_method(1, function(p) p)
    bootstrap_covariance(1, R = 9)
    jackknife_covariance(1)
    gauss_hermite(5)
    halton(4, 2)
    bootstrap(1, type = "score")
  })
})
