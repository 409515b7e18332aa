// The recorded function: a list of nodes, each a whole vector or matrix.
//
// A node is an operation, its inputs (earlier nodes, so the list is in topological order), its
// shape and, for structural operations, an attribute (indices, dimensions). Nodes are
// hash-consed: asking twice for the same operation on the same inputs gives the same node, so
// common subexpressions are shared between a function and its derivatives.
//
// Shapes are rows x cols, column-major; a vector is n x 1, an array has its leading dimension in
// the rows. Elementwise operations broadcast: an argument has the result's rows or 1, and a
// number of columns that divides the result's (columns are recycled). Derivatives in D directions
// of an n x c node are n x (c D), directions slowest, so that "scale the rows of a tangent"
// is an ordinary product.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "graph/op.h"
#include "graph/source.h"

namespace admle {

using NodeId = std::int32_t;
using Index = std::vector<std::int32_t>;  // 0-based positions

struct Shape {
  std::int32_t rows = 1;  // observations, mostly; or the leading dimension
  std::int32_t cols = 1;  // what remains of the number of elements
  std::int64_t size() const { return static_cast<std::int64_t>(rows) * cols; }
  bool scalar() const { return rows == 1 && cols == 1; }
  bool operator==(const Shape& o) const { return rows == o.rows && cols == o.cols; }
  bool operator!=(const Shape& o) const { return !(*this == o); }
};

// What a structural operation needs to know besides its inputs.
struct Attribute {
  std::shared_ptr<const Index> index;       // gather, scatter: positions
  std::shared_ptr<const Source> source;     // constant: numbers
  std::shared_ptr<void> extension;          // foreign functions
  std::int32_t a = 0, b = 0, c = 0, d = 0;  // dimensions and flags, see the operation
};

struct Node {
  Op op;                      // what it computes
  Shape shape;                // of its value
  std::uint32_t first_input;  // position in Graph::inputs_
  std::uint32_t n_inputs;     // number of inputs, one after the other
  std::int32_t attribute;     // index of an Attribute, an immediate integer, or -1
  std::int32_t origin;        // the user's call that made it, or -1
};

// A recorded comparison (or other decision): the graph is valid while `node` has value `expected`.
struct Guard {
  NodeId node;                   // what was compared
  std::vector<double> expected;  // column-major

  // Whether the node's value `now` is what was recorded; NaN is equal to NaN.
  bool holds(const double* now) const;
};

class GraphError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Graph {
 public:
  Graph();

  // Leaves.
  NodeId constant(double value);
  NodeId constant(std::shared_ptr<const Source> source, Shape shape);
  NodeId constant(std::vector<double> values, Shape shape);
  NodeId input(Shape shape, bool finite = true);
  // A new name for `x`, never shared: what an inner derivative is taken with respect to.
  NodeId alias(NodeId x);
  // The same, shared by those who ask for the owner's name of `x`, in copies of the graph as well.
  NodeId alias(NodeId x, std::shared_ptr<void> owner);
  // A new name for `x` under which a function of it is recorded: it depends on no input, and yet
  // is not fixed, since the function will be evaluated elsewhere.
  NodeId unknown(NodeId x);

  // Elementwise operation with broadcasting; folds scalars and simplifies.
  NodeId apply(Op op, std::initializer_list<NodeId> inputs);
  NodeId apply(Op op, const NodeId* inputs, std::size_t n);
  // Structural operation: shape given, no simplification except sharing.
  NodeId structural(Op op, const std::vector<NodeId>& inputs, Shape shape, Attribute attribute);
  // Structural operation whose only attribute is one integer (no allocation).
  NodeId structural(Op op, NodeId input, Shape shape, std::int32_t immediate);

  void add_guard(NodeId node, std::vector<double> expected);
  // Takes out the guards for which `taken` is true, from number `first` on.
  std::vector<Guard> take_guards(std::size_t first, const std::function<bool(NodeId)>& taken);
  const std::vector<Guard>& guards() const { return guards_; }

