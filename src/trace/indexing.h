// Indexing, assignment and joining of traced values: x[i], x[i] <- value, c(), rep().
#pragma once

#include <Rcpp.h>

namespace admle {

// x[i] for one number i within the length of an unnamed x; NULL where R code has to look closer.
SEXP traced_element(SEXP x, SEXP i);
// x[positions], 1-based with NA, with the given dimensions and names.
SEXP traced_gather(SEXP x, SEXP positions, SEXP dim, SEXP names);
// All parts one after the other.
SEXP traced_concat(Rcpp::List parts, SEXP dim, SEXP names);
// Zeros with the elements of x added at positions: sums by group.
SEXP traced_scatter(SEXP x, SEXP positions, Rcpp::IntegerVector dim, SEXP names);
// x recycled to a length or to dimensions.
SEXP traced_recycle(SEXP x, int length, SEXP dim, SEXP names);
// A vector under assembly with the elements of a plain or traced vector.
SEXP traced_assembled(SEXP x);
// x[positions] <- value (recycled); `length`, `names` are the result's, positions are not NA.
SEXP traced_assign(SEXP x, SEXP positions, SEXP value, int length, SEXP names);
// x[i] <- value for one position in an unnamed x and one number; NULL: look closer.
SEXP traced_assign_element(SEXP x, SEXP i, SEXP value);

}  // namespace admle
