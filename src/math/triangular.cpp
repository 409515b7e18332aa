#include "math/triangular.h"

#include <algorithm>
#include <vector>

namespace admle {

void divide_by_triangular(const double* x, const double* r, std::size_t n, std::size_t k,
                          double* quotient) {
  // Rows in pieces that stay in cache, with the columns solved so far.
  constexpr std::size_t kPiece = 64;
  std::vector<long double> solved(kPiece * k);
  for (std::size_t first = 0; first < n; first += kPiece) {
    const std::size_t rows = std::min(kPiece, n - first);
    for (std::size_t j = 0; j < k; ++j) {
      long double* column = &solved[j * kPiece];
      for (std::size_t i = 0; i < rows; ++i) column[i] = x[j * n + first + i];
      for (std::size_t l = 0; l < j; ++l) {
        const long double factor = r[j * k + l];
        if (factor == 0) continue;
        const long double* other = &solved[l * kPiece];
        for (std::size_t i = 0; i < rows; ++i) column[i] -= factor * other[i];
      }
      for (std::size_t i = 0; i < rows; ++i) {
        column[i] /= r[j * k + j];
        quotient[j * n + first + i] = static_cast<double>(column[i]);
      }
    }
  }
}

}  // namespace admle
