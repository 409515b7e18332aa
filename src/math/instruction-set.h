// Which of the processor's instruction sets compiled variants of a kernel may use, found once, when
// first asked. A package is built for the oldest processor of its kind, so a kernel that gains from
// wider vectors is compiled several times, and the variant is chosen at run time.
//
// A kernel of its own puts the targets on its variants, and chooses among them:
//
//   void add_up(const double* x, double* to);                        // any processor
//   #ifdef ADMLE_INSTRUCTION_SETS
//   ADMLE_TARGET_AVX2 void add_up_avx2(const double* x, double* to);  // the same body
//   ADMLE_TARGET_AVX512 void add_up_avx512(const double* x, double* to);
//   #endif
//   const auto kernel = for_instruction_set(add_up, add_up_avx2, add_up_avx512);
//
// where the macro is not defined there is one variant only. An always-inline function without a
// target takes that of its caller, so the body is written once. Nothing that a target function
// uses may be an inline function of a header with that target: the linker keeps one copy of it.
//
// Windows is left out because GCC does not align the stack for vectors of 32 bytes there (GCC bug
// 54412), other processors because their baseline already has their vectors.
#pragma once

#include <cstdint>

#if defined(__GNUC__) && defined(__x86_64__) && !defined(_WIN32)
#define ADMLE_INSTRUCTION_SETS 1
#define ADMLE_TARGET_AVX2 __attribute__((target("avx2,fma")))
#ifdef __clang__
#define ADMLE_TARGET_AVX512 __attribute__((target("avx512f,avx512dq,avx512vl,avx2,fma")))
#else
#define ADMLE_TARGET_AVX512 \
  __attribute__((target("avx512f,avx512dq,avx512vl,avx2,fma,prefer-vector-width=512")))
#endif
#endif

namespace admle {

// In increasing order: a processor that has one has those before it.
enum class InstructionSet : std::uint8_t { kBaseline, kAvx2, kAvx512 };

// The best that this processor and this build have. The environment variable
// ADMLE_INSTRUCTION_SET (baseline, avx2, avx512) lowers it, to get the same digits on different
// machines.
InstructionSet instruction_set();

// Among variants of one kernel, that for instruction_set().
template <typename Function>
Function for_instruction_set(Function baseline, Function avx2, Function avx512) {
  switch (instruction_set()) {
    case InstructionSet::kAvx512: return avx512;
    case InstructionSet::kAvx2: return avx2;
    default: return baseline;
  }
}

}  // namespace admle
