# `make site`: the web site in docs/. pkgdown is large and is not installed on
# demand.

source("tools/common.R")

if (!installed("pkgdown")) {
  give_up("pkgdown is not installed: install.packages(\"pkgdown\"), or on ",
          "Debian apt-get install r-cran-pkgdown")
}
pkgdown::build_site(".", preview = FALSE, install = FALSE)
say("site: ", file.path(getwd(), "docs", "index.html"))
