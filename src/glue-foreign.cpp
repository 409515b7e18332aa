// Entry point for with_derivative().
#include <Rcpp.h>

#include "trace/foreign.h"
#include "trace/traced.h"

namespace {

using admle::LinearRule;

// NULL, or what the R code made of a rule: list(value, trace, input, output).
std::shared_ptr<LinearRule> rule_from(SEXP given) {
  if (Rf_isNull(given)) return nullptr;
  const Rcpp::List list(given);
  auto rule =
      std::make_shared<LinearRule>(LinearRule{Rcpp::Function(list["value"]), nullptr, -1, -1});
  if (!Rf_isNull(list["trace"])) {
    const Rcpp::XPtr<admle::TraceState> trace(static_cast<SEXP>(list["trace"]));
    if (trace->graph->guards().empty()) {
      rule->graph = trace->graph;
      rule->input = Rcpp::as<int>(list["input"]);
      rule->output = Rcpp::as<int>(list["output"]);
    }
  }
  return rule;
}

}  // namespace

// [[Rcpp::export(rng = false)]]
int trace_foreign(SEXP x, int n_out, Rcpp::Function value, SEXP vjp_rule, SEXP jvp_rule) {
  admle::TraceState& state = admle::recording();
  const auto f = admle::make_foreign(value, rule_from(vjp_rule), rule_from(jvp_rule));
  const admle::Expr argument = state.expr(admle::operand(state, x).id);
  return admle::foreign(argument, {n_out, 1}, f).id();
}
