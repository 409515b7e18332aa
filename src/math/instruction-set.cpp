// Asks the processor, and the environment, which instruction sets to use.
#include "math/instruction-set.h"

#include <algorithm>
#include <cstdlib>
#include <string>

namespace admle {
namespace {

InstructionSet of_processor() {
#ifdef ADMLE_INSTRUCTION_SETS
  __builtin_cpu_init();
  // These look at the operating system's support of the registers too.
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
    return InstructionSet::kBaseline;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl"))
    return InstructionSet::kAvx512;
  return InstructionSet::kAvx2;
#else
  return InstructionSet::kBaseline;
#endif
}

InstructionSet allowed() {
  const char* const set = std::getenv("ADMLE_INSTRUCTION_SET");
  const std::string name = set == nullptr ? "" : set;
  if (name == "baseline") return InstructionSet::kBaseline;
  if (name == "avx2") return InstructionSet::kAvx2;
  return InstructionSet::kAvx512;
}

}  // namespace

InstructionSet instruction_set() {
  static const InstructionSet best = std::min(of_processor(), allowed());
  return best;
}

}  // namespace admle
