// Algebraic identities and stability rewrites.
//
// An identity is used only where it holds for every double, infinities and NaN included
// (x * 1, x + 0 up to the sign of zero), never x * 0 = 0. A stability rewrite replaces a formula
// by the function it means: log(plogis(x)) loses everything at x = -800, its rewrite nothing.
#include "graph/rewrite.h"

#include <cmath>

namespace admle {
namespace {

bool is_number(const Graph& g, NodeId id, double value) {
  return g.is_scalar(id) && g.scalar_value(id) == value;
}

struct LogForm {
  Op of;  // log(of(arguments)) ...
  Op is;  // ... is this of the same arguments
};

constexpr LogForm kLogForms[] = {
    {Op::logistic, Op::log_logistic},  {Op::cdf_normal, Op::log_cdf_normal},
    {Op::gamma_p, Op::log_gamma_p},    {Op::gamma_q, Op::log_gamma_q},
    {Op::beta_p, Op::log_beta_p},      {Op::beta_q, Op::log_beta_q},
    {Op::student_p, Op::log_student_p}};

NodeId rewrite_log(Graph& g, NodeId x) {
  const Node inner = g.node(x);
  if (inner.op == Op::exp) return g.input_of(x, 0);
  for (const LogForm& form : kLogForms) {
    if (inner.op != form.of) continue;
    NodeId inputs[4];
    for (std::uint32_t i = 0; i < inner.n_inputs; ++i) inputs[i] = g.input_of(x, i);
    return g.apply(form.is, inputs, inner.n_inputs);
  }
  if (inner.op == Op::add) {
    for (std::uint32_t i = 0; i < 2; ++i) {
      const NodeId one = g.input_of(x, i), other = g.input_of(x, 1 - i);
      if (is_number(g, one, 1) && g.node(other).op == Op::exp)
        return g.apply(Op::log1p_exp, {g.input_of(other, 0)});
    }
  }
  // log(1 - exp(-u)) and log(exp(x) - 1) = x + log(1 - exp(-x))
  if (inner.op == Op::sub) {
    const NodeId left = g.input_of(x, 0), right = g.input_of(x, 1);
    if (is_number(g, left, 1) && g.node(right).op == Op::exp) {
      const NodeId u = g.apply(Op::neg, {g.input_of(right, 0)});
      return g.apply(Op::log1m_exp, {u});
    }
    if (is_number(g, right, 1) && g.node(left).op == Op::exp) {
      const NodeId u = g.input_of(left, 0);
      return g.apply(Op::add, {u, g.apply(Op::log1m_exp, {u})});
    }
  }
  return -1;
}

// 1 - p, where p is a probability whose complement is a function of its own.
NodeId rewrite_complement(Graph& g, NodeId p) {
  const Op op = g.node(p).op;
  if (op == Op::logistic || op == Op::cdf_normal)
    return g.apply(op, {g.apply(Op::neg, {g.input_of(p, 0)})});
  if (op == Op::gamma_p || op == Op::gamma_q)
    return g.apply(op == Op::gamma_p ? Op::gamma_q : Op::gamma_p,
                   {g.input_of(p, 0), g.input_of(p, 1)});
  if (op == Op::beta_p || op == Op::beta_q)
    return g.apply(op == Op::beta_p ? Op::beta_q : Op::beta_p,
                   {g.input_of(p, 0), g.input_of(p, 1), g.input_of(p, 2)});
  if (op == Op::student_p)
    return g.apply(op, {g.apply(Op::neg, {g.input_of(p, 0)}), g.input_of(p, 1)});
  return -1;
}

NodeId rewrite_pow(Graph& g, NodeId x, NodeId y) {
  if (!g.is_scalar(y)) return -1;
  const double power = g.scalar_value(y);
  if (power == 1) return x;
  if (power == 2) return g.apply(Op::square, {x});
  if (power == 0 && g.shape(x).scalar()) return g.constant(1.0);
  return -1;
}

}  // namespace

NodeId rewrite(Graph& g, Op op, const NodeId* in, Shape shape) {
  const auto keeps_shape = [&](NodeId id) { return g.shape(id) == shape; };
  switch (op) {
    case Op::add:
      if (is_number(g, in[0], 0) && keeps_shape(in[1])) return in[1];
      if (is_number(g, in[1], 0) && keeps_shape(in[0])) return in[0];
      if (g.node(in[1]).op == Op::neg) return g.apply(Op::sub, {in[0], g.input_of(in[1], 0)});
      if (g.node(in[0]).op == Op::neg) return g.apply(Op::sub, {in[1], g.input_of(in[0], 0)});
      return -1;
    case Op::sub:
      if (is_number(g, in[1], 0) && keeps_shape(in[0])) return in[0];
      if (is_number(g, in[0], 0) && keeps_shape(in[1])) return g.apply(Op::neg, {in[1]});
      if (is_number(g, in[0], 1)) return rewrite_complement(g, in[1]);
      if (g.node(in[1]).op == Op::neg) return g.apply(Op::add, {in[0], g.input_of(in[1], 0)});
      return -1;
    case Op::mul:
      for (int i = 0; i < 2; ++i) {
        if (!keeps_shape(in[1 - i])) continue;
        if (is_number(g, in[i], 1)) return in[1 - i];
        if (is_number(g, in[i], -1)) return g.apply(Op::neg, {in[1 - i]});
      }
      return -1;
    case Op::mulz:
      for (int i = 0; i < 2; ++i) {
        if (!g.is_scalar(in[i])) continue;
        const double value = g.scalar_value(in[i]);
        if (value == 0) return g.constant(0.0);
        // A finite factor that is not zero needs no special case.
        if (std::isfinite(value)) return g.apply(Op::mul, {in[0], in[1]});
      }
      if (g.is_finite(in[0]) && g.is_finite(in[1])) return g.apply(Op::mul, {in[0], in[1]});
      return -1;
    case Op::div:
      if (is_number(g, in[1], 1) && keeps_shape(in[0])) return in[0];
      return -1;
    case Op::neg:
      if (g.node(in[0]).op == Op::neg) return g.input_of(in[0], 0);
      if (g.node(in[0]).op == Op::sub)
        return g.apply(Op::sub, {g.input_of(in[0], 1), g.input_of(in[0], 0)});
      return -1;
    case Op::pow: return rewrite_pow(g, in[0], in[1]);
    case Op::log: return rewrite_log(g, in[0]);
    case Op::log1p:
      if (g.node(in[0]).op == Op::exp) return g.apply(Op::log1p_exp, {g.input_of(in[0], 0)});
      return -1;
    default: return -1;
  }
}

}  // namespace admle
