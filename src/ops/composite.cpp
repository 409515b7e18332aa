// Densities, distribution and quantile functions written as formulas over the op table.
//
// Each density is given on the log scale; its plain form is the exponential. Outside the support
// a `select` gives -Inf (or 0, or 1), whose branch not taken contributes no derivative. Parameters
// outside of their range give NaN as in R: the last parameter is replaced by NaN there, which
// costs little because parameters are mostly scalars, and reaches both branches. Reference for the
// parametrisations: R's own help pages (?dgamma, ?dweibull, ...).
#include "ops/composite.h"

#include <functional>
#include <limits>
#include <map>

#include "graph/op.h"
#include "ops/composite-counts.h"
#include "ops/composite-quantiles.h"
#include "ops/composite-tails.h"
#include "ops/structural.h"

namespace admle {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kPi = 3.141592653589793238462643383280;
constexpr double kLnPi = 1.144729885849400174143427351353;
constexpr double kLnSqrt2Pi = 0.918938533204672741780329736406;

using Formula = std::function<Expr(Args)>;
using Condition = Expr (*)(Args);

struct Composite {
  NamedOp op;       // name, arity, domains
  Formula formula;  // from arguments to the result
};

// ---- ranges of parameters and support ----------------------------------------------------------

// Limits of distributions at infinite parameters are not followed: NaN as well. Degrees of freedom
// of t, those of F that are data, and the size of a negative binomial may be infinite.

Expr positive(Expr p) { return logical_and(gt(p, 0), lt(p, kInf)); }
Expr nonnegative(Expr p) { return logical_and(ge(p, 0), lt(p, kInf)); }
Expr probability(Expr p) { return logical_and(ge(p, 0), le(p, 1)); }
Expr positive_probability(Expr p) { return logical_and(gt(p, 0), le(p, 1)); }

Expr positive_last(Args a) { return positive(a.back()); }
Expr above_zero_last(Args a) { return gt(a.back(), 0); }
Expr nonnegative_last(Args a) { return nonnegative(a.back()); }
Expr probability_last(Args a) { return positive_probability(a.back()); }
Expr both_positive(Args a) { return logical_and(positive(a[1]), positive(a[2])); }
Expr both_nonnegative(Args a) { return logical_and(nonnegative(a[1]), nonnegative(a[2])); }
Expr size_and_mean(Args a) { return logical_and(gt(a[1], 0), nonnegative(a[2])); }
Expr size_and_probability(Args a) {
  return logical_and(nonnegative(a[1]), positive_probability(a[2]));
}
Expr trials_and_probability(Args a) {
  const Expr whole_size = le(abs(a[1] - round(a[1])), 1e-7);
  return logical_and(logical_and(nonnegative(a[1]), whole_size), probability(a[2]));
}
Expr width(Args a) { return a[2] - a[1]; }
Expr increasing(Args a) { return positive(width(a)); }
Expr nondecreasing(Args a) { return nonnegative(width(a)); }
Expr scale_last(Args a) { return ge(a.back(), 0); }  // Inf gives R's limits
Expr no_condition(Args) { return 1; }

Formula in_range(Formula f, Condition valid) {
  if (valid == no_condition) return f;
  return [f, valid](Args a) {
    std::vector<Expr> guarded = a;
    guarded.back() = select(valid(a), a.back(), kNan);
    return f(guarded);
  };
}

// ---- log densities -----------------------------------------------------------------------------

// log(sd), except at sd = 0, a point mass: the density elsewhere is 0, not Inf - Inf.
Expr log_sd(Expr sd) { return select(eq(sd, 0), 0, log(sd)); }

Expr dnorm_log(Args a) {
  const Expr z = (a[0] - a[1]) / a[2];
  return -(0.5 * square(z) + (log_sd(a[2]) + kLnSqrt2Pi));
}
Expr dlnorm_log(Args a) {
  const Expr lx = log(a[0]);
  const Expr z = (lx - a[1]) / a[2];
  const Expr inside = -(0.5 * square(z) + lx + (log_sd(a[2]) + kLnSqrt2Pi));
  return select(gt(a[0], 0), inside, outside(a, -kInf));
}
Expr dexp_log(Args a) { return select(ge(a[0], 0), log(a[1]) - a[1] * a[0], outside(a, -kInf)); }
Expr dweibull_log(Args a) {
  const Expr ratio = a[0] / a[2];
  const Expr inside = log(a[1] / a[2]) + mulz(a[1] - 1, log(ratio)) - pow(ratio, a[1]);
  return select(ge(a[0], 0), inside, outside(a, -kInf));
}
Expr dlogis_log(Args a) {
  const Expr z = (a[0] - a[1]) / a[2];
  return log_logistic(z) + log_logistic(-z) - log(a[2]);
}
Expr dcauchy_log(Args a) { return -(kLnPi + log(a[2]) + log1p(square((a[0] - a[1]) / a[2]))); }
Expr dunif_log(Args a) {
  return select(logical_and(ge(a[0], a[1]), le(a[0], a[2])), -log(a[2] - a[1]), outside(a, -kInf));
}
Expr dchisq_log(Args a) { return dgamma_log(a[0], 0.5 * a[1], 0.5); }

// ---- distribution functions --------------------------------------------------------------------

// The distribution function where no mass, or all of it, is below.
double no_mass(Tail tail, bool log_p) {
  return tail == Tail::kLower ? (log_p ? -kInf : 0) : (log_p ? 0 : 1);
}
double all_mass(Tail tail, bool log_p) { return no_mass(other(tail), log_p); }

Expr standardised(Args a, Tail tail) {
  const Expr z = (a[0] - a[1]) / a[2];
  return tail == Tail::kLower ? z : -z;
}

// A distribution on (0, Inf) that is 1 - exp(-u), u increasing from 0: its four forms.
Expr from_hazard(Args a, Expr u, Tail tail, bool log_p) {
  const Expr safe = select(ge(a[0], 0), u, outside(a, 0));
  if (tail == Tail::kUpper) return log_p ? -safe : exp(-safe);
  return log_p ? log1m_exp(safe) : -expm1(-safe);
}

Expr pnorm(Args a, Tail tail, bool log_p) {
  const Expr z = standardised(a, tail);
  return log_p ? log_cdf_normal(z) : cdf_normal(z);
}
Expr plnorm(Args a, Tail tail, bool log_p) {
  const Expr inside = pnorm({log(a[0]), a[1], a[2]}, tail, log_p);
  return select(gt(a[0], 0), inside, outside(a, no_mass(tail, log_p)));
}
Expr plogis(Args a, Tail tail, bool log_p) {
  const Expr z = standardised(a, tail);
  return log_p ? log_logistic(z) : logistic(z);
}
Expr pexp(Args a, Tail tail, bool log_p) { return from_hazard(a, a[0] * a[1], tail, log_p); }
Expr pweibull(Args a, Tail tail, bool log_p) {
  const Expr shape = select(gt(a[1], 0), a[1], kNan);  // NaN^0 would be 1
  return from_hazard(a, pow(a[0] / a[2], shape), tail, log_p);
}
// atan2(1, -z) / pi keeps the digits of the small tail; near 1 the log is taken from the other.
Expr pcauchy(Args a, Tail tail, bool log_p) {
  const Expr z = standardised(a, tail);
  const Expr p = atan2(1, -z) / kPi;
  return log_p ? select(gt(z, 0), log1p(-(atan2(1, z) / kPi)), log(p)) : p;
}
Expr punif(Args a, Tail tail, bool log_p) {
  const Expr width = a[2] - a[1];
  const Expr part = (tail == Tail::kLower ? a[0] - a[1] : a[2] - a[0]) / width;
  const Expr p = pmin2(pmax2(part, 0), 1);
  return log_p ? log(p) : p;
}
// `below` is what it is where x is negative. At 0 the derivatives are those inside, but of the
// logarithm that is -Inf there.
Expr incomplete_gamma(Expr x, Expr shape, Tail tail, bool log_p, Expr below) {
  const bool lower = tail == Tail::kLower;
  const Expr inside = log_p ? (lower ? log_gamma_p(x, shape) : log_gamma_q(x, shape))
                            : (lower ? gamma_p(x, shape) : gamma_q(x, shape));
  return select(log_p && lower ? gt(x, 0) : ge(x, 0), inside, below);
}
Expr incomplete_beta(Expr x, Expr a, Expr b, Tail tail, bool log_p) {
  if (tail == Tail::kLower) return log_p ? log_beta_p(x, a, b) : beta_p(x, a, b);
  return log_p ? log_beta_q(x, a, b) : beta_q(x, a, b);
}

Expr pgamma(Args a, Tail tail, bool log_p) {
  return incomplete_gamma(a[0] * a[2], a[1], tail, log_p, outside(a, no_mass(tail, log_p)));
}
Expr pchisq(Args a, Tail tail, bool log_p) {
  const Expr below = outside(a, no_mass(tail, log_p));
  return incomplete_gamma(0.5 * a[0], 0.5 * a[1], tail, log_p, below);
}
Expr pbeta(Args a, Tail tail, bool log_p) {
  const Expr below = outside(a, no_mass(tail, log_p));
  const Expr above = outside(a, all_mass(tail, log_p));
  const Expr inside = incomplete_beta(a[0], a[1], a[2], tail, log_p);
  return select(le(a[0], 0), below, select(ge(a[0], 1), above, inside));
}
Expr pt(Args a, Tail tail, bool log_p) {
  const Expr t = tail == Tail::kLower ? a[0] : -a[0];
  return log_p ? log_student_p(t, a[1]) : student_p(t, a[1]);
}
// F through the incomplete beta function, in the form whose argument is not near 1. With infinite
// degrees of freedom one of the two variables is a constant and the other chi-squared.
Expr pf_finite(Args a, Tail tail, bool log_p) {
  const Expr mx = a[1] * a[0], total = a[2] + mx;
  const Expr low = incomplete_beta(mx / total, 0.5 * a[1], 0.5 * a[2], tail, log_p);
  const Expr high = incomplete_beta(a[2] / total, 0.5 * a[2], 0.5 * a[1], other(tail), log_p);
  const Expr below = outside(a, no_mass(tail, log_p));
  return select(gt(a[0], 0), select(le(mx, a[2]), low, high), below);
}
// The variable carries the range of the parameters, which are looked at themselves.
Expr pf(Args given, Tail tail, bool log_p) {
  std::vector<Expr> a = given;
  a[0] = select(both_degrees_of_freedom(a), a[0], kNan);
  if (!infinite_data(a[1]) && !infinite_data(a[2])) return pf_finite(a, tail, log_p);
  const double none = no_mass(tail, log_p), all = all_mass(tail, log_p);
  const auto numerator = [&](Expr df) {
    return incomplete_gamma(0.5 * df * a[0], 0.5 * df, tail, log_p, none);
  };
  const auto denominator = [&](Expr df) {
    const Expr inside = incomplete_gamma(0.5 * df / a[0], 0.5 * df, other(tail), log_p, all);
    return select(gt(a[0], 0), inside, none);
  };
  const auto first = [&](Expr df2) {
    return with_limit(
        a[1],
        [&](Expr df1) {
          return pf_finite({a[0], df1, df2}, tail, log_p);
        },
        denominator(df2));
  };
  return with_limit(a[2], first, with_limit(a[1], numerator, select(ge(a[0], 1), all, none)));
}

// Discrete distributions: R's q is rounded down with its own tolerance.
Expr rounded_down(Expr q) { return floor(q + 1e-7); }

Expr discrete(Args a, Expr inside, Tail tail, bool log_p) {
  const Expr q = rounded_down(a[0]);
  const Expr above = outside(a, all_mass(tail, log_p));
  return select(ge(q, 0), select(lt(q, kInf), inside, above), outside(a, no_mass(tail, log_p)));
}
Expr ppois(Args a, Tail tail, bool log_p) {
  const Expr q = rounded_down(a[0]);
  const Expr at_zero = outside(a, all_mass(tail, log_p));
  const Expr shape = pmax2(q, 0) + 1;
  return discrete(a, incomplete_gamma(a[1], shape, other(tail), log_p, at_zero), tail, log_p);
}
Expr pbinom(Args a, Tail tail, bool log_p) {
  const Expr q = rounded_down(a[0]);
  const Expr inside =
      incomplete_beta(a[2], pmax2(q, 0) + 1, pmax2(a[1] - q, 1), other(tail), log_p);
  const Expr above = outside(a, all_mass(tail, log_p));
  return discrete(a, select(ge(q, a[1]), above, inside), tail, log_p);
}
Expr pnbinom(Args a, Tail tail, bool log_p) {
  const Expr q = rounded_down(a[0]);
  return discrete(a, incomplete_beta(a[2], a[1], pmax2(q, 0) + 1, tail, log_p), tail, log_p);
}
Expr pnbinom_mu(Args a, Tail tail, bool log_p) {
  const Expr q = pmax2(rounded_down(a[0]), 0);
  const auto form =
      tail == Tail::kLower ? (log_p ? log_nbinom_p : nbinom_p) : (log_p ? log_nbinom_q : nbinom_q);
  return discrete(a, form(q, a[1], a[2]), tail, log_p);
}
Expr pgeom(Args a, Tail tail, bool log_p) {
  const Expr q = rounded_down(a[0]);
  const Expr u = -(pmax2(q, 0) + 1) * log1p(-a[1]);
  return discrete(a, from_hazard({1, a[1]}, u, tail, log_p), tail, log_p);
}

Expr size_and_rate(Args a) { return logical_and(nonnegative(a[1]), probability(a[2])); }

// ---- the table ---------------------------------------------------------------------------------

using Distribution = Expr (*)(Args, Tail, bool);

const std::vector<Composite>& composites() {
  static const std::vector<Composite> all = [] {
    std::vector<Composite> out;
    static std::vector<std::string> names;  // NamedOp holds pointers into it
    names.reserve(512);
    const auto add = [&](const std::string& name, int arity, const std::string& domain, Formula f) {
      names.push_back(name);
      const char* const name_kept = names.back().c_str();
      names.push_back(domain);
      out.push_back({{name_kept, arity, names.back().c_str(), false}, std::move(f)});
    };
    const auto density = [&](const std::string& name, int arity, const char* domain, Formula f,
                             bool in_table, Condition valid = no_condition) {
      f = in_range(f, valid);
      if (!in_table) add(name + "_log", arity, domain, f);
      add(name, arity, domain, [f](Args a) { return exp(f(a)); });
    };
    const auto table = [](Op op) {
      return [op](Args a) {
        std::vector<NodeId> ids;
        Graph* g = nullptr;
        for (const Expr& e : a)
          if (!e.is_literal()) g = e.graph();
        if (g == nullptr) throw GraphError("at least one argument must be recorded");
        for (const Expr& e : a) ids.push_back(e.in(g));
        return Expr(g, g->apply(op, ids.data(), ids.size()));
      };
    };
    density("dnorm", 3, "real,real,positive", dnorm_log, false);
    density("dlnorm", 3, "positive,real,positive", dlnorm_log, false, nonnegative_last);
    density("dexp", 2, "positive,positive", dexp_log, false, positive_last);
    density("dweibull", 3, "positive,positive,positive", dweibull_log, false, both_positive);
    density("dlogis", 3, "real,real,positive", dlogis_log, false);
    density("dcauchy", 3, "real,real,positive", dcauchy_log, false);
    density("dunif", 3, "unit,nonpositive,above1", dunif_log, false, increasing);
    density("dchisq", 2, "positive,positive", dchisq_log, false);
    density("dpois", 2, "count,positive", table(Op::dpois_log), true);
    density("dbinom", 3, "count,size,unit", table(Op::dbinom_log), true);
    density("dgeom", 2, "count,unit", table(Op::dgeom_log), true);
    density("dnbinom", 3, "count,positive,unit", table(Op::dnbinom_log), true);
    density("dnbinom_mu", 3, "count,positive,positive", table(Op::dnbinom_mu_log), true);
    density("dhyper", 4, "count,size,size,size", table(Op::dhyper_log), true);
    density("dgamma", 3, "positive,positive,positive", table(Op::dgamma_log), true);
    density("dbeta", 3, "unit,positive,positive", table(Op::dbeta_log), true);
    density("dt", 2, "real,positive", table(Op::dt_log), true);
    density("df", 3, "positive,positive,positive", table(Op::df_log), true);

    const auto distribution = [&](const std::string& name, int arity, const char* domain,
                                  Distribution f, Condition valid) {
      const auto form = [&](const char* suffix, Tail tail, bool log_p) {
        const Formula formula = [=](Args a) { return f(a, tail, log_p); };
        add(name + suffix, arity, domain, in_range(formula, valid));
      };
      form("", Tail::kLower, false);
      form("_upper", Tail::kUpper, false);
      form("_log", Tail::kLower, true);
      form("_upper_log", Tail::kUpper, true);
    };
    distribution("pnorm", 3, "real,real,positive", pnorm, nonnegative_last);
    distribution("plnorm", 3, "positive,real,positive", plnorm, nonnegative_last);
    distribution("plogis", 3, "real,real,positive", plogis, positive_last);
    distribution("pexp", 2, "positive,positive", pexp, nonnegative_last);
    distribution("pweibull", 3, "positive,positive,positive", pweibull, both_positive);
    distribution("pcauchy", 3, "real,real,positive", pcauchy, positive_last);
    distribution("punif", 3, "unit,nonpositive,above1", punif, nondecreasing);
    distribution("pgamma", 3, "positive,positive,positive", pgamma, both_nonnegative);
    distribution("pchisq", 2, "positive,positive", pchisq, nonnegative_last);
    distribution("pbeta", 3, "unit,positive,positive", pbeta, both_nonnegative);
    distribution("pt", 2, "real,positive", pt, above_zero_last);
    distribution("pf", 3, "positive,positive,positive", pf, no_condition);
    distribution("ppois", 2, "count,positive", ppois, nonnegative_last);
    distribution("pbinom", 3, "count,size,unit", pbinom, trials_and_probability);
    distribution("pnbinom", 3, "count,positive,unit", pnbinom, size_and_probability);
    distribution("pnbinom_mu", 3, "count,positive,positive", pnbinom_mu, size_and_mean);
    distribution("pgeom", 2, "count,unit", pgeom, probability_last);

    const auto quantile = [&](const std::string& name, int arity, const std::string& parameters,
                              Expr (*f)(const Level&, Args), Condition valid) {
      const auto form = [&](const char* suffix, const char* level, Tail tail, bool log_p) {
        add(name + suffix, arity, level + parameters, [=](Args a) {
          const Level at = {a[0], tail, log_p};
          if (valid == no_condition) return f(at, a);
          std::vector<Expr> guarded = a;
          guarded.back() = select(logical_and(valid(a), valid_level(at)), a.back(), kNan);
          return f(at, guarded);
        });
      };
      form("", "unit", Tail::kLower, false);
      form("_upper", "unit", Tail::kUpper, false);
      form("_log", "nonpositive", Tail::kLower, true);
      form("_upper_log", "nonpositive", Tail::kUpper, true);
    };
    quantile("qnorm", 3, ",real,positive", qnorm, scale_last);
    quantile("qlnorm", 3, ",real,positive", qlnorm, scale_last);
    quantile("qlogis", 3, ",real,positive", qlogis, scale_last);
    quantile("qexp", 2, ",positive", qexp, scale_last);
    quantile("qweibull", 3, ",positive,positive", qweibull, both_positive);
    quantile("qcauchy", 3, ",real,positive", qcauchy, scale_last);
    quantile("qunif", 3, ",nonpositive,above1", qunif, nondecreasing);
    quantile("qgamma", 3, ",positive,positive", qgamma, positive_last);
    quantile("qchisq", 2, ",positive", qchisq, positive_last);
    quantile("qbeta", 3, ",positive,positive", qbeta, both_positive);
    quantile("qt", 2, ",positive", qt, above_zero_last);
    quantile("qf", 3, ",positive,positive", qf, no_condition);

    const auto continuous = [&](const char* name, int arity, const char* domain, Formula f,
                                Condition valid) {
      density(std::string(name) + "_continuous", arity, domain, std::move(f), false, valid);
    };
    continuous("dpois", 2, "positive,positive", dpois_continuous, nonnegative_last);
    continuous("dbinom", 3, "positive,above1,unit", dbinom_continuous, size_and_rate);
    continuous("dgeom", 2, "positive,unit", dgeom_continuous, probability_last);
    continuous("dnbinom", 3, "positive,positive,unit", dnbinom_continuous, size_and_probability);
    continuous("dnbinom_mu", 3, "positive,positive,positive", dnbinom_mu_continuous, size_and_mean);
    continuous("dhyper", 4, "positive,above1,above1,above1", dhyper_continuous, no_condition);
    add("choose_continuous", 2, "above1,unit", choose_continuous);
    add("lchoose_continuous", 2, "above1,unit", lchoose_continuous);
    add("factorial", 1, "positive", [](Args a) { return gamma(a[0] + 1); });
    add("lfactorial", 1, "positive", [](Args a) { return lgamma(a[0] + 1); });
    return out;
  }();
  return all;
}

}  // namespace

