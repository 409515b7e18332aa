# The 35 problems of Moré, Garbow and Hillstrom (1981), Testing unconstrained
# optimization software, ACM TOMS 7(1), 17-41: residuals whose sum of squares is
# to be minimal. As log-likelihoods they are minus half of it: normal
# observations with variance 1. Written from the definitions in the article.
#
# A problem: `start`, `residuals` (of the vector x), `minima` (documented sums
# of squares; the first is the global one), `definite` (FALSE where the Hessian
# is singular at the minimum, NA where that depends on the minimum found or on
# what passes for singular).

mgh_problem <- function(start, minima, residuals, definite = TRUE) {
  list(start = start, residuals = residuals, minima = minima,
       definite = definite)
}

# As contributions of the observations, or as their total.
mgh_loglik <- function(problem, total = FALSE) {
  residuals <- problem$residuals
  if (total) {
    function(x) -sum(residuals(x)^2) / 2
  } else {
    function(x) -residuals(x)^2 / 2
  }
}

# Minima are documented with seven digits at least; where the minimum is zero
# the bound is one on the distance in standard errors, squared.
mgh_is_minimum <- function(problem, sum_of_squares) {
  any(ifelse(
    problem$minima > 0, abs(sum_of_squares / problem$minima - 1) < 1e-6,
    sum_of_squares < 1e-6
  ))
}

mgh_problems <- function() c(mgh_fixed(), mgh_data(), mgh_variable())

# Two to six parameters.
mgh_fixed <- function() list(
  rosenbrock = mgh_problem(c(-1.2, 1), 0, function(x) {
    c(10 * (x[2] - x[1]^2), 1 - x[1])
  }),
  freudenstein_roth = mgh_problem(
    c(0.5, -2), c(0, 48.98425367924), function(x) {
      u <- x[1]
      v <- x[2]
      c(u - 13 + 5 * v^2 - v^3 - 2 * v, u - 29 + v^3 + v^2 - 14 * v)
    }
  ),
  powell_badly_scaled = mgh_problem(c(0, 1), 0, function(x) {
    c(1e4 * prod(x) - 1, sum(exp(-x)) - 1.0001)
  }, definite = NA),
  brown_badly_scaled = mgh_problem(c(1, 1), 0, function(x) {
    c(x - c(1e6, 2e-6), prod(x) - 2)
  }),
  beale = mgh_problem(c(1, 1), 0, function(x) {
    y <- c(1.5, 2.25, 2.625)
    r <- numeric(3)
    for (i in 1:3) r[i] <- y[i] - x[1] * (1 - x[2]^i)
    r
  }),
  jennrich_sampson = mgh_problem(c(0.3, 0.4), 124.36218235561489, function(x) {
    i <- seq_len(10)
    2 + 2 * i - rowSums(exp(outer(i, x)))
  }),
  helical_valley = mgh_problem(c(-1, 0, 0), 0, function(x) {
    turns <- atan(x[2] / x[1]) / (2 * pi)
    if (x[1] < 0) turns <- turns + 0.5
    c(10 * (x[3] - 10 * turns), 10 * (sqrt(sum(x[1:2]^2)) - 1), x[3])
  }),
  gulf = mgh_problem(c(5, 2.5, 0.15), 0, function(x) {
    t <- seq(0.01, 0.99, by = 0.01)
    y <- 25 + (-50 * log(t))^(2 / 3)
    exp(-abs(y - x[2])^x[3] / x[1]) - t
  }),
  box3d = mgh_problem(c(0, 10, 20), 0, function(x) {
    sapply(seq(0.1, 1, by = 0.1), function(t) {
      exp(-t * x[1]) - exp(-t * x[2]) - x[3] * (exp(-t) - exp(-10 * t))
    })
  }, definite = NA),
  powell_singular = mgh_problem(c(3, -1, 0, 1), 0, function(x) {
    c(x[1] + 10 * x[2], sqrt(5) * (x[3] - x[4]), (x[2] - 2 * x[3])^2,
      sqrt(10) * (x[1] - x[4])^2)
  }, definite = FALSE),
  wood = mgh_problem(c(-3, -1, -3, -1), 0, function(x) {
    c(10 * (x[2] - x[1]^2), 1 - x[1], sqrt(90) * (x[4] - x[3]^2), 1 - x[3],
      sqrt(10) * (x[2] + x[4] - 2), (x[2] - x[4]) / sqrt(10))
  }),
  brown_dennis = mgh_problem(c(25, 5, -5, -1), 85822.2016263563, function(x) {
    t <- (1:20) / 5
    line <- x[1] + t * x[2] - exp(t)
    wave <- x[3] + x[4] * sin(t) - cos(t)
    line^2 + wave^2
  }),
  biggs_exp6 = mgh_problem(
    c(1, 2, 1, 1, 1, 1), c(0, 5.65564991e-3, 0.306366772), function(x) {
      t <- (1:13) / 10
      y <- exp(-t) - 5 * exp(-10 * t) + 3 * exp(-4 * t)
      rates <- x[c(1, 2, 5)]
      sizes <- x[c(3, 4, 6)] * c(1, -1, 1)
      drop(exp(-outer(t, rates)) %*% sizes) - y
    }
  )
)

