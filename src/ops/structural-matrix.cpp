// Matrix algebra: products, transposes, solving, Cholesky, determinants. Values by Eigen.
//
// Derivative rules follow Giles (2008), "Collected matrix derivative results for forward and
// reverse mode algorithmic differentiation". A derivative in D directions of an r x c matrix is
// r x (c D); products of such blocks are one `matmul` with a batch flag.
#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>

#include "math/products.h"
#include "ops/structural-info.h"
#include "ops/structural.h"

namespace admle {
namespace {

using Map = Eigen::Map<Eigen::MatrixXd, 0, Eigen::OuterStride<>>;
using ConstMap = Eigen::Map<const Eigen::MatrixXd, 0, Eigen::OuterStride<>>;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

ConstMap view(const Argument& x) { return {x.data, x.rows, x.cols, Eigen::OuterStride<>(x.ld)}; }
// The d-th block of `cols` columns.
Argument columns_of(const Argument& x, std::int64_t d, std::int64_t cols) {
  return {x.data + d * cols * x.ld, x.ld, x.rows, static_cast<std::int32_t>(cols)};
}
Map block(const Result& x, std::int64_t d, std::int64_t cols) {
  return {x.data + d * cols * x.ld, x.rows, cols, Eigen::OuterStride<>(x.ld)};
}

// The seed of all directions: X times it is X.
bool is_identity(const Graph& g, NodeId id) {
  const Shape s = g.shape(id);
  if (g.node(id).op != Op::constant || s.rows != s.cols) return false;
  const ConstBlock block = g.attribute(id).source->rows(0, s.rows);
  for (std::int64_t j = 0; j < s.cols; ++j)
    for (std::int64_t i = 0; i < s.rows; ++i)
      if (block.data[i + j * block.ld] != (i == j ? 1 : 0)) return false;
  return true;
}

bool same(const Argument& a, const Argument& b) {
  return a.data == b.data && a.ld == b.ld && a.cols == b.cols;
}

enum Batch { kNone = 0, kLeft = 1, kRight = 2, kBoth = 3 };

// a, b: transposed; c: directions D; d: which side has D blocks.
struct Matmul {
  static Expr build(Expr a, Expr b, bool ta, bool tb, std::int32_t directions, int batch) {
    if (directions == 1) batch = kNone;
    if (batch == kRight && !tb) {  // the blocks are just more columns
      directions = 1;
      batch = kNone;
    }
    if (batch == kNone) directions = 1;
    Graph* g = a.is_literal() ? b.graph() : a.graph();
    const Expr left(g, a.in(g)), right(g, b.in(g));
    if (batch == kNone && !ta && is_identity(*g, right.id()) &&
        left.shape().cols == right.shape().rows)
      return left;
    Shape sa = left.shape(), sb = right.shape();
    if (batch & kLeft) sa.cols /= directions;
    if (batch & kRight) sb.cols /= directions;
    const std::int32_t inner_a = ta ? sa.rows : sa.cols, inner_b = tb ? sb.cols : sb.rows;
    if (inner_a != inner_b) throw GraphError("non-conformable arguments");
    const std::int32_t rows = ta ? sa.cols : sa.rows, cols = tb ? sb.rows : sb.cols;
    Attribute attribute;
    attribute.a = ta;
    attribute.b = tb;
    attribute.c = directions;
    attribute.d = batch;
    return Expr(g, g->structural(Op::matmul, {left.id(), right.id()}, {rows, cols * directions},
                                 attribute));
  }

