// Reverse mode: one sweep from the output to the independent variables.
//
// Contributions to single positions of a vector (`x[i]` in a loop) are collected and placed by one
// scatter, so a recursion over n steps costs O(n). In products of adjoints and partial derivatives
// 0 * Inf is 0 (`mulz`): a branch not taken, or an argument in which the function is constant,
// contributes nothing.
#include <algorithm>

#include "derive/derive.h"
#include "ops/partials.h"
#include "ops/structural-info.h"
#include "ops/structural.h"

namespace admle {
namespace {

struct Adjoint {
  Expr total = 0;  // d output / d node, as far as it is known in full
  std::vector<std::pair<std::shared_ptr<const Index>, Expr>> placed;  // to be added at positions
};

// Sums a contribution of shape `c` (or smaller, standing for all of `c`) to the argument's shape.
Expr reduce_to(Expr contribution, Shape from, Shape to) {
  if (from == to) return contribution;
  const Shape have = contribution.shape();
  if (to.cols != from.cols) {
    if (to.cols % have.cols != 0) {
      // Fewer columns than the node's stand for all of them, recycled.
      std::int32_t times = from.cols / have.cols;
      if (have.cols % to.cols != 0) {
        contribution = expand(contribution, {have.rows, from.cols});
        times = 1;
      }
      contribution = row_sums(contribution, to.cols, true) * times;
    } else {
      contribution = contribution * (from.cols / to.cols);
    }
  }
  if (to.rows == 1 && from.rows != 1) {
    if (contribution.shape().rows == 1) contribution = contribution * from.rows;
    else contribution = block_sum(contribution, contribution.shape().cols);
  }
  return contribution;
}

class Sweep final : private AdjointSink {
 public:
  Sweep(Graph& graph, NodeId output, const std::vector<NodeId>& wrt)
      : graph_(graph), first_(*std::min_element(wrt.begin(), wrt.end())), last_(output) {
    const auto span = static_cast<std::size_t>(std::max(last_ - first_ + 1, 0));
    active_.assign(span, 0);
    stop_.assign(span, 0);
    adjoints_.resize(span);
    for (NodeId id : wrt)
      if (id <= last_) active_[at(id)] = stop_[at(id)] = 1;
    for (NodeId id = first_; id <= last_; ++id) {
      if (active_[at(id)]) continue;
      for (std::uint32_t i = 0; i < graph_.node(id).n_inputs && !active_[at(id)]; ++i) {
        const NodeId in = graph_.input_of(id, i);
        active_[at(id)] = in >= first_ && active_[at(in)];
      }
    }
  }

  std::vector<Expr> run(Expr seed, const std::vector<NodeId>& wrt) {
    if (last_ >= first_ && active_[at(last_)]) adjoints_[at(last_)].total = seed;
    for (NodeId id = last_; id >= first_; --id) {
      if (!active_[at(id)] || stop_[at(id)]) continue;
      const Expr adjoint = collect(id);
      if (adjoint.is_zero()) continue;
      graph_.set_origin(graph_.node(id).origin);
      if (is_elementwise(graph_.node(id).op)) elementwise_rule(id, adjoint);
      else structural_rule(id, adjoint);
    }
    std::vector<Expr> out;
    for (NodeId id : wrt) out.push_back(id <= last_ ? collect(id) : Expr(0));
    return out;
  }

 private:
  std::size_t at(NodeId id) const { return static_cast<std::size_t>(id - first_); }
  bool is_active(NodeId id) const { return id >= first_ && active_[at(id)]; }

  // The whole adjoint of a node; its contributions are final when the sweep reaches it.
  Expr collect(NodeId id) {
    Adjoint& a = adjoints_[at(id)];
    if (a.placed.empty()) return a.total;
    const Shape shape = graph_.shape(id);
    std::vector<Expr> parts;
    auto index = std::make_shared<Index>();
    for (const auto& [positions, part] : a.placed) {
      parts.push_back(part);
      index->insert(index->end(), positions->begin(), positions->end());
    }
    const auto size = static_cast<std::int32_t>(index->size());
    const Expr placed = scatter_add(concat(parts, {size, 1}, &graph_), index, shape);
    a.total = a.total.is_zero() ? placed : a.total + placed;
    a.placed.clear();
    return a.total;
  }

  void elementwise_rule(NodeId id, Expr adjoint) {
    const Node node = graph_.node(id);
    Expr arguments[4];
    for (std::uint32_t i = 0; i < node.n_inputs; ++i)
      arguments[i] = Expr(&graph_, graph_.input_of(id, i));
    for (std::uint32_t i = 0; i < node.n_inputs; ++i) {
      const NodeId in = arguments[i].id();
      if (!is_active(in)) continue;
      const Expr partial = partial_derivative(node.op, i, arguments, Expr(&graph_, id));
      if (partial.is_zero()) continue;
      Adjoint& to = adjoints_[at(in)];
      const Expr reduced = reduce_to(mulz(adjoint, partial), node.shape, graph_.shape(in));
      to.total = to.total.is_zero() ? reduced : to.total + reduced;
    }
  }

  void structural_rule(NodeId id, Expr adjoint) {
    current_ = id;
    const Node node = graph_.node(id);
    const Expr whole = node.op == Op::block_sum ? adjoint : expand(adjoint, node.shape);
    structural_info(node.op).vjp(graph_, id, whole, *this);
  }

  bool wants(std::uint32_t i) const override { return is_active(graph_.input_of(current_, i)); }
  void add(std::uint32_t i, Expr adjoint) override {
    const NodeId in = graph_.input_of(current_, i);
    if (!is_active(in) || adjoint.is_zero()) return;
    Adjoint& to = adjoints_[at(in)];
    to.total = to.total.is_zero() ? adjoint : to.total + adjoint;
  }
  void add_at(std::uint32_t i, std::shared_ptr<const Index> positions, Expr adjoint) override {
    const NodeId in = graph_.input_of(current_, i);
    if (is_active(in)) adjoints_[at(in)].placed.emplace_back(std::move(positions), adjoint);
  }

  Graph& graph_;                        // to which the adjoints are added
  NodeId first_, last_, current_ = -1;  // earliest of `wrt`; the output; where the sweep is
  std::vector<char> active_, stop_;     // from first_ on: depends on `wrt`; is one of them
  std::vector<Adjoint> adjoints_;       // from first_ on: d output / d node
};

}  // namespace

std::vector<Expr> vjp(Graph& graph, NodeId output, Expr seed, const std::vector<NodeId>& wrt) {
  if (wrt.empty()) return {};
  const std::int32_t origin = graph.origin();
  std::vector<Expr> out = Sweep(graph, output, wrt).run(seed, wrt);
  graph.set_origin(origin);
  return out;
}

}  // namespace admle
