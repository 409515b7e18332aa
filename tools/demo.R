# `make demo`: runs demo("admle") in .build/demo and says where the plots are.

source("tools/common.R")

dir <- file.path(build_dir, "demo")
unlink(dir, recursive = TRUE)
dir.create(dir, recursive = TRUE)
dir <- normalizePath(dir)
setwd(dir)
options(device = function(...) grDevices::pdf("admle-demo.pdf", ...))

library(admle)
utils::demo("admle", package = "admle", ask = FALSE, character.only = TRUE)
grDevices::graphics.off()

for (file in list.files(dir, full.names = TRUE)) say("plots: ", file)
