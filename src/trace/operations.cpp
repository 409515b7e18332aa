// Operations on traced values: elementwise with R's recycling and attributes, reductions,
// cumulation, matrix algebra. Each finds the operation, fits the shapes and makes one node.
#include "trace/operations.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/composite.h"
#include "ops/structural.h"
#include "trace/traced.h"

namespace admle {
namespace {

// Operations are named by R strings; equal strings are one object in R, kept by the table.
int op_named(SEXP name) {
  static std::unordered_map<SEXP, int> known;
  SEXP key = STRING_ELT(name, 0);
  const auto found = known.find(key);
  if (found != known.end()) return found->second;
  const int op = find_named_op(CHAR(key));
  if (op < 0) Rcpp::stop("no operation named %s", CHAR(key));
  R_PreserveObject(key);
  known.emplace(key, op);
  return op;
}

// The argument in a shape that the graph broadcasts as R recycles it.
Expr fitted(TraceState& state, const Operand& x, int length, Shape shape) {
  const Expr value = state.expr(x.id);
  if (x.length == 1) return value.shape().scalar() ? value : reshape(value, Shape{1, 1});
  if (x.length == length) return state.expr(as_shape(state, x.id, shape));
  if (x.length == shape.rows && shape.cols > 1) {
    return state.expr(as_shape(state, x.id, Shape{x.length, 1}));
  }
  Index index(static_cast<std::size_t>(length));
  for (int i = 0; i < length; ++i) index[static_cast<std::size_t>(i)] = i % x.length;
  return gather(value, std::move(index), shape);
}

struct Outline {
  int length = 0;           // number of elements
  SEXP dim = R_NilValue;    // R's dim, or NULL
  SEXP names = R_NilValue;  // names, or dimnames where there is a dim
};

bool same_dim(SEXP a, SEXP b) {
  const int n = Rf_length(a);
  return n == Rf_length(b) && std::equal(INTEGER_RO(a), INTEGER_RO(a) + n, INTEGER_RO(b));
}

// Length, dim and names of x op y, with R's errors and warnings (arithmetic.c, R_binary).
Outline arithmetic_outline(Operand x, Operand y) {
  Outline out;
  out.length = x.length == 0 || y.length == 0 ? 0 : std::max(x.length, y.length);
  if (x.is_array() != y.is_array()) {
    Operand& array = x.is_array() ? x : y;
    const Operand& vector = x.is_array() ? y : x;
    if (array.length == 1 && vector.length > 1) array.dim = array.names = R_NilValue;
  }
  if (x.is_array() && y.is_array()) {
    if (!same_dim(x.dim, y.dim)) Rcpp::stop("non-conformable arrays");
    out.dim = x.dim;
    out.names = x.names != R_NilValue ? x.names : y.names;
    return out;
  }
  if (x.is_array() || y.is_array()) {
    const Operand& array = x.is_array() ? x : y;
    const Operand& vector = x.is_array() ? y : x;
    if (vector.length > array.length && array.length > 0) {
      Rcpp::stop("dims [product %d] do not match the length of object [%d]", array.length,
                 vector.length);
    }
    if (out.length > 0 || array.length == 0) {
      out.dim = array.dim;
      out.names = array.names;
    }
  } else {
    const bool of_x = x.names != R_NilValue && x.length == out.length;
    const bool of_y = y.names != R_NilValue && y.length == out.length;
    out.names = of_x ? x.names : of_y ? y.names : R_NilValue;
  }
  if (out.length > 0 && (x.length > y.length ? x.length % y.length : y.length % x.length) != 0) {
    // A handler of the user's may jump: not over our destructors.
    Rcpp::unwindProtect([] {
      Rf_warning("longer object length is not a multiple of shorter object length");
      return R_NilValue;
    });
  }
  return out;
}

// Length and attributes of a density and its like: those of the first argument of full length.
Outline function_outline(const std::vector<Operand>& arguments) {
  Outline out;
  for (const Operand& x : arguments) out.length = std::max(out.length, x.length);
  for (const Operand& x : arguments) {
    if (x.length == 0) out.length = 0;
  }
  for (const Operand& x : arguments) {
    if (x.length != out.length) continue;
    out.dim = x.dim;
    out.names = x.names;
    break;
  }
  return out;
}

SEXP empty(Kind kind, const Outline& like) { return empty_value(kind, like.dim, R_NilValue); }

Expr apply_fitted(TraceState& state, int op, const std::vector<Operand>& arguments,
                  const Outline& out) {
  const Shape shape = shape_of(out.dim, out.length);
  std::vector<Expr> fit;
  for (const Operand& x : arguments) fit.push_back(fitted(state, x, out.length, shape));
  return apply_named(op, fit);
}

Kind result_kind(int kind, const std::vector<Operand>& arguments) {
  if (kind >= 0) return static_cast<Kind>(kind);
  for (const Operand& x : arguments) {
    if (x.kind == Kind::number) return Kind::number;
  }
  return Kind::whole;
}

SEXP result(TraceState& state, Expr value, const Outline& out, Kind kind) {
  return traced(state, value, out.length, out.dim, out.names, kind);
}

SEXP scalar_result(TraceState& state, Expr value, Kind kind = Kind::number) {
  return traced(state, value, 1, R_NilValue, R_NilValue, kind);
}

Expr matrix_operand(TraceState& state, SEXP x, Rcpp::IntegerVector dim) {
  const Operand given = operand(state, x);
  const Shape shape{dim[0], dim[1]};
  if (given.length == 0) return constant(state.graph.get(), {}, shape);
  return state.expr(as_shape(state, given.id, shape));
}

SEXP matrix_result(TraceState& state, Expr value, SEXP dimnames) {
  const Shape shape = value.shape();
  if (shape.size() > std::numeric_limits<int>::max()) {
    Rcpp::stop("a matrix of more than 2^31 - 1 elements");
  }
  Rcpp::IntegerVector dim = Rcpp::IntegerVector::create(shape.rows, shape.cols);
  return traced(state, value, static_cast<int>(shape.size()), dim, dimnames, Kind::number);
}

}  // namespace

SEXP traced_unary(SEXP name, SEXP x, int kind) {
  TraceState& state = recording();
  const Operand argument = operand(state, x);
  const Outline out{argument.length, argument.dim, argument.names};
  if (out.length == 0) return empty(result_kind(kind, {argument}), out);
  const Expr value = apply_named(op_named(name), {state.expr(argument.id)});
  return result(state, value, out, result_kind(kind, {argument}));
}

SEXP traced_binary(SEXP name, SEXP x, SEXP y, int kind) {
  TraceState& state = recording();
  const std::vector<Operand> arguments{operand(state, x), operand(state, y)};
  const Outline out = arithmetic_outline(arguments[0], arguments[1]);
  const Kind made = result_kind(kind, arguments);
  if (out.length == 0) return empty(made, out);
  return result(state, apply_fitted(state, op_named(name), arguments, out), out, made);
}

SEXP traced_function(SEXP name, Rcpp::List x, int kind) {
  TraceState& state = recording();
  std::vector<Operand> arguments;
  for (R_xlen_t i = 0; i < x.size(); ++i) arguments.push_back(operand(state, x[i]));
  const Outline out = function_outline(arguments);
  const Kind made = result_kind(kind, arguments);
  if (out.length == 0) return empty(made, out);
  return result(state, apply_fitted(state, op_named(name), arguments, out), out, made);
}

SEXP traced_select(SEXP test, SEXP yes, SEXP no) {
  TraceState& state = recording();
  std::vector<Operand> arguments{operand(state, test), operand(state, yes), operand(state, no)};
  const Outline out{arguments[0].length, arguments[0].dim, arguments[0].names};
  if (out.length == 0) return empty(Kind::logical, out);
  for (std::size_t i = 1; i < 3; ++i) {
    Operand& x = arguments[i];
    if (x.length <= out.length) continue;
    Index index(static_cast<std::size_t>(out.length));
    for (int k = 0; k < out.length; ++k) index[static_cast<std::size_t>(k)] = k;
    x.id = gather(state.expr(x.id), std::move(index), Shape{out.length, 1}).id();
    x.length = out.length;
  }
  const Kind kind = result_kind(-1, {arguments[1], arguments[2]});
  return result(state, apply_fitted(state, op_named(Rf_mkString("select")), arguments, out), out,
                kind);
}

SEXP traced_reduce(std::string name, SEXP x) {
  TraceState& state = recording();
  const Operand argument = operand(state, x);
  if (argument.length == 0) {
    return Rf_ScalarReal(name == "sum"    ? 0
                         : name == "prod" ? 1
                         : name == "min"  ? R_PosInf
                                          : R_NegInf);
  }
  const Expr value = state.expr(argument.id);
  const Kind kind = argument.kind == Kind::number ? Kind::number : Kind::whole;
  if (name == "sum") return scalar_result(state, sum(value), kind);
  if (name == "prod") return scalar_result(state, prod(value));
  if (name == "max") return scalar_result(state, max(value), kind);
  if (name == "min") return scalar_result(state, min(value), kind);
  Rcpp::stop("no reduction named %s", name);
}

SEXP traced_along(std::string name, SEXP x, SEXP names) {
  TraceState& state = recording();
  const Operand argument = operand(state, x);
  if (argument.length == 0) return empty_value(Kind::number, R_NilValue, R_NilValue);
  const Expr flat = state.expr(as_shape(state, argument.id, Shape{argument.length, 1}));
  const auto done = [&](Expr value, Kind kind) {
    return traced(state, value, argument.length, R_NilValue, names, kind);
  };
  if (name == "cumsum") return done(cumsum(flat), argument.kind);
  if (name == "cumprod") return done(cumprod(flat), Kind::number);
  if (name == "max_at") return done(extreme_at(flat, true), Kind::whole);
  if (name == "min_at") return done(extreme_at(flat, false), Kind::whole);
  if (name == "cummax_at") return done(cumextreme_at(flat, true), Kind::whole);
  if (name == "cummin_at") return done(cumextreme_at(flat, false), Kind::whole);
  if (name == "order") return done(order_of(flat, false), Kind::whole);
  if (name == "order_decreasing") return done(order_of(flat, true), Kind::whole);
  Rcpp::stop("no operation named %s", name);
}

SEXP traced_matmul(SEXP a, Rcpp::IntegerVector dim_a, SEXP b, Rcpp::IntegerVector dim_b,
                   bool transpose_a, bool transpose_b, SEXP dimnames) {
  TraceState& state = recording();
  const Expr product = matmul(matrix_operand(state, a, dim_a), matrix_operand(state, b, dim_b),
                              transpose_a, transpose_b);
  return matrix_result(state, product, dimnames);
}

SEXP sparse_rows(Rcpp::IntegerVector i, Rcpp::IntegerVector j, Rcpp::NumericVector x,
                 Rcpp::IntegerVector dim) {
  using Kept = std::shared_ptr<const SparseRows>;
  auto made = std::make_shared<const SparseRows>(SparseRows::from_triplets(
      dim[0], dim[1], static_cast<std::size_t>(x.size()), i.begin(), j.begin(), x.begin()));
  return Rcpp::XPtr<Kept>(new Kept(std::move(made)));
}

SEXP traced_sparse_product(SEXP sparse, SEXP b, Rcpp::IntegerVector dim_b, bool transpose,
                           SEXP dimnames) {
  TraceState& state = recording();
  const Rcpp::XPtr<std::shared_ptr<const SparseRows>> s(sparse);
  const Expr right = matrix_operand(state, b, dim_b);
  return matrix_result(state, transpose ? sparse_cross(*s, right) : sparse_times(*s, right),
                       dimnames);
}

SEXP traced_linear(std::string name, SEXP a, Rcpp::IntegerVector dim_a, SEXP b,
                   Rcpp::IntegerVector dim_b, bool upper, bool transposed, SEXP dimnames) {
  TraceState& state = recording();
  const Expr x = matrix_operand(state, a, dim_a);
  if (name == "log_abs_det") return scalar_result(state, log_abs_det(x));
  if (name == "sign_det") return scalar_result(state, sign_det(x), Kind::whole);
  if (name == "cholesky") return matrix_result(state, cholesky(x), dimnames);
  if (name == "transpose") return matrix_result(state, transpose(x), dimnames);
  if (name == "triangle") return matrix_result(state, triangle(x, upper, 1), dimnames);
  if (name == "matrix_exp") return matrix_result(state, matrix_exp(x), dimnames);
  if (name == "fourier") return matrix_result(state, fourier(x, upper), dimnames);
  const Expr rhs = matrix_operand(state, b, dim_b);
  if (name == "eigenvalues") return matrix_result(state, eigenvalues(x, rhs, upper), dimnames);
  if (name == "singular_values") return matrix_result(state, singular_values(x, rhs), dimnames);
  if (name == "solve") return matrix_result(state, solve(x, rhs), dimnames);
  if (name == "tri_solve") {
    return matrix_result(state, tri_solve(x, rhs, upper, transposed), dimnames);
  }
  Rcpp::stop("no operation named %s", name);
}

SEXP traced_margin_sums(SEXP x, Rcpp::IntegerVector dim, bool rows, SEXP names) {
  TraceState& state = recording();
  const Expr matrix = matrix_operand(state, x, dim);
  const Expr sums = rows ? row_sums(matrix) : col_sums(matrix);
  return traced(state, sums, rows ? dim[0] : dim[1], R_NilValue, names, Kind::number);
}

}  // namespace admle
