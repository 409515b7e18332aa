# What has to happen when the package is loaded.
.onLoad <- function(libname, pkgname) {
  fill_nmath()
  register_traced_methods()
  add_to_marginaleffects()
  register_for_dharma()
  register_for_texreg()
  on_load_of("Matrix", add_matrix_methods)
  for (package in masked_packages()) {
    on_load_of(package, function(namespace) trace_session$registry <- NULL)
  }
}

.onUnload <- function(libpath) {
  library.dynam.unload("admle", libpath)
}

# Now if the package is loaded, and otherwise when it will be.
on_load_of <- function(package, register) {
  if (isNamespaceLoaded(package)) {
    register(asNamespace(package))
  }
  setHook(packageEvent(package, "onLoad"), function(...) {
    register(asNamespace(package))
  })
}
