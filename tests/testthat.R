library(testthat)
library(admle)

test_check("admle")
