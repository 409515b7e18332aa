// Entry points for derivative operators that remember.
#include <Rcpp.h>

#include <algorithm>
#include <cmath>

#include "model/kept-derivative.h"
#include "trace/remembered-entry.h"
#include "trace/remembered.h"
#include "trace/same-object.h"
#include "trace/trace.h"

using namespace admle;

namespace {

constexpr double kBytesOfNode = 200;

// The external pointer of an entry.
struct EntryPlan {
  KeptDerivative derivative;
  double bytes;  // of the graph
};

void append_numbers(SEXP x, std::vector<double>& out) {
  if (TYPEOF(x) == VECSXP) {
    for (R_xlen_t i = 0; i < Rf_xlength(x); ++i) append_numbers(VECTOR_ELT(x, i), out);
    return;
  }
  for (R_xlen_t i = 0; i < Rf_xlength(x); ++i) out.push_back(number_at(x, i));
}

// The template with the numbers put in one after the other.
SEXP filled(SEXP like, const double*& from) {
  Rcpp::Shield<SEXP> out(TYPEOF(like) == VECSXP ? Rf_shallow_duplicate(like)
                                                : Rf_allocVector(REALSXP, Rf_xlength(like)));
  if (TYPEOF(like) == VECSXP) {
    for (R_xlen_t i = 0; i < Rf_xlength(like); ++i)
      SET_VECTOR_ELT(out, i, filled(VECTOR_ELT(like, i), from));
    return out;
  }
  std::copy_n(from, Rf_xlength(like), REAL(out));
  from += Rf_xlength(like);
  if (ATTRIB(like) != R_NilValue) SHALLOW_DUPLICATE_ATTRIB(out, like);
  return out;
}

R_xlen_t count(SEXP like) {
  if (TYPEOF(like) != VECSXP) return Rf_xlength(like);
  R_xlen_t n = 0;
  for (R_xlen_t i = 0; i < Rf_xlength(like); ++i) n += count(VECTOR_ELT(like, i));
  return n;
}

bool all_finite(const std::vector<double>& x) {
  for (double value : x)
    if (!std::isfinite(value)) return false;
  return true;
}

// The derivative by the recording of `entry` at the argument `x`, or NULL where a guard fails.
// `settled`: whether no other recording need be tried.
SEXP derivative_by(SEXP entry, SEXP x, SEXP vector, bool& settled) {
  const Rcpp::XPtr<EntryPlan> plan(VECTOR_ELT(entry, kPlan));
  std::vector<double> numbers, out;
  const double* at = TYPEOF(x) == REALSXP ? REAL_RO(x) : nullptr;
  if (at == nullptr) {
    append_numbers(x, numbers);
    at = numbers.data();
  }
  const double* v = vector == R_NilValue ? nullptr : REAL_RO(vector);
  settled = true;
  try {
    settled = plan->derivative.run(
        at, v, [] { Rcpp::checkUserInterrupt(); }, out);
  } catch (const GraphError&) {
    return R_NilValue;  // recording it again tells the user why
  }
  const SEXP like = VECTOR_ELT(entry, kTemplate);
  // Where a number is not finite the user's own error or warning is due.
  if (!settled || !all_finite(out) || count(like) != static_cast<R_xlen_t>(out.size()))
    return R_NilValue;
  const double* from = out.data();
  return filled(like, from);
}

}  // namespace

// The derivative from a recording that is kept and holds, or NULL: of the operator `kind` with
// respect to the argument `wrt` among `labels`; `given`: arguments as in a call.
// [[Rcpp::export(rng = false)]]
SEXP remembered_value(SEXP f, SEXP kind, SEXP wrt, bool word, SEXP labels, SEXP given,
                      SEXP vector) {
  if (has_active_trace() || !remembers()) return R_NilValue;
  Rcpp::Shield<SEXP> slot(find_slot({f, kind, wrt, word}));
  std::vector<SEXP> matched;
  if (slot == R_NilValue || !match_arguments(labels, given, matched)) return R_NilValue;
  if (vector != R_NilValue && (TYPEOF(vector) != REALSXP || OBJECT(vector))) return R_NilValue;
  Rcpp::Shield<SEXP> arguments(Rf_allocVector(VECSXP, static_cast<R_xlen_t>(matched.size())));
  for (std::size_t i = 0; i < matched.size(); ++i)
    SET_VECTOR_ELT(arguments, static_cast<R_xlen_t>(i), matched[i]);
  const int which = position(labels, wrt);
  for (R_xlen_t i = 1; i < Rf_xlength(slot) && VECTOR_ELT(slot, i) != R_NilValue; ++i) {
    if (!entry_holds(VECTOR_ELT(slot, i), arguments, which)) continue;
    bool settled = false;
    const SEXP found =
        derivative_by(VECTOR_ELT(slot, i), VECTOR_ELT(arguments, which), vector, settled);
    if (settled) return found;
  }
  return R_NilValue;
}

// The plan of an entry, from the trace of a function. The graph is the trace's own.
// [[Rcpp::export(rng = false)]]
SEXP remember_plan(SEXP trace, std::string kind, int output, int input) {
  const Rcpp::XPtr<TraceState> state(trace);
  auto plan = std::make_unique<EntryPlan>(
      EntryPlan{KeptDerivative(std::move(kind), state->graph, output, input),
                kBytesOfNode * state->graph->size()});
  return Rcpp::XPtr<EntryPlan>(plan.release(), true, R_NilValue, trace);
}

// Whether the object may stand behind a name: see is_plain_data().
// [[Rcpp::export(rng = false)]]
bool is_plain_data_(SEXP x) { return is_plain_data(x); }

// Keeps an entry for the function: list(arguments, symbols, environments, values, modes, plan,
// template).
// [[Rcpp::export(rng = false)]]
void remember_entry(SEXP f, SEXP kind, SEXP wrt, bool word, SEXP labels, SEXP entry) {
  const Rcpp::XPtr<EntryPlan> plan(VECTOR_ELT(entry, kPlan));
  const Rcpp::Shield<SEXP> kept(make_entry(entry, position(labels, wrt), plan->bytes));
  keep_entry({f, kind, wrt, word}, kept);
}

// How many recordings are kept.
// [[Rcpp::export(rng = false)]]
int remembered_count(SEXP f, SEXP kind, SEXP wrt, bool word) {
  const SEXP slot = find_slot({f, kind, wrt, word});
  if (slot == R_NilValue) return 0;
  int n = 0;
  while (n < kMostEntries && VECTOR_ELT(slot, 1 + n) != R_NilValue) ++n;
  return n;
}
