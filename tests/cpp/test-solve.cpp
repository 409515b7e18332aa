// The minimiser on classic problems (More, Garbow & Hillstrom 1981, ACM TOMS 7(1)) and on the
// traps of likelihoods: every method finds the minimum, and `converged` is never claimed at a
// saddle, along an unidentified direction, or on the way to infinity. Derivatives are exact, by
// second-order forward differentiation of the residuals.
#include "check.h"

#include "solve/descent.h"
#include "solve/line-search.h"
#include "solve/quadratic-model.h"
#include "solve/trust-region-search.h"

#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace {

using admle::Matrix;
using admle::Method;
using admle::Outcome;
using admle::Solution;
using admle::Vector;
using admle_test::check;
using admle_test::check_close;
using admle_test::Test;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kPi = 3.14159265358979323846;
const std::vector<Method> kAllDense = {Method::kAuto, Method::kNewton, Method::kBfgs,
                                       Method::kLbfgs};

// Value, gradient and Hessian of an expression in the parameters.
struct Jet {
  double value;
  Vector gradient;
  Matrix hessian;
};

using Jets = std::vector<Jet>;

Jet constant(double value, const Jet& like) {
  return {value, 0 * like.gradient, 0 * like.hessian};
}

// f(u) from f, f', f'' at u.
Jet chain(const Jet& u, double f, double f1, double f2) {
  return {f, f1 * u.gradient, f1 * u.hessian + f2 * u.gradient * u.gradient.transpose()};
}

