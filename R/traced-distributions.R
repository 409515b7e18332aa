# Densities, distribution and quantile functions. A mask has the formals of R's
# function; `log`, `lower.tail` and `log.p` select the named operation, such as
# "pnorm_upper_log". Quantile functions take the probability of one tail.
#' @include traced.R
NULL

# For each function: its arguments in the order of the operation.
density_arguments <- list(
  dnorm = c("x", "mean", "sd"), dlnorm = c("x", "meanlog", "sdlog"),
  dt = c("x", "df"), dchisq = c("x", "df"), df = c("x", "df1", "df2"),
  dgamma = c("x", "shape", "rate"), dbeta = c("x", "shape1", "shape2"),
  dexp = c("x", "rate"), dweibull = c("x", "shape", "scale"),
  dlogis = c("x", "location", "scale"), dcauchy = c("x", "location", "scale"),
  dunif = c("x", "min", "max"), dpois = c("x", "lambda"),
  dbinom = c("x", "size", "prob"), dnbinom = c("x", "size", "prob"),
  dgeom = c("x", "prob"), dhyper = c("x", "m", "n", "k")
)
probability_arguments <- list(
  pnorm = c("q", "mean", "sd"), plnorm = c("q", "meanlog", "sdlog"),
  plogis = c("q", "location", "scale"), pexp = c("q", "rate"),
  pweibull = c("q", "shape", "scale"), pcauchy = c("q", "location", "scale"),
  punif = c("q", "min", "max"), pgamma = c("q", "shape", "rate"),
  pchisq = c("q", "df"), pbeta = c("q", "shape1", "shape2"), pt = c("q", "df"),
  pf = c("q", "df1", "df2"), ppois = c("q", "lambda"),
  pbinom = c("q", "size", "prob"), pnbinom = c("q", "size", "prob"),
  pgeom = c("q", "prob")
)
quantile_arguments <- list(
  qnorm = c("p", "mean", "sd"), qlogis = c("p", "location", "scale"),
  qexp = c("p", "rate"), qweibull = c("p", "shape", "scale"),
  qlnorm = c("p", "meanlog", "sdlog"), qcauchy = c("p", "location", "scale"),
  qunif = c("p", "min", "max"), qgamma = c("p", "shape", "rate"),
  qchisq = c("p", "df"), qbeta = c("p", "shape1", "shape2"),
  qt = c("p", "df"), qf = c("p", "df1", "df2")
)
# Arguments that are counts. Where one depends on a parameter, gamma functions
# continue the density between the counts, at which it is R's.
count_arguments <- list(
  dpois = "x", dbinom = c("x", "size"), dgeom = "x", dnbinom = "x",
  dhyper = c("x", "m", "n", "k")
)
distribution_flags <- c("log", "lower.tail", "log.p")

# The mask looks for traced arguments and otherwise calls R's function. Where a
# function has alternative parameters (rate or scale, prob or mu) or a
# non-centrality, what the call gave decides; the others need not look.
make_distribution_mask <- function(name, arguments) {
  original <- getExportedValue("stats", name)
  formal <- names(formals(original))
  simple <- setequal(setdiff(formal, distribution_flags), arguments)
  plain_call <- as.call(list(quote(`::`), quote(stats), as.name(name)))
  mask <- function() NULL
  formals(mask) <- formals(original)
  body(mask) <- if (simple) {
    simple_distribution(
      name, arguments, intersect(formal, distribution_flags), plain_call
    )
  } else {
    bquote({
      given <- given_arguments(environment(), .(formal), match.call())
      if (!any_traced(given)) {
        return(do.call(.(plain_call), given))
      }
      traced_distribution(.(name), .(arguments), given, .(formals(original)))
    })
  }
  environment(mask) <- parent.env(environment())
  mask
}

simple_distribution <- function(name, arguments, flags, plain_call) {
  as_list <- function(names) as.call(c(quote(list), lapply(names, as.name)))
  plain <- as.call(c(plain_call, stats::setNames(
    lapply(c(arguments, flags), as.name), c(arguments, flags)
  )))
  check <- as.call(
    c(quote(check_plain), stats::setNames(lapply(flags, as.name), flags))
  )
  recorded <- if (name %in% names(count_arguments)) {
    bquote(traced_function(
      density_op(.(name), .(arguments), values, log), values, kind_number
    ))
  } else if ("log" %in% flags) {
    bquote(
      traced_function(
        if (log) .(paste0(name, "_log")) else .(name), values, kind_number
      )
    )
  } else {
    suffixes <- paste0(name, c("", "_log", "_upper", "_upper_log"))
    bquote(traced_function(
      .(suffixes)[[1L + isTRUE(log.p) + 2L * !lower.tail]], values, kind_number
    ))
  }
  bquote({
    values <- .(as_list(arguments))
    if (any_traced(.(as_list(flags)))) .(check)
    if (any_traced(values)) .(recorded) else .(plain)
  })
}

