// Vectors that a loop fills: which element that was written does each read see, in every step?
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace admle {

// An element that an access of a step writes.
struct Written {
  std::int32_t access = -1;  // -1: what was there before the loop
  std::int32_t column = 0;   // of its elements
  std::int32_t lag = 0;      // how many steps before it is read
};

class WriteLog {
 public:
  explicit WriteLog(std::int32_t steps) : steps_(steps) {}

  // Number of the vector.
  std::size_t add_vector(std::int64_t size);
  // In the order of the step's program: element c of step t is at positions[t + c steps]. The
  // number of the access.
  std::size_t add(std::size_t vector, Index positions, bool writes);
  // What the last write of the same step before puts at the positions of this read's element, if
  // those are the same in all steps.
  Written in_this_step(std::size_t vector, const Index& positions, std::int32_t column) const;

  // Goes through all steps; false where a read sees elements of different age.
  bool look_up();
  // After that.
  const std::vector<Written>& seen(std::size_t access) const { return accesses_[access].seen; }
  std::size_t vector(std::size_t access) const { return accesses_[access].vector; }
  struct Last {
    std::int32_t step = -1, access = -1, column = 0;
  };
  const std::vector<Last>& last(std::size_t vector) const { return last_[vector]; }
  std::int32_t position(std::size_t access, std::int32_t column, std::int32_t step) const {
    return accesses_[access].positions[static_cast<std::size_t>(step + column * steps_)];
  }

 private:
  struct Access {
    std::size_t vector;
    Index positions;
    bool writes;
    std::vector<Written> seen;  // by element of a read
  };
  bool same_column(const Index& a, std::int32_t i, const Index& b, std::int32_t j) const;

  std::int32_t steps_;
  std::vector<Access> accesses_;
  std::vector<std::vector<Last>> last_;  // by vector and position
};

}  // namespace admle
