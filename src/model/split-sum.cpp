// "Split the last sum". A total such as -n/2 log(2 pi s^2) - sum(e^2) / (2 s^2) is linear in sums
// over the rows. Sums, differences and multiples are opened until every addend reads one row of
// the data (see row-map.h) or none: addends of one row are added up, what reads no data is spread
// evenly. One addend that reads anything else, and the total is no sum over rows.
#include "model/split-sum.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "model/row-map.h"
#include "ops/structural.h"

namespace admle {
namespace {

// Addends of a loop's body that are remembered by their form.
constexpr std::size_t kForms = 6;

// A number where `e` is one, else NaN.
double number(const Graph& g, Expr e) {
  if (e.is_literal()) return e.literal();
  return g.is_scalar(e.id()) ? g.scalar_value(e.id()) : std::nan("");
}

// The same operations down to some depth: two passes through one loop body.
bool same_form(const Graph& g, NodeId a, NodeId b, int depth) {
  const Node &x = g.node(a), &y = g.node(b);
  if (x.op != y.op || x.n_inputs != y.n_inputs) return false;
  if (depth == 0 || x.n_inputs > 4) return true;
  for (std::uint32_t i = 0; i < x.n_inputs; ++i)
    if (!same_form(g, g.input_of(a, i), g.input_of(b, i), depth - 1)) return false;
  return true;
}

// Without sign and numbers that it is multiplied by.
NodeId bare(const Graph& g, NodeId id) {
  while (true) {
    const Op op = g.node(id).op;
    if (op == Op::neg || (op == Op::div && g.is_scalar(g.input_of(id, 1)))) id = g.input_of(id, 0);
    else if (op == Op::mul && g.is_scalar(g.input_of(id, 0))) id = g.input_of(id, 1);
    else if (op == Op::mul && g.is_scalar(g.input_of(id, 1))) id = g.input_of(id, 0);
    else return id;
  }
}

class Splitter {
 public:
  Splitter(Graph& graph, NodeId total, const std::vector<NodeId>& leaves)
      : g_(graph), map_(graph, {total}, leaves),
        budget_(4 * static_cast<std::int64_t>(graph.size()) + 64) {
    facts_.recycled_from = map_.recycled_from();
    facts_.recycled_to = map_.recycled_to();
    todo_.push_back({Expr(&g_, total), 1, 1, false});
  }

  SplitSum run() {
    SplitSum out;
    bool told = true;
    while (told && !todo_.empty()) {
      const Term term = todo_.back();
      todo_.pop_back();
      // A sum that is used again and again could be opened without end.
      told = --budget_ > 0 && open(term);
    }
    for (const Term& term : later_) add_nothing(term);
    if (told && connected()) join(out);
    out.facts = facts_;
    if (out.contributions < 0) out.facts.divided_by = 0;
    return out;
  }

 private:
  struct Term {
    Expr value;
    Expr times;
    double factor;  // the numbers in `times`
    bool closed;    // one addend: a sum, but not of addends
  };

  Expr input(NodeId id, std::uint32_t i) { return Expr(&g_, g_.input_of(id, i)); }

  bool open(const Term& term) {
    const NodeId id = term.value.id();
    const Op op = g_.node(id).op;
    const bool nothing = map_[id].kind == Reads::kNothing;
    switch (op) {
      case Op::add:
      case Op::sub:
        if (nothing || !is_addend(id, term)) return open_sum(id, term);
        break;
      case Op::neg: return push(input(id, 0), scaled(term, -1));
      case Op::block_sum: return open_vector(input(id, 0), term);
      case Op::reshape:
      case Op::alias: return push(input(id, 0), term);
      case Op::matmul: return open_product(id, term);
      case Op::mul:
        for (std::uint32_t i = 0; i < 2; ++i)
          if (nothing ? g_.is_scalar(g_.input_of(id, 1 - i))
                      : is_factor(input(id, 1 - i)) && !is_factor(input(id, i)))
            return push(input(id, i), scaled(term, input(id, 1 - i)));
        break;
      case Op::div:
        if (nothing ? g_.is_scalar(g_.input_of(id, 1))
                    : is_factor(input(id, 1)) && !is_factor(input(id, 0)))
          return push(input(id, 0), divided(term, input(id, 1)));
        break;
      default: break;
    }
    return nothing ? add_rest(term.value * term.times) : add_row(id, term);
  }

