# What has to happen when the package is loaded.
.onLoad <- function(libname, pkgname) {
  fill_nmath()
  register_traced_methods()
  add_to_marginaleffects()
}

.onUnload <- function(libpath) {
  library.dynam.unload("admle", libpath)
}
