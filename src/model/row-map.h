// Which row of the data each element of a node reads.
//
// Data are the constants of a graph and, in a recording with leaves, its inputs behind the
// parameters. Of several rows the latest is kept, because a recursion may read the past. Symmetric
// matrices are statistics of data, not rows of them.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "graph/graph.h"

namespace admle {

struct Reads {
  enum Kind : std::uint8_t {
    kNothing,  // no data
    kRows,     // element (i, j) reads row i
    kListed,   // element p reads row(p)
    kWhole,    // the sample as a whole, as a sum over all rows does: a number like any other
    kOther     // anything else
  };
  // In place of a row.
  static constexpr std::int32_t kNoRow = -1, kWholeSample = -2;

  Kind kind = kNothing;
  bool only = true;           // every element reads its row only, and not earlier ones besides
  std::int32_t n = 0;         // rows of the data
  std::int32_t one = kNoRow;  // kListed, of a scalar
  std::shared_ptr<const Index> at;  // kListed, otherwise

  bool by_row() const { return kind == kRows || kind == kListed; }
  // Of the element at position p of a node with this many rows.
  std::int32_t row(std::int64_t p, std::int32_t rows) const;
};

class RowMap {
 public:
  // For nodes that `wanted` need. `leaves` are inputs that hold data.
  RowMap(const Graph& graph, const std::vector<NodeId>& wanted, const std::vector<NodeId>& leaves);

  const Reads& operator[](NodeId id) const { return reads_[static_cast<std::size_t>(id)]; }
  // A vector of data that was recycled: its length and what it was recycled to; or 0.
  std::int32_t recycled_from() const { return recycled_from_; }
  std::int32_t recycled_to() const { return recycled_to_; }

 private:
  const Reads& input(NodeId id, std::uint32_t i) const { return (*this)[g_.input_of(id, i)]; }
  Shape shape(NodeId id, std::uint32_t i) const { return g_.shape(g_.input_of(id, i)); }

  Reads of(NodeId id);
  Reads elementwise(NodeId id) const;
  Reads joined(NodeId id) const;
  Reads gathered(NodeId id);
  Reads reduced(NodeId id) const;
  Reads product(NodeId id) const;
  Reads solved(NodeId id) const;
  Reads running(NodeId id) const;
  // By position: element p of the node is element from(p) of input 0.
  template <class From>
  Reads moved(NodeId id, From from) const;
  // Every element of the node reads whatever any element of its inputs does.
  Reads sparse_product(NodeId id) const;
  Reads mixed(NodeId id) const;
  Reads stepped(NodeId id);

  const Graph& g_;
  bool has_leaves_;
  std::vector<Reads> reads_;
  // Of loops, by column of their value: whether its elements read the row of their step only.
  std::map<NodeId, std::vector<char>> own_row_;
  std::int32_t recycled_from_ = 0, recycled_to_ = 0;
};

}  // namespace admle
