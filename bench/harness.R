# What every scenario shares, one idea a file in harness/. A scenario is a
# script that sources this file (and perhaps models.R), defines functions, and
# ends with one call of `scenario()`. It is run from the repository's root.

suppressPackageStartupMessages(library(admle))

quick <- identical(Sys.getenv("ADMLE_BENCH"), "quick")

by_mode <- function(full, when_quick) if (quick) when_quick else full

for (file in list.files("bench/harness", full.names = TRUE)) source(file)
