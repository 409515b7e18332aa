#!/usr/bin/python3
"""Writes src/math/vector-coefficients.h: coefficients of the polynomials in src/math/vector-*.h.

Minimax polynomials by the exchange algorithm of Remez (Powell 1981, Approximation Theory and
Methods, chapters 8 and 9) at 60 digits: from the Chebyshev points, solve for the polynomial whose
weighted error alternates there, move the points to the error's extremes, repeat. The error printed
beside each name is that of the rounded coefficients.

Usage: python3 tools/minimax.py   (from the package's root; needs mpmath; a minute)
"""

from mpmath import mp, mpf

mp.dps = 60
GRID = 40


def horner(coefficients, x):
    value = mpf(0)
    for c in reversed(coefficients):
        value = value * x + c
    return value


def alternating_polynomial(f, weight, degree, points):
    """The polynomial whose weighted error is +E, -E, +E, ... at degree + 2 points."""
    n = degree + 2
    a, b = mp.matrix(n, n), mp.matrix(n, 1)
    for i, x in enumerate(points):
        for k in range(n - 1):
            a[i, k] = x**k
        a[i, n - 1] = (-1) ** i / weight(x)
        b[i] = f(x)
    return list(mp.lu_solve(a, b))[: n - 1]


def extremes(error, points, low, high):
    """One extreme of the error near each of the points."""
    found = []
    for i, x in enumerate(points):
        left = (points[i - 1] + x) / 2 if i else low
        right = (points[i + 1] + x) / 2 if i + 1 < len(points) else high
        sign = mp.sign(error(x))
        grid = [left + (right - left) * k / GRID for k in range(GRID + 1)]
        found.append(max(grid, key=lambda t: sign * error(t)))
    return found


def minimax(f, low, high, degree, weight=lambda x: mpf(1)):
    low, high = mpf(low), mpf(high)
    n = degree + 2
    points = [(low + high - (high - low) * mp.cos(mp.pi * i / (n - 1))) / 2 for i in range(n)]
    for _ in range(4):
        p = alternating_polynomial(f, weight, degree, points)
        points = extremes(lambda x: (horner(p, x) - f(x)) * weight(x), points, low, high)
    p = [mpf(float(c)) for c in p]
    grid = [low + (high - low) * k / 500 for k in range(501)]
    return p, max(abs((horner(p, x) - f(x)) * weight(x)) for x in grid)


def limit_at_zero(f, value):
    return lambda x: mpf(value) if abs(x) < 1e-25 else f(x)


def exp_tail(r):
    return (mp.expm1(r) - r) / r**2


def log_tail(z):
    s = mp.sqrt(z)
    return (2 * mp.atanh(s) - 2 * s) / (s * z)


def on_half_line(f, start, shift, power=1):
    """f(x) (x + shift)^power for x >= start, as a function of t = 1 - 2 (start + shift) /
    (x + shift), which runs from -1 to 1 (Shepherd and Laframboise 1981, Math. Comp. 36(153))."""

    def g(t):
        x = 2 * (start + shift) / max(1 - t, mpf("1e-25")) - shift
        return f(x) * (x + shift) ** power

    return lambda degree: minimax(g, -1, 1, degree, lambda t: 1 / g(t))


def cdf_slope(w):
    """(Phi(x) - 1/2) / x for x = sqrt(w)"""
    x = mp.sqrt(w)
    return mp.erf(x / mp.sqrt(2)) / (2 * x)


def mills_fraction(z, first):
    """Laplace's continued fraction z + n / (z + (n + 1) / (z + ...)) from n = first."""
    value = z
    for n in range(first + 200, first - 1, -1):
        value = z + n / value
    return value


def mills_ratio(z):
    """(1 - Phi(z)) / phi(z)"""
    if z > 50:
        return 1 / mills_fraction(z, 1)
    return mp.sqrt(mp.pi / 2) * mp.erfc(z / mp.sqrt(2)) * mp.exp(z * z / 2)


def mills_excess(z):
    return 1 / mills_ratio(z) - z if z < 50 else 1 / mills_fraction(z, 2)


def mills_curvature(z):
    if z < 50:
        return 1 - mills_excess(z) / mills_ratio(z)
    k3 = mills_fraction(z, 3)
    k2 = z + 2 / k3
    return (2 * k2 - k3) / (k2**2 * k3)


def stirling_error(x):
    if x > 1e6:
        return 1 / (12 * x) - 1 / (360 * x**3)
    return mp.loggamma(x) - (x - mpf(1) / 2) * mp.log(x) + x - mp.log(2 * mp.pi) / 2


def log_minus_digamma(x):
    return mp.log(x) - mp.psi(0, x)


def lgamma_near_2(u):
    return mp.loggamma(2 + u) / u


DIGAMMA_ROOT = mp.findroot(lambda x: mp.psi(0, x), 1.46)


def digamma_near_root(x):
    return mp.psi(0, x) / (x - DIGAMMA_ROOT)


HALF_LOG2 = mp.log(2) / 2 + mpf("1e-4")
LOG_S = ((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)) ** 2

POLYNOMIALS = {
    "kExpTail": lambda: minimax(
        limit_at_zero(exp_tail, mpf(1) / 2), -HALF_LOG2, HALF_LOG2, 10),
    "kLogTail": lambda: minimax(
        limit_at_zero(log_tail, mpf(2) / 3), 0, LOG_S * mpf("1.0001"), 7),
    "kReciprocal": lambda: minimax(
        lambda f: 1 / (1 + f), mp.sqrt(mpf(1) / 2) - 1, mp.sqrt(2) - 1, 3, lambda f: 1 + f),
    "kCdfSlope": lambda: minimax(
        limit_at_zero(cdf_slope, 1 / mp.sqrt(2 * mp.pi)), 0, 1, 10),
    "kMillsRatio": lambda: on_half_line(mills_ratio, 0, 4)(25),
    "kMillsExcess": lambda: on_half_line(mills_excess, 0, 4)(29),
    "kMillsCurvature": lambda: on_half_line(mills_curvature, 0, 4, 2)(31),
    "kStirlingError": lambda: on_half_line(stirling_error, 1, mpf(1) / 2)(20),
    "kLogMinusDigamma": lambda: on_half_line(log_minus_digamma, 2, mpf(1) / 2)(16),
    "kTrigamma": lambda: on_half_line(lambda x: mp.psi(1, x), 1, mpf(1) / 2)(20),
    "kLgammaNear2": lambda: minimax(
        limit_at_zero(lgamma_near_2, 1 - mp.euler), mpf(-1) / 2, mpf(1) / 2, 19),
    "kDigammaNearRoot": lambda: minimax(
        lambda u: digamma_near_root(mpf(3) / 2 + u), mpf(-1) / 2, mpf(1) / 2, 21),
}


HEAD = """// Written by tools/minimax.py: minimax polynomials, in increasing powers. Where they are used
// says what they approximate; the error is relative to that, or absolute where it passes zero.
#pragma once

namespace admle::minimax {
"""


def main():
    with open("src/math/vector-coefficients.h", "w") as file:
        file.write(HEAD)
        for name, make in POLYNOMIALS.items():
            p, error = make()
            file.write(f"\n// Error {float(error):.1e}\nconstexpr double {name}[] = {{\n")
            for c in p:
                file.write(f"    {float(c)!r},\n")
            file.write("};\n")
        file.write("\n}  // namespace admle::minimax\n")


if __name__ == "__main__":
    main()
