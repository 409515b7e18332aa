// Products with sparse matrices of data, which the nodes keep by rows. S B and t(S) X are each
// other's transposes, and so are the two that second derivatives are made of: the elements of
// t(S) diag(w) Z that can be other than zero, and the forms s_i' A z_i of its rows. All are linear:
// a tangent in D directions has D blocks of columns, which go through as more columns.
#include "math/sparse-rows.h"

#include "ops/structural-info.h"
#include "ops/structural.h"

namespace admle {
namespace {

template <class Kept>
Attribute keeping(std::shared_ptr<Kept> what) {
  Attribute attribute;
  attribute.extension = std::const_pointer_cast<std::remove_const_t<Kept>>(what);
  return attribute;
}

std::shared_ptr<const SparseProduct> product_of(const Graph& g, NodeId id) {
  return std::static_pointer_cast<const SparseProduct>(g.attribute(id).extension);
}

// A tangent in `directions` directions of a node with this shape, whole.
Expr whole(Expr tangent, Shape s, std::int32_t directions) {
  return expand(tangent, {s.rows, s.cols * directions});
}

void check_conformable(std::int32_t a, std::int32_t b) {
  if (a != b) throw GraphError("non-conformable arguments");
}

struct SparseTimes {
  static void run(const RunContext& at, const Argument* in, const Result& out) {
    sparse_multiply(*sparse_of(*at.graph, at.id), at.row_begin, in[0], out);
  }
  static void vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) {
    sink.add(0, sparse_cross(sparse_of(g, id), expand(adjoint, g.shape(id))));
  }
  static Expr jvp(Graph& g, NodeId id, const Expr* t, std::int32_t directions) {
    return sparse_times(sparse_of(g, id), whole(t[0], g.shape(g.input_of(id, 0)), directions));
  }
};

struct SparseCross {
  static void run(const RunContext& at, const Argument* in, const Result& out) {
    add_sparse_cross(*sparse_of(*at.graph, at.id), at.row_begin, in[0], out);
  }
  static void vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) {
    sink.add(0, sparse_times(sparse_of(g, id), expand(adjoint, g.shape(id))));
  }
  static Expr jvp(Graph& g, NodeId id, const Expr* t, std::int32_t directions) {
    return sparse_cross(sparse_of(g, id), whole(t[0], g.shape(g.input_of(id, 0)), directions));
  }
};

// Of a matrix given by the elements of a product: its forms with the rows of the two factors.
Expr forms_of(std::shared_ptr<const SparseProduct> product, Expr a) {
  check_conformable(a.shape().rows, product->size());
  const Shape out{product->left->rows, a.shape().cols};
  return Expr(a.graph(), a.graph()->structural(Op::sparse_forms, {a.id()}, out, keeping(product)));
}

struct SparseGram {
  static void run(const RunContext& at, const Argument* in, const Result& out) {
    add_sparse_gram(*product_of(*at.graph, at.id), at.row_begin, in[0], out);
  }
  static void vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) {
    sink.add(0, forms_of(product_of(g, id), expand(adjoint, g.shape(id))));
  }
  static Expr jvp(Graph& g, NodeId id, const Expr* t, std::int32_t directions) {
    return sparse_gram(product_of(g, id), whole(t[0], g.shape(g.input_of(id, 0)), directions));
  }
};

struct SparseForms {
  static void run(const RunContext& at, const Argument* in, const Result& out) {
    sparse_forms(*product_of(*at.graph, at.id), at.row_begin, in[0], out);
  }
  static void vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) {
    sink.add(0, sparse_gram(product_of(g, id), expand(adjoint, g.shape(id))));
  }
  static Expr jvp(Graph& g, NodeId id, const Expr* t, std::int32_t directions) {
    return forms_of(product_of(g, id), whole(t[0], g.shape(g.input_of(id, 0)), directions));
  }
};

}  // namespace

const StructuralInfo sparse_times_info{"sparse_times", RowKind::kMap, SparseTimes::run,
                                       SparseTimes::vjp, SparseTimes::jvp};
const StructuralInfo sparse_cross_info{"sparse_cross", RowKind::kReduction, SparseCross::run,
                                       SparseCross::vjp, SparseCross::jvp};
const StructuralInfo sparse_gram_info{"sparse_gram", RowKind::kReduction, SparseGram::run,
                                      SparseGram::vjp, SparseGram::jvp};
const StructuralInfo sparse_forms_info{"sparse_forms", RowKind::kMap, SparseForms::run,
                                       SparseForms::vjp, SparseForms::jvp};

std::shared_ptr<const SparseRows> sparse_of(const Graph& g, NodeId id) {
  return std::static_pointer_cast<const SparseRows>(g.attribute(id).extension);
}

Expr sparse_times(std::shared_ptr<const SparseRows> s, Expr b) {
  check_conformable(s->cols, b.shape().rows);
  const Shape out{s->rows, b.shape().cols};
  return Expr(b.graph(), b.graph()->structural(Op::sparse_times, {b.id()}, out, keeping(s)));
}

Expr sparse_cross(std::shared_ptr<const SparseRows> s, Expr x) {
  check_conformable(s->rows, x.shape().rows);
  const Shape out{s->cols, x.shape().cols};
  return Expr(x.graph(), x.graph()->structural(Op::sparse_cross, {x.id()}, out, keeping(s)));
}

Expr sparse_gram(std::shared_ptr<const SparseProduct> product, Expr weights) {
  check_conformable(weights.shape().rows, product->left->rows);
  const Shape out{product->size(), weights.shape().cols};
  Graph* g = weights.graph();
  return Expr(g, g->structural(Op::sparse_gram, {weights.id()}, out, keeping(product)));
}

}  // namespace admle
