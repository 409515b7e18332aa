// See scalar-loop.h. The arithmetic is that of ElementwiseInfo::scalar: the same numbers come out
// as without rolling up.
#include "exec/scalar-loop.h"

#include <algorithm>
#include <cmath>

#include "exec/scalar-arithmetic.h"
#include "graph/op.h"

namespace admle {
namespace {

// Numbers that the operations of a block touch: about half of a first-level cache.
constexpr std::int64_t kBlockNumbers = 2048;
constexpr std::int64_t kMinBlock = 32, kMaxBlock = 512;

// Sums that are taken together: each waits for its own last addition.
constexpr std::size_t kSumsAtOnce = 4;

// A chain whose one or two operations are known at compile time: what is carried stays in a
// register. x: the other arguments.
struct Link {
  const double* x;          // other argument in the first iteration
  std::int64_t x_stride;    // from iteration to iteration
  double* out;              // result in the first iteration
  std::int64_t out_stride;  // from iteration to iteration
};

template <class First>
void chain_of_one(First first, double value, const Link* link, std::int64_t count) {
  const Link a = link[0];
  for (std::int64_t i = 0; i < count; ++i)
    a.out[i * a.out_stride] = value = first(value, a.x[i * a.x_stride]);
}

template <class First, class Second>
void chain_of_two(First first, Second second, double value, const Link* link, std::int64_t count) {
  const Link a = link[0], b = link[1];
  for (std::int64_t i = 0; i < count; ++i) {
    a.out[i * a.out_stride] = value = first(value, a.x[i * a.x_stride]);
    b.out[i * b.out_stride] = value = second(value, b.x[i * b.x_stride]);
  }
}

const auto plus = [](double v, double x) { return v + x; };
const auto minus = [](double v, double x) { return v - x; };
const auto from = [](double v, double x) { return x - v; };
const auto times = [](double v, double x) { return v * x; };
const auto times_or_zero = [](double v, double x) { return numeric::product(v, x); };

// False where there is no loop made for the chain.
template <class First>
bool run_two(First first, Op second, int carried, double value, const Link* link,
             std::int64_t count) {
  if (second == Op::add) chain_of_two(first, plus, value, link, count);
  else if (second == Op::sub && carried == 0) chain_of_two(first, minus, value, link, count);
  else if (second == Op::sub) chain_of_two(first, from, value, link, count);
  else return false;
  return true;
}

bool run_special(const ScalarLoop::Slot* slots, std::size_t n, double value, const Link* link,
                 std::int64_t count) {
  const Op op = slots[0].op;
  if (n == 1) {
    if (op == Op::add) chain_of_one(plus, value, link, count);
    else if (op == Op::mul) chain_of_one(times, value, link, count);
    else if (op == Op::sub && slots[0].carried == 0) chain_of_one(minus, value, link, count);
    else return false;
    return true;
  }
  if (n != 2) return false;
  const Op second = slots[1].op;
  const int carried = slots[1].carried;
  if (op == Op::mul) return run_two(times, second, carried, value, link, count);
  if (op == Op::mulz) return run_two(times_or_zero, second, carried, value, link, count);
  return false;
}

template <std::size_t n>
void add_up(const Link* links, double* value, std::int64_t count) {
  Link link[n];
  double total[n];
  std::copy_n(links, n, link);
  std::copy_n(value, n, total);
  for (std::int64_t i = 0; i < count; ++i)
    for (std::size_t k = 0; k < n; ++k)
      link[k].out[i * link[k].out_stride] = total[k] += link[k].x[i * link[k].x_stride];
}

}  // namespace

ScalarLoop::ScalarLoop(std::vector<Slot> slots, std::vector<Group> groups, std::int64_t iterations)
    : slots_(std::move(slots)), groups_(std::move(groups)), iterations_(iterations) {
  const auto n = static_cast<std::int64_t>(slots_.size());
  block_ = std::min(std::max(kBlockNumbers / n, kMinBlock), kMaxBlock);
  buffer_.resize(static_cast<std::size_t>(4 * block_));
  steps_.resize(slots_.size());
}

std::int64_t ScalarLoop::memory() const {
  std::size_t bytes = slots_.size() * (sizeof(Slot) + sizeof(Step)) + buffer_.size() * 8;
  for (const Slot& slot : slots_)
    for (const Operand& in : slot.in) bytes += in.table.size() * sizeof(std::uint32_t);
  return static_cast<std::int64_t>(bytes);
}

ScalarLoop::Cursor ScalarLoop::cursor(const double* memory, const Operand& operand,
                                      std::int64_t begin) const {
  if (!operand.table.empty()) return {memory, 0, operand.table.data() + begin};
  return {memory + operand.first + begin * operand.stride, operand.stride, nullptr};
}

// The same without a list: what is listed is copied to `buffer`.
ScalarLoop::Cursor ScalarLoop::gathered(const double* memory, const Operand& operand,
                                        std::int64_t begin, std::int64_t count,
                                        double* buffer) const {
  const Cursor found = cursor(memory, operand, begin);
  if (found.table == nullptr) return found;
  for (std::int64_t i = 0; i < count; ++i) buffer[i] = memory[found.table[i]];
  return {buffer, 1, nullptr};
}

void ScalarLoop::run(double* memory, std::int64_t begin, std::int64_t end) {
  for (; begin < end; begin += block_) {
    const std::int64_t count = std::min(block_, end - begin);
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      const Group& group = groups_[g];
      if (group.kind == Group::kParallel) {
        run_parallel(slots_[group.begin], memory, begin, count);
      } else if (group.kind == Group::kChain) {
        run_chain(group, memory, begin, count);
      } else if (group.kind == Group::kSequential) {
        run_sequential(group, memory, begin, count);
      } else {
        const std::size_t n = std::min(kSumsAtOnce, groups_.size() - g);
        run_sums(&group, n, memory, begin, count);
        g += n - 1;
      }
    }
  }
}

