# Times of functions that take turns in one process.

# Shorter calls are repeated within one measurement.
shortest_sample <- by_mode(0.05, 0.02)

# For each function, in a full run.
seconds_allowed <- as.numeric(Sys.getenv("ADMLE_BENCH_SECONDS", "30"))

seconds <- function(f, calls = 1) {
  start <- Sys.time()
  for (i in seq_len(calls)) f()
  as.numeric(Sys.time() - start, units = "secs") / calls
}

# Seconds per call of each function, a row per round. The functions take turns,
# in an order that is reversed from round to round, so that all of them meet the
# same changes of the machine's speed. One that has used up `budget` seconds
# sits out the remaining rounds. What the first calls returned is kept, see
# values().
paired <- function(functions, rounds = by_mode(11L, 3L),
                   budget = by_mode(seconds_allowed, 1)) {
  returned <- list()
  first <- vapply(names(functions), function(name) {
    seconds(function() returned[[name]] <<- functions[[name]]())
  }, 0)
  # A first call also loads and compiles.
  again <- first < by_mode(2, 0.2)
  first[again] <- vapply(functions[again], seconds, 0)
  calls <- ceiling(shortest_sample / first)
  times <- matrix(NA_real_, rounds, length(functions),
                  dimnames = list(NULL, names(functions)))
  spent <- first
  for (round in seq_len(rounds)) {
    names <- names(functions)[spent <= budget]
    for (name in if (round %% 2L) names else rev(names)) {
      gc(verbose = FALSE)
      times[round, name] <- seconds(functions[[name]], calls[[name]])
      spent[[name]] <- spent[[name]] + times[round, name] * calls[[name]]
    }
  }
  # Too long for a second call.
  once <- colSums(!is.na(times)) == 0
  times[1L, once] <- first[once]
  structure(times, values = returned)
}

values <- function(times) attr(times, "values")
