// Problems for the minimiser, with exact derivatives by second-order forward differentiation, and
// what has to hold of every solution.
#pragma once

#include "check.h"

#include "solve/solve.h"

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace admle_test {

using admle::Matrix;
using admle::Method;
using admle::Outcome;
using admle::Solution;
using admle::Symmetric;
using admle::Vector;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kPi = 3.14159265358979323846;
inline const std::vector<Method> kAllDense = {Method::kAuto, Method::kNewton, Method::kBfgs,
                                       Method::kLbfgs};

// Value, gradient and Hessian of an expression in the parameters.
struct Jet {
  double value;
  Vector gradient;
  Matrix hessian;
};

using Jets = std::vector<Jet>;

inline Jet constant(double value, const Jet& like) {
  return {value, 0 * like.gradient, 0 * like.hessian};
}

// f(u) from f, f', f'' at u.
inline Jet chain(const Jet& u, double f, double f1, double f2) {
  return {f, f1 * u.gradient, f1 * u.hessian + f2 * u.gradient * u.gradient.transpose()};
}

inline Jet operator+(const Jet& a, const Jet& b) {
  return {a.value + b.value, a.gradient + b.gradient, a.hessian + b.hessian};
}
inline Jet operator*(const Jet& a, const Jet& b) {
  const Matrix cross = a.gradient * b.gradient.transpose();
  return {a.value * b.value, a.value * b.gradient + b.value * a.gradient,
          a.value * b.hessian + b.value * a.hessian + cross + cross.transpose()};
}
inline Jet operator*(double a, const Jet& b) {
  return {a * b.value, a * b.gradient, a * b.hessian};
}
inline Jet operator+(const Jet& a, double b) { return {a.value + b, a.gradient, a.hessian}; }
inline Jet operator+(double a, const Jet& b) { return b + a; }
inline Jet operator-(const Jet& a) { return -1.0 * a; }
inline Jet operator-(const Jet& a, const Jet& b) { return a + -b; }
inline Jet operator-(const Jet& a, double b) { return a + -b; }
inline Jet operator-(double a, const Jet& b) { return a + -b; }
inline Jet exp(const Jet& u) {
  const double e = std::exp(u.value);
  return chain(u, e, e, e);
}
inline Jet log(const Jet& u) {
  const double x = u.value;
  return chain(u, x > 0 ? std::log(x) : kNaN, 1 / x, -1 / (x * x));
}
inline Jet sqrt(const Jet& u) {
  const double r = std::sqrt(u.value);
  return chain(u, r, 0.5 / r, -0.25 / (r * u.value));
}
inline Jet atan(const Jet& u) {
  const double d = 1 / (1 + u.value * u.value);
  return chain(u, std::atan(u.value), d, -2 * u.value * d * d);
}
inline Jet square(const Jet& u) { return u * u; }
inline Jet reciprocal(const Jet& u) {
  const double r = 1 / u.value;
  return chain(u, r, -r * r, 2 * r * r * r);
}

// An objective written as one expression; parameter i enters as scale[i] * x[i].
class Expression : public admle::Objective {
 public:
  using Formula = std::function<Jet(const Jets&)>;

  Expression(int k, Formula formula) : formula_(std::move(formula)), scale_(Vector::Ones(k)) {}
  Expression(Vector scale, Formula formula)
      : formula_(std::move(formula)), scale_(std::move(scale)) {}

  int dimension() const override { return static_cast<int>(scale_.size()); }
  double value(const Vector& x) override { return at(x).value; }
  double value_and_gradient(const Vector& x, Vector& gradient) override {
    ++gradient_calls;
    const Jet result = at(x);
    gradient = result.gradient;
    return result.value;
  }
  bool has_hessian(int limit) override { return with_hessian && dimension() <= limit; }
  Symmetric hessian(const Vector& x) override {
    ++hessian_calls;
    return at(x).hessian;
  }
  double hessian_cost() override { return cost; }
  bool has_scores() const override { return false; }
  Matrix scores(const Vector&) override { return Matrix(); }

  bool with_hessian = true;
  double cost = 2;
  int gradient_calls = 0;
  int hessian_calls = 0;

 private:
  Jet at(const Vector& x) const {
    const auto k = x.size();
    Jets jets;
    for (Eigen::Index i = 0; i < k; ++i) {
      jets.push_back({scale_[i] * x[i], scale_[i] * Vector::Unit(k, i), Matrix::Zero(k, k)});
    }
    return formula_(jets);
  }

  Formula formula_;
  Vector scale_;
};

inline Vector vector(std::initializer_list<double> values) {
  Vector result(static_cast<Eigen::Index>(values.size()));
  Eigen::Index i = 0;
  for (double value : values) result[i++] = value;
  return result;
}

inline Solution run(admle::Objective& objective, const Vector& start, Method method,
             double decrement_tolerance = 1e-12) {
  admle::SolveOptions options;
  options.method = method;
  options.decrement_tolerance = decrement_tolerance;
  return admle::minimise(objective, start, options);
}

inline std::string label(const char* name, const Solution& solution) {
  return std::string(name) + ": " + admle::describe(solution);
}

// What must hold of any solution that claims convergence.
inline void check_honest(admle::Objective& objective, const Solution& solution,
                         const std::string& what) {
  if (!solution.converged || solution.hessian.size() == 0) return;
  const Matrix hessian = objective.hessian(solution.x).to_dense();
  check((hessian - solution.hessian.to_dense()).cwiseAbs().maxCoeff() == 0,
        what + ": Hessian is that at x");
  const Eigen::LLT<Matrix> factor(hessian);
  check(factor.info() == Eigen::Success, what + ": Hessian is positive definite");
  const double decrement = solution.gradient.dot(factor.solve(solution.gradient));
  check(decrement <= 1e-6, what + ": decrement is small");
}

// Every method reaches x (to `tolerance` of max(|x|, 1)) and says so.
inline void check_minimum(const char* name, const Expression::Formula& formula, const Vector& start,
                   const Vector& minimum, double tolerance) {
  for (Method method : kAllDense) {
    Expression objective(static_cast<int>(start.size()), formula);
    const Solution solution = run(objective, start, method);
    const std::string what = label(name, solution);
    check(solution.converged, what);
    const Vector size = minimum.cwiseAbs().cwiseMax(1.0);
    const double error = (solution.x - minimum).cwiseQuotient(size).cwiseAbs().maxCoeff();
    check(error <= tolerance, what + ": error " + std::to_string(error));
    check(solution.gradient_evaluations == objective.gradient_calls, what + ": gradients counted");
    check(solution.hessian_evaluations == objective.hessian_calls, what + ": Hessians counted");
    check_honest(objective, solution, what);
  }
}

inline Jet rosenbrock(const Jets& x) {
  return square(10.0 * (x[1] - square(x[0]))) + square(1.0 - x[0]);
}

inline Jet beale(const Jets& x) {
  const Jet square_2 = square(x[1]);
  return square(1.5 - x[0] * (1.0 - x[1])) + square(2.25 - x[0] * (1.0 - square_2)) +
         square(2.625 - x[0] * (1.0 - square_2 * x[1]));
}

inline Jet wood(const Jets& x) {
  return 100.0 * square(x[1] - square(x[0])) + square(1.0 - x[0]) +
         90.0 * square(x[3] - square(x[2])) + square(1.0 - x[2]) +
         10.0 * square(x[1] + x[3] - 2.0) + 0.1 * square(x[1] - x[3]);
}

inline Jet helical_valley(const Jets& x) {
  const double turn = x[0].value < 0 ? 0.5 : 0.0;
  const Jet theta = (0.5 / kPi) * atan(x[1] * reciprocal(x[0])) + turn;
  const Jet radius = sqrt(square(x[0]) + square(x[1]));
  return square(10.0 * (x[2] - 10.0 * theta)) + square(10.0 * (radius - 1.0)) + square(x[2]);
}

// Normal regression in (b0, b1, log s): minus the log-likelihood, without constants.
class Regression : public admle::Objective {
 public:
  Regression() {
    for (int i = 0; i < 60; ++i) {
      z_.push_back(0.1 * i);
      y_.push_back(1 + 2 * z_.back() + std::sin(37.0 * i) * 0.5);
    }
  }
  int dimension() const override { return 3; }
  double value(const Vector& x) override {
    Vector gradient(3);
    return value_and_gradient(x, gradient);
  }
  double value_and_gradient(const Vector& x, Vector& gradient) override {
    double sum = 0;
    for (std::size_t i = 0; i < y_.size(); ++i) {
      sum += x[2] + 0.5 * std::pow(residual(x, i) / std::exp(x[2]), 2);
    }
    gradient = scores(x).colwise().sum().transpose();
    return sum;
  }
  bool has_hessian(int limit) override { return with_hessian && dimension() <= limit; }
  Symmetric hessian(const Vector& x) override {
    const double w = std::exp(-2 * x[2]);
    Matrix result = Matrix::Zero(3, 3);
    for (std::size_t i = 0; i < y_.size(); ++i) {
      const double r = residual(x, i);
      const Vector row = vector({1, z_[i]});
      result.topLeftCorner(2, 2) += w * row * row.transpose();
      result.block(0, 2, 2, 1) += 2 * w * r * row;
      result(2, 2) += 2 * w * r * r;
    }
    result.block(2, 0, 1, 2) = result.block(0, 2, 2, 1).transpose();
    return result;
  }
  bool has_scores() const override { return true; }
  Matrix scores(const Vector& x) override {
    const double w = std::exp(-2 * x[2]);
    Matrix result(static_cast<Eigen::Index>(y_.size()), 3);
    for (std::size_t i = 0; i < y_.size(); ++i) {
      const double r = residual(x, i);
      result.row(static_cast<Eigen::Index>(i)) << -w * r, -w * r * z_[i], 1 - w * r * r;
    }
    return result;
  }
  // Least squares by the normal equations.
  Vector expected() const {
    double n = 0, sz = 0, szz = 0, sy = 0, szy = 0;
    for (std::size_t i = 0; i < y_.size(); ++i) {
      n += 1, sz += z_[i], szz += z_[i] * z_[i], sy += y_[i], szy += z_[i] * y_[i];
    }
    const double slope = (n * szy - sz * sy) / (n * szz - sz * sz);
    Vector result = vector({(sy - slope * sz) / n, slope, 0});
    double rss = 0;
    for (std::size_t i = 0; i < y_.size(); ++i) rss += std::pow(residual(result, i), 2);
    result[2] = 0.5 * std::log(rss / n);
    return result;
  }

  bool with_hessian = true;

 private:
  double residual(const Vector& x, std::size_t i) const { return y_[i] - x[0] - x[1] * z_[i]; }

  std::vector<double> z_, y_;
};

}  // namespace admle_test
