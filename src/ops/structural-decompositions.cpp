// Spectral decompositions: eigenvalues with vectors, and singular values with vectors. Values by
// Eigen; derivatives by first-order perturbation, Giles (2008) and Townsend (2016),
// "Differentiating the singular value decomposition".
//
// The sign of a vector is that of the reference vectors, the second input: R's at the recording
// point. Vectors that belong to repeated values have no derivative: it comes out infinite or NaN.
// Of values alone the first derivatives do not use those, and products are such that 0 wins.
#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "ops/structural-info.h"
#include "ops/structural.h"

namespace admle {
namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;
using Map = Eigen::Map<Matrix, 0, Eigen::OuterStride<>>;
using ConstMap = Eigen::Map<const Matrix, 0, Eigen::OuterStride<>>;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
// Values that are closer, relative to the largest one, count as repeated.
constexpr double kRepeated = 1e-9;

ConstMap view(const Argument& x) { return {x.data, x.rows, x.cols, Eigen::OuterStride<>(x.ld)}; }
Map view(const Result& x) { return {x.data, x.rows, x.cols, Eigen::OuterStride<>(x.ld)}; }

Expr identity(Graph& g, std::int32_t n, double on, double off) {
  std::vector<double> numbers(static_cast<std::size_t>(n) * static_cast<std::size_t>(n), off);
  for (std::int32_t i = 0; i < n; ++i)
    numbers[static_cast<std::size_t>(i) * static_cast<std::size_t>(n + 1)] = on;
  return constant(&g, std::move(numbers), {n, n});
}
Expr diagonal_of(Expr x) {
  const std::int32_t n = x.shape().rows;
  Index index;
  for (std::int32_t i = 0; i < n; ++i) index.push_back(i * (n + 1));
  return gather(x, std::move(index), {n, 1});
}
Expr diagonal_matrix(Graph& g, Expr x) { return identity(g, x.shape().rows, 1, 0) * x; }

// 1 / (v_j - v_i), 0 on the diagonal, infinite where two values are repeated.
Expr inverse_gaps(Graph& g, Expr v) {
  const std::int32_t n = v.shape().rows;
  const Expr gap = transpose(v) - v;
  const Expr apart = gt(abs(gap), kRepeated * max(abs(v)));
  return identity(g, n, 0, 1) / (select(apart, gap, 0) + identity(g, n, 1, 0));
}

// The tangents of a node in one direction after the other; of the reference none is followed.
template <typename F>
Expr each_direction(Graph& g, NodeId id, Expr tangent, std::int32_t directions, F derivative) {
  if (tangent.is_zero()) return 0;
  const Shape in = g.shape(g.input_of(id, 0)), out = g.shape(id);
  const Expr whole = expand(tangent, {in.rows, in.cols * directions});
  std::vector<Expr> parts;
  for (std::int32_t d = 0; d < directions; ++d)
    parts.push_back(derivative(slice(whole, static_cast<std::int32_t>(d * in.size()), in)));
  return concat(parts, {out.rows, out.cols * directions}, &g);
}

// Columns turned to the side of the reference.
void turn(Eigen::Ref<Matrix> vectors, const ConstMap& reference) {
  for (Eigen::Index j = 0; j < vectors.cols(); ++j)
    if (vectors.col(j).dot(reference.col(j)) < 0) vectors.col(j) *= -1;
}

// n x (n + 1): vectors, then values. a = symmetric: then only the lower triangle is read.
struct Eigenvalues {
  static void run(const RunContext& at, const Argument* in, const Result& out) {
    const Matrix x = view(in[0]);
    Map to = view(out);
    const bool found =
        x.allFinite() && (at.graph->attribute(at.id).a ? symmetric(x, to) : general(x, to));
    if (found) turn(to.leftCols(x.cols()), view(in[1]));
    else to.setConstant(kNan);
  }
  static bool symmetric(const Matrix& x, Map& to) {
    const Eigen::SelfAdjointEigenSolver<Matrix> solver(x);
    to.leftCols(x.cols()) = solver.eigenvectors().rowwise().reverse();
    to.col(x.cols()) = solver.eigenvalues().reverse();
    return solver.info() == Eigen::Success;
  }
  // By decreasing modulus, vectors of length 1. False where a value is complex.
  static bool general(const Matrix& x, Map& to) {
    const Eigen::EigenSolver<Matrix> solver(x);
    if (solver.info() != Eigen::Success) return false;
    if ((solver.eigenvalues().imag().array() != 0).any()) return false;
    const Vector values = solver.eigenvalues().real();
    const Matrix vectors = solver.eigenvectors().real();
    std::vector<Eigen::Index> order(static_cast<std::size_t>(x.cols()));
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](Eigen::Index i, Eigen::Index j) {
      return std::fabs(values[i]) > std::fabs(values[j]);
    });
    for (std::size_t j = 0; j < order.size(); ++j) {
      to.col(static_cast<Eigen::Index>(j)) = vectors.col(order[j]).normalized();
      to(static_cast<Eigen::Index>(j), x.cols()) = values[order[j]];
    }
    return true;
  }

  struct Parts {
    Expr vectors, values, gaps;
  };
  static Parts parts(Graph& g, NodeId id) {
    const std::int32_t n = g.shape(id).rows;
    const Expr vectors = slice(Expr(&g, id), 0, {n, n}),
               values = slice(Expr(&g, id), n * n, {n, 1});
    return {vectors, values, inverse_gaps(g, values)};
  }
  // The part of x that keeps the length of the vectors.
  static Expr tangential(Expr vectors, Expr x) {
    return x - vectors * block_sum(vectors * x, vectors.shape().cols);
  }

  static void vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) {
    if (!sink.wants(0)) return;
    const bool symmetric = g.attribute(id).a != 0;
    const Shape s = g.shape(id);
    const std::int32_t n = s.rows;
    const Expr whole = expand(adjoint, s);
    const Expr values_bar = slice(whole, n * n, {n, 1});
    Expr vectors_bar = slice(whole, 0, {n, n});
    const Parts of = parts(g, id);
    if (!symmetric) vectors_bar = tangential(of.vectors, vectors_bar);
    const Expr middle =
        mulz(of.gaps, matmul(of.vectors, vectors_bar, true)) + diagonal_matrix(g, values_bar);
    const Expr right = matmul(middle, of.vectors, false, true);
    if (!symmetric) {
      sink.add(0, solve(transpose(of.vectors), right));
      return;
    }
    const Expr found = matmul(of.vectors, right);
    sink.add(0, triangle(found + transpose(found), false, 0.5));
  }

  static Expr jvp(Graph& g, NodeId id, const Expr* t, std::int32_t directions) {
    const bool symmetric = g.attribute(id).a != 0;
    const std::int32_t n = g.shape(id).rows;
    const Parts of = parts(g, id);
    return each_direction(g, id, t[0], directions, [&](Expr da) {
      if (symmetric) da = triangle(da, false, 1) + transpose(triangle(da, false, 0));
      const Expr moved = matmul(da, of.vectors);
      const Expr p = symmetric ? matmul(of.vectors, moved, true) : solve(of.vectors, moved);
      const Expr turned = matmul(of.vectors, mulz(of.gaps, p));
      return concat({symmetric ? turned : tangential(of.vectors, turned), diagonal_of(p)},
                    {n, n + 1}, &g);
    });
  }
};

