// Building graphs: sharing of equal nodes, folding of numbers, shapes, algebraic identities that
// hold for every double, and the forms that keep digits where the plain formula has none.
#include "engine-helpers.h"

namespace {

using namespace admle_test;

const Numbers kEdges{0.0, -0.0, 1.0, -1.0, 2.5, -0.3, 1e-310, 1e300, -1e300,
                     kInfinity, -kInfinity, kNotANumber};

const Test sharing{"graph: equal nodes are one node", [] {
  Graph g;
  const Expr x(&g, g.input({3, 1})), y(&g, g.input({3, 1}));
  check(x.id() != y.id(), "inputs are never shared");
  check(exp(x).id() == exp(x).id(), "the same operation");
  check((x + y).id() == (y + x).id() && (x * y).id() == (y * x).id(), "commutative");
  check((x - y).id() != (y - x).id() && (x / y).id() != (y / x).id(), "not commutative");
  check(pow(x, y).id() != pow(y, x).id() && pmin2(x, y).id() != pmax2(x, y).id(), "different");
  check(g.alias(x.id()) != g.alias(x.id()), "aliases are never shared");
  check(element(x, 1).id() == element(x, 1).id(), "elements");
  check(element(x, 1).id() != element(x, 2).id(), "different elements");
  check(gather(x, Index{2, 0}, {2, 1}).id() == gather(x, Index{2, 0}, {2, 1}).id(), "gathers");
  check(gather(x, Index{2, 0}, {2, 1}).id() != gather(x, Index{0, 2}, {2, 1}).id(), "indices");
  check(gather(x, Index{2, 0}, {2, 1}).id() != gather(x, Index{2, 0}, {1, 2}).id(), "shapes");
  check(sum(x).id() == sum(x).id() && matmul(x, y, true).id() == matmul(x, y, true).id(), "sums");
  check(matmul(x, y, true, false).id() != matmul(y, x, true, false).id(), "products");
  check(cumsum(x).id() != cumsum(x, true).id(), "flags");
  const NodeId before = g.size();
  const Expr again = sin(exp(x) * y) + sin(y * exp(x));
  check(g.size() == before + 3, "common subexpressions: " + std::to_string(g.size() - before));
  check(g.node(again.id()).op == Op::add, "sum of the same");
}};

const Test finiteness{"graph: what is known to be finite", [] {
  Graph g;
  const Expr x(&g, g.input({2, 1}));
  const auto data = [&](Numbers numbers) { return constant(&g, std::move(numbers), {2, 1}); };
  const auto finite = [&](Expr e) { return g.is_finite(e.id()); };
  check(finite(x) && finite(x * data({0, 1})) && finite(logistic(x) / 2), "of finite numbers");
  check(!finite(x + data({0, kInfinity})) && !finite(x - data({kNotANumber, 0})), "data");
  check(!finite(exp(x)) && !finite(log(x)) && !finite(1 / x) && !finite(x / 0), "singular");
  check(!finite(sin(exp(x))) && !finite(sum(log(x))), "of what is not");
  check(g.node(mulz(x, logistic(x)).id()).op == Op::mul, "a product of finite numbers");
  check(g.node(mulz(x, log(x)).id()).op == Op::mulz, "another product");
  check(mulz(x, log(x)).id() == mulz(log(x), x).id(), "commutative");
}};

const Test constants{"graph: constants", [] {
  Graph g;
  check(g.constant(1.5) == g.constant(1.5), "equal numbers");
  check(g.constant(0.0) != g.constant(-0.0), "zero and minus zero");
  double na = kNotANumber;
  std::uint64_t bits = 0x7ff00000000007a2ULL;  // R's NA
  std::memcpy(&na, &bits, sizeof na);
  check(g.constant(kNotANumber) == g.constant(kNotANumber), "NaN is itself");
  check(g.constant(na) != g.constant(kNotANumber), "NA is not NaN");
  const auto source = make_source({1, 2, 3, 4}, 4);
  check(g.constant(source, {4, 1}) == g.constant(source, {4, 1}), "the same source");
  check(g.constant(source, {4, 1}) != g.constant(source, {2, 2}), "another shape");
  check(g.is_scalar(g.constant(Numbers{2.5}, {1, 1})), "one number is a scalar");
  check(element(constant(&g, {1, 2, 3, 4}, {2, 2}), 2).id() == g.constant(3.0), "an element");
  check(refuses([&] { g.constant(Numbers{1, 2}, {3, 1}); }), "a constant of the wrong length");
  // Thousands of nodes: the table has grown several times.
  std::vector<NodeId> ids;
  const Expr x(&g, g.input({1, 1}));
  for (int i = 0; i < 5000; ++i) ids.push_back((x + static_cast<double>(i + 1)).id());
  bool same = true;
  for (int i = 0; i < 5000; ++i)
    same = same && ids[static_cast<std::size_t>(i)] == (x + static_cast<double>(i + 1)).id();
  check(same, "shared after growing");
}};

const Test folding{"graph: operations on numbers are numbers", [] {
  if (!have_nmath()) return;
  Random random(1);
  for (std::size_t i = 0; i < kElementwiseCount; ++i) {
    const ElementwiseInfo& info = elementwise(static_cast<Op>(i));
    Graph g;
    double values[4];
    NodeId ids[4];
    const bool whole = std::string(info.domain).find("fixed") != std::string::npos;
    for (int k = 0; k < info.arity; ++k) {
      values[k] = random.below(2) && !whole ? random.uniform(0.1, 0.9) : 1 + random.below(3);
      ids[k] = g.constant(values[k]);
    }
    const NodeId y = g.apply(static_cast<Op>(i), ids, static_cast<std::size_t>(info.arity));
    check(g.is_scalar(y) && g.is_fixed(y), std::string(info.name) + " of numbers is a number");
    check_close(g.scalar_value(y), info.scalar(values), 0, info.name);
  }
  Graph g;
  const Expr x(&g, g.input({2, 1})), c = constant(&g, {1, 2}, {2, 1});
  check(g.is_fixed(sum(exp(c)).id()) && !g.is_fixed(sum(exp(x)).id()), "what is fixed");
}};

const Test shapes{"graph: shapes", [] {
  Graph g;
  const auto in = [&](std::int32_t rows, std::int32_t cols) {
    return Expr(&g, g.input({rows, cols}));
  };
  const Expr scalar = in(1, 1), v = in(4, 1), row = in(1, 6), m = in(4, 6), half = in(4, 3);
  check((scalar + v).shape() == Shape{4, 1}, "scalar and vector");
  check((v * row).shape() == Shape{4, 6}, "column and row");
  check((m - half).shape() == Shape{4, 6}, "columns are recycled");
  check(select(gt(half, 0), v, row).shape() == Shape{4, 6}, "three arguments");
  check(refuses([&] { v + in(3, 1); }), "rows differ");
  check(refuses([&] { m + in(4, 4); }), "columns are no multiple");
  check(refuses([&] { in(4, 0) + scalar; }), "no columns");
  check((in(0, 1) + scalar).shape() == Shape{0, 1}, "no rows");
  check(refuses([&] { const NodeId one = v.id(); g.apply(Op::add, &one, 1); }), "arity");
  check(refuses([&] { reshape(v, {3, 1}); }), "reshape keeps the size");
  check(refuses([&] { expand(v, {6, 1}); }), "expand recycles whole");
  check(refuses([&] { concat({v, v}, {7, 1}, &g); }), "parts and the whole");
}};

// A formula whose graph is simplified, and what it means on doubles.
struct Identity {
  const char* name;
  std::function<Expr(Expr, Expr)> formula;
  std::function<double(double, double)> meaning;
};

const Test identities{"graph: identities hold for every double", [] {
  const Identity all[] = {
      {"x * 1", [](Expr x, Expr) { return x * 1; }, [](double x, double) { return x * 1; }},
      {"1 * x", [](Expr x, Expr) { return 1 * x; }, [](double x, double) { return 1 * x; }},
      {"x * -1", [](Expr x, Expr) { return x * -1; }, [](double x, double) { return -x; }},
      {"x * 0", [](Expr x, Expr) { return x * 0; }, [](double x, double) { return x * 0; }},
      {"x + 0", [](Expr x, Expr) { return x + 0; }, [](double x, double) { return x + 0; }},
      {"0 + x", [](Expr x, Expr) { return 0 + x; }, [](double x, double) { return 0 + x; }},
      {"x - 0", [](Expr x, Expr) { return x - 0; }, [](double x, double) { return x - 0; }},
      {"0 - x", [](Expr x, Expr) { return 0 - x; }, [](double x, double) { return 0 - x; }},
      {"1 - x", [](Expr x, Expr) { return 1 - x; }, [](double x, double) { return 1 - x; }},
      {"x - x", [](Expr x, Expr) { return x - x; }, [](double x, double) { return x - x; }},
      {"x / 1", [](Expr x, Expr) { return x / 1; }, [](double x, double) { return x / 1; }},
      {"x / x", [](Expr x, Expr) { return x / x; }, [](double x, double) { return x / x; }},
      {"0 / x", [](Expr x, Expr) { return 0 / x; }, [](double x, double) { return 0 / x; }},
      {"-(-x)", [](Expr x, Expr) { return -(-x); }, [](double x, double) { return x; }},
      {"-(x - y)", [](Expr x, Expr y) { return -(x - y); },
       [](double x, double y) { return -(x - y); }},
      {"x + (-y)", [](Expr x, Expr y) { return x + (-y); },
       [](double x, double y) { return x + (-y); }},
      {"(-x) + y", [](Expr x, Expr y) { return (-x) + y; },
       [](double x, double y) { return (-x) + y; }},
      {"(-x) + (-y)", [](Expr x, Expr y) { return (-x) + (-y); },
       [](double x, double y) { return (-x) + (-y); }},
      {"x - (-y)", [](Expr x, Expr y) { return x - (-y); },
       [](double x, double y) { return x - (-y); }},
      {"x^0", [](Expr x, Expr) { return pow(x, 0); },
       [](double x, double) { return std::pow(x, 0); }},
      {"x^1", [](Expr x, Expr) { return pow(x, 1); }, [](double x, double) { return x; }},
      {"x^2", [](Expr x, Expr) { return pow(x, 2); }, [](double x, double) { return x * x; }},
      {"x^-1", [](Expr x, Expr) { return pow(x, -1); }, [](double x, double) { return 1 / x; }},
      {"mulz(0, x)", [](Expr x, Expr) { return mulz(0, x); }, [](double, double) { return 0; }},
      {"mulz(1, x)", [](Expr x, Expr) { return mulz(1, x); }, [](double x, double) { return x; }},
      {"mulz(3, x)", [](Expr x, Expr) { return mulz(3, x); },
       [](double x, double) { return 3 * x; }},
      {"mulz(Inf, x)", [](Expr x, Expr) { return mulz(kInfinity, x); },
       [](double x, double) { return x == 0 ? 0 : kInfinity * x; }},
      {"mulz(x, 3)", [](Expr x, Expr) { return mulz(x, 3); },
       [](double x, double) { return x == 0 ? 0 : 3 * x; }},
      {"mulz(x, Inf)", [](Expr x, Expr) { return mulz(x, kInfinity); },
       [](double x, double) { return x == 0 ? 0 : kInfinity * x; }},
      {"mulz(x, NaN)", [](Expr x, Expr) { return mulz(x, kNotANumber); },
       [](double x, double) { return x == 0 ? 0 : kNotANumber; }},
  };
  for (const Identity& identity : all) {
    for (const Shape shape : {Shape{1, 1}, Shape{2, 1}}) {
      Graph g;
      const Expr x(&g, g.input(shape)), y(&g, g.input(shape));
      const Expr f = identity.formula(x, y);
      for (double a : kEdges)
        for (double b : kEdges) {
          const auto n = static_cast<std::size_t>(shape.size());
          const double found = evaluate(g, f, {Numbers(n, a), Numbers(n, b)})[0];
          const double expected = identity.meaning(a, b);
          check(found == expected || (std::isnan(found) && std::isnan(expected)),
                std::string(identity.name) + " at " + std::to_string(a) + ", " +
                    std::to_string(b) + ": " + std::to_string(found));
        }
    }
  }
}};

// Written as a user does (from x, of up to three arguments), and the function that is meant.
struct StableForm {
  const char* name;
  std::function<Expr(Expr, Expr, Expr)> formula, meant;
};

const Test stability{"graph: formulas become the functions they mean", [] {
  const StableForm all[] = {
      {"log(logistic(x))", [](Expr x, Expr, Expr) { return log(logistic(x)); },
       [](Expr x, Expr, Expr) { return log_logistic(x); }},
      {"log(1 - logistic(x))", [](Expr x, Expr, Expr) { return log(1 - logistic(x)); },
       [](Expr x, Expr, Expr) { return log_logistic(-x); }},
      {"log(pnorm(x))", [](Expr x, Expr, Expr) { return log(cdf_normal(x)); },
       [](Expr x, Expr, Expr) { return log_cdf_normal(x); }},
      {"log(1 - pnorm(x))", [](Expr x, Expr, Expr) { return log(1 - cdf_normal(x)); },
       [](Expr x, Expr, Expr) { return log_cdf_normal(-x); }},
      {"log(exp(x))", [](Expr x, Expr, Expr) { return log(exp(x)); },
       [](Expr x, Expr, Expr) { return x; }},
      {"log(1 + exp(x))", [](Expr x, Expr, Expr) { return log(1 + exp(x)); },
       [](Expr x, Expr, Expr) { return log1p_exp(x); }},
      {"log(exp(x) + 1)", [](Expr x, Expr, Expr) { return log(exp(x) + 1); },
       [](Expr x, Expr, Expr) { return log1p_exp(x); }},
      {"log1p(exp(x))", [](Expr x, Expr, Expr) { return log1p(exp(x)); },
       [](Expr x, Expr, Expr) { return log1p_exp(x); }},
      {"log(1 - exp(-x))", [](Expr x, Expr, Expr) { return log(1 - exp(-x)); },
       [](Expr x, Expr, Expr) { return log1m_exp(x); }},
      {"log(exp(x) - 1)", [](Expr x, Expr, Expr) { return log(exp(x) - 1); },
       [](Expr x, Expr, Expr) { return x + log1m_exp(x); }},
      {"log(pgamma(x))", [](Expr x, Expr a, Expr) { return log(gamma_p(x, a)); },
       [](Expr x, Expr a, Expr) { return log_gamma_p(x, a); }},
      {"log(1 - pgamma(x))", [](Expr x, Expr a, Expr) { return log(1 - gamma_p(x, a)); },
       [](Expr x, Expr a, Expr) { return log_gamma_q(x, a); }},
      {"log(1 - upper pgamma(x))", [](Expr x, Expr a, Expr) { return log(1 - gamma_q(x, a)); },
       [](Expr x, Expr a, Expr) { return log_gamma_p(x, a); }},
      {"log(pbeta(x))", [](Expr x, Expr a, Expr b) { return log(beta_p(x, a, b)); },
       [](Expr x, Expr a, Expr b) { return log_beta_p(x, a, b); }},
      {"log(1 - pbeta(x))", [](Expr x, Expr a, Expr b) { return log(1 - beta_p(x, a, b)); },
       [](Expr x, Expr a, Expr b) { return log_beta_q(x, a, b); }},
      {"log(1 - upper pbeta(x))", [](Expr x, Expr a, Expr b) { return log(1 - beta_q(x, a, b)); },
       [](Expr x, Expr a, Expr b) { return log_beta_p(x, a, b); }},
      {"log(pt(x))", [](Expr x, Expr a, Expr) { return log(student_p(x, a)); },
       [](Expr x, Expr a, Expr) { return log_student_p(x, a); }},
      {"log(1 - pt(x))", [](Expr x, Expr a, Expr) { return log(1 - student_p(x, a)); },
       [](Expr x, Expr a, Expr) { return log_student_p(-x, a); }},
  };
  for (const StableForm& form : all)
    for (const Shape s : {Shape{1, 1}, Shape{3, 1}, Shape{2, 2}}) {
      Graph g;
      const Expr x(&g, g.input(s)), a(&g, g.input(s)), b(&g, g.input(s));
      check(form.formula(x, a, b).id() == form.meant(x, a, b).id(), form.name);
    }
}};

struct Extreme {
  const char* name;
  Expr (*formula)(Expr);
  double x, value;
};

const Test extremes{"graph: values where the plain formula has none", [] {
  if (!have_nmath()) return;
  const Extreme all[] = {
      {"log(logistic(x))", [](Expr x) { return log(logistic(x)); }, -800, -800},
      {"log(1 - logistic(x))", [](Expr x) { return log(1 - logistic(x)); }, 800, -800},
      {"log(logistic(x)) near 0", [](Expr x) { return log(logistic(x)); }, 50, -std::exp(-50.0)},
      {"log(pnorm(x))", [](Expr x) { return log(cdf_normal(x)); }, -40, -804.60844201375358},
      {"log(1 - pnorm(x))", [](Expr x) { return log(1 - cdf_normal(x)); }, 40, -804.60844201375358},
      {"log(exp(x))", [](Expr x) { return log(exp(x)); }, 1000, 1000},
      {"log(1 + exp(x))", [](Expr x) { return log(1 + exp(x)); }, 1000, 1000},
      {"log(1 + exp(x)) near 0", [](Expr x) { return log(1 + exp(x)); }, -100, std::exp(-100.0)},
      {"log(1 - exp(-x))", [](Expr x) { return log(1 - exp(-x)); }, 1e-20, std::log(1e-20)},
      {"log(1 - exp(-x)) near 0", [](Expr x) { return log(1 - exp(-x)); }, 90, -std::exp(-90.0)},
      {"log(1 - exp(-x)) below 0", [](Expr x) { return log(1 - exp(-x)); }, -1, kNotANumber},
      {"log(1 - exp(-x)) at 0", [](Expr x) { return log(1 - exp(-x)); }, 0, -kInfinity},
      {"log(exp(x) - 1)", [](Expr x) { return log(exp(x) - 1); }, 1000, 1000},
      {"log(exp(x) - 1) near 0", [](Expr x) { return log(exp(x) - 1); }, 1e-20, std::log(1e-20)},
      {"log(exp(x) - 1) below 0", [](Expr x) { return log(exp(x) - 1); }, -1, kNotANumber},
      {"log(exp(x) - 1) at Inf", [](Expr x) { return log(exp(x) - 1); }, kInfinity, kInfinity},
      // P(3, x) = x^3 / 6 to first order, Q(1, x) = exp(-x), I_x(2, 1) = x^2
      {"log(pgamma(x, 3))", [](Expr x) { return log(gamma_p(x, 3)); }, 1e-150,
       3 * std::log(1e-150) - std::log(6.0)},
      {"log(1 - pgamma(x, 1))", [](Expr x) { return log(1 - gamma_p(x, 1)); }, 900, -900},
      {"log(pbeta(x, 2, 1))", [](Expr x) { return log(beta_p(x, 2, 1)); }, 1e-200,
       2 * std::log(1e-200)},
      // I_x(1, 300) = 1 - (1 - x)^300
      {"log(1 - pbeta(x, 1, 300))", [](Expr x) { return log(1 - beta_p(x, 1, 300)); }, 0.99,
       300 * std::log1p(-0.99)},
      // The tail of Cauchy's distribution is 1 / (pi x) (1 - 1 / (3 x^2) + ...)
      {"log(1 - pt(x, 1))", [](Expr x) { return log(1 - student_p(x, 1)); }, 1e200,
       -std::log(3.14159265358979323846) - 200 * std::log(10.0)},
  };
  for (const Extreme& e : all) {
    Graph g;
    const Expr x(&g, g.input({1, 1}));
    check_close(evaluate(g, e.formula(x), {{e.x}})[0], e.value, Tolerance::kValue, e.name);
    // The derivative is as good: it is finite wherever the value is.
    if (!std::isfinite(e.value)) continue;
    const Expr slope = vjp(g, e.formula(x).id(), Expr(&g, g.constant(1.0)), {x.id()})[0];
    check(std::isfinite(evaluate(g, slope, Shape{}, {{e.x}})[0]), e.name + std::string(", slope"));
  }
}};

const Test builders{"graph: builders simplify", [] {
  Graph g;
  const Expr x(&g, g.input({6, 1})), a(&g, g.input({1, 1})), m(&g, g.input({2, 3}));
  const Expr inner = gather(x, Index{5, 3, 1, 0}, {4, 1});
  check(element(inner, 1).id() == element(x, 3).id(), "an element of a gather");
  check(gather(inner, Index{2, 0}, {2, 1}).id() == gather(x, Index{1, 5}, {2, 1}).id(),
        "a gather of a gather");
  check(gather(x, Index{0, 1, 2, 3, 4, 5}, {6, 1}).id() == x.id(), "all of it");
  const Expr all = concat({a, x, m}, {13, 1}, &g);
  check(element(all, 0).id() == a.id() && element(all, 3).id() == element(x, 2).id(),
        "an element of a concatenation");
  check(slice(all, 1, {6, 1}).id() == x.id(), "a part of a concatenation");
  check(transpose(transpose(m)).id() == m.id(), "transposed twice");
  check(reshape(reshape(m, {6, 1}), {2, 3}).id() == m.id(), "reshaped back");
  check(g.node(gather(m, Index{2, 3, 0, 1}, {2, 2}).id()).op == Op::columns, "whole columns");
  check(sum(a).id() == a.id() && max(a).id() == a.id() && row_sums(x).id() == x.id(), "of one");
  check(columns(m, std::make_shared<Index>(Index{0, 1, 2})).id() == m.id(), "all columns");
}};

const Test bookkeeping{"graph: origins and guards", [] {
  Graph g;
  g.set_origin(7);
  const Expr x(&g, g.input({1, 1}));
  const Expr y = exp(x);
  g.set_origin(8);
  check(g.node(exp(x).id()).origin == 7 && g.node(sin(x).id()).origin == 8, "origins");
  const Expr slope = vjp(g, y.id(), Expr(&g, g.constant(1.0)), {x.id()})[0];
  check(g.node(slope.id()).origin == 7 && g.origin() == 8, "a derivative has its origin");
  g.add_guard(gt(x, 0).id(), {1});
  check(g.guards().size() == 1 && g.guards()[0].expected[0] == 1, "guards");
}};

}  // namespace
