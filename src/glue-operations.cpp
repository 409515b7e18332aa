// Entry points for operations on traced values and their indexing, and for statements of loops.
#include <Rcpp.h>

#include "ops/composite.h"
#include "trace/indexing.h"
#include "trace/operations.h"
#include "trace/statement.h"

// [[Rcpp::export(rng = false)]]
SEXP traced_unary(SEXP name, SEXP x, int kind) { return admle::traced_unary(name, x, kind); }

// [[Rcpp::export(rng = false)]]
SEXP traced_binary(SEXP name, SEXP x, SEXP y, int kind) {
  return admle::traced_binary(name, x, y, kind);
}

// [[Rcpp::export(rng = false)]]
SEXP traced_function(SEXP name, Rcpp::List x, int kind) {
  return admle::traced_function(name, x, kind);
}

// [[Rcpp::export(rng = false)]]
SEXP traced_select(SEXP test, SEXP yes, SEXP no) { return admle::traced_select(test, yes, no); }

// [[Rcpp::export(rng = false)]]
SEXP traced_reduce(std::string name, SEXP x) { return admle::traced_reduce(name, x); }

// [[Rcpp::export(rng = false)]]
SEXP traced_along(std::string name, SEXP x, SEXP names) {
  return admle::traced_along(name, x, names);
}

// [[Rcpp::export(rng = false)]]
SEXP traced_matmul(SEXP a, Rcpp::IntegerVector dim_a, SEXP b, Rcpp::IntegerVector dim_b,
                   bool transpose_a, bool transpose_b, SEXP dimnames) {
  return admle::traced_matmul(a, dim_a, b, dim_b, transpose_a, transpose_b, dimnames);
}

// [[Rcpp::export(rng = false)]]
SEXP sparse_rows(Rcpp::IntegerVector i, Rcpp::IntegerVector j, Rcpp::NumericVector x,
                 Rcpp::IntegerVector dim) {
  return admle::sparse_rows(i, j, x, dim);
}

// [[Rcpp::export(rng = false)]]
SEXP traced_sparse_product(SEXP sparse, SEXP b, Rcpp::IntegerVector dim_b, bool transpose,
                           SEXP dimnames) {
  return admle::traced_sparse_product(sparse, b, dim_b, transpose, dimnames);
}

// [[Rcpp::export(rng = false)]]
SEXP traced_linear(std::string name, SEXP a, Rcpp::IntegerVector dim_a, SEXP b,
                   Rcpp::IntegerVector dim_b, bool upper, bool transposed, SEXP dimnames) {
  return admle::traced_linear(name, a, dim_a, b, dim_b, upper, transposed, dimnames);
}

// [[Rcpp::export(rng = false)]]
SEXP traced_margin_sums(SEXP x, Rcpp::IntegerVector dim, bool rows, SEXP names) {
  return admle::traced_margin_sums(x, dim, rows, names);
}

// [[Rcpp::export(rng = false)]]
SEXP traced_element(SEXP x, SEXP i) { return admle::traced_element(x, i); }

// [[Rcpp::export(rng = false)]]
SEXP traced_gather(SEXP x, SEXP positions, SEXP dim, SEXP names) {
  return admle::traced_gather(x, positions, dim, names);
}

// [[Rcpp::export(rng = false)]]
SEXP traced_concat(Rcpp::List parts, SEXP dim, SEXP names) {
  return admle::traced_concat(parts, dim, names);
}

// [[Rcpp::export(rng = false)]]
SEXP traced_scatter(SEXP x, SEXP positions, Rcpp::IntegerVector dim, SEXP names) {
  return admle::traced_scatter(x, positions, dim, names);
}

// [[Rcpp::export(rng = false)]]
SEXP traced_recycle(SEXP x, int length, SEXP dim, SEXP names) {
  return admle::traced_recycle(x, length, dim, names);
}

// [[Rcpp::export(rng = false)]]
SEXP traced_assembled(SEXP x) { return admle::traced_assembled(x); }

// [[Rcpp::export(rng = false)]]
SEXP traced_assign(SEXP x, SEXP positions, SEXP value, int length, SEXP names) {
  return admle::traced_assign(x, positions, value, length, names);
}

// [[Rcpp::export(rng = false)]]
SEXP traced_assign_element(SEXP x, SEXP i, SEXP value) {
  return admle::traced_assign_element(x, i, value);
}

namespace {

// Called by .External2() with list(assignment) as its argument: TRUE when it has been done.
SEXP traced_step(SEXP, SEXP, SEXP arguments, SEXP frame) {
  return Rf_ScalarLogical(admle::run_statement(VECTOR_ELT(CADR(arguments), 0), frame));
}

}  // namespace

// The native symbol of traced_step().
// [[Rcpp::export(rng = false)]]
SEXP traced_step_symbol() {
  return R_MakeExternalPtrFn(reinterpret_cast<DL_FUNC>(&traced_step), Rf_install("native symbol"),
                             R_NilValue);
}

// The table of operations: name, arity, domains, whether it is one node.
// [[Rcpp::export(rng = false)]]
Rcpp::List named_ops_() {
  Rcpp::CharacterVector name, domain;
  Rcpp::IntegerVector arity;
  Rcpp::LogicalVector elementwise;
  for (const admle::NamedOp& op : admle::named_ops()) {
    name.push_back(op.name);
    domain.push_back(op.domain);
    arity.push_back(op.arity);
    elementwise.push_back(op.elementwise);
  }
  return Rcpp::List::create(Rcpp::Named("name") = name, Rcpp::Named("arity") = arity,
                            Rcpp::Named("domain") = domain,
                            Rcpp::Named("elementwise") = elementwise);
}