// A column of the left vectors, the values, the right vectors; k = min(m, n) of each.
struct Singular {
  static void run(const RunContext&, const Argument* in, const Result& out) {
    const Matrix x = view(in[0]);
    const Eigen::Index m = x.rows(), n = x.cols(), k = std::min(m, n);
    Eigen::Map<Vector> to(out.data, (m + n + 1) * k);
    if (!x.allFinite()) {
      to.setConstant(kNan);
      return;
    }
    const Eigen::JacobiSVD<Matrix> svd(x, Eigen::ComputeThinU | Eigen::ComputeThinV);
    const ConstMap reference = view(in[1]);
    Eigen::Map<Matrix> u(out.data, m, k), v(out.data + (m + 1) * k, n, k);
    u = svd.matrixU();
    v = svd.matrixV();
    for (Eigen::Index j = 0; j < k; ++j) {
      if (u.col(j).dot(reference.col(j)) >= 0) continue;
      u.col(j) *= -1;
      v.col(j) *= -1;
    }
    to.segment(m * k, k) = svd.singularValues();
  }

  struct Parts {
    std::int32_t m, n, k;
    Expr left, values, right;
  };
  static Parts parts(Graph& g, NodeId id, Expr packed) {
    const Shape a = g.shape(g.input_of(id, 0));
    const std::int32_t m = a.rows, n = a.cols, k = std::min(m, n);
    return {m,
            n,
            k,
            slice(packed, 0, {m, k}),
            slice(packed, m * k, {k, 1}),
            slice(packed, (m + 1) * k, {n, k})};
  }
  static Expr outside_of(Expr basis, Expr x) { return x - matmul(basis, matmul(basis, x, true)); }

