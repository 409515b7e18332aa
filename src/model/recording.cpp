// The parameter vector is one input of the graph for each piece of it that the function uses by
// itself: the Hessian is then made block by block, and a piece enters a product with data whole.
#include "model/recording.h"

#include <algorithm>
#include <cmath>

#include "derive/derive.h"
#include "math/sparse-factor.h"
#include "model/work.h"
#include "ops/structural.h"

namespace admle {
namespace {

// From this many nodes in the gradient on, second derivatives are taken one direction at a time:
// the graph of a long recursion in all directions at once would not fit in memory.
constexpr NodeId kDirectionLimit = 20000;

// A factor of a sparse Hessian that takes more multiplications or numbers is not made.
constexpr double kMostWork = 2e11, kMostElements = 1e8;

}  // namespace

Recording::Recording(const Graph& traced, NodeId input, NodeId total, NodeId contributions)
    : graph_(std::make_shared<Graph>()) {
  dimension_ = static_cast<int>(traced.shape(input).size());
  std::vector<NodeId> wanted{total};
  if (contributions >= 0) wanted.push_back(contributions);
  for (const Guard& guard : traced.guards()) wanted.push_back(guard.node);
  const Pieces pieces = input_in_pieces(traced, input, wanted, *graph_);
  segments_ = pieces.segments;
  pieces_ = pieces.inputs;
  const std::vector<NodeId> copies = substitute(traced, *graph_, wanted, {input}, {pieces.whole});
  std::size_t next = 0;
  total_ = copies[next++];
  if (contributions >= 0) contributions_ = copies[next++];
  for (const Guard& guard : traced.guards()) guards_.push_back({copies[next++], guard.expected});
  recorded_size_ = graph_->size();
  if (contributions_ >= 0) return;
  const SplitSum split = split_sum(*graph_, total_, {});
  contributions_ = split.contributions;
  facts_ = split.facts;
  split_ = true;
}

Recording::Recording(const Recording& unweighted)
    : graph_(std::make_shared<Graph>()), dimension_(unweighted.dimension_),
      segments_(unweighted.segments_) {
  const Graph& from = *unweighted.graph_;
  std::vector<Expr> pieces;
  for (NodeId piece : unweighted.pieces_) {
    pieces_.push_back(graph_->input(from.shape(piece)));
    pieces.push_back(Expr(graph_.get(), pieces_.back()));
  }
  std::vector<NodeId> wanted{unweighted.contributions_};
  for (const Guard& guard : unweighted.guards_) wanted.push_back(guard.node);
  const std::vector<NodeId> copies = substitute(from, *graph_, wanted, unweighted.pieces_, pieces);
  const auto n = static_cast<std::int32_t>(unweighted.n_contributions());
  const Expr weights(graph_.get(), graph_->input({n, 1}));
  const Expr rows = mulz(weights, Expr(graph_.get(), copies[0]));
  contributions_ = rows.id();
  total_ = sum(rows).id();
  for (std::size_t i = 0; i < unweighted.guards_.size(); ++i)
    guards_.push_back({copies[i + 1], unweighted.guards_[i].expected});
  recorded_size_ = graph_->size();
}

Recording& Recording::weighted(const double* weights) {
  if (!weighted_) weighted_.reset(new Recording(*this));
  weighted_->weights_ = weights;
  weighted_->threads_ = threads_;
  return *weighted_;
}

std::int64_t Recording::n_contributions() const {
  return has_contributions() ? graph_->shape(contributions_).size() : 0;
}

RowFacts Recording::facts() const {
  return split_ || !has_contributions() ? facts_ : row_facts(*graph_, contributions_);
}

std::unique_ptr<Program> Recording::program(std::vector<NodeId> outputs) {
  for (const Guard& guard : guards_) outputs.push_back(guard.node);
  return std::make_unique<Program>(graph_, std::move(outputs));
}

bool Recording::run(Program& program, std::size_t n_results, const double* theta,
                    const double* direction, const Poll& poll, const double* second) {
  std::vector<const double*> inputs;
  for (std::size_t i = 0; i < segments_.count(); ++i) inputs.push_back(theta + segments_.begin[i]);
  if (weights_ != nullptr) inputs.push_back(weights_);
  if (direction_ >= 0) inputs.push_back(direction != nullptr ? direction : theta);
  if (second_ >= 0) inputs.push_back(second != nullptr ? second : theta);
  program.run(inputs, poll, threads_);
  for (std::size_t i = 0; i < guards_.size(); ++i)
    if (!guards_[i].holds(program.output(n_results + i))) return false;
  return true;
}

bool Recording::value(const double* theta, double* out, const Poll& poll) {
  if (!value_) value_ = program({total_});
  if (!run(*value_, 1, theta, nullptr, poll)) return false;
  *out = *value_->output(0);
  return true;
}

bool Recording::contributions(const double* theta, double* out, const Poll& poll) {
  if (!contributions_program_) contributions_program_ = program({contributions_});
  if (!run(*contributions_program_, 1, theta, nullptr, poll)) return false;
  std::copy_n(contributions_program_->output(0), n_contributions(), out);
  return true;
}

std::vector<Expr> Recording::gradient_pieces() {
  if (!gradient_.empty()) return gradient_;
  gradient_ = gradient(*graph_, total_, pieces_);
  by_direction_ = graph_->size() > kDirectionLimit;
  return gradient_;
}

bool Recording::value_and_gradient(const double* theta, double* value, double* gradient,
                                   const Poll& poll) {
  if (!gradient_program_) {
    std::vector<NodeId> outputs{total_};
    for (const Expr& piece : gradient_pieces()) outputs.push_back(piece.id());
    gradient_work_ = estimated_work(*graph_, outputs);
    gradient_program_ = program(std::move(outputs));
  }
  Program& p = *gradient_program_;
  if (!run(p, 1 + segments_.count(), theta, nullptr, poll)) return false;
  *value = *p.output(0);
  for (std::size_t i = 0; i < segments_.count(); ++i)
    std::copy_n(p.output(i + 1), segments_.length(i), gradient + segments_.begin[i]);
  return true;
}

bool Recording::by_direction() {
  gradient_pieces();
  return by_direction_;
}

// Pieces of a symbolic direction, an extra input of the graph.
std::vector<Expr> Recording::pieces_of(NodeId& direction) {
  if (direction < 0) direction = graph_->input({dimension_, 1});
  std::vector<Expr> out;
  for (std::size_t i = 0; i < segments_.count(); ++i)
    out.push_back(
        slice(Expr(graph_.get(), direction), segments_.begin[i], {segments_.length(i), 1}));
  return out;
}

Expr Recording::whole_gradient() {
  return concat(gradient_pieces(), {dimension_, 1}, graph_.get());
}

const HessianStructure& Recording::structure() {
  if (!structure_)
    structure_ = std::make_unique<HessianStructure>(hessian_structure(*graph_, total_, pieces_));
  return *structure_;
}

void Recording::make_hessian() {
  Graph* g = graph_.get();
  if (by_direction()) {
    const Expr along = jvp(*g, {whole_gradient().id()}, pieces_, direction_pieces(), 1)[0];
    const NodeId column = in_full(*g, along, {dimension_, 1}).id();
    hessian_work_ = dimension_ * estimated_work(*g, {column});
    hessian_ = program({column});
    return;
  }
  assembly_ = std::make_unique<HessianAssembly>(
      *g, hessian_blocks(*g, structure(), pieces_, gradient_pieces()), dimension_);
  std::vector<NodeId> outputs;
  for (const HessianBlock& block : assembly_->blocks()) outputs.push_back(block.node);
  hessian_work_ = estimated_work(*g, outputs);
  hessian_ = program(std::move(outputs));
}

double Recording::hessian_cost() {
  return gradient_work_ > 0 && hessian_work_ > 0 ? hessian_work_ / gradient_work_ : dimension_;
}

bool Recording::run_directions(Program& program, const double* theta, std::int64_t rows,
                               double* out, const Poll& poll) {
  std::vector<double> direction(static_cast<std::size_t>(dimension_), 0.0);
  for (int j = 0; j < dimension_; ++j) {
    direction[static_cast<std::size_t>(j)] = 1;
    if (!run(program, 1, theta, direction.data(), poll)) return false;
    std::copy_n(program.output(0), rows, out + j * rows);
    direction[static_cast<std::size_t>(j)] = 0;
  }
  return true;
}

bool Recording::has_hessian(int limit) {
  if (dimension_ > limit && (by_direction() || structure().coupled > limit)) return false;
  bool foreign = false;
  for (NodeId id = 0; id < recorded_size_ && !foreign; ++id)
    foreign = graph_->node(id).op == Op::foreign;
  if (foreign && !hessian_) {
    try {
      jvp(*graph_, {whole_gradient().id()}, pieces_, direction_pieces(), 1);
    } catch (const GraphError&) {
      return false;
    }
  }
  if (dimension_ <= limit) return true;
  if (!hessian_) make_hessian();
  const SparseOrder* order = assembly_->order().get();
  return order != nullptr && order->work() <= kMostWork && order->elements() <= kMostElements;
}

bool Recording::hessian(const double* theta, Symmetric* out, const Poll& poll) {
  if (!hessian_) make_hessian();
  const auto k = static_cast<Eigen::Index>(dimension_);
  if (by_direction()) {
    Eigen::MatrixXd full(k, k);
    if (!run_directions(*hessian_, theta, k, full.data(), poll)) return false;
    *out = Eigen::MatrixXd(0.5 * (full + full.transpose()));
    return true;
  }
  if (!run(*hessian_, assembly_->blocks().size(), theta, nullptr, poll)) return false;
  *out = assembly_->fill([this](std::size_t b) { return hessian_->output(b); });
  return true;
}

bool Recording::outer_product(const double* theta, Symmetric* out, const Poll& poll) {
  if (!has_contributions() || by_direction()) return true;
  if (!outer_product_) {
    outer_product_assembly_ = std::make_unique<HessianAssembly>(
        *graph_, outer_product_blocks(*graph_, contributions_, pieces_), dimension_);
    std::vector<NodeId> outputs;
    for (const HessianBlock& block : outer_product_assembly_->blocks())
      outputs.push_back(block.node);
    outer_product_ = program(std::move(outputs));
  }
  const std::size_t blocks = outer_product_assembly_->blocks().size();
  if (blocks == 0) return true;
  if (!run(*outer_product_, blocks, theta, nullptr, poll)) return false;
  *out = outer_product_assembly_->fill([this](std::size_t b) { return outer_product_->output(b); });
  return true;
}

void Recording::make_scores() {
  Graph* g = graph_.get();
  const auto n = static_cast<std::int32_t>(n_contributions());
  if (by_direction()) {
    scores_ = program({contributions_along().id()});
    return;
  }
  std::vector<NodeId> outputs;
  for (std::size_t j = 0; j < segments_.count(); ++j) {
    const Expr seed = identity_seed(*g, g->shape(pieces_[j]));
    const Expr piece = jvp(*g, {contributions_}, {pieces_[j]}, {seed}, segments_.length(j))[0];
    outputs.push_back(in_full(*g, piece, {n, segments_.length(j)}).id());
  }
  scores_ = program(std::move(outputs));
}

bool Recording::scores(const double* theta, double* out, const Poll& poll) {
  const std::int64_t n = n_contributions();
  if (!scores_) make_scores();
  if (by_direction()) return run_directions(*scores_, theta, n, out, poll);
  if (!run(*scores_, segments_.count(), theta, nullptr, poll)) return false;
  for (std::size_t i = 0; i < segments_.count(); ++i)
    std::copy_n(scores_->output(i), n * segments_.length(i), out + n * segments_.begin[i]);
  return true;
}

// Forward over forward over reverse: the Hessian is never formed.
void Recording::make_third() {
  Graph* g = graph_.get();
  const Expr gradient = whole_gradient();
  const std::vector<Expr> v = direction_pieces();
  const Expr first = jvp(*g, {gradient.id()}, pieces_, v, 1)[0];
  const Expr second = first.is_zero() ? first : jvp(*g, {first.id()}, pieces_, v, 1)[0];
  third_ = program({in_full(*g, second, {dimension_, 1}).id()});
}

// The gradient of half the sum of the squared slopes v's_i.
void Recording::make_score_hessian() {
  Graph* g = graph_.get();
  const Expr slopes = jvp(*g, {contributions_}, pieces_, direction_pieces(), 1)[0];
  const Expr whole = in_full(*g, slopes, {static_cast<std::int32_t>(n_contributions()), 1});
  const NodeId half = (0.5 * sum(whole * whole)).in(g);
  score_hessian_ = program({concat(gradient(*g, half, pieces_), {dimension_, 1}, g).id()});
}

bool Recording::third_along(const double* theta, const double* v, double* out, const Poll& poll) {
  if (!third_) make_third();
  if (!run(*third_, 1, theta, v, poll)) return false;
  std::copy_n(third_->output(0), dimension_, out);
  return true;
}

bool Recording::score_hessian_along(const double* theta, const double* v, double* out,
                                    const Poll& poll) {
  if (!score_hessian_) make_score_hessian();
  if (!run(*score_hessian_, 1, theta, v, poll)) return false;
  std::copy_n(score_hessian_->output(0), dimension_, out);
  return true;
}

// In the symbolic direction: n x 1.
Expr Recording::contributions_along() {
  Graph* g = graph_.get();
  const Expr slopes = jvp(*g, {contributions_}, pieces_, direction_pieces(), 1)[0];
  return in_full(*g, slopes, {static_cast<std::int32_t>(n_contributions()), 1});
}

bool Recording::slopes(const double* theta, const double* v, double* out, const Poll& poll) {
  if (!slopes_) slopes_ = program({contributions_along().id()});
  if (!run(*slopes_, 1, theta, v, poll)) return false;
  std::copy_n(slopes_->output(0), n_contributions(), out);
  return true;
}

bool Recording::curvatures(const double* theta, const double* first, const double* second,
                           double* out, const Poll& poll) {
  const auto n = static_cast<std::int32_t>(n_contributions());
  if (!curvatures_) {
    Graph* g = graph_.get();
    const NodeId along = contributions_along().id();
    const Expr bent = jvp(*g, {along}, pieces_, pieces_of(second_), 1)[0];
    curvatures_ = program({in_full(*g, bent, {n, 1}).id()});
  }
  if (!run(*curvatures_, 1, theta, first, poll, second)) return false;
  std::copy_n(curvatures_->output(0), n, out);
  return true;
}

}  // namespace admle
