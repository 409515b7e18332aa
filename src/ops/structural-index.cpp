// Indexing: what moves numbers without arithmetic. Everything that base R can express as "apply
// the function to the positions" (t, rev, matrix, rep, x[i, j], ...) is a gather; its derivative
// is a scatter, and the other way round. Selections that keep the rows are in
// structural-columns.cpp.
#include <algorithm>
#include <numeric>

#include "ops/structural-info.h"
#include "ops/structural.h"

namespace admle {
namespace {

inline double at_flat(const Argument& x, std::int64_t flat, std::int64_t rows) {
  return x.rows == 1 && x.cols == 1 ? *x.data : x.data[flat % rows + (flat / rows) * x.ld];
}

// Where position i of a value with `rows` rows is in its tangent, which may be smaller: one row
// stands for all, columns are recycled.
std::int32_t tangent_position(Shape tangent, std::int64_t i, std::int32_t rows) {
  const std::int64_t row = tangent.rows == 1 ? 0 : i % rows;
  return static_cast<std::int32_t>(row + i / rows % tangent.cols * tangent.rows);
}

struct Element {
  static void run(const RunContext& at, const Argument* in, const Result& out) {
    const Graph& g = *at.graph;
    const std::int32_t rows = g.shape(g.input_of(at.id, 0)).rows;
    *out.data = at_flat(in[0], g.node(at.id).attribute, rows);
  }
  static void vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) {
    sink.add_at(0, std::make_shared<Index>(Index{g.node(id).attribute}), adjoint);
  }
  static Expr jvp(Graph& g, NodeId id, const Expr* t, std::int32_t directions) {
    const std::int32_t i = g.node(id).attribute;
    const Shape x = g.shape(g.input_of(id, 0)), have = t[0].shape();
    if (directions == 1) return element(t[0], tangent_position(have, i, x.rows));
    if (have == Shape{x.rows, x.cols * directions})
      return gather(t[0], Index{i}, {1, 1}, directions);
    Index positions;  // not expanded: that would cost the vector's length for each element
    for (std::int32_t d = 0; d < directions; ++d)
      positions.push_back(tangent_position(have, i + d * x.size(), x.rows));
    return gather(t[0], std::move(positions), {1, directions});
  }
};

// attribute: index over one block of the result; a = directions.
struct Gather {
  static void run(const RunContext& at, const Argument* in, const Result& out) {
    const Attribute& attribute = at.graph->attribute(at.id);
    const Index& index = *attribute.index;
    const Shape full = at.graph->shape(at.id);
    const Shape x = at.graph->shape(at.graph->input_of(at.id, 0));
    const std::int32_t block_cols = full.cols / attribute.a;
    const std::int64_t in_cols = x.cols / attribute.a;
    for (std::int32_t j = 0; j < out.cols; ++j) {
      const std::int64_t from = (j / block_cols) * in_cols * in[0].ld;
      const std::int64_t first =
          static_cast<std::int64_t>(j % block_cols) * full.rows + at.row_begin;
      const std::int32_t* position = index.data() + first;
      double* to = out.data + j * out.ld;
      if (x.cols == attribute.a) {  // blocks of one column: the common case
        const double* source = in[0].data + from;
        for (std::int32_t i = 0; i < out.rows; ++i) to[i] = source[position[i]];
      } else {
        for (std::int32_t i = 0; i < out.rows; ++i)
          to[i] = in[0].data[from + position[i] % x.rows + (position[i] / x.rows) * in[0].ld];
      }
    }
  }
  static void vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) {
    const Attribute attribute = g.attribute(id);
    const Shape x = g.shape(g.input_of(id, 0));
    if (attribute.a == 1) {
      sink.add_at(0, attribute.index, adjoint);
    } else {
      const Shape block{x.rows, x.cols / attribute.a};
      sink.add(0, scatter_add(adjoint, attribute.index, block, attribute.a));
    }
  }
  static Expr jvp(Graph& g, NodeId id, const Expr* t, std::int32_t directions) {
    const Attribute attribute = g.attribute(id);
    const Shape x = g.shape(g.input_of(id, 0)), out = g.shape(id);
    const Expr tangent = expand(t[0], {x.rows, x.cols * directions});
    return gather(tangent, attribute.index, {out.rows, out.cols / attribute.a},
                  attribute.a * directions);
  }
};

