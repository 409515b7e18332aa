// Why a value is not finite: the first operation whose arguments are finite and whose result is
// not, among those that reach the result. And what a value is computed from.
#pragma once

#include <string>
#include <vector>

#include "exec/evaluator.h"
#include "graph/graph.h"

namespace admle {

struct Explanation {
  bool found = false;             // whether there is a culprit
  NodeId node = -1;               // the culprit
  std::string operation;          // its name in the table
  double value = 0;               // its value there
  std::int64_t element = 0;       // 0-based position in the culprit, column-major
  std::int64_t row = -1;          // observation of the result, -1 for a scalar
  std::vector<double> arguments;  // at that element
  std::int32_t origin = -1;       // the user's call
};

Explanation explain_nonfinite(const Graph& graph, NodeEvaluator& evaluator, NodeId result);

// By element of `input`: whether any of the nodes `wanted` is computed from it.
std::vector<char> elements_read(const Graph& graph, const std::vector<NodeId>& wanted,
                                NodeId input);

}  // namespace admle
