// Entry points for objectives: convert, call, convert back.
#include "derive/derive.h"
#include "model/explain.h"
#include "model/leaves.h"
#include "model/likelihood.h"
#include "model/loglik.h"
#include "ops/structural.h"
#include "trace/symmetric.h"
#include "trace/traced.h"

using admle::LogLikelihood;
using admle::Recording;

namespace {

struct ObjectiveState {
  std::unique_ptr<LogLikelihood> loglik;  // behind R's external pointer
};

void poll() { Rcpp::checkUserInterrupt(); }

// Of a total that was recorded with leaves.
std::shared_ptr<Recording> make_split(const admle::TraceState& trace, admle::NodeId input,
                                      admle::NodeId total) {
  const admle::NodeId rows = admle::split_sum(*trace.graph, total, trace.leaves()).contributions;
  const admle::Baked baked = admle::bake_leaves(*trace.graph, input, {total, rows}, trace.inputs);
  return std::make_shared<Recording>(*baked.graph, baked.input, baked.nodes[0], baked.nodes[1]);
}

// Of what the R recorder returns: list(trace, input, output, contributions, subset, weights,
// negative)
std::shared_ptr<Recording> make_recording(const Rcpp::List& recorded) {
  const Rcpp::XPtr<admle::TraceState> trace(static_cast<SEXP>(recorded["trace"]));
  admle::LikelihoodOptions options;
  options.contributions = Rcpp::as<bool>(recorded["contributions"]);
  options.negative = Rcpp::as<bool>(recorded["negative"]);
  const Rcpp::RObject weights = recorded["weights"], subset = recorded["subset"];
  if (!weights.isNULL()) options.weights = Rcpp::as<std::vector<double>>(weights);
  if (!subset.isNULL()) {
    options.use_subset = true;
    options.subset = Rcpp::as<std::vector<std::int32_t>>(subset);
  }
  const admle::LikelihoodNodes nodes =
      admle::make_likelihood(*trace->graph, Rcpp::as<int>(recorded["output"]), options);
  if (trace->graph->input_nodes().size() > 1)
    return make_split(*trace, Rcpp::as<int>(recorded["input"]), nodes.total);
  return std::make_shared<Recording>(*trace->graph, Rcpp::as<int>(recorded["input"]), nodes.total,
                                     nodes.contributions);
}

SEXP as_list(const admle::Explanation& found) {
  if (!found.found) return R_NilValue;
  return Rcpp::List::create(
      Rcpp::Named("operation") = found.operation, Rcpp::Named("value") = found.value,
      Rcpp::Named("row") = found.row < 0 ? NA_REAL : static_cast<double>(found.row + 1),
      Rcpp::Named("arguments") = found.arguments, Rcpp::Named("origin") = found.origin,
      Rcpp::Named("node") = found.node);
}

// list(outside) and, where the branches taken say why, (trace, input)
LogLikelihood::Recorded region_without_value(const Rcpp::List& recorded) {
  LogLikelihood::Recorded out{nullptr, Rcpp::as<std::string>(recorded["outside"]), nullptr};
  if (!recorded.containsElementNamed("trace")) return out;
  const Rcpp::XPtr<admle::TraceState> trace(static_cast<SEXP>(recorded["trace"]));
  admle::Graph& graph = *trace->graph;
  if (!graph.guards().empty())
    out.region = std::make_shared<Recording>(graph, Rcpp::as<int>(recorded["input"]),
                                             graph.constant(0.0), -1);
  return out;
}

LogLikelihood& loglik_of(SEXP objective) { return *Rcpp::XPtr<ObjectiveState>(objective)->loglik; }

Rcpp::List path_frame(const std::vector<admle::IterationRecord>& path) {
  const auto n = static_cast<R_xlen_t>(path.size());
  Rcpp::IntegerVector iteration(n), evaluations(n);
  Rcpp::NumericVector value(n), gradient(n), decrement(n), step(n);
  for (R_xlen_t i = 0; i < n; ++i) {
    const admle::IterationRecord& r = path[static_cast<std::size_t>(i)];
    iteration[i] = r.iteration;
    value[i] = -r.value;
    gradient[i] = r.gradient_norm;
    decrement[i] = std::isnan(r.decrement) ? NA_REAL : r.decrement;
    step[i] = r.step;
    evaluations[i] = r.evaluations;
  }
  // A data frame by its parts: DataFrame::create() calls as.data.frame(), which takes longer than
  // a small fit.
  Rcpp::List frame =
      Rcpp::List::create(Rcpp::Named("iteration") = iteration, Rcpp::Named("value") = value,
                         Rcpp::Named("gradient") = gradient, Rcpp::Named("decrement") = decrement,
                         Rcpp::Named("step") = step, Rcpp::Named("evaluations") = evaluations);
  frame.attr("class") = "data.frame";
  frame.attr("row.names") = Rcpp::IntegerVector::create(NA_INTEGER, -static_cast<int>(n));
  return frame;
}

const char* outcome_code(admle::Outcome outcome) {
  using admle::Outcome;
  switch (outcome) {
    case Outcome::kDecrement: return "decrement";
    case Outcome::kRounding: return "rounding";
    case Outcome::kGradient: return "gradient";
    case Outcome::kSingularHessian: return "singular_hessian";
    case Outcome::kSaddle: return "indefinite_hessian";
    case Outcome::kDiverging: return "diverging";
    case Outcome::kNoProgress: return "no_progress";
    case Outcome::kIterationLimit: return "iteration_limit";
    case Outcome::kNonFiniteStart: return "nonfinite_start";
    case Outcome::kNonFiniteHessian: return "nonfinite_hessian";
  }
  return "unknown";
}

admle::SolveOptions solve_options(const Rcpp::List& control, Rcpp::RObject on_iteration) {
  admle::SolveOptions options;
  options.method = admle::method_named(Rcpp::as<std::string>(control["method"]));
  options.max_iterations = Rcpp::as<int>(control["max_iterations"]);
  options.gradient_tolerance = Rcpp::as<double>(control["gradient_tolerance"]);
  options.decrement_tolerance = Rcpp::as<double>(control["decrement_tolerance"]);
  options.value_tolerance = Rcpp::as<double>(control["value_tolerance"]);
  options.lbfgs_memory = Rcpp::as<int>(control["lbfgs_memory"]);
  options.dense_limit = Rcpp::as<int>(control["dense_limit"]);
  if (!on_iteration.isNULL()) {
    const Rcpp::Function report(on_iteration);
    options.on_iteration = [report](const admle::IterationRecord& r) {
      report(r.iteration, -r.value, r.gradient_norm, r.decrement, r.step, r.rejected,
             r.why_rejected);
    };
  }
  return options;
}

// Points outside the domain: their number, and a row of `theta` for each of the latest.
Rcpp::List rejected_list(const admle::Solution& s) {
  const auto n = static_cast<int>(s.rejected.size());
  Rcpp::IntegerVector iteration(n);
  Rcpp::CharacterVector reason(n);
  Rcpp::NumericMatrix theta(n, static_cast<int>(s.x.size()));
  for (int i = 0; i < n; ++i) {
    const admle::RejectedPoint& point = s.rejected[static_cast<std::size_t>(i)];
    iteration[i] = point.iteration;
    reason[i] = point.reason;
    for (int j = 0; j < theta.ncol(); ++j) theta(i, j) = point.x[j];
  }
  return Rcpp::List::create(Rcpp::Named("count") = s.rejections,
                            Rcpp::Named("iteration") = iteration, Rcpp::Named("reason") = reason,
                            Rcpp::Named("theta") = theta);
}

Rcpp::List solution_list(const admle::Solution& s) {
  Rcpp::RObject hessian;
  if (s.hessian.size() > 0) hessian = admle::symmetric_to_r(s.hessian.negative());
  const Eigen::VectorXd gradient = -s.gradient;
  return Rcpp::List::create(
      Rcpp::Named("par") = Rcpp::NumericVector(s.x.data(), s.x.data() + s.x.size()),
      Rcpp::Named("value") = -s.value,
      Rcpp::Named("gradient") =
          Rcpp::NumericVector(gradient.data(), gradient.data() + gradient.size()),
      Rcpp::Named("hessian") = hessian, Rcpp::Named("converged") = s.converged,
      Rcpp::Named("outcome") = outcome_code(s.outcome), Rcpp::Named("message") = s.message,
      Rcpp::Named("method") = admle::method_name(s.method),
      Rcpp::Named("iterations") = s.iterations,
      Rcpp::Named("evaluations") =
          Rcpp::IntegerVector::create(Rcpp::Named("value") = s.value_evaluations,
                                      Rcpp::Named("gradient") = s.gradient_evaluations,
                                      Rcpp::Named("hessian") = s.hessian_evaluations),
      Rcpp::Named("decrement") = s.decrement, Rcpp::Named("scaled_gradient") = s.scaled_gradient,
      Rcpp::Named("hessian_definite") = s.hessian_positive_definite,
      Rcpp::Named("path") = path_frame(s.path), Rcpp::Named("rejected") = rejected_list(s));
}

// A log-likelihood given by R functions: what `derivatives = "numeric"` maximises.
class CallbackObjective final : public admle::Objective {
 public:
  CallbackObjective(const Rcpp::List& functions, int dimension)
      : functions_(functions), dimension_(dimension) {}
  int dimension() const override { return dimension_; }
  // `value` may have the attribute "outside": why there is none.
  double value(const admle::Vector& x) override {
    const Rcpp::NumericVector found(call("value", x));
    const Rcpp::RObject outside = found.attr("outside");
    outside_ = outside.isNULL() ? "" : Rcpp::as<std::string>(outside);
    return -found[0];
  }
  std::string why_outside() const override { return outside_; }
  double value_and_gradient(const admle::Vector& x, admle::Vector& gradient) override {
    const double found = value(x);
    if (std::isfinite(found)) gradient = -Rcpp::as<Eigen::VectorXd>(call("gradient", x));
    else gradient = admle::Vector::Constant(dimension_, NA_REAL);
    return found;
  }
  bool has_hessian(int limit) override { return dimension_ <= limit; }
  admle::Symmetric hessian(const admle::Vector& x) override {
    return admle::Matrix(-Rcpp::as<Eigen::MatrixXd>(call("hessian", x)));
  }
  bool has_scores() const override { return functions_.containsElementNamed("scores"); }
  admle::Matrix scores(const admle::Vector& x) override {
    return -Rcpp::as<Eigen::MatrixXd>(call("scores", x));
  }

