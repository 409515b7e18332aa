// One pass over the graph. Rows that are those of the node take no memory; listed ones arise where
// elements are moved or loops go from row to row.
#include "model/row-map.h"

#include <algorithm>
#include <cmath>

#include "body/scan.h"
#include "graph/source.h"
#include "math/elementwise.h"
#include "ops/structural-info.h"
#include "ops/structural.h"

namespace admle {
namespace {

// Products with more terms than this are not followed element by element.
constexpr std::int64_t kMostTerms = 10000000;

Reads other() {
  Reads out;
  out.kind = Reads::kOther;
  return out;
}

Reads whole() {
  Reads out;
  out.kind = Reads::kWhole;
  return out;
}

Reads rows(std::int32_t n) {
  Reads out;
  out.kind = Reads::kRows;
  out.n = n;
  return out;
}

std::int32_t later(std::int32_t a, std::int32_t b) {
  return a >= 0 || b >= 0 ? std::max(a, b) : std::min(a, b);
}

// Rows listed element by element, in the shortest form that says the same.
Reads listed(Index at, Shape shape, std::int32_t n, bool only) {
  Reads out;
  out.kind = Reads::kListed;
  out.n = n;
  out.only = only;
  if (shape.scalar()) {
    out.one = at[0];
    return out;
  }
  bool own = n == shape.rows && n > 1;
  for (std::size_t p = 0; p < at.size() && own; ++p)
    own = at[p] == static_cast<std::int32_t>(p % static_cast<std::size_t>(n));
  if (own) out.kind = Reads::kRows;
  else out.at = std::make_shared<const Index>(std::move(at));
  return out;
}

bool symmetric(const Graph& g, NodeId id) {
  const Shape s = g.shape(id);
  if (s.rows != s.cols || s.rows < 2 || g.node(id).op != Op::constant) return false;
  const ConstBlock x = g.attribute(id).source->rows(0, s.rows);
  for (std::int64_t j = 0; j < s.cols; ++j)
    for (std::int64_t i = 0; i < j; ++i)
      if (!(x.data[i + j * x.ld] == x.data[j + i * x.ld])) return false;
  return true;
}

// 0, 1, ..., m - 1, 0, 1, ...
bool cyclic(const Index& index, std::int64_t period) {
  for (std::size_t p = 0; p < index.size(); ++p)
    if (index[p] != static_cast<std::int64_t>(p) % period) return false;
  return true;
}

// Whether some position comes twice: a subscript that is data, as in alpha[group].
bool repeats(const Index& index, std::int64_t size) {
  if (static_cast<std::int64_t>(index.size()) > size) return true;
  std::vector<char> seen(static_cast<std::size_t>(size), 0);
  for (std::int32_t i : index)
    if (seen[static_cast<std::size_t>(i)]++ != 0) return true;
  return false;
}

// The rows of one element after the other, joined.
struct Joined {
  std::int32_t row = Reads::kNoRow;
  bool same = true;
  void add(std::int32_t next) {
    same = same && (row < 0 || next < 0 || row == next);
    row = later(row, next);
  }
};

}  // namespace

std::int32_t Reads::row(std::int64_t p, std::int32_t rows) const {
  if (kind == kRows) return static_cast<std::int32_t>(p % rows);
  if (kind == kListed) return at ? (*at)[static_cast<std::size_t>(p)] : one;
  return kind == kNothing ? kNoRow : kWholeSample;
}

RowMap::RowMap(const Graph& graph, const std::vector<NodeId>& wanted,
               const std::vector<NodeId>& leaves)
    : g_(graph), has_leaves_(!leaves.empty()) {
  const std::vector<char> needed = needed_by(graph, wanted);
  reads_.resize(needed.size());
  for (NodeId id = 0; id < graph.size(); ++id) {
    if (!needed[static_cast<std::size_t>(id)]) continue;
    const bool leaf = std::find(leaves.begin(), leaves.end(), id) != leaves.end();
    const Shape s = graph.shape(id);
    Reads& out = reads_[static_cast<std::size_t>(id)];
    if (!leaf && graph.node(id).op != Op::constant) out = of(id);
    else if (s.rows > 1) out = symmetric(graph, id) ? other() : rows(s.rows);
  }
}

Reads RowMap::of(NodeId id) {
  const Node& node = g_.node(id);
  bool any = node.op == Op::gather || node.op == Op::row_select || node.op == Op::sparse_times ||
             node.op == Op::sparse_cross;
  bool odd = false;
  for (std::uint32_t i = 0; i < node.n_inputs; ++i) {
    any = any || input(id, i).kind != Reads::kNothing;
    odd = odd || input(id, i).kind == Reads::kOther;
  }
  if (!any) return {};
  if (odd) return other();
  if (is_elementwise(node.op)) return elementwise(id);
  const Shape s = node.shape;
  switch (node.op) {
    case Op::alias: return input(id, 0);
    case Op::reshape: return moved(id, [](std::int64_t p) { return p; });
    case Op::element: return moved(id, [&](std::int64_t) { return std::int64_t{node.attribute}; });
    case Op::broadcast: {
      const Shape x = shape(id, 0);
      return moved(id, [s, x](std::int64_t p) {
        return (x.rows == 1 ? 0 : p % s.rows) + p / s.rows % x.cols * x.rows;
      });
    }
    case Op::columns: {
      const Index& index = *g_.attribute(id).index;
      return moved(id, [&](std::int64_t p) {
        return p % s.rows + std::int64_t{index[static_cast<std::size_t>(p / s.rows)]} * s.rows;
      });
    }
    case Op::transpose:
      if (g_.attribute(id).a != 1) return other();
      return moved(id, [s](std::int64_t p) { return p / s.rows + p % s.rows * s.cols; });
    case Op::row_select:
      return input(id, 0).kind == Reads::kRows || input(id, 0).kind == Reads::kNothing
                 ? rows(s.rows)
                 : other();
    case Op::gather: return gathered(id);
    case Op::concat: return joined(id);
    case Op::block_sum:
    case Op::row_sum:
    case Op::extreme: return reduced(id);
    case Op::cumulate: return running(id);
    case Op::matmul: return product(id);
    case Op::sparse_times:
    case Op::sparse_cross: return sparse_product(id);
    case Op::solve:
    case Op::tri_solve: return solved(id);
    case Op::nested: return scan_of(g_, id) != nullptr ? stepped(id) : mixed(id);
    default: return mixed(id);
  }
}

Reads RowMap::elementwise(NodeId id) const {
  const Node& node = g_.node(id);
  const Shape s = node.shape;
  Reads out;
  bool own = true, any = false;
  for (std::uint32_t i = 0; i < node.n_inputs; ++i) {
    const Reads& in = input(id, i);
    if (!in.by_row()) continue;
    own = own && in.kind == Reads::kRows && (!any || in.n == out.n);
    out.n = std::max(out.n, in.n);
    out.only = out.only && in.only;
    any = true;
  }
  if (!any) return whole();
  if (own) {
    out.kind = Reads::kRows;
    return out;
  }
  if (s.size() > kMostTerms) return other();
  Index at(static_cast<std::size_t>(s.size()));
  bool same = true;
  for (std::int64_t p = 0; p < s.size(); ++p) {
    Joined all;
    for (std::uint32_t i = 0; i < node.n_inputs; ++i) {
      const Reads& in = input(id, i);
      const Shape x = shape(id, i);
      const std::int64_t q = (x.rows == 1 ? 0 : p % s.rows) + p / s.rows % x.cols * x.rows;
      if (in.by_row() && in.n != out.n) all.add(Reads::kWholeSample);
      else all.add(in.row(q, x.rows));
    }
    same = same && all.same;
    at[static_cast<std::size_t>(p)] = all.row;
  }
  return listed(std::move(at), s, out.n, out.only && same);
}

template <class From>
Reads RowMap::moved(NodeId id, From from) const {
  const Reads& in = input(id, 0);
  if (!in.by_row()) return in;
  const Shape s = g_.shape(id), x = shape(id, 0);
  if (s.size() > kMostTerms && !(in.kind == Reads::kRows && s.rows == x.rows)) return other();
  Index at(static_cast<std::size_t>(s.size()));
  for (std::int64_t p = 0; p < s.size(); ++p)
    at[static_cast<std::size_t>(p)] = in.row(from(p), x.rows);
  return listed(std::move(at), s, in.n, in.only);
}

Reads RowMap::gathered(NodeId id) {
  const Attribute& attribute = g_.attribute(id);
  const Index& index = *attribute.index;
  const Reads& in = input(id, 0);
  const Shape s = g_.shape(id), x = shape(id, 0);
  if (in.kind == Reads::kWhole) return in;
  if (in.kind == Reads::kNothing) {
    const bool subscript = attribute.a == 1 && s.cols == 1 && s.rows > 1 &&
                           repeats(index, x.size()) && !cyclic(index, x.size());
    return subscript ? rows(s.rows) : Reads{};
  }
  if (attribute.a != 1) return other();
  const bool recycled =
      in.kind == Reads::kRows && x.cols == 1 && x.rows < s.size() && cyclic(index, x.rows);
  if (recycled) {
    recycled_from_ = x.rows;
    recycled_to_ = static_cast<std::int32_t>(s.size());
  }
  Reads out =
      moved(id, [&](std::int64_t p) { return std::int64_t{index[static_cast<std::size_t>(p)]}; });
  const auto loop = own_row_.find(g_.input_of(id, 0));
  if (loop == own_row_.end() || out.kind != Reads::kListed) return out;
  const std::int32_t steps = layout_of(g_, loop->first).steps;
  out.only = std::all_of(index.begin(), index.end(), [&](std::int32_t p) {
    return loop->second[static_cast<std::size_t>(p / steps)] != 0;
  });
  return out;
}

Reads RowMap::joined(NodeId id) const {
  const Node& node = g_.node(id);
  std::int32_t n = 0;
  bool only = true, own = joins_columns(g_, id);
  for (std::uint32_t i = 0; i < node.n_inputs; ++i) {
    const Reads& in = input(id, i);
    own = own && (in.kind == Reads::kRows || in.kind == Reads::kNothing);
    if (!in.by_row()) continue;
    n = std::max(n, in.n);
    only = only && in.only;
  }
  if (n == 0) return whole();
  Reads out = rows(n);
  out.only = only;
  if (own && n == node.shape.rows) return out;
  if (node.shape.size() > kMostTerms) return other();
  Index at;
  at.reserve(static_cast<std::size_t>(node.shape.size()));
  for (std::uint32_t i = 0; i < node.n_inputs; ++i) {
    const Reads& in = input(id, i);
    const Shape x = shape(id, i);
    for (std::int64_t p = 0; p < x.size(); ++p)
      at.push_back(in.by_row() && in.n != n ? Reads::kWholeSample : in.row(p, x.rows));
  }
  return listed(std::move(at), node.shape, n, only);
}

// Sums and extremes. Over all rows they are of the whole sample.
Reads RowMap::reduced(NodeId id) const {
  const Node& node = g_.node(id);
  const Reads& in = input(id, 0);
  const Shape s = node.shape, x = shape(id, 0);
  if (!in.by_row()) return in;
  const bool by_row = node.op == Op::row_sum;
  if (in.kind == Reads::kRows && by_row) return in;
  if (in.kind == Reads::kRows || in.n < 2) return whole();
  const std::int32_t blocks = node.op == Op::extreme ? 1 : g_.attribute(id).a;
  const bool recycled = by_row && g_.attribute(id).b != 0;
  std::vector<Joined> all(static_cast<std::size_t>(s.size()));
  std::vector<std::int64_t> counts(all.size(), 0);
  for (std::int64_t p = 0; p < x.size(); ++p) {
    const std::int64_t j = p / x.rows;
    const std::int64_t block = recycled ? j % blocks : j / (x.cols / blocks);
    const auto to = static_cast<std::size_t>(by_row ? p % x.rows + block * s.rows : block);
    const std::int32_t row = in.row(p, x.rows);
    all[to].add(row);
    counts[to] += row >= 0;
  }
  Index at;
  bool same = true;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool everything = !all[i].same && counts[i] >= in.n;
    at.push_back(everything ? Reads::kWholeSample : all[i].row);
    same = same && (all[i].same || everything);
  }
  return listed(std::move(at), s, in.n, in.only && same);
}

