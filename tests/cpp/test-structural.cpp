// Every structural operation: its value against naive code, its derivatives to third order through
// compositions with a nonlinear function, so that adjoints and tangents are general.
#include <numeric>

#include "engine-helpers.h"

namespace {

using namespace admle_test;

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

std::shared_ptr<const Index> share(Index index) {
  return std::make_shared<const Index>(std::move(index));
}

// x + sin(x): smooth, with derivatives of all orders.
Expr bend(Expr x) { return x + sin(x); }
double bend(double x) { return x + std::sin(x); }
Numbers bend(Numbers x) {
  for (double& v : x) v = bend(v);
  return x;
}

Numbers multiply(const Numbers& a, const Numbers& b, std::int32_t n, std::int32_t m,
                 std::int32_t k) {
  Numbers out(at(n * k), 0.0);
  for (std::int32_t j = 0; j < k; ++j)
    for (std::int32_t l = 0; l < m; ++l)
      for (std::int32_t i = 0; i < n; ++i)
        out[at(i + j * n)] += a[at(i + l * n)] * b[at(l + j * m)];
  return out;
}

Numbers transposed(const Numbers& x, std::int32_t rows, std::int32_t cols) {
  Numbers out(x.size());
  for (std::int32_t j = 0; j < cols; ++j)
    for (std::int32_t i = 0; i < rows; ++i) out[at(j + i * cols)] = x[at(i + j * rows)];
  return out;
}

// A well-conditioned matrix of order n, symmetric when asked.
Numbers good_matrix(Random& random, std::int32_t n, bool symmetric) {
  Numbers a = random.uniforms(n * n, -0.4, 0.4);
  for (std::int32_t i = 0; i < n; ++i) a[at(i * (n + 1))] += 2;
  if (symmetric)
    for (std::int32_t i = 0; i < n; ++i)
      for (std::int32_t j = 0; j < i; ++j) a[at(i + j * n)] = a[at(j + i * n)];
  return a;
}

const Test element_test{"structural: element", [] {
  Random random(1);
  const Point x = random_point(random, {5, 1}), m = random_point(random, {3, 2});
  check_formula("element", {x, m}, [](const std::vector<Expr>& a) {
    const Expr v = bend(a[0]), w = bend(a[1]);
    return element(v, 3) * element(v, 0) * element(w, 4) + sum(v * element(v, 3));
  }, {bend(x.at[3]) * bend(x.at[0]) * bend(m.at[4]) +
      std::accumulate(x.at.begin(), x.at.end(), 0.0, [&](double s, double v) {
        return s + bend(v) * bend(x.at[3]); })});
}};

const Test tangents_test{"structural: operations on a value whose tangent is one number", [] {
  Random random(2);
  const Point a{{1, 1}, {0.3}};
  const Numbers data = random.uniforms(6);
  const auto shifted = [&](const std::vector<Expr>& x, Shape s) {
    return constant(x[0].graph(), data, s) + x[0];
  };
  const auto v = [&](std::size_t i) { return data[i] + 0.3; };
  check_formula("element", {a}, [&](const std::vector<Expr>& x) {
    const Expr m = shifted(x, {6, 1});
    return element(m, 2) * element(m, 5);
  }, {v(2) * v(5)});
  check_formula("columns", {a}, [&](const std::vector<Expr>& x) {
    return square(columns(shifted(x, {2, 3}), share({2, 0})));
  }, {v(4) * v(4), v(5) * v(5), v(0) * v(0), v(1) * v(1)});
  check_formula("gather", {a}, [&](const std::vector<Expr>& x) {
    return square(gather(shifted(x, {2, 3}), Index{5, 0, 0}, {3, 1}));
  }, {v(5) * v(5), v(0) * v(0), v(0) * v(0)});
  check_formula("reshape, concat", {a}, [&](const std::vector<Expr>& x) {
    const Expr m = reshape(shifted(x, {2, 3}), {3, 2});
    return square(concat({m, x[0], element(m, 1)}, {4, 2}, x[0].graph()));
  }, {v(0) * v(0), v(1) * v(1), v(2) * v(2), v(3) * v(3), v(4) * v(4), v(5) * v(5), 0.09,
      v(1) * v(1)});
  check_formula("block_sum", {a}, [&](const std::vector<Expr>& x) {
    return sum(block_sum(square(shifted(x, {2, 3})), 3));
  }, {v(0) * v(0) + v(1) * v(1) + v(2) * v(2) + v(3) * v(3) + v(4) * v(4) + v(5) * v(5)});
  check_formula("sum of block sums", {a}, [&](const std::vector<Expr>& x) {
    return sum(block_sum(shifted(x, {2, 3}), 3)) * x[0];
  }, {0.3 * (v(0) + v(1) + v(2) + v(3) + v(4) + v(5))});
  check_formula("row_sums", {a}, [&](const std::vector<Expr>& x) {
    return square(row_sums(shifted(x, {2, 3})));
  }, {std::pow(v(0) + v(2) + v(4), 2), std::pow(v(1) + v(3) + v(5), 2)});
  check_formula("cumsum, max", {a}, [&](const std::vector<Expr>& x) {
    const Expr m = cumsum(shifted(x, {3, 2}));
    return max(m) * min(m) * element(m, 0);
  }, {[&] {
    const Numbers c{v(0), v(0) + v(1), v(0) + v(1) + v(2), v(3), v(3) + v(4), v(3) + v(4) + v(5)};
    return *std::max_element(c.begin(), c.end()) * *std::min_element(c.begin(), c.end()) * c[0];
  }()});
  check_formula("row_select", {a}, [&](const std::vector<Expr>& x) {
    return square(row_select(shifted(x, {2, 3}), share({2, 0}), 3));
  }, {v(4) * v(4), v(1) * v(1)});
  check_formula("matmul, transpose", {a}, [&](const std::vector<Expr>& x) {
    const Expr m = shifted(x, {2, 3});
    return sum(matmul(m, transpose(m)));
  }, {std::pow(v(0) + v(1), 2) + std::pow(v(2) + v(3), 2) + std::pow(v(4) + v(5), 2)});
  check_formula("solve, log_abs_det", {a}, [&](const std::vector<Expr>& x) {
    const Expr m = constant(x[0].graph(), {2, 0.5, 0.2, 3}, {2, 2}) + x[0];
    return sum(solve(m, m)) + log_abs_det(m) + element(cholesky(m), 0);
  }, {2 + std::log(2.3 * 3.3 - 0.8 * 0.5) + std::sqrt(2.3)});
}};

const Test gather_test{"structural: gather and scatter", [] {
  Random random(3);
  const Point x = random_point(random, {4, 3});
  const Index index{3, 3, 0, 11, 7, 5, 5, 1};
  Numbers picked;
  for (std::int32_t i : index) picked.push_back(bend(x.at[at(i)]));
  check_formula("gather", {x}, [&](const std::vector<Expr>& a) {
    return gather(bend(a[0]), index, {4, 2});
  }, picked);
  check_formula("gather to one row", {x}, [&](const std::vector<Expr>& a) {
    return square(gather(bend(a[0]), index, {1, 8}));
  }, [&] { Numbers out; for (double v : picked) out.push_back(v * v); return out; }());
  Numbers placed(6, 0.0);
  const Index to{0, 5, 2, 2, 2, 5, 0, 0, 1, 3, 3, 0};
  for (std::size_t k = 0; k < to.size(); ++k) placed[at(to[k])] += bend(x.at[k]);
  check_formula("scatter_add", {x}, [&](const std::vector<Expr>& a) {
    return scatter_add(bend(a[0]), share(to), {3, 2});
  }, placed);
  check_formula("whole columns", {x}, [&](const std::vector<Expr>& a) {
    return square(gather(bend(a[0]), Index{8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11}, {4, 3}));
  }, [&] {
    Numbers out;
    for (std::int32_t i : {8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11})
      out.push_back(std::pow(bend(x.at[at(i)]), 2));
    return out;
  }());
  check_formula("one of each row", {x}, [&](const std::vector<Expr>& a) {
    return square(gather(bend(a[0]), Index{8, 1, 6, 3}, {4, 1}));
  }, [&] {
    Numbers out;
    for (std::int32_t i : {8, 1, 6, 3}) out.push_back(std::pow(bend(x.at[at(i)]), 2));
    return out;
  }());
  check(refuses([] {
    Graph g;
    gather(Expr(&g, g.input({3, 1})), Index{0, 3}, {2, 1});
  }), "gather out of bounds");
  check(refuses([] {
    Graph g;
    element(Expr(&g, g.input({3, 1})), -1);
  }), "element out of bounds");
  check(refuses([] {
    Graph g;
    columns(Expr(&g, g.input({3, 2})), share({0, 2}));
  }), "columns out of bounds");
}};

const Test directions_test{"structural: gather and scatter in several directions", [] {
  Random random(4);
  const Point x = random_point(random, {3, 4});  // two directions of 3 x 2
  const Index index{5, 0, 2};
  Numbers picked;
  for (std::size_t d = 0; d < 2; ++d)
    for (std::int32_t i : index) picked.push_back(bend(x.at[at(i) + 6 * d]));
  check_formula("gather", {x}, [&](const std::vector<Expr>& a) {
    return gather(bend(a[0]), index, {3, 1}, 2);
  }, picked, 2);
  Numbers placed(8, 0.0);
  const Index to{0, 3, 3, 1, 0, 0};
  for (std::size_t d = 0; d < 2; ++d)
    for (std::size_t k = 0; k < 6; ++k) placed[at(to[k]) + 4 * d] += bend(x.at[k + 6 * d]);
  check_formula("scatter_add", {x}, [&](const std::vector<Expr>& a) {
    return scatter_add(bend(a[0]), share(to), {2, 2}, 2);
  }, placed, 2);
  check_formula("transpose", {x}, [&](const std::vector<Expr>& a) {
    return transpose(bend(a[0]), 2);
  }, [&] {
    Numbers out;
    for (std::size_t d = 0; d < 2; ++d)
      for (double v : transposed(bend(Numbers(&x.at[6 * d], &x.at[6 * d] + 6)), 3, 2))
        out.push_back(v);
    return out;
  }(), 2);
}};

const Test columns_test{"structural: columns, rows and parts", [] {
  Random random(5);
  const Point x = random_point(random, {3, 4});
  const Numbers b = bend(x.at);
  const auto column = [&](std::int32_t j) {
    return Numbers(b.begin() + 3 * j, b.begin() + 3 * j + 3);
  };
  const auto join = [](std::vector<Numbers> parts) {
    Numbers out;
    for (const Numbers& p : parts) out.insert(out.end(), p.begin(), p.end());
    return out;
  };
  check_formula("columns", {x}, [&](const std::vector<Expr>& a) {
    return columns(bend(a[0]), share({3, 0, 3, 1, 1}));
  }, join({column(3), column(0), column(3), column(1), column(1)}));
  Numbers added(9, 0.0);
  const std::int32_t to[] = {2, 0, 2, 2};
  for (std::int32_t j = 0; j < 4; ++j)
    for (std::int32_t i = 0; i < 3; ++i) added[at(i + 3 * to[j])] += b[at(i + 3 * j)];
  check_formula("columns_add", {x}, [&](const std::vector<Expr>& a) {
    return columns_add(bend(a[0]), share({2, 0, 2, 2}), 3);
  }, added);
  check_formula("row_select", {x}, [&](const std::vector<Expr>& a) {
    return row_select(bend(a[0]), share({1, 0, 1}), 2);
  }, {b[3], b[1], b[5], b[9], b[7], b[11]});
  check_formula("row_place", {x}, [&](const std::vector<Expr>& a) {
    return row_place(columns(bend(a[0]), share({0, 1})), share({1, 0, 1}), 2);
  }, {0, b[1], 0, b[0], 0, b[2], 0, b[4], 0, b[3], 0, b[5]});
  const Point y = random_point(random, {3, 1}), s = random_point(random, {1, 1});
  check_formula("concat by column", {x, y}, [&](const std::vector<Expr>& a) {
    return square(concat({a[1], bend(a[0]), a[1]}, {3, 6}, a[0].graph()));
  }, [&] {
    Numbers out = join({y.at, b, y.at});
    for (double& v : out) v *= v;
    return out;
  }());
  check_formula("concat across columns", {x, y, s}, [&](const std::vector<Expr>& a) {
    return square(concat({a[2], bend(a[0]), a[1]}, {8, 2}, a[0].graph()));
  }, [&] {
    Numbers out = join({s.at, b, y.at});
    for (double& v : out) v *= v;
    return out;
  }());
  check_formula("parts of a concatenation", {x, y, s}, [&](const std::vector<Expr>& a) {
    const Expr all = concat({a[2], bend(a[0]), a[1]}, {16, 1}, a[0].graph());
    return slice(all, 12, {4, 1}) * slice(all, 2, {4, 1}) * element(all, 14) * element(all, 0);
  }, [&] {
    const Numbers all = join({s.at, b, y.at});
    Numbers out;
    for (std::size_t i = 0; i < 4; ++i) out.push_back(all[12 + i] * all[2 + i] * all[14] * all[0]);
    return out;
  }());
  check_formula("elements of joined numbers", {y}, [&](const std::vector<Expr>& a) {
    std::vector<Expr> parts{constant(a[0].graph(), {}, {0, 1})};  // an empty part is left out
    for (std::int32_t i = 0; i < 3; ++i) parts.push_back(bend(element(a[0], 2 - i)));
    const Expr all = concat(parts, {3, 1}, a[0].graph());
    return slice(all, 1, {2, 1}) * element(all, 2) + element(all, 0);
  }, [&] {
    const Numbers c = bend(y.at);
    return Numbers{c[1] * c[0] + c[2], c[0] * c[0] + c[2]};
  }());
  check_formula("reshape", {x}, [&](const std::vector<Expr>& a) {
    return square(reshape(bend(a[0]), {2, 6})) * element(a[0], 0);
  }, [&] {
    Numbers out;
    for (double v : b) out.push_back(v * v * x.at[0]);
    return out;
  }());
  check_formula("expand a row", {random_point(random, {1, 2})}, [&](const std::vector<Expr>& a) {
    return square(expand(bend(a[0]), {3, 4}));
  }, [] {
    Random again(5);
    again.uniforms(16);
    const Numbers r = bend(again.uniforms(2));
    Numbers out;
    for (std::size_t k = 0; k < 12; ++k) out.push_back(r[k / 3 % 2] * r[k / 3 % 2]);
    return out;
  }());
}};

const Test sums_test{"structural: sums", [] {
  Random random(6);
  const Point x = random_point(random, {5, 4});
  const Numbers b = bend(x.at);
  const auto add = [&](std::vector<std::int32_t> cols, std::int32_t row) {
    double total = 0;
    for (std::int32_t j : cols)
      for (std::int32_t i = 0; i < 5; ++i)
        if (row < 0 || i == row) total += b[at(i + 5 * j)];
    return total;
  };
  check_formula("sum", {x}, [](const std::vector<Expr>& a) { return square(sum(bend(a[0]))); },
                {std::pow(add({0, 1, 2, 3}, -1), 2)});
  check_formula("block_sum", {x}, [](const std::vector<Expr>& a) {
    return square(block_sum(bend(a[0]), 2));
  }, {std::pow(add({0, 1}, -1), 2), std::pow(add({2, 3}, -1), 2)});
  check_formula("col_sums", {x}, [](const std::vector<Expr>& a) {
    return square(col_sums(bend(a[0])));
  }, {std::pow(add({0}, -1), 2), std::pow(add({1}, -1), 2), std::pow(add({2}, -1), 2),
      std::pow(add({3}, -1), 2)});
  Numbers one, blocks, recycled;
  for (std::int32_t i = 0; i < 5; ++i) one.push_back(std::pow(add({0, 1, 2, 3}, i), 2));
  for (std::int32_t d = 0; d < 2; ++d)
    for (std::int32_t i = 0; i < 5; ++i) {
      blocks.push_back(std::pow(add({2 * d, 2 * d + 1}, i), 2));
      recycled.push_back(std::pow(add({d, d + 2}, i), 2));
    }
  check_formula("row_sums", {x}, [](const std::vector<Expr>& a) {
    return square(row_sums(bend(a[0])));
  }, one);
  check_formula("row_sums in blocks", {x}, [](const std::vector<Expr>& a) {
    return square(row_sums(bend(a[0]), 2));
  }, blocks);
  check_formula("row_sums recycled", {x}, [](const std::vector<Expr>& a) {
    return square(row_sums(bend(a[0]), 2, true));
  }, recycled);
  Numbers up = b, down = b;
  for (std::size_t j = 0; j < 4; ++j)
    for (std::size_t i = 1; i < 5; ++i) {
      up[5 * j + i] += up[5 * j + i - 1];
      down[5 * j + 4 - i] += down[5 * j + 5 - i];
    }
  const auto squares = [](Numbers v) { for (double& e : v) e *= e; return v; };
  check_formula("cumsum", {x}, [](const std::vector<Expr>& a) {
    return square(cumsum(bend(a[0])));
  }, squares(up));
  check_formula("cumsum backwards", {x}, [](const std::vector<Expr>& a) {
    return square(cumsum(bend(a[0]), true));
  }, squares(down));
}};

const Test products_test{"structural: products, with zeros among the factors", [] {
  for (int zeros = 0; zeros <= 3; ++zeros)
    for (std::int32_t n : {1, 2, 3, 7, 8}) {
      Random random(7);
      Numbers x = random.uniforms(n, 0.5, 1.5);
      for (std::int32_t k = 0; k < std::min(zeros, n); ++k) x[at(k * 2 % n)] = 0;
      double product = 1;
      Numbers running;
      for (double v : x) running.push_back(product *= v);
      const std::string name = std::to_string(n) + " factors, zeros " + std::to_string(zeros);
      check_formula("prod of " + name, {{{n, 1}, x}},
                    [](const std::vector<Expr>& a) { return prod(a[0]); }, {product});
      check_formula("cumprod of " + name, {{{n, 1}, x}},
                    [](const std::vector<Expr>& a) { return cumprod(a[0]); }, running);
    }
}};

const Test extremes_test{"structural: extremes and orderings", [] {
  const Point x{{3, 2}, {0.3, -0.4, 0.9, -0.7, 0.2, 0.5}};
  check_formula("max and min", {x}, [](const std::vector<Expr>& a) {
    const Expr b = bend(a[0]);
    return max(b) * max(b) * min(b);
  }, {bend(0.9) * bend(0.9) * bend(-0.7)});
  check_formula("extreme_at", {x}, [](const std::vector<Expr>& a) {
    return extreme_at(a[0], true) + 2 * extreme_at(a[0], false);
  }, {0, 0, 1, 2, 0, 0}, 1);
  Graph g;
  const Expr v(&g, g.input({6, 1}));
  const auto value = [&](Expr e, Numbers at) { return evaluate(g, e, {std::move(at)}); };
  const Numbers a{2, 1, 1, 3, 2, 3};
  check(value(max(v), a) == Numbers{3} && value(min(v), a) == Numbers{1}, "max and min with ties");
  check(value(extreme_at(v, true), a) == Numbers{0, 0, 0, 1, 0, 0}, "the first of equal maxima");
  check(value(cumextreme_at(v, true), a) == Numbers{0, 0, 0, 3, 3, 3}, "cumulative maximum");
  check(value(cumextreme_at(v, false), a) == Numbers{0, 1, 1, 1, 1, 1}, "cumulative minimum");
  check(value(order_of(v, false), a) == Numbers{2, 3, 1, 5, 4, 6}, "stable order");
  check(value(order_of(v, true), a) == Numbers{4, 6, 1, 5, 2, 3}, "stable decreasing order");
  const Numbers holes{2, kNotANumber, 1, 3, kNotANumber, 0};
  check(std::isnan(value(max(v), holes)[0]), "maximum of NaN");
  check(value(order_of(v, false), holes) == Numbers{6, 3, 1, 4, 2, 5}, "NaN last");
  check(value(order_of(v, true), holes) == Numbers{4, 1, 3, 6, 2, 5}, "NaN last, decreasing");
}};

const Test matmul_test{"structural: matrix products, all transpositions", [] {
  Random random(8);
  for (const bool ta : {false, true})
    for (const bool tb : {false, true}) {
      const std::int32_t n = 3, m = 4, k = 2;
      const Point a = random_point(random, ta ? Shape{m, n} : Shape{n, m});
      const Point b = random_point(random, tb ? Shape{k, m} : Shape{m, k});
      const Numbers plain_a = ta ? transposed(a.at, m, n) : a.at;
      const Numbers plain_b = tb ? transposed(b.at, k, m) : b.at;
      const std::string name = std::string("matmul ") + (ta ? "t" : "n") + (tb ? "t" : "n");
      const Numbers expected = multiply(bend(plain_a), bend(plain_b), n, m, k);
      const auto product = [=](const std::vector<Expr>& x) {
        return matmul(bend(x[0]), bend(x[1]), ta, tb);
      };
      check_formula(name, {a, b}, product, expected);
      // Each factor alone: the other is constant.
      check_formula(name + ", left", {a}, [=](const std::vector<Expr>& x) {
        return product({x[0], constant(x[0].graph(), b.at, b.shape)});
      }, expected);
      check_formula(name + ", right", {b}, [=](const std::vector<Expr>& x) {
        return product({constant(x[0].graph(), a.at, a.shape), x[0]});
      }, expected);
      // Square and the same: A A'.
      const Point s = random_point(random, {3, 3});
      check_formula(name + ", by itself", {s}, [=](const std::vector<Expr>& x) {
        return matmul(bend(x[0]), bend(x[0]), ta, tb);
      }, multiply(ta ? transposed(bend(s.at), 3, 3) : bend(s.at),
                  tb ? transposed(bend(s.at), 3, 3) : bend(s.at), 3, 3, 3));
    }
  check(refuses([] {
    Graph g;
    matmul(Expr(&g, g.input({3, 2})), Expr(&g, g.input({3, 2})));
  }), "non-conformable");
}};

const Test batch_test{"structural: matrix products of tangents, differentiated again", [] {
  // jvp in two directions makes batched products; their vjp and jvp are checked here.
  Random random(9);
  for (const bool ta : {false, true})
    for (const bool tb : {false, true})
      for (int side = 0; side < 3; ++side) {
        Graph g;
        const NodeId a = g.input({3, 3}), b = g.input({3, 3}), t = g.input({3, 6});
        const Expr tangent(&g, t);
        std::vector<NodeId> wrt;
        std::vector<Expr> tangents;
        if (side != 1) wrt.push_back(a), tangents.push_back(tangent);
        if (side != 0) wrt.push_back(b), tangents.push_back(sin(tangent));
        const Expr y = matmul(Expr(&g, a), Expr(&g, b), ta, tb);
        const Expr found = jvp(g, {y.id()}, wrt, tangents, 2)[0];
        DerivativeCheck(g, {a, b, t}, {random.uniforms(9), random.uniforms(9), random.uniforms(18)})
            .run(found, 3, "tangent of matmul " + std::to_string(ta) + std::to_string(tb) +
                               std::to_string(side));
      }
}};

const Test solve_test{"structural: solving", [] {
  Random random(10);
  for (std::int32_t n : {1, 2, 4}) {
    const Point a{{n, n}, good_matrix(random, n, false)}, b = random_point(random, {n, 2});
    const std::string order = " of order " + std::to_string(n);
    // Residual instead of a naive inverse: A (A^-1 B) = B.
    check_formula("solve" + order, {a, b}, [](const std::vector<Expr>& x) {
      return matmul(x[0], solve(x[0], x[1]));
    }, b.at, 1);
    const auto values = [&](const Formula& f, const std::vector<Point>& points) {
      Graph g;
      std::vector<Expr> handles;
      std::vector<Numbers> where;
      for (const Point& p : points) {
        handles.push_back(Expr(&g, g.input(p.shape)));
        where.push_back(p.at);
      }
      return evaluate(g, f(handles), where);
    };
    const auto check_self = [&](const std::string& name, const std::vector<Point>& points,
                                const Formula& f) {
      check_formula(name + order, points, f, values(f, points));
    };
    check_self("solve", {a, b}, [](const std::vector<Expr>& x) { return solve(x[0], x[1]); });
    check_self("solve a vector", {a, {{n, 1}, random.uniforms(n)}},
               [](const std::vector<Expr>& x) { return solve(x[0], x[1]); });
    for (const bool upper : {false, true})
      for (const bool flipped : {false, true}) {
        const auto f = [=](const std::vector<Expr>& x) {
          return tri_solve(x[0], x[1], upper, flipped);
        };
        const std::string name = std::string("tri_solve ") + (upper ? "upper" : "lower") +
                                 (flipped ? " transposed" : "");
        check_self(name, {a, b}, f);
        Numbers t = a.at;
        for (std::int32_t j = 0; j < n; ++j)
          for (std::int32_t i = 0; i < n; ++i)
            if (upper ? i > j : i < j) t[at(i + j * n)] = 0;
        check_all_close(multiply(flipped ? transposed(t, n, n) : t, values(f, {a, b}), n, n, 2),
                        b.at, Tolerance::kValue, name + order + " residual");
        // What stands in the other triangle is never read.
        Point dirty = a;
        for (std::int32_t j = 0; j < n; ++j)
          for (std::int32_t i = 0; i < n; ++i)
            if (upper ? i > j : i < j) dirty.at[at(i + j * n)] = kNotANumber;
        check_all_close(values(f, {dirty, b}), values(f, {a, b}), 0, name + order + ", NaN beside");
      }
  }
}};

double determinant(Numbers a, std::int32_t n) {
  double det = 1;
  for (std::int32_t k = 0; k < n; ++k) {
    det *= a[at(k * (n + 1))];
    for (std::int32_t i = k + 1; i < n; ++i) {
      const double f = a[at(i + k * n)] / a[at(k * (n + 1))];
      for (std::int32_t j = k; j < n; ++j) a[at(i + j * n)] -= f * a[at(k + j * n)];
    }
  }
  return det;
}

const Test factor_test{"structural: Cholesky factor and determinant", [] {
  Random random(11);
  for (std::int32_t n : {1, 2, 4}) {
    const std::string order = " of order " + std::to_string(n);
    const Point s{{n, n}, good_matrix(random, n, true)}, a{{n, n}, good_matrix(random, n, false)};
    const auto rebuilt = [](const std::vector<Expr>& x) {
      const Expr r = cholesky(x[0]);
      return matmul(r, r, true);
    };
    check_formula("R'R" + order, {s}, rebuilt, s.at, 1);
    // Only the upper triangle counts, as in base R: the result is that of the mirrored matrix.
    Numbers mirrored = a.at;
    for (std::int32_t j = 0; j < n; ++j)
      for (std::int32_t i = j + 1; i < n; ++i) mirrored[at(i + j * n)] = a.at[at(j + i * n)];
    check_formula("R'R from the upper triangle" + order, {a}, rebuilt, mirrored);
    Numbers factor(at(n * n), 0.0);
    for (std::int32_t j = 0; j < n; ++j)
      for (std::int32_t i = 0; i <= j; ++i) {
        double left = mirrored[at(i + j * n)];
        for (std::int32_t k = 0; k < i; ++k) left -= factor[at(k + i * n)] * factor[at(k + j * n)];
        factor[at(i + j * n)] = i == j ? std::sqrt(left) : left / factor[at(i * (n + 1))];
      }
    check_formula("cholesky" + order, {a}, [](const std::vector<Expr>& x) {
      return cholesky(x[0]);
    }, factor);
    const double det = determinant(a.at, n);
    check_formula("log_abs_det" + order, {a}, [](const std::vector<Expr>& x) {
      return log_abs_det(x[0]);
    }, {std::log(std::fabs(det))});
    Numbers negative = a.at;
    for (std::int32_t i = 0; i < n; ++i) negative[at(i * n)] *= -1;
    check_formula("sign_det" + order, {{{n, n}, negative}}, [](const std::vector<Expr>& x) {
      return sign_det(x[0]) * log_abs_det(x[0]);
    }, {-std::log(std::fabs(det))});
  }
  Graph g;
  const Expr m(&g, g.input({2, 2}));
  for (double v : evaluate(g, cholesky(m), {{1, 2, 2, 1}}))
    check(std::isnan(v), "no factor of an indefinite matrix");
  check(refuses([] {
    Graph h;
    cholesky(Expr(&h, h.input({2, 3})));
  }), "cholesky of a matrix that is not square");
}};

const Test triangle_test{"structural: triangles", [] {
  Random random(12);
  const Point x = random_point(random, {3, 6});  // two blocks
  for (const bool upper : {false, true})
    for (const double diagonal : {0.0, 0.5, 1.0}) {
      Numbers expected;
      for (std::int32_t j = 0; j < 6; ++j)
        for (std::int32_t i = 0; i < 3; ++i) {
          const double factor = i == j % 3 ? diagonal : ((i < j % 3) == upper ? 1 : 0);
          expected.push_back(factor * bend(x.at[at(i + 3 * j)]));
        }
      check_formula("triangle", {x}, [=](const std::vector<Expr>& a) {
        return triangle(bend(a[0]), upper, diagonal);
      }, expected, 2);
    }
}};

// The square of each element, with rules of its own; without them it has no derivative.
std::shared_ptr<Foreign> foreign_square(bool rules) {
  auto f = std::make_shared<Foreign>();
  f->value = [](const double* x, std::int64_t n, double* out, std::int64_t) {
    for (std::int64_t i = 0; i < n; ++i) out[i] = x[i] * x[i];
  };
  if (!rules) return f;
  f->vjp = [](Expr x, Expr, Expr adjoint) { return 2 * x * adjoint; };
  f->jvp = [](Expr x, Expr, Expr tangent) { return 2 * x * tangent; };
  return f;
}

const Test foreign_test{"structural: functions evaluated elsewhere", [] {
  const Point x{{3, 1}, {0.5, -1, 2}}, a{{1, 1}, {0.3}};
  check_formula("foreign", {x}, [](const std::vector<Expr>& e) {
    return foreign(bend(e[0]), {3, 1}, foreign_square(true));
  }, {std::pow(bend(0.5), 2), std::pow(bend(-1), 2), std::pow(bend(2), 2)});
  check_formula("foreign, a tangent that is one number", {a}, [](const std::vector<Expr>& e) {
    return foreign(constant(e[0].graph(), {1, 2, 3}, {3, 1}) + e[0], {3, 1}, foreign_square(true));
  }, {1.69, 5.29, 10.89});
  Graph g;
  const NodeId in = g.input({3, 1});
  const Expr y = foreign(Expr(&g, in), {3, 1}, foreign_square(false));
  check(refuses([&] { vjp(g, y.id(), Expr(&g, g.constant(1.0)), {in}); }), "foreign without vjp");
  check(refuses([&] { jvp(g, {y.id()}, {in}, {Expr(&g, in)}, 1); }), "foreign without jvp");
}};

}  // namespace
