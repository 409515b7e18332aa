// The methods that users name, a row each: what is known of the curvature, how far to go, and
// where the method can be used. minimise.cpp runs whatever a row says.
#pragma once

#include "solve/search.h"

#include <memory>

namespace admle {

struct MethodRow {
  Method method;      // the row's key
  const char* name;   // as users write it
  const char* label;  // as messages have it
  // Both empty where the judge of every end point, Newton's method, is all there is to run.
  std::unique_ptr<Direction> (*direction)(Evaluator&);
  std::unique_ptr<Search> (*search)(Evaluator&);
  int iterations;                       // default limit
  bool (*available)(const Evaluator&);  // whether the objective has what the method needs
};

const MethodRow& method_row(Method method);

// The row of the method asked for, or of that which "auto" takes where it is not available.
const MethodRow& choose_method(Method wanted, const Evaluator& evaluator);

}  // namespace admle
