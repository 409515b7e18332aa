// The Hessian of a total, block by block, so that its structure is used. With linear indices
// eta_m = Z_m b_m of the rows of a sum, a block is t(Z_m) diag(w) Z_l, where w holds one second
// derivative of each row (w = d^2 l_i / d eta_m d eta_l): Z dense data, sparse data, or groups.
// Never more than one column of weights for a pair of indices, never a matrix of dummies.
#pragma once

#include <memory>
#include <vector>

#include "derive/addends.h"
#include "derive/linear-index.h"

namespace admle {

// What is known of the Hessian of a total before it is made.
struct HessianStructure {
  Addends addends;                   // of the total
  std::vector<LinearIndices> parts;  // by which the pieces enter the rows, then the rest
  // Parameters that are taken as coupled with each other: those that enter otherwise than by an
  // index, and coefficients of dense data.
  std::int64_t coupled = 0;
};

HessianStructure hessian_structure(Graph& graph, NodeId total, const std::vector<NodeId>& pieces,
                                   ScalarTerms scalars = ScalarTerms::kApart);

// The elements of a block that can be other than zero.
struct Elements {
  Index row, column;
};

struct HessianBlock {
  std::int32_t row, col;                     // where it begins
  NodeId node;                               // its value, or a column of its elements
  std::shared_ptr<const Elements> elements;  // null: a dense block
  bool on_diagonal;  // its upper triangle is all; else its transpose belongs there, too
};

// Blocks that add up to the Hessian of the total in consecutive pieces, `gradient` its derivatives
// in the pieces' shapes.
std::vector<HessianBlock> hessian_blocks(Graph& graph, const HessianStructure& structure,
                                         const std::vector<NodeId>& pieces,
                                         const std::vector<Expr>& gradient);

// The same of the outer product of the scores, the sum over the contributions of
// (dl_i/db)(dl_i/db)'. Empty where the contributions have more than a few parts.
std::vector<HessianBlock> outer_product_blocks(Graph& graph, NodeId contributions,
                                               const std::vector<NodeId>& pieces);

}  // namespace admle
