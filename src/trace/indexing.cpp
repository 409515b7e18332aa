// Indexing, assignment and joining of traced values. The positions come from R, which computes
// them by indexing the array of positions; here they pick elements of nodes or cells.
#include "trace/indexing.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "ops/structural.h"
#include "trace/traced.h"

namespace admle {
namespace {

// 0-based positions from R's 1-based numbers, -1 for NA.
Index positions_of(SEXP x) {
  Index out(static_cast<std::size_t>(Rf_xlength(x)));
  if (TYPEOF(x) == INTSXP) {
    const int* p = INTEGER_RO(x);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = p[i] == NA_INTEGER ? -1 : p[i] - 1;
  } else {
    for (std::size_t i = 0; i < out.size(); ++i) {
      const double p = number_at(x, static_cast<R_xlen_t>(i));
      out[i] = std::isnan(p) ? -1 : static_cast<std::int32_t>(p) - 1;
    }
  }
  return out;
}

Cell missing_cell(TraceState& state) { return Cell{state.graph->constant(NA_REAL), -1}; }

// The elements of a traced or plain value as cells.
std::vector<Cell> cells_of(TraceState& state, SEXP x, int length) {
  std::vector<Cell> cells(static_cast<std::size_t>(length));
  const bool assembled = is_traced(x) && version_of(x) >= 0;
  if (!assembled && length > 0) {
    const NodeId id = operand(state, x).id;
    for (int i = 0; i < length; ++i) {
      cells[static_cast<std::size_t>(i)] = Cell{id, length == 1 ? -1 : i};
    }
    if (length == 1) cells[0].node = as_shape(state, id, Shape{1, 1});
    return cells;
  }
  for (int i = 0; i < length; ++i) {
    cells[static_cast<std::size_t>(i)] = state.assembly.read(version_of(x), i);
  }
  return cells;
}

Expr gathered(TraceState& state, SEXP x, Index index, Shape shape) {
  const bool assembled =
      is_traced(x) && version_of(x) >= 0 && state.assembly.whole(version_of(x)) < 0;
  const bool missing =
      std::any_of(index.begin(), index.end(), [](std::int32_t i) { return i < 0; });
  if (!assembled && !missing) {
    return gather(state.expr(operand(state, x).id), std::move(index), shape);
  }
  std::vector<Cell> cells;
  cells.reserve(index.size());
  NodeId id = -1;
  for (const std::int32_t i : index) {
    if (i < 0) {
      cells.push_back(missing_cell(state));
    } else if (assembled) {
      cells.push_back(state.assembly.read(version_of(x), i));
    } else {
      if (id < 0) id = operand(state, x).id;
      cells.push_back(Cell{id, i});
    }
  }
  return join_cells(state, cells, shape);
}

}  // namespace

SEXP traced_element(SEXP x, SEXP i) {
  const bool number =
      (TYPEOF(i) == REALSXP || TYPEOF(i) == INTSXP) && Rf_xlength(i) == 1 && !OBJECT(i);
  if (!number) return R_NilValue;
  const Operand like = outline(x);
  const double position = number_at(i, 0);
  if (!(position >= 1) || position >= like.length + 1.0 || like.names != R_NilValue) {
    return R_NilValue;
  }
  TraceState& state = recording();
  const std::int32_t at = static_cast<std::int32_t>(position) - 1;
  return traced(state, element_of(state, x, at), 1, R_NilValue, R_NilValue, like.kind);
}

SEXP traced_gather(SEXP x, SEXP positions, SEXP dim, SEXP names) {
  const int length = Rf_length(positions);
  const Kind kind = outline(x).kind;
  if (length == 0) return empty_value(kind, dim, R_NilValue);
  TraceState& state = recording();
  const Expr value = gathered(state, x, positions_of(positions), shape_of(dim, length));
  return traced(state, value, length, dim, names, kind);
}

SEXP traced_concat(Rcpp::List parts, SEXP dim, SEXP names) {
  TraceState& state = recording();
  std::vector<Expr> nodes;
  std::int64_t total = 0;
  bool logical = true, whole = true;
  for (R_xlen_t i = 0; i < parts.size(); ++i) {
    const Operand part = operand(state, parts[i]);
    if (part.length == 0) continue;
    nodes.push_back(state.expr(part.id));
    total += part.length;
    logical = logical && part.kind == Kind::logical;
    whole = whole && part.kind != Kind::number;
  }
  if (total == 0) return empty_value(Kind::number, R_NilValue, R_NilValue);
  if (total > std::numeric_limits<int>::max()) Rcpp::stop("vector longer than 2^31 - 1");
  const int length = static_cast<int>(total);
  const Kind kind = logical ? Kind::logical : whole ? Kind::whole : Kind::number;
  const Shape shape = shape_of(dim, length);
  const Expr value = nodes.size() == 1 ? state.expr(as_shape(state, nodes[0].id(), shape))
                                       : concat(nodes, shape, state.graph.get());
  return traced(state, value, length, dim, names, kind);
}

SEXP traced_scatter(SEXP x, SEXP positions, Rcpp::IntegerVector dim, SEXP names) {
  TraceState& state = recording();
  const Operand like = operand(state, x);
  const int length = std::accumulate(dim.begin(), dim.end(), 1, std::multiplies<int>());
  const Expr flat = state.expr(as_shape(state, like.id, Shape{like.length, 1}));
  const Expr sums = scatter_add(flat, std::make_shared<const Index>(positions_of(positions)),
                                shape_of(dim, length));
  return traced(state, sums, length, dim, names, Kind::number);
}

SEXP traced_recycle(SEXP x, int length, SEXP dim, SEXP names) {
  TraceState& state = recording();
  const Operand like = operand(state, x);
  const Shape shape = shape_of(dim, length);
  Expr value = state.expr(like.id);
  if (like.length == length) {
    value = state.expr(as_shape(state, like.id, shape));
  } else if (like.length == 1) {
    value = expand(reshape(value, Shape{1, 1}), shape);
  } else {
    Index index(static_cast<std::size_t>(length));
    for (int i = 0; i < length; ++i) index[static_cast<std::size_t>(i)] = i % like.length;
    value = gather(value, std::move(index), shape);
  }
  return traced(state, value, length, dim, names, like.kind);
}

SEXP traced_assembled(SEXP x) {
  TraceState& state = recording();
  Operand like;
  if (x != R_NilValue) like = outline(x);
  const std::int32_t version = state.assembly.create(cells_of(state, x, like.length));
  return traced_version(state, version, like.dim, like.names,
                        like.length == 0 ? Kind::number : like.kind);
}

SEXP traced_assign(SEXP x, SEXP positions, SEXP value, int length, SEXP names) {
  TraceState& state = recording();
  const Operand like = outline(x);
  const Operand given = outline(value);
  std::int32_t version = version_of(x);
  if (version < 0) version = state.assembly.create(cells_of(state, x, like.length));
  const std::vector<Cell> cells = cells_of(state, value, given.length);
  std::vector<Assembly::Change> changes;
  for (int i = like.length; i < length; ++i) changes.emplace_back(i, missing_cell(state));
  const Index index = positions_of(positions);
  for (std::size_t k = 0; k < index.size(); ++k) {
    changes.emplace_back(index[k], cells[k % cells.size()]);
  }
  const std::int32_t next = state.assembly.assign(version, changes, length);
  const Kind kind = like.kind == given.kind ? like.kind : Kind::number;
  return traced_version(state, next, like.dim, names, kind);
}

SEXP traced_assign_element(SEXP x, SEXP i, SEXP value) {
  const bool number =
      (TYPEOF(i) == REALSXP || TYPEOF(i) == INTSXP) && Rf_xlength(i) == 1 && !OBJECT(i);
  if (!number || version_of(x) < 0) return R_NilValue;
  const bool plain_number =
      TYPEOF(value) == REALSXP || TYPEOF(value) == INTSXP || TYPEOF(value) == LGLSXP;
  if (!is_traced(value) && (!plain_number || OBJECT(value))) return R_NilValue;
  const Operand like = outline(x);
  const Operand given = outline(value);
  const double position = number_at(i, 0);
  if (given.length != 1 || !(position >= 1) || position >= like.length + 1.0) return R_NilValue;
  TraceState& state = recording();
  const Cell cell = cells_of(state, value, 1)[0];
  const std::int32_t at = static_cast<std::int32_t>(position) - 1;
  const std::int32_t next = state.assembly.assign_one(version_of(x), at, cell);
  const Kind kind = like.kind == given.kind ? like.kind : Kind::number;
  return traced_version(state, next, like.dim, like.names, kind);
}

}  // namespace admle
