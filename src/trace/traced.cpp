// Converting between R objects and nodes.
#include "trace/traced.h"

#include <algorithm>
#include <cmath>

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

// A vector under assembly as one node.
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

Expr element_of(TraceState& state, SEXP x, std::int32_t at) {
  const int* fields = handle_of(state, x);
  if (fields[kVersion] < 0) return element(state.expr(fields[kId]), at);
  const Cell cell = state.assembly.read(fields[kVersion], at);
  const Expr node = state.expr(cell.node);
  return cell.at < 0 ? node : element(node, cell.at);
}

bool is_traced(SEXP x) {
  return TYPEOF(x) == S4SXP && Rf_getAttrib(x, handle_symbol()) != R_NilValue;
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

SEXP traced_input(TraceState& state, SEXP value, Kind kind) {
  const Operand like = outline(value);
  std::vector<double> values(static_cast<std::size_t>(like.length));
  for (int i = 0; i < like.length; ++i) {
    values[static_cast<std::size_t>(i)] = number_at(value, i);
  }
  const bool finite =
      std::all_of(values.begin(), values.end(), [](double x) { return std::isfinite(x); });
  const NodeId id = state.graph->input(shape_of(like.dim, like.length), finite);
  state.inputs.push_back(std::move(values));
  state.evaluator.set_inputs(state.inputs);
  return traced(state, state.expr(id), like.length, like.dim, like.names, kind);
}

SEXP plain_value(TraceState& state, SEXP x, bool guard) {
  const Operand like = operand(state, x);
  const bool logical = like.kind == Kind::logical;
  Rcpp::Shield<SEXP> out(Rf_allocVector(logical ? LGLSXP : REALSXP, like.length));
  if (like.length > 0) {
    const double* value = guard ? guarded_value(state, like.id) : state.evaluator.value(like.id);
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

}  // namespace admle
