// See addends.h. What multiplies a sum goes to each of its rows.
#include "derive/addends.h"

#include <map>
#include <utility>

#include "ops/structural-info.h"
#include "ops/structural.h"

namespace admle {
namespace {

class Opener {
 public:
  Opener(Graph& graph, NodeId total, const std::vector<NodeId>& pieces, ScalarTerms scalars)
      : g_(graph), pieces_(pieces), scalars_(scalars), holds_(at(total) + 1, 0) {
    const std::vector<char> needed = needed_by(graph, {total});
    for (NodeId id = 0; id <= total; ++id)
      holds_[at(id)] = needed[at(id)] && g_.shape(id).scalar() && holds_rows(id);
    todo_.push_back({Expr(&g_, total), 1});
  }

  Addends run() {
    while (!todo_.empty()) {
      const auto [value, times] = todo_.back();
      todo_.pop_back();
      if (value.shape().scalar()) open_number(value, times);
      else open_vector(value, times);
    }
    Addends out;
    for (const auto& [kind, sum] : groups_) out.rows.push_back(sum.id());
    if (!rest_.is_zero()) out.rest = rest_.in(&g_);
    return out;
  }

 private:
  static std::size_t at(NodeId id) { return static_cast<std::size_t>(id); }
  Expr input(NodeId id, std::uint32_t i) const { return Expr(&g_, g_.input_of(id, i)); }

  // Whether a number is linear in a sum over rows.
  bool holds_rows(NodeId id) const {
    const auto holds = [&](std::uint32_t i) { return holds_[at(g_.input_of(id, i))] != 0; };
    switch (g_.node(id).op) {
      case Op::block_sum: return g_.shape(g_.input_of(id, 0)).size() > 1;
      case Op::matmul: return g_.shape(g_.input_of(id, 0)).size() > 1;
      case Op::neg:
      case Op::reshape:
      case Op::alias:
      case Op::div: return holds(0);
      case Op::add:
      case Op::sub:
      case Op::mul:
      case Op::mulz: return holds(0) || holds(1);
      default: return false;
    }
  }
  bool holds_rows(Expr x) const {
    return x.id() < static_cast<NodeId>(holds_.size()) && holds_[at(x.id())];
  }

  void push(Expr value, Expr times) { todo_.push_back({value, times}); }

  void open_number(Expr value, Expr times) {
    const NodeId id = value.id();
    if (!holds_rows(value)) {
      rest_ = rest_ + value * times;
      return;
    }
    switch (g_.node(id).op) {
      case Op::block_sum:
      case Op::reshape:
      case Op::alias: return push(input(id, 0), times);
      case Op::neg: return push(input(id, 0), -times);
      case Op::add:
      case Op::sub:
        push(input(id, 0), times);
        return push(input(id, 1), g_.node(id).op == Op::sub ? -times : times);
      case Op::mul:
      case Op::mulz: return open_product(value, times);
      case Op::div:
        if (!holds_rows(input(id, 1))) return push(input(id, 0), times / input(id, 1));
        break;
      case Op::matmul: {
        const auto n = static_cast<std::int32_t>(g_.shape(g_.input_of(id, 0)).size());
        return push(reshape(input(id, 0), {n, 1}) * reshape(input(id, 1), {n, 1}), times);
      }
      default: break;
    }
    rest_ = rest_ + value * times;
  }

  void open_product(Expr value, Expr times) {
    for (std::uint32_t i = 0; i < 2; ++i) {
      const Expr other = input(value.id(), 1 - i);
      if (!holds_rows(other)) return push(input(value.id(), i), times * other);
    }
    rest_ = rest_ + value * times;
  }

