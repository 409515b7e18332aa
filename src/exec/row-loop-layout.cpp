// Lays a row loop out: which step finds its arguments where, which buffer columns are used again,
// how long a chunk is and how many stripes there are.
#include <algorithm>
#include <map>
#include <set>

#include "exec/row-loop.h"
#include "ops/structural-info.h"

namespace admle {
namespace {

// A chunk's buffers and the data it reads should stay in a core's second-level cache.
constexpr std::int64_t kCacheNumbers = 1 << 16;
constexpr std::int32_t kMinChunk = 64, kMaxChunk = 2048;
// A stripe has this many chunks, unless there would be too many of them, or too large sums.
constexpr std::int32_t kChunksInStripe = 8, kMaxStripes = 64;
constexpr std::int64_t kSumsNumbers = 1 << 19;

// Hands out groups of buffer columns and takes them back.
class ColumnPool {
 public:
  std::int64_t take(std::int32_t cols) {
    const auto fits = free_.lower_bound({cols, -1});
    if (fits != free_.end() && fits->first <= 2 * cols) {
      const std::int64_t at = fits->second;
      capacity_[at] = fits->first;
      free_.erase(fits);
      return at;
    }
    const std::int64_t at = total_;
    total_ += cols;
    capacity_[at] = cols;
    return at;
  }
  void give_back(std::int64_t at) { free_.insert({capacity_[at], at}); }
  std::int64_t total() const { return total_; }

 private:
  std::set<std::pair<std::int64_t, std::int64_t>> free_;  // (columns, first column)
  std::map<std::int64_t, std::int64_t> capacity_;         // columns of a group, by its first one
  std::int64_t total_ = 0;                                // columns of the buffer
};

}  // namespace

class RowLoopLayout {
 public:
  RowLoopLayout(RowLoop& loop, const Plan& plan, const std::vector<NodeId>& members,
                const WholeValues& whole)
      : loop_(loop), g_(*loop.graph_), plan_(plan), members_(members), whole_(whole) {}

  void run() {
    find_weights();
    for (std::size_t s = 0; s < members_.size(); ++s)
      if (inlined_.count(members_[s]) == 0)
        for (NodeId in : inputs_of(members_[s])) last_use_[in] = s;
    for (std::size_t s = 0; s < members_.size(); ++s)
      if (inlined_.count(members_[s]) == 0) add_step(s);
    choose_sizes();
  }

 private:
  using Step = RowLoop::Step;
  using Operand = RowLoop::Operand;

  const NodePlan& plan_of(NodeId id) const { return plan_.nodes[static_cast<std::size_t>(id)]; }

  bool has_rows(NodeId id) const { return g_.shape(id).rows == loop_.rows_; }

  // t(A) %*% B over the rows, not for several directions.
  bool is_cross(NodeId id) const {
    return g_.node(id).op == Op::matmul && plan_of(id).place == Place::kReduction &&
           g_.attribute(id).c == 1;
  }

  // In t(A) %*% (w * B) the weighted B need not be made, if nothing else uses it.
  void find_weights() {
    if (std::none_of(members_.begin(), members_.end(), [&](NodeId id) { return is_cross(id); }))
      return;
    std::vector<std::int32_t> uses(plan_.nodes.size(), 0);
    for (NodeId id : plan_.order)
      for (std::uint32_t i = 0; i < g_.node(id).n_inputs; ++i)
        ++uses[static_cast<std::size_t>(g_.input_of(id, i))];
    const std::set<NodeId> here(members_.begin(), members_.end());
    for (NodeId id : members_) {
      if (!is_cross(id)) continue;
      const NodeId right = g_.input_of(id, 1);
      const Op op = g_.node(right).op;
      if (here.count(right) == 0 || op != Op::mul || uses[static_cast<std::size_t>(right)] != 1 ||
          plan_of(right).materialised || g_.shape(right).cols == 1)
        continue;
      for (std::uint32_t i = 0; i < 2; ++i) {
        const NodeId weights = g_.input_of(right, i), matrix = g_.input_of(right, 1 - i);
        if (!has_rows(weights) || !has_rows(matrix) || g_.shape(weights).cols != 1 ||
            g_.shape(matrix) != g_.shape(right))
          continue;
        fused_[id] = {matrix, weights};
        inlined_.insert(right);
        break;
      }
    }
  }

  // What a step reads, in the order of its operands.
  std::vector<NodeId> inputs_of(NodeId id) const {
    const auto fused = fused_.find(id);
    if (fused != fused_.end())
      return {g_.input_of(id, 0), fused->second.first, fused->second.second};
    return {g_.inputs(id), g_.inputs(id) + g_.node(id).n_inputs};
  }

