// Functions that are formulas over other operations: the densities, distribution functions and
// quantile functions, log-sum-exp. Looked up by name with the elementwise operations
// (`apply_named`); the table of names is what op_table() shows in R.
#pragma once

#include <string>
#include <vector>

#include "graph/expr.h"

namespace admle {

struct NamedOp {
  const char* name;    // as R's function, with _log, _upper, _upper_log for those arguments
  int arity;           // number of arguments
  const char* domain;  // of each argument, comma separated: what the tests draw from
  bool elementwise;    // one node; otherwise a formula
};

const std::vector<NamedOp>& named_ops();
// Position in named_ops(), or -1.
int find_named_op(const std::string& name);
// Applies the operation; arguments broadcast as elementwise arguments do.
Expr apply_named(int op, const std::vector<Expr>& arguments);

}  // namespace admle
