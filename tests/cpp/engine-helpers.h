// What the engine's tests share: random draws from the op table's domains, values of nodes,
// numerical derivatives, and a check of derivatives to any order along random directions.
//
// Numerical derivatives are central differences extrapolated to step zero (Ridders 1982, Advances
// in Engineering Software 4(2)), the extrapolation in long double.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "check.h"
#include "derive/derive.h"
#include "exec/evaluator.h"
#include "exec/program.h"
#include "graph/op.h"
#include "math/nmath.h"
#include "ops/structural.h"

namespace admle_test {

using namespace admle;
using Numbers = std::vector<double>;

struct Tolerance {
  // A chunk kernel against the scalar function: a few units in the last place.
  static constexpr double kKernel = 4e-15;
  // Two ways through the graph to one derivative: rounding, amplified by cancellation in sums.
  static constexpr double kRoutes = 1e-12;
  // A derivative against extrapolated differences, relative to it and what was differenced.
  static constexpr double kDifference = 1e-8;
  // Values against a naive formula with another order of summation.
  static constexpr double kValue = 1e-13;
};

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();

// Without libRmath the functions that need it cannot be tested.
inline bool have_nmath() { return special::nmath().pnorm != nullptr; }

// The same numbers with every compiler and standard library (Steele et al. 2014, SplitMix64).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t bits() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  double uniform(double low = 0, double high = 1) {
    return low + (high - low) * static_cast<double>(bits() >> 11) * 0x1p-53;
  }
  std::int32_t below(std::int32_t n) {
    return static_cast<std::int32_t>(bits() % static_cast<std::uint64_t>(n));
  }
  Numbers uniforms(std::int64_t n, double low = -1, double high = 1) {
    Numbers out;
    for (std::int64_t i = 0; i < n; ++i) out.push_back(uniform(low, high));
    return out;
  }

 private:
  std::uint64_t state_;
};

inline Numbers evaluate(const Graph& g, Expr x, const std::vector<Numbers>& inputs) {
  if (x.is_literal()) return {x.literal()};
  NodeEvaluator evaluator(g);
  evaluator.set_inputs(inputs);
  const double* value = evaluator.value(x.id());
  return Numbers(value, value + g.shape(x.id()).size());
}

// A derivative, which may be smaller than what it belongs to (or literal 0), in full.
inline Numbers evaluate(Graph& g, Expr x, Shape full, const std::vector<Numbers>& inputs) {
  if (x.is_zero()) return Numbers(static_cast<std::size_t>(full.size()), 0.0);
  return evaluate(g, expand(x, full), inputs);
}

inline double dot(const Numbers& a, const Numbers& b) {
  long double total = 0;
  for (std::size_t i = 0; i < a.size(); ++i) total += static_cast<long double>(a[i]) * b[i];
  return static_cast<double>(total);
}

inline double largest(const Numbers& x) {
  double out = 0;
  for (double v : x) out = std::max(out, std::fabs(v));
  return out;
}

inline bool same_bits(const Numbers& a, const Numbers& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0);
}

inline std::string describe_shape(Shape s) {
  return std::to_string(s.rows) + "x" + std::to_string(s.cols);
}

// Every number close, relative to the largest of all; one check, reporting the worst.
inline void check_all_close(const Numbers& a, const Numbers& b, double tolerance,
                            const std::string& what, double scale = 0) {
  if (a.size() != b.size())
    return check(false, what + ": " + std::to_string(a.size()) + " numbers for " +
                            std::to_string(b.size()));
  for (double v : b)
    if (std::isfinite(v)) scale = std::max(scale, std::fabs(v));
  std::size_t worst = 0;
  double error = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i]))) continue;
    const double now = std::fabs(a[i] - b[i]);
    if (!(now <= error)) error = std::isnan(now) ? kInfinity : now, worst = i;
  }
  char text[160] = "";
  if (!(error <= tolerance * scale))
    std::snprintf(text, sizeof text,
                  ": element %zu is %.17g for %.17g (tolerance %.2g, scale %.3g)", worst, a[worst],
                  b[worst], tolerance, scale);
  check(error <= tolerance * scale, what + text);
}

