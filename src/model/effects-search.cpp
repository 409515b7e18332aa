// See effects-search.h.
#include "model/effects-search.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "derive/derive.h"
#include "model/hessian-assembly.h"
#include "model/work.h"
#include "ops/structural.h"
#include "solve/solve.h"

namespace admle {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr int kMostSteps = 50, kMostHalvings = 10;
// In squared standard errors of the effects: after a Newton step from here, what is left is of the
// size of its square.
constexpr double kSettled = 1e-12;
// Relative to the curvature, added where some direction has none.
constexpr double kShift = 1e-8;
// A relative change of h that may be rounding.
constexpr double kNoise = 1e-13;

using Vector = Eigen::VectorXd;
using Map = Eigen::Map<const Vector>;

}  // namespace

std::vector<char> made_of_data(const Graph& graph, const std::vector<NodeId>& data) {
  std::vector<char> out(static_cast<std::size_t>(graph.size()), 0);
  for (NodeId id : data) out[static_cast<std::size_t>(id)] = 1;
  for (NodeId id = 0; id < graph.size(); ++id) {
    char& mine = out[static_cast<std::size_t>(id)];
    mine = mine || (graph.is_constant(id) && graph.shape(id).size() > 1);
    for (std::uint32_t i = 0; i < graph.node(id).n_inputs && !mine; ++i)
      mine = out[static_cast<std::size_t>(graph.input_of(id, i))];
  }
  return out;
}

EffectsFunction::EffectsFunction(const Body& body, const std::vector<char>& data)
    : graph(std::make_shared<Graph>()) {
  Graph& g = *graph;
  std::vector<NodeId> wanted{body.value};
  for (const Guard& guard : body.guards) wanted.push_back(guard.node);
  const Pieces effects = input_in_pieces(*body.graph, body.unknown, wanted, g);
  segments = effects.segments;
  pieces = effects.inputs;
  std::vector<NodeId> replaced{body.unknown};
  std::vector<Expr> with{effects.whole};
  for (NodeId id : body.parameters) {
    parameters.push_back(g.input(body.graph->shape(id), body.graph->is_finite(id)));
    replaced.push_back(id);
    with.push_back(Expr(&g, parameters.back()));
  }
  const std::vector<NodeId> copies = substitute(*body.graph, g, wanted, replaced, with);
  value = copies[0];
  for (std::size_t i = 0; i < body.guards.size(); ++i)
    guards.push_back({copies[i + 1], body.guards[i].expected});
  total = sum(Expr(&g, value)).id();
  const HessianStructure structure = hessian_structure(g, total, pieces, ScalarTerms::kWithRows);
  const std::vector<Expr> slopes = admle::gradient(g, total, pieces);
  gradient = concat(slopes, {size(), 1}, &g).id();
  const HessianAssembly assembly(g, hessian_blocks(g, structure, pieces, slopes), size(), true);
  curvature = (-assembly.elements(g)).in(&g);
  system = std::make_shared<SparseSystem>(assembly.pattern());
  quadratic = true;
  const std::vector<char> needed = needed_by(g, {curvature});
  for (NodeId piece : pieces) quadratic = quadratic && !needed[static_cast<std::size_t>(piece)];
  std::vector<NodeId> of_data;
  for (std::size_t i = 0; i < parameters.size(); ++i)
    if (data[i]) of_data.push_back(parameters[i]);
  find_rows(structure, made_of_data(g, of_data));
}

