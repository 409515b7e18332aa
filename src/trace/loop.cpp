// Recording a step: unknowns and what is read of filled vectors, see loop.h.
#include "trace/loop.h"

#include <algorithm>

#include "body/step-program.h"
#include "derive/substitute.h"
#include "ops/structural.h"

namespace admle {
namespace {

// Every `n`-th number from `begin` on.
Index strided(std::int32_t begin, std::int32_t n, std::int32_t count) {
  Index out;
  for (std::int32_t k = 0; k < count; ++k) out.push_back(begin + k * n);
  return out;
}

std::int32_t size_of(const Graph& g, NodeId id) {
  return static_cast<std::int32_t>(g.shape(id).size());
}

}  // namespace

LoopRecording::LoopRecording(TraceState& state, std::int32_t steps)
    : state_(state), steps_(steps), first_(state.graph->size()),
      first_guard_(state.graph->guards().size()), log_(steps) {}

bool LoopRecording::is_unknown(NodeId id) const {
  const auto at = static_cast<std::size_t>(id - first_);
  return id >= first_ && at < unknown_.size() && unknown_[at] != 0;
}

NodeId LoopRecording::make_unknown(Expr now) {
  const NodeId id = state_.graph->unknown(now.id());
  unknown_.resize(static_cast<std::size_t>(id - first_) + 1, 0);
  unknown_.back() = 1;
  return id;
}

NodeId LoopRecording::add_state(Expr now) {
  states_.push_back({State::kCarried, make_unknown(now), now});
  return states_.back().unknown;
}

NodeId LoopRecording::add_row(Expr x, Index positions, Shape shape, bool counts) {
  const auto width = static_cast<std::int32_t>(shape.size());
  const Expr outer = gather(x, std::move(positions), {steps_, width});
  const NodeId id = make_unknown(gather(outer, strided(0, steps_, width), shape));
  row_of_[id] = rows_.size();
  rows_.push_back({outer, counts});
  return id;
}

bool LoopRecording::depends(NodeId id) {
  const Graph& g = *state_.graph;
  if (id < first_) return false;
  for (NodeId now = first_ + static_cast<NodeId>(depends_.size()); now <= id; ++now) {
    bool any = is_unknown(now);
    for (std::uint32_t i = 0; i < g.node(now).n_inputs && !any; ++i) {
      const NodeId in = g.input_of(now, i);
      any = in >= first_ && depends_[static_cast<std::size_t>(in - first_)];
    }
    depends_.push_back(any);
  }
  return depends_[static_cast<std::size_t>(id - first_)] != 0;
}

LoopRecording::Parts LoopRecording::parts_of(const std::vector<NodeId>& wanted) {
  const Graph& g = *state_.graph;
  Parts out;
  std::vector<bool> met(static_cast<std::size_t>(g.size()));
  std::vector<NodeId> todo = wanted;
  while (!todo.empty()) {
    const NodeId id = todo.back();
    todo.pop_back();
    if (met[static_cast<std::size_t>(id)]) continue;
    met[static_cast<std::size_t>(id)] = true;
    if (is_unknown(id)) {
      out.unknowns.push_back(id);
    } else if (!depends(id)) {
      out.outside.push_back(id);
    } else {
      out.inside.push_back(id);
      for (std::uint32_t i = 0; i < g.node(id).n_inputs; ++i) todo.push_back(g.input_of(id, i));
    }
  }
  for (auto* nodes : {&out.inside, &out.unknowns, &out.outside})
    std::sort(nodes->begin(), nodes->end());
  return out;
}

bool LoopRecording::Parts::reads(NodeId unknown) const {
  return std::binary_search(unknowns.begin(), unknowns.end(), unknown);
}

std::vector<double> LoopRecording::at_all_steps(NodeId id) {
  const Graph& g = *state_.graph;
  const Parts parts = parts_of({id});
  const auto fixed = [&](NodeId x) { return g.is_fixed(x); };
  if (!std::all_of(parts.outside.begin(), parts.outside.end(), fixed)) return {};
  auto made = std::make_shared<Graph>();
  std::vector<NodeId> replaced, changing;
  std::vector<Expr> with, outer;
  for (NodeId x : parts.unknowns) {
    const auto row = row_of_.find(x);
    if (row == row_of_.end() || !g.is_fixed(rows_[row->second].outer.id())) return {};
    outer.push_back(rows_[row->second].outer);
    changing.push_back(made->input(g.shape(x)));
    replaced.push_back(x);
    with.push_back(Expr(made.get(), changing.back()));
  }
  for (NodeId x : parts.outside) {
    const double* value = state_.evaluator.value(x);
    const Shape s = g.shape(x);
    replaced.push_back(x);
    with.push_back(constant(made.get(), std::vector<double>(value, value + s.size()), s));
  }
  const NodeId found = substitute(g, *made, {id}, replaced, with)[0];
  StepProgram program(made, {found}, changing);
  const auto n = static_cast<std::size_t>(steps_), size = static_cast<std::size_t>(size_of(g, id));
  std::vector<double> out(n * size);
  std::vector<const double*> from;
  for (const Expr& x : outer) from.push_back(state_.evaluator.value(x.id()));
  program.start();
  for (std::size_t t = 0; t < n; ++t) {
    for (std::size_t i = 0; i < changing.size(); ++i)
      for (std::int32_t c = 0; c < size_of(*made, changing[i]); ++c)
        if (double* to = program.at(changing[i]))
          to[c] = from[i][t + static_cast<std::size_t>(c) * n];
    program.step();
    for (std::size_t c = 0; c < size; ++c) out[t + c * n] = program.at(found)[c];
  }
  return out;
}

std::size_t LoopRecording::add_filled(Expr x) {
  filled_.push_back(x);
  return log_.add_vector(x.shape().size());
}

NodeId LoopRecording::read(std::size_t vector, Index positions, Shape shape) {
  const auto width = static_cast<std::int32_t>(shape.size());
  Read read{-1, 0, {}, -1};
  std::vector<Expr> parts;
  for (std::int32_t c = 0; c < width; ++c) {
    const Written now = log_.in_this_step(vector, positions, c);
    if (now.access < 0) break;
    const NodeId value = writes_.at(static_cast<std::size_t>(now.access)).value;
    read.written.push_back(now);
    parts.push_back(element(state_.expr(value), now.column));
  }
  NodeId out = -1;
  if (static_cast<std::int32_t>(parts.size()) == width) {
    out = concat(parts, shape, state_.graph.get()).id();
  } else {
    Index first;
    for (std::int32_t c = 0; c < width; ++c)
      first.push_back(positions[static_cast<std::size_t>(c) * static_cast<std::size_t>(steps_)]);
    out = read.unknown = make_unknown(gather(filled_[vector], first, shape));
  }
  read.access = log_.add(vector, std::move(positions), false);
  reads_.push_back(std::move(read));
  return out;
}

void LoopRecording::write(std::size_t vector, Index positions, NodeId value) {
  const std::size_t access = log_.add(vector, std::move(positions), true);
  writes_[access] = {value, {}};
}

std::vector<Guard> LoopRecording::take_guards() {
  return state_.graph->take_guards(first_guard_, [&](NodeId id) { return depends(id); });
}

}  // namespace admle
