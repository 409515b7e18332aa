// The limit for a recursion: value and gradient of a GARCH(1,1) log-likelihood with normal
// errors, differentiated by hand (one loop forward, one backward), in plain C++.
//
//   g++ -O2 -std=c++17 -o limit-recursion limit-recursion.cpp
//   limit-recursion 100000 50      observations, repetitions; prints the median in milliseconds
//
//   e[t] = y[t] - mu,  h[0] = mean(e^2),  h[t] = w + a e[t-1]^2 + b h[t-1]
//   value = sum of -(log(2 pi) + log(h[t]) + e[t]^2 / h[t]) / 2
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

namespace {

constexpr double kLog2Pi = 1.837877066409345483560659472811;

// The gradient is with respect to w, a, b, mu. `h` is work space of n numbers.
double garch(const std::vector<double>& y, const double* theta, double* gradient,
             std::vector<double>& h) {
  const double w = theta[0], a = theta[1], b = theta[2], mu = theta[3];
  const std::size_t n = y.size();
  const auto square = [&](std::size_t t) { return (y[t] - mu) * (y[t] - mu); };
  double total = 0;
  for (std::size_t t = 0; t < n; ++t) total += square(t);
  h[0] = total / static_cast<double>(n);
  double value = 0;
  for (std::size_t t = 0; t < n; ++t) {
    if (t > 0) h[t] = w + a * square(t - 1) + b * h[t - 1];
    value -= 0.5 * (kLog2Pi + std::log(h[t]) + square(t) / h[t]);
  }
  double dw = 0, da = 0, db = 0, dmu = 0;
  double carried = 0;  // d value / d h[t] through later observations
  for (std::size_t t = n; t-- > 1;) {
    const double e = y[t] - mu, inverse = 1 / h[t];
    const double slope = carried + 0.5 * inverse * (e * e * inverse - 1);
    const double before = y[t - 1] - mu;
    dw += slope;
    da += slope * before * before;
    db += slope * h[t - 1];
    dmu += e * inverse - 2 * slope * a * before;
    carried = slope * b;
  }
  const double e = y[0] - mu, inverse = 1 / h[0];
  const double slope = carried + 0.5 * inverse * (e * e * inverse - 1);
  double sum = 0;
  for (std::size_t t = 0; t < n; ++t) sum += y[t] - mu;
  dmu += e * inverse - 2 * slope * sum / static_cast<double>(n);
  gradient[0] = dw;
  gradient[1] = da;
  gradient[2] = db;
  gradient[3] = dmu;
  return value;
}

}  // namespace

int main(int argc, char** argv) {
  const auto n = static_cast<std::size_t>(argc > 1 ? std::atol(argv[1]) : 100000);
  const int repetitions = argc > 2 ? std::atoi(argv[2]) : 50;
  std::mt19937_64 generator(1);
  std::normal_distribution<double> normal;
  std::vector<double> y(n), h(n), times;
  for (double& value : y) value = normal(generator);
  double theta[4] = {0.1, 0.1, 0.8, 0.01}, gradient[4], value = 0;
  for (int i = 0; i < repetitions; ++i) {
    theta[0] += 1e-6;
    const auto begin = std::chrono::steady_clock::now();
    value = garch(y, theta, gradient, h);
    const std::chrono::duration<double, std::milli> passed =
        std::chrono::steady_clock::now() - begin;
    times.push_back(passed.count());
  }
  std::sort(times.begin(), times.end());
  std::printf("%.4f ms; value %.10g, gradient %.10g %.10g %.10g %.10g\n", times[times.size() / 2],
              value, gradient[0], gradient[1], gradient[2], gradient[3]);
  // The same by central differences, as a check of the derivation.
  for (int i = 0; i < 4; ++i) {
    const double kept = theta[i];
    double unused[4];
    theta[i] = kept + 1e-5;
    const double above = garch(y, theta, unused, h);
    theta[i] = kept - 1e-5;
    const double below = garch(y, theta, unused, h);
    theta[i] = kept;
    std::printf("%s%.6g", i == 0 ? "by differences: " : ", ", (above - below) / 2e-5);
  }
  std::printf("\n");
}
