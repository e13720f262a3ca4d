"""Ensemble repeaters beside dense Fock space, the click links of the core, and closed forms.

The oracle knows no permanents and no normal order: a time bin is a register of four modes (the shared shape of A and of
B, the part of B's photon that A's lacks, and the empty port beside it), a beam splitter is the exponential of its
generator, loss is the binomial law of counting, and every pattern of clicks is summed with its own correction.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ebit
from ebit import AbsorptiveMemory, Detector, EnsembleChain, Fiber

Array = np.ndarray[Any, Any]

#: Photons that a bin of two sources with two pairs each may hold, and one more.
DIM = 5


def beam_splitter() -> Array:
    """Return the balanced beam splitter on two modes: a+ -> (a+ + b+)/sqrt 2, b+ -> (a+ - b+)/sqrt 2."""
    lower = np.diag(np.sqrt(np.arange(1, DIM)), 1)
    a, b = np.kron(lower, np.eye(DIM)), np.kron(np.eye(DIM), lower)
    # A rotation by pi/4, then a sign of b.
    generator = 1j * (math.pi / 4) * (b.T @ a - a.T @ b)
    values, vectors = np.linalg.eigh(generator)
    rotate = (vectors * np.exp(-1j * values)) @ vectors.conj().T
    sign = np.diag(np.tile((-1.0) ** np.arange(DIM), DIM))
    return np.asarray((rotate @ sign).real)


SPLIT = beam_splitter()


def counted(n: int, eta: float) -> Array:
    return np.array([math.comb(n, k) * eta**k * (1 - eta) ** (n - k) for k in range(n + 1)])


def clicks(counts: tuple[int, int], which: int, dark: float, resolving: bool) -> float:
    """Return the probability that exactly detector `which` clicks, with these photons counted."""
    here, there = counts[which], counts[1 - which]
    if there:
        return 0.0
    quiet = 1 - dark
    if resolving:
        return quiet * {0: dark, 1: quiet}.get(here, 0.0)
    return quiet * (1.0 if here else dark)


def one_bin(which: int, eta: float, visibility: float, dark: float, resolving: bool, most: int = 2) -> Array:
    """Return [n_A, n_B, n_A', n_B'] of "detector `which` alone clicks", for up to `most` photons of either side."""
    states = []
    raised = np.diag(np.sqrt(np.arange(1, DIM)), -1)
    eye = np.eye(DIM)
    a_shared, b_shared = np.kron(raised, eye), np.kron(eye, raised)
    for n_a in range(most + 1):
        for n_b in range(most + 1):
            # Shared shapes of A and B: register 1; the other shape, which only B has: register 2 (empty port, B).
            field = np.zeros((DIM * DIM, DIM * DIM))
            for k in range(n_b + 1):
                amplitude = math.comb(n_b, k) * visibility ** (k / 2) * (1 - visibility) ** ((n_b - k) / 2)
                shared = np.zeros(DIM * DIM)
                shared[0] = 1.0
                other = shared.copy()
                for _ in range(n_a):
                    shared = a_shared @ shared
                for _ in range(k):
                    shared = b_shared @ shared
                for _ in range(n_b - k):
                    other = b_shared @ other
                field += amplitude * np.outer(shared, other)
            field /= math.sqrt(math.factorial(n_a) * math.factorial(n_b))
            states.append(SPLIT @ field @ SPLIT.T)
    weight = np.zeros((DIM * DIM, DIM * DIM))
    for i, j, k, m in itertools.product(range(DIM), repeat=4):
        if i + j + k + m > 2 * most:
            continue
        here, there = counted(i + k, eta), counted(j + m, eta)
        weight[i * DIM + j, k * DIM + m] = sum(
            p * q * clicks((x, y), which, dark, resolving) for x, p in enumerate(here) for y, q in enumerate(there)
        )
    size = (most + 1) ** 2
    flat = np.array([[float((a * weight * b).sum()) for b in states] for a in states])
    return flat.reshape(most + 1, most + 1, most + 1, most + 1) if size else flat


def station(a: int, b: int, bins: tuple[Array, Array]) -> Array:
    """Return [m, m', M, M'] of two bins, early and late, for a and b photons."""
    out = np.zeros((a + 1, a + 1, b + 1, b + 1))
    early, late = bins
    for m, m2, k, k2 in itertools.product(range(a + 1), range(a + 1), range(b + 1), range(b + 1)):
        out[m, m2, k, k2] = early[a - m, b - k, a - m2, b - k2] * late[m, k, m2, k2]
    return out


def end(n: int, outcome: int, basis: str, eta: float, dark: float, resolving: bool) -> Array:
    """Return [m, m'] of an outcome of one end: click of detector `outcome` alone."""
    vectors = []
    raised = np.diag(np.sqrt(np.arange(1, DIM)), -1)
    for m in range(n + 1):
        state = np.zeros(DIM * DIM)
        state[0] = 1.0
        for _ in range(n - m):
            state = np.kron(raised, np.eye(DIM)) @ state
        for _ in range(m):
            state = np.kron(np.eye(DIM), raised) @ state
        state /= math.sqrt(math.factorial(n - m) * math.factorial(m))
        vectors.append(SPLIT @ state if basis == "x" else state)
    weight = np.zeros(DIM * DIM)
    for i, j in itertools.product(range(DIM), repeat=2):
        if i + j > n:
            continue
        weight[i * DIM + j] = sum(
            p * q * clicks((x, y), outcome, dark, resolving)
            for x, p in enumerate(counted(i, eta))
            for y, q in enumerate(counted(j, eta))
        )
    return np.array([[float((u * weight * v).sum()) for v in vectors] for u in vectors])


def brute_force(chain: EnsembleChain) -> dict[str, float]:
    """Return the heralding probability and both bases' equal and different outcomes of two segments."""
    dark = -math.expm1(-chain.detector.dark_count_rate_hz * chain.detector.window_s)
    resolving, seen = chain.detector.number_resolving, chain.detector.efficiency
    pairs = tuple(chain.pair_probabilities)  # type: ignore[arg-type]
    p = (1 - sum(pairs), *pairs)
    arm = chain.arm_transmission * seen
    stored = chain.memory_efficiency * seen
    far = [one_bin(w, arm, chain.visibility, dark, resolving) for w in range(2)]
    near = [one_bin(w, stored, chain.visibility, dark, resolving) for w in range(2)]
    out = {f"{basis}{kind}": 0.0 for basis in "zx" for kind in ("equal", "different")}
    herald = 0.0
    numbers = range(len(p))
    for a, b in itertools.product(numbers, repeat=2):
        for x, y in itertools.product(range(2), repeat=2):
            herald += p[a] * p[b] / ((a + 1) * (b + 1)) * np.einsum("mmkk->", station(a, b, (far[x], far[y])))

    # Patterns with an even and with an odd number of clicks in D1: the sign they turn is all that tells them apart.
    def by_parity(x: int, y: int, bins: list[Array]) -> list[Array]:
        of = [station(x, y, (bins[e], bins[late])) for e, late in ((0, 0), (1, 1), (0, 1), (1, 0))]
        return [(of[0] + of[1]).transpose(2, 3, 0, 1), (of[2] + of[3]).transpose(2, 3, 0, 1)]

    stations = {(a, b): by_parity(a, b, far) for a in numbers for b in numbers}
    middles = {(b, c): by_parity(b, c, near) for b in numbers for c in numbers}
    ends = {
        (n, outcome, basis): end(n, outcome, basis, seen, dark, resolving)
        for n in numbers
        for outcome in range(2)
        for basis in "zx"
    }
    for a, b, c, d in itertools.product(numbers, repeat=4):
        weight = p[a] * p[b] * p[c] * p[d] / ((a + 1) * (b + 1) * (c + 1) * (d + 1))
        for first, middle, last in itertools.product(range(2), repeat=3):
            inner = np.einsum(
                "cdab,efcd,ghef->abgh", stations[a, b][first], middles[b, c][middle], stations[c, d][last]
            )
            # Every Bell measurement exchanges early and late, three times in all; a click in D1 turns the sign.
            for basis in "zx":
                turned = 1 if basis == "z" else first + middle + last
                for i, j in itertools.product(range(2), repeat=2):
                    kind = "equal" if (i + j + turned) % 2 == 0 else "different"
                    share = np.einsum("ab,abgh,gh->", ends[a, i, basis], inner, ends[d, j, basis])
                    out[basis + kind] += weight * float(share)
    return {"herald": herald, **{k: v / herald**2 for k, v in out.items()}}


@pytest.mark.slow
@pytest.mark.parametrize("resolving", [False, True])
@pytest.mark.parametrize("pairs", [(0.8,), (0.6, 0.15)])
def test_two_segments_are_those_of_dense_fock_space(pairs: tuple[float, ...], resolving: bool) -> None:
    detector = Detector(0.7, dark_count_rate_hz=2e6, window_s=1e-8, number_resolving=resolving)
    chain = EnsembleChain(Fiber(20.0), 2, AbsorptiveMemory(0.8, 1e-4), detector, pairs, visibility=0.85)
    r = chain.exact()
    wanted = brute_force(chain)
    assert r.mode_probability == pytest.approx(wanted["herald"], rel=1e-12)
    z, x = (wanted[b + "equal"] + wanted[b + "different"] for b in "zx")
    assert r.success_probability == pytest.approx(r.link_probability**2 * (z + x) / 2, rel=1e-12)
    assert r.qber_z.value == pytest.approx(wanted["zdifferent"] / z, rel=1e-12)
    assert r.qber_x.value == pytest.approx(wanted["xdifferent"] / x, rel=1e-12)


@pytest.mark.parametrize("resolving", [False, True])
@settings(max_examples=60, deadline=None)
@given(
    km=st.floats(0.1, 400.0),
    efficiency=st.floats(0.01, 1.0),
    dark=st.floats(0.0, 1e8),
    visibility=st.floats(0.0, 1.0),
)
def test_single_pairs_make_the_link_of_a_double_click(
    resolving: bool, km: float, efficiency: float, dark: float, visibility: float
) -> None:
    """A source of exactly one pair whose other photon is stored is an emitter whose spin is that photon."""
    detector = Detector(efficiency, dark, number_resolving=resolving)
    chain = EnsembleChain(Fiber(km), 1, AbsorptiveMemory(), detector, visibility=visibility)
    link = ebit.DoubleClick(Fiber(km), detector, visibility=visibility)
    probability, blocks = chain._link(_counts(chain))
    assert probability == pytest.approx(link.success_probability, rel=1e-11)
    state = np.zeros((4, 4))
    for m, m2, k, k2 in itertools.product(range(2), repeat=4):
        state[m + 2 * k, m2 + 2 * k2] = blocks[1, 1][m, m2, k, k2]
    assert state == pytest.approx(link.state.to_numpy().real, abs=1e-11)


def _counts(chain: EnsembleChain) -> Any:
    from ebit.ensembles import _Counts

    return _Counts.of(chain.detector)


@pytest.mark.parametrize("segments", [1, 2, 3, 5, 8])
def test_single_pairs_without_dark_counts_in_closed_form(segments: int) -> None:
    """p = (s eta)^2/2 per herald, each Bell measurement at memories likewise, and V once per Bell measurement."""
    v, s, seen = 0.93, 0.7, 0.8
    memory = AbsorptiveMemory(0.6, 2e-3)
    chain = EnsembleChain(Fiber(30.0 * segments), segments, memory, Detector(seen), s, visibility=v, modes=20)
    r = chain.exact()
    herald = (s * seen * 10**-0.3) ** 2 / 2
    assert r.mode_probability == pytest.approx(herald, rel=1e-13)
    assert r.link_probability == pytest.approx(1 - (1 - herald) ** 20, rel=1e-13)
    stored = 0.6 * math.exp(-30e3 / 2e8 / 2e-3) * seen
    success = r.link_probability**segments * (stored**2 / 2) ** (segments - 1) * seen**2
    assert r.success_probability == pytest.approx(success, rel=1e-12)
    assert r.qber_z.value == pytest.approx(0.0, abs=1e-15)
    assert r.qber_x.value == pytest.approx((1 - v ** (2 * segments - 1)) / 2, rel=1e-12)


def test_limits() -> None:
    base = EnsembleChain(Fiber(40.0), 2, AbsorptiveMemory(0.5), Detector(0.9), (0.9, 0.05), modes=100)
    # A memory that gives nothing back leaves dark counts alone, of which there are none.
    with pytest.raises(ebit.errors.RangeError):
        base.replace(memory=AbsorptiveMemory(0.0)).exact()
    # Dark counts alone know nothing.
    blind = base.replace(pair_probabilities=(1e-9,), detector=Detector(0.9, 1e7)).exact()
    assert blind.qber_x.value == pytest.approx(0.5, abs=1e-4)
    assert blind.qber_z.value == pytest.approx(0.5, abs=1e-4)
    # Second pairs cost both bases, and number resolution finds some of them.
    plain, resolving = base.exact(), base.replace(detector=Detector(0.9, number_resolving=True)).exact()
    assert 0.0 < resolving.qber_z.value < plain.qber_z.value
    assert base.replace(pair_probabilities=0.9).exact().qber_z.value == pytest.approx(0.0, abs=1e-15)
    # Without loss or darkness, number resolution everywhere leaves no error of second pairs.
    perfect = base.replace(fiber=Fiber(0.0), memory=AbsorptiveMemory(), detector=Detector(1.0, number_resolving=True))
    assert perfect.exact().qber_z.value == pytest.approx(0.0, abs=1e-14)
    assert perfect.exact().qber_x.value == pytest.approx(0.0, abs=1e-14)


def test_very_long_segments_keep_their_digits() -> None:
    """Probabilities near 1e-40 are sums of positive terms, not differences."""
    chain = EnsembleChain(Fiber(2000.0), 1, AbsorptiveMemory(), Detector(1.0), 1.0, visibility=0.5)
    assert chain.exact().mode_probability == pytest.approx(1e-40 / 2, rel=1e-12)


@settings(max_examples=40, deadline=None)
@given(segments=st.integers(1, 9), p2=st.floats(0.0, 0.3), v=st.floats(0.5, 1.0))
def test_joining_by_doubling_is_joining_one_by_one(segments: int, p2: float, v: float) -> None:
    from ebit.ensembles import _Counts, _in_a_row, _station, _swapped

    chain = EnsembleChain(Fiber(30.0 * segments), segments, AbsorptiveMemory(0.7), Detector(0.9, 1e5), (0.6, p2), v)
    counts = _Counts.of(chain.detector)
    _, link = chain._link(counts)
    measure = {(b, c): _station(b, c, 0.63, v, counts) for b in range(3) for c in range(3)}
    one_by_one = link
    for _ in range(segments - 1):
        one_by_one = _swapped(one_by_one, link, measure)
    doubled = _in_a_row(link, segments, measure)
    for key, block in one_by_one.items():
        assert doubled[key] == pytest.approx(block, rel=1e-10, abs=1e-300)
