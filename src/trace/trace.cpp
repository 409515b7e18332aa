// Beginning and ending a recording, constants of R's memory, guards.
#include "trace/trace.h"

#include <R_ext/Altrep.h>

#include <algorithm>
#include <limits>

#include "graph/source.h"
#include "ops/structural.h"

namespace admle {
namespace {

// R asks for one recording at a time; a nested one is on top.
std::vector<TraceState*>& active_stack() {
  static std::vector<TraceState*> stack;
  return stack;
}

// Keeps an R vector alive and, because the graph reads its memory, unchanged.
std::shared_ptr<const void> keep(SEXP x) {
  MARK_NOT_MUTABLE(x);
  SEXP token = Rcpp::Rcpp_precious_preserve(x);
  return std::shared_ptr<const void>(x,
                                     [token](const void*) { Rcpp::Rcpp_precious_remove(token); });
}

// The vector whose memory the numbers of x are in, or null. One that wraps another (ALTREP) lets go
// of that when it is asked for a place to write.
SEXP holder_of(SEXP x) {
  if (!ALTREP(x)) return x;
  const SEXP inner = R_altrep_data1(x);
  const bool holds = TYPEOF(inner) == REALSXP && !ALTREP(inner) && REAL_RO(inner) == REAL_RO(x);
  return holds ? inner : nullptr;
}

}  // namespace

std::unique_ptr<TraceState> begin_trace(bool locate) {
  static int serial = 0;
  auto state = std::make_unique<TraceState>();
  state->serial = ++serial;
  state->locate = locate;
  active_stack().push_back(state.get());
  return state;
}

void end_trace(const TraceState& state) {
  auto& stack = active_stack();
  stack.erase(std::remove(stack.begin(), stack.end(), &state), stack.end());
}

TraceState::~TraceState() { end_trace(*this); }

bool has_active_trace() { return !active_stack().empty(); }

TraceState& active_trace() {
  if (active_stack().empty()) {
    Rcpp::stop("a traced value cannot be used after its recording has ended");
  }
  return *active_stack().back();
}

TraceState& recording() {
  TraceState& state = active_trace();
  if (state.locate) {
    const Rcpp::Environment space = Rcpp::Environment::namespace_env("admle");
    Rcpp::Function origin = space["current_origin"];
    state.graph->set_origin(Rcpp::as<int>(origin()));
  }
  return state;
}

Shape shape_of(SEXP dim, int length) {
  if (dim == R_NilValue || Rf_length(dim) < 2) return Shape{length, 1};
  const int rows = INTEGER_RO(dim)[0];
  return Shape{rows, rows == 0 ? 0 : length / rows};
}

double number_at(SEXP x, R_xlen_t i) {
  if (TYPEOF(x) == REALSXP) return REAL_RO(x)[i];
  const int value = TYPEOF(x) == INTSXP ? INTEGER_RO(x)[i] : LOGICAL_RO(x)[i];
  return value == NA_INTEGER ? NA_REAL : value;
}

NodeId constant_node(TraceState& state, SEXP x) {
  const R_xlen_t n = Rf_xlength(x);
  if (n > std::numeric_limits<int>::max()) Rcpp::stop("vector longer than 2^31 - 1");
  if (n == 1) return state.graph->constant(number_at(x, 0));
  const auto found = state.constants.find(x);
  if (found != state.constants.end()) return found->second;

  const Shape shape = shape_of(Rf_getAttrib(x, R_DimSymbol), static_cast<int>(n));
  const SEXP holder = TYPEOF(x) == REALSXP ? holder_of(x) : nullptr;
  NodeId id;
  if (holder != nullptr) {
    auto source = std::make_shared<MemorySource>(REAL_RO(holder), shape.rows, keep(holder));
    id = state.graph->constant(std::move(source), shape);
  } else {
    std::vector<double> values(static_cast<std::size_t>(n));
    for (R_xlen_t i = 0; i < n; ++i) values[static_cast<std::size_t>(i)] = number_at(x, i);
    id = state.graph->constant(std::move(values), shape);
  }
  state.owners.push_back(keep(x));
  state.constants.emplace(x, id);
  return id;
}

Expr join_cells(TraceState& state, const std::vector<Cell>& cells, Shape shape) {
  Graph* graph = state.graph.get();
  std::vector<Expr> parts;
  for (std::size_t i = 0; i < cells.size();) {
    const Cell& first = cells[i];
    std::size_t end = i + 1;
    if (first.at < 0) {
      parts.push_back(state.expr(first.node));
    } else {
      while (end < cells.size() && cells[end].node == first.node && cells[end].at >= 0) ++end;
      Index index;
      index.reserve(end - i);
      for (std::size_t k = i; k < end; ++k) index.push_back(cells[k].at);
      parts.push_back(gather(state.expr(first.node), std::move(index),
                             Shape{static_cast<std::int32_t>(end - i), 1}));
    }
    i = end;
  }
  if (parts.size() == 1) return state.expr(as_shape(state, parts[0].in(graph), shape));
  return concat(parts, shape, graph);
}

NodeId as_shape(TraceState& state, NodeId id, Shape shape) {
  const Shape have = state.graph->shape(id);
  if (have == shape) return id;
  const Expr x = state.expr(id);
  const Expr fitted = have.size() == shape.size() ? reshape(x, shape) : expand(x, shape);
  return fitted.in(state.graph.get());
}

const double* guarded_value(TraceState& state, NodeId id) {
  const double* value = state.evaluator.value(id);
  if (!state.graph->is_fixed(id)) {
    const std::int64_t n = state.graph->shape(id).size();
    state.graph->add_guard(id, std::vector<double>(value, value + n));
  }
  return value;
}

NodeId compared_difference(TraceState& state, NodeId node) {
  const Graph& graph = *state.graph;
  const Op op = graph.node(node).op;
  const bool compares = op == Op::lt || op == Op::le || op == Op::gt || op == Op::ge;
  if (!compares || graph.shape(node).size() != 1) return -1;
  return (state.expr(graph.input_of(node, 0)) - state.expr(graph.input_of(node, 1))).id();
}

Replay replay(const TraceState& state, std::vector<std::vector<double>> inputs, NodeId id) {
  NodeEvaluator evaluator(*state.graph);
  evaluator.set_inputs(std::move(inputs));
  Replay out;
  for (const Guard& guard : state.graph->guards())
    out.valid = out.valid && guard.holds(evaluator.value(guard.node));
  const double* value = evaluator.value(id);
  out.value.assign(value, value + state.graph->shape(id).size());
  return out;
}

}  // namespace admle
