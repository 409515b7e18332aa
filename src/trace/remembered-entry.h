// One recording that is kept for a function: what it was made of, and whether all of that is still
// the same. No R code is called on the way, because it has to take microseconds.
#pragma once

#include <Rcpp.h>

namespace admle {

// Fields of an entry, a list: those that R/trace-remember.R makes, and what is added to them.
enum EntryField {
  kArguments,
  kSymbols,
  kEnvironments,
  kValues,
  kModes,
  kPlan,
  kTemplate,
  kPrint,
  kAll,
  kBytes  // fingerprint, of all elements or not, and the size in memory
};

// An entry of the first fields; `wrt`: the position of the argument that may change. Short vectors
// are copied, because they are compared by value.
SEXP make_entry(SEXP fields, int wrt, double plan_bytes);

// Whether the entry was made of what is there now: arguments in the order of the function's, names
// looked up again, and nothing written into. The argument at `wrt` needs only the same form.
bool entry_holds(SEXP entry, SEXP arguments, int wrt);

double entry_bytes(SEXP entry);

}  // namespace admle
