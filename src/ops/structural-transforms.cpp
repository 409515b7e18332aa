// The exponential of a matrix and the discrete Fourier transform. Values by Eigen.
//
// The derivative of exp(A) in the direction E is the upper right block of the exponential of
// [A E; 0 A] (Najfeld & Havel 1995), so that all orders are exponentials again; its transpose is
// the derivative at t(A). The Fourier transform is linear and symmetric.
#include <Eigen/Dense>
#include <complex>
#include <limits>
#include <unsupported/Eigen/FFT>
#include <unsupported/Eigen/MatrixFunctions>

#include "ops/structural-info.h"
#include "ops/structural.h"

namespace admle {
namespace {

using Map = Eigen::Map<Eigen::MatrixXd, 0, Eigen::OuterStride<>>;
using ConstMap = Eigen::Map<const Eigen::MatrixXd, 0, Eigen::OuterStride<>>;

struct Exponential {
  static void run(const RunContext&, const Argument* in, const Result& out) {
    const Eigen::MatrixXd x =
        ConstMap(in[0].data, in[0].rows, in[0].cols, Eigen::OuterStride<>(in[0].ld));
    Map to(out.data, out.rows, out.cols, Eigen::OuterStride<>(out.ld));
    if (x.allFinite()) to = x.exp();
    else to.setConstant(std::numeric_limits<double>::quiet_NaN());
  }

  static Expr derivative(Graph& g, Expr a, Expr e) {
    const std::int32_t n = a.shape().rows;
    const Expr all = concat({a, e, Expr(&g, g.constant(0.0))}, {2 * n * n + 1, 1}, &g);
    Index block, corner;
    for (std::int32_t j = 0; j < 2 * n; ++j)
      for (std::int32_t i = 0; i < 2 * n; ++i) {
        const std::int32_t inside = i % n + (j % n) * n;
        block.push_back((i < n) == (j < n) ? inside : i < n ? n * n + inside : 2 * n * n);
        if (i < n && j >= n) corner.push_back(i + j * 2 * n);
      }
    return gather(matrix_exp(gather(all, std::move(block), {2 * n, 2 * n})), std::move(corner),
                  {n, n});
  }

  static void vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) {
    const Expr a(&g, g.input_of(id, 0));
    sink.add(0, derivative(g, transpose(a), expand(adjoint, g.shape(id))));
  }
  static Expr jvp(Graph& g, NodeId id, const Expr* t, std::int32_t directions) {
    const Expr a(&g, g.input_of(id, 0));
    const Shape s = g.shape(id);
    const Expr whole = expand(t[0], {s.rows, s.cols * directions});
    std::vector<Expr> parts;
    for (std::int32_t d = 0; d < directions; ++d)
      parts.push_back(derivative(g, a, slice(whole, static_cast<std::int32_t>(d * s.size()), s)));
    return concat(parts, {s.rows, s.cols * directions}, &g);
  }
};

// Columns are real parts, then as many imaginary parts, in each of b blocks. a = inverse (R's,
// which does not divide by the length).
struct Fourier {
  static void run(const RunContext& at, const Argument* in, const Result& out) {
    const Attribute& flags = at.graph->attribute(at.id);
    const std::int32_t n = in[0].rows, pairs = in[0].cols / flags.b / 2;
    Eigen::FFT<double> transform;
    transform.SetFlag(Eigen::FFT<double>::Unscaled);
    // Of one number Eigen has no transform: it is that number.
    const auto turn = [&](std::complex<double>* to, const std::complex<double>* from) {
      if (n == 1) *to = *from;
      else if (flags.a) transform.inv(to, from, n);
      else transform.fwd(to, from, n);
    };
    std::vector<std::complex<double>> from(static_cast<std::size_t>(n)), to(from.size());
    for (std::int32_t j = 0; j < pairs * flags.b; ++j) {
      const std::int64_t re = j / pairs * 2 * pairs + j % pairs, im = re + pairs;
      for (std::int32_t i = 0; i < n; ++i)
        from[static_cast<std::size_t>(i)] = {in[0].data[i + re * in[0].ld],
                                             in[0].data[i + im * in[0].ld]};
      turn(to.data(), from.data());
      for (std::int32_t i = 0; i < n; ++i) {
        out.data[i + re * out.ld] = to[static_cast<std::size_t>(i)].real();
        out.data[i + im * out.ld] = to[static_cast<std::size_t>(i)].imag();
      }
    }
  }
  static void vjp(Graph& g, NodeId id, Expr adjoint, AdjointSink& sink) {
    const Attribute flags = g.attribute(id);
    sink.add(0, fourier(expand(adjoint, g.shape(id)), !flags.a, flags.b));
  }
  static Expr jvp(Graph& g, NodeId id, const Expr* t, std::int32_t directions) {
    const Attribute flags = g.attribute(id);
    const Shape s = g.shape(id);
    return fourier(expand(t[0], {s.rows, s.cols * directions}), flags.a, flags.b * directions);
  }
};

}  // namespace

const StructuralInfo matrix_exp_info{"matrix_exp", RowKind::kNever, Exponential::run,
                                     Exponential::vjp, Exponential::jvp};
const StructuralInfo fourier_info{"fourier", RowKind::kNever, Fourier::run, Fourier::vjp,
                                  Fourier::jvp};

Expr matrix_exp(Expr a) {
  if (a.shape().rows != a.shape().cols) throw GraphError("the matrix must be square");
  return Expr(a.graph(), a.graph()->structural(Op::matrix_exp, {a.id()}, a.shape(), Attribute{}));
}

Expr fourier(Expr x, bool inverse, std::int32_t blocks) {
  if (x.shape().cols % (2 * blocks) != 0) throw GraphError("real and imaginary parts are needed");
  Attribute attribute;
  attribute.a = inverse;
  attribute.b = blocks;
  return Expr(x.graph(), x.graph()->structural(Op::fourier, {x.id()}, x.shape(), attribute));
}

}  // namespace admle
