// "Split the last sum": the contributions of a log-likelihood that was returned as one number.
//
// A total such as -n/2 log(2 pi s^2) - sum(e^2) / (2 s^2) is linear in sums over the rows. Each sum
// gives its terms, times what multiplies it; what is not a sum is spread evenly over the rows. A
// total that was added up in a loop has its addends (observations or groups) as contributions.
#include <algorithm>
#include <unordered_set>
#include <vector>

#include "model/recording.h"
#include "ops/structural.h"

namespace admle {
namespace {

// Scalings of sums of scalings of sums ... are followed this deep.
constexpr int kMaxDepth = 8;
// Fewer addends than this are taken for a formula, not for observations.
constexpr std::size_t kMinAddends = 8;

struct Term {
  Expr value;     // of the addend
  bool negative;  // whether it is subtracted
};

// The addends of a chain of additions, in order; iterative, because a loop makes it long.
std::vector<Term> addends(Graph& g, Expr total) {
  std::vector<Term> out, todo{{total, false}};
  std::unordered_set<NodeId> opened;
  while (!todo.empty()) {
    const Term term = todo.back();
    todo.pop_back();
    const NodeId id = term.value.id();
    const Op op = g.node(id).op;
    const auto input = [&](std::uint32_t i) { return Expr(&g, g.input_of(id, i)); };
    const bool adds = op == Op::add || op == Op::sub;
    // A sum that is used twice stays one term: opening it each time could double without end.
    if ((adds || op == Op::neg) && opened.insert(id).second) {
      if (adds) todo.push_back({input(1), term.negative != (op == Op::sub)});
      todo.push_back({input(0), term.negative != (op == Op::neg)});
    } else {
      out.push_back(term);
    }
  }
  return out;
}

// A scalar as sum(rows) + rest; rows is literal 0 and n = 0 where no sum over rows is in it.
struct Split {
  Expr rows = 0;         // n x 1
  Expr rest = 0;         // scalar
  std::int32_t n = 0;    // number of rows
  std::size_t sums = 0;  // how many sums over rows were found
  std::unordered_set<NodeId> seen;  // the values by row that they are made of
  bool ok = true;                   // false: not linear in sums over one number of rows
};

Split split(Graph& g, Expr total, int depth);

// Everything with a value for each of the n rows that v is made of.
std::unordered_set<NodeId> row_values(const Graph& g, Expr v) {
  std::unordered_set<NodeId> seen{v.id()};
  std::vector<NodeId> todo{v.id()};
  while (!todo.empty()) {
    const NodeId id = todo.back();
    todo.pop_back();
    for (std::uint32_t i = 0; i < g.node(id).n_inputs; ++i) {
      const NodeId in = g.input_of(id, i);
      if (g.shape(in).rows == v.shape().rows && seen.insert(in).second) todo.push_back(in);
    }
  }
  return seen;
}

bool share(const std::unordered_set<NodeId>& a, const std::unordered_set<NodeId>& b) {
  return std::any_of(a.begin(), a.end(), [&](NodeId id) { return b.count(id) > 0; });
}

// The terms of sum(v). A sum of sums is the sum of their terms, and in sum(c(rows, number)) the
// numbers are no observations.
Split rows_of(Graph& g, Expr v) {
  Split out;
  bool deeper = true;
  while (deeper) {
    const NodeId id = v.id();
    const Node node = g.node(id);
    deeper = node.op == Op::reshape || node.op == Op::block_sum;
    if (deeper) v = Expr(&g, g.input_of(id, 0));
    if (node.op != Op::concat) continue;
    Expr rows = 0;
    std::size_t vectors = 0;
    for (std::uint32_t i = 0; i < node.n_inputs; ++i) {
      const Expr part(&g, g.input_of(id, i));
      if (part.shape().scalar()) continue;
      rows = part;
      ++vectors;
    }
    if (vectors != 1 || rows.shape().rows == v.shape().rows) continue;
    for (std::uint32_t i = 0; i < node.n_inputs; ++i) {
      const Expr part(&g, g.input_of(id, i));
      if (part.shape().scalar()) out.rest = out.rest + part;
    }
    v = rows;
    deeper = true;
  }
  out.n = v.shape().rows;
  out.sums = 1;
  out.ok = out.n > 1;
  if (!out.ok) return out;
  out.rows = row_sums(v);
  out.seen = row_values(g, v);
  return out;
}

Split rest_of(Expr x) {
  Split out;
  out.rest = x;
  return out;
}

Split scaled(Split s, Expr by, bool divide) {
  if (!s.ok) return s;
  s.rows = divide ? s.rows / by : s.rows * by;
  if (!s.rest.is_zero()) s.rest = divide ? s.rest / by : s.rest * by;
  return s;
}

bool has_rows(const Split& s) { return s.ok && s.n != 0; }

Split split_term(Graph& g, Expr term, int depth) {
  const NodeId id = term.id();
  const Op op = g.node(id).op;
  const auto input = [&](std::uint32_t i) { return Expr(&g, g.input_of(id, i)); };
  if (op == Op::block_sum) return rows_of(g, input(0));
  if (op == Op::matmul && g.attribute(id).a && input(0).shape().cols == 1 &&
      input(1).shape().cols == 1)
    return rows_of(g, input(0) * input(1));
  if (depth == kMaxDepth) return rest_of(term);
  if ((op == Op::reshape || op == Op::alias) && input(0).shape().scalar())
    return split(g, input(0), depth + 1);
  if (op == Op::mul || op == Op::div) {
    const Split left = split(g, input(0), depth + 1);
    if (has_rows(left)) return scaled(left, input(1), op == Op::div);
    if (op == Op::div) return rest_of(term);
    const Split right = split(g, input(1), depth + 1);
    if (has_rows(right)) return scaled(right, input(0), false);
  }
  return rest_of(term);
}

Split split(Graph& g, Expr total, int depth) {
  const std::vector<Term> terms = addends(g, total);
  // Far down, only short formulas are worth looking into.
  if (depth > 0 && terms.size() > kMinAddends) return rest_of(total);
  Split out;
  for (const Term& term : terms) {
    const Split one = split_term(g, term.value, depth);
    out.sums += one.sums;
    // Sums are over the same observations only where they are made of the same values.
    out.ok = out.ok && one.ok &&
             (out.n == 0 || one.n == 0 || (out.n == one.n && share(out.seen, one.seen)));
    if (!out.ok) continue;
    out.seen.insert(one.seen.begin(), one.seen.end());
    if (out.n == 0) out.n = one.n;
    if (!one.rows.is_zero()) out.rows = term.negative ? out.rows - one.rows : out.rows + one.rows;
    if (!one.rest.is_zero()) out.rest = term.negative ? out.rest - one.rest : out.rest + one.rest;
  }
  return out;
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

NodeId without_sign(const Graph& g, NodeId id) {
  return g.node(id).op == Op::neg ? g.input_of(id, 0) : id;
}

// A total that a loop added up: total_t = total_{t-1} + term_t. The first term may be a sum itself;
// it is not taken apart when it has the form of the second.
std::vector<Term> loop_terms(Graph& g, Expr total) {
  std::vector<NodeId> totals{total.id()};  // from the last to the first
  std::vector<Term> terms;                 // what was added to get each
  for (NodeId id = total.id(); g.node(id).op == Op::add || g.node(id).op == Op::sub;) {
    terms.push_back({Expr(&g, g.input_of(id, 1)), g.node(id).op == Op::sub});
    id = g.input_of(id, 0);
    totals.push_back(id);
  }
  std::size_t first = totals.size() - 1;
  constexpr std::size_t kLongestTerm = 6;
  for (std::size_t i = first; i > 0 && i + kLongestTerm > totals.size(); --i) {
    const NodeId second = without_sign(g, terms[i - 1].value.id());
    if (i < totals.size() - 1 && same_form(g, without_sign(g, totals[i]), second, 3)) first = i;
  }
  terms.resize(first);
  terms.push_back({Expr(&g, totals[first]), false});
  std::reverse(terms.begin(), terms.end());
  return terms;
}

NodeId split_loop(Graph& g, Expr total) {
  bool negative = false;
  while (g.node(total.id()).op == Op::neg) {
    total = Expr(&g, g.input_of(total.id(), 0));
    negative = !negative;
  }
  std::vector<Expr> parts;
  Expr rest = 0;
  NodeId last = -1;
  for (const Term& term : loop_terms(g, total)) {
    const Expr value = term.negative != negative ? -term.value : term.value;
    if (g.is_fixed(term.value.id())) {
      rest = rest + value;
      continue;
    }
    // Addends of different forms may be pieces of one observation's contribution: not split.
    const NodeId form = without_sign(g, term.value.id());
    if (last >= 0 && !same_form(g, last, form, 1)) return -1;
    last = form;
    parts.push_back(value);
  }
  if (parts.size() < kMinAddends) return -1;
  const auto n = static_cast<std::int32_t>(parts.size());
  Expr rows = concat(parts, {n, 1}, &g);
  if (!rest.is_zero()) rows = rows + rest / n;
  return rows.id();
}

}  // namespace

NodeId split_sum(Graph& g, NodeId total) {
  const Expr whole(&g, total);
  const Split parts = split(g, whole, 0);
  // No sum over rows, or a loop over groups with a sum for each.
  if (!has_rows(parts) || parts.sums >= kMinAddends) return split_loop(g, whole);
  return (parts.rest.is_zero() ? parts.rows : parts.rows + parts.rest / parts.n).id();
}

}  // namespace admle
