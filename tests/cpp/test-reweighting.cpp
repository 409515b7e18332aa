// Weights that are given to a recording afterwards: the same as weights that were recorded, for
// every derivative and way of making it, and shared recordings where the function branches.
#include "engine-helpers.h"
#include "model/likelihood.h"
#include "model/loglik.h"

namespace {

using namespace admle_test;
using admle::LogLikelihood;
using admle::Matrix;
using admle::Vector;

using Terms = std::function<Expr(Expr)>;

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

std::shared_ptr<Recording> record(std::int32_t k, const Terms& terms, const Numbers& weights) {
  Graph graph;
  const NodeId input = graph.input({k, 1});
  LikelihoodOptions options;
  options.contributions = true;
  options.weights = weights;
  const NodeId returned = terms(Expr(&graph, input)).id();
  const LikelihoodNodes nodes = make_likelihood(graph, returned, options);
  return std::make_shared<Recording>(graph, input, nodes.total, nodes.contributions);
}

LogLikelihood loglik_of(std::int32_t k, const Terms& terms, const Numbers& weights = {}) {
  LogLikelihood out(k, nullptr, nullptr);
  out.add(record(k, terms, weights));
  return out;
}

Numbers numbers(const Matrix& m) { return Numbers(m.data(), m.data() + m.size()); }

// A zero, a negative weight and fractions among resampling multiplicities.
Numbers some_weights(std::int32_t n) {
  Numbers out = Random(7).uniforms(n, 0, 3);
  for (double& w : out) w = std::floor(w);
  out[0] = 0;
  out[1] = -1.5;
  out[2] = 0.25;
  return out;
}

void check_reweighting(const std::string& name, std::int32_t k, std::int32_t n, const Terms& terms,
                       const Numbers& at_theta) {
  const Numbers w = some_weights(n), own = Random(8).uniforms(n, 0.5, 2);
  Numbers product(w);
  for (std::size_t i = 0; i < w.size(); ++i) product[i] *= own[i];
  LogLikelihood plain = loglik_of(k, terms, own), expected = loglik_of(k, terms, product);
  LogLikelihood found = plain.reweighted(w);
  Vector theta = Vector::Map(at_theta.data(), k), slope(k), expected_slope(k);
  const double value = found.loglik(theta, slope);
  const double expected_value = expected.loglik(theta, expected_slope);
  check_close(found.loglik(theta), value, Tolerance::kRoutes, name + " value alone");
  check_all_close({value}, {expected_value}, Tolerance::kRoutes, name + " value", n);
  check_all_close(numbers(slope), numbers(expected_slope), Tolerance::kRoutes, name + " gradient",
                  n);
  const auto hessian = [&theta](LogLikelihood& of) {
    return numbers(of.loglik_hessian(theta).to_dense());
  };
  check_all_close(hessian(found), hessian(expected),
                  Tolerance::kRoutes, name + " hessian", n);
  check_all_close(numbers(found.contributions(theta)), numbers(expected.contributions(theta)),
                  Tolerance::kRoutes, name + " contributions");
  check_all_close(numbers(found.loglik_scores(theta)), numbers(expected.loglik_scores(theta)),
                  Tolerance::kRoutes, name + " scores");
  // The curvature of the sum along coordinates is the Hessian.
  Vector first = Vector::Zero(k), second = Vector::Zero(k);
  first[0] = 1;
  second[k - 1] = 1;
  check_all_close({found.curvatures(theta, first, second).sum()},
                  {expected.loglik_hessian(theta).to_dense()(0, k - 1)}, Tolerance::kRoutes,
                  name + " curvatures", n);
  const Numbers before = numbers(found.loglik_hessian(theta).to_dense());
  check(same_bits(before, hessian(found)), name + " hessian again");
  // Other weights after these, by the same programs; and weights of weights.
  LogLikelihood doubled = plain.reweighted(Numbers(at(n), 2.0)).reweighted(w);
  check_all_close({doubled.loglik(theta)}, {2 * expected_value}, Tolerance::kRoutes,
                  name + " doubled", n);
  check(found.loglik(theta, slope) == value, name + " bitwise the same again");
  check(plain.loglik(theta) == loglik_of(k, terms, own).loglik(theta), name + " left alone");
  check(refuses([&] { plain.reweighted(Numbers(at(n - 1), 1.0)); }), name + " wrong length");
}

const Test models{"reweighting: linear indices, effects by group, a scale, recursions", [] {
  const std::int32_t n = 600;
  Random random(3);
  const Numbers x = random.uniforms(2 * n), y = random.uniforms(n, -2, 2);
  Numbers binary;
  Index group;
  for (std::int32_t i = 0; i < n; ++i) {
    binary.push_back(random.below(2));
    group.push_back(random.below(5));
  }
  check_reweighting("logit", 2, n, [&](Expr t) {
    const Expr index = matmul(constant(t.graph(), x, {n, 2}), t);
    const Expr sign = 2 * constant(t.graph(), binary, {n, 1}) - 1;
    return log(logistic(sign * index));
  }, {0.4, -0.2});
  check_reweighting("normal", 3, n, [&](Expr t) {
    const Expr index = matmul(constant(t.graph(), x, {n, 2}), slice(t, 0, {2, 1}));
    const Expr s = element(t, 2);
    return -0.5 * square((constant(t.graph(), y, {n, 1}) - index) / s) - log(s);
  }, {0.4, -0.2, 1.3});
  check_reweighting("groups", 6, n, [&](Expr t) {
    const Expr e = constant(t.graph(), y, {n, 1}) - gather(slice(t, 0, {5, 1}), group, {n, 1});
    return -0.5 * square(e / element(t, 5)) - log(element(t, 5));
  }, {0.1, 0.2, 0.3, 0.4, 0.5, 1.1});
  // The long one takes second derivatives one direction at a time.
  for (std::int32_t length : {40, 3000}) {
    check_reweighting("recursion", 3, length, [length](Expr t) {
      Graph* g = t.graph();
      const Numbers e = Random(1).uniforms(length, -2, 2);
      std::vector<Expr> h{Expr(g, g->constant(1.0))};
      for (std::int32_t i = 1; i < length; ++i)
        h.push_back(element(t, 0) + element(t, 1) * (e[at(i - 1)] * e[at(i - 1)]) +
                    element(t, 2) * h.back());
      const Expr all = concat(h, {length, 1}, g);
      return -0.5 * (log(all) + square(constant(g, e, {length, 1})) / all);
    }, {0.2, 0.15, 0.6});
  }
}};

const Test left_out{"reweighting: an observation of weight 0 does not count", [] {
  LogLikelihood all = loglik_of(1, [](Expr t) {
    return log(constant(t.graph(), {1, 0, 2}, {3, 1}) * t);
  });
  LogLikelihood kept = all.reweighted({1, 0, 3});
  const Vector theta = Vector::Constant(1, 2.0);
  Vector slope(1);
  check(std::isinf(all.loglik(theta)), "log(0) counts");
  check_close(kept.loglik(theta, slope), std::log(2.0) + 3 * std::log(4.0), Tolerance::kValue,
              "value");
  check_close(slope[0], 2.0, Tolerance::kValue, "gradient");
  check_close(kept.loglik_hessian(theta).to_dense()(0, 0), -1.0, Tolerance::kValue, "hessian");
}};

const Test totals{"reweighting: a total that cannot be split", [] {
  Graph graph;
  const NodeId input = graph.input({1, 1});
  const NodeId total = sin(Expr(&graph, input)).id();
  LogLikelihood loglik(1, nullptr, nullptr);
  loglik.add(std::make_shared<Recording>(graph, input, total, -1));
  check(refuses([&] { loglik.reweighted({}); }), "refused");
}};

// -(t - y)^2 for t > 0, -2 (t - y)^2 otherwise: a branch that the function takes by a comparison.
const Test branches{"reweighting: recordings made anew are shared", [] {
  const Numbers y{1, 2, 4};
  const auto recorder = [&](const Vector& theta) {
    Graph graph;
    const Expr t(&graph, graph.input({1, 1}));
    const bool right = theta[0] > 0;
    graph.add_guard(gt(t, 0).id(), {right ? 1.0 : 0.0});
    const Expr rows = (right ? -1 : -2) * square(t - constant(&graph, y, {3, 1}));
    return LogLikelihood::Recorded{
        std::make_shared<Recording>(graph, t.id(), sum(rows).id(), rows.id()), {}, nullptr};
  };
  LogLikelihood loglik(1, recorder, nullptr);
  loglik.add(recorder(Vector::Constant(1, 1.0)).recording);
  LogLikelihood one = loglik.reweighted({1, 0, 2}), other = loglik.reweighted({0, 1, 0});
  const Vector right = Vector::Constant(1, 3.0), left = Vector::Constant(1, -1.0);
  check_close(one.loglik(right), -4.0 - 2.0, Tolerance::kValue, "recorded branch");
  check_close(one.loglik(left), -2 * (4.0 + 2 * 25.0), Tolerance::kValue, "new branch");
  check_close(other.loglik(left), -2 * 9.0, Tolerance::kValue, "other weights, left");
  check_close(loglik.loglik(left), -2 * (4.0 + 9.0 + 25.0), Tolerance::kValue, "no weights, left");
  check_close(other.loglik(right), -1.0, Tolerance::kValue, "other weights, right");
  check(loglik.recordings() == 2 && one.recordings() == 2, "two recordings in all");
}};

}  // namespace