  static void run(const RunContext& at, const Argument* in, const Result& out) {
    const Attribute& m = at.graph->attribute(at.id);
    const std::int64_t D = m.c;
    const std::int64_t left_cols = in[0].cols / (m.d & kLeft ? D : 1);
    const std::int64_t right_cols = in[1].cols / (m.d & kRight ? D : 1);
    for (std::int64_t d = 0; d < D; ++d) {
      const Argument left = columns_of(in[0], m.d & kLeft ? d : 0, left_cols);
      const Argument right = columns_of(in[1], m.d & kRight ? d : 0, right_cols);
      const std::int64_t cols = out.cols / D;
      const Result to{out.data + d * cols * out.ld, out.ld, out.rows,
                      static_cast<std::int32_t>(cols)};
      if (!m.b && !m.a) multiply(left, right, to);
      // The product is a sum over rows: add to what is there.
      else if (!m.b) add_cross(left, nullptr, right, to, same(left, right));
      else if (m.a) block(to, 0, cols).noalias() = view(left).transpose() * view(right).transpose();
      else block(to, 0, cols).noalias() = view(left) * view(right).transpose();
    }
  }

  static void vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) {
    const Attribute m = g.attribute(id);
    const Expr a(&g, g.input_of(id, 0)), b(&g, g.input_of(id, 1));
    const Expr c = expand(adjoint, g.shape(id));
    const std::int32_t D = m.c;
    const int left = m.d & kLeft, right = m.d & kRight;
    // Batches of (adjoint, b) and of (a, adjoint): the adjoint always has D blocks.
    const int with_b = D == 1 ? kNone : kLeft | (right ? kRight : 0);
    const int b_with = D == 1 ? kNone : kRight | (right ? kLeft : 0);
    const int with_a = D == 1 ? kNone : kLeft | (left ? kRight : 0);
    const int a_with = D == 1 ? kNone : kRight | (left ? kLeft : 0);
    if (sink.wants(0)) {
      const Expr found =
          m.a ? build(b, c, m.b, true, D, b_with) : build(c, b, false, !m.b, D, with_b);
      sink.add(0, left || D == 1 ? found : row_sums(found, a.shape().cols, true));
    }
    if (sink.wants(1)) {
      const Expr found =
          m.b ? build(c, a, true, m.a, D, with_a) : build(a, c, !m.a, false, D, a_with);
      sink.add(1, right || D == 1 ? found : row_sums(found, b.shape().cols, true));
    }
  }

  static Expr jvp(Graph& g, NodeId id, const Expr* t, std::int32_t directions) {
    const Attribute m = g.attribute(id);
    const Expr a(&g, g.input_of(id, 0)), b(&g, g.input_of(id, 1));
    if (m.c > 1) return nested_jvp(g, id, t, directions);
    Expr out = 0;
    if (!t[0].is_zero()) {
      const Expr ta = expand(t[0], {a.shape().rows, a.shape().cols * directions});
      out = out + build(ta, b, m.a, m.b, directions, kLeft);
    }
    if (!t[1].is_zero()) {
      const Expr tb = expand(t[1], {b.shape().rows, b.shape().cols * directions});
      out = out + build(a, tb, m.a, m.b, directions, kRight);
    }
    return out;
  }

  // Directions of directions: one outer direction at a time.
  static Expr nested_jvp(Graph& g, NodeId id, const Expr* t, std::int32_t directions) {
    const Attribute m = g.attribute(id);
    const Shape out = g.shape(id);
    std::vector<Expr> parts;
    for (std::int32_t d = 0; d < directions; ++d) {
      Expr total = 0;
      for (std::uint32_t side = 0; side < 2; ++side) {
        if (t[side].is_zero()) continue;
        const Shape s = g.shape(g.input_of(id, side));
        const Expr whole = expand(t[side], {s.rows, s.cols * directions});
        const Expr part = slice(whole, static_cast<std::int32_t>(d * s.size()), s);
        const Expr a = side == 0 ? part : Expr(&g, g.input_of(id, 0));
        const Expr b = side == 1 ? part : Expr(&g, g.input_of(id, 1));
        total = total + build(a, b, m.a, m.b, m.c, m.d);
      }
      parts.push_back(total);
    }
    return concat(parts, {out.rows, out.cols * directions}, &g);
  }
};

// a = directions.
struct Transpose {
  static void run(const RunContext& at, const Argument* in, const Result& out) {
    const std::int64_t D = at.graph->attribute(at.id).a;
    for (std::int64_t d = 0; d < D; ++d)
      block(out, d, out.cols / D) = view(columns_of(in[0], d, in[0].cols / D)).transpose();
  }
  static void vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) {
    sink.add(0, transpose(expand(adjoint, g.shape(id)), g.attribute(id).a));
  }
  static Expr jvp(Graph& g, NodeId id, const Expr* t, std::int32_t directions) {
    const Shape x = g.shape(g.input_of(id, 0));
    return transpose(expand(t[0], {x.rows, x.cols * directions}), g.attribute(id).a * directions);
  }
};