 private:
  SEXP call(const char* name, const admle::Vector& x) {
    const Rcpp::Function f = functions_[name];
    return f(Rcpp::NumericVector(x.data(), x.data() + x.size()));
  }
  Rcpp::List functions_;  // value, gradient, hessian and perhaps scores, of the log-likelihood
  int dimension_;         // number of parameters
  std::string outside_;   // why the point evaluated last is outside the domain, or empty
};

}  // namespace

// [[Rcpp::export(rng = false)]]
SEXP objective_make(Rcpp::List recorded, Rcpp::Function recorder, int threads) {
  auto state = std::make_unique<ObjectiveState>();
  std::shared_ptr<Recording> first = make_recording(recorded);
  // The external pointer keeps the recorder alive. Preserved here it would never be freed, because
  // its environment holds the pointer.
  const SEXP held = recorder;
  const auto record_at = [held](const admle::Vector& theta) {
    const Rcpp::Function recorder(held);
    const Rcpp::NumericVector at(theta.data(), theta.data() + theta.size());
    const Rcpp::List again = recorder(at);
    if (again.containsElementNamed("outside")) return region_without_value(again);
    return LogLikelihood::Recorded{make_recording(again), {}, nullptr};
  };
  state->loglik = std::make_unique<LogLikelihood>(first->dimension(), record_at, poll);
  state->loglik->set_threads(threads);
  state->loglik->add(first);
  return Rcpp::XPtr<ObjectiveState>(state.release(), true, R_NilValue, recorder);
}