# The problems that fit a curve to the article's data.
mgh_data <- function() list(
  bard = local({
    y <- c(14, 18, 22, 25, 29, 32, 35, 39, 37, 58, 73, 96, 134, 210, 439) / 100
    u <- 1:15
    v <- rev(u)
    mgh_problem(c(1, 1, 1), c(8.214877306578994e-3, 17.42869333), function(x) {
      y - (x[1] + u / (v * x[2] + pmin(u, v) * x[3]))
    })
  }),
  gaussian = local({
    half <- c(9, 44, 175, 540, 1295, 2420, 3521)
    y <- c(half, 3989, rev(half)) / 1e4
    t <- seq(3.5, -3.5, by = -0.5)
    mgh_problem(c(0.4, 1, 0), 1.127932769618695e-8, function(x) {
      x[1] * exp(-x[2] * (t - x[3])^2 / 2) - y
    })
  }),
  meyer = local({
    y <- c(34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030,
           6005, 5147, 4427, 3820, 3307, 2872)
    t <- seq(50, 125, by = 5)
    mgh_problem(c(0.02, 4000, 250), 87.94585517018, function(x) {
      x[1] * exp(x[2] / (t + x[3])) - y
    })
  }),
  kowalik_osborne = local({
    y <- c(1957, 1947, 1735, 1600, 844, 627, 456, 342, 323, 235, 246) / 1e4
    u <- c(4, 2, 1, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625)
    mgh_problem(
      c(0.25, 0.39, 0.415, 0.39), c(3.075056038492e-4, 1.027342e-3),
      function(x) y - x[1] * u * (u + x[2]) / (u * (u + x[3]) + x[4])
    )
  }),
  osborne1 = local({
    y <- c(844, 908, 932, 936, 925, 908, 881, 850, 818, 784, 751, 718, 685, 658,
           628, 603, 580, 558, 538, 522, 506, 490, 478, 467, 457, 448, 438, 431,
           424, 420, 414, 411, 406) / 1000
    t <- seq(0, 320, by = 10)
    mgh_problem(c(0.5, 1.5, -1, 0.01, 0.02), 5.46489469748e-5, function(x) {
      y - (x[1] + x[2] * exp(-t * x[4]) + x[3] * exp(-t * x[5]))
    })
  }),
  osborne2 = local({
    y <- c(1366, 1191, 1112, 1013, 991, 885, 831, 847, 786, 725, 746, 679, 608,
           655, 616, 606, 602, 626, 651, 724, 649, 649, 694, 644, 624, 661, 612,
           558, 533, 495, 500, 423, 395, 375, 372, 391, 396, 405, 428, 429, 523,
           562, 607, 653, 672, 708, 633, 668, 645, 632, 591, 559, 597, 625, 739,
           710, 729, 720, 636, 581, 428, 292, 162, 98, 54) / 1000
    t <- (0:64) / 10
    mgh_problem(
      c(1.3, 0.65, 0.65, 0.7, 0.6, 3, 5, 7, 2, 4.5, 5.5), 4.01377362935e-2,
      function(x) {
        fitted <- x[1] * exp(-t * x[5])
        for (peak in 1:3) {
          fitted <- fitted +
            x[1 + peak] * exp(-(t - x[8 + peak])^2 * x[5 + peak])
        }
        y - fitted
      }
    )
  })
)

