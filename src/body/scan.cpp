// Running a scan and making its derivatives, see scan.h.
#include "body/scan.h"

#include <algorithm>
#include <cstring>
#include <map>

#include "body/body.h"
#include "body/step-program.h"
#include "derive/derive.h"
#include "derive/substitute.h"
#include "ops/structural.h"

namespace admle {
namespace {

std::int32_t size_of(const Graph& g, NodeId id) {
  return id < 0 ? 0 : static_cast<std::int32_t>(g.shape(id).size());
}

ScanLayout layout_of_step(const ScanStep& step) {
  const Graph& g = *step.graph;
  return {step.steps, size_of(g, step.next), size_of(g, step.output), size_of(g, step.added)};
}

// In full, as one column.
Expr column(Graph& g, Expr x, Shape full) {
  const Expr whole = expand(Expr(&g, x.in(&g)), full);
  return reshape(whole, {static_cast<std::int32_t>(full.size()), 1});
}

// The columns one after the other, or -1.
NodeId stacked(Graph& g, const std::vector<Expr>& parts) {
  if (parts.empty()) return -1;
  if (parts.size() == 1) return parts[0].id();
  std::int32_t size = 0;
  for (const Expr& part : parts) size += part.shape().rows;
  return concat(parts, {size, 1}, &g).id();
}

// A copy of a step on inputs of another graph, at the state before the step.
struct CopiedStep {
  ScanStep made;                     // its graph and inputs; the state is still to be made
  Expr before;                       // the state before the step
  std::vector<NodeId> shared, rows;  // copies of the inputs
  NodeId next, output = -1, added = -1;

  explicit CopiedStep(const ScanStep& of) {
    const Graph& from = *of.graph;
    made.graph = std::make_shared<Graph>();
    made.steps = of.steps;
    Graph& g = *made.graph;
    before = Expr(&g, add_row(from.shape(of.state), false));
    std::vector<NodeId> replaced{of.state}, wanted{of.next};
    std::vector<Expr> with{before};
    const auto copy = [&](NodeId id, NodeId to) {
      replaced.push_back(id);
      with.push_back(Expr(&g, to));
      return to;
    };
    for (NodeId id : of.shared)
      shared.push_back(copy(id, add_shared(from.shape(id), from.is_finite(id))));
    for (std::size_t i = 0; i < of.rows.size(); ++i) {
      rows.push_back(copy(of.rows[i], add_row(from.shape(of.rows[i]), from.is_finite(of.rows[i]))));
      made.counts.back() = of.counts[i];
    }
    if (of.output >= 0) wanted.push_back(of.output);
    if (of.added >= 0) wanted.push_back(of.added);
    const std::vector<NodeId> found = substitute(from, g, wanted, replaced, with);
    next = found[0];
    if (of.output >= 0) output = found[1];
    if (of.added >= 0) added = found.back();
  }

  NodeId add_row(Shape shape, bool finite = false) {
    made.rows.push_back(made.graph->input(shape, finite));
    made.counts.push_back(0);
    return made.rows.back();
  }
  NodeId add_shared(Shape shape, bool finite = false) {
    made.shared.push_back(made.graph->input(shape, finite));
    return made.shared.back();
  }
};

class Scan final : public Nested {
 public:
  explicit Scan(const ScanStep& step) : step_(step), layout_(layout_of_step(step)) {}

  const char* name() const override { return "loop"; }
  const ScanStep& step() const { return step_; }
  const ScanLayout& layout() const { return layout_; }

  void run(const Argument* in, const Result& out) override;
  void vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) override;
  Expr jvp(Graph& g, NodeId id, const Expr* tangents, std::int32_t directions) override;

 private:
  std::size_t inputs() const { return 1 + step_.shared.size() + step_.rows.size(); }
  NodeId input_of_step(std::size_t i) const {
    if (i == 0) return step_.state;
    return i <= step_.shared.size() ? step_.shared[i - 1] : step_.rows[i - 1 - step_.shared.size()];
  }
  Shape shape_of(std::size_t i) const { return step_.graph->shape(input_of_step(i)); }
  void run_blocks(const Argument* in, const Result& out);
  Expr states_before(Graph& g, NodeId id) const;
  std::shared_ptr<Scan> backwards(const std::vector<std::int32_t>& wanted);
  std::shared_ptr<Scan> along(const std::vector<std::int32_t>& moved, std::int32_t directions);
  static Expr node_of(Graph& g, const std::shared_ptr<Scan>& scan, Expr first,
                      const std::vector<Expr>& shared, const std::vector<Expr>& rows);
  friend Expr admle::scan(Graph&, const ScanStep&, Expr, const std::vector<Expr>&,
                          const std::vector<Expr>&);

