// Linear indices: row nodes such as X %*% beta, X %*% B (X dense or sparse), alpha[group] or
// differences of neighbours, through which pieces of the parameters enter a sum over rows.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "graph/expr.h"
#include "math/sparse-rows.h"

namespace admle {

// Row i of the node is linear in one piece of the parameters: column c is data %*% (the c-th run
// of the piece), or the element of the piece at a position that is known for each row.
struct LinearIndex {
  NodeId node;                               // eta, rows x columns
  std::size_t piece;                         // position of the piece b in which it is linear
  NodeId data = -1;                          // rows x p, does not change; -1 with one of the next
  std::int32_t begin = 0;                    // where in the piece the runs of `data` begin
  std::shared_ptr<const Index> positions;    // rows for each column, in the piece
  std::shared_ptr<const SparseRows> sparse;  // rows x p, of which most are zero
};

struct LinearIndices {
  std::vector<LinearIndex> indices;  // by piece, in the order of the pieces
  std::vector<std::size_t> others;   // pieces that enter in another way too, or only
};

// Of `rows` (n x 1), each of which may depend on its own row of an index only. Where they do not,
// all pieces are `others`. Pieces that do not enter at all are neither.
LinearIndices find_linear_indices(const Graph& graph, NodeId rows,
                                  const std::vector<NodeId>& pieces);

}  // namespace admle
