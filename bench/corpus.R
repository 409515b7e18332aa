# Objectives of other packages, fitted as they are: `make corpus` writes
# bench/corpus.md. The packages are in corpus/packages.txt; catch.R keeps the
# objectives that their examples hand to an optimiser, fit.R fits them, here is
# the page. What was caught is kept in .build/corpus, without which the examples
# are run again; so are the fits until admle is installed anew. After
# ADMLE_CORPUS_SECONDS (7200) nothing more is begun, a fit may take
# ADMLE_CORPUS_EACH (180), and the page says what is missing. No package's code
# is copied into the page.
#   Rscript bench/corpus.R [PACKAGE ...] prints the page of some packages.

packages <- readLines("bench/corpus/packages.txt")
some <- commandArgs(trailingOnly = TRUE)
if (length(some)) packages <- some
store <- file.path(".build", "corpus")
dir.create(store, showWarnings = FALSE)

end <- Sys.time() + as.numeric(Sys.getenv("ADMLE_CORPUS_SECONDS", "7200"))
each <- Sys.getenv("ADMLE_CORPUS_EACH", "180")
Sys.setenv(ADMLE_CORPUS_EACH = each)
tolerance <- 1e-6
slow_ratio <- 5
slow_seconds <- 0.05

r_script <- function(arguments, seconds, env = character()) {
  suppressWarnings(system2(
    file.path(R.home("bin"), "Rscript"), c("--no-init-file", arguments),
    stdout = FALSE, stderr = FALSE, env = env, timeout = seconds
  ))
}

is_newer <- function(file, than) isTRUE(file.mtime(file) > file.mtime(than))

# A list of what is known of each objective, or the reason why there is none.
rows_of <- function(package) {
  if (!nzchar(system.file(package = package))) return("cannot be installed")
  caught <- file.path(store, paste0(package, ".rds"))
  if (file.exists(caught) && !length(readRDS(caught))) unlink(caught)
  fitted <- file.path(store, paste0(package, "-fits.rds"))
  if (is_newer(fitted, ".build/installed")) return(readRDS(fitted))
  if (Sys.time() > end) return("not run in the time that was given")
  unlink(fitted)
  if (!file.exists(caught)) {
    r_script(c("bench/corpus/catch.R", package, caught), 600,
             "R_DISABLE_BYTECODE=1")
  }
  if (!file.exists(caught)) return("its examples do not end")
  if (!length(readRDS(caught))) {
    return("no objective reaches one of the optimisers")
  }
  r_script(c("bench/corpus/fit.R", package, caught, fitted), 1800)
  if (file.exists(fitted)) readRDS(fitted) else "the fits do not end"
}

or_na <- function(x) if (is.null(x)) NA else x
near <- function(a, b) abs(a - b) <= tolerance * max(1, abs(b))

outcome <- function(row) {
  if (!is.null(row$refused)) return("refused")
  if (!near(row$loglik, row$plain)) return("wrong value")
  if (row$loglik >= row$original || near(row$loglik, row$original)) {
    return("equal or better")
  }
  if (!row$converged || nzchar(row$warnings)) return("worse, and says so")
  if (isTRUE(row$local)) "a lower local maximum" else "worse, without a word"
}

outcomes <- c("equal or better", "a lower local maximum", "worse, and says so",
              "refused", "worse, without a word", "wrong value")

is_slow <- function(row) {
  !is.null(row$seconds) && row$seconds > slow_seconds &&
    row$seconds > slow_ratio * row$original_seconds
}

reasons <- character()
reason <- function(text) {
  if (!text %in% reasons) reasons <<- c(reasons, text)
  sprintf("(%d)", match(text, reasons))
}

