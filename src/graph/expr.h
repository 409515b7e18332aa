// A handle on a node, with the arithmetic of the op table: formulas written on handles build graph.
//
// A literal number is a handle without a graph; it becomes a constant when it meets a node.
// Literal 0 stands for "no contribution" in derivative rules and is dropped where it can be.
#pragma once

#include "graph/graph.h"

namespace admle {

class Expr {
 public:
  Expr() = default;
  Expr(double literal) : literal_(literal) {}  // NOLINT: formulas mix numbers and handles
  Expr(int literal) : literal_(literal) {}     // NOLINT
  Expr(Graph* graph, NodeId id) : graph_(graph), id_(id) {}

  bool is_literal() const { return graph_ == nullptr; }
  bool is_zero() const;
  double literal() const { return literal_; }
  Graph* graph() const { return graph_; }
  NodeId id() const { return id_; }
  Shape shape() const { return is_literal() ? Shape{} : graph_->shape(id_); }
  // The node in `graph`, making a constant of a literal.
  NodeId in(Graph* graph) const { return is_literal() ? graph->constant(literal_) : id_; }

 private:
  Graph* graph_ = nullptr;  // null: a literal
  NodeId id_ = -1;          // node in the graph
  double literal_ = 0;      // where there is no graph
};

// One elementwise operation applied to handles (literals only: evaluated).
Expr apply(Op op, std::initializer_list<Expr> arguments);

// One function per elementwise op, named as in the op table: exp(x), pow(x, y), select(t, a, b) ...
#define UNARY(name, domain, range, thread, cost, value, dx) \
  inline Expr name(Expr x) { return apply(Op::name, {x}); }
#define BINARY(name, domain, range, thread, cost, value, dx, dy) \
  inline Expr name(Expr x, Expr y) { return apply(Op::name, {x, y}); }
#define TERNARY(name, domain, range, thread, cost, value, dx, dy, dz) \
  inline Expr name(Expr x, Expr y, Expr z) { return apply(Op::name, {x, y, z}); }
#define QUATERNARY(name, domain, range, thread, cost, value, dx, dy, dz, dw) \
  inline Expr name(Expr x, Expr y, Expr z, Expr w) { return apply(Op::name, {x, y, z, w}); }
#include "math/table.def"
#undef UNARY
#undef BINARY
#undef TERNARY
#undef QUATERNARY

inline Expr operator-(Expr x) { return neg(x); }
inline Expr operator+(Expr x, Expr y) { return add(x, y); }
inline Expr operator-(Expr x, Expr y) { return sub(x, y); }
inline Expr operator*(Expr x, Expr y) { return mul(x, y); }
inline Expr operator/(Expr x, Expr y) { return div(x, y); }

}  // namespace admle