  ScanStep step_;                         // what is run
  ScanLayout layout_;                     // of the value
  std::unique_ptr<StepProgram> program_;  // of a step, once needed
  bool in_blocks_ = false;                // whether it runs many steps together
  // Scans of derivatives, by their directions (0: reverse mode) and inputs: asked for again, they
  // are the same nodes.
  std::map<std::vector<std::int32_t>, std::shared_ptr<Scan>> derived_;
};

// Columns of numbers that go to or come from consecutive numbers of the program.
struct Transfer {
  double* step;        // in the program
  double* to;          // row 0 in the value, or
  const double* from;  // of an input
  std::int64_t ld;     // from column to column
  std::int32_t columns;
};

void Scan::run(const Argument* in, const Result& out) {
  if (!program_) {
    std::vector<NodeId> outputs{step_.next}, changing = step_.rows;
    for (NodeId id : {step_.output, step_.added})
      if (id >= 0) outputs.push_back(id);
    changing.push_back(step_.state);
    program_ = std::make_unique<StepProgram>(step_.graph, outputs, changing);
    in_blocks_ = program_->take_blocks(step_.state, step_.next);
  }
  const std::int64_t n = layout_.steps;
  for (std::size_t i = 0; i <= step_.shared.size(); ++i) {
    double* to = program_->at(input_of_step(i));
    const Shape s = shape_of(i);
    for (std::int32_t j = 0; to != nullptr && j < s.cols; ++j)
      std::copy_n(in[i].data + j * in[i].ld, s.rows, to + static_cast<std::int64_t>(j) * s.rows);
  }
  std::vector<Transfer> reads, writes;
  for (std::size_t i = 1 + step_.shared.size(); i < inputs(); ++i)
    if (double* to = program_->at(input_of_step(i)))
      reads.push_back({to, nullptr, in[i].data, in[i].ld, shape_of(i).rows});
  const double* const next = program_->at(step_.next);
  writes.push_back({program_->at(step_.next), out.data, nullptr, n, layout_.state});
  if (step_.output >= 0)
    writes.push_back(
        {program_->at(step_.output), out.data + layout_.outputs_at(), nullptr, n, layout_.output});
  double* const sums = out.data + layout_.sums_at();
  const double* const added = step_.added < 0 ? nullptr : program_->at(step_.added);
  std::fill_n(sums, layout_.added, 0.0);
  double* const state = program_->at(step_.state);
  program_->start();
  if (in_blocks_) return run_blocks(in, out);
  for (std::int64_t k = 0; k < n; ++k) {
    const std::int64_t t = step_.reversed ? n - 1 - k : k;
    for (const Transfer& read : reads)
      for (std::int32_t c = 0; c < read.columns; ++c) read.step[c] = read.from[t + c * read.ld];
    program_->step();
    for (const Transfer& write : writes)
      for (std::int32_t c = 0; c < write.columns; ++c) write.to[t + c * write.ld] = write.step[c];
    for (std::int32_t c = 0; c < layout_.added; ++c) sums[c] += added[c];
    if (state != nullptr)
      std::memmove(state, next, static_cast<std::size_t>(layout_.state) * sizeof(double));
  }
}

void Scan::run_blocks(const Argument* in, const Result& out) {
  struct Move {
    StepProgram::Column column;
    const double* from;
    double* to;
  };
  StepProgram& program = *program_;
  const std::int64_t n = layout_.steps;
  std::vector<Move> reads, writes;
  for (std::size_t i = 1 + step_.shared.size(); i < inputs(); ++i)
    for (std::int32_t c = 0; c < shape_of(i).rows; ++c)
      reads.push_back({program.column(input_of_step(i), c), in[i].data + c * in[i].ld, nullptr});
  for (std::int32_t c = 0; c < layout_.state; ++c)
    writes.push_back({program.column(step_.next, c), nullptr, out.data + c * n});
  for (std::int32_t c = 0; c < layout_.output; ++c)
    writes.push_back(
        {program.column(step_.output, c), nullptr, out.data + layout_.outputs_at() + c * n});
  if (const double* first = program.at(step_.state))
    for (std::int32_t c = 0; c < layout_.state; ++c) *program.column(step_.state, c).at = first[c];
  double* const sums = out.data + layout_.sums_at();
  const std::int64_t along = step_.reversed ? -1 : 1;
  for (std::int64_t done = 0; done < n; done += StepProgram::kBlock) {
    const std::int64_t count = std::min(StepProgram::kBlock, n - done);
    const std::int64_t t = step_.reversed ? n - 1 - done : done;
    for (const Move& read : reads)
      for (std::int64_t i = 0; read.column.at != nullptr && i < count; ++i)
        read.column.at[i] = read.from[t + i * along];
    program.run_block(count);
    for (const Move& write : writes)
      for (std::int64_t i = 0; i < count; ++i)
        write.to[t + i * along] = write.column.at[i * write.column.stride];
    for (std::int32_t c = 0; c < layout_.added; ++c) {
      const StepProgram::Column added = program.column(step_.added, c);
      for (std::int64_t i = 0; i < count; ++i) sums[c] += added.at[i * added.stride];
    }
  }
}

// A row for each step.
Expr Scan::states_before(Graph& g, NodeId id) const {
  const std::int32_t n = layout_.steps, size = layout_.state;
  const Expr value(&g, id), first(&g, g.input_of(id, 0));
  if (n == 1) return reshape(first, {1, size});
  if (size == 1) {
    std::vector<Expr> parts{first, slice(value, step_.reversed ? 1 : 0, {n - 1, 1})};
    if (step_.reversed) std::swap(parts[0], parts[1]);
    return concat(parts, {n, 1}, &g);
  }
  Index index;
  index.reserve(static_cast<std::size_t>(n) * static_cast<std::size_t>(size));
  for (std::int32_t k = 0; k < size; ++k)
    for (std::int32_t t = 0; t < n; ++t) {
      const std::int32_t before = step_.reversed ? t + 1 : t - 1;
      index.push_back(before < 0 || before == n ? k : size + before + k * n);
    }
  const Expr both = concat({first, slice(value, 0, {n * size, 1})}, {size + n * size, 1}, &g);
  return gather(both, std::move(index), {n, size});
}

// The adjoint of the state is carried back; those of `wanted` rows are outputs, those of `wanted`
// shared inputs are sums.
std::shared_ptr<Scan> Scan::backwards(const std::vector<std::int32_t>& wanted) {
  std::shared_ptr<Scan>& known = derived_[wanted];
  if (known) return known;
  CopiedStep copied(step_);
  ScanStep& made = copied.made;
  Graph& g = *made.graph;
  made.reversed = !step_.reversed;
  made.state = g.input({layout_.state, 1}, false);
  const Expr later(&g, made.state);
  const auto seeded = [&](NodeId id, Expr seed) { return sum(Expr(&g, id) * seed); };
  Expr total = seeded(copied.next, later + Expr(&g, copied.add_row({layout_.state, 1})));
  if (copied.output >= 0)
    total = total + seeded(copied.output, Expr(&g, copied.add_row({layout_.output, 1})));
  if (copied.added >= 0)
    total = total + seeded(copied.added, Expr(&g, copied.add_shared({layout_.added, 1})));
  std::vector<NodeId> wrt{copied.before.id()};
  for (std::size_t i = 1; i < wanted.size(); ++i)
    if (wanted[i])
      wrt.push_back(i <= copied.shared.size() ? copied.shared[i - 1]
                                              : copied.rows[i - 1 - copied.shared.size()]);
  const std::vector<Expr> found = admle::vjp(g, total.in(&g), Expr(&g, g.constant(1.0)), wrt);
  made.next = column(g, found[0], g.shape(wrt[0])).id();
  std::vector<Expr> sums, outputs;
  std::size_t k = 1;
  for (std::size_t i = 1; i < wanted.size(); ++i)
    if (wanted[i]) {
      (i <= copied.shared.size() ? sums : outputs).push_back(column(g, found[k], g.shape(wrt[k])));
      ++k;
    }
  made.output = stacked(g, outputs);
  made.added = stacked(g, sums);
  known = std::make_shared<Scan>(made);
  return known;
}

void Scan::vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) {
  std::vector<std::int32_t> wanted{0};
  std::vector<Expr> shared, rows{states_before(g, id)};
  for (std::size_t i = 1; i < inputs(); ++i) {
    const auto input = static_cast<std::uint32_t>(i);
    wanted.push_back(sink.wants(input));
    (i <= step_.shared.size() ? shared : rows).push_back(Expr(&g, g.input_of(id, input)));
  }
  const std::int32_t n = layout_.steps;
  rows.push_back(slice(adjoint, 0, {n, layout_.state}));
  if (layout_.output > 0) rows.push_back(slice(adjoint, layout_.outputs_at(), {n, layout_.output}));
  if (layout_.added > 0) shared.push_back(slice(adjoint, layout_.sums_at(), {layout_.added, 1}));
  const std::shared_ptr<Scan> back = backwards(wanted);
  const Expr zero = expand(Expr(&g, g.constant(0.0)), {layout_.state, 1});
  const Expr found = node_of(g, back, zero, shared, rows);
  const ScanLayout& at = back->layout();
  if (sink.wants(0))
    sink.add(0, gather(found, at.last_state(back->step_.reversed), {layout_.state, 1}));
  std::int32_t sum = at.sums_at(), output = at.outputs_at();
  for (std::size_t i = 1; i < inputs(); ++i) {
    if (!wanted[i]) continue;
    const bool is_row = i > step_.shared.size();
    const Shape s = is_row ? Shape{n, shape_of(i).rows} : shape_of(i);
    std::int32_t& begin = is_row ? output : sum;
    sink.add(static_cast<std::uint32_t>(i), slice(found, begin, s));
    begin += static_cast<std::int32_t>(s.size());
  }
}

