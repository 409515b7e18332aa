// Node by node, whole vectors, inputs before outputs without recursion on the C++ stack; what needs
// long vectors by a program, chunk by chunk, so that they are not kept for each node.
#include "exec/evaluator.h"

#include "exec/program.h"
#include "graph/op.h"
#include "ops/structural-info.h"

namespace admle {
namespace {

// A vector is long from this many rows on.
constexpr std::int32_t kManyRows = 1 << 16;
// A loop may ask for the value of each step: from then on vectors are kept.
constexpr int kMostPrograms = 16;

}  // namespace

void NodeEvaluator::set_inputs(std::vector<std::vector<double>> inputs) {
  inputs_ = std::move(inputs);
  known_.clear();
  values_.clear();
  scalars_.clear();
}

void NodeEvaluator::make_room() {
  const auto n = static_cast<std::size_t>(graph_->size());
  if (known_.size() >= n) return;
  // Doubling: a recording asks for a value now and then while the graph grows.
  const std::size_t room = n < known_.capacity() ? n : n + n / 2 + 16;
  known_.reserve(room);
  scalars_.reserve(room);
  known_.resize(n, 0);
  scalars_.resize(n, 0.0);
  values_.resize(n);
}

void NodeEvaluator::set_value(NodeId id, const std::vector<double>& numbers) {
  make_room();
  const auto at = static_cast<std::size_t>(id);
  if (graph_->shape(id).scalar()) scalars_[at] = numbers.at(0);
  else values_[at] = numbers;
  known_[at] = 1;
  programs_ = kMostPrograms;  // which would compute it
}

const double* NodeEvaluator::value(NodeId id) {
  make_room();
  std::vector<NodeId> todo{id};
  while (!todo.empty()) {
    const NodeId now = todo.back();
    if (known_[static_cast<std::size_t>(now)]) {
      todo.pop_back();
      continue;
    }
    if (graph_->shape(now).rows >= kManyRows && programs_ < kMostPrograms) {
      run_program(id);
      break;
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
  return data(id);
}

// Of a known value. Data that are contiguous are not copied.
const double* NodeEvaluator::data(NodeId id) const {
  const auto at = static_cast<std::size_t>(id);
  if (graph_->shape(id).scalar()) return &scalars_[at];
  if (graph_->node(id).op == Op::constant && values_[at].empty())
    return graph_->attribute(id).source->rows(0, graph_->shape(id).rows).data;
  return values_[at].data();
}

void NodeEvaluator::run_program(NodeId id) {
  ++programs_;
  Program program(std::shared_ptr<const Graph>(std::shared_ptr<void>(), graph_), {id});
  std::vector<const double*> inputs;
  for (const std::vector<double>& input : inputs_) inputs.push_back(input.data());
  program.run(inputs, nullptr);
  const auto at = static_cast<std::size_t>(id);
  const double* from = program.output(0);
  if (graph_->shape(id).scalar()) scalars_[at] = *from;
  else values_[at].assign(from, from + program.output_size(0));
  known_[at] = 1;
}

void NodeEvaluator::compute(NodeId id) {
  const Node& node = graph_->node(id);
  const auto at = static_cast<std::size_t>(id);
  if (node.op == Op::scalar) {
    scalars_[at] = graph_->scalar_value(id);
    return;
  }
  if (node.op == Op::constant && !node.shape.scalar()) {
    if (graph_->attribute(id).source->rows(0, node.shape.rows).ld == node.shape.rows) return;
  }
  double* to = &scalars_[at];
  if (!node.shape.scalar()) {
    values_[at].assign(static_cast<std::size_t>(node.shape.size()), 0.0);
    to = values_[at].data();
  }
  if (node.op == Op::input) {
    const std::vector<double>& from = inputs_.at(static_cast<std::size_t>(node.attribute));
    std::copy(from.begin(), from.end(), to);
    return;
  }
  if (node.op == Op::constant) {
    const ConstBlock block = graph_->attribute(id).source->rows(0, node.shape.rows);
    for (std::int32_t j = 0; j < node.shape.cols; ++j)
      std::copy(block.data + j * block.ld, block.data + j * block.ld + node.shape.rows,
                to + static_cast<std::int64_t>(j) * node.shape.rows);
    return;
  }
  std::vector<Argument> arguments(node.n_inputs);
  for (std::uint32_t i = 0; i < node.n_inputs; ++i) {
    const NodeId in = graph_->input_of(id, i);
    const Shape s = graph_->shape(in);
    arguments[i] = {data(in), s.rows, s.rows, s.cols};
  }
  const Result out{to, node.shape.rows, node.shape.rows, node.shape.cols};
  if (node.shape.scalar()) *to = 0;
  if (is_elementwise(node.op)) elementwise(node.op).kernel(arguments.data(), out);
  else structural_info(node.op).run({graph_, id, 0}, arguments.data(), out);
}

}  // namespace admle
