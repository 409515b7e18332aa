// Reads and writes of all steps, see write-log.h.
#include "trace/write-log.h"

#include <algorithm>

namespace admle {

std::size_t WriteLog::add_vector(std::int64_t size) {
  last_.emplace_back(static_cast<std::size_t>(size));
  return last_.size() - 1;
}

std::size_t WriteLog::add(std::size_t vector, Index positions, bool writes) {
  const std::size_t columns = positions.size() / static_cast<std::size_t>(steps_);
  accesses_.push_back({vector, std::move(positions), writes, std::vector<Written>(columns)});
  return accesses_.size() - 1;
}

bool WriteLog::same_column(const Index& a, std::int32_t i, const Index& b, std::int32_t j) const {
  const std::ptrdiff_t n = steps_;
  return std::equal(a.begin() + i * n, a.begin() + (i + 1) * n, b.begin() + j * n);
}

Written WriteLog::in_this_step(std::size_t vector, const Index& positions,
                               std::int32_t column) const {
  for (std::size_t k = accesses_.size(); k-- > 0;) {
    const Access& access = accesses_[k];
    if (!access.writes || access.vector != vector) continue;
    for (auto c = static_cast<std::int32_t>(access.seen.size()); c-- > 0;)
      if (same_column(access.positions, c, positions, column))
        return {static_cast<std::int32_t>(k), c, 0};
  }
  return {};
}

bool WriteLog::look_up() {
  for (std::int32_t t = 0; t < steps_; ++t) {
    for (std::size_t k = 0; k < accesses_.size(); ++k) {
      Access& access = accesses_[k];
      for (std::size_t c = 0; c < access.seen.size(); ++c) {
        const std::int32_t at = position(k, static_cast<std::int32_t>(c), t);
        Last& last = last_[access.vector][static_cast<std::size_t>(at)];
        if (access.writes) {
          last = {t, static_cast<std::int32_t>(k), static_cast<std::int32_t>(c)};
          continue;
        }
        Written& seen = access.seen[c];
        if (last.step < 0) {
          // What was there before the loop: in the first steps only, or in all.
          if (seen.access >= 0) return false;
          continue;
        }
        const Written now{last.access, last.column, t - last.step};
        if (seen.access < 0 && last.step == 0) seen = now;
        if (seen.access != now.access || seen.column != now.column || seen.lag != now.lag)
          return false;
      }
    }
  }
  return true;
}

}  // namespace admle