// The tangent of the state is carried on, the state itself is known. All are columns, directions
// slowest.
std::shared_ptr<Scan> Scan::along(const std::vector<std::int32_t>& moved, std::int32_t directions) {
  std::shared_ptr<Scan>& known = derived_[moved];
  if (known) return known;
  CopiedStep copied(step_);
  ScanStep& made = copied.made;
  Graph& g = *made.graph;
  made.reversed = step_.reversed;
  made.state = g.input({layout_.state * directions, 1}, false);
  std::vector<NodeId> wrt{copied.before.id()}, outputs{copied.next};
  std::vector<Expr> tangents{reshape(Expr(&g, made.state), {layout_.state, directions})};
  for (std::size_t i = 1; i < inputs(); ++i) {
    if (!moved[i]) continue;
    const Shape s = shape_of(i);
    if (i <= copied.shared.size()) {
      wrt.push_back(copied.shared[i - 1]);
      tangents.push_back(Expr(&g, copied.add_shared({s.rows, s.cols * directions})));
    } else {
      wrt.push_back(copied.rows[i - 1 - copied.shared.size()]);
      const NodeId row = copied.add_row({s.rows * directions, 1});
      tangents.push_back(reshape(Expr(&g, row), {s.rows, directions}));
    }
  }
  if (copied.output >= 0) outputs.push_back(copied.output);
  if (copied.added >= 0) outputs.push_back(copied.added);
  const std::vector<Expr> found = admle::jvp(g, outputs, wrt, tangents, directions);
  const auto whole = [&](std::size_t i) {
    return column(g, found[i], {g.shape(outputs[i]).rows, directions}).id();
  };
  made.next = whole(0);
  if (copied.output >= 0) made.output = whole(1);
  if (copied.added >= 0) made.added = whole(outputs.size() - 1);
  known = std::make_shared<Scan>(made);
  return known;
}

