// Evaluates the gradient of one model so many times: count-gradients MODEL TIMES. The difference in
// instructions of two runs is the cost of a gradient, without that of starting and recording. The
// models are made by the engine's own interface, as the recorder makes them.
#include <cstdio>
#include <cstdlib>

#include "engine-helpers.h"
#include "model/recording.h"

namespace {

using namespace admle_test;

constexpr double kLogRootTwoPi = 0.918938533204672741780329736406;

struct Model {
  Graph graph;
  NodeId input = -1;
  Expr contributions;
  Numbers theta;

  explicit Model(std::int32_t k) : input(graph.input({k, 1})), theta(Random(2).uniforms(k)) {}
  Expr parameters() { return Expr(&graph, input); }
  Expr data(const Numbers& numbers, std::int32_t cols = 1) {
    const auto n = static_cast<std::int32_t>(numbers.size());
    return constant(&graph, numbers, {n / cols, cols});
  }
};

Expr log_density(Expr y, Expr mean, Expr sd) {
  return -0.5 * square((y - mean) / sd) - log(sd) - kLogRootTwoPi;
}

// Regression with 20 coefficients and log sigma.
void normal(Model& m) {
  constexpr std::int32_t kRows = 4000, kCols = 20;
  Random random(1);
  const Expr x = m.data(random.uniforms(kRows * kCols), kCols), y = m.data(random.uniforms(kRows));
  const Expr beta = slice(m.parameters(), 0, {kCols, 1});
  m.contributions = log_density(y, matmul(x, beta), exp(element(m.parameters(), kCols)));
}

void logit(Model& m) {
  constexpr std::int32_t kRows = 4000, kCols = 20;
  Random random(1);
  const Expr x = m.data(random.uniforms(kRows * kCols), kCols);
  Numbers outcome;
  for (std::int32_t i = 0; i < kRows; ++i) outcome.push_back(random.below(2));
  const Expr y = m.data(outcome), index = matmul(x, m.parameters());
  m.contributions = y * log(logistic(index)) + (1 - y) * log(1 - logistic(index));
}

// GARCH(1,1) with a mean, its recursion one scalar at a time.
void garch(Model& m) {
  constexpr std::int32_t kSteps = 2000;
  m.theta = {0.01, 0.1, 0.1, 0.8};
  const Expr theta = m.parameters(), y = m.data(Random(1).uniforms(kSteps));
  const Expr squares = square(y - element(theta, 0));
  std::vector<Expr> h{sum(squares) / kSteps};
  for (std::int32_t t = 1; t < kSteps; ++t)
    h.push_back(element(theta, 1) + element(theta, 2) * element(squares, t - 1) +
                element(theta, 3) * h.back());
  const Expr sd = sqrt(concat(h, {kSteps, 1}, &m.graph));
  m.contributions = log_density(y, element(theta, 0), sd);
}

struct Choice {
  const char* name;
  std::int32_t parameters;
  void (*make)(Model&);
};

constexpr Choice kModels[] = {{"normal", 21, normal}, {"logit", 20, logit}, {"garch", 4, garch}};

bool evaluate_gradients(const Choice& choice, long times) {
  Model m(choice.parameters);
  choice.make(m);
  const NodeId total = sum(m.contributions).id();
  Recording recording(m.graph, m.input, total, m.contributions.id());
  double value = 0;
  Numbers gradient(m.theta.size());
  for (long i = 0; i < times; ++i)
    if (!recording.value_and_gradient(m.theta.data(), &value, gradient.data(), nullptr))
      return false;
  std::printf("%s: %.6f, first derivative %.6f\n", choice.name, value, gradient[0]);
  return std::isfinite(value);
}

}  // namespace

int main(int argc, char** argv) {
  for (const Choice& choice : kModels)
    if (argc == 3 && std::string(argv[1]) == choice.name)
      return evaluate_gradients(choice, std::atol(argv[2])) ? 0 : 1;
  std::fprintf(stderr, "usage: count-gradients normal|logit|garch TIMES\n");
  return 2;
}
