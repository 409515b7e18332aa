// See hessian-blocks.h. Pieces that are no index (a scale, thresholds) are taken in all their
// directions at once, as anywhere.
#include "derive/hessian-blocks.h"

#include "derive/derive.h"
#include "derive/linear-index.h"
#include "ops/structural.h"

namespace admle {
namespace {

class Maker {
 public:
  Maker(Graph& graph, NodeId contributions, const std::vector<NodeId>& pieces,
        const std::vector<Expr>& gradient)
      : g_(graph), pieces_(pieces), gradient_(gradient) {
    std::int32_t begin = 0;
    for (std::size_t p = 0; p < pieces.size(); ++p) {
      begin_.push_back(begin);
      begin += length(p);
    }
    if (contributions >= 0) {
      rows_ = g_.shape(contributions).rows;
      parts_ = find_linear_indices(g_, contributions, pieces);
    } else {
      for (std::size_t p = 0; p < pieces.size(); ++p) parts_.others.push_back(p);
    }
  }

  std::vector<HessianBlock> run(NodeId contributions) {
    if (!parts_.indices.empty()) {
      std::vector<NodeId> nodes;
      for (const LinearIndex& index : parts_.indices) nodes.push_back(index.node);
      const Expr total = sum(Expr(&g_, contributions));
      slopes_ = vjp(g_, total.id(), Expr(&g_, g_.constant(1.0)), nodes);
      for (std::size_t l = 0; l < nodes.size(); ++l)
        if (!slopes_[l].is_zero())
          slopes_[l] = with_columns(slopes_[l], columns_of(parts_.indices[l]));
      for (std::size_t l = 0; l < nodes.size(); ++l) between_indices(l);
    }
    for (std::size_t o = 0; o < parts_.others.size(); ++o) with_other(o);
    return std::move(blocks_);
  }

 private:
  std::int32_t length(std::size_t piece) const {
    return static_cast<std::int32_t>(g_.shape(pieces_[piece]).size());
  }
  std::int32_t columns_of(const LinearIndex& index) const { return g_.shape(index.node).cols; }
  // Numbers of the piece behind one column of an index.
  std::int32_t width(const LinearIndex& index) const {
    if (index.sparse) return index.sparse->cols;
    return index.data < 0 ? length(index.piece) : g_.shape(index.data).cols;
  }
  std::int32_t begin(const LinearIndex& index, std::int32_t column) const {
    return begin_[index.piece] + (index.positions ? 0 : column * width(index));
  }
  std::shared_ptr<const Index> positions(const LinearIndex& index, std::int32_t column) const {
    if (columns_of(index) == 1) return index.positions;
    const auto first = index.positions->begin() + static_cast<std::ptrdiff_t>(column) * rows_;
    return std::make_shared<Index>(first, first + rows_);
  }

  // The slopes with respect to indices from the l-th on, in the direction of its columns.
  void between_indices(std::size_t l) {
    const LinearIndex& right = parts_.indices[l];
    const std::int32_t cols = columns_of(right);
    const Expr seed = identity_seed(g_, {1, cols});
    const std::vector<Expr> weights = jvp(g_, nodes_of(slopes_, l + 1), {right.node}, {seed}, cols);
    for (std::size_t m = 0; m <= l; ++m) {
      const LinearIndex& left = parts_.indices[m];
      if (slopes_[m].is_zero() || weights[m].is_zero()) continue;
      const Expr all = with_columns(weights[m], columns_of(left) * cols);
      for (std::int32_t d = 0; d < cols; ++d)
        for (std::int32_t c = 0; c < (m == l ? d + 1 : columns_of(left)); ++c)
          add_cross(left, c, right, d, one_column(all, d * columns_of(left) + c), m == l && c == d);
    }
  }

  void add_cross(const LinearIndex& left, std::int32_t c, const LinearIndex& right, std::int32_t d,
                 Expr weights, bool on_diagonal) {
    const std::int32_t row = begin(left, c), col = begin(right, d);
    if (left.data >= 0 && right.data >= 0) {
      const Expr a(&g_, left.data), b(&g_, right.data);
      // Constant weights: the product of the data is made once for all evaluations.
      const Expr block =
          weights.shape().rows == 1 ? weights * matmul(a, b, true) : matmul(a, weights * b, true);
      add(row, col, block, false, on_diagonal);
      return;
    }
    if (left.sparse || right.sparse) {
      sparse_cross_block(left, c, right, d, weights, on_diagonal);
      return;
    }
    const Expr whole = expand(weights, {rows_, 1});
    if (left.data < 0 && right.data < 0) {
      const auto i = positions(left, c), j = positions(right, d);
      if (on_diagonal) {
        add(row, col, scatter_add(whole, i, {width(left), 1}), true, true);
        return;
      }
      auto both = std::make_shared<Index>(*i);
      for (std::size_t k = 0; k < both->size(); ++k) (*both)[k] += (*j)[k] * width(left);
      add(row, col, scatter_add(whole, both, {width(left), width(right)}), false, false);
    } else if (left.data < 0) {
      add(row, col, sums_by_group(left, c, whole * Expr(&g_, right.data)), false, false);
    } else {
      add(col, row, sums_by_group(right, d, whole * Expr(&g_, left.data)), false, false);
    }
  }

