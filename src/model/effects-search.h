// Where a recorded function h(u, p) of effects and parameters is largest in the effects, and its
// curvature there. The search is a damped Newton iteration on the sparse Hessian, from the mode
// that was found last; where that does not do, the trust region of src/solve.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "body/body.h"
#include "derive/hessian-blocks.h"
#include "derive/substitute.h"
#include "exec/program.h"
#include "ops/sparse-system.h"

namespace admle {

// h and its derivatives by u, in a graph whose inputs are the pieces of u and then the parameters.
struct EffectsFunction {
  // `data`: which of the body's parameters are made of data.
  EffectsFunction(const Body& body, const std::vector<char>& data);

  std::int32_t size() const { return segments.begin.back(); }
  struct Rows {
    NodeId node;
    std::vector<std::int32_t> part;  // of the effects, that each row belongs to; -1: none
  };

  std::shared_ptr<Graph> graph;
  Segments segments;  // of u
  std::vector<NodeId> pieces, parameters;
  NodeId value, total, gradient, curvature;  // curvature: elements of A
  std::vector<Guard> guards;
  SparseSystemPtr system;  // of A
  bool quadratic;          // A does not depend on u
  std::vector<Rows> rows;  // their sum is the total, but for `rest`
  NodeId rest = -1;        // -1: nothing is left
  std::int64_t data_rows = 0;
  bool separable = true;  // each row belongs to one part or none, and nothing is left

 private:
  // `data`: by node, whether it is made of data.
  void find_rows(const HessianStructure& structure, const std::vector<char>& data);
};

// By node, whether vectors of numbers or one of the nodes `data` are behind it.
std::vector<char> made_of_data(const Graph& graph, const std::vector<NodeId>& data);

class EffectsSearch {
 public:
  EffectsSearch(std::shared_ptr<const EffectsFunction> function, std::vector<double> start);

  const EffectsFunction& function() const { return *function_; }
  // The mode for these parameters, or NaN where none is found.
  void run(const std::vector<const double*>& parameters, double* out);
  // With u = mode + M^-T z, A = M M': h(u) - h(mode) + (u - mode)' A (u - mode) / 2 of each part,
  // or of all where h is not separable.
  Eigen::VectorXd log_weights(const Eigen::VectorXd& z);
  int parts() const { return function_->separable ? function_->system->parts() : 1; }
  // Of one step, in multiplications.
  double work() const { return work_; }
  // Why the last search found none; empty where it did.
  const std::string& failure() const { return failure_; }
  // An effect that takes part in a direction without curvature there; -1: none is known.
  int loose() const { return loose_; }

 private:
  class AtParameters;
  bool newton(std::vector<double>& u);
  bool trust_region(std::vector<double>& u);
  int without_curvature(const Symmetric& curvature) const;
  void evaluate(const double* u);
  std::vector<const double*> inputs_at(const double* u) const;
  bool same_parameters(const std::vector<const double*>& parameters);
  Eigen::VectorXd sums(const double* u);

  std::shared_ptr<const EffectsFunction> function_;
  double work_;                                  // of one step
  Program program_;                              // of h, its gradient and A
  std::vector<std::vector<double>> parameters_;  // of the last search
  std::vector<double> start_, last_, found_;     // given; latest mode; by the last search
  std::string failure_;
  int loose_ = -1;
  std::unique_ptr<Program> rows_program_;  // of the rows, once needed
};

}  // namespace admle
