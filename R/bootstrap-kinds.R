# The kinds of bootstrap, one entry each:
#   weights(n, plan)  of n units in one replication. Those of resampling and of
#             the Bayesian bootstrap have mean 1, multipliers have mean 0; NULL
#             where responses are simulated
#   centre    the mean of the weights, where a replication is one Newton step
#             from the estimate; NULL where it is fitted again
#   clustered whether it needs clusters
#   text(x)   how its replications are made

drawn_counts <- function(n, plan) tabulate(sample.int(n, n, TRUE), n)

refitted_text <- function(x) {
  sprintf("%s drawn, fitted again", units_text(x$units))
}

bootstrap_kinds <- list(
  pairs = list(weights = drawn_counts, text = refitted_text),
  cluster = list(weights = drawn_counts, text = refitted_text,
                 clustered = TRUE),
  bayesian = list(
    weights = function(n, plan) {
      drawn <- stats::rexp(n)
      drawn / mean(drawn)
    },
    text = function(x) {
      sprintf("exponential weights of %s, fitted again", units_text(x$units))
    }
  ),
  score = list(
    weights = drawn_counts, centre = 1,
    text = function(x) {
      sprintf("%s drawn, one Newton step from the estimate",
              units_text(x$units))
    }
  ),
  wild = list(
    weights = function(n, plan) draw_multipliers(n, plan$multipliers),
    centre = 0,
    text = function(x) {
      sprintf("%s multipliers of the scores of %s", capital(x$multipliers),
              units_text(x$units))
    }
  ),
  parametric = list(
    text = function(x) "responses simulated at the estimate, fitted again"
  )
)

is_stepped <- function(method) !is.null(bootstrap_kinds[[method]]$centre)

is_simulated <- function(method) is.null(bootstrap_kinds[[method]]$weights)

draw_weights <- function(plan) {
  bootstrap_kinds[[plan$method]]$weights(plan$units$count, plan)
}

# Mean 0, variance 1. Mammen's have third moment 1; Webb's six points make more
# different samples of few clusters than Rademacher's two.
draw_from <- list(
  rademacher = function(n) sample(c(-1, 1), n, TRUE),
  mammen = function(n) {
    golden <- (1 + sqrt(5)) / 2
    ifelse(stats::runif(n) < golden / sqrt(5), 1 - golden, golden)
  },
  webb = function(n) {
    sample(c(-1, 1), n, TRUE) * sqrt(sample(c(0.5, 1, 1.5), n, TRUE))
  },
  normal = function(n) stats::rnorm(n)
)

draw_multipliers <- function(n, kind) draw_from[[kind]](n)
