// A piece is reached through indices only if all its uses are indices (or a reshape all of whose
// uses are).
#include "derive/linear-index.h"

#include <algorithm>

#include "ops/structural-info.h"
#include "ops/structural.h"

namespace admle {
namespace {

class Finder {
 public:
  Finder(const Graph& graph, NodeId contributions, const std::vector<NodeId>& pieces)
      : g_(graph), last_(contributions), rows_(graph.shape(contributions).rows), pieces_(pieces),
        needed_(needed_by(graph, {contributions})) {}

  LinearIndices run() {
    LinearIndices out;
    for (std::size_t p = 0; p < pieces_.size(); ++p) {
      std::vector<LinearIndex> found;
      if (pieces_[p] <= last_ && through_indices(pieces_[p], p, found) && !found.empty())
        out.indices.insert(out.indices.end(), found.begin(), found.end());
      else out.others.push_back(p);
    }
    if (out.indices.empty() || rows_stay_apart(out.indices)) return out;
    out.indices.clear();
    out.others.clear();
    for (std::size_t p = 0; p < pieces_.size(); ++p) out.others.push_back(p);
    return out;
  }

 private:
  bool needed(NodeId id) const { return needed_[static_cast<std::size_t>(id)] != 0; }

  // Whether `id`, the piece or another shape of it, is used by indices only.
  bool through_indices(NodeId id, std::size_t piece, std::vector<LinearIndex>& found) const {
    for (NodeId user = id + 1; user <= last_; ++user) {
      if (!needed(user)) continue;
      const std::uint32_t n = g_.node(user).n_inputs;
      for (std::uint32_t i = 0; i < n; ++i) {
        if (g_.input_of(user, i) != id) continue;
        if (!as_index(user, i, piece, found)) return false;
      }
    }
    return true;
  }

  bool as_index(NodeId user, std::uint32_t input, std::size_t piece,
                std::vector<LinearIndex>& found) const {
    const Node& node = g_.node(user);
    if (node.op == Op::reshape) return through_indices(user, piece, found);
    if (node.shape.rows != rows_) return false;
    if (node.op == Op::gather && g_.attribute(user).a == 1) {
      found.push_back({user, piece, -1, g_.attribute(user).index, nullptr});
      return true;
    }
    if (node.op == Op::sparse_times) {
      found.push_back({user, piece, -1, nullptr, sparse_of(g_, user)});
      return true;
    }
    const bool product = node.op == Op::matmul && input == 1 && g_.attribute(user).a == 0 &&
                         g_.attribute(user).b == 0 && g_.attribute(user).c == 1;
    if (!product || !g_.is_fixed(g_.input_of(user, 0))) return false;
    found.push_back({user, piece, g_.input_of(user, 0), nullptr, nullptr});
    return true;
  }

  // Whether row i of every node between the indices and the contributions needs only row i.
  bool rows_stay_apart(const std::vector<LinearIndex>& indices) const {
    std::vector<char> reached(needed_.size(), 0);
    for (const LinearIndex& index : indices) reached[static_cast<std::size_t>(index.node)] = 1;
    for (NodeId id = 0; id <= last_; ++id) {
      if (!needed(id) || reached[static_cast<std::size_t>(id)]) continue;
      for (std::uint32_t i = 0; i < g_.node(id).n_inputs; ++i) {
        if (!reached[static_cast<std::size_t>(g_.input_of(id, i))]) continue;
        if (!maps_rows(g_, id) || g_.shape(id).rows != rows_ || !reads_by_row(g_, id, i, rows_))
          return false;
        reached[static_cast<std::size_t>(id)] = 1;
      }
    }
    return true;
  }

  const Graph& g_;                     // graph that is searched
  NodeId last_;                        // the contributions: later nodes do not matter
  std::int32_t rows_;                  // number of contributions
  const std::vector<NodeId>& pieces_;  // of the parameters
  std::vector<char> needed_;           // by node: whether the contributions are computed from it
};

}  // namespace

LinearIndices find_linear_indices(const Graph& graph, NodeId contributions,
                                  const std::vector<NodeId>& pieces) {
  return Finder(graph, contributions, pieces).run();
}

}  // namespace admle