# Between the counts R has no density: there the recording goes its own way,
# which is no error of it.
density_op <- function(op, arguments, values, log) {
  counts <- values[arguments %in% count_arguments[[sub("_mu$", "", op)]]]
  paste0(op, if (are_continued(counts)) "_continuous", if (log) "_log")
}

# Whether counts depend on parameters: data may be traced, too.
are_continued <- function(counts) {
  moving <- Filter(depends_on_parameters, counts)
  whole <- function(x) all(trace_value(x) %% 1 %in% 0)
  if (!all(vapply(moving, whole, NA))) trace_session$continued <- TRUE
  length(moving) > 0L
}

# Values of the arguments that the call gave, by name.
given_arguments <- function(frame, formal, call) {
  given <- intersect(formal, names(call)[-1L])
  out <- lapply(
    given, function(name) get(name, envir = frame, inherits = FALSE)
  )
  names(out) <- given
  out
}

traced_distribution <- function(name, arguments, given, defaults) {
  flags <- given[intersect(names(given), distribution_flags)]
  do.call(check_plain, flags)
  for (flag in names(flags)) {
    if (!is.logical(flags[[flag]])) flags[[flag]] <- as.logical(flags[[flag]])
  }
  given <- given[setdiff(names(given), distribution_flags)]
  for (p in given) {
    if (!is_traced(p) && !is.numeric(p) && !is.logical(p)) {
      stop("Non-numeric argument to mathematical function", call. = FALSE)
    }
  }
  given$ncp <- central(given$ncp, name)
  variant <- NULL
  if (name %in% c("dgamma", "pgamma", "qgamma") && !is.null(given$scale)) {
    given$rate <- 1 / given$scale
  }
  if (name %in% c("dnbinom", "pnbinom") && !is.null(given$mu)) {
    if (!is.null(given$prob)) {
      stop("'prob' and 'mu' both specified", call. = FALSE)
    }
    arguments[arguments == "prob"] <- "mu"
    variant <- "_mu"
  }
  values <- lapply(arguments, function(a) {
    if (!is.null(given[[a]])) {
      return(given[[a]])
    }
    default <- if (a == "rate") 1 else defaults[[a]]
    if (is.symbol(default) && !nzchar(as.character(default))) {
      stop(
        sprintf("argument \"%s\" is missing, with no default", a), call. = FALSE
      )
    }
    eval(default)
  })
  op <- paste0(name, variant)
  log_scale <- isTRUE(flags$log) || isTRUE(flags$log.p)
  upper <- !is.null(flags$lower.tail) && !flags$lower.tail
  if (substr(name, 1L, 1L) == "d") {
    op <- density_op(op, arguments, values, log_scale)
    return(traced_function(op, values, kind_number))
  }
  suffix <- paste0(if (upper) "_upper", if (log_scale) "_log")
  traced_function(paste0(op, suffix), values, kind_number)
}

# A non-centrality of 0 is as good as none.
central <- function(ncp, name) {
  if (!is.null(ncp) && (is_traced(ncp) || !all(ncp %in% 0))) {
    unsupported(sprintf("%s() with a non-centrality parameter", name),
      "Only the central distribution has derivatives.")
  }
  NULL
}

# The multinomial density: coefficients are data, probabilities are normalised.
traced_dmultinom <- function(x, size = NULL, prob, log = FALSE) {
  check_plain(size = size, log = log)
  if (length(prob) != length(x)) {
    stop("x[] and prob[] must be equal length vectors.", call. = FALSE)
  }
  if (is_traced(x)) {
    unsupported("dmultinom() of counts depending on parameters",
      "Only `prob` may depend on parameters.")
  }
  if (any(x < 0) || any(!is.finite(x))) {
    stop("x[] must be non-negative", call. = FALSE)
  }
  x <- as.integer(x + 0.5)
  N <- sum(x)
  if (!is.null(size) && size != N) {
    stop("size != sum(x), i.e. one is wrong", call. = FALSE)
  }
  p <- flat(prob) / sum(flat(prob))
  used <- which(x != 0L)
  r <- lgamma(N + 1) + sum(x[used] * log(p[used]) - lgamma(x[used] + 1))
  if (log) r else exp(r)
}
