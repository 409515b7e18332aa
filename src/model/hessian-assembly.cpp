// See hessian-assembly.h.
#include "model/hessian-assembly.h"

#include <algorithm>

#include "math/sparse-factor.h"
#include "ops/structural.h"

namespace admle {
namespace {

// Fewer parameters than this, or more than this part of the elements: a dense matrix.
constexpr std::int32_t kFewParameters = 100;
constexpr double kMostFilled = 0.25;

}  // namespace

HessianAssembly::HessianAssembly(const Graph& graph, std::vector<HessianBlock> blocks,
                                 std::int32_t size, bool always)
    : blocks_(std::move(blocks)), size_(size) {
  double elements = 0;
  for (const HessianBlock& block : blocks_) {
    shapes_.push_back(graph.shape(block.node));
    elements += static_cast<double>(shapes_.back().size()) *
                (block.on_diagonal && !block.elements ? 0.5 : 1);
  }
  const double all = 0.5 * size * (size + 1.0);
  if (always || (size >= kFewParameters && elements <= kMostFilled * all)) find_pattern();
}

// Calls f(row, column, block, number, twice) for what is added to the upper triangle; a block and
// its transpose add to the diagonal twice.
template <class F>
void HessianAssembly::each_element(F f) const {
  for (std::size_t b = 0; b < blocks_.size(); ++b) {
    const HessianBlock& block = blocks_[b];
    const auto add = [&](std::int32_t i, std::int32_t j, std::size_t number) {
      const std::int32_t row = block.row + i, col = block.col + j;
      if (row > col && block.on_diagonal) return;
      f(std::min(row, col), std::max(row, col), b, number, row == col && !block.on_diagonal);
    };
    std::size_t number = 0;
    if (block.elements) {
      for (; number < block.elements->row.size(); ++number)
        add(block.elements->row[number], block.elements->column[number], number);
    } else {
      for (std::int32_t j = 0; j < shapes_[b].cols; ++j)
        for (std::int32_t i = 0; i < shapes_[b].rows; ++i, ++number) add(i, j, number);
    }
  }
}

void HessianAssembly::find_pattern() {
  const auto k = static_cast<std::size_t>(size_);
  std::vector<std::vector<int>> rows(k);
  std::size_t elements = 0;
  each_element([&](std::int32_t i, std::int32_t j, std::size_t, std::size_t, bool) {
    rows[static_cast<std::size_t>(j)].push_back(i);
    ++elements;
  });
  std::vector<int> begin(k + 1, 0);
  for (std::size_t j = 0; j < k; ++j) {
    std::vector<int>& column = rows[j];
    column.push_back(static_cast<int>(j));
    std::sort(column.begin(), column.end());
    column.erase(std::unique(column.begin(), column.end()), column.end());
    begin[j + 1] = begin[j] + static_cast<int>(column.size());
  }
  pattern_.resize(size_, size_);
  pattern_.resizeNonZeros(begin[k]);
  std::copy(begin.begin(), begin.end(), pattern_.outerIndexPtr());
  for (std::size_t j = 0; j < k; ++j)
    std::copy(rows[j].begin(), rows[j].end(), pattern_.innerIndexPtr() + begin[j]);
  place_.reserve(elements);
  each_element([&](std::int32_t i, std::int32_t j, std::size_t, std::size_t, bool) {
    const std::vector<int>& column = rows[static_cast<std::size_t>(j)];
    const auto at = std::lower_bound(column.begin(), column.end(), i) - column.begin();
    place_.push_back(begin[static_cast<std::size_t>(j)] + static_cast<int>(at));
  });
  order_ = std::make_shared<const SparseOrder>(size_, begin.data(), pattern_.innerIndexPtr());
}

Symmetric HessianAssembly::fill(const std::function<const double*(std::size_t b)>& value) const {
  std::vector<const double*> from;
  for (std::size_t b = 0; b < blocks_.size(); ++b) from.push_back(value(b));
  if (is_sparse()) {
    Symmetric::Sparse out = pattern_;
    double* to = out.valuePtr();
    std::fill_n(to, out.nonZeros(), 0.0);
    const int* place = place_.data();
    each_element([&](std::int32_t, std::int32_t, std::size_t b, std::size_t number, bool twice) {
      to[*place++] += (twice ? 2 : 1) * from[b][number];
    });
    return {std::move(out), order_};
  }
  Eigen::MatrixXd out = Eigen::MatrixXd::Zero(size_, size_);
  each_element([&](std::int32_t i, std::int32_t j, std::size_t b, std::size_t number, bool twice) {
    out(i, j) += (twice ? 2 : 1) * from[b][number];
  });
  out.triangularView<Eigen::StrictlyLower>() = out.transpose();
  return out;
}

Expr HessianAssembly::elements(Graph& graph) const {
  std::vector<Index> from(blocks_.size()), to(blocks_.size());
  std::vector<std::vector<double>> times(blocks_.size());
  const int* place = place_.data();
  each_element([&](std::int32_t, std::int32_t, std::size_t b, std::size_t number, bool twice) {
    from[b].push_back(static_cast<std::int32_t>(number));
    to[b].push_back(*place++);
    times[b].push_back(twice ? 2 : 1);
  });
  const auto size = static_cast<std::int32_t>(pattern_.nonZeros());
  Expr out = constant(&graph, std::vector<double>(static_cast<std::size_t>(size), 0.0), {size, 1});
  for (std::size_t b = 0; b < blocks_.size(); ++b) {
    if (from[b].empty()) continue;
    const auto n = static_cast<std::int32_t>(from[b].size());
    Expr block = gather(Expr(&graph, blocks_[b].node), std::move(from[b]), {n, 1});
    if (std::find(times[b].begin(), times[b].end(), 2.0) != times[b].end())
      block = block * constant(&graph, std::move(times[b]), {n, 1});
    out = out + scatter_add(block, std::make_shared<const Index>(std::move(to[b])), {size, 1});
  }
  return out;
}

}  // namespace admle