// attribute: index over one block of the input; a = directions.
struct ScatterAdd {
  static void run(const RunContext& at, const Argument* in, const Result& out) {
    const Attribute& attribute = at.graph->attribute(at.id);
    const Index& index = *attribute.index;
    const Shape x = at.graph->shape(at.graph->input_of(at.id, 0));
    const Shape full = at.graph->shape(at.id);
    const std::int32_t block_cols = x.cols / attribute.a;
    const std::int64_t out_cols = full.cols / attribute.a;
    for (std::int32_t j = 0; j < in[0].cols; ++j) {
      const double* from = in[0].data + j * in[0].ld;
      double* to = out.data + (j / block_cols) * out_cols * out.ld;
      const std::int64_t first = static_cast<std::int64_t>(j % block_cols) * x.rows + at.row_begin;
      for (std::int32_t i = 0; i < in[0].rows; ++i) {
        const std::int32_t position = index[static_cast<std::size_t>(first + i)];
        to[position % full.rows + (position / full.rows) * out.ld] += from[i];
      }
    }
  }
  static void vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) {
    const Attribute attribute = g.attribute(id);
    const Shape x = g.shape(g.input_of(id, 0));
    sink.add(0, gather(adjoint, attribute.index, {x.rows, x.cols / attribute.a}, attribute.a));
  }
  static Expr jvp(Graph& g, NodeId id, const Expr* t, std::int32_t directions) {
    const Attribute attribute = g.attribute(id);
    const Shape x = g.shape(g.input_of(id, 0)), out = g.shape(id);
    const Expr tangent = expand(t[0], {x.rows, x.cols * directions});
    return scatter_add(tangent, attribute.index, {out.rows, out.cols / attribute.a},
                       attribute.a * directions);
  }
};

struct Concat {
  static void run(const RunContext& at, const Argument* in, const Result& out) {
    const Graph& g = *at.graph;
    const std::uint32_t n = g.node(at.id).n_inputs;
    if (joins_columns(g, at.id)) {
      std::int32_t column = 0;
      for (std::uint32_t i = 0; i < n; ++i)
        for (std::int32_t j = 0; j < in[i].cols; ++j, ++column)
          std::copy_n(in[i].data + j * in[i].ld, out.rows, out.data + column * out.ld);
      return;
    }
    std::int64_t position = 0;
    for (std::uint32_t i = 0; i < n; ++i) {
      const std::int64_t rows = g.shape(g.input_of(at.id, i)).rows;
      const std::int64_t size = rows * in[i].cols;
      for (std::int64_t k = 0; k < size; ++k, ++position)
        out.data[position % out.rows + (position / out.rows) * out.ld] = at_flat(in[i], k, rows);
    }
  }
  static void vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) {
    std::int32_t begin = 0;
    const std::uint32_t n = g.node(id).n_inputs;
    for (std::uint32_t i = 0; i < n; ++i) {
      const Shape part = g.shape(g.input_of(id, i));
      if (sink.wants(i)) sink.add(i, slice(adjoint, begin, part));
      begin += static_cast<std::int32_t>(part.size());
    }
  }
  static Expr jvp(Graph& g, NodeId id, const Expr* t, std::int32_t directions) {
    const std::uint32_t n = g.node(id).n_inputs;
    const Shape out = g.shape(id);
    std::vector<Expr> parts;
    for (std::int32_t d = 0; d < directions; ++d) {
      for (std::uint32_t i = 0; i < n; ++i) {
        const Shape part = g.shape(g.input_of(id, i));
        if (t[i].is_zero()) {
          parts.push_back(expand(Expr(&g, g.constant(0.0)), part));
        } else {
          const Expr whole = expand(t[i], {part.rows, part.cols * directions});
          parts.push_back(slice(whole, static_cast<std::int32_t>(d * part.size()), part));
        }
      }
    }
    return concat(parts, {out.rows, out.cols * directions}, &g);
  }
};

