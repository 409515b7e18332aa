// Nanoseconds per element of elementwise kernels, each instruction set's beside a plain loop over
// the function of doubles: medians over repetitions on a block of rows that stays in the cache.
//
//   g++ -std=c++17 -O2 -DMATHLIB_STANDALONE -Isrc bench/kernels.cpp
//     src/{math,graph,ops}/*.cpp tests/cpp/nmath-standalone.cpp -I<RcppEigen's include> -lRmath
//     -o kernels
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "math/vector.h"
#include "ops/composite.h"

namespace {

using namespace admle;

constexpr std::int32_t kRows = 1024;

// Somewhere in the domain that the table gives.
double draw(const std::string& domain, double u) {
  if (domain == "unit") return u;
  if (domain == "positive") return 0.05 + 12 * u;
  if (domain == "count") return static_cast<int>(9 * u);
  if (domain == "fixed") return 1;
  return 8 * u - 4;
}

template <typename Function>
double nanoseconds(Function function) {
  std::vector<double> times;
  for (int repeat = 0; repeat < 31; ++repeat) {
    const auto begin = std::chrono::steady_clock::now();
    for (int k = 0; k < 8; ++k) function();
    const std::chrono::duration<double, std::nano> time = std::chrono::steady_clock::now() - begin;
    times.push_back(time.count() / (8.0 * kRows));
  }
  std::nth_element(times.begin(), times.begin() + 15, times.end());
  return times[15];
}

void time_operation(std::size_t i) {
  const ElementwiseInfo& info = elementwise(static_cast<Op>(i));
  std::vector<std::vector<double>> x;
  std::vector<Argument> arguments;
  std::string domains = info.domain;
  double u = 0.5;
  for (int k = 0; k < info.arity; ++k) {
    const std::string domain = domains.substr(0, domains.find(','));
    domains.erase(0, domain.size() + 1);
    x.emplace_back(kRows);
    for (double& value : x.back()) {
      u = u + 0.6180339887498949 - (u > 0.3819660112501051);
      value = draw(domain, u);
    }
    u = 0.3 * u + 0.1;
  }
  for (const auto& column : x) arguments.push_back({column.data(), kRows, kRows, 1});
  std::vector<double> out(kRows);
  const Result result{out.data(), kRows, kRows, 1};
  const double plain = nanoseconds([&] {
    for (std::size_t r = 0; r < kRows; ++r) {
      double in[4] = {};
      for (std::size_t k = 0; k < x.size(); ++k) in[k] = x[k][r];
      out[r] = info.scalar(in);
    }
  });
  std::printf("%-20s %8.2f", info.name, plain);
  for (const InstructionSet set :
       {InstructionSet::kBaseline, InstructionSet::kAvx2, InstructionSet::kAvx512}) {
    const Kernel kernel = vector_functions(set)[i].kernel;
    if (kernel == nullptr) std::printf("%9s", "-");
    else std::printf("%9.2f", nanoseconds([&] { kernel(arguments.data(), result); }));
  }
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
  std::printf("%-20s %8s%9s%9s%9s\n", "operation", "plain", "baseline", "avx2", "avx512");
  for (std::size_t i = 0; i < kElementwiseCount; ++i) {
    const std::string name = elementwise(static_cast<Op>(i)).name;
    bool asked = argc == 1 && vector_functions(InstructionSet::kBaseline)[i].kernel != nullptr;
    for (int k = 1; k < argc; ++k) asked = asked || name == argv[k];
    if (asked) time_operation(i);
  }
}
