# What a fit can be asked for, two at a time: each pair equals the same done by
# hand, or is refused with its reason.

test_that("pairs of features work together or say why not", {
  expect_snapshot(cat(feature_page(feature_table()), sep = "\n"))
})

same_elsewhere <- function(there, fits) {
  here <- ask_elsewhere(fits)
  expect_named(there, names(here))
  for (name in names(here)) {
    expect_equal(there[[name]], here[[name]], tolerance = 1e-8,
                 label = name)
  }
}

test_that("each feature is known in other processes", {
  skip_on_cran()
  fits <- suppressWarnings(feature_fits())
  same_elsewhere(in_another_process(fits), fits)
  skip_on_os("windows")
  same_elsewhere(in_a_fork(fits), fits)
  # A fit that was read, in a fork and in a daemon.
  path <- tempfile(fileext = ".rds")
  saveRDS(fits, path)
  same_elsewhere(in_a_fork(readRDS(path)), fits)
  skip_if_not_installed("mirai")
  same_elsewhere(in_a_daemon(readRDS(path)), fits)
})

test_that("observations of a weighted fit are rows with a weight", {
  d <- feature_data()
  for (form in c("function", "formula")) {
    fit <- fit_spec(with_feature(plain_spec(form, "weights"), "weights"))
    expect_equal(nobs(fit), sum(d$w > 0))
  }
})
