# Runs scenarios, each in a process of its own: Rscript bench/run.R [name ...].
# Without names it runs all of them and, except in quick mode, writes
# bench/results.md.

source("tools/common.R")
source("bench/harness/report.R")

helpers <- c("agreement", "consumers", "harness", "models", "run")
scripts <- sub("[.]R$", "", list.files("bench", "[.]R$"))
all_scenarios <- setdiff(scripts, helpers)

run_scenario <- function(name) {
  say("== ", name)
  file <- tempfile(fileext = ".rds")
  on.exit(unlink(file))
  status <- run(
    file.path(R.home("bin"), "Rscript"),
    c("--no-init-file", file.path("bench", paste0(name, ".R"))),
    env = paste0("ADMLE_BENCH_ROWS=", shQuote(file))
  )
  if (status == 0L && file.exists(file)) readRDS(file)
}

first_line <- function(command, args) {
  out <- tryCatch(suppressWarnings(
    system2(command, args, stdout = TRUE, stderr = FALSE)
  ), error = function(e) character())
  if (length(out)) out[[1L]] else "unknown"
}

processor <- function() {
  if (!file.exists("/proc/cpuinfo")) return(Sys.info()[["machine"]])
  lines <- grep("^model name", readLines("/proc/cpuinfo"), value = TRUE)
  sprintf("%s, %d cores", sub(".*: *", "", lines[[1L]]), length(lines))
}

memory_size <- function() {
  if (!file.exists("/proc/meminfo")) return("unknown")
  line <- grep("^MemTotal", readLines("/proc/meminfo"), value = TRUE)
  sprintf("%.0f GB", as.numeric(gsub("[^0-9]", "", line)) / 1024^2)
}

package_versions <- function() {
  packages <- c("admle", "Rcpp", "RcppEigen", "RTMB", "TMB", "maxLik", "fGarch",
                "MASS", "nnet", "ordinal", "survival")
  versions <- vapply(packages, function(package) {
    if (!installed(package)) return("not installed")
    as.character(utils::packageVersion(package))
  }, "")
  paste(packages, versions, collapse = ", ")
}

commit <- function() {
  changed <- first_line("git", c("status", "--porcelain", "-uno"))
  paste0(first_line("git", c("rev-parse", "--short=12", "HEAD")),
         if (!changed %in% c("unknown", "bench/results.md")) " and changes")
}

conditions <- function() {
  session <- utils::sessionInfo()
  facts <- c(
    Date = format(Sys.Date()),
    Commit = commit(),
    Processor = processor(),
    Memory = memory_size(),
    System = session$running,
    R = R.version.string,
    BLAS = basename(session$BLAS),
    Compiler = first_line("g++", "--version"),
    Flags = gsub(" ?-f[a-z]+-prefix-map=[^ ]*", "", r_config("CXX17FLAGS")),
    Packages = package_versions()
  )
  sprintf("* %s: %s", names(facts), facts)
}

results_page <- function(found) {
  reached <- unlist(lapply(found, function(x) x$rows$reached))
  sections <- lapply(names(found), function(name) {
    c(paste("##", name), "", found[[name]]$about, "",
      markdown_table(found[[name]]$rows), "")
  })
  c(
    "# Benchmarks", "",
    "Written by `make bench`; [README.md](README.md) says how to read it.",
    sprintf("%d of %d figures with a reach are reached.",
            sum(reached == "yes", na.rm = TRUE), sum(!is.na(reached))),
    "", conditions(), "", unlist(sections)
  )
}

names <- commandArgs(trailingOnly = TRUE)
unknown <- setdiff(names, all_scenarios)
if (length(unknown)) give_up("no scenario ", unknown[[1L]])
everything <- !length(names)
if (everything) names <- all_scenarios

found <- Filter(Negate(is.null),
                sapply(names, run_scenario, simplify = FALSE))
failed <- setdiff(names, names(found))
if (length(failed)) give_up("failed: ", paste(failed, collapse = ", "))
if (everything && Sys.getenv("ADMLE_BENCH") != "quick") {
  writeLines(results_page(found), file.path("bench", "results.md"))
  say("written: bench/results.md")
}
