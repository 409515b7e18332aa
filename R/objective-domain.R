# Points outside the domain of a log-likelihood: those where the user's function
# returns a constant, as in `if (s <= 0) return(-Inf)`, or stops. At the start
# that is an error. At a trial point it is a step that the search shortens; the
# C++ recorder (glue-objective.cpp) is told why. What cannot be recorded is an
# error wherever it is met, and so is an interrupt.

# A value in which no parameter takes part.
abort_constant <- function(value) {
  shown <- unique(value)
  shown <- if (length(shown) == 1L) format(shown) else "a constant"
  admle_abort("value", paste(
    "The value of the function does not depend on its parameters.",
    "Is the log-likelihood its last expression?"
  ), constant = sprintf("the function returns %s", shown),
  constant_value = sum(value))
}

# `known`: names that the function could have used.
at_start <- function(at_point, theta, parameters, check, known) {
  tryCatch(
    at_point(theta, check = check),
    error = function(e) {
      # Another error is a mistake in the function, or a value that is no
      # log-likelihood.
      own <- !is.null(e$deliberate) && has_no_class(e)
      if (!is.null(e$constant) || own) {
        outside <- outside_domain(at_point, theta)
        if (own || outside$conditional || !is.finite(e$constant_value)) {
          abort_start(outside, e, parameters, theta)
        }
      }
      if (is_of_r(e)) abort_mistake(e, known)
      stop(e)
    }
  )
}

# What `objective_make()` wants of a point of the search. A function that has no
# value there need not be recorded.
at_trial <- function(at_point, theta, plain) {
  branches <- new_branches()
  tryCatch(
    at_point(theta, branches = branches),
    error = function(e) {
      if (is_unrecordable(e) && !has_no_value(plain, theta)) stop(e)
      outside <- list(outside = outside_text(e, last_branch(branches)))
      # Wherever the same branches are taken.
      if (!is.null(e$constant) || isTRUE(e$recorded)) {
        outside[c("trace", "input")] <- list(branches$trace, branches$input)
      }
      outside
    }
  )
}

# -> the condition that says that theta is outside the domain, as `branch` of
#    `branches`; NULL where there is none. `conditional`: whether the function
#    looked at a value that depends on parameters at all.
outside_domain <- function(at_point, theta) {
  branches <- new_branches()
  recorded <- tryCatch(at_point(theta, branches = branches),
                       error = function(e) NULL)
  list(branches = branches, conditional = branches$count() > 0L,
       branch = if (is.null(recorded)) last_branch(branches))
}

# The branches at theta, and the parameters that the value there depends on.
branches_taken <- function(at_point, theta) {
  branches <- new_branches()
  at <- at_point(theta, branches = branches)
  list(branches = branches,
       used = nodes_read(at$trace, at$output, at$input))
}

has_no_value <- function(plain, theta) {
  value <- tryCatch(suppressWarnings(plain(theta)), error = function(e) NA)
  (is.numeric(value) || is.logical(value)) && !all(is.finite(value))
}

# A condition of a class of the user's is for the user's handlers.
has_no_class <- function(e) {
  all(class(e) %in% c("simpleError", "rlang_error", "error", "condition"))
}

is_unrecordable <- function(e) {
  inherits(e, c("admle_error_unsupported", "admle_error_internal"))
}

outside_text <- function(e, branch) {
  text <- if (!is.null(e$constant)) {
    e$constant
  } else if (inherits(e, "admle_error")) {
    conditionMessage(e)
  } else {
    sprintf("the function stops with \"%s\"", first_line(conditionMessage(e)))
  }
  if (is.null(branch)) text else
    sprintf("%s where %s", sub("[.]$", "", text), branch_text(branch))
}

abort_start <- function(outside, e, parameters, theta) {
  branch <- outside$branch
  values <- parameters_coefficients(parameters, theta)
  read <- if (!is.null(branch)) {
    at <- branch_reads(outside$branches, branch)
    jacobian <- parameters_jacobian(parameters, theta)
    if (is.null(jacobian)) names(values)[at] else
      names(values)[rows_moved(jacobian, at)]
  }
  abort_outside(outside_text(e, branch), values, start_remedy(branch, read),
                condition = branch$text, cause = e)
}

