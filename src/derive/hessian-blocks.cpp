// See hessian-blocks.h. Pieces that are no index (a scale, thresholds) are taken in all their
// directions at once, as anywhere.
#include "derive/hessian-blocks.h"

#include <algorithm>
#include <numeric>

#include "derive/derive.h"
#include "derive/gather-first.h"
#include "ops/structural.h"

namespace admle {
namespace {

// Of a column of contributions, c(data, prior) say; a loop makes one for each step.
constexpr std::size_t kMostParts = 48;

// Of one sum over rows.
class Maker {
 public:
  Maker(Graph& graph, const std::vector<NodeId>& pieces, std::vector<HessianBlock>& blocks)
      : g_(graph), pieces_(pieces), blocks_(blocks) {
    std::int32_t begin = 0;
    for (std::size_t p = 0; p < pieces.size(); ++p) {
      begin_.push_back(begin);
      begin += length(p);
    }
  }

  void rows(NodeId rows, const LinearIndices& parts) {
    rows_ = g_.shape(rows).rows;
    parts_ = parts;
    const NodeId total = sum(Expr(&g_, rows)).id();
    const Expr one(&g_, g_.constant(1.0));
    for (const LinearIndex& index : parts_.indices) nodes_.push_back(index.node);
    if (!parts_.others.empty()) gradient_ = vjp(g_, total, one, pieces_);
    if (!nodes_.empty()) slopes_ = vjp(g_, total, one, nodes_);
    for (std::size_t l = 0; l < nodes_.size(); ++l)
      if (!slopes_[l].is_zero())
        slopes_[l] = with_columns(slopes_[l], columns_of(parts_.indices[l]));
    for (std::size_t l = 0; l < nodes_.size(); ++l) between_indices(l);
    for (std::size_t o = 0; o < parts_.others.size(); ++o) with_other(o);
  }

  // Products of the slopes in place of second derivatives.
  void outer_products(NodeId rows, const LinearIndices& parts) {
    rows_ = g_.shape(rows).rows;
    parts_ = parts;
    for (const LinearIndex& index : parts_.indices) nodes_.push_back(index.node);
    if (!nodes_.empty())
      slopes_ = vjp(g_, sum(Expr(&g_, rows)).id(), Expr(&g_, g_.constant(1.0)), nodes_);
    std::vector<Expr> others;  // scores by the pieces that enter otherwise
    for (std::size_t piece : parts_.others) {
      const Expr seed = identity_seed(g_, g_.shape(pieces_[piece]));
      const Expr found = jvp(g_, {rows}, {pieces_[piece]}, {seed}, length(piece))[0];
      others.push_back(found.is_zero() ? found : expand(found, {rows_, length(piece)}));
    }
    for (std::size_t l = 0; l < nodes_.size(); ++l) {
      if (slopes_[l].is_zero()) continue;
      const LinearIndex& right = parts_.indices[l];
      slopes_[l] = expand(slopes_[l], {rows_, columns_of(right)});
      for (std::int32_t d = 0; d < columns_of(right); ++d) {
        const Expr slope = one_column(slopes_[l], d);
        for (std::size_t m = 0; m <= l; ++m) {
          if (slopes_[m].is_zero()) continue;
          const LinearIndex& left = parts_.indices[m];
          for (std::int32_t c = 0; c < (m == l ? d + 1 : columns_of(left)); ++c)
            add_cross(left, c, right, d, one_column(slopes_[m], c) * slope, m == l && c == d);
        }
        for (std::size_t o = 0; o < others.size(); ++o)
          if (!others[o].is_zero())
            add(begin(right, d), begin_[parts_.others[o]],
                transposed_times(right, d, slope * others[o]), false);
      }
    }
    for (std::size_t o = 0; o < others.size(); ++o)
      for (std::size_t p = 0; p <= o; ++p)
        if (!others[o].is_zero() && !others[p].is_zero())
          add(begin_[parts_.others[p]], begin_[parts_.others[o]],
              matmul(others[p], others[o], true), p == o);
  }

  // No structure is used.
  void all(const std::vector<Expr>& gradient) {
    gradient_ = gradient;
    for (std::size_t p = 0; p < pieces_.size(); ++p) parts_.others.push_back(p);
    for (std::size_t o = 0; o < parts_.others.size(); ++o) with_other(o);
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
    return begin_[index.piece] + index.begin + (index.positions ? 0 : column * width(index));
  }
  std::shared_ptr<const Index> positions(const LinearIndex& index, std::int32_t column) const {
    if (columns_of(index) == 1) return index.positions;
    const auto first = index.positions->begin() + static_cast<std::ptrdiff_t>(column) * rows_;
    return std::make_shared<Index>(first, first + rows_);
  }

