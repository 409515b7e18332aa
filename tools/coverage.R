# `make coverage`: percentage of lines run, of R by the unit tests (covr) and
# of the C++ engine by its own tests (gcov). The least covered files are named.

source("tools/common.R")

report <- function(title, by_file) {
  # by_file: data frame with file, lines, run
  share <- 100 * sum(by_file$run) / sum(by_file$lines)
  by_file <- by_file[order(by_file$run / by_file$lines), ]
  worst <- utils::head(by_file[by_file$run < by_file$lines, ], 8L)
  say(sprintf("%s: %.1f %% of %d lines", title, share, sum(by_file$lines)))
  for (i in seq_len(nrow(worst))) {
    say(sprintf("  %5.1f %%  %s", 100 * worst$run[i] / worst$lines[i],
                worst$file[i]))
  }
}

r_coverage <- function() {
  copy <- copy_package(file.path(tempfile("coverage"), "admle"))
  lines <- covr::tally_coverage(
    covr::package_coverage(copy, type = "tests", quiet = TRUE), by = "line"
  )
  lines <- lines[grepl("^R/", lines$filename), ]
  data.frame(
    file = sort(unique(lines$filename)),
    lines = as.integer(tapply(lines$value, lines$filename, length)),
    run = as.integer(tapply(lines$value > 0, lines$filename, sum))
  )
}

# One .gcov file per source: "count:line:text", count "-" where there is no
# code and "#####" where it was never run.
read_gcov <- function(path) {
  text <- readLines(path, warn = FALSE)
  count <- trimws(sub(":.*", "", text))
  number <- as.integer(sub("^[^:]*: *([0-9]+):.*", "\\1", text))
  code <- number > 0L & count != "-"
  # A template's line is listed once per instance: run if any instance was.
  ran <- tapply(!grepl("^[#=]", count[code]), number[code], any)
  source <- sub("^.*:Source:", "", text[1L])
  data.frame(file = source, lines = length(ran), run = sum(ran))
}

cpp_coverage <- function() {
  build <- file.path(build_dir, "cpp", "coverage")
  unlink(list.files(build, "[.]gcda$", recursive = TRUE, full.names = TRUE))
  log <- file.path(build_dir, "cpp-coverage.log")
  status <- run("make", c("--no-print-directory", paste0("-j", jobs()), "-C",
                          "tests/cpp", "test", "VARIANT=coverage"), log = log)
  if (status != 0L) {
    writeLines(readLines(log, warn = FALSE))
    give_up("coverage: the C++ tests failed")
  }
  build <- normalizePath(build)
  data_files <- list.files(build, "[.]gcda$", recursive = TRUE,
                           full.names = TRUE)
  out <- file.path(build, "gcov")
  unlink(out, recursive = TRUE)
  dir.create(out)
  root <- setwd(out)
  on.exit(setwd(root))
  run("gcov", c("-p", shQuote(data_files)), log = FALSE)
  files <- do.call(rbind, lapply(list.files(".", "[.]gcov$"), read_gcov))
  ours <- startsWith(files$file, file.path(root, "src")) & files$lines > 0L
  files$file <- substring(files$file, nchar(root) + 2L)
  files[ours, ]
}

report("C++ engine", cpp_coverage())
report("R", r_coverage())
