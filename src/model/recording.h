// One recording of a log-likelihood: its graph, and the programs made from it when first needed.
//
// A recording is valid at a point while every guard (a comparison the user's code branched on) has
// the outcome it had when recorded. Each evaluation checks the guards along with its result.
#pragma once

#include <memory>
#include <vector>

#include "derive/substitute.h"
#include "exec/program.h"
#include "model/hessian-assembly.h"
#include "model/split-sum.h"

namespace admle {

class Recording {
 public:
  // `total` is the log-likelihood (a scalar), `contributions` its n terms or -1. When it is -1 the
  // total is split, where its addends are one per row.
  Recording(const Graph& traced, NodeId input, NodeId total, NodeId contributions);

  int dimension() const { return dimension_; }
  bool has_contributions() const { return contributions_ >= 0; }
  // False when some operation has no rule for second derivatives, or there are more parameters than
  // `limit` and more than that are coupled with each other, as far as is known.
  bool has_hessian(int limit);
  // Estimated work of a Hessian, in values with gradient.
  double hessian_cost();
  std::int64_t n_contributions() const;
  // What is worth telling about how the total was made of them.
  RowFacts facts() const;
  // The same with a weight on each contribution: n numbers of any sign, which multiply those that
  // are there already, and which are read when it is evaluated. A weight of zero leaves an
  // observation out. The graph and the programs for it are made once, whatever the weights; the
  // data are shared. Valid while this recording lives. Needs contributions.
  Recording& weighted(const double* weights);
  // Threads that loops over rows may use; results do not depend on their number.
  void set_threads(int threads) { threads_ = threads; }
  // Nodes recorded for the value alone.
  NodeId recorded_size() const { return recorded_size_; }

  // Each returns false, with nothing written, when a guard has another outcome at theta.
  bool value(const double* theta, double* out, const Poll& poll);
  bool value_and_gradient(const double* theta, double* value, double* gradient, const Poll& poll);
  bool hessian(const double* theta, Symmetric* out, const Poll& poll);     // k x k
  bool contributions(const double* theta, double* out, const Poll& poll);  // n
  bool scores(const double* theta, double* out, const Poll& poll);         // n x k, column-major
  // The sum over the contributions of s_i s_i', s_i their gradients: k x k; nothing where it is not
  // made by blocks.
  bool outer_product(const double* theta, Symmetric* out, const Poll& poll);
  // Along a direction v: the third derivatives contracted with it twice, sum_st v_s v_t d^3 l, and
  // the sum over the contributions of (v's_i) H_i v. Each has k elements.
  bool third_along(const double* theta, const double* v, double* out, const Poll& poll);
  bool score_hessian_along(const double* theta, const double* v, double* out, const Poll& poll);
  // Derivatives of the contributions along a direction: n.
  bool slopes(const double* theta, const double* v, double* out, const Poll& poll);
  // Second derivatives of the contributions, each along the two directions: n.
  bool curvatures(const double* theta, const double* first, const double* second, double* out,
                  const Poll& poll);

 private:
  // What weighted() makes.
  explicit Recording(const Recording& unweighted);

  std::unique_ptr<Program> program(std::vector<NodeId> outputs);
  bool run(Program& program, std::size_t n_results, const double* theta, const double* direction,
           const Poll& poll, const double* second = nullptr);
  std::vector<Expr> gradient_pieces();
  // A long recursion: second derivatives one direction at a time.
  bool by_direction();
  Expr whole_gradient();
  std::vector<Expr> direction_pieces() { return pieces_of(direction_); }
  std::vector<Expr> pieces_of(NodeId& direction);
  const HessianStructure& structure();
  void make_hessian();
  void make_scores();
  Expr contributions_along();
  void make_third();
  void make_score_hessian();
  bool run_directions(Program& program, const double* theta, std::int64_t rows, double* out,
                      const Poll& poll);

  std::shared_ptr<Graph> graph_;     // function, guards and the derivatives asked for so far
  int dimension_ = 0;                // number of parameters
  int threads_ = 1;                  // that evaluations may use
  NodeId recorded_size_ = 0;         // nodes before any derivative
  NodeId total_ = -1;                // l, the log-likelihood
  NodeId contributions_ = -1;        // l_i, n x 1 with sum l; -1: not known
  Segments segments_;                // which parameters each piece consists of
  bool split_ = false;               // the contributions are those of a total
  RowFacts facts_;                   // of a total
  std::vector<NodeId> pieces_;       // one input of the graph each
  const double* weights_ = nullptr;  // numbers of the input after the pieces, where weighted
  std::vector<Guard> guards_;        // conditions under which the recording is valid
  std::vector<Expr> gradient_;  // d total / d piece, in the shape of the piece; empty until needed
  NodeId direction_ = -1, second_ = -1;  // inputs that hold directions, once made, in this order
  bool by_direction_ = false;            // decided when the gradient is known
  std::unique_ptr<HessianStructure> structure_;  // once needed
  // Of the outputs of hessian_ and of outer_product_.
  std::unique_ptr<HessianAssembly> assembly_, outer_product_assembly_;
  // Work of an evaluation (model/work.h), known once the programs are made.
  double gradient_work_ = 0, hessian_work_ = 0;
  // Programs of l; of l and its gradient; of the blocks of the Hessian; of the l_i; of their
  // gradients; of what third_along() and score_hessian_along() say; of v' l_i'' w; of v' l_i'; of
  // the blocks of the outer product. Null until needed.
  std::unique_ptr<Program> value_, gradient_program_, hessian_, contributions_program_, scores_,
      third_, score_hessian_, curvatures_, slopes_, outer_product_;
  // The same with a weight for each contribution, once needed.
  std::unique_ptr<Recording> weighted_;
};

}  // namespace admle
