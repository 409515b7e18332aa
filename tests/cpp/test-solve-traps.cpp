// The traps of likelihoods: `converged` is never claimed at a saddle, along an unidentified
// direction, or on the way to infinity; units and rounding do not mislead.
#include "solve-problems.h"

namespace {

using namespace admle_test;

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

}  // namespace
