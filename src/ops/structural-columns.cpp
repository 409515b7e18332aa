// Indexing that keeps the rows: whole columns of a matrix, or one column for each row (x[i, g[i]]).
// Such a selection runs chunk by chunk, where a gather would need its argument whole. Its
// derivative is its transpose: columns_add of columns, row_place of row_select, and back.
#include <algorithm>

#include "ops/structural-info.h"
#include "ops/structural.h"

namespace admle {
namespace {

// attribute: index over the columns of the result.
struct Columns {
  static void run(const RunContext& at, const Argument* in, const Result& out) {
    const Index& index = *at.graph->attribute(at.id).index;
    for (std::int32_t j = 0; j < out.cols; ++j) {
      const double* from = in[0].data + index[static_cast<std::size_t>(j)] * in[0].ld;
      double* to = out.data + j * out.ld;
      for (std::int32_t i = 0; i < out.rows; ++i) to[i] = from[in[0].rows == 1 ? 0 : i];
    }
  }
  static void vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) {
    sink.add(0, columns_add(adjoint, g.attribute(id).index, g.shape(g.input_of(id, 0)).cols));
  }
  static Expr jvp(Graph& g, NodeId id, const Expr* t, std::int32_t directions) {
    const std::int32_t width = g.shape(g.input_of(id, 0)).cols;
    return columns(expand(t[0], {t[0].shape().rows, width * directions}),
                   repeat(*g.attribute(id).index, width, directions));
  }
  // The same index in each of `directions` blocks of `width` columns.
  static std::shared_ptr<const Index> repeat(const Index& index, std::int32_t width,
                                             std::int32_t directions) {
    auto out = std::make_shared<Index>();
    for (std::int32_t d = 0; d < directions; ++d)
      for (std::int32_t i : index) out->push_back(i + d * width);
    return out;
  }
};

struct Broadcast {
  static void run(const RunContext&, const Argument* in, const Result& out) {
    for (std::int32_t j = 0; j < out.cols; ++j) {
      const double* from = in[0].data + j % in[0].cols * in[0].ld;
      double* to = out.data + j * out.ld;
      if (in[0].rows == 1) std::fill_n(to, out.rows, *from);
      else std::copy_n(from, out.rows, to);
    }
  }
  static void vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) {
    const Shape x = g.shape(g.input_of(id, 0));
    const Expr sums = row_sums(adjoint, x.cols, true);
    sink.add(0, x.rows == 1 ? block_sum(sums, x.cols) : sums);
  }
  static Expr jvp(Graph& g, NodeId id, const Expr* t, std::int32_t directions) {
    const Shape x = g.shape(g.input_of(id, 0)), out = g.shape(id);
    const Expr tangent = expand(t[0], {x.rows, x.cols * directions});
    Index recycled;
    for (std::int32_t j = 0; j < out.cols; ++j) recycled.push_back(j % x.cols);
    return broadcast(columns(tangent, Columns::repeat(recycled, x.cols, directions)),
                     {out.rows, out.cols * directions});
  }
};

// attribute: index over the columns of x.
struct ColumnsAdd {
  static void run(const RunContext& at, const Argument* in, const Result& out) {
    const Index& index = *at.graph->attribute(at.id).index;
    for (std::int32_t j = 0; j < out.cols; ++j) std::fill_n(out.data + j * out.ld, out.rows, 0.0);
    for (std::int32_t j = 0; j < in[0].cols; ++j) {
      const double* from = in[0].data + j * in[0].ld;
      double* to = out.data + index[static_cast<std::size_t>(j)] * out.ld;
      for (std::int32_t i = 0; i < out.rows; ++i) to[i] += from[i];
    }
  }
  static void vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) {
    sink.add(0, columns(adjoint, g.attribute(id).index));
  }
  static Expr jvp(Graph& g, NodeId id, const Expr* t, std::int32_t directions) {
    const std::int32_t width = g.shape(id).cols;
    const Shape x = g.shape(g.input_of(id, 0));
    return columns_add(expand(t[0], {x.rows, x.cols * directions}),
                       Columns::repeat(*g.attribute(id).index, width, directions),
                       width * directions);
  }
};

