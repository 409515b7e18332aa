// Random graphs: the chunked executor against node-by-node evaluation, and derivatives against
// differences. Scalars, small vectors, rows, matrices of n rows, reductions that rows use again,
// gathers by group, constants that fold and that do not. Functions are bounded and smooth, so that
// tolerances can be tight. A failure names the seed. ADMLE_FUZZ_ROUNDS=50 tries 50 times as many.
#include <cstdlib>

#include "engine-helpers.h"

namespace {

using namespace admle_test;

constexpr std::int32_t kGroups = 4;

class RandomGraph {
 public:
  RandomGraph(std::uint64_t seed, std::int32_t n, int steps)
      : random_(seed), n_(n), width_(1 + random_.below(4)), graph_(std::make_shared<Graph>()) {
    for (std::int32_t i = 0; i < n_; ++i) group_->push_back(random_.below(kGroups));
    for (std::int32_t i = 0; i < n_; ++i) column_->push_back(random_.below(width_));
    for (const Shape s : {Shape{kGroups, 1}, Shape{1, 1}, Shape{1, width_}}) {
      inputs_.push_back(graph_->input(s));
      at_.push_back(random_.uniforms(s.size()));
      pool_.push_back(Expr(graph_.get(), inputs_.back()));
    }
    for (const Shape s : {Shape{n_, 1}, Shape{n_, width_}, Shape{n_, 1}, Shape{1, width_}})
      pool_.push_back(constant(graph_.get(), random_.uniforms(s.size()), s));
    for (int i = 0; i < steps; ++i) step();
    for (const Expr& e : pool_) total_ = total_ + sum(sin(e)) * (1.0 / n_);
  }

  std::shared_ptr<Graph> graph() { return graph_; }
  Graph& g() { return *graph_; }
  const std::vector<NodeId>& inputs() const { return inputs_; }
  const std::vector<Numbers>& at() const { return at_; }
  const std::vector<Expr>& pool() const { return pool_; }
  Expr total() const { return total_; }

 private:
  Expr any() {
    const auto size = static_cast<std::int32_t>(pool_.size());
    return pool_[static_cast<std::size_t>(random_.below(size))];
  }

  // Of this shape, from something of the pool that has it or is a scalar.
  Expr of_shape(Shape s) {
    for (int tries = 0; tries < 20; ++tries) {
      const Expr e = any();
      if (e.shape() == s) return e;
    }
    return expand(sin(pool_[1]), s);
  }
  Expr rows(std::int32_t cols) { return of_shape({n_, cols}); }

  void step() {
    const Expr found = draw();
    // Bounded, so that values do not grow with depth.
    if (!found.is_literal()) pool_.push_back(random_.below(3) ? tanh(found) : sin(found));
  }

  Expr fits(const Expr& a) {
    for (int tries = 0; tries < 20; ++tries) {
      const Expr b = any();
      const Shape s = a.shape(), t = b.shape();
      const std::int32_t wide = std::max(s.cols, t.cols);
      if ((s.rows == t.rows || s.rows == 1 || t.rows == 1) && wide % s.cols == 0 &&
          wide % t.cols == 0)
        return b;
    }
    return a;
  }

  Expr draw() {
    const Expr a = any();
    switch (random_.below(24)) {
      case 0: return logistic(a) + a;
      case 1: return exp(a) - square(a);
      case 2: return a * fits(a);
      case 3: return a / (2 + cos(fits(a)));
      case 4: return a - 1.5 * fits(a);
      case 5: {
        const Expr b = fits(a);
        // The test is data: a kink is not crossed by rounding.
        const Expr test = gt(constant(&g(), random_.uniforms(n_), {n_, 1}), 0);
        return a.shape().rows == n_ && b.shape().rows == n_ ? select(test, a, b) : a + b;
      }
      case 6: return mulz(gt(rows_of_data(), 0.2), fits(rows_of_data()));
      case 7: return log1p_exp(a) * 0.5;
      case 8: return sum(a) * (1.0 / n_);
      case 9: return sum(square(rows(width_))) * (1.0 / n_);
      case 10: return block_sum(rows(width_), width_) * (1.0 / n_);
      case 11: return row_sums(rows(width_));
      case 12: return gather(of_shape({kGroups, 1}), group_, {n_, 1});
      case 13: return scatter_add(rows(1), group_, {kGroups, 1}) * (1.0 / n_);
      case 14: return matmul(rows(width_), of_shape({1, width_}), false, true);
      case 15: return matmul(rows(width_), rows(1), true) * (1.0 / n_);
      case 16: return matmul(matmul(rows(width_), rows(width_), true), of_shape({1, width_}), false,
                             true) * (1.0 / n_);
      case 17: return row_select(rows(width_), column_, width_);
      case 18: return columns(rows(width_), std::make_shared<Index>(Index{width_ - 1, 0}));
      case 19: {
        const Expr joined = concat({rows(1), rows(width_)}, {n_, 1 + width_}, &g());
        return row_sums(joined * joined);
      }
      case 20: return cumsum(rows(1)) * (1.0 / n_);
      case 21: {
        const Expr v = of_shape({kGroups, 1});
        return element(v, random_.below(kGroups)) * element(rows(1), random_.below(n_));
      }
      case 22: return reshape(slice(of_shape({kGroups, 1}), 1, {2, 1}), {1, 2}) * rows(1);
      default: return transpose(matmul(rows(1), rows(width_), true)) * (1.0 / n_);
    }
  }

