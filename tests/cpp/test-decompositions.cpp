// Eigenvalues, singular values, matrix exponentials, Fourier transforms: the matrix is put together
// again, vectors keep to the side of the reference, derivatives are differences; and what is right
// at repeated values.
#include <complex>

#include "engine-helpers.h"

namespace {

using namespace admle_test;

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

Point well_separated(Random& random, std::int32_t n, bool symmetric) {
  Numbers a = random.uniforms(n * n, -0.3, 0.3);
  for (std::int32_t i = 0; i < n; ++i) {
    a[at(i * (n + 1))] += 1 + 1.3 * i;
    for (std::int32_t j = 0; j < i && symmetric; ++j) a[at(i + j * n)] = a[at(j + i * n)];
  }
  return {{n, n}, a};
}

Expr ones(const Expr& like, Shape s) {
  return constant(like.graph(), Numbers(at(s.size()), 1.0), s);
}

const Test eigen_test{"decompositions: eigenvalues and vectors", [] {
  Random random(31);
  for (std::int32_t n : {1, 2, 4})
    for (const bool symmetric : {true, false}) {
      const Point a = well_separated(random, n, symmetric);
      const std::string what = (symmetric ? "symmetric " : "general ") + std::to_string(n);
      const auto parts = [=](const std::vector<Expr>& x) {
        return eigenvalues(x[0], ones(x[0], {n, n}), symmetric);
      };
      check_formula("A from " + what, {a}, [=](const std::vector<Expr>& x) {
        const Expr e = parts(x), v = slice(e, 0, {n, n}), l = slice(e, n * n, {n, 1});
        const Expr scaled = v * transpose(l);
        return symmetric ? matmul(scaled, v, false, true)
                         : transpose(solve(transpose(v), transpose(scaled)));
      }, a.at, 2, 0.02);
      Graph g;
      const Expr x(&g, g.input(a.shape));
      const Numbers found = evaluate(g, parts({x}), {a.at});
      check_formula("parts of " + what, {a}, parts, found, 2, 0.02);
      for (std::int32_t j = 0; j < n; ++j) {
        double length = 0, side = 0;
        for (std::int32_t i = 0; i < n; ++i) {
          length += found[at(i + j * n)] * found[at(i + j * n)];
          side += found[at(i + j * n)];
        }
        check_all_close({length}, {1}, Tolerance::kValue, what + " length");
        check(side > 0, what + " side of the reference");
        check(j == 0 || found[at(n * n + j)] < found[at(n * n + j - 1)], what + " order");
      }
    }
}};

const Test repeated_test{"decompositions: repeated and complex eigenvalues", [] {
  Graph g;
  const Expr x(&g, g.input({2, 2}));
  const Expr e = eigenvalues(x, ones(x, {2, 2}), true);
  const Expr trace = sum(square(slice(e, 4, {2, 1})));
  const Expr slope = vjp(g, trace.id(), Expr(&g, g.constant(1.0)), {x.id()})[0];
  check_all_close(evaluate(g, slope, {{3, 0, 0, 3}}), {6, 0, 0, 6}, Tolerance::kValue,
                  "the derivative of a symmetric function at repeated values");
  const Expr vector = sum(slice(e, 0, {2, 1}));
  const Expr turn = vjp(g, vector.id(), Expr(&g, g.constant(1.0)), {x.id()})[0];
  bool finite = true;
  for (double v : evaluate(g, turn, {{3, 0, 0, 3}})) finite = finite && std::isfinite(v);
  check(!finite, "a vector of a repeated value has no derivative");
  for (double v : evaluate(g, eigenvalues(x, ones(x, {2, 2}), false), {{0, 1, -1, 0}}))
    check(std::isnan(v), "complex eigenvalues are NaN");
  check(refuses([] {
    Graph h;
    const Expr m(&h, h.input({2, 3}));
    eigenvalues(m, m, true);
  }), "eigenvalues of a matrix that is not square");
}};

const Test svd_test{"decompositions: singular values and vectors", [] {
  Random random(32);
  for (const Shape s : {Shape{3, 3}, Shape{4, 2}, Shape{2, 3}}) {
    Point a = random_point(random, s, -0.4, 0.4);
    const std::int32_t m = s.rows, n = s.cols, k = std::min(m, n);
    for (std::int32_t i = 0; i < k; ++i) a.at[at(i * (m + 1))] += 1.5 + 1.2 * i;
    const std::string what = std::to_string(m) + " x " + std::to_string(n);
    const auto parts = [=](const std::vector<Expr>& x) {
      return singular_values(x[0], ones(x[0], {m, k}));
    };
    check_formula("A from singular values " + what, {a}, [=](const std::vector<Expr>& x) {
      const Expr p = parts(x), u = slice(p, 0, {m, k}), d = slice(p, m * k, {k, 1});
      return matmul(u * transpose(d), slice(p, (m + 1) * k, {n, k}), false, true);
    }, a.at, 2, 0.02);
    Graph g;
    const Expr x(&g, g.input(s));
    check_formula("parts " + what, {a}, parts, evaluate(g, parts({x}), {a.at}), 2, 0.02);
  }
}};

// The series of exp(A).
Numbers exponential(const Numbers& a, std::int32_t n) {
  Numbers out(a.size(), 0.0), term(a.size(), 0.0);
  for (std::int32_t i = 0; i < n; ++i) term[at(i * (n + 1))] = 1;
  for (int k = 1; k < 60; ++k) {
    Numbers next(a.size(), 0.0);
    for (std::int32_t j = 0; j < n; ++j)
      for (std::int32_t l = 0; l < n; ++l)
        for (std::int32_t i = 0; i < n; ++i)
          next[at(i + j * n)] += term[at(i + l * n)] * a[at(l + j * n)] / k;
    for (std::size_t i = 0; i < a.size(); ++i) out[i] += term[i];
    term = next;
  }
  return out;
}

const Test exponential_test{"decompositions: exponential of a matrix", [] {
  Random random(33);
  for (std::int32_t n : {1, 2, 3}) {
    const Point a = random_point(random, {n, n}, -1.5, 1.5);
    check_formula("matrix_exp of order " + std::to_string(n), {a},
                  [](const std::vector<Expr>& x) { return matrix_exp(x[0]); },
                  exponential(a.at, n), 2);
  }
  check(refuses([] {
    Graph h;
    matrix_exp(Expr(&h, h.input({2, 3})));
  }), "exponential of a matrix that is not square");
}};

const Test fourier_test{"decompositions: Fourier transform", [] {
  Random random(34);
  for (const std::int32_t n : {1, 6, 7})
    for (const bool inverse : {false, true}) {
      const Point x = random_point(random, {n, 4});  // two complex columns
      Numbers expected(x.at.size());
      for (std::int32_t j = 0; j < 2; ++j)
        for (std::int32_t k = 0; k < n; ++k) {
          std::complex<double> total = 0;
          for (std::int32_t i = 0; i < n; ++i) {
            const double angle = (inverse ? 2 : -2) * 3.141592653589793 * i * k / n;
            total += std::complex<double>(x.at[at(i + j * n)], x.at[at(i + (j + 2) * n)]) *
                     std::polar(1.0, angle);
          }
          expected[at(k + j * n)] = total.real();
          expected[at(k + (j + 2) * n)] = total.imag();
        }
      Numbers bent;
      for (double v : expected) bent.push_back(v + std::sin(v));
      check_formula("fourier of " + std::to_string(n), {x}, [=](const std::vector<Expr>& e) {
        const Expr y = fourier(e[0], inverse);
        return y + sin(y);
      }, bent, 2);
    }
}};

}  // namespace
