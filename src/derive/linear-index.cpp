// A pass through the graph tells of each node whether it selects elements of one piece, or is a
// sparse linear function of it. Where such a node, or its product with data, enters anything else,
// it is an index; a piece is reached through indices only if all its uses end in one.
#include "derive/linear-index.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "ops/structural-info.h"
#include "ops/structural.h"

namespace admle {
namespace {

// Sums and multiples of indices are left to what follows them, where that can be.
enum class Reach { kSelections, kSums };

constexpr std::int32_t kNone = -1;  // an element that is no parameter
constexpr std::size_t kSeveral = static_cast<std::size_t>(-1);
// More than this is no row of a formula: the Hessian has blocks for each pair.
constexpr std::size_t kMostIndices = 48;

// What a node is in the parameters, or in a piece b of them.
struct Linear {
  std::size_t piece;                         // kSeveral for a selection from more than one
  std::shared_ptr<const Index> selection;    // elements of all parameters, or kNone; else:
  std::shared_ptr<const SparseRows> sparse;  // S, the node being S b and data; else:
  NodeId data = -1;                          // X, the node being X times a run of b ...
  std::int32_t begin = 0;                    // ... which begins here
  std::shared_ptr<const SparseRows> blocks;  // S, the node being S B with B of several columns

  bool can_go_on() const { return selection || sparse; }
};

class Finder {
 public:
  Finder(const Graph& graph, NodeId rows, const std::vector<NodeId>& pieces, Reach reach)
      : g_(graph), last_(rows), rows_(graph.shape(rows).rows), pieces_(pieces), reach_(reach),
        needed_(needed_by(graph, {rows})), linear_(needed_.size()), other_(pieces.size(), 0) {
    for (std::size_t p = 0; p < pieces.size(); ++p) begin_.push_back(begin_.back() + length(p));
  }

  LinearIndices run() {
    for (std::size_t p = 0; p < pieces_.size(); ++p)
      if (pieces_[p] <= last_ && needed(pieces_[p])) linear_[at(pieces_[p])] = whole(p);
    for (NodeId id = 0; id <= last_; ++id)
      if (needed(id) && !linear_[at(id)]) read(id);
    if (linear_[at(last_)]) enter(last_);
    if (found_.size() > kMostIndices || !rows_stay_apart()) return all_other();
    LinearIndices out;
    for (std::size_t p = 0; p < pieces_.size(); ++p) {
      if (other_[p]) out.others.push_back(p);
      for (const LinearIndex& index : found_)
        if (index.piece == p && !other_[p]) out.indices.push_back(index);
    }
    return out;
  }

 private:
  static std::size_t at(NodeId id) { return static_cast<std::size_t>(id); }
  bool needed(NodeId id) const { return needed_[at(id)] != 0; }

  LinearIndices all_other() const {
    LinearIndices out;
    for (std::size_t p = 0; p < pieces_.size(); ++p)
      if (pieces_[p] <= last_ && needed(pieces_[p])) out.others.push_back(p);
    return out;
  }

  std::int32_t length(std::size_t piece) const {
    return static_cast<std::int32_t>(g_.shape(pieces_[piece]).size());
  }

  Linear whole(std::size_t piece) const {
    auto all = std::make_shared<Index>(static_cast<std::size_t>(length(piece)));
    std::iota(all->begin(), all->end(), begin_[piece]);
    return {piece, std::move(all), nullptr};
  }

  // A node is linear as its inputs are, or what is linear ends here.
  void read(NodeId id) {
    linear_[at(id)] = as_linear(id);
    if (linear_[at(id)]) return;
    for (std::uint32_t i = 0; i < g_.node(id).n_inputs; ++i) enter(g_.input_of(id, i));
  }

  void enter(NodeId id) {
    const std::optional<Linear>& linear = linear_[at(id)];
    if (!linear) return;
    if (linear->selection && is_data(*linear->selection)) return;
    const bool full = !linear->selection || is_full(*linear->selection);
    if (linear->piece == kSeveral || g_.shape(id).rows != rows_ ||
        (!full && g_.shape(id).cols != 1))
      return enter_otherwise(*linear);
    for (const LinearIndex& index : found_)
      if (index.node == id) return;
    found_.push_back(as_index(id, *linear));
  }

