// Traces and traced values: beginning and ending a trace, converting between R objects and nodes,
// values at the recording point, guards.
#include "glue_traced.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "graph/source.h"
#include "model/recording.h"
#include "ops/structural.h"

namespace admle {
namespace {

constexpr int kId = 0, kLength = 1, kKind = 2, kSerial = 3, kVersion = 4, kFields = 5;

SEXP handle_symbol() {
  static SEXP symbol = Rf_install(".admle_handle");
  return symbol;
}
SEXP dim_symbol() {
  static SEXP symbol = Rf_install(".admle_dim");
  return symbol;
}
SEXP names_symbol() {
  static SEXP symbol = Rf_install(".admle_names");
  return symbol;
}

// R asks for one recording at a time; a nested one is on top.
std::vector<TraceState*>& active_stack() {
  static std::vector<TraceState*> stack;
  return stack;
}

SEXP prototype() {
  static SEXP object = R_NilValue;
  if (object == R_NilValue) {
    const Rcpp::Environment space = Rcpp::Environment::namespace_env("admle");
    object = space["traced_prototype"];
    R_PreserveObject(object);
  }
  return object;
}

// A slot that is NULL holds a symbol instead.
SEXP slot(SEXP x, SEXP name) {
  SEXP value = Rf_getAttrib(x, name);
  return TYPEOF(value) == SYMSXP ? R_NilValue : value;
}

const int* handle(SEXP x) { return INTEGER_RO(Rf_getAttrib(x, handle_symbol())); }

const int* handle_of(TraceState& state, SEXP x) {
  const int* fields = handle(x);
  if (fields[kSerial] != state.serial) {
    Rcpp::stop("a value of another recording cannot be used in this one");
  }
  return fields;
}

SEXP new_traced(NodeId id, int length, Kind kind, int serial, std::int32_t version, SEXP dim,
                SEXP names) {
  Rcpp::Shield<SEXP> fields(Rf_allocVector(INTSXP, kFields));
  int* p = INTEGER(fields);
  p[kId] = id;
  p[kLength] = length;
  p[kKind] = static_cast<int>(kind);
  p[kSerial] = serial;
  p[kVersion] = version;
  Rcpp::Shield<SEXP> object(Rf_shallow_duplicate(prototype()));
  Rf_setAttrib(object, handle_symbol(), fields);
  if (dim != R_NilValue) Rf_setAttrib(object, dim_symbol(), dim);
  if (names != R_NilValue) Rf_setAttrib(object, names_symbol(), names);
  return object;
}

// Keeps an R vector alive and, because the graph reads its memory, unchanged.
std::shared_ptr<const void> keep(SEXP x) {
  MARK_NOT_MUTABLE(x);
  SEXP token = Rcpp::Rcpp_precious_preserve(x);
  return std::shared_ptr<const void>(x, [token](const void*) {
    Rcpp::Rcpp_precious_remove(token);
  });
}

bool is_plain_class(SEXP x) {
  return !Rf_inherits(x, "factor") && !Rf_inherits(x, "data.frame") &&
         !Rf_inherits(x, "integer64") && !IS_S4_OBJECT(x);
}

void check_numeric(SEXP x) {
  const int type = TYPEOF(x);
  const bool number = type == REALSXP || type == INTSXP || type == LGLSXP;
  if (!number && TYPEOF(x) != VECSXP) Rcpp::stop("non-numeric argument");
  if (!number || (OBJECT(x) && !is_plain_class(x))) {
    Rcpp::stop("a factor, data frame, list or other object meets a value depending on parameters");
  }
}

Kind kind_of(SEXP x) {
  if (TYPEOF(x) == LGLSXP) return Kind::logical;
  if (TYPEOF(x) == INTSXP) return Kind::whole;
  if (TYPEOF(x) == REALSXP && Rf_xlength(x) == 1) {
    const double value = REAL_RO(x)[0];
    if (std::isfinite(value) && value == std::floor(value)) return Kind::whole;
  }
  return Kind::number;
}

// A vector under assembly as one node: runs of one node's elements are slices or gathers.
NodeId assemble(TraceState& state, SEXP x) {
  const int* fields = handle(x);
  const std::int32_t version = fields[kVersion];
  NodeId id = state.assembly.whole(version);
  if (id >= 0) return id;
  std::vector<Cell> cells(static_cast<std::size_t>(fields[kLength]));
  for (int i = 0; i < fields[kLength]; ++i) {
    cells[static_cast<std::size_t>(i)] = state.assembly.read(version, i);
  }
  const Shape shape = shape_of(slot(x, dim_symbol()), fields[kLength]);
  id = join_cells(state, cells, shape).in(state.graph.get());
  state.assembly.set_whole(version, id);
  return id;
}

}  // namespace

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

Expr element_of(TraceState& state, SEXP x, std::int32_t at) {
  const int* fields = handle_of(state, x);
  if (fields[kVersion] < 0) return element(state.expr(fields[kId]), at);
  const Cell cell = state.assembly.read(fields[kVersion], at);
  const Expr node = state.expr(cell.node);
  return cell.at < 0 ? node : element(node, cell.at);
}

TraceState::~TraceState() {
  auto& stack = active_stack();
  stack.erase(std::remove(stack.begin(), stack.end(), this), stack.end());
}

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

bool is_traced(SEXP x) {
  return TYPEOF(x) == S4SXP && Rf_getAttrib(x, handle_symbol()) != R_NilValue;
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
  std::shared_ptr<const void> owner = keep(x);
  NodeId id;
  if (TYPEOF(x) == REALSXP) {
    auto source = std::make_shared<MemorySource>(REAL_RO(x), shape.rows, owner);
    id = state.graph->constant(std::move(source), shape);
  } else {
    std::vector<double> values(static_cast<std::size_t>(n));
    for (R_xlen_t i = 0; i < n; ++i) values[static_cast<std::size_t>(i)] = number_at(x, i);
    id = state.graph->constant(std::move(values), shape);
  }
  state.owners.push_back(std::move(owner));
  state.constants.emplace(x, id);
  return id;
}

std::int32_t version_of(SEXP x) { return handle(x)[kVersion]; }

NodeId id_of(TraceState& state, SEXP x) {
  const int* fields = handle_of(state, x);
  return fields[kVersion] < 0 ? fields[kId] : assemble(state, x);
}

Operand outline(SEXP x) {
  Operand out;
  if (is_traced(x)) {
    const int* fields = handle(x);
    out.length = fields[kLength];
    out.kind = static_cast<Kind>(fields[kKind]);
    out.dim = slot(x, dim_symbol());
    out.names = slot(x, names_symbol());
    return out;
  }
  if (x == R_NilValue) return out;
  check_numeric(x);
  out.length = Rf_length(x);
  out.kind = kind_of(x);
  if (ATTRIB(x) != R_NilValue) {
    out.dim = Rf_getAttrib(x, R_DimSymbol);
    out.names = Rf_getAttrib(x, out.dim == R_NilValue ? R_NamesSymbol : R_DimNamesSymbol);
  }
  return out;
}

Operand operand(TraceState& state, SEXP x) {
  Operand out = outline(x);
  if (out.length > 0) out.id = is_traced(x) ? id_of(state, x) : constant_node(state, x);
  return out;
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

SEXP empty_value(Kind kind, SEXP dim, SEXP names) {
  Rcpp::Shield<SEXP> out(Rf_allocVector(kind == Kind::logical ? LGLSXP : REALSXP, 0));
  if (dim != R_NilValue) {
    Rf_setAttrib(out, R_DimSymbol, dim);
    if (names != R_NilValue) Rf_setAttrib(out, R_DimNamesSymbol, names);
  }
  return out;
}

SEXP traced(TraceState& state, Expr value, int length, SEXP dim, SEXP names, Kind kind) {
  if (length == 0) return empty_value(kind, dim, names);
  NodeId id = value.in(state.graph.get());
  if (kind == Kind::logical && length == 1) {
    const double outcome = guarded_value(state, id)[0];
    const int answer = std::isnan(outcome) ? NA_LOGICAL : outcome != 0;
    if (dim == R_NilValue && names == R_NilValue) return Rf_ScalarLogical(answer);
    // Not Rf_ScalarLogical: that is R's one TRUE, which must not get attributes.
    Rcpp::Shield<SEXP> plain(Rf_allocVector(LGLSXP, 1));
    LOGICAL(plain)[0] = answer;
    if (dim != R_NilValue) {
      Rf_setAttrib(plain, R_DimSymbol, dim);
      if (names != R_NilValue) Rf_setAttrib(plain, R_DimNamesSymbol, names);
    } else if (names != R_NilValue) {
      Rf_setAttrib(plain, R_NamesSymbol, names);
    }
    return plain;
  }
  id = as_shape(state, id, shape_of(dim, length));
  return new_traced(id, length, kind, state.serial, -1, dim, names);
}

SEXP traced_version(TraceState& state, std::int32_t version, SEXP dim, SEXP names, Kind kind) {
  return new_traced(-1, state.assembly.length(version), kind, state.serial, version, dim, names);
}

}  // namespace admle

using namespace admle;

// [[Rcpp::export(rng = false)]]
SEXP trace_begin_(bool locate) {
  static int serial = 0;
  auto* state = new TraceState();
  Rcpp::XPtr<TraceState> pointer(state, true);
  state->serial = ++serial;
  state->locate = locate;
  active_stack().push_back(state);
  return pointer;
}

// [[Rcpp::export(rng = false)]]
void trace_end_(SEXP trace) {
  Rcpp::XPtr<TraceState> pointer(trace);
  auto& stack = active_stack();
  stack.erase(std::remove(stack.begin(), stack.end(), pointer.get()), stack.end());
}

// [[Rcpp::export(rng = false)]]
bool trace_active_() { return has_active_trace(); }

// Counts nodes and guards: what the tests of linear growth and of guards look at.
// [[Rcpp::export(rng = false)]]
Rcpp::IntegerVector trace_counts_(SEXP trace) {
  Rcpp::XPtr<TraceState> state(trace);
  return Rcpp::IntegerVector::create(
      Rcpp::Named("nodes") = state->graph->size(),
      Rcpp::Named("guards") = static_cast<int>(state->graph->guards().size()));
}

// Of the active trace; 0 where there is none.
// [[Rcpp::export(rng = false)]]
int trace_guard_count_() {
  return has_active_trace() ? static_cast<int>(active_trace().graph->guards().size()) : 0;
}

// [[Rcpp::export(rng = false)]]
SEXP trace_input_(SEXP value) {
  TraceState& state = active_trace();
  const Operand like = outline(value);
  std::vector<double> values(static_cast<std::size_t>(like.length));
  for (int i = 0; i < like.length; ++i) {
    values[static_cast<std::size_t>(i)] = number_at(value, i);
  }
  const bool finite = std::all_of(values.begin(), values.end(), [](double x) {
    return std::isfinite(x);
  });
  const NodeId id = state.graph->input(shape_of(like.dim, like.length), finite);
  state.inputs.push_back(std::move(values));
  state.evaluator.set_inputs(state.inputs);
  return traced(state, state.expr(id), like.length, like.dim, like.names, Kind::number);
}

// [[Rcpp::export(name = "is_traced", rng = false)]]
bool is_traced_(SEXP x) { return is_traced(x); }

// Whether any element of the list is traced.
// [[Rcpp::export(name = "any_traced", rng = false)]]
bool any_traced_(SEXP x) {
  if (TYPEOF(x) != VECSXP) return is_traced(x);
  for (R_xlen_t i = 0; i < Rf_xlength(x); ++i) {
    if (is_traced(VECTOR_ELT(x, i))) return true;
  }
  return false;
}

// [[Rcpp::export(rng = false)]]
int traced_id(SEXP x) { return operand(recording(), x).id; }

// [[Rcpp::export(rng = false)]]
SEXP traced_from_id_(int id, SEXP dim, SEXP names) {
  TraceState& state = active_trace();
  const int length = static_cast<int>(state.graph->shape(id).size());
  return traced(state, state.expr(id), length, dim, names, Kind::number);
}

// The value at the recording point; `guard` makes it a condition of validity of the graph.
// [[Rcpp::export(rng = false)]]
SEXP traced_value_(SEXP x, bool guard) {
  TraceState& state = recording();
  const Operand like = operand(state, x);
  const bool logical = like.kind == Kind::logical;
  Rcpp::Shield<SEXP> out(Rf_allocVector(logical ? LGLSXP : REALSXP, like.length));
  if (like.length > 0) {
    const double* value =
        guard ? guarded_value(state, like.id) : state.evaluator.value(like.id);
    for (int i = 0; i < like.length; ++i) {
      if (logical) LOGICAL(out)[i] = std::isnan(value[i]) ? NA_LOGICAL : value[i] != 0;
      else REAL(out)[i] = value[i];
    }
  }
  if (like.dim != R_NilValue) Rf_setAttrib(out, R_DimSymbol, like.dim);
  if (like.names != R_NilValue) {
    Rf_setAttrib(out, like.dim == R_NilValue ? R_NamesSymbol : R_DimNamesSymbol, like.names);
  }
  return out;
}

// The first position where y is finite and x is not y, relative to the larger of |y| and 1, or 0.
// [[Rcpp::export(rng = false)]]
double first_disagreement(Rcpp::NumericVector x, Rcpp::NumericVector y, double tolerance) {
  for (R_xlen_t i = 0; i < y.size(); ++i) {
    if (!std::isfinite(y[i])) continue;
    const bool agrees = std::fabs(x[i] - y[i]) <= tolerance * std::max(std::fabs(y[i]), 1.0);
    if (!agrees) return static_cast<double>(i) + 1;
  }
  return 0;
}

// The same numbers with other dimensions, names and kind.
// [[Rcpp::export(rng = false)]]
SEXP traced_as(SEXP x, SEXP dim, SEXP names, int kind) {
  TraceState& state = recording();
  const Operand like = operand(state, x);
  if (like.length == 0) return empty_value(Kind::number, dim, names);
  return traced(state, state.expr(like.id), like.length, dim, names, static_cast<Kind>(kind));
}

// Length, kind (0 number, 1 logical, 2 whole), names or dimnames, dim.
// [[Rcpp::export(rng = false)]]
int traced_length(SEXP x) { return outline(x).length; }

// [[Rcpp::export(rng = false)]]
int traced_kind(SEXP x) { return static_cast<int>(outline(x).kind); }

// [[Rcpp::export(rng = false)]]
SEXP traced_dim(SEXP x) { return outline(x).dim; }

// [[Rcpp::export(rng = false)]]
SEXP traced_names(SEXP x) {
  const Operand like = outline(x);
  return like.dim == R_NilValue ? like.names : R_NilValue;
}

// [[Rcpp::export(rng = false)]]
SEXP traced_dimnames(SEXP x) {
  const Operand like = outline(x);
  return like.dim == R_NilValue ? R_NilValue : like.names;
}

// Whether the value does not depend on any input.
// [[Rcpp::export(rng = false)]]
bool traced_is_fixed(SEXP x) {
  TraceState& state = active_trace();
  const Operand value = operand(state, x);
  return value.length == 0 || state.graph->is_fixed(value.id);
}

// A number that identifies a function: the address of its object.
// [[Rcpp::export(rng = false)]]
std::string function_key(SEXP f) {
  char key[32];
  std::snprintf(key, sizeof key, "%p", static_cast<void*>(f));
  return key;
}

// Whether a closure was made by code under a mask: its environment leads to one.
// [[Rcpp::export(rng = false)]]
bool is_under_mask(SEXP f) {
  static SEXP mark = Rf_install(".admle_mask");
  if (TYPEOF(f) != CLOSXP) return false;
  for (SEXP e = CLOENV(f); e != R_GlobalEnv && e != R_EmptyEnv && e != R_BaseEnv;
       e = ENCLOS(e)) {
    if (Rf_findVarInFrame3(e, mark, FALSE) != R_UnboundValue) return true;
  }
  return false;
}

// The value of a node at other inputs, and whether the guards hold there: what the tests replay.
// [[Rcpp::export(rng = false)]]
Rcpp::List trace_replay_(SEXP trace, Rcpp::List inputs, int id) {
  Rcpp::XPtr<TraceState> state(trace);
  NodeEvaluator evaluator(*state->graph);
  std::vector<std::vector<double>> values;
  for (R_xlen_t i = 0; i < inputs.size(); ++i) {
    values.push_back(Rcpp::as<std::vector<double>>(inputs[i]));
  }
  evaluator.set_inputs(std::move(values));
  bool valid = true;
  for (const Guard& guard : state->graph->guards()) {
    valid = valid && same_outcome(evaluator.value(guard.node), guard.expected);
  }
  const double* value = evaluator.value(id);
  const std::int64_t n = state->graph->shape(id).size();
  return Rcpp::List::create(Rcpp::Named("value") = Rcpp::NumericVector(value, value + n),
                            Rcpp::Named("valid") = valid);
}
