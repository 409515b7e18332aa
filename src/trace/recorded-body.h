// A function that is called by a function being recorded, evaluated by R's own routines at many
// points: recorded once on an unknown argument, and run again at the others.
#pragma once

#include <Rcpp.h>

#include <memory>
#include <vector>

#include "body/root.h"
#include "exec/program.h"
#include "trace/trace.h"

namespace admle {

class RecordedBody {
 public:
  // `value` as a function of `unknown`. Guards of the trace from number `first_guard` on that
  // depend on it become the body's.
  RecordedBody(TraceState& state, NodeId unknown, NodeId value, std::size_t first_guard);

  // At the recording point; false where a comparison has another outcome than it had.
  bool run(const double* x, std::vector<double>& out);
  // Whether something outside takes part in it.
  bool has_parameters() const { return !outer_.empty(); }
  bool jumps_move() const { return admle::jumps_move(body_); }
  // Functions of the same unknown: see moving_switches().
  std::vector<RecordedBody> switches() const;
  // The derivative along a direction in which everything takes part: each parameter, and the
  // unknown by `shift` + `stretch` x. Null where there is none.
  std::unique_ptr<RecordedBody> slope(double shift, double stretch) const;
  std::int64_t size() const { return body_.graph->shape(body_.unknown).size(); }

  // Nodes of the trace, see body/root.h and body/body.h.
  Expr root(const RootSpec& spec, const std::vector<Expr>& interval) const;
  Expr at(Expr x, bool guarded) const;
  Expr envelope(Expr x) const;
  const Body& body() const { return body_; }
  std::vector<Expr> parameters() const;

 private:
  RecordedBody(const RecordedBody& of, NodeId value);

  TraceState& state_;
  std::vector<NodeId> outer_;             // what the parameters are in the trace
  Body body_;                             // taken out of it, after which outer_ is known
  std::vector<std::vector<double>> now_;  // their values at the recording point
  std::unique_ptr<Program> program_;      // of the value and the guards, once needed
};

}  // namespace admle
