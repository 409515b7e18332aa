// The cheap operations are part of the dispatch; the others are calls of the op table's function.
#include "exec/scalar-program.h"

#include <algorithm>
#include <cmath>

#include "ops/elementwise.h"

namespace admle {
namespace {

constexpr std::size_t kBetweenPolls = 1 << 16;

}  // namespace

void ScalarProgram::add(Op op, Address out, const Address* in) {
  const int arity = elementwise(op).arity;
  Instruction first{op, static_cast<std::uint16_t>(arity > 2 ? 2 : 1), out, in[0],
                    arity > 1 ? in[1] : in[0]};
  code_.push_back(first);
  if (arity > 2) code_.push_back({op, 0, out, in[2], arity > 3 ? in[3] : in[2]});
  ++operations_;
}

std::int64_t ScalarProgram::memory() const {
  return static_cast<std::int64_t>(code_.size() * sizeof(Instruction));
}

void ScalarProgram::run(double* memory, const Poll& poll) const {
  for (std::size_t begin = 0; begin < code_.size();) {
    std::size_t end = std::min(code_.size(), begin + kBetweenPolls);
    if (end < code_.size() && code_[end].words == 0) ++end;
    run_range(begin, end, memory);
    if (poll && end < code_.size()) poll();
    begin = end;
  }
}

void ScalarProgram::run_range(std::size_t begin, std::size_t end, double* memory) const {
  const Instruction* const last = code_.data() + end;
  for (const Instruction* i = code_.data() + begin; i != last; i += i->words) {
    const double x = memory[i->a], y = memory[i->b];
    double& out = memory[i->out];
    switch (i->op) {
      case Op::add: out = x + y; break;
      case Op::sub: out = x - y; break;
      case Op::mul: out = x * y; break;
      case Op::div: out = x / y; break;
      case Op::neg: out = -x; break;
      case Op::square: out = x * x; break;
      case Op::mulz: out = x == 0 || y == 0 ? 0 : x * y; break;
      case Op::sqrt: out = std::sqrt(x); break;
      case Op::abs: out = std::fabs(x); break;
      default: {
        double in[4] = {x, y};
        if (i->words == 2) {
          in[2] = memory[i[1].a];
          in[3] = memory[i[1].b];
        }
        out = elementwise(i->op).scalar(in);
      }
    }
  }
}

}  // namespace admle
