// Entry points for loops that are recorded as scans.
#include <Rcpp.h>

#include "trace/loop.h"
#include "trace/traced.h"

using namespace admle;

namespace {

using Recording = Rcpp::XPtr<LoopRecording>;

Index positions_of(Rcpp::IntegerVector from) {
  Index out(from.begin(), from.end());
  for (std::int32_t& at : out) --at;
  return out;
}

Shape outline_shape(SEXP dim, R_xlen_t length) { return shape_of(dim, static_cast<int>(length)); }

SEXP traced_like(TraceState& state, NodeId id, SEXP like) {
  const Operand of = outline(like);
  return traced(state, state.expr(id), of.length, of.dim, of.names, Kind::number);
}

}  // namespace

// Whether loops may be scans: a search for the operation that fails wants each step by itself.
// [[Rcpp::export(rng = false)]]
bool loops_are_scanned() { return has_active_trace() && !active_trace().locate; }

// A step of a loop is recorded from here on.
// [[Rcpp::export(rng = false)]]
SEXP loop_begin(int steps) { return Recording(new LoopRecording(recording(), steps), true); }

// [[Rcpp::export(rng = false)]]
int loop_steps(SEXP loop) { return Recording(loop)->steps(); }

// The unknown in place of a variable that the loop assigns.
// [[Rcpp::export(rng = false)]]
SEXP loop_state(SEXP loop, SEXP x) {
  TraceState& state = recording();
  const Expr now = state.expr(operand(state, x).id);
  return traced_like(state, Recording(loop)->add_state(now), x);
}

// x at positions that change from step to step (steps x elements); `counts`: they only number them.
// [[Rcpp::export(rng = false)]]
SEXP loop_row(SEXP loop, SEXP x, Rcpp::IntegerVector positions, SEXP dim, SEXP names, int kind,
              bool counts) {
  TraceState& state = recording();
  const Recording recorded(loop);
  const auto length = positions.size() / recorded->steps();
  const NodeId id = recorded->add_row(state.expr(operand(state, x).id), positions_of(positions),
                                      outline_shape(dim, length), counts);
  return traced(state, state.expr(id), static_cast<int>(length), dim, names,
                static_cast<Kind>(kind));
}

// Whether x depends on the loop's unknowns.
// [[Rcpp::export(rng = false)]]
bool loop_depends(SEXP loop, SEXP x) {
  if (!is_traced(x)) return false;
  return Recording(loop)->depends(operand(recording(), x).id);
}

// The subscripts that x is in each step, steps x length. A number where there are none: 0, they are
// not known beforehand; 1, they are not within 1, ..., size in some step.
// [[Rcpp::export(rng = false)]]
SEXP loop_subscripts(SEXP loop, SEXP x, int size) {
  const Recording recorded(loop);
  const std::vector<double> found = recorded->at_all_steps(operand(recording(), x).id);
  if (found.empty()) return Rf_ScalarInteger(0);
  const int steps = recorded->steps();
  Rcpp::IntegerMatrix out(steps, static_cast<int>(found.size()) / steps);
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!(found[i] >= 1 && found[i] < size + 1.0)) return Rf_ScalarInteger(1);
    out[static_cast<R_xlen_t>(i)] = static_cast<int>(found[i]);
  }
  return out;
}

// A vector that the loop fills; its number.
// [[Rcpp::export(rng = false)]]
int loop_filled(SEXP loop, SEXP x) {
  TraceState& state = recording();
  const Expr now = state.expr(operand(state, x).id);
  return static_cast<int>(Recording(loop)->add_filled(now));
}

// Its elements at positions that change from step to step.
// [[Rcpp::export(rng = false)]]
SEXP loop_read(SEXP loop, int filled, Rcpp::IntegerVector positions, SEXP dim, SEXP names) {
  TraceState& state = recording();
  const Recording recorded(loop);
  const auto length = positions.size() / recorded->steps();
  const NodeId id = recorded->read(static_cast<std::size_t>(filled), positions_of(positions),
                                   outline_shape(dim, length));
  return traced(state, state.expr(id), static_cast<int>(length), dim, names, Kind::number);
}

// [[Rcpp::export(rng = false)]]
void loop_write(SEXP loop, int filled, Rcpp::IntegerVector positions, SEXP value) {
  Recording(loop)->write(static_cast<std::size_t>(filled), positions_of(positions),
                         operand(recording(), value).id);
}

// After the step: why the loop is no scan, or list(states, filled, others), what the variables
// (`after` the step), the filled vectors (like `filled`) and the others are after the last step.
// [[Rcpp::export(rng = false)]]
SEXP loop_finish(SEXP loop, Rcpp::List after, Rcpp::List filled, Rcpp::List others) {
  TraceState& state = recording();
  Recording recorded(loop);
  const auto ids = [&](const Rcpp::List& values) {
    std::vector<NodeId> out;
    for (SEXP value : values) out.push_back(operand(state, value).id);
    return out;
  };
  const std::string reason = recorded->finish(ids(after), ids(others));
  if (!reason.empty()) return Rcpp::wrap(reason);
  const auto values = [&](const std::vector<Expr>& found, const Rcpp::List& like) {
    Rcpp::List out(like.size());
    for (R_xlen_t i = 0; i < like.size(); ++i)
      out[i] = traced_like(state, found[static_cast<std::size_t>(i)].id(), like[i]);
    return out;
  };
  Rcpp::List out = Rcpp::List::create(Rcpp::_["states"] = values(recorded->states, after),
                                      Rcpp::_["filled"] = values(recorded->filled, filled),
                                      Rcpp::_["others"] = values(recorded->others, others));
  // Not when R comes to collect it: it holds the positions of all steps.
  recorded.release();
  return out;
}

// The step's comparisons are none of the recording's.
// [[Rcpp::export(rng = false)]]
void loop_abandon(SEXP loop) { Recording(loop)->take_guards(); }

// stats::filter(x, filter, "recursive", init =), all of them vectors.
// [[Rcpp::export(rng = false)]]
SEXP traced_recursive_filter(SEXP x, SEXP filter, SEXP init) {
  TraceState& state = recording();
  const auto column = [&](SEXP value) {
    const Operand of = operand(state, value);
    return state.expr(as_shape(state, of.id, {of.length, 1}));
  };
  const Expr found = recursive_filter(column(x), column(filter), column(init));
  return traced(state, found, outline(x).length, R_NilValue, R_NilValue, Kind::number);
}
