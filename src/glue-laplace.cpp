// Entry points for integrals over effects.
#include <RcppEigen.h>

#include "model/effects-search.h"
#include "model/laplace.h"
#include "trace/recorded-body.h"
#include "trace/traced.h"

using namespace admle;

namespace {

struct SearchState {
  std::shared_ptr<EffectsSearch> search;  // behind R's external pointer
};

}  // namespace

// The nodes of the integral of what was recorded, whose unknown the effects are, see
// model/laplace.h. `nodes`, `log_weights`: of a Gauss-Hermite rule, or empty.
// [[Rcpp::export(rng = false)]]
Rcpp::List body_laplace(SEXP body, std::vector<double> start, std::vector<double> nodes,
                        std::vector<double> log_weights) {
  const Rcpp::XPtr<RecordedBody> recorded(body);
  TraceState& state = recording();
  auto search = std::make_unique<SearchState>();
  const Laplace made =
      laplace(recorded->body(), *state.graph, recorded->parameters(),
              {std::move(start), std::move(nodes), std::move(log_weights)}, search->search);
  const SparseSystem& system = *search->search->function().system;
  return Rcpp::List::create(
      Rcpp::Named("value") = made.value.id(), Rcpp::Named("mode") = made.mode.id(),
      Rcpp::Named("profile") = made.profile.id(), Rcpp::Named("inverse") = made.inverse.id(),
      Rcpp::Named("by_part") = made.by_part, Rcpp::Named("parts") = system.parts(),
      Rcpp::Named("rows") = static_cast<double>(made.rows),
      Rcpp::Named("search") = Rcpp::XPtr<SearchState>(search.release(), true));
}

// Where the elements of the inverse are: rows and columns, of the upper triangle.
// [[Rcpp::export(rng = false)]]
Rcpp::List effects_pattern(SEXP search) {
  const SparseSystem& system = *Rcpp::XPtr<SearchState>(search)->search->function().system;
  const auto from_one = [](const Index& index) {
    return Rcpp::IntegerVector(index.begin(), index.end()) + 1;
  };
  return Rcpp::List::create(Rcpp::Named("row") = from_one(*system.row()),
                            Rcpp::Named("column") = from_one(*system.column()),
                            Rcpp::Named("part") = from_one(*system.part_of_variable()));
}

// For points around the last mode, by the normal distribution that Laplace's method takes it for:
// h there, less h at the mode and the logarithm of that density relative to its maximum; a row for
// each part, a column for each column of `z`, standard normal numbers.
// [[Rcpp::export(rng = false)]]
Eigen::MatrixXd effects_log_weights(SEXP search, Eigen::MatrixXd z) {
  EffectsSearch& s = *Rcpp::XPtr<SearchState>(search)->search;
  Eigen::MatrixXd out(s.parts(), z.cols());
  for (Eigen::Index c = 0; c < z.cols(); ++c) {
    Rcpp::checkUserInterrupt();
    out.col(c) = s.log_weights(z.col(c));
  }
  return out;
}

// Why the last search for the mode found none, or "", and the effect that is not determined, or 0.
// [[Rcpp::export(rng = false)]]
Rcpp::List effects_failure(SEXP search) {
  const EffectsSearch& s = *Rcpp::XPtr<SearchState>(search)->search;
  return Rcpp::List::create(Rcpp::Named("why") = s.failure(), Rcpp::Named("loose") = s.loose() + 1);
}
