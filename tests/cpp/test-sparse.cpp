// Products with sparse data against the same with the dense matrix: values, derivatives to third
// order, row loops in chunks, and the blocks of a Hessian.
#include "engine-helpers.h"
#include "math/sparse-rows.h"

namespace {

using namespace admle_test;

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

struct Pair {
  std::shared_ptr<const SparseRows> sparse;
  Numbers dense;
};

// About `per_row` elements a row, some of them at the same place.
Pair random_sparse(Random& random, std::int32_t rows, std::int32_t cols, std::int32_t per_row) {
  Index i, j;
  Numbers x, dense(at(std::int64_t{rows} * cols), 0.0);
  for (std::int32_t e = 0; e < rows * per_row; ++e) {
    i.push_back(random.below(rows));
    j.push_back(random.below(cols));
    x.push_back(random.uniform(-1, 1));
    dense[at(i.back() + std::int64_t{j.back()} * rows)] += x.back();
  }
  return {std::make_shared<const SparseRows>(
              SparseRows::from_triplets(rows, cols, x.size(), i.data(), j.data(), x.data())),
          dense};
}

std::shared_ptr<const SparseProduct> product_of(const Pair& s, const Pair& z, bool upper) {
  return std::make_shared<const SparseProduct>(SparseProduct::of(s.sparse, z.sparse, upper));
}

Expr dense_of(const Pair& s, Graph* g) {
  return constant(g, s.dense, {s.sparse->rows, s.sparse->cols});
}

Numbers value_of(const std::function<Expr(Expr)>& f, Shape shape, const Numbers& x) {
  Graph g;
  const Expr in(&g, g.input(shape));
  return evaluate(g, f(in), {x});
}

const Test products{"sparse: values", [] {
  Random random(1);
  for (std::int32_t n : {1, 7, 300, 5000}) {
    const Pair s = random_sparse(random, n, 6, 2), z = random_sparse(random, n, 4, 1);
    const Numbers b = random.uniforms(12), x = random.uniforms(2 * n), w = random.uniforms(n);
    check_all_close(value_of([&](Expr e) { return sparse_times(s.sparse, e); }, {6, 2}, b),
                    value_of([&](Expr e) { return matmul(dense_of(s, e.graph()), e); }, {6, 2}, b),
                    Tolerance::kValue, "S B");
    check_all_close(
        value_of([&](Expr e) { return sparse_cross(s.sparse, e); }, {n, 2}, x),
        value_of([&](Expr e) { return matmul(dense_of(s, e.graph()), e, true); }, {n, 2}, x),
        Tolerance::kValue, "t(S) X", 1);
    const Pair* pairs[] = {&z, &s};
    for (const Pair* right : pairs) {
      const bool upper = right == &s;
      const auto product = product_of(s, *right, upper);
      Numbers full = value_of(
          [&](Expr e) {
            return matmul(dense_of(s, e.graph()), e * dense_of(*right, e.graph()), true);
          },
          {n, 1}, w);
      Numbers elements;
      for (std::size_t e = 0; e < product->row.size(); ++e) {
        double& found = full[at(product->row[e] + std::int64_t{6} * product->column[e])];
        elements.push_back(found);
        found = 0;
      }
      const Numbers found = value_of([&](Expr e) { return sparse_gram(product, e); }, {n, 1}, w);
      check_all_close(found, elements,
                      Tolerance::kValue, "t(S) diag(w) Z", 1);
      for (std::int32_t j = 0; j < right->sparse->cols; ++j)
        for (std::int32_t i = 0; i < (upper ? j + 1 : 6); ++i)
          check(full[at(i + std::int64_t{6} * j)] == 0, "all that is not zero is an element");
    }
  }
}};

const Test derivatives{"sparse: derivatives", [] {
  Random random(2);
  const std::int32_t n = 9;
  const Pair s = random_sparse(random, n, 4, 2), z = random_sparse(random, n, 3, 1);
  const auto formula = [&](bool sparse) {
    return [&, sparse](const std::vector<Expr>& a) {
      Graph* g = a[0].graph();
      const Expr ds = dense_of(s, g), dz = dense_of(z, g), b = sin(a[0]), w = exp(a[1]);
      const Expr eta = sparse ? sparse_times(s.sparse, b) : matmul(ds, b);
      const Expr back = sparse ? sparse_cross(s.sparse, w * eta) : matmul(ds, w * eta, true);
      const auto product = product_of(s, z, false);
      Index elements;
      for (std::size_t e = 0; e < product->row.size(); ++e)
        elements.push_back(product->row[e] + 4 * product->column[e]);
      const Expr gram = sparse ? sparse_gram(product, w * row_sums(eta))
                               : gather(matmul(ds, w * row_sums(eta) * dz, true), elements,
                                        {product->size(), 1});
      return concat({back, gram}, {8 + product->size(), 1}, g);
    };
  };
  const Point b = random_point(random, {4, 2}), w = random_point(random, {n, 1});
  Graph g;
  const Expr in_b(&g, g.input({4, 2})), in_w(&g, g.input({n, 1}));
  const Numbers expected = evaluate(g, formula(false)({in_b, in_w}), {b.at, w.at});
  check_formula("sparse products", {b, w}, formula(true), expected);
}};

}  // namespace
