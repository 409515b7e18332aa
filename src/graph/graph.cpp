// Building nodes: broadcasting, sharing (hash-consing), folding of scalars. The algebraic and
// stability rewrites are in rewrite.cpp.
#include "graph/graph.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "graph/op.h"
#include "graph/rewrite.h"

namespace admle {
namespace {

constexpr std::size_t kFirstTable = 256;

inline std::uint64_t mix(std::uint64_t h, std::uint64_t value) {
  h ^= value + 0x9e3779b97f4a7c15ULL + (h << 6) + (h >> 2);
  return h * 0xff51afd7ed558ccdULL;
}

// A product leaves the low bits badly mixed.
inline std::uint32_t finished(std::uint64_t h) { return static_cast<std::uint32_t>(h >> 32); }

// A node is looked for near twice its latest input first: nodes made one after the other then use
// the same few pages of the table, and a graph of millions of nodes is built from cache. Where
// many nodes have one latest input, a place given by the hash alone follows.
constexpr std::size_t kNearEntries = 512, kNearTries = 16;

std::size_t near_entry(Op op, const NodeId* inputs, std::size_t n, std::int32_t attribute,
                       std::uint32_t h) {
  if (n == 0) return h;
  NodeId latest = 0;
  for (std::size_t i = 0; i < n; ++i) latest = std::max(latest, inputs[i]);
  const std::int32_t position = op == Op::element ? attribute : 0;
  return 2 * (static_cast<std::size_t>(latest) + static_cast<std::size_t>(position));
}

std::uint64_t bits_of(double value) {
  std::uint64_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

bool all_finite(const Source& source, Shape shape) {
  const ConstBlock block = source.rows(0, shape.rows);
  for (std::int64_t j = 0; j < shape.cols; ++j) {
    const double* const x = block.data + j * block.ld;
    double total = 0;  // of zeros, or NaN
    for (std::int32_t i = 0; i < shape.rows; ++i) total += x[i] - x[i];
    if (total != 0) return false;
  }
  return true;
}

std::string describe(Shape s) { return std::to_string(s.rows) + " x " + std::to_string(s.cols); }

}  // namespace

std::vector<char> needed_by(const Graph& graph, const std::vector<NodeId>& wanted) {
  std::vector<char> needed(static_cast<std::size_t>(graph.size()), 0);
  for (NodeId id : wanted) needed[static_cast<std::size_t>(id)] = 1;
  for (NodeId id = graph.size() - 1; id >= 0; --id)
    if (needed[static_cast<std::size_t>(id)])
      for (std::uint32_t i = 0; i < graph.node(id).n_inputs; ++i)
        needed[static_cast<std::size_t>(graph.input_of(id, i))] = 1;
  return needed;
}

Shape broadcast_shape(const Graph& graph, const NodeId* inputs, std::size_t n) {
  Shape out;
  for (std::size_t i = 0; i < n; ++i) {
    const Shape s = graph.shape(inputs[i]);
    if (s.cols == 0) throw GraphError("arithmetic on a matrix without columns");
    if (s.rows != 1) {
      if (out.rows != 1 && out.rows != s.rows)
        throw GraphError("arguments of sizes " + describe(out) + " and " + describe(s) +
                         " do not fit together");
      out.rows = s.rows;
    }
    const std::int32_t wide = s.cols > out.cols ? s.cols : out.cols;
    if (wide % s.cols != 0 || wide % out.cols != 0)
      throw GraphError("arguments of " + std::to_string(out.cols) + " and " +
                       std::to_string(s.cols) + " columns do not fit together");
    out.cols = wide;
  }
  return out;
}

bool Guard::holds(const double* now) const {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (std::isnan(expected[i]) ? !std::isnan(now[i]) : now[i] != expected[i]) return false;
  }
  return true;
}

Graph::Graph() : table_(kFirstTable) {}

bool Graph::is_finite(NodeId id) const {
  Finite& known = finite_[static_cast<std::size_t>(id)];
  if (known == Finite::unknown)
    known = all_finite(*attribute(id).source, shape(id)) ? Finite::yes : Finite::no;
  return known == Finite::yes;
}

// Matrices are multiplied by what is in them, so data are not looked through for a product.
Graph::Finite Graph::finite_result(Op op, const NodeId* inputs, std::size_t n,
                                   std::int32_t attribute) const {
  if (op == Op::constant) return Finite::unknown;
  if (op == Op::scalar)
    return std::isfinite(scalars_[static_cast<std::size_t>(attribute)]) ? Finite::yes : Finite::no;
  // A quotient by a number other than 0.
  if (op == Op::div && is_scalar(inputs[1]) && scalar_value(inputs[1]) != 0) n = 1;
  else if (range_of(op) == Range::kSingular) return Finite::no;
  for (std::size_t i = 0; i < n; ++i) {
    if (op == Op::matmul && node(inputs[i]).op == Op::constant) continue;
    if (!is_finite(inputs[i])) return Finite::no;
  }
  return Finite::yes;
}

NodeId Graph::push(Op op, const NodeId* inputs, std::size_t n, Shape shape,
                   std::int32_t attribute) {
  if (nodes_.size() >= static_cast<std::size_t>(std::numeric_limits<NodeId>::max()))
    throw GraphError("the function is too long to record: more than 2^31 operations");
  Node node{
      op,        shape,  static_cast<std::uint32_t>(inputs_.size()), static_cast<std::uint32_t>(n),
      attribute, origin_};
  bool fixed = op != Op::input;
  for (std::size_t i = 0; i < n; ++i) fixed = fixed && is_fixed(inputs[i]);
  inputs_.insert(inputs_.end(), inputs, inputs + n);
  nodes_.push_back(node);
  fixed_.push_back(fixed);
  finite_.push_back(finite_result(op, inputs, n, attribute));
  return size() - 1;
}

std::uint32_t Graph::hash(Op op, const NodeId* inputs, std::size_t n, Shape shape,
                          std::int32_t immediate, const Attribute* attribute) const {
  std::uint64_t h = mix(static_cast<std::uint64_t>(op), static_cast<std::uint64_t>(shape.rows));
  h = mix(h, static_cast<std::uint64_t>(shape.cols));
  for (std::size_t i = 0; i < n; ++i) h = mix(h, static_cast<std::uint64_t>(inputs[i]));
  if (attribute == nullptr) return finished(mix(h, static_cast<std::uint64_t>(immediate)));
  h = mix(h, static_cast<std::uint64_t>(attribute->a) ^
                 static_cast<std::uint64_t>(attribute->b) << 16 ^
                 static_cast<std::uint64_t>(attribute->c) << 32 ^
                 static_cast<std::uint64_t>(attribute->d) << 48);
  if (attribute->source) h = mix(h, reinterpret_cast<std::uintptr_t>(attribute->source->key()));
  if (attribute->extension)
    h = mix(h, reinterpret_cast<std::uintptr_t>(attribute->extension.get()));
  if (attribute->index) {
    h = mix(h, attribute->index->size());
    for (std::int32_t i : *attribute->index) h = mix(h, static_cast<std::uint64_t>(i));
  }
  return finished(h);
}

bool Graph::same(NodeId id, Op op, const NodeId* in, std::size_t n, Shape shape,
                 std::int32_t immediate, const Attribute* attribute) const {
  const Node& node = this->node(id);
  if (node.op != op || node.shape != shape || node.n_inputs != n) return false;
  for (std::size_t i = 0; i < n; ++i)
    if (inputs(id)[i] != in[i]) return false;
  if (attribute == nullptr) return node.attribute == immediate;
  const Attribute& other = this->attribute(id);
  if (other.a != attribute->a || other.b != attribute->b || other.c != attribute->c ||
      other.d != attribute->d || other.extension != attribute->extension)
    return false;
  const void* key = attribute->source ? attribute->source->key() : nullptr;
  if ((other.source ? other.source->key() : nullptr) != key) return false;
  if (static_cast<bool>(other.index) != static_cast<bool>(attribute->index)) return false;
  return !other.index || other.index == attribute->index || *other.index == *attribute->index;
}

template <class Same>
std::size_t Graph::find_entry(std::size_t near, std::uint32_t h, Same same) const {
  const std::size_t mask = table_.size() - 1;
  const auto ends = [&](std::size_t at) {
    return table_[at].id < 0 || (table_[at].hash == h && same(table_[at].id));
  };
  std::size_t at = (near + h % kNearEntries) & mask;
  for (std::size_t i = 0; i < kNearTries; ++i, at = (at + 1) & mask)
    if (ends(at)) return at;
  at = h & mask;
  while (!ends(at)) at = (at + 1) & mask;
  return at;
}

void Graph::fill_entry(std::size_t at, NodeId id, std::uint32_t h) {
  table_[at] = {id, h};
  if (++in_table_ * 2 > table_.size()) grow_table();
}

void Graph::grow_table() {
  std::vector<Entry> old(table_.size() * 2);
  old.swap(table_);
  for (const Entry& entry : old) {
    if (entry.id < 0) continue;
    const Node& n = node(entry.id);
    const std::size_t near =
        near_entry(n.op, inputs(entry.id), n.n_inputs, n.attribute, entry.hash);
    table_[find_entry(near, entry.hash, [](NodeId) { return false; })] = entry;
  }
}

NodeId Graph::find_or_push(Op op, const NodeId* inputs, std::size_t n, Shape shape,
                           std::int32_t immediate, Attribute* attribute) {
  const std::uint32_t h = hash(op, inputs, n, shape, immediate, attribute);
  const std::size_t near = near_entry(op, inputs, n, immediate, h);
  const std::size_t at = find_entry(
      near, h, [&](NodeId id) { return same(id, op, inputs, n, shape, immediate, attribute); });
  if (table_[at].id >= 0) return table_[at].id;
  std::int32_t where = immediate;
  if (attribute != nullptr) {
    where = static_cast<std::int32_t>(attributes_.size());
    attributes_.push_back(std::move(*attribute));
  }
  const NodeId id = push(op, inputs, n, shape, where);
  fill_entry(at, id, h);
  return id;
}

NodeId Graph::constant(double value) {
  // Shared by bit pattern: 0 and -0, and the payloads of NA and NaN, stay apart.
  const std::uint64_t bits = bits_of(value);
  const NodeId key[2] = {static_cast<NodeId>(bits & 0xffffffffu), static_cast<NodeId>(bits >> 32)};
  const std::uint32_t h = hash(Op::scalar, key, 2, Shape{}, 0, nullptr);
  const std::size_t at = find_entry(
      h, h, [&](NodeId id) { return is_scalar(id) && bits_of(scalar_value(id)) == bits; });
  if (table_[at].id >= 0) return table_[at].id;
  scalars_.push_back(value);
  const NodeId id =
      push(Op::scalar, nullptr, 0, Shape{}, static_cast<std::int32_t>(scalars_.size() - 1));
  fill_entry(at, id, h);
  return id;
}

NodeId Graph::constant(std::shared_ptr<const Source> source, Shape shape) {
  if (shape.scalar()) return constant(*source->rows(0, 1).data);
  Attribute attribute;
  attribute.source = std::move(source);
  return find_or_push(Op::constant, nullptr, 0, shape, 0, &attribute);
}

NodeId Graph::constant(std::vector<double> values, Shape shape) {
  if (static_cast<std::int64_t>(values.size()) != shape.size())
    throw GraphError("a constant of " + std::to_string(values.size()) + " numbers is not " +
                     describe(shape));
  if (shape.scalar()) return constant(values[0]);
  return constant(make_source(std::move(values), shape.rows), shape);
}

NodeId Graph::input(Shape shape, bool finite) {
  const NodeId id =
      push(Op::input, nullptr, 0, shape, static_cast<std::int32_t>(input_nodes_.size()));
  finite_.back() = finite ? Finite::yes : Finite::no;
  input_nodes_.push_back(id);
  return id;
}

NodeId Graph::alias(NodeId x) { return push(Op::alias, &x, 1, shape(x), -1); }

NodeId Graph::alias(NodeId x, std::shared_ptr<void> owner) {
  Attribute attribute;
  attribute.extension = std::move(owner);
  return structural(Op::alias, {x}, shape(x), std::move(attribute));
}

NodeId Graph::unknown(NodeId x) {
  const NodeId id = push(Op::alias, &x, 1, shape(x), kUnknown);
  fixed_.back() = 0;
  return id;
}

NodeId Graph::apply(Op op, std::initializer_list<NodeId> inputs) {
  return apply(op, inputs.begin(), inputs.size());
}

NodeId Graph::apply(Op op, const NodeId* inputs, std::size_t n) {
  const ElementwiseInfo& info = elementwise(op);
  if (static_cast<int>(n) != info.arity)
    throw GraphError(std::string("`") + info.name + "` takes " + std::to_string(info.arity) +
                     " arguments");
  bool numbers = true;
  double values[4];
  for (std::size_t i = 0; i < n; ++i) {
    numbers = numbers && is_scalar(inputs[i]);
    if (numbers) values[i] = scalar_value(inputs[i]);
  }
  if (numbers) return constant(info.scalar(values));
  const Shape shape = broadcast_shape(*this, inputs, n);
  NodeId ordered[4] = {};
  for (std::size_t i = 0; i < n; ++i) ordered[i] = inputs[i];
  if ((op == Op::add || op == Op::mul || op == Op::mulz) && ordered[0] > ordered[1])
    std::swap(ordered[0], ordered[1]);
  const NodeId simpler = rewrite(*this, op, ordered, shape);
  if (simpler >= 0) return simpler;
  return find_or_push(op, ordered, n, shape, -1, nullptr);
}

NodeId Graph::structural(Op op, const std::vector<NodeId>& inputs, Shape shape,
                         Attribute attribute) {
  return find_or_push(op, inputs.data(), inputs.size(), shape, 0, &attribute);
}

NodeId Graph::structural(Op op, NodeId input, Shape shape, std::int32_t immediate) {
  return find_or_push(op, &input, 1, shape, immediate, nullptr);
}

void Graph::add_guard(NodeId node, std::vector<double> expected) {
  guards_.push_back({node, std::move(expected)});
}

std::vector<Guard> Graph::take_guards(std::size_t first, const std::function<bool(NodeId)>& taken) {
  const auto begin = guards_.begin() + static_cast<std::ptrdiff_t>(first);
  const auto from = std::stable_partition(begin, guards_.end(),
                                          [&](const Guard& guard) { return !taken(guard.node); });
  std::vector<Guard> out(std::make_move_iterator(from), std::make_move_iterator(guards_.end()));
  guards_.erase(from, guards_.end());
  return out;
}

}  // namespace admle