cells <- function(row) {
  result <- outcome(row)
  if (result != "equal or better") result <- sprintf("**%s**", result)
  said <- c(row$refused, if (length(row$warnings) && nzchar(row$warnings)) {
    row$warnings
  })
  if (length(said)) result <- paste(result, reason(said[[1L]]))
  number <- function(x, digits) {
    if (is.na(or_na(x))) "" else format(signif(x, digits), digits = digits)
  }
  ratio <- if (!is.null(row$seconds)) {
    row$seconds / max(row$original_seconds, 1e-3)
  }
  time <- number(or_na(row$seconds) * 1000, 2)
  c(
    row$package, row$topic, row$optimiser, row$parameters,
    number(row$original, 9), number(row$loglik, 9), number(row$apart, 1),
    if (is_slow(row)) sprintf("**%s**", time) else time, number(ratio, 2),
    result
  )
}

table_of <- function(rows) {
  head <- c("package", "example", "by", "k", "its log-likelihood", "admle's",
            "apart", "ms", "ratio", "outcome")
  body <- do.call(rbind, lapply(rows, cells))
  paste0("| ", apply(rbind(head, "---", body), 1L, paste, collapse = " | "),
         " |")
}

found <- parallel::mclapply(setNames(packages, packages), function(package) {
  rows <- rows_of(package)
  message(package)
  rows
}, mc.cores = as.integer(Sys.getenv("ADMLE_JOBS", "2")),
mc.preschedule = FALSE)
is_text <- vapply(found, is.character, NA)
rows <- unlist(found[!is_text], recursive = FALSE)
elsewhere <- vapply(rows, function(row) {
  identical(row$refused, "not evaluable")
}, NA)
rows <- rows[!elsewhere]
compiled <- vapply(rows, function(row) row$compiled, NA)

count_table <- function(rows) {
  counts <- table(factor(vapply(rows, outcome, ""), outcomes))
  sprintf("%d (%.0f %%)", counts, 100 * counts / max(1, length(rows)))
}

versions <- vapply(packages[!is_text], function(package) {
  paste(package, utils::packageVersion(package))
}, "")
slow <- sum(vapply(rows[!compiled], is_slow, NA))
page <- c(
  "# Objectives of other packages", "",
  "Written by `make corpus`. It runs the examples of these packages, keeps the",
  "functions that reach `optim()`, `nlm()`, `nlminb()` or maxLik, up to six of",
  "a package, and hands each to `mle_fit()` as it is, from the same start and",
  "with the same bounds (`bounded()`).", "",
  paste("* Date:", Sys.Date()), paste("* R:", R.version.string),
  sprintf("* With a row: %d of the %d packages in the list.", sum(!is_text),
          length(packages)),
  paste("* Packages:", toString(versions)),
  sprintf("* Limit: %s s for an objective, where its row says no other.", each),
  "",
  paste("| outcome | R code,", sum(!compiled), "objectives | compiled code,",
        sum(compiled), "|"),
  "| --- | --- | --- |",
  sprintf("| %s | %s | %s |", outcomes, count_table(rows[!compiled]),
          count_table(rows[compiled])), "",
  sprintf("Objectives that only work inside of their caller, left out: %d.",
          sum(elsewhere)),
  sprintf("Slower than %g times the original and %g ms: %d of those in R code.",
          slow_ratio, 1000 * slow_seconds, slow), "",
  "* *k*: parameters. *apart*: the largest relative difference of the",
  "  estimates. *ms*: processor time of the fit, the median of a few, with",
  "  recording, derivatives and the covariance matrix; *ratio*: divided by the",
  "  original optimiser's.",
  sprintf("* *equal or better*: the maximum is not lower by more than %g,",
          tolerance),
  "  relative, and is what the function returns there.",
  "* *a lower local maximum*: neither does `optim()` find more from there.",
  "* Numbers in brackets are what admle says, below.", "",
  "## In R code", "", table_of(rows[!compiled]), "",
  "## That call compiled code", "",
  "Fitted with `derivatives = \"numeric\"` where admle says that the call",
  "cannot be recorded.", "",
  if (any(compiled)) table_of(rows[compiled]), "",
  "## Packages without a row", "",
  sprintf("* %s: %s", names(found)[is_text], unlist(found[is_text])), "",
  "## What admle says", "",
  sprintf("%d. %s", seq_along(reasons), reasons)
)
if (length(some)) {
  writeLines(page)
} else {
  writeLines(page, "bench/corpus.md")
  message("written: bench/corpus.md")
}
