// Entry points for recordings that are used again for other data.
#include <Rcpp.h>

#include "model/leaves.h"
#include "model/same-graph.h"
#include "trace/trace.h"

using namespace admle;

namespace {

SEXP handed_over(std::unique_ptr<TraceState> state) {
  return Rcpp::XPtr<TraceState>(state.release());
}

}  // namespace

// A recording with leaves for other values of its inputs, or NULL where a guard does not hold
// there: list(trace, input, output, leaves), with constants for the leaves; `leaves` is a trace of
// the same graph with these values. The first input is that of the parameters.
// [[Rcpp::export(rng = false)]]
SEXP rebind_trace(SEXP trace, int output, std::vector<std::vector<double>> values) {
  const Rcpp::XPtr<TraceState> state(trace);
  const Graph& from = *state->graph;
  const NodeId input = from.input_nodes().at(0);
  NodeEvaluator evaluator(from);
  evaluator.set_inputs(values);
  for (const Guard& guard : from.guards())
    if (!guard.holds(evaluator.value(guard.node))) return R_NilValue;
  Baked baked = bake_leaves(from, input, {output}, values);
  auto plain = std::make_unique<TraceState>(baked.graph);
  auto leaves = std::make_unique<TraceState>(state->graph);
  plain->inputs = {values.at(0)};
  plain->evaluator.set_inputs(plain->inputs);
  leaves->inputs = std::move(values);
  leaves->evaluator.set_inputs(leaves->inputs);
  return Rcpp::List::create(Rcpp::Named("trace") = handed_over(std::move(plain)),
                            Rcpp::Named("input") = baked.input,
                            Rcpp::Named("output") = baked.nodes[0],
                            Rcpp::Named("leaves") = handed_over(std::move(leaves)));
}

// See model/same-graph.h.
// [[Rcpp::export(rng = false)]]
bool same_recording(SEXP trace, int input, int output, SEXP other, int other_input,
                    int other_output) {
  const Rcpp::XPtr<TraceState> a(trace), b(other);
  return equal_functions(GraphFunction{*a->graph, input, output},
                         GraphFunction{*b->graph, other_input, other_output});
}

// [[Rcpp::export(rng = false)]]
bool is_exact_in_data_(SEXP trace, int input, int output) {
  const Rcpp::XPtr<TraceState> state(trace);
  return is_exact_in_data(GraphFunction{*state->graph, input, output});
}

// By input of the graph: whether the output or a guard depends on it.
// [[Rcpp::export(rng = false)]]
Rcpp::LogicalVector inputs_needed(SEXP trace, int output) {
  const Rcpp::XPtr<TraceState> state(trace);
  const Graph& g = *state->graph;
  std::vector<NodeId> wanted{output};
  for (const Guard& guard : g.guards()) wanted.push_back(guard.node);
  const std::vector<char> needed = needed_by(g, wanted);
  Rcpp::LogicalVector out;
  for (NodeId id : g.input_nodes()) out.push_back(needed[static_cast<std::size_t>(id)] != 0);
  return out;
}
