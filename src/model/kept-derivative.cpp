// Functions of one number are left to Recording, which knows how to arrange a Hessian.
#include "model/kept-derivative.h"

#include <cmath>
#include <utility>

#include "derive/derive.h"
#include "ops/structural.h"

namespace admle {
KeptDerivative::KeptDerivative(std::string kind, std::shared_ptr<Graph> graph, NodeId output,
                               NodeId input)
    : kind_(std::move(kind)), graph_(std::move(graph)), output_(output), input_(input) {}

bool KeptDerivative::by_recording() const {
  return kind_ == "grad" || kind_ == "value_and_grad" || kind_ == "hessian";
}

void KeptDerivative::make() {
  if (by_recording()) {
    recording_ = std::make_unique<Recording>(*graph_, input_, output_, -1);
    graph_.reset();
    return;
  }
  Graph& g = *graph_;
  const Shape x = g.shape(input_), y = g.shape(output_);
  Expr node;
  if (kind_ == "jacobian") {
    node = jacobian(g, output_, input_);
  } else {
    const Expr v(&g, vector_ = g.input(kind_ == "vjp" ? y : x));
    if (kind_ == "jvp") {
      node = in_full(g, jvp(g, {output_}, {input_}, {v}, 1)[0], y);
    } else {
      const Expr seed = kind_ == "vjp" ? v : Expr(&g, g.constant(1.0));
      node = vjp(g, output_, seed, {input_})[0];
      if (kind_ == "hvp" && !node.is_zero()) node = jvp(g, {node.id()}, {input_}, {v}, 1)[0];
      node = in_full(g, node, x);
    }
  }
  std::vector<NodeId> outputs{node.id()};
  for (const Guard& guard : g.guards()) outputs.push_back(guard.node);
  program_ = std::make_unique<Program>(graph_, std::move(outputs));
}

bool KeptDerivative::run_recording(const double* x, const Poll& poll, std::vector<double>& out) {
  const auto k = static_cast<std::size_t>(recording_->dimension());
  if (kind_ == "hessian") {
    Symmetric found;
    if (!recording_->hessian(x, &found, poll)) return false;
    const Eigen::MatrixXd all = found.to_dense();
    out.assign(all.data(), all.data() + k * k);
    return true;
  }
  out.resize(k + 1);
  if (!recording_->value_and_gradient(x, out.data(), out.data() + 1, poll)) return false;
  if (!std::isfinite(out[0])) return false;
  if (kind_ == "grad") out.erase(out.begin());
  return true;
}

bool KeptDerivative::run(const double* x, const double* v, const Poll& poll,
                         std::vector<double>& out) {
  if (!recording_ && !program_) make();
  if (recording_) return run_recording(x, poll, out);
  std::vector<const double*> inputs{x};
  if (vector_ >= 0) inputs.push_back(v);
  program_->run(inputs, poll);
  const std::vector<Guard>& guards = graph_->guards();
  for (std::size_t i = 0; i < guards.size(); ++i)
    if (!guards[i].holds(program_->output(i + 1))) return false;
  out.assign(program_->output(0), program_->output(0) + program_->output_size(0));
  return true;
}

}  // namespace admle
