// Arithmetic on handles.
#include "graph/expr.h"

#include "graph/op.h"

namespace admle {

bool Expr::is_zero() const {
  if (is_literal()) return literal_ == 0;
  return graph_->is_scalar(id_) && graph_->scalar_value(id_) == 0;
}

Expr apply(Op op, std::initializer_list<Expr> arguments) {
  Graph* graph = nullptr;
  for (const Expr& e : arguments)
    if (!e.is_literal()) graph = e.graph();
  if (graph == nullptr) {
    double values[4];
    int i = 0;
    for (const Expr& e : arguments) values[i++] = e.literal();
    return Expr(elementwise(op).scalar(values));
  }
  NodeId ids[4];
  std::size_t n = 0;
  for (const Expr& e : arguments) ids[n++] = e.in(graph);
  return Expr(graph, graph->apply(op, ids, n));
}

}  // namespace admle
