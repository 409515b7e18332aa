// A statement of a loop in one go: `h[t] <- w + a * e2[t - 1] + b * h[t - 1]` would be seven calls
// of methods, each of which costs R a microsecond or two and makes an object. Where all that
// such a statement reads are numbers and single elements of vectors, its syntax tree is walked
// here and only the result becomes an R object. What is out of the ordinary in any way (another
// class, names, a missing value, an index beyond the end, something not a number) is left to R:
// nothing has been done then, since the expressions taken here have no side effects.
//
// R/trace-step.R decides which statements are tried.
#include "trace/statement.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "trace/traced.h"

namespace admle {
namespace {

// A plain number where id < 0.
struct Scalar {
  NodeId id = -1;            // scalar node
  double number = 0;         // where it is plain
  Kind kind = Kind::number;  // what R would take it for
};

struct Word {
  const char* name;  // of R's function
  int arity;         // number of arguments
  Op op;             // the operation
  Kind kind;         // of the result; whole: whole when the arguments are
};

constexpr Word kWords[] = {
    {"+", 2, Op::add, Kind::whole},        {"-", 2, Op::sub, Kind::whole},
    {"*", 2, Op::mul, Kind::whole},        {"/", 2, Op::div, Kind::number},
    {"^", 2, Op::pow, Kind::number},       {"-", 1, Op::neg, Kind::whole},
    {"exp", 1, Op::exp, Kind::number},     {"log", 1, Op::log, Kind::number},
    {"sqrt", 1, Op::sqrt, Kind::number},   {"abs", 1, Op::abs, Kind::whole},
    {"log1p", 1, Op::log1p, Kind::number}, {"expm1", 1, Op::expm1, Kind::number},
    {"tanh", 1, Op::tanh, Kind::number}};

const Word* word_of(SEXP symbol, int arity) {
  constexpr std::size_t n = sizeof kWords / sizeof kWords[0];
  static SEXP symbols[n] = {};
  for (std::size_t i = 0; i < n; ++i) {
    if (symbols[i] == nullptr) symbols[i] = Rf_install(kWords[i].name);
    if (symbols[i] == symbol && kWords[i].arity == arity) return &kWords[i];
  }
  return nullptr;
}

bool is_whole(double x) { return std::isfinite(x) && x == std::floor(x); }

class Statement {
 public:
  Statement(TraceState& state, SEXP frame) : state_(state), frame_(frame) {}

  // target <- e; whether that has been done.
  bool run(SEXP assignment) {
    const SEXP target = CADR(assignment), e = CADDR(assignment);
    Scalar value;
    if (TYPEOF(target) == SYMSXP) {
      if (!evaluate(e, value) || value.id < 0) return false;
      const Expr node(state_.graph.get(), value.id);
      assign(target, traced(state_, node, 1, R_NilValue, R_NilValue, value.kind));
      return true;
    }
    const SEXP x = Rf_findVarInFrame3(frame_, CADR(target), TRUE);
    if (x == R_UnboundValue || !is_traced(x) || version_of(x) < 0) return false;
    const Operand like = outline(x);
    std::int64_t at = 0;
    if ((like.names != R_NilValue && like.dim == R_NilValue) ||
        !position(CDDR(target), like.length, like.dim, at) || !evaluate(e, value))
      return false;
    Cell cell{value.id, -1};
    if (value.id < 0) cell.node = state_.graph->constant(value.number);
    const std::int32_t version =
        state_.assembly.assign_one(version_of(x), static_cast<std::int32_t>(at), cell);
    const Kind kind = like.kind == value.kind ? like.kind : Kind::number;
    assign(CADR(target), traced_version(state_, version, like.dim, like.names, kind));
    return true;
  }

 private:
  void assign(SEXP symbol, SEXP value) {
    PROTECT(value);
    Rf_defineVar(symbol, value, frame_);
    UNPROTECT(1);
  }

  // The value of a variable, R_UnboundValue where R itself has to look.
  SEXP variable(SEXP symbol) const {
    SEXP value = Rf_findVar(symbol, frame_);
    if (TYPEOF(value) == PROMSXP) value = PRVALUE(value);
    return value == R_MissingArg ? R_UnboundValue : value;
  }

  // The element of an ordinary vector or matrix.
  static bool plain_element(SEXP x, std::int64_t at, Scalar& out) {
    if (TYPEOF(x) != REALSXP && TYPEOF(x) != INTSXP) return false;
    out.number = number_at(x, static_cast<R_xlen_t>(at));
    out.kind = TYPEOF(x) == INTSXP || is_whole(out.number) ? Kind::whole : Kind::number;
    return !std::isnan(out.number);
  }

  bool evaluate(SEXP e, Scalar& out) {
    switch (TYPEOF(e)) {
      case REALSXP:
      case INTSXP: return Rf_xlength(e) == 1 && plain_element(e, 0, out);
      case SYMSXP: return read(variable(e), out);
      case LANGSXP: return evaluate_call(e, out);
      default: return false;
    }
  }

