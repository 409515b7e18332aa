# Shared by the scripts in tools/: where things are, running a command and
# saying what happens. The scripts use base R only, and are run from the root.

build_dir <- ".build"
library_dir <- file.path(build_dir, "library")
stage_dir <- file.path(build_dir, "stage", "admle")
# admle is in one, what had to come from CRAN in the other; everything else is
# wherever R finds it. No library outside the project is written to.
deps_dir <- file.path(build_dir, "deps")
for (dir in c(library_dir, deps_dir)) {
  dir.create(dir, recursive = TRUE, showWarnings = FALSE)
}
.libPaths(c(library_dir, deps_dir, .libPaths()))

# The rooms of src, each with those that it may include besides itself.
rooms <- local({
  operations <- c("math", "graph", "ops")
  list(
    math = character(),
    graph = "math",
    ops = c("math", "graph"),
    derive = operations,
    exec = operations,
    solve = "math",
    body = c(operations, "derive", "exec"),
    model = c(operations, "derive", "exec", "body", "solve"),
    trace = c(operations, "derive", "exec", "body")
  )
})
# Rooms that know nothing of R.
engine_dirs <- file.path("src", setdiff(names(rooms), "trace"))

# The version that formats src: others break lines elsewhere.
clang_format_version <- 14L

# Its command, or NULL where it is not installed.
clang_format <- function() {
  for (name in c(paste0("clang-format-", clang_format_version),
                 "clang-format")) {
    if (!has_command(name)) next
    version <- system2(name, "--version", stdout = TRUE)
    if (any(grepl(paste0("version ", clang_format_version, "[.]"), version))) {
      return(name)
    }
  }
  NULL
}

# What is formatted: not the tables (.def), nor what Rcpp writes.
formatted_files <- function() {
  files <- list.files("src", "[.](cpp|h)$", recursive = TRUE,
                      full.names = TRUE)
  setdiff(files, "src/RcppExports.cpp")
}

say <- function(...) {
  cat(..., "\n", sep = "")
  flush(stdout())
}

give_up <- function(...) {
  message(...)
  quit("no", status = 1)
}

jobs <- function() Sys.getenv("ADMLE_JOBS", "2")

# The output goes to `log` if given and to the terminal otherwise.
run <- function(command, args, log = "", env = character()) {
  system2(command, args, stdout = log, stderr = log, env = env)
}

r_cmd <- function(args, log = "", env = character()) {
  run(file.path(R.home("bin"), "R"), c("CMD", args), log, env)
}

installed <- function(package) nzchar(system.file(package = package))

has_command <- function(name) nzchar(Sys.which(name))

# Compiler settings of the builds under .build/. A user's own Makevars comes
# first; ccache and dependency tracking are added to it. Debug information goes
# because it is most of an installed package's size (`R CMD INSTALL --strip`
# would also remove the symbols that R CMD check looks at).
# CCACHE_NOHASHDIR lets builds in different temporary folders share results.
makevars_env <- function(track_headers = FALSE) {
  file <- file.path(
    normalizePath(build_dir),
    if (track_headers) "Makevars.tracking" else "Makevars.user"
  )
  lines <- c(own_makevars(), "CXX17FLAGS := $(filter-out -g,$(CXX17FLAGS))")
  if (has_command("ccache")) {
    compiler <- r_config("CXX17")
    if (!grepl("ccache", compiler)) {
      lines <- c(lines, paste("CXX17 = ccache", compiler))
    }
  }
  if (track_headers) {
    lines <- c(lines, "CPPFLAGS += -MMD -MP", "-include $(OBJECTS:.o=.d)")
  }
  if (!identical(lines, if (file.exists(file)) readLines(file))) {
    writeLines(as.character(lines), file)
  }
  c(
    paste0("R_MAKEVARS_USER=", shQuote(file)),
    "CCACHE_NOHASHDIR=1",
    paste0("MAKEFLAGS=-j", jobs())
  )
}

own_makevars <- function() {
  file <- Sys.getenv("R_MAKEVARS_USER", path.expand("~/.R/Makevars"))
  if (file.exists(file)) readLines(file, warn = FALSE)
}

r_config <- function(name) {
  system2(file.path(R.home("bin"), "R"), c("CMD", "config", name),
          stdout = TRUE)
}

# Files of the repository that go into the package, relative to the root.
package_files <- function(root = ".") {
  parts <- c(
    "DESCRIPTION", "NAMESPACE", "NEWS.md", "README.md", ".Rbuildignore",
    "R", "src", "man", "inst", "demo", "data", "vignettes", "tests"
  )
  files <- unlist(lapply(file.path(root, parts), function(part) {
    if (dir.exists(part)) {
      list.files(part, recursive = TRUE, full.names = TRUE)
    } else if (file.exists(part)) {
      part
    }
  }))
  files <- substring(files, nchar(root) + 2L)
  files[!grepl("^tests/cpp/|[.](d|dll|o|so)$", files)]
}

# Make `to` hold exactly the package's files, with their time stamps, and
# whatever object files it already has.
copy_package <- function(to, root = ".") {
  files <- package_files(root)
  old <- list.files(to, recursive = TRUE, all.files = TRUE)
  gone <- setdiff(grep("[.](d|dll|o|so)$", old, value = TRUE, invert = TRUE),
                  files)
  unlink(file.path(to, gone))
  for (dir in unique(dirname(file.path(to, files)))) {
    dir.create(dir, recursive = TRUE, showWarnings = FALSE)
  }
  ok <- file.copy(file.path(root, files), file.path(to, files),
                  overwrite = TRUE, copy.mode = TRUE, copy.date = TRUE)
  if (!all(ok)) {
    give_up("cannot copy ", paste(files[!ok], collapse = ", "))
  }
  invisible(to)
}
