"""Pair sources of any brightness and loss, digit by digit: the sums over photon numbers as printed, with 80 decimals.

The native code sums geometric series in doubles, or stops early; here nothing is arranged, and 80 decimals forgive it.
Heralds so rare that nobody would wait for them keep twelve digits, and so do false ones among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal, getcontext, localcontext

import numpy as np
import pytest

import ebit

D = Decimal
Law = Callable[[int], Decimal]


@pytest.fixture(autouse=True)
def _digits() -> Iterator[None]:
    with localcontext():
        getcontext().prec = 80
        yield


def total(law: Law, t: Decimal) -> Decimal:
    """Sum until the rest of a geometric series cannot be seen."""
    value, power, n = D(0), D(1), 0
    while n == 0 or power > D("1e-70"):
        value += power * law(n)
        power *= t
        n += 1
    return value


class Node:
    """One click in a mode, or an announcement, as docs/links.md prints them; ``p`` is the dark count."""

    def __init__(self, link: ebit.MidpointSource, side: int, p: Decimal) -> None:
        self.counting = link.detector.number_resolving
        self.arrives, self.memory = D(link.source_efficiency[side]), D(link.memory_efficiency[side])  # type: ignore[index]
        self.detector, self.v, self.p = D(link.detector.efficiency), D(link.visibility), p
        rate, window = D(link.detector.dark_count_rate_hz), D(link.detector.window_s)
        self.q = (-rate * window).exp()

    def w(self, memory: int, n: int) -> Decimal:
        e, m, q, p = self.arrives * self.detector, self.memory * self.detector, self.q, self.p
        u, h = 1 - e, 1 - e / 2
        one = n * e * u ** (n - 1) if n else D(0)
        if self.counting:
            w0 = 2 * p * q * u**n + q * q * one
            return w0 if memory == 0 else (1 - m) * w0 + q * q * m * u**n
        w0 = 2 * q * (p * u**n + h**n - u**n)
        bunched = self.v * e * n * h ** (n - 1) / 2 if n else D(0)
        return w0 if memory == 0 else (1 - m) * w0 + q * m * (h**n + bunched)

    def x(self, n: int) -> Decimal:
        e, m, q = self.arrives * self.detector, self.memory * self.detector, self.q
        root = ((n + 1) * self.v * m * e).sqrt()
        return q * q * root * (1 - e) ** n if self.counting else q * root * (1 - e / 2) ** n

    def g(self, n: int) -> Decimal:
        s = self.arrives * self.memory
        e = s * self.detector
        seen = (self.q * n * e * (1 - e) ** (n - 1) if n else D(0)) if self.counting else 1 - (1 - e) ** n
        return seen + self.p * ((1 - e) ** n - (1 - s) ** n)

    def c(self, n: int) -> Decimal:
        return self.g(n) + self.p * (1 - self.arrives * self.memory) ** n


def emissive(a: Node, b: Node, t: Decimal) -> tuple[Decimal, list[Decimal]]:
    mean = {(i, j): (1 - t) * total(lambda n, i=i, j=j: a.w(i, n) * b.w(j, n), t) for i in (0, 1) for j in (0, 1)}  # type: ignore[misc]
    equal, different = mean[1, 1] * mean[0, 0] / 4, mean[1, 0] * mean[0, 1] / 4
    coherent = ((1 - t) * t.sqrt() * total(lambda n: a.x(n) * b.x(n), t)) ** 2 / 4
    return 2 * (equal + different), [equal + coherent, equal - coherent, different, different]


def absorptive(a: Node, b: Node, t: Decimal) -> tuple[Decimal, list[Decimal]]:
    def werner(n: int) -> Decimal:
        return (n + 1) * D(n + 2) / (3 * n) * a.g(n) * b.g(n) if n else D(0)

    p = (1 - t) ** 2 * total(lambda n: (n + 1) * a.c(n) * b.c(n), t)
    w = (1 - t) ** 2 * total(werner, t)
    return p, [w + (p - w) / 4, *[(p - w) / 4] * 3]


def relative(value: float, expected: Decimal) -> float:
    return float(abs(D(value) / expected - 1)) if expected else abs(value)


@pytest.mark.parametrize("memory", ["emissive", "absorptive"])
@pytest.mark.parametrize("counting", [False, True])
@pytest.mark.parametrize("trial", range(12))
def test_digits(memory: str, counting: bool, trial: int) -> None:
    rng = np.random.default_rng([83, trial, counting, memory == "emissive"])

    def small(least: float) -> float:
        return float(10.0 ** rng.uniform(least, 0.0))

    loss = -9 if trial % 2 else -1
    link = ebit.MidpointSource(
        fiber=ebit.Fiber(0.0),
        detector=ebit.Detector(small(-3), 10.0 * small(-12), 0.05, counting),
        mean_pairs=5.0 * small(-9),
        memory=memory,
        memory_efficiency=(small(-3), small(-3)),
        source_efficiency=(small(loss), small(loss)),
        visibility=float(rng.uniform()) if memory == "emissive" else 1.0,
        local_time_s=1e-6,
    )
    assert link.mean_pairs is not None
    t = D(link.mean_pairs) / 2 / (1 + D(link.mean_pairs) / 2)
    dark = 1 - (-D(link.detector.dark_count_rate_hz) * D(link.detector.window_s)).exp()
    scheme = emissive if memory == "emissive" else absorptive
    p, bell = scheme(Node(link, 0, dark), Node(link, 1, dark), t)
    assert relative(link.success_probability, p) < 1e-12
    for weight, expected in zip(link.pair.weights, bell, strict=True):
        assert abs(D(float(weight)) - expected / p) < D("1e-14")
    assert relative(float(link.pair.weights[2]), bell[2] / p) < 1e-12
    photons, _ = scheme(Node(link, 0, D(0)), Node(link, 1, D(0)), t)
    assert relative(link.false_herald_probability, 1 - photons / p) < 1e-12
