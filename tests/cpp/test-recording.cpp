// Recorded log-likelihoods: gradient, Hessian and scores of models against formulas and
// differences, recursions too long for all directions at once, splitting of the last sum, guards,
// weights and subsets, and the explanation of values that are not finite.
#include "engine-helpers.h"
#include "model/explain.h"
#include "model/likelihood.h"
#include "model/recording.h"

namespace {

using namespace admle_test;

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

// A likelihood as the user's function returned it: a total, or one value per observation.
struct Model {
  Graph graph;
  NodeId input = -1, total = -1, contributions = -1;

  Model(std::int32_t k, const std::function<Expr(Expr)>& f, bool per_observation = false) {
    input = graph.input({k, 1});
    const Expr returned = f(Expr(&graph, input));
    LikelihoodOptions options;
    options.contributions = per_observation;
    const LikelihoodNodes nodes = make_likelihood(graph, returned.id(), options);
    total = nodes.total;
    contributions = nodes.contributions;
  }
  Recording record() const { return Recording(graph, input, total, contributions); }
};

struct Found {
  double value = 0;
  Numbers gradient, hessian, contributions, scores;
};

Found evaluate_all(Recording& r, const Numbers& theta) {
  const std::size_t k = theta.size(), n = at(r.n_contributions());
  Found out;
  out.gradient.resize(k);
  out.hessian.resize(k * k);
  out.contributions.resize(n);
  out.scores.resize(n * k);
  double alone = 0;
  check(r.dimension() == static_cast<int>(k), "dimension");
  check(r.value(theta.data(), &alone, nullptr), "value is valid");
  check(r.value_and_gradient(theta.data(), &out.value, out.gradient.data(), nullptr), "gradient");
  Symmetric hessian;
  check(r.hessian(theta.data(), &hessian, nullptr), "hessian is valid");
  const Eigen::MatrixXd all = hessian.to_dense();
  out.hessian.assign(all.data(), all.data() + k * k);
  check_close(alone, out.value, Tolerance::kRoutes, "value alone");
  if (n == 0) return out;
  check(r.contributions(theta.data(), out.contributions.data(), nullptr), "contributions");
  check(r.scores(theta.data(), out.scores.data(), nullptr), "scores are valid");
  return out;
}

Numbers column_sums(const Numbers& x, std::size_t n) {
  Numbers out;
  for (std::size_t begin = 0; begin < x.size(); begin += n) {
    long double total = 0;
    for (std::size_t i = 0; i < n; ++i) total += x[begin + i];
    out.push_back(static_cast<double>(total));
  }
  return out;
}

// Third derivatives and products of scores and Hessians along a direction.
void check_along(Recording& r, const Numbers& theta, const std::string& name, double step) {
  const std::size_t k = theta.size(), n = at(r.n_contributions());
  Numbers v(k), third(k), product(k);
  for (std::size_t j = 0; j < k; ++j) v[j] = (j % 2 == 0 ? 1.0 : -0.6) / std::sqrt(1.0 + j);
  check(r.third_along(theta.data(), v.data(), third.data(), nullptr), "third is valid");
  const auto moved = [&](const Numbers& direction, double h) {
    Numbers x = theta;
    for (std::size_t j = 0; j < k; ++j) x[j] += h * step * direction[j];
    return x;
  };
  Numbers change = differences([&](double h) {
    Numbers out(k);
    Symmetric found;
    r.hessian(moved(v, h).data(), &found, nullptr);
    const Eigen::MatrixXd hessian = found.to_dense();
    for (std::size_t i = 0; i < k; ++i)
      for (std::size_t j = 0; j < k; ++j) out[i] += hessian.data()[i + j * k] * v[j];
    return out;
  }, k);
  for (double& x : change) x /= step;
  check_all_close(third, change, Tolerance::kDifference, name + " third derivatives",
                  std::max(largest(third), largest(change)));
  if (n == 0) return;
  check(r.score_hessian_along(theta.data(), v.data(), product.data(), nullptr), "product is valid");
  for (std::size_t j = 0; j < k; ++j) {
    Numbers unit(k);
    unit[j] = 1;
    const double slope = difference([&](double h) {
      Numbers scores(n * k);
      r.scores(moved(unit, h / step).data(), scores.data(), nullptr);
      double half = 0;
      for (std::size_t i = 0; i < n; ++i) {
        double along = 0;
        for (std::size_t l = 0; l < k; ++l) along += scores[i + l * n] * v[l];
        half += 0.5 * along * along;
      }
      return half;
    }, step);
    check_all_close({product[j]}, {slope}, Tolerance::kDifference, name + " score times Hessian",
                    largest(product));
  }
}

// Everything a recording says at theta, against differences of the level below.
void check_recording(Recording& r, const Numbers& theta, const std::string& name,
                     double step = 0.05) {
  const Found found = evaluate_all(r, theta);
  const std::size_t k = theta.size(), n = at(r.n_contributions());
  const double scale = std::max(largest(found.gradient), std::fabs(found.value));
  const auto moved = [&](std::size_t j, double h) {
    Numbers x = theta;
    x[j] += h;
    return x;
  };
  for (std::size_t j = 0; j < k; ++j) {
    const std::string which = name + ", parameter " + std::to_string(j);
    const double slope = difference([&](double h) {
      double out = 0;
      r.value(moved(j, h).data(), &out, nullptr);
      return out;
    }, step);
    check_all_close({found.gradient[j]}, {slope}, Tolerance::kDifference, which + " gradient",
                    scale);
    Numbers column = differences([&](double h) {
      Numbers out(k);
      double value = 0;
      r.value_and_gradient(moved(j, h * step).data(), &value, out.data(), nullptr);
      return out;
    }, k);
    for (double& v : column) v /= step;
    check_all_close(Numbers(&found.hessian[j * k], &found.hessian[j * k] + k), column,
                    Tolerance::kDifference, which + " hessian", scale);
    if (n == 0) continue;
    Numbers scores = differences([&](double h) {
      Numbers out(n);
      r.contributions(moved(j, h * step).data(), out.data(), nullptr);
      return out;
    }, n);
    for (double& v : scores) v /= step;
    check_all_close(Numbers(&found.scores[j * n], &found.scores[j * n] + n), scores,
                    Tolerance::kDifference, which + " scores", largest(found.contributions));
  }
  for (std::size_t i = 0; i < k; ++i)
    for (std::size_t j = 0; j < i; ++j)
      check(found.hessian[i + j * k] == found.hessian[j + i * k], name + " hessian is symmetric");
  if (n == 0) return;
  check_all_close(column_sums(found.contributions, n), {found.value}, Tolerance::kRoutes,
                  name + " sum of contributions", largest(found.contributions) * std::sqrt(n));
  check_all_close(column_sums(found.scores, n), found.gradient, Tolerance::kRoutes,
                  name + " sum of scores", largest(found.scores) * std::sqrt(n));
}

void check_with_third(Recording& r, const Numbers& theta, const std::string& name) {
  check_recording(r, theta, name);
  check_along(r, theta, name, 0.05);
}

struct Data {
  std::int32_t n;
  Numbers x, y, binary;
  Index group;

