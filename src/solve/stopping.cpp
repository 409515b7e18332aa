// Stopping rules and their messages; see stopping.h.
#include "solve/stopping.h"

#include <cmath>
#include <cstdio>

namespace admle {
namespace {

constexpr double kUnboundedFall = 1e10;

std::string gradient_text(const Point& point) {
  return "scaled gradient " + format_number(scaled_gradient(point));
}

}  // namespace

std::string format_number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2g", value);
  return text;
}

std::optional<Verdict> non_finite_start(const Point& point) {
  if (point.finite()) return std::nullopt;
  const std::string what = std::isfinite(point.value)
                               ? "the gradient is not finite"
                               : "the value is " + format_number(point.value);
  return Verdict{Outcome::kNonFiniteStart, what + " at the start"};
}

std::optional<Verdict> iteration_limit_reached(int iterations, int limit) {
  if (iterations < limit) return std::nullopt;
  return Verdict{Outcome::kIterationLimit,
                 "iterations " + std::to_string(iterations) + " >= limit " + std::to_string(limit)};
}

std::optional<Verdict> value_unbounded(const Point& point, double start_value) {
  const double floor = -kUnboundedFall * (1.0 + std::abs(start_value));
  if (point.value > floor) return std::nullopt;
  return Verdict{Outcome::kDiverging, "value without bound: " + format_number(point.value) +
                                          " <= " + format_number(floor)};
}

std::optional<Verdict> gradient_small(const Point& point, double tolerance) {
  const double gradient = scaled_gradient(point);
  if (!(gradient <= tolerance)) return std::nullopt;
  return Verdict{Outcome::kGradient,
                 gradient_text(point) + " <= " + format_number(tolerance) +
                     " (no Hessian was made to check the curvature)",
                 true};
}

Verdict decrement_small(double decrement, double tolerance) {
  return {Outcome::kDecrement,
          "Newton decrement " + format_number(decrement) + " <= " + format_number(tolerance), true};
}

Verdict rounding_reached(double decrement) {
  return {Outcome::kRounding,
          "Newton decrement " + format_number(decrement) +
              " <= " + format_number(kAcceptableDecrement) +
              ": no further progress possible within rounding",
          true};
}

Verdict no_progress(double decrement, const Point& point) {
  std::string text = "no step reduces the value, but " + gradient_text(point);
  if (std::isfinite(decrement)) {
    text += ", Newton decrement " + format_number(decrement) + " > " +
            format_number(kAcceptableDecrement);
  }
  return {Outcome::kNoProgress, text};
}

Verdict singular_hessian(double smallest_eigenvalue, const Point& point) {
  return {Outcome::kSingularHessian, "the Hessian is singular: smallest eigenvalue " +
                                         format_number(smallest_eigenvalue) + " (unit diagonal), " +
                                         gradient_text(point)};
}

Verdict saddle_point(double smallest_eigenvalue) {
  return {Outcome::kSaddle, "the Hessian is indefinite (smallest eigenvalue " +
                                format_number(smallest_eigenvalue) +
                                ", unit diagonal), but no step reduces the value"};
}

Verdict curvature_vanishes(double decrement, Eigen::Index parameter, double value,
                           double standard_error) {
  return {Outcome::kDiverging, "Newton decrement " + format_number(decrement) +
                                   " is small only because the curvature vanishes: parameter " +
                                   std::to_string(parameter + 1) + " is at " +
                                   format_number(value) + " with a standard error of " +
                                   format_number(standard_error) +
                                   ", a thousandth of which already changes the Hessian"};
}

Verdict parameters_moving(const Point& point, double relative_step, double limit) {
  return {Outcome::kDiverging, gradient_text(point) +
                                   " is small, but the parameters keep moving: relative step " +
                                   format_number(relative_step) + " > " + format_number(limit)};
}

Verdict non_finite_hessian() { return {Outcome::kNonFiniteHessian, "the Hessian is not finite"}; }

}  // namespace admle
