"""Parity codes against three other ways: Paulis on erased qubits, every pattern of errors, and stabilizer circuits.

The first asks the stabilizer group which erasures can be corrected; the second adds up all erasures and all flips of
small codes; the third teleports half of an encoded Bell pair through noise, on the package's own sampler.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

import ebit
from ebit import EncodedChain, ParityCode
from ebit.bounds import binary_entropy

SMALL = [(1, 1), (1, 3), (3, 1), (2, 2), (2, 3), (3, 2)]


def generators(n: int, m: int) -> list[tuple[int, int]]:
    """Stabilizers as bit masks (x, z): ZZ along a block, X of a block times X of the next."""
    bit = [[1 << (i * m + j) for j in range(m)] for i in range(n)]
    rows = [sum(row) for row in bit]
    return [(0, bit[i][j] | bit[i][j + 1]) for i in range(n) for j in range(m - 1)] + [
        (rows[i] | rows[i + 1], 0) for i in range(n - 1)
    ]


def correctable(n: int, m: int, erased: int) -> bool:
    """Whether every Pauli on the erased qubits that commutes with the stabilizers is one of them."""
    checks = generators(n, m)
    group = {(0, 0)}
    for gx, gz in checks:
        group |= {(x ^ gx, z ^ gz) for x, z in group}
    places = [k for k in range(n * m) if erased >> k & 1]
    for paulis in itertools.product(range(4), repeat=len(places)):
        x = sum((p & 1) << k for p, k in zip(paulis, places, strict=True))
        z = sum((p >> 1) << k for p, k in zip(paulis, places, strict=True))
        commutes = all(((x & gz).bit_count() + (z & gx).bit_count()) % 2 == 0 for gx, gz in checks)
        if commutes and (x, z) not in group:
            return False
    return True


@pytest.mark.parametrize(("n", "m"), SMALL)
@pytest.mark.parametrize("t", [0.0, 0.3, 0.8, 1.0])
def test_erasures_that_can_be_corrected(n: int, m: int, t: float) -> None:
    total = 0.0
    for erased in range(1 << (n * m)):
        if correctable(n, m, erased):
            gone = erased.bit_count()
            total += t ** (n * m - gone) * (1 - t) ** gone
    code = ParityCode(n, m)
    assert code.success_probability(t) == pytest.approx(total, abs=1e-14)
    # Without errors there are no ties, and what can be corrected is corrected.
    law = code.outcomes(t)
    assert law[0, 0] == pytest.approx(total, abs=1e-14)
    assert law[:2, :2].sum() == pytest.approx(total, abs=1e-14)


def sign(votes: list[int]) -> int:
    return (sum(votes) > 0) - (sum(votes) < 0)


#: alpha or beta to its place in the table.
PLACE = {1: 0, -1: 1, 0: 2}


@pytest.mark.parametrize(("n", "m"), [(1, 1), (1, 3), (3, 1), (2, 2)])
@pytest.mark.parametrize(("t", "x", "z"), [(0.8, 0.07, 0.02), (0.95, 0.3, 0.2), (1.0, 0.5, 0.5), (0.6, 0.0, 0.1)])
def test_every_pattern(n: int, m: int, t: float, x: float, z: float) -> None:
    table = np.zeros((3, 3))
    # Each qubit is lost, or its X and Z outcomes are +-1 times what they should be.
    kinds = [(0, 0, 1 - t)] + [
        (a, b, t * (x if a < 0 else 1 - x) * (z if b < 0 else 1 - z)) for a in (1, -1) for b in (1, -1)
    ]
    for pattern in itertools.product(kinds, repeat=n * m):
        blocks = [pattern[i * m : (i + 1) * m] for i in range(n)]
        alpha = sign([math.prod(q[0] for q in block) for block in blocks])
        beta = math.prod(sign([q[1] for q in block]) for block in blocks)
        table[PLACE[alpha], PLACE[beta]] += math.prod(q[2] for q in pattern)
    np.testing.assert_allclose(ParityCode(n, m).outcomes(t, x, z), table, atol=1e-14)


def logical(kind: str, n: int, m: int, first: int) -> str:
    """A logical operator of the block that starts at a qubit: X of its first row, or Z of its first column."""
    places = range(m) if kind == "X" else range(0, n * m, m)
    return "*".join(f"{kind}{first + k}" for k in places)


def bell(n: int, m: int, a: int, b: int) -> list[str]:
    """Two encoded qubits in Phi+, by measuring: stabilizers of both, then the two logical products, each set to +1."""
    lines = [f"R {' '.join(str(q) for q in (*range(a, a + n * m), *range(b, b + n * m)))}"]
    for first in (a, b):
        for x, _ in generators(n, m):
            if x:
                on = [k for k in range(n * m) if x >> k & 1]
                lines.append("MPP " + "*".join(f"X{first + k}" for k in on))
                # A Z on a qubit of the second block of the two flips this one, and the next; in order, all become +1.
                later = range(on[-1], n * m, m)
                lines += [f"CZ rec[-1] {first + k}" for k in later]
    lines.append(f"MPP {logical('X', n, m, a)}*{logical('X', n, m, b)}")
    lines += [f"CZ rec[-1] {b + k}" for k in range(0, n * m, m)]
    return lines


@pytest.mark.parametrize(
    ("n", "m", "x", "z"), [(2, 2, 0.06, 0.1), (3, 1, 0.1, 0.05), (1, 3, 0.04, 0.15), (2, 3, 0.05, 0.08)]
)
def test_teleportation_on_the_stabilizer_sampler(n: int, m: int, x: float, z: float) -> None:
    """Q and R in a Bell pair, S and T in another, R sent; Bell measurement of R and S; then X X and Z Z of Q and T."""
    size, t, shots = n * m, 0.75, 40_000
    q, r, s, u = (k * size for k in range(4))
    table, variance = np.zeros((3, 3)), np.zeros((3, 3))
    rng = np.random.default_rng(20)
    for lost in itertools.product((False, True), repeat=size):
        share = math.prod(1 - t if gone else t for gone in lost)
        lines = bell(n, m, q, r) + bell(n, m, s, u)
        for k, gone in enumerate(lost):
            # What is lost is anything; a Z before the X outcome, an X before the Z outcome, make it wrong.
            lines.append(f"X_ERROR({0.5 if gone else z}) {r + k}")
            lines.append(f"Z_ERROR({0.5 if gone else x}) {r + k}")
        lines.append("CX " + " ".join(f"{r + k} {s + k}" for k in range(size)))
        lines.append("MX " + " ".join(str(r + k) for k in range(size)))
        lines.append("M " + " ".join(str(s + k) for k in range(size)))
        lines.append(f"MPP {logical('X', n, m, q)}*{logical('X', n, m, u)}")
        lines.append(f"MPP {logical('Z', n, m, q)}*{logical('Z', n, m, u)}")
        record = np.asarray(ebit.sample(ebit.Circuit("\n".join(lines)), shots, rng=rng))[:, -2 * size - 2 :]
        outcomes = 1 - 2 * record.astype(int)
        there = np.array([not gone for gone in lost])
        by_x = (outcomes[:, :size] * there).reshape(shots, n, m)
        by_z = (outcomes[:, size : 2 * size] * there).reshape(shots, n, m)
        measured_x = np.sign(by_x.prod(axis=2).sum(axis=1))
        measured_z = np.sign(by_z.sum(axis=2)).prod(axis=1)
        # Teleported without errors, X X of Q and T is the X outcome, and Z Z the Z outcome.
        alpha, beta = measured_x * outcomes[:, -2], measured_z * outcomes[:, -1]
        for a, i in PLACE.items():
            for b, j in PLACE.items():
                p = float(np.mean((alpha == a) & (beta == b)))
                table[i, j] += share * p
                # Never quite zero: one shot more or less.
                variance[i, j] += share**2 * max(p * (1 - p), 1 / shots) / shots
    law = ParityCode(n, m).outcomes(t, x, z)
    stderr = np.sqrt(variance)
    # False alarm 1e-6 over four codes of nine cells: 5.4 standard errors; sees a hundredth in every cell.
    assert (5.4 * stderr).max() < 0.01
    assert np.all(np.abs(table - law) < 5.4 * stderr), (table, law)


#: Table I of doi:10.1103/PhysRevLett.112.250501: coupling loss, error, km, m, n, spacing in km, R t_0.
TABLE = [
    (0.0, 1e-4, 1e3, 4, 7, 1.7, 0.72), (0.0, 1e-3, 1e3, 5, 10, 2.0, 0.74), (0.1, 1e-4, 1e3, 6, 21, 1.6, 0.60),
    (0.1, 1e-3, 1e3, 7, 31, 1.8, 0.67), (0.0, 1e-4, 1e4, 5, 9, 1.3, 0.80), (0.0, 1e-3, 1e4, 6, 13, 1.5, 0.78),
    (0.1, 1e-4, 1e4, 7, 28, 1.0, 0.57), (0.1, 1e-3, 1e4, 8, 41, 1.2, 0.59),
]  # fmt: skip


def published_rate(chain: EncodedChain) -> float:
    """R t_0 with the paper's mean error in one entropy."""
    r = chain.exact()
    return r.success_probability * max(0.0, 1 - 2 * binary_entropy((r.qber_x.value + r.qber_z.value) / 2))


