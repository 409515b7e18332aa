// with_derivative(): nodes that call R functions, with derivative rules that are recorded graphs
// or R functions themselves.
#include <Rcpp.h>

#include "derive/derive.h"
#include "derive/substitute.h"
#include "glue-traced.h"
#include "ops/structural.h"

using namespace admle;

namespace {

// A rule r(x, w), linear in w: a recorded graph where `graph` is set, else only a callback.
struct Rule {
  Rcpp::Function value;
  std::shared_ptr<Graph> graph;
  NodeId input = -1, output = -1;
};

std::function<void(const double*, std::int64_t, double*, std::int64_t)> callback(
    Rcpp::Function f) {
  return [f](const double* x, std::int64_t nx, double* out, std::int64_t n_out) {
    const Rcpp::NumericVector given = f(Rcpp::NumericVector(x, x + nx));
    std::copy_n(given.begin(), n_out, out);
  };
}

Expr flat(Expr e) { return reshape(e, {static_cast<std::int32_t>(e.shape().size()), 1}); }

Expr apply_rule(const Rule& rule, Expr x, Expr w, Shape result) {
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
Expr transposed_rule(const Rule& rule, Expr x, Expr u, Shape w_shape, Shape result) {
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

std::shared_ptr<Rule> rule_from(SEXP given) {
  if (Rf_isNull(given)) return nullptr;
  const Rcpp::List list(given);
  auto rule = std::make_shared<Rule>(Rule{Rcpp::Function(list["value"]), nullptr, -1, -1});
  if (!Rf_isNull(list["trace"])) {
    const Rcpp::XPtr<TraceState> trace(static_cast<SEXP>(list["trace"]));
    if (trace->graph->guards().empty()) {
      rule->graph = trace->graph;
      rule->input = Rcpp::as<int>(list["input"]);
      rule->output = Rcpp::as<int>(list["output"]);
    }
  }
  return rule;
}

}  // namespace

// [[Rcpp::export]]
int trace_foreign(SEXP x, int n_out, Rcpp::Function value, SEXP vjp_rule, SEXP jvp_rule) {
  TraceState& state = recording();
  const std::shared_ptr<Rule> backward = rule_from(vjp_rule), forward = rule_from(jvp_rule);
  auto f = std::make_shared<Foreign>();
  f->value = callback(value);
  f->vjp = [backward, forward](Expr at, Expr y, Expr adjoint) {
    if (backward) return apply_rule(*backward, at, adjoint, at.shape());
    return transposed_rule(*forward, at, adjoint, at.shape(), at.shape());
  };
  f->jvp = [backward, forward](Expr at, Expr y, Expr tangent) {
    if (forward) return apply_rule(*forward, at, tangent, y.shape());
    return transposed_rule(*backward, at, tangent, y.shape(), y.shape());
  };
  const Expr argument = state.expr(operand(state, x).id);
  return foreign(argument, {n_out, 1}, f).id();
}
