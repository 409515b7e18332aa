// Jacobians and Hessians as compositions of the two modes.
#include "derive/derive.h"
#include "ops/structural.h"

namespace admle {

Expr identity_seed(Graph& graph, Shape shape) {
  const auto n = static_cast<std::size_t>(shape.size());
  std::vector<double> identity(n * n, 0.0);
  for (std::size_t i = 0; i < n; ++i) identity[i * n + i] = 1;
  return constant(&graph, std::move(identity),
                  {shape.rows, static_cast<std::int32_t>(shape.cols * shape.size())});
}

namespace {

Expr zeros(Graph& graph, Shape shape) {
  return constant(&graph, std::vector<double>(static_cast<std::size_t>(shape.size()), 0.0), shape);
}

// Few outputs, many variables: one reverse sweep for each output.
Expr by_rows(Graph& graph, NodeId output, NodeId x) {
  const auto size = static_cast<std::int32_t>(graph.shape(output).size());
  const auto n = static_cast<std::int32_t>(graph.shape(x).size());
  std::vector<Expr> rows;
  for (std::int32_t i = 0; i < size; ++i) {
    const Expr one(&graph, graph.constant(1.0));
    const Expr row = vjp(graph, element(Expr(&graph, output), i).id(), one, {x})[0];
    rows.push_back(row.is_zero() ? zeros(graph, {n, 1})
                                 : reshape(expand(row, graph.shape(x)), {n, 1}));
  }
  return transpose(concat(rows, {n, size}, &graph));
}

}  // namespace

Expr in_full(Graph& graph, Expr derivative, Shape shape) {
  return expand(derivative.is_zero() ? Expr(&graph, graph.constant(0.0)) : derivative, shape);
}

std::vector<Expr> gradient(Graph& graph, NodeId number, const std::vector<NodeId>& wrt) {
  std::vector<Expr> out = vjp(graph, number, Expr(&graph, graph.constant(1.0)), wrt);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = in_full(graph, out[i], graph.shape(wrt[i]));
  return out;
}

Expr jacobian(Graph& graph, NodeId output, NodeId x) {
  const Shape y = graph.shape(output), s = graph.shape(x);
  if (y.size() < s.size() && y.size() <= 64) return by_rows(graph, output, x);
  const auto directions = static_cast<std::int32_t>(s.size());
  const Expr tangent = jvp(graph, {output}, {x}, {identity_seed(graph, s)}, directions)[0];
  const Shape flat{static_cast<std::int32_t>(y.size()), directions};
  if (tangent.is_zero()) return zeros(graph, flat);
  return reshape(expand(tangent, {y.rows, y.cols * directions}), flat);
}

Expr hessian(Graph& graph, NodeId output, NodeId x) {
  const Shape s = graph.shape(x);
  const auto n = static_cast<std::int32_t>(s.size());
  const Expr gradient = vjp(graph, output, Expr(&graph, graph.constant(1.0)), {x})[0];
  if (gradient.is_zero()) return zeros(graph, {n, n});
  const Expr whole = expand(gradient, s);
  const Expr tangent = jvp(graph, {whole.id()}, {x}, {identity_seed(graph, s)}, n)[0];
  if (tangent.is_zero()) return zeros(graph, {n, n});
  return reshape(expand(tangent, {s.rows, s.cols * n}), {n, n});
}

}  // namespace admle
