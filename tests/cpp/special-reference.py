#!/usr/bin/python3
"""Reference values for test-special.cpp: writes special-reference.inc beside itself.

Everything is computed with mpmath at 130 to 450 digits. The incomplete functions are summed from
their power series and differentiated by central differences with steps of 1e-20, which leaves
more than 30 correct digits: neither the continued fractions nor the analytic derivatives of the
engine are used here.

Usage: python3 tests/cpp/special-reference.py   (needs mpmath; some minutes)
"""
import multiprocessing
import os

from mpmath import mp, mpf

mp.dps = 130
STEP = mpf(10) ** -20


def literal(value):
    return repr(float(value)) if abs(float(value)) < 1e300 else "%.17g" % float(value)


# The incomplete functions, as (P, 1 - P).


def incomplete_gamma(x, a):
    term = total = mpf(1)
    n = 0
    while term > total * mp.eps:
        n += 1
        term = term * x / (a + n)
        total += term
    lower = mp.exp(a * mp.log(x) - x - mp.loggamma(a + 1)) * total
    return lower, 1 - lower


def incomplete_beta(x, y, a, b):
    if x > y:
        lower, upper = incomplete_beta(y, x, b, a)
        return upper, lower
    term = total = mpf(1)
    n = 0
    while term > total * mp.eps:
        n += 1
        term = term * (a + b + n - 1) * x / (a + n)
        total += term
    log_beta = mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)
    lower = mp.exp(a * mp.log(x) + b * mp.log(y) - mp.log(a) - log_beta) * total
    return lower, 1 - lower


# Differences.


def derivatives_one(f, a):
    """First to third derivative of f at a."""
    h = a * STEP
    v = {i: f(a + i * h) for i in (-2, -1, 0, 1, 2)}
    return [
        (v[1] - v[-1]) / (2 * h),
        (v[1] - 2 * v[0] + v[-1]) / h**2,
        (v[2] - 2 * v[1] + 2 * v[-1] - v[-2]) / (2 * h**3),
    ]


def derivatives_two(f, a, b):
    """a, b, aa, ab, bb, aaa, aab, abb, bbb derivatives of f at (a, b)."""
    h, k = a * STEP, b * STEP
    offsets = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    offsets += [(-2, 0), (2, 0), (0, -2), (0, 2)]
    v = {(i, j): f(a + i * h, b + j * k) for i, j in offsets}

    def second_a(j):
        return (v[1, j] - 2 * v[0, j] + v[-1, j]) / h**2

    def second_b(i):
        return (v[i, 1] - 2 * v[i, 0] + v[i, -1]) / k**2

    return [
        (v[1, 0] - v[-1, 0]) / (2 * h),
        (v[0, 1] - v[0, -1]) / (2 * k),
        second_a(0),
        (v[1, 1] - v[1, -1] - v[-1, 1] + v[-1, -1]) / (4 * h * k),
        second_b(0),
        (v[2, 0] - 2 * v[1, 0] + 2 * v[-1, 0] - v[-2, 0]) / (2 * h**3),
        (second_a(1) - second_a(-1)) / (2 * k),
        (second_b(1) - second_b(-1)) / (2 * h),
        (v[0, 2] - 2 * v[0, 1] + 2 * v[0, -1] - v[0, -2]) / (2 * k**3),
    ]


class Memo:
    """log P and log(1 - P) from one evaluation; both tails must lie above exp(-700)."""

    def __init__(self, f):
        self.f = f
        self.seen = {}

    def log(self, tail, *at):
        if at not in self.seen:
            self.seen[at] = self.f(*at)
        return mp.log(self.seen[at][tail])

    def in_range(self, *at):
        tails = self.f(*at)
        return all(tail > 0 and -700 < mp.log(tail) < -mpf(10) ** -300 for tail in tails)


def gamma_row(point):
    x, a = point
    mp.dps = 450
    x, a = mpf(x), mpf(a)
    memo = Memo(lambda shape: incomplete_gamma(x, shape))
    if not memo.in_range(a):
        return None
    return [x, a] + [d for tail in (0, 1) for d in derivatives_one(lambda s: memo.log(tail, s), a)]


def beta_row(point):
    small, reflect, a, b = point
    mp.dps = 450
    small, a, b = mpf(small), mpf(a), mpf(b)
    x, y = (1 - small, small) if reflect else (small, 1 - small)
    memo = Memo(lambda s, t: incomplete_beta(x, y, s, t))
    if not memo.in_range(a, b):
        return None
    values = [derivatives_two(lambda s, t: memo.log(tail, s, t), a, b) for tail in (0, 1)]
    return [x, y, a, b] + values[0] + values[1]


