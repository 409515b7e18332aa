// with_derivative(): nodes that call R functions, with derivative rules that are recorded graphs or
// R functions themselves.
#pragma once

#include <Rcpp.h>

#include <memory>

#include "graph/expr.h"
#include "ops/structural.h"

namespace admle {

// A rule r(x, w), linear in w: the adjoint J(x)' w or the tangent J(x) w of a function at x.
struct LinearRule {
  Rcpp::Function value;            // c(x, w) -> r(x, w)
  std::shared_ptr<Graph> graph;    // the same recorded, or null: then only called
  NodeId input = -1, output = -1;  // c(x, w) and r(x, w) in `graph`
};

// A function of one vector; one of the rules may be missing (null): it is the transpose of the
// other.
std::shared_ptr<Foreign> make_foreign(const Rcpp::Function& value,
                                      std::shared_ptr<const LinearRule> backward,
                                      std::shared_ptr<const LinearRule> forward);

}  // namespace admle
