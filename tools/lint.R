# `make lint`. Fails on lines that are too long, on engine files that include R,
# on a room of src that includes one it may not, on calls between the layers of
# R/ that go up, on C++ files that are named in another way than the others, on
# files of src that clang-format would change (where its version is installed)
# and on what two files of the package, or two helpers of its tests, define;
# lists long files, which is a question and not a verdict; shows what cppcheck
# finds, if installed.

source("tools/common.R")
source("tools/layers.R")

generated <- "RcppExports[.](R|cpp)$"
find <- function(dirs, pattern) {
  files <- list.files(dirs, pattern, recursive = TRUE, full.names = TRUE)
  grep(generated, files, value = TRUE, invert = TRUE)
}
r_files <- find(c("R", "tests", "tools", "bench", "demo"), "[.]R$")
cpp_files <- find(c("src", "tests/cpp"), "[.](cpp|h|def)$")

long_lines <- function(files, limit) {
  unlist(lapply(files, function(file) {
    width <- nchar(readLines(file, warn = FALSE), "width")
    at <- which(width > limit)
    if (length(at)) sprintf("%s:%d: %d columns", file, at, width[at])
  }))
}

including_r <- function() {
  engine <- find(engine_dirs, "[.](cpp|h|def)$")
  pattern <- "#include *[<\"](Rcpp|RcppEigen|R[.]h|R_ext|Rinternals|Rmath)"
  Filter(function(file) any(grepl(pattern, readLines(file, warn = FALSE))),
         engine)
}

# Quoted includes of files in src: "room/file.h" of a room that may be included.
including_other_rooms <- function() {
  files <- find("src", "[.](cpp|h|def)$")
  unlist(lapply(files, function(file) {
    lines <- readLines(file, warn = FALSE)
    included <- sub('^ *# *include "([^"]+)".*', "\\1",
                    grep('^ *# *include "', lines, value = TRUE))
    room <- if (dirname(file) == "src") "src" else basename(dirname(file))
    allowed <- if (room == "src") names(rooms) else c(room, rooms[[room]])
    bad <- included[!dirname(included) %in% allowed |
                      !file.exists(file.path("src", included))]
    if (length(bad)) paste0(file, " includes ", bad)
  }))
}

# Folders of src are rooms, and names are in lower case with hyphens.
strangers_in_src <- function() {
  folders <- setdiff(list.dirs("src", full.names = FALSE, recursive = FALSE),
                     names(rooms))
  files <- grep("^[a-z0-9]+(-[a-z0-9]+)*[.](cpp|h|def|inc)$",
                basename(cpp_files), value = TRUE, invert = TRUE)
  c(sprintf("src/%s", folders), files)
}

badly_formatted <- function(command) {
  Filter(function(file) {
    run(command, c("--dry-run", "--Werror", file), log = FALSE) != 0L
  }, formatted_files())
}

# The file that is read last would silently win.
defined_twice <- function(files) {
  definitions <- unlist(lapply(files, function(file) {
    code <- as.list(parse(file, keep.source = FALSE))
    is_definition <- vapply(code, function(expression) {
      is.call(expression) && identical(expression[[1L]], quote(`<-`)) &&
        is.symbol(expression[[2L]])
    }, NA)
    names <- vapply(code[is_definition],
                    function(expression) as.character(expression[[2L]]), "")
    names <- unique(names)
    stats::setNames(names, rep(file, length(names)))
  }))
  twice <- definitions[definitions %in% definitions[duplicated(definitions)]]
  sprintf("%s: %s", names(twice), twice)
}

# What R CMD check asks of the tests, which it can only ask online.
undeclared_packages <- function() {
  used <- tools:::.check_packages_used_helper(
    tools:::.read_description("DESCRIPTION"), find("tests", "[.][rR]$")
  )
  unlist(used[c("others", "imports", "data")])
}

problems <- list(
  "R lines over 80 columns" = long_lines(r_files, 80L),
  "C++ lines over 100 columns" = long_lines(cpp_files, 100L),
  "engine files that include R" = including_r(),
  "calls and cycles against the layers of R/" = layer_problems("."),
  "rooms that include what they may not" = including_other_rooms(),
  "C++ files and folders out of place" = strangers_in_src(),
  "packages of the tests that DESCRIPTION does not name" =
    undeclared_packages(),
  "definitions in two files" = c(
    defined_twice(find("R", "[.]R$")),
    defined_twice(find("tests/testthat", "^helper-.*[.]R$"))
  )
)
formatter <- clang_format()
if (is.null(formatter)) {
  say("format of src: skipped, clang-format ", clang_format_version,
      " is not installed")
} else {
  problems[["files of src that `make format` would change"]] <-
    badly_formatted(formatter)
}
for (title in names(problems)) {
  found <- problems[[title]]
  say(title, ": ", if (length(found)) length(found) else "none")
  for (line in found) say("  ", line)
}

all_files <- c(r_files, cpp_files)
size <- vapply(all_files, function(file) length(readLines(file, warn = FALSE)),
               1L)
long <- sort(size[size > 500L], decreasing = TRUE)
say("files over 500 lines: ", if (length(long)) length(long) else "none")
for (file in names(long)) say("  ", file, " ", long[[file]])

if (has_command("cppcheck")) {
  run("cppcheck", c("--quiet", "--std=c++17", "--language=c++", "-Isrc",
                    "--enable=warning,performance,portability",
                    "--suppress=missingInclude", "--inline-suppr",
                    "-j", jobs(), engine_dirs[dir.exists(engine_dirs)]))
}

quit("no", status = as.integer(any(lengths(problems) > 0L)))