  static void vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) {
    if (!sink.wants(0)) return;
    const Parts of = parts(g, id, Expr(&g, id));
    const Parts bar = parts(g, id, expand(adjoint, g.shape(id)));
    const Expr s = of.values, s_row = transpose(s), gaps = inverse_gaps(g, square(s));
    const auto rotation = [&](Expr vectors, Expr adjoints) {
      const Expr p = matmul(vectors, adjoints, true);
      return mulz(gaps, p - transpose(p));
    };
    const Expr middle = rotation(of.left, bar.left) * s_row + s * rotation(of.right, bar.right) +
                        diagonal_matrix(g, bar.values);
    Expr found = matmul(of.left, matmul(middle, of.right, false, true));
    if (of.m > of.k) {
      const Expr rest = mulz(outside_of(of.left, bar.left), 1 / s_row);
      found = found + matmul(rest, of.right, false, true);
    }
    if (of.n > of.k) {
      const Expr rest = mulz(outside_of(of.right, bar.right), 1 / s_row);
      found = found + matmul(of.left, rest, false, true);
    }
    sink.add(0, found);
  }

  static Expr jvp(Graph& g, NodeId id, const Expr* t, std::int32_t directions) {
    const Parts of = parts(g, id, Expr(&g, id));
    const Expr s = of.values, s_row = transpose(s), gaps = inverse_gaps(g, square(s));
    return each_direction(g, id, t[0], directions, [&](Expr da) {
      const Expr p = matmul(of.left, matmul(da, of.right), true), q = transpose(p);
      Expr left = matmul(of.left, mulz(gaps, p * s_row + s * q));
      Expr right = matmul(of.right, mulz(gaps, s * p + q * s_row));
      if (of.m > of.k) left = left + mulz(outside_of(of.left, matmul(da, of.right)), 1 / s_row);
      if (of.n > of.k)
        right = right + mulz(outside_of(of.right, matmul(da, of.left, true)), 1 / s_row);
      return concat({left, diagonal_of(p), right}, g.shape(id), &g);
    });
  }
};

}  // namespace

const StructuralInfo eigenvalues_info{"eigenvalues", RowKind::kNever, Eigenvalues::run,
                                      Eigenvalues::vjp, Eigenvalues::jvp};
const StructuralInfo singular_values_info{"singular_values", RowKind::kNever, Singular::run,
                                          Singular::vjp, Singular::jvp};

Expr eigenvalues(Expr a, Expr reference, bool symmetric) {
  const Shape s = a.shape();
  if (s.rows != s.cols) throw GraphError("the matrix must be square");
  if (reference.shape() != s) throw GraphError("non-conformable arguments");
  Graph* g = a.graph();
  Attribute attribute;
  attribute.a = symmetric;
  return Expr(g, g->structural(Op::eigenvalues, {a.id(), reference.in(g)}, {s.rows, s.cols + 1},
                               attribute));
}

Expr singular_values(Expr a, Expr reference) {
  const Shape s = a.shape();
  const std::int32_t k = std::min(s.rows, s.cols);
  if (reference.shape() != Shape{s.rows, k}) throw GraphError("non-conformable arguments");
  Graph* g = a.graph();
  return Expr(g, g->structural(Op::singular_values, {a.id(), reference.in(g)},
                               {(s.rows + s.cols + 1) * k, 1}, Attribute{}));
}

}  // namespace admle
