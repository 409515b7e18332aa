// Whether an R object is the one that was seen before: by address with a reference held, small
// vectors by value, functions by formals, body and environment. Against code that writes into
// vectors by reference, spread elements are compared too, or all of them.
#pragma once

#include <Rcpp.h>

#include <cstdint>

namespace admle {

// Whether a package that writes by reference is loaded.
bool writes_by_reference();

// Mixes length, type and elements of all vectors in the object, and in its slots: of longer ones
// the ends and 62 in between, or `all`.
std::uint64_t fingerprint(SEXP x, bool all);

// Whether the object is numbers, text, lists of these or a matrix of Matrix; no environment,
// pointer or other S4 object, no vector whose elements a package computes, no class but factor and
// data frame.
bool is_plain_data(SEXP x);

// Whether it is compared by value: a short vector.
bool is_short(SEXP x);

bool same_function(SEXP f, SEXP g);
// `kept` was is_short(): a copy.
bool same_object(SEXP now, SEXP kept);

// Whether `now` can take the place of `kept` as an argument: type, length, attributes.
bool same_form(SEXP now, SEXP kept);

}  // namespace admle
