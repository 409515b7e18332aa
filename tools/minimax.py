#!/usr/bin/python3
"""Coefficients of the polynomials in src/ops/vector-*.h, printed as C++.

Minimax polynomials by the exchange algorithm of Remez (Powell 1981, Approximation Theory and
Methods, chapters 8 and 9) at 60 digits: from the Chebyshev points, solve for the polynomial whose
weighted error alternates there, move the points to the error's extremes, repeat. The error printed
beside each name is that of the rounded coefficients.

Usage: python3 tools/minimax.py [NAME ...]   (needs mpmath; a minute)
"""
import sys

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
    return lambda x: mpf(value) if x == 0 else f(x)


def exp_tail(r):
    return (mp.expm1(r) - r) / r**2


def log_tail(z):
    s = mp.sqrt(z)
    return (2 * mp.atanh(s) - 2 * s) / (s * z)


HALF_LOG2 = mp.log(2) / 2 + mpf("1e-4")
LOG_S = ((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)) ** 2

POLYNOMIALS = {
    "kExpTail": lambda: minimax(
        limit_at_zero(exp_tail, mpf(1) / 2), -HALF_LOG2, HALF_LOG2, 10),
    "kLogTail": lambda: minimax(
        limit_at_zero(log_tail, mpf(2) / 3), 0, LOG_S * mpf("1.0001"), 7),
    "kReciprocal": lambda: minimax(
        lambda f: 1 / (1 + f), mp.sqrt(mpf(1) / 2) - 1, mp.sqrt(2) - 1, 3, lambda f: 1 + f),
}


def main():
    for name in sys.argv[1:] or POLYNOMIALS:
        p, error = POLYNOMIALS[name]()
        print(f"// error {float(error):.1e}")
        print(f"constexpr double {name}[] = {{")
        for c in p:
            print(f"    {float(c)!r},")
        print("};")


if __name__ == "__main__":
    main()
