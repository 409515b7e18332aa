// Operations with a body graph: what their searches find, derivatives to third order against
// differences, failures, and bodies taken out of graphs.
#include "body/body.h"
#include "body/root.h"
#include "body/search.h"
#include "derive/substitute.h"
#include "engine-helpers.h"

namespace {

using namespace admle_test;

// A root node of `function` of one unknown vector, recorded as a trace would.
struct Recorded {
  Body body;
  std::vector<Expr> parameters;

  Recorded(Graph& g, const Numbers& start, const std::function<Expr(Expr)>& function) {
    const auto n = static_cast<std::int32_t>(start.size());
    const NodeId x = g.unknown(g.constant(start, {n, 1}));
    const NodeId value = function(Expr(&g, x)).in(&g);
    const std::vector<char> depends = depends_on(g, x);
    const std::vector<Guard> guards = g.take_guards(0, [&](NodeId id) {
      return id >= x && depends[static_cast<std::size_t>(id - x)] != 0;
    });
    std::vector<NodeId> outer;
    body = take_body(g, x, value, guards, outer);
    for (NodeId id : outer) parameters.push_back(Expr(&g, id));
  }
  Expr root(Graph& g, Target target, const Numbers& start,
            const std::vector<Expr>& interval = {}) const {
    RootSpec spec;
    spec.target = target;
    spec.start = start;
    spec.bracketed = !interval.empty();
    return admle::root(body, spec, g, interval, parameters);
  }
};

const Test scalar_root{"body: a root between two numbers", [] {
  Graph g;
  const NodeId p = g.input({2, 1});
  const Expr a = element(Expr(&g, p), 0), b = element(Expr(&g, p), 1);
  const Recorded f(g, {1}, [&](Expr x) { return x * x * x + exp(a) * x - b * b; });
  check(f.parameters.size() == 2, "what does not change with the unknown is outside");
  const Expr zero(&g, g.constant(0.0)), four(&g, g.constant(4.0));
  const Expr x = f.root(g, Target::kRoot, {1}, {zero, four});
  const std::vector<Numbers> at{{0.3, 1.2}};
  const double r = evaluate(g, x, at)[0];
  check_close(r * r * r + std::exp(0.3) * r, 1.44, 1e-15, "value");
  DerivativeCheck(g, {p}, at).run(square(x) * a, 3, "scalar root");
  check(std::isnan(evaluate(g, x, {{0.3, 9}})[0]), "no change of sign is NaN");
  check_close(evaluate(g, x, at)[0], r, 1e-15, "and forgotten at the next point");
}};

const Test interval_ends{"body: the ends of the interval move no root", [] {
  Graph g;
  const NodeId p = g.input({1, 1});
  const Expr a(&g, p);
  const Recorded f(g, {1}, [&](Expr x) { return x * x - a; });
  const Expr x = f.root(g, Target::kRoot, {1}, {a * 0.1, a * 10});
  check_all_close(evaluate(g, vjp(g, x.id(), 1, {p})[0], {{4}}), {0.25}, 1e-15, "slope");
  check_all_close(evaluate(g, jvp(g, {x.id()}, {p}, {Expr(&g, g.constant(1.0))}, 1)[0], {{4}}),
                  {0.25}, 1e-15, "tangent");
}};

const Test vector_root{"body: roots of a system, fixed points, optima", [] {
  for (Target target : {Target::kRoot, Target::kFixedPoint, Target::kMinimum, Target::kMaximum}) {
    Graph g;
    const NodeId p = g.input({2, 1});
    const Expr q(&g, p);
    const bool optimum = target == Target::kMinimum || target == Target::kMaximum;
    const double sign = target == Target::kMaximum ? -1 : 1;
    const auto gradient = [&](Expr x) { return 2 * x + 0.3 * cos(x) * sum(q) - exp(q); };
    const Recorded f(g, {0.1, 0.2}, [&](Expr x) {
      if (optimum) return sign * sum(x * x + 0.3 * sin(x) * sum(q) - x * exp(q));
      return target == Target::kRoot ? gradient(x) : x - 0.4 * gradient(x);
    });
    const Expr x = f.root(g, target, {0.1, 0.2});
    const std::string name = "target " + std::to_string(static_cast<int>(target));
    const std::vector<Numbers> at{{0.3, 0.5}};
    check_all_close(evaluate(g, gradient(x), at), {0, 0}, 4e-16, name + " value", 1);
    DerivativeCheck(g, {p}, at).run(x * constant(&g, {1, 2}, {2, 1}), 3, name);
  }
}};

const Test not_an_extreme{"body: a saddle is no minimum, a pole no root", [] {
  Graph g;
  const NodeId p = g.input({1, 1});
  const Expr a(&g, p);
  const Recorded saddle(g, {0.1, 0.1}, [&](Expr x) {
    return a * square(element(x, 0)) - square(element(x, 1));
  });
  check(std::isnan(evaluate(g, saddle.root(g, Target::kMinimum, {0.1, 0.1}), {{2}})[0]), "saddle");
  const Recorded pole(g, {1}, [&](Expr x) { return 1 / (x - a); });
  const Expr found = pole.root(g, Target::kRoot, {1},
                               {Expr(&g, g.constant(0.0)), Expr(&g, g.constant(3.0))});
  check(std::isnan(evaluate(g, found, {{1.3}})[0]), "pole");
}};

const Test optimal_value{"body: the derivative of an optimal value needs no solve", [] {
  Graph g;
  const NodeId p = g.input({1, 1});
  const Expr a(&g, p);
  const Recorded f(g, {1}, [&](Expr x) { return square(x - a) + a * exp(x); });
  const Expr x = f.root(g, Target::kMinimum, {0});
  const Expr value = envelope(f.body, g, x, f.parameters);
  const std::vector<Numbers> at{{0.7}};
  DerivativeCheck(g, {p}, at).run(value * a, 3, "optimal value");
  // A minimum whose curvature vanishes has no derivative; its value has.
  const Recorded flat(g, {0.0}, [&](Expr z) { return square(square(z)) + a; });
  const Expr zero(&g, g.constant(0.0));
  const Expr least = envelope(flat.body, g, zero, flat.parameters);
  check_all_close(evaluate(g, vjp(g, least.id(), 1, {p})[0], at), {1}, 0, "flat minimum");
}};

const Test inside_each_other{"body: a root inside a root, copied and run as a program", [] {
  Graph g;
  const NodeId p = g.input({1, 1});
  const Expr a(&g, p);
  const Recorded outer(g, {0.5}, [&](Expr x) {
    const Recorded inner(g, {0.5}, [&](Expr y) { return y + 0.1 * y * y * y - a * x; });
    return x + sin(inner.root(g, Target::kRoot, {0.5})) - a;
  });
  const Expr x = outer.root(g, Target::kRoot, {0.5});
  const std::vector<Numbers> at{{0.8}};
  DerivativeCheck(g, {p}, at).run(x, 3, "nested");
  Graph copy;
  const NodeId q = copy.input({1, 1});
  const NodeId slope = hessian(g, x.id(), p).id();
  const std::vector<NodeId> ids = substitute(g, copy, {x.id(), slope}, {p}, {Expr(&copy, q)});
  Program program(std::shared_ptr<const Graph>(std::shared_ptr<void>(), &copy), ids);
  const std::vector<Numbers> found = run_program(program, 2, at);
  check_all_close(found[0], evaluate(g, x, at), 1e-15, "value of the copy");
  check_all_close(found[1], evaluate(g, Expr(&g, slope), at), 1e-12, "its second derivative");
}};

const Test guards{"body: comparisons of the unknown go with it", [] {
  Graph g;
  const NodeId p = g.input({1, 1});
  const Expr a(&g, p);
  const Recorded f(g, {2}, [&](Expr x) {
    g.add_guard(gt(x, 1).id(), {1});
    g.add_guard(gt(a, 0).id(), {1});
    return x - a;
  });
  check(g.guards().size() == 1 && f.body.guards.size() == 1, "one each");
  put_body(f.body, g, f.root(g, Target::kRoot, {2}), f.parameters, true);
  check(g.guards().size() == 2, "that of the root holds for the whole");
  const Guard& last = g.guards().back();
  check(last.holds(evaluate(g, Expr(&g, last.node), {{1.5}}).data()), "same branch");
  check(!last.holds(evaluate(g, Expr(&g, last.node), {{0.5}}).data()), "another branch");
}};

const Test switches{"body: where something switches that a parameter moves", [] {
  Graph g;
  const NodeId p = g.input({1, 1});
  const Expr a(&g, p);
  const Recorded f(g, {2}, [&](Expr x) {
    return abs(x - a) + x * gt(x, 3) + gt(a, 2) + floor(x) + pmax2(square(x), a);
  });
  check(moving_switches(f.body).size() == 2, "an absolute value and a larger one");
  check(!jumps_move(f.body), "the jumps stay where they are");
  const Recorded moved(g, {2}, [&](Expr x) { return floor(x * a); });
  check(moving_switches(moved.body).empty() && jumps_move(moved.body), "this one does not");
}};

const Test search{"body: searches end at rounding", [] {
  const System stiff = [](const double* x, double* r, double* slope) {
    r[0] = std::exp(20 * x[0]) - 3;
    if (slope != nullptr) slope[0] = 20 * std::exp(20 * x[0]);
  };
  check_close(root_between(stiff, -5, 5, 4.9), std::log(3.0) / 20, 1e-15, "from far away");
  check_close(root_between(stiff, 5, -5, -100), std::log(3.0) / 20, 1e-15, "ends exchanged");
  Numbers x{3}, slope;
  check(root_near(stiff, x, slope), "Newton's method");
  check_close(x[0], std::log(3.0) / 20, 1e-15, "without an interval");
  const System none = [](const double* at, double* r, double* d) {
    r[0] = 1 + at[0] * at[0];
    if (d != nullptr) d[0] = 2 * at[0];
  };
  check(!root_near(none, x, slope), "no root");
  check(std::isnan(root_between(none, -1, 1, 0)), "no change of sign");
}};

}  // namespace
