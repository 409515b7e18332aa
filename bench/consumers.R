# What other packages make of a fit, all run: `make consumers` writes
# bench/consumers.md. The rows are in bench/consumers/, a file a topic, each a
# package and a line of code in `fit`, which is evaluated for a fit by function,
# for one by formula and for the same model by glm(). A cell is the largest
# relative difference of the numbers from glm()'s, or the error.

# tinytable, of modelsummary, can only be loaded before an older knitr.
invisible(requireNamespace("tinytable", quietly = TRUE))
suppressPackageStartupMessages(library(admle))
source("bench/harness/peers.R")

# modelsummary and marginaleffects use it; base R has it since 4.4.
if (getRversion() < "4.4" && requireNamespace("rlang", quietly = TRUE)) {
  attach(list(`%||%` = getExportedValue("rlang", "%||%")), name = "R 4.4")
}

tolerance <- 1e-8

consumer_data <- local({
  set.seed(1)
  d <- data.frame(x = rnorm(240), z = runif(240), firm = rep(1:24, each = 10),
                  year = rep(1:10, 24),
                  kind = factor(sample(c("a", "b", "c"), 240, TRUE)))
  index <- 0.5 + 0.4 * d$x - 0.3 * d$z + 0.2 * rnorm(24)[d$firm]
  d$count <- rpois(240, exp(index))
  d$output <- 1 + d$x - d$z + rnorm(240)
  d
})

# One model in three forms, with the same names of slopes.
models <- list(
  poisson = list(
    `function` = mle_fit(function(theta) {
      eta <- theta[1] + theta[2] * x + theta[3] * z +
        theta[4] * (kind == "b") + theta[5] * (kind == "c")
      dpois(count, exp(eta), log = TRUE)
    }, start = c(one = 0, x = 0, z = 0, kindb = 0, kindc = 0),
    data = consumer_data),
    formula = mle_fit(count ~ x + z + kind, data = consumer_data,
                      family = poisson),
    reference = glm(count ~ x + z + kind, poisson, consumer_data,
                    control = glm.control(epsilon = 1e-15, maxit = 50))
  ),
  # In a table the coefficients of lm() come first, then sigma.
  normal = list(
    `function` = mle_fit(function(one, x., z., sigma) {
      dnorm(output, one + x. * x + z. * z, sigma, log = TRUE)
    }, start = list(one = 0, x. = 0, z. = 0, sigma = positive(1)),
    data = consumer_data, adjust = TRUE),
    formula = mle_fit(output ~ x + z, data = consumer_data, adjust = TRUE),
    reference = lm(output ~ x + z, consumer_data)
  )
)

rows <- list()
packages <- character()

# `note` says why numbers are not compared (`compare = FALSE`), or why they
# differ by more than rounding (`within`). `says` is an error of the package
# itself that says why.
consumer <- function(package, code, model = "poisson", compare = TRUE,
                     within = tolerance, note = "", says = NULL) {
  rows[[length(rows) + 1L]] <<- list(
    package = package, code = substitute(code), model = model,
    compare = compare, within = within, note = note, says = says
  )
}

number_in <- function(text) as.numeric(gsub("[()]", "", text))

numbers_of <- function(value) {
  if (isS4(value)) return(unlist(lapply(
    intersect(methods::slotNames(value), c("coef", "se", "pvalues")),
    function(slot) unname(methods::slot(value, slot))
  )))
  if (is.data.frame(value)) value <- value[vapply(value, is.numeric, NA)]
  if (is.list(value)) {
    value <- unlist(lapply(unclass(value), function(part) {
      if (is.numeric(part)) as.vector(part)
    }))
  }
  if (is.numeric(value)) as.vector(value) else numeric()
}

# The value, or the error and what admle said, which a package may have wrapped.
run_code <- function(code, fit) {
  said <- NULL
  env <- list2env(list(fit = fit, d = consumer_data), parent = globalenv())
  sink(tempfile())
  on.exit(sink())
  tryCatch(
    withCallingHandlers(
      list(value = eval(code, env)),
      admle_error = function(e) said <<- conditionMessage(e),
      warning = function(w) invokeRestart("muffleWarning"),
      message = function(m) invokeRestart("muffleMessage")
    ),
    error = function(e) list(error = conditionMessage(e), said = said)
  )
}

