// The table of methods; see methods.h.
#include "solve/methods.h"

#include "solve/line-search.h"

#include <algorithm>
#include <iterator>
#include <stdexcept>

namespace admle {
namespace {

template <typename Base, typename Class>
std::unique_ptr<Base> make(Evaluator& evaluator) {
  return std::make_unique<Class>(evaluator);
}

constexpr auto kBfgs = make<Direction, BfgsDirection>;
constexpr auto kLbfgs = make<Direction, LbfgsDirection>;
constexpr auto kBhhh = make<Direction, BhhhDirection>;
constexpr auto kLine = make<Search, LineSearch>;

bool never(const Evaluator&) { return false; }
bool always(const Evaluator&) { return true; }
bool small(const Evaluator& e) { return e.dimension() <= e.options().dense_limit; }
bool hessian(const Evaluator& e) { return e.makes_hessian(); }
bool scores(const Evaluator& e) { return e.has_scores() && small(e); }

const MethodRow kMethods[] = {
    {Method::kAuto, "auto", "auto", nullptr, nullptr, 0, never},
    {Method::kNewton, "newton", "trust-region Newton", nullptr, nullptr, 3000, hessian},
    {Method::kBfgs, "bfgs", "BFGS", kBfgs, kLine, 1000, small},
    {Method::kLbfgs, "lbfgs", "L-BFGS", kLbfgs, kLine, 10000, always},
    {Method::kBhhh, "bhhh", "BHHH", kBhhh, kLine, 1000, scores},
};

}  // namespace

const MethodRow& method_row(Method method) {
  return *std::find_if(std::begin(kMethods), std::end(kMethods),
                       [method](const MethodRow& row) { return row.method == method; });
}

const MethodRow& choose_method(Method wanted, const Evaluator& evaluator) {
  const MethodRow& row = method_row(wanted);
  if (row.available(evaluator)) return row;
  return method_row(hessian(evaluator) ? Method::kNewton : Method::kLbfgs);
}

Method method_named(const std::string& name) {
  for (const MethodRow& row : kMethods) {
    if (row.name == name) return row.method;
  }
  throw std::invalid_argument("no method is called \"" + name + "\"");
}

const char* method_name(Method method) { return method_row(method).label; }

}  // namespace admle
