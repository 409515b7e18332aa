# Fits of one function to one data set after the other: the recording of an
# earlier one with the new data in place of the old (trace-data.R). A function
# that is seen for the second time is recorded with leaves; from then on it is
# not recorded as long as only the numbers of its data change.
#' @include trace-data.R
NULL

# Functions, the shapes of data for each, and the nodes of all graphs.
most_reused <- 8L
most_shapes <- 4L
most_nodes <- 1e6
reused <- new.env(parent = emptyenv())
reused$known <- list()
reused$recordings <- 0

fresh_recording <- function(site) {
  reused$recordings <- reused$recordings + 1
  site$fresh()
}

# What describe_recorded() makes at the start of a fit. `site` is the place of
# the recording: `fn`, `data`, `layout`, `linear` (of the parameters), `theta`,
# `check`, and functions: plain(theta), the function itself, record_at() and
# describe() of its nodes; fresh(), the recording that is always right;
# told(described, again), its rows.
first_recording <- function(site) {
  entry <- reuse_entry(site)
  if (is.null(entry)) {
    return(fresh_recording(site))
  }
  for (template in entry$templates) {
    known <- tryCatch(reused_recording(template, site),
                      error = function(e) NULL)
    if (!is.null(known)) {
      if (is_verifying()) check_reused(known, site$fresh())
      entry$seen <- entry$made <- 0L
      return(known)
    }
  }
  described <- fresh_recording(site)
  prepare_reuse(entry, described, site)
  described
}

# What is known of a function and its parameters, or NULL where recordings are
# not used again.
reuse_entry <- function(site) {
  fn <- site$fn
  if (isFALSE(getOption("admle.remember")) || typeof(fn) != "closure" ||
        utils::object.size(body(fn)) > 1e6) {
    return(NULL)
  }
  key <- list(formals(fn), body(fn), lapply(site$layout, without_start),
              site$linear, is.null(site$data))
  at <- Position(function(entry) identical(entry$key, key), reused$known)
  entry <- if (is.na(at)) new.env(parent = emptyenv()) else reused$known[[at]]
  if (is.na(at)) {
    entry$key <- key
    entry$seen <- entry$made <- 0L
  }
  others <- if (is.na(at)) reused$known else reused$known[-at]
  reused$known <- utils::head(c(list(entry), others), most_reused)
  entry
}

# Starting values of free parameters are no part of a recording. Of a type it
# is the code that makes the parameter of its numbers.
without_start <- function(part) {
  if (!anyNA(part$free)) {
    for (name in c("value", "values", "unrestricted")) part[[name]][] <- 0
  }
  if (!is.null(part$type)) {
    constrain <- first_of_its_kind(part$type$constrain)
    part$type <- if (is_own_closure(constrain)) constrain else
      code_of(constrain)
  }
  part
}

# For the data of now; NULL where the function has to be recorded.
reused_recording <- function(template, site) {
  made <- rebind(template, site)
  if (is.null(made)) {
    return(NULL)
  }
  warnings <- character()
  if (site$check) {
    plain <- evaluate_watched(site$plain(site$theta))
    value <- node_value(made$trace, made$output)
    check_recording(list(number = list(value = value)), plain, function() 0)
    warnings <- unique(plain$warnings)
  }
  describe <- function(trace, from) {
    site$describe(list(
      trace = trace, input = from$input, output = from$output,
      length = template$length, warnings = warnings
    ))
  }
  site$told(describe(made$trace, made), function() {
    if (template$told) describe(made$leaves, template) else
      site$record_at(site$theta, check = FALSE, leaves = TRUE)
  })
}

rebind <- function(template, site) {
  leaves <- rebound_leaves(function_with_data(site$fn, site$data), template)
  if (!is.null(leaves)) {
    rebind_trace(template$trace, template$output, c(list(site$theta), leaves))
  }
}