  Expr rows_of_data() { return constant(&g(), random_.uniforms(n_), {n_, 1}); }

  Random random_;
  std::int32_t n_, width_;
  std::shared_ptr<Graph> graph_;
  std::shared_ptr<Index> group_ = std::make_shared<Index>(), column_ = std::make_shared<Index>();
  std::vector<NodeId> inputs_;
  std::vector<Numbers> at_;
  std::vector<Expr> pool_;
  Expr total_ = 0;
};

std::uint64_t rounds() {
  const char* text = std::getenv("ADMLE_FUZZ_ROUNDS");
  return text != nullptr ? std::strtoull(text, nullptr, 10) : 1;
}

const Test executor{"fuzz: programs equal node-by-node evaluation", [] {
  std::uint64_t seed = 1;
  for (std::int32_t n : {1, 5, 255, 256, 257, 2048, 5000})
    for (std::uint64_t repeat = rounds() * (n < 1000 ? 40 : 8); repeat > 0; --repeat, ++seed) {
      RandomGraph r(seed, n, 12 + static_cast<int>(seed % 20));
      Graph& g = r.g();
      std::vector<Expr> wanted{r.total()};
      const Expr one(&g, g.constant(1.0));
      const std::vector<Expr> gradient = vjp(g, r.total().id(), one, r.inputs());
      for (std::size_t i = 0; i < gradient.size(); ++i) {
        if (gradient[i].is_zero()) continue;
        wanted.push_back(gradient[i]);
        const Shape s = g.shape(r.inputs()[i]);
        const Expr second = jvp(g, {gradient[i].id()}, {r.inputs()[i]}, {identity_seed(g, s)},
                                static_cast<std::int32_t>(s.size()))[0];
        if (!second.is_zero()) wanted.push_back(second);
      }
      for (std::size_t i = 0; i < r.pool().size(); i += 3) wanted.push_back(r.pool()[i]);
      std::vector<NodeId> outputs;
      for (const Expr& e : wanted) outputs.push_back(e.id());
      const std::string name = "seed " + std::to_string(seed) + ", n = " + std::to_string(n);
      Program program(r.graph(), outputs);
      const std::vector<Numbers> first = run_program(program, outputs.size(), r.at());
      NodeEvaluator reference(g);
      reference.set_inputs(r.at());
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        const double* value = reference.value(outputs[i]);
        const Numbers expected(value, value + g.shape(outputs[i]).size());
        check_all_close(first[i], expected, Tolerance::kRoutes,
                        name + ", output " + std::to_string(i), 1);
      }
      const std::vector<Numbers> again = run_program(program, outputs.size(), r.at());
      for (std::size_t i = 0; i < outputs.size(); ++i)
        check(same_bits(first[i], again[i]), name + ", bitwise the same again");
    }
}};

const Test derivatives{"fuzz: derivatives of random graphs", [] {
  for (std::uint64_t seed = 1; seed <= 120 * rounds(); ++seed) {
    const auto n = static_cast<std::int32_t>(1 + seed % 6);
    RandomGraph r(1000 + seed, n, 10);
    if (r.total().is_literal()) continue;
    DerivativeCheck(r.g(), r.inputs(), r.at(), 0.02)
        .run(r.total(), seed % 10 == 0 ? 3 : 2, "seed " + std::to_string(seed));
  }
}};

}  // namespace
