// Persistent arrays by rerooting, see assembly.h.
#include "trace/assembly.h"

#include <algorithm>

namespace admle {

Assembly::Version Assembly::create(std::vector<Cell> cells) {
  State state;
  state.array = static_cast<std::int32_t>(arrays_.size());
  state.length = static_cast<std::int32_t>(cells.size());
  arrays_.push_back(std::move(cells));
  versions_.push_back(std::move(state));
  return static_cast<Version>(versions_.size() - 1);
}

// The version takes the array over; the versions on the way become differences to it.
void Assembly::reroot(Version version) {
  std::vector<Version> path;
  for (Version v = version; v >= 0; v = at(v).next) path.push_back(v);
  for (std::size_t i = path.size(); i-- > 1;) {
    State& newer = at(path[i]);
    State& older = at(path[i - 1]);
    std::vector<Cell>& cells = arrays_[static_cast<std::size_t>(newer.array)];
    newer.changes.clear();
    for (std::size_t k = older.changes.size(); k-- > 0;) {
      const Change& change = older.changes[k];
      Cell& cell = cells[static_cast<std::size_t>(change.first)];
      newer.changes.emplace_back(change.first, cell);
      cell = change.second;
    }
    older.changes.clear();
    older.array = newer.array;
    older.next = -1;
    newer.array = -1;
    newer.next = path[i - 1];
  }
}

Assembly::Version Assembly::assign(Version from, const std::vector<Change>& changes,
                                   std::int32_t length) {
  if (at(from).array < 0) reroot(from);
  State fresh;
  fresh.array = at(from).array;
  fresh.length = std::max(length, at(from).length);
  std::vector<Cell>& cells = arrays_[static_cast<std::size_t>(fresh.array)];
  if (cells.size() < static_cast<std::size_t>(fresh.length)) {
    cells.resize(static_cast<std::size_t>(fresh.length));
  }
  std::vector<Change> undo;
  undo.reserve(changes.size());
  for (std::size_t k = 0; k < changes.size(); ++k) {
    Cell& cell = cells[static_cast<std::size_t>(changes[k].first)];
    undo.emplace_back(changes[k].first, cell);
    cell = changes[k].second;
  }
  const Version version = static_cast<Version>(versions_.size());
  State& old = at(from);
  old.changes = std::move(undo);
  old.array = -1;
  old.next = version;
  versions_.push_back(std::move(fresh));
  return version;
}

Assembly::Version Assembly::assign_one(Version from, std::int32_t position, Cell cell) {
  return assign(from, {{position, cell}}, at(from).length);
}

Cell Assembly::read(Version version, std::int32_t position) {
  if (at(version).array < 0) reroot(version);
  return arrays_[static_cast<std::size_t>(at(version).array)][static_cast<std::size_t>(position)];
}

}  // namespace admle
