// Nodes that call R functions, see foreign.h.
#include "trace/foreign.h"

#include <algorithm>

#include "derive/derive.h"
#include "derive/substitute.h"

namespace admle {
namespace {

std::function<void(const double*, std::int64_t, double*, std::int64_t)> callback(
    const Rcpp::Function& f) {
  return [f](const double* x, std::int64_t nx, double* out, std::int64_t n_out) {
    const Rcpp::NumericVector given = f(Rcpp::NumericVector(x, x + nx));
    std::copy_n(given.begin(), n_out, out);
  };
}

Expr flat(Expr e) { return reshape(e, {static_cast<std::int32_t>(e.shape().size()), 1}); }

Expr apply_rule(const LinearRule& rule, Expr x, Expr w, Shape result) {
  Graph* g = x.graph();
  const auto n = static_cast<std::int32_t>(x.shape().size() + w.shape().size());
  const Expr both = concat({flat(x), flat(w)}, {n, 1}, g);
  if (rule.graph) {
    const NodeId found = substitute(*rule.graph, *g, {rule.output}, {rule.input}, {both})[0];
    return reshape(Expr(g, found), result);
  }
  auto f = std::make_shared<Foreign>();
  f->value = callback(rule.value);
  return foreign(both, result, f);
}

// The other mode of a linear rule: r(x, w) = A w, hence A' u is the gradient of u'r in w.
Expr transposed_rule(const LinearRule& rule, Expr x, Expr u, Shape w_shape, Shape result) {
  Graph* g = x.graph();
  const auto n_w = static_cast<std::int32_t>(w_shape.size());
  if (rule.graph) {
    const std::vector<double> zeros(static_cast<std::size_t>(n_w), 0.0);
    const Expr w(g, g->alias(g->constant(zeros, {n_w, 1})));
    const Expr r = apply_rule(rule, x, w, u.shape());
    const Expr found = vjp(*g, r.id(), u, {w.id()})[0];
    return found.is_zero() ? Expr(g, g->constant(std::vector<double>(zeros), w_shape))
                           : reshape(expand(found, {n_w, 1}), result);
  }
  std::vector<Expr> parts;
  for (std::int32_t i = 0; i < n_w; ++i) {
    std::vector<double> unit(static_cast<std::size_t>(n_w), 0.0);
    unit[static_cast<std::size_t>(i)] = 1;
    const Expr e(g, g->constant(unit, {n_w, 1}));
    parts.push_back(sum(apply_rule(rule, x, e, u.shape()) * u));
  }
  return concat(parts, result, g);
}

}  // namespace

std::shared_ptr<Foreign> make_foreign(const Rcpp::Function& value,
                                      std::shared_ptr<const LinearRule> backward,
                                      std::shared_ptr<const LinearRule> forward) {
  auto f = std::make_shared<Foreign>();
  f->value = callback(value);
  f->vjp = [backward, forward](Expr at, Expr, Expr adjoint) {
    if (backward) return apply_rule(*backward, at, adjoint, at.shape());
    return transposed_rule(*forward, at, adjoint, at.shape(), at.shape());
  };
  f->jvp = [backward, forward](Expr at, Expr y, Expr tangent) {
    if (forward) return apply_rule(*forward, at, tangent, y.shape());
    return transposed_rule(*backward, at, tangent, y.shape(), y.shape());
  };
  return f;
}

}  // namespace admle
