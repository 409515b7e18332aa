# The session's random numbers: kept where a function draws its own, and seeds
# of replications, each of which has one of its own, drawn up front: it is then
# the same on whatever worker and in whatever order it is made.

# f(), with the session's random numbers restored afterwards.
with_own_random <- function(f) {
  seed <- random_seed()
  kinds <- RNGkind()
  on.exit(restore_random(seed, kinds))
  f()
}

# NULL in a session that has drawn none.
random_seed <- function() {
  get0(".Random.seed", envir = globalenv(), inherits = FALSE)
}

restore_random <- function(seed, kinds = RNGkind()) {
  if (is.null(seed)) {
    suppressWarnings(do.call(RNGkind, as.list(kinds)))
    rm(".Random.seed", envir = globalenv())
  } else {
    assign(".Random.seed", seed, envir = globalenv())
  }
}

# One generator, whatever the session uses.
set_replication_seed <- function(seed) {
  set.seed(seed, kind = "Mersenne-Twister", normal.kind = "Inversion",
           sample.kind = "Rejection")
}

new_seed <- function() sample.int(.Machine$integer.max, 1L)

check_seed_number <- function(seed) {
  if (!is.numeric(seed) || length(seed) != 1L || is.na(seed)) {
    admle_abort("argument", "`seed` must be a number.", argument = "seed")
  }
}

# -> list(seed, seeds). Without a seed one is drawn from the session's random
# numbers, which go on from there; with one they are left as they were.
replication_seeds <- function(R, seed) {
  if (is.null(seed)) {
    seed <- new_seed()
  } else {
    check_seed_number(seed)
  }
  seeds <- with_own_random(function() {
    set_replication_seed(seed)
    sample.int(.Machine$integer.max, R)
  })
  list(seed = seed, seeds = seeds)
}