struct Reshape {
  static void run(const RunContext& at, const Argument* in, const Result& out) {
    const Graph& g = *at.graph;
    const std::int64_t rows = g.shape(g.input_of(at.id, 0)).rows;
    std::int64_t k = 0;
    for (std::int32_t j = 0; j < out.cols; ++j)
      for (std::int32_t i = 0; i < out.rows; ++i, ++k)
        out.data[i + j * out.ld] = at_flat(in[0], k, rows);
  }
  static void vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) {
    sink.add(0, reshape(adjoint, g.shape(g.input_of(id, 0))));
  }
  static Expr jvp(Graph& g, NodeId id, const Expr* t, std::int32_t directions) {
    const Shape x = g.shape(g.input_of(id, 0)), out = g.shape(id);
    return reshape(expand(t[0], {x.rows, x.cols * directions}), {out.rows, out.cols * directions});
  }
};

// The part of a concatenation that holds positions [begin, begin + size), or -1.
std::int32_t part_holding(const Graph& g, NodeId concat, std::int64_t begin, std::int64_t size,
                          std::int64_t* offset) {
  std::int64_t at = 0;
  // Scalars only (no part is empty): found at once, since loops ask for one after the other.
  if (g.node(concat).n_inputs == g.shape(concat).size()) {
    *offset = 0;
    return size == 1 ? static_cast<std::int32_t>(begin) : -1;
  }
  for (std::uint32_t i = 0; i < g.node(concat).n_inputs; ++i) {
    const std::int64_t part = g.shape(g.input_of(concat, i)).size();
    if (begin < at + part) {
      *offset = begin - at;
      return begin + size <= at + part ? static_cast<std::int32_t>(i) : -1;
    }
    at += part;
  }
  return -1;
}

}  // namespace

bool contiguous(const Index& index) {
  for (std::size_t i = 1; i < index.size(); ++i)
    if (index[i] != index[i - 1] + 1) return false;
  return !index.empty();
}

void check_positions(const Index& index, std::int64_t size) {
  for (std::int32_t i : index)
    if (i < 0 || i >= size) throw GraphError("index out of bounds");
}

const StructuralInfo element_info{"element", RowKind::kNever, Element::run, Element::vjp,
                                  Element::jvp};
const StructuralInfo gather_info{"gather", RowKind::kMap, Gather::run, Gather::vjp, Gather::jvp};
const StructuralInfo scatter_add_info{"scatter_add", RowKind::kReduction, ScatterAdd::run,
                                      ScatterAdd::vjp, ScatterAdd::jvp};
const StructuralInfo concat_info{"concat", RowKind::kMap, Concat::run, Concat::vjp, Concat::jvp};
const StructuralInfo reshape_info{"reshape", RowKind::kNever, Reshape::run, Reshape::vjp,
                                  Reshape::jvp};
