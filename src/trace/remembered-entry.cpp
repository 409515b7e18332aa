// The checks are those of design/0022.
#include "trace/remembered-entry.h"

#include <cstdlib>

#include "trace/same-object.h"

namespace admle {
namespace {

// How a name is looked up; negative: it was not found, and is not to be found.
enum Mode { kVariable = 1, kFunction = 2, kElement = 3 };

// The value of a promise that has been forced; unbound otherwise.
SEXP settled(SEXP value) { return TYPEOF(value) == PROMSXP ? PRVALUE(value) : value; }

bool is_callable(SEXP x) {
  return TYPEOF(x) == CLOSXP || TYPEOF(x) == BUILTINSXP || TYPEOF(x) == SPECIALSXP;
}

SEXP look_up(SEXP symbol, SEXP env, int mode) {
  if (mode == kElement) {
    if (R_existsVarInFrame(env, symbol) && R_BindingIsActive(symbol, env)) return R_UnboundValue;
    return settled(Rf_findVarInFrame3(env, symbol, TRUE));
  }
  for (; env != R_EmptyEnv; env = ENCLOS(env)) {
    SEXP value = Rf_findVarInFrame3(env, symbol, TRUE);
    if (value == R_UnboundValue) continue;
    if (TYPEOF(value) == PROMSXP && PRVALUE(value) == R_UnboundValue && mode == kFunction)
      value = Rf_eval(value, env);  // a function of a package that is loaded lazily
    value = settled(value);
    if (mode != kFunction || is_callable(value)) return value;
  }
  return R_UnboundValue;
}

std::uint64_t print_of(SEXP values, bool all) {
  std::uint64_t h = 0;
  for (R_xlen_t i = 0; i < Rf_xlength(values); ++i) {
    const SEXP x = VECTOR_ELT(values, i);
    if (!is_callable(x) && TYPEOF(x) != ENVSXP && !is_short(x)) h = h * 31 + fingerprint(x, all);
  }
  return h;
}

bool names_hold(SEXP entry) {
  const SEXP symbols = VECTOR_ELT(entry, kSymbols), where = VECTOR_ELT(entry, kEnvironments),
             values = VECTOR_ELT(entry, kValues);
  const int* modes = INTEGER(VECTOR_ELT(entry, kModes));
  for (R_xlen_t i = 0; i < Rf_xlength(symbols); ++i) {
    const SEXP now = look_up(VECTOR_ELT(symbols, i), VECTOR_ELT(where, i), std::abs(modes[i]));
    if (modes[i] < 0 || now == R_UnboundValue) {
      if ((modes[i] < 0) != (now == R_UnboundValue)) return false;
    } else if (!same_object(now, VECTOR_ELT(values, i))) {
      return false;
    }
  }
  return true;
}

bool arguments_hold(SEXP entry, SEXP given, int wrt) {
  const SEXP kept = VECTOR_ELT(entry, kArguments);
  for (R_xlen_t i = 0; i < Rf_xlength(kept); ++i) {
    const SEXP a = VECTOR_ELT(given, i), b = VECTOR_ELT(kept, i);
    if (i == wrt ? !same_form(a, b) : !same_object(a, b)) return false;
  }
  return true;
}

// Of all that the entry was made of and that is compared by address.
double entry_print(SEXP entry, int wrt, bool all) {
  std::uint64_t h = print_of(VECTOR_ELT(entry, kValues), all);
  const SEXP kept = VECTOR_ELT(entry, kArguments);
  for (R_xlen_t i = 0; i < Rf_xlength(kept); ++i)
    if (i != wrt && !is_short(VECTOR_ELT(kept, i)))
      h = h * 31 + fingerprint(VECTOR_ELT(kept, i), all);
  return static_cast<double>(h >> 12);  // a double holds as many bits
}

// Nothing that the recording was made of has been written into.
bool unwritten(SEXP entry, int wrt) {
  const bool all = writes_by_reference();
  return all == (LOGICAL(VECTOR_ELT(entry, kAll))[0] != 0) &&
         entry_print(entry, wrt, all) == REAL(VECTOR_ELT(entry, kPrint))[0];
}

double bytes_of(SEXP x) {
  double out = 0;
  if (TYPEOF(x) == VECSXP)
    for (R_xlen_t i = 0; i < Rf_xlength(x); ++i) out += bytes_of(VECTOR_ELT(x, i));
  else if (TYPEOF(x) == S4SXP)
    for (SEXP a = ATTRIB(x); a != R_NilValue; a = CDR(a)) out += bytes_of(CAR(a));
  else if (TYPEOF(x) != ENVSXP && !is_callable(x)) out = 8.0 * static_cast<double>(Rf_xlength(x));
  return out;
}

}  // namespace

SEXP make_entry(SEXP fields, int wrt, double plan_bytes) {
  Rcpp::Shield<SEXP> entry(Rf_allocVector(VECSXP, kBytes + 1));
  for (int i = 0; i <= kTemplate; ++i) SET_VECTOR_ELT(entry, i, VECTOR_ELT(fields, i));
  for (int field : {static_cast<int>(kArguments), static_cast<int>(kValues)}) {
    const Rcpp::Shield<SEXP> copies(Rf_shallow_duplicate(VECTOR_ELT(entry, field)));
    for (R_xlen_t i = 0; i < Rf_xlength(copies); ++i)
      if (is_short(VECTOR_ELT(copies, i)))
        SET_VECTOR_ELT(copies, i, Rf_duplicate(VECTOR_ELT(copies, i)));
    SET_VECTOR_ELT(entry, field, copies);
  }
  const bool all = writes_by_reference();
  SET_VECTOR_ELT(entry, kPrint, Rf_ScalarReal(entry_print(entry, wrt, all)));
  SET_VECTOR_ELT(entry, kAll, Rf_allocVector(LGLSXP, 1));
  LOGICAL(VECTOR_ELT(entry, kAll))[0] = all;
  const double bytes =
      plan_bytes + bytes_of(VECTOR_ELT(entry, kValues)) + bytes_of(VECTOR_ELT(entry, kArguments));
  SET_VECTOR_ELT(entry, kBytes, Rf_ScalarReal(bytes));
  return entry;
}

bool entry_holds(SEXP entry, SEXP arguments, int wrt) {
  return arguments_hold(entry, arguments, wrt) && names_hold(entry) && unwritten(entry, wrt);
}

double entry_bytes(SEXP entry) { return REAL(VECTOR_ELT(entry, kBytes))[0]; }

}  // namespace admle
