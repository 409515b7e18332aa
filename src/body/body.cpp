// Taking a recorded function out of a graph, and putting it into another; see body.h.
#include "body/body.h"

#include <algorithm>

#include "derive/substitute.h"
#include "graph/op.h"
#include "ops/partials.h"

namespace admle {

std::vector<char> depends_on(const Graph& graph, NodeId unknown) {
  std::vector<char> out(static_cast<std::size_t>(graph.size() - unknown), 0);
  out[0] = 1;
  for (NodeId id = unknown + 1; id < graph.size(); ++id) {
    char& depends = out[static_cast<std::size_t>(id - unknown)];
    for (std::uint32_t i = 0; i < graph.node(id).n_inputs && !depends; ++i) {
      const NodeId in = graph.input_of(id, i);
      depends = in >= unknown && out[static_cast<std::size_t>(in - unknown)];
    }
  }
  return out;
}

Body take_body(const Graph& graph, NodeId unknown, NodeId value, const std::vector<Guard>& guards,
               std::vector<NodeId>& outer) {
  const std::vector<char> depends = depends_on(graph, unknown);
  const auto inside = [&](NodeId id) {
    return id >= unknown && depends[static_cast<std::size_t>(id - unknown)] != 0;
  };
  std::vector<NodeId> wanted{value};
  for (const Guard& guard : guards) wanted.push_back(guard.node);
  std::vector<bool> seen(static_cast<std::size_t>(graph.size()));
  std::vector<NodeId> todo = wanted;
  outer.clear();
  while (!todo.empty()) {
    const NodeId id = todo.back();
    todo.pop_back();
    if (seen[static_cast<std::size_t>(id)] || id == unknown) continue;
    seen[static_cast<std::size_t>(id)] = true;
    if (!inside(id)) {
      if (!graph.is_constant(id)) outer.push_back(id);
      continue;
    }
    for (std::uint32_t i = 0; i < graph.node(id).n_inputs; ++i)
      todo.push_back(graph.input_of(id, i));
  }
  std::sort(outer.begin(), outer.end());
  Body body;
  body.graph = std::make_shared<Graph>();
  body.unknown = body.graph->input(graph.shape(unknown));
  std::vector<NodeId> replaced{unknown};
  std::vector<Expr> with{Expr(body.graph.get(), body.unknown)};
  for (NodeId id : outer) {
    body.parameters.push_back(body.graph->input(graph.shape(id), graph.is_finite(id)));
    replaced.push_back(id);
    with.push_back(Expr(body.graph.get(), body.parameters.back()));
  }
  const std::vector<NodeId> found = substitute(graph, *body.graph, wanted, replaced, with);
  body.value = found[0];
  for (std::size_t i = 0; i < guards.size(); ++i)
    body.guards.push_back({found[i + 1], guards[i].expected});
  return body;
}

namespace {

// Constant but for jumps.
bool is_step(Graph& g, NodeId id) {
  const Node node = g.node(id);
  Expr arguments[4];
  for (std::uint32_t i = 0; i < node.n_inputs; ++i) arguments[i] = Expr(&g, g.input_of(id, i));
  try {
    for (std::uint32_t i = 0; i < node.n_inputs; ++i)
      if (!partial_derivative(node.op, i, arguments, Expr(&g, id)).is_zero()) return false;
  } catch (const GraphError&) {
    return false;  // a rule that is missing
  }
  return true;
}

// Elementwise operations on both the unknown and a parameter, in some argument each.
std::vector<NodeId> mixed_operations(const Body& body) {
  const Graph& g = *body.graph;
  const std::vector<char> by_unknown = depends_on(g, body.unknown);
  std::vector<char> by_parameter(static_cast<std::size_t>(g.size()), 0);
  for (NodeId id : body.parameters) by_parameter[static_cast<std::size_t>(id)] = 1;
  std::vector<NodeId> out;
  for (NodeId id = 0; id < g.size(); ++id) {
    char& depends = by_parameter[static_cast<std::size_t>(id)];
    for (std::uint32_t i = 0; i < g.node(id).n_inputs; ++i)
      depends = depends || by_parameter[static_cast<std::size_t>(g.input_of(id, i))];
    const bool mixed =
        depends && id >= body.unknown && by_unknown[static_cast<std::size_t>(id - body.unknown)];
    if (mixed && is_elementwise(g.node(id).op)) out.push_back(id);
  }
  return out;
}

}  // namespace

bool jumps_move(const Body& body) {
  for (NodeId id : mixed_operations(body))
    if (is_step(*body.graph, id)) return true;
  return false;
}

std::vector<NodeId> moving_switches(const Body& body) {
  Graph& g = *body.graph;
  std::vector<NodeId> out;
  for (NodeId id : mixed_operations(body)) {
    const Op op = g.node(id).op;
    const Expr first(&g, g.input_of(id, 0));
    if (op == Op::abs || op == Op::sign) {
      out.push_back(first.id());
    } else if (op == Op::lt || op == Op::le || op == Op::gt || op == Op::ge || op == Op::pmax2 ||
               op == Op::pmin2) {
      out.push_back((first - Expr(&g, g.input_of(id, 1))).id());
    }
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

Expr put_body(const Body& body, Graph& to, Expr unknown, const std::vector<Expr>& parameters,
              bool guarded) {
  std::vector<NodeId> wanted{body.value}, replaced{body.unknown};
  if (guarded)
    for (const Guard& guard : body.guards) wanted.push_back(guard.node);
  replaced.insert(replaced.end(), body.parameters.begin(), body.parameters.end());
  std::vector<Expr> with{unknown};
  with.insert(with.end(), parameters.begin(), parameters.end());
  const std::vector<NodeId> found = substitute(*body.graph, to, wanted, replaced, with);
  for (std::size_t i = 1; i < found.size(); ++i)
    if (!to.is_fixed(found[i])) to.add_guard(found[i], body.guards[i - 1].expected);
  return Expr(&to, found[0]);
}

OpenBody open_body(const Body& body, Graph& to, Expr unknown, const std::vector<Expr>& parameters,
                   const std::shared_ptr<void>& owner) {
  OpenBody out;
  std::vector<Expr> names;
  const auto name = [&](Expr x) {
    out.at.push_back(to.alias(x.id(), owner));
    return Expr(&to, out.at.back());
  };
  const Expr at = name(unknown);
  for (const Expr& parameter : parameters) names.push_back(name(parameter));
  out.value = put_body(body, to, at, names);
  return out;
}

}  // namespace admle
