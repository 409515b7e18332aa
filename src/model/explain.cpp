// Follows a value that is not finite from the result to where it comes from, element by element:
// through an elementwise operation to the argument's element, through an indexing to the position
// it copies.
#include "model/explain.h"

#include <algorithm>
#include <cmath>

#include "graph/op.h"
#include "ops/nested.h"
#include "ops/structural-info.h"

namespace admle {
namespace {

std::int64_t first_bad(const double* x, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i)
    if (!std::isfinite(x[i])) return i;
  return -1;
}

// Position in an argument of shape `s` that element `at` of a result with `rows` rows reads.
std::int64_t read_position(Shape s, std::int64_t at, std::int64_t rows) {
  const std::int64_t row = s.rows == 1 ? 0 : at % rows;
  return row + (at / rows % s.cols) * s.rows;
}

constexpr std::int64_t kMany = -1, kNone = -2;

// Position in input i that element `at` of a structural node is a copy of; kMany when it depends
// on many, kNone when it does not come from this input.
std::int64_t copied_position(const Graph& g, NodeId id, std::uint32_t i, std::int64_t at) {
  const Node& node = g.node(id);
  const std::int64_t rows = node.shape.rows;
  const auto index = [&](std::int64_t k) -> std::int64_t {
    return (*g.attribute(id).index)[static_cast<std::size_t>(k)];
  };
  switch (node.op) {
    case Op::element: return node.attribute;
    case Op::reshape:
    case Op::alias: return at;
    case Op::gather: return g.attribute(id).a == 1 ? index(at) : kMany;
    case Op::broadcast: return read_position(g.shape(g.input_of(id, i)), at, rows);
    case Op::columns: return at % rows + index(at / rows) * rows;
    case Op::row_select:
      return at % rows + (index(at % rows) + at / rows * g.attribute(id).a) * rows;
    case Op::concat: {
      for (std::uint32_t before = 0; before < i; ++before)
        at -= g.shape(g.input_of(id, before)).size();
      return at >= 0 && at < g.shape(g.input_of(id, i)).size() ? at : kNone;
    }
    default: return kMany;
  }
}

}  // namespace

Explanation explain_nonfinite(const Graph& g, NodeEvaluator& evaluator, NodeId result) {
  Explanation out;
  NodeId id = result;
  std::int64_t at = first_bad(evaluator.value(id), g.shape(id).size());
  if (at < 0) return out;
  out.found = true;
  if (g.shape(id).rows > 1) out.row = at % g.shape(id).rows;
  bool deeper = true;
  while (deeper) {
    deeper = false;
    const Node& node = g.node(id);
    for (std::uint32_t i = 0; i < node.n_inputs && !deeper; ++i) {
      const NodeId in = g.input_of(id, i);
      const Shape s = g.shape(in);
      std::int64_t position;
      if (is_elementwise(node.op)) {
        position = read_position(s, at, node.shape.rows);
        // The branch that a selection did not take is not the cause.
        if (node.op == Op::select && i > 0) {
          const Shape t = g.shape(g.input_of(id, 0));
          const double test =
              evaluator.value(g.input_of(id, 0))[read_position(t, at, node.shape.rows)];
          if ((test != 0) != (i == 1)) continue;
        }
        if (std::isfinite(evaluator.value(in)[position])) continue;
      } else {
        position = copied_position(g, id, i, at);
        if (position == kMany) position = first_bad(evaluator.value(in), s.size());
        if (position < 0 || std::isfinite(evaluator.value(in)[position])) continue;
        if (out.row < 0 && s.rows > 1) out.row = position % s.rows;
      }
      id = in;
      at = position;
      deeper = true;
    }
  }
  const Node& node = g.node(id);
  out.node = id;
  out.element = at;
  out.value = evaluator.value(id)[at];
  out.origin = node.origin;
  out.operation = is_elementwise(node.op) ? elementwise(node.op).name
                  : node.op == Op::nested ? nested_of(g, id).name()
                                          : structural_info(node.op).name;
  if (is_elementwise(node.op)) {
    for (std::uint32_t i = 0; i < node.n_inputs; ++i) {
      const NodeId in = g.input_of(id, i);
      const std::int64_t position = read_position(g.shape(in), at, node.shape.rows);
      out.arguments.push_back(evaluator.value(in)[position]);
    }
  }
  return out;
}

std::vector<char> elements_read(const Graph& g, const std::vector<NodeId>& wanted, NodeId input) {
  const std::vector<char> reached = needed_by(g, wanted);
  std::vector<std::vector<char>> read(static_cast<std::size_t>(g.size()));
  const auto elements = [&](NodeId id) -> std::vector<char>& {
    std::vector<char>& of = read[static_cast<std::size_t>(id)];
    of.resize(static_cast<std::size_t>(g.shape(id).size()));
    return of;
  };
  for (NodeId id : wanted) std::fill(elements(id).begin(), elements(id).end(), 1);
  for (NodeId id = g.size() - 1; id > input; --id) {
    if (!reached[static_cast<std::size_t>(id)] || g.is_fixed(id)) continue;
    const std::vector<char> own = std::move(read[static_cast<std::size_t>(id)]);
    const Node& node = g.node(id);
    for (std::uint32_t i = 0; i < node.n_inputs; ++i) {
      const NodeId in = g.input_of(id, i);
      if (g.is_fixed(in)) continue;
      std::vector<char>& from = elements(in);
      for (std::size_t at = 0; at < own.size(); ++at) {
        if (!own[at]) continue;
        const auto place = static_cast<std::int64_t>(at);
        const std::int64_t position = is_elementwise(node.op)
                                          ? read_position(g.shape(in), place, node.shape.rows)
                                          : copied_position(g, id, i, place);
        if (position >= 0) from[static_cast<std::size_t>(position)] = 1;
        else if (position == kMany) std::fill(from.begin(), from.end(), 1);
        if (position == kMany) break;
      }
    }
  }
  return elements(input);
}

}  // namespace admle
