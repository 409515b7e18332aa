// Entry points for the derivative operators: append a derivative to a trace's graph, evaluate.
#include "derive/derive.h"
#include "exec/program.h"
#include "model/recording.h"
#include "ops/structural.h"
#include "trace/symmetric.h"
#include "trace/traced.h"

using namespace admle;

namespace {

// The trace given, or the one that is recording.
TraceState& state_of(SEXP trace) {
  if (Rf_isNull(trace)) return active_trace();
  return *Rcpp::XPtr<TraceState>(trace);
}

Expr number(Graph& g, double value) { return Expr(&g, g.constant(value)); }

// A derivative that may be zero or smaller than its shape, in full.
int whole(Graph& g, Expr e, Shape shape) {
  return expand(e.is_zero() ? number(g, 0) : e, shape).id();
}

Expr vector_node(TraceState& state, SEXP vector, Shape shape) {
  return reshape(state.expr(operand(state, vector).id), shape);
}

}  // namespace

// A copy of a traced or plain vector under a new name: what a derivative is taken with respect to.
// `unknown`: an argument that has this value now and will have others.
// [[Rcpp::export(rng = false)]]
SEXP trace_alias(SEXP x, bool unknown = false) {
  TraceState& state = recording();
  const Operand like = operand(state, x);
  const NodeId id = unknown ? state.graph->unknown(like.id) : state.graph->alias(like.id);
  return traced(state, state.expr(id), like.length, like.dim, like.names, Kind::number);
}

// [[Rcpp::export(rng = false)]]
int derive_node(SEXP trace, std::string kind, int output, int input, SEXP vector) {
  TraceState& state = state_of(trace);
  Graph& g = *state.graph;
  const Shape x = g.shape(input), y = g.shape(output);
  if (kind == "gradient") return whole(g, vjp(g, output, number(g, 1), {input})[0], x);
  if (kind == "jacobian") return jacobian(g, output, input).id();
  if (kind == "hessian") return hessian(g, output, input).id();
  const Expr v = vector_node(state, vector, kind == "vjp" ? y : x);
  if (kind == "vjp") return whole(g, vjp(g, output, v, {input})[0], x);
  if (kind == "jvp") return whole(g, jvp(g, {output}, {input}, {v}, 1)[0], y);
  if (kind != "hvp") Rcpp::stop("unknown derivative");
  const Expr gradient = vjp(g, output, number(g, 1), {input})[0];
  if (gradient.is_zero()) return whole(g, gradient, x);
  return whole(g, jvp(g, {gradient.id()}, {input}, {v}, 1)[0], x);
}

// The value of a node at the recording point.
// [[Rcpp::export(rng = false)]]
Rcpp::NumericVector node_value(SEXP trace, int node) {
  TraceState& state = state_of(trace);
  Program program(state.graph, {node});
  std::vector<const double*> inputs;
  for (const std::vector<double>& input : state.inputs) inputs.push_back(input.data());
  program.run(inputs, [] { Rcpp::checkUserInterrupt(); });
  const double* out = program.output(0);
  return Rcpp::NumericVector(out, out + program.output_size(0));
}

// The Hessian of a number at the recording point, by blocks where the structure of a sum gives
// them. A guard at a tie may have another outcome there; the blocks are then not used.
// [[Rcpp::export(rng = false)]]
SEXP hessian_value(SEXP trace, int output, int input) {
  TraceState& state = state_of(trace);
  Recording recording(*state.graph, input, output, -1);
  Symmetric out;
  const double* theta = state.inputs.front().data();
  if (recording.hessian(theta, &out, [] { Rcpp::checkUserInterrupt(); }))
    return admle::symmetric_to_r(out);
  return node_value(trace, hessian(*state.graph, output, input).id());
}
