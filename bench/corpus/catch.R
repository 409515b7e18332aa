# Runs the examples of a package and keeps the objectives that reach an
# optimiser: Rscript catch.R PACKAGE FILE. The optimisers are replaced before
# the package is loaded, so that its imports are the replacements. A process of
# its own, without byte code (R_DISABLE_BYTECODE): calls of compiled code then
# go through functions that can be replaced too.

arguments <- commandArgs(trailingOnly = TRUE)
package <- arguments[[1L]]
file <- file.path(normalizePath(dirname(arguments[[2L]])),
                  basename(arguments[[2L]]))
# Examples may write where they are.
setwd(tempdir())
seconds_an_example <- 10
seconds_a_package <- 60
most_caught <- 40L
largest <- 20e6

catching <- new.env()
catching$found <- list()
catching$keys <- character()
catching$inside <- FALSE
catching$topic <- ""
catching$foreign <- NULL

# Compiled code that a contributed package calls, with what it is given.
own_of_r <- rownames(installed.packages(priority = "base"))
watch_foreign <- function(name) {
  real <- get(name, baseenv())
  replacement <- function(.NAME, ...) {
    if (!is.null(catching$foreign)) {
      caller <- environmentName(topenv(parent.frame()))
      if (!caller %in% c(own_of_r, "R_GlobalEnv")) {
        catching$foreign <- c(catching$foreign, list(list(...)))
      }
    }
    real(.NAME, ...)
  }
  unlockBinding(name, baseenv())
  assign(name, replacement, baseenv())
}
for (name in c(".Call", ".C", ".Fortran", ".External")) watch_foreign(name)

foreign_calls <- function(expr) {
  catching$foreign <- list()
  on.exit(catching$foreign <- NULL)
  try(expr, silent = TRUE)
  catching$foreign
}

# Does compiled code see what changes with the parameters?
calls_compiled <- function(value_at, start, end) {
  if (identical(start, end)) end <- start * 1.01 + 0.001
  !identical(foreign_calls(value_at(start)), foreign_calls(value_at(end)))
}

# What tells objectives apart: their code, that of the functions they use, the
# words in them (such as names of distributions), the names of parameters.
words_of <- function(x) {
  if (is.function(x)) return(deparse(body(x)))
  if (is.character(x) && length(x) < 10L) x
}

key_of <- function(found) {
  where <- environment(found$fn)
  own <- isNamespace(where) || identical(where, globalenv()) ||
    isTRUE(attr(where, "of_example"))
  inner <- if (!own) mget(ls(where), where, ifnotfound = NA, mode = "any")
  text <- lapply(c(list(found$fn), inner, found$extra), words_of)
  paste(c(package, names(found$start), length(found$start), unlist(text)),
        collapse = "\n")
}

value_function <- function(found) {
  function(par) do.call(found$fn, c(list(par), found$extra))
}

keep <- function(found, result) {
  found$topic <- catching$topic
  found$start <- unlist(found$start)
  found$end <- found$end(result)
  found$value <- found$value(result)
  key <- key_of(found)
  unusable <- !is.numeric(found$start) || key %in% catching$keys ||
    length(catching$found) >= most_caught
  if (unusable) return()
  catching$keys <- c(catching$keys, key)
  found$compiled <- calls_compiled(value_function(found), found$start,
                                   found$end)
  stored <- serialize(found, NULL)
  if (length(stored) < largest) {
    catching$found <- c(catching$found, list(list(
      body = paste(deparse(body(found$fn)), collapse = "\n"), stored = stored
    )))
  }
}

# `describe` makes of the call's arguments what is kept of it.
watch <- function(namespace, name, describe) {
  original <- get(name, namespace)
  replacement <- function(...) {
    if (catching$inside) return(original(...))
    catching$inside <- TRUE
    on.exit(catching$inside <- FALSE)
    result <- original(...)
    try(silent = TRUE, {
      given <- list(...)
      matched <- as.list(match.call(original, as.call(c(quote(f), given)),
                                    expand.dots = FALSE))[-1L]
      found <- describe(matched)
      found$optimiser <- name
      found$given <- given
      found$extra <- as.list(matched$...)
      keep(found, result)
    })
    result
  }
  unlockBinding(name, namespace)
  assign(name, replacement, namespace)
  attached <- paste0("package:", environmentName(namespace))
  if (attached %in% search()) {
    place <- as.environment(attached)
    unlockBinding(name, place)
    assign(name, replacement, place)
  }
}

or_else <- function(x, default) if (is.null(x)) default else x

watch(asNamespace("stats"), "optim", function(m) {
  if ("SANN" %in% m$method) stop("not by values")
  scale <- or_else(m$control$fnscale, 1)
  list(fn = m$fn, start = m$par, maximise = scale < 0,
       lower = or_else(m$lower, -Inf), upper = or_else(m$upper, Inf),
       end = function(r) r$par, value = function(r) r$value)
})
watch(asNamespace("stats"), "nlm", function(m) {
  list(fn = m$f, start = m$p, maximise = FALSE, lower = -Inf, upper = Inf,
       end = function(r) r$estimate, value = function(r) r$minimum)
})
watch(asNamespace("stats"), "nlminb", function(m) {
  list(fn = m$objective, start = m$start, maximise = FALSE,
       lower = or_else(m$lower, -Inf), upper = or_else(m$upper, Inf),
       end = function(r) r$par, value = function(r) r$objective)
})
if (requireNamespace("maxLik", quietly = TRUE)) {
  for (name in c("maxLik", "maxNR", "maxBFGS", "maxBFGSR", "maxBHHH", "maxNM",
                 "maxCG")) {
    watch(asNamespace("maxLik"), name, function(m) {
      if (!is.null(m$constraints)) stop("constrained")
      list(fn = or_else(m$logLik, m$fn), start = m$start, maximise = TRUE,
           lower = -Inf, upper = Inf, fixed = m$fixed,
           end = function(r) r$estimate, value = function(r) r$maximum)
    })
  }
}

# What an example makes is seen by the objectives that it hands over.
new_example <- function() {
  example <- new.env(parent = globalenv())
  example$data <- function(..., envir) utils::data(..., envir = example)
  attr(example, "of_example") <- TRUE
  example
}

run_example <- function(rd, topic) {
  code <- tempfile(fileext = ".R")
  tools::Rd2ex(rd, code, commentDonttest = FALSE)
  if (!file.exists(code)) return()
  catching$topic <- topic
  example <- new_example()
  setTimeLimit(elapsed = seconds_an_example, transient = TRUE)
  on.exit(setTimeLimit())
  for (line in parse(code)) try(eval(line, example), silent = TRUE)
}

pdf(NULL)
options(warn = -1, device = function(...) pdf(NULL))
suppressPackageStartupMessages(library(package, character.only = TRUE))
help <- tools::Rd_db(package)
begun <- proc.time()[[3L]]
for (topic in names(help)) {
  if (proc.time()[[3L]] - begun > seconds_a_package) break
  set.seed(1)
  sink(nullfile())
  try(run_example(help[[topic]], sub("[.]Rd$", "", topic)), silent = TRUE)
  while (sink.number()) sink()
}
saveRDS(catching$found, file)
