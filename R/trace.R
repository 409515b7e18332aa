# Recording a function: it is evaluated once on traced values, under the mask.
# `record()` is the whole of it with its safety net, `trace_call()` the part
# that also works inside a recording (a derivative taken in a likelihood).
#' @include trace-masks-apply.R
#' @include trace-masks-stats.R
#' @include trace-check.R
#' @include trace-body.R
NULL

trace_begin <- function(locate = FALSE, branches = NULL, leaves = FALSE) {
  saved <- mget(
    c("closures", "failure", "caught", "warned", "catching", "calls", "keys",
      "branches", "leaves", "stated", "generics", "sparse", "placed", "inside"),
    envir = trace_session, ifnotfound = list(NULL)
  )
  pointer <- trace_begin_(locate)
  trace_session$closures <- new.env()
  trace_session$generics <- new.env()
  trace_session$sparse <- new.env()
  trace_session$failure <- NULL
  trace_session$caught <- NULL
  trace_session$warned <- NULL
  trace_session$catching <- 0L
  trace_session$calls <- list()
  trace_session$keys <- new.env()
  trace_session$branches <- branches
  trace_session$leaves <- if (is.environment(leaves)) leaves else
    if (leaves) new.env()
  trace_session$stated <- NULL
  trace_session$placed <- FALSE
  trace_session$inside <- new_searches()
  trace_session$continued <- FALSE
  state <- new.env()
  state$saved <- saved
  structure(list(pointer = pointer, state = state), class = "admle_trace")
}

# Ends the recording; a second time does nothing.
trace_end <- function(tr) {
  if (!is.null(tr$state$saved)) {
    trace_end_(tr$pointer)
    tr$state$calls <- trace_session$calls
    for (name in names(tr$state$saved)) {
      assign(name, tr$state$saved[[name]], envir = trace_session)
    }
    tr$state$saved <- NULL
  }
  invisible(tr)
}

trace_graph <- function(tr) tr$pointer

# A new input of the graph; `value` is what it is at the recording point.
trace_input <- function(value) {
  if (is.object(value)) value <- unclass(value)
  storage.mode(value) <- "double"
  trace_input_(value, 0L)
}

# Evaluates f on the arguments (plain or traced) in the active recording.
trace_call <- function(f, args, data = NULL) {
  f <- match.fun(f)
  call_named(
    if (is.null(data)) masked_function(f) else mask_closure(f, data), args
  )
}

# Calls f(a = a, b = b), so that an error inside shows that and not the values.
call_named <- function(f, args) {
  frame <- new.env(parent = globalenv())
  labels <- names(args)
  if (is.null(labels)) labels <- character(length(args))
  unnamed <- labels == ""
  symbols <- labels
  symbols[unnamed] <- paste0(".argument", seq_along(args))[unnamed]
  for (k in seq_along(args)) assign(symbols[[k]], args[[k]], envir = frame)
  name <- if ("f" %in% symbols) "f.recorded" else "f"
  assign(name, f, envir = frame)
  call <- as.call(c(
    list(as.name(name)), stats::setNames(lapply(symbols, as.name), labels)
  ))
  eval(call, frame)
}

#' Recording with the safety net
#'
#' The function is also evaluated plainly, once. When both fail, the user's own
#' error is raised; when only the recording fails, the error says what cannot
#' be recorded; when both work, the values must agree.
#'
#' @param f A function.
#' @param at Named list of plain numeric arguments.
#' @param data Columns that are visible before the environment of `f`.
#' @param locate Keep for each node the user's call that made it.
#' @param check Evaluate plainly and compare.
#' @param branches An environment by `new_branches()` that notes the conditions
#'   of `if`, also where recording ends with an error.
#' @param flat One input instead of one for each argument: `list(theta =,
#'   build =)`; `build(theta)` makes named arguments of a vector, plain or
#'   traced (see `layout_slice()`).
#' @param leaves Make inputs of the data, see trace-leaves.R; an environment
#'   that notes them, by address, and their order as `.order`.
#' @return A list: `trace`, `inputs`, `output` (traced, plain where no parameter
#'   matters, or a list of those), `id` (the nodes of the output), `calls`
#'   (what the origins of the nodes stand for), `placed` (whether numbers in it
#'   were chosen for this point, as nodes of quadrature), `stated` (derivatives
#'   that the function itself gave its value as attributes).
#' @noRd
record <- function(
  f, at, data = NULL, locate = FALSE, check = TRUE, flat = NULL,
  branches = NULL, leaves = FALSE
) {
  seed <- random_seed()
  tr <- trace_begin(locate, branches, leaves)
  on.exit(trace_end(tr))
  outer <- mget(c("home", "checks"), envir = trace_session,
                ifnotfound = list(NULL))
  trace_session$home <- package_of(f)
  trace_session$checks <- check
  on.exit(list2env(outer, envir = trace_session), add = TRUE)

  if (is.null(flat)) {
    inputs <- lapply(at, trace_input)
    arguments <- inputs
  } else {
    theta <- trace_input(unname(flat$theta))
    inputs <- list(theta)
    built <- flat$build(theta)
    arguments <- replace(at, names(built), built)
    numbers <- flat$build(as.numeric(flat$theta))
    at <- replace(at, names(numbers), numbers)
  }
  if (!is.null(branches)) {
    branches$trace <- trace_graph(tr)
    branches$input <- traced_id(inputs[[1L]])
  }
  traced <- evaluate_watched(trace_call(f, arguments, data), explain = check)
  traced$failure <- trace_session$failure
  traced$caught <- trace_session$caught
  traced$warnings <- c(traced$warnings, trace_session$warned)
  if (is.null(traced$error)) {
    id <- output_ids(traced$value)
    check_unknowns(trace_graph(tr), id)
  }
  stated <- trace_session$stated
  placed <- trace_session$placed
  traced$continued <- trace_session$continued
  if (is.null(traced$error) && check) {
    traced$number <- evaluate_watched(value_as_r(traced$value))
    traced$searched <- searched_values(traced$value)
  }
  if (length(traced$caught) > 0L && check) {
    traced$caught_plainly <- caught_plainly(f, at, data)
  }
  if (length(trace_session$warned) > 0L && check) {
    traced$suppressed <- suppressed_plainly(f, at, data)
  }
  input_ids <- vapply(inputs, traced_id, 0L)
  trace_end(tr)
  check_seed(seed)
  if (check || !is.null(traced$error)) {
    plain <- evaluate_watched(plain_call(f, at, data), silent = TRUE,
                              explain = TRUE)
    check_seed(seed)
    tryCatch(check_recording(traced, plain, function() {
      rounding_bound(trace_graph(tr), id, length(plain$value))
    }), error = function(e) stop(with_masking_hint(e, f)))
  } else if (!is.null(traced$failure)) {
    stop(traced$failure)
  }
  list(
    trace = tr, inputs = inputs, output = traced$value, id = id,
    input_ids = input_ids, calls = tr$state$calls,
    warnings = if (check) unique(plain$warnings), placed = placed,
    stated = if (check && is.numeric(id) && id %in% stated) {
      attributes(plain$value)[stated_attributes]
    }
  )
}

