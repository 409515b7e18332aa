// Vectors that a loop fills one element at a time: persistent arrays with O(1) assignment and
// reading of the newest version (H. G. Baker, "Shallow binding makes functional arrays fast",
// SIGPLAN Notices 26(8), 1991). An old version is the difference to a newer one; reading it makes
// it the newest again by reversing the chain of differences.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "graph/graph.h"

namespace admle {

// One element: a scalar node (at < 0) or an element of a node.
struct Cell {
  NodeId node = -1;      // scalar, or vector whose element it is
  std::int32_t at = -1;  // position in the node, from 0
};

class Assembly {
 public:
  using Version = std::int32_t;
  using Change = std::pair<std::int32_t, Cell>;  // position and its element

  Version create(std::vector<Cell> cells);
  // A new version of `from` with some elements changed; positions beyond its length (at most
  // `length`) extend it, and must be filled in order.
  Version assign(Version from, const std::vector<Change>& changes, std::int32_t length);
  Version assign_one(Version from, std::int32_t position, Cell cell);
  Cell read(Version version, std::int32_t position);
  std::int32_t length(Version version) const { return at(version).length; }

  // The node of the whole vector once it has been needed, or -1.
  NodeId whole(Version version) const { return at(version).whole; }
  void set_whole(Version version, NodeId id) { at(version).whole = id; }

 private:
  struct State {
    std::int32_t next = -1;       // the version this one is described against, -1: it has the array
    std::int32_t array = -1;      // position in arrays_, -1: described by changes
    std::int32_t length = 0;      // number of elements
    NodeId whole = -1;            // node of the whole vector, once it has been needed
    std::vector<Change> changes;  // elements that differ from `next`
  };

  State& at(Version version) { return versions_[static_cast<std::size_t>(version)]; }
  const State& at(Version version) const { return versions_[static_cast<std::size_t>(version)]; }
  void reroot(Version version);

  std::vector<State> versions_;            // by version, oldest first
  std::vector<std::vector<Cell>> arrays_;  // each belongs to one version at a time
};

}  // namespace admle
