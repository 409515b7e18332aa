// Every direction composed with every search, and a likelihood by every method.
#include "solve-problems.h"

#include <memory>

#include "solve/descent.h"
#include "solve/line-search.h"
#include "solve/quadratic-model.h"
#include "solve/trust-region-search.h"

namespace {

using namespace admle_test;

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
