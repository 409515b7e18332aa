// The table of structural operations, the leaves, and functions evaluated elsewhere.
#include "ops/structural.h"

#include <algorithm>

#include "ops/structural-info.h"

namespace admle {

void no_vjp(Graph&, NodeId, Expr, AdjointSink&) {}
Expr no_jvp(Graph&, NodeId, const Expr*, std::int32_t) { return 0; }

const StructuralInfo& structural_info(Op op) {
  static const StructuralInfo* const table[] = {
#define STRUCTURAL(name, ...) &name##_info,
#include "graph/structural.def"
#undef STRUCTURAL
  };
  return *table[static_cast<std::size_t>(op) - kElementwiseCount - 1];
}

bool is_reduction(const Graph& g, NodeId id) {
  const Op op = g.node(id).op;
  if (is_elementwise(op)) return false;
  if (op == Op::matmul) return g.attribute(id).a != 0 && g.attribute(id).b == 0;
  return structural_info(op).rows == RowKind::kReduction;
}

bool joins_columns(const Graph& g, NodeId id) {
  for (std::uint32_t i = 0; i < g.node(id).n_inputs; ++i)
    if (g.shape(g.input_of(id, i)).rows != g.shape(id).rows) return false;
  return true;
}

bool maps_rows(const Graph& g, NodeId id) {
  const Node& node = g.node(id);
  if (is_elementwise(node.op)) return true;
  if (node.op == Op::matmul)
    return g.attribute(id).a == 0 && g.shape(g.input_of(id, 0)).rows == node.shape.rows;
  if (node.op == Op::concat) return joins_columns(g, id);
  return structural_info(node.op).rows == RowKind::kMap;
}

bool reads_by_row(const Graph& g, NodeId id, std::uint32_t i, std::int32_t rows) {
  const Node& node = g.node(id);
  if (g.shape(g.input_of(id, i)).rows != rows || node.op == Op::gather) return false;
  if (node.op == Op::sparse_times || node.op == Op::sparse_forms) return false;
  if (node.op == Op::matmul) return i == 0 || g.attribute(id).a != 0;
  return true;
}

namespace {

struct Leaf {
  static void run(const RunContext&, const Argument*, const Result&) {}
};

struct Alias {
  static void run(const RunContext&, const Argument* in, const Result& out) {
    for (std::int32_t j = 0; j < out.cols; ++j)
      std::copy_n(in[0].data + j * in[0].ld, out.rows, out.data + j * out.ld);
  }
  static void vjp(Graph&, NodeId, Expr adjoint, AdjointSink& sink) { sink.add(0, adjoint); }
  static Expr jvp(Graph&, NodeId, const Expr* t, std::int32_t) { return t[0]; }
};

struct ForeignCall {
  static const Foreign& function(const Graph& g, NodeId id) {
    return *static_cast<const Foreign*>(g.attribute(id).extension.get());
  }
  static void run(const RunContext& at, const Argument* in, const Result& out) {
    const Graph& g = *at.graph;
    const Shape x = g.shape(g.input_of(at.id, 0));
    function(g, at.id).value(in[0].data, x.size(), out.data, g.shape(at.id).size());
  }
  static void vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) {
    const Foreign& f = function(g, id);
    if (!f.vjp) throw GraphError("with_derivative(): no `vjp` rule was given");
    sink.add(0, f.vjp(Expr(&g, g.input_of(id, 0)), Expr(&g, id), adjoint));
  }
  static Expr jvp(Graph& g, NodeId id, const Expr* t, std::int32_t directions) {
    const Foreign& f = function(g, id);
    if (!f.jvp) throw GraphError("with_derivative(): no `jvp` rule was given");
    const Expr x(&g, g.input_of(id, 0)), y(&g, id);
    const Shape s = x.shape(), out = y.shape();
    const Expr tangent = expand(t[0], {s.rows, s.cols * directions});
    std::vector<Expr> parts;
    for (std::int32_t d = 0; d < directions; ++d) {
      const auto begin = static_cast<std::int32_t>(d * s.size());
      const Expr found = f.jvp(x, y, slice(tangent, begin, s));
      parts.push_back(expand(Expr(&g, found.in(&g)), out));
    }
    return concat(parts, {out.rows, out.cols * directions}, &g);
  }
};

}  // namespace

const StructuralInfo constant_info{"constant", RowKind::kMap, Leaf::run, no_vjp, no_jvp};
const StructuralInfo scalar_info{"scalar", RowKind::kMap, Leaf::run, no_vjp, no_jvp};
const StructuralInfo input_info{"input", RowKind::kNever, Leaf::run, no_vjp, no_jvp};
const StructuralInfo alias_info{"alias", RowKind::kMap, Alias::run, Alias::vjp, Alias::jvp};
const StructuralInfo foreign_info{"foreign", RowKind::kNever, ForeignCall::run, ForeignCall::vjp,
                                  ForeignCall::jvp};

Expr constant(Graph* graph, std::vector<double> values, Shape shape) {
  return Expr(graph, graph->constant(std::move(values), shape));
}

Expr foreign(Expr x, Shape shape, std::shared_ptr<Foreign> function) {
  Attribute attribute;
  attribute.extension = std::move(function);
  return Expr(x.graph(), x.graph()->structural(Op::foreign, {x.id()}, shape, attribute));
}

}  // namespace admle
