# Writes bench/functions.md: which functions and distributions that RTMB lists
# as supported (help pages Distributions, ADvector, ADmatrix, ADcomplex,
# ADapply, MVgauss of RTMB 2.0) are recorded, to which order their derivatives
# exist, and how far the first and the second are from differences of the plain
# values and of the gradient.
#
#   Rscript bench/functions.R

library(admle)

# An example of each, a function of two positive numbers.
m3 <- function(v) matrix(c(2, v[1], 0.1, v[2], 3, -0.2, 0.5, 0.3, 5), 3)
spd <- function(v) crossprod(m3(v))
examples <- list(
  Distributions = list(
    dexp = function(v) dexp(v[1], v[2], TRUE),
    dweibull = function(v) dweibull(v[1], v[2], 2, TRUE),
    dbinom = function(v) dbinom(2, 5, v[1] / 2, TRUE),
    dbeta = function(v) dbeta(0.3, v[1], v[2], log = TRUE),
    df = function(v) df(1.2, v[1], v[2], log = TRUE),
    dlogis = function(v) dlogis(0.4, v[1], v[2], TRUE),
    dt = function(v) dt(v[1], v[2], log = TRUE),
    dnbinom = function(v) dnbinom(3, v[1], mu = v[2], log = TRUE),
    dpois = function(v) dpois(3, v[1], TRUE),
    dgamma = function(v) dgamma(0.8, v[1], v[2], log = TRUE),
    dlnorm = function(v) dlnorm(0.8, v[1], v[2], TRUE),
    dmultinom = function(v) dmultinom(c(1, 3, 2), prob = c(v, 1), log = TRUE),
    dnorm = function(v) dnorm(0.4, v[1], v[2], TRUE),
    pnorm = function(v) pnorm(0.4, v[1], v[2]),
    pgamma = function(v) pgamma(0.8, v[1], v[2]),
    ppois = function(v) ppois(2, v[1]), pexp = function(v) pexp(v[1], v[2]),
    pweibull = function(v) pweibull(v[1], v[2], 2),
    pbeta = function(v) pbeta(0.3, v[1], v[2]),
    qnorm = function(v) qnorm(0.3, v[1], v[2]),
    qgamma = function(v) qgamma(0.3, v[1], v[2]),
    qexp = function(v) qexp(0.3, v[1]),
    qweibull = function(v) qweibull(0.3, v[1], v[2]),
    qbeta = function(v) qbeta(0.3, v[1], v[2]),
    besselK = function(v) besselK(v[1], v[2]),
    besselI = function(v) besselI(v[1], v[2]),
    besselJ = function(v) besselJ(v[1], v[2]),
    besselY = function(v) besselY(v[1], v[2]),
    dbinom_robust = function(v) {
      dbinom(2, 5, plogis(v[1]), log = TRUE)
    },
    dsn = function(v) dskewnorm(0.4, v[1], v[2], 1.5, log = TRUE),
    dtweedie = NULL, dcompois = NULL, dSHASHo = NULL,
    dnbinom_robust = function(v) {
      dnbinom(3, mu = exp(v[1]), size = exp(v[2]), log = TRUE)
    },
    dlgamma = function(v) {
      dgamma(exp(0.3), v[1], scale = v[2], log = TRUE) + 0.3
    },
    logspace_add = function(v) log_sum_exp(v)
  ),
  "Multivariate normal" = list(
    dmvnorm = function(v) sum(dmvnorm(diag(3), 0, spd(v), TRUE)),
    dgmrf = function(v) sum(dmvnorm(diag(3), 0, precision = spd(v), log = TRUE))
  ),
  Vectors = list(
    "Math group" = function(v) sum(exp(v) + log1p(v) * tanh(v) + lgamma(v)),
    cumsum = function(v) sum(cumsum(v^2)), cumprod = function(v) cumprod(v)[2],
    diff = function(v) diff(v^2),
    ifelse = function(v) sum(ifelse(v > 1, v, v^2)),
    pmin = function(v) sum(pmin(v^2, 1)),
    outer = function(v) sum(outer(v, v^2)),
    sapply = function(v) sum(sapply(v, function(x) x^3)),
    apply = function(v) sum(apply(m3(v), 1, prod)),
    mapply = function(v) sum(mapply(function(a, b) a^b, v, 2:3)),
    interpol1D = function(v) splinefun(1:5, c(1, 3, 2, 4, 1))(v[1] + v[2])
  ),
  Matrices = list(
    "%*%" = function(v) sum(m3(v) %*% m3(v)),
    solve = function(v) sum(solve(m3(v))),
    chol = function(v) sum(chol(spd(v))), diag = function(v) sum(diag(m3(v))^2),
    det = function(v) det(m3(v)),
    determinant = function(v) c(determinant(m3(v))$modulus),
    eigen = function(v) sum(log(eigen(spd(v), TRUE)$values) * 1:3),
    svd = function(v) sum(svd(m3(v))$d * 1:3),
    expm = function(v) sum(as.matrix(Matrix::expm(m3(v) / 3)) * 1:9),
    sqrtm = function(v) {
      e <- eigen(spd(v), TRUE)
      sum(e$vectors %*% diag(sqrt(e$values)) %*% t(e$vectors) * 1:9)
    },
    absm = NULL,
    kronecker = function(v) sum(kronecker(m3(v), diag(v)) * 1:36)
  ),
  "Complex numbers" = list(
    "Mod, Re, Im, Arg, Conj" = function(v) {
      z <- complex(real = v[1], imaginary = v[2])
      Mod(z) + Re(Conj(z)^2) + Im(exp(z)) + Arg(z)
    },
    fft = function(v) sum(Mod(fft(c(v, v[1]^2, 1))) * 1:4)
  )
)
elsewhere <- c(
  dtweedie = "not there: a series of densities, to be written by the user",
  dcompois = "not there: a sum over counts, to be written by the user",
  dSHASHo = "not there: sinh(), asinh() and dnorm() by the user",
  absm = "by `eigen()`"
)

