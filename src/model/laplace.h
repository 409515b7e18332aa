// The integral over effects u of exp h(u, p), where h is a recorded function, by Laplace's method:
//
//   l(p) = h(u, p) - 1/2 log |A(u, p)| + q/2 log 2 pi,  u(p) = argmax h,  A = -d2 h / du du'
//
// It is made of ordinary nodes: the mode is an operation whose derivative is du = A^-1 h_up dp, A
// has the pattern of the Hessian of h, and of its log-determinant the derivatives are elements of
// the inverse in that pattern. So gradient and Hessian of l are exact, and l is differentiated,
// split and weighted as any log-likelihood. Where the effects fall into parts of one each, adaptive
// Gauss-Hermite quadrature takes the place of the Laplace approximation, around the same mode and
// curvature (Liu and Pierce 1994, Biometrika 81). Tierney and Kadane (1986), JASA 81; Kristensen,
// Nielsen, Berg, Skaug and Bell (2016), Journal of Statistical Software 70.
#pragma once

#include <string>
#include <vector>

#include "body/body.h"
#include "graph/expr.h"

namespace admle {

// What the nodes of one integral are in the graph that they were put into.
struct Laplace {
  Expr value;            // l: of each part of the effects that nothing couples with the others, and
                         // of each row that has none; or one number
  bool by_part = false;  // which of these
  Expr mode;             // u, q x 1
  Expr profile;          // h at the mode, as it was recorded: max over u of h where that is a total
  Expr inverse;          // elements of A^-1 in the pattern of A, see SparseSystem
  std::int64_t rows = 0;  // of h that read data
};

class EffectsSearch;

struct LaplaceOptions {
  std::vector<double> start;  // of the first search for the mode; later ones begin at the latest
  // Of a Gauss-Hermite rule for the standard normal density; empty: Laplace.
  std::vector<double> nodes, log_weights;
};

// `search` says afterwards what is to be known of it. GraphError where there are nodes and a part
// with several effects.
Laplace laplace(const Body& body, Graph& to, const std::vector<Expr>& parameters,
                const LaplaceOptions& options, std::shared_ptr<EffectsSearch>& search);

}  // namespace admle
