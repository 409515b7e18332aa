// Entry points for traces and traced values.
#include <Rcpp.h>

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "trace/traced.h"

using namespace admle;

// [[Rcpp::export(rng = false)]]
SEXP trace_begin_(bool locate) {
  return Rcpp::XPtr<TraceState>(begin_trace(locate).release(), true);
}

// [[Rcpp::export(rng = false)]]
void trace_end_(SEXP trace) { end_trace(*Rcpp::XPtr<TraceState>(trace)); }

// [[Rcpp::export(rng = false)]]
bool trace_active_() { return has_active_trace(); }

// Counts nodes and guards: what the tests of linear growth and of guards look at.
// [[Rcpp::export(rng = false)]]
Rcpp::IntegerVector trace_counts_(SEXP trace) {
  Rcpp::XPtr<TraceState> state(trace);
  return Rcpp::IntegerVector::create(
      Rcpp::Named("nodes") = state->graph->size(),
      Rcpp::Named("guards") = static_cast<int>(state->graph->guards().size()));
}

// Of the active trace; 0 where there is none.
// [[Rcpp::export(rng = false)]]
int trace_guard_count_() {
  return has_active_trace() ? static_cast<int>(active_trace().graph->guards().size()) : 0;
}

// Kinds are those of traced_kind().
// [[Rcpp::export(rng = false)]]
SEXP trace_input_(SEXP value, int kind) {
  return traced_input(active_trace(), value, static_cast<Kind>(kind));
}

// [[Rcpp::export(name = "is_traced", rng = false)]]
bool is_traced_(SEXP x) { return is_traced(x); }

// Whether any element of the list is traced.
// [[Rcpp::export(name = "any_traced", rng = false)]]
bool any_traced_(SEXP x) {
  if (TYPEOF(x) != VECSXP) return is_traced(x);
  for (R_xlen_t i = 0; i < Rf_xlength(x); ++i) {
    if (is_traced(VECTOR_ELT(x, i))) return true;
  }
  return false;
}

// Whether a value is computed from more than the leaves of the trace, which hold data.
// [[Rcpp::export(name = "depends_on_parameters", rng = false)]]
bool depends_on_parameters_(SEXP x) {
  if (!is_traced(x)) return false;
  TraceState& state = active_trace();
  const std::vector<NodeId> leaves = state.leaves();
  if (leaves.empty()) return true;
  std::vector<NodeId> todo{operand(state, x).id};
  std::unordered_set<NodeId> seen(todo.begin(), todo.end());
  while (!todo.empty()) {
    const NodeId id = todo.back();
    todo.pop_back();
    const Node& node = state.graph->node(id);
    const bool leaf = std::find(leaves.begin(), leaves.end(), id) != leaves.end();
    if (node.n_inputs == 0 && !leaf && !state.graph->is_fixed(id)) return true;
    for (std::uint32_t i = 0; i < node.n_inputs; ++i)
      if (seen.insert(state.graph->input_of(id, i)).second)
        todo.push_back(state.graph->input_of(id, i));
  }
  return false;
}

// [[Rcpp::export(rng = false)]]
int traced_id(SEXP x) { return operand(recording(), x).id; }

// [[Rcpp::export(rng = false)]]
SEXP traced_from_id_(int id, SEXP dim, SEXP names) {
  TraceState& state = active_trace();
  const int length = static_cast<int>(state.graph->shape(id).size());
  return traced(state, state.expr(id), length, dim, names, Kind::number);
}

// The value at the recording point; `guard` makes it a condition of validity of the graph.
// [[Rcpp::export(rng = false)]]
SEXP traced_value_(SEXP x, bool guard) { return plain_value(recording(), x, guard); }

// The first position where y is finite and x is not y, relative to the larger of |y| and 1, or 0.
// [[Rcpp::export(rng = false)]]
double first_disagreement(Rcpp::NumericVector x, Rcpp::NumericVector y, double tolerance) {
  for (R_xlen_t i = 0; i < y.size(); ++i) {
    if (!std::isfinite(y[i])) continue;
    const bool agrees = std::fabs(x[i] - y[i]) <= tolerance * std::max(std::fabs(y[i]), 1.0);
    if (!agrees) return static_cast<double>(i) + 1;
  }
  return 0;
}

// The same numbers with other dimensions, names and kind.
// [[Rcpp::export(rng = false)]]
SEXP traced_as(SEXP x, SEXP dim, SEXP names, int kind) {
  TraceState& state = recording();
  const Operand like = operand(state, x);
  if (like.length == 0) return empty_value(Kind::number, dim, names);
  return traced(state, state.expr(like.id), like.length, dim, names, static_cast<Kind>(kind));
}

// Length, kind (0 number, 1 logical, 2 whole), names or dimnames, dim.
// [[Rcpp::export(rng = false)]]
int traced_length(SEXP x) { return outline(x).length; }

// [[Rcpp::export(rng = false)]]
int traced_kind(SEXP x) { return static_cast<int>(outline(x).kind); }

// [[Rcpp::export(rng = false)]]
SEXP traced_dim(SEXP x) { return outline(x).dim; }

// [[Rcpp::export(rng = false)]]
SEXP traced_names(SEXP x) {
  const Operand like = outline(x);
  return like.dim == R_NilValue ? like.names : R_NilValue;
}

// [[Rcpp::export(rng = false)]]
SEXP traced_dimnames(SEXP x) {
  const Operand like = outline(x);
  return like.dim == R_NilValue ? R_NilValue : like.names;
}

// Whether the value does not depend on any input.
// [[Rcpp::export(rng = false)]]
bool traced_is_fixed(SEXP x) {
  TraceState& state = active_trace();
  const Operand value = operand(state, x);
  return value.length == 0 || state.graph->is_fixed(value.id);
}

// A number that identifies a function: the address of its object.
// [[Rcpp::export(rng = false)]]
std::string function_key(SEXP f) {
  char key[32];
  std::snprintf(key, sizeof key, "%p", static_cast<void*>(f));
  return key;
}

// Whether a closure was made by code under a mask: its environment leads to one.
// [[Rcpp::export(rng = false)]]
bool is_under_mask(SEXP f) {
  static SEXP mark = Rf_install(".admle_mask");
  if (TYPEOF(f) != CLOSXP) return false;
  for (SEXP e = CLOENV(f); e != R_GlobalEnv && e != R_EmptyEnv && e != R_BaseEnv; e = ENCLOS(e)) {
    if (Rf_findVarInFrame3(e, mark, FALSE) != R_UnboundValue) return true;
  }
  return false;
}

// The value of a node at other inputs, and whether the guards hold there: what the tests replay.
// [[Rcpp::export(rng = false)]]
Rcpp::List trace_replay_(SEXP trace, Rcpp::List inputs, int id) {
  std::vector<std::vector<double>> values;
  for (R_xlen_t i = 0; i < inputs.size(); ++i) {
    values.push_back(Rcpp::as<std::vector<double>>(inputs[i]));
  }
  const Replay found = replay(*Rcpp::XPtr<TraceState>(trace), std::move(values), id);
  return Rcpp::List::create(Rcpp::Named("value") = found.value, Rcpp::Named("valid") = found.valid);
}
