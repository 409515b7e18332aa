// Scalar programs, rolled up or not, against the same operations one after the other: bitwise.
#include <algorithm>

#include "engine-helpers.h"
#include "exec/scalar-program.h"
#include "exec/scalar-roll.h"

namespace {

using namespace admle_test;

using Operations = std::vector<ScalarOperation>;

constexpr std::uint32_t kOutside = 200;  // addresses that are filled before

Numbers filled(std::size_t size) {
  Numbers memory(size, 0.0);
  const Numbers values = Random(7).uniforms(kOutside, 0.1, 0.9);
  std::copy(values.begin(), values.end(), memory.begin());
  return memory;
}

void check_operations(const Operations& operations, const std::string& name) {
  std::size_t size = kOutside;
  for (const ScalarOperation& o : operations) size = std::max<std::size_t>(size, o.out + 1);
  Numbers expected = filled(size), memory = filled(size);
  ScalarProgram program;
  for (const ScalarOperation& o : operations) {
    double in[4] = {};
    for (int k = 0; k < elementwise(o.op).arity; ++k) in[k] = expected[o.in[k]];
    expected[o.out] = elementwise(o.op).scalar(in);
    program.add(o.op, o.out, o.in);
  }
  program.finish();
  for (int i = 0; i < 2; ++i) {
    program.run(memory.data(), nullptr);
    check(same_bits(memory, expected), name);
  }
}

// Where a body takes an argument from.
struct Origin {
  enum Kind { kFixed, kStrided, kBackwards, kAnywhere, kMade } kind;
  std::uint32_t at = 0;  // address, or operation of the body
  std::uint32_t lag = 0; // iterations back
};

struct Body {
  std::vector<Op> ops;
  std::vector<std::vector<Origin>> origins;
};

// Outside addresses: 0 ... 19 for what does not exist yet before the first iterations.
Operations repeated(const Body& body, std::uint32_t iterations, Random& random) {
  Operations out;
  const auto period = static_cast<std::uint32_t>(body.ops.size());
  for (std::uint32_t i = 0; i < iterations; ++i) {
    for (std::uint32_t k = 0; k < period; ++k) {
      ScalarOperation o{body.ops[k], kOutside + i * period + k, {}};
      for (std::size_t a = 0; a < body.origins[k].size(); ++a) {
        const Origin& from = body.origins[k][a];
        switch (from.kind) {
          case Origin::kFixed: o.in[a] = from.at; break;
          case Origin::kStrided: o.in[a] = from.at + i; break;
          case Origin::kBackwards: o.in[a] = kOutside - 1 - i; break;
          case Origin::kAnywhere:
            o.in[a] = static_cast<std::uint32_t>(random.below(kOutside));
            break;
          case Origin::kMade:
            o.in[a] = i >= from.lag ? kOutside + (i - from.lag) * period + from.at : from.at % 20;
            break;
        }
      }
      out.push_back(o);
    }
  }
  return out;
}

Body random_body(Random& random) {
  constexpr Op kOps[] = {Op::add, Op::sub, Op::mul, Op::mulz,  Op::neg,    Op::square,
                         Op::abs, Op::tanh, Op::exp, Op::pmin2, Op::select, Op::div};
  Body body;
  const int period = 1 + random.below(12);
  for (int k = 0; k < period; ++k) {
    body.ops.push_back(kOps[random.below(12)]);
    body.origins.emplace_back();
    for (int a = 0; a < elementwise(body.ops.back()).arity; ++a) {
      Origin from;
      const int which = random.below(8);
      from.kind = which < 4 ? static_cast<Origin::Kind>(which) : Origin::kMade;
      from.at = static_cast<std::uint32_t>(random.below(20));
      if (from.kind == Origin::kMade) {
        from.at = static_cast<std::uint32_t>(random.below(period));
        from.lag = static_cast<std::uint32_t>(random.below(3));
        if (from.lag == 0 && static_cast<int>(from.at) >= k) from.lag = 1;
      }
      body.origins.back().push_back(from);
    }
  }
  return body;
}

const Test random_bodies{"scalar programs: random bodies repeated", [] {
  Random random(11);
  for (int i = 0; i < 400; ++i) {
    const Body body = random_body(random);
    const auto iterations = static_cast<std::uint32_t>(1 + random.below(150));
    Operations operations = repeated(body, iterations, random);
    check_operations(operations, "body " + std::to_string(i));
    // The same with something else before and after.
    const Operations other = repeated(random_body(random), 1, random);
    for (ScalarOperation o : other) {
      o.out += 100000;
      for (std::uint32_t& in : o.in)
        if (in >= kOutside) in = 3;
      operations.push_back(o);
      o.out += 1000;
      operations.insert(operations.begin(), o);
    }
    check_operations(operations, "surrounded body " + std::to_string(i));
  }
}};

std::unique_ptr<ScalarLoop> only_loop(const Operations& operations) {
  const Definitions made(operations);
  const std::vector<Repetition> found = find_repetitions(operations, made);
  check(found.size() == 1, "one repetition");
  return found.size() == 1 ? roll_up(operations, made, found[0]) : nullptr;
}

const Test groups{"scalar programs: only what is carried runs iteration by iteration", [] {
  Random random(1);
  using Kind = ScalarLoop::Group::Kind;
  // total = total + h; h = w + a x[t] + b h: a product and a sum for all, then a chain of two.
  const Body garch{{Op::mul, Op::add, Op::mul, Op::add, Op::add},
                   {{{Origin::kFixed, 21}, {Origin::kStrided, 30}},
                    {{Origin::kFixed, 22}, {Origin::kMade, 0}},
                    {{Origin::kFixed, 23}, {Origin::kMade, 3, 1}},
                    {{Origin::kMade, 1}, {Origin::kMade, 2}},
                    {{Origin::kMade, 3}, {Origin::kMade, 4, 1}}}};
  const auto loop = only_loop(repeated(garch, 100, random));
  if (!loop) return;
  check(loop->operations() == 5, "five operations");
  // The first iteration starts from elsewhere.
  check(loop->iterations() >= 98, "nearly all iterations");
  std::vector<Kind> kinds;
  for (const ScalarLoop::Group& group : loop->groups()) kinds.push_back(group.kind);
  check(kinds == std::vector<Kind>{Kind::kParallel, Kind::kParallel, Kind::kChain, Kind::kSum},
        "two plain loops, a chain and a sum");
  // h = a h[t - 1] + b h[t - 2]
  const Body second{{Op::mul, Op::mul, Op::add},
                    {{{Origin::kFixed, 21}, {Origin::kMade, 2, 1}},
                     {{Origin::kFixed, 22}, {Origin::kMade, 2, 2}},
                     {{Origin::kMade, 0}, {Origin::kMade, 1}}}};
  const auto carried = only_loop(repeated(second, 100, random));
  if (carried) check(carried->groups().size() == 1, "all of it is carried");
}};

const Test irregular{"scalar programs: no loop where there is none", [] {
  Random random(2);
  Operations operations;
  for (std::uint32_t i = 0; i < 3000; ++i) {
    const Op op = random.below(2) == 0 ? Op::add : Op::mul;
    operations.push_back({op, kOutside + i,
                          {static_cast<std::uint32_t>(random.below(static_cast<int>(kOutside + i))),
                           static_cast<std::uint32_t>(random.below(kOutside)), 0, 0}});
  }
  check_operations(operations, "irregular");
  check_operations({}, "nothing");
}};

// The gradient of s = b s + y[t] alone: the operation after the loop takes the results of the last
// two, as the next one of the body would have taken other arguments.
const Test ends{"scalar programs: a body ends where another operation takes its arguments", [] {
  Operations operations;
  for (std::uint32_t i = 0; i < 70; ++i) {
    operations.push_back({Op::mul, kOutside + 2 * i, {5, i == 0 ? 6 : kOutside + 2 * i - 1, 0, 0}});
    operations.push_back({Op::add, kOutside + 2 * i + 1, {kOutside + 2 * i, 10 + i, 0, 0}});
  }
  for (std::size_t op = 0; op < static_cast<std::size_t>(Op::elementwise_end); ++op) {
    if (elementwise_info(op).arity != 2 || elementwise_info(op).thread == Thread::kR) continue;
    Operations more = operations;
    more.push_back({static_cast<Op>(op), kOutside + 140, {kOutside + 138, kOutside + 139, 0, 0}});
    check_operations(more, std::string("then ") + elementwise_info(op).name);
  }
}};

}  // namespace
