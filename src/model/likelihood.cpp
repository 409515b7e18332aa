// Weights multiply what is there by `mulz`: a weight of zero leaves the observation out, whatever
// its contribution is, and so does it for the derivatives.
#include "model/likelihood.h"

#include "ops/structural.h"

namespace admle {

LikelihoodNodes make_likelihood(Graph& graph, NodeId returned, const LikelihoodOptions& options) {
  Expr value(&graph, returned);
  const auto size = [&] { return static_cast<std::int32_t>(value.shape().size()); };
  if (options.contributions) {
    value = reshape(value, {size(), 1});
    if (options.use_subset)
      value = gather(value, options.subset, {static_cast<std::int32_t>(options.subset.size()), 1});
    if (!options.weights.empty())
      value = mulz(constant(&graph, options.weights, {size(), 1}), value);
  }
  if (options.negative) value = -value;
  if (!options.contributions) return {value.id(), -1};
  return {sum(value).id(), value.id()};
}

}  // namespace admle
