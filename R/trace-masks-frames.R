# Masks of functions of data frames and of groups, whose columns may depend on
# parameters, and of the maps of purrr.
#' @include trace-masks-apply.R
NULL

define_masks("base",
  data.frame = function(...) {
    arguments <- list(...)
    if (!contains_traced(arguments)) {
      return(base::data.frame(...))
    }
    traced_frame(arguments, as.list(unwrap(substitute(list(...))))[-1L])
  },
  transform = function(`_data`, ...) {
    if (!is.data.frame(`_data`)) {
      return(base::transform(`_data`, ...))
    }
    columns <- eval(substitute(list(...)), `_data`, parent.frame())
    for (name in names(columns)) {
      `_data`[[name]] <- recycled_column(columns[[name]], nrow(`_data`))
    }
    `_data`
  },
  by = function(data, INDICES, FUN, ..., simplify = TRUE) {
    FUN <- own_function(FUN, parent.frame())
    if (!is_under_mask(FUN) || !is.data.frame(data)) {
      return(base::by(data, INDICES, FUN, ..., simplify = simplify))
    }
    apply_groups(seq_len(nrow(data)), INDICES, function(rows) {
      FUN(data[rows, , drop = FALSE], ...)
    }, simplify = simplify)
  },
  "split<-" = function(x, f, drop = FALSE, ..., value) {
    if (!contains_traced(value) && !is_traced(x) || is.data.frame(x)) {
      return(base::`split<-`(x, f, drop, ..., value = value))
    }
    if (!is_traced(x)) x <- traced_assembled(x)
    groups <- base::split(seq_len(length(x)), f, drop, ...)
    for (k in seq_along(groups)) {
      x <- traced_assign_index(
        x, groups[[k]], value = value[[(k - 1L) %% length(value) + 1L]]
      )
    }
    x
  },
  simplify2array = function(x, higher = TRUE, ...) {
    if (contains_traced(x)) simplified(x, higher) else
      base::simplify2array(x, higher, ...)
  }
)

recycled_column <- function(x, rows) {
  if (is_traced(x) && length(x) < rows) recycled(x, rows) else x
}

# data.frame() of complex numbers in the place of traced ones, whose real parts
# say which element they stand for: names, recycling and checks are R's.
traced_frame <- function(arguments, written) {
  stored <- list()
  filled <- 0
  labels <- names(arguments)
  if (is.null(labels)) labels <- character(length(arguments))
  for (k in seq_along(arguments)) {
    x <- arguments[[k]]
    bare <- !nzchar(labels[[k]]) && is.null(dim(x)) && !is.list(x)
    if (bare) labels[[k]] <- deparse1(written[[k]])
    if (!is_traced(x)) next
    stored <- c(stored, list(flat(x)))
    arguments[[k]] <- positions(x) + filled + 0i
    filled <- filled + length(x)
  }
  names(arguments) <- labels
  out <- do.call(base::data.frame, arguments)
  numbers <- traced_concat(stored, NULL, NULL)
  for (name in names(out)[vapply(out, is.complex, NA)]) {
    out[[name]] <- traced_gather(numbers, Re(out[[name]]), NULL, NULL)
  }
  out
}

# purrr's maps to numbers; a formula is a function of .x and .y.
map_function <- function(f, ...) {
  as_mapper <- get("as_mapper", envir = asNamespace("purrr"))
  masked_function(as_mapper(f, ...))
}

define_masks("purrr",
  map_dbl = function(.x, .f, ...) {
    apply_checked(.x, map_function(.f, ...), numeric(1), ...)
  },
  map2_dbl = function(.x, .y, .f, ...) {
    simplified(apply_map(map_function(.f, ...), list(.x, .y), list(...), FALSE))
  },
  imap_dbl = function(.x, .f, ...) {
    labels <- if (is.null(names(.x))) seq_along(.x) else names(.x)
    simplified(apply_map(map_function(.f, ...), list(.x, labels), list(...),
                         FALSE))
  },
  pmap_dbl = function(.l, .f, ...) {
    simplified(apply_map(map_function(.f, ...), as.list(.l), list(...), FALSE))
  }
)

define_masks("pbivnorm",
  pbivnorm = function(x, y, rho = 0, recycle = TRUE) {
    if (!any_traced(list(x, if (!missing(y)) y, rho))) {
      return(getExportedValue("pbivnorm", "pbivnorm")(x, y, rho, recycle))
    }
    if (length(dim(x)) == 2L) {
      y <- x[, 2L]
      x <- x[, 1L]
    }
    mask_table[["admle::pbivnorm"]](x, y, rho, recycle)
  }
)