@pytest.mark.parametrize("row", TABLE)
def test_published_table(row: tuple[float, float, float, int, int, float, float]) -> None:
    loss, error, km, m, n, spacing, rate = row

    def at(spacing_km: float) -> float:
        fiber = EncodedChain.fiber_20_km(km)
        return published_rate(EncodedChain(ParityCode(n, m), fiber, round(km / spacing_km), error, 1 - loss))

    # Both the spacing and the rate are rounded there: the rate falls with the spacing.
    assert at(spacing + 0.05) - 0.005 <= rate <= at(spacing - 0.05) + 0.005
    assert abs(at(spacing) - rate) < 0.012
    r = EncodedChain(ParityCode(n, m), EncodedChain.fiber_20_km(km), round(km / spacing), error, 1 - loss).exact()
    # One entropy of the mean error is never less than the mean of two.
    assert r.secret_key_rate_hz.value * r.chain.correction_time_s >= at(spacing) - 1e-12


def test_limits() -> None:
    fiber = EncodedChain.fiber_20_km(100.0)
    bare = EncodedChain(ParityCode(1, 1), fiber, 1).exact()
    assert bare.success_probability == pytest.approx(math.exp(-5.0), rel=1e-12)
    assert (bare.qber_x.value, bare.qber_z.value) == (0.0, 0.0)
    # However many stations, a bare qubit is lost as in one fibre, and its errors add up as they do in a row of swaps.
    row = EncodedChain(ParityCode(1, 1), fiber, 50, error=0.01).exact()
    assert row.success_probability == pytest.approx(math.exp(-5.0), rel=1e-12)
    assert row.qber_x.value == pytest.approx((1 - 0.98**50) / 2, rel=1e-12)
    assert row.qber_z.value == pytest.approx((1 - 0.98**50) / 2, rel=1e-12)
    # Half the light is the end of it (no cloning): larger codes are no better.
    half = [ParityCode(n, m).success_probability(0.5) for n, m in ((2, 2), (8, 4), (64, 7), (512, 10))]
    assert max(half) <= 0.5
    assert ParityCode(64, 7).success_probability(0.9) > 0.999
    assert EncodedChain(ParityCode(3, 3), fiber, 10, error=0.5).exact().secret_key_rate_hz.value == 0.0
    assert EncodedChain(ParityCode(3, 3), fiber, 10, coupling_efficiency=0.0).exact().cost_coefficient == math.inf


