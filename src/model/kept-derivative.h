// A derivative of a recorded function at other arguments, for operators that remember: value and
// gradient, Jacobian, Hessian, or a product with a vector, and whether the recording holds there.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "exec/poll.h"
#include "exec/program.h"
#include "graph/graph.h"
#include "model/recording.h"

namespace admle {

// What evaluates it is made of the graph when it is used for the first time.
class KeptDerivative {
 public:
  // `kind`: "grad", "value_and_grad", "hessian", "jacobian", "vjp", "jvp" or "hvp".
  KeptDerivative(std::string kind, std::shared_ptr<Graph> graph, NodeId output, NodeId input);

  // The numbers of the result at `x`, with the vector `v` of products; false where a guard has
  // another outcome than recorded, or the function is not finite.
  bool run(const double* x, const double* v, const Poll& poll, std::vector<double>& out);

 private:
  bool by_recording() const;
  void make();
  bool run_recording(const double* x, const Poll& poll, std::vector<double>& out);

  std::string kind_;                      // the operator
  std::shared_ptr<Graph> graph_;          // what was recorded, and the derivative
  NodeId output_, input_;                 // of the function
  NodeId vector_ = -1;                    // input that holds v, if any
  std::unique_ptr<Recording> recording_;  // of a function with one number as its value, once made
  std::unique_ptr<Program> program_;      // derivative and guards of any other, once made
};

}  // namespace admle
