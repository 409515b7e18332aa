// Compiling and running steps, see step-program.h.
#include "body/step-program.h"

#include <algorithm>

#include "exec/scalar-arithmetic.h"
#include "graph/op.h"
#include "math/elementwise.h"
#include "ops/structural-info.h"
#include "ops/structural.h"

namespace admle {
namespace {

// Operations with more numbers than this call their kernel.
constexpr std::int64_t kSmall = 64;

}  // namespace

StepProgram::StepProgram(std::shared_ptr<const Graph> graph, const std::vector<NodeId>& outputs,
                         const std::vector<NodeId>& changing)
    : graph_(std::move(graph)), changing_(changing) {
  const std::vector<char> needed = needed_by(*graph_, outputs);
  std::vector<char> changes(needed.size(), 0);
  for (NodeId id : changing)
    if (static_cast<std::size_t>(id) < changes.size()) changes[static_cast<std::size_t>(id)] = 1;
  lay_out(needed);
  for (NodeId id = 0; static_cast<std::size_t>(id) < needed.size(); ++id) {
    const auto at = static_cast<std::size_t>(id);
    if (!needed[at]) continue;
    for (std::uint32_t i = 0; i < graph_->node(id).n_inputs; ++i)
      changes[at] = changes[at] || changes[static_cast<std::size_t>(graph_->input_of(id, i))];
    compile(id, changes[at] ? during_ : before_);
  }
}

// Another name for numbers that are there.
bool StepProgram::is_view(NodeId id) const {
  const Node& node = graph_->node(id);
  if (node.op == Op::alias || node.op == Op::reshape || node.op == Op::element) return true;
  return node.op == Op::gather && graph_->attribute(id).a == 1 &&
         contiguous(*graph_->attribute(id).index);
}

void StepProgram::lay_out(const std::vector<char>& needed) {
  offset_.assign(needed.size(), -1);
  std::int64_t size = 0;
  for (NodeId id = 0; static_cast<std::size_t>(id) < needed.size(); ++id) {
    if (!needed[static_cast<std::size_t>(id)]) continue;
    std::int64_t& to = offset_[static_cast<std::size_t>(id)];
    if (!is_view(id)) {
      to = size;
      size += graph_->shape(id).size();
      continue;
    }
    const Node& node = graph_->node(id);
    to = offset_[static_cast<std::size_t>(graph_->input_of(id, 0))];
    if (node.op == Op::element) to += node.attribute;
    if (node.op == Op::gather) to += graph_->attribute(id).index->front();
  }
  numbers_.assign(static_cast<std::size_t>(size), 0.0);
}

double* StepProgram::at(NodeId id) {
  if (static_cast<std::size_t>(id) >= offset_.size()) return nullptr;
  const std::int64_t offset = offset_[static_cast<std::size_t>(id)];
  return offset < 0 ? nullptr : numbers_.data() + offset;
}

StepProgram::Address StepProgram::input(NodeId id, std::uint32_t i, std::int64_t k) const {
  return static_cast<Address>(offset_[static_cast<std::size_t>(graph_->input_of(id, i))] + k);
}

void StepProgram::compile(NodeId id, Code& code) {
  const Node& node = graph_->node(id);
  if (node.op == Op::input || is_view(id)) return;
  if (node.op == Op::scalar) {
    *at(id) = graph_->scalar_value(id);
  } else if (node.op == Op::constant) {
    const ConstBlock block = graph_->attribute(id).source->rows(0, node.shape.rows);
    for (std::int32_t j = 0; j < node.shape.cols; ++j)
      std::copy_n(block.data + j * block.ld, node.shape.rows,
                  at(id) + static_cast<std::int64_t>(j) * node.shape.rows);
  } else if (node.shape.size() > kSmall || !compile_small(id, code)) {
    compile_call(id, code);
  }
}

bool StepProgram::compile_small(NodeId id, Code& code) {
  const Node& node = graph_->node(id);
  if (is_elementwise(node.op)) {
    compile_elementwise(id, code);
    return true;
  }
  const auto to = static_cast<Address>(offset_[static_cast<std::size_t>(id)]);
  const auto size = static_cast<std::uint32_t>(node.shape.size());
  const Shape x = node.n_inputs > 0 ? graph_->shape(graph_->input_of(id, 0)) : Shape{0, 0};
  const auto move = [&](Instruction::Kind kind, Address out, Address in) {
    code.push_back({kind, Op::end, out, {in, 0, 0, 0}});
  };
  switch (node.op) {
    case Op::gather: {
      const Attribute& a = graph_->attribute(id);
      const std::int64_t block = size / a.a, from = x.size() / a.a;
      for (std::uint32_t k = 0; k < size; ++k)
        move(Instruction::kCopy, to + k,
             input(id, 0, k / block * from + (*a.index)[static_cast<std::size_t>(k % block)]));
      return true;
    }
    case Op::concat: {
      Address next = to;
      for (std::uint32_t i = 0; i < node.n_inputs; ++i)
        for (std::int64_t k = 0; k < graph_->shape(graph_->input_of(id, i)).size(); ++k)
          move(Instruction::kCopy, next++, input(id, i, k));
      return true;
    }
    case Op::scatter_add: {
      const Attribute& a = graph_->attribute(id);
      if (x.size() > kSmall) return false;
      const std::int64_t block = x.size() / a.a, full = size / a.a;
      code.push_back({Instruction::kZero, Op::end, to, {size, 0, 0, 0}});
      for (std::int64_t k = 0; k < x.size(); ++k)
        move(Instruction::kAdd,
             to + static_cast<Address>(k / block * full +
                                       (*a.index)[static_cast<std::size_t>(k % block)]),
             input(id, 0, k));
      return true;
    }
    case Op::block_sum: {
      if (x.size() > kSmall || x.size() == 0) return false;
      const std::int64_t each = x.size() / size;
      for (std::int64_t k = 0; k < x.size(); ++k)
        move(k % each == 0 ? Instruction::kCopy : Instruction::kAdd,
             to + static_cast<Address>(k / each), input(id, 0, k));
      return true;
    }
    case Op::broadcast:
      for (std::int32_t k = 0; k < node.shape.size(); ++k) {
        const std::int32_t i = k % node.shape.rows, j = k / node.shape.rows;
        move(Instruction::kCopy, to + static_cast<Address>(k),
             input(id, 0, (x.rows == 1 ? 0 : i) + static_cast<std::int64_t>(j % x.cols) * x.rows));
      }
      return true;
    case Op::matmul: return compile_product(id, code);
    default: return false;
  }
}

void StepProgram::compile_elementwise(NodeId id, Code& code) {
  const Node& node = graph_->node(id);
  const Shape s = node.shape;
  for (std::int64_t k = 0; k < s.size(); ++k) {
    Instruction next{Instruction::kScalar, node.op, 0, {0, 0, 0, 0}};
    next.out = static_cast<Address>(offset_[static_cast<std::size_t>(id)] + k);
    for (std::uint32_t i = 0; i < node.n_inputs; ++i) {
      const Shape x = graph_->shape(graph_->input_of(id, i));
      next.in[i] = input(id, i, (x.rows == 1 ? 0 : k % s.rows) + k / s.rows % x.cols * x.rows);
    }
    code.push_back(next);
  }
}

// A product of few terms, of which the kernel would take longer to call than to compute.
bool StepProgram::compile_product(NodeId id, Code& code) {
  const Attribute& a = graph_->attribute(id);
  const Shape s = graph_->shape(id), x = graph_->shape(graph_->input_of(id, 0)),
              y = graph_->shape(graph_->input_of(id, 1));
  const std::int64_t terms = a.a ? x.rows : x.cols;
  if (a.c != 1 || terms == 0 || s.size() * terms > kSmall) return false;
  const auto to = static_cast<Address>(offset_[static_cast<std::size_t>(id)]);
  for (std::int32_t j = 0; j < s.cols; ++j)
    for (std::int32_t i = 0; i < s.rows; ++i) {
      const Address out = to + static_cast<Address>(i + static_cast<std::int64_t>(j) * s.rows);
      for (std::int64_t k = 0; k < terms; ++k) {
        const auto scratch = static_cast<Address>(numbers_.size());
        if (k > 0) numbers_.push_back(0.0);
        const Address left = input(id, 0, a.a ? k + i * x.rows : i + k * x.rows);
        const Address right = input(id, 1, a.b ? j + k * y.rows : k + j * y.rows);
        code.push_back(
            {Instruction::kScalar, Op::mul, k == 0 ? out : scratch, {left, right, 0, 0}});
        if (k > 0) code.push_back({Instruction::kAdd, Op::end, out, {scratch, 0, 0, 0}});
      }
    }
  return true;
}

void StepProgram::compile_call(NodeId id, Code& code) {
  Instruction call{Instruction::kCall, Op::end, 0, {0, 0, 0, 0}};
  call.in[0] = static_cast<Address>(calls_.size());
  code.push_back(call);
  calls_.push_back({id, {}, {}});
}

void StepProgram::run(const Code& code) {
  double* const numbers = numbers_.data();
  double in[4];
  for (const Instruction& now : code) {
    switch (now.kind) {
      case Instruction::kScalar:
        in[0] = numbers[now.in[0]];
        in[1] = numbers[now.in[1]];
        in[2] = numbers[now.in[2]];
        in[3] = numbers[now.in[3]];
        numbers[now.out] = scalar_result(now.op, in);
        break;
      case Instruction::kCopy: numbers[now.out] = numbers[now.in[0]]; break;
      case Instruction::kAdd: numbers[now.out] += numbers[now.in[0]]; break;
      case Instruction::kZero: std::fill_n(numbers + now.out, now.in[0], 0.0); break;
      case Instruction::kCall: call(calls_[now.in[0]]); break;
    }
  }
}

// Laid out when it is first run, after which the numbers do not move.
void StepProgram::call(Call& now) {
  const Node& node = graph_->node(now.id);
  if (now.out.data == nullptr) {
    for (std::uint32_t i = 0; i < node.n_inputs; ++i) {
      const Shape x = graph_->shape(graph_->input_of(now.id, i));
      now.arguments.push_back({numbers_.data() + input(now.id, i), x.rows, x.rows, x.cols});
    }
    now.out = {at(now.id), node.shape.rows, node.shape.rows, node.shape.cols};
  }
  if (is_elementwise(node.op)) {
    elementwise(node.op).kernel(now.arguments.data(), now.out);
    return;
  }
  std::fill_n(now.out.data, node.shape.size(), 0.0);
  structural_info(node.op).run({graph_.get(), now.id, 0}, now.arguments.data(), now.out);
}

// What the state takes no part in comes first, what has none in the next state last: both operation
// by operation.
bool StepProgram::take_blocks(NodeId state, NodeId next) {
  const auto calls = [](const Instruction& now) { return now.kind == Instruction::kCall; };
  if (std::any_of(during_.begin(), during_.end(), calls)) return false;
  column_of_.assign(numbers_.size(), -1);
  std::vector<char> by_state(numbers_.size(), 0), in_next(numbers_.size(), 0);
  std::int32_t columns = 0;
  const auto move = [&](std::size_t number) {
    if (column_of_[number] < 0) column_of_[number] = columns++;
  };
  const auto each_out = [](const Instruction& now, const auto& f) {
    const Address n = now.kind == Instruction::kZero ? now.in[0] : 1;
    for (Address k = 0; k < n; ++k) f(now.out + k);
  };
  const auto each_in = [](const Instruction& now, const auto& f) {
    if (now.kind == Instruction::kZero) return;
    const int arity = now.kind == Instruction::kScalar ? elementwise(now.op).arity : 1;
    for (int k = 0; k < arity; ++k) f(now.in[k]);
    if (now.kind == Instruction::kAdd) f(now.out);
  };
  for (NodeId id : changing_)
    for (std::int64_t k = 0; at(id) != nullptr && k < graph_->shape(id).size(); ++k)
      move(static_cast<std::size_t>(offset_[static_cast<std::size_t>(id)] + k));
  for (std::int64_t k = 0; k < graph_->shape(state).size(); ++k) {
    const std::int64_t after = offset_[static_cast<std::size_t>(next)] + k;
    in_next[static_cast<std::size_t>(after)] = 1;
    if (at(state) == nullptr) continue;
    const std::int64_t before = offset_[static_cast<std::size_t>(state)] + k;
    by_state[static_cast<std::size_t>(before)] = 1;
    hand_on_.push_back({static_cast<Address>(after), static_cast<Address>(before)});
  }
  std::vector<char> depends(during_.size(), 0), needed(during_.size(), 0);
  for (std::size_t i = 0; i < during_.size(); ++i) {
    each_in(during_[i], [&](Address k) { depends[i] = depends[i] || by_state[k]; });
    each_out(during_[i], [&](Address k) {
      move(k);
      by_state[k] = by_state[k] || depends[i];
    });
  }
  for (std::size_t i = during_.size(); i-- > 0;) {
    each_out(during_[i], [&](Address k) { needed[i] = needed[i] || in_next[k]; });
    if (needed[i]) each_in(during_[i], [&](Address k) { in_next[k] = 1; });
  }
  for (std::size_t i = 0; i < during_.size(); ++i)
    (!depends[i] ? first_ : needed[i] ? carried_ : last_).push_back(during_[i]);
  columns_.assign(static_cast<std::size_t>(columns) * (kBlock + 1), 0.0);
  return true;
}

StepProgram::Column StepProgram::column(std::size_t number) {
  const std::int32_t at = column_of_[number];
  if (at < 0) return {numbers_.data() + number, 0};
  return {columns_.data() + at * (kBlock + 1), 1};
}

StepProgram::Column StepProgram::column(NodeId id, std::int32_t k) {
  if (at(id) == nullptr) return {nullptr, 0};
  return column(static_cast<std::size_t>(offset_[static_cast<std::size_t>(id)] + k));
}

// One operation in all steps of a block.
void StepProgram::run_whole(const Instruction& now, std::int64_t steps) {
  const auto rows = static_cast<std::int32_t>(steps);
  const auto argument = [&](Address number) {
    const Column found = column(std::size_t{number});
    return Argument{found.at, rows, found.stride == 0 ? 1 : rows, 1};
  };
  double* const to = column(std::size_t{now.out}).at;
  const Result out{to, rows, rows, 1};
  switch (now.kind) {
    case Instruction::kScalar: {
      Argument in[4] = {};
      for (int k = 0; k < elementwise(now.op).arity; ++k) in[k] = argument(now.in[k]);
      elementwise(now.op).kernel(in, out);
      break;
    }
    case Instruction::kAdd: {
      const Argument in[2] = {argument(now.out), argument(now.in[0])};
      elementwise(Op::add).kernel(in, out);
      break;
    }
    case Instruction::kCopy: {
      const Column from = column(std::size_t{now.in[0]});
      for (std::int64_t i = 0; i < steps; ++i) to[i] = from.at[i * from.stride];
      break;
    }
    case Instruction::kZero:
      for (Address k = 0; k < now.in[0]; ++k)
        std::fill_n(column(std::size_t{now.out + k}).at, steps, 0.0);
      break;
    case Instruction::kCall: break;
  }
}

void StepProgram::run_block(std::int64_t steps) {
  // Not at the end of the last block, whose states may still be read.
  for (const auto& [after, before] : hand_on_) {
    double* const number = column(std::size_t{before}).at;
    number[0] = number[handed_on_];
  }
  for (const Instruction& now : first_) run_whole(now, steps);
  std::vector<Located> code;
  for (const Instruction& now : carried_) {
    if (now.kind == Instruction::kZero) {
      for (Address k = 0; k < now.in[0]; ++k)
        code.push_back({now.kind, now.op, 0, column(std::size_t{now.out + k}).at, {}});
      continue;
    }
    const int arity = now.kind == Instruction::kScalar ? elementwise(now.op).arity : 1;
    Located to{now.kind, now.op, arity, column(std::size_t{now.out}).at, {}};
    for (int k = 0; k < arity; ++k) to.in[k] = column(std::size_t{now.in[k]});
    code.push_back(to);
  }
  std::vector<std::pair<Column, double*>> state;
  for (const auto& [after, before] : hand_on_)
    state.push_back({column(std::size_t{after}), column(std::size_t{before}).at});
  double in[4] = {};
  for (std::int64_t i = 0; i < steps; ++i) {
    for (const Located& now : code) {
      for (int k = 0; k < now.arity; ++k) in[k] = now.in[k].at[i * now.in[k].stride];
      if (now.kind == Instruction::kScalar) {
        now.out[i] = scalar_result(now.op, in);
      } else if (now.kind == Instruction::kAdd) {
        now.out[i] += in[0];
      } else {
        now.out[i] = now.kind == Instruction::kZero ? 0 : in[0];
      }
    }
    for (const auto& [after, before] : state) before[i + 1] = after.at[i * after.stride];
  }
  for (const Instruction& now : last_) run_whole(now, steps);
  handed_on_ = steps;
}

}  // namespace admle
