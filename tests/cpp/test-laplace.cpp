// Integrals over effects: operations of sparse systems against dense formulas, values against
// closed forms and fine quadrature, derivatives to second order against differences.
#include "model/effects-search.h"
#include "model/laplace.h"
#include "body/body.h"
#include "engine-helpers.h"
#include "ops/sparse-system.h"

namespace {

using namespace admle_test;

constexpr double kLog2Pi = 1.8378770664093454836;

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

// The integral over u of exp `joint`, recorded as a trace would.
struct Integral {
  Laplace made;
  std::shared_ptr<EffectsSearch> search;

  Integral(Graph& g, const LaplaceOptions& options, const std::function<Expr(Expr)>& joint) {
    const auto q = static_cast<std::int32_t>(options.start.size());
    const NodeId u = g.unknown(g.constant(options.start, {q, 1}));
    const NodeId value = joint(Expr(&g, u)).in(&g);
    std::vector<NodeId> outer;
    const Body body = take_body(g, u, value, {}, outer);
    std::vector<Expr> parameters;
    for (NodeId id : outer) parameters.push_back(Expr(&g, id));
    made = laplace(body, g, parameters, options, search);
  }
};

Expr vector_of(Graph& g, const Numbers& x) {
  return constant(&g, x, {static_cast<std::int32_t>(x.size()), 1});
}

Expr joined(Graph& g, Expr a, Expr b) {
  return concat({a, b}, {a.shape().rows + b.shape().rows, 1}, &g);
}

Expr normal_log(Expr x, Expr mean, Expr sd) {
  return -0.5 * square((x - mean) / sd) - log(sd) - 0.5 * kLog2Pi;
}

// Counts in groups.
struct Counts {
  Index group, other;
  Numbers y, x;

