// Runs a row loop; row-loop-layout.cpp makes it.
#include "exec/row-loop.h"

#include <algorithm>
#include <array>

#include "exec/threads.h"
#include "math/products.h"
#include "ops/structural-info.h"

namespace admle {
namespace {

constexpr std::int32_t kChunksBetweenPolls = 16;
// Below this many numbers in a loop's buffers over all its rows, starting a thread costs more than
// it saves (it takes about 20 microseconds).
constexpr std::int64_t kWorthThreads = 1 << 18;

}  // namespace

std::int64_t RowLoop::memory() const {
  std::size_t numbers = sums_.size();
  for (const std::vector<double>& buffer : buffers_) numbers += buffer.size();
  return static_cast<std::int64_t>(numbers * sizeof(double));
}

void RowLoop::run(int threads, const Poll& poll) {
  const std::int64_t work = buffer_size_ / chunk_ * rows_;
  if (one_thread_ || work < kWorthThreads) threads = 1;
  threads = std::max(1, std::min(threads, stripes_));
  while (static_cast<int>(buffers_.size()) < threads)
    buffers_.emplace_back(static_cast<std::size_t>(buffer_size_));
  std::fill(sums_.begin(), sums_.end(), 0.0);
  for_each_task(stripes_, threads, [&](int stripe, int thread) {
    run_stripe(stripe, buffers_[static_cast<std::size_t>(thread)].data(),
               thread == 0 ? poll : nullptr);
  });
  add_up_stripes();
}

void RowLoop::run_stripe(std::int32_t stripe, double* buffer, const Poll& poll) {
  const auto share = [&](std::int64_t s) {
    return static_cast<std::int32_t>(s * chunks_ / stripes_);
  };
  for (std::int32_t c = share(stripe); c < share(stripe + 1); ++c) {
    const std::int64_t begin = static_cast<std::int64_t>(c) * chunk_;
    const auto rows = static_cast<std::int32_t>(std::min<std::int64_t>(chunk_, rows_ - begin));
    run_chunk(begin, rows, buffer, sums_.data() + stripe * sums_size_);
    if (poll && (c + 1) % kChunksBetweenPolls == 0) poll();
  }
}

void RowLoop::run_chunk(std::int64_t begin, std::int32_t rows, double* buffer, double* sums) {
  constexpr std::size_t kFew = 8;
  std::array<Argument, kFew> few;
  std::vector<Argument> many;
  for (const Step& step : steps_) {
    Argument* in = few.data();
    if (step.operands.size() > kFew) {
      many.resize(step.operands.size());
      in = many.data();
    }
    for (std::size_t i = 0; i < step.operands.size(); ++i) {
      const Operand& o = step.operands[i];
      in[i] = o.argument;
      if (o.kind == Operand::kWhole) continue;
      in[i].rows = rows;
      if (o.kind == Operand::kBuffer) {
        in[i].data = buffer + o.at * chunk_;
        in[i].ld = chunk_;
      } else if (o.kind == Operand::kSource) {
        const ConstBlock block = sources_[static_cast<std::size_t>(o.at)]->rows(begin, rows);
        in[i].data = block.data;
        in[i].ld = block.ld;
      } else {
        in[i].data = o.argument.data + begin;
      }
    }
    const Result out = step.reduces ? Result{sums + step.at, step.rows, step.rows, step.cols}
                                    : Result{buffer + step.at * chunk_, chunk_, rows, step.cols};
    if (step.kind == Step::kElementwise) {
      step.kernel(in, out);
    } else if (step.kind == Step::kStructural) {
      structural_info(graph_->node(step.id).op).run({graph_, step.id, begin}, in, out);
    } else {
      add_cross(in[0], step.operands.size() > 2 ? in[2].data : nullptr, in[1], out, step.symmetric);
    }
    if (step.stored == nullptr) continue;
    for (std::int32_t j = 0; j < step.cols; ++j)
      std::copy_n(out.data + j * out.ld, rows,
                  step.stored + begin + static_cast<std::int64_t>(j) * rows_);
  }
}

void RowLoop::add_up_stripes() {
  const double* sums = sums_.data();
  for (const Result& total : totals_) {
    const std::int64_t size = static_cast<std::int64_t>(total.rows) * total.cols;
    std::copy_n(sums, size, total.data);
    for (std::int32_t s = 1; s < stripes_; ++s)
      for (std::int64_t i = 0; i < size; ++i) total.data[i] += sums[i + s * sums_size_];
    sums += size;
  }
}

}  // namespace admle
