// Every operation of the op table and every formula over it: kernels against the scalar function
// in all broadcasting patterns, derivatives to third order, refusals exactly where declared.
//
// The tests walk over named_ops(), so that a new operation is tested by being declared. Points are
// drawn from its domain strings.
#include <cstdio>
#include <map>
#include <set>

#include "engine-helpers.h"
#include "ops/composite.h"

namespace {

using namespace admle_test;

constexpr std::size_t kPoints = 6;

std::vector<std::string> domains_of(const NamedOp& op) {
  std::vector<std::string> out(1);
  for (const char* c = op.domain; *c != '\0'; ++c) {
    if (*c == ',') out.emplace_back();
    else out.back().push_back(*c);
  }
  return out;
}

// As many digits as it takes to try a point again.
std::string in_full(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%.17g", x);
  return text;
}

// Derivatives of the incomplete beta function in its shapes are sums that cancel: differences of
// them are wrong where the exact derivative, by 60 digits, is right to 3e-10.
double difference_tolerance(const std::string& op) {
  return Tolerance::kDifference * (op == "log_beta_p_dbb" ? 4 : 1);
}

// Whole numbers, in which nothing is differentiable.
bool whole_number(const std::string& domain) {
  return domain == "fixed" || domain == "count" || domain == "size";
}

// A real number away from whole and half numbers, where floor, round, abs, ... have their kinks.
double away_from_halves(Random& random) {
  const double part = 0.15 + 0.2 * random.uniform();
  return random.below(5) - 2.5 + (random.below(2) ? 0.5 : 0) + part;
}

double draw(const std::string& domain, const std::string& op, Random& random) {
  if (domain == "real") return away_from_halves(random);
  if (domain == "positive") return random.uniform(0.35, 3.5);
  if (domain == "nonzero") return (random.below(2) ? 1 : -1) * random.uniform(0.4, 3);
  if (domain == "unit") return random.uniform(0.1, 0.44) + (random.below(2) ? 0.46 : 0);
  if (domain == "correlation") return random.uniform(-0.8, 0.8);
  if (domain == "above1") return random.uniform(1.25, 5);
  if (domain == "nonpositive") return random.uniform(-2, -0.2);
  if (domain == "count") return random.below(6);
  if (domain == "size") return 6 + random.below(5);
  if (domain == "fixed") {
    if (op == "dbinom_log" || op == "dhyper_log") return 6 + random.below(5);
    if (op == "lchoose") return 1 + random.below(2);
    if (op == "round_digits") return 0;
    if (op == "round_signif") return 1;
    return random.below(3);
  }
  throw GraphError("no such domain: " + domain);
}

// Kinks, poles and what cannot be that lie inside of the domains, each argument's by itself.
bool smooth_near(const std::string& op, const Numbers& x) {
  if (op.rfind("qunif", 0) == 0 && x[1] > x[2]) return false;  // limits in the wrong order
  // More successes than there are trials.
  if (op.rfind("dbinom_c", 0) == 0 && x[1] - x[0] < 0.5) return false;
  if (op.rfind("dhyper_c", 0) == 0)
    return x[1] - x[0] > 0.5 && x[3] - x[0] > 0.5 && x[2] + x[0] - x[3] > 0.5;
  for (std::size_t i = 0; i < x.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (std::fabs(x[i] - x[j]) < 0.25) return false;
  if (op == "round_signif") return std::fabs(x[0]) > 1.1;
  if (op == "tan") return std::fabs(std::cos(x[0])) > 0.4;
  if (op == "tanpi") return std::fabs(std::cos(3.141592653589793 * x[0])) > 0.4;
  if (op == "mod" || op == "int_div")
    return std::fabs(x[0] / x[1] - std::nearbyint(x[0] / x[1])) > 0.25;
  return true;
}

std::vector<Numbers> draw_points(const NamedOp& op, std::size_t n, Random& random) {
  const std::vector<std::string> domains = domains_of(op);
  std::vector<Numbers> out(domains.size());
  for (std::size_t made = 0; made < n;) {
    Numbers x;
    for (const std::string& domain : domains) x.push_back(draw(domain, op.name, random));
    Numbers continuous;
    for (std::size_t i = 0; i < x.size(); ++i)
      if (!whole_number(domains[i])) continuous.push_back(x[i]);
    if (!smooth_near(op.name, continuous)) continue;
    for (std::size_t i = 0; i < x.size(); ++i) out[i].push_back(x[i]);
    ++made;
  }
  return out;
}

// The step that keeps a point well inside its domain.
double step_for(const std::string& domain, double x) {
  if (domain == "unit") return 0.1 * std::min(x, 1 - x);
  if (domain == "above1") return 0.1 * std::min(x - 1, 1.0);
  if (domain == "real") return 0.1;
  return 0.1 * std::min(std::fabs(x), 1.0);
}

// Distribution functions have derivatives up to the third in their shapes. Here: which arguments
// are shapes, and how many derivatives the operation already holds.
struct Shapes {
  std::set<std::size_t> arguments;
  int taken;
};

Shapes shapes_of(const NamedOp& op) {
  const std::string name = op.name;
  const auto starts = [&](const char* prefix) { return name.rfind(prefix, 0) == 0; };
  const auto ends = [&](const std::string& tail) {
    return name.size() >= tail.size() &&
           name.compare(name.size() - tail.size(), tail.size(), tail) == 0;
  };
  int taken = 0;
  for (const char* once : {"_da", "_db", "_ddf"}) taken = ends(once) ? 1 : taken;
  for (const char* twice : {"_daa", "_dab", "_dbb", "_ddf2"}) taken = ends(twice) ? 2 : taken;
  for (const char* thrice : {"_daaa", "_daab", "_dabb", "_dbbb", "_ddf3"})
    taken = ends(thrice) ? 3 : taken;
  for (const char* one : {"gamma_p", "gamma_q", "log_gamma_", "student_p", "log_student_", "pgamma",
                          "pchisq", "pnbinom", "nbinom_", "log_nbinom_"})
    if (starts(one)) return {{1}, taken};
  if (name == "pt" || starts("pt_")) return {{1}, taken};
  for (const char* two : {"beta_p", "beta_q", "log_beta_", "pbeta"})
    if (starts(two)) return {{1, 2}, taken};
  if (name == "pf" || starts("pf_")) return {{1, 2}, taken};
  return {{}, 0};
}

class OpCheck {
 public:
  OpCheck(int op, Random& random)
      : op_(named_ops()[static_cast<std::size_t>(op)]), domains_(domains_of(op_)),
        shapes_(shapes_of(op_)), points_(draw_points(op_, kPoints, random)) {
    for (int i = 0; i < op_.arity; ++i) arguments_.push_back(Expr(&g_, g_.input({kPoints, 1})));
    value_ = apply_named(op, arguments_);
  }

  void run() {
    derive(value_, {}, "", Numbers(kPoints, 0.0));
    for (std::size_t i = 0; i < domains_.size(); ++i) {
      if (!whole_number(domains_[i]) || !op_.elementwise) continue;
      check(refuses([&] { partial(value_, i); }), label("refuses argument " + std::to_string(i)));
    }
    modes_agree();
  }

 private:
  std::string label(const std::string& what) const { return std::string(op_.name) + " " + what; }

  Expr one() { return Expr(&g_, g_.constant(1.0)); }

  Expr partial(Expr y, std::size_t i) { return vjp(g_, y.id(), one(), {arguments_[i].id()})[0]; }

  bool declared_unsupported(const std::vector<std::size_t>& path) const {
    int order = shapes_.taken;
    for (std::size_t i : path) order += shapes_.arguments.count(i) > 0;
    return order > 3 && !shapes_.arguments.empty();
  }

  // All derivatives that follow `path`, which led to y; `sizes` is the largest met on it.
  void derive(Expr y, const std::vector<std::size_t>& path, const std::string& text,
              Numbers sizes) {
    if (path.size() == 3) return;
    const Numbers here = evaluate(g_, y, {kPoints, 1}, points_);
    for (std::size_t k = 0; k < kPoints; ++k) sizes[k] = std::max(sizes[k], std::fabs(here[k]));
    for (std::size_t i = 0; i < domains_.size(); ++i) {
      if (whole_number(domains_[i])) continue;
      std::vector<std::size_t> next = path;
      next.push_back(i);
      const std::string name = text + "/" + std::to_string(i);
      if (declared_unsupported(next)) {
        check(refuses([&] { partial(y, i); }), label("refuses" + name));
        continue;
      }
      const Expr found = partial(y, i);
      check_against_differences(y, found, i, sizes, label("d" + name));
      if (!found.is_zero()) derive(expand(found, {kPoints, 1}), next, name, sizes);
    }
  }

  void check_against_differences(Expr y, Expr found, std::size_t i, const Numbers& sizes,
                                 const std::string& what) {
    Numbers steps;
    for (double x : points_[i]) steps.push_back(step_for(domains_[i], x));
    Numbers numeric = differences(
        [&](double h) {
          std::vector<Numbers> moved = points_;
          for (std::size_t k = 0; k < kPoints; ++k) moved[i][k] += h * steps[k];
          return evaluate(g_, y, {kPoints, 1}, moved);
        },
        kPoints);
    const Numbers here = evaluate(g_, y, {kPoints, 1}, points_);
    const Numbers exact = evaluate(g_, found, {kPoints, 1}, points_);
    for (std::size_t k = 0; k < kPoints; ++k) {
      numeric[k] /= steps[k];
      std::string where = what + " at";
      for (const Numbers& x : points_) where += " " + in_full(x[k]);
      // A derivative that is zero by cancellation is so up to rounding of what cancels.
      const double rounding = Tolerance::kRoutes / Tolerance::kDifference * sizes[k];
      check_all_close({exact[k]}, {numeric[k]}, difference_tolerance(op_.name), where,
                      std::max(std::fabs(here[k]), rounding));
    }
  }

  // Second and third derivatives by other routes: vjp of vjp, jvp of vjp, vjp of jvp, and several
  // directions at once.
  void modes_agree() {
    std::vector<NodeId> active;
    std::vector<Expr> u, block;
    Random random(7);
    constexpr std::int32_t kDirections = 3;
    for (std::size_t i = 0; i < domains_.size(); ++i) {
      if (whole_number(domains_[i])) continue;
      active.push_back(arguments_[i].id());
      const Numbers numbers = random.uniforms(kPoints * kDirections);
      block.push_back(constant(&g_, numbers, {kPoints, kDirections}));
      u.push_back(slice(block.back(), 0, {kPoints, 1}));
    }
    if (active.empty()) return;
    const int orders = shapes_.arguments.empty() ? 3 : 2 - shapes_.taken;
    Expr reverse = value_, forward = value_;
    for (int order = 1; order <= orders; ++order) {
      const std::vector<Expr> gradient = vjp(g_, reverse.id(), one(), active);
      const Expr wide = jvp(g_, {reverse.id()}, active, block, kDirections)[0];
      Expr along = 0;
      for (std::size_t i = 0; i < active.size(); ++i)
        if (!gradient[i].is_zero()) along = along + gradient[i] * u[i];
      const Expr tangent = jvp(g_, {forward.id()}, active, u, 1)[0];
      const Numbers a = evaluate(g_, along, {kPoints, 1}, points_);
      const Numbers b = evaluate(g_, tangent, {kPoints, 1}, points_);
      Numbers c = evaluate(g_, wide, {kPoints, kDirections}, points_);
      c.resize(kPoints);
      // What the sums are made of, for a scale where they cancel.
      double scale = 0;
      for (std::size_t i = 0; i < active.size(); ++i)
        scale = std::max(scale, largest(evaluate(g_, gradient[i], {kPoints, 1}, points_)));
      const std::string name = label("order " + std::to_string(order));
      check_all_close(b, a, Tolerance::kRoutes, name + " jvp, vjp", scale);
      check_all_close(c, a, Tolerance::kRoutes, name + " jvp in 3 directions, vjp", scale);
      if (along.is_zero() || tangent.is_zero()) return;
      reverse = expand(along, {kPoints, 1});
      forward = expand(tangent, {kPoints, 1});
    }
  }

  const NamedOp op_;
  std::vector<std::string> domains_;
  Shapes shapes_;
  std::vector<Numbers> points_;
  Graph g_;
  std::vector<Expr> arguments_;
  Expr value_;
};

const Test derivatives{"elementwise: derivatives to third order", [] {
  if (!have_nmath()) return;
  Random random(1);
  for (std::size_t i = 0; i < named_ops().size(); ++i) {
    try {
      OpCheck(static_cast<int>(i), random).run();
    } catch (const std::exception& error) {
      check(false, std::string(named_ops()[i].name) + ": exception: " + error.what());
    }
  }
}};

struct Special {
  const char* name;
  Numbers at;
};

// Where a formula changes its form, cancels, or passes through zero: random points miss them.
const Test centres{"elementwise: derivatives at centres and seams", [] {
  if (!have_nmath()) return;
  const Special all[] = {
      {"dlogis_log", {0.5, 0.5, 1.2}}, {"dlogis", {0.5, 0.5, 1.2}},
      {"dcauchy_log", {0.5, 0.5, 1.2}}, {"pcauchy", {0.5, 0.5, 1.2}},
      {"pcauchy_log", {0.5, 0.5, 1.2}},
      {"pcauchy_upper_log", {0.5, 0.5, 1.2}}, {"dnorm_log", {0.5, 0.5, 1.2}},
      {"plogis_log", {0.5, 0.5, 1}}, {"dt_log", {0, 3}}, {"dt_log", {1, 3}}, {"dt_log", {-1, 3}},
      {"pt", {0, 3}}, {"pt_log", {0, 3}}, {"student_p", {0, 4}}, {"pf", {1, 2, 2}},
      {"pf_log", {1, 2, 2}}, {"pf_upper", {1.5, 2, 3}}, {"df_log", {1, 2, 2}},
      {"dweibull_log", {1.2, 1, 1.2}}, {"dgamma_log", {1.2, 1, 1.2}}, {"dbeta_log", {0.3, 1, 1}},
      {"qlogis", {0.5, 0, 1}}, {"qnorm", {0.5, 0, 1}}, {"qcauchy", {0.5, 0.3, 1.2}},
      {"log1p_exp", {0}}, {"logistic", {0}}, {"expm1", {0}}, {"tanh", {0}}, {"asin", {0}},
      {"atan2", {0, 1}}, {"sinpi", {0}}, {"cospi", {0.5}}, {"tanpi", {0}}, {"pow", {1, 0}},
      {"mills", {0}}, {"mills_excess", {0}}, {"mills_curvature", {0}}, {"lbeta", {1, 1}},
      {"gamma_p", {3, 3}}, {"gamma_q", {3, 3}}, {"log_gamma_p", {1, 1}}, {"lgamma", {1}},
      {"lgamma", {2}}, {"digamma", {1.4616321449683623}}};
  for (const Special& special : all) {
    Graph g;
    std::vector<NodeId> xs;
    std::vector<Expr> arguments;
    std::vector<Numbers> at;
    for (double x : special.at) {
      xs.push_back(g.input({1, 1}));
      arguments.push_back(Expr(&g, xs.back()));
      at.push_back({x});
    }
    const Expr y = apply_named(find_named_op(special.name), arguments);
    DerivativeCheck(g, xs, at, 0.02).run(y, 2, special.name);
  }
}};

// The value of an elementwise node of arguments with these shapes, by the scalar function.
Numbers by_scalars(const ElementwiseInfo& info, const std::vector<Shape>& shapes,
                   const std::vector<Numbers>& x, Shape out) {
  Numbers expected;
  for (std::int32_t j = 0; j < out.cols; ++j)
    for (std::int32_t i = 0; i < out.rows; ++i) {
      double arguments[4];
      for (std::size_t k = 0; k < shapes.size(); ++k) {
        const std::int32_t row = shapes[k].rows == 1 ? 0 : i, col = j % shapes[k].cols;
        arguments[k] = x[k][static_cast<std::size_t>(row + col * shapes[k].rows)];
      }
      expected.push_back(info.scalar(arguments));
    }
  return expected;
}

void check_kernel(Op op, const std::vector<Shape>& shapes, Random& random) {
  const ElementwiseInfo& info = elementwise(op);
  const NamedOp& named = named_ops()[static_cast<std::size_t>(op)];
  Graph g;
  std::vector<NodeId> ids;
  std::vector<Numbers> x;
  std::string pattern;
  for (std::size_t k = 0; k < shapes.size(); ++k) {
    const auto size = static_cast<std::size_t>(shapes[k].size());
    ids.push_back(g.input(shapes[k]));
    x.push_back(draw_points(named, size, random)[k]);
    pattern += " " + describe_shape(shapes[k]);
  }
  const Shape out = broadcast_shape(g, ids.data(), ids.size());
  const NodeId y = g.apply(op, ids.data(), ids.size());
  check(g.shape(y) == out, info.name + (" shape of" + pattern));
  const Numbers expected = by_scalars(info, shapes, x, out);
  const Numbers found = evaluate(g, Expr(&g, y), x);
  for (std::size_t i = 0; i < expected.size(); ++i)
    check_close(found[i], expected[i], Tolerance::kKernel, info.name + (" kernel" + pattern));
}

const Test kernels{"elementwise: kernels in all broadcasting patterns", [] {
  if (!have_nmath()) return;
  Random random(2);
  const Shape patterns[] = {{1, 1}, {5, 1}, {1, 4}, {5, 4}, {5, 2}, {1, 2}};
  for (std::size_t i = 0; i < kElementwiseCount; ++i) {
    const auto op = static_cast<Op>(i);
    const auto arity = static_cast<std::size_t>(elementwise(op).arity);
    // All combinations for up to two arguments, a random selection of them for more.
    const std::size_t all = arity == 1 ? 6 : 36, tries = arity < 3 ? all : 60;
    for (std::size_t t = 0; t < tries; ++t) {
      std::vector<Shape> shapes;
      std::size_t code = arity < 3 ? t : random.bits() % 1296;
      for (std::size_t k = 0; k < arity; ++k, code /= 6) shapes.push_back(patterns[code % 6]);
      check_kernel(op, shapes, random);
    }
  }
}};

const Test edges{"elementwise: kernels at infinities, zeros and NaN", [] {
  if (!have_nmath()) return;
  const double edge[] = {0.0, 1.0, -1.0, 0.5, kInfinity, -kInfinity, kNotANumber, 1e300, -800};
  Random random(3);
  for (std::size_t i = 0; i < kElementwiseCount; ++i) {
    const auto op = static_cast<Op>(i);
    const ElementwiseInfo& info = elementwise(op);
    const std::vector<std::string> domains = domains_of(named_ops()[i]);
    const auto arity = static_cast<std::size_t>(info.arity);
    constexpr std::int32_t kRows = 64;
    Graph g;
    std::vector<NodeId> ids;
    std::vector<Numbers> x(arity);
    const std::vector<Shape> shapes(arity, Shape{kRows, 1});
    for (std::size_t k = 0; k < arity; ++k) {
      ids.push_back(g.input({kRows, 1}, false));
      // Orders and sizes stay small: they say how long a loop runs.
      for (std::int32_t r = 0; r < kRows; ++r)
        x[k].push_back(domains[k] == "fixed" ? draw("fixed", info.name, random)
                                             : edge[random.below(9)]);
    }
    const Numbers expected = by_scalars(info, shapes, x, {kRows, 1});
    const Numbers found = evaluate(g, Expr(&g, g.apply(op, ids.data(), ids.size())), x);
    for (std::size_t r = 0; r < expected.size(); ++r)
      check_close(found[r], expected[r], Tolerance::kKernel,
                  std::string(info.name) + " at an edge");
  }
}};

}  // namespace
