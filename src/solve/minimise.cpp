// minimise(): choose a method, descend, then let the exact Hessian judge; see solve.h.
#include "solve/descent.h"
#include "solve/methods.h"
#include "solve/newton.h"

namespace admle {
namespace {

void write_point(const Point& point, Solution& solution) {
  solution.x = point.x;
  solution.value = point.value;
  solution.gradient = point.gradient;
  if (point.finite()) solution.scaled_gradient = scaled_gradient(point);
}

void write_verdict(const Verdict& verdict, Solution& solution) {
  solution.outcome = verdict.outcome;
  solution.message = verdict.message;
  solution.converged = verdict.converged;
}

// Newton steps with the exact Hessian: the whole run of that method, the last word on any other.
// Returns whether the run went far, see Reach.
bool judge(Evaluator& evaluator, const Point& point, double start_value, int max_iterations,
           Reach reach, Solution& solution) {
  Newton newton(evaluator, point, start_value, max_iterations, reach);
  write_verdict(newton.run(), solution);
  write_point(newton.point(), solution);
  solution.hessian = newton.hessian();
  solution.decrement = newton.decrement();
  solution.hessian_positive_definite = newton.positive_definite();
  return newton.went_far();
}

bool run_method(Evaluator& evaluator, const Point& start, Reach reach, Solution& solution) {
  const MethodRow& row = method_row(solution.method);
  const int wanted = evaluator.options().max_iterations;
  const int limit = wanted > 0 ? wanted : evaluator.iterations() + row.iterations;
  if (!row.direction) return judge(evaluator, start, start.value, limit, reach, solution);
  const auto direction = row.direction(evaluator);
  const auto search = row.search(evaluator);
  Descent descent(evaluator, *direction, *search, start, limit);
  write_verdict(descent.run(), solution);
  write_point(descent.point(), solution);
  if (evaluator.makes_hessian() && solution.outcome != Outcome::kDiverging) {
    judge(evaluator, descent.point(), start.value, limit, Reach::kNear, solution);
  }
  return false;
}

// A run that halts this near the minimum, in squared standard errors, was on the right path.
constexpr double kNearDecrement = 1e-2;

// Ends that say more about the path of a method than about the function.
bool worth_another_method(const Solution& solution, const SolveOptions& options) {
  if (solution.decrement <= kNearDecrement) return false;
  switch (solution.outcome) {
    case Outcome::kSingularHessian:
    case Outcome::kSaddle:
    case Outcome::kNoProgress:
    case Outcome::kNonFiniteHessian: return true;
    case Outcome::kIterationLimit: return options.max_iterations == 0;
    default: return false;
  }
}

bool better(const Solution& one, const Solution& other) {
  if (one.converged != other.converged) return one.converged;
  return one.value < other.value;
}

// A second run from the same start, kept if it ends better.
void try_again(Evaluator& evaluator, const Point& start, Method method, Solution& solution) {
  Solution second;
  second.method = method;
  run_method(evaluator, start, Reach::kNear, second);
  if (!better(second, solution)) return;
  second.message +=
      " (after " + std::string(method_name(solution.method)) + ": " + solution.message + ")";
  solution = second;
}

// The method asked for. Newton's method that went far and was caught starts again with short
// steps; "auto" then has one more method.
void solve(Evaluator& evaluator, const Point& start, Solution& solution) {
  const bool went_far = run_method(evaluator, start, Reach::kFar, solution);
  const SolveOptions& options = evaluator.options();
  if (solution.method == Method::kBfgs || solution.method == Method::kLbfgs) return;
  const bool endless = solution.outcome == Outcome::kIterationLimit;
  if (went_far && !endless && worth_another_method(solution, options)) {
    try_again(evaluator, start, Method::kNewton, solution);
  }
  const bool automatic = options.method == Method::kAuto && solution.method == Method::kNewton;
  const bool no_hessian = solution.outcome == Outcome::kNonFiniteHessian;
  const bool singular = solution.outcome == Outcome::kSingularHessian;
  if (no_hessian || (automatic && !singular && worth_another_method(solution, options))) {
    try_again(evaluator, start, Method::kBfgs, solution);
  }
}

}  // namespace

Solution minimise(Objective& objective, const Vector& start, const SolveOptions& options) {
  Evaluator evaluator(objective, options);
  Solution solution;
  solution.method = choose_method(options.method, evaluator).method;
  const Point first = evaluator.at(start);
  write_point(first, solution);
  if (auto verdict = non_finite_start(first)) {
    write_verdict(*verdict, solution);
  } else {
    solve(evaluator, first, solution);
  }
  evaluator.write_counts(solution);
  return solution;
}

std::string describe(const Solution& solution) {
  const auto count = [](int number, const char* what) {
    return std::to_string(number) + " " + what;
  };
  return std::string(solution.converged ? "converged (" : "not converged (") +
         method_name(solution.method) + ": " + count(solution.iterations, "iterations, ") +
         count(solution.gradient_evaluations, "gradients, ") +
         count(solution.hessian_evaluations, "Hessians, ") +
         count(solution.rejections, "points outside of the domain): ") + solution.message;
}

}  // namespace admle
