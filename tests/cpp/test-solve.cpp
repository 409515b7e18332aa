// The minimiser on classic problems (More, Garbow & Hillstrom 1981, ACM TOMS 7(1)): every method
// finds the minimum, in no more work than it needs.
#include "solve-problems.h"

#include "solve/quadratic-model.h"

namespace {

using namespace admle_test;

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

const Test beale_test{"solve: Beale", [] {
  check_minimum("Beale", beale, vector({1, 1}), vector({3, 0.5}), 1e-6);
}};

const Test wood_test{"solve: Wood", [] {
  check_minimum("Wood", wood, vector({-3, -1, -3, -1}), Vector::Ones(4), 1e-6);
}};

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
  const Matrix at_end = cheap.hessian(learned.x).dense();
  check((learned.hessian.dense() - at_end).isZero(0.0),
        "the Hessian that is left is the exact one");
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
  const Vector predicted = model.hessian().times(to.x - from.x);
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
  bool has_hessian(int limit) override { return k_ <= limit; }
  Symmetric hessian(const Vector&) override {
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

}  // namespace
