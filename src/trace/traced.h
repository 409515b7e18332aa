// Traced values: S4 objects of class "traced" whose slots hold a node id, the length, the kind, the
// serial number of their trace and, for a vector under assembly, its version in `Assembly`.
// Dimensions and names are ordinary R objects.
#pragma once

#include "trace/trace.h"

namespace admle {

enum class Kind : int { number = 0, logical = 1, whole = 2 };

// What an operation needs to know of an argument, traced or plain.
struct Operand {
  NodeId id = -1;            // its node; -1 where only the outline was asked for, or it is empty
  int length = 0;            // number of elements
  Kind kind = Kind::number;  // what R would take the elements for
  SEXP dim = R_NilValue;     // R's dim, or NULL
  SEXP names = R_NilValue;   // names, or dimnames where there is a dim
  bool is_array() const { return dim != R_NilValue; }
};

bool is_traced(SEXP x);
// The argument as a node of the right shape; a plain number becomes a constant.
Operand operand(TraceState& state, SEXP x);
// Length and attributes only, without making a node of a plain or assembled vector.
Operand outline(SEXP x);
// Element `at` (from 0) of a traced vector; one under assembly is not made into a node.
Expr element_of(TraceState& state, SEXP x, std::int32_t at);

// Numbers or logicals of length zero: never traced, since nothing in them depends on anything.
SEXP empty_value(Kind kind, SEXP dim, SEXP names);
// A traced value for a node; a logical of length one becomes a plain one, with a guard.
SEXP traced(TraceState& state, Expr value, int length, SEXP dim, SEXP names, Kind kind);
SEXP traced_version(TraceState& state, std::int32_t version, SEXP dim, SEXP names, Kind kind);
// A new input of the recording function, with these values at the recording point.
SEXP traced_input(TraceState& state, SEXP value, Kind kind);
// The plain value at the recording point; `guard` makes it a condition of validity of the graph.
SEXP plain_value(TraceState& state, SEXP x, bool guard);

std::int32_t version_of(SEXP x);  // -1: not under assembly
NodeId id_of(TraceState& state, SEXP x);

}  // namespace admle
