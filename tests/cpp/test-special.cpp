// The special functions against reference values of at least 30 digits (special-reference.py).
// Every tolerance is the accuracy stated beside the function in src/math/special.h, with a little
// room for other compilers and mathematical libraries.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>

#include "math/nmath.h"
#include "math/special.h"
#include "check.h"

namespace {

#include "special-reference.inc"

using namespace admle::special;

const double kNaN = std::numeric_limits<double>::quiet_NaN();
const double kInfinity = std::numeric_limits<double>::infinity();

// The largest relative error of one function over a table.
class Worst {
 public:
  explicit Worst(const char* what) : what_(what) {}

  void add(double computed, double expected, const double* row, int inputs) {
    const double difference = std::fabs(computed - expected);
    const double error = expected == 0.0 ? difference : difference / std::fabs(expected);
    if (error <= error_) return;
    error_ = std::isnan(error) ? kInfinity : error;
    computed_ = computed;
    expected_ = expected;
    for (int i = 0; i < inputs && i < 4; ++i) at_[i] = row[i];
  }

  void check_below(double tolerance) const {
    char message[400];
    std::snprintf(message, sizeof message,
                  "%s: relative error %.2g <= %.2g; %.17g for %.17g at (%.9g, %.9g, %.9g, %.9g)",
                  what_, error_, tolerance, computed_, expected_, at_[0], at_[1], at_[2], at_[3]);
    if (std::getenv("ADMLE_TEST_VERBOSE")) std::printf("  %s\n", message);
    admle_test::check(error_ <= tolerance, message);
  }

