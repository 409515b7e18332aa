// The builders are used again for the copies, since with other inputs more can be simplified: an
// element of a parameter vector becomes the input it is.
#include "derive/substitute.h"

#include <algorithm>
#include <memory>
#include <set>

#include "ops/structural.h"

namespace admle {
namespace {

// More pieces than this make more work than they save.
constexpr std::size_t kMaxSegments = 48;
// A run of parameters this long stays whole where parts of it are used, too, such as neighbours.
constexpr std::int32_t kLongRun = 32;

}  // namespace

NodeId copy_node(const Graph& from, Graph& to, NodeId id, const std::vector<NodeId>& inputs) {
  const Node node = from.node(id);
  const auto input = [&](std::size_t i) { return Expr(&to, inputs[i]); };
  if (is_elementwise(node.op)) return to.apply(node.op, inputs.data(), inputs.size());
  switch (node.op) {
    case Op::scalar: return to.constant(from.scalar_value(id));
    case Op::constant: return to.constant(from.attribute(id).source, node.shape);
    case Op::input: return to.input(node.shape, from.is_finite(id));
    case Op::alias:
      return node.attribute < 0 ? to.alias(inputs[0])
                                : to.alias(inputs[0], from.attribute(id).extension);
    case Op::element: return element(input(0), node.attribute).id();
    case Op::reshape: return reshape(input(0), node.shape).id();
    case Op::gather: {
      const Attribute a = from.attribute(id);
      return gather(input(0), a.index, {node.shape.rows, node.shape.cols / a.a}, a.a).id();
    }
    default: return to.structural(node.op, inputs, node.shape, Attribute(from.attribute(id)));
  }
}

Segments find_segments(const Graph& g, NodeId input, const std::vector<NodeId>& wanted) {
  const auto size = static_cast<std::int32_t>(g.shape(input).size());
  const Segments whole{{0, size}};
  std::set<std::int32_t> cuts{0, size};
  using Ranges = std::set<std::pair<std::int32_t, std::int32_t>>;  // begin and end
  Ranges ranges, runs;  // of what is to stay whole; of long runs
  const std::vector<char> needed = needed_by(g, wanted);
  for (NodeId id = input + 1; id < g.size(); ++id) {
    if (!needed[static_cast<std::size_t>(id)]) continue;
    const Node& node = g.node(id);
    for (std::uint32_t i = 0; i < node.n_inputs; ++i) {
      if (g.input_of(id, i) != input) continue;
      if (node.op == Op::element) {
        cuts.insert({node.attribute, node.attribute + 1});
      } else if (node.op == Op::gather && g.attribute(id).a == 1) {
        const Index& index = *g.attribute(id).index;
        if (index.empty()) continue;
        const auto [low, high] = std::minmax_element(index.begin(), index.end());
        cuts.insert({*low, *high + 1});
        if (!contiguous(index)) ranges.insert({*low, *high + 1});
        else if (*high - *low + 1 >= kLongRun) runs.insert({*low, *high + 1});
      } else if (node.op != Op::reshape) {
        return whole;
      }
    }
    if (cuts.size() > kMaxSegments + 1) return whole;
  }
  std::int32_t begin = 0, end = 0;  // of runs that overlap
  for (const auto& [low, high] : runs) {
    if (low >= end) begin = low;
    end = std::max(end, high);
    cuts.erase(cuts.upper_bound(begin), cuts.lower_bound(end));
  }
  for (const auto& [low, high] : ranges)
    if (*cuts.upper_bound(low) < high) return whole;
  return Segments{std::vector<std::int32_t>(cuts.begin(), cuts.end())};
}

std::vector<NodeId> substitute(const Graph& from, Graph& to, const std::vector<NodeId>& wanted,
                               const std::vector<NodeId>& replaced, const std::vector<Expr>& with) {
  NodeId last = -1;
  for (NodeId id : wanted) last = std::max(last, id);
  const auto n = static_cast<std::size_t>(last + 1);
  // Not initialised, and bits: a small part of a long recording is copied in little time.
  const std::unique_ptr<NodeId[]> copies(new NodeId[n]);
  std::vector<bool> met(n);
  for (std::size_t i = 0; i < replaced.size(); ++i) {
    if (replaced[i] > last) continue;
    copies[static_cast<std::size_t>(replaced[i])] = with[i].id();
    met[static_cast<std::size_t>(replaced[i])] = true;
  }
  std::vector<NodeId> needed, todo = wanted;
  while (!todo.empty()) {
    const NodeId id = todo.back();
    todo.pop_back();
    if (met[static_cast<std::size_t>(id)]) continue;
    met[static_cast<std::size_t>(id)] = true;
    needed.push_back(id);
    for (std::uint32_t i = 0; i < from.node(id).n_inputs; ++i) todo.push_back(from.input_of(id, i));
  }
  for (NodeId id : replaced)
    if (id <= last) met[static_cast<std::size_t>(id)] = false;
  if (needed.size() > n / 16) {
    needed.clear();
    for (NodeId id = 0; id <= last; ++id)
      if (met[static_cast<std::size_t>(id)]) needed.push_back(id);
  } else {
    std::sort(needed.begin(), needed.end());
  }
  std::vector<NodeId> inputs;
  const std::int32_t origin = to.origin();
  for (NodeId id : needed) {
    inputs.clear();
    for (std::uint32_t i = 0; i < from.node(id).n_inputs; ++i)
      inputs.push_back(copies[static_cast<std::size_t>(from.input_of(id, i))]);
    to.set_origin(from.node(id).origin);
    copies[static_cast<std::size_t>(id)] = copy_node(from, to, id, inputs);
  }
  to.set_origin(origin);
  std::vector<NodeId> out;
  for (NodeId id : wanted) out.push_back(copies[static_cast<std::size_t>(id)]);
  return out;
}

Pieces input_in_pieces(const Graph& from, NodeId input, const std::vector<NodeId>& wanted,
                       Graph& to) {
  Pieces out{find_segments(from, input, wanted), {}, 0};
  std::vector<Expr> parts;
  for (std::size_t i = 0; i < out.segments.count(); ++i) {
    out.inputs.push_back(to.input({out.segments.length(i), 1}));
    parts.push_back(Expr(&to, out.inputs.back()));
  }
  out.whole = concat(parts, from.shape(input), &to);
  return out;
}

}  // namespace admle