Expr element(Expr x, std::int32_t i) {
  if (x.is_literal()) return x;
  Graph* g = x.graph();
  const Shape s = x.shape();
  if (i < 0 || i >= s.size()) throw GraphError("index out of bounds");
  if (s.scalar()) return x;
  const Node node = g->node(x.id());
  if (node.op == Op::concat) {
    std::int64_t offset = 0;
    const std::int32_t part = part_holding(*g, x.id(), i, 1, &offset);
    return element(Expr(g, g->input_of(x.id(), static_cast<std::uint32_t>(part))),
                   static_cast<std::int32_t>(offset));
  }
  if (node.op == Op::gather && g->attribute(x.id()).a == 1)
    return element(Expr(g, g->input_of(x.id(), 0)),
                   (*g->attribute(x.id()).index)[static_cast<std::size_t>(i)]);
  if (node.op == Op::reshape) return element(Expr(g, g->input_of(x.id(), 0)), i);
  if (node.op == Op::broadcast) {
    const Expr from(g, g->input_of(x.id(), 0));
    return element(from, tangent_position(from.shape(), i, s.rows));
  }
  if (node.op == Op::constant) {
    const ConstBlock block = g->attribute(x.id()).source->rows(i % s.rows, 1);
    return Expr(g, g->constant(block.data[(i / s.rows) * block.ld]));
  }
  return Expr(g, g->structural(Op::element, x.id(), Shape{}, i));
}

Expr slice(Expr x, std::int32_t begin, Shape shape) {
  if (shape == x.shape() && begin == 0) return x;
  if (shape.scalar()) return element(x, begin);
  Graph* g = x.graph();
  if (shape.size() == x.shape().size() && begin == 0) return reshape(x, shape);
  if (g->node(x.id()).op == Op::concat) {
    std::int64_t offset = 0;
    const std::int32_t part = part_holding(*g, x.id(), begin, shape.size(), &offset);
    if (part >= 0)
      return slice(Expr(g, g->input_of(x.id(), static_cast<std::uint32_t>(part))),
                   static_cast<std::int32_t>(offset), shape);
  }
  Index index(static_cast<std::size_t>(shape.size()));
  std::iota(index.begin(), index.end(), begin);
  return gather(x, std::make_shared<Index>(std::move(index)), shape);
}

Expr gather(Expr x, std::shared_ptr<const Index> index, Shape shape, std::int32_t directions) {
  Graph* g = x.graph();
  const Shape s = x.shape();
  if (static_cast<std::int64_t>(index->size()) != shape.size())
    throw GraphError("an index of another length than its result");
  if (s.cols % directions != 0) throw GraphError("columns are not a multiple of the directions");
  check_positions(*index, s.size() / directions);
  if (directions == 1) {
    if (shape.scalar()) return element(x, (*index)[0]);
    const bool run = contiguous(*index);
    if (run && (*index)[0] == 0 && shape.size() == s.size()) return reshape(x, shape);
    if (g->node(x.id()).op == Op::concat && !index->empty()) {
      const auto [low, high] = std::minmax_element(index->begin(), index->end());
      std::int64_t offset = 0;
      const std::int32_t part = part_holding(*g, x.id(), *low, *high - *low + 1, &offset);
      if (part >= 0 && run) return slice(x, *low, shape);
      if (part >= 0) {
        const auto shift = static_cast<std::int32_t>(*low - offset);
        auto inside = std::make_shared<Index>(*index);
        for (std::int32_t& i : *inside) i -= shift;
        return gather(Expr(g, g->input_of(x.id(), static_cast<std::uint32_t>(part))), inside,
                      shape);
      }
    }
    const Node node = g->node(x.id());
    if (node.op == Op::reshape) return gather(Expr(g, g->input_of(x.id(), 0)), index, shape);
    if (node.op == Op::broadcast && g->shape(g->input_of(x.id(), 0)).scalar())
      return broadcast(Expr(g, g->input_of(x.id(), 0)), shape);
    if (node.op == Op::gather && g->attribute(x.id()).a == 1) {
      const Index& inner = *g->attribute(x.id()).index;
      auto composed = std::make_shared<Index>();
      composed->reserve(index->size());
      for (std::int32_t i : *index) composed->push_back(inner[static_cast<std::size_t>(i)]);
      return gather(Expr(g, g->input_of(x.id(), 0)), composed, shape);
    }
    // One column of a matrix for each row: a row-parallel selection.
    if (s.cols > 1 && shape.cols == 1 && shape.rows == s.rows) {
      bool aligned = true;
      for (std::int32_t i = 0; i < s.rows && aligned; ++i)
        aligned = (*index)[static_cast<std::size_t>(i)] % s.rows == i;
      if (aligned) {
        auto column = std::make_shared<Index>();
        column->reserve(index->size());
        for (std::int32_t i : *index) column->push_back(i / s.rows);
        return row_select(x, column, s.cols);
      }
    }
    // Whole columns.
    if (s.cols > 1 && s.rows > 1 && shape.rows == s.rows) {
      bool whole = true;
      auto column = std::make_shared<Index>();
      for (std::int32_t j = 0; j < shape.cols && whole; ++j) {
        const std::int32_t* first = index->data() + static_cast<std::int64_t>(j) * s.rows;
        whole = *first % s.rows == 0;
        for (std::int32_t i = 1; i < s.rows && whole; ++i) whole = first[i] == *first + i;
        column->push_back(*first / s.rows);
      }
      if (whole) return columns(x, column);
    }
  }
  Attribute attribute;
  attribute.index = std::move(index);
  attribute.a = directions;
  return Expr(g, g->structural(Op::gather, {x.id()}, {shape.rows, shape.cols * directions},
                               std::move(attribute)));
}

