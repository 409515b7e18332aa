# C++ of this folder, compiled when first needed: the limits, which are written
# by hand for one model, and templates of TMB.

# Functions of a C++ file of this folder, compiled with the package's flags, or
# with `flags` added to them.
compile_limit <- function(file, flags = "") {
  cache <- file.path(".build", "bench", make.names(paste0("cpp", flags)))
  dir.create(cache, recursive = TRUE, showWarnings = FALSE)
  old <- Sys.getenv("PKG_CXXFLAGS", NA)
  # Eigen 3.3 is not written for this warning.
  Sys.setenv(PKG_CXXFLAGS = paste(flags, "-Wno-ignored-attributes"))
  on.exit(if (is.na(old)) Sys.unsetenv("PKG_CXXFLAGS")
          else Sys.setenv(PKG_CXXFLAGS = old))
  functions <- new.env()
  Rcpp::sourceCpp(file.path("bench", file), env = functions,
                  cacheDir = normalizePath(cache))
  functions
}

# A template of TMB in this folder, compiled and loaded.
compile_template <- function(name) {
  folder <- file.path(".build", "bench")
  dir.create(folder, recursive = TRUE, showWarnings = FALSE)
  copy <- file.path(folder, paste0(name, ".cpp"))
  file.copy(file.path("bench", basename(copy)), copy, overwrite = TRUE,
            copy.date = TRUE)
  # Bounds checks off; what the compiler is told is of no interest.
  utils::capture.output(TMB::compile(copy, flags = "-w", framework = "TMBad",
                                     safebounds = FALSE, libtmb = FALSE))
  dyn.load(TMB::dynlib(file.path(folder, name)))
}

has_avx2 <- function() {
  if (!file.exists("/proc/cpuinfo")) return(FALSE)
  flags <- grep("^flags", readLines("/proc/cpuinfo"), value = TRUE)[1L]
  all(c("avx2", "fma") %in% strsplit(flags, " ")[[1L]])
}