Expr full(const Expr& tangent, Shape s, std::int32_t directions) {
  return expand(tangent, {s.rows, s.cols * directions});
}

struct Solve {
  static void run(const RunContext&, const Argument* in, const Result& out) {
    const Eigen::PartialPivLU<Eigen::MatrixXd> lu(view(in[0]));
    block(out, 0, out.cols) = lu.solve(view(in[1]));
  }
  static void vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) {
    const Expr a(&g, g.input_of(id, 0)), x(&g, id);
    const Expr b_bar = solve(transpose(a), expand(adjoint, g.shape(id)));
    if (sink.wants(1)) sink.add(1, b_bar);
    if (sink.wants(0)) sink.add(0, -matmul(b_bar, x, false, true));
  }
  static Expr jvp(Graph& g, NodeId id, const Expr* t, std::int32_t directions) {
    const Expr a(&g, g.input_of(id, 0)), x(&g, id);
    Expr right = 0;
    if (!t[1].is_zero()) right = full(t[1], g.shape(g.input_of(id, 1)), directions);
    if (!t[0].is_zero())
      right = right -
              Matmul::build(full(t[0], a.shape(), directions), x, false, false, directions, kLeft);
    return solve(a, right);
  }
};

// a = upper, b = transposed.
struct TriSolve {
  static void run(const RunContext& at, const Argument* in, const Result& out) {
    const Attribute& flags = at.graph->attribute(at.id);
    Map x = block(out, 0, out.cols);
    x = view(in[1]);
    const ConstMap t = view(in[0]);
    if (flags.a && flags.b) t.triangularView<Eigen::Upper>().transpose().solveInPlace(x);
    else if (flags.a) t.triangularView<Eigen::Upper>().solveInPlace(x);
    else if (flags.b) t.triangularView<Eigen::Lower>().transpose().solveInPlace(x);
    else t.triangularView<Eigen::Lower>().solveInPlace(x);
  }
  static void vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) {
    const Attribute flags = g.attribute(id);
    const Expr t(&g, g.input_of(id, 0)), x(&g, id);
    const Expr b_bar = tri_solve(t, expand(adjoint, g.shape(id)), flags.a, !flags.b);
    if (sink.wants(1)) sink.add(1, b_bar);
    if (sink.wants(0)) {
      const Expr outer = flags.b ? matmul(x, b_bar, false, true) : matmul(b_bar, x, false, true);
      sink.add(0, -triangle(outer, flags.a, 1));
    }
  }
  static Expr jvp(Graph& g, NodeId id, const Expr* tangents, std::int32_t directions) {
    const Attribute flags = g.attribute(id);
    const Expr t(&g, g.input_of(id, 0)), x(&g, id);
    Expr right = 0;
    if (!tangents[1].is_zero()) right = full(tangents[1], g.shape(g.input_of(id, 1)), directions);
    if (!tangents[0].is_zero()) {
      const Expr dt = triangle(full(tangents[0], t.shape(), directions), flags.a, 1);
      right = right - Matmul::build(dt, x, flags.b, false, directions, kLeft);
    }
    return tri_solve(t, right, flags.a, flags.b);
  }
};

