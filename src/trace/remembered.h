// Recordings kept for functions: a slot belongs to a function (formals, body, environment) and an
// operator. It hangs on a weak reference to the environment, and holds up to kMostEntries of
// trace/remembered-entry.h.
#pragma once

#include <Rcpp.h>

#include <vector>

namespace admle {

constexpr int kMostEntries = 8;

// The operator `kind` of the function `f` with respect to its argument `wrt`, texts of R's.
struct Operator {
  SEXP f, kind, wrt;
  bool word;  // the user's word that only arguments matter
};

// Whether recordings are kept at all, and any is.
bool remembers();

// list(function, entries), the newest first and NULL behind the last; NULL where there is no slot.
SEXP find_slot(const Operator& op);

// Keeps the entry in front of the others; the oldest give way.
void keep_entry(const Operator& op, SEXP entry);

// The position of `name` among the names of a function's arguments.
int position(SEXP labels, SEXP name);

// Arguments in the order of the function's, R_MissingArg where there is none; false where R's
// matching is needed, as for parts of names.
bool match_arguments(SEXP labels, SEXP given, std::vector<SEXP>& out);

}  // namespace admle
