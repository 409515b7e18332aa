// "Split the last sum": the contributions of a log-likelihood that was returned as one number.
//
// A total such as -n/2 log(2 pi s^2) - sum(e^2) / (2 s^2) is linear in sums over the rows. Each sum
// gives its terms, times what multiplies it; what is not a sum is spread evenly over the rows.
#include <vector>

#include "model/recording.h"
#include "ops/structural.h"

namespace admle {
namespace {

struct Terms {
  Expr rows = 0;   // n x 1, or literal 0
  Expr rest = 0;   // a scalar
  std::int32_t n = 0;
  bool ok = true;
};

Terms walk(Graph& g, Expr total);

Terms sum_of(Expr v) {
  const std::int32_t n = v.shape().rows;
  Terms out;
  if (n == 1) {
    out.ok = false;
    return out;
  }
  out.rows = row_sums(v);
  out.n = n;
  return out;
}

Terms combine(Terms a, Terms b, bool subtract) {
  if (a.n != 0 && b.n != 0 && a.n != b.n) a.ok = false;
  a.n = a.n != 0 ? a.n : b.n;
  a.ok = a.ok && b.ok;
  if (!a.ok) return a;
  a.rows = subtract ? a.rows - b.rows : a.rows + b.rows;
  a.rest = subtract ? a.rest - b.rest : a.rest + b.rest;
  return a;
}

Terms scale(Terms a, Expr by, bool divide) {
  if (!a.ok) return a;
  a.rows = divide ? a.rows / by : a.rows * by;
  if (!a.rest.is_zero()) a.rest = divide ? a.rest / by : a.rest * by;
  return a;
}

Terms rest_of(Expr x) {
  Terms out;
  out.rest = x;
  return out;
}

Terms walk(Graph& g, Expr total) {
  const NodeId id = total.id();
  const Node node = g.node(id);
  const auto input = [&](std::uint32_t i) { return Expr(&g, g.input_of(id, i)); };
  switch (node.op) {
    case Op::block_sum: return sum_of(input(0));
    case Op::matmul:
      if (g.attribute(id).a && input(0).shape().cols == 1 && input(1).shape().cols == 1)
        return sum_of(input(0) * input(1));
      return rest_of(total);
    case Op::reshape:
    case Op::alias: return input(0).shape().scalar() ? walk(g, input(0)) : rest_of(total);
    case Op::neg: return scale(walk(g, input(0)), -1, false);
    case Op::add: return combine(walk(g, input(0)), walk(g, input(1)), false);
    case Op::sub: return combine(walk(g, input(0)), walk(g, input(1)), true);
    case Op::mul: {
      const Terms left = walk(g, input(0));
      if (left.ok && left.n != 0) return scale(left, input(1), false);
      const Terms right = walk(g, input(1));
      if (right.ok && right.n != 0) return scale(right, input(0), false);
      return rest_of(total);
    }
    case Op::div: {
      const Terms left = walk(g, input(0));
      return left.ok && left.n != 0 ? scale(left, input(1), true) : rest_of(total);
    }
    default: return rest_of(total);
  }
}

}  // namespace

NodeId split_sum(Graph& g, NodeId total) {
  const Terms terms = walk(g, Expr(&g, total));
  if (!terms.ok || terms.n == 0) return -1;
  Expr rows = terms.rows;
  if (!terms.rest.is_zero()) rows = rows + terms.rest / terms.n;
  return rows.id();
}

}  // namespace admle