abort_outside <- function(text, values, remedy, ...) {
  admle_abort("domain", sprintf(paste(
    "The starting values are outside the domain of the log-likelihood: %s,",
    "at %s. %s"
  ), text, values_text(values), remedy), values = values, ...)
}

# `read`: the parameters that the condition reads.
start_remedy <- function(branch, read = NULL) {
  if (is.null(branch) || length(read) != 1L) {
    return(paste("Choose another start. The range of a parameter can be",
                 "declared in `start`, by positive() or bounded()."))
  }
  below <- branch$outcome && grepl("<=? 0$", branch$text) ||
    !branch$outcome && grepl(">=? 0$", branch$text)
  sprintf("Start `%s` elsewhere, or declare its range in `start`, by %s.",
          read, if (below) "positive()" else "bounded()")
}

values_text <- function(values, most = 6L) {
  shown <- utils::head(values, most)
  paste0(paste(names(shown), "=", format_each(shown), collapse = ", "),
         if (length(values) > most) ", ...")
}

# "2 points outside the domain (the function returns -Inf where ...)"
rejected_text <- function(count, reason) {
  sprintf("%s outside the domain%s", counted(count, "point"),
          if (nzchar(reason)) sprintf(" (%s)", reason) else "")
}

# What a fit keeps of the points outside the domain: the latest, as a data frame
# with the parameters as the user wrote them; NULL where there were none.
rejected_points <- function(parameters, rejected) {
  if (is.null(rejected) || rejected$count == 0L) {
    return(NULL)
  }
  reason <- rejected$reason
  reason[!nzchar(reason)] <- "the log-likelihood is not finite"
  points <- data.frame(iteration = rejected$iteration, reason = reason)
  at <- lapply(seq_len(nrow(rejected$theta)), function(i) {
    parameters_coefficients(parameters, rejected$theta[i, ])
  })
  points$coefficients <- do.call(rbind, at)
  attr(points, "count") <- rejected$count
  points
}

# Rejections so near to the end are worth a word.
recent_iterations <- 2L

late_rejections <- function(x) {
  which(x$rejected$iteration >=
          fit_search(x)$iterations - recent_iterations)
}

late_rejections_text <- function(x) {
  late <- late_rejections(x)
  if (length(late)) {
    sprintf("Of the last iterations, %s; see `rejected`", rejected_text(
      length(late), x$rejected$reason[[max(late)]]
    ))
  }
}

# Why the last steps were shortened, if they were.
late_reason <- function(x) {
  late <- late_rejections(x)
  if (length(late)) {
    sprintf("; steps were shortened because %s",
            x$rejected$reason[[max(late)]])
  }
}

# A parameter that takes no part in the log-likelihood because of a branch is
# not what "not identified" means: another branch may well read it.
explain_branches <- function(problems, fit, objective) {
  kinds <- vapply(problems, `[[`, "", "kind")
  taken <- if ("identification" %in% kinds) objective$taken(unname(fit$theta))
  if (is.null(taken)) {
    return(problems)
  }
  lapply(problems, function(found) {
    i <- match(found$parameters, names(fit$theta))
    if (found$kind != "identification" || any(i %in% taken$used)) {
      return(found)
    }
    branch <- Find(function(branch) {
      all(i %in% branch_reads(taken$branches, branch))
    }, taken$branches$taken)
    if (!is.null(branch)) {
      found$message <- sprintf(paste(
        "%s does not enter the log-likelihood, because %s there: the estimate",
        "and its surroundings are in this branch of the function. Start `%s`",
        "where it is %s."
      ), enumerate(names(fit$theta)[i]), branch_text(branch),
      names(fit$theta)[i[[1L]]], format(!branch$outcome))
    }
    found
  })
}
