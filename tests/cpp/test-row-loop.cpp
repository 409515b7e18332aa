// Threads: the same bits for any number of them, exceptions, interruption. Programs on one thread
// are in test-program.cpp.
#include <atomic>
#include <stdexcept>

#include "engine-helpers.h"
#include "exec/threads.h"

namespace {

using namespace admle_test;

const Test tasks{"threads: each task once", [] {
  for (int threads : {1, 2, 5}) {
    std::vector<std::atomic<int>> done(40);
    for (std::atomic<int>& d : done) d = 0;
    std::atomic<bool> known{true};
    for_each_task(40, threads, [&](int task, int thread) {
      ++done[static_cast<std::size_t>(task)];
      if (thread < 0 || thread >= threads) known = false;
    });
    bool once = true;
    for (const std::atomic<int>& d : done) once = once && d == 1;
    check(once, "once");
    check(known, "thread numbers");
  }
  for_each_task(0, 3, [](int, int) { check(false, "no task"); });
}};

const Test exceptions{"threads: exceptions reach the caller", [] {
  for (int failing : {0, 7, 39}) {
    bool caught = false;
    try {
      for_each_task(40, 3, [&](int task, int) {
        if (task == failing) throw std::runtime_error("stop");
      });
    } catch (const std::runtime_error& e) {
      caught = std::string(e.what()) == "stop";
    }
    check(caught, "caught");
  }
}};

// A logit with effects of groups, its gradient, and a vector that is kept whole.
const Test same_bits_for_threads{"row loop: results do not depend on threads", [] {
  const std::int32_t n = 50001, k = 5;
  Random random(4);
  auto g = std::make_shared<Graph>();
  const NodeId b = g->input({k, 1}), alpha = g->input({7, 1});
  const Expr x = constant(g.get(), random.uniforms(n * k), {n, k});
  const Expr y = constant(g.get(), random.uniforms(n), {n, 1});
  Index group;
  for (std::int32_t i = 0; i < n; ++i) group.push_back(random.below(7));
  const Expr eta = matmul(x, Expr(g.get(), b)) + gather(Expr(g.get(), alpha), group, {n, 1});
  const Expr value = sum(y * eta - log1p_exp(eta));
  const std::vector<Expr> slopes =
      vjp(*g, value.id(), Expr(g.get(), g->constant(1.0)), {b, alpha});
  const Expr curvature = matmul(x, exp(-square(eta)) * x, true);
  const std::vector<NodeId> outputs{value.id(), slopes[0].id(), slopes[1].id(), eta.id(),
                                    curvature.id()};
  const Numbers at_b = random.uniforms(k), at_alpha = random.uniforms(7);
  std::vector<Numbers> one;
  for (int threads : {1, 2, 3, 16}) {
    Program program(g, outputs);
    program.run({at_b.data(), at_alpha.data()}, nullptr, threads);
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const Numbers now(program.output(i), program.output(i) + program.output_size(i));
      if (threads == 1) one.push_back(now);
      else check(same_bits(now, one[i]), std::to_string(threads) + " threads");
    }
  }
  bool stopped = false;
  Program program(g, outputs);
  try {
    program.run({at_b.data(), at_alpha.data()}, [] { throw std::runtime_error("stop"); }, 2);
  } catch (const std::runtime_error&) {
    stopped = true;
  }
  check(stopped, "an interrupt stops a run on two threads");
}};

}  // namespace
