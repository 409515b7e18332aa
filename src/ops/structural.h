// Builders of structural operations on handles. Each checks shapes (GraphError) and simplifies
// where that is cheap: a gather of a gather is one gather, an element of a concatenation is a part.
//
// D (`directions`) is the number of blocks the columns fall into: derivatives in D directions are
// handled by the same operations.
#pragma once

#include <functional>
#include <vector>

#include "graph/expr.h"
#include "math/sparse-rows.h"

namespace admle {

// Whether the positions are consecutive, and there are any.
bool contiguous(const Index& index);

Expr constant(Graph* graph, std::vector<double> values, Shape shape);

// x[i], 0-based position in column-major order; a scalar.
Expr element(Expr x, std::int32_t i);
// x[index] with the given shape; for directions > 1 applied to each of the D blocks of x.
Expr gather(Expr x, std::shared_ptr<const Index> index, Shape shape, std::int32_t directions = 1);
Expr gather(Expr x, Index index, Shape shape, std::int32_t directions = 1);
// Zeros of `shape` with x added at the positions `index`.
Expr scatter_add(Expr x, std::shared_ptr<const Index> index, Shape shape,
                 std::int32_t directions = 1);
// Columns index[0], index[1], ... of x, and the transpose: column j of x added to column index[j].
Expr columns(Expr x, std::shared_ptr<const Index> index);
Expr columns_add(Expr x, std::shared_ptr<const Index> index, std::int32_t cols);
// One column of each block of `block` columns for every row, and the transpose.
Expr row_select(Expr x, std::shared_ptr<const Index> column, std::int32_t block);
Expr row_place(Expr x, std::shared_ptr<const Index> column, std::int32_t block);
// Elements `begin`, begin + 1, ... (shape.size() of them).
Expr slice(Expr x, std::int32_t begin, Shape shape);
// All parts, flattened, one after the other; empty ones are left out.
Expr concat(const std::vector<Expr>& parts, Shape shape, Graph* graph);
Expr reshape(Expr x, Shape shape);
// x for all rows, if it has one row, and its columns recycled.
Expr broadcast(Expr x, Shape shape);
// x repeated (recycled) to `shape`.
Expr expand(Expr x, Shape shape);

Expr sum(Expr x);                             // all elements
Expr block_sum(Expr x, std::int32_t blocks);  // 1 x blocks
Expr col_sums(Expr x);                        // cols x 1
// rows x blocks: sums over consecutive columns, or over every `blocks`-th one when recycled.
Expr row_sums(Expr x, std::int32_t blocks = 1, bool recycled = false);
Expr cumsum(Expr x, bool reverse = false);  // down each column
Expr prod(Expr x);
Expr cumprod(Expr x);
Expr max(Expr x);
Expr min(Expr x);
Expr extreme_at(Expr x, bool maximum);     // 0/1 indicator, x's shape
Expr cumextreme_at(Expr x, bool maximum);  // 0-based positions as numbers
Expr order_of(Expr x, bool decreasing);    // 1-based permutation as numbers

// op(A) op(B); a and b are R matrices (their Shape), transposed when asked.
Expr matmul(Expr a, Expr b, bool transpose_a = false, bool transpose_b = false);
// S b, and t(S) x, of sparse data.
Expr sparse_times(std::shared_ptr<const SparseRows> s, Expr b);
Expr sparse_cross(std::shared_ptr<const SparseRows> s, Expr x);
// The elements of t(S) diag(w) Z, a column for each column of weights.
Expr sparse_gram(std::shared_ptr<const SparseProduct> product, Expr weights);
// The data of sparse_times() and sparse_cross().
std::shared_ptr<const SparseRows> sparse_of(const Graph& graph, NodeId id);
Expr transpose(Expr x, std::int32_t directions = 1);
Expr solve(Expr a, Expr b);
// T^-1 b or T^-T b for the upper (or lower) triangle of t; what stands in the other is ignored.
Expr tri_solve(Expr t, Expr b, bool upper, bool transposed);
Expr cholesky(Expr a);  // upper R, only the upper triangle of a is used, as base R
Expr log_abs_det(Expr a);
Expr sign_det(Expr a);
// The upper (or lower) triangle with its diagonal times `diagonal`, which is 0, 0.5 or 1.
Expr triangle(Expr x, bool upper, double diagonal);

// Vectors and, in the last column, values, by decreasing value (of a symmetric matrix, of which the
// lower triangle is read) or modulus; NaN where a value is complex. Signs are the reference's.
Expr eigenvalues(Expr a, Expr reference, bool symmetric);
// Left vectors, values and right vectors in one column. Signs of the left ones are the reference's.
Expr singular_values(Expr a, Expr reference);
Expr matrix_exp(Expr a);
// Of columns of real and as many of imaginary parts, in each block; R's fft().
Expr fourier(Expr x, bool inverse, std::int32_t blocks = 1);

// A function of one vector that is evaluated elsewhere. `value` maps the flat argument to the flat
// result; `vjp` and `jvp` build the derivative as graph, or are empty where no rule was given.
struct Foreign {
  // y = f(x)
  std::function<void(const double* x, std::int64_t nx, double* out, std::int64_t n_out)> value;
  std::function<Expr(Expr x, Expr y, Expr adjoint)> vjp;  // J(x)' adjoint
  std::function<Expr(Expr x, Expr y, Expr tangent)> jvp;  // J(x) tangent
};
Expr foreign(Expr x, Shape shape, std::shared_ptr<Foreign> function);

}  // namespace admle
