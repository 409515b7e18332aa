// The derivative rules of elementwise operations, on handles: a derivative is a graph.
#pragma once

#include "graph/expr.h"

namespace admle {

using Partial = Expr (*)(const Expr* arguments, Expr value);

// d value / d argument i, where `value` is the operation's node. Throws GraphError where there is
// none.
Expr partial_derivative(Op op, std::size_t i, const Expr* arguments, Expr value);

}  // namespace admle
