// The numbers of an elimination A + shift I = L D L', in the order that was found for the pattern,
// for numbers of any kind: dual numbers give its derivative.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "math/dense-factor.h"
#include "math/sparse-factor.h"

namespace admle {

// v + d e with e^2 = 0.
struct Dual {
  double v = 0, d = 0;

  Dual() = default;
  Dual(double value, double slope = 0) : v(value), d(slope) {}  // NOLINT: numbers are dual numbers
  friend Dual operator+(Dual x, Dual y) { return {x.v + y.v, x.d + y.d}; }
  friend Dual operator-(Dual x, Dual y) { return {x.v - y.v, x.d - y.d}; }
  friend Dual operator*(Dual x, Dual y) { return {x.v * y.v, x.d * y.v + x.v * y.d}; }
  friend Dual operator/(Dual x, Dual y) {
    const double ratio = x.v / y.v;
    return {ratio, (x.d - ratio * y.d) / y.v};
  }
  Dual& operator+=(Dual y) { return *this = *this + y; }
  Dual& operator-=(Dual y) { return *this = *this - y; }
};

inline double number(double x) { return x; }
inline double number(Dual x) { return x.v; }

template <class T>
struct Elimination {
  std::vector<int> row;  // of the elements of L, by sparse columns
  std::vector<T> value;  // of the elements of L
  std::vector<T> pivot;  // D, of the sparse columns
  std::vector<T> rest;   // lower triangle of the complement that the dense block is to factorise
  bool ok = false;       // whether all pivots were positive
};

// `values`: the upper triangle of A, in the order of the pattern. Row i of L solves L y = a_i over
// the columns that it reaches; what is left of a_i in the columns of the dense block is its row of
// the complement.
template <class T>
Elimination<T> eliminate(const SparseOrder& o, const T* values, double shift) {
  const auto at = [](int i) { return static_cast<std::size_t>(i); };
  const int n = o.size(), dense = o.sparse_columns();
  const std::size_t m = at(n - dense);
  Elimination<T> out;
  out.row.resize(o.factor_begin_.back());
  out.value.resize(o.factor_begin_.back());
  out.pivot.resize(at(dense));
  out.rest.assign(m * m, T(0));
  std::vector<T> y(at(n), T(0));
  std::vector<std::size_t> end(o.factor_begin_.begin(), o.factor_begin_.end() - 1);
  std::vector<int> seen(at(n), -1), path(at(n)), reach(at(n));
  for (int i = 0; i < n; ++i) {
    seen[at(i)] = i;
    std::size_t first = at(n);
    for (std::size_t e = o.row_begin_[at(i)]; e < o.row_begin_[at(i) + 1]; ++e) {
      const int to = o.column_[e];
      y[at(to)] += values[o.source_[e]];
      // The path up from here, in front of those found before: then columns come in an order in
      // which each is final when its turn comes.
      std::size_t length = 0;
      for (int j = to; j < dense && seen[at(j)] != i; j = o.parent_[at(j)]) {
        path[length++] = j;
        seen[at(j)] = i;
      }
      while (length > 0) reach[--first] = path[--length];
    }
    const T diagonal = y[at(i)] + T(shift);
    T pivot = diagonal;
    y[at(i)] = T(0);
    for (std::size_t k = first; k < at(n); ++k) {
      const int j = reach[k];
      const T now = y[at(j)];
      y[at(j)] = T(0);
      std::size_t e = o.factor_begin_[at(j)];
      for (; e < end[at(j)]; ++e) y[at(out.row[e])] -= out.value[e] * now;
      const T l = now / out.pivot[at(j)];
      pivot -= l * now;
      out.row[e] = i;
      out.value[e] = l;
      ++end[at(j)];
    }
    const double left = number(pivot);
    if (!(left > kZeroPivot * std::abs(number(diagonal))) || !std::isfinite(left)) return out;
    if (i < dense) {
      out.pivot[at(i)] = pivot;
      continue;
    }
    for (int j = dense; j < i; ++j) {
      out.rest[at(i - dense) + at(j - dense) * m] = y[at(j)];
      y[at(j)] = T(0);
    }
    out.rest[at(i - dense) * (m + 1)] = pivot;
  }
  out.ok = true;
  return out;
}

}  // namespace admle
