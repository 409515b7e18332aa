# Instructions of one gradient of three models, counted by valgrind and compared
# with those in tests/cpp/instruction-counts.txt: a guard against regressions of
# speed that does not time anything. `update` as argument records them instead.
#
# Counts depend on the compiler and the processor's instruction set. The
# baseline set is asked for, and the file has lines for each compiler's major
# version; without a line for this one there is nothing to compare with.

if (!exists("say")) source("tools/common.R")

counts_file <- file.path("tests", "cpp", "instruction-counts.txt")
counted_models <- c("normal", "logit", "garch")
count_tolerance <- 0.15

# Such as "g++-12 x86_64": the compiler that make takes.
count_platform <- function() {
  compiler <- Sys.getenv("CXX", "g++")
  version <- system2(compiler, "-dumpversion", stdout = TRUE)
  paste0(basename(compiler), "-", sub("[.].*", "", version), " ",
         R.version$arch)
}

counted_instructions <- function(program, model, times) {
  out <- system2(
    "valgrind", c("--tool=cachegrind", "--cache-sim=no",
                  "--cachegrind-out-file=/dev/null", program, model, times),
    stdout = TRUE, stderr = TRUE, env = "ADMLE_INSTRUCTION_SET=baseline"
  )
  line <- grep("I +refs:", out, value = TRUE)
  as.numeric(gsub("[^0-9]", "", sub(".*refs:", "", line)))
}

# Instructions per gradient: what ten more of them take.
count_gradients <- function() {
  log <- file.path(build_dir, "count.log")
  status <- run("make", c("--no-print-directory", paste0("-j", jobs()), "-C",
                          "tests/cpp", "count", "VARIANT=count"), log = log)
  if (status != 0L) {
    writeLines(readLines(log, warn = FALSE))
    return(NULL)
  }
  program <- file.path(build_dir, "cpp", "count", "count-gradients")
  vapply(counted_models, function(model) {
    (counted_instructions(program, model, 11) -
       counted_instructions(program, model, 1)) / 10
  }, 0)
}

expected_counts <- function() {
  utils::read.table(counts_file, header = TRUE,
                    colClasses = c("character", "character", "numeric"))
}

# list(ok, counts = c(passed, failed)), as the other steps of `make test`.
check_instruction_counts <- function() {
  nothing <- list(ok = TRUE, counts = c(passed = 0L, failed = 0L))
  if (!has_command("valgrind")) {
    say("skipped: valgrind is not installed")
    return(nothing)
  }
  platform <- count_platform()
  expected <- expected_counts()
  expected <- expected[expected$platform == platform, ]
  if (!nrow(expected)) {
    say("skipped: no counts of ", platform, " in ", counts_file)
    return(nothing)
  }
  counts <- count_gradients()
  if (is.null(counts)) return(list(ok = FALSE, counts = nothing$counts))
  change <- counts[expected$model] / expected$instructions - 1
  good <- !is.na(change) & change <= count_tolerance
  writeLines(sprintf(
    "%s%s: %.0f instructions a gradient, %.0f recorded (%+.1f %%)",
    ifelse(good, "", "FAILED "), expected$model, counts[expected$model],
    expected$instructions, 100 * change
  ))
  if (any(good & change < -count_tolerance)) {
    say("fewer than recorded: `make instruction-counts` records them")
  }
  list(ok = all(good), counts = c(passed = sum(good), failed = sum(!good)))
}

update_instruction_counts <- function() {
  if (!has_command("valgrind")) give_up("valgrind is not installed")
  counts <- count_gradients()
  if (is.null(counts)) give_up("the program could not be built")
  platform <- count_platform()
  old <- if (file.exists(counts_file)) expected_counts()
  new <- data.frame(platform = platform, model = counted_models,
                    instructions = round(unname(counts)))
  table <- rbind(old[old$platform != platform, ], new)
  lines <- utils::capture.output(utils::write.table(table, row.names = FALSE))
  writeLines(c("# Instructions per gradient, by `make instruction-counts`.",
               lines), counts_file)
  print(new, row.names = FALSE)
}

if (sys.nframe() == 0L) {
  if (identical(commandArgs(trailingOnly = TRUE), "update")) {
    update_instruction_counts()
  } else if (!check_instruction_counts()$ok) {
    quit("no", status = 1L)
  }
}