  bool read(SEXP x, Scalar& out) {
    if (is_traced(x)) {
      const Operand like = outline(x);
      if (like.length != 1 || like.dim != R_NilValue || like.names != R_NilValue ||
          like.kind == Kind::logical)
        return false;
      out.id = as_shape(state_, id_of(state_, x), Shape{1, 1});
      out.kind = like.kind;
      return true;
    }
    return !OBJECT(x) && ATTRIB(x) == R_NilValue && (TYPEOF(x) == REALSXP || TYPEOF(x) == INTSXP) &&
           Rf_xlength(x) == 1 && plain_element(x, 0, out);
  }

  bool evaluate_call(SEXP e, Scalar& out) {
    static SEXP parenthesis = Rf_install("("), one = Rf_install("["), two = Rf_install("[[");
    const SEXP head = CAR(e);
    if (head == parenthesis) return evaluate(CADR(e), out);
    if (head == one || head == two) return evaluate_element(e, out);
    const int arity = Rf_length(CDR(e));
    const Word* word = word_of(head, arity);
    Scalar x, y;
    if (word == nullptr || !evaluate(CADR(e), x)) return false;
    if (arity == 2 && !evaluate(CADDR(e), y)) return false;
    const bool whole = x.kind != Kind::number && (arity == 1 || y.kind != Kind::number);
    out.kind = whole ? word->kind : Kind::number;
    if (x.id < 0 && y.id < 0) return arity == 2 && plain_arithmetic(word->op, x, y, out);
    NodeId in[2] = {x.id, y.id};
    if (in[0] < 0) in[0] = state_.graph->constant(x.number);
    if (arity == 2 && in[1] < 0) in[1] = state_.graph->constant(y.number);
    out.id = state_.graph->apply(word->op, in, static_cast<std::size_t>(arity));
    return true;
  }

  static bool plain_arithmetic(Op op, const Scalar& x, const Scalar& y, Scalar& out) {
    if (op == Op::add) out.number = x.number + y.number;
    else if (op == Op::sub) out.number = x.number - y.number;
    else if (op == Op::mul) out.number = x.number * y.number;
    else if (op == Op::div) out.number = x.number / y.number;
    else return false;
    // Integers of R overflow to NA, with a warning.
    out.kind = is_whole(out.number) ? Kind::whole : Kind::number;
    return std::fabs(out.number) < std::numeric_limits<int>::max();
  }

  bool evaluate_element(SEXP e, Scalar& out) {
    const SEXP x = variable(CADR(e));
    std::int64_t at = 0;
    if (is_traced(x)) {
      const Operand like = outline(x);
      if ((like.names != R_NilValue && like.dim == R_NilValue) || like.kind == Kind::logical ||
          !position(CDDR(e), like.length, like.dim, at))
        return false;
      out.id = element_of(state_, x, static_cast<std::int32_t>(at)).in(state_.graph.get());
      out.kind = like.kind;
      return true;
    }
    if (TYPEOF(x) != REALSXP && TYPEOF(x) != INTSXP) return false;
    if (OBJECT(x) && !(Rf_inherits(x, "ts") && !IS_S4_OBJECT(x))) return false;
    const SEXP dim = Rf_getAttrib(x, R_DimSymbol);
    if (Rf_getAttrib(x, R_NamesSymbol) != R_NilValue) return false;
    return position(CDDR(e), Rf_length(x), dim, at) && plain_element(x, at, out);
  }

  // 0-based position of x[i] or, in a matrix, x[i, j].
  bool position(SEXP indices, std::int64_t length, SEXP dim, std::int64_t& at) {
    std::int64_t i = 0, j = 0;
    const int count = Rf_length(indices);
    if (!index(CAR(indices), i)) return false;
    if (count == 1) {
      at = i - 1;
      return i >= 1 && i <= length;
    }
    if (count != 2 || TYPEOF(dim) != INTSXP || Rf_length(dim) != 2 || !index(CADR(indices), j))
      return false;
    const int rows = INTEGER_RO(dim)[0], cols = INTEGER_RO(dim)[1];
    at = (i - 1) + (j - 1) * rows;
    return i >= 1 && i <= rows && j >= 1 && j <= cols;
  }

  bool index(SEXP e, std::int64_t& out) {
    Scalar value;
    if (!evaluate(e, value) || value.id >= 0) return false;
    if (!(value.number >= 1 && value.number < std::numeric_limits<int>::max())) return false;
    out = static_cast<std::int64_t>(value.number);
    return true;
  }

  TraceState& state_;  // what is recorded
  SEXP frame_;         // the environment whose variables the statement reads and assigns
};

}  // namespace

bool run_statement(SEXP assignment, SEXP frame) {
  if (!has_active_trace() || active_trace().locate) return false;
  try {
    return Statement(active_trace(), frame).run(assignment);
  } catch (const std::exception&) {
    return false;  // R comes across the same error, and says where
  }
}

}  // namespace admle
