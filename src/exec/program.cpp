// Lays a plan out in memory and runs it. See plan.h for what phases and loops are.
#include "exec/program.h"

#include <algorithm>
#include <limits>
#include <map>

namespace admle {

Program::Program(std::shared_ptr<const Graph> graph, std::vector<NodeId> outputs)
    : graph_(std::move(graph)), outputs_(std::move(outputs)) {
  const Plan plan = make_plan(*graph_, outputs_);
  lay_out(plan);
  fold(plan);
  compile(plan);
}

const double* Program::output(std::size_t i) const { return whole_argument(outputs_[i]).data; }

std::int64_t Program::output_size(std::size_t i) const { return graph_->shape(outputs_[i]).size(); }

std::int64_t Program::memory() const {
  auto bytes = static_cast<std::int64_t>(storage_.size() * sizeof(double) +
                                         offset_.size() * sizeof(std::int64_t));
  for (const RowLoop& loop : loops_) bytes += loop.memory();
  for (const ScalarProgram& scalars : scalars_) bytes += scalars.memory();
  return bytes;
}

// A scalar that is a position in the storage of another node: an element of a stored vector, or
// another name for a scalar.
bool Program::names_an_element(NodeId id) const {
  const Node& node = graph_->node(id);
  if (!node.shape.scalar() || (node.op != Op::element && node.op != Op::alias)) return false;
  return graph_->node(graph_->input_of(id, 0)).op != Op::constant;
}

// Scalars first, so that scalar programs address them with 32 bits; those that are computed without
// constants in between, so that what a loop made of them lies at regular distances.
void Program::lay_out(const Plan& plan) {
  offset_.assign(plan.nodes.size(), -1);
  std::int64_t size = 0;
  const auto stored = [&](NodeId id) {
    const NodePlan& p = plan.nodes[static_cast<std::size_t>(id)];
    return graph_->node(id).op != Op::constant && (p.place != Place::kRow || p.materialised);
  };
  const auto rank = [&](NodeId id) {
    if (!graph_->shape(id).scalar()) return 2;
    return plan.nodes[static_cast<std::size_t>(id)].place == Place::kPhase ? 1 : 0;
  };
  for (const int now : {0, 1, 2}) {
    for (NodeId id : plan.order) {
      if (!stored(id) || rank(id) != now || names_an_element(id)) continue;
      offset_[static_cast<std::size_t>(id)] = size;
      size += graph_->shape(id).size();
    }
  }
  for (NodeId id : plan.order) {
    if (!names_an_element(id)) continue;
    const Node& node = graph_->node(id);
    const std::int64_t shift = node.op == Op::element ? node.attribute : 0;
    offset_[static_cast<std::size_t>(id)] =
        offset_[static_cast<std::size_t>(graph_->input_of(id, 0))] + shift;
  }
  storage_.assign(static_cast<std::size_t>(size), 0.0);
  for (NodeId id : plan.order) {
    if (graph_->is_scalar(id)) *whole_result(id).data = graph_->scalar_value(id);
    if (graph_->node(id).op == Op::input) leaves_.push_back(id);
  }
}

Argument Program::whole_argument(NodeId id) const {
  const Shape s = graph_->shape(id);
  if (graph_->node(id).op == Op::constant) {
    const ConstBlock block = graph_->attribute(id).source->rows(0, s.rows);
    return {block.data, block.ld, s.rows, s.cols};
  }
  return {storage_.data() + offset_[static_cast<std::size_t>(id)], s.rows, s.rows, s.cols};
}

Result Program::whole_result(NodeId id) {
  const Shape s = graph_->shape(id);
  return {storage_.data() + offset_[static_cast<std::size_t>(id)], s.rows, s.rows, s.cols};
}

void Program::run_whole(const WholeStep& step) {
  if (!step.pack.empty()) {
    for (std::size_t i = 0; i < step.pack.size(); ++i) step.out.data[i] = storage_[step.pack[i]];
    return;
  }
  if (step.zero_first)
    std::fill_n(step.out.data, static_cast<std::int64_t>(step.out.rows) * step.out.cols, 0.0);
  if (step.kernel != nullptr) step.kernel(step.arguments.data(), step.out);
  else
    structural_info(graph_->node(step.id).op)
        .run({graph_.get(), step.id, 0}, step.arguments.data(), step.out);
}

void Program::fold(const Plan& plan) {
  for (NodeId id : plan.order) {
    if (plan.nodes[static_cast<std::size_t>(id)].place != Place::kFolded) continue;
    compile_phase(id);
    for (ScalarProgram& scalars : scalars_) {
      scalars.finish();
      scalars.run(storage_.data(), nullptr);
    }
    for (const WholeStep& step : wholes_) run_whole(step);
    scalars_.clear();
    wholes_.clear();
    items_.clear();
  }
}

void Program::compile(const Plan& plan) {
  const auto times = static_cast<std::size_t>(plan.times);
  std::vector<std::vector<NodeId>> phases(times);
  std::vector<std::map<std::int32_t, std::vector<NodeId>>> loops(times);  // by number of rows
  for (NodeId id : plan.order) {
    const NodePlan& p = plan.nodes[static_cast<std::size_t>(id)];
    const auto t = static_cast<std::size_t>(p.time);
    if (p.place == Place::kPhase) phases[t].push_back(id);
    if (p.place == Place::kRow) loops[t][graph_->shape(id).rows].push_back(id);
    if (p.place == Place::kReduction)
      loops[t][graph_->shape(graph_->input_of(id, 0)).rows].push_back(id);
  }
  const WholeValues whole{[this](NodeId id) { return whole_argument(id); },
                          [this](NodeId id) { return whole_result(id); }};
  for (std::size_t t = 0; t < times; ++t) {
    for (NodeId id : phases[t]) compile_phase(id);
    for (const auto& [rows, members] : loops[t]) {
      items_.push_back({Item::kLoop, loops_.size()});
      loops_.emplace_back(*graph_, plan, rows, members, whole);
    }
  }
  for (ScalarProgram& scalars : scalars_) scalars.finish();
}

void Program::compile_phase(NodeId id) {
  const Node& node = graph_->node(id);
  const auto position = [&](NodeId in) {
    const std::int64_t offset = offset_[static_cast<std::size_t>(in)];
    if (offset > std::numeric_limits<ScalarProgram::Address>::max())
      throw GraphError("more than 2^32 numbers to be kept");
    return static_cast<ScalarProgram::Address>(offset);
  };
  if (names_an_element(id)) return;
  if (node.shape.scalar() && is_elementwise(node.op)) {
    ScalarProgram::Address in[4];
    for (std::uint32_t i = 0; i < node.n_inputs; ++i) in[i] = position(graph_->input_of(id, i));
    if (items_.empty() || items_.back().kind != Item::kScalars) {
      items_.push_back({Item::kScalars, scalars_.size()});
      scalars_.emplace_back();
    }
    scalars_.back().add(node.op, position(id), in);
    return;
  }
  WholeStep step{};
  step.id = id;
  step.kernel = is_elementwise(node.op) ? elementwise(node.op).kernel : nullptr;
  step.out = whole_result(id);
  step.zero_first = is_reduction(*graph_, id);
  bool scalars_only = node.op == Op::concat;
  for (std::uint32_t i = 0; i < node.n_inputs && scalars_only; ++i)
    scalars_only = graph_->shape(graph_->input_of(id, i)).scalar();
  for (std::uint32_t i = 0; i < node.n_inputs; ++i) {
    const NodeId in = graph_->input_of(id, i);
    if (scalars_only) step.pack.push_back(position(in));
    else step.arguments.push_back(whole_argument(in));
  }
  items_.push_back({Item::kWholeStep, wholes_.size()});
  wholes_.push_back(std::move(step));
}

void Program::run(const std::vector<const double*>& inputs, const Poll& poll, int threads) {
  for (NodeId id : leaves_) {
    const auto which = static_cast<std::size_t>(graph_->node(id).attribute);
    std::copy_n(inputs.at(which), graph_->shape(id).size(), whole_result(id).data);
  }
  for (const Item& item : items_) {
    if (item.kind == Item::kScalars) scalars_[item.index].run(storage_.data(), poll);
    else if (item.kind == Item::kWholeStep) run_whole(wholes_[item.index]);
    else loops_[item.index].run(threads, poll);
  }
  if (poll) poll();
}

}  // namespace admle
