// Sums, cumulative sums, extremes and orderings.
//
// Sums over columns come in blocks: the columns of a derivative in D directions fall into D blocks
// and each is summed by itself. Products are built from multiplications (a balanced tree), so they
// need no rule of their own and are right at zeros, to any order.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "ops/structural-info.h"
#include "ops/structural.h"

namespace admle {
namespace {

// Sum of a column with eight partial sums: accurate, and the compiler can vectorise it.
double column_sum(const double* x, std::int32_t n) {
  double part[8] = {0, 0, 0, 0, 0, 0, 0, 0};
  std::int32_t i = 0;
  for (; i + 8 <= n; i += 8)
    for (int k = 0; k < 8; ++k) part[k] += x[i + k];
  double rest = 0;
  for (; i < n; ++i) rest += x[i];
  return ((part[0] + part[4]) + (part[1] + part[5])) + ((part[2] + part[6]) + (part[3] + part[7])) +
         rest;
}

// a = blocks.
struct BlockSum {
  static void run(const RunContext& at, const Argument* in, const Result& out) {
    const std::int32_t width = in[0].cols / at.graph->attribute(at.id).a;
    for (std::int32_t j = 0; j < in[0].cols; ++j)
      out.data[(j / width) * out.ld] += column_sum(in[0].data + j * in[0].ld, in[0].rows);
  }
  static void vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) {
    const Shape x = g.shape(g.input_of(id, 0));
    const std::int32_t blocks = g.attribute(id).a;
    sink.add(0, blocks == 1 ? adjoint
                            : columns(expand(adjoint, {1, blocks}), each(blocks, x.cols / blocks)));
  }
  static Expr jvp(Graph& g, NodeId id, const Expr* t, std::int32_t directions) {
    const Shape x = g.shape(g.input_of(id, 0));
    return block_sum(expand(t[0], {x.rows, x.cols * directions}), g.attribute(id).a * directions);
  }
  static std::shared_ptr<const Index> each(std::int32_t blocks, std::int32_t times) {
    auto index = std::make_shared<Index>();
    for (std::int32_t b = 0; b < blocks; ++b)
      index->insert(index->end(), static_cast<std::size_t>(times), b);
    return index;
  }
};

// a = blocks, b = 1 when block d is the columns d, d + blocks, ... (recycled).
struct RowSum {
  static void run(const RunContext& at, const Argument* in, const Result& out) {
    const Attribute& attribute = at.graph->attribute(at.id);
    const std::int32_t width = in[0].cols / attribute.a;
    for (std::int32_t d = 0; d < out.cols; ++d) std::fill_n(out.data + d * out.ld, out.rows, 0.0);
    for (std::int32_t j = 0; j < in[0].cols; ++j) {
      const std::int32_t d = attribute.b ? j % attribute.a : j / width;
      const double* from = in[0].data + j * in[0].ld;
      double* to = out.data + d * out.ld;
      for (std::int32_t i = 0; i < out.rows; ++i) to[i] += from[i];
    }
  }
  static void vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) {
    const Shape x = g.shape(g.input_of(id, 0));
    const Attribute attribute = g.attribute(id);
    auto index = std::make_shared<Index>();
    const std::int32_t width = x.cols / attribute.a;
    for (std::int32_t j = 0; j < x.cols; ++j)
      index->push_back(attribute.b ? j % attribute.a : j / width);
    sink.add(0, columns(adjoint, index));
  }
  static Expr jvp(Graph& g, NodeId id, const Expr* t, std::int32_t directions) {
    const Shape x = g.shape(g.input_of(id, 0));
    const Attribute attribute = g.attribute(id);
    const Expr tangent = expand(t[0], {x.rows, x.cols * directions});
    if (!attribute.b) return row_sums(tangent, attribute.a * directions);
    // Recycled blocks: bring the columns of each block together first.
    auto index = std::make_shared<Index>();
    for (std::int32_t d = 0; d < directions; ++d)
      for (std::int32_t b = 0; b < attribute.a; ++b)
        for (std::int32_t j = b; j < x.cols; j += attribute.a) index->push_back(d * x.cols + j);
    return row_sums(columns(tangent, index), attribute.a * directions);
  }
};

