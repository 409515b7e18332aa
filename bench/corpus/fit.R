# Fits by admle what catch.R kept: Rscript fit.R PACKAGE CAUGHT FILE. Each in a
# process of its own with a time limit. The result is a data frame with a row
# for each objective; the classes are in corpus.R.

arguments <- commandArgs(trailingOnly = TRUE)
package <- arguments[[1L]]
suppressPackageStartupMessages({
  library(package, character.only = TRUE)
  library(admle)
})

most_fitted <- 6L
seconds_each <- as.numeric(Sys.getenv("ADMLE_CORPUS_EACH"))
seconds_timed <- 0.5
rounds <- 5L

# Different code first, then the same for other models.
chosen <- function(caught) {
  bodies <- vapply(caught, `[[`, "", "body")
  turn <- ave(seq_along(bodies), bodies, FUN = seq_along)
  head(order(turn), most_fitted)
}

names_of <- function(x) if (is.null(names(x))) rep("", length(x)) else names(x)

# Without what is meant for the optimiser, as maxLik's `iterlim`.
taken <- function(extra, arguments) {
  if ("..." %in% arguments) return(extra)
  extra[names_of(extra) %in% c("", arguments)]
}

# The log-likelihood as one would write it: `function(par) -fn(par, x = x)`.
as_loglik <- function(found) {
  where <- new.env(parent = globalenv())
  where$fn <- found$fn
  extra <- taken(found$extra, names(formals(found$fn)))
  named <- names_of(extra)
  symbols <- make.unique(c("fn", "par", ifelse(
    nzchar(named), named, paste0("extra", seq_along(extra))
  )))[-(1:2)]
  for (k in seq_along(extra)) assign(symbols[[k]], extra[[k]], where)
  call <- as.call(c(quote(fn), quote(par),
                    setNames(lapply(symbols, as.name), named)))
  if (!found$maximise) call <- call("-", call)
  eval(call("function", as.pairlist(alist(par = )), call), where)
}

# A start on the edge of its range is moved inside.
as_start <- function(found) {
  par <- found$start
  lower <- rep_len(as.numeric(unlist(found$lower)), length(par))
  upper <- rep_len(as.numeric(unlist(found$upper)), length(par))
  if (all(lower == -Inf & upper == Inf)) return(list(par = par))
  width <- ifelse(is.finite(upper - lower), upper - lower, 1)
  par <- pmin(pmax(par, lower + 1e-3 * width), upper - 1e-3 * width)
  list(par = bounded(par, lower, upper))
}

# Seconds of the processor, since the machine may have other work.
processor <- function() sum(proc.time()[1:2])

timed <- function(expr) {
  begun <- processor()
  value <- tryCatch(expr, error = identity)
  list(value = value, seconds = processor() - begun)
}

# The median of a few runs, each of a fresh copy: nothing is remembered.
median_time <- function(run, first) {
  seconds <- first
  while (length(seconds) < rounds &&
           (length(seconds) < 3L || sum(seconds) < seconds_timed)) {
    seconds <- c(seconds, run())
  }
  median(seconds)
}

fresh <- function(stored) unserialize(stored)

fit_once <- function(stored, derivatives) {
  found <- fresh(stored)
  loglik <- as_loglik(found)
  start <- as_start(found)
  fixed <- if (length(found$fixed)) list(fixed = found$fixed)
  warnings <- character()
  result <- withCallingHandlers(
    timed(do.call(mle_fit, c(list(loglik, start, derivatives = derivatives),
                             fixed))),
    warning = function(w) {
      warnings <<- c(warnings, conditionMessage(w))
      invokeRestart("muffleWarning")
    },
    message = function(m) invokeRestart("muffleMessage")
  )
  c(result, list(warnings = warnings))
}

