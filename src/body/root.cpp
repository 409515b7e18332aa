// The node of a root, its search and its derivative; see root.h.
#include "body/root.h"

#include <Eigen/Dense>
#include <algorithm>
#include <limits>

#include "body/search.h"
#include "derive/derive.h"
#include "exec/program.h"
#include "ops/nested.h"
#include "ops/structural.h"

namespace admle {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
// Steps of the iteration x <- f(x) before Newton's method is tried again.
constexpr int kIterations = 100;

Expr residual_of(const Body& body, Target target) {
  Graph& g = *body.graph;
  const Expr x(&g, body.unknown), f(&g, body.value);
  if (target == Target::kRoot) return f;
  if (target == Target::kFixedPoint) return x - f;
  const Expr slope = vjp(g, f.id(), Expr(&g, g.constant(1.0)), {body.unknown})[0];
  return expand(slope.is_zero() ? Expr(&g, g.constant(0.0)) : slope, x.shape());
}

class Root final : public Nested, public std::enable_shared_from_this<Root> {
 public:
  Root(const Body& body, const RootSpec& spec) : body_(body), spec_(spec), last_(spec.start) {
    Expr residual = residual_of(body, spec.target);
    residual = expand(residual, body.graph->shape(body.unknown));
    body_.value = residual.in(body.graph.get());
    const Expr slope = jacobian(*body.graph, body_.value, body.unknown);
    program_ = std::make_unique<Program>(body.graph, std::vector<NodeId>{body_.value, slope.id()});
    values_ = std::make_unique<Program>(body.graph, std::vector<NodeId>{body_.value});
  }

  const char* name() const override { return "root"; }

  void run(const Argument* in, const Result& out) override {
    std::vector<const double*> inputs{nullptr};
    for (std::size_t i = 0; i < body_.parameters.size(); ++i)
      inputs.push_back(in[i + first_parameter()].data);
    const System system = [&](const double* x, double* r, double* slope) {
      inputs[0] = x;
      Program& program = slope == nullptr ? *values_ : *program_;
      program.run(inputs, nullptr);
      std::copy_n(program.output(0), program.output_size(0), r);
      if (slope != nullptr) std::copy_n(program.output(1), program.output_size(1), slope);
    };
    const bool found = spec_.bracketed ? search_between(system, *in[0].data, *in[1].data)
                                       : search(system, last_) || search(system, spec_.start);
    for (std::size_t i = 0; i < found_.size(); ++i) out.data[i] = found ? found_[i] : kNaN;
    if (found) last_ = found_;
  }

  void vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) override {
    const OpenBody open = open_at(g, id);
    const Expr slope = jacobian(g, open.value.id(), open.at[0]);
    const Expr seed = over(slope, adjoint, true);
    const std::vector<Expr> found = admle::vjp(g, open.value.id(), seed, open.at);
    for (std::size_t i = 1; i < open.at.size(); ++i) {
      const auto input = static_cast<std::uint32_t>(i - 1 + first_parameter());
      if (sink.wants(input) && !found[i].is_zero())
        sink.add(input, expand(found[i], g.shape(open.at[i])));
    }
  }

  Expr jvp(Graph& g, NodeId id, const Expr* tangents, std::int32_t directions) override {
    const OpenBody open = open_at(g, id);
    std::vector<Expr> along{Expr(0)};
    for (std::size_t i = 1; i < open.at.size(); ++i)
      along.push_back(tangents[i - 1 + first_parameter()]);
    const Expr moved = admle::jvp(g, {open.value.id()}, open.at, along, directions)[0];
    if (moved.is_zero()) return 0;
    const Shape s = g.shape(id);
    const Expr slope = jacobian(g, open.value.id(), open.at[0]);
    return over(slope, expand(moved, {s.rows, s.cols * directions}), false);
  }

 private:
  std::size_t first_parameter() const { return spec_.bracketed ? 2 : 0; }

  OpenBody open_at(Graph& g, NodeId id) {
    std::vector<Expr> parameters;
    for (std::size_t i = 0; i < body_.parameters.size(); ++i)
      parameters.push_back(
          Expr(&g, g.input_of(id, static_cast<std::uint32_t>(i + first_parameter()))));
    return open_body(body_, g, Expr(&g, id), parameters, shared_from_this());
  }