  explicit Data(std::int32_t rows) : n(rows) {
    Random random(static_cast<std::uint64_t>(rows));
    x = random.uniforms(2 * n);
    for (std::int32_t i = 0; i < n; ++i) x.push_back(1);
    y = random.uniforms(n, -2, 2);
    for (std::int32_t i = 0; i < n; ++i) {
      binary.push_back(random.below(2));
      group.push_back(random.below(5));
    }
  }
};

const Test linear_model{"recording: a linear model", [] {
  for (std::int32_t n : {7, 300}) {
    const Data d(n);
    const auto terms = [&](Expr theta) {
      Graph* g = theta.graph();
      const Expr s = exp(element(theta, 3));
      const Expr e = (constant(g, d.y, {n, 1}) -
                      matmul(constant(g, d.x, {n, 3}), slice(theta, 0, {3, 1}))) / s;
      return -0.5 * square(e) - log(s) - 0.918938533204672741780329736406;
    };
    const Numbers theta{0.4, -0.3, 0.2, 0.1};
    const Model one_each(4, terms, true), total(4, [&](Expr t) { return sum(terms(t)); });
    Recording a = one_each.record(), b = total.record();
    check(b.has_contributions(), "a sum is split");
    check_with_third(a, theta, "contributions, n = " + std::to_string(n));
    check_with_third(b, theta, "total, n = " + std::to_string(n));
    // Score and Hessian by formula: X'e / s and -X'X / s^2.
    const Found found = evaluate_all(a, theta);
    Numbers slope(3, 0.0), curvature(9, 0.0), score(at(3 * n));
    const double s = std::exp(0.1);
    for (std::int32_t i = 0; i < n; ++i) {
      double e = d.y[at(i)];
      for (std::int32_t j = 0; j < 3; ++j) e -= d.x[at(i + j * n)] * theta[at(j)];
      for (std::int32_t j = 0; j < 3; ++j) {
        slope[at(j)] += score[at(i + j * n)] = d.x[at(i + j * n)] * e / (s * s);
        for (std::int32_t l = 0; l < 3; ++l)
          curvature[at(l + 3 * j)] -= d.x[at(i + j * n)] * d.x[at(i + l * n)] / (s * s);
      }
    }
    check_all_close(Numbers(found.gradient.begin(), found.gradient.begin() + 3), slope,
                    Tolerance::kValue, "score by formula", n);
    check_all_close(Numbers(found.scores.begin(), found.scores.begin() + 3 * n), score,
                    Tolerance::kValue, "scores by formula");
    Numbers block;
    for (std::size_t j = 0; j < 3; ++j)
      for (std::size_t i = 0; i < 3; ++i) block.push_back(found.hessian[i + 4 * j]);
    check_all_close(block, curvature, Tolerance::kValue, "information by formula");
  }
}};

const Test logit{"recording: a logit", [] {
  const Data d(400);
  const Model model(3, [&](Expr theta) {
    Graph* g = theta.graph();
    const Expr index = matmul(constant(g, d.x, {d.n, 3}), theta);
    const Expr y = constant(g, d.binary, {d.n, 1});
    return sum(y * log(logistic(index)) + (1 - y) * log(1 - logistic(index)));
  });
  Recording r = model.record();
  check_with_third(r, {0.5, -1, 0.3}, "logit");
  // Where the plain formula has log(0): a linear index of several hundred.
  const Found far = evaluate_all(r, {900, 200, 10});
  check(std::isfinite(far.value) && far.value < -100, "finite far away");
  for (double v : far.gradient) check(std::isfinite(v), "gradient finite far away");
}};

const Test group_effects{"recording: effects by group", [] {
  for (std::int32_t n : {20, 600}) {
    const Data d(n);
    const Model model(7, [&](Expr theta) {
      Graph* g = theta.graph();
      const Expr alpha = slice(theta, 0, {5, 1}), beta = element(theta, 5), s = element(theta, 6);
      const Expr x = constant(g, Numbers(d.x.begin(), d.x.begin() + n), {n, 1});
      const Expr index = gather(alpha, d.group, {n, 1}) + beta * x;
      const Expr e = (constant(g, d.y, {n, 1}) - index) / s;
      return -n * log(s) - 0.5 * matmul(e, e, true);
    });
    Recording r = model.record();
    check(r.n_contributions() == n, "a cross-product is split");
    check_with_third(r, {0.1, -0.2, 0.3, 0.4, -0.5, 0.7, 1.3}, "groups, n = " + std::to_string(n));
  }
}};

// h[t] = w + a y[t - 1]^2 + b h[t - 1], one scalar at a time.
Expr garch_terms(Expr theta, std::int32_t n) {
  Graph* g = theta.graph();
  const Numbers y = Random(1).uniforms(n, -2, 2);
  std::vector<Expr> h{Expr(g, g->constant(1.0))};
  for (std::int32_t t = 1; t < n; ++t)
    h.push_back(element(theta, 0) + element(theta, 1) * (y[at(t - 1)] * y[at(t - 1)]) +
                element(theta, 2) * h.back());
  const Expr all = concat(h, {n, 1}, g);
  return -0.5 * (log(all) + square(constant(g, y, {n, 1})) / all);
}

// The same by hand: derivatives of h by their own recursions.
Found garch_by_hand(const Numbers& theta, std::int32_t n) {
  const Numbers y = Random(1).uniforms(n, -2, 2);
  Found out;
  out.gradient.assign(3, 0);
  out.hessian.assign(9, 0);
  out.scores.resize(at(3 * n));
  double h = 1;
  Numbers dh(3, 0), ddh(9, 0);
  for (std::int32_t t = 0; t < n; ++t) {
    if (t > 0) {
      const double y2 = y[at(t - 1)] * y[at(t - 1)];
      const Numbers direct{1, y2, h};
      Numbers ndh(3), nddh(9);
      for (std::size_t i = 0; i < 3; ++i) {
        ndh[i] = direct[i] + theta[2] * dh[i];
        for (std::size_t j = 0; j < 3; ++j)
          nddh[i + 3 * j] = theta[2] * ddh[i + 3 * j] + (i == 2 ? dh[j] : 0) + (j == 2 ? dh[i] : 0);
      }
      h = theta[0] + theta[1] * y2 + theta[2] * h;
      dh = ndh;
      ddh = nddh;
    }
    const double y2 = y[at(t)] * y[at(t)];
    const double f1 = -0.5 * (1 / h - y2 / (h * h)), f2 = 0.5 / (h * h) - y2 / (h * h * h);
    out.value -= 0.5 * (std::log(h) + y2 / h);
    for (std::size_t i = 0; i < 3; ++i) {
      out.gradient[i] += out.scores[at(t) + i * at(n)] = f1 * dh[i];
      for (std::size_t j = 0; j < 3; ++j)
        out.hessian[i + 3 * j] += f1 * ddh[i + 3 * j] + f2 * dh[i] * dh[j];
    }
  }
  return out;
}

const Test recursion{"recording: recursions, all directions at once and one at a time", [] {
  const Numbers theta{0.2, 0.15, 0.6};
  // The short one takes all directions at once, the long one a direction at a time.
  for (std::int32_t n : {40, 3000}) {
    const Model model(3, [n](Expr t) { return garch_terms(t, n); }, true);
    Recording r = model.record();
    const Found found = evaluate_all(r, theta), expected = garch_by_hand(theta, n);
    const std::string name = "n = " + std::to_string(n);
    check_all_close({found.value}, {expected.value}, Tolerance::kRoutes, name + " value");
    check_all_close(found.gradient, expected.gradient, Tolerance::kRoutes, name + " gradient", n);
    check_all_close(found.hessian, expected.hessian, Tolerance::kRoutes, name + " hessian", n);
    check_all_close(found.scores, expected.scores, Tolerance::kRoutes, name + " scores");
    // Programs made before the direction became an input still run after it.
    const Found again = evaluate_all(r, theta);
    check(same_bits(found.hessian, again.hessian) && same_bits(found.gradient, again.gradient) &&
              same_bits(found.scores, again.scores) && found.value == again.value,
          name + " bitwise the same again");
    if (n == 40) check_recording(r, theta, name, 0.01);
  }
}};

const Test pieces{"recording: parameters used whole, in pieces, twice, or not at all", [] {
  Random random(2);
  const Numbers theta = random.uniforms(6, 0.5, 1.5);
  const std::vector<std::pair<std::string, std::function<Expr(Expr)>>> all{
      {"whole", [](Expr t) { return sum(log(t)) * sum(sin(t)); }},
      {"overlapping", [](Expr t) {
         return sum(exp(slice(t, 0, {4, 1}))) * sum(log(slice(t, 2, {4, 1}))); }},
      {"not all", [](Expr t) { return square(element(t, 1)) * sum(exp(slice(t, 3, {2, 1}))); }},
      {"scattered", [](Expr t) { return sum(sin(gather(t, Index{5, 1, 1, 3}, {4, 1}))); }},
      {"nothing taken", [](Expr t) { return sum(gather(t, Index{}, {0, 1})) + element(t, 2); }},
      {"constant", [](Expr t) { return element(t, 0) * 0 + 3; }},
      {"matrix", [](Expr t) {
         const Expr m = reshape(t, {2, 3});
         return log_abs_det(matmul(m, m, false, true)) + sum(t); }},
  };
  for (const auto& [name, f] : all) {
    const Model model(6, f);
    Recording r = model.record();
    check_recording(r, theta, name, 0.02);
  }
}};

// Whether splitting the last sum gives n terms; they add up and so do their scores.
void check_split(const std::string& name, std::int64_t n, const std::function<Expr(Expr)>& f) {
  const Model model(2, f);
  Recording r = model.record();
  check(r.n_contributions() == n, name + ": " + std::to_string(r.n_contributions()) + " terms");
  check_recording(r, {0.7, 1.2}, name);
}

const Test splitting{"recording: the last sum is split", [] {
  const Data d(30);
  const auto residual = [&](Expr t) {
    return constant(t.graph(), d.y, {30, 1}) - element(t, 0);
  };
  check_split("sum", 30, [&](Expr t) { return sum(square(residual(t)) * element(t, 1)); });
  check_split("minus", 30, [&](Expr t) { return -sum(square(residual(t)) * element(t, 1)); });
  check_split("plus a constant", 30, [&](Expr t) { return sum(sin(residual(t))) - 55.5; });
  check_split("normal, in closed form", 30, [&](Expr t) {
    const Expr s2 = square(element(t, 1));
    return -30 / 2.0 * log(2 * 3.14159 * s2) - sum(square(residual(t))) / (2 * s2);
  });
  check_split("two sums", 30, [&](Expr t) {
    const Expr e = residual(t);
    return 2 * sum(sin(e)) - sum(cos(e)) * element(t, 1) + element(t, 0);
  });
  check_split("cross-product", 30, [&](Expr t) {
    return -0.5 * matmul(residual(t), sin(residual(t)), true) / element(t, 1);
  });
  check_split("of a matrix", 30, [&](Expr t) {
    return sum(sin(reshape(residual(t), {15, 2}) * element(t, 1)));
  });
  check_split("divided by the number", 30, [&](Expr t) {
    return sum(sin(residual(t))) / 30 + log(element(t, 1));
  });
  check_split("sums of different lengths", 0, [&](Expr t) {
    return sum(sin(residual(t))) + sum(slice(residual(t), 0, {10, 1})) * element(t, 1);
  });
  check_split("of earlier rows too", 30, [&](Expr t) {
    return sum(square(cumsum(residual(t)) * element(t, 1)));
  });
  check_split("with a number of the whole sample in its terms", 30, [&](Expr t) {
    return sum(square(residual(t) - sum(residual(t)) / 30));
  });
  check_split("and a number of the whole sample besides", 0, [&](Expr t) {
    return sum(square(residual(t))) + log(sum(square(residual(t))));
  });
  check_split("of unrelated data of one length", 0, [&](Expr t) {
    const Expr other = constant(t.graph(), {d.x.begin(), d.x.begin() + 30}, {30, 1});
    return sum(square(residual(t))) + sum(square(other - element(t, 1)));
  });
  check_split("of a symmetric matrix", 0, [&](Expr t) {
    return sum(element(t, 0) * constant(t.graph(), {2, 1, 1, 3}, {2, 2})) - element(t, 1);
  });
  check_split("and what reads no data", 30, [&](Expr t) {
    return sum(square(residual(t))) - sum(square(t));
  });
  check_split("not a sum", 0, [&](Expr t) {
    return log(sum(square(residual(t)))) * element(t, 1);
  });
  check_split("no data", 0, [&](Expr t) { return sin(element(t, 0)) * element(t, 1); });
}};

const Test guards{"recording: valid while its guards hold", [] {
  Model model(2, [](Expr t) {
    return sum(square(t) * constant(t.graph(), {1, 1}, {2, 1}));
  });
  Graph& g = model.graph;
  const Expr theta(&g, model.input);
  g.add_guard(gt(element(theta, 0), 1).id(), {1});
  g.add_guard(lt(theta, 5).id(), {1, 1});
  Recording r = model.record();
  const Numbers inside{2, 3}, first{0.5, 3}, second{2, 7}, hole{kNotANumber, 3};
  double value = -1;
  check(r.value(inside.data(), &value, nullptr) && value == 13, "valid inside");
  for (const Numbers& outside : {first, second, hole}) {
    value = -1;
    Numbers many(4, -1.0);
    check(!r.value(outside.data(), &value, nullptr) && value == -1, "value refused");
    check(!r.value_and_gradient(outside.data(), &value, many.data(), nullptr) && value == -1,
          "gradient refused");
    Symmetric none;
    check(!r.hessian(outside.data(), &none, nullptr), "hessian refused");
    check(!r.contributions(outside.data(), many.data(), nullptr), "contributions refused");
    check(!r.scores(outside.data(), many.data(), nullptr), "scores refused");
    check(many == Numbers(4, -1.0), "nothing written");
  }
  check(r.value(inside.data(), &value, nullptr) && value == 13, "valid again");
  // A guard that was NaN when recorded holds where it is NaN.
  Model undefined(2, [](Expr t) { return sum(t); });
  undefined.graph.add_guard(
      gt(log(element(Expr(&undefined.graph, undefined.input), 0)), 0).id(), {kNotANumber});
  Recording u = undefined.record();
  const Numbers negative{-1, 2};
  check(u.value(negative.data(), &value, nullptr) && value == 1, "NaN is an outcome");
  check(!u.value(inside.data(), &value, nullptr), "which a number is not");
}};

const Test options{"recording: weights, subset and sign", [] {
  const Data d(8);
  const auto terms = [&](const LikelihoodOptions& options, Shape shape = {8, 1}) {
    Graph g;
    const NodeId input = g.input({1, 1});
    const Expr y = reshape(constant(&g, d.y, {8, 1}), shape);
    const LikelihoodNodes nodes = make_likelihood(g, (y * Expr(&g, input)).id(), options);
    Recording r(g, input, nodes.total, nodes.contributions);
    const Found found = evaluate_all(r, {1.5});
    Numbers out = found.contributions;
    out.push_back(found.value);
    return out;
  };
  const auto expected = [&](const Index& which, const Numbers& weights, double sign) {
    Numbers out;
    double total = 0;
    for (std::size_t i = 0; i < which.size(); ++i) {
      out.push_back(sign * (weights.empty() ? 1 : weights[i]) * 1.5 * d.y[at(which[i])]);
      total += out.back();
    }
    out.push_back(total);
    return out;
  };
  LikelihoodOptions o;
  o.contributions = true;
  const Index all{0, 1, 2, 3, 4, 5, 6, 7}, some{6, 0, 3};
  const Numbers weights{1, 2, 0.5, 0, 1, 3, 1, 1};
  check_all_close(terms(o), expected(all, {}, 1), Tolerance::kValue, "plain");
  check_all_close(terms(o, {2, 4}), expected(all, {}, 1), Tolerance::kValue, "a matrix, flattened");
  o.negative = true;
  check_all_close(terms(o), expected(all, {}, -1), Tolerance::kValue, "negative");
  o.weights = weights;
  check_all_close(terms(o), expected(all, weights, -1), Tolerance::kValue, "weights");
  o.negative = false;
  o.weights = {2, 3, 4};
  o.subset = some;
  o.use_subset = true;
  check_all_close(terms(o), expected(some, {2, 3, 4}, 1), Tolerance::kValue, "subset and weights");
  o.weights = weights;
  check(refuses([&] { terms(o); }), "weights of another length");
  // An observation of weight 0 does not count, whatever its value.
  Graph g;
  const NodeId input = g.input({1, 1});
  LikelihoodOptions w;
  w.contributions = true;
  w.weights = {1, 0};
  const Expr value = log(constant(&g, {1, 0}, {2, 1}) * Expr(&g, input));
  const LikelihoodNodes nodes = make_likelihood(g, value.id(), w);
  Recording r(g, input, nodes.total, nodes.contributions);
  const Found found = evaluate_all(r, {2});
  check_close(found.value, std::log(2.0), Tolerance::kValue, "weight 0 and log(0)");
  check_close(found.gradient[0], 0.5, Tolerance::kValue, "its gradient");
}};

Explanation explain(Graph& g, Expr result, const std::vector<Numbers>& inputs) {
  NodeEvaluator evaluator(g);
  evaluator.set_inputs(inputs);
  return explain_nonfinite(g, evaluator, result.id());
}

const Test explanations{"recording: why a value is not finite", [] {
  Graph g;
  const Expr x(&g, g.input({4, 1})), s(&g, g.input({1, 1}));
  const std::vector<Numbers> at_zero{{1, 2, 0, 3}, {2}};
  g.set_origin(5);
  const Expr culprit = log(x);
  g.set_origin(6);
  const Expr total = sum(culprit * s + square(x)) - 3;
  const Explanation e = explain(g, total, at_zero);
  check(e.found && e.node == culprit.id() && e.operation == "log" && e.origin == 5, "the culprit");
  check(e.element == 2 && e.row == 2 && e.value == -kInfinity, "which observation");
  check(e.arguments == Numbers{0}, "at what argument");
  check(!explain(g, sum(square(x)), at_zero).found, "nothing to explain");
  const Expr chosen = select(gt(x, 0.5), square(x) / s, log(x));
  check(explain(g, chosen, {{1, 2, 3, 0}, {2}}).operation == "log", "the branch taken");
  check(explain(g, chosen, {{1, 2, 3, 0}, {2}}).element == 3, "where it was taken");
  const Explanation other = explain(g, chosen, {{1, 2, 3, 4}, {0}});
  check(other.operation == "div" && other.arguments == Numbers{1, 0} && other.row == 0,
        "the first of many");
  const Explanation gathered = explain(g, sum(gather(log(x), Index{3, 2}, {2, 1})), at_zero);
  check(gathered.operation == "log" && gathered.element == 2, "through a gather");
  // The element that was used, not another one that happens not to be finite.
  const std::vector<Numbers> two_zeros{{0, 2, 0, 3}, {2}};
  const Explanation used = explain(g, element(log(x), 2) * s, two_zeros);
  check(used.operation == "log" && used.element == 2, "through an element");
  const Expr both = concat({s, log(x)}, {5, 1}, &g);
  const Explanation joined = explain(g, slice(both, 2, {3, 1}), {{0, 2, 3, 0}, {2}});
  check(joined.operation == "log" && joined.element == 3, "through a concatenation");
  const Expr m = reshape(log(x), {2, 2});
  const Explanation column = explain(g, columns(m, std::make_shared<Index>(Index{1})), two_zeros);
  check(column.operation == "log" && column.element == 2, "through a column");
  const Explanation data = explain(g, x + constant(&g, {1, 1, kNotANumber, 1}, {4, 1}), at_zero);
  check(data.operation == "constant" && data.element == 2 && data.row == 2, "missing data");
  const Explanation parameter = explain(g, x * s, {{1, 1, 1, 1}, {kInfinity}});
  check(parameter.operation == "input" && parameter.row == 0, "a parameter");
}};

const Test work_test{"recording: estimated work", [] {
  const auto cost = [](std::int32_t k) {
    const std::int32_t n = 1000;
    const auto model = [n, k](Expr b) {
      const Numbers x(at(n) * at(k), 0.5);
      return log1p(exp(matmul(constant(b.graph(), x, {n, k}), b)));
    };
    Recording r = Model(k, model, true).record();
    check_close(r.hessian_cost(), k, Tolerance::kRoutes, "before anything is known");
    Numbers theta(at(k), 0.0), gradient(at(k));
    Symmetric hessian;
    double value = 0;
    check(r.value_and_gradient(theta.data(), &value, gradient.data(), nullptr), "gradient");
    check(r.hessian(theta.data(), &hessian, nullptr), "hessian");
    return r.hessian_cost();
  };
  const double few = cost(2), many = cost(100);
  check(few < 3, "few parameters: elementwise work decides: " + std::to_string(few));
  check(many > 5 && many < 50, "many: products of matrices do: " + std::to_string(many));
}};

}  // namespace
