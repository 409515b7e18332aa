// An operation that has a graph of its own, its body: the root of a function, where a function is
// smallest, and whatever else is found by evaluating a recorded function many times. How it is
// found and differentiated is in body/; the operation only hands over.
#pragma once

#include <memory>
#include <vector>

#include "graph/expr.h"
#include "math/block.h"
#include "ops/structural-info.h"

namespace admle {

class Nested {
 public:
  virtual ~Nested() = default;
  // What messages call it.
  virtual const char* name() const = 0;
  // The value. May keep what makes the next evaluation faster, not what changes it.
  virtual void run(const Argument* inputs, const Result& out) = 0;
  // Multiplications of an evaluation, roughly; 0: as many as there are numbers.
  virtual double work(const Graph&, NodeId) const { return 0; }
  // As the rules of a structural operation, see ops/structural-info.h.
  virtual void vjp(Graph&, NodeId, Expr adjoint, AdjointSink&) = 0;
  virtual Expr jvp(Graph&, NodeId, const Expr* tangents, std::int32_t directions) = 0;
};

Expr nested(Graph* graph, const std::vector<Expr>& inputs, Shape shape,
            std::shared_ptr<Nested> operation);
Nested& nested_of(const Graph& graph, NodeId id);

}  // namespace admle
