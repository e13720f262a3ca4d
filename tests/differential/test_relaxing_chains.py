"""Chains whose memories relax towards |0>, against dense matrices: each waiting time summed, each Bell result alone.

Shares nothing with ebit: 4 x 4 density matrices, Kraus operators of amplitude damping and dephasing, projectors on Bell
states, a Pauli correction per result. Truncated where 1e-7 of the probability is left or less, which is the tolerance.
"""

from __future__ import annotations

import functools
import itertools
import math
from typing import Any

import numpy as np
import pytest

import ebit

Array = np.ndarray[Any, Any]
T1, T2 = 9.0, 7.0
PAULIS = {
    "I": np.eye(2),
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1.0, -1.0]),
}
#: Phi+, Phi-, Psi+, Psi- as vectors |left right>, and what turns each into Phi+ on the right.
BELL = [np.array(v) / math.sqrt(2) for v in ((1, 0, 0, 1), (1, 0, 0, -1), (0, 1, 1, 0), (0, 1, -1, 0))]
CORRECTIONS = ["I", "Z", "X", "Y"]
#: Unequal pairs, by their weights.
WEIGHTS = [(0.94, 0.03, 0.02, 0.01), (0.9, 0.0, 0.06, 0.04), (0.97, 0.01, 0.0, 0.02)]


def mixture(weights: tuple[float, ...]) -> Array:
    return np.asarray(sum(w * np.outer(v, v.conj()) for w, v in zip(weights, BELL, strict=True)))


@functools.cache
def kraus(steps: int) -> tuple[Array, ...]:
    """One qubit stored for some steps: damping, then what dephasing T2 asks for beyond it."""
    keep = math.exp(-steps / T1)
    damp = [np.diag([1.0, math.sqrt(keep)]), np.array([[0.0, math.sqrt(1.0 - keep)], [0.0, 0.0]])]
    coherence = math.exp(-steps / T2) / math.sqrt(keep)
    phase = [math.sqrt((1 + coherence) / 2) * PAULIS["I"], math.sqrt((1 - coherence) / 2) * PAULIS["Z"]]
    return tuple(a @ b for a in phase for b in damp)


def aged(rho: Array, left: int, right: int) -> Array:
    rho = np.asarray(sum(np.kron(k, np.eye(2)) @ rho @ np.kron(k, np.eye(2)).conj().T for k in kraus(left)))
    return np.asarray(sum(np.kron(np.eye(2), k) @ rho @ np.kron(np.eye(2), k).conj().T for k in kraus(right)))


def swapped(a: Array, b: Array, visibility: float) -> Array:
    """Bell measurement on the inner qubits, corrected on the right, averaged over its results; then white noise."""
    whole = np.kron(a, b)
    out = np.zeros((4, 4), dtype=complex)
    for bell, name in zip(BELL, CORRECTIONS, strict=True):
        project = np.kron(np.kron(np.eye(2), bell.conj()[None, :]), np.eye(2))
        fix = np.kron(np.eye(2), PAULIS[name])
        out += fix @ project @ whole @ project.conj().T @ fix.conj().T
    return visibility * out + (1.0 - visibility) * np.eye(4) / 4


def numbers(rho: Array) -> tuple[float, float, float]:
    phi = BELL[0]
    expect = [float(np.real(np.trace(rho @ np.kron(PAULIS[p], PAULIS[p])))) for p in "XZ"]
    return float(np.real(phi.conj() @ rho @ phi)), (1 - expect[0]) / 2, (1 - expect[1]) / 2


def chain(p: tuple[float, ...], schedule: Any, q: float = 1.0, ends: str = "store") -> ebit.RepeaterChain:
    links = [ebit.HeraldedLink(x, 1.0, ebit.BellDiagonal(list(WEIGHTS[k]))) for k, x in enumerate(p)]
    return ebit.RepeaterChain(links, ebit.Memory(t1_s=T1, t2_s=T2), ebit.Swap(q, fidelity=0.98), schedule, ends)


VISIBILITY = (4 * 0.98 - 1) / 3


def two_links(p: tuple[float, ...], cutoff: float, ends: str) -> tuple[float, float, float]:
    """Both there after N1 and N2 steps: the earlier pair waits, and with it its end, unless that was measured."""
    total = np.zeros((4, 4), dtype=complex)
    weight = 0.0
    last = 150
    first = [mixture(w) for w in WEIGHTS]
    gaps: dict[int, float] = {}
    for a, b in itertools.product(range(1, last), repeat=2):
        if abs(a - b) <= cutoff:
            gaps[a - b] = gaps.get(a - b, 0.0) + p[0] * (1 - p[0]) ** (a - 1) * p[1] * (1 - p[1]) ** (b - 1)
    for gap, share in gaps.items():
        end = 0 if ends == "measured" else abs(gap)
        left = aged(first[0], end, -gap) if gap < 0 else first[0]
        right = aged(first[1], gap, end) if gap > 0 else first[1]
        total += share * swapped(left, right, VISIBILITY)
        weight += share
    return numbers(total / weight)