  void enter_otherwise(const Linear& linear) {
    if (linear.piece != kSeveral) {
      other_[linear.piece] = 1;
      return;
    }
    for (std::int32_t i : *linear.selection)
      if (i != kNone) other_[piece_of(i)] = 1;
  }

  std::size_t piece_of(std::int32_t parameter) const {
    const auto after = std::upper_bound(begin_.begin(), begin_.end(), parameter);
    return static_cast<std::size_t>(after - begin_.begin()) - 1;
  }

  LinearIndex as_index(NodeId id, const Linear& linear) const {
    LinearIndex out{id, linear.piece, linear.data, linear.begin, nullptr, linear.sparse};
    if (linear.blocks) out.sparse = linear.blocks;
    if (!linear.selection) return out;
    if (is_full(*linear.selection)) out.positions = in_piece(linear);
    else out.sparse = sparse_rows(linear);
    return out;
  }

  std::optional<Linear> as_linear(NodeId id) const {
    const Node& node = g_.node(id);
    std::optional<Linear> first;
    bool mixed = false;
    for (std::uint32_t i = 0; i < node.n_inputs; ++i) {
      const std::optional<Linear>& input = linear_[at(g_.input_of(id, i))];
      const bool apart = first && input && first->piece != input->piece;
      if (input ? !input->can_go_on() || (apart && node.op != Op::concat)
                : !g_.is_fixed(g_.input_of(id, i)))
        mixed = true;
      if (input && !first) first = input;
    }
    if (!first || mixed) return std::nullopt;
    switch (node.op) {
      case Op::reshape: return first->selection ? first : std::nullopt;
      case Op::element: return selected(*first, Index{node.attribute});
      case Op::gather:
        if (g_.attribute(id).a != 1) return std::nullopt;
        return selected(*first, *g_.attribute(id).index);
      case Op::concat: return joined(id);
      case Op::matmul: return product(id);
      case Op::sparse_times: return sparse_product(id, *first);
      default:
        if (reach_ == Reach::kSelections || first->piece == kSeveral) return std::nullopt;
        return combined(id, first->piece);
    }
  }

  std::optional<Linear> selected(const Linear& from, const Index& index) const {
    if (from.selection) {
      auto out = std::make_shared<Index>(index);
      for (std::int32_t& i : *out) i = (*from.selection)[static_cast<std::size_t>(i)];
      return selection_of(std::move(out));
    }
    Rows out;
    for (std::int32_t i : index) out.add(*from.sparse, i, 1, true);
    return out.in(from.piece, length(from.piece));
  }

  Linear selection_of(std::shared_ptr<const Index> selection) const {
    std::optional<std::size_t> piece;
    for (std::int32_t i : *selection) {
      if (i == kNone || (piece && begin_[*piece] <= i && i < begin_[*piece + 1])) continue;
      if (piece) return {kSeveral, std::move(selection), nullptr};
      piece = piece_of(i);
    }
    return {piece.value_or(0), std::move(selection), nullptr};
  }

  // Its elements in the piece.
  std::shared_ptr<const Index> in_piece(const Linear& linear) const {
    if (begin_[linear.piece] == 0) return linear.selection;
    auto out = std::make_shared<Index>(*linear.selection);
    for (std::int32_t& i : *out)
      if (i != kNone) i -= begin_[linear.piece];
    return out;
  }

  std::optional<Linear> joined(NodeId id) const {
    auto out = std::make_shared<Index>();
    for (std::uint32_t i = 0; i < g_.node(id).n_inputs; ++i) {
      const NodeId in = g_.input_of(id, i);
      const std::optional<Linear>& part = linear_[at(in)];
      if (part && !part->selection) return std::nullopt;
      if (part) out->insert(out->end(), part->selection->begin(), part->selection->end());
      else out->insert(out->end(), static_cast<std::size_t>(g_.shape(in).size()), kNone);
    }
    return selection_of(std::move(out));
  }

