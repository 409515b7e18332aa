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

bool by_column(const Graph& g, NodeId id) {
  for (std::uint32_t i = 0; i < g.node(id).n_inputs; ++i)
    if (g.shape(g.input_of(id, i)).rows != g.shape(id).rows) return false;
  return true;
}

// Can the node be computed chunk by chunk over its own rows?
bool maps_rows(const Graph& g, NodeId id) {
  const Node& node = g.node(id);
  if (node.shape.rows < kMinRows) return false;
  if (is_elementwise(node.op)) return true;
  if (node.op == Op::matmul)
    return g.attribute(id).a == 0 && g.shape(g.input_of(id, 0)).rows == node.shape.rows;
  if (node.op == Op::concat) return by_column(g, id);
  return structural_info(node.op).rows == RowKind::kMap;
}

// Does the node add up over the (many) rows of its inputs?
bool reduces_rows(const Graph& g, NodeId id) {
  const Node& node = g.node(id);
  if (is_elementwise(node.op)) return false;
  const std::int32_t rows = node.n_inputs > 0 ? g.shape(g.input_of(id, 0)).rows : 0;
  if (rows < kMinRows) return false;
  if (node.op == Op::matmul) return g.attribute(id).a != 0 && g.attribute(id).b == 0;
  return structural_info(node.op).rows == RowKind::kReduction;
}

}  // namespace

bool reads_by_row(const Graph& g, NodeId id, std::uint32_t i, std::int32_t rows) {
  const Node& node = g.node(id);
  if (g.shape(g.input_of(id, i)).rows != rows) return false;
  if (node.op == Op::gather) return false;
  if (node.op == Op::matmul) return i == 0 || g.attribute(id).a != 0;
  return true;
}

Plan make_plan(const Graph& g, const std::vector<NodeId>& outputs) {
  Plan plan;
  plan.nodes.resize(static_cast<std::size_t>(g.size()));
  const auto of = [&](NodeId id) -> NodePlan& { return plan.nodes[static_cast<std::size_t>(id)]; };
  std::vector<char> needed(plan.nodes.size(), 0);
  NodeId last = -1;
  for (NodeId id : outputs) {
    needed[static_cast<std::size_t>(id)] = 1;
    last = std::max(last, id);
  }
  for (NodeId id = last; id >= 0; --id)
    if (needed[static_cast<std::size_t>(id)])
      for (std::uint32_t i = 0; i < g.node(id).n_inputs; ++i)
        needed[static_cast<std::size_t>(g.input_of(id, i))] = 1;

  // Rows that the loop of a row node or reduction runs over.
  const auto loop_rows = [&](NodeId id) {
    return of(id).place == Place::kRow ? g.shape(id).rows : g.shape(g.input_of(id, 0)).rows;
  };
  // When input i is available to the node.
  const auto ready = [&](NodeId id, std::uint32_t i) {
    const NodePlan& in = of(g.input_of(id, i));
    if (in.place == Place::kReduction) return in.time + 1;
    if (in.place != Place::kRow) return in.time;
    const bool same_loop = (of(id).place == Place::kRow || of(id).place == Place::kReduction) &&
                           reads_by_row(g, id, i, loop_rows(id));
    return same_loop ? in.time : in.time + 1;
  };

  for (NodeId id = 0; id <= last; ++id) {
    if (!needed[static_cast<std::size_t>(id)]) continue;
    plan.order.push_back(id);
    NodePlan& p = of(id);
    const Node& node = g.node(id);
    if (node.op == Op::input || node.op == Op::constant || node.op == Op::scalar) {
      p.place = Place::kLeaf;
      continue;
    }
    bool inputs_folded = g.is_fixed(id);
    for (std::uint32_t i = 0; i < node.n_inputs && inputs_folded; ++i) {
      const Place in = of(g.input_of(id, i)).place;
      inputs_folded = in == Place::kLeaf || in == Place::kFolded;
    }
    if (inputs_folded && (node.shape.size() <= kFoldLimit || !maps_rows(g, id))) {
      p.place = Place::kFolded;
      continue;
    }
    p.place = maps_rows(g, id) ? Place::kRow
                               : (reduces_rows(g, id) ? Place::kReduction : Place::kPhase);
    for (std::uint32_t i = 0; i < node.n_inputs; ++i) p.time = std::max(p.time, ready(id, i));
  }

  // Sink row nodes into the first loop that needs them.
  std::vector<std::int32_t> first_use(plan.nodes.size(), -1);
  std::vector<char> pinned(plan.nodes.size(), 0);
  for (NodeId id : outputs) pinned[static_cast<std::size_t>(id)] = 1;
  for (auto it = plan.order.rbegin(); it != plan.order.rend(); ++it) {
    const NodeId id = *it;
    NodePlan& p = of(id);
    if (p.place == Place::kRow && !pinned[static_cast<std::size_t>(id)] &&
        first_use[static_cast<std::size_t>(id)] > p.time)
      p.time = first_use[static_cast<std::size_t>(id)];
    for (std::uint32_t i = 0; i < g.node(id).n_inputs; ++i) {
      const auto in = static_cast<std::size_t>(g.input_of(id, i));
      if (plan.nodes[in].place != Place::kRow) continue;
      const bool in_loop = (p.place == Place::kRow || p.place == Place::kReduction) &&
                           reads_by_row(g, id, i, loop_rows(id));
      if (!in_loop) pinned[in] = 1;
      first_use[in] = first_use[in] < 0 ? p.time : std::min(first_use[in], p.time);
    }
  }

  for (NodeId id : outputs)
    if (of(id).place == Place::kRow) of(id).materialised = true;
  for (NodeId id : plan.order) {
    const NodePlan& p = of(id);
    plan.times = std::max(plan.times, p.time + 2);
    for (std::uint32_t i = 0; i < g.node(id).n_inputs; ++i) {
      NodePlan& in = of(g.input_of(id, i));
      if (in.place != Place::kRow) continue;
      const bool in_loop = (p.place == Place::kRow || p.place == Place::kReduction) &&
                           reads_by_row(g, id, i, loop_rows(id)) && in.time == p.time;
      if (!in_loop) in.materialised = true;
    }
  }
  return plan;
}

}  // namespace admle