  // -slope^-1 x
  static Expr over(Expr slope, Expr x, bool transposed) {
    if (slope.shape().scalar()) return -mulz(x, 1 / slope);
    return -solve(transposed ? transpose(slope) : slope, x);
  }

  bool search_between(const System& system, double lower, double upper) {
    found_ = {root_between(system, lower, upper, last_[0])};
    return !std::isnan(found_[0]);
  }

  bool search(const System& system, const std::vector<double>& start) {
    std::vector<double> slope;
    found_ = start;
    bool found = root_near(system, found_, slope);
    if (!found && spec_.target == Target::kFixedPoint) {
      found_ = start;
      found = iterate(system) && root_near(system, found_, slope);
    }
    return found && is_extreme(slope);
  }

  // A contraction converges from everywhere.
  bool iterate(const System& system) {
    const std::size_t n = found_.size();
    std::vector<double> residual(n);
    for (int i = 0; i < kIterations; ++i) {
      system(found_.data(), residual.data(), nullptr);
      for (std::size_t k = 0; k < n; ++k) found_[k] -= residual[k];
    }
    return std::all_of(found_.begin(), found_.end(), [](double x) { return std::isfinite(x); });
  }

  // Whether the curvature is that of a strict minimum or maximum, where one is wanted.
  bool is_extreme(const std::vector<double>& curvature) const {
    if (spec_.target != Target::kMinimum && spec_.target != Target::kMaximum) return true;
    const auto n = static_cast<Eigen::Index>(found_.size());
    Eigen::MatrixXd matrix = Eigen::Map<const Eigen::MatrixXd>(curvature.data(), n, n);
    if (spec_.target == Target::kMaximum) matrix = -matrix;
    return Eigen::LLT<Eigen::MatrixXd>(matrix).info() == Eigen::Success;
  }

  Body body_;                         // its value is the residual
  RootSpec spec_;                     // what is searched, and where from
  std::unique_ptr<Program> program_;  // of the residual and its derivative by the unknown
  std::unique_ptr<Program> values_;   // of the residual alone
  std::vector<double> found_, last_;  // by the search that runs, by the one before
};

class Envelope final : public Nested {
 public:
  const char* name() const override { return "optimum"; }

  void run(const Argument* in, const Result& out) override {
    std::copy_n(in[0].data, static_cast<std::int64_t>(out.rows) * out.cols, out.data);
  }

  void vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) override {
    const std::vector<NodeId> at(g.inputs(id) + 1, g.inputs(id) + g.node(id).n_inputs);
    const std::vector<Expr> found = admle::vjp(g, g.input_of(id, 0), adjoint, at);
    for (std::size_t i = 1; i < at.size(); ++i) {
      const auto input = static_cast<std::uint32_t>(i + 1);
      if (sink.wants(input) && !found[i].is_zero())
        sink.add(input, expand(found[i], g.shape(at[i])));
    }
  }

  Expr jvp(Graph& g, NodeId id, const Expr* tangents, std::int32_t directions) override {
    const std::vector<NodeId> at(g.inputs(id) + 1, g.inputs(id) + g.node(id).n_inputs);
    std::vector<Expr> along{Expr(0)};
    along.insert(along.end(), tangents + 2, tangents + g.node(id).n_inputs);
    return admle::jvp(g, {g.input_of(id, 0)}, at, along, directions)[0];
  }
};

}  // namespace

Expr root(const Body& body, const RootSpec& spec, Graph& to, const std::vector<Expr>& interval,
          const std::vector<Expr>& parameters) {
  std::vector<Expr> inputs = interval;
  inputs.insert(inputs.end(), parameters.begin(), parameters.end());
  return nested(&to, inputs, body.graph->shape(body.unknown), std::make_shared<Root>(body, spec));
}

Expr envelope(const Body& body, Graph& to, Expr x, const std::vector<Expr>& parameters) {
  const auto operation = std::make_shared<Envelope>();
  const OpenBody open = open_body(body, to, x, parameters, operation);
  std::vector<Expr> inputs{open.value};
  for (NodeId id : open.at) inputs.push_back(Expr(&to, id));
  return nested(&to, inputs, open.value.shape(), operation);
}

}  // namespace admle
