// A body is found by its signature: operations with how far back their arguments were made.
// A repeat of a few signatures at some distance proposes that distance as the period, and the
// comparison that follows decides (the match finder of LZ77; Ziv and Lempel, IEEE Transactions
// on Information Theory 23(3), 1977). Groups are Tarjan's strongly connected components (SIAM
// Journal on Computing 1(2), 1972).
#include "exec/scalar-roll.h"

#include <algorithm>
#include <functional>
#include <limits>

#include "graph/op.h"

namespace admle {
namespace {

constexpr std::size_t kMaxPeriod = 512;  // operations of a body
constexpr std::size_t kMinIterations = 16;
constexpr std::size_t kMinOperations = 128;  // of all iterations
constexpr std::int64_t kNear = 1024;         // what was made further back counts as outside
constexpr std::size_t kWindow = 4;           // signatures that propose a period
constexpr std::size_t kTable = 1 << 14;

std::uint64_t mixed(std::uint64_t h, std::uint64_t value) {
  return (h ^ value) * 0x9e3779b97f4a7c15ULL + (h >> 29);
}

std::vector<std::uint64_t> signatures(const std::vector<ScalarOperation>& operations,
                                      const Definitions& made) {
  std::vector<std::uint64_t> out(operations.size());
  for (std::size_t i = 0; i < operations.size(); ++i) {
    std::uint64_t h = mixed(0, static_cast<std::uint64_t>(operations[i].op) + 1);
    for (int k = 0; k < elementwise(operations[i].op).arity; ++k) {
      const std::int64_t back = static_cast<std::int64_t>(i) - made.of(operations[i].in[k]);
      h = mixed(h, back <= kNear && made.of(operations[i].in[k]) >= 0
                       ? static_cast<std::uint64_t>(back)
                       : 0u);
    }
    out[i] = h;
  }
  return out;
}

using Slot = ScalarLoop::Slot;
using Group = ScalarLoop::Group;

// Operations of the body that use what one of them made, in the same or a later iteration.
struct Dependence {
  std::vector<std::vector<std::size_t>> users;  // by slot of the body
  std::vector<char> carries;  // by slot: uses its own result of an earlier iteration
};

Dependence dependence(const std::vector<ScalarOperation>& operations, const Definitions& made,
                      const Repetition& r) {
  Dependence out{std::vector<std::vector<std::size_t>>(r.period), std::vector<char>(r.period, 0)};
  std::vector<char> seen(r.period * r.period, 0);
  for (std::size_t i = 0; i < r.period * r.iterations; ++i) {
    const ScalarOperation& operation = operations[r.begin + i];
    const std::size_t user = i % r.period;
    for (int k = 0; k < elementwise(operation.op).arity; ++k) {
      const std::int64_t maker = made.of(operation.in[k]) - static_cast<std::int64_t>(r.begin);
      if (maker < 0) continue;
      const std::size_t slot = static_cast<std::size_t>(maker) % r.period;
      char& known = seen[slot * r.period + user];
      if (known) continue;
      known = 1;
      out.users[slot].push_back(user);
      if (slot == user) out.carries[slot] = 1;
    }
  }
  return out;
}

// Components in an order in which makers come before users; slots ascending within each.
class Components {
 public:
  explicit Components(const std::vector<std::vector<std::size_t>>& users)
      : users_(users), index_(users.size(), kNone), low_(users.size(), 0),
        on_stack_(users.size(), 0) {
    for (std::size_t v = users.size(); v-- > 0;)
      if (index_[v] == kNone) visit(v);
    std::reverse(found_.begin(), found_.end());
    for (auto& component : found_) std::sort(component.begin(), component.end());
  }
  const std::vector<std::vector<std::size_t>>& all() const { return found_; }

 private:
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

  // At most kMaxPeriod deep.
  void visit(std::size_t v) {
    index_[v] = low_[v] = next_++;
    stack_.push_back(v);
    on_stack_[v] = 1;
    for (std::size_t w : users_[v]) {
      if (index_[w] == kNone) {
        visit(w);
        low_[v] = std::min(low_[v], low_[w]);
      } else if (on_stack_[w]) {
        low_[v] = std::min(low_[v], index_[w]);
      }
    }
    if (low_[v] != index_[v]) return;
    found_.emplace_back();
    std::size_t w;
    do {
      w = stack_.back();
      stack_.pop_back();
      on_stack_[w] = 0;
      found_.back().push_back(w);
    } while (w != v);
  }

