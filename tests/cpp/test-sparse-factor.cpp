// Sparse factors, and the curvature made of them, against the same with dense matrices.
#include "math/sparse-factor.h"
#include "engine-helpers.h"
#include "math/dense-factor.h"
#include "math/selected-inverse.h"
#include "solve/dense-curvature.h"
#include "solve/sparse-curvature.h"

namespace {

using namespace admle_test;
using Eigen::MatrixXd;
using Eigen::VectorXd;

Symmetric sparse_of_dense(const MatrixXd& a) {
  Symmetric::Sparse upper = MatrixXd(a.triangularView<Eigen::Upper>()).sparseView();
  for (Eigen::Index j = 0; j < a.cols(); ++j) upper.coeffRef(j, j) = a(j, j);
  upper.makeCompressed();
  const auto order = std::make_shared<const SparseOrder>(
      static_cast<int>(a.cols()), upper.outerIndexPtr(), upper.innerIndexPtr());
  return {upper, order};
}

VectorXd random_vector(Random& random, int size) {
  const Numbers x = random.uniforms(size);
  return Eigen::Map<const VectorXd>(x.data(), size);
}

// Sums of squares of `terms` sparse rows, each with elements in the columns that `columns` gives.
MatrixXd gram(Random& random, int size, int terms,
              const std::function<std::vector<int>(int term)>& columns) {
  MatrixXd out = MatrixXd::Zero(size, size);
  for (int t = 0; t < terms; ++t) {
    VectorXd z = VectorXd::Zero(size);
    for (int j : columns(t)) z[j] = random.uniform(0.5, 1);
    out += z * z.transpose();
  }
  return out;
}

struct Case {
  const char* name;
  MatrixXd matrix;
};

std::vector<Case> definite_cases() {
  Random random(3);
  const auto below = [&](int n) { return static_cast<int>(random.below(n)); };
  std::vector<Case> out;
  out.push_back({"one number", MatrixXd::Constant(1, 1, 4)});
  out.push_back({"diagonal", MatrixXd(VectorXd::LinSpaced(9, 1, 9).asDiagonal())});
  out.push_back({"one factor and a border", gram(random, 53, 400, [&](int) {
                   return std::vector<int>{below(50), 50, 51, 52};
                 })});
  out.push_back({"two factors", gram(random, 70, 300, [&](int) {
                   return std::vector<int>{below(50), 50 + below(20)};
                 })});
  out.push_back({"a chain", gram(random, 60, 59, [](int t) {
                   return std::vector<int>{t, t + 1};
                 })});
  out.push_back({"a grid", gram(random, 64, 112, [](int t) {
                   const int at = t % 56;
                   return t < 56 ? std::vector<int>{at / 7 * 8 + at % 7, at / 7 * 8 + at % 7 + 1}
                                 : std::vector<int>{at, at + 8};
                 })});
  out.push_back({"full", gram(random, 12, 40, [](int) {
                   return std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
                 })});
  for (Case& c : out) c.matrix.diagonal().array() += 0.05;
  return out;
}

void check_vectors(const VectorXd& found, const VectorXd& expected, const std::string& name) {
  const double scale = expected.cwiseAbs().maxCoeff();
  check((found - expected).cwiseAbs().maxCoeff() <= 1e-11 * scale, name);
}

// Elements in the pattern of the upper triangle of `a`.
VectorXd selected(const Symmetric& a, const MatrixXd& from) {
  VectorXd out(a.upper().nonZeros());
  Eigen::Index e = 0;
  for (Eigen::Index j = 0; j < a.upper().outerSize(); ++j)
    for (Symmetric::Sparse::InnerIterator it(a.upper(), j); it; ++it)
      out[e++] = from(it.row(), it.col());
  return out;
}

const Test dense_factors{"dense factors by blocks", [] {
  Random random(6);
  for (int size : {1, 3, 95, 96, 97, 250}) {
    const MatrixXd x = Eigen::Map<const MatrixXd>(random.uniforms(size * size).data(), size, size);
    const MatrixXd a = x * x.transpose() + size * MatrixXd::Identity(size, size);
    MatrixXd l = a;
    check(cholesky_factor(l), "positive definite");
    const MatrixXd lower = l.triangularView<Eigen::Lower>();
    check((lower * lower.transpose() - a).norm() <= 1e-13 * a.norm(), "the factor");
    const MatrixXd inverse = inverse_of_factor(l), b = x + x.transpose();
    check((inverse * a - MatrixXd::Identity(size, size)).norm() <= 1e-12 * size, "the inverse");
    check((congruence(a, b) - a * b * a).norm() <= 1e-13 * (a * b * a).norm(), "Z X Z");
    l = a;
    l(size - 1, size - 1) = -1;
    check(!cholesky_factor(l), "indefinite");
  }
}};

const Test selected_inverses{"sparse factor: elements of the inverse", [] {
  Random random(5);
  for (const Case& c : definite_cases()) {
    const Symmetric a = sparse_of_dense(c.matrix);
    const MatrixXd inverse = c.matrix.inverse();
    const SparseFactor factor(a, 0);
    VectorXd found(a.upper().nonZeros());
    selected_inverse(factor, found.data());
    check_vectors(found, selected(a, inverse), std::string(c.name) + ": inverse");
    const VectorXd x = random_vector(random, static_cast<int>(found.size()));
    MatrixXd full = MatrixXd::Zero(c.matrix.rows(), c.matrix.cols());
    Eigen::Index e = 0;
    for (Eigen::Index j = 0; j < full.cols(); ++j)
      for (Symmetric::Sparse::InnerIterator it(a.upper(), j); it; ++it)
        full(it.row(), j) = full(j, it.row()) = x[e++];
    check(selected_product(*a.order(), a.upper().valuePtr(), x.data(), found.data()), c.name);
    check_vectors(found, selected(a, inverse * full * inverse), std::string(c.name) + ": product");
    const double log_det = std::log(c.matrix.determinant());
    check_close(1 + factor.log_pivots().sum(), 1 + log_det, 1e-11, c.name);
  }
}};

const Test factors{"sparse factor: solutions", [] {
  Random random(4);
  for (const Case& c : definite_cases()) {
    const int size = static_cast<int>(c.matrix.cols());
    for (double shift : {0.0, 0.7}) {
      const SparseFactor factor(sparse_of_dense(c.matrix), shift);
      check(factor.ok(), c.name);
      const MatrixXd a = c.matrix + shift * MatrixXd::Identity(size, size);
      MatrixXd x(size, 3);
      for (int j = 0; j < 3; ++j) x.col(j) = random_vector(random, size);
      const MatrixXd b = x;
      factor.solve(x);
      check((a * x - b).cwiseAbs().maxCoeff() <= 1e-11 * x.cwiseAbs().maxCoeff(), c.name);
      const VectorXd half = factor.half_solve(b.col(0));
      check_close(half.squaredNorm(), b.col(0).dot(x.col(0)), Tolerance::kRoutes, c.name);
      check_vectors(factor.half_solve_transposed(half), x.col(0), c.name);
    }
    MatrixXd indefinite = c.matrix;
    indefinite(size / 2, size / 2) = -1;
    check(!SparseFactor(sparse_of_dense(indefinite), 0).ok(), c.name);
  }
}};

const Test patterns{"sparse factor: another pattern than that of the order", [] {
  const std::vector<Case> cases = definite_cases();
  const Symmetric chain = sparse_of_dense(cases[4].matrix);
  MatrixXd more = cases[4].matrix;
  more(0, 59) = more(59, 0) = 0.01;
  const Symmetric other(sparse_of_dense(more).upper(), chain.order());
  MatrixXd x = MatrixXd::Ones(60, 1);
  SparseFactor(other, 0).solve(x);
  check_vectors(more * x, VectorXd::Ones(60), "is found out");
}};

const Test dense_block{"sparse factor: what is eliminated sparsely", [] {
  const std::vector<Case> cases = definite_cases();
  const auto sparse_columns = [&](std::size_t i) {
    return sparse_of_dense(cases[i].matrix).order()->sparse_columns();
  };
  check(sparse_columns(2) >= 35, "effects before their border");
  check(sparse_columns(3) >= 30, "the longer factor before the other");
  check(sparse_columns(6) == 0, "a full matrix is left whole");
}};

const Test curvature{"sparse curvature: as of a dense matrix", [] {
  Random random(5);
  for (const Case& c : definite_cases()) {
    const int size = static_cast<int>(c.matrix.cols());
    const VectorXd units = (3 * random_vector(random, size)).array().exp();
    const MatrixXd h = units.asDiagonal() * c.matrix * units.asDiagonal();
    const DenseCurvature dense(h);
    const SparseCurvature sparse(sparse_of_dense(h));
    check(dense.positive_definite() && sparse.positive_definite(), c.name);
    check_vectors(sparse.scale(), dense.scale(), c.name);
    const VectorXd g = random_vector(random, size).cwiseProduct(units);
    check_vectors(sparse.newton_step(g).cwiseProduct(units),
                  dense.newton_step(g).cwiseProduct(units), c.name);
    check_close(sparse.decrement(g), dense.decrement(g), Tolerance::kRoutes, c.name);
    // The estimate comes from above, and is not far off.
    const double lowest = dense.smallest_eigenvalue();
    check(sparse.smallest_eigenvalue() >= 0.999 * lowest &&
              sparse.smallest_eigenvalue() <= 2 * lowest,
          c.name);
    const VectorXd p = sparse.probe(g, 0.1);
    check_close(p.dot(h * p), 0.01, Tolerance::kRoutes, c.name);
    check(p.dot(g) < 0, c.name);
    const double change = sparse.relative_size(sparse_of_dense(0.3 * h));
    check(std::abs(change - 0.3) < 1e-8, c.name);
    const TrustRegionStep full = dense.within(g, 1e300);
    for (double part : {0.9, 0.3, 0.01}) {
      const double radius = part * full.length;
      const TrustRegionStep best = dense.within(g, radius), step = sparse.within(g, radius);
      check(step.length <= 1.001 * radius && step.reduction >= 0.95 * best.reduction, c.name);
      check_close(step.reduction, -g.dot(step.step) - 0.5 * step.step.dot(h * step.step),
                  Tolerance::kRoutes, c.name);
    }
  }
}};

const Test saddles{"sparse curvature: indefinite and singular", [] {
  Random random(6);
  for (const Case& c : definite_cases()) {
    const int size = static_cast<int>(c.matrix.cols());
    if (size == 1) continue;
    MatrixXd h = c.matrix;
    h.diagonal().array() -= 0.5 * h.diagonal().mean();
    const DenseCurvature dense(h);
    const SparseCurvature sparse(sparse_of_dense(h));
    if (dense.smallest_eigenvalue() > 0) continue;
    check(!sparse.positive_definite(), c.name);
    check(sparse.smallest_eigenvalue() < 0.5 * dense.smallest_eigenvalue(), c.name);
    const VectorXd g = 0.1 * random_vector(random, size);
    check(g.dot(sparse.descent_step(g)) < 0, c.name);
    for (const VectorXd& slope : {g, VectorXd(VectorXd::Zero(size))}) {
      const TrustRegionStep best = dense.within(slope, 1), step = sparse.within(slope, 1);
      check(step.length <= 1.001 && step.reduction >= 0.8 * best.reduction, c.name);
    }
  }
  // Effects of two factors: a constant moves from one to the other.
  const MatrixXd twoway = gram(random, 30, 400, [&](int) {
    return std::vector<int>{static_cast<int>(random.below(20)),
                            20 + static_cast<int>(random.below(10))};
  });
  MatrixXd h = MatrixXd::Zero(30, 30);
  VectorXd ones = VectorXd::Ones(30);
  for (int i = 0; i < 30; ++i)
    for (int j = 0; j < 30; ++j)
      if (i != j && (i < 20) != (j < 20)) h(i, j) = twoway(i, j) != 0 ? 1 : 0;
  h.diagonal() = h * ones;
  const SparseCurvature sparse(sparse_of_dense(h));
  check(!sparse.positive_definite() && std::abs(sparse.smallest_eigenvalue()) < 1e-8,
        "singular");
  VectorXd g = h * random_vector(random, 30);
  const TrustRegionStep step = sparse.within(g, 1e3);
  check((h * step.step + g).norm() < 1e-5 * g.norm(), "steps on what has curvature");
}};

}  // namespace