Expr Scan::jvp(Graph& g, NodeId id, const Expr* tangents, std::int32_t directions) {
  std::vector<std::int32_t> moved{directions};
  std::vector<Expr> shared, rows{states_before(g, id)};
  for (std::size_t i = 1; i < inputs(); ++i)
    (i <= step_.shared.size() ? shared : rows)
        .push_back(Expr(&g, g.input_of(id, static_cast<std::uint32_t>(i))));
  for (std::size_t i = 1; i < inputs(); ++i) {
    moved.push_back(!tangents[i].is_zero());
    if (tangents[i].is_zero()) continue;
    const Shape s = g.shape(g.input_of(id, static_cast<std::uint32_t>(i)));
    (i <= step_.shared.size() ? shared : rows)
        .push_back(expand(tangents[i], {s.rows, s.cols * directions}));
  }
  const Expr start = tangents[0].is_zero() ? Expr(&g, g.constant(0.0)) : tangents[0];
  const Expr first = column(g, start, {layout_.state, directions});
  const Expr found = node_of(g, along(moved, directions), first, shared, rows);
  if (directions == 1) return found;
  const std::int32_t sizes[] = {layout_.outputs_at(), layout_.sums_at() - layout_.outputs_at(),
                                layout_.added};
  std::vector<Expr> parts;
  for (std::int32_t d = 0; d < directions; ++d) {
    std::int32_t begin = 0;
    for (std::int32_t size : sizes) {
      if (size > 0) parts.push_back(slice(found, begin + d * size, {size, 1}));
      begin += size * directions;
    }
  }
  return concat(parts, {layout_.size(), directions}, &g);
}

