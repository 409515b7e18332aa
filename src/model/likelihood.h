// From what the user's function returned to a log-likelihood: weights, subset, sign, total.
#pragma once

#include <vector>

#include "graph/expr.h"

namespace admle {

struct LikelihoodNodes {
  NodeId total;          // the log-likelihood
  NodeId contributions;  // -1 when the function returned a total
};

struct LikelihoodOptions {
  bool contributions = false;   // the function returned one value per observation
  bool negative = false;        // it returned minus the log-likelihood
  std::vector<double> weights;  // empty: none
  Index subset;                 // 0-based positions, used when `use_subset`
  bool use_subset = false;      // whether some contributions are left out
};

LikelihoodNodes make_likelihood(Graph& graph, NodeId returned, const LikelihoodOptions& options);

}  // namespace admle
