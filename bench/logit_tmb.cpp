// The logit of logit.R as a template of TMB.
#include <TMB.hpp>

template <class Type>
Type objective_function<Type>::operator()() {
  DATA_MATRIX(X);
  DATA_VECTOR(y);
  PARAMETER_VECTOR(beta);
  const vector<Type> eta = X * beta;
  Type total = 0;
  for (int i = 0; i < y.size(); ++i) total += y[i] * eta[i] - logspace_add(Type(0), eta[i]);
  return -total;
}
