// Recording state shared by the entry points that make traced values (glue_traced*.cpp).
//
// A traced value is an S4 object of class "traced" whose slots hold a node id, the length, the
// kind, the serial number of its trace and, for a vector under assembly, its version in
// `Assembly`. Dimensions and names are ordinary R objects. Nothing is computed while recording.
#pragma once

#include <Rcpp.h>

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "assembly.h"
#include "exec/evaluator.h"
#include "graph/expr.h"
#include "graph/graph.h"

namespace admle {

enum class Kind : int { number = 0, logical = 1, whole = 2 };

struct TraceState {
  TraceState() : graph(std::make_shared<Graph>()), evaluator(*graph) {}
  ~TraceState();  // no longer active, should R have lost it
  TraceState(const TraceState&) = delete;
  TraceState& operator=(const TraceState&) = delete;

  std::shared_ptr<Graph> graph;
  NodeEvaluator evaluator;
  Assembly assembly;
  std::vector<std::vector<double>> inputs;         // values at the recording point
  std::unordered_map<SEXP, NodeId> constants;      // R vectors already in the graph
  std::vector<std::shared_ptr<const void>> owners; // what keeps the keys of `constants` alive
  int serial = 0;
  bool locate = false;

  // The inputs behind the first one, which hold data.
  std::vector<NodeId> leaves() const {
    const std::vector<NodeId>& all = graph->input_nodes();
    return {all.begin() + (all.empty() ? 0 : 1), all.end()};
  }
  Expr expr(NodeId id) const { return Expr(graph.get(), id); }
};

// What an operation needs to know of an argument, traced or plain.
struct Operand {
  NodeId id = -1;
  int length = 0;
  Kind kind = Kind::number;
  SEXP dim = R_NilValue;
  SEXP names = R_NilValue;  // names, or dimnames where there is a dim
  bool is_array() const { return dim != R_NilValue; }
};

// The trace that is recording; an R error where there is none.
TraceState& active_trace();
bool has_active_trace();
// The active trace, after noting in locate mode which call of the user's is being recorded.
TraceState& recording();

bool is_traced(SEXP x);
Shape shape_of(SEXP dim, int length);
// The argument as a node of the right shape; a plain number becomes a constant.
Operand operand(TraceState& state, SEXP x);
// Length and attributes only, without making a node of a plain or assembled vector.
Operand outline(SEXP x);
// Node of a plain numeric, logical or integer vector, viewed in R's memory where it is double.
NodeId constant_node(TraceState& state, SEXP x);
// The number of R's vector `x` at `i`, NA as NaN.
double number_at(SEXP x, R_xlen_t i);
Expr join_cells(TraceState& state, const std::vector<Cell>& cells, Shape shape);
// Element `at` (from 0) of a traced vector; one under assembly is not made into a node.
Expr element_of(TraceState& state, SEXP x, std::int32_t at);
NodeId as_shape(TraceState& state, NodeId id, Shape shape);

// Numbers or logicals of length zero: never traced, since nothing in them depends on anything.
SEXP empty_value(Kind kind, SEXP dim, SEXP names);
// A traced value for a node; a logical of length one becomes a plain one, with a guard.
SEXP traced(TraceState& state, Expr value, int length, SEXP dim, SEXP names, Kind kind);
SEXP traced_version(TraceState& state, std::int32_t version, SEXP dim, SEXP names, Kind kind);
// The node's value, recorded as a condition of validity of the graph.
const double* guarded_value(TraceState& state, NodeId id);

std::int32_t version_of(SEXP x);  // -1: not under assembly
NodeId id_of(TraceState& state, SEXP x);

}  // namespace admle
