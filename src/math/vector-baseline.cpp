// Kernels on the packs that every processor of the kind has, and the choice among all variants.
#include "math/vector-headers.h"

#ifdef ADMLE_PACKS
namespace admle::baseline {
#define ADMLE_LANES 2
#include "math/vector-variant.h"
}  // namespace admle::baseline
#endif

namespace admle {

namespace avx2 {
const VectorFunctions* functions();
}
namespace avx512 {
const VectorFunctions* functions();
}

const VectorFunctions* vector_functions(InstructionSet set) {
  static const VectorFunctions none[kElementwiseCount] = {};
  if (set > instruction_set()) return none;
#ifdef ADMLE_INSTRUCTION_SETS
  if (set == InstructionSet::kAvx512) return avx512::functions();
  if (set == InstructionSet::kAvx2) return avx2::functions();
#endif
#ifdef ADMLE_PACKS
  return baseline::functions();
#else
  return none;
#endif
}

}  // namespace admle