  void open_vector(Expr value, Expr times) {
    const NodeId id = value.id();
    const std::int64_t size = value.shape().size();
    switch (g_.node(id).op) {
      case Op::reshape: return push(input(id, 0), times);
      case Op::neg: return push(input(id, 0), -times);
      case Op::concat:
        for (std::uint32_t i = 0; i < g_.node(id).n_inputs; ++i) push(input(id, i), times);
        return;
      case Op::add:
        for (std::uint32_t i = 0; i < 2; ++i) {
          const Expr number = input(id, i);
          if (!number.shape().scalar()) continue;
          if (scalars_ == ScalarTerms::kWithRows && !holds_rows(number)) break;
          push(number, times * static_cast<double>(size));
          return push(input(id, 1 - i), times);
        }
        break;
      case Op::mul:
      case Op::mulz:
        for (std::uint32_t i = 0; i < 2; ++i) {
          if (input(id, i).shape().scalar()) return push(input(id, 1 - i), times * input(id, i));
          if (distribute(g_.node(id).op, input(id, i), input(id, 1 - i), times)) return;
        }
        break;
      default: break;
    }
    add_rows(value, times);
  }

  // factor * c(x, y), and factor * (x + number), for weights of observations.
  bool distribute(Op op, Expr factor, Expr sum, Expr times) {
    const NodeId id = sum.id();
    if (factor.shape() != sum.shape() || sum.shape().cols != 1) return false;
    if (g_.node(id).op == Op::concat) {
      std::int32_t begin = 0;
      for (std::uint32_t i = 0; i < g_.node(id).n_inputs; ++i) {
        const auto length = static_cast<std::int32_t>(input(id, i).shape().size());
        const Expr part = reshape(input(id, i), {length, 1});
        push(apply(op, {slice(factor, begin, {length, 1}), part}), times);
        begin += length;
      }
      return true;
    }
    if (g_.node(id).op != Op::add || scalars_ == ScalarTerms::kWithRows) return false;
    for (std::uint32_t i = 0; i < 2; ++i) {
      if (!input(id, i).shape().scalar()) continue;
      rest_ = rest_ + input(id, i) * admle::sum(factor) * times;
      push(apply(op, {factor, input(id, 1 - i)}), times);
      return true;
    }
    return false;
  }

  void add_rows(Expr value, Expr times) {
    const Shape shape = value.shape();
    Expr rows = shape.rows == 1   ? reshape(value, {shape.cols, 1})
                : shape.cols == 1 ? value
                                  : row_sums(value);
    if (!times.is_literal() || times.literal() != 1) rows = rows * times;
    Expr& sum = groups_[{rows.shape().rows, pieces_of(rows)}];
    sum = sum.is_literal() ? rows : sum + rows;
  }

  // Which of the pieces it depends on.
  std::vector<bool> pieces_of(Expr x) const {
    const std::vector<char> needed = needed_by(g_, {x.id()});
    std::vector<bool> out;
    for (NodeId piece : pieces_) out.push_back(piece <= x.id() && needed[at(piece)] != 0);
    return out;
  }

  Graph& g_;                                 // to which sums and products are added
  const std::vector<NodeId>& pieces_;        // of the variables
  ScalarTerms scalars_;                      // what becomes of them
  std::vector<char> holds_;                  // by node: a number that holds_rows()
  std::vector<std::pair<Expr, Expr>> todo_;  // what is to be opened, and what multiplies it
  // Rows found so far, by their number and the pieces that they depend on.
  std::map<std::pair<std::int32_t, std::vector<bool>>, Expr> groups_;
  Expr rest_ = 0;  // numbers found so far
};

}  // namespace

Addends open_total(Graph& graph, NodeId total, const std::vector<NodeId>& pieces,
                   ScalarTerms scalars) {
  return Opener(graph, total, pieces, scalars).run();
}

std::vector<NodeId> open_column(const Graph& graph, NodeId column) {
  std::vector<NodeId> out, todo{column};
  while (!todo.empty()) {
    const NodeId now = todo.back();
    todo.pop_back();
    if (graph.node(now).op != Op::concat) {
      out.push_back(now);
      continue;
    }
    for (std::uint32_t i = 0; i < graph.node(now).n_inputs; ++i)
      todo.push_back(graph.input_of(now, i));
  }
  return out;
}

}  // namespace admle
