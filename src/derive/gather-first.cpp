// See gather-first.h.
#include "derive/gather-first.h"

#include <map>
#include <utility>
#include <vector>

#include "derive/substitute.h"
#include "ops/structural.h"

namespace admle {
namespace {

// Of fewer numbers all directions can be taken; functions of functions beyond this depth are left.
constexpr std::int64_t kManyNumbers = 100;
constexpr int kDepth = 64;

class Mover {
 public:
  Mover(Graph& graph, NodeId rows)
      : g_(graph), rows_(rows), needed_(needed_by(graph, {rows})), now_(needed_.size(), -1) {}

  NodeId run() {
    const std::int32_t origin = g_.origin();
    for (NodeId id = 0; id <= rows_; ++id) {
      if (!needed_[at(id)]) continue;
      g_.set_origin(g_.node(id).origin);
      now_[at(id)] = moved(id);
    }
    g_.set_origin(origin);
    return now_[at(rows_)];
  }

 private:
  static std::size_t at(NodeId id) { return static_cast<std::size_t>(id); }

  NodeId moved(NodeId id) {
    std::vector<NodeId> inputs;
    bool same = true;
    for (std::uint32_t i = 0; i < g_.node(id).n_inputs; ++i) {
      inputs.push_back(now_[at(g_.input_of(id, i))]);
      same = same && inputs.back() == g_.input_of(id, i);
    }
    if (g_.node(id).op == Op::gather && g_.attribute(id).a == 1) {
      const std::shared_ptr<const Index> index = g_.attribute(id).index;
      if (is_function(inputs[0])) return taken_of(inputs[0], index, g_.shape(id), kDepth);
    }
    return same ? id : copy_node(g_, g_, id, inputs);
  }

  bool is_function(NodeId id) const {
    return is_elementwise(g_.node(id).op) && !g_.is_fixed(id) &&
           g_.shape(id).size() >= kManyNumbers;
  }

  // x[index]; each once, however often a function uses it.
  NodeId taken_of(NodeId x, const std::shared_ptr<const Index>& index, Shape shape, int depth) {
    NodeId& known = taken_.try_emplace({x, index.get()}, -1).first->second;
    if (known >= 0) return known;
    const Node node = g_.node(x);
    std::vector<NodeId> inputs;
    for (std::uint32_t i = 0; depth > 0 && is_function(x) && i < node.n_inputs; ++i) {
      const NodeId in = g_.input_of(x, i);
      if (g_.shape(in).scalar()) inputs.push_back(in);
      else if (g_.shape(in) == node.shape) inputs.push_back(taken_of(in, index, shape, depth - 1));
    }
    return known = node.n_inputs > 0 && inputs.size() == node.n_inputs
                       ? g_.apply(node.op, inputs.data(), inputs.size())
                       : gather(Expr(&g_, x), index, shape).id();
  }

  Graph& g_;
  NodeId rows_;
  std::vector<char> needed_;                                 // by node: what the rows need
  std::vector<NodeId> now_;                                  // by node: what stands for it
  std::map<std::pair<NodeId, const Index*>, NodeId> taken_;  // elements of functions made so far
};

}  // namespace

NodeId with_gathers_first(Graph& graph, NodeId rows) { return Mover(graph, rows).run(); }

}  // namespace admle