Reads RowMap::running(NodeId id) const {
  const Reads& in = input(id, 0);
  if (!in.by_row() || g_.attribute(id).a != 0) return in.by_row() ? other() : in;
  Reads out = in;
  out.only = false;
  if (in.kind == Reads::kRows) return out;
  const Shape s = g_.shape(id);
  Index at(static_cast<std::size_t>(s.size()));
  for (std::int64_t p = 0; p < s.size(); ++p) {
    const std::int32_t row = in.row(p, s.rows);
    at[static_cast<std::size_t>(p)] =
        p % s.rows == 0 ? row : later(row, at[static_cast<std::size_t>(p) - 1]);
  }
  return listed(std::move(at), s, in.n, false);
}

Reads RowMap::product(NodeId id) const {
  const Attribute& attribute = g_.attribute(id);
  const Reads &a = input(id, 0), &b = input(id, 1);
  const Shape s = g_.shape(id), x = shape(id, 0), y = shape(id, 1);
  const bool transpose_a = attribute.a != 0, transpose_b = attribute.b != 0;
  if (attribute.c != 1) return other();
  if (a.kind == Reads::kRows && b.kind == Reads::kNothing && !transpose_a) return a;
  if (a.kind == Reads::kWhole || b.kind == Reads::kWhole) return whole();
  const bool over_rows =
      (a.kind == Reads::kRows && transpose_a) || (b.kind == Reads::kRows && !transpose_b);
  if (over_rows) {
    // Sums over rows of products of the same row; of two different ones, they are no sums.
    const bool apart = (a.kind != Reads::kNothing && !(a.kind == Reads::kRows && transpose_a)) ||
                       (b.kind != Reads::kNothing && !(b.kind == Reads::kRows && !transpose_b));
    return apart ? other() : whole();
  }
  const std::int32_t terms = transpose_a ? x.rows : x.cols, n = std::max(a.n, b.n);
  if (s.size() * terms > kMostTerms || (a.by_row() && b.by_row() && a.n != b.n)) return other();
  Index at;
  bool same = true;
  for (std::int64_t p = 0; p < s.size(); ++p) {
    const std::int64_t i = p % s.rows, j = p / s.rows;
    Joined all;
    for (std::int64_t k = 0; k < terms; ++k) {
      all.add(a.row(transpose_a ? k + i * x.rows : i + k * x.rows, x.rows));
      all.add(b.row(transpose_b ? j + k * y.rows : k + j * y.rows, y.rows));
    }
    at.push_back(all.row);
    same = same && all.same;
  }
  return listed(std::move(at), s, n, same && a.only && b.only);
}

