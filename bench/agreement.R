# Fits of admle side by side with those of the functions made for the same
# models: `make agreement` writes bench/agreement.md. The cases are in
# bench/agreement/, a file a topic; each names a line of admle, one of the peer,
# and what the two have in common. Both lines are timed in turns.

source("bench/harness.R")
# observed_information(), and what the tests demand
source("tests/testthat/helper-models.R")

cases <- list()
converged <- glm.control(epsilon = 1e-15, maxit = 100)

reported_errors <- function(peer) sqrt(diag(vcov(peer)))

# Where a peer reports something else than errors from the observed information,
# or has few digits of them: Richardson's differences of the log-likelihood as
# textbooks write it, at the estimates of the peer. `scale` sets the steps.
by_differences <- "errors: differences of the log-likelihood"
difference_errors <- function(loglik, at, scale) {
  shifted <- function(z) loglik(at + scale * (z - 1))
  information <- -numDeriv::hessian(shifted, rep(1, length(at)),
                                    method.args = list(d = 0.1, r = 5))
  scale * sqrt(diag(solve(information)))
}

# Adds a case. `ours`, `peer` and `prepare` are expressions, in which .() is
# filled in; the extractors take the peer's fit, and what they return is
# compared with the first coefficients of admle's.
case <- function(title, ours, peer, prepare = NULL, needs = character(),
                 coefficients = coef, errors = reported_errors,
                 loglik = logLik, note = "") {
  from <- parent.frame()
  filled <- function(x) eval(call("bquote", x, quote(from)))
  cases[[length(cases) + 1L]] <<- list(
    title = title, ours = filled(substitute(ours)),
    peer = filled(substitute(peer)), prepare = filled(substitute(prepare)),
    needs = needs, coefficients = coefficients, errors = errors,
    loglik = loglik, note = note
  )
}

largest_difference <- function(ours, theirs) {
  theirs <- as.vector(theirs)
  max(abs(as.vector(ours)[seq_along(theirs)] / theirs - 1))
}

# How far the maximum is, in standard errors, by the scores at the estimates.
distance_left <- function(fit) {
  score <- colSums(sandwich::estfun(fit))
  sqrt(drop(score %*% vcov(fit) %*% score))
}

verdict <- function(differences, gain, distance) {
  within <- differences <= unlist(model_tolerance[names(differences)])
  if (all(within)) return("yes")
  # Errors that differ are not explained by a peer that stops early.
  if (within[["errors"]] && gain >= -1e-10 && distance < 1e-8) {
    return("peer is less exact")
  }
  "**no**"
}

compare_fits <- function(case, fit, peer) {
  loglik <- as.numeric(case$loglik(peer))
  differences <- c(
    coefficients = largest_difference(coef(fit), case$coefficients(peer)),
    loglik = largest_difference(logLik(fit), loglik),
    errors = largest_difference(sqrt(diag(vcov(fit))), case$errors(peer))
  )
  gain <- (as.numeric(logLik(fit)) - loglik) / abs(loglik)
  list(differences = differences,
       verdict = verdict(differences, gain, distance_left(fit)))
}

run_case <- function(case) {
  say(case$title)
  absent <- Filter(Negate(has), case$needs)
  if (length(absent)) {
    return(table_line(case, note = paste("not installed:", absent[[1L]])))
  }
  used <<- union(used, case$needs)
  tryCatch(timed_case(case), error = function(e) {
    say(conditionMessage(e))
    table_line(case, note = paste("**failed**:", conditionMessage(e)))
  })
}

timed_case <- function(case) {
  env <- new.env(parent = globalenv())
  eval(case$prepare, env)
  times <- paired(
    list(admle = function() eval(case$ours, env),
         peer = function() suppressWarnings(eval(case$peer, env))),
    rounds = by_mode(5L, 1L), budget = by_mode(5, 1)
  )
  found <- values(times)
  table_line(case, compare_fits(case, found$admle, found$peer), times)
}

table_line <- function(case, compared = NULL, times = NULL, note = case$note) {
  shown <- function(x) format(signif(x, 2), digits = 2)
  figures <- if (is.null(compared)) rep("", 7L) else c(
    vapply(compared$differences[c("coefficients", "errors", "loglik")], shown,
           ""),
    compared$verdict,
    vapply(1:2, function(j) format_seconds(median(times[, j], na.rm = TRUE)),
           ""),
    paste(format_number(median(times[, 2L] / times[, 1L], na.rm = TRUE)), "×")
  )
  c(case$title, figures, note)
}

code_of <- function(case) {
  c(paste("#", case$title), deparse(case$ours, width.cutoff = 60L),
    deparse(case$peer, width.cutoff = 60L), "")
}

topics <- file.path("bench", "agreement", c(
  "linear.R", "families.R", "counts.R", "categories.R", "survival.R"
))

section <- function(topic) {
  cases <<- list()
  # Helpers of one file are not seen by the next.
  sys.source(topic, new.env(parent = globalenv()))
  rows <- do.call(rbind, lapply(cases, run_case))
  title <- sub("# ", "## ", readLines(topic, 1L))
  header <- c("model", "coefficients", "errors", "log-likelihood", "agrees",
              "admle", "peer", "peer / admle", "note")
  cells <- rbind(header, "---", rows)
  code <- unlist(lapply(cases, code_of))
  c(sub("[.]$", "", title), "",
    paste0("| ", apply(cells, 1L, paste, collapse = " | "), " |"), "",
    "```r", code[-length(code)], "```", "")
}

# Packages that a case needs, as far as they are there.
used <- "admle"

made_with <- function() {
  versions <- vapply(used, function(name) {
    as.character(packageVersion(name))
  }, "")
  c(paste("* Date:", Sys.Date()), paste("* R:", R.version.string),
    paste("* Packages:", paste(used, versions, collapse = ", ")))
}

about <- c(
  "# Agreement with other packages", "",
  "Written by `make agreement`. The columns *coefficients*, *errors* and",
  "*log-likelihood* are the largest relative differences. A model agrees where",
  sprintf("they are below %g, %g and %g; *peer is less exact* says that they",
          model_tolerance$coefficients, model_tolerance$errors,
          model_tolerance$loglik),
  "are not, although the errors are, admle's scores are zero to 1e-8 standard",
  "errors, and its log-likelihood is not the lower one. The tolerances of the",
  "peers are set as tight as they allow, which takes some of them longer.", "",
  "Times are medians of whole fits in turns in one process; those of admle",
  "include the recording of the model and the standard errors.", ""
)
sections <- unlist(lapply(topics, section))
page <- c(about, made_with(), "", sections)
writeLines(page, "bench/agreement.md")
say("written: bench/agreement.md")
