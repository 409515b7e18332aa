# Rows of a scenario's table: two columns of paired times compared, or a figure
# of another kind against its bound.

table_row <- function(what, ours, peer = "", theirs = "", ratio = "",
                      reach = "", reached = NA) {
  data.frame(
    what = what, ours = ours, peer = peer, theirs = theirs, ratio = ratio,
    reach = reach, reached = c("no", "yes")[reached + 1L]
  )
}

# Column `ours` of paired times against column `peer`, whose seconds are
# multiplied by `scale` where it was measured on a smaller problem; no row
# without the peer. The ratio is the median of the rounds' ratios, with its
# quartiles. One of the bounds:
#   at_most   ours takes at most so many times the peer's seconds
#   faster    the peer takes at least so many times ours
compare <- function(times, what, peer, at_most = NULL, faster = NULL,
                    label = peer, scale = 1, ours = "admle") {
  if (!peer %in% colnames(times)) return(NULL)
  mine <- times[, ours]
  theirs <- times[, peer] * scale
  both <- !is.na(mine) & !is.na(theirs)
  ratios <- (if (is.null(at_most)) theirs / mine else mine / theirs)[both]
  ratio <- stats::median(ratios)
  spread <- format_number(unique(stats::quantile(ratios, c(0.25, 0.75))))
  table_row(
    what, format_seconds(stats::median(mine, na.rm = TRUE)), label,
    format_seconds(stats::median(theirs, na.rm = TRUE)),
    paste0(
      format_number(ratio), " ×", if (is.null(at_most)) " as fast",
      if (sum(both) > 1L) sprintf(" (%s)", paste(spread, collapse = "–"))
    ),
    if (!is.null(at_most)) paste("≤", at_most, "×")
    else if (!is.null(faster)) paste("≥", faster, "× as fast")
    else "",
    if (!is.null(at_most)) ratio <= at_most
    else if (!is.null(faster)) ratio >= faster
    else NA
  )
}

# Another figure than a time, with an upper bound.
figure <- function(what, value, unit, at_most = NA, peer = "", theirs = "") {
  shown <- function(x) {
    if (is.numeric(x)) trimws(paste(format_number(x), unit)) else x
  }
  table_row(
    what, if (is.na(value)) "not measured here" else shown(value), peer,
    shown(theirs), "", if (is.na(at_most)) "" else paste("≤", shown(at_most)),
    value <= at_most
  )
}

skipped <- function(why) table_row(paste("skipped:", why), "")

# A claim that is true or not.
claim <- function(what, holds) {
  table_row(what, "", reach = "required", reached = holds)
}

format_number <- function(x) {
  vapply(x, function(v) format(signif(v, 2 + (abs(v) >= 100)), digits = 3), "")
}

format_count <- function(n) format(n, big.mark = ",", scientific = FALSE)

format_seconds <- function(x) {
  if (x < 1e-3) paste(format_number(x * 1e6), "µs")
  else if (x < 1) paste(format_number(x * 1e3), "ms")
  else paste(format_number(x), "s")
}