def student_row(point):
    """First and second derivatives in df of the log density and of both log tails."""
    t, df = point
    mp.dps = 250
    t, df = mpf(t), mpf(df)

    def log_density(n):
        gammas = mp.loggamma((n + 1) / 2) - mp.loggamma(n / 2)
        return gammas - mp.log(mp.pi * n) / 2 - (n + 1) / 2 * mp.log1p(t * t / n)

    def tails(n):
        both, centre = incomplete_beta(n / (n + t * t), t * t / (n + t * t), n / 2, mpf(0.5))
        return (both / 2, (1 + centre) / 2) if t < 0 else ((1 + centre) / 2, both / 2)

    memo = Memo(tails)
    if not memo.in_range(df):
        return None
    functions = [log_density, lambda n: memo.log(0, n), lambda n: memo.log(1, n)]
    return [t, df] + [d for f in functions for d in derivatives_one(f, df)[:2]]


def student_points():
    return [(t, df) for df in (0.3, 1.0, 2.5, 7.0, 30.0, 400.0, 1e4, 1e6, 1e8)
            for t in (-20.0, -6.0, -2.0, -1.5, -0.3, 1e-3, 0.8, 1.7, 3.0, 9.0)]


def gamma_points():
    points = []
    for a in (1e-3, 0.01, 0.1, 0.5, 0.95, 1.0, 1.7, 4.0):
        for x in (1e-300, 1e-20, 1e-4, 0.1, 0.5, 0.999, 1.001, 1.5, 3.0, 12.0, 80.0, 600.0):
            points.append((x, a))
    for a in (12.5, 33.0, 150.0, 999.5, 12345.6, 1e5):
        for z in (-35, -12, -5, -1.5, -0.3, 0, 0.4, 1.5, 5, 12, 35):
            points.append((a * float(mp.exp(z / mp.sqrt(a))), a))
    return points


def beta_points():
    """The smaller of x and 1 - x is exact in double precision; 'reflect' says that it is 1 - x."""

    def point(logit, a, b):
        return (float(mp.exp(-abs(logit)) / (1 + mp.exp(-abs(logit)))), logit > 0, a, b)

    points = []
    shapes = [(0.01, 0.01), (0.01, 1.0), (0.01, 30.0), (0.01, 1e5), (0.5, 0.5), (0.5, 3.0),
              (0.9, 1.1), (1.0, 1.0), (1.0, 2.5), (2.2, 0.7), (5.0, 0.01), (12.0, 9.0),
              (40.0, 2.0), (3e3, 7.0), (2.0, 1e3), (1e3, 0.3), (500.0, 700.0), (1e5, 0.01),
              (1e5, 1.0), (3e4, 1e5), (5.0, 1e5), (1e5, 300.0)]
    for a, b in shapes:
        spread = mp.sqrt(mp.polygamma(1, a) + mp.polygamma(1, b))
        for z in (-20, -6, -1.8, -0.4, 0, 0.5, 2, 7):
            points.append(point(max(-690, min(690, mp.log(a / b) + z * spread)), a, b))
    for z in (-30, -6, -1, 0, 3):
        points.append(point(z * mp.sqrt(2e-5), 1e5, 1e5))
    for df in (0.5, 1.0, 3.0, 10.0, 100.0, 1e4, 1e6):
        for t in (0.01, 0.5, 2.0, 8.0, 40.0):
            if df < 1e6 or t < 30:
                points.append(point(mp.log(df) - 2 * mp.log(t), df / 2, 0.5))
    return sorted(set(points), key=lambda p: p[2:] + p[:2])


# The other tables.


def normal_rows():
    rows = []
    for x in (-1e150, -1e8, -3e5, -1e3, -120.0, -38.5, -20.0, -10.0, -6.1, -4.0, -3.0, -2.5, -2.001,
              -2.0, -1.9, -1.5, -1.0, -0.3, 0.0, 0.2, 0.9, 1.7, 3.1, 5.3, 8.9, 13.1, 20.7, 33.3,
              37.4):
        z = -mpf(x)
        if z > 1e9:  # the leading terms; the others are z^-2 of them
            rows.append([x, -z * z / 2, z, 1 / z, z**-2, 2 / z**3])
            continue
        tail = mp.erfc(z / mp.sqrt(2)) / 2
        log_value = mp.log(tail) if x < 0 else mp.log1p(-mp.erfc(-z / mp.sqrt(2)) / 2)
        m = mp.exp(-z * z / 2) / mp.sqrt(2 * mp.pi) / tail
        e = m - z
        c = 1 - m * e
        rows.append([x, log_value, m, e, c, m * (e * e - c)])
    return rows


