# A hundred things that likelihoods do, each in one line: recorded, replayed at
# another point, compared with plain R.

y <- c(0.3, -1, 2, 0.5)
d <- data.frame(y = y, g = factor(c("a", "b", "a", "b")), z = 1:4)
snippets <- list(
  "super" = function(x) { h <- numeric(3); for (i in 1:2) local(
    { h[i] <<- x[i] * 2 }
  ); sum(h) },
  "sapply super" = function(x) { h <- numeric(3); sapply(
    1:3, function(i) h[i] <<- x[1] * i
  ); sum(h) },
  "counter" = function(x) {
    k <- 0
    g <- function() k <<- k + x[1]
    g()
    g()
    k
  },
  "na.rm" = function(x) sum(
    dnorm(c(1, NA, 2), x[1], x[2], log = TRUE), na.rm = TRUE
  ),
  "na.rm2" = function(x) mean(c(x, NA), na.rm = TRUE),
  "with df" = function(x) with(d, sum(dnorm(y, x[1] + z, x[2], log = TRUE))),
  "factor idx" = function(x) sum(dnorm(d$y, x[d$g], 1, log = TRUE)),
  "model.matrix" = function(x) { M <- model.matrix(~ g, d); sum(
    (d$y - M %*% x)^2
  ) },
  "df col" = function(x) sum(d[["y"]] * x[1]) + sum(d[, "z"] * x[2]),
  "as.matrix df" = function(x) sum(as.matrix(d[c("y","z")]) %*% x),
  "ts" = function(x) sum((ts(y) - x[1])^2),
  "table" = function(x) sum(table(d$g) * log(x)),
  "lag" = function(x) { n <- length(y); e <- y[-1] - x[1] * y[-n]; sum(e^2) },
  "filter loop" = function(x) {
    e <- y
    for (i in 2:4) e[i] <- y[i] - x[1] * e[i - 1]
    sum(e^2)
  },
  "list state" = function(x) {
    s <- list(a = 0, P = diag(2))
    for (i in 1:3) {
      s$a <- s$a + x[1]
      s$P <- s$P * x[2]
      s$P[1, 1] <- s$a
    }
    sum(s$P)
  },
  "nested list" = function(x) { L <- list(
    list(v = numeric(2))
  ); L[[1]]$v[2] <- x[1]; L[[1]][["v"]][1] <- x[2]; sum(L[[1]]$v^2) },
  "env state" = function(x) {
    e <- new.env()
    e$s <- numeric(2)
    e$s[1] <- x[1]
    e$s[1] * 2
  },
  "array3" = function(x) { A <- array(
    0, c(2, 2, 3)
  ); for (k in 1:3) A[, , k] <- diag(x) * k; sum(A[, , 2] %*% A[, , 3]) },
  "rbind loop" = function(x) {
    M <- NULL
    for (i in 1:3) M <- rbind(M, x * i)
    sum(M[2, ] * M[3, ])
  },
  "cbind names" = function(x) { M <- cbind(
    a = x, b = 1
  ); sum(M[, "a"] * M[, "b"]) },
  "vapply mat" = function(x) vapply(1:3, function(i) x * i, numeric(2)),
  "mapply2" = function(x) mapply(
    function(m, s) sum(dnorm(y, m, s)), x, c(1, 2)
  ),
  "outer fn" = function(x) sum(outer(y, x, dnorm)),
  "do.call c" = function(x) do.call(c, list(x, 1)),
  "Reduce mat" = function(x) sum(
    Reduce(`%*%`, list(diag(2), diag(x), matrix(1, 2, 2)))
  ),
  "matpow" = function(x) { A <- matrix(
    c(x, 0.1, 0.2), 2
  ); B <- diag(2); for (i in 1:3) B <- B %*% A; sum(B) },
  "exp safe" = function(x) { v <- exp(x[1]); if (
    !is.finite(v)
  ) return(-1e10); v },
  "stop cond" = function(x) { if (any(x <= 0)) stop("bad"); sum(log(x)) },
  "neg inf" = function(x) if (x[1] < 0) -Inf else sum(log(x)),
  "unpack" = function(x) {
    mu <- x[[1]]
    s <- x[[2]]
    -length(y)*log(s) - sum((y - mu)^2)/(2*s^2)
  },
  "head/tail" = function(x) { b <- head(x, -1); s <- tail(x, 1); sum(
    dnorm(y, b, s, log = TRUE)
  ) },
  "names" = function(x) { names(x) <- c("mu", "s"); sum(
    dnorm(y, x["mu"], x["s"], log = TRUE)
  ) },
  "list2env" = function(x) { p <- setNames(
    as.list(x), c("m", "s")
  ); list2env(p, environment()); m * s },
  "ifelse nested" = function(x) sum(
    ifelse(y < 0, x[1] * y, ifelse(y > 1, x[2] * y, 0))
  ),
  "switch" = function(x) switch("b", a = x[1], b = , c = x[2]),
  "seq" = function(x) sum(
    seq(1, 3, by = 1) * x[1]
  ) + sum(seq(2, 8, length.out = 3)),
  "cumprod" = function(x) { S <- cumprod(1 - plogis(x)); sum(log(S)) },
  "order stat" = function(x) { r <- y - x[1]; sum(abs(sort(r))) },
  "which" = function(x) { i <- which(y > x[1] - 1); sum(y[i]) * x[2] },
  "rowsum tapply" = function(x) sum(log(tapply(exp(y * x[1]), d$g, sum))),
  "aggregate" = function(x) sum(
    sapply(split(d, d$g), function(s) sum(s$y * x[1])^2)
  ),
  "by rows" = function(x) sum(
    apply(
      as.matrix(d[c("y", "z")]), 1,
      function(r) dnorm(r[1], x[1] * r[2], x[2], log = TRUE)
    )
  ),
  "Negate" = function(x) sum(Filter(Negate(is.na), c(x, 1))),
  "quad" = function(x) { t(x) %*% diag(2) %*% x },
  "quad2" = function(x) c(crossprod(x, solve(diag(2) + 0.1, x))),
  "det log" = function(x) log(det(diag(x))),
  "polyval" = function(x) sum(outer(y, 0:1, `^`) %*% x),
  "complex idx" = function(x) {
    M <- matrix(1:4, 2) * x[1]
    M[M[, 1] > 1, , drop = FALSE]
  },
  "is.null" = function(x, w = NULL) if (is.null(w)) sum(x) else sum(w * x),
  "missing" = function(x, w) if (missing(w)) sum(x) else w,
  "default" = function(x, m = x[1] * 2) m,
  "pipe" = function(x) x |> (\(v) v^2)() |> sum(),
  "repeat" = function(x) { v <- x[1]; repeat { v <- (
    v + x[2] / v
  ) / 2; if (abs(v^2 - x[2]) < 1e-10) break }; v },
  "invisible" = function(x) invisible(x),
  "print" = function(x) { if (FALSE) print(x); sum(x) },
  "message" = function(x) { v <- sprintf("%.2f", 3); nchar(v) * x },
  "max.col" = function(x) sum(x[max.col(matrix(1:4, 2))]),
  "vec names" = function(x) { b <- c(mu = x[1], s = x[2]); b["mu"] + b[["s"]] },
  "c list" = function(x) { L <- c(
    list(), list(x[1])
  ); L <- c(L, x[2]); L[[1]] + L[[2]] },
  "mat assign block" = function(x) {
    M <- matrix(0, 4, 4)
    M[1:2, 1:2] <- diag(x)
    M[3:4, 3:4] <- x[1]
    sum(M^2)
  },
  "mat logical" = function(x) { M <- outer(x, x); M[upper.tri(M)] <- 0; M },
  "sum list" = function(x) { s <- 0; for (
    e in list(1, x[1], x)
  ) s <- s + sum(e); s },
  "for list" = function(x) { s <- 0; for (
    nm in c("a", "b")
  ) s <- s + c(a = x[1], b = x[2])[[nm]]; s },
  "while vec" = function(x) { i <- 1; s <- 0; while (
    i <= length(x)
  ) { s <- s + x[i]; i <- i + 1 }; s },
  "length0" = function(x) { v <- x[x > 100]; sum(v) + length(v) + sum(x) },
  "log base" = function(x) log(8, base = x[1]) + log(x = x[2], 2),
  "unlist apply" = function(x) unlist(
    lapply(seq_along(y), function(i) y[i] * x[1])
  ),
  "rep_len names" = function(x) {
    p <- rep(NA_real_, 2)
    names(p) <- c("a", "b")
    p["a"] <- x[1]
    p["b"] <- 1
    p
  },
  "dim assign" = function(x) { v <- c(x, 1, 2); dim(v) <- c(2, 2); solve(v) },
  "plain mat %*% list el" = function(x) {
    P <- list(b = x)
    matrix(1:4, 2) %*% P$b
  },
  "Date" = function(x) as.numeric(as.Date("2020-01-01")) * x[1],
  "difftime" = function(x) sum(as.numeric(d$z) * x[1]),
  "&&" = function(x) if (x[1] > 0 && x[2] > 0 || x[1] < -5) x else 0,
  "xor" = function(x) sum(xor(x > 2, x > 1)),
  "isTRUE" = function(x) if (isTRUE(x[1] > 1)) x else 0,
  "tabulate" = function(x) tabulate(c(1, 2, 2)) * x,
  "cut" = function(x) x[as.integer(cut(y, c(-Inf, 0, Inf)))],
  "interaction" = function(x) x[d$g] * 2,
  "strings" = function(x) { nm <- paste0("b", 1:2); names(x) <- nm; x[["b2"]] },
  "get0" = function(x) {
    g <- get("dnorm")
    g(x) + match.fun("dnorm")(x) + do.call("dnorm", list(x))
  },
  "vapply lgl" = function(x) sum(vapply(x, function(v) v > 2, TRUE)),
  "rev list" = function(x) rev(list(1, x))[[1]],
  "nested fn same name" = function(x) {
    f <- function(x) {
      f <- function(x) x * 2
      f(x) + 1
    }
    f(x)
  },
  "mod" = function(x) x %% 1 + x %/% 1
)

test_that("snippets", {
  for (name in names(snippets)) {
    tryCatch(
      expect_traced(snippets[[name]], list(x = c(1.5, 2.5)),
        if (name != "repeat") list(list(x = c(1.6, 2.7)))),
      error = function(e) fail(paste0(name, ": ", conditionMessage(e)))
    )
  }
})