  // Whether a sum or difference is one addend: inside of one, or of the form of those before. The
  // first total of a loop is its first addend, or has one of that form in it.
  bool is_addend(NodeId id, const Term& term) const {
    if (term.closed) return true;
    const Reads& reads = map_[id];
    if (reads.kind != Reads::kListed || reads.row(0, 1) < 0) return false;
    if (looks_like_an_addend(id)) return true;
    return reads.only && !holds_an_addend(id, kForms);
  }
  bool holds_an_addend(NodeId id, std::size_t depth) const {
    const Op op = g_.node(id).op;
    if (depth == 0 || (op != Op::add && op != Op::sub)) return false;
    for (std::uint32_t i = 0; i < 2; ++i) {
      const NodeId in = g_.input_of(id, i);
      if (looks_like_an_addend(in) || holds_an_addend(in, depth - 1)) return true;
    }
    return false;
  }
  bool looks_like_an_addend(NodeId id) const {
    constexpr int kDepth = 1;  // further down, a loop's start values make a difference
    return std::any_of(last_.begin(), last_.end(),
                       [&](NodeId addend) { return same_form(g_, addend, bare(g_, id), kDepth); });
  }

  // Of a total and what a loop adds to it, the total is what reads the earlier row.
  bool open_sum(NodeId id, const Term& term) {
    Term parts[2];
    std::int32_t row[2];
    for (std::uint32_t i = 0; i < 2; ++i) {
      const bool minus = i == 1 && g_.node(id).op == Op::sub;
      parts[i] = minus ? scaled(term, -1) : term;
      parts[i].value = input(id, i);
      row[i] = map_[parts[i].value.id()].kind == Reads::kListed
                   ? map_[parts[i].value.id()].row(0, 1)
                   : Reads::kNoRow;
    }
    if (row[0] >= 0 && row[1] >= 0) {
      const int added = row[1] >= row[0] ? 1 : 0;
      parts[added].closed = true;
      if (added == 0) std::swap(parts[0], parts[1]);
    }
    // The last addend first: it shows what the first one looks like.
    todo_.push_back(parts[0]);
    todo_.push_back(parts[1]);
    return true;
  }

  bool is_factor(Expr e) const {
    const Reads::Kind kind = map_[e.id()].kind;
    return kind == Reads::kNothing || (kind == Reads::kWhole && g_.is_fixed(e.id()));
  }
  bool push(Expr value, const Term& like) {
    todo_.push_back({value, like.times, like.factor, like.closed});
    return true;
  }
  Term scaled(const Term& term, Expr by) const {
    const double x = number(g_, by);
    return {term.value, term.times * by, std::isnan(x) ? term.factor : term.factor * x,
            term.closed};
  }
  Term divided(const Term& term, Expr by) const {
    const double x = number(g_, by);
    return {term.value, term.times / by, std::isnan(x) ? term.factor : term.factor / x,
            term.closed};
  }

  // The cross-product of two vectors.
  bool open_product(NodeId id, const Term& term) {
    const Expr a = input(id, 0), b = input(id, 1);
    const Reads &x = map_[a.id()], &y = map_[b.id()];
    const bool vectors = g_.attribute(id).a != 0 && a.shape().cols == 1 && b.shape().cols == 1 &&
                         g_.attribute(id).b == 0;
    if (!vectors) return add_row(id, term);
    if ((x.kind != Reads::kRows && x.kind != Reads::kNothing) ||
        (y.kind != Reads::kRows && y.kind != Reads::kNothing))
      return false;
    if (x.kind == Reads::kNothing && y.kind == Reads::kNothing) {
      later_.push_back({a * b, term.times, term.factor, true});
      return true;
    }
    Reads both = x.kind == Reads::kRows ? x : y;
    both.only = x.only && y.only;
    return add_rows(a * b, (x.kind == Reads::kRows ? a : b).id(), both, term);
  }

  bool open_vector(Expr v, const Term& term) {
    const Node node = g_.node(v.id());
    const Reads& reads = map_[v.id()];
    if (reads.kind == Reads::kNothing) {
      later_.push_back({v, term.times, term.factor, true});
      return true;
    }
    if (node.op == Op::reshape || node.op == Op::block_sum)
      return open_vector(input(v.id(), 0), term);
    if (reads.kind == Reads::kRows) return add_rows(v, v.id(), reads, term);
    if (in_place(reads, v.shape())) {
      Reads own = reads;
      own.only = false;
      return add_rows(v, v.id(), own, term);
    }
    if (node.op == Op::concat) {
      bool told = true;
      for (std::uint32_t i = 0; i < node.n_inputs && told; ++i) {
        Term part = term;
        part.value = input(v.id(), i);
        part.closed = true;
        if (part.value.shape().scalar()) todo_.push_back(part);
        else told = open_vector(part.value, term);
      }
      return told;
    }
    return reads.kind == Reads::kListed && add_listed(v, reads, term);
  }