  // The slopes with respect to indices from the l-th on, in the direction of its columns. An index
  // may be made of a piece that is one itself: they are variables of their own.
  void between_indices(std::size_t l) {
    const LinearIndex& right = parts_.indices[l];
    const std::int32_t cols = columns_of(right);
    std::vector<Expr> seeds(nodes_.size(), Expr(0));
    seeds[l] = identity_seed(g_, {1, cols});
    const std::vector<Expr> weights = jvp(g_, in_graph(slopes_, l + 1), nodes_, seeds, cols);
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
      add(row, col, block, on_diagonal);
      return;
    }
    const Expr whole = expand(weights, {rows_, 1});
    if (left.data >= 0) {
      add(col, row, transposed_times(right, d, whole * Expr(&g_, left.data)), false);
    } else if (right.data >= 0) {
      add(row, col, transposed_times(left, c, whole * Expr(&g_, right.data)), false);
    } else if (left.positions && right.positions) {
      add_groups(left, c, right, d, whole, on_diagonal);
    } else {
      // Constant weights: made once for all evaluations.
      const bool constant = weights.shape().rows == 1;
      const auto product = std::make_shared<const SparseProduct>(
          SparseProduct::of(by_rows(left, c), by_rows(right, d), on_diagonal));
      const Expr ones = expand(Expr(&g_, g_.constant(1.0)), {rows_, 1});
      const Expr gram = sparse_gram(product, constant ? ones : weights);
      add(row, col, constant ? weights * gram : gram, on_diagonal, elements_of(*product));
    }
  }

  // Of two groupings: the sums over the pairs of groups that there are.
  void add_groups(const LinearIndex& left, std::int32_t c, const LinearIndex& right, std::int32_t d,
                  Expr weights, bool on_diagonal) {
    const std::int32_t row = begin(left, c), col = begin(right, d);
    const auto i = positions(left, c), j = positions(right, d);
    if (on_diagonal) {
      const Expr block = scatter_add(weights, i, {width(left), 1});
      return add(row, col, block, true, diagonal(width(left)));
    }
    const SparseProduct pairs = SparseProduct::of(by_rows(left, c), by_rows(right, d), false);
    const auto pair = std::make_shared<const Index>(pairs.element);
    add(row, col, scatter_add(weights, pair, {pairs.size(), 1}), false, elements_of(pairs));
  }

  // Positions as the matrix that has a 1 at each.
  std::shared_ptr<const SparseRows> by_rows(const LinearIndex& index, std::int32_t column) const {
    if (index.sparse) return index.sparse;
    SparseRows out{rows_, width(index), {}, *positions(index, column), {}};
    out.begin.resize(static_cast<std::size_t>(rows_) + 1);
    std::iota(out.begin.begin(), out.begin.end(), std::size_t{0});
    out.value.assign(static_cast<std::size_t>(rows_), 1.0);
    return std::make_shared<const SparseRows>(std::move(out));
  }

  static std::shared_ptr<const Elements> elements_of(const SparseProduct& product) {
    return std::make_shared<const Elements>(Elements{product.row, product.column});
  }

  static std::shared_ptr<const Elements> diagonal(std::int32_t size) {
    Index all(static_cast<std::size_t>(size));
    std::iota(all.begin(), all.end(), 0);
    return std::make_shared<const Elements>(Elements{all, all});
  }

  // t(Z) x, Z being the data of a column of an index.
  Expr transposed_times(const LinearIndex& index, std::int32_t column, Expr x) const {
    if (index.data >= 0) return matmul(Expr(&g_, index.data), x, true);
    if (index.sparse) return sparse_cross(index.sparse, x);
    return scatter_add(x, positions(index, column), {width(index), 1}, x.shape().cols);
  }

  // Second derivatives with respect to a piece that is used in another way than by an index.
  void with_other(std::size_t o) {
    const std::size_t piece = parts_.others[o];
    const std::int32_t q = length(piece);
    std::vector<Expr> outputs(slopes_);
    for (std::size_t p = 0; p <= o; ++p) outputs.push_back(gradient_[parts_.others[p]]);
    const Expr seed = identity_seed(g_, g_.shape(pieces_[piece]));
    const std::vector<Expr> found =
        jvp(g_, in_graph(outputs, outputs.size()), {pieces_[piece]}, {seed}, q);
    for (std::size_t m = 0; m < slopes_.size(); ++m) {
      const LinearIndex& index = parts_.indices[m];
      if (outputs[m].is_zero() || found[m].is_zero()) continue;
      const Expr all = with_columns(found[m], columns_of(index) * q);
      for (std::int32_t c = 0; c < columns_of(index); ++c) {
        auto which = std::make_shared<Index>();
        for (std::int32_t d = 0; d < q; ++d) which->push_back(d * columns_of(index) + c);
        const Expr slopes = expand(columns(all, which), {rows_, q});
        add(begin(index, c), begin_[piece], transposed_times(index, c, slopes), false);
      }
    }
    for (std::size_t p = 0; p <= o; ++p) {
      const Expr block = found[slopes_.size() + p];
      if (block.is_zero()) continue;
      const std::size_t other = parts_.others[p];
      add(begin_[other], begin_[piece], expand(block, {length(other), q}), p == o);
    }
  }

