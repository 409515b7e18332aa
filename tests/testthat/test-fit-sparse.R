# Many parameters, few of which are coupled: sparse Hessians, their judgement
# and covariances, against dense ones, other programs and closed forms.

set.seed(18)
groups <- 600L
n <- 9000L
g <- sample(groups, n, TRUE)
x <- rnorm(n)
z <- rnorm(n)
y <- rpois(n, exp(0.3 * x - 0.2 * z + rnorm(groups, sd = 0.3)[g] + 1))
effects <- function(b, a) {
  dpois(y, exp(b[1] * x + b[2] * z + a[g]), log = TRUE)
}
start <- list(b = c(0, 0), a = numeric(groups))
fit <- mle_fit(effects, start = start)
dummies <- glm(y ~ 0 + x + z + factor(g), family = poisson,
               control = glm.control(epsilon = 1e-14))
by_hand <- unname(vcov(dummies))

test_that("effects of groups converge by curvature", {
  expect_true(fit$converged)
  expect_identical(fit$search$outcome, "decrement")
  expect_lt(fit$search$decrement, 1e-12)
  expect_equal(unname(coef(fit)), unname(coef(dummies)), tolerance = 1e-8)
  expect_equal(as.numeric(logLik(fit)), as.numeric(logLik(dummies)))
  expect_identical(dim(fit$hessian), rep(groups + 2L, 2L))
  expect_equal(unname(as.matrix(fit$hessian)), -solve(by_hand),
               tolerance = 1e-7)
})

test_that("covariances of all and of some are those of the dense model", {
  expect_equal(unname(vcov(fit)), by_hand, tolerance = 1e-8)
  some <- c("a7", "b2", "a1")
  expect_equal(vcov(fit, parm = some), vcov(fit)[some, some])
  expect_equal(vcov(fit, parm = 2:3), vcov(fit)[2:3, 2:3])
  expect_equal(confint(fit, "b1"), confint(fit)["b1", , drop = FALSE])
  expect_error(vcov(fit, parm = "c1"), "no `c1`",
               class = "admle_error_argument")
  expect_error(vcov(fit, parm = 10000), class = "admle_error_argument")
})

test_that("robust covariances take the scores along what is asked for", {
  scores <- cbind(x, z) * (y - exp(predict(dummies)))
  bread <- by_hand
  design <- model.matrix(dummies)
  all <- design * (y - fitted(dummies))
  sandwich <- bread %*% crossprod(all) %*% bread
  expect_equal(unname(vcov(fit, "sandwich", parm = 1:4)), sandwich[1:4, 1:4],
               tolerance = 1e-7)
  clusters <- rep(1:900, each = 10)
  sums <- rowsum(all, clusters)
  clustered <- bread %*% crossprod(sums) %*% bread * 900 / 899
  expect_equal(unname(vcov(fit, cluster = clusters, parm = c("b1", "b2"))),
               unname(clustered[1:2, 1:2]), tolerance = 1e-7)
  expect_equal(unname(vcov(fit, "sandwich"))[3:4, 1:2], sandwich[3:4, 1:2],
               tolerance = 1e-7)
})

test_that("the outer product of the scores is sparse, too", {
  design <- model.matrix(dummies)
  product <- crossprod(design * (y - fitted(dummies)))
  expect_equal(unname(vcov(fit, "opg", parm = c(1, 2, 9))),
               unname(solve(product)[c(1, 2, 9), c(1, 2, 9)]),
               tolerance = 1e-7)
  weighted <- mle_fit(effects, start = start, weights = rep(2, n))
  expect_equal(vcov(weighted, parm = 1:2), vcov(fit, parm = 1:2) / 2)
  expect_error(vcov(weighted, "opg", parm = 1),
               class = "admle_error_unsupported")
  with_prior <- function(b, a, s) {
    c(dnorm(log(y + 1), b * x + a[g], exp(s), log = TRUE),
      dnorm(a, 1, 0.7, log = TRUE))
  }
  posterior <- mle_fit(with_prior, start = list(b = 0, a = numeric(groups),
                                                s = 0))
  scores <- objective_scores(fit_objective(posterior),
                             unname(posterior$theta))
  expect_equal(unname(vcov(posterior, "opg", parm = c("b", "s"))),
               unname(solve(crossprod(scores))[c(1, 602), c(1, 602)]),
               tolerance = 1e-7)
})

test_that("an effect may be held", {
  held <- mle_fit(effects, start = start, fixed = c(a3 = 1))
  expect_identical(held$search$outcome, "decrement")
  known <- glm(y ~ 0 + x + z + model.matrix(~ 0 + factor(g))[, -3] +
                 offset(as.numeric(g == 3)), family = poisson,
               control = glm.control(epsilon = 1e-14))
  expect_equal(unname(coef(held)), unname(coef(known)), tolerance = 1e-8)
  expect_equal(unname(vcov(held, parm = 1:4)), unname(vcov(known)[1:4, 1:4]),
               tolerance = 1e-7)
})