  const Node& node(NodeId id) const { return nodes_[static_cast<std::size_t>(id)]; }
  NodeId size() const { return static_cast<NodeId>(nodes_.size()); }
  const NodeId* inputs(NodeId id) const { return inputs_.data() + node(id).first_input; }
  NodeId input_of(NodeId id, std::uint32_t i) const { return inputs(id)[i]; }
  const std::vector<NodeId>& input_nodes() const { return input_nodes_; }
  const Attribute& attribute(NodeId id) const {
    return attributes_[static_cast<std::size_t>(node(id).attribute)];
  }
  Shape shape(NodeId id) const { return node(id).shape; }
  bool is_constant(NodeId id) const { return node(id).op == Op::constant || is_scalar(id); }
  // A constant that is one number, kept in the graph itself.
  bool is_scalar(NodeId id) const { return node(id).op == Op::scalar; }
  bool is_unknown(NodeId id) const {
    return node(id).op == Op::alias && node(id).attribute == kUnknown;
  }
  double scalar_value(NodeId id) const {
    return scalars_[static_cast<std::size_t>(node(id).attribute)];
  }
  // True when the node does not change with any input.
  bool is_fixed(NodeId id) const { return fixed_[static_cast<std::size_t>(id)] != 0; }
  // True when the node's numbers are finite for any finite inputs, short of overflow in sums and
  // products. Data are looked through when they are first asked for.
  bool is_finite(NodeId id) const;

  // Nodes made from now on carry this origin.
  void set_origin(std::int32_t origin) { origin_ = origin; }
  std::int32_t origin() const { return origin_; }

 private:
  static constexpr std::int32_t kUnknown = -2;  // instead of an attribute
  enum class Finite : char { no, yes, unknown };
  Finite finite_result(Op op, const NodeId* inputs, std::size_t n, std::int32_t attribute) const;
  NodeId push(Op op, const NodeId* inputs, std::size_t n, Shape shape, std::int32_t attribute);
  NodeId find_or_push(Op op, const NodeId* inputs, std::size_t n, Shape shape,
                      std::int32_t immediate, Attribute* attribute);
  std::uint32_t hash(Op op, const NodeId* inputs, std::size_t n, Shape shape,
                     std::int32_t immediate, const Attribute* attribute) const;
  bool same(NodeId id, Op op, const NodeId* inputs, std::size_t n, Shape shape,
            std::int32_t immediate, const Attribute* attribute) const;
  // The entry that holds the node, or the empty one where it belongs.
  template <class Same>
  std::size_t find_entry(std::size_t near, std::uint32_t h, Same same) const;
  void fill_entry(std::size_t at, NodeId id, std::uint32_t h);
  void grow_table();

  std::vector<Node> nodes_;             // inputs before those that use them
  std::vector<NodeId> inputs_;          // of all nodes, one after the other
  std::vector<Attribute> attributes_;   // of structural nodes that have one
  std::vector<double> scalars_;         // values of Op::scalar nodes
  std::vector<NodeId> input_nodes_;     // independent variables, in order
  std::vector<char> fixed_;             // by node: depends on no input
  mutable std::vector<Finite> finite_;  // by node: is_finite(), unknown for data only
  std::vector<Guard> guards_;           // in the order in which they were recorded
  struct Entry {
    NodeId id = -1;          // -1: empty
    std::uint32_t hash = 0;  // of the node's operation, inputs, shape and attribute
  };
  std::vector<Entry> table_;  // open addressing
  std::size_t in_table_ = 0;  // entries in use
  std::int32_t origin_ = -1;  // the user's call that nodes made now come from
};

// By node: whether `wanted`, or what they are computed from.
std::vector<char> needed_by(const Graph& graph, const std::vector<NodeId>& wanted);

// The shape of an elementwise result; throws GraphError when the arguments do not fit together.
Shape broadcast_shape(const Graph& graph, const NodeId* inputs, std::size_t n);

}  // namespace admle