// The part of each row, by the effects that its indices reach. All of them are in one part, because
// the row couples them.
void EffectsFunction::find_rows(const HessianStructure& structure, const std::vector<char>& data) {
  const Index& part_of = *system->part_of_variable();
  rest = structure.addends.rest;
  for (std::size_t t = 0; t < structure.addends.rows.size(); ++t) {
    const NodeId node = structure.addends.rows[t];
    const std::int32_t n = graph->shape(node).rows;
    Rows found{node, std::vector<std::int32_t>(static_cast<std::size_t>(n), -1)};
    for (const LinearIndex& index : structure.parts[t].indices) {
      const auto put = [&](std::int32_t row, std::int32_t effect) {
        found.part[static_cast<std::size_t>(row)] = part_of[static_cast<std::size_t>(effect)];
      };
      const std::int32_t begin = segments.begin[index.piece] + index.begin;
      if (index.positions) {
        for (std::size_t i = 0; i < index.positions->size(); ++i)
          put(static_cast<std::int32_t>(i) % n, begin + (*index.positions)[i]);
      } else if (index.sparse) {
        for (std::int32_t i = 0; i < n; ++i) {
          const auto row = static_cast<std::size_t>(i);
          const std::size_t e = index.sparse->begin[row];
          if (e < index.sparse->begin[row + 1]) put(i, begin + index.sparse->column[e]);
        }
      } else {
        for (std::int32_t i = 0; i < n; ++i) put(i, begin);
      }
    }
    separable = separable && structure.parts[t].others.empty();
    if (data[static_cast<std::size_t>(node)]) data_rows += n;
    rows.push_back(std::move(found));
  }
  separable = separable && rest < 0 && !rows.empty();
  if (separable || system->parts() > 1) return;
  // All is one part.
  rows = {{total, {0}}};
  rest = -1;
  separable = true;
}

EffectsSearch::EffectsSearch(std::shared_ptr<const EffectsFunction> function,
                             std::vector<double> start)
    : function_(std::move(function)),
      work_(estimated_work(*function_->graph, {function_->gradient, function_->curvature}) +
            function_->system->order().work()),
      program_(function_->graph, {function_->total, function_->gradient, function_->curvature}),
      start_(std::move(start)), last_(start_) {}

std::vector<const double*> EffectsSearch::inputs_at(const double* u) const {
  std::vector<const double*> out;
  for (std::size_t i = 0; i < function_->segments.count(); ++i)
    out.push_back(u + function_->segments.begin[i]);
  for (const std::vector<double>& numbers : parameters_) out.push_back(numbers.data());
  return out;
}

void EffectsSearch::evaluate(const double* u) { program_.run(inputs_at(u), nullptr); }

bool EffectsSearch::same_parameters(const std::vector<const double*>& parameters) {
  bool same = !parameters_.empty();
  parameters_.resize(parameters.size());
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const auto n =
        static_cast<std::size_t>(function_->graph->shape(function_->parameters[i]).size());
    std::vector<double>& mine = parameters_[i];
    if (mine.size() == n && std::equal(mine.begin(), mine.end(), parameters[i])) continue;
    mine.assign(parameters[i], parameters[i] + n);
    same = false;
  }
  return same;
}

void EffectsSearch::run(const std::vector<const double*>& parameters, double* out) {
  if (!same_parameters(parameters) || found_.empty()) {
    failure_.clear();
    loose_ = -1;
    found_ = last_;
    bool found = newton(found_);
    if (!found)
      found = trust_region(found_ = last_) || (last_ != start_ && trust_region(found_ = start_));
    if (found) last_ = found_;
    else std::fill(found_.begin(), found_.end(), kNaN);
  }
  std::copy(found_.begin(), found_.end(), out);
}

bool EffectsSearch::newton(std::vector<double>& u) {
  evaluate(u.data());
  const auto q = static_cast<Eigen::Index>(u.size());
  for (int step = 0; step < kMostSteps; ++step) {
    const double before = *program_.output(0);
    const Vector gradient = Map(program_.output(1), q);
    if (!std::isfinite(before) || !gradient.allFinite()) return false;
    const SparseFactor& factor = function_->system->factor(program_.output(2));
    if (!factor.ok()) return false;
    Eigen::MatrixXd along = gradient;
    factor.solve(along);
    const double decrement = gradient.dot(along.col(0));
    if (!std::isfinite(decrement)) return false;
    const std::vector<double> from = u;
    double length = 1;
    for (int halving = 0;; ++halving, length /= 2) {
      if (halving == kMostHalvings) return false;
      for (std::size_t i = 0; i < u.size(); ++i)
        u[i] = from[i] + length * along(static_cast<Eigen::Index>(i), 0);
      if (decrement <= kSettled || function_->quadratic) return true;
      evaluate(u.data());
      const double now = *program_.output(0);
      if (std::isfinite(now) && now >= before - kNoise * (1 + std::abs(before))) break;
    }
  }
  return false;
}