test_that("functions of few coefficients need the covariances of few", {
  ratio <- nlcom(fit, ~ b1 / b2)
  slope <- c(1 / coef(fit)[["b2"]], -coef(fit)[["b1"]] / coef(fit)[["b2"]]^2)
  expect_equal(sqrt(ratio$vcov[[1]]),
               sqrt(drop(slope %*% by_hand[1:2, 1:2] %*% slope)),
               tolerance = 1e-7)
  test <- wald_test(fit, "b1 = 0.3")
  expect_equal(test$statistic[["Wald"]],
               (coef(fit)[["b1"]] - 0.3)^2 / by_hand[1, 1], tolerance = 1e-6)
})

test_that("a fit that was read from a file is as good", {
  file <- tempfile()
  on.exit(unlink(file))
  saveRDS(fit, file)
  expect_equal(vcov(readRDS(file), "sandwich", parm = 1:3),
               vcov(fit, "sandwich", parm = 1:3))
})

test_that("declared parameters are carried to their own scale", {
  positive_effects <- mle_fit(
    function(b, s, a) sum(dnorm(y, b * x + a[g], s, log = TRUE)) +
      sum(dexp(a, 0.1, log = TRUE)),
    start = list(b = 0, s = positive(2), a = positive(rep(2, groups)))
  )
  plain <- mle_fit(
    function(b, ls, a) sum(dnorm(y, b * x + a[g], exp(ls), log = TRUE)) +
      sum(dexp(a, 0.1, log = TRUE)),
    start = list(b = 0, ls = 0, a = rep(2, groups)),
    control = mle_control(dense_limit = 5)
  )
  inside <- setdiff(names(coef(plain))[-2], character())
  expect_equal(coef(positive_effects)[inside], coef(plain)[inside],
               tolerance = 1e-6)
  expect_equal(vcov(positive_effects, parm = c("b", "a3")),
               vcov(plain, parm = c("b", "a3")), tolerance = 1e-5)
})

test_that("directions without curvature are found and named", {
  h <- sample(40, n, TRUE)
  twice <- function(b, a, d) dpois(y, exp(b * x + a[g] + d[h]), log = TRUE)
  expect_warning(
    both <- mle_fit(twice, start = list(b = 0, a = numeric(groups),
                                        d = numeric(40))),
    "600 of `a` .* and 40 of `d`.*do(es)? not change"
  )
  expect_false(both$converged)
  expect_identical(both$rank, 640L)
  known <- glm(y ~ x + factor(g) + factor(h), family = poisson)
  expect_equal(vcov(both, parm = "b")[[1]], vcov(known)["x", "x"],
               tolerance = 1e-6)
  expect_true(is.na(vcov(both, parm = "a1")))

  reference <- function(b, a, d) {
    dpois(y, exp(b * x + a[g] + c(0, d)[h]), log = TRUE)
  }
  one <- mle_fit(reference, start = list(b = 0, a = numeric(groups),
                                         d = numeric(39)))
  expect_true(one$converged)
  expect_equal(vcov(one, parm = "d5")[[1]],
               vcov(known)["factor(h)6", "factor(h)6"], tolerance = 1e-6)
})

test_that("an effect without observations is not identified", {
  expect_warning(
    empty <- mle_fit(effects, start = list(b = c(0, 0),
                                           a = numeric(groups + 1))),
    "`a601` is not identified"
  )
  expect_equal(vcov(empty, parm = 1:2), vcov(fit, parm = 1:2))
})

test_that("priors of neighbours and penalties have sparse Hessians", {
  m <- 30L
  id <- matrix(seq_len(m^2), m)
  edges <- rbind(cbind(c(id[-1, ]), c(id[-m, ])),
                 cbind(c(id[, -1]), c(id[, -m])))
  counts <- rpois(m^2, exp(1 + sin(row(id) / 5)))
  posterior <- function(u) {
    sum(dpois(counts, exp(u), log = TRUE)) -
      2.5 * sum((u[edges[, 1]] - u[edges[, 2]])^2)
  }
  field <- mle_fit(posterior, start = list(u = rep(1, m^2)))
  expect_true(field$converged)
  mode <- unname(coef(field))
  laplacian <- matrix(0, m^2, m^2)
  laplacian[rbind(edges, edges[, 2:1])] <- -1
  diag(laplacian) <- -rowSums(laplacian)
  expect_equal(drop(counts - exp(mode) - 5 * laplacian %*% mode),
               numeric(m^2), tolerance = 1e-6)
  expect_equal(unname(vcov(field)), solve(diag(exp(mode)) + 5 * laplacian),
               tolerance = 1e-8)

  steps <- 2000L
  series <- rpois(steps, exp(cumsum(rnorm(steps, sd = 0.05))))
  path <- function(u, ls) {
    sum(dpois(series, exp(u), log = TRUE)) +
      sum(dnorm(u[-1], 0.9 * u[-steps], exp(ls), log = TRUE)) +
      dnorm(u[1], 0, 1, log = TRUE) - exp(ls)
  }
  f <- function(theta) path(theta[-1], theta[1])
  theta <- c(-1, rnorm(steps) / 10)
  found <- hessian(f, sparse = TRUE)(theta)
  expect_s4_class(found, "dsCMatrix")
  expect_lt(length(found@x), 5 * steps)
  direction <- rnorm(steps + 1)
  expect_equal(as.numeric(found %*% direction), hvp(f)(theta, direction),
               tolerance = 1e-10)
})