struct Cholesky {
  static void run(const RunContext&, const Argument* in, const Result& out) {
    const Eigen::MatrixXd upper = view(in[0]).template selfadjointView<Eigen::Upper>();
    const Eigen::LLT<Eigen::MatrixXd> llt(upper);
    Map r = block(out, 0, out.cols);
    if (llt.info() != Eigen::Success) {
      r.setConstant(kNan);
      return;
    }
    r = Eigen::MatrixXd(llt.matrixL()).transpose();
  }
  // The symmetric matrix whose upper triangle is x's.
  static Expr mirrored(Expr x, std::int32_t directions) {
    return triangle(x, true, 1) + transpose(triangle(x, true, 0), directions);
  }
  static void vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) {
    const Expr r(&g, id);
    const Expr r_bar = triangle(expand(adjoint, g.shape(id)), true, 1);
    // M = R^-1 Phi(R_bar R') R^-T with Phi the upper triangle, diagonal halved.
    const Expr middle = triangle(matmul(r_bar, r, false, true), true, 0.5);
    const Expr left = tri_solve(r, middle, true, false);
    const Expr m = transpose(tri_solve(r, transpose(left), true, false));
    const Expr symmetric = m + transpose(m);
    sink.add(0, triangle(symmetric, true, 0.5));
  }
  static Expr jvp(Graph& g, NodeId id, const Expr* t, std::int32_t directions) {
    const Expr r(&g, id);
    const Expr da = mirrored(full(t[0], g.shape(id), directions), directions);
    const Expr left = transpose(tri_solve(r, da, true, true), directions);
    const Expr m = transpose(tri_solve(r, left, true, true), directions);
    return Matmul::build(triangle(m, true, 0.5), r, false, false, directions, kLeft);
  }
};

struct LogAbsDet {
  static void run(const RunContext&, const Argument* in, const Result& out) {
    const Eigen::PartialPivLU<Eigen::MatrixXd> lu(view(in[0]));
    double total = 0;
    for (Eigen::Index i = 0; i < in[0].rows; ++i) total += std::log(std::fabs(lu.matrixLU()(i, i)));
    *out.data = total;
  }
  static Expr inverse_transposed(Graph& g, NodeId a) {
    const std::int32_t n = g.shape(a).rows;
    std::vector<double> identity(static_cast<std::size_t>(n) * static_cast<std::size_t>(n), 0.0);
    for (std::int32_t i = 0; i < n; ++i)
      identity[static_cast<std::size_t>(i) * static_cast<std::size_t>(n + 1)] = 1;
    return solve(transpose(Expr(&g, a)), constant(&g, std::move(identity), {n, n}));
  }
  static void vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) {
    sink.add(0, adjoint * inverse_transposed(g, g.input_of(id, 0)));
  }
  static Expr jvp(Graph& g, NodeId id, const Expr* t, std::int32_t directions) {
    const NodeId a = g.input_of(id, 0);
    return block_sum(inverse_transposed(g, a) * full(t[0], g.shape(a), directions), directions);
  }
};

struct SignDet {
  static void run(const RunContext&, const Argument* in, const Result& out) {
    const double det = Eigen::PartialPivLU<Eigen::MatrixXd>(view(in[0])).determinant();
    *out.data = (det > 0) - (det < 0);
  }
};

// a = upper; b = 0, 1, 2 for a diagonal times 0, 1, 0.5.
struct Triangle {
  static double diagonal(std::int32_t code) { return code == 2 ? 0.5 : code; }
  static void run(const RunContext& at, const Argument* in, const Result& out) {
    const Attribute& flags = at.graph->attribute(at.id);
    for (std::int32_t j = 0; j < out.cols; ++j) {
      const double* from = in[0].data + j * in[0].ld;
      double* to = out.data + j * out.ld;
      const std::int32_t k = j % out.rows;
      for (std::int32_t i = 0; i < out.rows; ++i)
        to[i] = i == k ? diagonal(flags.b) * from[i] : ((i < k) == (flags.a != 0) ? from[i] : 0);
    }
  }
  static void vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) {
    const Attribute flags = g.attribute(id);
    sink.add(0, triangle(expand(adjoint, g.shape(id)), flags.a, diagonal(flags.b)));
  }
  static Expr jvp(Graph& g, NodeId id, const Expr* t, std::int32_t directions) {
    const Attribute flags = g.attribute(id);
    return triangle(full(t[0], g.shape(id), directions), flags.a, diagonal(flags.b));
  }
};

