// Pairs of nodes that have to be the same, from the outputs down.
#include "model/same-graph.h"

#include <algorithm>
#include <cstring>
#include <set>

#include "exec/evaluator.h"

namespace admle {
namespace {

using Pair = std::pair<NodeId, NodeId>;

std::vector<NodeId> outputs_of(const GraphFunction& f) {
  std::vector<NodeId> out{f.output};
  for (const Guard& guard : f.graph.guards())
    if (!f.graph.is_fixed(guard.node)) out.push_back(guard.node);
  return out;
}

bool same_numbers(const double* x, const double* y, std::int64_t n) {
  return std::memcmp(x, y, static_cast<std::size_t>(n) * sizeof(double)) == 0;
}

bool is_commutative(Op op) { return op == Op::add || op == Op::mul || op == Op::mulz; }

class Comparison {
 public:
  Comparison(const GraphFunction& a, const GraphFunction& b)
      : a_(a), b_(b), values_a_(a.graph), values_b_(b.graph) {}

  bool holds() {
    const std::vector<NodeId> x = outputs_of(a_), y = outputs_of(b_);
    if (x.size() != y.size() || !same_outcomes()) return false;
    for (std::size_t i = 0; i < x.size(); ++i) want(x[i], y[i]);
    while (!todo_.empty()) {
      const Pair now = todo_.back();
      todo_.pop_back();
      if (!same_node(now.first, now.second)) return false;
      if (!a_.graph.is_fixed(now.first)) want_inputs(now.first, now.second);
    }
    return in_order();
  }

 private:
  bool same_outcomes() const {
    std::vector<const Guard*> x, y;
    for (const Guard& guard : a_.graph.guards())
      if (!a_.graph.is_fixed(guard.node)) x.push_back(&guard);
    for (const Guard& guard : b_.graph.guards())
      if (!b_.graph.is_fixed(guard.node)) y.push_back(&guard);
    return std::equal(x.begin(), x.end(), y.begin(), y.end(), [](const Guard* p, const Guard* q) {
      return p->expected.size() == q->expected.size() && p->holds(q->expected.data());
    });
  }

  void want(NodeId x, NodeId y) {
    if (pairs_.insert({x, y}).second) todo_.push_back({x, y});
  }

  // Arguments of a sum or product are in the order in which they were made.
  void want_inputs(NodeId x, NodeId y) {
    const NodeId *in = a_.graph.inputs(x), *other = b_.graph.inputs(y);
    const bool turned = is_commutative(a_.graph.node(x).op) &&
                        !(same_node(in[0], other[0]) && same_node(in[1], other[1])) &&
                        same_node(in[0], other[1]) && same_node(in[1], other[0]);
    for (std::uint32_t i = 0; i < a_.graph.node(x).n_inputs; ++i)
      want(in[i], other[turned ? 1 - i : i]);
  }

  // All but their inputs.
  bool same_node(NodeId x, NodeId y) {
    const Graph &a = a_.graph, &b = b_.graph;
    if (a.shape(x) != b.shape(y) || a.is_fixed(x) != b.is_fixed(y) ||
        a.is_finite(x) != b.is_finite(y))
      return false;
    if (a.is_fixed(x))
      return same_numbers(values_a_.value(x), values_b_.value(y), a.shape(x).size());
    const Node &p = a.node(x), &q = b.node(y);
    if (p.op != q.op || p.n_inputs != q.n_inputs) return false;
    if (p.op == Op::input) return x == a_.input && y == b_.input;
    if (is_elementwise(p.op) || p.op == Op::alias) return true;
    return p.op == Op::element ? p.attribute == q.attribute
                               : same_attribute(a.attribute(x), b.attribute(y));
  }

  static bool same_attribute(const Attribute& p, const Attribute& q) {
    return p.a == q.a && p.b == q.b && p.c == q.c && p.d == q.d && p.extension == q.extension &&
           static_cast<bool>(p.index) == static_cast<bool>(q.index) &&
           (!p.index || *p.index == *q.index);
  }

  // Derivatives are added up in the order of the nodes.
  bool in_order() const {
    NodeId last_x = -1, last_y = -1;
    for (const Pair& pair : pairs_) {
      if (a_.graph.is_fixed(pair.first)) continue;
      if (pair.first == last_x || pair.second <= last_y) return false;
      last_x = pair.first;
      last_y = pair.second;
    }
    return true;
  }

  const GraphFunction &a_, &b_;        // what is compared
  NodeEvaluator values_a_, values_b_;  // of what is fixed
  std::set<Pair> pairs_;               // that have to be the same, in order
  std::vector<Pair> todo_;             // those not yet looked at
};

bool is_exact(Op op) {
  switch (op) {
    case Op::input:
    case Op::alias:
    case Op::element:
    case Op::gather:
    case Op::reshape:
    case Op::concat:
    case Op::broadcast:
    case Op::columns:
    case Op::transpose:
    case Op::add:
    case Op::sub:
    case Op::mul:
    case Op::div:
    case Op::neg:
    case Op::square:
    case Op::sqrt:
    case Op::abs:
    case Op::sign:
    case Op::floor:
    case Op::ceiling:
    case Op::trunc:
    case Op::pmin2:
    case Op::pmax2:
    case Op::extreme:
    case Op::lt:
    case Op::le:
    case Op::gt:
    case Op::ge:
    case Op::eq:
    case Op::ne:
    case Op::logical_and:
    case Op::logical_or:
    case Op::logical_not:
    case Op::select: return true;
    default: return false;
  }
}

}  // namespace

bool equal_functions(const GraphFunction& a, const GraphFunction& b) {
  return Comparison(a, b).holds();
}

bool is_exact_in_data(const GraphFunction& f) {
  const Graph& g = f.graph;
  const std::vector<char> needed = needed_by(g, outputs_of(f));
  std::vector<char> free(static_cast<std::size_t>(g.size()), 0);  // depends on the input
  for (NodeId id = 0; id < g.size(); ++id) {
    const auto at = static_cast<std::size_t>(id);
    free[at] = id == f.input;
    for (std::uint32_t i = 0; i < g.node(id).n_inputs; ++i)
      free[at] = free[at] || free[static_cast<std::size_t>(g.input_of(id, i))];
    if (needed[at] && !free[at] && !g.is_fixed(id) && !is_exact(g.node(id).op)) return false;
  }
  return true;
}

}  // namespace admle
