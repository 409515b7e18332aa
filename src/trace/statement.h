// A statement of a loop, recorded by walking its syntax tree.
#pragma once

#include <Rcpp.h>

namespace admle {

// The assignment `target <- value` in `frame`, whose variables it reads. False where nothing has
// been done and R has to evaluate it.
bool run_statement(SEXP assignment, SEXP frame);

}  // namespace admle
