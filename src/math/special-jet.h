// Truncated Taylor polynomials ("jets") in one or two variables: an algorithm written once on
// jets yields its value and its partial derivatives up to a fixed total degree, exact to rounding.
// Used where a special function is a series or a continued fraction in its parameters.
// Griewank & Walther (2008), Evaluating Derivatives, 2nd ed., chapter 13.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

namespace admle::special {

// Coefficients are Taylor coefficients (derivatives over factorials), grouped by total degree d;
// within a degree of two variables, ordered by the power of the second variable.
template <int Variables, int Degree>
class Jet {
  static_assert(Variables == 1 || Variables == 2, "one or two variables");

 public:
  using Univariate = std::array<double, Degree + 1>;

  Jet(double value = 0.0) { coefficients_[0] = value; }

  static Jet variable(int which, double value) {
    Jet jet(value);
    if constexpr (Degree > 0) jet.coefficients_[1 + which] = 1.0;
    return jet;
  }

  static constexpr int index(int power_a, int power_b) {
    return offset(power_a + power_b) + power_b;
  }

  double value() const { return coefficients_[0]; }
  double coefficient(int power_a, int power_b = 0) const {
    return coefficients_[index(power_a, power_b)];
  }
  void set_derivative(int power_a, int power_b, double derivative) {
    coefficients_[index(power_a, power_b)] = derivative / (factorial(power_a) * factorial(power_b));
  }
  double derivative(int power_a, int power_b = 0) const {
    return coefficient(power_a, power_b) * factorial(power_a) * factorial(power_b);
  }

  Jet& operator+=(const Jet& other) {
    for (int i = 0; i < kSize; ++i) coefficients_[i] += other.coefficients_[i];
    return *this;
  }
  Jet& operator-=(const Jet& other) {
    for (int i = 0; i < kSize; ++i) coefficients_[i] -= other.coefficients_[i];
    return *this;
  }
  Jet& operator*=(double factor) {
    for (double& coefficient : coefficients_) coefficient *= factor;
    return *this;
  }

  friend Jet operator+(Jet x, const Jet& y) { return x += y; }
  friend Jet operator-(Jet x, const Jet& y) { return x -= y; }
  friend Jet operator*(Jet x, double y) { return x *= y; }
  friend Jet operator*(double x, Jet y) { return y *= x; }

  friend Jet operator*(const Jet& x, const Jet& y) {
    Jet product;
    product.add_products(x, y, std::make_index_sequence<kProducts.size()>());
    return product;
  }

  // f(x) from the Taylor coefficients of f at x.value(): Horner's rule in x - x.value().
  friend Jet compose(const Univariate& f, Jet x) {
    x.coefficients_[0] = 0.0;
    Jet result = f[Degree] * x;
    for (int k = Degree - 1; k > 0; --k) {
      result.coefficients_[0] = f[static_cast<std::size_t>(k)];
      result = result * x;
    }
    result.coefficients_[0] = f[0];
    return result;
  }

  friend Jet reciprocal(const Jet& x) {
    Univariate f;
    f[0] = 1.0 / x.value();
    for (std::size_t k = 1; k < f.size(); ++k) f[k] = -f[k - 1] * f[0];
    return compose(f, x);
  }

  friend Jet log(const Jet& x) { return logarithm(std::log(x.value()), x.value(), x); }

  // log(1 - x), exact to rounding for small x too.
  friend Jet log_complement(const Jet& x) {
    return logarithm(std::log1p(-x.value()), x.value() - 1.0, x);
  }

  friend Jet exp(const Jet& x) {
    Univariate f;
    f[0] = std::exp(x.value());
    for (std::size_t k = 1; k < f.size(); ++k) f[k] = f[k - 1] / static_cast<double>(k);
    return compose(f, x);
  }

 private:
  // The contribution of two coefficients to one of the product.
  struct Product {
    int left, right;  // positions of the factors' coefficients
    int result;       // position of the product's
  };

  static constexpr int width(int degree) { return Variables == 1 ? 1 : degree + 1; }
  static constexpr int offset(int degree) {
    return Variables == 1 ? degree : degree * (degree + 1) / 2;
  }
  static constexpr int kSize = offset(Degree + 1);
  static constexpr double factorial(int n) { return n < 2 ? 1.0 : n * factorial(n - 1); }

  // log(origin + t) in t = x - x.value(), with the value at t = 0 given.
  static Jet logarithm(double value, double origin, const Jet& x) {
    Univariate f;
    double power = -1.0;
    f[0] = value;
    for (std::size_t k = 1; k < f.size(); ++k) {
      power /= -origin;
      f[k] = power / static_cast<double>(k);
    }
    return compose(f, x);
  }

  template <class Visit>
  static constexpr void visit_products(Visit visit) {
    for (int d = 0; d <= Degree; ++d) {
      for (int e = 0; d + e <= Degree; ++e) {
        for (int i = 0; i < width(d); ++i) {
          for (int j = 0; j < width(e); ++j) {
            visit(Product{offset(d) + i, offset(e) + j, offset(d + e) + i + j});
          }
        }
      }
    }
  }
  static constexpr std::size_t count_products() {
    std::size_t count = 0;
    visit_products([&count](Product) { ++count; });
    return count;
  }
  static constexpr auto list_products() {
    std::array<Product, count_products()> list{};
    std::size_t count = 0;
    visit_products([&](Product product) { list[count++] = product; });
    return list;
  }
  static constexpr auto kProducts = list_products();

  // Expanded at compile time: as loops over degrees this took twice as long.
  template <std::size_t... I>
  void add_products(const Jet& x, const Jet& y, std::index_sequence<I...>) {
    ((coefficients_[kProducts[I].result] +=
      x.coefficients_[kProducts[I].left] * y.coefficients_[kProducts[I].right]),
     ...);
  }

  std::array<double, kSize> coefficients_{};  // of the Taylor polynomial, by degree
};

}  // namespace admle::special