  Counts(std::int32_t n, std::int32_t groups, std::int32_t others) {
    Random random(9);
    for (std::int32_t i = 0; i < n; ++i) {
      group.push_back(i < groups ? i : random.below(groups));
      other.push_back(i < others ? i : random.below(others));
      y.push_back(random.below(5));
      x.push_back(random.uniform(-1, 1));
    }
  }
  std::int32_t size() const { return static_cast<std::int32_t>(y.size()); }
  Expr rows(Graph& g, Expr eta) const { return vector_of(g, y) * eta - exp(eta); }
  Expr at_group(Expr u) const { return gather(u, group, {size(), 1}); }
};

const Test systems{"laplace: operations of a sparse system", [] {
  // A chain with a loop, and a part of its own.
  const std::vector<std::pair<int, int>> places{{0, 0}, {0, 1}, {1, 1}, {1, 2}, {2, 2},
                                                {0, 3}, {2, 3}, {3, 3}, {4, 4}};
  Symmetric::Sparse pattern(5, 5);
  for (const auto& [i, j] : places) pattern.insert(i, j) = 1;
  pattern.makeCompressed();
  const auto order = std::make_shared<const SparseOrder>(5, pattern.outerIndexPtr(),
                                                         pattern.innerIndexPtr());
  const auto system = std::make_shared<SparseSystem>(Symmetric(pattern, order));
  check(system->parts() == 2, "two parts");
  Graph g;
  const NodeId p = g.input({9, 1}), r = g.input({5, 2});
  const Expr a(&g, p), b(&g, r);
  Random random(2);
  Numbers values = random.uniforms(9, -0.4, 0.4);
  for (std::int32_t e : *system->diagonal()) values[at(e)] += 2;
  const std::vector<Numbers> point{values, random.uniforms(10, -1, 1)};
  Eigen::MatrixXd dense = Eigen::MatrixXd::Zero(5, 5);
  for (std::size_t e = 0; e < 9; ++e) {
    const auto i = (*system->row())[e], j = (*system->column())[e];
    dense(i, j) = dense(j, i) = values[e];
  }
  const Numbers logs = evaluate(g, sparse_log_det(system, a), point);
  check_close(logs[0] + logs[1], std::log(dense.determinant()), Tolerance::kRoutes, "both parts");
  check_close(logs[1], std::log(dense(4, 4)), Tolerance::kRoutes, "the part of one");
  DerivativeCheck(g, {p}, {point[0]}).run(sparse_log_det(system, a), 2, "log-determinant");
  DerivativeCheck(g, {p}, {point[0]}).run(sparse_inverse(system, a), 1, "inverse");
  DerivativeCheck(g, {p, r}, point).run(sparse_solve(system, a, b), 3, "solution");
  check(std::isnan(evaluate(g, sparse_log_det(system, -a), point)[0]), "not definite");
}};

const Test normal{"laplace: a normal model has its likelihood", [] {
  const Counts d(30, 6, 6);
  Graph g;
  const NodeId p = g.input({3, 1});
  const Expr mean = element(Expr(&g, p), 0), tau = element(Expr(&g, p), 1),
             sigma = element(Expr(&g, p), 2);
  const Integral found(g, {Numbers(6, 0.0), {}, {}}, [&](Expr u) {
    return joined(g, normal_log(vector_of(g, d.y), mean + d.at_group(u), sigma),
                  normal_log(u, 0, tau));
  });
  check(found.made.by_part && found.made.value.shape().rows == 6, "a part for each group");
  check(found.made.rows == 30, "rows that read data");
  const Numbers at_point{1.5, 0.8, 1.1};
  Eigen::MatrixXd v = Eigen::MatrixXd::Identity(30, 30) * 1.1 * 1.1;
  Eigen::VectorXd e(30);
  for (std::int32_t i = 0; i < 30; ++i) {
    e[i] = d.y[at(i)] - 1.5;
    for (std::int32_t j = 0; j < 30; ++j)
      if (d.group[at(i)] == d.group[at(j)]) v(i, j) += 0.8 * 0.8;
  }
  const double expected =
      -0.5 * (30 * kLog2Pi + std::log(v.determinant()) + e.dot(v.llt().solve(e)));
  const Expr total = sum(found.made.value);
  check_close(evaluate(g, total, {at_point})[0], expected, Tolerance::kRoutes, "likelihood");
  DerivativeCheck(g, {p}, {at_point}).run(found.made.value, 2, "normal model");
  const double without = evaluate(g, sum(found.made.mode), {{1.5, 1e-9, 1.1}})[0];
  check(std::fabs(without) < 1e-12, "no variance");
}};

const Test poisson{"laplace: counts with one, several, and coupled effects", [] {
  const Counts d(60, 8, 5);
  Graph g;
  const NodeId p = g.input({4, 1});
  const auto parameter = [&](int i) { return element(Expr(&g, p), i); };
  const std::vector<Numbers> at_point{{0.2, 0.6, 0.9, 0.4}};
  const Expr fixed_part = parameter(0) + parameter(3) * vector_of(g, d.x);

  const Integral one(g, {Numbers(8, 0.0), {}, {}}, [&](Expr u) {
    return joined(g, d.rows(g, fixed_part + parameter(1) * d.at_group(u)), -0.5 * square(u));
  });
  check(one.made.value.shape().rows == 8, "parts of one effect");
  DerivativeCheck(g, {p}, at_point, 0.02).run(one.made.value, 2, "one factor");
  DerivativeCheck(g, {p}, at_point, 0.02).run(one.made.mode, 2, "mode");

  const Integral slopes(g, {Numbers(16, 0.0), {}, {}}, [&](Expr u) {
    const Expr first = slice(u, 0, {8, 1}), second = slice(u, 8, {8, 1});
    const Expr eta = fixed_part + parameter(1) * d.at_group(first) +
                     parameter(2) * vector_of(g, d.x) * d.at_group(second);
    return sum(d.rows(g, eta)) - 0.5 * sum(square(u));
  });
  check(slopes.made.by_part && slopes.made.value.shape().rows == 8, "parts of two effects");
  DerivativeCheck(g, {p}, at_point, 0.02).run(slopes.made.value, 2, "slopes");

  const Integral crossed(g, {Numbers(13, 0.0), {}, {}}, [&](Expr u) {
    const Expr first = slice(u, 0, {8, 1}), second = slice(u, 8, {5, 1});
    const Expr eta = fixed_part + parameter(1) * d.at_group(first) +
                     parameter(2) * gather(second, d.other, {60, 1});
    return joined(g, joined(g, d.rows(g, eta), -0.5 * square(first)), -0.5 * square(second));
  });
  check(crossed.made.value.shape().rows == 1, "crossed effects are one part");
  DerivativeCheck(g, {p}, at_point, 0.02).run(crossed.made.value, 2, "crossed factors");

  const Integral walk(g, {Numbers(60, 0.0), {}, {}}, [&](Expr u) {
    const Expr step = slice(u, 1, {59, 1}) - slice(u, 0, {59, 1});
    return sum(d.rows(g, fixed_part + u)) + sum(normal_log(step, 0, parameter(1))) +
           sum(normal_log(slice(u, 0, {1, 1}), 0, parameter(2)));
  });
  DerivativeCheck(g, {p}, at_point, 0.02).run(sum(walk.made.value), 2, "random walk");
}};

const Test quadrature{"laplace: quadrature over single effects", [] {
  const Counts d(24, 4, 4);
  Graph g;
  const NodeId p = g.input({2, 1});
  const Expr mean = element(Expr(&g, p), 0), tau = element(Expr(&g, p), 1);
  // Gauss-Hermite of five nodes for the standard normal density.
  const Numbers nodes{-2.8569700138728056, -1.3556261799742659, 0, 1.3556261799742659,
                      2.8569700138728056};
  const Numbers weights{0.011257411327720689, 0.22207592200561266, 0.53333333333333333,
                        0.22207592200561266, 0.011257411327720689};
  Numbers logs;
  for (double w : weights) logs.push_back(std::log(w));
  const auto joint = [&](Expr u) {
    return joined(g, d.rows(g, mean + tau * d.at_group(u)), -0.5 * square(u) - 0.5 * kLog2Pi);
  };
  const Integral five(g, {Numbers(4, 0.0), nodes, logs}, joint);
  const Integral one(g, {Numbers(4, 0.0), {}, {}}, joint);
  const std::vector<Numbers> at_point{{0.3, 0.8}};
  double expected = 0;  // by the trapezoidal rule, which is exact to rounding here
  for (int c = 0; c < 4; ++c) {
    double integral = 0;
    for (int k = -4000; k <= 4000; ++k) {
      const double u = k * 0.0025;
      double h = -0.5 * u * u - 0.5 * kLog2Pi;
      for (std::size_t i = 0; i < d.y.size(); ++i)
        if (d.group[i] == c) h += d.y[i] * (0.3 + 0.8 * u) - std::exp(0.3 + 0.8 * u);
      integral += 0.0025 * std::exp(h);
    }
    expected += std::log(integral);
  }
  const double by_five = evaluate(g, sum(five.made.value), at_point)[0];
  const double by_one = evaluate(g, sum(one.made.value), at_point)[0];
  check(std::fabs(by_five - expected) < 0.1 * std::fabs(by_one - expected), "five are closer");
  DerivativeCheck(g, {p}, at_point, 0.02).run(five.made.value, 2, "quadrature");
  check(refuses([&] {
          const Integral two(g, {Numbers(2, 0.0), nodes, logs}, [&](Expr u) {
            return -square(element(u, 0) + element(u, 1) * mean) - square(u);
          });
        }),
        "several effects in one part");
}};

const Test no_mode{"laplace: no maximum is NaN, and said", [] {
  Graph g;
  const NodeId p = g.input({1, 1});
  const Integral found(g, {Numbers(2, 0.0), {}, {}}, [&](Expr u) {
    return -square(element(u, 0) + element(u, 1) - Expr(&g, p));
  });
  check(std::isnan(evaluate(g, sum(found.made.value), {{0.3}})[0]), "a ridge");
  check(!found.search->failure().empty(), "why");
}};

const Test profiles{"laplace: the profile is the function at its maximum", [] {
  const Counts d(60, 8, 5);
  Graph g;
  const NodeId p = g.input({1, 1});
  const Integral found(g, {Numbers(8, 0.0), {}, {}}, [&](Expr u) {
    const Expr effects = d.at_group(u);
    return d.rows(g, Expr(&g, p) * vector_of(g, d.x) + effects) - 1e-3 * square(effects);
  });
  check(found.made.profile.shape().rows == 60, "a row for each of the function");
  DerivativeCheck(g, {p}, {{0.4}}, 0.02).run(found.made.profile, 2, "profile");
}};

}  // namespace
