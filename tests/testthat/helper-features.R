# All pairs of what a fit can be asked for at once. A pair works where the fit
# equals one without the two, made from data to which they were applied by hand:
# rows repeated by their weights, left out, responses shifted, columns combined.

feature_names <- c(
  "weights", "subset", "na.action", "offset", "fixed", "constraints",
  "declared", "after", "bias", "cluster", "adjust"
)
elsewhere_names <- c("saveRDS", "fork", "mirai")

feature_data <- function() {
  set.seed(6)
  d <- data.frame(x1 = rnorm(60), x2 = rnorm(60), o = rnorm(60),
                  z = rnorm(60, 0.3), id = rep(1:15, each = 4),
                  w = rep(c(1, 2, 0, 3, 1), 12), keep = rep(c(TRUE, TRUE, TRUE,
                                                              FALSE), 15),
                  gap = seq_len(60) %in% c(3, 8, 50))
  d$y <- 1 + 0.8 * d$x1 + 0.3 * d$x2 + rnorm(15)[d$id] + rnorm(60)
  d
}

# `form`: "function" or "formula", with a density rather than a family where
# `pair` needs that: weights of a normal family are those of lm().
plain_spec <- function(form, pair) {
  list(form = form, density = any(c("weights", "after") %in% pair),
       data = feature_data(), terms = c("b0", "x1", "x2"),
       args = list(), start = list(), after = FALSE, offset = FALSE)
}

with_feature <- function(spec, name) {
  by_formula <- spec$form == "formula"
  switch(
    name,
    weights = spec$args$weights <- quote(w),
    subset = spec$args$subset <- quote(keep),
    na.action = {
      spec$data$x2[spec$data$gap] <- NA
      spec$args$na.action <- quote(na.omit)
    },
    offset = spec$offset <- TRUE,
    fixed = spec$args$fixed <- if (by_formula) c(`(Intercept)` = 1) else
      list(b0 = 1),
    constraints = spec$args$constraints <- "x1 + x2 = 1",
    declared = spec$start <- if (by_formula) {
      list(sigma = bounded(1, 0.01, 50))
    } else {
      list(sigma = bounded(1, 0.01, 50), x1 = bounded(0.5, -9, 9))
    },
    after = spec$after <- TRUE,
    bias = spec$args$bias <- "jeffreys",
    cluster = spec$args$vcov <- quote(~ id),
    adjust = spec$args$adjust <- TRUE
  )
  spec
}

first_step <- function() {
  mle_fit(function(g) dnorm(z, g, 1, log = TRUE), list(g = 0),
          data = feature_data())
}

# The same applied to the data by hand; what stays is asked of the covariance.
by_hand <- function(spec, name) {
  d <- spec$data
  switch(
    name,
    weights = spec$data <- d[rep(seq_len(nrow(d)), d$w), ],
    subset = spec$data <- d[d$keep, ],
    na.action = spec$data <- d[!d$gap, ],
    offset = spec$data$y <- d$y - d$o,
    fixed = {
      spec$data$y <- d$y - 1
      spec$terms <- setdiff(spec$terms, "b0")
    },
    constraints = {
      spec$data$y <- d$y - d$x2
      spec$data$x1 <- d$x1 - d$x2
      spec$terms <- setdiff(spec$terms, "x2")
    },
    after = spec$data$y <- d$y - mean(feature_data()$z),
    bias = spec$args$bias <- "jeffreys",
    cluster = spec$asked$cluster <- ~ id,
    adjust = spec$asked$adjust <- TRUE
  )
  spec
}

fit_spec <- function(spec) {
  made <- if (spec$form == "formula") formula_call_of(spec) else
    function_call_of(spec)
  data <- spec$data
  first <- if (spec$after) first_step()
  call <- as.call(c(quote(mle_fit), made, list(data = quote(data)), spec$args,
                    if (spec$after) list(after = quote(first))))
  eval(call, list(data = data, first = first), baseenv_with_admle())
}

baseenv_with_admle <- function() {
  new.env(parent = if (isNamespaceLoaded("admle")) asNamespace("admle") else
    globalenv())
}

formula_call_of <- function(spec) {
  labels <- setdiff(spec$terms, "b0")
  right <- stats::reformulate(labels, intercept = "b0" %in% spec$terms)[[2L]]
  if (spec$density && spec$offset) right <- call("+", right, quote(offset(o)))
  made <- if (spec$after) {
    list(quote(y ~ dnorm(mu + g, sigma)), call("~", quote(mu), right))
  } else if (spec$density) {
    list(quote(y ~ dnorm(mu, sigma)), call("~", quote(mu), right))
  } else {
    list(call("~", quote(y), right))
  }
  c(made, if (length(spec$start)) list(start = spec$start),
    if (spec$offset && !spec$density) list(offset = quote(o)))
}

function_call_of <- function(spec) {
  products <- ifelse(spec$terms == "b0", "b0", paste0(spec$terms, "_ * ",
                                                      spec$terms))
  mean <- c(products, if (spec$offset) "o", if (spec$after) "g")
  names <- ifelse(spec$terms == "b0", "b0", paste0(spec$terms, "_"))
  code <- sprintf("function(%s) dnorm(y, %s, sigma, log = TRUE)",
                  paste(c(names, "sigma", if (spec$after) "g"),
                        collapse = ", "), paste(mean, collapse = " + "))
  start <- stats::setNames(as.list(rep(0.5, length(names))), names)
  start$sigma <- positive(1)
  given <- spec$start
  names(given) <- ifelse(names(given) == "x1", "x1_", names(given))
  start[names(given)] <- given
  list(eval(str2lang(code), globalenv()), start = start)
}