Expr Scan::node_of(Graph& g, const std::shared_ptr<Scan>& scan, Expr first,
                   const std::vector<Expr>& shared, const std::vector<Expr>& rows) {
  std::vector<Expr> inputs{first};
  inputs.insert(inputs.end(), shared.begin(), shared.end());
  inputs.insert(inputs.end(), rows.begin(), rows.end());
  return nested(&g, inputs, {scan->layout_.size(), 1}, scan);
}

const Scan* as_scan(const Graph& graph, NodeId id) {
  if (graph.node(id).op != Op::nested) return nullptr;
  return dynamic_cast<const Scan*>(&nested_of(graph, id));
}

}  // namespace

Index ScanLayout::last_state(bool reversed) const {
  Index out;
  for (std::int32_t k = 0; k < state; ++k) out.push_back(k * steps + (reversed ? 0 : steps - 1));
  return out;
}

Expr scan(Graph& to, const ScanStep& step, Expr first, const std::vector<Expr>& shared,
          const std::vector<Expr>& rows) {
  return Scan::node_of(to, std::make_shared<Scan>(step), first, shared, rows);
}

Expr recursive_filter(Expr x, Expr filter, Expr before) {
  ScanStep step;
  step.graph = std::make_shared<Graph>();
  Graph& g = *step.graph;
  step.steps = x.shape().rows;
  const std::int32_t order = filter.shape().rows;
  step.state = g.input({order, 1}, false);
  step.shared = {g.input({order, 1}, x.graph()->is_finite(filter.id()))};
  step.rows = {g.input({1, 1}, x.graph()->is_finite(x.id()))};
  step.counts = {0};
  const Expr state(&g, step.state);
  const Expr now = Expr(&g, step.rows[0]) + sum(Expr(&g, step.shared[0]) * state);
  std::vector<Expr> after{now};
  if (order > 1) after.push_back(slice(state, 0, {order - 1, 1}));
  step.next = stacked(g, after);
  return slice(scan(*x.graph(), step, before, {filter}, {x}), 0, {step.steps, 1});
}

const ScanStep* scan_of(const Graph& graph, NodeId id) {
  const Scan* found = as_scan(graph, id);
  return found ? &found->step() : nullptr;
}

ScanLayout layout_of(const Graph& graph, NodeId id) { return as_scan(graph, id)->layout(); }

std::vector<char> outputs_by_state(const ScanStep& step) {
  if (step.output < 0) return {};
  const Graph& g = *step.graph;
  const std::vector<char> depends = depends_on(g, step.state);
  const auto carried = [&](NodeId id) {
    return id >= step.state && depends[static_cast<std::size_t>(id - step.state)] != 0;
  };
  std::vector<NodeId> parts{step.output};
  if (g.node(step.output).op == Op::concat)
    parts.assign(g.inputs(step.output), g.inputs(step.output) + g.node(step.output).n_inputs);
  std::vector<char> out;
  for (NodeId part : parts)
    out.insert(out.end(), static_cast<std::size_t>(size_of(g, part)), carried(part));
  return out;
}

}  // namespace admle