const std::vector<NamedOp>& named_ops() {
  static const std::vector<NamedOp> all = [] {
    std::vector<NamedOp> out;
    for (std::size_t i = 0; i < kElementwiseCount; ++i) {
      const ElementwiseInfo& info = elementwise(static_cast<Op>(i));
      out.push_back({info.name, info.arity, info.domain, true});
    }
    for (const Composite& c : composites()) out.push_back(c.op);
    return out;
  }();
  return all;
}

int find_named_op(const std::string& name) {
  static const std::map<std::string, int> positions = [] {
    std::map<std::string, int> out;
    int i = 0;
    for (const NamedOp& op : named_ops()) out[op.name] = i++;
    return out;
  }();
  const auto found = positions.find(name);
  return found == positions.end() ? -1 : found->second;
}

Expr apply_named(int op, const std::vector<Expr>& arguments) {
  const NamedOp& named = named_ops().at(static_cast<std::size_t>(op));
  if (static_cast<int>(arguments.size()) != named.arity)
    throw GraphError(std::string("`") + named.name + "` takes " + std::to_string(named.arity) +
                     " arguments");
  const auto at = static_cast<std::size_t>(op);
  if (!named.elementwise) return composites()[at - kElementwiseCount].formula(arguments);
  Graph* graph = nullptr;
  for (const Expr& e : arguments)
    if (!e.is_literal()) graph = e.graph();
  if (graph == nullptr) throw GraphError("at least one argument must be recorded");
  NodeId ids[4];
  for (std::size_t i = 0; i < arguments.size(); ++i) ids[i] = arguments[i].in(graph);
  return Expr(graph, graph->apply(static_cast<Op>(op), ids, arguments.size()));
}

}  // namespace admle
