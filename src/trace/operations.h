// Operations on traced values, with R's rules for recycling, dimensions and names.
#pragma once

#include <Rcpp.h>

namespace admle {

// One elementwise operation of one argument. `kind` of the result: -1 = whole when x is.
SEXP traced_unary(SEXP name, SEXP x, int kind);
// An operator: R's rules for dimensions, names and lengths.
SEXP traced_binary(SEXP name, SEXP x, SEXP y, int kind);
// A function of several recycled arguments: densities, pmin, select.
SEXP traced_function(SEXP name, Rcpp::List x, int kind);
// select(test, yes, no) with the attributes and the length of the test, as ifelse().
SEXP traced_select(SEXP test, SEXP yes, SEXP no);
// All elements to one number.
SEXP traced_reduce(std::string name, SEXP x);
// Vectors along x: running sums and products, indicators and positions of extremes, the order.
SEXP traced_along(std::string name, SEXP x, SEXP names);
// op(A) op(B) of matrices with the given dimensions.
SEXP traced_matmul(SEXP a, Rcpp::IntegerVector dim_a, SEXP b, Rcpp::IntegerVector dim_b,
                   bool transpose_a, bool transpose_b, SEXP dimnames);
// A sparse matrix of data from its elements (positions from 0), kept by rows.
SEXP sparse_rows(Rcpp::IntegerVector i, Rcpp::IntegerVector j, Rcpp::NumericVector x,
                 Rcpp::IntegerVector dim);
// S b, or t(S) b, with a matrix b of the given dimensions.
SEXP traced_sparse_product(SEXP sparse, SEXP b, Rcpp::IntegerVector dim_b, bool transpose,
                           SEXP dimnames);
// Functions of one square matrix, or of a matrix and a right-hand side.
SEXP traced_linear(std::string name, SEXP a, Rcpp::IntegerVector dim_a, SEXP b,
                   Rcpp::IntegerVector dim_b, bool upper, bool transposed, SEXP dimnames);
// Sums of the rows or of the columns of a matrix.
SEXP traced_margin_sums(SEXP x, Rcpp::IntegerVector dim, bool rows, SEXP names);

}  // namespace admle
