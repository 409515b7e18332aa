# Installs what is missing, and nothing else: Rscript tools/setup.R GROUP ...
# An R package comes from Debian (r-cran-*) where that can be had, else from
# CRAN, into .build/deps. The groups follow DESCRIPTION, so that a dependency is
# named once. With everything present this does nothing and takes a moment.

source("tools/common.R")

described <- function(fields) {
  text <- read.dcf("DESCRIPTION", fields)
  parts <- unlist(strsplit(text[!is.na(text)], ","))
  setdiff(trimws(sub("[(].*", "", parts)), c("R", ""))
}

required <- list(
  run = described(c("Depends", "Imports", "LinkingTo")),
  test = "testthat",
  check = c(described("VignetteBuilder"), "rmarkdown", "roxygen2"),
  coverage = "covr"
)

# Tests, examples and benchmarks that use one of these are skipped without it.
optional <- list(
  test = described("Suggests"),
  bench = c("RTMB", "TMB", "maxLik", "fGarch", "MASS", "nnet", "ordinal",
            "survival", "numDeriv", "NISTnls", "mlogit")
)

# Debian package, and what shows that it is there.
system_tools <- list(
  mathlib = list(deb = "r-mathlib", found = function() {
    include <- c("/usr/include", "/usr/local/include")
    any(file.exists(file.path(include, "Rmath.h")))
  }),
  # R CMD check --as-cran warns where it is missing.
  qpdf = list(deb = "qpdf", found = function() has_command("qpdf")),
  valgrind = list(deb = "valgrind", found = function() {
    has_command("valgrind")
  })
)

is_root <- function() {
  identical(suppressWarnings(system("id -u", intern = TRUE)), "0")
}

# The package lists are fetched once, and only when something is missing.
apt_lists_fetched <- FALSE

apt_install <- function(names) {
  if (!has_command("apt-get") || !is_root()) return(invisible())
  quiet <- c("DEBIAN_FRONTEND=noninteractive")
  if (!apt_lists_fetched) {
    run("apt-get", c("update", "-qq"), env = quiet)
    apt_lists_fetched <<- TRUE
  }
  known <- vapply(names, function(name) {
    run("apt-cache", c("show", name), log = FALSE) == 0L
  }, NA)
  if (any(known)) {
    say("setup: apt-get install ", paste(names[known], collapse = " "))
    options <- c("install", "-y", "-qq", "--no-install-recommends",
                 "-o", "Dpkg::Use-Pty=0")
    run("apt-get", c(options, names[known]), env = quiet,
        log = file.path(build_dir, "apt.log"))
  }
}

# Packages on CRAN are written for C++17, R's default since 4.3.
default_to_cxx17 <- function() {
  if (getRversion() >= "4.3") return(invisible())
  file <- file.path(normalizePath(build_dir), "Makevars.cran")
  writeLines(c(own_makevars(), "CXX += -std=gnu++17"), file)
  Sys.setenv(R_MAKEVARS_USER = file)
}

cran_install <- function(packages) {
  default_to_cxx17()
  repos <- getOption("repos")
  if (is.null(repos) || "@CRAN@" %in% repos) {
    repos <- utils::getCRANmirrors(local.only = TRUE)$URL[[1L]]
  }
  say("setup: installing from CRAN: ", paste(packages, collapse = " "))
  try(utils::install.packages(
    packages, lib = deps_dir, repos = repos, quiet = TRUE,
    Ncpus = as.integer(jobs())
  ), silent = TRUE)
}

missing_from <- function(packages) {
  unique(packages[!vapply(packages, installed, NA)])
}

install_packages <- function(packages) {
  left <- missing_from(packages)
  if (!length(left)) return(left)
  apt_install(paste0("r-cran-", tolower(left)))
  left <- missing_from(left)
  if (length(left)) cran_install(left)
  missing_from(left)
}

groups <- commandArgs(trailingOnly = TRUE)
known <- c(names(required), names(optional), names(system_tools))
unknown <- setdiff(groups, known)
if (length(unknown)) give_up("setup: no group ", unknown[[1L]])

if (!has_command(Sys.getenv("MAKE", "make")) || !has_command("g++")) {
  apt_install("build-essential")
}
need <- unlist(required[groups])
wish <- unlist(optional[groups])
left <- install_packages(unique(c(need, wish)))

if (length(lost <- intersect(left, need))) {
  give_up(
    "setup: cannot install ", paste(lost, collapse = ", "), ", neither from ",
    "Debian (needs apt-get and root; see .build/apt.log) nor from CRAN.\n",
    "Install by hand: install.packages(c(",
    paste(dQuote(lost, FALSE), collapse = ", "), "))"
  )
}
if (length(lost <- setdiff(left, need))) {
  say("setup: without ", paste(lost, collapse = ", "),
      " (what uses it is skipped)")
}
for (name in intersect(groups, names(system_tools))) {
  tool <- system_tools[[name]]
  if (!tool$found()) apt_install(tool$deb)
  if (!tool$found()) {
    say("setup: ", tool$deb, " cannot be installed here")
  }
}
