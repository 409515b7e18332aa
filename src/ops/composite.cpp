// Densities, distribution and quantile functions written as formulas over the op table.
//
// Each density is given on the log scale; its plain form is the exponential. Outside the support
// a `select` gives -Inf (or 0, or 1), whose branch not taken contributes no derivative. Reference
// for the parametrisations: R's own help pages (?dgamma, ?dweibull, ...).
#include "ops/composite.h"

#include <functional>
#include <limits>
#include <map>

#include "ops/elementwise.h"
#include "ops/structural.h"

namespace admle {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kPi = 3.141592653589793238462643383280;
constexpr double kLnPi = 1.144729885849400174143427351353;
constexpr double kLnSqrt2Pi = 0.918938533204672741780329736406;

using Args = const std::vector<Expr>&;
using Formula = std::function<Expr(Args)>;

struct Composite {
  NamedOp op;
  Formula formula;
};

// ---- log densities -----------------------------------------------------------------------------

Expr dnorm_log(Args a) {
  const Expr z = (a[0] - a[1]) / a[2];
  return -(0.5 * square(z) + (log(a[2]) + kLnSqrt2Pi));
}
Expr dlnorm_log(Args a) {
  const Expr lx = log(a[0]);
  const Expr z = (lx - a[1]) / a[2];
  const Expr inside = -(0.5 * square(z) + lx + (log(a[2]) + kLnSqrt2Pi));
  return select(gt(a[0], 0), inside, -kInf);
}
Expr dexp_log(Args a) { return select(ge(a[0], 0), log(a[1]) - a[1] * a[0], -kInf); }
Expr dweibull_log(Args a) {
  const Expr ratio = a[0] / a[2];
  const Expr inside = log(a[1] / a[2]) + mulz(a[1] - 1, log(ratio)) - pow(ratio, a[1]);
  return select(ge(a[0], 0), inside, -kInf);
}
Expr dlogis_log(Args a) {
  const Expr z = abs((a[0] - a[1]) / a[2]);
  return -z - log(a[2]) - 2 * log1p_exp(-z);
}
Expr dcauchy_log(Args a) {
  return -(kLnPi + log(a[2]) + log1p(square((a[0] - a[1]) / a[2])));
}
Expr dunif_log(Args a) {
  return select(logical_and(ge(a[0], a[1]), le(a[0], a[2])), -log(a[2] - a[1]), -kInf);
}
Expr dchisq_log(Args a) { return dgamma_log(a[0], 0.5 * a[1], 0.5); }

// ---- distribution functions --------------------------------------------------------------------

enum class Tail { kLower, kUpper };

Expr standardised(Args a, Tail tail) {
  const Expr z = (a[0] - a[1]) / a[2];
  return tail == Tail::kLower ? z : -z;
}

// A distribution on (0, Inf) that is 1 - exp(-u), u increasing from 0: its four forms.
Expr from_hazard(Expr q, Expr u, Tail tail, bool log_p) {
  const Expr safe = select(gt(q, 0), u, 0);
  if (tail == Tail::kUpper) return log_p ? -safe : exp(-safe);
  return log_p ? log1m_exp(safe) : -expm1(-safe);
}

Expr pnorm(Args a, Tail tail, bool log_p) {
  const Expr z = standardised(a, tail);
  return log_p ? log_cdf_normal(z) : cdf_normal(z);
}
Expr plnorm(Args a, Tail tail, bool log_p) {
  const Expr inside = pnorm({log(a[0]), a[1], a[2]}, tail, log_p);
  const double below = tail == Tail::kLower ? (log_p ? -kInf : 0) : (log_p ? 0 : 1);
  return select(gt(a[0], 0), inside, below);
}
Expr plogis(Args a, Tail tail, bool log_p) {
  const Expr z = standardised(a, tail);
  return log_p ? log_logistic(z) : logistic(z);
}
Expr pexp(Args a, Tail tail, bool log_p) { return from_hazard(a[0], a[0] * a[1], tail, log_p); }
Expr pweibull(Args a, Tail tail, bool log_p) {
  return from_hazard(a[0], pow(a[0] / a[2], a[1]), tail, log_p);
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
Expr incomplete_gamma(Expr x, Expr shape, Tail tail, bool log_p) {
  const bool lower = tail == Tail::kLower;
  const Expr inside = log_p ? (lower ? log_gamma_p(x, shape) : log_gamma_q(x, shape))
                            : (lower ? gamma_p(x, shape) : gamma_q(x, shape));
  const double below = lower ? (log_p ? -kInf : 0) : (log_p ? 0 : 1);
  return select(gt(x, 0), inside, below);
}
Expr incomplete_beta(Expr x, Expr a, Expr b, Tail tail, bool log_p) {
  if (tail == Tail::kLower) return log_p ? log_beta_p(x, a, b) : beta_p(x, a, b);
  return log_p ? log_beta_q(x, a, b) : beta_q(x, a, b);
}
Tail other(Tail tail) { return tail == Tail::kLower ? Tail::kUpper : Tail::kLower; }

Expr pgamma(Args a, Tail tail, bool log_p) {
  return incomplete_gamma(a[0] * a[2], a[1], tail, log_p);
}
Expr pchisq(Args a, Tail tail, bool log_p) {
  return incomplete_gamma(0.5 * a[0], 0.5 * a[1], tail, log_p);
}
Expr pbeta(Args a, Tail tail, bool log_p) {
  const double below = tail == Tail::kLower ? (log_p ? -kInf : 0) : (log_p ? 0 : 1);
  const double above = tail == Tail::kLower ? (log_p ? 0 : 1) : (log_p ? -kInf : 0);
  const Expr inside = incomplete_beta(a[0], a[1], a[2], tail, log_p);
  return select(le(a[0], 0), below, select(ge(a[0], 1), above, inside));
}
Expr pt(Args a, Tail tail, bool log_p) {
  const Expr t = tail == Tail::kLower ? a[0] : -a[0];
  return log_p ? log_student_p(t, a[1]) : student_p(t, a[1]);
}
// F through the incomplete beta function, in the form whose argument is not near 1.
Expr pf(Args a, Tail tail, bool log_p) {
  const Expr mx = a[1] * a[0], total = a[2] + mx;
  const Expr low = incomplete_beta(mx / total, 0.5 * a[1], 0.5 * a[2], tail, log_p);
  const Expr high = incomplete_beta(a[2] / total, 0.5 * a[2], 0.5 * a[1], other(tail), log_p);
  const double below = tail == Tail::kLower ? (log_p ? -kInf : 0) : (log_p ? 0 : 1);
  return select(gt(a[0], 0), select(le(mx, a[2]), low, high), below);
}

// Discrete distributions: R's q is rounded down with its own tolerance.
Expr rounded_down(Expr q) { return floor(q + 1e-7); }

Expr discrete(Expr q, Expr inside, Tail tail, bool log_p) {
  const double below = tail == Tail::kLower ? (log_p ? -kInf : 0) : (log_p ? 0 : 1);
  return select(ge(q, 0), inside, below);
}
Expr ppois(Args a, Tail tail, bool log_p) {
  const Expr q = rounded_down(a[0]);
  return discrete(q, incomplete_gamma(a[1], pmax2(q, 0) + 1, other(tail), log_p), tail, log_p);
}
Expr pbinom(Args a, Tail tail, bool log_p) {
  const Expr q = rounded_down(a[0]);
  const Expr inside = incomplete_beta(a[2], pmax2(q, 0) + 1, pmax2(a[1] - q, 1), other(tail),
                                      log_p);
  const double above = tail == Tail::kLower ? (log_p ? 0 : 1) : (log_p ? -kInf : 0);
  return discrete(q, select(ge(q, a[1]), above, inside), tail, log_p);
}
Expr pnbinom(Args a, Tail tail, bool log_p) {
  const Expr q = rounded_down(a[0]);
  return discrete(q, incomplete_beta(a[2], a[1], pmax2(q, 0) + 1, tail, log_p), tail, log_p);
}
Expr pnbinom_mu(Args a, Tail tail, bool log_p) {
  return pnbinom({a[0], a[1], a[1] / (a[1] + a[2])}, tail, log_p);
}
Expr pgeom(Args a, Tail tail, bool log_p) {
  const Expr q = rounded_down(a[0]);
  const Expr u = -(pmax2(q, 0) + 1) * log1p(-a[1]);
  return discrete(q, from_hazard(1, u, tail, log_p), tail, log_p);
}

// ---- quantile functions (of a lower-tail probability) ------------------------------------------

Expr qnorm(Args a) { return a[1] + a[2] * quantile_normal(a[0]); }
Expr qlnorm(Args a) { return exp(qnorm(a)); }
Expr qlogis(Args a) { return a[1] + a[2] * (log(a[0]) - log1p(-a[0])); }
Expr qexp(Args a) { return -log1p(-a[0]) / a[1]; }
Expr qweibull(Args a) { return a[2] * pow(-log1p(-a[0]), 1 / a[1]); }
Expr qcauchy(Args a) { return a[1] - a[2] / tanpi(a[0]); }
Expr qunif(Args a) { return a[1] + a[0] * (a[2] - a[1]); }

// ---- the table ---------------------------------------------------------------------------------

using Distribution = Expr (*)(Args, Tail, bool);

const std::vector<Composite>& composites() {
  static const std::vector<Composite> all = [] {
    std::vector<Composite> out;
    static std::vector<std::string> names;  // NamedOp holds pointers into it
    names.reserve(128);
    const auto add = [&](const std::string& name, int arity, const char* domain, Formula f) {
      names.push_back(name);
      out.push_back({{names.back().c_str(), arity, domain, false}, std::move(f)});
    };
    const auto density = [&](const std::string& name, int arity, const char* domain, Formula f,
                             bool in_table) {
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
    density("dlnorm", 3, "positive,real,positive", dlnorm_log, false);
    density("dexp", 2, "positive,positive", dexp_log, false);
    density("dweibull", 3, "positive,positive,positive", dweibull_log, false);
    density("dlogis", 3, "real,real,positive", dlogis_log, false);
    density("dcauchy", 3, "real,real,positive", dcauchy_log, false);
    density("dunif", 3, "unit,nonpositive,above1", dunif_log, false);
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
                                  Distribution f) {
      add(name, arity, domain, [f](Args a) { return f(a, Tail::kLower, false); });
      add(name + "_upper", arity, domain, [f](Args a) { return f(a, Tail::kUpper, false); });
      add(name + "_log", arity, domain, [f](Args a) { return f(a, Tail::kLower, true); });
      add(name + "_upper_log", arity, domain, [f](Args a) { return f(a, Tail::kUpper, true); });
    };
    distribution("pnorm", 3, "real,real,positive", pnorm);
    distribution("plnorm", 3, "positive,real,positive", plnorm);
    distribution("plogis", 3, "real,real,positive", plogis);
    distribution("pexp", 2, "positive,positive", pexp);
    distribution("pweibull", 3, "positive,positive,positive", pweibull);
    distribution("pcauchy", 3, "real,real,positive", pcauchy);
    distribution("punif", 3, "unit,nonpositive,above1", punif);
    distribution("pgamma", 3, "positive,positive,positive", pgamma);
    distribution("pchisq", 2, "positive,positive", pchisq);
    distribution("pbeta", 3, "unit,positive,positive", pbeta);
    distribution("pt", 2, "real,positive", pt);
    distribution("pf", 3, "positive,positive,positive", pf);
    distribution("ppois", 2, "count,positive", ppois);
    distribution("pbinom", 3, "count,size,unit", pbinom);
    distribution("pnbinom", 3, "count,positive,unit", pnbinom);
    distribution("pnbinom_mu", 3, "count,positive,positive", pnbinom_mu);
    distribution("pgeom", 2, "count,unit", pgeom);

    add("qnorm", 3, "unit,real,positive", qnorm);
    add("qlnorm", 3, "unit,real,positive", qlnorm);
    add("qlogis", 3, "unit,real,positive", qlogis);
    add("qexp", 2, "unit,positive", qexp);
    add("qweibull", 3, "unit,positive,positive", qweibull);
    add("qcauchy", 3, "unit,real,positive", qcauchy);
    add("qunif", 3, "unit,real,real", qunif);
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
