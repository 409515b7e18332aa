// See laplace.h.
#include "model/laplace.h"

#include <cmath>

#include "derive/derive.h"
#include "model/effects-search.h"
#include "ops/nested.h"
#include "ops/structural.h"

namespace admle {
namespace {

constexpr double kLog2Pi = 1.8378770664093454836;

Expr alias_of(Expr x, const std::shared_ptr<void>& owner) {
  Attribute attribute;
  attribute.extension = owner;
  return Expr(x.graph(), x.graph()->structural(Op::alias, {x.id()}, x.shape(), attribute));
}

// The mode of the effects as an operation on the parameters.
class Mode final : public Nested, public std::enable_shared_from_this<Mode> {
 public:
  explicit Mode(std::shared_ptr<EffectsSearch> search) : search_(std::move(search)) {}

  const char* name() const override { return "mode of the effects"; }

  void run(const Argument* in, const Result& out) override {
    std::vector<const double*> parameters;
    for (std::size_t i = 0; i < function().parameters.size(); ++i)
      parameters.push_back(in[i].data);
    search_->run(parameters, out.data);
  }

  void vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) override {
    const Open open = open_at(g, id);
    const Expr seed = sparse_solve(function().system, open.curvature, adjoint);
    const std::vector<Expr> found = admle::vjp(g, open.gradient.id(), seed, open.parameters);
    for (std::size_t i = 0; i < found.size(); ++i)
      if (sink.wants(static_cast<std::uint32_t>(i)) && !found[i].is_zero())
        sink.add(static_cast<std::uint32_t>(i), expand(found[i], g.shape(open.parameters[i])));
  }

  Expr jvp(Graph& g, NodeId id, const Expr* tangents, std::int32_t directions) override {
    const Open open = open_at(g, id);
    const std::vector<Expr> along(tangents, tangents + open.parameters.size());
    const Expr moved =
        admle::jvp(g, {open.gradient.id()}, open.parameters, along, directions)[0];
    if (moved.is_zero()) return 0;
    const Shape shape{function().size(), directions};
    return sparse_solve(function().system, open.curvature, expand(moved, shape));
  }

  // Nodes of the function at the mode, in terms of names of the mode and of the parameters, so that
  // derivatives can be taken with respect to these alone.
  struct Open {
    std::vector<NodeId> parameters;
    Expr gradient, curvature;
    std::vector<Expr> nodes;  // copies of `wanted`
  };
  Open open_at(Graph& g, NodeId id, const std::vector<NodeId>& wanted = {}) {
    const auto owner = shared_from_this();
    const EffectsFunction& f = function();
    std::vector<NodeId> replaced = f.pieces, from{f.gradient, f.curvature};
    std::vector<Expr> with;
    for (std::size_t i = 0; i < f.segments.count(); ++i) {
      const Shape shape{f.segments.length(i), 1};
      with.push_back(alias_of(slice(Expr(&g, id), f.segments.begin[i], shape), owner));
    }
    Open out;
    for (std::size_t i = 0; i < f.parameters.size(); ++i) {
      replaced.push_back(f.parameters[i]);
      with.push_back(alias_of(Expr(&g, g.input_of(id, static_cast<std::uint32_t>(i))), owner));
      out.parameters.push_back(with.back().id());
    }
    from.insert(from.end(), wanted.begin(), wanted.end());
    const std::vector<NodeId> copies = substitute(*f.graph, g, from, replaced, with);
    out.gradient = Expr(&g, copies[0]);
    out.curvature = Expr(&g, copies[1]);
    for (std::size_t i = 2; i < copies.size(); ++i) out.nodes.push_back(Expr(&g, copies[i]));
    return out;
  }

 private:
  const EffectsFunction& function() const { return search_->function(); }

