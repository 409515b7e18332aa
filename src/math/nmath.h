// R's nmath as a table of function pointers, so that the engine includes no R header and runs
// without R. The table is filled once, when the library is loaded: from R's Rmath.h by the glue,
// from libRmath by the C++ tests. Include this header before Rmath.h, whose macros would rename
// the members.
#pragma once

namespace admle::special {

struct Nmath {
  using Function1 = double (*)(double);
  using Function2 = double (*)(double, double);

  // The digit counts the parameters: d(x, ..., give_log), p(q, ..., lower_tail, log_p).
  using Density1 = double (*)(double, double, int);
  using Density2 = double (*)(double, double, double, int);
  using Density3 = double (*)(double, double, double, double, int);
  using Probability1 = double (*)(double, double, int, int);
  using Probability2 = double (*)(double, double, double, int, int);
  using Probability3 = double (*)(double, double, double, double, int, int);
  using Quantile1 = Probability1;
  using Quantile2 = Probability2;
  using Quantile3 = Probability3;

#define ADMLE_NMATH(signature, name) signature name = nullptr;
#include "math/nmath-list.def"
#undef ADMLE_NMATH
};

namespace detail {
inline Nmath nmath_table;
}

inline const Nmath& nmath() { return detail::nmath_table; }

// Not synchronised: to be called at load time, before any thread evaluates.
inline void set_nmath(const Nmath& table) { detail::nmath_table = table; }

}  // namespace admle::special