@pytest.mark.parametrize("ends", ["store", "measured"])
@pytest.mark.parametrize("cutoff", [math.inf, 4.0])
def test_two_links(ends: str, cutoff: float) -> None:
    p = (0.2, 0.3)
    wanted = two_links(p, cutoff, ends)
    limit = None if math.isinf(cutoff) else cutoff
    nested = ebit.schedules.Nested(cutoffs_s=() if limit is None else (cutoff,))
    asap = ebit.schedules.SwapAsap(cutoff_s=limit)
    methods = set()
    # Two segments are two segments, whoever solves them; a swap that fails makes the same pairs later.
    for schedule, q in ((nested, 1.0), (nested, 0.6), (asap, 1.0), (asap, 0.6)):
        r = chain(p, schedule, q, ends).exact()
        methods.add(r.method)
        assert r.formalism == "pauli-correlations"
        for got, expected in zip((r.fidelity, r.qber_x, r.qber_z), wanted, strict=True):
            assert got.value == pytest.approx(expected, abs=1e-8), (schedule, q)
    assert len(methods) == 3 - (limit is not None)
    # And with ends that are stored it is not what the Pauli twirl of the same memories would say; where one half of a
    # pair relaxes alone, corrections turn its pump over as often as not, and nothing of it is left.
    twirled = chain(p, nested, 1.0, ends).replace(memory=ebit.Memory(depolarizing_time_s=T1)).exact()
    assert (abs(twirled.qber_z.value - wanted[2]) > 1e-3) == (ends == "store")


@pytest.mark.parametrize("ends", ["store", "measured"])
def test_three_links(ends: str) -> None:
    """Here the order of swaps counts: a half that was corrected relaxes on, and is not one that relaxes first."""
    p, last = (0.6, 0.7, 0.65), 18
    total, weight = np.zeros((4, 4), dtype=complex), 0.0
    first = [mixture(w) for w in WEIGHTS]
    stored = {"store": 1, "measured": 0}[ends]

    def geometric(k: int, n: int) -> float:
        return float(p[k] * (1 - p[k]) ** (n - 1))

    shifts: dict[tuple[int, int, int], float] = {}
    for n in itertools.product(range(1, last), repeat=3):
        low = min(n)
        key = (n[0] - low, n[1] - low, n[2] - low)
        shifts[key] = shifts.get(key, 0.0) + math.prod(geometric(k, x) for k, x in enumerate(n))
    for (a, b, c), share in shifts.items():
        if share < 1e-13:
            continue
        done = max(a, b, c)
        left, right = max(a, b), max(b, c)
        if left <= right:
            one = aged(first[0], stored * (left - a), left - a)
            two = aged(first[1], left - b, left - b)
            joined = aged(swapped(one, two, VISIBILITY), stored * (right - left), right - left)
            pair = swapped(joined, aged(first[2], right - c, stored * (right - c)), VISIBILITY)
        else:
            two = aged(first[1], right - b, right - b)
            three = aged(first[2], right - c, stored * (right - c))
            joined = aged(swapped(two, three, VISIBILITY), left - right, stored * (left - right))
            pair = swapped(aged(first[0], stored * (left - a), left - a), joined, VISIBILITY)
        assert done == max(left, right)
        total += share * pair
        weight += share
    wanted = numbers(total / weight)
    r = chain(p, ebit.schedules.SwapAsap(), 1.0, ends).exact()
    for got, expected in zip((r.fidelity, r.qber_x, r.qber_z), wanted, strict=True):
        assert got.value == pytest.approx(expected, abs=3e-7)
    # The same by states: a cut-off that is hardly ever reached.
    r = chain(p, ebit.schedules.SwapAsap(cutoff_s=20.0), 1.0, ends).exact()
    assert "Markov" in r.method
    for got, expected in zip((r.fidelity, r.qber_x, r.qber_z), wanted, strict=True):
        assert got.value == pytest.approx(expected, abs=3e-7)


def test_four_nested_links_step_by_step() -> None:
    """Everything that waits is aged by one step at a time; failed swaps are summed by a plain convolution."""
    p, q, last = 0.3, 0.6, 600
    keep, coherent = math.exp(-1 / T1), math.exp(-1 / T2)
    v = VISIBILITY

    def age(s: Array) -> Array:
        m, x, y, z, a, b = s
        # The left half, then the right one: z -> g z + (1 - g) of each.
        z, a = keep * z + (1 - keep) * b, keep * a + (1 - keep) * m
        z, b = keep * z + (1 - keep) * a, keep * b + (1 - keep) * m
        return np.array([m, coherent**2 * x, coherent**2 * y, z, a, b])

    def join(one: Array, other: Array) -> Array:
        (m, x, y, z, a, b), (n, u, w, t, _, _) = one, other
        return np.array([m * n, v * x * u, v * y * w, v * z * t, v * a * n, v * b * t])

    w0, w1, w2, w3 = WEIGHTS[0]
    fresh = np.array([1.0, w0 - w1 + w2 - w3, w0 - w1 - w2 + w3, w0 + w1 - w2 - w3, 0.0, 0.0])
    law = np.array([fresh * (p * (1 - p) ** (t - 1) if t else 0.0) for t in range(last)])
    for _ in range(2):
        waiting = np.zeros(6)
        both = np.zeros((last, 6))
        for t in range(last):
            waiting = age(waiting)
            both[t] = join(law[t], waiting + law[t]) + join(waiting, law[t])
            waiting = waiting + law[t]
        law = np.zeros((last, 6))
        for t in range(last):
            # law(t) = q both(t) + (1 - q) sum over s < t of both(t - s) law(s).
            law[t] = q * both[t] + (1 - q) * both[t - np.arange(t), 0] @ law[:t]
    total = law.sum(axis=0)
    assert 1.0 - total[0] < 1e-9
    link = ebit.HeraldedLink(p, 1.0, ebit.BellDiagonal(list(WEIGHTS[0])))
    memory, swap = ebit.Memory(t1_s=T1, t2_s=T2), ebit.Swap(q, fidelity=0.98)
    r = ebit.RepeaterChain([link] * 4, memory, swap, ebit.schedules.Nested()).exact()
    assert r.fidelity.value == pytest.approx((1 + total[1] + total[2] + total[3]) / 4, abs=1e-8)
    assert r.qber_z.value == pytest.approx((1 - total[3]) / 2, abs=1e-8)
    assert r.waiting_time_s.value == pytest.approx(np.arange(last) @ law[:, 0], rel=1e-6)
