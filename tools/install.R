# Installs admle into .build/library. The build happens in .build/stage, which
# keeps its object files: only what changed is compiled again.

source("tools/common.R")

stamp <- file.path(build_dir, "installed")
install_log <- file.path(build_dir, "install.log")

install_staged <- function() {
  copy_package(stage_dir)
  say("installing admle into ", library_dir)
  status <- r_cmd(
    c("INSTALL", "--no-multiarch", "--no-test-load", "-l",
      shQuote(normalizePath(library_dir)), shQuote(stage_dir)),
    log = install_log, env = makevars_env(track_headers = TRUE)
  )
  if (status == 0L) {
    file.create(stamp)
  } else {
    unlink(stamp)
    writeLines(readLines(install_log, warn = FALSE))
  }
  status == 0L
}

if (sys.nframe() == 0L && !install_staged()) {
  give_up("admle could not be installed; the log is in ", install_log)
}