// The same recordings with a weight on each contribution. `objective` is kept alive by the result.
// [[Rcpp::export(rng = false)]]
SEXP objective_with_weights(SEXP objective, std::vector<double> weights) {
  auto state = std::make_unique<ObjectiveState>();
  state->loglik =
      std::make_unique<LogLikelihood>(loglik_of(objective).reweighted(std::move(weights)));
  return Rcpp::XPtr<ObjectiveState>(state.release(), true, R_NilValue, objective);
}

// [[Rcpp::export(rng = false)]]
double objective_contribution_count(SEXP objective) {
  const Recording& r = loglik_of(objective).current();
  return r.has_contributions() ? static_cast<double>(r.n_contributions()) : NA_REAL;
}

// See RowFacts.
// [[Rcpp::export(rng = false)]]
Rcpp::IntegerVector objective_row_facts(SEXP objective) {
  const admle::RowFacts facts = loglik_of(objective).current().facts();
  return Rcpp::IntegerVector::create(Rcpp::Named("divided_by") = facts.divided_by,
                                     Rcpp::Named("recycled_from") = facts.recycled_from,
                                     Rcpp::Named("recycled_to") = facts.recycled_to);
}

// Whether the total that was recorded is split into rows.
// [[Rcpp::export(rng = false)]]
bool total_is_split(SEXP trace, int output) {
  const Rcpp::XPtr<admle::TraceState> state(trace);
  return admle::split_sum(*state->graph, output, state->leaves()).contributions >= 0;
}

