// Forward mode in several directions at once.
//
// The tangent of an n x c node in D directions is n x (c D), directions slowest; one row may stand
// for all. An elementwise operation then costs one product with its partial derivative
// (broadcast over the directions), and X %*% (identity) is X itself: the Hessian of a
// linear-index model becomes t(X) %*% (w * X) without a special case. As in reverse mode, 0 * Inf
// is 0 in products with partial derivatives.
#include <algorithm>

#include "derive/derive.h"
#include "ops/partials.h"
#include "ops/structural-info.h"
#include "ops/structural.h"

namespace admle {
namespace {

// The tangent of an argument with fewer columns than the result, columns recycled in each block.
Expr widen(Expr tangent, std::int32_t from, std::int32_t to, std::int32_t directions) {
  if (from == to || directions == 1) return tangent;
  auto index = std::make_shared<Index>();
  for (std::int32_t d = 0; d < directions; ++d)
    for (std::int32_t j = 0; j < to; ++j) index->push_back(d * from + j % from);
  return columns(tangent, index);
}

// The tangent of X %*% b in all directions of b, multiplied as in any matrix product.
bool is_data_matrix(Expr tangent) {
  return tangent.shape().cols > 1 && tangent.graph()->node(tangent.id()).op == Op::constant;
}

Expr elementwise_rule(Graph& g, NodeId id, const Expr* tangents, std::int32_t directions) {
  const Node node = g.node(id);
  Expr arguments[4], wide[4];
  for (std::uint32_t i = 0; i < node.n_inputs; ++i) {
    arguments[i] = Expr(&g, g.input_of(id, i));
    wide[i] = tangents[i].is_zero()
                  ? Expr(0)
                  : widen(tangents[i], arguments[i].shape().cols, node.shape.cols, directions);
  }
  if (node.op == Op::select) {
    // A tangent of one row or one column block may be smaller than the result: select broadcasts.
    if (wide[1].is_zero() && wide[2].is_zero()) return 0;
    return select(arguments[0], wide[1], wide[2]);
  }
  Expr out = 0;
  for (std::uint32_t i = 0; i < node.n_inputs; ++i) {
    if (wide[i].is_zero()) continue;
    const Expr partial = partial_derivative(node.op, i, arguments, Expr(&g, id));
    if (partial.is_zero()) continue;
    const Expr term = is_data_matrix(wide[i]) ? partial * wide[i] : mulz(partial, wide[i]);
    out = out.is_zero() ? term : out + term;
  }
  return out;
}

}  // namespace

std::vector<Expr> jvp(Graph& g, const std::vector<NodeId>& outputs, const std::vector<NodeId>& wrt,
                      const std::vector<Expr>& tangents, std::int32_t directions) {
  if (outputs.empty()) return {};
  const NodeId first = *std::min_element(wrt.begin(), wrt.end());
  const NodeId last = *std::max_element(outputs.begin(), outputs.end());
  const auto at = [first](NodeId id) { return static_cast<std::size_t>(id - first); };
  const auto span = static_cast<std::size_t>(std::max(last - first + 1, 0));
  // Only what some output needs.
  std::vector<char> needed(span, 0), stop(span, 0);
  for (NodeId id : outputs)
    if (id >= first) needed[at(id)] = 1;
  for (NodeId id : wrt)
    if (id <= last) stop[at(id)] = 1;
  for (NodeId id = last; id >= first; --id) {
    if (!needed[at(id)] || stop[at(id)]) continue;
    for (std::uint32_t i = 0; i < g.node(id).n_inputs; ++i) {
      const NodeId in = g.input_of(id, i);
      if (in >= first) needed[at(in)] = 1;
    }
  }
  std::vector<Expr> found(span, Expr(0));
  for (std::size_t i = 0; i < wrt.size(); ++i)
    if (wrt[i] <= last) found[at(wrt[i])] = tangents[i];
  const std::int32_t origin = g.origin();
  std::vector<Expr> incoming;
  for (NodeId id = first; id <= last; ++id) {
    if (!needed[at(id)] || stop[at(id)]) continue;
    const Node node = g.node(id);
    incoming.assign(std::max<std::size_t>(node.n_inputs, 4), Expr(0));
    bool active = false;
    for (std::uint32_t i = 0; i < node.n_inputs; ++i) {
      const NodeId in = g.input_of(id, i);
      if (in >= first) incoming[i] = found[at(in)];
      active = active || !incoming[i].is_zero();
    }
    if (!active) continue;
    g.set_origin(node.origin);
    found[at(id)] = is_elementwise(node.op)
                        ? elementwise_rule(g, id, incoming.data(), directions)
                        : structural_info(node.op).jvp(g, id, incoming.data(), directions);
  }
  g.set_origin(origin);
  std::vector<Expr> out;
  for (NodeId id : outputs) out.push_back(id >= first ? found[at(id)] : Expr(0));
  return out;
}

}  // namespace admle