def test_law_is_a_law() -> None:
    for n, m, t, x, z in ((40, 8, 0.85, 1e-3, 1e-3), (7, 12, 0.97, 0.2, 0.01), (200, 9, 0.8, 1e-6, 1e-6)):
        law = ParityCode(n, m).outcomes(t, x, z)
        assert law.min() >= 0.0
        assert law.sum() == pytest.approx(1.0, abs=1e-12)
    # Small errors are not lost to rounding: two of three flipped, in any of two blocks.
    law = ParityCode(2, 3).outcomes(1.0, 0.0, 1e-9)
    assert law[0, 1] == pytest.approx(2 * 3e-18, rel=1e-6)


def test_best_code_against_brute_force() -> None:
    fiber = EncodedChain.fiber_20_km(200.0)
    start = EncodedChain(ParityCode(1, 1), fiber, 1, error=1e-3, coupling_efficiency=0.97)
    best = start.optimize(blocks=12, qubits=6)
    costs = {
        (n, m, count): start.replace(code=ParityCode(n, m), stations=count).exact().cost_coefficient
        for n in range(1, 13)
        for m in range(1, 7)
        for count in range(40, 260, 3)
    }
    least = min(costs, key=lambda k: costs[k])
    assert 1 < least[0] < 12
    assert 1 < least[1] < 6
    assert (best.code.blocks, best.code.qubits) == least[:2]
    assert abs(best.stations - least[2]) <= 3
    assert best.exact().cost_coefficient <= costs[least]
    c = best.exact()
    again = 2 * best.code.size * best.stations / (c.secret_key_rate_hz.value * best.correction_time_s * 200.0)
    assert c.cost_coefficient == pytest.approx(again, rel=1e-12)