void check_square(Expr a) {
  if (a.shape().rows != a.shape().cols) throw GraphError("the matrix must be square");
}

}  // namespace

const StructuralInfo matmul_info{"matmul", RowKind::kMap, Matmul::run, Matmul::vjp, Matmul::jvp};
const StructuralInfo transpose_info{"transpose", RowKind::kNever, Transpose::run, Transpose::vjp,
                                    Transpose::jvp};
const StructuralInfo solve_info{"solve", RowKind::kNever, Solve::run, Solve::vjp, Solve::jvp};
const StructuralInfo tri_solve_info{"tri_solve", RowKind::kNever, TriSolve::run, TriSolve::vjp,
                                    TriSolve::jvp};
const StructuralInfo cholesky_info{"cholesky", RowKind::kNever, Cholesky::run, Cholesky::vjp,
                                   Cholesky::jvp};
const StructuralInfo log_abs_det_info{"log_abs_det", RowKind::kNever, LogAbsDet::run,
                                      LogAbsDet::vjp, LogAbsDet::jvp};
const StructuralInfo sign_det_info{"sign_det", RowKind::kNever, SignDet::run, no_vjp, no_jvp};
const StructuralInfo triangle_info{"triangle", RowKind::kNever, Triangle::run, Triangle::vjp,
                                   Triangle::jvp};

Expr matmul(Expr a, Expr b, bool transpose_a, bool transpose_b) {
  return Matmul::build(a, b, transpose_a, transpose_b, 1, kNone);
}

Expr transpose(Expr x, std::int32_t directions) {
  const Shape s = x.shape();
  const std::int32_t cols = s.cols / directions;
  if (directions == 1 && (s.rows == 1 || s.cols == 1)) return reshape(x, {s.cols, s.rows});
  Graph* g = x.graph();
  if (directions == 1 && g->node(x.id()).op == Op::transpose && g->attribute(x.id()).a == 1)
    return Expr(g, g->input_of(x.id(), 0));
  Attribute attribute;
  attribute.a = directions;
  return Expr(g, g->structural(Op::transpose, {x.id()}, {cols, s.rows * directions}, attribute));
}

Expr solve(Expr a, Expr b) {
  check_square(a);
  Graph* g = a.is_literal() ? b.graph() : a.graph();
  if (a.shape().rows != b.shape().rows) throw GraphError("non-conformable arguments");
  return Expr(g, g->structural(Op::solve, {a.in(g), b.in(g)}, b.shape(), Attribute{}));
}

Expr tri_solve(Expr t, Expr b, bool upper, bool transposed) {
  check_square(t);
  if (t.shape().rows != b.shape().rows) throw GraphError("non-conformable arguments");
  Graph* g = t.is_literal() ? b.graph() : t.graph();
  Attribute attribute;
  attribute.a = upper;
  attribute.b = transposed;
  return Expr(g, g->structural(Op::tri_solve, {t.in(g), b.in(g)}, b.shape(), attribute));
}

Expr cholesky(Expr a) {
  check_square(a);
  return Expr(a.graph(), a.graph()->structural(Op::cholesky, {a.id()}, a.shape(), Attribute{}));
}

Expr log_abs_det(Expr a) {
  check_square(a);
  return Expr(a.graph(), a.graph()->structural(Op::log_abs_det, {a.id()}, Shape{}, Attribute{}));
}

Expr sign_det(Expr a) {
  check_square(a);
  return Expr(a.graph(), a.graph()->structural(Op::sign_det, {a.id()}, Shape{}, Attribute{}));
}

Expr triangle(Expr x, bool upper, double diagonal) {
  Attribute attribute;
  attribute.a = upper;
  attribute.b = diagonal == 0.5 ? 2 : (diagonal == 0 ? 0 : 1);
  return Expr(x.graph(), x.graph()->structural(Op::triangle, {x.id()}, x.shape(), attribute));
}

}  // namespace admle
