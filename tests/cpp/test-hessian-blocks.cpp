// Hessians made of blocks of linear indices: what counts as an index, and that the blocks add up
// to the Hessian taken in all directions at once, which knows no structure.
#include "derive/hessian-blocks.h"
#include "engine-helpers.h"
#include "model/hessian-assembly.h"

namespace {

using namespace admle_test;

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

constexpr std::int32_t kN = 30;

struct Problem {
  std::shared_ptr<Graph> graph = std::make_shared<Graph>();
  Random random{5};
  std::vector<NodeId> pieces;
  std::vector<Numbers> point;

  Graph* g() { return graph.get(); }
  Expr piece(std::int32_t k) {
    pieces.push_back(graph->input({k, 1}));
    point.push_back(random.uniforms(k));
    return Expr(g(), pieces.back());
  }
  Expr data(std::int32_t cols) { return constant(g(), random.uniforms(kN * cols), {kN, cols}); }
  std::shared_ptr<const Index> groups(std::int32_t n) {
    auto out = std::make_shared<Index>();
    for (std::int32_t i = 0; i < kN; ++i) out->push_back(random.below(n));
    return out;
  }
};

// The Hessian of a total by blocks, against jvp of vjp with respect to each pair of pieces, and
// put together as a matrix. `indices`: how many there are in all sums.
void check_total(Problem& p, Expr total, std::size_t indices, const std::string& name) {
  Graph& g = *p.graph;
  const HessianStructure structure = hessian_structure(g, total.id(), p.pieces);
  std::size_t found = 0;
  for (const LinearIndices& part : structure.parts) found += part.indices.size();
  check(found == indices, name + ": " + std::to_string(found) + " indices");
  std::vector<Expr> gradient = vjp(g, total.id(), Expr(&g, g.constant(1.0)), p.pieces);
  std::int32_t k = 0;
  std::vector<std::int32_t> begin;
  for (std::size_t i = 0; i < p.pieces.size(); ++i) {
    begin.push_back(k);
    const Shape shape = g.shape(p.pieces[i]);
    k += shape.rows;
    gradient[i] = expand(gradient[i].is_zero() ? Expr(&g, g.constant(0.0)) : gradient[i], shape);
  }
  const HessianAssembly assembly(g, hessian_blocks(g, structure, p.pieces, gradient), k);
  std::vector<Numbers> values;
  for (const HessianBlock& block : assembly.blocks())
    values.push_back(evaluate(g, Expr(&g, block.node), p.point));
  const Symmetric assembled = assembly.fill([&](std::size_t b) { return values[b].data(); });
  const Eigen::MatrixXd all = assembled.to_dense();
  const Numbers by_blocks(all.data(), all.data() + all.size());
  Numbers directly(at(k * k), 0.0);
  for (std::size_t j = 0; j < p.pieces.size(); ++j) {
    const Shape shape = g.shape(p.pieces[j]);
    std::vector<NodeId> outputs;
    for (const Expr& e : gradient) outputs.push_back(e.id());
    const std::vector<Expr> columns =
        jvp(g, outputs, {p.pieces[j]}, {identity_seed(g, shape)}, shape.rows);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].is_zero()) continue;
      const std::int32_t rows = g.shape(p.pieces[i]).rows;
      const Numbers value = evaluate(g, expand(columns[i], {rows, shape.rows}), p.point);
      for (std::int32_t c = 0; c < shape.rows; ++c)
        for (std::int32_t r = 0; r < rows; ++r)
          directly[at(begin[i] + r + (begin[j] + c) * k)] = value[at(r + c * rows)];
    }
  }
  check_all_close(by_blocks, directly, Tolerance::kRoutes, name, largest(directly));
}

void check_blocks(Problem& p, Expr terms, std::size_t indices, const std::string& name) {
  check_total(p, sum(terms), indices, name);
}

const Test two_indices{"hessian blocks: location and scale", [] {
  Problem p;
  const Expr x = p.data(3), z = p.data(2), y = p.data(1);
  const Expr mu = matmul(x, p.piece(3)), log_s = matmul(z, p.piece(2));
  check_blocks(p, -0.5 * square((y - mu) / exp(log_s)) - log_s, 2, "two pieces");
}};

const Test constant_weights{"hessian blocks: constant weights", [] {
  Problem p;
  const Expr x = p.data(3), y = p.data(1);
  const Expr mu = matmul(x, p.piece(3));
  check_blocks(p, -0.5 * square((y - mu) * exp(-p.piece(1))), 1, "a scale besides");
}};

