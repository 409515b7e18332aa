// Lays a plan out in memory and runs it. See plan.h for what phases and loops are.
#include "exec/program.h"

#include <algorithm>
#include <limits>
#include <set>

namespace admle {
namespace {

// A chunk's buffers and the data it reads should stay in a core's second-level cache.
constexpr std::int64_t kCacheBytes = 1 << 19;
constexpr std::int32_t kMinChunk = 64, kMaxChunk = 2048;

// Hands out groups of buffer columns and takes them back.
class ColumnPool {
 public:
  std::int64_t take(std::int32_t cols) {
    const auto fits = free_.lower_bound({cols, -1});
    if (fits != free_.end() && fits->first <= 2 * cols) {
      const std::int64_t at = fits->second;
      capacity_[at] = fits->first;
      free_.erase(fits);
      return at;
    }
    const std::int64_t at = total_;
    total_ += cols;
    capacity_[at] = cols;
    return at;
  }
  void give_back(std::int64_t at) { free_.insert({capacity_[at], at}); }
  std::int64_t total() const { return total_; }

 private:
  std::set<std::pair<std::int64_t, std::int64_t>> free_;
  std::map<std::int64_t, std::int64_t> capacity_;
  std::int64_t total_ = 0;
};

}  // namespace

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
  std::int64_t bytes = static_cast<std::int64_t>(
      (storage_.size() + buffer_.size()) * sizeof(double) + offset_.size() * sizeof(std::int64_t));
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
  else structural_info(graph_->node(step.id).op).run({graph_.get(), step.id, 0},
                                                     step.arguments.data(), step.out);
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
  for (std::size_t t = 0; t < times; ++t) {
    for (NodeId id : phases[t]) compile_phase(id);
    for (const auto& [rows, members] : loops[t]) compile_loop(plan, rows, members);
  }
  for (ScalarProgram& scalars : scalars_) scalars.finish();
  std::int64_t largest = 0;
  for (const RowLoop& loop : loops_) largest = std::max(largest, loop.buffer_columns * loop.chunk);
  buffer_.assign(static_cast<std::size_t>(largest), 0.0);
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

// `buffered` holds the buffer columns of the nodes computed so far in this loop.
Program::RowOperand Program::row_operand(NodeId id, std::uint32_t i, std::int32_t rows,
                                         const std::map<NodeId, std::int64_t>& buffered) const {
  const NodeId in = graph_->input_of(id, i);
  RowOperand operand{};
  const auto buffer = buffered.find(in);
  if (!reads_by_row(*graph_, id, i, rows)) {
    operand.kind = RowOperand::kWhole;
    operand.argument = whole_argument(in);
  } else if (buffer != buffered.end()) {
    operand.kind = RowOperand::kBuffer;
    operand.buffer = buffer->second;
    operand.argument = {nullptr, 0, 0, graph_->shape(in).cols};
  } else if (graph_->node(in).op == Op::constant) {
    operand.kind = RowOperand::kSource;
    operand.source = graph_->attribute(in).source.get();
    operand.argument = {nullptr, 0, 0, graph_->shape(in).cols};
  } else {
    operand.kind = RowOperand::kStored;
    operand.argument = whole_argument(in);
  }
  return operand;
}

void Program::compile_loop(const Plan& plan, std::int32_t rows,
                           const std::vector<NodeId>& members) {
  RowLoop loop{};
  loop.rows = rows;
  std::map<NodeId, std::size_t> last_use;  // last step at which a buffer is read
  for (std::size_t s = 0; s < members.size(); ++s)
    for (std::uint32_t i = 0; i < graph_->node(members[s]).n_inputs; ++i)
      last_use[graph_->input_of(members[s], i)] = s;
  ColumnPool pool;
  std::map<NodeId, std::int64_t> buffered;
  std::set<NodeId> data;
  std::int64_t data_columns = 0;
  for (std::size_t s = 0; s < members.size(); ++s) {
    const NodeId id = members[s];
    const Node& node = graph_->node(id);
    const NodePlan& p = plan.nodes[static_cast<std::size_t>(id)];
    RowStep step{};
    step.id = id;
    step.kernel = is_elementwise(node.op) ? elementwise(node.op).kernel : nullptr;
    step.cols = node.shape.cols;
    std::set<NodeId> seen, dying_later;
    for (std::uint32_t i = 0; i < node.n_inputs; ++i) {
      const NodeId in = graph_->input_of(id, i);
      const RowOperand operand = row_operand(id, i, rows, buffered);
      step.operands.push_back(operand);
      if (operand.kind == RowOperand::kSource && data.insert(in).second)
        data_columns += graph_->shape(in).cols;
      if (operand.kind != RowOperand::kBuffer || last_use[in] != s || !seen.insert(in).second)
        continue;
      // An elementwise step may write where an argument of the same width dies.
      if (step.kernel != nullptr && graph_->shape(in).cols == node.shape.cols)
        pool.give_back(operand.buffer);
      else dying_later.insert(in);
    }
    if (p.place == Place::kReduction) {
      step.buffer = -1;
      step.reduction = whole_result(id);
      loop.accumulators.push_back(step.reduction);
    } else {
      step.buffer = pool.take(node.shape.cols);
      buffered[id] = step.buffer;
      if (p.materialised) step.stored = whole_result(id).data;
      if (last_use.find(id) == last_use.end()) dying_later.insert(id);
    }
    for (NodeId in : dying_later) pool.give_back(buffered[in]);
    loop.steps.push_back(std::move(step));
  }
  loop.buffer_columns = pool.total();
  std::int64_t chunk = kMaxChunk;
  while (chunk > kMinChunk &&
         chunk * (loop.buffer_columns + data_columns) * 8 > kCacheBytes) chunk /= 2;
  loop.chunk = static_cast<std::int32_t>(chunk);
  items_.push_back({Item::kLoop, loops_.size()});
  loops_.push_back(std::move(loop));
}

void Program::run(const std::vector<const double*>& inputs, const Poll& poll) {
  for (NodeId id : leaves_) {
    const auto which = static_cast<std::size_t>(graph_->node(id).attribute);
    std::copy_n(inputs.at(which), graph_->shape(id).size(), whole_result(id).data);
  }
  for (const Item& item : items_) {
    if (item.kind == Item::kScalars) scalars_[item.index].run(storage_.data(), poll);
    else if (item.kind == Item::kWholeStep) run_whole(wholes_[item.index]);
    else run_loop(loops_[item.index], poll);
  }
  if (poll) poll();
}

void Program::run_loop(RowLoop& loop, const Poll& poll) {
  for (const Result& to : loop.accumulators)
    std::fill_n(to.data, static_cast<std::int64_t>(to.rows) * to.cols, 0.0);
  Argument arguments[8];
  std::vector<Argument> many;
  std::int32_t chunks = 0;
  for (std::int64_t begin = 0; begin < loop.rows; begin += loop.chunk) {
    const auto n = static_cast<std::int32_t>(std::min<std::int64_t>(loop.chunk, loop.rows - begin));
    for (const RowStep& step : loop.steps) {
      Argument* in = arguments;
      if (step.operands.size() > 8) {
        many.resize(step.operands.size());
        in = many.data();
      }
      for (std::size_t i = 0; i < step.operands.size(); ++i) {
        const RowOperand& o = step.operands[i];
        in[i] = o.argument;
        if (o.kind == RowOperand::kWhole) continue;
        in[i].rows = n;
        if (o.kind == RowOperand::kBuffer) {
          in[i].data = buffer_.data() + o.buffer * loop.chunk;
          in[i].ld = loop.chunk;
        } else if (o.kind == RowOperand::kSource) {
          const ConstBlock block = o.source->rows(begin, n);
          in[i].data = block.data;
          in[i].ld = block.ld;
        } else {
          in[i].data = o.argument.data + begin;
        }
      }
      Result out = step.reduction;
      if (step.buffer >= 0)
        out = {buffer_.data() + step.buffer * loop.chunk, loop.chunk, n, step.cols};
      if (step.kernel != nullptr) step.kernel(in, out);
      else structural_info(graph_->node(step.id).op).run({graph_.get(), step.id, begin}, in, out);
      if (step.stored != nullptr)
        for (std::int32_t j = 0; j < step.cols; ++j)
          std::copy_n(out.data + j * out.ld, n,
                      step.stored + begin + static_cast<std::int64_t>(j) * loop.rows);
    }
    if (poll && ++chunks % 16 == 0) poll();
  }
}

}  // namespace admle
