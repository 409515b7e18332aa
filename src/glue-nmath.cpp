// Hands R's special functions to the engine, once, when the package is loaded.
#include "math/nmath.h"

#include <Rmath.h>

// [[Rcpp::export(rng = false)]]
void fill_nmath() {
  // Positional, because Rmath.h's macros rename the functions (dnorm is Rf_dnorm4).
  const admle::special::Nmath table = {
#define ADMLE_NMATH(signature, name) ::name,
#include "math/nmath-list.def"
#undef ADMLE_NMATH
  };
  admle::special::set_nmath(table);
}