// a = 1 from the last element backwards.
struct Cumulate {
  static void run(const RunContext& at, const Argument* in, const Result& out) {
    const bool reverse = at.graph->attribute(at.id).a != 0;
    for (std::int32_t j = 0; j < out.cols; ++j) {
      const double* from = in[0].data + j * in[0].ld;
      double* to = out.data + j * out.ld;
      double total = 0;
      for (std::int32_t k = 0; k < out.rows; ++k) {
        const std::int32_t i = reverse ? out.rows - 1 - k : k;
        to[i] = total += from[i];
      }
    }
  }
  static void vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) {
    sink.add(0, cumsum(expand(adjoint, g.shape(id)), g.attribute(id).a == 0));
  }
  static Expr jvp(Graph& g, NodeId id, const Expr* t, std::int32_t directions) {
    const Shape x = g.shape(id);
    return cumsum(expand(t[0], {x.rows, x.cols * directions}), g.attribute(id).a != 0);
  }
};

// Position of the first extreme element, NaN left out, or -1 when there is none.
std::int64_t find_extreme(const Argument& x, bool maximum, std::int32_t rows) {
  std::int64_t best = -1;
  double value = 0;
  for (std::int32_t j = 0; j < x.cols; ++j) {
    for (std::int32_t i = 0; i < rows; ++i) {
      const double candidate = x.data[i + j * x.ld];
      if (std::isnan(candidate)) continue;
      if (best < 0 || (maximum ? candidate > value : candidate < value)) {
        best = i + static_cast<std::int64_t>(j) * rows;
        value = candidate;
      }
    }
  }
  return best;
}

// a = 1 for the maximum.
struct Extreme {
  static void run(const RunContext& at, const Argument* in, const Result& out) {
    const bool maximum = at.graph->attribute(at.id).a != 0;
    const std::int32_t rows = at.graph->shape(at.graph->input_of(at.id, 0)).rows;
    const std::int64_t best = find_extreme(in[0], maximum, rows);
    *out.data = best < 0 ? std::nan("") : in[0].data[best % rows + (best / rows) * in[0].ld];
    for (std::int32_t j = 0; j < in[0].cols; ++j)
      for (std::int32_t i = 0; i < rows; ++i)
        if (std::isnan(in[0].data[i + j * in[0].ld])) *out.data = std::nan("");
  }
  static Expr where(Graph& g, NodeId id) {
    return extreme_at(Expr(&g, g.input_of(id, 0)), g.attribute(id).a != 0);
  }
  static void vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) {
    sink.add(0, mulz(where(g, id), adjoint));
  }
  static Expr jvp(Graph& g, NodeId id, const Expr* t, std::int32_t directions) {
    return block_sum(mulz(where(g, id), t[0]), directions);
  }
};

struct ExtremeAt {
  static void run(const RunContext& at, const Argument* in, const Result& out) {
    for (std::int32_t j = 0; j < out.cols; ++j) std::fill_n(out.data + j * out.ld, out.rows, 0.0);
    const std::int64_t best = find_extreme(in[0], at.graph->attribute(at.id).a != 0, out.rows);
    if (best >= 0) out.data[best % out.rows + (best / out.rows) * out.ld] = 1;
  }
};

struct CumextremeAt {
  static void run(const RunContext& at, const Argument* in, const Result& out) {
    const bool maximum = at.graph->attribute(at.id).a != 0;
    std::int32_t best = 0;
    for (std::int32_t i = 0; i < out.rows; ++i) {
      const double now = in[0].data[i], value = in[0].data[best];
      if (std::isnan(now) ? !std::isnan(value) : (maximum ? now > value : now < value)) best = i;
      out.data[i] = best;
    }
  }
};

// a = 1 for decreasing; stable; NaN last.
struct OrderOf {
  static void run(const RunContext& at, const Argument* in, const Result& out) {
    const bool decreasing = at.graph->attribute(at.id).a != 0;
    const double* x = in[0].data;
    std::vector<std::int32_t> order(static_cast<std::size_t>(out.rows));
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::int32_t i, std::int32_t j) {
      if (std::isnan(x[i]) || std::isnan(x[j])) return !std::isnan(x[i]) && std::isnan(x[j]);
      return decreasing ? x[i] > x[j] : x[i] < x[j];
    });
    for (std::int32_t i = 0; i < out.rows; ++i)
      out.data[i] = order[static_cast<std::size_t>(i)] + 1;
  }
};

