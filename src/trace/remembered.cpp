// A few slots, the one used last in front.
#include "trace/remembered.h"

#include <list>

#include "trace/remembered-entry.h"
#include "trace/same-object.h"

namespace admle {
namespace {

constexpr std::size_t kSlots = 32;
// What the recordings hold, graphs and data; data that several hold count as often.
constexpr double kMostBytes = 1e9;

struct Slot {
  SEXP reference;  // weak: key the environment, value list(function, entries ...)
  SEXP kind, wrt;  // the operator and its argument: R's own copies of these texts
  bool word;       // the user's word that only arguments matter
};

std::list<Slot>& slots() {
  static std::list<Slot> all;  // the newest first
  return all;
}

SEXP slot_value(const Slot& slot) {
  if (R_WeakRefKey(slot.reference) == R_NilValue) return R_NilValue;
  return R_WeakRefValue(slot.reference);
}

std::list<Slot>::iterator drop(std::list<Slot>::iterator at) {
  R_ReleaseObject(at->reference);
  return slots().erase(at);
}

// Brings the slot to the front.
std::list<Slot>::iterator locate(const Operator& op) {
  const SEXP kind = STRING_ELT(op.kind, 0), wrt = STRING_ELT(op.wrt, 0);
  for (auto at = slots().begin(); at != slots().end();) {
    const SEXP value = slot_value(*at);
    if (value == R_NilValue) {
      at = drop(at);
      continue;
    }
    if (at->kind == kind && at->wrt == wrt && at->word == op.word &&
        same_function(VECTOR_ELT(value, 0), op.f)) {
      slots().splice(slots().begin(), slots(), at);
      return slots().begin();
    }
    ++at;
  }
  return slots().end();
}

double bytes_kept() {
  double out = 0;
  for (const Slot& slot : slots()) {
    const SEXP value = slot_value(slot);
    for (R_xlen_t i = 1; i < Rf_xlength(value); ++i)
      if (VECTOR_ELT(value, i) != R_NilValue) out += entry_bytes(VECTOR_ELT(value, i));
  }
  return out;
}

// Drops the oldest until the rest is small enough; the newest stays.
void make_room() {
  while (slots().size() > 1 && (slots().size() > kSlots || bytes_kept() > kMostBytes))
    drop(std::prev(slots().end()));
  const SEXP value = slot_value(slots().front());
  for (R_xlen_t i = Rf_xlength(value) - 1; i > 1 && bytes_kept() > kMostBytes; --i)
    SET_VECTOR_ELT(value, i, R_NilValue);
}

bool is_switched_off() {
  const SEXP option = Rf_GetOption1(Rf_install("admle.remember"));
  return TYPEOF(option) == LGLSXP && Rf_xlength(option) == 1 && LOGICAL(option)[0] == 0;
}

}  // namespace

bool remembers() { return !slots().empty() && !is_switched_off(); }

SEXP find_slot(const Operator& op) {
  const auto slot = locate(op);
  return slot == slots().end() ? R_NilValue : slot_value(*slot);
}

void keep_entry(const Operator& op, SEXP entry) {
  const auto slot = locate(op);
  if (slot == slots().end()) {
    Rcpp::Shield<SEXP> value(Rf_allocVector(VECSXP, 1 + kMostEntries));
    SET_VECTOR_ELT(value, 0, op.f);
    SET_VECTOR_ELT(value, 1, entry);
    // A symbol keeps its text, so that texts are compared by address.
    for (const SEXP text : {op.kind, op.wrt}) Rf_installChar(STRING_ELT(text, 0));
    Rcpp::Shield<SEXP> reference(R_MakeWeakRef(CLOENV(op.f), value, R_NilValue, FALSE));
    R_PreserveObject(reference);
    slots().push_front({reference, STRING_ELT(op.kind, 0), STRING_ELT(op.wrt, 0), op.word});
  } else {
    const SEXP value = slot_value(*slot);
    for (R_xlen_t i = kMostEntries; i > 1; --i) SET_VECTOR_ELT(value, i, VECTOR_ELT(value, i - 1));
    SET_VECTOR_ELT(value, 1, entry);
  }
  make_room();
}

int position(SEXP labels, SEXP name) {
  int at = 0;
  while (at < Rf_length(labels) && STRING_ELT(labels, at) != STRING_ELT(name, 0)) ++at;
  return at;
}

bool match_arguments(SEXP labels, SEXP given, std::vector<SEXP>& out) {
  const R_xlen_t n = Rf_xlength(labels);
  out.assign(static_cast<std::size_t>(n), R_MissingArg);
  const SEXP names = Rf_getAttrib(given, R_NamesSymbol);
  std::vector<R_xlen_t> unnamed;
  for (R_xlen_t i = 0; i < Rf_xlength(given); ++i) {
    if (names == R_NilValue || CHAR(STRING_ELT(names, i))[0] == '\0') {
      unnamed.push_back(i);
      continue;
    }
    R_xlen_t at = 0;
    while (at < n && STRING_ELT(labels, at) != STRING_ELT(names, i)) ++at;
    if (at == n || out[static_cast<std::size_t>(at)] != R_MissingArg) return false;
    out[static_cast<std::size_t>(at)] = VECTOR_ELT(given, i);
  }
  std::size_t at = 0;
  for (R_xlen_t i : unnamed) {
    while (at < out.size() && out[at] != R_MissingArg) ++at;
    if (at == out.size()) return false;
    out[at] = VECTOR_ELT(given, i);
  }
  return true;
}

}  // namespace admle
