# The sources are above the folder in which the tests run, also where R CMD
# check runs them within the repository; a tarball has no design/ and no tools/.
source_root <- function() {
  dir <- normalizePath(".")
  repeat {
    if (file.exists(file.path(dir, "design", "0001-layers.md"))) {
      return(dir)
    }
    if (dirname(dir) == dir) {
      return(NULL)
    }
    dir <- dirname(dir)
  }
}

layer_tools <- function() {
  root <- source_root()
  skip_if(is.null(root), "The repository is not above the tests")
  skip_if_not_installed("codetools")
  tools <- new.env()
  sys.source(file.path(root, "tools", "layers.R"), tools)
  tools$root <- root
  tools
}

# A repository of files of one layer each, `code` named by file.
scratch_package <- function(code, table) {
  root <- tempfile()
  dir.create(file.path(root, "R"), recursive = TRUE)
  dir.create(file.path(root, "design"))
  writeLines(table, file.path(root, "design", "0001-layers.md"))
  for (file in names(code)) {
    writeLines(code[[file]], file.path(root, "R", paste0(file, ".R")))
  }
  root
}

test_that("no call goes up a layer, and no cycle is long or crosses layers", {
  tools <- layer_tools()
  expect_identical(tools$layer_problems(tools$root), character())
  # The table is read, and the calls are seen.
  expect_identical(levels(tools$read_layers(tools$root)),
                   c("base", "trace", "densities", "model", "fit",
                     "estimation", "covariance", "results", "interop"))
  expect_gt(nrow(tools$read_calls(tools$root)), 2000L)
})

test_that("a call that goes up is named, and so is a cycle or a stray file", {
  tools <- layer_tools()
  table <- c("| low | `a-*` | x |", "| high | `b` | x |")
  root <- scratch_package(list(
    `a-one` = "f <- function(x) lapply(x, function(y) g(y))",
    b = c("g <- function(x) h(x)", "f(1)"), `a-two` = "h <- function(x) x",
    stray = "k <- 1"
  ), table)
  on.exit(unlink(root, recursive = TRUE))
  expect_identical(tools$layer_problems(root), c(
    "R/stray.R is in no layer",
    "f() in a-one.R (low) uses g of b.R (high)",
    "a cycle of 2 files in low, high: a-one, b"
  ))
})

test_that("a long cycle within a layer is a problem, a short one is not", {
  tools <- layer_tools()
  ring <- function(n) {
    code <- sprintf("f%d <- function() f%d()", seq_len(n),
                    seq_len(n) %% n + 1L)
    stats::setNames(as.list(code), sprintf("a-%02d", seq_len(n)))
  }
  found <- lapply(12:13, function(n) {
    root <- scratch_package(ring(n), "| low | `a-*` | x |")
    on.exit(unlink(root, recursive = TRUE))
    tools$layer_problems(root)
  })
  expect_identical(found[[1L]], character())
  expect_match(found[[2L]], "^a cycle of 13 files in low: a-01, a-02")
})
