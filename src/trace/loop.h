// A loop that is being recorded as a scan: one step is recorded on unknowns in place of the
// counter, of the variables that the loop assigns, and of elements of vectors that it fills.
//
// What a step reads of a vector that it fills is looked up in all steps (write-log.h): what was
// written a fixed number of steps before is a part of the state.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "body/scan.h"
#include "trace/trace.h"
#include "trace/write-log.h"

namespace admle {

class LoopRecording {
 public:
  LoopRecording(TraceState& state, std::int32_t steps);
  std::int32_t steps() const { return steps_; }

  // A variable that is `now` before the first step.
  NodeId add_state(Expr now);
  // x at `positions`, a row for each step (column-major). `counts`: it only numbers the steps.
  NodeId add_row(Expr x, Index positions, Shape shape, bool counts);
  // Whether a node depends on an unknown of the loop.
  bool depends(NodeId id);
  // The numbers of a node in each step, steps x size; empty where they depend on the state of the
  // loop or on parameters.
  std::vector<double> at_all_steps(NodeId id);

  // A vector that the loop fills, as it is before the first step; its number.
  std::size_t add_filled(Expr x);
  std::int64_t size_of_filled(std::size_t filled) const { return filled_[filled].shape().size(); }
  NodeId read(std::size_t filled, Index positions, Shape shape);
  void write(std::size_t filled, Index positions, NodeId value);

  // After the step: `next`, the variables of add_state(), in order; `others`, nodes whose values in
  // the last step are wanted. Why the loop is no scan, or "".
  std::string finish(const std::vector<NodeId>& next, const std::vector<NodeId>& others);
  // What they are after the last step.
  std::vector<Expr> states, filled, others;

  // The step's comparisons are none of the recording's.
  std::vector<Guard> take_guards();

 private:
  struct Row {
    Expr outer;   // a row for each step
    bool counts;  // it only numbers the steps
  };
  // A variable of the loop.
  struct State {
    enum Role : std::uint8_t { kCarried, kUnread, kSum } role;
    NodeId unknown;
    Expr now;                 // before the first step
    std::int32_t column = 0;  // of the scan
    NodeId added = -1;        // kSum: what each step adds, or
    bool negative = false;    // subtracts
  };
  // Elements read of a vector that the loop fills.
  struct Read {
    NodeId unknown;                // -1: written by the same step
    std::size_t access;            // in log_
    std::vector<Written> written;  // by the same step
    std::int32_t row;              // in rows_, of what was there before the loop; or -1
  };
  struct Write {
    NodeId value;
    std::vector<std::int32_t> columns;  // of the scan, by element
  };
  using Element = std::pair<std::int32_t, std::int32_t>;  // access and column
  // What was written 1, 2, ... steps ago, in columns from `column` on of the scan's state.
  struct Register {
    std::int32_t column = 0;
    std::vector<std::int32_t> first;  // before the loop wrote there: positions in the vector
  };
  // What some nodes are made of: nodes of the step, and what these use.
  struct Parts {
    std::vector<NodeId> inside, unknowns, outside;  // sorted
    bool reads(NodeId unknown) const;
  };
  // Nodes, and what is to stand for them.
  struct Bound {
    std::vector<NodeId> replaced;
    std::vector<Expr> with;
  };

  bool is_unknown(NodeId id) const;
  NodeId make_unknown(Expr now);
  Parts parts_of(const std::vector<NodeId>& wanted);
  std::string find_registers();
  void add_rows_before();
  void find_roles(const std::vector<NodeId>& next, const std::vector<NodeId>& wanted);
  void lay_out_state();
  Expr state_before_loop() const;
  void bind(const Parts& parts, Expr state, const std::vector<Expr>& rows, Bound& out) const;
  std::vector<NodeId> copy_step(const std::vector<NodeId>& wanted, ScanStep& step,
                                std::vector<Expr>& shared, std::vector<Expr>& outer);
  std::string make_scan(const std::vector<NodeId>& next, const std::vector<Guard>& guards);
  bool add_guard(const Guard& guard, std::int32_t column);
  Expr by_step(std::int32_t column, std::int32_t columns) const;
  std::vector<Expr> in_last_step(const std::vector<NodeId>& wanted);
  void find_values(const std::vector<NodeId>& next, const std::vector<NodeId>& wanted);
  Expr joined(std::size_t vector) const;

  TraceState& state_;                      // what is recorded
  std::int32_t steps_;                     // of the loop
  NodeId first_;                           // nodes from here on may depend on unknowns
  std::size_t first_guard_;                // guards from here on may
  std::vector<char> depends_;              // from first_ on: on an unknown
  std::vector<char> unknown_;              // from first_ on: is one
  std::vector<Row> rows_;                  // what belongs to steps
  std::map<NodeId, std::size_t> row_of_;   // by unknown
  std::vector<State> states_;              // variables
  std::vector<Expr> filled_;               // vectors that are filled, before the loop
  WriteLog log_;                           // accesses to them, in the order of a step
  std::vector<Read> reads_;                // of them
  std::map<std::size_t, Write> writes_;    // to them, by access
  std::map<Element, Register> registers_;  // of them that are read in later steps
  std::int32_t carried_ = 0;               // numbers in the state
  Expr scan_;                              // the node
};

}  // namespace admle
