// Making a scan of a recorded step, see loop.h.
#include <algorithm>

#include "derive/substitute.h"
#include "ops/structural.h"
#include "trace/loop.h"

namespace admle {
namespace {

constexpr std::size_t kMostOperations = 20000;  // of a step
constexpr std::int32_t kMostCarried = 1024;     // numbers in the state
constexpr std::int32_t kMostBack = 64;          // steps that are read back
constexpr std::int64_t kMostNumbers = 1 << 30;  // of the scan

bool may_be_inside(Op op) { return op != Op::nested && op != Op::foreign && op != Op::input; }

std::int32_t size_of(const Graph& g, NodeId id) {
  return static_cast<std::int32_t>(g.shape(id).size());
}

Expr flat(Expr x) { return reshape(x, {static_cast<std::int32_t>(x.shape().size()), 1}); }

Expr stacked(Graph& g, const std::vector<Expr>& parts) {
  std::int32_t size = 0;
  for (const Expr& part : parts) size += static_cast<std::int32_t>(part.shape().size());
  return concat(parts, {size, 1}, &g);
}

// Every `n`-th number from `begin` on.
Index strided(std::int32_t begin, std::int32_t n, std::int32_t count) {
  Index out;
  for (std::int32_t k = 0; k < count; ++k) out.push_back(begin + k * n);
  return out;
}

}  // namespace

std::string LoopRecording::find_registers() {
  if (!log_.look_up()) return "it reads elements that it wrote unequally many steps before";
  for (const Read& read : reads_) {
    const std::vector<Written>& seen = log_.seen(read.access);
    for (std::size_t c = 0; c < seen.size(); ++c) {
      const Written& from = seen[c];
      if (read.unknown < 0) {
        const Written& assumed = read.written[c];
        if (from.access == assumed.access && from.column == assumed.column && from.lag == 0)
          continue;
      }
      if (read.unknown < 0 || (from.access >= 0 && from.lag == 0))
        return "it reads elements that the same step writes in some steps only";
      if (from.access < 0) continue;
      if (from.lag > kMostBack) return "it reads elements that it wrote many steps before";
      std::vector<std::int32_t>& first = registers_[{from.access, from.column}].first;
      first.resize(std::max<std::size_t>(first.size(), static_cast<std::size_t>(from.lag)), -1);
      for (std::int32_t t = 0; t < from.lag; ++t) {
        std::int32_t& at = first[static_cast<std::size_t>(from.lag - t - 1)];
        const std::int32_t now = log_.position(read.access, static_cast<std::int32_t>(c), t);
        if (at >= 0 && at != now) return "its first steps read elements in another order";
        at = now;
      }
    }
  }
  return "";
}

// What was there before the loop is a row of the step.
void LoopRecording::add_rows_before() {
  for (Read& read : reads_) {
    if (read.unknown < 0) continue;
    const std::vector<Written>& seen = log_.seen(read.access);
    Index positions;
    std::int32_t columns = 0;
    for (std::size_t c = 0; c < seen.size(); ++c) {
      if (seen[c].access >= 0) continue;
      for (std::int32_t t = 0; t < steps_; ++t)
        positions.push_back(log_.position(read.access, static_cast<std::int32_t>(c), t));
      ++columns;
    }
    if (columns == 0) continue;
    const Expr outside = filled_[log_.vector(read.access)];
    read.row = static_cast<std::int32_t>(rows_.size());
    rows_.push_back({gather(outside, std::move(positions), {steps_, columns}), false});
  }
}

// A variable that nothing reads is no state; one that each step adds to, which nothing else reads,
// is a sum over the steps.
void LoopRecording::find_roles(const std::vector<NodeId>& next, const std::vector<NodeId>& wanted) {
  const Graph& g = *state_.graph;
  std::vector<NodeId> all = wanted;
  all.insert(all.end(), next.begin(), next.end());
  const Parts parts = parts_of(all);
  std::map<NodeId, int> uses;
  for (NodeId id : all) ++uses[id];
  for (NodeId id : parts.inside)
    for (std::uint32_t i = 0; i < g.node(id).n_inputs; ++i) ++uses[g.input_of(id, i)];
  for (std::size_t k = 0; k < states_.size(); ++k) {
    State& state = states_[k];
    const Node& node = g.node(next[k]);
    if (uses[state.unknown] == 0) {
      state.role = State::kUnread;
    } else if (uses[state.unknown] == 1 && uses[next[k]] == 1 && node.n_inputs == 2 &&
               (node.op == Op::add || node.op == Op::sub) && node.shape == g.shape(state.unknown)) {
      const NodeId a = g.input_of(next[k], 0), b = g.input_of(next[k], 1);
      if (a != state.unknown && (b != state.unknown || node.op == Op::sub)) continue;
      state.role = State::kSum;
      state.added = a == state.unknown ? b : a;
      state.negative = node.op == Op::sub;
    }
  }
}

void LoopRecording::lay_out_state() {
  carried_ = 0;
  for (State& state : states_) {
    if (state.role != State::kCarried) continue;
    state.column = carried_;
    carried_ += size_of(*state_.graph, state.unknown);
  }
  for (auto& [from, found] : registers_) {
    found.column = carried_;
    carried_ += static_cast<std::int32_t>(found.first.size());
  }
}

// A scan has a state: one number that stays, where there is none.
Expr LoopRecording::state_before_loop() const {
  std::vector<Expr> parts;
  for (const State& state : states_)
    if (state.role == State::kCarried) parts.push_back(state.now);
  for (const auto& [from, found] : registers_)
    for (std::int32_t at : found.first)
      parts.push_back(element(filled_[log_.vector(static_cast<std::size_t>(from.first))], at));
  if (parts.empty()) return state_.expr(state_.graph->constant(0.0));
  return stacked(*state_.graph, parts);
}

// What the unknowns are for a state and rows of a step, in the graph of these.
void LoopRecording::bind(const Parts& parts, Expr state, const std::vector<Expr>& rows,
                         Bound& out) const {
  const Graph& g = *state_.graph;
  const auto is = [&](NodeId id, Expr x) {
    out.replaced.push_back(id);
    out.with.push_back(reshape(x, g.shape(id)));
  };
  for (const State& now : states_)
    if (parts.reads(now.unknown) && now.role == State::kCarried)
      is(now.unknown, slice(state, now.column, {size_of(g, now.unknown), 1}));
  for (const auto& [id, row] : row_of_)
    if (parts.reads(id)) is(id, rows[row]);
  for (const Read& read : reads_) {
    if (!parts.reads(read.unknown)) continue;
    std::vector<Expr> elements;
    std::int32_t before = 0;
    for (const Written& from : log_.seen(read.access)) {
      if (from.access < 0) {
        elements.push_back(element(rows[static_cast<std::size_t>(read.row)], before++));
      } else {
        const Register& known = registers_.at({from.access, from.column});
        elements.push_back(element(state, known.column + from.lag - 1));
      }
    }
    is(read.unknown, stacked(*state.graph(), elements));
  }
}

// Copies what a step computes into a graph of its own. -> `wanted` there.
std::vector<NodeId> LoopRecording::copy_step(const std::vector<NodeId>& wanted, ScanStep& step,
                                             std::vector<Expr>& shared, std::vector<Expr>& outer) {
  const Graph& g = *state_.graph;
  const Parts parts = parts_of(wanted);
  step.graph = std::make_shared<Graph>();
  step.steps = steps_;
  Graph& b = *step.graph;
  step.state = b.input({std::max(carried_, 1), 1}, false);
  std::vector<char> used(rows_.size(), 0);
  for (const auto& [id, row] : row_of_) used[row] = parts.reads(id);
  for (const Read& read : reads_)
    if (read.row >= 0) used[static_cast<std::size_t>(read.row)] = parts.reads(read.unknown);
  std::vector<Expr> rows(rows_.size());
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (!used[i]) continue;
    const NodeId from = rows_[i].outer.id();
    step.rows.push_back(b.input({g.shape(from).cols, 1}, g.is_finite(from)));
    step.counts.push_back(rows_[i].counts);
    rows[i] = Expr(&b, step.rows.back());
    outer.push_back(rows_[i].outer);
  }
  Bound bound;
  for (NodeId id : parts.outside) {
    if (g.is_constant(id)) continue;
    step.shared.push_back(b.input(g.shape(id), g.is_finite(id)));
    shared.push_back(state_.expr(id));
    bound.replaced.push_back(id);
    bound.with.push_back(Expr(&b, step.shared.back()));
  }
  bind(parts, Expr(&b, step.state), rows, bound);
  return substitute(g, b, wanted, bound.replaced, bound.with);
}