// h of each part.
Eigen::VectorXd EffectsSearch::sums(const double* u) {
  const EffectsFunction& f = *function_;
  if (!f.separable) {
    evaluate(u);
    return Vector::Constant(1, *program_.output(0));
  }
  if (!rows_program_) {
    std::vector<NodeId> wanted;
    for (const EffectsFunction::Rows& rows : f.rows) wanted.push_back(rows.node);
    rows_program_ = std::make_unique<Program>(f.graph, std::move(wanted));
  }
  rows_program_->run(inputs_at(u), nullptr);
  Vector out = Vector::Zero(f.system->parts());
  for (std::size_t t = 0; t < f.rows.size(); ++t)
    for (std::size_t i = 0; i < f.rows[t].part.size(); ++i)
      if (f.rows[t].part[i] >= 0) out[f.rows[t].part[i]] += rows_program_->output(t)[i];
  return out;
}

Eigen::VectorXd EffectsSearch::log_weights(const Vector& z) {
  const SparseSystem& system = *function_->system;
  evaluate(last_.data());
  const std::vector<double> a(program_.output(2), program_.output(2) + system.elements());
  const Vector step = function_->system->factor(a.data()).half_solve_transposed(z);
  const Vector u = Map(last_.data(), step.size()) + step;
  Vector out = sums(u.data()) - sums(last_.data());
  for (std::size_t e = 0; e < a.size(); ++e) {
    const std::int32_t i = (*system.row())[e], j = (*system.column())[e];
    const std::int32_t part = function_->separable ? (*system.part_of_element())[e] : 0;
    out[part] += (i == j ? 0.5 : 1) * a[e] * step[i] * step[j];
  }
  return out;
}

// Minus h at the parameters of the search, as the solver takes it.
class EffectsSearch::AtParameters final : public Objective {
 public:
  explicit AtParameters(EffectsSearch& search) : search_(search) {}
  int dimension() const override { return search_.function_->size(); }
  double value(const Vector& x) override {
    search_.evaluate(x.data());
    return -*search_.program_.output(0);
  }
  double value_and_gradient(const Vector& x, Vector& gradient) override {
    const double found = value(x);
    gradient = -Map(search_.program_.output(1), x.size());
    return found;
  }
  bool has_hessian(int) override { return true; }
  Symmetric hessian(const Vector& x) override {
    search_.evaluate(x.data());
    return search_.function_->system->matrix(search_.program_.output(2));
  }
  bool has_scores() const override { return false; }
  Matrix scores(const Vector&) override { return {}; }

 private:
  EffectsSearch& search_;
};

// The largest element of the smallest eigenvector, by inverse iteration.
int EffectsSearch::without_curvature(const Symmetric& curvature) const {
  const Vector diagonal = curvature.diagonal();
  const SparseFactor factor(curvature, kShift * std::max(1.0, diagonal.maxCoeff()));
  if (!factor.ok()) return -1;
  Eigen::MatrixXd v = Vector::LinSpaced(diagonal.size(), 1, 2);
  for (int i = 0; i < 3; ++i) {
    factor.solve(v);
    v /= v.norm();
  }
  Eigen::Index largest = 0;
  v.col(0).cwiseAbs().maxCoeff(&largest);
  return static_cast<int>(largest);
}

bool EffectsSearch::trust_region(std::vector<double>& u) {
  AtParameters objective(*this);
  SolveOptions options;
  options.method = Method::kNewton;
  const Solution found = minimise(objective, Map(u.data(), objective.dimension()), options);
  if (!found.converged) {
    failure_ = found.message;
    if (found.outcome == Outcome::kSingularHessian) loose_ = without_curvature(found.hessian);
    return false;
  }
  std::copy_n(found.x.data(), u.size(), u.begin());
  return true;
}

}  // namespace admle