# Node ids of the output, before the trace ends: an assembled vector becomes a
# node here. -1 where the output is no number.
output_ids <- function(x) {
  if (is.list(x) && !is_traced(x)) {
    return(lapply(x, output_ids))
  }
  if (is_traced(x) && length(x) > 0L) {
    return(traced_id(x))
  }
  if ((is.numeric(x) || is.logical(x)) && length(x) > 0L) traced_id(x) else -1L
}

package_of <- function(f) {
  if (typeof(f) == "closure" && isNamespace(environment(f))) environment(f)
}

# One argument as a slice of the flat parameter vector, plain or traced. `part`
# has `positions` (NA for an element that is fixed at its place in `values`),
# `dim`, `names`, `dimnames`.
layout_slice <- function(theta, part) {
  labels <- if (is.null(part$dim)) part$names else part$dimnames
  fixed <- is.na(part$positions)
  if (is_traced(theta)) {
    dim <- if (!is.null(part$dim)) as.integer(part$dim)
    if (!any(fixed)) {
      return(traced_gather(theta, part$positions, dim, labels))
    }
    # The free ones together, which keeps them one piece of theta.
    free <- traced_gather(theta, part$positions[!fixed], NULL, NULL)
    both <- traced_concat(list(free, part$values[fixed]), NULL, NULL)
    return(traced_gather(both, order(order(fixed)), dim, labels))
  }
  out <- theta[part$positions]
  out[fixed] <- part$values[fixed]
  if (is.null(part$dim)) {
    names(out) <- labels
  } else {
    dim(out) <- part$dim
    dimnames(out) <- labels
  }
  out
}

plain_call <- function(f, at, data) {
  if (!is.null(data)) {
    environment(f) <- list2env(as.list(data), parent = environment(f))
  }
  call_named(f, at)
}

# Under the mask but on plain numbers: which errors the function itself catches.
caught_plainly <- function(f, at, data) {
  trace_session$caught <- NULL
  evaluate_watched(trace_call(f, at, data), silent = TRUE)
  trace_session$caught
}

# The same of the warnings that it suppresses.
suppressed_plainly <- function(f, at, data) {
  trace_session$warned <- NULL
  evaluate_watched(trace_call(f, at, data), silent = TRUE)
  trace_session$warned
}

# Value or error, the user's call that failed, its operands (`explain`), and
# warnings (muffled).
evaluate_watched <- function(expr, silent = FALSE, explain = FALSE) {
  # table() sets it, and leaves it where it fails.
  warn <- getOption("warn")
  on.exit(options(warn = warn))
  warnings <- character()
  call <- NULL
  deliberate <- NULL
  operands <- NULL
  out <- NULL
  run <- function() {
    tryCatch(
      withCallingHandlers(
        list(value = expr),
        error = function(e) {
          call <<- user_call(e)
          deliberate <<- is_deliberate(e)
          if (explain) operands <<- call_operands(e)
        },
        warning = function(w) {
          warnings <<- c(warnings, conditionMessage(w))
          tryInvokeRestart("muffleWarning")
        },
        message = function(m) if (silent) tryInvokeRestart("muffleMessage")
      ),
      error = function(e) {
        e$deliberate <- deliberate
        list(error = e)
      }
    )
  }
  if (silent) {
    utils::capture.output(out <- run())
  } else {
    out <- run()
  }
  c(out, list(warnings = warnings, call = call, operands = operands))
}

check_seed <- function(seed) {
  if (!identical(seed, random_seed())) {
    restore_random(seed)
    admle_abort("unsupported", paste(
      "The function draws random numbers,",
      "which would be frozen into the recording.",
      "Draw them once, outside of the function."
    ))
  }
}

# S3 methods on the class, for base code that is handed a traced value; called
# when the package is loaded.
register_traced_methods <- function() {
  for (package in names(traced_s3_methods)) {
    for (generic in traced_s3_methods[[package]]) {
      registerS3method(generic, "traced", get(paste0(generic, ".traced")),
        envir = asNamespace(package)
      )
    }
  }
  for (class in names(other_s3_methods)) {
    for (generic in other_s3_methods[[class]]) {
      registerS3method(generic, class, get(paste0(generic, ".", class)),
        envir = baseenv()
      )
    }
  }
}
