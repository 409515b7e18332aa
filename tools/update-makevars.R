# Writes the OBJECTS list of src/Makevars and src/Makevars.win from the .cpp
# files. The list is explicit because $(wildcard) is a GNU make extension,
# which R packages should not need.

update_makevars <- function(root = ".") {
  sources <- list.files(file.path(root, "src"), "[.]cpp$", recursive = TRUE)
  objects <- sub("[.]cpp$", ".o", sort(sources, method = "radix"))
  list_lines <- paste0(
    "  ", objects, c(rep(" \\", length(objects) - 1L), "")
  )
  for (name in c("Makevars", "Makevars.win")) {
    file <- file.path(root, "src", name)
    old <- readLines(file)
    start <- grep("^OBJECTS *=", old)
    end <- start
    while (grepl("\\\\$", old[end])) end <- end + 1L
    new <- append(old[-(start:end)], c("OBJECTS = \\", list_lines),
                  start - 1L)
    if (!identical(old, new)) writeLines(new, file)
  }
}

if (sys.nframe() == 0L) update_makevars()