// [[Rcpp::export(rng = false)]]
int objective_recordings(SEXP objective) { return loglik_of(objective).recordings(); }

// [[Rcpp::export(rng = false)]]
Rcpp::NumericVector objective_value_at(SEXP objective, Eigen::VectorXd theta) {
  LogLikelihood& loglik = loglik_of(objective);
  Rcpp::NumericVector value = Rcpp::NumericVector::create(loglik.loglik(theta));
  // As CallbackObjective reads it.
  const std::string outside = loglik.why_outside();
  if (!outside.empty()) value.attr("outside") = outside;
  return value;
}

// [[Rcpp::export(rng = false)]]
Rcpp::NumericVector objective_gradient_at(SEXP objective, Eigen::VectorXd theta) {
  Eigen::VectorXd gradient;
  const double value = loglik_of(objective).loglik(theta, gradient);
  Rcpp::NumericVector out(gradient.data(), gradient.data() + gradient.size());
  out.attr("value") = value;
  return out;
}

// [[Rcpp::export(rng = false)]]
SEXP objective_hessian_at(SEXP objective, Eigen::VectorXd theta) {
  return admle::symmetric_to_r(loglik_of(objective).loglik_hessian(theta));
}

// NULL where it cannot be made by blocks.
// [[Rcpp::export(rng = false)]]
SEXP objective_outer_product_at(SEXP objective, Eigen::VectorXd theta) {
  const admle::Symmetric found = loglik_of(objective).outer_product(theta);
  return found.size() == 0 ? R_NilValue : admle::symmetric_to_r(found);
}

// [[Rcpp::export(rng = false)]]
bool objective_has_hessian(SEXP objective, int limit) {
  return loglik_of(objective).has_hessian(limit);
}

// [[Rcpp::export(rng = false)]]
Eigen::VectorXd objective_contributions_at(SEXP objective, Eigen::VectorXd theta) {
  return loglik_of(objective).contributions(theta);
}

// [[Rcpp::export(rng = false)]]
Eigen::MatrixXd objective_scores_at(SEXP objective, Eigen::VectorXd theta) {
  return loglik_of(objective).loglik_scores(theta);
}

// A column for each column of `directions`.
// [[Rcpp::export(rng = false)]]
Eigen::MatrixXd objective_slopes_at(SEXP objective, Eigen::VectorXd theta,
                                    Eigen::MatrixXd directions) {
  return loglik_of(objective).slopes(theta, directions);
}

// A column for each column of `directions`.
// [[Rcpp::export(rng = false)]]
Eigen::MatrixXd objective_third_at(SEXP objective, Eigen::VectorXd theta,
                                   Eigen::MatrixXd directions) {
  return loglik_of(objective).third_along(theta, directions);
}

