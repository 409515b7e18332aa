# Memory of a fit beyond its data, measured in a fresh R process by the
# kernel's high-water mark (proc(5): VmHWM, and clear_refs to reset it).

# Megabytes by which a fit raises the peak of a fresh R process above what the
# data take: `setup` and `fit` are quoted, and are evaluated after the
# scenario's definitions. NA where there is no /proc.
peak_beyond_data <- function(setup, fit) {
  if (!file.exists("/proc/self/clear_refs")) return(NA_real_)
  task <- tempfile(fileext = ".rds")
  on.exit(unlink(task))
  saveRDS(list(setup = setup, fit = fit), task)
  script <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
  out <- system2(file.path(R.home("bin"), "Rscript"),
                 c("--no-init-file", shQuote(script)), stdout = TRUE,
                 env = paste0("ADMLE_BENCH_TASK=", shQuote(task)))
  as.numeric(sub("peak: ", "", grep("^peak: ", out, value = TRUE)))
}

run_memory_task <- function(task) {
  eval(task$setup, globalenv())
  gc(verbose = FALSE)
  # Forget the peak of making the data.
  writeLines("5", "/proc/self/clear_refs")
  before <- status_megabytes("VmRSS")
  eval(task$fit, globalenv())
  cat("peak:", status_megabytes("VmHWM") - before, "\n")
}

status_megabytes <- function(field) {
  line <- grep(paste0("^", field, ":"), readLines("/proc/self/status"),
               value = TRUE)
  as.numeric(gsub("[^0-9]", "", line)) / 1024
}
