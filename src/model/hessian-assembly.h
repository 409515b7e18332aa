// Where the blocks of a Hessian go: into a dense matrix, or into the elements of a sparse one,
// found once for a recording.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "derive/hessian-blocks.h"
#include "math/symmetric.h"

namespace admle {

class HessianAssembly {
 public:
  // Of `size` parameters; nodes of the blocks are in `graph`. Sparse where enough of the matrix is
  // zero to be worth it, or `always`.
  HessianAssembly(const Graph& graph, std::vector<HessianBlock> blocks, std::int32_t size,
                  bool always = false);

  const std::vector<HessianBlock>& blocks() const { return blocks_; }
  bool is_sparse() const { return order_ != nullptr; }
  const std::shared_ptr<const SparseOrder>& order() const { return order_; }
  // `value(b)`: the numbers of block b.
  Symmetric fill(const std::function<const double*(std::size_t b)>& value) const;
  // Of a sparse one: its pattern, and its elements in that as a node of the blocks' graph.
  Symmetric pattern() const { return {pattern_, order_}; }
  Expr elements(Graph& graph) const;

 private:
  template <class F>
  void each_element(F f) const;
  void find_pattern();

  std::vector<HessianBlock> blocks_;
  std::vector<Shape> shapes_;                 // of their nodes
  std::int32_t size_;                         // number of parameters
  Symmetric::Sparse pattern_;                 // upper triangle
  std::vector<int> place_;                    // of each element of the blocks in the pattern
  std::shared_ptr<const SparseOrder> order_;  // of the pattern; null: dense
};

}  // namespace admle