  static bool is_data(const Index& selection) {
    return std::all_of(selection.begin(), selection.end(),
                       [](std::int32_t i) { return i == kNone; });
  }

  static bool is_full(const Index& selection) {
    return std::find(selection.begin(), selection.end(), kNone) == selection.end();
  }

  // Consecutive elements of the piece.
  static bool is_run(const Index& selection) {
    return contiguous(selection) && selection.front() != kNone;
  }

  std::optional<Linear> product(NodeId id) const {
    const Attribute& kind = g_.attribute(id);
    const std::optional<Linear>& b = linear_[at(g_.input_of(id, 1))];
    if (kind.a != 0 || kind.b != 0 || kind.c != 1 || !b || !b->selection ||
        !g_.is_fixed(g_.input_of(id, 0)) || b->piece == kSeveral || !is_run(*b->selection))
      return std::nullopt;
    const std::int32_t begin = b->selection->front() - begin_[b->piece];
    return Linear{b->piece, nullptr, nullptr, g_.input_of(id, 0), begin};
  }

  std::optional<Linear> sparse_product(NodeId id, const Linear& b) const {
    if (b.piece == kSeveral) return std::nullopt;
    const std::shared_ptr<const SparseRows> s = sparse_of(g_, id);
    const bool whole = b.selection && is_run(*b.selection) &&
                       static_cast<std::int32_t>(b.selection->size()) == length(b.piece);
    if (whole) {
      if (g_.shape(id).cols == 1) return Linear{b.piece, nullptr, s};
      return Linear{b.piece, nullptr, nullptr, -1, 0, s};
    }
    if (g_.shape(id).cols != 1) return std::nullopt;
    const std::shared_ptr<const SparseRows> inner = sparse_rows(b);
    Rows out;
    for (std::int32_t i = 0; i < s->rows; ++i) {
      out.begin_row();
      for (std::size_t e = s->begin[at(i)]; e < s->begin[at(i) + 1]; ++e)
        out.add(*inner, s->column[e], s->value[e], false);
    }
    return out.in(b.piece, length(b.piece));
  }

  // Sums, differences and multiples of columns.
  std::optional<Linear> combined(NodeId id, std::size_t piece) const {
    const Node& node = g_.node(id);
    if (node.shape.cols != 1) return std::nullopt;
    const auto input = [&](std::uint32_t i) { return g_.input_of(id, i); };
    const auto sparse = [&](std::uint32_t i) {
      const std::optional<Linear>& linear = linear_[at(input(i))];
      const bool fits = linear && g_.shape(input(i)) == node.shape;
      return fits ? sparse_rows(*linear) : nullptr;
    };
    const auto fits = [&](std::uint32_t i) {
      return !linear_[at(input(i))] || g_.shape(input(i)) == node.shape;
    };
    switch (node.op) {
      case Op::neg: return multiple_of(sparse(0), -1, piece);
      case Op::add:
      case Op::sub: {
        if (!fits(0) || !fits(1)) return std::nullopt;
        return sum_of(sparse(0), sparse(1), node.op == Op::sub ? -1 : 1, piece);
      }
      case Op::mul:
      case Op::mulz:
        for (std::uint32_t i = 0; i < 2; ++i)
          if (!linear_[at(input(i))] && g_.is_scalar(input(i)) && fits(1 - i))
            return multiple_of(sparse(1 - i), g_.scalar_value(input(i)), piece);
        return std::nullopt;
      case Op::div:
        if (linear_[at(input(1))] || !g_.is_scalar(input(1)) || !fits(0)) return std::nullopt;
        return multiple_of(sparse(0), 1 / g_.scalar_value(input(1)), piece);
      default: return std::nullopt;
    }
  }

  // Rows of a sparse matrix in the making.
  struct Rows {
    SparseRows made{0, 0, {}, {}, {}};
    void begin_row() {
      made.begin.push_back(made.column.size());
      ++made.rows;
    }
    void add(const SparseRows& from, std::int32_t row, double times, bool as_row) {
      if (as_row) begin_row();
      for (std::size_t e = from.begin[at(row)]; e < from.begin[at(row) + 1]; ++e) {
        made.column.push_back(from.column[e]);
        made.value.push_back(times * from.value[e]);
      }
    }
    Linear in(std::size_t piece, std::int32_t cols) {
      made.begin.push_back(made.column.size());
      made.cols = cols;
      return {piece, nullptr, std::make_shared<const SparseRows>(std::move(made))};
    }
  };

