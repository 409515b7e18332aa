# The layers of R/, as the table in design/0001-layers.md lists them, and the
# calls between its files: layer_problems() names every call that goes up, and
# every cycle of files that is long or crosses layers. For `make lint` and the
# unit tests. Dispatch is not followed: a generic is no call of its methods.

longest_cycle <- 12L

# The layer of each file, in the order of the layers; `NA` where the table does
# not name the file, an error where it does twice.
read_layers <- function(root) {
  lines <- readLines(file.path(root, "design", "0001-layers.md"))
  rows <- strsplit(grep("^\\| [a-z]+ \\| `", lines, value = TRUE), " *[|] *")
  layers <- vapply(rows, `[[`, "", 2L)
  globs <- lapply(rows, function(row) {
    regmatches(row[[3L]], gregexpr("(?<=`)[^` ]+(?=`)", row[[3L]],
                                   perl = TRUE))[[1L]]
  })
  files <- sub("[.]R$", "", list.files(file.path(root, "R"), "[.]R$"))
  found <- lapply(files, function(file) {
    which(vapply(globs, function(glob) {
      any(vapply(utils::glob2rx(glob), grepl, NA, x = file))
    }, NA))
  })
  twice <- files[lengths(found) > 1L]
  if (length(twice)) stop("in two layers: ", toString(twice), call. = FALSE)
  found[lengths(found) == 0L] <- NA_integer_
  factor(stats::setNames(layers[unlist(found)], files), layers)
}

# One row for each function and each name of another file that it uses.
read_calls <- function(root) {
  paths <- list.files(file.path(root, "R"), "[.]R$", full.names = TRUE)
  code <- lapply(paths, function(path) as.list(parse(path)))
  code <- data.frame(
    file = rep(sub("[.]R$", "", basename(paths)), lengths(code)),
    code = I(unlist(code, recursive = FALSE))
  )
  code$name <- vapply(code$code, defined_name, "")
  home <- stats::setNames(code$file, code$name)
  uses <- lapply(code$code, function(expression) {
    globals <- codetools::findGlobals(as.function(list(expression)))
    setdiff(intersect(globals, names(home)), "")
  })
  calls <- data.frame(caller = rep(code$name, lengths(uses)),
                      from = rep(code$file, lengths(uses)),
                      callee = as.character(unlist(uses)))
  calls$to <- unname(home[calls$callee])
  calls[calls$from != calls$to, ]
}

defined_name <- function(expression) {
  if (is.call(expression) && identical(expression[[1L]], quote(`<-`)) &&
        is.symbol(expression[[2L]])) as.character(expression[[2L]]) else ""
}

# The sets of files that reach each other.
file_cycles <- function(calls, files) {
  reach <- diag(length(files)) > 0
  dimnames(reach) <- list(files, files)
  reach[cbind(calls$from, calls$to)] <- TRUE
  repeat {
    further <- reach %*% reach > 0
    if (identical(further, reach)) break
    reach <- further
  }
  sets <- unique(apply(reach & t(reach), 1L, function(x) files[x],
                       simplify = FALSE))
  sets[lengths(sets) > 1L]
}

layer_problems <- function(root) {
  layers <- read_layers(root)
  calls <- read_calls(root)
  from <- layers[calls$from]
  to <- layers[calls$to]
  up <- which(as.integer(to) > as.integer(from))
  cycles <- file_cycles(calls, names(layers))
  crossing <- vapply(cycles, function(x) length(unique(layers[x])) > 1L, NA)
  bad <- cycles[crossing | lengths(cycles) > longest_cycle]
  caller <- ifelse(calls$caller == "", "the top level",
                   paste0(calls$caller, "()"))
  c(sprintf("R/%s.R is in no layer", names(layers)[is.na(layers)]),
    sprintf("%s in %s.R (%s) uses %s of %s.R (%s)", caller[up],
            calls$from[up], from[up], calls$callee[up], calls$to[up], to[up]),
    vapply(bad, function(x) {
      sprintf("a cycle of %d files in %s: %s", length(x),
              toString(unique(layers[x])), toString(x))
    }, ""))
}
