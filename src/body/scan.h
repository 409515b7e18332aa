// A loop as one node: a graph of one step, run over the rows of its inputs with a state that is
// carried from step to step. Its derivatives are scans again.
//
// The value is one column: the states after each step (steps x state, column by column), then the
// outputs of each step (steps x outputs), then the sums.
#pragma once

#include <memory>
#include <vector>

#include "graph/expr.h"
#include "ops/nested.h"

namespace admle {

// Inputs of the graph are columns, but for those that are shared.
struct ScanStep {
  std::shared_ptr<Graph> graph;  // of one step alone
  NodeId state = -1;             // input: the state before the step
  std::vector<NodeId> shared;    // inputs: the same in every step
  std::vector<NodeId> rows;      // inputs: what belongs to the step
  NodeId next = -1;              // column: the state after it
  NodeId output = -1;            // column that is kept for every step; -1: none
  NodeId added = -1;             // column that is added up over the steps; -1: none
  std::vector<char> counts;      // by row input: whether it only numbers the steps
  std::int32_t steps = 0;        // rows
  bool reversed = false;         // from the last row to the first
};

// Where things are in the value.
struct ScanLayout {
  std::int32_t steps, state, output, added;
  std::int32_t outputs_at() const { return steps * state; }
  std::int32_t sums_at() const { return steps * (state + output); }
  std::int32_t size() const { return sums_at() + added; }
  // In the row of the last step, which is the first one of a reversed loop.
  Index last_state(bool reversed) const;
};

// Inputs of the node: the first state, those that are shared, a matrix for each of `rows` with a
// row for each step. The state has at least one number.
Expr scan(Graph& to, const ScanStep& step, Expr first, const std::vector<Expr>& shared,
          const std::vector<Expr>& rows);

// y[t] = x[t] + sum(filter y[t - 1, t - 2, ...]), `before` being y[0, -1, ...]; all are columns.
Expr recursive_filter(Expr x, Expr filter, Expr before);

// Null for other nested operations. Input i of the node is 0: the state, then shared, then rows.
const ScanStep* scan_of(const Graph& graph, NodeId id);
ScanLayout layout_of(const Graph& graph, NodeId id);
// By number of the output: whether the state before the step takes part in it.
std::vector<char> outputs_by_state(const ScanStep& step);

}  // namespace admle