// Column by column of the right side, if the matrix is no data.
Reads RowMap::solved(NodeId id) const {
  const Reads& right = input(id, 1);
  if (input(id, 0).kind != Reads::kNothing || right.kind != Reads::kListed) return mixed(id);
  const Shape s = g_.shape(id);
  Index at(static_cast<std::size_t>(s.size()));
  bool same = true;
  for (std::int32_t j = 0; j < s.cols; ++j) {
    Joined all;
    for (std::int32_t i = 0; i < s.rows; ++i)
      all.add(right.row(i + static_cast<std::int64_t>(j) * s.rows, s.rows));
    same = same && all.same;
    std::fill_n(at.begin() + static_cast<std::ptrdiff_t>(j) * s.rows, s.rows, all.row);
  }
  return same ? listed(std::move(at), s, right.n, right.only) : other();
}

// Rows of S are rows of the data. A square one is more likely to weight them by each other.
Reads RowMap::sparse_product(NodeId id) const {
  const SparseRows& s = *sparse_of(g_, id);
  const Reads& in = input(id, 0);
  const bool whole_in = in.kind == Reads::kNothing || in.kind == Reads::kWhole;
  if (s.rows == s.cols) return other();
  if (g_.node(id).op == Op::sparse_times) return whole_in ? rows(s.rows) : other();
  return whole_in || (in.kind == Reads::kRows && in.n == s.rows) ? whole() : other();
}

