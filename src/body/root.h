// Where a function has a value of interest: its root, its fixed point, its minimum. All are roots
// of a residual r(x, p): f, x - f, the gradient of f. The node's value is x; its derivative
// dx = -r_x^-1 r_p dp is made of ordinary nodes at the root (the implicit function theorem), so
// that derivatives of all orders follow.
#pragma once

#include <memory>
#include <vector>

#include "body/body.h"

namespace admle {

enum class Target { kRoot, kFixedPoint, kMinimum, kMaximum };

struct RootSpec {
  Target target = Target::kRoot;
  // In one unknown: between two numbers, which come before the parameters.
  bool bracketed = false;
  std::vector<double> start;  // where the search begins
};

// The node; NaN where the search fails. The interval moves no root: it has no derivative.
Expr root(const Body& body, const RootSpec& spec, Graph& to, const std::vector<Expr>& interval,
          const std::vector<Expr>& parameters);

// f(x, p) where x is stationary or another function of p that f does not change with: its
// derivative is that by p alone. That of this derivative is by both.
Expr envelope(const Body& body, Graph& to, Expr x, const std::vector<Expr>& parameters);

}  // namespace admle
