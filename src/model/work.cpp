// Estimated work; see work.h.
#include "model/work.h"

#include <algorithm>
#include <cmath>

#include "ops/nested.h"

namespace admle {
namespace {

// In units of one multiplication and addition of a matrix-vector product, which is bound by
// memory. Products of matrices are blocked, and half of a symmetric one is saved.
constexpr double kMatrixProduct = 0.25;
constexpr double kElement = 4;
constexpr double kNode = 20;

double node_work(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  const auto out = static_cast<double>(node.shape.size());
  if (node.n_inputs == 0) return 0;
  double in = 0, product = out;
  for (std::uint32_t i = 0; i < node.n_inputs; ++i) {
    const auto size = static_cast<double>(graph.shape(graph.input_of(id, i)).size());
    in = std::max(in, size);
    product *= size;
  }
  if (node.op == Op::nested) {
    const double own = nested_of(graph, id).work(graph, id);
    if (own > 0) return kNode + own;
  }
  if (node.op == Op::matmul) {
    // (m x l)(l x n): the square root of ml ln mn is mln.
    const double vector = std::max(in, out);
    const double multiplications = std::sqrt(product);
    return kNode + (multiplications > 2 * vector ? kMatrixProduct * multiplications : vector);
  }
  return kNode + kElement * std::max(in, out);
}

}  // namespace

double estimated_work(const Graph& graph, const std::vector<NodeId>& outputs) {
  std::vector<char> needed(static_cast<std::size_t>(graph.size()), 0);
  for (NodeId id : outputs) needed[static_cast<std::size_t>(id)] = 1;
  double work = 0;
  for (NodeId id = graph.size(); id-- > 0;) {
    // What does not change with the parameters is computed once, with the program.
    if (!needed[static_cast<std::size_t>(id)] || graph.is_fixed(id)) continue;
    work += node_work(graph, id);
    for (std::uint32_t i = 0; i < graph.node(id).n_inputs; ++i)
      needed[static_cast<std::size_t>(graph.input_of(id, i))] = 1;
  }
  return work;
}

}  // namespace admle
