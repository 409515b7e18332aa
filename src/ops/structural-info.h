// What the derivative transforms and the executor know of a structural operation: one struct of
// rules each, looked up by opcode.
#pragma once

#include <memory>

#include "graph/expr.h"
#include "graph/op.h"

namespace admle {

// Where a vjp rule puts what it found for input i.
class AdjointSink {
 public:
  virtual ~AdjointSink() = default;
  virtual bool wants(std::uint32_t i) const = 0;
  virtual void add(std::uint32_t i, Expr adjoint) = 0;
  // A contribution to some positions only; many of them become one scatter.
  virtual void add_at(std::uint32_t i, std::shared_ptr<const Index> positions, Expr adjoint) = 0;
};

// The node being evaluated and, in a pass over chunks, the first row of the chunk.
struct RunContext {
  const Graph* graph;      // of the node
  NodeId id;               // node being evaluated
  std::int64_t row_begin;  // first row of the chunk, 0 outside of row loops
};

// How an operation behaves over the rows of its inputs.
enum class RowKind {
  kNever,      // needs its inputs whole
  kMap,        // row i of the result needs row i of the inputs (those that have the rows)
  kReduction,  // adds up over rows; run() adds to `out`, which starts at zero
};

struct StructuralInfo {
  const char* name;  // as in the list
  RowKind rows;      // how it behaves over rows
  // The value; of a reduction over rows, the sum is added to `out`.
  void (*run)(const RunContext&, const Argument* inputs, const Result& out);
  // `adjoint` has the node's shape.
  void (*vjp)(Graph&, NodeId, Expr adjoint, AdjointSink&);
  // Tangents have D blocks of their input's columns; literal 0 where there is none.
  Expr (*jvp)(Graph&, NodeId, const Expr* tangents, std::int32_t directions);
};

#define STRUCTURAL(name, ...) extern const StructuralInfo name##_info;
#include "graph/structural.def"
#undef STRUCTURAL

const StructuralInfo& structural_info(Op op);

// Whether run() adds up over the rows of its inputs, into zeros: a product only as t(A) %*% B.
bool is_reduction(const Graph& graph, NodeId id);
// Whether a concatenation puts matrices with the same rows side by side.
bool joins_columns(const Graph& graph, NodeId id);
// Whether row i of the node can be computed from row i of those of its inputs that have its rows.
bool maps_rows(const Graph& graph, NodeId id);
// Whether input i of a node in a row loop over `rows` rows is read row by row.
bool reads_by_row(const Graph& graph, NodeId id, std::uint32_t i, std::int32_t rows);
// Throws GraphError unless every position is within [0, size).
void check_positions(const Index& index, std::int64_t size);

// Derivative rules of what is locally constant.
void no_vjp(Graph&, NodeId, Expr, AdjointSink&);
Expr no_jvp(Graph&, NodeId, const Expr*, std::int32_t);

}  // namespace admle
