// Where a constant's numbers come from.
//
// The executor asks a source for a block of consecutive rows and gets a pointer to column-major
// numbers and their leading dimension. Today every source is memory (R's own, viewed without a
// copy); a cursor or a file reader fits behind the same two calls.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace admle {

struct ConstBlock {
  const double* data = nullptr;  // element (i, j) is data[i + j ld]
  std::int64_t ld = 0;           // distance between columns
};

class Source {
 public:
  virtual ~Source() = default;
  virtual ConstBlock rows(std::int64_t begin, std::int64_t count) const = 0;
  // Identifies equal sources, so that a matrix used twice is one node.
  virtual const void* key() const = 0;
};

// Column-major numbers in memory; `owner` keeps them alive.
class MemorySource final : public Source {
 public:
  MemorySource(const double* data, std::int64_t ld, std::shared_ptr<const void> owner)
      : data_(data), ld_(ld), owner_(std::move(owner)) {}
  ConstBlock rows(std::int64_t begin, std::int64_t) const override { return {data_ + begin, ld_}; }
  const void* key() const override { return data_; }

 private:
  const double* data_;                 // row 0 of column 0
  std::int64_t ld_;                    // distance between columns
  std::shared_ptr<const void> owner_;  // keeps data_ alive
};

inline std::shared_ptr<const Source> make_source(std::vector<double> values, std::int64_t ld) {
  auto owned = std::make_shared<const std::vector<double>>(std::move(values));
  return std::make_shared<MemorySource>(owned->data(), ld, owned);
}

}  // namespace admle
