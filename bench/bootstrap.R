# A bootstrap of clusters of a logit against glm() on the same resampled rows:
# by scores, and with every replication fitted again.

source("bench/harness.R")

n <- by_mode(1e4, 2000)
clusters <- 100
replications <- by_mode(999, 99)
# glm() is run this often; its time for all replications is proportional.
peer_replications <- by_mode(37, 9)

simulate_logit_clusters <- function() {
  set.seed(1)
  data <- data.frame(matrix(stats::rnorm(n * 5), n))
  data$g <- rep_len(seq_len(clusters), n)
  effect <- stats::rnorm(clusters, sd = 0.5)[data$g]
  index <- 0.3 * data$X1 - 0.5 * data$X2 + 0.2 * data$X3 + effect
  data$y <- stats::rbinom(n, 1, stats::plogis(index))
  data
}

model <- y ~ X1 + X2 + X3 + X4 + X5

rows_of <- function(data, drawn) {
  unlist(split(seq_len(n), data$g)[drawn], use.names = FALSE)
}

glm_replications <- function(data) {
  t(vapply(seq_len(peer_replications), function(r) {
    drawn <- sample.int(clusters, clusters, TRUE)
    coef(stats::glm(model, stats::binomial, data[rows_of(data, drawn), ]))
  }, numeric(6)))
}

# The same resample, fitted both ways.
check_replication <- function(data, made) {
  drawn <- admle:::with_own_random(function() {
    seeds <- admle:::replication_seeds(made$R, 1)$seeds
    admle:::set_replication_seed(seeds[[1]])
    admle:::draw_weights(made)
  })
  rows <- rows_of(data, rep(seq_len(clusters), drawn))
  check_same("glm", made$t[1, ],
             coef(stats::glm(model, stats::binomial, data[rows, ])))
}

rows <- function() {
  data <- simulate_logit_clusters()
  fit <- mle_fit(model, data = data, family = stats::binomial)
  boot <- function(type) {
    bootstrap(fit, replications, type = type, cluster = ~ g, seed = 1,
              progress = FALSE)
  }
  times <- paired(list(scores = function() boot("score"),
                       fits = function() boot("cluster"),
                       glm = function() glm_replications(data)))
  check_replication(data, values(times)$fits)
  scale <- replications / peer_replications
  label <- sprintf("glm(), %d replications times %s", peer_replications,
                   format_number(scale))
  what <- sprintf("%d replications, N = %s, ", replications, format_count(n))
  rbind(
    compare(times, paste0(what, "by scores"), "glm", faster = 20,
            label = label, scale = scale, ours = "scores"),
    compare(times, paste0(what, "fitted again"), "glm", faster = 3,
            label = label, scale = scale, ours = "fits")
  )
}

scenario("Bootstrap of a logit, 100 clusters drawn with replacement.", rows)
