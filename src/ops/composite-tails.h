// The tail of a distribution, and its limits at infinite parameters that are data.
#pragma once

#include "graph/expr.h"
#include "ops/composite-counts.h"

namespace admle {

enum class Tail { kLower, kUpper };
inline Tail other(Tail tail) { return tail == Tail::kLower ? Tail::kUpper : Tail::kLower; }

// Data that are infinite somewhere.
inline bool infinite_data(Expr x) {
  return !x.is_literal() && x.graph()->is_fixed(x.id()) && !x.graph()->is_finite(x.id());
}
inline Expr degrees_of_freedom(Expr df) {
  return infinite_data(df) ? gt(df, 0) : logical_and(gt(df, 0), lt(df, kInf));
}
inline Expr both_degrees_of_freedom(Args a) {
  return logical_and(degrees_of_freedom(a[1]), degrees_of_freedom(a[2]));
}
// f(p), and `limit` where the datum p is infinite.
template <typename F>
inline Expr with_limit(Expr p, F f, Expr limit) {
  return infinite_data(p) ? select(lt(p, kInf), f(select(lt(p, kInf), p, 1)), limit) : f(p);
}

}  // namespace admle