// [[Rcpp::export(rng = false)]]
Eigen::MatrixXd objective_score_hessian_at(SEXP objective, Eigen::VectorXd theta,
                                           Eigen::MatrixXd directions) {
  return loglik_of(objective).score_hessian_along(theta, directions);
}

// [[Rcpp::export(rng = false)]]
Eigen::VectorXd objective_curvatures_at(SEXP objective, Eigen::VectorXd theta,
                                        Eigen::VectorXd first, Eigen::VectorXd second) {
  return loglik_of(objective).curvatures(theta, first, second);
}

// [[Rcpp::export(rng = false)]]
Rcpp::List objective_solve(SEXP objective, Eigen::VectorXd start, Rcpp::List control,
                           Rcpp::RObject on_iteration) {
  LogLikelihood& loglik = loglik_of(objective);
  loglik.forget_best();
  const int before = loglik.recordings();
  try {
    const admle::Solution found =
        admle::minimise(loglik, start, solve_options(control, on_iteration));
    Rcpp::List out = solution_list(found);
    out["recordings"] = loglik.recordings() - before + 1;
    return out;
  } catch (const Rcpp::internal::InterruptedException&) {
    if (loglik.best().size() == 0) throw;
    return Rcpp::List::create(Rcpp::Named("interrupted") = true, Rcpp::Named("par") = loglik.best(),
                              Rcpp::Named("value") = loglik.best_value());
  }
}

// [[Rcpp::export(rng = false)]]
Rcpp::List callbacks_solve(Rcpp::List functions, Eigen::VectorXd start, Rcpp::List control,
                           Rcpp::RObject on_iteration) {
  CallbackObjective objective(functions, static_cast<int>(start.size()));
  return solution_list(admle::minimise(objective, start, solve_options(control, on_iteration)));
}

// The nodes of the guards `guards` (from 1).
// [[Rcpp::export(rng = false)]]
std::vector<int> nodes_of_guards(SEXP trace, std::vector<int> guards) {
  const Rcpp::XPtr<admle::TraceState> state(trace);
  for (int& guard : guards)
    guard = state->graph->guards()[static_cast<std::size_t>(guard - 1)].node;
  return guards;
}

// The elements (from 1) of node `input` that nodes are computed from.
// [[Rcpp::export(rng = false)]]
std::vector<int> nodes_read(SEXP trace, std::vector<int> nodes, int input) {
  const Rcpp::XPtr<admle::TraceState> state(trace);
  const std::vector<char> read = admle::elements_read(*state->graph, nodes, input);
  std::vector<int> out;
  for (std::size_t i = 0; i < read.size(); ++i)
    if (read[i]) out.push_back(static_cast<int>(i) + 1);
  return out;
}

// The node a - b, where `node` compares the numbers a and b; -1 for another node.
// [[Rcpp::export(rng = false)]]
int compared_difference(SEXP trace, int node) {
  return admle::compared_difference(*Rcpp::XPtr<admle::TraceState>(trace), node);
}

// Why node `output` of the trace is not finite at its recording point.
// [[Rcpp::export(rng = false)]]
SEXP explain_trace(SEXP trace, int output) {
  const Rcpp::XPtr<admle::TraceState> state(trace);
  return as_list(admle::explain_nonfinite(*state->graph, state->evaluator, output));
}

// The same of the gradient of its sum with respect to node `input`.
// [[Rcpp::export(rng = false)]]
SEXP explain_gradient(SEXP trace, int output, int input) {
  const Rcpp::XPtr<admle::TraceState> state(trace);
  admle::Graph& graph = *state->graph;
  const admle::NodeId total = admle::sum(state->expr(output)).id();
  const admle::Expr gradient = admle::jacobian(graph, total, input);
  admle::Explanation found = admle::explain_nonfinite(graph, state->evaluator, gradient.id());
  if (found.found) {
    // Not the parameter's position in the gradient, but the row of what is not finite.
    const std::int32_t rows = graph.shape(found.node).rows;
    found.row = rows > 1 ? found.element % rows : -1;
  }
  return as_list(found);
}