  const std::vector<std::vector<std::size_t>>& users_;  // edges of the graph, by node
  std::vector<std::size_t> index_;                      // by node: when it was first visited
  std::vector<std::size_t> low_;                        // lowest index reachable through the stack
  std::vector<std::size_t> stack_;                      // nodes whose component is not complete
  std::vector<char> on_stack_;                          // by node
  std::vector<std::vector<std::size_t>> found_;  // components, users before makers until reversed
  std::size_t next_ = 0;                         // number that the next node visited gets
};

// False when the addresses are not affine in the iteration.
template <class Address>
bool affine(Address address, std::size_t iterations, std::int64_t& first, std::int64_t& stride) {
  first = address(0);
  stride = address(1) - first;
  for (std::size_t i = 2; i < iterations; ++i)
    if (address(i) != first + static_cast<std::int64_t>(i) * stride) return false;
  return true;
}

bool make_slot(const std::vector<ScalarOperation>& operations, const Repetition& r, std::size_t k,
               Slot& slot) {
  const auto at = [&](std::size_t i) -> const ScalarOperation& {
    return operations[r.begin + i * r.period + k];
  };
  slot.op = at(0).op;
  slot.arity = elementwise(slot.op).arity;
  const auto out = [&](std::size_t i) { return static_cast<std::int64_t>(at(i).out); };
  if (!affine(out, r.iterations, slot.out_first, slot.out_stride)) return false;
  for (int a = 0; a < slot.arity; ++a) {
    const auto in = [&](std::size_t i) { return static_cast<std::int64_t>(at(i).in[a]); };
    if (affine(in, r.iterations, slot.in[a].first, slot.in[a].stride)) continue;
    slot.in[a].table.reserve(r.iterations);
    for (std::size_t i = 0; i < r.iterations; ++i) slot.in[a].table.push_back(at(i).in[a]);
  }
  return true;
}

// Whether an argument is the result of `maker`, `later` iterations before.
bool hands_on(const Slot& maker, const ScalarLoop::Operand& in, std::int64_t later) {
  return in.table.empty() && in.stride == maker.out_stride &&
         in.first == maker.out_first - later * maker.out_stride;
}

// Each takes one argument from the one before it, the first from the last of the iteration before.
bool is_chain(std::vector<Slot>& slots, const std::vector<std::size_t>& component) {
  if (component.size() > ScalarLoop::kMaxChain) return false;
  for (std::size_t k = 0; k < component.size(); ++k) {
    Slot& slot = slots[component[k]];
    if (slot.arity > 2) return false;
    const Slot& before = slots[component[k == 0 ? component.size() - 1 : k - 1]];
    int carried = -1;
    for (int a = 0; a < slot.arity; ++a) {
      const ScalarLoop::Operand& in = slot.in[a];
      if (hands_on(before, in, k == 0 ? 1 : 0)) {
        if (carried >= 0) return false;
        carried = a;
        continue;
      }
      // Anything else that the chain itself makes has to be read when it is there.
      if (!in.table.empty()) return false;
      for (std::size_t m : component)
        if (in.stride == slots[m].out_stride && in.stride != 0 &&
            (in.first - slots[m].out_first) % in.stride == 0)
          return false;
    }
    if (carried < 0) return false;
    slot.carried = carried;
  }
  return true;
}

}  // namespace

Definitions::Definitions(const std::vector<ScalarOperation>& operations) {
  if (operations.empty()) return;
  std::uint32_t last = operations[0].out;
  first_ = last;
  for (const ScalarOperation& operation : operations) {
    first_ = std::min(first_, operation.out);
    last = std::max(last, operation.out);
  }
  made_by_.assign(static_cast<std::size_t>(last - first_) + 1, -1);
  for (std::size_t i = 0; i < operations.size(); ++i)
    made_by_[operations[i].out - first_] = static_cast<std::int32_t>(i);
}

std::vector<Repetition> find_repetitions(const std::vector<ScalarOperation>& operations,
                                         const Definitions& made) {
  std::vector<Repetition> out;
  if (operations.size() < kMinOperations) return out;
  const std::vector<std::uint64_t> keys = signatures(operations, made);
  std::vector<std::size_t> last(kTable, std::numeric_limits<std::size_t>::max());
  std::size_t free = 0;  // from here on operations are not in a loop
  std::size_t failed_period = 0, failed_end = 0;
  for (std::size_t i = 0; i + kWindow <= keys.size(); ++i) {
    std::uint64_t h = 0;
    for (std::size_t k = 0; k < kWindow; ++k) h = mixed(h, keys[i + k]);
    std::size_t& before = last[(h >> 40) % kTable];
    const std::size_t begin = before;
    before = i;
    if (begin >= i || begin < free || i - begin > kMaxPeriod) continue;
    const std::size_t period = i - begin;
    if (period == failed_period && i < failed_end) continue;
    std::size_t end = i;
    // Signatures may agree by chance, operations must not.
    while (end < keys.size() && keys[end] == keys[end - period] &&
           operations[end].op == operations[end - period].op)
      ++end;
    const std::size_t iterations = (end - begin) / period;
    if (iterations < kMinIterations || iterations * period < kMinOperations) {
      failed_period = period;
      failed_end = end;
      continue;
    }
    out.push_back({begin, period, iterations});
    free = begin + iterations * period;
    i = free - 1;
  }
  return out;
}

std::unique_ptr<ScalarLoop> roll_up(const std::vector<ScalarOperation>& operations,
                                    const Definitions& made, const Repetition& r) {
  std::vector<Slot> slots(r.period);
  for (std::size_t k = 0; k < r.period; ++k)
    if (!make_slot(operations, r, k, slots[k])) return nullptr;
  const Dependence uses = dependence(operations, made, r);
  const Components components(uses.users);
  std::vector<std::pair<Group::Kind, std::vector<std::size_t>>> kinds;
  for (const std::vector<std::size_t>& component : components.all()) {
    const std::size_t one = component[0];
    Group::Kind kind = Group::kSequential;
    if (component.size() == 1 && !uses.carries[one]) kind = Group::kParallel;
    else if (is_chain(slots, component)) kind = Group::kChain;
    if (kind == Group::kChain && component.size() == 1 && slots[one].op == Op::add &&
        uses.users[one].size() == 1)
      kind = Group::kSum;
    kinds.emplace_back(kind, component);
  }
  std::stable_partition(kinds.begin(), kinds.end(),
                        [](const auto& group) { return group.first != Group::kSum; });
  std::vector<Slot> ordered;
  std::vector<Group> groups;
  for (const auto& [kind, component] : kinds) {
    const std::size_t begin = ordered.size();
    for (std::size_t k : component) ordered.push_back(slots[k]);
    groups.push_back({kind, begin, ordered.size()});
  }
  return std::make_unique<ScalarLoop>(std::move(ordered), std::move(groups),
                                      static_cast<std::int64_t>(r.iterations));
}

}  // namespace admle