// A loop: states read what their step and the steps before it do, outputs that no state takes part
// in what their step does.
Reads RowMap::stepped(NodeId id) {
  const ScanStep& step = *scan_of(g_, id);
  const ScanLayout layout = layout_of(g_, id);
  const auto n_shared = static_cast<std::uint32_t>(step.shared.size());
  // Its first steps are recorded apart: only with leaves are the rows of these known.
  if (!has_leaves_ || step.reversed || layout.added > 0 || g_.shape(id).size() > kMostTerms)
    return other();
  std::vector<Joined> own(static_cast<std::size_t>(layout.steps));
  Joined before;
  std::int32_t n = 0;
  bool only = true;
  for (std::uint32_t i = 0; i < g_.node(id).n_inputs; ++i) {
    const Reads& in = input(id, i);
    const bool is_row = i > n_shared;
    if (in.kind == Reads::kNothing || (is_row && step.counts[i - 1 - n_shared])) continue;
    if (!is_row && in.kind == Reads::kWhole) continue;
    if ((!is_row && i > 0) || !in.by_row() || (n > 0 && in.n != n)) return other();
    n = in.n;
    only = only && in.only;
    const Shape x = shape(id, i);
    for (std::int64_t p = 0; p < x.size(); ++p)
      (is_row ? own[static_cast<std::size_t>(p % x.rows)] : before).add(in.row(p, x.rows));
  }
  if (n == 0) return whole();
  Index latest, at;
  for (const Joined& now : own) {
    only = only && now.same;
    latest.push_back(later(now.row, latest.empty() ? before.row : latest.back()));
  }
  std::vector<char>& alone = own_row_[id];
  const auto add = [&](bool by_state) {
    alone.push_back(only && !by_state);
    for (std::size_t t = 0; t < own.size(); ++t) at.push_back(by_state ? latest[t] : own[t].row);
  };
  for (std::int32_t c = 0; c < layout.state; ++c) add(true);
  for (bool by_state : outputs_by_state(step)) add(by_state);
  return listed(std::move(at), g_.shape(id), n, false);
}

Reads RowMap::mixed(NodeId id) const {
  const Node& node = g_.node(id);
  Joined all;
  std::int32_t n = 0;
  bool only = true;
  for (std::uint32_t i = 0; i < node.n_inputs; ++i) {
    const Reads& in = input(id, i);
    if (in.kind == Reads::kRows || (in.by_row() && n > 0 && in.n != n)) return other();
    if (in.kind == Reads::kWhole) all.add(Reads::kWholeSample);
    if (in.kind != Reads::kListed) continue;
    n = in.n;
    only = only && in.only;
    const Shape x = shape(id, i);
    for (std::int64_t p = 0; p < x.size(); ++p) all.add(in.row(p, x.rows));
  }
  if (n == 0) return other();
  Index at(static_cast<std::size_t>(node.shape.size()), all.row);
  return listed(std::move(at), node.shape, n, only && all.same);
}

}  // namespace admle
