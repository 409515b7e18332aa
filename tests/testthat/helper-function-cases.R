# A use of each function in op_table() that is composed in R or rearranges: a
# function of x, three positive numbers. Those that give text or say something
# about their argument are used to choose a branch.

case_point <- c(a = 0.3, b = 1.7, c = 0.8)
case_other <- c(a = 0.35, b = 1.6, c = 0.9)
case_definitions <- new.env(parent = globalenv())
case_definitions$case_matrix <- function(x) {
  matrix(c(2, x[1], 0.1, x[2], 3, -0.2, 0.5, x[3], 5), 3,
    dimnames = list(letters[1:3], LETTERS[1:3]))
}
case_definitions$case_spd <- function(x) {
  m <- case_matrix(x)
  crossprod(m) + diag(x)
}
case_definitions$case_group <- c("u", "v", "u")

function_cases <- list(
  .lm.fit = function(x) {
    z <- .lm.fit(cbind(1, x), c(3, 1, 2))
    c(z$coefficients, z$residuals, z$effects, z$qr, z$qraux)
  },
  ":" = function(x) x[1:2] * (1:floor(x[2] + 1)),
  "[" = function(x) c(x["b"], x[-1], x[c(TRUE, FALSE, TRUE)], x[c(2, 2)])^2,
  "[[" = function(x) x[["c"]] * x[[1]],
  "[[<-" = function(x) {
    v <- numeric(3)
    v[[2]] <- x[[1]]^2
    v * x
  },
  "[<-" = function(x) {
    v <- case_matrix(x)
    v[2, ] <- x^2
    v[cbind(1:2, 3:2)] <- sqrt(x[1:2])
    v
  },
  "%*%" = function(x) case_matrix(x) %*% case_matrix(x) %*% x,
  "%in%" = function(x) x[names(x) %in% c("a", "c")]^2,
  "%o%" = function(x) x %o% x^2,
  "%x%" = function(x) case_matrix(x) %x% x,
  all = function(x) if (all(x > 0)) x^2 else x,
  any = function(x) if (any(x > 1)) x^2 else x,
  aperm = function(x) aperm(array(c(x, x^2), c(3, 2, 1)), c(2, 3, 1)) * 1:6,
  append = function(x) append(x, x[1]^2, after = 1),
  apply = function(x) {
    m <- case_matrix(x)
    c(apply(m, 1, prod), apply(m, 2, function(v) sum(v^2)),
      apply(m, c(1, 2), exp))
  },
  Arg = function(x) Arg(complex(real = x, imaginary = x^2)),
  array = function(x) array(x^2, c(2, 3, 2)) * 1:12,
  as.complex = function(x) Mod(as.complex(x) * (1 + 2i)),
  as.double = function(x) as.double(case_matrix(x))^2,
  as.list = function(x) as.list(x)$b^2,
  as.matrix = function(x) as.matrix(x^2) %*% x[1],
  as.numeric = function(x) as.numeric(case_matrix(x))^2,
  as.vector = function(x) as.vector(case_matrix(x))^2,
  ave = function(x) ave(x^2, case_group),
  attr = function(x) x^2 * length(attr(x, "names")),
  "attr<-" = function(x) {
    attr(x, "dim") <- c(1, 3)
    x %*% t(x^2)
  },
  attributes = function(x) x^2 * length(attributes(x)),
  backsolve = function(x) backsolve(chol(case_spd(x)), x),
  besselI = function(x) c(besselI(x, x[2:3]), besselI(x, 0.5, TRUE)),
  besselJ = function(x) besselJ(x, c(x[2:3], 1)),
  besselK = function(x) c(besselK(x, x[2:1]), besselK(x, 0, TRUE)),
  besselY = function(x) besselY(x, c(x[2:3], 1)),
  c = function(x) c(x, 1, u = x[[2]]^2),
  cbind = function(x) cbind(x, 1, x^2),
  chol = function(x) chol(case_spd(x)),
  chol2inv = function(x) chol2inv(chol(case_spd(x))),
  colMeans = function(x) colMeans(case_matrix(x)^2),
  colSums = function(x) {
    m <- case_matrix(x)^2
    c(colSums(m), colSums(m * c(1, NA, 2), na.rm = TRUE))
  },
  complex = function(x) {
    z <- complex(real = x, imaginary = rev(x))
    u <- (z * (2 + 1i) + x) / (z - 3i) + z^2 - z^-1 + sqrt(z) * log(z) +
      exp(z) * sin(z) - cos(z) + z^0.5
    c(Re(u), Im(sum(u)), Re(prod(u)), Im(mean(u)), Re(u %*% z)[1],
      Re(cumsum(u)), Mod(c(z, 1i))[2:4],
      Re(complex(modulus = x, argument = x)))
  },
  Conj = function(x) Im(Conj(exp(1i * x))),
  cor = function(x) c(cor(x, x^2), cor(case_matrix(x))),
  cov = function(x) c(cov(x, x^2), cov(case_matrix(x))),
  crossprod = function(x) crossprod(case_matrix(x)) + crossprod(x)[1],
  cummax = function(x) cummax(x^2),
  cummin = function(x) cummin(x^2),
  cumprod = function(x) cumprod(x),
  cumsum = function(x) cumsum(x^2),
  det = function(x) det(case_matrix(x)),
  determinant = function(x) {
    d <- determinant(case_matrix(x))
    d$sign * c(d$modulus)^2
  },
  diag = function(x) c(diag(case_matrix(x))^2, diag(x), diag(x[[1]], 2)),
  "diag<-" = function(x) {
    m <- case_matrix(x)
    diag(m) <- x^2
    m
  },
  Diagonal = function(x) {
    drop(as.matrix(Matrix::Diagonal(x = x) %*% (Matrix::Diagonal(3, 2) %*% x)))
  },
  diff = function(x) c(diff(x^2), diff(x^2, lag = 2),
    diff(x^3, differences = 2)),
  dim = function(x) x^dim(case_matrix(x))[1],
  dimnames = function(x) case_matrix(x)[dimnames(case_matrix(x))[[1]][2], ]^2,
  dmultinom = function(x) {
    c(dmultinom(c(1, 0, 3), prob = x),
      dmultinom(c(1, 2, 3), prob = x, log = TRUE))
  },
  dist = function(x) {
    m <- case_matrix(x)
    c(as.matrix(dist(m)), dist(m, "manhattan"), dist(m, "maximum"),
      dist(m, "minkowski", p = 3), dist(abs(m), "canberra"))
  },
  do.call = function(x) do.call(rbind, list(x, x^2)),
  double = function(x) x + double(length(x)),
  drop = function(x) drop(case_matrix(x) %*% x),
  eigen = function(x) {
    symmetric <- eigen(case_spd(x))
    general <- eigen(matrix(c(2, x[1], 0.1, x[2], 1, 0, x[3], 0.3, 5), 3))
    c(symmetric$values, symmetric$vectors^2, general$values, general$vectors,
      eigen(case_spd(x), TRUE, TRUE)$values)
  },
  expm = function(x) c(as.matrix(Matrix::expm(case_matrix(x) / 3))),
  fft = function(x) {
    z <- c(Mod(fft(x^2)), Re(fft(fft(x * (1:3 + 1i)), inverse = TRUE)),
      Im(fft(case_matrix(x))))
    c(z, convolve(x, rev(x)^2, type = "open"), convolve(x, c(x, 1)[2:4]),
      convolve(c(x, x^2), x, type = "filter"))
  },
  Filter = function(x) Filter(function(v) v > 0.5, x)^2,
  filter = function(x) {
    c(stats::filter(x, 0.4, "recursive", init = x[2]),
      stats::filter(x^2, c(0.5, 0.2), sides = 1)[-1])
  },
  findInterval = function(x) x^findInterval(x, c(0, 0.5, 1.5)),
  fixed_point = function(x) {
    fixed_point(function(z) cos(z) * x^2 / 4 + rev(z) / 5, x)
  },
  integrate_laplace = function(x) {
    integrate_laplace(function(u) -(u - x)^2 - exp(u) / 4, numeric(length(x)))
  },
  forwardsolve = function(x) forwardsolve(t(chol(case_spd(x))), case_matrix(x)),
  head = function(x) c(head(x, 2), head(x, -1))^2,
  ifelse = function(x) ifelse(x > 0.5, x^2, sqrt(x)),
  Im = function(x) Im(exp(1i * x) * x),
  inherits = function(x) if (inherits(x, "data.frame")) x else x^2,
  integer = function(x) x^2 + integer(3),
  integrate = function(x) {
    c(integrate(function(t) exp(-x[1] * t) * x[2], x[3], 2)$value,
      integrate(dnorm, 0, x[[1]], sd = x[[2]])$value)
  },
  is.array = function(x) if (is.array(case_matrix(x))) x^2 else x,
  is.atomic = function(x) if (is.atomic(x)) x^2 else x,
  is.complex = function(x) if (is.complex(x * 1i)) x^2 else x,
  is.double = function(x) if (is.double(x)) x^2 else x,
  is.finite = function(x) if (all(is.finite(x))) x^2 else x,
  is.logical = function(x) if (is.logical(x)) x else x^2,
  is.matrix = function(x) if (is.matrix(x)) x else x^2,
  is.na = function(x) x[!is.na(x)]^2,
  is.numeric = function(x) if (is.numeric(x)) x^2 else x,
  is.object = function(x) if (is.object(x)) x else x^2,
  is.vector = function(x) if (is.vector(x)) x^2 else x,
  isS4 = function(x) if (isS4(x)) x else x^2,
  isSymmetric = function(x) if (isSymmetric(case_spd(x))) x^2 else x,
  kronecker = function(x) {
    c(kronecker(case_matrix(x), case_matrix(x)), kronecker(x, diag(2)),
      kronecker(array(x, c(1, 3, 1)), x), kronecker(x, 1:2, "+"))
  },
  lapply = function(x) unlist(lapply(x, function(v) v^2)),
  length = function(x) x^length(x),
  lengths = function(x) x[1:2]^lengths(list(x, 1)),
  lm.fit = function(x) {
    z <- lm.fit(cbind(1, x), c(3, 1, x[[2]]), offset = x^2)
    c(z$coefficients, z$residuals, z$fitted.values, z$effects)
  },
  lm.wfit = function(x) {
    z <- lm.wfit(cbind(1, c(3, 1, 0)), c(1, 0.2, 2), x)
    c(z$coefficients, z$residuals, z$fitted.values)
  },
  logical = function(x) x^2 + logical(3),
  Map = function(x) unlist(Map(function(a, b) a^b, x, 1:3)),
  margin.table = function(x) margin.table(case_matrix(x)^2, 2),
  marginSums = function(x) {
    c(marginSums(array(x, c(2, 3, 2)), c(3, 1)), marginSums(x^2))
  },
  mapply = function(x) mapply(function(a, b) a^b, x, 1:3),
  match = function(x) x[match("b", names(x))]^2,
  match.fun = function(x) match.fun("exp")(x),
  matrix = function(x) matrix(x^2, 2, 3, byrow = TRUE) * 1:6,
  max = function(x) max(x^2, 0.1),
  mvfft = function(x) Mod(mvfft(case_matrix(x))),
  mean = function(x) mean(x^2),
  median = function(x) c(median(x^2), median(x[1:2]^2)),
  min = function(x) min(x^2, 5),
  mode = function(x) if (mode(x) == "numeric") x^2 else x,
  na.omit = function(x) {
    c(na.omit(c(x, NA)^2), na.omit(cbind(x, c(1, NA, 2)) * x[1]))
  },
  Mod = function(x) Mod(1 - x * exp(-0.7i)),
  names = function(x) x[names(x)[2]]^2,
  norm = function(x) {
    m <- case_matrix(x)
    c(norm(m), norm(m, "I"), norm(m, "F"), norm(m, "M"))
  },
  numeric = function(x) x^2 + numeric(length(x)),
  order = function(x) x[order(x)]^(1:3),
  pbivnorm = function(x) pbivnorm(x[[1]], x[[2]], x[[3]] - 0.5),
  outer = function(x) c(outer(x, x), outer(x, 1:2, "^"),
    outer(x, x, function(a, b) a^b)),
  pmax = function(x) {
    c(pmax(x^2, 0.5, rev(x)), pmax(x[[2]], c(NA, 1, 3), x, na.rm = TRUE))
  },
  pmax.int = function(x) pmax.int(x^2, 0.2, rev(x)),
  pmin.int = function(x) pmin.int(x^2, 0.2, rev(x)),
  pmin = function(x) pmin(x^2, 0.5, rev(x)),
  prod = function(x) prod(x, 2),
  qr.coef = function(x) {
    c(qr.coef(qr(case_matrix(x)[, 1:2]), 3:1), qr.coef(qr(cbind(1, 3:1)), x^2))
  },
  qr.fitted = function(x) {
    c(qr.fitted(qr(case_matrix(x)[, 1:2]), 3:1),
      qr.fitted(qr(cbind(1, 3:1)), x^2))
  },
  qr.resid = function(x) {
    c(qr.resid(qr(case_matrix(x)[, 1:2]), 3:1),
      qr.resid(qr(cbind(1, 3:1)), x^2))
  },
  qr.qty = function(x) {
    c(qr.qty(qr(case_matrix(x)[, 1:2]), 3:1), qr.qty(qr(cbind(1, 3:1)), x^2))
  },
  qr.qy = function(x) {
    c(qr.qy(qr(case_matrix(x)[, 1:2]), 3:1), qr.qy(qr(cbind(1, 3:1)), x^2))
  },
  qr.Q = function(x) {
    z <- qr(case_matrix(x)[, 1:2])
    c(qr.Q(z), qr.Q(z, complete = TRUE))
  },
  qr.solve = function(x) {
    c(qr.solve(case_matrix(x)), qr.solve(case_matrix(x), x),
      qr.solve(diag(3) + 1, x))
  },
  quantile = function(x) quantile(x^2, c(0.2, 0.5, 0.9), names = FALSE),
  prop.table = function(x) prop.table(case_matrix(x)^2, 1),
  proportions = function(x) {
    c(proportions(array(x, c(2, 3, 2)), 2:3), proportions(x))
  },
  range = function(x) range(x^2),
  rank = function(x) x^rank(x),
  rbind = function(x) rbind(x, x^2, 1),
  Reduce = function(x) Reduce(function(a, b) a * b + b, x, accumulate = TRUE),
  Re = function(x) Re((1 + 2i * x)^3),
  rep = function(x) rep(x, times = c(2, 0, 1))^2,
  rep_len = function(x) rep_len(x, 5)^2,
  rep.int = function(x) rep.int(x, 2)^2,
  rev = function(x) rev(x)^(1:3),
  rowMeans = function(x) {
    m <- case_matrix(x)^2
    c(rowMeans(m), rowMeans(cbind(m, c(1, NA, 3)) * x[1], na.rm = TRUE))
  },
  rowsum = function(x) rowsum(x^2, case_group),
  rowSums = function(x) rowSums(case_matrix(x)^2),
  sapply = function(x) sapply(1:3, function(i) x[[i]]^i),
  scale = function(x) scale(case_matrix(x)^2),
  sd = function(x) sd(x^2),
  seq = function(x) {
    c(x^seq(1, 3), seq(0, x[1], length.out = 4), seq(x[1], by = x[2], len = 3),
      seq(x[1], x[2], by = 0.9), seq(to = x[3], length.out = 2))
  },
  seq_along = function(x) x^seq_along(x),
  seq_len = function(x) x^seq_len(3),
  seq.int = function(x) x^seq.int(1, 5, by = 2),
  simplify2array = function(x) simplify2array(lapply(1:3, function(i) x^i)),
  solve = function(x) solve(case_matrix(x), x),
  signif = function(x) signif(x[1], 1) * x,
  sort = function(x) sort(x)^(1:3),
  sort.int = function(x) sort.int(unname(x))^(1:3),
  sparseMatrix = function(x) {
    m <- Matrix::sparseMatrix(i = c(1, 2, 1, 1), j = c(2, 3, 1, 2),
      x = c(x, x[1]), dims = 2:3)
    drop(as.matrix(m %*% x))
  },
  split = function(x) sapply(split(x, case_group), prod),
  stopifnot = function(x) {
    stopifnot(x > 0)
    x^2
  },
  storage.mode = function(x) if (storage.mode(x) == "double") x^2 else x,
  structure = function(x) structure(x^2, dim = c(1, 3)),
  sum = function(x) sum(x^2, 1),
  svd = function(x) {
    z <- svd(case_matrix(x)[, 1:2])
    c(z$d, z$u, z$v, svd(t(case_matrix(x)[, 1:2]), nv = 1)$v)
  },
  sweep = function(x) sweep(case_matrix(x), 2, x, "/"),
  sys.function = function(x) if (is.function(sys.function())) x^2 else x,
  t = function(x) t(case_matrix(x)) %*% x,
  tail = function(x) tail(x, 2)^2,
  tapply = function(x) tapply(x^2, case_group, sum),
  tcrossprod = function(x) tcrossprod(case_matrix(x), case_spd(x)),
  typeof = function(x) if (typeof(x) == "double") x^2 else x,
  uniroot = function(x) {
    uniroot(function(t) t^3 + x[[1]] * t - x[[2]], c(0, 3), tol = 1e-15)$root
  },
  unclass = function(x) unclass(x)^2,
  unlist = function(x) unlist(list(x^2, u = list(x[1], 1))),
  vapply = function(x) vapply(x, function(v) v^2, numeric(1)),
  var = function(x) c(var(x), var(case_matrix(x))),
  vector = function(x) x^2 + vector("numeric", 3),
  Vectorize = function(x) Vectorize(function(a, b) a^b)(x, 2:4),
  which = function(x) x[which(x > 0.5)]^2,
  which.max = function(x) x[which.max(x)]^2,
  which.min = function(x) x[which.min(x)]^2
)
# Helper files are read into the namespace, whose functions are not recorded
# like a user's.
for (name in c("case_matrix", "case_spd")) {
  environment(case_definitions[[name]]) <- case_definitions
}
function_cases <- lapply(function_cases, function(f) {
  environment(f) <- case_definitions
  f
})
rm(name)

