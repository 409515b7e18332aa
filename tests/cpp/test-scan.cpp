// Loops as one node: values and derivatives against the same loop written out.
#include "body/scan.h"
#include "engine-helpers.h"

namespace {

using namespace admle_test;

// state' and output of one step from the state, what is shared and the rows.
struct Parts {
  Expr next, output, added;
};
using Step = std::function<Parts(Expr state, const std::vector<Expr>& shared,
                                 const std::vector<Expr>& rows)>;

// The value of a scan, by the node and by a loop over graph nodes.
struct Both {
  Expr scanned, unrolled;
};

Both both_ways(Graph& g, const Step& step, Expr first, const std::vector<Expr>& shared,
               const std::vector<Expr>& rows, bool reversed) {
  ScanStep made;
  made.graph = std::make_shared<Graph>();
  Graph& b = *made.graph;
  made.steps = rows[0].shape().rows;
  made.reversed = reversed;
  made.state = b.input(first.shape());
  std::vector<Expr> inner_shared, inner_rows;
  for (Expr x : shared) {
    made.shared.push_back(b.input(x.shape()));
    inner_shared.push_back(Expr(&b, made.shared.back()));
  }
  for (Expr x : rows) {
    made.rows.push_back(b.input({x.shape().cols, 1}));
    made.counts.push_back(0);
    inner_rows.push_back(Expr(&b, made.rows.back()));
  }
  const Parts one = step(Expr(&b, made.state), inner_shared, inner_rows);
  made.next = one.next.in(&b);
  if (!one.output.is_zero()) made.output = one.output.in(&b);
  if (!one.added.is_zero()) made.added = one.added.in(&b);

  const std::int32_t n = made.steps;
  std::vector<std::vector<Expr>> states(static_cast<std::size_t>(n)), outputs = states;
  Expr state = first, sums = 0;
  for (std::int32_t k = 0; k < n; ++k) {
    const std::int32_t t = reversed ? n - 1 - k : k;
    std::vector<Expr> now;
    for (Expr x : rows) {
      Index index;
      for (std::int32_t j = 0; j < x.shape().cols; ++j) index.push_back(t + j * n);
      now.push_back(gather(x, index, {x.shape().cols, 1}));
    }
    const Parts made_now = step(state, shared, now);
    state = made_now.next;
    for (std::int32_t i = 0; i < state.shape().size(); ++i)
      states[static_cast<std::size_t>(t)].push_back(element(state, i));
    if (!made_now.output.is_zero())
      for (std::int32_t i = 0; i < made_now.output.shape().size(); ++i)
        outputs[static_cast<std::size_t>(t)].push_back(element(made_now.output, i));
    if (!made_now.added.is_zero()) sums = sums.is_zero() ? made_now.added : sums + made_now.added;
  }
  std::vector<Expr> parts;
  for (const auto* by_step : {&states, &outputs})
    for (std::size_t i = 0; i < (*by_step)[0].size(); ++i)
      for (const auto& at : *by_step) parts.push_back(at[i]);
  if (!sums.is_zero()) parts.push_back(sums);
  std::int32_t size = 0;
  for (Expr part : parts) size += static_cast<std::int32_t>(part.shape().size());
  return {scan(g, made, first, shared, rows), concat(parts, {size, 1}, &g)};
}

void check_both(const std::string& name, const std::vector<Point>& points, std::size_t n_shared,
                const Step& step, int order) {
  for (bool reversed : {false, true}) {
    Graph g;
    std::vector<NodeId> xs;
    std::vector<Expr> shared, rows;
    std::vector<Numbers> at;
    for (const Point& p : points) {
      xs.push_back(g.input(p.shape));
      at.push_back(p.at);
      if (xs.size() == 1) continue;
      (xs.size() <= n_shared + 1 ? shared : rows).push_back(Expr(&g, xs.back()));
    }
    const Both y = both_ways(g, step, Expr(&g, xs[0]), shared, rows, reversed);
    const std::string what = name + (reversed ? " backwards" : "");
    check_all_close(evaluate(g, y.scanned, at), evaluate(g, y.unrolled, at), 1e-14, what);
    DerivativeCheck(g, xs, at).run(y.scanned, order, what);
    const Expr seed = constant(&g, Random(3).uniforms(y.scanned.shape().size()),
                               y.scanned.shape());
    const std::vector<Expr> a = vjp(g, y.scanned.id(), seed, xs);
    const std::vector<Expr> b = vjp(g, y.unrolled.id(), seed, xs);
    for (std::size_t i = 0; i < xs.size(); ++i) {
      const Shape s = g.shape(xs[i]);
      check_all_close(evaluate(g, a[i], s, at), evaluate(g, b[i], s, at), 1e-13,
                      what + " gradient, unrolled");
      if (a[i].is_zero()) continue;
      const Expr u = sum(expand(a[i], s)), v = sum(expand(b[i], s)), one(&g, g.constant(1.0));
      const std::vector<Expr> uu = vjp(g, u.id(), one, xs), vv = vjp(g, v.id(), one, xs);
      for (std::size_t j = 0; j < xs.size(); ++j)
        check_all_close(evaluate(g, uu[j], g.shape(xs[j]), at),
                        evaluate(g, vv[j], g.shape(xs[j]), at), 1e-12,
                        what + " Hessian, unrolled", 1);
    }
  }
}

const Test numbers{"scan: a number that is carried", [] {
  Random random(1);
  check_both("garch",
             {random_point(random, {1, 1}, 0.5, 1), random_point(random, {3, 1}, 0.1, 0.5),
              random_point(random, {9, 1})},
             1,
             [](Expr h, const std::vector<Expr>& p, const std::vector<Expr>& x) {
               const Expr next = element(p[0], 0) + element(p[0], 1) * square(x[0]) +
                                 element(p[0], 2) * h;
               return Parts{next, log(next) + x[0] / next, 0};
             },
             3);
}};

const Test vectors{"scan: a vector, matrices, several rows and sums", [] {
  Random random(2);
  check_both("system",
             {random_point(random, {3, 1}), random_point(random, {3, 3}),
              random_point(random, {1, 1}), random_point(random, {5, 3}),
              random_point(random, {5, 1})},
             2,
             [](Expr a, const std::vector<Expr>& p, const std::vector<Expr>& x) {
               const Expr next = 0.4 * matmul(p[0], a) + x[0] * p[1] + tanh(x[1]);
               return Parts{next, concat({x[1] * element(next, 1), a}, {4, 1}, next.graph()),
                            square(next) * p[1]};
             },
             2);
}};

const Test large_operations{"scan: operations that are no list of numbers", [] {
  Random random(4);
  Point start = random_point(random, {16, 1}, 0, 0.1);
  for (std::size_t i = 0; i < 4; ++i) start.at[5 * i] += 2;
  check_both("matrix",
             {start, random_point(random, {4, 4}), random_point(random, {4, 4})}, 1,
             [](Expr state, const std::vector<Expr>& p, const std::vector<Expr>& x) {
               const Expr v = reshape(state, {4, 4});
               const Expr moved = matmul(matmul(p[0], v), p[0], false, true) * 0.2;
               const Expr next = 0.5 * v + solve(v, moved) + x[0] * 0.1;
               return Parts{reshape(next, {16, 1}), log_abs_det(v), 0};
             },
             2);
}};

const Test unchanging{"scan: states that stay, steps that read nothing", [] {
  Random random(5);
  check_both("constant state",
             {random_point(random, {2, 1}), random_point(random, {1, 1}),
              random_point(random, {4, 1})},
             1,
             [](Expr s, const std::vector<Expr>& p, const std::vector<Expr>& x) {
               return Parts{s, element(s, 1) * x[0] * p[0], 0};
             },
             2);
  check_both("no state to speak of",
             {random_point(random, {1, 1}), random_point(random, {1, 1}),
              random_point(random, {4, 1})},
             1,
             [](Expr, const std::vector<Expr>& p, const std::vector<Expr>& x) {
               return Parts{exp(x[0]), Expr(p[0].graph(), p[0].id()), exp(p[0])};
             },
             2);
}};

const Test programs{"scan: in a program, which folds, copies and runs it again", [] {
  auto g = std::make_shared<Graph>();
  const NodeId p = g->input({2, 1});
  const Numbers rows = Random(7).uniforms(2000);
  const Expr x = constant(g.get(), rows, {2000, 1});
  const Both y = both_ways(
      *g,
      [](Expr h, const std::vector<Expr>& q, const std::vector<Expr>& row) {
        return Parts{element(q[0], 0) * row[0] + element(q[0], 1) * h, 0, 0};
      },
      Expr(g.get(), g->constant(0.3)), {Expr(g.get(), p)}, {x}, false);
  const Expr total = sum(square(y.scanned));
  const Expr slope = vjp(*g, total.id(), Expr(g.get(), g->constant(1.0)), {p})[0];
  Program program(g, {total.id(), slope.id(), sum(square(y.unrolled)).id()});
  for (double b : {0.5, 0.9, 0.5}) {
    const std::vector<Numbers> found = run_program(program, 3, {{0.7, b}});
    check_close(found[0][0], found[2][0], 1e-13, "value");
    const double up = run_program(program, 1, {{0.7, b + 1e-6}})[0][0];
    const double down = run_program(program, 1, {{0.7, b - 1e-6}})[0][0];
    check_close(found[1][1], (up - down) / 2e-6, 1e-6, "slope");
  }
}};

}  // namespace