const Test one_piece_twice{"hessian blocks: one piece in two indices", [] {
  Problem p;
  const Expr x = p.data(3), z = p.data(3);
  const Expr b = p.piece(3);
  check_blocks(p, sin(matmul(x, b)) * exp(matmul(z, b)), 2, "X b and Z b");
}};

const Test matrix_index{"hessian blocks: several columns", [] {
  Problem p;
  const Expr x = p.data(3);
  const Expr u = matmul(x, reshape(p.piece(6), {3, 2}));
  auto choice = p.groups(2);
  check_blocks(p, row_select(u, choice, 2) - log(1 + row_sums(exp(u))), 1, "multinomial");
}};

const Test group_effects{"hessian blocks: effects of groups", [] {
  Problem p;
  const Expr x = p.data(2);
  const Expr a = gather(p.piece(4), p.groups(4), {kN, 1});
  const Expr c = gather(p.piece(3), p.groups(3), {kN, 1});
  const Expr eta = a + matmul(x, p.piece(2));
  check_blocks(p, sin(eta) * exp(c), 3, "two groupings and covariates");
}};

const Test sparse_index{"hessian blocks: sparse data", [] {
  Problem p;
  const auto sparse = [&](std::int32_t cols) {
    const Index row = *p.groups(kN), column = *p.groups(cols);
    const Numbers x = p.random.uniforms(kN);
    return std::make_shared<const SparseRows>(
        SparseRows::from_triplets(kN, cols, x.size(), row.data(), column.data(), x.data()));
  };
  const Expr beta = p.piece(5), alpha = p.piece(4), gamma = p.piece(3), scale = p.piece(1);
  const Expr effects = gather(alpha, p.groups(4), {kN, 1});
  const Expr eta = sparse_times(sparse(5), beta) + effects + matmul(p.data(3), gamma);
  check_blocks(p, p.data(1) * eta - exp(eta + scale * effects), 3, "with effects and a scale");
  Problem q;
  const auto s = sparse(6);
  const Expr both = sparse_times(s, reshape(q.piece(12), {6, 2}));
  check_blocks(q, -square(row_sums(both)) + sin(row_sums(both)), 1, "two columns");
  Problem r;
  const Expr mu = sparse_times(s, r.piece(6));
  check_blocks(r, -square(r.data(1) - mu), 1, "constant weights");
}};

const Test not_indices{"hessian blocks: what is no index", [] {
  Problem squared;
  const Expr b = squared.piece(2);
  check_blocks(squared, exp(matmul(squared.data(2), square(b))), 0, "a nonlinear piece");
  Problem also;
  const Expr c = also.piece(2);
  check_blocks(also, exp(matmul(also.data(2), c)) * element(c, 0), 0, "used otherwise too");
  Problem lagged;
  const Expr eta = matmul(lagged.data(2), lagged.piece(2));
  Index back;
  for (std::int32_t i = 0; i < kN; ++i) back.push_back(i == 0 ? 0 : i - 1);
  check_blocks(lagged, exp(eta) * gather(eta, back, {kN, 1}), 0, "rows that meet");
  Problem sums;
  const Expr mu = matmul(sums.data(2), sums.piece(2));
  check_blocks(sums, exp(mu) * sum(square(mu)), 0, "a sum within");
}};

Expr zero_of(Problem& p) { return Expr(p.g(), p.graph->constant(0.0)); }

