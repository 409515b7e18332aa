// Derivative functions that remember: recordings kept for a function, and whether one may be used.
//
// A slot belongs to a function (formals, body, environment) and an operator. It hangs on a weak
// reference to the environment, and holds up to kRecordings of what R/trace-remember.R made: the
// fields below. The checks are those of design/0022; no R code is called on the way, because they
// have to take microseconds.
#include <Rcpp.h>

#include <list>

#include "derive/derive.h"
#include "exec/program.h"
#include "glue_traced.h"
#include "model/recording.h"
#include "ops/structural.h"
#include "same_object.h"

using namespace admle;

namespace {

constexpr std::size_t kSlots = 32, kRecordings = 8;
// What the recordings hold, graphs and data; data that several hold count as often.
constexpr double kMostBytes = 1e9, kBytesOfNode = 200;

// Fields of an entry.
enum Field { kArguments, kSymbols, kEnvironments, kValues, kModes, kPlan, kTemplate, kPrint, kAll,
             kBytes };

// How a name is looked up; negative: it was not found, and is not to be found.
enum Mode { kVariable = 1, kFunction = 2, kElement = 3 };

// What evaluates a derivative: made of the recording when it is used for the first time.
struct KeptDerivative {
  std::string kind;
  std::shared_ptr<Graph> graph;
  NodeId output = -1, input = -1, vector = -1;
  std::unique_ptr<Recording> recording;  // of a function with one number as its value
  std::unique_ptr<Program> program;
  std::size_t guards = 0;

