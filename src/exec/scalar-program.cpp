// See scalar-program.h.
#include "exec/scalar-program.h"

#include <algorithm>

#include "exec/scalar-arithmetic.h"
#include "exec/scalar-roll.h"

namespace admle {
namespace {

constexpr std::size_t kBetweenPolls = 1 << 16;  // operations

}  // namespace

void ScalarProgram::add(Op op, Address out, const Address* in) {
  ScalarOperation operation{op, out, {}};
  std::copy_n(in, elementwise(op).arity, operation.in);
  operations_.push_back(operation);
}

void ScalarProgram::finish() {
  const Definitions made(operations_);
  std::size_t done = 0;
  for (const Repetition& repetition : find_repetitions(operations_, made)) {
    std::unique_ptr<ScalarLoop> loop = roll_up(operations_, made, repetition);
    if (!loop) continue;
    const std::size_t begin = code_.size();
    append_instructions(done, repetition.begin);
    stretches_.push_back({begin, code_.size(), std::move(loop)});
    done = repetition.begin + repetition.period * repetition.iterations;
  }
  const std::size_t begin = code_.size();
  append_instructions(done, operations_.size());
  stretches_.push_back({begin, code_.size(), nullptr});
  operations_ = {};
}

void ScalarProgram::append_instructions(std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; ++i) {
    const ScalarOperation& from = operations_[i];
    const int arity = elementwise(from.op).arity;
    code_.push_back({from.op, static_cast<std::uint16_t>(arity > 2 ? 2 : 1), from.out, from.in[0],
                     arity > 1 ? from.in[1] : from.in[0]});
    if (arity > 2)
      code_.push_back({from.op, 0, from.out, from.in[2], arity > 3 ? from.in[3] : from.in[2]});
  }
}

std::int64_t ScalarProgram::memory() const {
  auto bytes = static_cast<std::int64_t>(code_.size() * sizeof(Instruction));
  for (const Stretch& stretch : stretches_)
    if (stretch.loop) bytes += stretch.loop->memory();
  return bytes;
}

void ScalarProgram::run(double* memory, const Poll& poll) {
  for (const Stretch& stretch : stretches_) {
    for (std::size_t begin = stretch.begin; begin < stretch.end;) {
      std::size_t end = std::min(stretch.end, begin + kBetweenPolls);
      if (end < stretch.end && code_[end].words == 0) ++end;
      run_instructions(begin, end, memory);
      if (poll && end - begin >= kBetweenPolls) poll();
      begin = end;
    }
    if (!stretch.loop) continue;
    ScalarLoop& loop = *stretch.loop;
    const auto step = static_cast<std::int64_t>(kBetweenPolls / loop.operations());
    for (std::int64_t i = 0; i < loop.iterations(); i += step) {
      loop.run(memory, i, std::min(i + step, loop.iterations()));
      if (poll && i + step <= loop.iterations()) poll();
    }
  }
}

void ScalarProgram::run_instructions(std::size_t begin, std::size_t end, double* memory) const {
  const Instruction* const last = code_.data() + end;
  for (const Instruction* i = code_.data() + begin; i != last; i += i->words) {
    double in[4] = {memory[i->a], memory[i->b]};
    if (i->words == 2) {
      in[2] = memory[i[1].a];
      in[3] = memory[i[1].b];
    }
    memory[i->out] = scalar_result(i->op, in);
  }
}

}  // namespace admle
