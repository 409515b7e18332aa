// Fills the engine's nmath table from libRmath (-lRmath), so that the C++ tests run without R.
#include "math/nmath.h"

#define MATHLIB_STANDALONE
#include <Rmath.h>

namespace {

// Positional, because Rmath.h's macros rename what follows a dot as well (dnorm is dnorm4).
const admle::special::Nmath kStandalone = {
#define ADMLE_NMATH(signature, name) ::name,
#include "math/nmath-list.def"
#undef ADMLE_NMATH
};

const bool filled = (admle::special::set_nmath(kStandalone), true);

}  // namespace
