# Masks of questions about type, class and attributes: answered as for an
# ordinary number, or refused.
#' @include trace-masks.R
NULL

# Questions about the type: answered as for an ordinary number.
type_mask <- function(name, answer) {
  original <- call("::", quote(base), as.name(name))
  eval(
    bquote(
      function(x, ...) if (is_traced(x)) .(answer) else .(original)(x, ...)
    )
  )
}

define_masks("base",
  is.numeric = type_mask("is.numeric", quote(!is_traced_logical(x))),
  is.double = type_mask("is.double", quote(!is_traced_logical(x))),
  is.logical = type_mask("is.logical", quote(is_traced_logical(x))),
  is.vector = function(x, mode = "any") {
    if (!is_traced(x)) {
      return(base::is.vector(x, mode))
    }
    own <- if (is_traced_logical(x)) "logical" else c("numeric", "double")
    is.null(dim(x)) && mode %in% c("any", own)
  },
  is.atomic = type_mask("is.atomic", TRUE),
  is.object = type_mask("is.object", FALSE),
  isS4 = function(object) if (is_traced(object)) FALSE else base::isS4(object),
  is.matrix = type_mask("is.matrix", quote(length(dim(x)) == 2L)),
  is.array = type_mask("is.array", quote(length(dim(x)) > 0L)),
  typeof = type_mask("typeof", quote(typeof(stand_in(x)))),
  mode = type_mask("mode", quote(mode(stand_in(x)))),
  storage.mode = type_mask("storage.mode", quote(typeof(stand_in(x)))),
  class = type_mask("class", quote(class(stand_in(x)))),
  oldClass = type_mask("oldClass", NULL),
  inherits = function(x, what, which = FALSE) {
    base::inherits(if (is_traced(x)) stand_in(x) else x, what, which)
  },
  unclass = type_mask("unclass", quote(x)),
  lengths = function(x, use.names = TRUE) {
    if (is_traced(x)) {
      return(stats::setNames(rep(1L, length(x)), if (use.names) names(x)))
    }
    if (is.list(x)) {
      return(vapply(x, length, 1L, USE.NAMES = use.names))
    }
    base::lengths(x, use.names)
  },
  attributes = function(x) {
    if (is_traced(x)) attributes(stand_in(x)) else base::attributes(x)
  },
  attr = function(x, which, exact = FALSE) {
    if (is_traced(x)) {
      attr(stand_in(x), which, exact)
    } else {
      base::attr(x, which, exact)
    }
  },
  "attr<-" = function(x, which, value) {
    if (is_traced(x) || is_traced(value)) {
      traced_setattr(x, which, value)
    } else {
      base::`attr<-`(x, which, value)
    }
  },
  structure = function(.Data, ...) {
    if (!is_traced(.Data)) {
      return(base::structure(.Data, ...))
    }
    given <- list(...)
    for (which in names(given)) {
      name <- switch(
        which, .Names = "names", .Dim = "dim", .Dimnames = "dimnames", which
      )
      .Data <- traced_setattr(.Data, name, given[[which]])
    }
    .Data
  },
  "storage.mode<-" = function(x, value) as_mode(
    x, value, base::`storage.mode<-`
  ),
  "mode<-" = function(x, value) as_mode(x, value, base::`mode<-`),
  "class<-" = function(x, value) as_mode(x, value, base::`class<-`),
  "oldClass<-" = function(x, value) as_mode(x, value, base::`oldClass<-`),
  "attributes<-" = function(x, value) {
    if (is_traced(x)) {
      unsupported("`attributes<-` on values depending on parameters",
        "Set names(), dim() or dimnames().")
    }
    base::`attributes<-`(x, value)
  },
  identical = function(x, y, ...) {
    if (contains_traced(x) || contains_traced(y)) {
      unsupported("identical() with values depending on parameters",
        "Compare with == and all().")
    }
    base::identical(x, y, ...)
  },
  all.equal = function(target, current, ...) {
    if (contains_traced(target) || contains_traced(current)) {
      unsupported("all.equal() of values depending on parameters",
        "Compare with abs(x - y) < tolerance.")
    }
    base::all.equal(target, current, ...)
  },
  unique = first_list_mask("unique"),
  duplicated = first_list_mask("duplicated"),
  anyDuplicated = first_list_mask("anyDuplicated"),
  as.integer = function(x, ...) {
    if (is_traced(x)) as.integer.traced(x) else base::as.integer(x, ...)
  },
  stopifnot = function(...) {
    for (k in seq_len(...length())) {
      holds <- ...elt(k)
      if (is_traced(holds)) holds <- all(holds)
      if (!(is.logical(holds) && !anyNA(holds) && all(holds))) {
        stop(
          deparse1(unwrap(substitute(list(...))[[k + 1L]])), " is not TRUE",
          call. = FALSE
        )
      }
    }
    invisible()
  }
)

as_mode <- function(x, value, original) {
  if (!is_traced(x)) {
    return(original(x, value))
  }
  if (!value %in% c("double", "numeric")) {
    unsupported(
      sprintf("conversion of values depending on parameters to \"%s\"", value),
      "Keep them as numbers.")
  }
  traced_renamed(x, dim(x), shape_names(x))
}