Expr gather(Expr x, Index index, Shape shape, std::int32_t directions) {
  return gather(x, std::make_shared<const Index>(std::move(index)), shape, directions);
}

Expr scatter_add(Expr x, std::shared_ptr<const Index> index, Shape shape, std::int32_t directions) {
  Attribute attribute;
  attribute.index = std::move(index);
  attribute.a = directions;
  Graph* g = x.graph();
  const std::int32_t in_cols = x.shape().cols / directions;
  if (static_cast<std::int64_t>(attribute.index->size()) !=
      static_cast<std::int64_t>(x.shape().rows) * in_cols)
    throw GraphError("an index of another length than what it places");
  check_positions(*attribute.index, shape.size());
  return Expr(g, g->structural(Op::scatter_add, {x.id()}, {shape.rows, shape.cols * directions},
                               std::move(attribute)));
}

Expr concat(const std::vector<Expr>& parts, Shape shape, Graph* g) {
  std::int64_t size = 0;
  std::vector<NodeId> ids;
  ids.reserve(parts.size());
  for (const Expr& part : parts) {
    if (part.shape().size() == 0) continue;
    size += part.shape().size();
    ids.push_back(part.in(g));
  }
  if (size != shape.size()) throw GraphError("parts do not add up to the whole");
  if (ids.size() == 1) return reshape(Expr(g, ids[0]), shape);
  return Expr(g, g->structural(Op::concat, ids, shape, Attribute{}));
}

Expr reshape(Expr x, Shape shape) {
  if (x.shape() == shape) return x;
  if (x.shape().size() != shape.size()) throw GraphError("cannot change the size of a value");
  Graph* g = x.graph();
  if (g->node(x.id()).op == Op::reshape) return reshape(Expr(g, g->input_of(x.id(), 0)), shape);
  return Expr(g, g->structural(Op::reshape, {x.id()}, shape, Attribute{}));
}

Expr expand(Expr x, Shape shape) {
  const Shape s = x.shape();
  if (s == shape) return x;
  if (s.size() == 0 || shape.size() % s.size() != 0)
    throw GraphError("cannot recycle a value to this size");
  if ((s.rows == 1 || s.rows == shape.rows) && shape.cols % s.cols == 0) return broadcast(x, shape);
  Index index(static_cast<std::size_t>(shape.size()));
  for (std::int64_t k = 0; k < shape.size(); ++k)
    index[static_cast<std::size_t>(k)] = static_cast<std::int32_t>(k % s.size());
  return gather(x, std::move(index), shape);
}

}  // namespace admle