  // Whether element i, of as many as there are rows, reads row i or earlier ones, as the variances
  // of a recursion do.
  static bool in_place(const Reads& reads, Shape s) {
    if (reads.kind != Reads::kListed || s.cols != 1 || s.rows != reads.n) return false;
    bool plain = reads.only;
    for (std::int32_t p = 0; p < s.rows; ++p) {
      const std::int32_t row = reads.row(p, s.rows);
      plain = plain && row >= 0;
      if (row > p) return false;
    }
    return !plain;
  }

  // A vector that reads no data, or data as plain numbers only. One of as many elements as there
  // are rows, and with values in common with the others, goes with them; others are spread evenly.
  void add_nothing(const Term& term) {
    const Expr v = term.value;
    const bool by_row = n_ > 0 && v.shape() == Shape{n_, 1} && meets(v.id());
    if (!by_row) {
      add_rest(sum(v) * term.times);
      return;
    }
    rows_ = rows_ + v * term.times;
    std::fill(used_.begin(), used_.end(), 1);
  }

  // Row i of v is of row i of the data.
  bool add_rows(Expr v, NodeId from, const Reads& reads, const Term& term) {
    if (!takes(from, reads, term.factor)) return false;
    rows_ = rows_ + row_sums(v) * term.times;
    std::fill(used_.begin(), used_.end(), 1);
    return true;
  }

  bool add_listed(Expr v, const Reads& reads, const Term& term) {
    const Shape s = v.shape();
    if (!takes(v.id(), reads, term.factor)) return false;
    Index from, to, none;
    for (std::int32_t p = 0; p < s.size(); ++p) {
      const std::int32_t row = reads.row(p, s.rows);
      if (row == Reads::kWholeSample) return false;
      (row < 0 ? none : from).push_back(p);
      if (row < 0) continue;
      to.push_back(row);
      used_[static_cast<std::size_t>(row)] = 1;
    }
    const auto size = [](const Index& index) { return static_cast<std::int32_t>(index.size()); };
    if (!none.empty()) add_rest(sum(gather(v, none, {size(none), 1})) * term.times);
    if (from.empty()) return true;
    const Expr values = gather(v, from, {size(from), 1});
    rows_ = rows_ + scatter_add(values, std::make_shared<const Index>(to), {n_, 1}) * term.times;
    return true;
  }

  bool add_row(NodeId id, const Term& term) {
    const Reads& reads = map_[id];
    const Expr value = term.value * term.times;
    if (reads.kind != Reads::kListed) return false;
    const std::int32_t row = reads.row(0, 1);
    if (row == Reads::kNoRow) return add_rest(value);
    if (row < 0 || !takes(id, reads, term.factor)) return false;
    const auto [place, first] = single_.try_emplace(row, value);
    if (!first) place->second = place->second + value;
    last_.push_back(bare(g_, id));
    if (last_.size() > kForms) last_.erase(last_.begin());
    single_only_ = single_only_ && reads.only;
    once_ = once_ && first;
    used_[static_cast<std::size_t>(row)] = 1;
    return true;
  }

  bool add_rest(Expr e) {
    rest_ = rest_.is_zero() ? e : rest_ + e;
    return true;
  }

  // Rows of the same number are the same rows where addends share a value that is made of data by
  // row: joins this addend with those that were here before.
  void connect(NodeId from) {
    const auto own = static_cast<std::int32_t>(component_.size());
    component_.push_back(own);
    std::vector<NodeId> todo{from};
    while (!todo.empty()) {
      const NodeId id = todo.back();
      todo.pop_back();
      const auto [at, first] = seen_.try_emplace(id, own);
      if (!first) {
        component_[static_cast<std::size_t>(component_of(at->second))] = own;
        continue;
      }
      for (std::uint32_t i = 0; i < g_.node(id).n_inputs; ++i) {
        const NodeId in = g_.input_of(id, i);
        if (goes_with_rows(in)) todo.push_back(in);
      }
    }
  }
  bool goes_with_rows(NodeId id) const {
    return (map_[id].by_row() && map_[id].n == n_) || g_.shape(id).rows == n_;
  }
  // Whether some value is in an addend that was here before.
  bool meets(NodeId from) const {
    std::vector<NodeId> todo{from};
    std::unordered_set<NodeId> here{from};
    while (!todo.empty()) {
      const NodeId id = todo.back();
      todo.pop_back();
      if (seen_.count(id) > 0) return true;
      for (std::uint32_t i = 0; i < g_.node(id).n_inputs; ++i) {
        const NodeId in = g_.input_of(id, i);
        if (goes_with_rows(in) && here.insert(in).second) todo.push_back(in);
      }
    }
    return false;
  }
  std::int32_t component_of(std::int32_t addend) {
    const auto parent = [&](std::int32_t i) -> std::int32_t& {
      return component_[static_cast<std::size_t>(i)];
    };
    // Paths are halved on the way, or a long loop would take quadratic time.
    for (; parent(addend) != addend; addend = parent(addend))
      parent(addend) = parent(parent(addend));
    return addend;
  }
  bool connected() {
    for (std::size_t i = 0; i < component_.size(); ++i)
      if (component_of(static_cast<std::int32_t>(i)) != component_of(0)) return false;
    return true;
  }

