// Bodies of functions that R's routines call, see recorded-body.h.
#include "trace/recorded-body.h"

#include "derive/derive.h"
#include "ops/structural.h"

namespace admle {
namespace {

Body taken(TraceState& state, NodeId unknown, NodeId value, std::size_t first_guard,
           std::vector<NodeId>& outer) {
  Graph& graph = *state.graph;
  const std::vector<char> depends = depends_on(graph, unknown);
  const std::vector<Guard> guards = graph.take_guards(first_guard, [&](NodeId id) {
    return id >= unknown && depends[static_cast<std::size_t>(id - unknown)] != 0;
  });
  return take_body(graph, unknown, value, guards, outer);
}

}  // namespace

RecordedBody::RecordedBody(TraceState& state, NodeId unknown, NodeId value, std::size_t first_guard)
    : state_(state), body_(taken(state, unknown, value, first_guard, outer_)) {
  for (NodeId id : outer_) {
    const double* now = state.evaluator.value(id);
    now_.emplace_back(now, now + state.graph->shape(id).size());
  }
}

RecordedBody::RecordedBody(const RecordedBody& of, NodeId value)
    : state_(of.state_), outer_(of.outer_), body_(of.body_), now_(of.now_) {
  body_.value = value;
  body_.guards.clear();
}

std::vector<RecordedBody> RecordedBody::switches() const {
  std::vector<RecordedBody> out;
  for (NodeId id : moving_switches(body_)) out.push_back(RecordedBody(*this, id));
  return out;
}

std::unique_ptr<RecordedBody> RecordedBody::slope(double shift, double stretch) const {
  Graph& g = *body_.graph;
  std::vector<NodeId> at{body_.unknown};
  const Expr x(&g, body_.unknown);
  std::vector<Expr> along{shift + stretch * x};
  if (shift == 0 && stretch == 0) along[0] = Expr(0);
  for (NodeId id : body_.parameters) {
    // Unlike numbers, so that directions do not cancel.
    const double part = 1 + 0.618 * static_cast<double>(at.size());
    at.push_back(id);
    along.push_back(expand(Expr(&g, g.constant(part)), g.shape(id)));
  }
  try {
    const Expr found = jvp(g, {body_.value}, at, along, 1)[0];
    if (found.is_zero()) return nullptr;
    const NodeId value = expand(found, g.shape(body_.value)).id();
    return std::unique_ptr<RecordedBody>(new RecordedBody(*this, value));
  } catch (const GraphError&) {
    return nullptr;  // a rule that is missing: said where the derivative is wanted
  }
}

bool RecordedBody::run(const double* x, std::vector<double>& out) {
  if (!program_) {
    std::vector<NodeId> outputs{body_.value};
    for (const Guard& guard : body_.guards) outputs.push_back(guard.node);
    program_ = std::make_unique<Program>(body_.graph, std::move(outputs));
  }
  std::vector<const double*> inputs{x};
  for (const std::vector<double>& now : now_) inputs.push_back(now.data());
  program_->run(inputs, [] { Rcpp::checkUserInterrupt(); });
  for (std::size_t i = 0; i < body_.guards.size(); ++i)
    if (!body_.guards[i].holds(program_->output(i + 1))) return false;
  out.assign(program_->output(0), program_->output(0) + program_->output_size(0));
  return true;
}

std::vector<Expr> RecordedBody::parameters() const {
  std::vector<Expr> out;
  for (NodeId id : outer_) out.push_back(state_.expr(id));
  return out;
}

Expr RecordedBody::root(const RootSpec& spec, const std::vector<Expr>& interval) const {
  return admle::root(body_, spec, *state_.graph, interval, parameters());
}

Expr RecordedBody::at(Expr x, bool guarded) const {
  return put_body(body_, *state_.graph, x, parameters(), guarded);
}

Expr RecordedBody::envelope(Expr x) const {
  return admle::envelope(body_, *state_.graph, x, parameters());
}

}  // namespace admle
