// Comparing R objects without looking at all of their elements; see same-object.h.
#include "trace/same-object.h"

#include <algorithm>
#include <cstring>

namespace admle {
namespace {

constexpr R_xlen_t kShort = 16, kSpread = 64;
constexpr int kIdentical = 16;  // R_compute_identical(): as identical() does

bool is_atomic(SEXP x) {
  switch (TYPEOF(x)) {
    case LGLSXP:
    case INTSXP:
    case REALSXP:
    case CPLXSXP:
    case STRSXP:
    case RAWSXP: return true;
    default: return false;
  }
}

std::uint64_t mix(std::uint64_t h, std::uint64_t value) {
  h ^= value + 0x9e3779b97f4a7c15ULL + (h << 6) + (h >> 2);
  return h * 0xff51afd7ed558ccdULL;
}

std::uint64_t bits(SEXP x, R_xlen_t i) {
  std::uint64_t out = 0;
  switch (TYPEOF(x)) {
    case LGLSXP: return static_cast<std::uint32_t>(LOGICAL_RO(x)[i]);
    case INTSXP: return static_cast<std::uint32_t>(INTEGER_ELT(x, i));
    case RAWSXP: return RAW_RO(x)[i];
    case STRSXP: return reinterpret_cast<std::uintptr_t>(STRING_ELT(x, i));
    case REALSXP: {
      const double value = REAL_ELT(x, i);
      std::memcpy(&out, &value, sizeof value);
      return out;
    }
    case CPLXSXP: {
      double parts[2] = {COMPLEX_RO(x)[i].r, COMPLEX_RO(x)[i].i};
      std::uint64_t both[2];
      std::memcpy(both, parts, sizeof parts);
      return mix(both[0], both[1]);
    }
    default: return 0;
  }
}

bool is_loaded(const char* package) {
  return Rf_findVarInFrame3(R_NamespaceRegistry, Rf_install(package), FALSE) != R_UnboundValue;
}

// Vectors of R's own: a package may compute the elements of others anew each time.
bool is_own_vector(SEXP x) {
  if (!ALTREP(x)) return true;
  const SEXP info = ATTRIB(ALTREP_CLASS(x));  // class, package, type
  if (TYPEOF(info) != LISTSXP) return false;
  const SEXP package = CADR(info);
  return TYPEOF(package) == SYMSXP && std::strcmp(CHAR(PRINTNAME(package)), "base") == 0;
}

// A binary comparison of attributes; R orders them as they were set.
bool same_attributes(SEXP x, SEXP y) {
  SEXP a = ATTRIB(x), b = ATTRIB(y);
  for (; a != R_NilValue && b != R_NilValue; a = CDR(a), b = CDR(b))
    if (TAG(a) != TAG(b) || (CAR(a) != CAR(b) && !R_compute_identical(CAR(a), CAR(b), kIdentical)))
      return false;
  return a == b;
}

// An object of a class of Matrix, whose methods are Matrix's, with slots of data. A symbol is the
// slot that holds NULL.
bool is_matrix_of_data(SEXP x) {
  const SEXP classes = Rf_getAttrib(x, R_ClassSymbol);
  const SEXP package = Rf_getAttrib(classes, Rf_install("package"));
  if (TYPEOF(package) != STRSXP || Rf_length(package) != 1 ||
      std::strcmp(CHAR(STRING_ELT(package, 0)), "Matrix") != 0)
    return false;
  for (SEXP a = ATTRIB(x); a != R_NilValue; a = CDR(a))
    if (TAG(a) != R_ClassSymbol && TYPEOF(CAR(a)) != SYMSXP && !is_plain_data(CAR(a))) return false;
  return true;
}

}  // namespace

bool writes_by_reference() {
  for (const char* package : {"data.table", "collapse", "bigmemory", "ff"})
    if (is_loaded(package)) return true;
  return false;
}

std::uint64_t fingerprint(SEXP x, bool all) {
  std::uint64_t h = mix(static_cast<std::uint64_t>(TYPEOF(x)), 0);
  const R_xlen_t n = Rf_xlength(x);
  h = mix(h, static_cast<std::uint64_t>(n));
  const bool slots = TYPEOF(x) == S4SXP;
  for (SEXP a = ATTRIB(x); a != R_NilValue; a = CDR(a)) {
    h = mix(h, reinterpret_cast<std::uintptr_t>(TAG(a)));
    const bool small = is_short(CAR(a));
    if (!small) h = mix(h, reinterpret_cast<std::uintptr_t>(CAR(a)));
    if (small || slots) h = mix(h, fingerprint(CAR(a), small || all));
  }
  if (TYPEOF(x) == VECSXP) {
    for (R_xlen_t i = 0; i < n; ++i) {
      h = mix(h, reinterpret_cast<std::uintptr_t>(VECTOR_ELT(x, i)));
      h = mix(h, fingerprint(VECTOR_ELT(x, i), all));
    }
  } else if (is_atomic(x)) {
    const R_xlen_t step = all ? 1 : std::max<R_xlen_t>(1, (n - 1) / (kSpread - 1));
    for (R_xlen_t i = 0; i < n; i += step) h = mix(h, bits(x, i));
    if (n > 0) h = mix(h, bits(x, n - 1));
  }
  return h;
}

bool is_plain_data(SEXP x) {
  if (x == R_NilValue) return true;
  if (TYPEOF(x) == S4SXP) return is_matrix_of_data(x);
  if (IS_S4_OBJECT(x) || (!is_atomic(x) && TYPEOF(x) != VECSXP) || !is_own_vector(x)) return false;
  if (OBJECT(x)) {
    const SEXP classes = Rf_getAttrib(x, R_ClassSymbol);
    const bool known =
        Rf_length(classes) == 1 && (Rf_inherits(x, "factor") || Rf_inherits(x, "data.frame"));
    if (!known) return false;
  }
  if (TYPEOF(x) == VECSXP)
    for (R_xlen_t i = 0; i < Rf_xlength(x); ++i)
      if (!is_plain_data(VECTOR_ELT(x, i))) return false;
  return true;
}

bool is_short(SEXP x) { return is_atomic(x) && Rf_xlength(x) <= kShort; }

bool same_function(SEXP f, SEXP g) {
  if (f == g) return true;
  if (TYPEOF(f) != CLOSXP || TYPEOF(g) != CLOSXP || CLOENV(f) != CLOENV(g)) return false;
  const SEXP a = R_ClosureExpr(f), b = R_ClosureExpr(g);
  return (a == b || R_compute_identical(a, b, kIdentical)) &&
         (FORMALS(f) == FORMALS(g) || R_compute_identical(FORMALS(f), FORMALS(g), kIdentical)) &&
         same_attributes(f, g);
}

bool same_object(SEXP now, SEXP kept) {
  if (is_short(kept)) return R_compute_identical(now, kept, kIdentical);
  return now == kept || (TYPEOF(kept) == CLOSXP && same_function(now, kept));
}

bool same_form(SEXP now, SEXP kept) {
  if (TYPEOF(now) != TYPEOF(kept) || Rf_xlength(now) != Rf_xlength(kept)) return false;
  if (ATTRIB(now) != R_NilValue || ATTRIB(kept) != R_NilValue)
    if (!same_attributes(now, kept)) return false;
  if (TYPEOF(now) == VECSXP) {
    for (R_xlen_t i = 0; i < Rf_xlength(now); ++i)
      if (!same_form(VECTOR_ELT(now, i), VECTOR_ELT(kept, i))) return false;
    return true;
  }
  return TYPEOF(now) == REALSXP || TYPEOF(now) == INTSXP || TYPEOF(now) == LGLSXP;
}

}  // namespace admle
