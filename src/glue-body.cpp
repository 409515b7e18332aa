// Entry points for functions inside of a function that is recorded.
#include <Rcpp.h>

#include "trace/recorded-body.h"
#include "trace/traced.h"

using namespace admle;

namespace {

Target target_of(const std::string& name) {
  if (name == "root") return Target::kRoot;
  if (name == "fixed point") return Target::kFixedPoint;
  if (name == "minimum") return Target::kMinimum;
  if (name == "maximum") return Target::kMaximum;
  Rcpp::stop("unknown target");
}

}  // namespace

// What was recorded of `value`, a function of the unknown `x`, since there were `guards` guards.
// [[Rcpp::export(rng = false)]]
SEXP body_take(SEXP x, SEXP value, int guards) {
  TraceState& state = recording();
  auto body = std::make_unique<RecordedBody>(state, operand(state, x).id, operand(state, value).id,
                                             static_cast<std::size_t>(guards));
  return Rcpp::XPtr<RecordedBody>(body.release(), true);
}

// Whether something outside takes part in it, in its value or its comparisons.
// [[Rcpp::export(rng = false)]]
bool body_has_parameters(SEXP body) { return Rcpp::XPtr<RecordedBody>(body)->has_parameters(); }

// Whether something in it jumps where a value outside says.
// [[Rcpp::export(rng = false)]]
bool body_jumps(SEXP body) { return Rcpp::XPtr<RecordedBody>(body)->jumps_move(); }

// The functions that are zero where something in it switches at a place that a value outside moves.
// [[Rcpp::export(rng = false)]]
Rcpp::List body_switches(SEXP body) {
  Rcpp::List out;
  for (RecordedBody& found : Rcpp::XPtr<RecordedBody>(body)->switches())
    out.push_back(Rcpp::XPtr<RecordedBody>(new RecordedBody(std::move(found)), true));
  return out;
}

// Its derivative along a direction, see RecordedBody::slope(), or NULL.
// [[Rcpp::export(rng = false)]]
SEXP body_slope(SEXP body, double shift, double stretch) {
  std::unique_ptr<RecordedBody> found = Rcpp::XPtr<RecordedBody>(body)->slope(shift, stretch);
  if (!found) return R_NilValue;
  return Rcpp::XPtr<RecordedBody>(found.release(), true);
}

// Its value at numbers, or NULL where it has to be recorded again.
// [[Rcpp::export(rng = false)]]
SEXP body_value(SEXP body, Rcpp::NumericVector x) {
  const Rcpp::XPtr<RecordedBody> recorded(body);
  std::vector<double> out;
  if (x.size() != recorded->size() || !recorded->run(x.begin(), out)) return R_NilValue;
  return Rcpp::NumericVector(out.begin(), out.end());
}

// The node of the value at `x`; with `guarded`, the trace holds where its comparisons do.
// [[Rcpp::export(rng = false)]]
int body_at(SEXP body, SEXP x, bool guarded) {
  TraceState& state = recording();
  return Rcpp::XPtr<RecordedBody>(body)->at(state.expr(operand(state, x).id), guarded).id();
}

// The same where x is stationary.
// [[Rcpp::export(rng = false)]]
int body_envelope(SEXP body, SEXP x) {
  TraceState& state = recording();
  return Rcpp::XPtr<RecordedBody>(body)->envelope(state.expr(operand(state, x).id)).id();
}

// The node of the root, searched from `start` on, in an interval or without (NULL).
// [[Rcpp::export(rng = false)]]
int body_root(SEXP body, std::string target, std::vector<double> start, SEXP lower, SEXP upper) {
  TraceState& state = recording();
  RootSpec spec;
  spec.target = target_of(target);
  spec.start = std::move(start);
  spec.bracketed = !Rf_isNull(lower);
  std::vector<Expr> interval;
  if (spec.bracketed)
    for (SEXP end : {lower, upper}) interval.push_back(state.expr(operand(state, end).id));
  return Rcpp::XPtr<RecordedBody>(body)->root(spec, interval).id();
}

// Says that R's own routine finds these numbers where the recording has x.
// [[Rcpp::export(rng = false)]]
void trace_stand_in(SEXP x, std::vector<double> numbers) {
  TraceState& state = recording();
  state.stand_ins.emplace_back(operand(state, x).id, std::move(numbers));
}

// The value as R's own routines would have it: what the plain evaluation is compared with.
// [[Rcpp::export(rng = false)]]
SEXP trace_value_as_r(SEXP x) {
  TraceState& state = recording();
  if (state.stand_ins.empty()) return plain_value(state, x, false);
  NodeEvaluator own(*state.graph);
  own.set_inputs(state.inputs);
  for (const auto& [id, numbers] : state.stand_ins) own.set_value(id, numbers);
  std::swap(own, state.evaluator);
  const Rcpp::Shield<SEXP> out(plain_value(state, x, false));
  std::swap(own, state.evaluator);
  return out;
}

// Whether one of the nodes depends on an unknown outside of the body that this was recorded for.
// [[Rcpp::export(rng = false)]]
bool depends_on_unknown(SEXP trace, std::vector<int> nodes) {
  const Graph& graph = *Rcpp::XPtr<TraceState>(trace)->graph;
  for (const Guard& guard : graph.guards()) nodes.push_back(guard.node);
  const std::vector<char> needed = needed_by(graph, nodes);
  for (NodeId i = 0; i < graph.size(); ++i)
    if (needed[static_cast<std::size_t>(i)] && graph.is_unknown(i)) return true;
  return false;
}
