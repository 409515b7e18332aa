// See sparse-system.h. Elements off the diagonal stand for two: `twice` weighs them.
#include "ops/sparse-system.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "math/selected-inverse.h"
#include "ops/nested.h"
#include "ops/structural.h"

namespace admle {
namespace {

std::shared_ptr<const Index> shared(Index index) {
  return std::make_shared<const Index>(std::move(index));
}

void fill_nan(const Result& out) {
  std::fill_n(out.data, static_cast<std::int64_t>(out.rows) * out.cols,
              std::numeric_limits<double>::quiet_NaN());
}

// x times `factor` where an element is off the diagonal; `directions` columns.
Expr weighted(const SparseSystem& s, Expr x, double factor) {
  std::vector<double> weights(static_cast<std::size_t>(s.elements()), factor);
  for (std::int32_t e : *s.diagonal()) weights[static_cast<std::size_t>(e)] = 1;
  return x * expand(constant(x.graph(), std::move(weights), {s.elements(), 1}), x.shape());
}

// Rows `index` of x, for all its columns.
Expr rows_at(Expr x, const Index& index) {
  const Shape s = x.shape();
  const auto n = static_cast<std::int32_t>(index.size());
  Index all;
  all.reserve(index.size() * static_cast<std::size_t>(s.cols));
  for (std::int32_t c = 0; c < s.cols; ++c)
    for (std::int32_t i : index) all.push_back(i + c * s.rows);
  return gather(x, shared(std::move(all)), {n, s.cols});
}

// Rows of x added up where `index` says, of `rows` rows.
Expr rows_added(Expr x, const Index& index, std::int32_t rows) {
  const Shape s = x.shape();
  Index all;
  all.reserve(index.size() * static_cast<std::size_t>(s.cols));
  for (std::int32_t c = 0; c < s.cols; ++c)
    for (std::int32_t i : index) all.push_back(i + c * rows);
  return scatter_add(x, shared(std::move(all)), {rows, s.cols});
}

// An operation of the system that owns it.
class Operation : public Nested {
 public:
  Operation(SparseSystem* system, const char* name) : system_(system), name_(name) {}
  const char* name() const override { return name_; }

 protected:
  SparseSystem& system() const { return *system_; }
  double factor_work() const { return system_->order().work() + system_->order().elements(); }
  Expr inverse(Expr a) const { return sparse_inverse(system_->shared_from_this(), a); }
  Expr product(Expr a, Expr x) const {
    return system_->apply(SparseSystem::kProduct, {a, x}, x.shape());
  }

 private:
  SparseSystem* system_;
  const char* name_;
};

class LogDet final : public Operation {
 public:
  explicit LogDet(SparseSystem* system) : Operation(system, "log-determinant") {}

  void run(const Argument* in, const Result& out) override {
    const SparseFactor& factor = system().factor(in[0].data);
    if (!factor.ok()) return fill_nan(out);
    std::fill_n(out.data, out.rows, 0.0);
    const Eigen::VectorXd logs = factor.log_pivots();
    for (std::int32_t i = 0; i < system().size(); ++i)
      out.data[(*system().part_of_variable())[static_cast<std::size_t>(i)]] += logs[i];
  }

  void vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) override {
    const Expr inverse = this->inverse(Expr(&g, g.input_of(id, 0)));
    sink.add(0, weighted(system(), inverse, 2) * rows_at(adjoint, *system().part_of_element()));
  }

  double work(const Graph&, NodeId) const override { return factor_work(); }

  Expr jvp(Graph& g, NodeId id, const Expr* tangents, std::int32_t) override {
    if (tangents[0].is_zero()) return 0;
    const Expr inverse = this->inverse(Expr(&g, g.input_of(id, 0)));
    const Expr moved = expand(weighted(system(), inverse, 2), tangents[0].shape()) * tangents[0];
    return rows_added(moved, *system().part_of_element(), system().parts());
  }
};

class Inverse final : public Operation {
 public:
  explicit Inverse(SparseSystem* system) : Operation(system, "inverse") {}

  void run(const Argument* in, const Result& out) override {
    const SparseFactor& factor = system().factor(in[0].data);
    if (!factor.ok()) return fill_nan(out);
    selected_inverse(factor, out.data);
  }

  void vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) override {
    const Expr x = weighted(system(), adjoint, 0.5);
    const Expr found = product(Expr(&g, g.input_of(id, 0)), x);
    sink.add(0, -weighted(system(), found, 2));
  }

