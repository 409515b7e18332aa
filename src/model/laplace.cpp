// See laplace.h.
#include "model/laplace.h"

#include "derive/derive.h"
#include "model/effects-search.h"
#include "ops/nested.h"
#include "ops/structural.h"

namespace admle {
namespace {

constexpr double kLog2Pi = 1.8378770664093454836;
// Steps of a search that begins near the mode, for estimates of its work.
constexpr double kSteps = 2;

// The mode of the effects as an operation on the parameters.
class Mode final : public Nested, public std::enable_shared_from_this<Mode> {
 public:
  explicit Mode(std::shared_ptr<EffectsSearch> search) : search_(std::move(search)) {}

  const char* name() const override { return "mode of the effects"; }

  void run(const Argument* in, const Result& out) override {
    std::vector<const double*> parameters;
    for (std::size_t i = 0; i < function().parameters.size(); ++i) parameters.push_back(in[i].data);
    search_->run(parameters, out.data);
  }

  double work(const Graph&, NodeId) const override { return kSteps * search_->work(); }

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
    const Expr moved = admle::jvp(g, {open.gradient.id()}, open.parameters, along, directions)[0];
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
    const EffectsFunction& f = function();
    const auto named = [&](Expr x) { return Expr(&g, g.alias(x.id(), shared_from_this())); };
    std::vector<NodeId> replaced = f.pieces, from{f.gradient, f.curvature};
    std::vector<Expr> with;
    for (std::size_t i = 0; i < f.segments.count(); ++i) {
      const Shape shape{f.segments.length(i), 1};
      with.push_back(named(slice(Expr(&g, id), f.segments.begin[i], shape)));
    }
    Open out;
    for (std::size_t i = 0; i < f.parameters.size(); ++i) {
      replaced.push_back(f.parameters[i]);
      with.push_back(named(Expr(&g, g.input_of(id, static_cast<std::uint32_t>(i)))));
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

// The sums over the rows of each part, parts x 1, and the rows without effects.
struct ByPart {
  Expr sums;
  std::vector<Expr> without;
};

ByPart sum_by_part(const EffectsFunction& f, const std::vector<Expr>& rows) {
  const std::int32_t parts = f.system->parts();
  ByPart out{0, {}};
  for (std::size_t t = 0; t < rows.size(); ++t) {
    Index with, of, without;
    for (std::size_t i = 0; i < f.rows[t].part.size(); ++i) {
      const auto row = static_cast<std::int32_t>(i);
      (f.rows[t].part[i] < 0 ? without : with).push_back(row);
      if (f.rows[t].part[i] >= 0) of.push_back(f.rows[t].part[i]);
    }
    const auto taken = [&](Index index) {
      const auto n = static_cast<std::int32_t>(index.size());
      return without.empty() || with.empty() ? rows[t] : gather(rows[t], std::move(index), {n, 1});
    };
    if (!with.empty())
      out.sums = out.sums + scatter_add(taken(with), std::make_shared<const Index>(of), {parts, 1});
    if (!without.empty()) out.without.push_back(taken(without));
  }
  return out;
}

// What Laplace's method makes of h at the mode: minus half the log-determinant and the constant.
Expr of_curvature(const EffectsFunction& f, Expr log_det) {
  std::vector<double> constants(static_cast<std::size_t>(f.system->parts()), 0.0);
  for (std::int32_t part : *f.system->part_of_variable())
    constants[static_cast<std::size_t>(part)] += 0.5 * kLog2Pi;
  return constant(log_det.graph(), std::move(constants), log_det.shape()) - 0.5 * log_det;
}

// log of the sum over nodes z of w exp(h(u + z / sqrt(a)) - h(u) + z^2 / 2): what the quadrature
// adds to Laplace's method, for parts of one effect.
Expr of_quadrature(const EffectsFunction& f, const LaplaceOptions& options, Expr mode,
                   Expr curvature, const std::vector<Expr>& parameters, Expr at_mode) {
  Graph& to = *mode.graph();
  const Expr scale = sqrt(1 / gather(curvature, f.system->diagonal(), {f.size(), 1}));
  std::vector<NodeId> replaced = f.pieces, wanted;
  replaced.insert(replaced.end(), f.parameters.begin(), f.parameters.end());
  for (const EffectsFunction::Rows& rows : f.rows) wanted.push_back(rows.node);
  Expr sum = 0;
  for (std::size_t k = 0; k < options.nodes.size(); ++k) {
    const double z = options.nodes[k];
    const Expr u = mode + z * scale;
    std::vector<Expr> with, rows;
    for (std::size_t i = 0; i < f.segments.count(); ++i)
      with.push_back(slice(u, f.segments.begin[i], {f.segments.length(i), 1}));
    with.insert(with.end(), parameters.begin(), parameters.end());
    for (NodeId id : substitute(*f.graph, to, wanted, replaced, with))
      rows.push_back(Expr(&to, id));
    const double constant = options.log_weights[k] + 0.5 * z * z;
    sum = sum + exp(sum_by_part(f, rows).sums - at_mode + constant);
  }
  return log(sum);
}

}  // namespace

Laplace laplace(const Body& body, Graph& to, const std::vector<Expr>& parameters,
                const LaplaceOptions& options, std::shared_ptr<EffectsSearch>& search) {
  // Inputs after the first are data, see Recording.
  const std::vector<NodeId>& inputs = to.input_nodes();
  const std::vector<NodeId> leaves(inputs.begin() + (inputs.empty() ? 0 : 1), inputs.end());
  const std::vector<char> made_of = made_of_data(to, leaves);
  std::vector<char> data;
  for (const Expr& parameter : parameters)
    data.push_back(made_of[static_cast<std::size_t>(parameter.id())]);
  const auto function = std::make_shared<const EffectsFunction>(body, data);
  const EffectsFunction& f = *function;
  search = std::make_shared<EffectsSearch>(function, options.start);
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
  const bool quadrature = !options.nodes.empty();
  if (quadrature && (!f.separable || f.system->parts() < f.size()))
    throw GraphError("quadrature over parts with several effects");
  if (out.by_part) {
    const ByPart sums = sum_by_part(f, terms);
    Expr value = sums.sums + of_curvature(f, log_det);
    if (quadrature)
      value = value + of_quadrature(f, options, out.mode, open.curvature, parameters, sums.sums);
    std::vector<Expr> all{value};
    all.insert(all.end(), sums.without.begin(), sums.without.end());
    std::int32_t n = 0;
    for (const Expr& part : all) n += part.shape().rows;
    out.value = concat(all, {n, 1}, &to);
  } else {
    if (f.rest >= 0 || f.rows.empty()) terms.push_back(open.nodes[f.rows.size()]);
    out.value = sum(of_curvature(f, log_det));
    for (const Expr& term : terms) out.value = out.value + sum(term);
  }
  out.inverse = sparse_inverse(f.system, open.curvature);
  out.rows = f.data_rows;
  return out;
}

}  // namespace admle