Expr with_flag(Op op, Expr x, Shape shape, std::int32_t a, std::int32_t b = 0) {
  Attribute attribute;
  attribute.a = a;
  attribute.b = b;
  return Expr(x.graph(), x.graph()->structural(op, {x.id()}, shape, attribute));
}

Expr as_vector(Expr x) { return reshape(x, {static_cast<std::int32_t>(x.shape().size()), 1}); }

}  // namespace

const StructuralInfo block_sum_info{"block_sum", RowKind::kReduction, BlockSum::run, BlockSum::vjp,
                                    BlockSum::jvp};
const StructuralInfo row_sum_info{"row_sum", RowKind::kMap, RowSum::run, RowSum::vjp, RowSum::jvp};
const StructuralInfo cumulate_info{"cumulate", RowKind::kNever, Cumulate::run, Cumulate::vjp,
                                   Cumulate::jvp};
const StructuralInfo extreme_info{"extreme", RowKind::kNever, Extreme::run, Extreme::vjp,
                                  Extreme::jvp};
const StructuralInfo extreme_at_info{"extreme_at", RowKind::kNever, ExtremeAt::run, no_vjp, no_jvp};
const StructuralInfo cumextreme_at_info{"cumextreme_at", RowKind::kNever, CumextremeAt::run, no_vjp,
                                        no_jvp};
const StructuralInfo order_of_info{"order_of", RowKind::kNever, OrderOf::run, no_vjp, no_jvp};

Expr block_sum(Expr x, std::int32_t blocks) {
  const Shape s = x.shape();
  if (s.cols % blocks != 0) throw GraphError("columns are not a multiple of the blocks");
  if (s.rows == 1 && s.cols == blocks) return x;
  return with_flag(Op::block_sum, x, {1, blocks}, blocks);
}

Expr sum(Expr x) { return x.is_literal() || x.shape().scalar() ? x : block_sum(x, 1); }

Expr col_sums(Expr x) {
  const std::int32_t cols = x.shape().cols;
  return reshape(block_sum(x, cols), {cols, 1});
}

Expr row_sums(Expr x, std::int32_t blocks, bool recycled) {
  const Shape s = x.shape();
  if (s.cols == blocks) return x;
  return with_flag(Op::row_sum, x, {s.rows, blocks}, blocks, recycled);
}

Expr cumsum(Expr x, bool reverse) { return with_flag(Op::cumulate, x, x.shape(), reverse); }

// Pairs, then pairs of pairs: log2(n) elementwise products.
Expr prod(Expr x) {
  Expr v = as_vector(x);
  while (v.shape().rows > 1) {
    const std::int32_t n = v.shape().rows, half = n / 2;
    const Expr pairs = slice(v, 0, {half, 1}) * slice(v, half, {half, 1});
    v = n % 2 == 0 ? pairs : concat({pairs, element(v, n - 1)}, {half + 1, 1}, x.graph());
  }
  return v;
}

// Doubling: after step k every element holds the product of the last 2^k.
Expr cumprod(Expr x) {
  Expr v = as_vector(x);
  const std::int32_t n = v.shape().rows;
  for (std::int32_t shift = 1; shift < n; shift *= 2) {
    const Expr tail = slice(v, shift, {n - shift, 1}) * slice(v, 0, {n - shift, 1});
    v = concat({slice(v, 0, {shift, 1}), tail}, {n, 1}, x.graph());
  }
  return v;
}

Expr max(Expr x) { return x.shape().scalar() ? x : with_flag(Op::extreme, x, Shape{}, 1); }
Expr min(Expr x) { return x.shape().scalar() ? x : with_flag(Op::extreme, x, Shape{}, 0); }
Expr extreme_at(Expr x, bool maximum) { return with_flag(Op::extreme_at, x, x.shape(), maximum); }
Expr cumextreme_at(Expr x, bool maximum) {
  const Expr v = as_vector(x);
  return with_flag(Op::cumextreme_at, v, v.shape(), maximum);
}
Expr order_of(Expr x, bool decreasing) {
  const Expr v = as_vector(x);
  return with_flag(Op::order_of, v, v.shape(), decreasing);
}

}  // namespace admle
