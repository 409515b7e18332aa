// The Hessian of a sum of contributions, block by block, so that its structure is used: with
// linear indices eta_m = X_m b_m a block is t(X_m) diag(w) X_l, where w holds one second derivative
// of each contribution (w = d^2 l_i / d eta_m d eta_l); with effects of groups it is a sum by
// group. Never more than one column of weights for a pair of indices, never a matrix of dummies.
#pragma once

#include <vector>

#include "graph/expr.h"

namespace admle {

struct HessianBlock {
  std::int32_t row, col;  // where it begins
  NodeId node;            // its value, or its diagonal as a column
  bool diagonal;          // a column that holds the diagonal of a square block
  bool on_diagonal;       // otherwise its transpose belongs on the other side, too
};

// Blocks that add up to the Hessian of the sum of `contributions` in consecutive pieces, `gradient`
// its derivatives in the pieces' shapes. Without contributions (-1) it is the Hessian of whatever
// has this gradient, and no structure is used.
std::vector<HessianBlock> hessian_blocks(Graph& graph, NodeId contributions,
                                         const std::vector<NodeId>& pieces,
                                         const std::vector<Expr>& gradient);

}  // namespace admle