  // A slope of zero has no node: that of the constant 0 stands in, and has no derivative.
  std::vector<NodeId> in_graph(const std::vector<Expr>& from, std::size_t count) const {
    std::vector<NodeId> out;
    for (std::size_t i = 0; i < count; ++i) out.push_back(from[i].in(&g_));
    return out;
  }

  // Columns of a derivative that is smaller than its shape are recycled.
  Expr with_columns(Expr x, std::int32_t cols) const { return expand(x, {x.shape().rows, cols}); }

  static Expr one_column(Expr x, std::int32_t column) {
    return columns(x, std::make_shared<Index>(Index{column}));
  }

  void add(std::int32_t row, std::int32_t col, Expr block, bool on_diagonal,
           std::shared_ptr<const Elements> elements = nullptr) {
    if (block.shape().size() == 0) return;
    blocks_.push_back({row, col, block.in(&g_), std::move(elements), on_diagonal});
  }

  Graph& g_;                           // graph
  const std::vector<NodeId>& pieces_;  // b_1, b_2, ...: of which the parameters consist
  std::vector<HessianBlock>& blocks_;  // found so far
  std::vector<std::int32_t> begin_;    // of each piece among all parameters
  std::int32_t rows_ = 0;              // of the sum
  LinearIndices parts_;                // which pieces enter through indices eta_m only
  std::vector<NodeId> nodes_;          // the indices
  std::vector<Expr> slopes_;           // derivatives with respect to them
  std::vector<Expr> gradient_;         // d sum / d b_p, in the shape of the piece
};

std::int64_t coupled_by(const Graph& g, const LinearIndices& parts,
                        const std::vector<NodeId>& pieces) {
  std::int64_t out = 0;
  for (std::size_t piece : parts.others) out += g.shape(pieces[piece]).size();
  for (const LinearIndex& index : parts.indices)
    if (index.data >= 0) out += g.shape(index.data).cols * std::int64_t{g.shape(index.node).cols};
  return out;
}

}  // namespace

HessianStructure hessian_structure(Graph& graph, NodeId total, const std::vector<NodeId>& pieces,
                                   ScalarTerms scalars) {
  HessianStructure out{open_total(graph, total, pieces, scalars), {}, 0};
  if (out.addends.rows.empty()) {
    for (NodeId piece : pieces) out.coupled += graph.shape(piece).size();
    return out;
  }
  const auto add = [&](NodeId term) {
    LinearIndices found = find_linear_indices(graph, term, pieces);
    if (!found.others.empty()) {
      const NodeId moved = with_gathers_first(graph, term);
      LinearIndices other = find_linear_indices(graph, moved, pieces);
      if (coupled_by(graph, other, pieces) < coupled_by(graph, found, pieces)) {
        found = std::move(other);
        term = moved;
      }
    }
    out.coupled = std::max(out.coupled, coupled_by(graph, found, pieces));
    out.parts.push_back(std::move(found));
    return term;
  };
  for (NodeId& term : out.addends.rows) term = add(term);
  if (out.addends.rest >= 0) out.addends.rest = add(out.addends.rest);
  return out;
}

std::vector<HessianBlock> hessian_blocks(Graph& graph, const HessianStructure& structure,
                                         const std::vector<NodeId>& pieces,
                                         const std::vector<Expr>& gradient) {
  std::vector<HessianBlock> blocks;
  std::vector<NodeId> terms = structure.addends.rows;
  if (terms.empty()) Maker(graph, pieces, blocks).all(gradient);
  else if (structure.addends.rest >= 0) terms.push_back(structure.addends.rest);
  for (std::size_t t = 0; t < terms.size(); ++t)
    Maker(graph, pieces, blocks).rows(terms[t], structure.parts[t]);
  return blocks;
}

std::vector<HessianBlock> outer_product_blocks(Graph& graph, NodeId contributions,
                                               const std::vector<NodeId>& pieces) {
  std::vector<HessianBlock> blocks;
  const std::vector<NodeId> parts = open_column(graph, contributions);
  if (parts.size() > kMostParts) return blocks;
  for (NodeId part : parts) {
    if (graph.shape(part).cols != 1) return {};
    Maker(graph, pieces, blocks).outer_products(part, find_linear_indices(graph, part, pieces));
  }
  return blocks;
}

}  // namespace admle