# After a recording: the template for those to come, from the second on. Where
# those made are never of use, it is tried ever less often.
prepare_reuse <- function(entry, described, site) {
  entry$seen <- entry$seen + 1L
  if (entry$seen >= 2^(entry$made + 1L)) {
    entry$seen <- 0L
    entry$made <- entry$made + 1L
    template <- tryCatch(
      suppressWarnings(make_template(described, site)), error = function(e) NULL
    )
    if (!is.null(template)) {
      entry$templates <- utils::head(c(list(template), entry$templates),
                                     most_shapes)
    }
    drop_templates()
  }
}

# Those of functions used longest ago.
drop_templates <- function() {
  nodes <- vapply(reused$known, function(entry) {
    sum(vapply(entry$templates, function(template) {
      as.numeric(trace_counts_(template$trace)[["nodes"]])
    }, 1))
  }, 1)
  for (entry in reused$known[cumsum(nodes) > most_nodes]) {
    entry$templates <- NULL
  }
}

make_template <- function(described, site) {
  f <- function_with_data(site$fn, site$data)
  if (isTRUE(described$placed)) {
    return(NULL)
  }
  if (count_leaf_numbers(f) > most_leaf_numbers ||
        trace_counts_(described$trace)[["nodes"]] > most_nodes / 2) {
    return(NULL)
  }
  reads <- collect_reads(f)
  if (is.null(reads)) {
    return(NULL)
  }
  told <- length(inputs_needed(described$trace, described$output)) > 1L
  # Rows that leaves tell are told of the data themselves.
  taken <- if (told) list(f = f, parts = list()) else take_out_data(f)
  values <- data_parts(taken$parts, environment(f))
  if (length(values) != length(taken$parts)) {
    return(NULL)
  }
  noted <- new.env()
  g <- taken$f
  environment(g) <- environment(site$fn)
  data <- if (!is.null(site$data) || length(values)) {
    c(as.list(site$data), values)
  }
  made <- site$record_at(site$theta, f = g, visible = data, check = FALSE,
                         leaves = noted)
  sources <- data_sources(f, reads, taken$f, values, noted$.order)
  needed <- inputs_needed(made$trace, made$output)[-1L]
  if (is.null(sources) || length(needed) != length(sources$places) ||
        any(needed & lengths(sources$places) == 0L)) {
    return(NULL)
  }
  sources$places[!needed] <- list(NULL)
  forms <- lapply(seq_along(needed), function(i) {
    if (needed[[i]]) {
      leaf_form(value_at_place(sources$places[[i]][[1L]], environment(f),
                               values))
    } else {
      list(NULL, length(noted[[noted$.order[[i]]]]))
    }
  })
  template <- c(sources, list(
    trace = made$trace, input = made$input, output = made$output,
    parts = taken$parts, forms = forms, told = told,
    length = described$length
  ))
  usable_template(template, described, site)
}

# The template if it does what was recorded: to the last bit, for any data.
usable_template <- function(template, described, site) {
  used <- Filter(function(form) !is.null(form[[1L]]), template$forms)
  if (!all(vapply(used, `[[`, NA, 5L))) {
    return(NULL)
  }
  made <- rebind(template, site)
  same <- !is.null(made) && (template$told || (
    is_exact_in_data_(template$trace, template$input, template$output) &&
      same_recording(described$trace, described$input, described$output,
                     made$trace, made$input, made$output)
  ))
  if (same) {
    # The graph without what else its recording holds.
    template$trace <- made$leaves
    template
  }
}

# options(admle.remember = "verify"): both ways, and they must be the same.
check_reused <- function(described, fresh) {
  told <- length(inputs_needed(fresh$trace, fresh$output)) > 1L
  same <- if (told) {
    identical(node_value(described$trace, described$output),
              node_value(fresh$trace, fresh$output))
  } else {
    same_recording(described$trace, described$input, described$output,
                   fresh$trace, fresh$input, fresh$output)
  }
  if (!same) {
    admle_abort("internal", paste(
      "The recording of an earlier fit gives another log-likelihood than a",
      "fresh one. Please report it with the function;",
      "options(admle.remember = FALSE) records anew."
    ))
  }
}
