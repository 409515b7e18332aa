// Bernoulli numbers, the coefficients of the asymptotic expansions of log Gamma and its derivatives
// (DLMF 24.2, 5.11).
#pragma once

#include <array>

namespace admle::special {

// B_2, B_4, ..., B_20.
inline constexpr std::array<double, 10> kBernoulli = {
    1.0 / 6.0,       -1.0 / 30.0, 1.0 / 42.0,      -1.0 / 30.0,     5.0 / 66.0,
    -691.0 / 2730.0, 7.0 / 6.0,   -3617.0 / 510.0, 43867.0 / 798.0, -174611.0 / 330.0};

}  // namespace admle::special