def binormal(x, y, rho):
    """P(X <= x, Y <= y) by Gauss-Legendre panels over X, from x or the largest value outwards."""
    x, y, rho = mpf(x), mpf(y), mpf(rho)
    s = mp.sqrt((1 - rho) * (1 + rho))

    def f(u):
        return mp.exp(-u * u / 2) * mp.erfc((rho * u - y) / (s * mp.sqrt(2)))

    # A golden section over the log-concave integrand.
    low, high = mpf(-60), x
    for _ in range(80):
        a, b = low + (high - low) * mpf("0.382"), low + (high - low) * mpf("0.618")
        low, high = (a, high) if f(a) < f(b) else (low, b)
    top, total = high, mpf(0)
    for sign in (-1, 1):
        at = top
        while sign < 0 or at < x:
            width = s / (4 + max(0, rho * at - y) / s + abs(at))
            end = at - width if sign < 0 else min(x, at + width)
            part = mp.quad(f, [min(at, end), max(at, end)], method="gauss-legendre", maxdegree=3)
            total += part
            at = end
            if part < total * mpf(10) ** -25:
                break
    return total / (2 * mp.sqrt(2 * mp.pi))


def binormal_rows():
    mp.dps = 30
    points = [
        (x, y, rho)
        for x in (-30, -8, -2.5, -0.1, 0, 0.3, 1.5, 4)
        for y in (-25, -1.25, 0, 0.5, 5)
        for rho in (-0.999, -0.6, -0.1, 0.001, 0.4, 0.9, 0.9999)
    ]
    rows = [list(p) + [binormal(*p)] for p in points[::5]]
    rows = [row + [mp.log(row[3])] for row in rows]
    mp.dps = 130
    return rows


def elementary_rows():
    rows = []
    for x in (1e-300, 1e-17, 1e-5, 0.1, 0.6931, 0.694, 1.0, 5.0, 17.9, 18.1, 33.2, 33.4, 36.9, 37.1,
              300.0, 740.0, 1e5):
        e = mp.exp(-mpf(x))
        log_difference = mp.log(-mp.expm1(-mpf(x))) if x < 1 else mp.log1p(-e)
        rows.append([x, mp.log1p(e), x + mp.log1p(e), log_difference, x + log_difference,
                     e / (1 + e), 1 / (1 + e)])
    return rows


def polygamma_rows():
    points = (-1e4 - 0.375, -30.3, -2.5, -0.501, -1e-5, 1e-3, 0.3, 1.0, 1.5, 4.4, 19.9, 300.0, 1e7)
    return [[n, x, mp.polygamma(n, mpf(x))] for n in (0, 1, 2, 3, 4, 5, 8) for x in points]


def polygamma_difference_rows():
    points = ((1e-3, 1e-8), (1e-3, 5.0), (0.5, -0.4), (2.0, -1e-12), (7.0, 0.5), (25.0, -24.5),
              (1e5, 1e-2), (1e5, 1e5), (1e5, -1e5 + 3.0), (1e12, 1.0), (3.0, 1e8))
    return [[n, a, b, mp.polygamma(n, mpf(a) + mpf(b)) - mp.polygamma(n, mpf(a))]
            for n in (0, 1, 2, 5) for a, b in points]


def stirling_rows():
    rows = []
    for x in (1e-10, 0.01, 0.3, 1.0, 3.7, 10.0, 19.9, 20.1, 100.0, 1e5, 1e12):
        z = mpf(x)
        stirling = (z + 0.5) * mp.log(z) - z + mp.log(2 * mp.pi) / 2
        rows.append([x, mp.log(z) - mp.digamma(z), mp.loggamma(z + 1) - stirling])
    return rows


def main():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "special-reference.inc")
    with multiprocessing.Pool(2) as pool:
        gamma = [row for row in pool.map(gamma_row, gamma_points(), 1) if row]
        beta = [row for row in pool.map(beta_row, beta_points(), 1) if row]
        student = [row for row in pool.map(student_row, student_points(), 1) if row]
    mp.dps = 130
    tables = {
        "kNormal": normal_rows(),
        "kBinormal": binormal_rows(),
        "kElementary": elementary_rows(),
        "kPolygamma": polygamma_rows(),
        "kPolygammaDifference": polygamma_difference_rows(),
        "kStirling": stirling_rows(),
        "kIncompleteGamma": gamma,
        "kIncompleteBeta": beta,
        "kStudent": student,
    }
    with open(path, "w") as out:
        out.write("// Written by special-reference.py; do not edit.\n")
        for name, rows in tables.items():
            out.write("\nstatic const double %s[][%d] = {\n" % (name, len(rows[0])))
            for row in rows:
                cells = [literal(value) for value in row]
                lines = [", ".join(cells[i : i + 4]) for i in range(0, len(cells), 4)]
                out.write("    {" + ",\n     ".join(lines) + "},\n")
            out.write("};\n")


if __name__ == "__main__":
    main()
