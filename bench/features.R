# What can be asked of a fit at the same time, all run: `make features` writes
# design/0027-features.md. How a pair is tried, and what is its equal, is in
# tests/testthat/helper-features.R.

suppressPackageStartupMessages(library(admle))
source("tests/testthat/helper-features.R")

writeLines(c(
  "# 0027 Features together", "",
  paste(
    "**Decision.** What changes a fit works with everything else that does, or",
    "is refused with its reason. `make features` makes the table; the tests",
    "hold it."
  ), "",
  paste(
    "`=`: the fit of both is the fit of neither to data to which both were",
    "applied by hand (rows repeated by their weights or left out, the response",
    "shifted, columns combined): estimates, log-likelihood and covariance.",
    "Where two marks differ the first is that of a log-likelihood given as a",
    "function, the second that of a formula. An `offset` of a function is a",
    "term of it. `bias` is Jeffreys' penalty, `cluster` a clustered",
    "covariance, `declared` a range that the estimate is inside of."
  ), "",
  feature_page(feature_table()), "",
  paste(
    "Not compared are covariances of `after`, which know the first step, of",
    "`weights` with `adjust`, where a weight counts as one observation, and of",
    "`declared` with `bias`, since at a point that is no maximum of the",
    "likelihood the observed information depends on the parametrisation."
  ), "",
  paste(
    "With each feature alone, in both forms, a fit gives the same",
    "covariances, scores, log-likelihood and `update()` after",
    "`saveRDS()` in another process,",
    "in a fork, and in a daemon of mirai, also where it was read from a file",
    "there."
  )
), "design/0027-features.md")
