// Operations with a graph of their own, see nested.h.
#include "ops/nested.h"

namespace admle {
namespace {

struct NestedCall {
  static void run(const RunContext& at, const Argument* in, const Result& out) {
    nested_of(*at.graph, at.id).run(in, out);
  }
  static void vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) {
    nested_of(g, id).vjp(g, id, adjoint, sink);
  }
  static Expr jvp(Graph& g, NodeId id, const Expr* tangents, std::int32_t directions) {
    return nested_of(g, id).jvp(g, id, tangents, directions);
  }
};

}  // namespace

const StructuralInfo nested_info{"nested", RowKind::kNever, NestedCall::run, NestedCall::vjp,
                                 NestedCall::jvp};

Nested& nested_of(const Graph& graph, NodeId id) {
  return *static_cast<Nested*>(graph.attribute(id).extension.get());
}

Expr nested(Graph* graph, const std::vector<Expr>& inputs, Shape shape,
            std::shared_ptr<Nested> operation) {
  std::vector<NodeId> ids;
  for (const Expr& input : inputs) ids.push_back(input.in(graph));
  Attribute attribute;
  attribute.extension = std::move(operation);
  return Expr(graph, graph->structural(Op::nested, ids, shape, attribute));
}

}  // namespace admle