test_that("the sparse Hessian of few numbers is that of the dense one", {
  skip_if_not_installed("Matrix")
  f <- function(a) sum(sin(diff(a, differences = 2))^2) + exp(a[1] * a[5])
  at <- c(0.3, 1, -0.2, 0.5, 0.8)
  expect_equal(as.matrix(hessian(f, sparse = TRUE)(at)), hessian(f)(at),
               ignore_attr = TRUE)
  linear <- hessian(function(a) sum(a), sparse = TRUE)(at)
  expect_identical(length(linear@x), 0L)
  expect_error(grad(function(a) sum(hessian(f, sparse = TRUE)(a)))(at),
               class = "admle_error_unsupported")
})

test_that("without a Hessian nothing is said about curvature", {
  saddle <- function(a) -sum(cumsum(a)^2) - sum(a^2)
  expect_output(
    print(summary(mle_fit(saddle, start = list(a = rep(1, 520))))),
    "stationary, curvature not looked at"
  )
})

test_that("what takes all elements of a large matrix says how large it is", {
  many <- 5100L
  which <- rep(seq_len(many), each = 2)
  counts <- rpois(2 * many, 5)
  w <- rnorm(2 * many)
  large <- mle_fit(
    function(b, a) dpois(counts, exp(b * w + a[which]), log = TRUE),
    start = list(b = 0, a = rep(1.5, many))
  )
  expect_error(vcov(large), "parm", class = "admle_error_unsupported")
  expect_error(confint(large, "b", method = "profile"), "GB",
               class = "admle_error_unsupported")
  table <- coef(summary(large))
  expect_true(all(is.finite(table[1:200, 2])))
  expect_true(all(is.na(table[201:5101, 2])))
  expect_output(print(summary(large)), "4,901 more.*vcov")
  expect_equal(table["b", 2], sqrt(vcov(large, parm = "b")[[1]]))
})

test_that("subexpressions that are used many times are taken once", {
  n <- 120
  group <- rep(seq_len(n), each = 3)
  y <- rep(c(0, 2, 5), n)
  total <- function(v) {
    for (k in 1:16) v <- v + 0.01 * v * v
    sum(dpois(y, exp(v[group]), log = TRUE))
  }
  at <- seq(-0.1, 0.1, length.out = n)
  sparse <- hessian(total, sparse = TRUE)(at)
  expect_s4_class(sparse, "dsCMatrix")
  expect_equal(unname(as.matrix(sparse)), unname(hessian(total)(at)),
               tolerance = 1e-12)
})

test_that("differences of terms that read no data are added up", {
  total <- function(p) sum(p[1:3] * p[4:6]) - crossprod(p)[1] / 2
  swapped <- diag(6)[c(4:6, 1:3), ] - diag(6)
  expect_equal(unname(hessian(total)(1:6 / 10)), swapped)
})

test_that("more directions without curvature than are looked at are a bound", {
  set.seed(2)
  g <- rep(1:300, each = 4)
  y <- rnorm(1200)
  expect_warning(
    fit <- mle_fit(function(a, b) dnorm(y, a[g] + b[g], 1, log = TRUE),
                   list(a = numeric(300), b = numeric(300))),
    "at least 64\\s+directions"
  )
  expect_true(all(is.na(summary(fit)$coefficients[, "Std. Error"])))
  expect_gte(fit$rank, 300)
  expect_match(paste(capture.output(print(fit)), collapse = " "),
               "at most [0-9]+ identified parameters")
})

test_that("scores, tests and influence take effects with a range", {
  set.seed(3)
  groups <- 520L
  g <- rep(seq_len(groups), each = 4L)
  x <- rnorm(length(g))
  y <- rexp(length(g), exp(-0.2 * x))
  positive_effects <- mle_fit(
    function(a, b) dexp(y, exp(-b * x) / a[g], log = TRUE),
    list(a = positive(rep(1, groups)), b = 0)
  )
  on_logs <- mle_fit(
    function(a, b) dexp(y, exp(-b * x - a[g]), log = TRUE),
    list(a = numeric(groups), b = 0)
  )
  # The scores by a coefficient are those by its logarithm over it.
  scores <- sandwich::estfun(positive_effects)
  expected <- sandwich::estfun(on_logs)
  expected[, 1:groups] <- sweep(expected[, 1:groups], 2L,
                                coef(positive_effects)[1:groups], "/")
  expect_equal(unname(scores), unname(expected), tolerance = 1e-6)
  for (test in list(score_test, lr_test, wald_test)) {
    expect_equal(test(positive_effects, ~ b - 0.1)$statistic,
                 test(on_logs, ~ b - 0.1)$statistic, tolerance = 1e-6)
  }
  expect_identical(summary(positive_effects, adjust = TRUE)$df.residual,
                   summary(on_logs, adjust = TRUE)$df.residual)
})