# Sizes as in the article's table of results, or ten where it has several.
mgh_variable <- function(n = 10) list(
  watson = mgh_problem(rep(0, 6), 2.287670053552e-3, function(x) {
    k <- length(x)
    powers <- outer((1:29) / 29, seq_len(k) - 1, `^`)
    level <- drop(powers %*% x)
    slope <- drop(powers[, -k] %*% (seq_len(k - 1) * x[-1]))
    c(slope - level^2 - 1, x[1], x[2] - x[1]^2 - 1)
  }),
  extended_rosenbrock = mgh_problem(rep(c(-1.2, 1), n / 2), 0, function(x) {
    pairs <- matrix(x, nrow = 2)
    rbind(10 * (pairs[2, ] - pairs[1, ]^2), 1 - pairs[1, ])[seq_along(x)]
  }),
  extended_powell_singular = mgh_problem(
    rep(c(3, -1, 0, 1), 3), 0, function(x) {
      fours <- matrix(x, ncol = 4, byrow = TRUE)
      c(fours[, 1] + 10 * fours[, 2], sqrt(5) * (fours[, 3] - fours[, 4]),
        (fours[, 2] - 2 * fours[, 3])^2, sqrt(10) * (fours[, 1] - fours[, 4])^2)
    }, definite = FALSE
  ),
  penalty1 = mgh_problem(as.numeric(1:4), 2.249977500e-5, function(x) {
    c(sqrt(1e-5) * (x - 1), crossprod(x) - 0.25)
  }),
  penalty2 = mgh_problem(rep(0.5, 4), 9.376293e-6, function(x) {
    k <- length(x)
    e <- exp(x / 10)
    y <- exp(seq_len(k) / 10)
    c(x[1] - 0.2, sqrt(1e-5) * (e[-1] + e[-k] - y[-1] - y[-k]),
      sqrt(1e-5) * (e[-1] - exp(-0.1)), sum(rev(seq_len(k)) * x^2) - 1)
  }),
  variably_dimensioned = mgh_problem(1 - seq_len(n) / n, 0, function(x) {
    s <- sum(seq_along(x) * (x - 1))
    c(x - 1, s, s^2)
  }),
  trigonometric = mgh_problem(rep(1 / n, n), c(0, 2.795056122e-5), function(x) {
    k <- length(x)
    r <- x
    for (i in seq_len(k)) {
      r[i] <- k - sum(cos(x)) + i * (1 - cos(x[i])) - sin(x[i])
    }
    r
  }),
  brown_almost_linear = mgh_problem(rep(0.5, n), c(0, 1), function(x) {
    k <- length(x)
    c(x[-k] + sum(x) - (k + 1), prod(x) - 1)
  }),
  discrete_boundary = mgh_problem(mgh_grid(n) * (mgh_grid(n) - 1), 0,
    function(x) {
      t <- mgh_grid(length(x))
      second <- diff(c(0, x, 0), differences = 2)
      t[1]^2 * (x + t + 1)^3 / 2 - second
    }
  ),
  # Green's function of -x'' is min(s, t) (1 - max(s, t)).
  discrete_integral = mgh_problem(mgh_grid(n) * (mgh_grid(n) - 1), 0,
    function(x) {
      t <- mgh_grid(length(x))
      green <- outer(t, t, pmin) * (1 - outer(t, t, pmax))
      x + drop(green %*% (x + t + 1)^3) * t[1] / 2
    }
  ),
  broyden_tridiagonal = mgh_problem(rep(-1, n), 0, function(x) {
    k <- length(x)
    (3 - 2 * x) * x - c(0, x[-k]) - 2 * c(x[-1], 0) + 1
  }),
  # The second minimum is not in the article; its Hessian is definite.
  broyden_banded = mgh_problem(rep(-1, n), c(0, 3.05727843253), function(x) {
    k <- length(x)
    vapply(seq_len(k), function(i) {
      band <- setdiff(max(1, i - 5):min(k, i + 1), i)
      x[i] * (2 + 5 * x[i]^2) + 1 - sum(x[band] * (1 + x[band]))
    }, numeric(1))
  }),
  linear_full_rank = mgh_problem(rep(1, n), n, function(x) {
    m <- 2 * length(x)
    c(x, rep(0, m - length(x))) - 2 * sum(x) / m - 1
  }),
  linear_rank1 = mgh_problem(rep(1, n), 190 / 41, function(x) {
    1:20 * sum(seq_along(x) * x) - 1
  }, definite = FALSE),
  linear_rank1_zero = mgh_problem(rep(1, n), 454 / 74, function(x) {
    inner <- 2:(length(x) - 1)
    c(0, 1:18, 0) * sum(inner * x[inner]) - 1
  }, definite = FALSE),
  chebyquad = mgh_problem(mgh_grid(8), 3.516873725677e-3, function(x) {
    k <- length(x)
    u <- 2 * x - 1
    before <- 1
    now <- u
    r <- NULL
    for (i in seq_len(k)) {
      integral <- if (i %% 2 == 0) -1 / (i^2 - 1) else 0
      r <- c(r, mean(now) - integral)
      new <- 2 * u * now - before
      before <- now
      now <- new
    }
    r
  })
)

mgh_grid <- function(n) seq_len(n) / (n + 1)