std::string LoopRecording::make_scan(const std::vector<NodeId>& next,
                                     const std::vector<Guard>& guards) {
  const Graph& g = *state_.graph;
  std::vector<NodeId> wanted;
  for (std::size_t k = 0; k < states_.size(); ++k)
    wanted.push_back(states_[k].role == State::kSum ? states_[k].added : next[k]);
  for (const auto& [access, write] : writes_) wanted.push_back(write.value);
  for (const Guard& guard : guards) wanted.push_back(guard.node);
  ScanStep step;
  std::vector<Expr> shared, outer;
  const std::vector<NodeId> found = copy_step(wanted, step, shared, outer);
  Graph& b = *step.graph;
  auto value = found.begin();

  std::vector<Expr> carried, kept;
  std::int32_t columns = std::max(carried_, 1);
  const auto keep = [&](Expr x) {
    kept.push_back(flat(x));
    columns += static_cast<std::int32_t>(x.shape().size());
    return columns - static_cast<std::int32_t>(x.shape().size());
  };
  for (State& variable : states_) {
    const Expr now = expand(Expr(&b, *value++), g.shape(variable.unknown));
    if (variable.role == State::kCarried) carried.push_back(flat(now));
    if (variable.role == State::kSum) variable.column = keep(now);
  }
  std::map<Element, Expr> written;
  for (auto& [access, write] : writes_) {
    const Expr now(&b, *value++);
    for (std::int32_t c = 0; c < now.shape().size(); ++c) {
      const Element at{static_cast<std::int32_t>(access), c};
      const auto in_state = registers_.find(at);
      written[at] = element(now, c);
      write.columns.push_back(in_state == registers_.end() ? keep(written[at])
                                                           : in_state->second.column);
    }
  }
  for (const auto& [from, known] : registers_) {
    carried.push_back(written.at(from));
    const auto depth = static_cast<std::int32_t>(known.first.size());
    if (depth > 1) carried.push_back(slice(Expr(&b, step.state), known.column, {depth - 1, 1}));
  }
  const std::int32_t guards_at = columns;
  for (std::size_t k = 0; k < guards.size(); ++k) keep(Expr(&b, *value++));
  if (std::int64_t{columns} * steps_ > kMostNumbers) return "it has too many steps for its state";

  step.next = carried.empty() ? step.state : stacked(b, carried).id();
  if (!kept.empty()) step.output = stacked(b, kept).id();
  scan_ = scan(*state_.graph, step, state_before_loop(), shared, outer);
  std::int32_t at = guards_at;
  for (const Guard& guard : guards) {
    if (!add_guard(guard, at)) return "a comparison has another outcome in some steps";
    at += size_of(g, guard.node);
  }
  return "";
}

