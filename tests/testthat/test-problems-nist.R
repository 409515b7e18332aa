# Nonlinear regression problems of the NIST Statistical Reference Datasets
# (https://www.itl.nist.gov/div898/strd/nls/nls_main.shtml): data, both starting
# points and certified values, of problems of all three levels of difficulty.
# As log-likelihoods: normal errors, sigma started at the size of the residuals.

nist <- list(
  Misra1a = list(
    model = quote(b1 * (1 - exp(-b2 * x))),
    start1 = c(500, 0.0001),
    start2 = c(250, 0.0005),
    certified = c(238.94212918, 0.00055015643181),
    rss = 0.12455138894,
    x = c(77.6, 114.9, 141.1, 190.8, 239.9, 289, 332.8, 378.4, 434.8, 477.3,
      536.8, 593.1, 689.1, 760),
    y = c(10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05,
      61.01, 66.4, 75.47, 81.78)
  ),
  Chwirut2 = list(
    model = quote(exp(-b1 * x)/(b2 + b3 * x)),
    start1 = c(0.1, 0.01, 0.02),
    start2 = c(0.15, 0.008, 0.01),
    certified = c(0.16657666537, 0.0051653291286, 0.012150007096),
    rss = 513.04802941,
    x = c(0.5, 1, 1.75, 3.75, 5.75, 0.875, 2.25, 3.25, 5.25, 0.75, 1.75, 2.75,
      4.75, 0.625, 1.25, 2.25, 4.25, 0.5, 3, 0.75, 3, 1.5, 6, 3, 6, 1.5, 3,
      0.5, 2, 4, 0.75, 2, 5, 0.75, 2.25, 3.75, 5.75, 3, 0.75, 2.5, 4, 0.75,
      2.5, 4, 0.75, 2.5, 4, 0.5, 6, 3, 0.5, 2.75, 0.5, 1.75),
    y = c(92.9, 57.1, 31.05, 11.5875, 8.025, 63.6, 21.4, 14.25, 8.475, 63.8,
      26.8, 16.4625, 7.125, 67.3, 41, 21.15, 8.175, 81.5, 13.12, 59.9, 14.62,
      32.9, 5.44, 12.56, 5.44, 32, 13.95, 75.8, 20, 10.42, 59.5, 21.67, 8.55,
      62, 20.2, 7.76, 3.75, 11.81, 54.7, 23.7, 11.55, 61.3, 17.7, 8.74, 59.2,
      16.3, 8.62, 81, 4.87, 14.62, 81.7, 17.17, 81.3, 28.9)
  ),
  DanWood = list(
    model = quote(b1 * x^b2),
    start1 = c(1, 5),
    start2 = c(0.7, 4),
    certified = c(0.76886226176, 3.8604055871),
    rss = 0.0043173084083,
    x = c(1.309, 1.471, 1.49, 1.565, 1.611, 1.68),
    y = c(2.138, 3.421, 3.597, 4.34, 4.882, 5.66)
  ),
  MGH09 = list(
    model = quote(b1 * (x^2 + x * b2)/(x^2 + x * b3 + b4)),
    start1 = c(25, 39, 41.5, 39),
    start2 = c(0.25, 0.39, 0.415, 0.39),
    certified = c(0.19280693458, 0.19128232873, 0.12305650693, 0.13606233068),
    rss = 0.00030750560385,
    x = c(4, 2, 1, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625),
    y = c(0.1957, 0.1947, 0.1735, 0.16, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323,
      0.0235, 0.0246)
  ),
  MGH10 = list(
    model = quote(b1 * exp(b2/(x + b3))),
    start1 = c(2, 400000, 25000),
    start2 = c(0.02, 4000, 250),
    certified = c(0.005609636471, 6181.3463463, 345.22363462),
    rss = 87.945855171,
    x = c(50, 55, 60, 65, 70, 75, 80, 85, 90, 95, 100, 105, 110, 115, 120, 125),
    y = c(34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030,
      6005, 5147, 4427, 3820, 3307, 2872)
  ),
  MGH17 = list(
    model = quote(b1 + b2 * exp(-x * b4) + b3 * exp(-x * b5)),
    start1 = c(50, 150, -100, 1, 2),
    start2 = c(0.5, 1.5, -1, 0.01, 0.02),
    certified = c(0.37541005211, 1.9358469127, -1.4646871366, 0.01286753464,
      0.022122699662),
    rss = 5.4648946975e-05,
    x = c(0e+00, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140,
      150, 160, 170, 180, 190, 200, 210, 220, 230, 240, 250, 260, 270, 280,
      290, 300, 310, 320),
    y = c(0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.85, 0.818, 0.784,
      0.751, 0.718, 0.685, 0.658, 0.628, 0.603, 0.58, 0.558, 0.538, 0.522,
      0.506, 0.49, 0.478, 0.467, 0.457, 0.448, 0.438, 0.431, 0.424, 0.42,
      0.414, 0.411, 0.406)
  ),
  Eckerle4 = list(
    model = quote((b1/b2) * exp(-0.5 * ((x - b3)/b2)^2)),
    start1 = c(1, 10, 500),
    start2 = c(1.5, 5, 450),
    certified = c(1.5543827178, 4.0888321754, 451.54121844),
    rss = 0.0014635887487,
    x = c(400, 405, 410, 415, 420, 425, 430, 435, 436.5, 438, 439.5, 441,
      442.5, 444, 445.5, 447, 448.5, 450, 451.5, 453, 454.5, 456, 457.5, 459,
      460.5, 462, 463.5, 465, 470, 475, 480, 485, 490, 495, 500),
    y = c(0.0001575, 0.0001699, 0.000235, 0.0003102, 0.0004917, 0.000871,
      0.0017418, 0.00464, 0.0065895, 0.0097302, 0.0149002, 0.023731, 0.0401683,
      0.0712559, 0.1264458, 0.2073413, 0.2902366, 0.3445623, 0.3698049,
      0.3668534, 0.3106727, 0.2078154, 0.1164354, 0.0616764, 0.03372,
      0.0194023, 0.0117831, 0.0074357, 0.0022732, 0.00088, 0.0004579,
      0.0002345, 0.0001586, 0.0001143, 7.1e-05)
  ),
  BoxBOD = list(
    model = quote(b1 * (1 - exp(-b2 * x))),
    start1 = c(1, 1),
    start2 = c(100, 0.75),
    certified = c(213.80940889, 0.54723748542),
    rss = 1168.0088766,
    x = c(1, 2, 3, 5, 7, 10),
    y = c(109, 149, 149, 191, 213, 224)
  ),
  Rat42 = list(
    model = quote(b1/(1 + exp(b2 - b3 * x))),
    start1 = c(100, 1, 0.1),
    start2 = c(75, 2.5, 0.07),
    certified = c(72.462237576, 2.6180768402, 0.067359200066),
    rss = 8.0565229338,
    x = c(9, 14, 21, 28, 42, 57, 63, 70, 79),
    y = c(8.93, 10.8, 18.59, 22.33, 39.35, 56.11, 61.73, 64.62, 67.08)
  ),
  Rat43 = list(
    model = quote(b1/((1 + exp(b2 - b3 * x))^(1/b4))),
    start1 = c(100, 10, 1, 1),
    start2 = c(700, 5, 0.75, 1.3),
    certified = c(699.6415127, 5.2771253025, 0.75962938329, 1.2792483859),
    rss = 8786.404908,
    x = c(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
    y = c(16.08, 33.83, 65.8, 97.2, 191.55, 326.2, 386.87, 520.53, 590.03,
      651.92, 724.93, 699.56, 689.96, 637.56, 717.41)
  ),
  Thurber = list(
    model = quote((b1 + b2 * x + b3 * x^2 + b4 * x^3)/(1 + b5 * x + b6 *
      x^2 + b7 * x^3)),
    start1 = c(1000, 1000, 400, 40, 0.7, 0.3, 0.03),
    start2 = c(1300, 1500, 500, 75, 1, 0.4, 0.05),
    certified = c(1288.13968, 1491.0792535, 583.23836877, 75.416644291,
      0.96629502864, 0.39797285797, 0.049727297349),
    rss = 5642.7082397,
    x = c(-3.067, -2.981, -2.921, -2.912, -2.84, -2.797, -2.702, -2.699,
      -2.633, -2.481, -2.363, -2.322, -1.501, -1.46, -1.274, -1.212, -1.1,
      -1.046, -0.915, -0.714, -0.566, -0.545, -0.4, -0.309, -0.109, -0.103,
      0.01, 0.119, 0.377, 0.79, 0.963, 1.006, 1.115, 1.572, 1.841, 2.047, 2.2),
    y = c(80.574, 84.248, 87.264, 87.195, 89.076, 89.608, 89.868, 90.101,
      92.405, 95.854, 100.696, 101.06, 401.672, 390.724, 567.534, 635.316,
      733.054, 759.087, 894.206, 990.785, 1090.109, 1080.914, 1122.643,
      1178.351, 1260.531, 1273.514, 1288.339, 1327.543, 1353.863, 1414.509,
      1425.208, 1421.384, 1442.962, 1464.35, 1468.705, 1447.894, 1457.628)
  ),
  Lanczos3 = list(
    model = quote(b1 * exp(-b2 * x) + b3 * exp(-b4 * x) + b5 * exp(-b6 *
      x)),
    start1 = c(1.2, 0.3, 5.6, 5.5, 6.5, 7.6),
    start2 = c(0.5, 0.7, 3.6, 4.2, 4, 6.3),
    certified = c(0.086816414977, 0.95498101505, 0.84400777463, 2.9515951832,
      1.5825685901, 4.9863565084),
    rss = 1.6117193594e-08,
    x = c(0e+00, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55,
      0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1, 1.05, 1.1, 1.15),
    y = c(2.5134, 2.0443, 1.6684, 1.3664, 1.1232, 0.9269, 0.7679, 0.6389,
      0.5338, 0.4479, 0.3776, 0.3197, 0.272, 0.2325, 0.1997, 0.1723, 0.1493,
      0.1301, 0.1138, 0.1, 0.0883, 0.0783, 0.0698, 0.0624)
  ),
  Roszman1 = list(
    model = quote(b1 - b2 * x - atan(b3/(x - b4))/pi),
    start1 = c(0.1, -1e-05, 1000, -100),
    start2 = c(0.2, -5e-06, 1200, -150),
    certified = c(0.20196866396, -6.1953516256e-06, 1204.4556708,
      -181.34269537),
    rss = 0.00049484847331,
    x = c(-4868.68, -4868.09, -4867.41, -3375.19, -3373.14, -3372.03, -2473.74,
      -2472.35, -2469.45, -1894.65, -1893.4, -1497.24, -1495.85, -1493.41,
      -1208.68, -1206.18, -1206.04, -997.92, -996.61, -996.31, -834.94,
      -834.66, -710.03, -530.16, -464.17),
    y = c(0.252429, 0.252141, 0.251809, 0.297989, 0.296257, 0.295319, 0.339603,
      0.337731, 0.33382, 0.38951, 0.386998, 0.438864, 0.434887, 0.427893,
      0.471568, 0.461699, 0.461144, 0.513532, 0.506641, 0.505062, 0.535648,
      0.533726, 0.568064, 0.612886, 0.624169)
  )
)

# The same curve has several labels: terms of a sum can be exchanged, and signs.
canonical <- function(name, b) {
  pairs <- switch(name, Lanczos3 = rbind(c(1, 3, 5), c(2, 4, 6)),
                  MGH17 = rbind(c(2, 3), c(4, 5)))
  if (!is.null(pairs)) {
    b[c(pairs)] <- b[pairs[, order(b[pairs[2, ]])]]
  }
  if (name == "Eckerle4") abs(b) else b
}

nist_loglik <- function(problem) {
  names <- c(paste0("b", seq_along(problem$certified)), "log_sigma")
  loglik <- function() NULL
  formals(loglik) <- sapply(names, function(name) quote(expr = ))
  body(loglik) <- bquote({
    mu <- .(problem$model)
    dnorm(y, mu, exp(log_sigma), log = TRUE)
  })
  loglik
}

nist_start <- function(problem, which) {
  b <- problem[[which]]
  names(b) <- paste0("b", seq_along(b))
  mu <- eval(problem$model, c(problem, as.list(b)))
  c(as.list(b), log_sigma = log(sqrt(mean((problem$y - mu)^2))))
}

nist_fit <- function(name, start, ...) {
  problem <- nist[[name]]
  mle_fit(nist_loglik(problem), nist_start(problem, start),
          data = as.data.frame(problem[c("x", "y")]), ...)
}

# Largest relative error of the parameters of the curve.
nist_error <- function(fit, name) {
  certified <- nist[[name]]$certified
  b <- canonical(name, unname(coef(fit))[seq_along(certified)])
  max(abs(b / certified - 1))
}

# The information about (b, log sigma) from R's symbolic derivatives of the
# curve and the formulas of the normal regression.
symbolic_information <- function(fit, problem) {
  k <- length(problem$certified)
  theta <- coef(fit)
  mu <- eval(deriv3(problem$model, names(theta)[1:k]),
             c(problem, as.list(theta)))
  slope <- attr(mu, "gradient")
  r <- problem$y - c(mu)
  bent <- apply(attr(mu, "hessian"), c(2, 3), function(h) sum(r * h))
  cross <- 2 * crossprod(slope, r)
  rbind(cbind(crossprod(slope) - bent, cross), c(cross, 2 * sum(r^2))) /
    exp(2 * theta[[k + 1]])
}

for (name in names(nist)) {
  test_that(paste(name, "has NIST's estimates from both starts"), {
    problem <- nist[[name]]
    n <- length(problem$y)
    sigma2 <- problem$rss / n
    for (start in c("start1", "start2")) {
      fit <- nist_fit(name, start)
      expect_true(fit$converged, info = start)
      expect_identical(fit$problems, list(), info = start)
      expect_lt(nist_error(fit, name), 1e-7)
      expect_equal(coef(fit)[["log_sigma"]], log(sigma2) / 2,
                   tolerance = 1e-7)
      expect_equal(c(logLik(fit)), -n / 2 * (log(2 * pi * sigma2) + 1),
                   tolerance = 1e-9)
      # Products of vcov and information: independent of the units.
      product <- unname(vcov(fit) %*% symbolic_information(fit, problem))
      error <- sqrt(diag(vcov(fit)))
      expect_equal(product * outer(1 / error, error), diag(length(error)),
                   tolerance = 1e-6, ignore_attr = TRUE)
    }
  })
}

# How many of the 26 runs a method solves at least. One or two less than seen:
# in the hardest, the last bits of the arithmetic decide.
solved <- c(newton = 24, bfgs = 22, lbfgs = 20, bhhh = 22)

for (method in names(solved)) {
  test_that(paste(method, "claims nothing that is not so"), {
    right <- 0
    for (name in names(nist)) {
      for (start in c("start1", "start2")) {
        fit <- suppressWarnings(nist_fit(name, start, method = method))
        error <- nist_error(fit, name)
        right <- right + (error < 1e-6)
        expect_true(!fit$converged || error < 1e-6,
                    info = paste(method, name, start))
        expect_identical(fit$converged, length(fit$problems) == 0L,
                         info = paste(method, name, start))
      }
    }
    expect_gte(right, solved[[method]])
  })
}

# The same as a formula: one line, sigma found by admle.
for (name in c("Misra1a", "Chwirut2", "DanWood", "Thurber", "Eckerle4")) {
  test_that(paste(name, "as a formula has the certified estimates"), {
    problem <- nist[[name]]
    start <- setNames(problem$start2, paste0("b", seq_along(problem$start2)))
    formula <- eval(bquote(y ~ dnorm(.(problem$model), sigma)))
    fit <- mle_fit(formula, data = problem[c("x", "y")], start = start)
    expect_true(fit$converged)
    expect_equal(unname(coef(fit))[seq_along(problem$certified)],
                 problem$certified, tolerance = 1e-8)
    expect_equal(coef(fit)[["sigma"]], sqrt(problem$rss / length(problem$y)),
                 tolerance = 1e-8)
  })
}