  double work(const Graph&, NodeId) const override { return 3 * factor_work(); }

  Expr jvp(Graph& g, NodeId id, const Expr* tangents, std::int32_t) override {
    if (tangents[0].is_zero()) return 0;
    return -product(Expr(&g, g.input_of(id, 0)), tangents[0]);
  }
};

// Elements of A^-1 X A^-1, for each column of elements of X.
class Product final : public Operation {
 public:
  explicit Product(SparseSystem* system) : Operation(system, "inverse") {}

  void run(const Argument* in, const Result& out) override {
    const std::int32_t n = system().elements();
    for (std::int32_t c = 0; c < out.cols; ++c) {
      const Result column{out.data + c * out.ld, out.ld, n, 1};
      const double* x = in[1].data + c * in[1].ld;
      // Of parameters that A does not depend on.
      if (std::all_of(x, x + n, [](double number) { return number == 0; }))
        std::fill_n(column.data, n, 0.0);
      else if (!selected_product(system().order(), in[0].data, x, column.data)) fill_nan(column);
    }
  }

  void vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) override {
    if (sink.wants(0)) refuse();
    const Expr x = weighted(system(), adjoint, 0.5);
    const Expr found = product(Expr(&g, g.input_of(id, 0)), x);
    if (sink.wants(1)) sink.add(1, weighted(system(), found, 2));
  }

  Expr jvp(Graph& g, NodeId id, const Expr* tangents, std::int32_t) override {
    if (!tangents[0].is_zero()) refuse();
    if (tangents[1].is_zero()) return 0;
    return product(Expr(&g, g.input_of(id, 0)), tangents[1]);
  }

  // In dual numbers, a factor and the inverse for each column.
  double work(const Graph& g, NodeId id) const override {
    return 8 * factor_work() * g.shape(id).cols;
  }

 private:
  [[noreturn]] static void refuse() {
    throw GraphError("third derivatives of the log-determinant of a sparse matrix");
  }
};

class Solve final : public Operation {
 public:
  explicit Solve(SparseSystem* system) : Operation(system, "solution") {}

  void run(const Argument* in, const Result& out) override {
    const SparseFactor& factor = system().factor(in[0].data);
    if (!factor.ok()) return fill_nan(out);
    using Columns = Eigen::Map<const Eigen::MatrixXd, 0, Eigen::OuterStride<>>;
    Eigen::MatrixXd x = Columns(in[1].data, out.rows, out.cols, Eigen::OuterStride<>(in[1].ld));
    factor.solve(x);
    for (std::int32_t c = 0; c < out.cols; ++c)
      std::copy_n(x.col(c).data(), out.rows, out.data + c * out.ld);
  }

  void vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) override {
    const Expr a(&g, g.input_of(id, 0));
    const Expr moved = sparse_solve(system().shared_from_this(), a, adjoint);
    if (sink.wants(1)) sink.add(1, moved);
    if (!sink.wants(0)) return;
    const Index& row = *system().row();
    const Index& column = *system().column();
    const Expr x(&g, id);
    const Expr both =
        rows_at(moved, row) * rows_at(x, column) + rows_at(moved, column) * rows_at(x, row);
    // On the diagonal the two are one.
    sink.add(0, -weighted(system(), row_sums(both) * 0.5, 2));
  }

  Expr jvp(Graph& g, NodeId id, const Expr* tangents, std::int32_t directions) override {
    const Expr a(&g, g.input_of(id, 0));
    Expr right = tangents[1];
    if (!tangents[0].is_zero()) {
      const Expr moved = times(tangents[0], Expr(&g, id), directions);
      right = right.is_zero() ? -moved : right - moved;
    }
    return right.is_zero() ? right : sparse_solve(system().shared_from_this(), a, right);
  }

  double work(const Graph& g, NodeId id) const override {
    return 2 * system().order().elements() * g.shape(id).cols;
  }

 private:
  // dA x, for each direction of dA all columns of x.
  Expr times(Expr da, Expr x, std::int32_t directions) const {
    const std::int32_t cols = x.shape().cols, n = system().size();
    const Index& row = *system().row();
    const Index& column = *system().column();
    Index strict;  // elements off the diagonal
    for (std::size_t e = 0; e < row.size(); ++e)
      if (row[e] != column[e]) strict.push_back(static_cast<std::int32_t>(e));
    Index strict_row, strict_column;
    for (std::int32_t e : strict) {
      strict_row.push_back(row[static_cast<std::size_t>(e)]);
      strict_column.push_back(column[static_cast<std::size_t>(e)]);
    }
    std::vector<Expr> parts;
    for (std::int32_t d = 0; d < directions; ++d) {
      const Expr along = slice(da, d * system().elements(), {system().elements(), 1});
      const auto product = [&](Expr elements, const Index& to, const Index& from) {
        const Expr taken = rows_at(x, from);
        return rows_added(expand(elements, taken.shape()) * taken, to, n);
      };
      Expr moved = product(along, row, column);
      if (!strict.empty())
        moved = moved + product(rows_at(along, strict), strict_column, strict_row);
      parts.push_back(moved);
    }
    return concat(parts, {n, cols * directions}, x.graph());
  }
};

}  // namespace

