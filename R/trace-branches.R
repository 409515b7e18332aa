# Which conditions of `if` and `while` a recording evaluated, and which elements
# of the parameters they read. The first recording of a function does not ask;
# one at a point where the function turns out to have no value does, since the
# condition is what its author can tell why.
# Filled by record(): `last`, the key of the condition evaluated last; `taken`,
# by key: `text`, `outcome`, and the numbers of the guards that it made; `trace`
# and `input`, the graph and its first input.
new_branches <- function() {
  branches <- new.env(parent = emptyenv())
  branches$taken <- list()
  branches$last <- NULL
  branches$count <- function() trace_counts_(branches$trace)[["guards"]]
  branches
}

# A condition in a loop is noted once, with so many of its guards.
most_guards_noted <- 100L

# A condition that made no guards does not depend on the parameters. `lazy`: the
# outcome that the last of several conditions joined by && or || decides.
note_branch <- function(branches, condition, value, before, lazy) {
  force(value)
  after <- trace_guard_count_()
  if (is.null(branches) || after == before) {
    return(invisible())
  }
  key <- paste(condition, value)
  deciding <- if (identical(lazy, value)) after else seq.int(before + 1L, after)
  guards <- c(deciding, branches$taken[[key]]$guards)
  branches$taken[[key]] <- list(
    text = condition, outcome = value, guards = unique(
      utils::head(guards, most_guards_noted)
    )
  )
  branches$last <- key
}

# The condition evaluated last, see new_branches(); NULL where there was none.
last_branch <- function(branches) {
  if (is.null(branches$last)) NULL else branches$taken[[branches$last]]
}

# Positions of the parameters that a condition reads.
branch_reads <- function(branches, branch) {
  nodes_read(branches$trace, nodes_of_guards(branches$trace, branch$guards),
             branches$input)
}

# The derivative by the parameters of a - b, for a condition that is one
# comparison of two numbers a and b; else NULL.
branch_slope <- function(branches, branch) {
  if (length(branch$guards) != 1L) {
    return(NULL)
  }
  difference <- compared_difference(
    branches$trace, nodes_of_guards(branches$trace, branch$guards)
  )
  if (difference < 0L) {
    return(NULL)
  }
  as.numeric(node_value(branches$trace, derive_node(
    branches$trace, "gradient", difference, branches$input, NULL
  )))
}

# "`if (s <= 0)` is TRUE"
branch_text <- function(branch) {
  sprintf("`if (%s)` is %s", branch$text, format(branch$outcome))
}