  Operand operand(NodeId in, bool by_row) {
    Operand out{};
    const auto buffer = buffered_.find(in);
    if (!by_row) {
      out.kind = Operand::kWhole;
      out.argument = whole_.argument(in);
    } else if (buffer != buffered_.end()) {
      out.kind = Operand::kBuffer;
      out.argument.cols = g_.shape(in).cols;
      out.at = buffer->second;
    } else if (g_.node(in).op == Op::constant) {
      out.kind = Operand::kSource;
      out.argument.cols = g_.shape(in).cols;
      out.at = source_of(in);
    } else {
      out.kind = Operand::kStored;
      out.argument = whole_.argument(in);
    }
    return out;
  }

  std::int64_t source_of(NodeId constant) {
    const auto [at, fresh] =
        sources_.insert({constant, static_cast<std::int64_t>(loop_.sources_.size())});
    if (fresh) {
      loop_.sources_.push_back(g_.attribute(constant).source.get());
      source_columns_ += g_.shape(constant).cols;
    }
    return at->second;
  }

  void add_step(std::size_t position) {
    const NodeId id = members_[position];
    const Node& node = g_.node(id);
    Step step{};
    step.id = id;
    step.kind = is_elementwise(node.op) ? Step::kElementwise
                : is_cross(id)          ? Step::kCross
                                        : Step::kStructural;
    if (step.kind == Step::kElementwise) step.kernel = elementwise(node.op).kernel;
    loop_.one_thread_ = loop_.one_thread_ || thread_of(node.op) != Thread::kAny;
    const std::vector<NodeId> inputs = inputs_of(id);
    step.symmetric = step.kind == Step::kCross && inputs[0] == inputs[1];
    std::set<NodeId> seen, dying_later;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const bool by_row =
          fused_.count(id) != 0 || reads_by_row(g_, id, static_cast<std::uint32_t>(i), loop_.rows_);
      step.operands.push_back(operand(inputs[i], by_row));
      if (step.operands[i].kind != Operand::kBuffer || last_use_[inputs[i]] != position ||
          !seen.insert(inputs[i]).second)
        continue;
      // An elementwise step may write where an argument of the same width dies.
      if (step.kind == Step::kElementwise && g_.shape(inputs[i]).cols == node.shape.cols)
        pool_.give_back(step.operands[i].at);
      else dying_later.insert(inputs[i]);
    }
    step.reduces = plan_of(id).place == Place::kReduction;
    step.rows = node.shape.rows;
    step.cols = node.shape.cols;
    if (step.reduces) {
      step.at = loop_.sums_size_;
      loop_.sums_size_ += node.shape.size();
      loop_.totals_.push_back(whole_.result(id));
    } else {
      step.at = buffered_[id] = pool_.take(node.shape.cols);
      if (plan_of(id).materialised) step.stored = whole_.result(id).data;
      if (last_use_.count(id) == 0) dying_later.insert(id);
    }
    for (NodeId in : dying_later) pool_.give_back(buffered_[in]);
    loop_.steps_.push_back(std::move(step));
  }

  void choose_sizes() {
    const std::int64_t columns = std::max<std::int64_t>(pool_.total() + source_columns_, 1);
    std::int64_t chunk = kMaxChunk;
    while (chunk > kMinChunk && chunk * columns > kCacheNumbers) chunk /= 2;
    loop_.chunk_ = static_cast<std::int32_t>(chunk);
    loop_.chunks_ = static_cast<std::int32_t>((loop_.rows_ + chunk - 1) / chunk);
    const std::int64_t fit = kSumsNumbers / std::max<std::int64_t>(loop_.sums_size_, 1);
    const std::int64_t wanted = std::min(loop_.chunks_ / kChunksInStripe, kMaxStripes);
    loop_.stripes_ = static_cast<std::int32_t>(std::max<std::int64_t>(1, std::min(wanted, fit)));
    loop_.sums_.assign(static_cast<std::size_t>(loop_.sums_size_ * loop_.stripes_), 0.0);
    loop_.buffer_size_ = std::max<std::int64_t>(pool_.total(), 1) * chunk;
    loop_.buffers_.emplace_back(static_cast<std::size_t>(loop_.buffer_size_));
  }

  RowLoop& loop_;                                      // loop that is filled in
  const Graph& g_;                                     // its graph
  const Plan& plan_;                                   // where each node is computed
  const std::vector<NodeId>& members_;                 // nodes of the loop, in order
  const WholeValues& whole_;                           // storage outside of the loop
  std::map<NodeId, std::pair<NodeId, NodeId>> fused_;  // product -> (matrix, weights)
  std::set<NodeId> inlined_;                           // weighted matrices that are not made
  std::map<NodeId, std::size_t> last_use_;             // last step that reads a buffer
  std::map<NodeId, std::int64_t> buffered_;            // first buffer column
  std::map<NodeId, std::int64_t> sources_;  // position of a constant's source in the loop
  std::int64_t source_columns_ = 0;         // columns of data that a row reads
  ColumnPool pool_;                         // columns of the buffer
};

RowLoop::RowLoop(const Graph& graph, const Plan& plan, std::int32_t rows,
                 const std::vector<NodeId>& members, const WholeValues& whole)
    : graph_(&graph), rows_(rows) {
  RowLoopLayout(*this, plan, members, whole).run();
}

}  // namespace admle
