// Instantiates the value formulas of the table on doubles: as kernels over blocks, and for one
// number at a time.
#include "math/elementwise.h"

#include <array>

#include "math/numeric.h"
#include "math/vector.h"

namespace admle {
namespace {

using special::nmath;

// ---- kernels -----------------------------------------------------------------------------------

inline const double* column(const Argument& a, std::int32_t j) {
  return a.data + (j % a.cols) * a.ld;
}

template <double (*F)(double)>
void unary_kernel(const Argument* a, const Result& out) {
  for (std::int32_t j = 0; j < out.cols; ++j) {
    const double* x = column(a[0], j);
    double* to = out.data + j * out.ld;
    if (a[0].rows == 1) {
      const double value = F(*x);
      for (std::int32_t i = 0; i < out.rows; ++i) to[i] = value;
    } else {
      for (std::int32_t i = 0; i < out.rows; ++i) to[i] = F(x[i]);
    }
  }
}

template <double (*F)(double, double)>
void binary_kernel(const Argument* a, const Result& out) {
  const std::int32_t n = out.rows;
  for (std::int32_t j = 0; j < out.cols; ++j) {
    const double* x = column(a[0], j);
    const double* y = column(a[1], j);
    double* to = out.data + j * out.ld;
    if (a[0].rows == 1) {
      const double x0 = *x;
      if (a[1].rows == 1) {
        const double value = F(x0, *y);
        for (std::int32_t i = 0; i < n; ++i) to[i] = value;
      } else {
        for (std::int32_t i = 0; i < n; ++i) to[i] = F(x0, y[i]);
      }
    } else if (a[1].rows == 1) {
      const double y0 = *y;
      for (std::int32_t i = 0; i < n; ++i) to[i] = F(x[i], y0);
    } else {
      for (std::int32_t i = 0; i < n; ++i) to[i] = F(x[i], y[i]);
    }
  }
}

// Three and four arguments: steps of 0 or 1 instead of a branch for each combination.
template <double (*F)(double, double, double)>
void ternary_kernel(const Argument* a, const Result& out) {
  const std::int64_t sx = a[0].rows != 1, sy = a[1].rows != 1, sz = a[2].rows != 1;
  for (std::int32_t j = 0; j < out.cols; ++j) {
    const double *x = column(a[0], j), *y = column(a[1], j), *z = column(a[2], j);
    double* to = out.data + j * out.ld;
    for (std::int64_t i = 0; i < out.rows; ++i) to[i] = F(x[i * sx], y[i * sy], z[i * sz]);
  }
}

template <double (*F)(double, double, double, double)>
void quaternary_kernel(const Argument* a, const Result& out) {
  const std::int64_t sx = a[0].rows != 1, sy = a[1].rows != 1, sz = a[2].rows != 1,
                     sw = a[3].rows != 1;
  for (std::int32_t j = 0; j < out.cols; ++j) {
    const double *x = column(a[0], j), *y = column(a[1], j), *z = column(a[2], j),
                 *w = column(a[3], j);
    double* to = out.data + j * out.ld;
    for (std::int64_t i = 0; i < out.rows; ++i)
      to[i] = F(x[i * sx], y[i * sy], z[i * sz], w[i * sw]);
  }
}

// ---- the table ---------------------------------------------------------------------------------

namespace values {
#define UNARY(name, domain, range, thread, cost, value, dx) \
  inline double name(double x) { return value; }
#define BINARY(name, domain, range, thread, cost, value, dx, dy) \
  inline double name(double x, double y) { return value; }
#define TERNARY(name, domain, range, thread, cost, value, dx, dy, dz) \
  inline double name(double x, double y, double z) { return value; }
#define QUATERNARY(name, domain, range, thread, cost, value, dx, dy, dz, dw) \
  inline double name(double x, double y, double z, double w) { return value; }
#include "math/table.def"
#undef UNARY
#undef BINARY
#undef TERNARY
#undef QUATERNARY
}  // namespace values

namespace scalars {
#define UNARY(name, ...) \
  double name(const double* a) { return values::name(a[0]); }
#define BINARY(name, ...) \
  double name(const double* a) { return values::name(a[0], a[1]); }
#define TERNARY(name, ...) \
  double name(const double* a) { return values::name(a[0], a[1], a[2]); }
#define QUATERNARY(name, ...) \
  double name(const double* a) { return values::name(a[0], a[1], a[2], a[3]); }
#include "math/table.def"
#undef UNARY
#undef BINARY
#undef TERNARY
#undef QUATERNARY
}  // namespace scalars

using Table = std::array<ElementwiseInfo, kElementwiseCount>;

Table make_table() {
  Table table{{
#define ENTRY(name, arity, kernel, domain, range, thread, cost) \
  {#name,                                                       \
   domain,                                                      \
   arity,                                                       \
   Range::k##range,                                             \
   Thread::k##thread,                                           \
   Cost::k##cost,                                               \
   &kernel<&values::name>,                                      \
   &scalars::name},
#define UNARY(name, domain, range, thread, cost, ...) \
  ENTRY(name, 1, unary_kernel, domain, range, thread, cost)
#define BINARY(name, domain, range, thread, cost, ...) \
  ENTRY(name, 2, binary_kernel, domain, range, thread, cost)
#define TERNARY(name, domain, range, thread, cost, ...) \
  ENTRY(name, 3, ternary_kernel, domain, range, thread, cost)
#define QUATERNARY(name, domain, range, thread, cost, ...) \
  ENTRY(name, 4, quaternary_kernel, domain, range, thread, cost)
#include "math/table.def"
#undef UNARY
#undef BINARY
#undef TERNARY
#undef QUATERNARY
#undef ENTRY
  }};
  const VectorFunctions* const vectorised = vector_functions(instruction_set());
  for (std::size_t i = 0; i < kElementwiseCount; ++i) {
    if (vectorised[i].kernel == nullptr) continue;
    table[i].kernel = vectorised[i].kernel;
    if (table[i].cost == Cost::kHigh) table[i].scalar = vectorised[i].scalar;
  }
  return table;
}

}  // namespace

const ElementwiseInfo& elementwise_info(std::size_t at) {
  static const Table table = make_table();
  return table[at];
}

}  // namespace admle