// Derivatives at 0 of the components of f, where f(h) has component i stepped by h * step[i].
inline Numbers differences(const std::function<Numbers(double)>& f, std::size_t n) {
  constexpr int kLevels = 7;
  std::vector<std::vector<long double>> table[kLevels];
  std::vector<long double> best(n, 0), error(n, std::numeric_limits<long double>::infinity());
  double h = 1;
  for (int level = 0; level < kLevels; ++level, h /= 2) {
    const Numbers up = f(h), down = f(-h);
    table[level].resize(static_cast<std::size_t>(level) + 1, std::vector<long double>(n));
    for (std::size_t i = 0; i < n; ++i) {
      table[level][0][i] = (static_cast<long double>(up[i]) - down[i]) / (2 * h);
      long double power = 4;
      for (int k = 1; k <= level; ++k, power *= 4) {
        const auto at = static_cast<std::size_t>(k);
        const long double better = table[level][at - 1][i], older = table[level - 1][at - 1][i];
        table[level][at][i] = better + (better - older) / (power - 1);
        const long double now = std::max(std::fabs(table[level][at][i] - better),
                                         std::fabs(table[level][at][i] - older));
        if (now <= error[i]) error[i] = now, best[i] = table[level][at][i];
      }
    }
  }
  return Numbers(best.begin(), best.end());
}

// The derivative of a scalar function along a line.
inline double difference(const std::function<double(double)>& f, double step) {
  return differences([&](double h) { return Numbers{f(h * step)}; }, 1)[0] / step;
}

// Checks derivatives of `y` with respect to the graph's inputs `xs` at `at`, to `order`:
// reverse mode against differences along a random line, forward mode against reverse mode, several
// directions against one at a time, and again for both modes' derivative along that line.
class DerivativeCheck {
 public:
  DerivativeCheck(Graph& graph, std::vector<NodeId> xs, std::vector<Numbers> at, double step = 0.05)
      : g_(graph), xs_(std::move(xs)), at_(std::move(at)), step_(step), random_(20) {}

  void run(Expr y, int order, const std::string& path) {
    double magnitude = step_;
    for (const Numbers& x : at_) magnitude = std::max(magnitude, largest(x));
    run(y, order, path, magnitude);
  }

 private:
  // `magnitude` is the largest met on the path: what is zero by cancellation is so up to rounding.
  void run(Expr y, int order, const std::string& path, double magnitude) {
    const Shape shape = g_.shape(y.id());
    const Numbers weights = random_.uniforms(shape.size(), 0.5, 1.5);
    const Expr w = constant(&g_, weights, shape);
    std::vector<Numbers> u[3];
    std::vector<Expr> single[3], together;
    for (int d = 0; d < 3; ++d)
      for (NodeId x : xs_) {
        u[d].push_back(random_.uniforms(g_.shape(x).size()));
        single[d].push_back(constant(&g_, u[d].back(), g_.shape(x)));
      }
    const std::vector<Expr> gradient = vjp(g_, y.id(), w, xs_);

    // Reverse mode along u[0], and the magnitude of what is added up.
    double along = 0, size = 0;
    for (std::size_t i = 0; i < xs_.size(); ++i) {
      const Numbers gi = evaluate(g_, gradient[i], g_.shape(xs_[i]), at_);
      along += dot(gi, u[0][i]);
      size += largest(gi);
    }
    const double value = std::fabs(dot(evaluate(g_, y, at_), weights));
    magnitude = std::max({magnitude, size, value});
    const double rounding = Tolerance::kRoutes / Tolerance::kDifference * magnitude;
    const double numeric = difference([&](double h) { return total(y, weights, u[0], h); }, step_);
    check_all_close({along}, {numeric}, Tolerance::kDifference, path + " vjp, difference",
                    std::max({size, value, rounding}));

    // Forward mode: one direction, then two and three at once.
    Numbers forward[3];
    for (int d = 0; d < 3; ++d)
      forward[d] = evaluate(g_, jvp(g_, {y.id()}, xs_, single[d], 1)[0], shape, at_);
    check_all_close({dot(forward[0], weights)}, {along}, Tolerance::kRoutes,
                    path + " jvp, vjp", magnitude);
    for (int directions = 2; directions <= 3; ++directions) {
      together.clear();
      Numbers stacked;
      for (int d = 0; d < directions; ++d)
        stacked.insert(stacked.end(), forward[d].begin(), forward[d].end());
      for (std::size_t i = 0; i < xs_.size(); ++i) {
        const Shape s = g_.shape(xs_[i]);
        Numbers block;
        for (int d = 0; d < directions; ++d)
          block.insert(block.end(), u[d][i].begin(), u[d][i].end());
        together.push_back(constant(&g_, block, {s.rows, s.cols * directions}));
      }
      const Expr found = jvp(g_, {y.id()}, xs_, together, directions)[0];
      check_all_close(evaluate(g_, found, {shape.rows, shape.cols * directions}, at_), stacked,
                      Tolerance::kRoutes, path + " jvp, " + std::to_string(directions),
                      magnitude);
      // A tangent in several directions is itself differentiable.
      if (directions == 2 && order > 1 && !found.is_zero())
        run(expand(found, {shape.rows, shape.cols * 2}), 1, path + " jvp2", magnitude);
    }
    if (order <= 1) return;

    Expr slope = 0;
    for (std::size_t i = 0; i < xs_.size(); ++i)
      if (!gradient[i].is_zero())
        slope = slope + sum(expand(gradient[i], g_.shape(xs_[i])) * single[0][i]);
    if (!slope.is_zero()) run(slope, order - 1, path + " vjp", magnitude);
    const Expr tangent = jvp(g_, {y.id()}, xs_, single[0], 1)[0];
    if (!tangent.is_zero())
      run(sum(expand(tangent, shape) * w), order - 1, path + " jvp", magnitude);
  }

