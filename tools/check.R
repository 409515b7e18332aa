# R CMD build and R CMD check --as-cran, held to "no ERROR, WARNING or NOTE of
# ours". What is allowed is listed here, line by line.

source("tools/common.R")

# Check name -> the only lines its NOTE may have.
allowed <- list(
  "CRAN incoming feasibility" = c(
    "^Maintainer: ", "^New submission$", "^Version contains large components"
  ),
  # Kernels for three instruction sets, and the byte code of all of R/.
  "installed package size" = c(
    "^installed size is", "^sub-directories of 1Mb or more:$", "^(libs|R) "
  ),
  "for future file timestamps" = "^unable to verify current time$",
  "HTML version of manual" =
    "^Skipping checking .*(command|package) .*(tidy|V8).* (found|unavailable)"
)

# Settings of R CMD check itself: nothing from the network, suggested packages
# may be missing, Debian's own compiler flags are not the package's choice.
check_env <- c(
  "_R_CHECK_FORCE_SUGGESTS_=false",
  "_R_CHECK_CRAN_INCOMING_REMOTE_=false",
  "_R_CHECK_SYSTEM_CLOCK_=false",
  "_R_CHECK_TESTS_NLINES_=0",
  # Messages are snapshots, which testthat skips unless told so.
  "NOT_CRAN=true",
  paste0("_R_CHECK_COMPILATION_FLAGS_KNOWN_=", shQuote(paste(
    "-Wformat -Werror=format-security -Wdate-time",
    "-Wformat-security -MMD -MP"
  )))
)

check_dir <- file.path(build_dir, "check")

# Vignettes need pandoc; without it the rest is still worth checking.
skip_vignettes <- function() {
  if (!dir.exists("vignettes")) return(FALSE)
  ready <- installed("knitr") && installed("rmarkdown") &&
    rmarkdown::pandoc_available()
  if (!ready) say("no knitr, rmarkdown or pandoc: vignettes are left out")
  !ready
}

build_package <- function(no_vignettes) {
  unlink(check_dir, recursive = TRUE)
  dir.create(check_dir, recursive = TRUE)
  copy_package(stage_dir)
  source_dir <- shQuote(normalizePath(stage_dir))
  env <- makevars_env(track_headers = TRUE)
  owd <- setwd(check_dir)
  on.exit(setwd(owd))
  status <- r_cmd(
    c("build", if (no_vignettes) "--no-build-vignettes", source_dir),
    env = env
  )
  tarball <- list.files(pattern = "^admle_.*[.]tar[.]gz$")
  if (status != 0L || length(tarball) != 1L) return(NULL)
  file.path(check_dir, tarball)
}

check_package <- function(tarball, no_vignettes) {
  r_cmd(
    c("check", "--as-cran", "--no-manual",
      if (no_vignettes) "--ignore-vignettes",
      "-o", shQuote(check_dir), shQuote(tarball)),
    env = c(check_env, makevars_env())
  )
}

# A warning that R writes without a check's name, where qpdf is not installed.
# There are no PDF files to check.
allowed_aside <- "qpdf.* is needed for checks on size reduction of PDFs$"

# The problems that the log's last line counts ("Status: 1 WARNING, 2 NOTEs")
# and that were not read as rows of the log.
unread_problems <- function(log, read) {
  lines <- readLines(log, warn = FALSE)
  status <- grep("^Status: ", lines, value = TRUE)
  counts <- unlist(regmatches(status, gregexpr("[0-9]+", status)))
  sum(as.integer(counts)) - sum(grepl(allowed_aside, lines)) - read
}

# Rows of 00check.log that are neither OK nor allowed.
check_problems <- function(log) {
  rows <- tools::check_packages_in_dir_details(logs = log, drop_ok = TRUE)
  rows <- rows[rows$Status %in% c("ERROR", "WARNING", "NOTE"),
               c("Status", "Check", "Output")]
  unread <- unread_problems(log, nrow(rows))
  is_allowed <- function(check, output) {
    patterns <- allowed[[check]]
    lines <- trimws(strsplit(output, "\n")[[1L]])
    lines <- lines[nzchar(lines)]
    !is.null(patterns) &&
      all(grepl(paste(patterns, collapse = "|"), lines))
  }
  keep <- !mapply(is_allowed, as.character(rows$Check),
                  as.character(rows$Output))
  rows <- rows[as.logical(keep), , drop = FALSE]
  if (unread == 0L) return(rows)
  rbind(as.data.frame(rows), data.frame(
    Status = "Something else", Check = "00check.log",
    Output = "Its last line counts other problems than these; see above."
  ))
}

# testthat's last line, from the output of tests/testthat.R.
unit_test_counts <- function() {
  outputs <- Sys.glob(file.path(check_dir, "admle.Rcheck", "tests",
                                "*.Rout*"))
  lines <- unlist(lapply(outputs, readLines, warn = FALSE))
  lines <- grep("^\\[ FAIL [0-9]+ [|] WARN [0-9]+ [|] SKIP", lines,
                value = TRUE)
  if (!length(lines)) return(NULL)
  last <- lines[[length(lines)]]
  say(last)
  number <- function(what) {
    as.integer(sub(paste0(".*", what, " ([0-9]+).*"), "\\1", last))
  }
  c(passed = number("PASS"), failed = number("FAIL"))
}

# list(ok, counts): counts is NULL where the unit tests did not finish.
run_check <- function() {
  no_vignettes <- skip_vignettes()
  tarball <- build_package(no_vignettes)
  if (is.null(tarball)) {
    say("R CMD build failed")
    return(list(ok = FALSE, counts = NULL))
  }
  status <- check_package(tarball, no_vignettes)
  log <- file.path(check_dir, "admle.Rcheck", "00check.log")
  finished <- file.exists(log) &&
    any(grepl("^Status: ", readLines(log, warn = FALSE)))
  problems <- if (finished) check_problems(log)
  for (i in seq_len(NROW(problems))) {
    say("\n", problems$Status[i], " in ", problems$Check[i], "\n",
        problems$Output[i])
  }
  say()
  counts <- unit_test_counts()
  ok <- status == 0L && finished && NROW(problems) == 0L && !is.null(counts)
  say("R CMD check: ", if (ok) "nothing to object to" else "FAILED")
  list(ok = ok, counts = counts)
}

if (sys.nframe() == 0L && !run_check()$ok) quit("no", status = 1L)