run_original <- function(stored) {
  found <- fresh(stored)
  run <- if (grepl("^max", found$optimiser)) {
    getExportedValue("maxLik", found$optimiser)
  } else {
    get(found$optimiser, asNamespace("stats"))
  }
  sink(nullfile())
  on.exit(sink())
  timed(suppressWarnings(do.call(run, found$given)))$seconds
}

one_line <- function(text) gsub("\\s+", " ", paste(text, collapse = " "))

# Does the original's optimiser find more where admle stopped?
improves <- function(found, par, value) {
  loglik <- as_loglik(found)
  further <- tryCatch(
    optim(par, function(p) -sum(loglik(p)), method = "BFGS")$value,
    error = function(e) NA, warning = function(w) NA
  )
  isTRUE(-further > value + 1e-6 * max(1, abs(value)))
}

# Called by R's own packages, which catch.R does not count, but admle tells.
says_compiled <- function(value) {
  inherits(value, "error") && grepl("compiled code", conditionMessage(value))
}

fit_row <- function(stored) {
  found <- fresh(stored)
  loglik <- as_loglik(found)
  plain <- function(par) suppressWarnings(
    tryCatch(sum(loglik(par)), error = function(e) NA_real_)
  )
  row <- list(
    package = package, topic = found$topic, optimiser = found$optimiser,
    parameters = length(found$start), compiled = found$compiled,
    original = plain(setNames(found$end, names(found$start)))
  )
  if (!is.finite(row$original)) return(c(row, refused = "not evaluable"))
  first <- fit_once(stored, "exact")
  row$compiled <- found$compiled || says_compiled(first$value)
  if (row$compiled && inherits(first$value, "error")) {
    row$said <- one_line(conditionMessage(first$value))
    first <- fit_once(stored, "numeric")
    row$derivatives <- "numeric"
  }
  fit <- first$value
  if (inherits(fit, "error")) {
    return(c(row, list(refused = one_line(conditionMessage(fit)),
                       class = class(fit)[[1L]])))
  }
  derivatives <- fit$derivatives
  at <- unname(coef(fit))
  row$loglik <- fit$loglik
  row$plain <- plain(setNames(at, names(found$start)))
  row$apart <- max(abs(at - found$end) / pmax(abs(found$end), 1e-2))
  row$warnings <- one_line(first$warnings)
  row$converged <- fit$converged
  if (row$loglik < row$original) {
    row$local <- !improves(found, setNames(at, names(found$start)), fit$loglik)
  }
  row$seconds <- median_time(function() fit_once(stored, derivatives)$seconds,
                             first$seconds)
  row$original_seconds <- median_time(function() run_original(stored),
                                      run_original(stored))
  row
}

# What is done at the first fit of a session is no matter of the objective.
invisible(mle_fit(function(a) dnorm(3, a, 1, log = TRUE), start = 0))

in_time <- function(stored) {
  # The collection copies the pages that the fork shares: no matter of the fit.
  job <- parallel::mcparallel({
    gc()
    fit_row(stored)
  })
  end <- proc.time()[[3L]] + seconds_each
  repeat {
    done <- parallel::mccollect(job, wait = FALSE, timeout = 1)
    if (!is.null(done)) break
    if (proc.time()[[3L]] > end) {
      tools::pskill(job$pid, tools::SIGKILL)
      parallel::mccollect(job)
      break
    }
  }
  found <- fresh(stored)
  known <- list(package = package, topic = found$topic,
                optimiser = found$optimiser, compiled = found$compiled,
                parameters = length(found$start))
  result <- done[[1L]]
  if (is.null(result)) {
    c(known, refused = sprintf("no end within %g s", seconds_each))
  } else if (inherits(result, "try-error")) {
    c(known, refused = paste("the harness fails:", one_line(result)))
  } else {
    result
  }
}

caught <- readRDS(arguments[[2L]])
rows <- lapply(caught[chosen(caught)], function(one) in_time(one$stored))
saveRDS(rows, arguments[[3L]])
