// A loop over the rows of the data, chunk by chunk: row nodes go into buffers of one chunk,
// reductions are added up. Consecutive chunks form stripes, each with sums of its own, which are
// combined in order: so results do not depend on the number of threads.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "exec/plan.h"
#include "exec/poll.h"
#include "graph/graph.h"
#include "graph/op.h"

namespace admle {

// Where values that are kept whole are stored, by node.
struct WholeValues {
  std::function<Argument(NodeId)> argument;  // a value to read
  std::function<Result(NodeId)> result;      // a value to write
};

class RowLoop {
 public:
  // `members`: the nodes computed in the loop, in topological order.
  RowLoop(const Graph& graph, const Plan& plan, std::int32_t rows,
          const std::vector<NodeId>& members, const WholeValues& whole);

  void run(int threads, const Poll& poll);
  // Bytes held.
  std::int64_t memory() const;

 private:
  friend class RowLoopLayout;  // fills in what follows

  // How a step finds an argument.
  struct Operand {
    enum Kind : std::uint8_t { kWhole, kStored, kBuffer, kSource } kind;
    Argument argument;  // kWhole: complete; kStored: from row 0; otherwise the columns only
    std::int64_t at;    // kBuffer: first column in the buffer; kSource: which source
  };
  struct Step {
    enum Kind : std::uint8_t { kElementwise, kStructural, kCross } kind;
    NodeId id;                      // node that is computed
    Kernel kernel;                  // kElementwise
    bool symmetric;                 // kCross: t(A) diag(w) A, not t(A) diag(w) B
    std::vector<Operand> operands;  // kCross: A, B and the weights, if there are any
    bool reduces;                   // adds to the sums of the stripe
    std::int64_t at;                // first column in the buffer, or position in the sums
    std::int32_t rows, cols;        // of the result; rows of a reduction only
    double* stored;                 // also written out whole here, or nullptr
  };

  void run_stripe(std::int32_t stripe, double* buffer, const Poll& poll);
  void run_chunk(std::int64_t begin, std::int32_t rows, double* buffer, double* sums);
  void add_up_stripes();

  const Graph* graph_;                  // kept alive by the program
  std::int32_t rows_;                   // of the data
  std::int32_t chunk_ = 0;              // rows of a chunk, the last one may have fewer
  std::int32_t chunks_ = 0;             // rows_ / chunk_, rounded up
  std::int32_t stripes_ = 1;            // groups of consecutive chunks with sums of their own
  bool one_thread_ = false;             // a step has to stay on the caller's thread
  std::vector<Step> steps_;             // what is done with each chunk, in order
  std::vector<const Source*> sources_;  // data that is read chunk by chunk
  std::vector<Result> totals_;    // where the reductions go in the end, in the order of their sums
  std::int64_t sums_size_ = 0;    // numbers in the sums of one stripe
  std::int64_t buffer_size_ = 0;  // numbers of one thread's buffer: columns x chunk_
  std::vector<double> sums_;      // of all stripes
  std::vector<std::vector<double>> buffers_;  // one for each thread
};

}  // namespace admle
