// Minimisation of a smooth function of k parameters (the caller passes minus a log-likelihood).
//
// A method is a direction and a search, a row of the table in methods.cpp; to add one, see
// design/0023-solver-methods.md. Whatever the method, the end point is
// judged in one place, with the exact Hessian where there is one: `converged` means that the
// Newton decrement g'H^-1 g is small, that H is positive definite, and that the quadratic model
// holds around the point. Nocedal & Wright (2006), Numerical Optimization, chapters 3, 4, 6, 7.
#pragma once

#include "math/symmetric.h"

#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace admle {

using Vector = Eigen::VectorXd;
using Matrix = Eigen::MatrixXd;

// The function to be minimised. A value that is not finite marks a point outside the domain.
class Objective {
 public:
  virtual ~Objective() = default;
  virtual int dimension() const = 0;
  virtual double value(const Vector& x) = 0;
  virtual double value_and_gradient(const Vector& x, Vector& gradient) = 0;
  // Whether a Hessian is to be had, in which at most `limit` parameters are coupled with each other
  // as far as is known: its time and memory grow with powers of their number.
  virtual bool has_hessian(int limit) = 0;
  virtual Symmetric hessian(const Vector& x) = 0;
  // Work of a Hessian, in values with gradient. Not a time: runs have to be reproducible.
  virtual double hessian_cost() { return dimension(); }
  virtual bool has_scores() const = 0;
  virtual Matrix scores(const Vector& x) = 0;  // n x k, the rows sum to the gradient
  // Why the point evaluated last is outside the domain; empty where its value says it.
  virtual std::string why_outside() const { return {}; }
};

// A trial point outside the domain: it only shortened a step.
struct RejectedPoint {
  int iteration = 0;   // in which it was tried
  Vector x;            // the point
  std::string reason;  // Objective::why_outside()
};

enum class Method { kAuto, kBfgs, kLbfgs, kNewton, kBhhh };

Method method_named(const std::string& name);  // as users write it: "bfgs"
const char* method_name(Method method);        // as messages have it: "BFGS"

struct IterationRecord {
  int iteration = 0;         // steps taken so far
  double value = 0;          // f
  double gradient_norm = 0;  // max_i |g_i| max(|x_i|, 1) / max(|f|, 1)
  double decrement = std::numeric_limits<double>::quiet_NaN();  // g'H^-1 g, NaN when unknown
  double step = 0;      // length: of the search (1 = full step), or of the step in scaled units
  int evaluations = 0;  // of the value, with or without gradient, so far
  int rejected = 0;     // points outside the domain, so far
  std::string why_rejected;  // the latest of them; empty where its value says it
};

struct SolveOptions {
  Method method = Method::kAuto;       // asked for
  int max_iterations = 0;              // 0: the method's own default
  double gradient_tolerance = 1e-6;    // of the scaled gradient; decides where no Hessian is made
  double decrement_tolerance = 1e-12;  // of g'H^-1 g, in squared standard errors
  double value_tolerance = 1e-15;      // relative reduction that ends a quasi-Newton search
  int lbfgs_memory = 10;               // pairs of steps and gradient changes
  int dense_limit = 500;               // more coupled parameters than this: no Hessian is made
  std::function<void(const IterationRecord&)> on_iteration;  // called with each record, or empty
};

enum class Outcome {
  kDecrement,        // converged: decrement within its tolerance
  kRounding,         // converged: decrement as small as rounding allows
  kGradient,         // converged: scaled gradient within its tolerance, no Hessian made
  kSingularHessian,  // stationary, but some direction has no curvature
  kSaddle,           // stationary, indefinite Hessian, and no descent found
  kDiverging,        // parameters or value run away
  kNoProgress,       // no acceptable step, although the point is not stationary
  kIterationLimit,
  kNonFiniteStart,
  kNonFiniteHessian
};

struct Solution {
  Vector x;  // end point
  double value = std::numeric_limits<double>::quiet_NaN();
  Vector gradient;                             // g at x
  Symmetric hessian;                           // at x; empty when not computed
  bool converged = false;                      // see `outcome`
  Outcome outcome = Outcome::kNonFiniteStart;  // what ended the run
  std::string message;                         // the same in words, with the numbers
  Method method = Method::kAuto;               // the one used, never kAuto after minimise()
  int iterations = 0;                          // steps taken
  int value_evaluations = 0;                   // without gradient
  int gradient_evaluations = 0;                // value and gradient together
  int hessian_evaluations = 0;                 // of H
  double decrement = std::numeric_limits<double>::quiet_NaN();
  double scaled_gradient = std::numeric_limits<double>::quiet_NaN();
  bool hessian_positive_definite = false;  // at x, beyond rounding
  std::vector<IterationRecord> path;       // of the whole run
  std::vector<RejectedPoint> rejected;     // the latest kMostRejected
  int rejections = 0;                      // of which there were
};

constexpr std::size_t kMostRejected = 100;

Solution minimise(Objective& objective, const Vector& start, const SolveOptions& options);

// What the run was, what it cost, and how it ended, with the numbers that decided it.
std::string describe(const Solution& solution);

}  // namespace admle
