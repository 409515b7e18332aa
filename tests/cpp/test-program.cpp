// The chunked executor against node-by-node evaluation: programs of several passes, groups,
// folding, what counts as an output, repetition, interruption, memory.
#include <stdexcept>

#include "engine-helpers.h"

namespace {

using namespace admle_test;

constexpr std::int32_t kRowCounts[] = {1, 5, 255, 256, 257, 2048, 5000};

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

// A program's outputs equal to node-by-node values, and to themselves when run again.
void check_program(std::shared_ptr<Graph> g, const std::vector<Expr>& outputs,
                   const std::vector<Numbers>& inputs, const std::string& name) {
  std::vector<NodeId> ids;
  for (const Expr& e : outputs) ids.push_back(e.id());
  Program program(g, ids);
  const std::vector<Numbers> first = run_program(program, ids.size(), inputs);
  for (std::size_t i = 0; i < ids.size(); ++i)
    check_all_close(first[i], evaluate(*g, outputs[i], inputs), Tolerance::kRoutes,
                    name + ", output " + std::to_string(i));
  // Other inputs in between leave no trace.
  std::vector<Numbers> other = inputs;
  for (Numbers& x : other)
    for (double& v : x) v = 0.9 * v + 0.05;
  run_program(program, ids.size(), other);
  const std::vector<Numbers> again = run_program(program, ids.size(), inputs);
  for (std::size_t i = 0; i < ids.size(); ++i)
    check(same_bits(first[i], again[i]), name + ", bitwise the same again");
  Program fresh(g, ids);
  run_program(fresh, ids.size(), other);
  const std::vector<Numbers> anew = run_program(fresh, ids.size(), inputs);
  for (std::size_t i = 0; i < ids.size(); ++i)
    check(same_bits(first[i], anew[i]), name + ", bitwise the same in another program");
}

struct Data {
  Data(std::int32_t n, std::int32_t k) : rows(n), cols(k) {
    Random random(static_cast<std::uint64_t>(n));
    x = random.uniforms(static_cast<std::int64_t>(n) * k);
    y = random.uniforms(n);
    for (std::int32_t i = 0; i < n; ++i) group.push_back(random.below(4));
  }
  std::int32_t rows, cols;
  Numbers x, y;
  Index group;
};

const Test regression{"program: a regression and its derivatives", [] {
  for (std::int32_t n : kRowCounts) {
    const Data data(n, 3);
    auto g = std::make_shared<Graph>();
    const NodeId b = g->input({3, 1}), s = g->input({1, 1});
    const Expr x = constant(g.get(), data.x, {n, 3}), y = constant(g.get(), data.y, {n, 1});
    const Expr e = (y - matmul(x, Expr(g.get(), b))) / Expr(g.get(), s);
    const Expr value = sum(-0.5 * square(e) - log(Expr(g.get(), s)) - log1p_exp(e));
    const Expr one(g.get(), g->constant(1.0));
    const std::vector<Expr> slope = vjp(*g, value.id(), one, {b, s});
    const Expr second = jvp(*g, {slope[0].id()}, {b}, {identity_seed(*g, {3, 1})}, 3)[0];
    const Expr scores = jvp(*g, {e.id()}, {b}, {identity_seed(*g, {3, 1})}, 3)[0];
    check_program(g, {value, slope[0], slope[1], second, scores, e},
                  {{0.3, -0.2, 0.5}, {1.3}}, "n = " + std::to_string(n));
  }
}};

const Test passes{"program: reductions that rows use again", [] {
  for (std::int32_t n : kRowCounts) {
    const Data data(n, 2);
    auto g = std::make_shared<Graph>();
    const NodeId theta = g->input({2, 1});
    const Expr t(g.get(), theta);
    const Expr x = constant(g.get(), data.x, {n, 2}), y = constant(g.get(), data.y, {n, 1});
    // Standardise an index (two reductions, used by rows), then a softmax over the rows, then a
    // reduction of that: four passes.
    const Expr index = matmul(x, t) + y;
    const Expr centred = index - sum(index) / n;
    const Expr scaled = centred / sqrt(sum(square(centred)) / n + 0.1);
    const Expr weights = exp(scaled - max(scaled)) / sum(exp(scaled - max(scaled)));
    const Expr mean = sum(weights * y);
    const Expr value = sum(square(y - mean) * weights) + mean * sum(sin(index));
    const Expr slope = vjp(*g, value.id(), Expr(g.get(), g->constant(1.0)), {theta})[0];
    const Expr second = jvp(*g, {slope.id()}, {theta}, {identity_seed(*g, {2, 1})}, 2)[0];
    check_program(g, {value, slope, second, weights, mean, scaled}, {{0.7, -0.4}},
                  "n = " + std::to_string(n));
  }
}};

const Test groups{"program: effects by group and sums by group", [] {
  for (std::int32_t n : kRowCounts) {
    const Data data(n, 1);
    auto g = std::make_shared<Graph>();
    const NodeId alpha = g->input({4, 1}), beta = g->input({1, 1});
    const auto index = std::make_shared<const Index>(data.group);
    const Expr x = constant(g.get(), data.x, {n, 1}), y = constant(g.get(), data.y, {n, 1});
    const Expr index_row = gather(Expr(g.get(), alpha), index, {n, 1}) + x * Expr(g.get(), beta);
    const Expr p = logistic(index_row);
    const Expr by_group = scatter_add(log(p) * y, index, {4, 1});
    const Expr back = gather(by_group, index, {n, 1});  // group sums, used by rows
    const Expr value = sum(square(by_group)) + sum(back * p);
    const Expr one(g.get(), g->constant(1.0));
    const std::vector<Expr> slope = vjp(*g, value.id(), one, {alpha, beta});
    const Expr second = jvp(*g, {slope[0].id()}, {alpha}, {identity_seed(*g, {4, 1})}, 4)[0];
    check_program(g, {value, slope[0], slope[1], second, by_group, back},
                  {{0.3, -0.2, 0.5, 0.1}, {0.8}}, "n = " + std::to_string(n));
  }
}};

const Test wide{"program: matrices of n rows", [] {
  for (std::int32_t n : kRowCounts) {
    const Data data(n, 4);
    auto g = std::make_shared<Graph>();
    const NodeId b = g->input({4, 3}), row = g->input({1, 3});
    const Expr x = constant(g.get(), data.x, {n, 4});
    const Expr v = matmul(x, Expr(g.get(), b)) + Expr(g.get(), row);
    const Expr p = exp(v) / row_sums(exp(v));
    Index choice;
    for (std::int32_t i = 0; i < n; ++i) choice.push_back(i + n * (data.group[at(i)] % 3));
    const Expr chosen = gather(p, choice, {n, 1});
    const Expr some = columns(p, std::make_shared<Index>(Index{2, 0}));
    const Expr joined = concat({some, chosen, some}, {n, 5}, g.get());
    const Expr cross = matmul(joined, p, true);
    const Expr value = sum(log(chosen)) + sum(square(col_sums(some))) + sum(cross * cross);
    const Expr one(g.get(), g->constant(1.0));
    const std::vector<Expr> slope = vjp(*g, value.id(), one, {b, row});
    const Expr second = jvp(*g, {slope[1].id()}, {row}, {identity_seed(*g, {1, 3})}, 3)[0];
    check_program(g, {value, slope[0], slope[1], second, joined, cross, p, transpose(p),
                      cumsum(chosen), reshape(some, {1, 2 * n})},
                  {Random(1).uniforms(12), {0.1, 0.2, -0.3}}, "n = " + std::to_string(n));
  }
}};

const Test square_data{"program: matrices with as many columns as rows", [] {
  // Which operand is read by rows must not be decided by its size.
  const std::int32_t n = 256;
  const Data data(n, n);
  auto g = std::make_shared<Graph>();
  const NodeId b = g->input({n, 1});
  const Expr x = constant(g.get(), data.x, {n, n}), v = sin(matmul(x, Expr(g.get(), b)));
  const Expr spread = v * constant(g.get(), data.y, {n, 1});
  const Expr outer = matmul(spread, v, false, true);
  const Expr value = sum(matmul(x, spread)) + sum(matmul(outer, v)) + sum(matmul(outer, outer)) +
                     sum(matmul(x, x, false, true) * outer) + sum(matmul(outer, x, true, true));
  const Expr slope = vjp(*g, value.id(), Expr(g.get(), g->constant(1.0)), {b})[0];
  check_program(g, {value, slope, outer}, {Random(2).uniforms(n, -0.1, 0.1)}, "n x n");
}};

const Test recursion{"program: scalars in between rows", [] {
  for (std::int32_t n : {5, 300}) {
    const Data data(n, 1);
    auto g = std::make_shared<Graph>();
    const NodeId theta = g->input({2, 1});
    const Expr t(g.get(), theta), y = constant(g.get(), data.y, {n, 1});
    const Expr e = square(y - element(t, 0));
    std::vector<Expr> h{element(t, 1)};
    for (std::int32_t i = 1; i < n; ++i)
      h.push_back(0.1 + 0.5 * tanh(h.back()) + element(t, 1) * element(e, i - 1));
    const Expr all = concat(h, {n, 1}, g.get());
    const Expr value = sum(log1p(square(all)) + e / (1 + square(all)));
    const Expr slope = vjp(*g, value.id(), Expr(g.get(), g->constant(1.0)), {theta})[0];
    const Expr second = jvp(*g, {slope.id()}, {theta}, {identity_seed(*g, {2, 1})}, 2)[0];
    check_program(g, {value, slope, second, all}, {{0.3, 0.2}}, "n = " + std::to_string(n));
  }
}};

const Test outputs{"program: any node is an output", [] {
  auto g = std::make_shared<Graph>();
  const Numbers data = Random(3).uniforms(600);
  const NodeId a = g->input({3, 1}), unused = g->input({2, 1}), b = g->input({1, 1});
  const Expr c = constant(g.get(), data, {300, 2}), two(g.get(), g->constant(2.0));
  const Expr folded = sum(exp(c)), large = exp(c) * 2, y = large * Expr(g.get(), b);
  const Expr input(g.get(), a);
  check_program(g, {input, c, two, folded, large, y, y, sum(y), input, element(y, 599),
                    element(c, 3), Expr(g.get(), g->alias(y.id()))},
                {{1, 2, 3}, {4, 5}, {0.5}}, "outputs");
  check_program(g, {folded, c}, {{1, 2, 3}, {4, 5}, {0.5}}, "nothing that changes");
  check_program(g, {Expr(g.get(), unused)}, {{1, 2, 3}, {4, 5}, {0.5}}, "an input alone");
  Program none(g, {});
  none.run({}, nullptr);
  check(true, "no outputs");
}};

const Test empty{"program: vectors without elements", [] {
  auto g = std::make_shared<Graph>();
  const NodeId a = g->input({1, 1});
  const Expr none = constant(g.get(), {}, {0, 1}) * Expr(g.get(), a);
  const Expr value = sum(none) + Expr(g.get(), a);
  const Expr slope = vjp(*g, value.id(), Expr(g.get(), g->constant(1.0)), {a})[0];
  check_program(g, {none, value, slope}, {{2.5}}, "empty");
}};

const Test folding{"program: constants are folded, large ones recomputed", [] {
  auto g = std::make_shared<Graph>();
  const std::int32_t n = 200000;
  const Numbers data = Random(4).uniforms(n);
  const NodeId a = g->input({1, 1});
  const Expr x = constant(g.get(), data, {n, 1});
  Expr f = x;
  for (int i = 0; i < 10; ++i) f = sin(f) * 2 + x;
  const Expr value = sum(f * Expr(g.get(), a)) + sum(square(f));
  check_program(g, {value}, {{0.7}}, "large constants");
  Program program(g, {value.id()});
  check(program.memory() < 2000000, "memory is that of a chunk: " +
                                        std::to_string(program.memory()));
}};

const Test polling{"program: polled, and usable after an interruption", [] {
  auto g = std::make_shared<Graph>();
  const std::int32_t n = 100000;
  const Numbers data = Random(5).uniforms(n);
  const NodeId a = g->input({1, 1});
  Expr scalar(g.get(), a);
  for (int i = 0; i < 70000; ++i) scalar = sin(scalar) + 0.1;
  const Expr x = constant(g.get(), data, {n, 1});
  const Expr value = sum(exp(x * scalar)) + sum(square(x - sum(x * scalar) / n));
  Program program(g, {value.id()});
  const Numbers in{0.4};
  int polls = 0;
  program.run({in.data()}, [&] { ++polls; });
  check(polls >= 4, "polled " + std::to_string(polls) + " times");
  const double expected = *program.output(0);
  for (int stop = 1; stop <= polls; ++stop) {
    int count = 0;
    bool stopped = false;
    const Numbers other{1.7};
    try {
      program.run({other.data()}, [&] { if (++count == stop) throw std::runtime_error("stop"); });
    } catch (const std::runtime_error&) {
      stopped = true;
    }
    check(stopped, "the exception comes through");
    program.run({in.data()}, nullptr);
    check(*program.output(0) == expected, "the same value after it");
  }
}};

const Test evaluator{"program: single nodes as a graph grows", [] {
  Graph g;
  NodeEvaluator values(g);
  const Expr x(&g, g.input({2, 1}));
  values.set_inputs({{0.5, 2}});
  Expr y = element(x, 0);
  double expected = 0.5;
  for (int i = 0; i < 2000; ++i) {
    y = cos(y) * element(x, 1);
    expected = std::cos(expected) * 2;
    check_close(*values.value(y.id()), expected, Tolerance::kValue, "grown");
  }
  values.set_inputs({{0.25, 1}});
  check_close(*values.value((element(x, 0) + element(x, 1)).id()), 1.25, 0, "new inputs");
}};

}  // namespace
