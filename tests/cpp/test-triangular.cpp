// A matrix divided by a triangular factor, times the factor, is the matrix.
#include "engine-helpers.h"
#include "math/triangular.h"

namespace {

using namespace admle_test;

const Test divided{"triangular: Q R is X", [] {
  Random random(3);
  for (std::size_t n : {1u, 63u, 64u, 65u, 200u}) {
    for (std::size_t k : {1u, 2u, 7u}) {
      const Numbers x = random.uniforms(static_cast<std::int64_t>(n * k));
      Numbers r = random.uniforms(static_cast<std::int64_t>(k * k));
      for (std::size_t j = 0; j < k; ++j) r[j * k + j] += 2;
      Numbers q(n * k), product(n * k);
      admle::divide_by_triangular(x.data(), r.data(), n, k, q.data());
      for (std::size_t j = 0; j < k; ++j) {
        for (std::size_t i = 0; i < n; ++i) {
          double total = 0;
          for (std::size_t l = 0; l <= j; ++l) total += q[l * n + i] * r[j * k + l];
          product[j * n + i] = total;
        }
      }
      check_all_close(product, x, Tolerance::kRoutes, "Q R", static_cast<std::int64_t>(k));
    }
  }
}};

}  // namespace
