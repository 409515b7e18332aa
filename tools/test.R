# `make test`: are the generated files up to date, does lint find nothing, do
# the C++ tests pass under the sanitizers, does a gradient take no more
# instructions than it did, does R CMD check (with the unit tests) find nothing.
# All of them run in any case; the last line is the sum of their tests, and a
# failure that is not a test's counts as one.

source("tools/common.R")
source("tools/check.R")
source("tools/install.R")
source("tools/instruction-counts.R")

timed <- function(title, step) {
  say("\n== ", title)
  seconds <- system.time(result <- step(), gcFirst = FALSE)[["elapsed"]]
  say("   ", if (result$ok) "ok" else "FAILED", sprintf(", %.0f s", seconds))
  result
}

generated_step <- function() {
  ok <- install_staged() &&
    run("Rscript", c("--no-init-file", "tools/stale.R")) == 0L
  list(ok = ok, counts = c(passed = 0L, failed = 0L))
}

lint_step <- function() {
  status <- run("Rscript", c("--no-init-file", "tools/lint.R"))
  list(ok = status == 0L, counts = c(passed = 0L, failed = 0L))
}

cpp_step <- function() {
  log <- file.path(build_dir, "cpp-test.log")
  status <- run("make", c("--no-print-directory", paste0("-j", jobs()), "-C",
                          "tests/cpp", "test", "VARIANT=asan"), log = log)
  lines <- readLines(log, warn = FALSE)
  total <- grepl("^[0-9]+ passed, [0-9]+ failed$", lines)
  lines[total] <- paste("C++ engine:", lines[total])
  writeLines(lines)
  counts <- if (any(total)) {
    numbers <- regmatches(lines[total], gregexpr("[0-9]+", lines[total]))
    numbers <- as.integer(numbers[[length(numbers)]])
    c(passed = numbers[1L], failed = numbers[2L])
  }
  list(ok = status == 0L && any(total), counts = counts)
}

results <- list(
  timed("generated files", generated_step),
  timed("lint", lint_step),
  timed("C++ tests (address and undefined-behaviour sanitizers)", cpp_step),
  timed("instruction counts of gradients", check_instruction_counts),
  timed("R CMD check --as-cran", run_check)
)

# A step that failed without a failed test (a NOTE, a crash) counts as one.
step_counts <- function(result) {
  counts <- result$counts
  if (is.null(counts)) counts <- c(passed = 0L, failed = 0L)
  if (!result$ok) counts["failed"] <- max(counts["failed"], 1L)
  counts
}
total <- Reduce(`+`, lapply(results, step_counts))
say("\n", total["passed"], " passed, ", total["failed"], " failed")
quit("no", status = as.integer(total["failed"] > 0L))