 private:
  const char* what_;
  double error_ = 0.0, computed_ = 0.0, expected_ = 0.0;
  double at_[4] = {kNaN, kNaN, kNaN, kNaN};
};

// Where libRmath is missing only the functions that do not need it are tested.
bool without_nmath() { return nmath().pnorm == nullptr; }

using Unary = double (*)(double);
using Tail = double (*)(double, double, bool);
using BetaTail = double (*)(double, double, double, double, bool);

struct UnaryColumn {
  const char* name;
  Unary f;
  double sign;  // the argument is sign * x
  double tolerance;
};

template <int Columns, int Rows, int Count>
void check_columns(const double (&table)[Rows][Columns], const UnaryColumn (&columns)[Count]) {
  static_assert(Columns == Count + 1, "one function per column");
  for (int j = 0; j < Count; ++j) {
    Worst worst(columns[j].name);
    for (const auto& row : table) {
      worst.add(columns[j].f(columns[j].sign * row[0]), row[j + 1], row, 1);
    }
    worst.check_below(columns[j].tolerance);
  }
}

const admle_test::Test elementary{"special: logarithms and exponentials", [] {
  check_columns(kElementary, {{"log1p_exp, negative", log1p_exp, -1.0, 1e-15},
                              {"log1p_exp, positive", log1p_exp, 1.0, 1e-15},
                              {"log1m_exp", log1m_exp, 1.0, 1e-15},
                              {"log_exp_minus_1", log_exp_minus_1, 1.0, 1e-15},
                              {"plogis, negative", plogis, -1.0, 1e-15},
                              {"plogis, positive", plogis, 1.0, 1e-15}});
}};

const admle_test::Test normal{"special: normal distribution", [] {
  if (without_nmath()) return;
  check_columns(kNormal, {{"log_pnorm", log_pnorm, 1.0, 1e-15},
                          {"mills", mills, 1.0, 1e-15},
                          {"mills_excess", mills_excess, 1.0, 2e-15},
                          {"mills_curvature", mills_curvature, 1.0, 1e-14},
                          {"mills_curvature_slope", mills_curvature_slope, 1.0, 5e-14}});
}};

// Errors are relative to 1 or to the logarithm: rounding the arguments changes a small
// probability by that much.
const admle_test::Test bivariate_normal{"special: bivariate normal distribution", [] {
  if (without_nmath()) return;
  Worst probability("pbivnorm"), logarithm("log_pbivnorm");
  for (const auto& row : kBinormal) {
    const double scale = std::max(1.0, -row[4]);
    const double p = pbivnorm(row[0], row[1], row[2]);
    const double log_p = log_pbivnorm(row[0], row[1], row[2]);
    if (row[3] > 1e-300) probability.add(1 + (p / row[3] - 1) / scale, 1, row, 3);
    logarithm.add(1 + (log_p - row[4]) / scale, 1, row, 3);
  }
  probability.check_below(1e-15);
  logarithm.check_below(1e-15);

  using admle_test::check;
  check(pbivnorm(-kInfinity, 0.3, 0.5) == 0.0, "no mass below -Inf");
  check(pbivnorm(kInfinity, 0, 0.5) == 0.5, "the margin at Inf");
  check(pbivnorm(1, 2, 1) == pbivnorm(1, kInfinity, 0.3), "the smaller of two equal variables");
  check(pbivnorm(-1, 0.5, -1) == 0.0, "opposite variables do not meet");
  check(std::isnan(pbivnorm(0, 0, 1.1)) && std::isnan(log_pbivnorm(kNaN, 0, 0)), "not a number");
}};

const admle_test::Test gamma_function{"special: polygamma functions", [] {
  if (without_nmath()) return;
  Worst positive("polygamma, x > 0");
  Worst negative("polygamma, x < 0");
  for (const auto& row : kPolygamma) {
    const double computed = polygamma(static_cast<int>(row[0]), row[1]);
    (row[1] > 0.0 ? positive : negative).add(computed, row[2], row, 2);
  }
  positive.check_below(2e-14);
  negative.check_below(2e-14);

  Worst difference("polygamma_difference");
  for (const auto& row : kPolygammaDifference) {
    const double computed = polygamma_difference(static_cast<int>(row[0]), row[1], row[2]);
    difference.add(computed, row[3], row, 3);
  }
  difference.check_below(2e-15);

  check_columns(kStirling, {{"log_minus_digamma", log_minus_digamma, 1.0, 2e-15},
                            {"stirling_error", stirling_error, 1.0, 1e-13}});
}};

const admle_test::Test incomplete_gamma{"special: incomplete gamma function", [] {
  if (without_nmath()) return;
  struct {
    const char* name;
    Tail f;
    double tolerance;
  } const columns[] = {{"dlog_pgamma_da", dlog_pgamma_da, 5e-12},
                       {"d2log_pgamma_da2", d2log_pgamma_da2, 1e-11},
                       {"d3log_pgamma_da3", d3log_pgamma_da3, 2e-11}};
  for (int j = 0; j < 3; ++j) {
    for (const bool lower : {true, false}) {
      Worst worst(columns[j].name);
      for (const auto& row : kIncompleteGamma) {
        worst.add(columns[j].f(row[0], row[1], lower), row[2 + j + (lower ? 0 : 3)], row, 2);
      }
      worst.check_below(columns[j].tolerance);
    }
  }
}};

const admle_test::Test incomplete_beta{"special: incomplete beta function", [] {
  if (without_nmath()) return;
  struct {
    const char* name;
    BetaTail f;
    double tolerance;
  } const columns[] = {{"dlog_pbeta_da", dlog_pbeta_da, 1e-12},
                       {"dlog_pbeta_db", dlog_pbeta_db, 1e-12},
                       {"d2log_pbeta_daa", d2log_pbeta_daa, 1e-12},
                       {"d2log_pbeta_dab", d2log_pbeta_dab, 5e-12},
                       {"d2log_pbeta_dbb", d2log_pbeta_dbb, 1e-12},
                       {"d3log_pbeta_daaa", d3log_pbeta_daaa, 5e-9},
                       {"d3log_pbeta_daab", d3log_pbeta_daab, 5e-9},
                       {"d3log_pbeta_dabb", d3log_pbeta_dabb, 5e-9},
                       {"d3log_pbeta_dbbb", d3log_pbeta_dbbb, 5e-9}};
  for (int j = 0; j < 9; ++j) {
    for (const bool lower : {true, false}) {
      Worst worst(columns[j].name);
      for (const auto& row : kIncompleteBeta) {
        const double computed = columns[j].f(row[0], row[1], row[2], row[3], lower);
        worst.add(computed, row[4 + j + (lower ? 0 : 9)], row, 4);
      }
      worst.check_below(columns[j].tolerance);
    }
  }
}};

const admle_test::Test student{"special: Student's t distribution", [] {
  if (without_nmath()) return;
  struct {
    const char* name;
    double (*f)(double, double);
  } const columns[] = {
      {"dlog_dt_ddf", dlog_dt_ddf},
      {"d2log_dt_ddf2", d2log_dt_ddf2},
      {"dlog_pt_ddf, lower", [](double t, double n) { return dlog_pt_ddf(t, n, true); }},
      {"d2log_pt_ddf2, lower", [](double t, double n) { return d2log_pt_ddf2(t, n, true); }},
      {"dlog_pt_ddf, upper", [](double t, double n) { return dlog_pt_ddf(t, n, false); }},
      {"d2log_pt_ddf2, upper", [](double t, double n) { return d2log_pt_ddf2(t, n, false); }}};
  for (int j = 0; j < 6; ++j) {
    Worst worst(columns[j].name);
    for (const auto& row : kStudent) worst.add(columns[j].f(row[0], row[1]), row[2 + j], row, 2);
    worst.check_below(1e-13);
  }
}};

void check_nan(double value, const char* what) { admle_test::check(std::isnan(value), what); }

const admle_test::Test edges{"special: edges of the domains", [] {
  if (without_nmath()) return;
  using admle_test::check;
  check_nan(log1p_exp(kNaN), "log1p_exp(NaN)");
  check_nan(log1m_exp(-1.0), "log1m_exp(-1)");
  check_nan(log_exp_minus_1(-1.0), "log_exp_minus_1(-1)");
  check(log1m_exp(0.0) == -kInfinity, "log1m_exp(0)");
  check(log_exp_minus_1(kInfinity) == kInfinity, "log_exp_minus_1(Inf)");
  check(plogis(-kInfinity) == 0.0 && plogis(kInfinity) == 1.0, "plogis(-Inf), plogis(Inf)");

  for (const Unary f : {log_pnorm, mills, mills_excess, mills_curvature, mills_curvature_slope}) {
    check_nan(f(kNaN), "normal tail functions at NaN");
  }
  check(mills(kInfinity) == 0.0 && mills(-kInfinity) == kInfinity, "mills at infinity");
  check(mills_excess(-kInfinity) == 0.0, "mills_excess(-Inf)");
  check(mills_curvature(kInfinity) == 1.0 && mills_curvature(-kInfinity) == 0.0,
        "mills_curvature at infinity");
  check(mills_curvature_slope(kInfinity) == 0.0 && mills_curvature_slope(-kInfinity) == 0.0,
        "mills_curvature_slope at infinity");

  check_nan(polygamma(1, -2.0), "polygamma at a pole");
  check_nan(polygamma_difference(0, -1.0, 3.0), "polygamma_difference, a < 0");
  check(polygamma_difference(0, 2.0, 0.0) == 0.0, "polygamma_difference, b = 0");

  for (const Tail f : {dlog_pgamma_da, d2log_pgamma_da2, d3log_pgamma_da3}) {
    for (const bool lower : {true, false}) {
      check_nan(f(kNaN, 1.0, lower), "incomplete gamma, x NaN");
      check_nan(f(1.0, kNaN, lower), "incomplete gamma, a NaN");
      check_nan(f(1.0, 0.0, lower), "incomplete gamma, a = 0");
    }
    check(f(-1.0, 2.0, false) == 0.0, "incomplete gamma, Q = 1");
    check(f(kInfinity, 2.0, true) == 0.0, "incomplete gamma, P = 1");
  }
  check(dlog_pgamma_da(0.0, 2.0, true) == -kInfinity, "dlog_pgamma_da, P = 0");
  check(dlog_pgamma_da(kInfinity, 2.0, false) == kInfinity, "dlog_pgamma_da, Q = 0");

  for (const BetaTail f : {BetaTail{dlog_pbeta_da}, BetaTail{d2log_pbeta_dab},
                           BetaTail{d3log_pbeta_dbbb}}) {
    for (const bool lower : {true, false}) {
      check_nan(f(kNaN, 0.5, 1.0, 1.0, lower), "incomplete beta, x NaN");
      check_nan(f(0.5, 0.5, kNaN, 1.0, lower), "incomplete beta, a NaN");
      check_nan(f(0.5, 0.5, 1.0, -1.0, lower), "incomplete beta, b < 0");
    }
    check(f(0.0, 1.0, 2.0, 3.0, false) == 0.0, "incomplete beta, upper tail 1");
    check(f(1.0, 0.0, 2.0, 3.0, true) == 0.0, "incomplete beta, lower tail 1");
  }
  check(dlog_pbeta_da(0.0, 2.0, 3.0, true) == -kInfinity, "dlog_pbeta_da, lower tail 0");
  check(dlog_pbeta_db(1.0, 2.0, 3.0, false) == -kInfinity, "dlog_pbeta_db, upper tail 0");

  check_nan(dlog_pt_ddf(kNaN, 3.0, true), "dlog_pt_ddf, t NaN");
  check_nan(dlog_pt_ddf(1.0, 0.0, true), "dlog_pt_ddf, df = 0");
  check_nan(dlog_dt_ddf(1.0, -1.0), "dlog_dt_ddf, df < 0");
  check(dlog_dt_ddf(1.0, kInfinity) == 0.0, "dlog_dt_ddf, df = Inf");
  check(dlog_pt_ddf(0.0, 3.0, true) == 0.0, "dlog_pt_ddf, t = 0");
  check(dlog_pt_ddf(1.0, kInfinity, false) == 0.0, "dlog_pt_ddf, df = Inf");
  check(dlog_pt_ddf(kInfinity, 3.0, true) == 0.0, "dlog_pt_ddf, t = Inf");
  check(dlog_pt_ddf(-kInfinity, 3.0, true) == -kInfinity, "dlog_pt_ddf, t = -Inf");
}};

}  // namespace