// Columns of the scan's states and outputs, a row for each step.
Expr LoopRecording::by_step(std::int32_t column, std::int32_t columns) const {
  return slice(scan_, column * steps_, {steps_, columns});
}

// False where it does not hold in all steps.
bool LoopRecording::add_guard(const Guard& guard, std::int32_t column) {
  const Expr outcomes = by_step(column, size_of(*state_.graph, guard.node));
  Guard all{outcomes.id(), {}};
  for (double expected : guard.expected)
    all.expected.insert(all.expected.end(), static_cast<std::size_t>(steps_), expected);
  if (!all.holds(state_.evaluator.value(all.node))) return false;
  state_.graph->add_guard(all.node, std::move(all.expected));
  return true;
}

// Nodes of the last step, at the state before it.
std::vector<Expr> LoopRecording::in_last_step(const std::vector<NodeId>& wanted) {
  Graph& g = *state_.graph;
  const Parts parts = parts_of(wanted);
  const Expr state =
      gather(scan_, strided(steps_ - 2, steps_, std::max(carried_, 1)), {std::max(carried_, 1), 1});
  std::vector<Expr> rows;
  for (const Row& row : rows_) {
    const std::int32_t width = row.outer.shape().cols;
    rows.push_back(gather(row.outer, strided(steps_ - 1, steps_, width), {width, 1}));
  }
  Bound bound;
  for (NodeId id : parts.outside) {
    bound.replaced.push_back(id);
    bound.with.push_back(Expr(&g, id));
  }
  bind(parts, state, rows, bound);
  std::vector<Expr> out;
  for (NodeId id : substitute(g, g, wanted, bound.replaced, bound.with)) out.push_back({&g, id});
  return out;
}