# The constraint is between coefficients, whose names differ.
named_for <- function(spec) {
  if (spec$form == "function" && !is.null(spec$args$constraints)) {
    spec$args$constraints <- "x1_ + x2_ = 1"
  }
  spec
}

# "works", or the reason of the refusal; an inequality is an error.
try_pair <- function(form, pair) {
  spec <- named_for(Reduce(with_feature, pair, plain_spec(form, pair)))
  fit <- tryCatch(fit_spec(spec), admle_error = identity)
  if (inherits(fit, "admle_error")) {
    return(gsub("\\s+", " ", conditionMessage(fit)))
  }
  # Rows are taken before anything else is made of them.
  order <- c("na.action", "subset", "weights", setdiff(feature_names, c(
    "na.action", "subset", "weights"
  )))
  hand <- Reduce(by_hand, intersect(order, pair), plain_spec(form, pair))
  compare_fits(fit, fit_spec(hand), hand$asked, pair)
  "works"
}

compare_fits <- function(fit, reference, asked, pair) {
  same <- intersect(names(coef(fit)), names(coef(reference)))
  stopifnot(
    length(same) >= 2L,
    all.equal(coef(fit)[same], coef(reference)[same], tolerance = 1e-6),
    all.equal(as.numeric(logLik(fit)), as.numeric(logLik(reference)),
              tolerance = 1e-8)
  )
  # A weight is one observation in n; the second step's errors know the first;
  # away from the maximum of the likelihood, that of bias reduction, covariances
  # depend on the parametrisation.
  if ("after" %in% pair || all(c("weights", "adjust") %in% pair) ||
        all(c("declared", "bias") %in% pair)) {
    return(stopifnot(all(is.finite(vcov(fit)[same, same]))))
  }
  there <- do.call(vcov, c(list(reference), asked))
  stopifnot(all.equal(vcov(fit)[same, same], there[same, same],
                      tolerance = 1e-5))
}

feature_pairs <- function() {
  utils::combn(feature_names, 2L, simplify = FALSE)
}

# A fit with each feature, to be asked elsewhere what it is asked here.
feature_fits <- function() {
  cases <- expand.grid(name = feature_names, form = c("function", "formula"),
                       stringsAsFactors = FALSE)
  fits <- Map(function(name, form) {
    fit_spec(named_for(with_feature(plain_spec(form, name), name)))
  }, cases$name, cases$form)
  stats::setNames(fits, paste(cases$form, cases$name))
}

# What needs the recorded likelihood, not only what the fit holds.
ask_elsewhere <- function(fits) {
  lapply(fits, function(fit) {
    list(vcov(fit), vcov(fit, type = "opg"), sandwich::estfun(fit)[5, ],
         logLik(fit), coef(update(fit, trace = FALSE)))
  })
}

in_another_process <- function(fits, libraries = .libPaths()) {
  folder <- tempfile("features")
  dir.create(folder)
  saveRDS(fits, file.path(folder, "fits.rds"))
  saveRDS(ask_elsewhere, file.path(folder, "ask.rds"))
  code <- file.path(folder, "there.R")
  writeLines(c(
    sprintf(".libPaths(%s)", deparse1(libraries)), "library(admle)",
    sprintf("setwd(%s)", deparse1(folder)),
    "ask <- readRDS('ask.rds')", "environment(ask) <- globalenv()",
    "saveRDS(ask(readRDS('fits.rds')), 'there.rds')"
  ), code)
  system2(file.path(R.home("bin"), "Rscript"), c("--vanilla", shQuote(code)),
          stdout = FALSE, stderr = FALSE)
  readRDS(file.path(folder, "there.rds"))
}

in_a_fork <- function(fits) {
  parallel::mccollect(parallel::mcparallel(ask_elsewhere(fits)))[[1L]]
}

in_a_daemon <- function(fits, libraries = .libPaths()) {
  ask <- ask_elsewhere
  environment(ask) <- globalenv()
  mirai::daemons(1)
  on.exit(mirai::daemons(0))
  mirai::everywhere({
    .libPaths(libraries)
    library(admle)
  }, libraries = libraries)
  mirai::mirai(ask(fits), ask = ask, fits = fits)[]
}

# Rows: pairs; a column for each form: "works", or why not.
feature_table <- function() {
  pairs <- feature_pairs()
  forms <- c("function", "formula")
  cells <- lapply(forms, function(form) {
    vapply(pairs, function(pair) suppressWarnings(try_pair(form, pair)), "")
  })
  data.frame(first = vapply(pairs, `[[`, "", 1L),
             second = vapply(pairs, `[[`, "", 2L),
             `function` = cells[[1L]], formula = cells[[2L]],
             check.names = FALSE)
}

# As a square of marks for markdown, and the reasons below.
feature_page <- function(table) {
  refused <- list()
  mark <- function(text) {
    if (text == "works") return("=")
    known <- match(text, refused)
    if (is.na(known)) {
      refused[[length(refused) + 1L]] <<- text
      known <- length(refused)
    }
    sprintf("(%d)", known)
  }
  cell <- function(a, b) {
    row <- table[table$first == a & table$second == b, ]
    if (nrow(row) == 0L) return("")
    marks <- c(mark(row[["function"]]), mark(row$formula))
    if (marks[[1L]] == marks[[2L]]) marks[[1L]] else
      paste(marks, collapse = " / ")
  }
  lines <- vapply(feature_names, function(a) {
    cells <- vapply(feature_names, function(b) cell(a, b), "")
    sprintf("| %s | %s |", a, paste(cells, collapse = " | "))
  }, "")
  c(
    sprintf("| | %s |", paste(feature_names, collapse = " | ")),
    paste0("|", strrep("---|", length(feature_names) + 1L)), unname(lines), "",
    if (length(refused)) sprintf("(%d) %s", seq_along(refused), refused)
  )
}