// attribute: index by row; a = columns J of one block of x.
struct RowSelect {
  static void run(const RunContext& at, const Argument* in, const Result& out) {
    const Attribute& attribute = at.graph->attribute(at.id);
    const std::int32_t* column = attribute.index->data() + at.row_begin;
    for (std::int32_t d = 0; d < out.cols; ++d) {
      const double* from = in[0].data + static_cast<std::int64_t>(d) * attribute.a * in[0].ld;
      double* to = out.data + d * out.ld;
      for (std::int32_t i = 0; i < out.rows; ++i) to[i] = from[i + column[i] * in[0].ld];
    }
  }
  static void vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) {
    sink.add(0, row_place(adjoint, g.attribute(id).index, g.attribute(id).a));
  }
  static Expr jvp(Graph& g, NodeId id, const Expr* t, std::int32_t directions) {
    const Shape x = g.shape(g.input_of(id, 0));
    return row_select(expand(t[0], {x.rows, x.cols * directions}), g.attribute(id).index,
                      g.attribute(id).a);
  }
};

// attribute: index by row; a = columns J of one block of the result.
struct RowPlace {
  static void run(const RunContext& at, const Argument* in, const Result& out) {
    const Attribute& attribute = at.graph->attribute(at.id);
    const std::int32_t* column = attribute.index->data() + at.row_begin;
    for (std::int32_t j = 0; j < out.cols; ++j) std::fill_n(out.data + j * out.ld, out.rows, 0.0);
    for (std::int32_t d = 0; d < in[0].cols; ++d) {
      const double* from = in[0].data + d * in[0].ld;
      double* to = out.data + static_cast<std::int64_t>(d) * attribute.a * out.ld;
      for (std::int32_t i = 0; i < out.rows; ++i) to[i + column[i] * out.ld] = from[i];
    }
  }
  static void vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) {
    sink.add(0, row_select(adjoint, g.attribute(id).index, g.attribute(id).a));
  }
  static Expr jvp(Graph& g, NodeId id, const Expr* t, std::int32_t directions) {
    const Shape x = g.shape(g.input_of(id, 0));
    return row_place(expand(t[0], {x.rows, x.cols * directions}), g.attribute(id).index,
                     g.attribute(id).a);
  }
};

}  // namespace

const StructuralInfo columns_info{"columns", RowKind::kMap, Columns::run, Columns::vjp,
                                  Columns::jvp};
const StructuralInfo broadcast_info{"broadcast", RowKind::kMap, Broadcast::run, Broadcast::vjp,
                                    Broadcast::jvp};
const StructuralInfo columns_add_info{"columns_add", RowKind::kMap, ColumnsAdd::run,
                                      ColumnsAdd::vjp, ColumnsAdd::jvp};
const StructuralInfo row_select_info{"row_select", RowKind::kMap, RowSelect::run, RowSelect::vjp,
                                     RowSelect::jvp};
const StructuralInfo row_place_info{"row_place", RowKind::kMap, RowPlace::run, RowPlace::vjp,
                                    RowPlace::jvp};

Expr columns(Expr x, std::shared_ptr<const Index> index) {
  Graph* g = x.graph();
  const Shape s = x.shape();
  check_positions(*index, s.cols);
  bool all = static_cast<std::int32_t>(index->size()) == s.cols;
  for (std::int32_t j = 0; j < s.cols && all; ++j) all = (*index)[static_cast<std::size_t>(j)] == j;
  if (all) return x;
  Attribute attribute;
  const auto cols = static_cast<std::int32_t>(index->size());
  attribute.index = std::move(index);
  return Expr(g, g->structural(Op::columns, {x.id()}, {s.rows, cols}, std::move(attribute)));
}

Expr broadcast(Expr x, Shape shape) {
  if (shape == x.shape()) return x;
  Graph* g = x.graph();
  return Expr(g, g->structural(Op::broadcast, {x.id()}, shape, Attribute{}));
}

Expr columns_add(Expr x, std::shared_ptr<const Index> index, std::int32_t cols) {
  Graph* g = x.graph();
  Attribute attribute;
  attribute.index = std::move(index);
  return Expr(
      g, g->structural(Op::columns_add, {x.id()}, {x.shape().rows, cols}, std::move(attribute)));
}

Expr row_select(Expr x, std::shared_ptr<const Index> column, std::int32_t block) {
  Graph* g = x.graph();
  Attribute attribute;
  attribute.index = std::move(column);
  attribute.a = block;
  return Expr(g, g->structural(Op::row_select, {x.id()}, {x.shape().rows, x.shape().cols / block},
                               std::move(attribute)));
}

Expr row_place(Expr x, std::shared_ptr<const Index> column, std::int32_t block) {
  Graph* g = x.graph();
  Attribute attribute;
  attribute.index = std::move(column);
  attribute.a = block;
  return Expr(g, g->structural(Op::row_place, {x.id()}, {x.shape().rows, x.shape().cols * block},
                               std::move(attribute)));
}

}  // namespace admle
