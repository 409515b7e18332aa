# `make format`: src in the format that `make lint` asks for.

source("tools/common.R")

command <- clang_format()
if (is.null(command)) {
  give_up("clang-format ", clang_format_version, " is not installed")
}
quit("no", status = run(command, c("-i", formatted_files())))