const Test priors{"hessian blocks: priors, penalties and neighbours", [] {
  Problem p;
  const Expr a = p.piece(6), b = p.piece(2), s = p.piece(1);
  const Expr rows = sin(gather(a, p.groups(6), {kN, 1}) + matmul(p.data(2), b));
  const Expr prior = -0.5 * square(a / exp(s)) - s;
  check_total(p, sum(rows) + sum(prior), 3, "effects of groups with a prior");
  const Expr both = concat({rows, prior}, {kN + 6, 1}, p.g());
  check_total(p, sum(both), 3, "in one vector");
  const Expr weights = constant(p.g(), p.random.uniforms(kN + 6), {kN + 6, 1});
  check_total(p, sum(mulz(weights, both)), 3, "and weighted");
  check_total(p, sum(rows + sum(prior) / kN), 3, "spread over the rows");

  Problem walk;
  const Expr u = walk.piece(7), phi = walk.piece(1), tau = walk.piece(1);
  const auto part = [&](std::int32_t from, std::int32_t n) {
    Index index;
    for (std::int32_t i = 0; i < n; ++i) index.push_back(from + i);
    return gather(u, index, {n, 1});
  };
  const Expr steps = square(part(1, 6) - phi * part(0, 6)) * exp(tau) - tau;
  const Expr start = square(element(u, 0)) * exp(tau) * (1 - square(phi));
  check_total(walk, -0.5 * sum(steps) - 0.5 * start + sum(cos(u)), 6, "an autoregression");

  Problem spline;
  const Expr c = spline.piece(8);
  const auto shifted = [&](Expr x, std::int32_t from, std::int32_t n) {
    Index index;
    for (std::int32_t i = 0; i < n; ++i) index.push_back(from + i);
    return gather(x, index, {n, 1});
  };
  const Expr first = shifted(c, 1, 7) - shifted(c, 0, 7);
  const Expr second = shifted(first, 1, 6) - shifted(first, 0, 6);
  const Expr lambda = exp(spline.piece(1));
  check_total(spline, sum(sin(c)) - lambda * sum(square(second)), 2, "second differences");

  Problem reference;
  const Expr zero(reference.g(), reference.graph->constant(0.0));
  const Expr levels = concat({zero, reference.piece(3)}, {4, 1}, reference.g());
  check_blocks(reference, exp(gather(levels, reference.groups(4), {kN, 1})), 1,
               "a level of reference");
  Problem held_one;
  const Expr common = held_one.piece(2), free = held_one.piece(5);
  const Expr all = concat({common, zero_of(held_one), free}, {8, 1}, held_one.g());
  Index effects;
  for (std::int32_t i = 2; i < 8; ++i) effects.push_back(i);
  const Expr taken = gather(all, effects, {6, 1});
  const Expr index = matmul(held_one.data(2), gather(all, Index{0, 1}, {2, 1}));
  check_blocks(held_one, exp(index + gather(taken, held_one.groups(6), {kN, 1})), 2,
               "an effect that is held, among all parameters");
  check_blocks(held_one, exp(index) * sum(sin(all)), 0, "pieces that enter together");
  Problem columns;
  const Expr zeros = constant(columns.g(), Numbers(at(kN), 0.0), {kN, 1});
  const Expr wide = concat({zeros, gather(columns.piece(3), columns.groups(3), {kN, 1})}, {kN, 2},
                           columns.g());
  check_blocks(columns, row_sums(exp(wide * columns.data(2))), 0, "a column that is known");
  Problem held;
  const Expr one(held.g(), held.graph->constant(1.0));
  const Expr beta = concat({one, held.piece(2)}, {3, 1}, held.g());
  check_blocks(held, exp(matmul(held.data(3), beta)), 0, "a coefficient that is known");
}};

const Test large{"hessian blocks: sparse where most is zero", [] {
  Problem p;
  const std::int32_t groups = 150;
  const Expr a = gather(p.piece(groups), p.groups(groups), {kN, 1});
  const Expr c = gather(p.piece(40), p.groups(40), {kN, 1});
  const Expr eta = a + c + matmul(p.data(2), p.piece(2));
  check_blocks(p, sin(eta), 3, "two groupings and covariates");
  const auto coupled = [](Problem& q, Expr total) {
    return hessian_structure(*q.graph, total.id(), q.pieces).coupled;
  };
  check(coupled(p, sum(sin(eta))) == 2, "covariates are coupled");
  Problem dense;
  const Expr u = dense.piece(20);
  check(coupled(dense, -sum(square(cumsum(u))) - exp(sum(u))) == 20, "and what is no index");
}};

const Test broadcasting{"broadcast: values and derivatives", [] {
  Problem p;
  const Expr row = reshape(p.piece(3), {1, 3});
  const Expr wide = broadcast(row, {kN, 6});
  const Numbers value = evaluate(*p.graph, wide, p.point);
  for (std::int32_t j = 0; j < 6; ++j)
    for (std::int32_t i = 0; i < kN; ++i)
      check(value[at(i + j * kN)] == p.point[0][at(j % 3)], "one row for all, recycled");
  check_blocks(p, row_sums(exp(wide) * p.data(6)), 0, "in a likelihood");
}};

}  // namespace
