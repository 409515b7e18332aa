# Compiled code sees numbers only: what calls it is recorded as long as that is
# given nothing that depends on parameters, whoever's code makes the call. Known
# are the entry points that the closures of make.link() and binomial() call;
# their other closures are R code, which is recorded as it is.
#' @include trace-masks.R
NULL

# By the name of the entry point of stats, as C code in family.c says it: the
# limits, beyond which values do not move, are R's.
compiled_functions <- list2env(list(
  logit_link = function(mu) log(mu / (1 - mu)),
  logit_linkinv = function(eta) {
    e <- .Machine$double.eps
    ifelse(eta < -30, e / (1 + e), ifelse(
      eta > 30, (1 / e) / (1 + 1 / e), plogis(eta)
    ))
  },
  logit_mu_eta = function(eta) {
    ifelse(abs(eta) > 30, .Machine$double.eps, dlogis(eta))
  },
  binomial_dev_resids = function(y, mu, wt) {
    part <- function(y, mu) {
      ifelse(y != 0, y * (log(ifelse(y != 0, y, 1)) - log(mu)), 0)
    }
    2 * wt * (part(y, mu) + part(1 - y, 1 - mu))
  }
), new.env())

# A routine given by its name is looked up in the package of the caller.
foreign_mask <- function(name, known = list()) {
  original <- call("::", quote(base), as.name(name))
  known <- force(known)
  eval(bquote(function(.NAME, ...) {
    if (contains_traced(list(...))) {
      routine <- if (is.list(.NAME)) .NAME$name else as.character(.NAME)[[1L]]
      code <- known[[routine]]
      if (!is.null(code)) {
        return(call_named(mask_closure(code), unname(list(...))))
      }
      unsupported(
        sprintf("compiled code, \"%s\" called by %s(), has no derivative",
                routine, .(name)),
        paste("Use derivatives = \"numeric\", or give the derivative by",
              "with_derivative().")
      )
    }
    if (!is.character(.NAME)) return(.(original)(.NAME, ...))
    call <- sys.call()
    call[[1L]] <- quote(.(original))
    eval(call, parent.frame())
  }))
}

define_masks("base",
  .Call = foreign_mask(".Call", compiled_functions),
  .External = foreign_mask(".External"),
  .C = foreign_mask(".C"), .Fortran = foreign_mask(".Fortran")
)