extrapolated <- function(f, at) {
  slope <- function(k) {
    step <- function(h) {
      e <- replace(numeric(2), k, h)
      (f(at + e) - f(at - e)) / (2 * h)
    }
    d <- lapply(0.02 / 2^(0:4), step)
    for (j in 1:4) {
      d <- lapply(seq_len(length(d) - 1L), function(i) {
        (4^j * d[[i + 1L]] - d[[i]]) / (4^j - 1)
      })
    }
    d[[1L]]
  }
  vapply(1:2, slope, f(at) + 0 * at[seq_along(f(at))])
}

examine <- function(f, at = c(0.7, 1.6)) {
  error <- function(found, wanted) {
    max(abs(found - wanted)) / max(1e-3, max(abs(wanted)))
  }
  value <- value_and_grad(f)(at)
  first <- error(value$grad, extrapolated(f, at))
  second <- error(hessian(f)(at), t(extrapolated(grad(f), at)))
  slope <- grad(function(v) sum(hessian(f)(v) * c(1, 2, 3, 4)))
  third <- tryCatch(all(is.finite(slope(at))), error = function(e) FALSE)
  sprintf("yes | %s | %.0e | %.0e | %.0e", if (third) "3 or more" else "2",
          error(value$value, f(at)), first, second)
}

row_of <- function(name, f) {
  text <- if (is.null(f)) {
    paste("no |", elsewhere[[name]], "| | |")
  } else {
    examine(f)
  }
  sprintf("| `%s` | %s |", name, text)
}

lines <- c(
  "# What RTMB records, in admle", "",
  "Written by `bench/functions.R`. Errors are relative: of the value against",
  "the plain function, of the gradient against extrapolated differences of",
  "values, of the Hessian against extrapolated differences of the gradient;",
  "these differences are themselves good to about 1e-11.", ""
)
for (group in names(examples)) {
  lines <- c(lines, paste("##", group), "",
    "| function | recorded | orders | value | gradient | Hessian |",
    "|---|---|---|---|---|---|")
  for (name in names(examples[[group]])) {
    lines <- c(lines, row_of(name, examples[[group]][[name]]))
  }
  lines <- c(lines, "")
}
writeLines(lines[-length(lines)], "bench/functions.md")
