// Why a run ends: one predicate per rule, each with a message that shows both numbers.
#pragma once

#include "solve/curvature.h"
#include "solve/evaluator.h"

#include <optional>
#include <string>

namespace admle {

struct Verdict {
  Outcome outcome;         // which rule ended the run
  std::string message;     // with both numbers
  bool converged = false;  // whether the end is a minimum
};

// Beyond this decrement a halt at the limits of rounding is not called convergence.
constexpr double kAcceptableDecrement = 1e-6;

std::string format_number(double value);

std::optional<Verdict> non_finite_start(const Point& point);
std::optional<Verdict> iteration_limit_reached(int iterations, int limit);
std::optional<Verdict> value_unbounded(const Point& point, double start_value);
std::optional<Verdict> gradient_small(const Point& point, double tolerance);

Verdict decrement_small(double decrement, double tolerance);
Verdict rounding_reached(double decrement);
Verdict no_progress(double decrement, const Point& point);
Verdict singular_hessian(double smallest_eigenvalue, const Point& point);
Verdict saddle_point(double smallest_eigenvalue);
Verdict curvature_vanishes(double decrement, Eigen::Index parameter, double value,
                           double standard_error);
Verdict parameters_moving(const Point& point, double relative_step, double limit);
Verdict non_finite_hessian();

}  // namespace admle
