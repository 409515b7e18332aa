// The state of a recording: its graph, the values at the recording point, what it keeps of R's.
//
// Nothing is computed while recording, but for values that decide which way the user's code goes;
// those become guards.
#pragma once

#include <Rcpp.h>

#include <memory>
#include <unordered_map>
#include <vector>

#include "exec/evaluator.h"
#include "graph/expr.h"
#include "graph/graph.h"
#include "trace/assembly.h"

namespace admle {

struct TraceState {
  explicit TraceState(std::shared_ptr<Graph> recorded = std::make_shared<Graph>())
      : graph(std::move(recorded)), evaluator(*graph) {}
  ~TraceState();  // no longer active, should R have lost it
  TraceState(const TraceState&) = delete;
  TraceState& operator=(const TraceState&) = delete;

  std::shared_ptr<Graph> graph;                     // what is recorded
  NodeEvaluator evaluator;                          // values of nodes at the recording point
  Assembly assembly;                                // vectors that loops fill
  std::vector<std::vector<double>> inputs;          // values at the recording point
  std::unordered_map<SEXP, NodeId> constants;       // R vectors already in the graph
  std::vector<std::shared_ptr<const void>> owners;  // what keeps the keys of `constants` alive
  // Nodes whose values are polished, with those that R's own routines find at the recording point.
  std::vector<std::pair<NodeId, std::vector<double>>> stand_ins;
  int serial = 0;       // tells traced values of this trace from those of others
  bool locate = false;  // whether nodes carry the call of the user's that made them

  // The inputs behind the first one, which hold data.
  std::vector<NodeId> leaves() const {
    const std::vector<NodeId>& all = graph->input_nodes();
    return {all.begin() + (all.empty() ? 0 : 1), all.end()};
  }
  Expr expr(NodeId id) const { return Expr(graph.get(), id); }
};

// Begins a recording, on top of those that are active; the caller owns the state.
std::unique_ptr<TraceState> begin_trace(bool locate);
void end_trace(const TraceState& state);

bool has_active_trace();
// The trace that is recording; an R error where there is none.
TraceState& active_trace();
// The active trace, after noting in locate mode which call of the user's is being recorded.
TraceState& recording();

// Node of a plain numeric, logical or integer vector, viewed in R's memory where it is double.
NodeId constant_node(TraceState& state, SEXP x);
// The number of R's vector `x` at `i`, NA as NaN.
double number_at(SEXP x, R_xlen_t i);
Shape shape_of(SEXP dim, int length);
NodeId as_shape(TraceState& state, NodeId id, Shape shape);
// Cells one after the other: runs of one node's elements are slices or gathers.
Expr join_cells(TraceState& state, const std::vector<Cell>& cells, Shape shape);
// The node's value, recorded as a condition of validity of the graph.
const double* guarded_value(TraceState& state, NodeId id);

// The node a - b, where `node` compares the numbers a and b; -1 for another node.
NodeId compared_difference(TraceState& state, NodeId node);

// The value of a node at other inputs, and whether the guards hold there.
struct Replay {
  std::vector<double> value;  // column-major
  bool valid = true;          // whether every guard has its recorded outcome
};
Replay replay(const TraceState& state, std::vector<std::vector<double>> inputs, NodeId id);

}  // namespace admle
