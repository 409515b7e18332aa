# What a scenario does with its rows.

# Runs a scenario: `rows` is a function that returns a data frame of rows.
# Prints them; saves them too where run.R has asked for it.
scenario <- function(about, rows) {
  task <- Sys.getenv("ADMLE_BENCH_TASK")
  if (nzchar(task)) return(run_memory_task(readRDS(task)))
  rows <- rows()
  if (is.null(rows)) rows <- skipped("no peer is installed")
  cat("", about, "", markdown_table(rows), "", sep = "\n")
  to <- Sys.getenv("ADMLE_BENCH_ROWS")
  if (nzchar(to)) saveRDS(list(about = about, rows = rows), to)
}

markdown_table <- function(rows) {
  cells <- rbind(
    c("what", "admle", "peer", "peer's", "ratio", "reach", "reached"),
    "---", as.matrix(rows)
  )
  cells[is.na(cells)] <- ""
  paste0("| ", apply(cells, 1L, paste, collapse = " | "), " |")
}