  // Whether it is the same data; notes a factor.
  bool takes(NodeId from, const Reads& reads, double factor) {
    if (n_ != 0 && n_ != reads.n) return false;
    if (n_ == 0) {
      n_ = reads.n;
      used_.assign(static_cast<std::size_t>(n_), 0);
      factor_ = std::fabs(factor);
    }
    if (std::fabs(factor) != factor_) factor_ = std::nan("");
    only_ = only_ && reads.only;
    connect(from);
    return true;
  }

  void join(SplitSum& out) {
    const auto m = static_cast<std::int32_t>(std::count(used_.begin(), used_.end(), 1));
    if (m < 2) return;
    // Of two addends of one row, one of which reads earlier rows too, either may be of another row.
    if (!single_only_ && !once_) return;
    // With earlier rows among those read, the first rows may be start values.
    const bool last_ones =
        m == n_ || std::all_of(used_.end() - m, used_.end(), [](char used) { return used != 0; });
    if (!only_ && (!last_ones || 2 * m <= n_)) return;
    Expr all = rows_;
    if (!all.is_zero() && m < n_) all = gather(expand(all, {n_, 1}), used_rows(), {m, 1});
    if (!single_.empty()) {
      std::vector<Expr> parts;
      for (std::int32_t row = 0; row < n_; ++row) {
        if (used_[static_cast<std::size_t>(row)] == 0) continue;
        const auto at = single_.find(row);
        parts.push_back(at == single_.end() ? Expr(0) : at->second);
      }
      all = all + concat(parts, {m, 1}, &g_);
    }
    if (m > 2 && std::fabs(factor_ * m - 1) < 1e-12) facts_.divided_by = m;
    if (!rest_.is_zero()) all = all + rest_ / m;
    out.contributions = expand(all, {m, 1}).id();
  }

  Index used_rows() const {
    Index out;
    for (std::int32_t row = 0; row < n_; ++row)
      if (used_[static_cast<std::size_t>(row)] != 0) out.push_back(row);
    return out;
  }

  Graph& g_;
  const RowMap map_;
  std::int64_t budget_;
  std::vector<Term> todo_;
  std::int32_t n_ = 0;                     // rows of the data
  std::vector<char> used_;                 // which of them some addend reads, by row
  bool only_ = true;                       // no addend reads two rows
  double factor_ = 1;                      // that every addend is multiplied by; NaN: different
  Expr rows_ = 0;                          // n x 1
  std::map<std::int32_t, Expr> single_;    // addends that are single numbers, by row
  bool single_only_ = true, once_ = true;  // none of them reads two rows; there is one for a row
  std::vector<NodeId> last_;               // the latest addends of one row
  std::vector<Term> later_;                // vectors that read no data
  Expr rest_ = 0;                          // what reads no data
  std::unordered_map<NodeId, std::int32_t> seen_;  // values by row, and the addend they are in
  std::vector<std::int32_t> component_;  // of addends that share some: a tree up to its root
  RowFacts facts_;
};

}  // namespace

SplitSum split_sum(Graph& graph, NodeId total, const std::vector<NodeId>& leaves) {
  return Splitter(graph, total, leaves).run();
}

RowFacts row_facts(const Graph& g, NodeId contributions) {
  const RowMap map(g, {contributions}, {});
  RowFacts out;
  out.recycled_from = map.recycled_from();
  out.recycled_to = map.recycled_to();
  const auto n = static_cast<double>(g.shape(contributions).size());
  NodeId id = contributions;
  while (g.node(id).op == Op::neg || g.node(id).op == Op::reshape) id = g.input_of(id, 0);
  const Op op = g.node(id).op;
  for (std::uint32_t i = 0; i < 2 && (op == Op::mul || op == Op::div); ++i) {
    if (op == Op::div && i == 0) continue;
    const NodeId factor = g.input_of(id, i);
    if (!g.is_scalar(factor) || n <= 2) continue;
    const double by = std::fabs(g.scalar_value(factor));
    if (std::fabs(op == Op::div ? by / n - 1 : by * n - 1) < 1e-12)
      out.divided_by = static_cast<std::int32_t>(n);
  }
  return out;
}

}  // namespace admle
