# What can be known of a log-likelihood before it is fitted: it is set up as for
# mle_fit() and looked at where the search would start. Each look is a row of
# the report. What stops a fit with an error is a row of it too, so that the
# report always ends. How things are found out is in the files that the fit
# itself uses; here is only what is said of them.

#' Check a log-likelihood before it is fitted
#'
#' Sets a model up as [mle_fit()] does, looks at it at the starting values, and
#' reports whether it can be fitted: on one page, and as an object.
#'
#' @param loglik,... What [mle_fit()] is given, `loglik`, `start`, `data` and
#'   so on, or the formulas of a model. Nothing is fitted.
#' @param x An object of class `"mle_check"`.
#' @param digits The digits printed.
#' @details
#' What is looked at:
#' * `model`: whether it can be set up, with its starting values and data;
#' * `recording`: whether the function can be recorded;
#' * `value`: whether the log-likelihood is finite at the start, and which call
#'   and observation make it infinite if not;
#' * `contributions`: whether it is a sum over observations, which robust
#'   standard errors need, and how many there are;
#' * `data`: which columns are used, which rows are left out, and which
#'   variables come from elsewhere;
#' * `sign`: whether the function looks like one that returns the negative
#'   log-likelihood, or densities instead of their logarithms;
#' * `gradient`: the exact gradient against differences;
#' * `identification`: directions along which the log-likelihood does not
#'   change;
#' * `scaling`: whether the curvatures are so different that a search would
#'   suffer.
#'
#' The table has a row for each number that the optimiser moves (of a parameter
#' with a declared range a transformation, as named): the `start`, the
#' `gradient` there, its `error` against differences, and what says how much
#' the log-likelihood depends on it: `step`, the change that costs half a unit
#' of log-likelihood by the curvature at the start (`NA` where it curves
#' upwards), and `rows`, the number of observations whose contribution depends
#' on it.
#' @return An object of class `"mle_check"`, a list of `call`; `checks`, a data
#'   frame with the columns `check`, `verdict` (`"ok"`, `"note"`, `"doubt"` or
#'   `"error"`) and `text`; `parameters`, the table (`NULL` where there is
#'   none); `value`, the log-likelihood at the start; `nobs`; and `ok`, whether
#'   there is neither a doubt nor an error. `print()` shows it.
#' @seealso [check_gradient()], [mle_fit()]
#' @examples
#' mle_check(
#'   function(a, b, sigma) dnorm(dist, a + b * speed, sigma, log = TRUE),
#'   start = list(a = 0, b = 1, sigma = positive(10)), data = cars
#' )
#' # two mistakes
#' check <- mle_check(
#'   function(a, b, sigma) -dnorm(dist, a + b, sigma, log = TRUE),
#'   start = list(a = 0, b = 1, sigma = positive(10)), data = cars
#' )
#' check
#' check$ok
#' @export
mle_check <- function(loglik, ...) {
  call <- sys.call()
  frame <- parent.frame()
  report <- check_report(call)
  fit <- report$look("model", set_up(call, frame))
  if (!is.null(fit)) check_set_up(report, fit)
  report$result()
}

# The fit as it is before the search, by the call with another function.
set_up <- function(call, frame) {
  control <- if (is.null(call$control)) mle_control() else
    as_control(eval(call$control, frame))
  control$only_set_up <- TRUE
  call[[1L]] <- mle_fit
  call$control <- control
  eval(call, frame)
}

# Rows of the report. `look(check, expr)` is the value of `expr`, NULL where it
# fails; warnings and the error are rows. `doubts(check)` says
# whether there is one already, `keep(name, value)` adds to the result.
check_report <- function(call) {
  call[[1L]] <- quote(mle_check)
  rows <- list()
  found <- list(call = call)
  add <- function(check, verdict, text) {
    rows[[length(rows) + 1L]] <<- data.frame(check = check, verdict = verdict,
                                             text = text)
    NULL
  }
  list(
    add = add,
    doubts = function(check) {
      any(vapply(rows, function(row) {
        row$check == check && row$verdict == "doubt"
      }, NA))
    },
    keep = function(name, value) found[[name]] <<- value,
    look = function(check, expr) {
      tryCatch(
        withCallingHandlers(expr, warning = function(w) {
          add(check, "doubt", plain_text(w))
          tryInvokeRestart("muffleWarning")
        }),
        error = function(e) add(check, "error", plain_text(e))
      )
    },
    result = function() {
      checks <- do.call(rbind, rows)
      structure(c(found, list(
        checks = checks, ok = !any(checks$verdict %in% c("doubt", "error"))
      )), class = "mle_check")
    }
  )
}

plain_text <- function(condition) {
  gsub("\\s*\n\\s*", " ", cli::ansi_strip(conditionMessage(condition)))
}

#' @rdname mle_check
#' @export
print.mle_check <- function(x, digits = 4L, ...) {
  print_call(x$call)
  mark <- c(ok = " ", note = "i", doubt = "!", error = "x")
  for (i in seq_len(nrow(x$checks))) {
    row <- x$checks[i, ]
    end <- if (grepl("[.?]$", row$text)) "" else "."
    cat(strwrap(paste0(row$text, end),
                initial = sprintf("%s %-15s", mark[[row$verdict]], row$check),
                exdent = 17L), sep = "\n")
  }
  if (!is.null(x$parameters)) {
    cat("\nAt the start:\n")
    shown <- utils::head(x$parameters, most_rows_shown)
    if (!any(x$checks$check == "gradient" & x$checks$verdict == "doubt")) {
      shown$error <- NULL
    }
    print(format(shown, digits = digits), row.names = FALSE)
    if (nrow(x$parameters) > most_rows_shown) {
      cat(sprintf("... and %s more\n", grouped_digits(
        nrow(x$parameters) - most_rows_shown
      )))
    }
  }
  cat("\n", check_verdict(x), "\n", sep = "")
  invisible(x)
}

most_rows_shown <- 25L

check_verdict <- function(x) {
  errors <- sum(x$checks$verdict == "error")
  doubts <- sum(x$checks$verdict == "doubt")
  if (errors) {
    sprintf("%s (x): it cannot be fitted like this.", counted(errors, "error"))
  } else if (doubts) {
    sprintf("%s (!): look at these before you fit it.",
            counted(doubts, "doubt"))
  } else {
    "Nothing speaks against fitting it."
  }
}
