# Installs what is missing, and nothing else: Rscript tools/setup.R GROUP ...
# An R package comes from Debian (r-cran-*) where that can be had, else from
# CRAN, into .build/deps. The groups follow DESCRIPTION, so that a dependency is
# named once. With everything present this does nothing and takes a moment.

source("tools/common.R")

# "car, insight (>= 1.5.4)" -> c(car = "0.0", insight = "1.5.4")
read_dependencies <- function(text) {
  parts <- trimws(unlist(strsplit(text[!is.na(text)], ",")))
  names <- trimws(sub("[(].*", "", parts))
  versions <- ifelse(grepl("[(]", parts),
                     gsub(".*[(]\\s*[<>=]+\\s*|\\s*[)].*", "", parts), "0.0")
  stats::setNames(versions, names)[!names %in% c("R", "")]
}

described <- function(fields) {
  names(read_dependencies(read.dcf("DESCRIPTION", fields)))
}

# The oldest versions that will do, of all packages named in DESCRIPTION.
oldest <- read_dependencies(read.dcf(
  "DESCRIPTION", c("Depends", "Imports", "LinkingTo", "Suggests")
))

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
            "survival", "numDeriv", "NISTnls", "mlogit"),
  corpus = readLines("bench/corpus/packages.txt")
)
# Compiled and documented as usual: they are timed, or their examples are run.
complete <- unlist(optional[c("bench", "corpus")])
# One that hangs is given up.
install_seconds <- 900

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

can_apt <- function() has_command("apt-get") && is_root()

# What apt would install, by name; "" for what it does not know.
apt_versions <- function(names) {
  if (!apt_lists_fetched) {
    run("apt-get", c("update", "-qq"), env = "DEBIAN_FRONTEND=noninteractive")
    apt_lists_fetched <<- TRUE
  }
  lines <- suppressWarnings(system2("apt-cache", c("policy", names),
                                    stdout = TRUE, stderr = FALSE))
  heads <- grep("^[^ ].*:$", lines)
  found <- sub("^ *Candidate: *", "", grep("^ *Candidate:", lines,
                                           value = TRUE))
  found[found == "(none)"] <- ""
  found <- stats::setNames(found, sub(":$", "", lines[heads]))[names]
  ifelse(is.na(found), "", found)
}

apt_install <- function(names) {
  if (!can_apt()) return(invisible())
  known <- names[nzchar(apt_versions(names))]
  if (length(known)) {
    say("setup: apt-get install ", paste(known, collapse = " "))
    options <- c("install", "-y", "-qq", "--no-install-recommends",
                 "-o", "Dpkg::Use-Pty=0")
    run("apt-get", c(options, known), env = "DEBIAN_FRONTEND=noninteractive",
        log = file.path(build_dir, "apt.log"))
  }
}

# The packages of which Debian has a version that is new enough: 1:1.5-3+b1 is
# 1.5-3.
debian_has <- function(versions) {
  if (!can_apt() || !length(versions)) return(character())
  offered <- apt_versions(paste0("r-cran-", tolower(names(versions))))
  offered <- sub("([+~]|-[^-]*$).*", "", sub("^[0-9]+:", "", offered))
  enough <- mapply(function(own, needed) {
    own <- tryCatch(package_version(own), error = function(e) NULL)
    !is.null(own) && own >= needed
  }, offered, versions)
  names(versions)[enough]
}

apt_install_packages <- function(packages) {
  if (length(packages)) apt_install(paste0("r-cran-", tolower(packages)))
}

# Packages on CRAN are written for C++17, R's default since 4.3.
default_to_cxx17 <- function() {
  if (getRversion() >= "4.3") return(invisible())
  file <- file.path(normalizePath(build_dir), "Makevars.cran")
  writeLines(c(own_makevars(), "CXX += -std=gnu++17"), file)
  Sys.setenv(R_MAKEVARS_USER = file)
}

cran_repository <- function() {
  repos <- getOption("repos")
  if (is.null(repos) || "@CRAN@" %in% repos) {
    repos <- utils::getCRANmirrors(local.only = TRUE)$URL[[1L]]
  }
  repos
}

# The newest versions of packages that run on an R that their present versions
# are too new for.
archived <- c(mgcv = "1.9-0")

# What packages from CRAN depend on and is missing or too old: from Debian, or
# else from CRAN too, with what that depends on. -> list(debian, cran)
cran_needs <- function(packages, available) {
  kinds <- c("Depends", "Imports", "LinkingTo")
  debian <- character()
  cran <- packages
  at <- 0L
  while ((at <- at + 1L) <= length(cran)) {
    if (!cran[[at]] %in% rownames(available)) next
    needs <- read_dependencies(available[cran[[at]], kinds])
    needs <- needs[missing_from(needs)]
    here <- debian_has(needs)
    debian <- union(debian, here)
    cran <- union(cran, setdiff(names(needs), here))
  }
  list(debian = debian, cran = setdiff(cran, packages))
}

# Without what only help pages and speed are for: tests call a few functions of
# each.
quick_options <- c("--no-byte-compile", "--no-docs", "--no-help", "--no-demo",
                   "--no-test-load")

cran_install <- function(packages) {
  default_to_cxx17()
  repos <- cran_repository()
  install <- function(packages, ...) {
    say("setup: installing from CRAN: ",
        paste(basename(packages), collapse = " "))
    quick <- !any(packages %in% complete)
    try(utils::install.packages(
      packages, lib = deps_dir, quiet = TRUE, Ncpus = as.integer(jobs()),
      INSTALL_opts = if (quick) quick_options else character(),
      timeout = install_seconds, ...
    ), silent = TRUE)
  }
  available <- tryCatch(utils::available.packages(repos = repos),
                        error = function(e) NULL)
  if (is.null(available)) return(invisible())
  needs <- cran_needs(packages, available)
  apt_install_packages(needs$debian)
  old <- intersect(names(archived), needs$cran)
  for (name in setdiff(old, rownames(available))) {
    url <- sprintf("%s/Archive/%s/%s_%s.tar.gz",
                   utils::contrib.url(repos)[[1L]], name, name,
                   archived[[name]])
    install(url, repos = NULL, type = "source")
  }
  for (some in split(packages, packages %in% complete)) {
    install(some, repos = repos, dependencies = NA)
  }
}

# An installation for tests has no help pages, and so no examples.
is_whole <- function(name) {
  !name %in% optional$corpus || dir.exists(system.file("help", package = name))
}

# Names of the packages that are not there in the version needed.
missing_from <- function(versions) {
  there <- mapply(function(name, version) {
    installed(name) && utils::packageVersion(name) >= version && is_whole(name)
  }, names(versions), versions)
  names(versions)[!as.logical(there)]
}

install_packages <- function(packages) {
  versions <- oldest[packages]
  versions[is.na(versions)] <- "0.0"
  names(versions) <- packages
  left <- missing_from(versions)
  if (!length(left)) return(left)
  apt_install_packages(debian_has(versions[left]))
  left <- missing_from(versions)
  if (length(left)) cran_install(left)
  missing_from(versions)
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
