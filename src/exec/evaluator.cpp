// Node by node, whole vectors; inputs before outputs without recursion on the C++ stack.
#include "exec/evaluator.h"

#include "ops/elementwise.h"
#include "ops/structural-info.h"

namespace admle {

void NodeEvaluator::set_inputs(std::vector<std::vector<double>> inputs) {
  inputs_ = std::move(inputs);
  known_.clear();
  values_.clear();
  scalars_.clear();
}

const double* NodeEvaluator::value(NodeId id) {
  const auto n = static_cast<std::size_t>(graph_->size());
  if (known_.size() < n) {
    // Doubling: a recording asks for a value now and then while the graph grows.
    const std::size_t room = n < known_.capacity() ? n : n + n / 2 + 16;
    known_.reserve(room);
    scalars_.reserve(room);
    known_.resize(n, 0);
    scalars_.resize(n, 0.0);
    values_.resize(n);
  }
  std::vector<NodeId> todo{id};
  while (!todo.empty()) {
    const NodeId now = todo.back();
    if (known_[static_cast<std::size_t>(now)]) {
      todo.pop_back();
      continue;
    }
    bool ready = true;
    for (std::uint32_t i = 0; i < graph_->node(now).n_inputs; ++i) {
      const NodeId in = graph_->input_of(now, i);
      if (known_[static_cast<std::size_t>(in)]) continue;
      ready = false;
      todo.push_back(in);
    }
    if (!ready) continue;
    todo.pop_back();
    compute(now);
    known_[static_cast<std::size_t>(now)] = 1;
  }
  const auto at = static_cast<std::size_t>(id);
  return graph_->shape(id).scalar() ? &scalars_[at] : values_[at].data();
}

void NodeEvaluator::compute(NodeId id) {
  const Node& node = graph_->node(id);
  const auto at = static_cast<std::size_t>(id);
  if (node.op == Op::scalar) {
    scalars_[at] = graph_->scalar_value(id);
    return;
  }
  double* data = &scalars_[at];
  if (!node.shape.scalar()) {
    values_[at].assign(static_cast<std::size_t>(node.shape.size()), 0.0);
    data = values_[at].data();
  }
  if (node.op == Op::input) {
    const std::vector<double>& from = inputs_.at(static_cast<std::size_t>(node.attribute));
    std::copy(from.begin(), from.end(), data);
    return;
  }
  if (node.op == Op::constant) {
    const ConstBlock block = graph_->attribute(id).source->rows(0, node.shape.rows);
    for (std::int32_t j = 0; j < node.shape.cols; ++j)
      std::copy(block.data + j * block.ld, block.data + j * block.ld + node.shape.rows,
                data + static_cast<std::int64_t>(j) * node.shape.rows);
    return;
  }
  std::vector<Argument> arguments(node.n_inputs);
  for (std::uint32_t i = 0; i < node.n_inputs; ++i) {
    const NodeId in = graph_->input_of(id, i);
    const auto from = static_cast<std::size_t>(in);
    const Shape s = graph_->shape(in);
    arguments[i] = {s.scalar() ? &scalars_[from] : values_[from].data(), s.rows, s.rows, s.cols};
  }
  const Result out{data, node.shape.rows, node.shape.rows, node.shape.cols};
  if (node.shape.scalar()) *data = 0;
  if (is_elementwise(node.op)) elementwise(node.op).kernel(arguments.data(), out);
  else structural_info(node.op).run({graph_, id, 0}, arguments.data(), out);
}

}  // namespace admle