  // One of the two is sparse.
  void sparse_cross_block(const LinearIndex& left, std::int32_t c, const LinearIndex& right,
                          std::int32_t d, Expr weights, bool on_diagonal) {
    const std::int32_t row = begin(left, c), col = begin(right, d);
    if (left.data >= 0 || right.data >= 0) {
      const LinearIndex& dense = left.data >= 0 ? left : right;
      const LinearIndex& sparse = left.data >= 0 ? right : left;
      const Expr x(&g_, dense.data);
      const Expr block = sparse_cross(sparse.sparse, expand(weights, {rows_, 1}) * x);
      add(left.data >= 0 ? col : row, left.data >= 0 ? row : col, block, false, false);
      return;
    }
    const auto a = by_rows(left, c), b = by_rows(right, d);
    // Constant weights: made once for all evaluations.
    const Expr ones = expand(Expr(&g_, g_.constant(1.0)), {rows_, 1});
    const Expr block =
        weights.shape().rows == 1 ? weights * sparse_gram(a, ones, b) : sparse_gram(a, weights, b);
    add(row, col, block, false, on_diagonal);
  }

  // Positions as the matrix that has a 1 at each.
  std::shared_ptr<const SparseRows> by_rows(const LinearIndex& index, std::int32_t column) const {
    if (index.sparse) return index.sparse;
    const auto at = positions(index, column);
    std::vector<std::int32_t> row(at->size());
    for (std::size_t i = 0; i < row.size(); ++i) row[i] = static_cast<std::int32_t>(i);
    const std::vector<double> ones(row.size(), 1.0);
    return std::make_shared<const SparseRows>(SparseRows::from_triplets(
        rows_, width(index), row.size(), row.data(), at->data(), ones.data()));
  }

  Expr sums_by_group(const LinearIndex& groups, std::int32_t column, Expr x) const {
    return scatter_add(x, positions(groups, column), {width(groups), 1}, x.shape().cols);
  }

  // Second derivatives with respect to a piece that is used in another way than by an index.
  void with_other(std::size_t o) {
    const std::size_t piece = parts_.others[o];
    const std::int32_t q = length(piece);
    std::vector<Expr> outputs(slopes_);
    for (std::size_t p = 0; p <= o; ++p) outputs.push_back(gradient_[parts_.others[p]]);
    const Expr seed = identity_seed(g_, g_.shape(pieces_[piece]));
    const std::vector<Expr> found =
        jvp(g_, nodes_of(outputs, outputs.size()), {pieces_[piece]}, {seed}, q);
    for (std::size_t m = 0; m < slopes_.size(); ++m) {
      const LinearIndex& index = parts_.indices[m];
      if (outputs[m].is_zero() || found[m].is_zero()) continue;
      const Expr all = with_columns(found[m], columns_of(index) * q);
      for (std::int32_t c = 0; c < columns_of(index); ++c) {
        auto which = std::make_shared<Index>();
        for (std::int32_t d = 0; d < q; ++d) which->push_back(d * columns_of(index) + c);
        const Expr slopes = expand(columns(all, which), {rows_, q});
        const Expr block = index.sparse     ? sparse_cross(index.sparse, slopes)
                           : index.data < 0 ? sums_by_group(index, c, slopes)
                                            : matmul(Expr(&g_, index.data), slopes, true);
        add(begin(index, c), begin_[piece], block, false, false);
      }
    }
    for (std::size_t p = 0; p <= o; ++p) {
      const Expr block = found[slopes_.size() + p];
      if (block.is_zero()) continue;
      const std::size_t other = parts_.others[p];
      add(begin_[other], begin_[piece], expand(block, {length(other), q}), false, p == o);
    }
  }

  // A slope of zero has no node: that of the constant 0 stands in, and has no derivative.
  std::vector<NodeId> nodes_of(const std::vector<Expr>& from, std::size_t count) const {
    std::vector<NodeId> out;
    for (std::size_t i = 0; i < count; ++i) out.push_back(from[i].in(&g_));
    return out;
  }

  // Columns of a derivative that is smaller than its shape are recycled.
  Expr with_columns(Expr x, std::int32_t cols) const { return expand(x, {x.shape().rows, cols}); }

  static Expr one_column(Expr x, std::int32_t column) {
    return columns(x, std::make_shared<Index>(Index{column}));
  }

  void add(std::int32_t row, std::int32_t col, Expr block, bool diagonal, bool on_diagonal) {
    blocks_.push_back({row, col, block.in(&g_), diagonal, on_diagonal});
  }

  Graph& g_;                           // graph
  const std::vector<NodeId>& pieces_;  // b_1, b_2, ...: of which the parameters consist
  const std::vector<Expr>& gradient_;  // d sum / d b_p, in the shape of the piece
  std::vector<std::int32_t> begin_;    // of each piece among all parameters
  std::int32_t rows_ = 0;              // number of contributions
  LinearIndices parts_;                // which pieces enter through indices eta_m only
  std::vector<Expr> slopes_;           // derivatives with respect to the indices
  std::vector<HessianBlock> blocks_;   // found so far
};

}  // namespace

std::vector<HessianBlock> hessian_blocks(Graph& graph, NodeId contributions,
                                         const std::vector<NodeId>& pieces,
                                         const std::vector<Expr>& gradient) {
  return Maker(graph, contributions, pieces, gradient).run(contributions);
}

}  // namespace admle