Jet operator+(const Jet& a, const Jet& b) {
  return {a.value + b.value, a.gradient + b.gradient, a.hessian + b.hessian};
}
Jet operator*(const Jet& a, const Jet& b) {
  const Matrix cross = a.gradient * b.gradient.transpose();
  return {a.value * b.value, a.value * b.gradient + b.value * a.gradient,
          a.value * b.hessian + b.value * a.hessian + cross + cross.transpose()};
}
Jet operator*(double a, const Jet& b) { return {a * b.value, a * b.gradient, a * b.hessian}; }
Jet operator+(const Jet& a, double b) { return {a.value + b, a.gradient, a.hessian}; }
Jet operator+(double a, const Jet& b) { return b + a; }
Jet operator-(const Jet& a) { return -1.0 * a; }
Jet operator-(const Jet& a, const Jet& b) { return a + -b; }
Jet operator-(const Jet& a, double b) { return a + -b; }
Jet operator-(double a, const Jet& b) { return a + -b; }
Jet exp(const Jet& u) {
  const double e = std::exp(u.value);
  return chain(u, e, e, e);
}
Jet log(const Jet& u) {
  const double x = u.value;
  return chain(u, x > 0 ? std::log(x) : kNaN, 1 / x, -1 / (x * x));
}
Jet sqrt(const Jet& u) {
  const double r = std::sqrt(u.value);
  return chain(u, r, 0.5 / r, -0.25 / (r * u.value));
}
Jet atan(const Jet& u) {
  const double d = 1 / (1 + u.value * u.value);
  return chain(u, std::atan(u.value), d, -2 * u.value * d * d);
}
Jet square(const Jet& u) { return u * u; }
Jet reciprocal(const Jet& u) {
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
  bool has_hessian() const override { return with_hessian; }
  Matrix hessian(const Vector& x) override {
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

Vector vector(std::initializer_list<double> values) {
  Vector result(static_cast<Eigen::Index>(values.size()));
  Eigen::Index i = 0;
  for (double value : values) result[i++] = value;
  return result;
}

Solution run(admle::Objective& objective, const Vector& start, Method method,
             double decrement_tolerance = 1e-12) {
  admle::SolveOptions options;
  options.method = method;
  options.decrement_tolerance = decrement_tolerance;
  return admle::minimise(objective, start, options);
}

std::string label(const char* name, const Solution& solution) {
  return std::string(name) + ": " + admle::describe(solution);
}

// What must hold of any solution that claims convergence.
void check_honest(admle::Objective& objective, const Solution& solution, const std::string& what) {
  if (!solution.converged || solution.hessian.size() == 0) return;
  const Matrix hessian = objective.hessian(solution.x);
  check((hessian - solution.hessian).cwiseAbs().maxCoeff() == 0, what + ": Hessian is that at x");
  const Eigen::LLT<Matrix> factor(hessian);
  check(factor.info() == Eigen::Success, what + ": Hessian is positive definite");
  const double decrement = solution.gradient.dot(factor.solve(solution.gradient));
  check(decrement <= 1e-6, what + ": decrement is small");
}

// Every method reaches x (to `tolerance` of max(|x|, 1)) and says so.
void check_minimum(const char* name, const Expression::Formula& formula, const Vector& start,
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

Jet rosenbrock(const Jets& x) {
  return square(10.0 * (x[1] - square(x[0]))) + square(1.0 - x[0]);
}

const Test rosenbrock_test{"solve: Rosenbrock", [] {
  check_minimum("Rosenbrock", rosenbrock, vector({-1.2, 1}), vector({1, 1}), 1e-6);
}};

const Test powell_test{"solve: Powell badly scaled", [] {
  const auto formula = [](const Jets& x) {
    return square(1e4 * (x[0] * x[1]) - 1.0) + square(exp(-x[0]) + exp(-x[1]) - 1.0001);
  };
  const Vector minimum = vector({1.0981593296999e-05, 9.1061467398665});
  for (Method method : {Method::kNewton, Method::kBfgs}) {
    Expression objective(2, formula);
    // The standard error of x2 is 6400: a decrement of 1e-12 would leave it uncertain by 6e-3.
    const Solution solution = run(objective, vector({0, 1}), method, 1e-18);
    check(solution.converged, label("Powell badly scaled", solution));
    check_close(solution.x[0], minimum[0], 1e-5, "Powell badly scaled, x1");
    check_close(solution.x[1], minimum[1], 1e-5, "Powell badly scaled, x2");
  }
}};

Jet beale(const Jets& x) {
  const Jet square_2 = square(x[1]);
  return square(1.5 - x[0] * (1.0 - x[1])) + square(2.25 - x[0] * (1.0 - square_2)) +
         square(2.625 - x[0] * (1.0 - square_2 * x[1]));
}

const Test beale_test{"solve: Beale", [] {
  check_minimum("Beale", beale, vector({1, 1}), vector({3, 0.5}), 1e-6);
}};

Jet wood(const Jets& x) {
  return 100.0 * square(x[1] - square(x[0])) + square(1.0 - x[0]) +
         90.0 * square(x[3] - square(x[2])) + square(1.0 - x[2]) +
         10.0 * square(x[1] + x[3] - 2.0) + 0.1 * square(x[1] - x[3]);
}

const Test wood_test{"solve: Wood", [] {
  check_minimum("Wood", wood, vector({-3, -1, -3, -1}), Vector::Ones(4), 1e-6);
}};

Jet helical_valley(const Jets& x) {
  const double turn = x[0].value < 0 ? 0.5 : 0.0;
  const Jet theta = (0.5 / kPi) * atan(x[1] * reciprocal(x[0])) + turn;
  const Jet radius = sqrt(square(x[0]) + square(x[1]));
  return square(10.0 * (x[2] - 10.0 * theta)) + square(10.0 * (radius - 1.0)) + square(x[2]);
}

const Test helical_test{"solve: helical valley", [] {
  check_minimum("helical valley", helical_valley, vector({-1, 0, 0}), vector({1, 0, 0}), 1e-6);
}};

const Test brown_dennis_test{"solve: Brown-Dennis", [] {
  const auto formula = [](const Jets& x) {
    Jet sum = constant(0, x[0]);
    for (int i = 1; i <= 20; ++i) {
      const double t = i / 5.0;
      const Jet u = x[0] + t * x[1] - std::exp(t);
      const Jet v = x[2] + std::sin(t) * x[3] - std::cos(t);
      sum = sum + square(square(u) + square(v));
    }
    return sum;
  };
  for (Method method : kAllDense) {
    Expression objective(4, formula);
    const Solution solution = run(objective, vector({25, 5, -5, -1}), method);
    check(solution.converged, label("Brown-Dennis", solution));
    check_close(solution.value, 85822.2016263563, 1e-12, label("Brown-Dennis", solution));
    check_honest(objective, solution, "Brown-Dennis");
  }
}};

const Test saddle_test{"solve: a saddle is left", [] {
  // Saddle at the origin, minima at (0, 1) and (0, -1).
  const auto formula = [](const Jets& x) {
    return square(x[0]) + square(square(x[1])) - 2.0 * square(x[1]);
  };
  for (Method method : kAllDense) {
    for (const Vector& start : {vector({0, 0}), vector({1, 0})}) {
      Expression objective(2, formula);
      const Solution solution = run(objective, start, method);
      check(solution.converged, label("saddle", solution));
      check_close(std::abs(solution.x[1]), 1.0, 1e-6, label("saddle", solution));
    }
  }
}};

const Test unidentified_test{"solve: an unidentified parameter", [] {
  const auto formula = [](const Jets& x) {
    return square(x[0] + x[1] - 3.0) + square(x[2] - 1.0);
  };
  for (Method method : kAllDense) {
    Expression objective(3, formula);
    const Solution solution = run(objective, vector({10, 0.3, 5}), method);
    const std::string what = label("unidentified", solution);
    check(!solution.converged, what);
    check(solution.outcome == Outcome::kSingularHessian, what);
    check(!solution.hessian_positive_definite, what);
    check(solution.value <= 1e-12, what + ": is stationary");
  }
}};

const Test unbounded_test{"solve: an unbounded function", [] {
  const auto linear = [](const Jets& x) { return square(x[0]) - x[1]; };
  const auto concave = [](const Jets& x) { return square(x[0]) - square(x[1]); };
  for (Method method : kAllDense) {
    for (const Expression::Formula& formula : {Expression::Formula(linear),
                                               Expression::Formula(concave)}) {
      Expression objective(2, formula);
      const Solution solution = run(objective, vector({1, 0.5}), method);
      check(!solution.converged, label("unbounded", solution));
      check(solution.outcome == Outcome::kDiverging, label("unbounded", solution));
    }
  }
}};

// A logit whose regressor separates the outcomes: the likelihood rises for ever.
const Test separation_test{"solve: separated outcomes are not called converged", [] {
  const auto formula = [](const Jets& x) {
    Jet sum = constant(0, x[0]);
    for (double z : {-2.0, -1.0, 0.5, 1.0, 3.0}) {
      const double sign = z > 0 ? 1 : -1;
      sum = sum + log(1.0 + exp(-sign * (x[0] + z * x[1])));
    }
    return sum;
  };
  for (Method method : kAllDense) {
    for (const Vector& start : {vector({0, 0}), vector({0, 30}), vector({0, 60})}) {
      Expression objective(2, formula);
      const Solution solution = run(objective, start, method);
      check(!solution.converged, label("separation", solution));
    }
  }
  Expression blind(2, formula);
  blind.with_hessian = false;
  check(!run(blind, vector({0, 0}), Method::kAuto).converged, "separation without a Hessian");
}};

// The same, hidden behind a parameter that converges regularly.
const Test hidden_separation_test{"solve: one separated parameter among regular ones", [] {
  const auto formula = [](const Jets& x) {
    return log(1.0 + exp(-x[0])) + square(x[1] - 1.0) + square(x[2] + x[1]);
  };
  for (Method method : kAllDense) {
    for (const Vector& start : {vector({33, 5, 0}), vector({33, 1, -1}), vector({12, 4, 1})}) {
      Expression objective(3, formula);
      const Solution solution = run(objective, start, method);
      check(!solution.converged, label("hidden separation", solution));
    }
  }
}};

const Test barrier_test{"solve: values outside the domain shorten the step", [] {
  // -log(x) - log(1 - x - y) + y^2 - 20 x: NaN outside x > 0, x + y < 1.
  const auto formula = [](const Jets& x) {
    return square(x[1]) - log(x[0]) - log(1.0 - x[0] - x[1]) - 20.0 * x[0];
  };
  for (Method method : kAllDense) {
    Expression objective(2, formula);
    const Solution solution = run(objective, vector({0.01, 0.9}), method);
    const std::string what = label("barrier", solution);
    check(solution.converged, what);
    check(solution.gradient.cwiseAbs().maxCoeff() <= 1e-4, what);
    check_honest(objective, solution, what);
    const Solution outside = run(objective, vector({2, 0}), method);
    check(!outside.converged && outside.outcome == Outcome::kNonFiniteStart,
          label("barrier, start outside", outside));
    check(outside.gradient_evaluations == 1, "one evaluation at a start outside the domain");
  }
}};

// A minimum where the Hessian is singular is found, but not claimed.
const Test powell_singular_test{"solve: Powell singular", [] {
  const auto formula = [](const Jets& x) {
    return square(x[0] + 10.0 * x[1]) + 5.0 * square(x[2] - x[3]) +
           square(square(x[1] - 2.0 * x[2])) + 10.0 * square(square(x[0] - x[3]));
  };
  for (Method method : kAllDense) {
    Expression objective(4, formula);
    const Solution solution = run(objective, vector({3, -1, 0, 1}), method);
    check(!solution.converged, label("Powell singular", solution));
    check(solution.value <= 1e-8, label("Powell singular", solution));
  }
}};

const Test scaling_test{"solve: the units of the parameters do not matter", [] {
  const Vector start = vector({-1.2, 1});
  const Vector scale = vector({1048576, 1.0 / 4096});  // powers of two: exact
  for (Method method : {Method::kNewton, Method::kBfgs}) {
    Expression plain(2, rosenbrock);
    Expression scaled(scale, rosenbrock);
    const Solution one = run(plain, start, method);
    const Solution two = run(scaled, start.cwiseQuotient(scale), method);
    check(one.converged && two.converged, "scaling: both converge");
    check(one.path.size() == two.path.size(), "scaling: as many iterations");
    for (std::size_t i = 0; i < std::min(one.path.size(), two.path.size()) && i < 15; ++i) {
      check_close(two.path[i].value, one.path[i].value, 1e-6, "scaling: the same values");
    }
    for (int i = 0; i < 2; ++i) {
      check_close(two.x[i] * scale[i], one.x[i], 1e-6, "scaling: the same minimum");
    }
  }
}};

// Value noise of 1e-9 hides the last reductions: the gradient still leads to the minimum.
const Test rounding_test{"solve: a value whose differences drown in rounding", [] {
  const auto formula = [](const Jets& x) { return 1e9 + (exp(x[0]) - 2.0 * x[0] + square(x[1])); };
  for (Method method : {Method::kNewton, Method::kBfgs}) {
    Expression objective(2, formula);
    const Solution solution = run(objective, vector({3, 1}), method);
    check(solution.converged, label("rounding", solution));
    check_close(solution.x[0], std::log(2.0), 1e-6, label("rounding", solution));
  }
}};

const Test limit_test{"solve: iteration limit and record", [] {
  Expression objective(2, rosenbrock);
  admle::SolveOptions options;
  options.method = Method::kNewton;
  options.max_iterations = 3;
  int seen = 0;
  options.on_iteration = [&seen](const admle::IterationRecord&) { ++seen; };
  const Solution solution = admle::minimise(objective, vector({-1.2, 1}), options);
  check(!solution.converged && solution.outcome == Outcome::kIterationLimit, "limit is reported");
  check(solution.iterations == 3, "three iterations");
  check(seen == 4 && solution.path.size() == 4, "a record of the start and of each iteration");
  check(admle::describe(solution) ==
            "not converged (trust-region Newton: 3 iterations, 4 gradients, 3 Hessians, "
            "0 points outside of the domain): iterations 3 >= limit 3",
        admle::describe(solution));
}};

const Test economy_test{"solve: a quadratic takes one Newton step and no more", [] {
  const auto formula = [](const Jets& x) {
    return square(x[0] - 3.0) + 100.0 * square(x[1] + x[0]) + 7.0;
  };
  Expression newton(2, formula);
  const Solution solution = run(newton, vector({-40, 1}), Method::kNewton);
  check(solution.converged, label("quadratic", solution));
  check(newton.gradient_calls == 2 && newton.hessian_calls == 2, label("quadratic", solution));
  Expression seeded(2, formula);
  const Solution bfgs = run(seeded, vector({-40, 1}), Method::kBfgs);
  check(bfgs.converged && bfgs.iterations == 1, label("quadratic", bfgs));
  check(seeded.hessian_calls == 2, "a seed and a last Hessian");
}};

// Mean and log standard deviation of a normal sample far from the start, as a likelihood has them.
const Test learned_test{"solve: dear Hessians are replaced by what gradients teach", [] {
  const auto formula = [](const Jets& x) {
    Jet sum = constant(0, x[0]);
    for (double y : {11.0, 12.0, 14.0, 15.0}) {
      sum = sum + x[1] + 0.5 * square((y - x[0]) * exp(-x[1]));
    }
    return sum;
  };
  Expression cheap(2, formula), dear(2, formula);
  cheap.cost = 1;
  dear.cost = 20;
  const Solution exact = run(cheap, vector({0, 0}), Method::kNewton, 1e-18);
  const Solution learned = run(dear, vector({0, 0}), Method::kNewton, 1e-18);
  for (const Solution& solution : {exact, learned}) {
    check(solution.converged, label("learned", solution));
    check_close(solution.x[0], 13.0, 1e-9, label("learned", solution));
    check_close(solution.x[1], 0.5 * std::log(2.5), 1e-8, label("learned", solution));
  }
  check(cheap.hessian_calls == exact.iterations + 1, "a Hessian for each step where it is cheap");
  check(2 * dear.hessian_calls < cheap.hessian_calls, "and less than half of them where not");
  const Matrix at_end = cheap.hessian(learned.x);
  check((learned.hessian - at_end).isZero(0.0), "the Hessian that is left is the exact one");
}};

const Test model_test{"solve: a learned model explains the last step", [] {
  Expression objective(2, rosenbrock);
  const admle::SolveOptions options;
  admle::Evaluator evaluator(objective, options);
  const admle::Point from = evaluator.at(vector({-1.2, 1}));
  const admle::Point to = evaluator.at(vector({-1.0, 1.2}));
  admle::QuadraticModel model(evaluator);
  check(model.evaluate(from) && model.exact(), "evaluated");
  model.learn(from, to);
  check(!model.exact(), "learned from one step");
  const Vector predicted = model.hessian() * (to.x - from.x);
  const Vector change = to.gradient - from.gradient;
  check((predicted - change).norm() <= 1e-12 * change.norm(), "secant equation");
}};

// sum over pairs of 100 (x_2i - x_2i-1^2)^2 + (1 - x_2i-1)^2, by hand.
class ExtendedRosenbrock : public admle::Objective {
 public:
  explicit ExtendedRosenbrock(int k) : k_(k) {}
  int dimension() const override { return k_; }
  double value(const Vector& x) override {
    Vector gradient(k_);
    return value_and_gradient(x, gradient);
  }
  double value_and_gradient(const Vector& x, Vector& gradient) override {
    double sum = 0;
    for (int i = 0; i < k_; i += 2) {
      const double u = x[i + 1] - x[i] * x[i];
      const double v = 1 - x[i];
      sum += 100 * u * u + v * v;
      gradient[i] = -400 * u * x[i] - 2 * v;
      gradient[i + 1] = 200 * u;
    }
    return sum;
  }
  bool has_hessian() const override { return true; }
  Matrix hessian(const Vector&) override {
    check(false, "no dense Hessian above the limit");
    return Matrix();
  }
  bool has_scores() const override { return false; }
  Matrix scores(const Vector&) override { return Matrix(); }

 private:
  int k_;
};

const Test large_test{"solve: 2000 parameters", [] {
  for (Method method : {Method::kAuto, Method::kLbfgs, Method::kBfgs, Method::kNewton}) {
    ExtendedRosenbrock objective(2000);
    Vector start(2000);
    for (int i = 0; i < 2000; i += 2) start.segment(i, 2) << -1.2 - 1e-4 * i, 1;
    const Solution solution = run(objective, start, method);
    check(solution.method == Method::kLbfgs, "L-BFGS is chosen");
    check(solution.converged, label("extended Rosenbrock", solution));
    check(solution.outcome == Outcome::kGradient, label("extended Rosenbrock", solution));
    check((solution.x.array() - 1).abs().maxCoeff() <= 1e-4, label("ext. Rosenbrock", solution));
  }
}};

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
  bool has_hessian() const override { return with_hessian; }
  Matrix hessian(const Vector& x) override {
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

const Test bhhh_test{"solve: a regression by every method, BHHH included", [] {
  for (Method method : {Method::kBhhh, Method::kNewton, Method::kBfgs, Method::kLbfgs}) {
    for (bool with_hessian : {true, false}) {
      Regression objective;
      objective.with_hessian = with_hessian;
      const Solution solution = run(objective, vector({0, 0, 1}), method);
      const std::string what = label("regression", solution);
      check(solution.converged, what);
      check(method != Method::kBhhh || solution.method == Method::kBhhh, what);
      const Vector expected = objective.expected();
      for (int i = 0; i < 3; ++i) check_close(solution.x[i], expected[i], 1e-5, what);
      check(solution.hessian_positive_definite == with_hessian, what);
    }
  }
}};

struct NamedDirection {
  const char* name;
  std::unique_ptr<admle::Direction> (*make)(admle::Evaluator&);
  double hessian_cost;  // in gradients; 0 where none is needed, and one of 1 is never learned
};

struct NamedSearch {
  const char* name;
  std::unique_ptr<admle::Search> (*make)(admle::Evaluator&);
};

template <typename Base, typename Class>
std::unique_ptr<Base> make(admle::Evaluator& evaluator) {
  return std::make_unique<Class>(evaluator);
}

std::unique_ptr<admle::Search> make_far_region(admle::Evaluator& evaluator) {
  return std::make_unique<admle::TrustRegionSearch>(evaluator, admle::Reach::kFar);
}

using admle::Direction;
const std::vector<NamedDirection> kDirections = {
    {"exact Hessian", make<Direction, admle::QuadraticModel>, 1},
    {"learned Hessian", make<Direction, admle::QuadraticModel>, 20},
    {"BFGS", make<Direction, admle::BfgsDirection>, 0},
    {"L-BFGS", make<Direction, admle::LbfgsDirection>, 0}};
const NamedDirection kScores = {"BHHH", make<Direction, admle::BhhhDirection>, 0};
const std::vector<NamedSearch> kSearches = {
    {"line search", make<admle::Search, admle::LineSearch>},
    {"trust region", make<admle::Search, admle::TrustRegionSearch>},
    {"far trust region", make_far_region}};

// The loop without the judge: it leads to the minimum by itself.
void check_composition(const std::string& name, admle::Objective& objective, const Vector& start,
                       const Vector& minimum, const NamedDirection& direction) {
  for (const NamedSearch& search : kSearches) {
    const admle::SolveOptions options;
    admle::Evaluator evaluator(objective, options);
    const auto what_is_known = direction.make(evaluator);
    const auto how_far = search.make(evaluator);
    admle::Descent descent(evaluator, *what_is_known, *how_far, evaluator.at(start), 1000);
    const admle::Verdict verdict = descent.run();
    const double error = (descent.point().x - minimum).cwiseAbs().maxCoeff();
    const std::string what = name + ", " + direction.name + ", " + search.name + ": ";
    check(verdict.converged, what + verdict.message);
    check(error <= 1e-5, what + "error " + std::to_string(error));
  }
}

const Test composition_test{"solve: every direction with every search", [] {
  struct Problem {
    const char* name;
    Expression::Formula formula;
    Vector start;
    Vector minimum;
  };
  const std::vector<Problem> problems = {
      {"Rosenbrock", rosenbrock, vector({-1.2, 1}), vector({1, 1})},
      {"Beale", beale, vector({1, 1}), vector({3, 0.5})},
      {"Wood", wood, vector({-3, -1, -3, -1}), Vector::Ones(4)},
      {"helical valley", helical_valley, vector({-1, 0, 0}), vector({1, 0, 0})}};
  for (bool with_hessian : {true, false}) {
    for (const NamedDirection& direction : kDirections) {
      if (!with_hessian && direction.hessian_cost > 0) continue;
      for (const Problem& problem : problems) {
        Expression objective(static_cast<int>(problem.start.size()), problem.formula);
        objective.cost = direction.hessian_cost;
        objective.with_hessian = with_hessian;
        check_composition(problem.name, objective, problem.start, problem.minimum, direction);
      }
    }
    Regression regression;
    regression.with_hessian = with_hessian;
    check_composition("regression", regression, vector({0, 0, 1}), regression.expected(), kScores);
  }
}};

}  // namespace