  std::shared_ptr<EffectsSearch> search_;
};

// l of each part, then the rows without effects.
Expr by_part(const EffectsFunction& f, const std::vector<Expr>& rows, Expr log_det) {
  Graph& g = *log_det.graph();
  const std::int32_t parts = f.system->parts();
  std::vector<double> constant_part(static_cast<std::size_t>(parts), 0.0);
  for (std::int32_t part : *f.system->part_of_variable())
    constant_part[static_cast<std::size_t>(part)] += 0.5 * kLog2Pi;
  Expr sums = constant(&g, std::move(constant_part), {parts, 1}) - 0.5 * log_det;
  std::vector<Expr> out;
  for (std::size_t t = 0; t < rows.size(); ++t) {
    Index with, of, without;
    for (std::size_t i = 0; i < f.rows[t].part.size(); ++i) {
      const auto row = static_cast<std::int32_t>(i);
      if (f.rows[t].part[i] < 0) {
        without.push_back(row);
      } else {
        with.push_back(row);
        of.push_back(f.rows[t].part[i]);
      }
    }
    const auto taken = [&](Index index) {
      const auto n = static_cast<std::int32_t>(index.size());
      return without.size() * with.size() == 0 ? rows[t] : gather(rows[t], std::move(index), {n, 1});
    };
    if (!with.empty())
      sums = sums + scatter_add(taken(with), std::make_shared<const Index>(of), {parts, 1});
    if (!without.empty()) out.push_back(taken(without));
  }
  out.insert(out.begin(), sums);
  std::int32_t n = 0;
  for (const Expr& part : out) n += part.shape().rows;
  return concat(out, {n, 1}, &g);
}

}  // namespace

Laplace laplace(const Body& body, Graph& to, const std::vector<Expr>& parameters,
                const std::vector<double>& start, std::shared_ptr<EffectsSearch>& search) {
  std::vector<char> data;
  for (const Expr& parameter : parameters) data.push_back(made_of_data(to, parameter.id()));
  const auto function = std::make_shared<const EffectsFunction>(body, data);
  const EffectsFunction& f = *function;
  search = std::make_shared<EffectsSearch>(function, start);
  const auto operation = std::make_shared<Mode>(search);
  Laplace out;
  out.mode = nested(&to, parameters, {f.size(), 1}, operation);
  std::vector<NodeId> wanted;
  for (const EffectsFunction::Rows& rows : f.rows) wanted.push_back(rows.node);
  if (f.rest >= 0) wanted.push_back(f.rest);
  if (f.rows.empty()) wanted = {f.total};
  wanted.push_back(f.value);
  for (const Guard& guard : f.guards) wanted.push_back(guard.node);
  const Mode::Open open = operation->open_at(to, out.mode.id(), wanted);
  const std::size_t first_guard = wanted.size() - f.guards.size();
  out.profile = open.nodes[first_guard - 1];
  for (std::size_t i = 0; i < f.guards.size(); ++i)
    if (!to.is_fixed(open.nodes[first_guard + i].id()))
      to.add_guard(open.nodes[first_guard + i].id(), f.guards[i].expected);
  const Expr log_det = sparse_log_det(f.system, open.curvature);
  std::vector<Expr> terms(open.nodes.begin(),
                          open.nodes.begin() + static_cast<std::ptrdiff_t>(f.rows.size()));
  out.by_part = f.separable;
  if (out.by_part) {
    out.value = by_part(f, terms, log_det);
  } else {
    if (f.rest >= 0 || f.rows.empty()) terms.push_back(open.nodes[f.rows.size()]);
    out.value = 0.5 * kLog2Pi * f.size() - 0.5 * sum(log_det);
    for (const Expr& term : terms) out.value = out.value + sum(term);
  }
  out.inverse = sparse_inverse(f.system, open.curvature);
  for (const EffectsFunction::Rows& rows : f.rows)
    if (rows.reads_data) out.rows += static_cast<std::int64_t>(rows.part.size());
  return out;
}

}  // namespace admle
