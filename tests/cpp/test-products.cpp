// Blocked products against triple loops, for numbers of rows and columns around the block sizes.
#include "engine-helpers.h"
#include "math/products.h"

namespace {

using namespace admle_test;

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

// A matrix within a larger one: its columns are further apart than its rows are many.
struct Block {
  std::int32_t rows, cols;
  std::int64_t ld;
  Numbers numbers;

  Block(std::int32_t r, std::int32_t c, Random& random)
      : rows(r), cols(c), ld(r + 3), numbers(random.uniforms(ld * std::max(c, 1))) {}
  double get(std::int32_t i, std::int32_t j) const { return numbers[at(i + j * ld)]; }
  Argument argument() const { return {numbers.data(), ld, rows, cols}; }
  Result result() { return {numbers.data(), ld, rows, cols}; }
};

constexpr std::int32_t kRows[] = {1, 7, 8, 64, 511, 513, 1030};
constexpr std::int32_t kColumns[] = {1, 2, 5, 8, 13};

const Test multiplied{"products: A B", [] {
  Random random(1);
  for (std::int32_t n : kRows) {
    for (std::int32_t p : kColumns) {
      for (std::int32_t q : kColumns) {
        const Block a(n, p, random), b(p, q, random);
        Block out(n, q, random);
        multiply(a.argument(), b.argument(), out.result());
        Numbers found, expected;
        for (std::int32_t j = 0; j < q; ++j) {
          for (std::int32_t i = 0; i < n; ++i) {
            long double total = 0;
            for (std::int32_t k = 0; k < p; ++k)
              total += static_cast<long double>(a.get(i, k)) * b.get(k, j);
            found.push_back(out.get(i, j));
            expected.push_back(static_cast<double>(total));
          }
        }
        check_all_close(found, expected, Tolerance::kValue, "A B", p);
      }
    }
  }
}};

// out + t(A) diag(w) B, by definition.
Numbers cross(const Block& a, const double* w, const Block& b, const Block& out) {
  Numbers expected;
  for (std::int32_t j = 0; j < b.cols; ++j) {
    for (std::int32_t i = 0; i < a.cols; ++i) {
      long double total = out.get(i, j);
      for (std::int32_t k = 0; k < a.rows; ++k)
        total += static_cast<long double>(a.get(k, i)) * (w == nullptr ? 1 : w[k]) * b.get(k, j);
      expected.push_back(static_cast<double>(total));
    }
  }
  return expected;
}

Numbers all_of(const Block& x) {
  Numbers out;
  for (std::int32_t j = 0; j < x.cols; ++j)
    for (std::int32_t i = 0; i < x.rows; ++i) out.push_back(x.get(i, j));
  return out;
}

const Test crossed{"products: t(A) diag(w) B", [] {
  Random random(2);
  for (std::int32_t n : kRows) {
    const Numbers w = random.uniforms(n);
    for (std::int32_t p : kColumns) {
      for (std::int32_t q : kColumns) {
        const Block a(n, p, random), b(n, q, random);
        for (const double* weights : {static_cast<const double*>(nullptr), w.data()}) {
          Block out(p, q, random);
          const Numbers expected = cross(a, weights, b, out);
          add_cross(a.argument(), weights, b.argument(), out.result(), false);
          check_all_close(all_of(out), expected, Tolerance::kValue, "added", n);
        }
      }
    }
  }
}};

const Test symmetric{"products: t(A) diag(w) A is symmetric", [] {
  Random random(3);
  for (std::int32_t n : kRows) {
    const Numbers w = random.uniforms(n);
    for (std::int32_t p : kColumns) {
      const Block a(n, p, random);
      Block out(p, p, random);
      std::fill(out.numbers.begin(), out.numbers.end(), 0.0);
      const Numbers expected = cross(a, w.data(), a, out);
      add_cross(a.argument(), w.data(), a.argument(), out.result(), true);
      check_all_close(all_of(out), expected, Tolerance::kValue, "one triangle", n);
      for (std::int32_t j = 0; j < p; ++j)
        for (std::int32_t i = 0; i < j; ++i)
          check(out.get(i, j) == out.get(j, i), "the same on both sides");
    }
  }
}};

}  // namespace