  double total(Expr y, const Numbers& weights, const std::vector<Numbers>& along, double h) {
    std::vector<Numbers> moved = at_;
    for (std::size_t i = 0; i < moved.size(); ++i)
      for (std::size_t k = 0; k < moved[i].size(); ++k) moved[i][k] += h * along[i][k];
    return dot(evaluate(g_, y, moved), weights);
  }

  Graph& g_;
  std::vector<NodeId> xs_;
  std::vector<Numbers> at_;
  double step_;
  Random random_;
};

using Formula = std::function<Expr(const std::vector<Expr>&)>;

struct Point {
  Shape shape;
  Numbers at;
};

// Value and derivatives of a formula: `expected` are the numbers of naive code.
inline void check_formula(const std::string& name, const std::vector<Point>& points,
                          const Formula& formula, const Numbers& expected, int order = 3,
                          double step = 0.05) {
  Graph g;
  std::vector<NodeId> xs;
  std::vector<Expr> handles;
  std::vector<Numbers> at;
  for (const Point& p : points) {
    xs.push_back(g.input(p.shape));
    handles.push_back(Expr(&g, xs.back()));
    at.push_back(p.at);
  }
  const Expr y = formula(handles);
  check_all_close(evaluate(g, y, at), expected, Tolerance::kValue, name + " value");
  if (order > 0) DerivativeCheck(g, xs, at, step).run(y, order, name);
}

inline Point random_point(Random& random, Shape shape, double low = -1, double high = 1) {
  return {shape, random.uniforms(shape.size(), low, high)};
}

// Outputs of a program, from a copy of the graph as it is now.
inline std::vector<Numbers> run_program(Program& program, std::size_t outputs,
                                        const std::vector<Numbers>& inputs) {
  std::vector<const double*> pointers;
  for (const Numbers& x : inputs) pointers.push_back(x.data());
  program.run(pointers, nullptr);
  std::vector<Numbers> out;
  for (std::size_t i = 0; i < outputs; ++i)
    out.emplace_back(program.output(i), program.output(i) + program.output_size(i));
  return out;
}

// Does `f` throw a GraphError?
inline bool refuses(const std::function<void()>& f) {
  try {
    f();
  } catch (const GraphError&) {
    return true;
  }
  return false;
}

}  // namespace admle_test
