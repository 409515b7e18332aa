// See plan.h. One pass forward to place nodes as early as possible, one backward to move row nodes
// that only later loops need into those loops, so that they are not stored in between.
#include "exec/plan.h"

#include <algorithm>

#include "ops/structural-info.h"

namespace admle {
namespace {

// Values that do not change with the inputs are kept up to this size; larger ones are recomputed
// chunk by chunk, so that memory beyond the data stays O(chunk).
constexpr std::int64_t kFoldLimit = 1 << 17;

// Is the node to be computed chunk by chunk over its own rows?
bool is_row_node(const Graph& g, NodeId id) {
  return g.shape(id).rows >= kMinRows && maps_rows(g, id);
}

// Does the node add up over the (many) rows of its inputs?
bool reduces_rows(const Graph& g, NodeId id) {
  if (!is_reduction(g, id)) return false;
  return g.shape(g.input_of(id, 0)).rows >= kMinRows;
}

class Planner {
 public:
  Planner(const Graph& graph, const std::vector<NodeId>& outputs) : g_(graph), outputs_(outputs) {
    plan_.nodes.resize(static_cast<std::size_t>(g_.size()));
  }

  Plan run() {
    find_needed();
    for (NodeId id : plan_.order) place(id);
    sink_rows();
    materialise();
    return std::move(plan_);
  }

 private:
  NodePlan& of(NodeId id) { return plan_.nodes[static_cast<std::size_t>(id)]; }

  void find_needed() {
    const std::vector<char> needed = needed_by(g_, outputs_);
    for (NodeId id = 0; id < g_.size(); ++id)
      if (needed[static_cast<std::size_t>(id)]) plan_.order.push_back(id);
  }

  // Whether input i is read chunk by chunk, in a row loop that the node is part of.
  bool reads_in_loop(NodeId id, std::uint32_t i) {
    const Place place = of(id).place;
    if (place != Place::kRow && place != Place::kReduction) return false;
    const NodeId looped = place == Place::kRow ? id : g_.input_of(id, 0);
    return reads_by_row(g_, id, i, g_.shape(looped).rows);
  }

  // The first time at which input i is available to the node.
  std::int32_t ready(NodeId id, std::uint32_t i) {
    const NodePlan& in = of(g_.input_of(id, i));
    if (in.place == Place::kReduction) return in.time + 1;
    if (in.place != Place::kRow || reads_in_loop(id, i)) return in.time;
    return in.time + 1;
  }

  bool is_folded(NodeId id) {
    if (!g_.is_fixed(id)) return false;
    for (std::uint32_t i = 0; i < g_.node(id).n_inputs; ++i) {
      const Place in = of(g_.input_of(id, i)).place;
      if (in != Place::kLeaf && in != Place::kFolded) return false;
    }
    return g_.shape(id).size() <= kFoldLimit || !is_row_node(g_, id);
  }

  // As early as possible.
  void place(NodeId id) {
    NodePlan& p = of(id);
    const Op op = g_.node(id).op;
    if (op == Op::input || op == Op::constant || op == Op::scalar) {
      p.place = Place::kLeaf;
      return;
    }
    if (is_folded(id)) {
      p.place = Place::kFolded;
      return;
    }
    p.place = is_row_node(g_, id)    ? Place::kRow
              : reduces_rows(g_, id) ? Place::kReduction
                                     : Place::kPhase;
    for (std::uint32_t i = 0; i < g_.node(id).n_inputs; ++i)
      p.time = std::max(p.time, ready(id, i));
  }

  // Moves row nodes into the first loop that needs them.
  void sink_rows() {
    std::vector<std::int32_t> first_use(plan_.nodes.size(), -1);
    std::vector<char> pinned(plan_.nodes.size(), 0);
    for (NodeId id : outputs_) pinned[static_cast<std::size_t>(id)] = 1;
    for (auto it = plan_.order.rbegin(); it != plan_.order.rend(); ++it) {
      const auto at = static_cast<std::size_t>(*it);
      NodePlan& p = of(*it);
      if (p.place == Place::kRow && !pinned[at]) p.time = std::max(p.time, first_use[at]);
      for (std::uint32_t i = 0; i < g_.node(*it).n_inputs; ++i) {
        const auto in = static_cast<std::size_t>(g_.input_of(*it, i));
        if (plan_.nodes[in].place != Place::kRow) continue;
        if (!reads_in_loop(*it, i)) pinned[in] = 1;
        first_use[in] = first_use[in] < 0 ? p.time : std::min(first_use[in], p.time);
      }
    }
  }

  // Row nodes that are outputs, or that are needed whole or in a later loop.
  void materialise() {
    for (NodeId id : outputs_)
      if (of(id).place == Place::kRow) of(id).materialised = true;
    for (NodeId id : plan_.order) {
      plan_.times = std::max(plan_.times, of(id).time + 2);
      for (std::uint32_t i = 0; i < g_.node(id).n_inputs; ++i) {
        NodePlan& in = of(g_.input_of(id, i));
        if (in.place != Place::kRow) continue;
        if (!reads_in_loop(id, i) || in.time != of(id).time) in.materialised = true;
      }
    }
  }

  const Graph& g_;                      // graph that is planned
  const std::vector<NodeId>& outputs_;  // nodes whose values are wanted
  Plan plan_;                           // made so far
};

}  // namespace

Plan make_plan(const Graph& graph, const std::vector<NodeId>& outputs) {
  return Planner(graph, outputs).run();
}

}  // namespace admle