  bool by_recording() const {
    return kind == "grad" || kind == "value_and_grad" || kind == "hessian";
  }
  void make();
  bool run(const double* x, const double* v, std::vector<double>& out);
};

Expr in_full(Graph& g, Expr e, Shape shape) {
  return expand(e.is_zero() ? Expr(&g, g.constant(0.0)) : e, shape);
}

void KeptDerivative::make() {
  if (by_recording()) {
    recording = std::make_unique<Recording>(*graph, input, output, -1);
    graph.reset();
    return;
  }
  Graph& g = *graph;
  const Shape x = g.shape(input), y = g.shape(output);
  Expr node;
  if (kind == "jacobian") {
    node = jacobian(g, output, input);
  } else {
    const Expr v(&g, vector = g.input(kind == "vjp" ? y : x));
    if (kind == "jvp") {
      node = in_full(g, jvp(g, {output}, {input}, {v}, 1)[0], y);
    } else {
      const Expr seed = kind == "vjp" ? v : Expr(&g, g.constant(1.0));
      node = vjp(g, output, seed, {input})[0];
      if (kind == "hvp" && !node.is_zero()) node = jvp(g, {node.id()}, {input}, {v}, 1)[0];
      node = in_full(g, node, x);
    }
  }
  std::vector<NodeId> outputs{node.id()};
  for (const Guard& guard : g.guards()) outputs.push_back(guard.node);
  guards = g.guards().size();
  program = std::make_unique<Program>(graph, std::move(outputs));
}

bool KeptDerivative::run(const double* x, const double* v, std::vector<double>& out) {
  const Poll poll = [] { Rcpp::checkUserInterrupt(); };
  if (!recording && !program) make();
  if (recording) {
    const auto k = static_cast<std::size_t>(recording->dimension());
    if (kind == "hessian") {
      out.resize(k * k);
      return recording->hessian(x, out.data(), poll);
    }
    out.resize(k + 1);
    if (!recording->value_and_gradient(x, out.data(), out.data() + 1, poll)) return false;
    if (!std::isfinite(out[0])) return false;
    if (kind == "grad") out.erase(out.begin());
    return true;
  }
  std::vector<const double*> inputs{x};
  if (vector >= 0) inputs.push_back(v);
  program->run(inputs, poll);
  for (std::size_t i = 0; i < guards; ++i)
    if (!same_outcome(program->output(i + 1), graph->guards()[i].expected)) return false;
  out.assign(program->output(0), program->output(0) + program->output_size(0));
  return true;
}

struct Slot {
  SEXP reference;      // weak: key the environment, value list(function, entries ...)
  SEXP kind, wrt;      // the operator and its argument: R's own copies of these texts
  bool word;           // the user's word that only arguments matter
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

std::list<Slot>::iterator find_slot(SEXP f, SEXP kind, SEXP wrt, bool word) {
  const SEXP own_kind = STRING_ELT(kind, 0), own_wrt = STRING_ELT(wrt, 0);
  for (auto at = slots().begin(); at != slots().end();) {
    const SEXP value = slot_value(*at);
    if (value == R_NilValue) {
      at = drop(at);
      continue;
    }
    if (at->kind == own_kind && at->wrt == own_wrt && at->word == word &&
        same_function(VECTOR_ELT(value, 0), f)) {
      slots().splice(slots().begin(), slots(), at);
      return slots().begin();
    }
    ++at;
  }
  return slots().end();
}

int position(SEXP labels, SEXP name) {
  int at = 0;
  while (at < Rf_length(labels) && STRING_ELT(labels, at) != STRING_ELT(name, 0)) ++at;
  return at;
}

// The value of a promise that has been forced; unbound otherwise.
SEXP settled(SEXP value) {
  return TYPEOF(value) == PROMSXP ? PRVALUE(value) : value;
}

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

double as_number(std::uint64_t h) { return static_cast<double>(h >> 12); }

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

// Nothing that the recording was made of has been written into.
bool unwritten(SEXP entry, int wrt) {
  const bool all = writes_by_reference();
  if (all != (LOGICAL(VECTOR_ELT(entry, kAll))[0] != 0)) return false;
  std::uint64_t h = print_of(VECTOR_ELT(entry, kValues), all);
  const SEXP kept = VECTOR_ELT(entry, kArguments);
  for (R_xlen_t i = 0; i < Rf_xlength(kept); ++i)
    if (i != wrt && !is_short(VECTOR_ELT(kept, i)))
      h = h * 31 + fingerprint(VECTOR_ELT(kept, i), all);
  return as_number(h) == REAL(VECTOR_ELT(entry, kPrint))[0];
}

// Arguments in the order of the function's, R_MissingArg where there is none; false where R's
// matching is needed, as for parts of names.
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

double bytes_of(SEXP x) {
  double out = 0;
  if (TYPEOF(x) == VECSXP)
    for (R_xlen_t i = 0; i < Rf_xlength(x); ++i) out += bytes_of(VECTOR_ELT(x, i));
  else if (TYPEOF(x) != ENVSXP && !is_callable(x)) out = 8.0 * static_cast<double>(Rf_xlength(x));
  return out;
}

double bytes_kept() {
  double out = 0;
  for (const Slot& slot : slots()) {
    const SEXP value = slot_value(slot);
    for (R_xlen_t i = 1; i < Rf_xlength(value); ++i)
      if (VECTOR_ELT(value, i) != R_NilValue)
        out += REAL(VECTOR_ELT(VECTOR_ELT(value, i), kBytes))[0];
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

// The derivative from a recording that is kept and holds, or NULL: of the operator `kind` with
// respect to the argument `wrt` among `labels`; `given`: arguments as in a call.
// [[Rcpp::export(rng = false)]]
SEXP remembered_value(SEXP f, SEXP kind, SEXP wrt, bool word, SEXP labels, SEXP given,
                      SEXP vector) {
  if (has_active_trace() || slots().empty() || is_switched_off()) return R_NilValue;
  const auto slot = find_slot(f, kind, wrt, word);
  if (slot == slots().end()) return R_NilValue;
  std::vector<SEXP> matched;
  if (!match_arguments(labels, given, matched)) return R_NilValue;
  if (vector != R_NilValue && (TYPEOF(vector) != REALSXP || OBJECT(vector))) return R_NilValue;
  Rcpp::Shield<SEXP> arguments(Rf_allocVector(VECSXP, static_cast<R_xlen_t>(matched.size())));
  for (std::size_t i = 0; i < matched.size(); ++i)
    SET_VECTOR_ELT(arguments, static_cast<R_xlen_t>(i), matched[i]);
  Rcpp::Shield<SEXP> value(slot_value(*slot));
  const int which = position(labels, wrt);
  for (R_xlen_t i = 1; i < Rf_xlength(value); ++i) {
    const SEXP entry = VECTOR_ELT(value, i);
    if (entry == R_NilValue) break;
    if (!arguments_hold(entry, arguments, which) || !names_hold(entry) ||
        !unwritten(entry, which))
      continue;
    const Rcpp::XPtr<KeptDerivative> plan(VECTOR_ELT(entry, kPlan));
    const SEXP x = VECTOR_ELT(arguments, which);
    std::vector<double> numbers, out;
    const double* at = TYPEOF(x) == REALSXP ? REAL_RO(x) : nullptr;
    if (at == nullptr) {
      append_numbers(x, numbers);
      at = numbers.data();
    }
    try {
      if (!plan->run(at, vector == R_NilValue ? nullptr : REAL_RO(vector), out)) continue;
    } catch (const GraphError&) {
      return R_NilValue;  // recording it again tells the user why
    }
    // The user's own error or warning is due.
    if (!all_finite(out)) return R_NilValue;
    const SEXP like = VECTOR_ELT(entry, kTemplate);
    if (count(like) != static_cast<R_xlen_t>(out.size())) return R_NilValue;
    const double* from = out.data();
    return filled(like, from);
  }
  return R_NilValue;
}

// The plan of an entry, from the trace of a function. The graph is the trace's own.
// [[Rcpp::export(rng = false)]]
SEXP remember_plan(SEXP trace, std::string kind, int output, int input) {
  const Rcpp::XPtr<TraceState> state(trace);
  auto plan = std::make_unique<KeptDerivative>();
  plan->kind = std::move(kind);
  plan->graph = state->graph;
  plan->output = output;
  plan->input = input;
  return Rcpp::XPtr<KeptDerivative>(plan.release(), true, R_NilValue, trace);
}

// Whether the object may stand behind a name: see is_plain_data().
// [[Rcpp::export(rng = false)]]
bool is_plain_data_(SEXP x) { return is_plain_data(x); }

// Keeps an entry for the function: list(arguments, symbols, environments, values, modes, plan,
// template). Short vectors are copied, because they are compared by value.
// [[Rcpp::export(rng = false)]]
void remember_entry(SEXP f, SEXP kind, SEXP wrt, bool word, SEXP labels, SEXP entry) {
  Rcpp::Shield<SEXP> kept(Rf_allocVector(VECSXP, kBytes + 1));
  for (int i = 0; i <= kTemplate; ++i) SET_VECTOR_ELT(kept, i, VECTOR_ELT(entry, i));
  for (int field : {static_cast<int>(kArguments), static_cast<int>(kValues)}) {
    const Rcpp::Shield<SEXP> copies(Rf_shallow_duplicate(VECTOR_ELT(kept, field)));
    for (R_xlen_t i = 0; i < Rf_xlength(copies); ++i)
      if (is_short(VECTOR_ELT(copies, i)))
        SET_VECTOR_ELT(copies, i, Rf_duplicate(VECTOR_ELT(copies, i)));
    SET_VECTOR_ELT(kept, field, copies);
  }
  const bool all = writes_by_reference();
  std::uint64_t h = print_of(VECTOR_ELT(kept, kValues), all);
  const SEXP arguments = VECTOR_ELT(kept, kArguments);
  const int which = position(labels, wrt);
  for (R_xlen_t i = 0; i < Rf_xlength(arguments); ++i)
    if (i != which && !is_short(VECTOR_ELT(arguments, i)))
      h = h * 31 + fingerprint(VECTOR_ELT(arguments, i), all);
  SET_VECTOR_ELT(kept, kPrint, Rf_ScalarReal(as_number(h)));
  SET_VECTOR_ELT(kept, kAll, Rf_allocVector(LGLSXP, 1));
  LOGICAL(VECTOR_ELT(kept, kAll))[0] = all;
  const Rcpp::XPtr<KeptDerivative> plan(VECTOR_ELT(kept, kPlan));
  const double bytes = kBytesOfNode * plan->graph->size() + bytes_of(VECTOR_ELT(kept, kValues)) +
                       bytes_of(arguments);
  SET_VECTOR_ELT(kept, kBytes, Rf_ScalarReal(bytes));

  const auto slot = find_slot(f, kind, wrt, word);
  if (slot == slots().end()) {
    Rcpp::Shield<SEXP> value(Rf_allocVector(VECSXP, 1 + kRecordings));
    SET_VECTOR_ELT(value, 0, f);
    SET_VECTOR_ELT(value, 1, kept);
    // A symbol keeps its text, so that texts are compared by address.
    for (const SEXP text : {kind, wrt}) Rf_installChar(STRING_ELT(text, 0));
    Rcpp::Shield<SEXP> reference(R_MakeWeakRef(CLOENV(f), value, R_NilValue, FALSE));
    R_PreserveObject(reference);
    slots().push_front({reference, STRING_ELT(kind, 0), STRING_ELT(wrt, 0), word});
  } else {
    const SEXP value = slot_value(*slot);
    for (R_xlen_t i = kRecordings; i > 1; --i)
      SET_VECTOR_ELT(value, i, VECTOR_ELT(value, i - 1));
    SET_VECTOR_ELT(value, 1, kept);
  }
  make_room();
}

// How many recordings are kept.
// [[Rcpp::export(rng = false)]]
int remembered_count(SEXP f, SEXP kind, SEXP wrt, bool word) {
  const auto slot = find_slot(f, kind, wrt, word);
  if (slot == slots().end()) return 0;
  const SEXP value = slot_value(*slot);
  int n = 0;
  while (n < static_cast<int>(kRecordings) && VECTOR_ELT(value, 1 + n) != R_NilValue) ++n;
  return n;
}
