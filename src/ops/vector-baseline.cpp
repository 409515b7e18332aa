// Kernels on the packs that every processor of the kind has, and the choice among all variants.
#include "ops/vector-headers.h"

#ifdef ADMLE_PACKS
namespace admle::baseline {
#define ADMLE_LANES 2
#include "ops/vector-variant.h"
}  // namespace admle::baseline
#endif

namespace admle {

namespace avx2 {
const Kernel* kernels();
}
namespace avx512 {
const Kernel* kernels();
}

const Kernel* vector_kernels(InstructionSet set) {
  static const Kernel none[kElementwiseCount] = {};
  if (set > instruction_set()) return none;
#ifdef ADMLE_INSTRUCTION_SETS
  if (set == InstructionSet::kAvx512) return avx512::kernels();
  if (set == InstructionSet::kAvx2) return avx2::kernels();
#endif
#ifdef ADMLE_PACKS
  return baseline::kernels();
#else
  return none;
#endif
}

}  // namespace admle