  std::optional<Linear> multiple_of(const std::shared_ptr<const SparseRows>& a, double times,
                                    std::size_t piece) const {
    Rows out;
    for (std::int32_t i = 0; i < a->rows; ++i) out.add(*a, i, times, true);
    return out.in(piece, length(piece));
  }

  // a + sign b, where one of them may be data.
  std::optional<Linear> sum_of(const std::shared_ptr<const SparseRows>& a,
                               const std::shared_ptr<const SparseRows>& b, double sign,
                               std::size_t piece) const {
    if (!b) return multiple_of(a, 1, piece);
    if (!a) return multiple_of(b, sign, piece);
    Rows out;
    for (std::int32_t i = 0; i < a->rows; ++i) {
      out.add(*a, i, 1, true);
      out.add(*b, i, sign, false);
    }
    return out.in(piece, length(piece));
  }

  std::shared_ptr<const SparseRows> sparse_rows(const Linear& linear) const {
    if (linear.sparse) return linear.sparse;
    SparseRows out{
        static_cast<std::int32_t>(linear.selection->size()), length(linear.piece), {0}, {}, {}};
    const std::shared_ptr<const Index> selection = in_piece(linear);
    for (std::int32_t i : *selection) {
      if (i != kNone) out.column.push_back(i);
      out.begin.push_back(out.column.size());
    }
    out.value.assign(out.column.size(), 1.0);
    return std::make_shared<const SparseRows>(std::move(out));
  }

  // Whether row i of every node between the indices and the rows needs only row i.
  bool rows_stay_apart() const {
    std::vector<char> reached(needed_.size(), 0);
    for (const LinearIndex& index : found_)
      if (!other_[index.piece]) reached[at(index.node)] = 1;
    std::vector<char> inside(needed_.size(), 0);  // part of an index
    for (NodeId id = 0; id <= last_; ++id) inside[at(id)] = linear_[at(id)].has_value();
    for (NodeId id = 0; id <= last_; ++id) {
      if (!needed(id) || inside[at(id)]) continue;
      for (std::uint32_t i = 0; i < g_.node(id).n_inputs; ++i) {
        if (!reached[at(g_.input_of(id, i))]) continue;
        if (!maps_rows(g_, id) || g_.shape(id).rows != rows_ || !reads_by_row(g_, id, i, rows_))
          return false;
        reached[at(id)] = 1;
      }
    }
    return true;
  }

  const Graph& g_;                             // graph that is searched
  NodeId last_;                                // the rows: later nodes do not matter
  std::int32_t rows_;                          // their number
  const std::vector<NodeId>& pieces_;          // of the parameters
  Reach reach_;                                // what counts as linear
  std::vector<char> needed_;                   // by node: whether the rows are computed from it
  std::vector<std::optional<Linear>> linear_;  // by node
  std::vector<char> other_;                    // by piece: whether it enters in another way
  std::vector<std::int32_t> begin_{0};         // of each piece among all parameters, and the end
  std::vector<LinearIndex> found_;
};

std::int64_t numbers_in(const Graph& graph, const LinearIndices& found,
                        const std::vector<NodeId>& pieces) {
  std::int64_t out = 0;
  for (std::size_t p : found.others) out += graph.shape(pieces[p]).size();
  return out;
}

}  // namespace

// Differences of differences are indices as a whole only: tried where something is left otherwise.
LinearIndices find_linear_indices(const Graph& graph, NodeId rows,
                                  const std::vector<NodeId>& pieces) {
  LinearIndices found = Finder(graph, rows, pieces, Reach::kSelections).run();
  if (found.others.empty()) return found;
  LinearIndices sums = Finder(graph, rows, pieces, Reach::kSums).run();
  return numbers_in(graph, sums, pieces) < numbers_in(graph, found, pieces) ? sums : found;
}

}  // namespace admle