void ScalarLoop::run_parallel(const Slot& slot, double* memory, std::int64_t begin,
                              std::int64_t count) {
  Cursor in[4] = {};
  for (int k = 0; k < slot.arity; ++k)
    in[k] = gathered(memory, slot.in[k], begin, count, buffer_.data() + k * block_);
  double* out = memory + slot.out_first + begin * slot.out_stride;
  const double *x = in[0].at, *y = in[1].at;
  const std::int64_t to = slot.out_stride, sx = in[0].stride, sy = in[1].stride;
  const auto unary = [&](auto f) {
    for (std::int64_t i = 0; i < count; ++i) out[i * to] = f(x[i * sx]);
  };
  const auto binary = [&](auto f) {
    for (std::int64_t i = 0; i < count; ++i) out[i * to] = f(x[i * sx], y[i * sy]);
  };
  switch (slot.op) {
    case Op::add: return binary(plus);
    case Op::sub: return binary(minus);
    case Op::mul: return binary(times);
    case Op::div: return binary([](double a, double b) { return a / b; });
    case Op::mulz: return binary(times_or_zero);
    case Op::neg: return unary([](double a) { return -a; });
    case Op::square: return unary([](double a) { return a * a; });
    case Op::sqrt: return unary([](double a) { return std::sqrt(a); });
    case Op::abs: return unary([](double a) { return std::fabs(a); });
    default: break;
  }
  double (*const function)(const double*) = elementwise(slot.op).scalar;
  double arguments[4] = {};
  for (std::int64_t i = 0; i < count; ++i) {
    for (int k = 0; k < slot.arity; ++k) arguments[k] = in[k].at[i * in[k].stride];
    out[i * to] = function(arguments);
  }
}

void ScalarLoop::run_sums(const Group* groups, std::size_t n, double* memory, std::int64_t begin,
                          std::int64_t count) {
  Link links[kSumsAtOnce];
  double value[kSumsAtOnce];
  for (std::size_t k = 0; k < n; ++k) {
    const Slot& slot = slots_[groups[k].begin];
    const Cursor other = gathered(memory, slot.in[1 - slot.carried], begin, count,
                                  buffer_.data() + static_cast<std::int64_t>(k) * block_);
    links[k] = {other.at, other.stride, memory + slot.out_first + begin * slot.out_stride,
                slot.out_stride};
    const Operand& start = slot.in[slot.carried];
    value[k] = memory[start.first + begin * start.stride];
  }
  if (n == 1) add_up<1>(links, value, count);
  else if (n == 2) add_up<2>(links, value, count);
  else if (n == 3) add_up<3>(links, value, count);
  else add_up<4>(links, value, count);
}

void ScalarLoop::run_chain(const Group& group, double* memory, std::int64_t begin,
                           std::int64_t count) {
  const Slot* const slots = slots_.data() + group.begin;
  const std::size_t n = group.end - group.begin;
  Link links[kMaxChain];
  for (std::size_t k = 0; k < n; ++k) {
    const Slot& slot = slots[k];
    Cursor other{nullptr, 0, nullptr};
    if (slot.arity == 2)
      other = gathered(memory, slot.in[1 - slot.carried], begin, count,
                       buffer_.data() + static_cast<std::int64_t>(k) * block_);
    links[k] = {other.at, other.stride, memory + slot.out_first + begin * slot.out_stride,
                slot.out_stride};
  }
  const Operand& start = slots[0].in[slots[0].carried];
  double value = memory[start.first + begin * start.stride];
  if (run_special(slots, n, value, links, count)) return;
  for (std::int64_t i = 0; i < count; ++i) {
    for (std::size_t k = 0; k < n; ++k) {
      const Link& link = links[k];
      double in[4] = {value, value};
      if (slots[k].arity == 2) in[1 - slots[k].carried] = link.x[i * link.x_stride];
      link.out[i * link.out_stride] = value = scalar_result(slots[k].op, in);
    }
  }
}

void ScalarLoop::run_sequential(const Group& group, double* memory, std::int64_t begin,
                                std::int64_t count) {
  const std::size_t n = group.end - group.begin;
  for (std::size_t k = 0; k < n; ++k) {
    const Slot& slot = slots_[group.begin + k];
    Step& step = steps_[k];
    step.op = slot.op;
    step.arity = slot.arity;
    step.out = memory + slot.out_first + begin * slot.out_stride;
    step.out_stride = slot.out_stride;
    for (int a = 0; a < slot.arity; ++a) step.in[a] = cursor(memory, slot.in[a], begin);
  }
  const Step* const end = steps_.data() + n;
  double in[4] = {};
  for (std::int64_t i = 0; i < count; ++i) {
    for (const Step* step = steps_.data(); step != end; ++step) {
      for (int a = 0; a < step->arity; ++a) {
        const Cursor& x = step->in[a];
        in[a] = x.table == nullptr ? x.at[i * x.stride] : memory[x.table[i]];
      }
      step->out[i * step->out_stride] = scalar_result(step->op, in);
    }
  }
}

}  // namespace admle
