// The derivative transforms: broadcasting patterns, Jacobians and Hessians, inner derivatives,
// branches not taken, and that the derivative of a recursion stays linear in its length.
#include <numeric>

#include "derive/substitute.h"
#include "engine-helpers.h"

namespace {

using namespace admle_test;

const Test broadcasting{"derive: elementwise operations in all broadcasting patterns", [] {
  const Shape patterns[] = {{1, 1}, {3, 1}, {1, 2}, {3, 2}, {3, 4}, {1, 4}};
  const std::vector<std::pair<std::string, Formula>> two{
      {"x * y", [](const std::vector<Expr>& x) { return x[0] * x[1]; }},
      {"x + y", [](const std::vector<Expr>& x) { return square(x[0] + x[1]); }},
      {"pow", [](const std::vector<Expr>& x) { return pow(x[0], x[1]); }},
      {"pmax2", [](const std::vector<Expr>& x) { return square(pmax2(x[0], x[1])); }},
      {"mulz", [](const std::vector<Expr>& x) { return mulz(x[0], x[1]); }}};
  Random random(1);
  // Apart from each other: the larger of two has a kink where they are equal.
  const auto draw = [&](Shape s, bool second) {
    Numbers out;
    for (std::int64_t i = 0; i < s.size(); ++i) {
      const double low = second ? (random.below(2) ? 0.5 : 1.4) : 1;
      out.push_back(random.uniform(low, low + 0.2));
    }
    return out;
  };
  for (const auto& [name, formula] : two)
    for (const Shape a : patterns)
      for (const Shape b : patterns) {
        Graph g;
        const std::vector<NodeId> xs{g.input(a), g.input(b)};
        const Expr y = formula({Expr(&g, xs[0]), Expr(&g, xs[1])});
        DerivativeCheck(g, xs, {draw(a, false), draw(b, true)}, 0.02)
            .run(y, 2, name + " " + describe_shape(a) + " " + describe_shape(b));
        // A plain sum: the adjoint is one number that stands for all elements.
        DerivativeCheck(g, xs, {draw(a, false), draw(b, true)}, 0.02)
            .run(sum(y), 1, name + " summed");
      }
}};

const Test three_arguments{"derive: three arguments of different widths", [] {
  const Shape patterns[] = {{1, 1}, {3, 1}, {1, 2}, {3, 2}, {3, 4}, {1, 4}, {1, 8}};
  Random random(2);
  for (const Shape t : patterns)
    for (const Shape a : patterns)
      for (const Shape b : patterns) {
        Graph g;
        Numbers test;
        for (std::int64_t i = 0; i < t.size(); ++i) test.push_back(random.below(2));
        const std::vector<NodeId> xs{g.input(a), g.input(b)};
        const Expr y = select(constant(&g, test, t), Expr(&g, xs[0]), Expr(&g, xs[1]));
        const std::vector<Numbers> at{random.uniforms(a.size()), random.uniforms(b.size())};
        const std::string name = "select " + describe_shape(t) + " " + describe_shape(a) + " " +
                                 describe_shape(b);
        DerivativeCheck(g, xs, at).run(y, 1, name);
        DerivativeCheck(g, xs, at).run(sum(y), 1, name + ", summed");
        DerivativeCheck(g, xs, at).run(square(sum(square(y))), 2, name + ", squares");
      }
}};

// f: R^3 -> R^2 and its Jacobian by hand.
const Test jacobians{"derive: Jacobians and Hessians", [] {
  Graph g;
  const NodeId x = g.input({3, 1});
  const Expr v(&g, x);
  const Expr a = element(v, 0), b = element(v, 1), c = element(v, 2);
  const Expr f = concat({a * b + sin(c), exp(a) * c}, {2, 1}, &g);
  const double p = 0.3, q = -0.7, r = 1.2;
  const Numbers by_hand{q, std::exp(p) * r, p, 0, std::cos(r), std::exp(p)};
  check_all_close(evaluate(g, jacobian(g, f.id(), x), {{p, q, r}}), by_hand, Tolerance::kValue,
                  "few outputs, by reverse mode");
  const Expr f4 = concat({f, f, a, Expr(&g, g.constant(2.0))}, {6, 1}, &g);
  const Numbers wide = evaluate(g, jacobian(g, f4.id(), x), {{p, q, r}});
  Numbers expected;
  for (std::size_t j = 0; j < 3; ++j)
    for (const double v2 : {by_hand[2 * j], by_hand[2 * j + 1], by_hand[2 * j], by_hand[2 * j + 1],
                            j == 0 ? 1.0 : 0.0, 0.0}) expected.push_back(v2);
  check_all_close(wide, expected, Tolerance::kValue, "many outputs, by forward mode");
  const Expr total = sum(f);
  const Numbers second{std::exp(p) * r, 1, std::exp(p), 1, 0, 0, std::exp(p), 0, -std::sin(r)};
  check_all_close(evaluate(g, hessian(g, total.id(), x), {{p, q, r}}), second, Tolerance::kValue,
                  "Hessian");
  const Expr gradient = jacobian(g, total.id(), x);
  check(gradient.shape() == Shape{1, 3}, "the Jacobian of a scalar is a row");
  check_all_close(evaluate(g, jacobian(g, gradient.id(), x), {{p, q, r}}), second,
                  Tolerance::kValue, "Jacobian of the Jacobian");
  const NodeId other = g.input({2, 1});
  check(evaluate(g, jacobian(g, f.id(), other), {{p, q, r}, {1, 1}}) == Numbers(4, 0.0),
        "no dependence");
  check(evaluate(g, hessian(g, a.id(), x), {{p, q, r}}) == Numbers(9, 0.0), "linear");
  check(evaluate(g, jacobian(g, x, x), {{p, q, r}}) == Numbers{1, 0, 0, 0, 1, 0, 0, 0, 1},
        "of itself");
}};

const Test inner{"derive: inner derivatives and intermediate nodes", [] {
  Graph g;
  const NodeId x = g.input({1, 1});
  const Expr v(&g, x);
  // d/dx [d/dy (x sin(x y)) at y = x]
  const NodeId y = g.alias(x);
  const Expr f = v * sin(v * Expr(&g, y));
  const Expr slope = vjp(g, f.id(), Expr(&g, g.constant(1.0)), {y})[0];
  check_close(evaluate(g, slope, {{0.8}})[0], 0.64 * std::cos(0.64), Tolerance::kValue, "inner");
  const Expr outer = vjp(g, slope.id(), Expr(&g, g.constant(1.0)), {x})[0];
  check_close(evaluate(g, outer, {{0.8}})[0],
              2 * 0.8 * std::cos(0.64) - 0.64 * 2 * 0.8 * std::sin(0.64), Tolerance::kValue,
              "outer");
  // With respect to a node in the middle: what is above it is constant.
  const Expr u = exp(v), h = u * u * v;
  const std::vector<Expr> both = vjp(g, h.id(), Expr(&g, g.constant(1.0)), {u.id(), x});
  check_close(evaluate(g, both[0], {{0.8}})[0], 2 * std::exp(0.8) * 0.8, Tolerance::kValue,
              "an intermediate node");
  check_close(evaluate(g, both[1], {{0.8}})[0], std::exp(1.6), Tolerance::kValue,
              "the rest, with that node held");
  check(vjp(g, x, Expr(&g, g.constant(3.0)), {x})[0].id() == g.constant(3.0), "of itself");
  check(jvp(g, {x}, {h.id()}, {v}, 1)[0].is_zero(), "an output before the variable");
  check(vjp(g, h.id(), Expr(&g, g.constant(1.0)), {}).empty(), "no variables");
}};

// The derivative of f in a parameter, of orders 1 and 2, by reverse and by forward mode.
void check_at(const std::string& name, Expr (*f)(Expr parameter, Expr data), double at,
              Numbers data, double first, double second) {
  Graph g;
  const NodeId x = g.input({1, 1});
  const auto n = static_cast<std::int32_t>(data.size());
  const Expr p(&g, x), one(&g, g.constant(1.0));
  const NodeId total = sum(f(p, constant(&g, std::move(data), {n, 1}))).id();
  const Expr reverse = vjp(g, total, one, {x})[0], forward = jvp(g, {total}, {x}, {one}, 1)[0];
  check_close(evaluate(g, reverse, {{at}})[0], first, Tolerance::kValue, name + ": reverse");
  check_close(evaluate(g, forward, {{at}})[0], first, Tolerance::kValue, name + ": forward");
  for (const Expr slope : {reverse, forward}) {
    check_close(evaluate(g, vjp(g, slope.in(&g), one, {x})[0], {{at}})[0], second,
                Tolerance::kValue, name + ": reverse of it");
    check_close(evaluate(g, jvp(g, {slope.in(&g)}, {x}, {one}, 1)[0], {{at}})[0], second,
                Tolerance::kValue, name + ": forward of it");
  }
}

const Test zeros{"derive: zero times infinity is zero", [] {
  const double l2 = std::log(2.0);
  check_at("exp(b log x)", [](Expr b, Expr x) { return exp(b * log(x)); }, 1.5, {0, 1, 2},
           std::pow(2, 1.5) * l2, std::pow(2, 1.5) * l2 * l2);
  check_at("(x / s)^1.5", [](Expr s, Expr x) { return pow(x / s, 1.5); }, 1, {0, 1}, -1.5, 3.75);
  check_at("sqrt(v x)", [](Expr v, Expr x) { return sqrt(v * x); }, 4, {0, 1}, 0.25, -0.03125);
  check_at("1 / (1 + exp(x v))", [](Expr v, Expr x) { return 1 / (1 + exp(x * v)); }, 1,
           {-800, 800}, 0, 0);
  check_at("exp(-exp(x v))", [](Expr v, Expr x) { return exp(-exp(x * v)); }, 1, {-800, 800}, 0,
           0);
  check_at("Phi((x - m))", [](Expr m, Expr x) { return cdf_normal(x - m); }, 0,
           {-kInfinity, kInfinity}, 0, 0);
  check_at("Phi(x / s)", [](Expr s, Expr x) { return cdf_normal(x / s); }, 2,
           {-kInfinity, kInfinity}, 0, 0);
}};

const Test branches{"derive: a branch not taken contributes nothing", [] {
  // At each point the other branch, or its derivative, is infinite or NaN.
  const Point x{{4, 1}, {-1, 0.0, 2, -3}};
  check_formula("log", {x}, [](const std::vector<Expr>& a) {
    return select(gt(a[0], 0.5), log(a[0]), square(a[0]));
  }, {1, 0, std::log(2.0), 9});
  check_formula("sqrt", {x}, [](const std::vector<Expr>& a) {
    return select(gt(a[0], 0.5), sqrt(a[0] + 0.0), a[0] * 3);
  }, {-3, 0, std::sqrt(2.0), -9});
  check_formula("1 / x", {x}, [](const std::vector<Expr>& a) {
    return select(ne(a[0], 0) * 0, 1 / a[0], sin(a[0]));
  }, {std::sin(-1.0), 0, std::sin(2.0), std::sin(-3.0)});
  const Formula through_sum = [](const std::vector<Expr>& a) {
    const Expr safe = select(gt(a[0], 0.5), log(a[0]) * pow(a[0], 1.5), 0);
    return square(sum(safe)) + sum(a[0]);
  };
  const double squared = std::pow(std::log(2.0) * std::pow(2.0, 1.5), 2);
  // A product of two functions without a value in the branch not taken.
  check_formula("through a sum", {x}, through_sum, {squared - 2});
  check_formula("pmax2", {{{3, 1}, {-1, 0.3, 2}}}, [](const std::vector<Expr>& a) {
    return log(pmax2(a[0], 0.1));
  }, {std::log(0.1), std::log(0.3), std::log(2.0)});
  check_formula("max", {{{3, 1}, {-1, 0.3, 2}}}, [](const std::vector<Expr>& a) {
    return max(a[0]) * max(select(gt(a[0], 0), log(a[0]), -5));
  }, {2 * std::log(2.0)});
}};

const Test zero_powers{"derive: 0 log 0 and powers at zero", [] {
  Graph g;
  const NodeId p = g.input({3, 1});
  const Expr y = constant(&g, {0, 2, 0}, {3, 1});
  const Expr terms = mulz(y, log(Expr(&g, p)));
  const std::vector<Numbers> at{{0.0, 0.5, 0.25}};
  check_all_close(evaluate(g, terms, at), {0, 2 * std::log(0.5), 0}, Tolerance::kValue, "value");
  const Expr slope = vjp(g, sum(terms).id(), Expr(&g, g.constant(1.0)), {p})[0];
  check_all_close(evaluate(g, slope, {3, 1}, at), {0, 4, 0}, Tolerance::kValue, "slope");
  const Expr second = jvp(g, {slope.id()}, {p}, {constant(&g, {1, 1, 1}, {3, 1})}, 1)[0];
  check_all_close(evaluate(g, second, {3, 1}, at), {0, -8, 0}, Tolerance::kValue, "curvature");
  const Expr cube = pow(Expr(&g, p), 3);
  const Expr slope3 = vjp(g, sum(cube).id(), Expr(&g, g.constant(1.0)), {p})[0];
  check_all_close(evaluate(g, slope3, {3, 1}, at), {0, 0.75, 0.1875}, Tolerance::kValue, "x^3");
}};

const Test segments{"derive: pieces of the input", [] {
  const auto pieces = [](const std::function<void(Expr)>& use) {
    Graph g;
    const Expr theta(&g, g.input({6, 1}));
    use(theta);
    std::vector<NodeId> all(static_cast<std::size_t>(g.size()));
    std::iota(all.begin(), all.end(), 0);
    return find_segments(g, theta.id(), all).begin;
  };
  using Begins = std::vector<std::int32_t>;
  check(pieces([](Expr t) { exp(t); }) == Begins{0, 6}, "used whole");
  check(pieces([](Expr t) { exp(slice(t, 0, {4, 1})); exp(element(t, 5)); }) == Begins{0, 4, 5, 6},
        "a slice and an element");
  check(pieces([](Expr t) { gather(t, Index{0, 2}, {2, 1}); }) == Begins{0, 3, 6},
        "not contiguous");
  check(pieces([](Expr t) { gather(t, Index{0, 2}, {2, 1}); element(t, 1); }) == Begins{0, 6},
        "interleaved");
  check(pieces([](Expr t) { gather(t, Index{}, {0, 1}); element(t, 0); }) == Begins{0, 1, 6},
        "nothing taken");
  check(pieces([](Expr t) { slice(t, 0, {3, 1}); slice(t, 2, {3, 1}); }) == Begins{0, 2, 3, 5, 6},
        "overlapping");
}};

const Test substitution{"derive: copies with another input", [] {
  Graph from, to;
  const Expr x(&from, from.input({3, 1}));
  const Expr y = sum(exp(x) * element(x, 1)) + sum(gather(x, Index{2, 0, 0}, {3, 1}));
  const Expr a(&to, to.input({1, 1})), b(&to, to.input({2, 1}));
  const Expr whole = concat({a, b}, {3, 1}, &to);
  const NodeId copy = substitute(from, to, {y.id()}, {x.id()}, {whole})[0];
  check_all_close(evaluate(to, Expr(&to, copy), {{0.1}, {0.2, 0.3}}),
                  evaluate(from, y, {{0.1, 0.2, 0.3}}), 0, "the same value");
}};

// What a graph holds: nodes, and the positions that index operations carry.
std::int64_t weight(const Graph& g) {
  std::int64_t out = 0;
  for (NodeId id = 0; id < g.size(); ++id) {
    out += 1 + g.node(id).n_inputs;
    const Op op = g.node(id).op;
    if (op == Op::gather || op == Op::scatter_add || op == Op::columns)
      out += static_cast<std::int64_t>(g.attribute(id).index->size());
  }
  return out;
}

// A GARCH(1, 1) likelihood, one scalar at a time: h[t] = w + a e2[t - 1] + b h[t - 1].
Expr garch(Graph& g, Expr theta, std::int32_t n) {
  Random random(3);
  const Expr y = constant(&g, random.uniforms(n, -2, 2), {n, 1});
  const Expr e2 = square(y - element(theta, 3));
  std::vector<Expr> h{Expr(&g, g.constant(1.0))};
  for (std::int32_t t = 1; t < n; ++t)
    h.push_back(element(theta, 0) + element(theta, 1) * element(e2, t - 1) +
                element(theta, 2) * h.back());
  const Expr all = concat(h, {n, 1}, &g);
  return -0.5 * sum(log(all) + e2 / all);
}

const Test linear{"derive: the derivative of a recursion is linear in its length", [] {
  // Weights after the value, gradient, and a derivative of it in one and in four directions.
  const auto weights = [](std::int32_t n) {
    Graph g;
    const NodeId theta = g.input({4, 1});
    const Expr value = garch(g, Expr(&g, theta), n);
    std::vector<std::int64_t> out{weight(g)};
    const Expr gradient = vjp(g, value.id(), Expr(&g, g.constant(1.0)), {theta})[0];
    out.push_back(weight(g));
    jvp(g, {gradient.id()}, {theta}, {constant(&g, {1, 2, 3, 4}, {4, 1})}, 1);
    out.push_back(weight(g));
    jvp(g, {gradient.id()}, {theta}, {identity_seed(g, {4, 1})}, 4);
    out.push_back(weight(g));
    return out;
  };
  const auto small = weights(500), middle = weights(1000), large = weights(2000);
  const char* names[] = {"value", "gradient", "one direction", "four directions"};
  for (std::size_t i = 0; i < small.size(); ++i) {
    const double growth = static_cast<double>(large[i] - middle[i]) /
                          static_cast<double>(middle[i] - small[i]);
    check(std::fabs(growth - 2) < 0.01, std::string(names[i]) + " grows by " +
                                            std::to_string(growth) + " instead of 2");
    check(large[i] < 2000 * 400, std::string(names[i]) + ": " + std::to_string(large[i]));
  }
}};

const Test recursion_values{"derive: derivatives of a recursion", [] {
  Graph g;
  const NodeId theta = g.input({4, 1});
  const Expr value = garch(g, Expr(&g, theta), 30);
  DerivativeCheck(g, {theta}, {{0.2, 0.15, 0.6, 0.1}}, 0.02).run(value, 3, "garch");
}};

}  // namespace