SparseSystem::SparseSystem(Symmetric pattern) : pattern_(std::move(pattern)) {
  Index row, column, diagonal;
  std::int32_t e = 0;
  for (Eigen::Index j = 0; j < pattern_.size(); ++j) {
    for (Symmetric::Sparse::InnerIterator it(pattern_.upper(), j); it; ++it, ++e) {
      row.push_back(static_cast<std::int32_t>(it.row()));
      column.push_back(static_cast<std::int32_t>(j));
      if (it.row() == j) diagonal.push_back(e);
    }
  }
  row_ = shared(std::move(row));
  column_ = shared(std::move(column));
  diagonal_ = shared(std::move(diagonal));
  find_parts();
  operations_[kLogDet] = std::make_unique<LogDet>(this);
  operations_[kInverse] = std::make_unique<Inverse>(this);
  operations_[kProduct] = std::make_unique<Product>(this);
  operations_[kSolve] = std::make_unique<Solve>(this);
}

SparseSystem::~SparseSystem() = default;

Expr SparseSystem::apply(Kind kind, const std::vector<Expr>& inputs, Shape shape) {
  return nested(inputs[0].graph(), inputs, shape,
                std::shared_ptr<Nested>(shared_from_this(), operations_[kind].get()));
}

void SparseSystem::find_parts() {
  Index parent(static_cast<std::size_t>(size()));
  std::iota(parent.begin(), parent.end(), 0);
  const auto root = [&](std::int32_t i) {
    while (parent[static_cast<std::size_t>(i)] != i) {
      std::int32_t& up = parent[static_cast<std::size_t>(i)];
      up = parent[static_cast<std::size_t>(up)];
      i = up;
    }
    return i;
  };
  for (std::size_t e = 0; e < row_->size(); ++e) {
    const std::int32_t a = root((*row_)[e]), b = root((*column_)[e]);
    parent[static_cast<std::size_t>(std::max(a, b))] = std::min(a, b);
  }
  Index number(parent.size(), -1), of_variable, of_element;
  for (std::int32_t i = 0; i < size(); ++i) {
    std::int32_t& mine = number[static_cast<std::size_t>(root(i))];
    if (mine < 0) mine = parts_++;
    of_variable.push_back(mine);
  }
  for (std::int32_t i : *row_) of_element.push_back(of_variable[static_cast<std::size_t>(i)]);
  part_of_variable_ = shared(std::move(of_variable));
  part_of_element_ = shared(std::move(of_element));
}

const SparseFactor& SparseSystem::factor(const double* elements) {
  const auto n = static_cast<std::size_t>(this->elements());
  const double* known = pattern_.upper().valuePtr();
  if (factor_ && std::equal(known, known + n, elements)) return *factor_;
  pattern_ = matrix(elements);
  factor_ = std::make_unique<SparseFactor>(pattern_, 0.0);
  return *factor_;
}

Symmetric SparseSystem::matrix(const double* elements) const {
  Symmetric::Sparse upper = pattern_.upper();
  std::copy_n(elements, this->elements(), upper.valuePtr());
  return {std::move(upper), pattern_.order()};
}

Expr sparse_log_det(const SparseSystemPtr& system, Expr a) {
  return system->apply(SparseSystem::kLogDet, {a}, {system->parts(), 1});
}

Expr sparse_inverse(const SparseSystemPtr& system, Expr a) {
  return system->apply(SparseSystem::kInverse, {a}, {system->elements(), 1});
}

Expr sparse_solve(const SparseSystemPtr& system, Expr a, Expr b) {
  return system->apply(SparseSystem::kSolve, {a, b}, b.shape());
}

}  // namespace admle