# Functions that have no derivative to test, with the reason. Those that are
# refused are tested in test-trace-functions.R.
text <- "gives text: the recording holds for this text"
output <- "shows a value"
comparison <- "refused: it would compare recorded values as objects"
conversion <- "refused or nothing to do: recorded values are numbers"
compiled <- "sees data only, see test-trace-masks-compiled.R"
frames <- "see test-trace-calls.R"
optima <- "R's are not accurate enough, see test-trace-masks-optimum.R"
steps <- "refused: constant between jumps"
function_exclusions <- c(
  as.character = text, deparse = text, format = text, formatC = text,
  paste = text, paste0 = text, sprintf = text, toString = text,
  cat = output, message = output, print = output, summary = output,
  all.equal = comparison, anyDuplicated = comparison, duplicated = comparison,
  identical = comparison, unique = comparison,
  as = conversion, as.data.frame = conversion, as.integer = conversion,
  as.logical = conversion, class = conversion, "class<-" = conversion,
  "attributes<-" = conversion, "mode<-" = conversion, oldClass = conversion,
  "oldClass<-" = conversion, "storage.mode<-" = conversion,
  xtfrm = "called by order()", dmvnorm = "mvtnorm's, see test-densities.R",
  dmvt = "mvtnorm's, see test-densities.R",
  .C = compiled, .Call = compiled, .External = compiled, .Fortran = compiled,
  by = frames, data.frame = frames, transform = frames, "split<-" = frames,
  map_dbl = frames, map2_dbl = frames, imap_dbl = frames, pmap_dbl = frames,
  nlm = optima, nlminb = optima, optim = optima, optimise = optima,
  optimize = optima,
  qr = "see test-trace-masks-qr.R", qbinom = steps, qgeom = steps,
  qhyper = steps, qnbinom = steps, qpois = steps
)
rm(text, output, comparison, conversion, compiled, frames, steps, optima)