# Small numbers are judged by the size of the largest.
difference <- function(own, reference) {
  known <- is.finite(reference)
  if (length(own) < length(reference) || !any(known)) return(NA_real_)
  own <- own[seq_along(reference)][known]
  reference <- reference[known]
  max(abs(own - reference) / (abs(reference) + 1e-6 * max(abs(reference))))
}

reasons <- character()
failures <- 0L

reason <- function(text) {
  text <- gsub("\\s+", " ", text)
  if (!text %in% reasons) reasons <<- c(reasons, text)
  sprintf("says why (%d)", match(text, reasons))
}

fail <- function(text) {
  failures <<- failures + 1L
  sprintf("**%s**", text)
}

# A package may hide what was signalled, and raise it again as its own error.
excused <- function(row) {
  paste(c("A likelihood written as a function", "a model given as a formula",
          row$says), collapse = "|")
}

cell <- function(row, found, reference) {
  if (!is.null(found$said)) return(reason(found$said))
  if (!is.null(found$error) && grepl(excused(row), found$error)) {
    return(reason(sub(".*error message was raised:\\s*", "",
                      sub("\\s*Bug Tracker.*", "", found$error))))
  }
  if (!is.null(found$error) &&
        grepl("is not an exported object", found$error, fixed = TRUE)) {
    return("not in this version")
  }
  if (!is.null(found$error)) {
    return(fail(paste("fails:", gsub("\\s+", " ", found$error))))
  }
  if (!row$compare) return("works")
  if (!is.null(reference$error)) {
    return(fail(paste("glm() fails:", reference$error)))
  }
  apart <- difference(numbers_of(found$value), numbers_of(reference$value))
  if (is.na(apart)) return(fail("not comparable"))
  shown <- if (apart == 0) "0" else format(signif(apart, 1))
  if (apart <= row$within) shown else fail(paste("differs by", shown))
}

run_row <- function(row) {
  package <- row$package
  code <- paste(trimws(deparse(row$code, width.cutoff = 200L)), collapse = " ")
  label <- sprintf("`%s`", gsub("|", "\\|", code, fixed = TRUE))
  if (!requireNamespace(package, quietly = TRUE)) {
    return(c(package, label, rep("not installed", 2L), row$note))
  }
  fits <- models[[row$model]]
  reference <- if (row$compare) run_code(row$code, fits$reference)
  cells <- vapply(fits[c("function", "formula")], function(fit) {
    cell(row, run_code(row$code, fit), reference)
  }, "")
  c(package, label, cells, row$note)
}

topic <- function(file) {
  rows <<- list()
  sys.source(file, new.env(parent = globalenv()))
  packages <<- union(packages, vapply(rows, `[[`, "", "package"))
  title <- sub("^# (.*?)[.]?$", "## \\1", readLines(file, 1L))
  body <- do.call(rbind, lapply(rows, run_row))
  cells <- rbind(c("package", "code", "by function", "by formula", "note"),
                 "---", body)
  c(title, "", paste0("| ", apply(cells, 1L, paste, collapse = " | "), " |"),
    "")
}

topics <- file.path("bench", "consumers", c(
  "inference.R", "effects.R", "tables.R", "methods.R"
))
sections <- unlist(lapply(topics, topic))
packages <- sort(packages)
present <- Filter(function(p) requireNamespace(p, quietly = TRUE), packages)
versions <- vapply(present, function(p) as.character(packageVersion(p)), "")

page <- c(
  "# What other packages make of a fit", "",
  "Written by `make consumers`, which runs every line. A number is the largest",
  "relative difference from what the package makes of the same model by",
  "`glm()` (or, with t distributions, by `lm()`). *says why* is an error, of",
  "admle or of the package, that is below. Where numbers cannot be compared",
  "the cell is *works*.", "",
  paste("* Date:", Sys.Date()), paste("* R:", R.version.string),
  paste("* Packages:", paste(present, versions, collapse = ", ")),
  sprintf("* Lines that fail, or differ by more than %g: %d", tolerance,
          failures), "",
  sections,
  "## Errors that say why", "",
  sprintf("%d. %s", seq_along(reasons), reasons)
)
writeLines(page, "bench/consumers.md")
message("written: bench/consumers.md; ", failures, " failures")
if (failures > 0L) quit("no", status = 1L)