void LoopRecording::find_values(const std::vector<NodeId>& next,
                                const std::vector<NodeId>& wanted) {
  std::vector<NodeId> last = wanted;
  for (std::size_t k = 0; k < states_.size(); ++k)
    if (states_[k].role == State::kUnread) last.push_back(next[k]);
  const std::vector<Expr> found = in_last_step(last);
  others.assign(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(wanted.size()));
  auto unread = found.begin() + static_cast<std::ptrdiff_t>(wanted.size());
  for (const State& state : states_) {
    const Shape s = state_.graph->shape(state.unknown);
    const auto size = static_cast<std::int32_t>(s.size());
    if (state.role == State::kUnread) {
      states.push_back(*unread++);
    } else if (state.role == State::kCarried) {
      const Index at = strided(state.column * steps_ + steps_ - 1, steps_, size);
      states.push_back(gather(scan_, at, s));
    } else {
      const Expr all = by_step(state.column, size);
      const Expr total = s.scalar() ? sum(all) : reshape(col_sums(all), s);
      states.push_back(state.negative ? state.now - total : state.now + total);
    }
  }
  for (std::size_t v = 0; v < filled_.size(); ++v) filled.push_back(joined(v));
}

// A vector as the loop leaves it.
Expr LoopRecording::joined(std::size_t vector) const {
  const Expr before = filled_[vector];
  std::vector<Cell> cells;
  std::int32_t at = 0;
  for (const WriteLog::Last& last : log_.last(vector)) {
    if (last.step < 0) {
      cells.push_back({before.id(), before.shape().scalar() ? -1 : at});
    } else {
      const Write& write = writes_.at(static_cast<std::size_t>(last.access));
      const std::int32_t column = write.columns[static_cast<std::size_t>(last.column)];
      cells.push_back({scan_.id(), column * steps_ + last.step});
    }
    ++at;
  }
  return join_cells(state_, cells, before.shape());
}

std::string LoopRecording::finish(const std::vector<NodeId>& next,
                                  const std::vector<NodeId>& wanted) {
  const std::vector<Guard> guards = take_guards();
  std::vector<NodeId> all = wanted;
  for (const Guard& guard : guards) all.push_back(guard.node);
  for (const auto& [access, write] : writes_) all.push_back(write.value);
  std::string reason = find_registers();
  if (!reason.empty()) return reason;
  add_rows_before();
  find_roles(next, all);
  lay_out_state();
  all.insert(all.end(), next.begin(), next.end());
  const Parts parts = parts_of(all);
  if (parts.inside.size() > kMostOperations) return "a step has too many operations";
  if (carried_ > kMostCarried) return "its state has too many numbers";
  for (NodeId id : parts.inside)
    if (!may_be_inside(state_.graph->node(id).op))
      return "a step has a function inside of it that the engine searches or cannot look into";
  reason = make_scan(next, guards);
  if (reason.empty()) find_values(next, wanted);
  return reason;
}

}  // namespace admle
