// A small test harness without macros: a static Test registers a function under a name, run_all()
// runs every one, check() counts and prints what failed. An exception fails its test.
#pragma once

#include <cmath>
#include <cstdio>
#include <exception>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace admle_test {

struct Registry {
  std::vector<std::pair<std::string, std::function<void()>>> tests;
  std::string running;
  int passed = 0;
  int failed = 0;
};

inline Registry& registry() {
  static Registry instance;
  return instance;
}

struct Test {
  Test(const char* name, std::function<void()> body) {
    registry().tests.emplace_back(name, std::move(body));
  }
};

inline void check(bool ok, const char* what) {
  Registry& all = registry();
  ++(ok ? all.passed : all.failed);
  if (!ok) std::printf("FAILED %s: %s\n", all.running.c_str(), what);
}

inline void check(bool ok, const std::string& what) { check(ok, what.c_str()); }

// |a - b| <= rel_tol |b|, or both the same infinity, or both NaN.
inline void check_close(double a, double b, double rel_tol, const char* what) {
  const bool same = a == b || (std::isnan(a) && std::isnan(b));
  const bool ok = same || std::fabs(a - b) <= rel_tol * std::fabs(b);
  if (ok) return check(true, what);
  char numbers[120];
  std::snprintf(numbers, sizeof numbers, ": %.17g for %.17g (relative tolerance %.2g)", a, b,
                rel_tol);
  check(false, what + std::string(numbers));
}

inline void check_close(double a, double b, double rel_tol, const std::string& what) {
  check_close(a, b, rel_tol, what.c_str());
}

// Number of failed checks. A filter runs only the tests whose name contains it.
inline int run_all(const std::string& filter = "") {
  Registry& all = registry();
  for (const auto& [name, body] : all.tests) {
    if (name.find(filter) == std::string::npos) continue;
    all.running = name;
    try {
      body();
    } catch (const std::exception& error) {
      check(false, std::string("exception: ") + error.what());
    }
  }
  std::printf("%d passed, %d failed\n", all.passed, all.failed);
  return all.failed;
}

}  // namespace admle_test
