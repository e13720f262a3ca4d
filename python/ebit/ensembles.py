"""Repeaters of pair sources and absorptive ensemble memories, photon number by photon number.

Owns the light of one synchronous round: what sources emit, what stations herald, what memories give back after their
storage time, what the end nodes count. It draws nothing, and knows no memory that is waited for: a round in which some
segment heralds nothing is over.

    [ends]~~source ))) fibre ))) (station) ((( fibre ((( source~~[memory]   [memory]~~source ))) ...
       A                            ^                                B   Bell measurement  C
       measured at once             one click early, one late            of what is left

Sinclair et al., doi:10.1103/PhysRevLett.113.053603; Guha et al., doi:10.1103/PhysRevA.92.022357; with several pairs
per source, distinguishable photons and memories that fade as in Coopmans et al., doi:10.1038/s42005-021-00647-8.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

import numpy as np

from ebit._arguments import integer, probability, real, shown
from ebit.bounds import plob, secret_fraction
from ebit.channels import Fiber
from ebit.devices import Detector
from ebit.errors import RangeError, WrongTypeError, complain
from ebit.estimates import Estimate

__all__ = ["AbsorptiveMemory", "EnsembleChain", "EnsembleResult"]

Array = np.ndarray[Any, Any]
#: Photons of a source, to its left and to its right, and what is left of them: one array [m, m', M, M'] per pair of
#: numbers (n, N), m and M of them in the late bin.
Blocks = dict[tuple[int, int], Array]

#: Pairs of one source that are followed.
MOST_PAIRS = 4
MOST_SEGMENTS = 1024
MOST_MODES = 10**9


@dataclass(frozen=True)
class AbsorptiveMemory:
    """A memory that stores photons and gives them back with an efficiency that fades with storage time.

    Parameters
    ----------
    efficiency : float
        Probability that a photon is stored and given back after no time, in [0, 1].
    lifetime_s : float
        Seconds; ``math.inf`` for a memory that does not fade.
    fading : {"exponential", "gaussian"}
        efficiency x e^(-t/lifetime), as photon echoes in atomic frequency combs, or efficiency x
        e^(-t^2/(2 lifetime^2)), as spin waves that motion or inhomogeneity dephases, often after storage by
        electromagnetically induced transparency. The lifetime of a Gaussian is its standard deviation; one that is
        quoted at 1/e is sqrt 2 times as long.

    Examples
    --------
    >>> memory = AbsorptiveMemory(efficiency=0.9, lifetime_s=1e-4, fading="gaussian")
    >>> round(memory.efficiency_after(1e-4), 6)
    0.545878
    """

    efficiency: float = 1.0
    lifetime_s: float = math.inf
    fading: str = "exponential"

    def __post_init__(self) -> None:
        name = "AbsorptiveMemory"
        probability(name, "efficiency", self.efficiency)
        words = "> 0 seconds; math.inf for a memory that does not fade"
        if self.lifetime_s != math.inf and not real(name, "lifetime_s", self.lifetime_s, words) > 0.0:
            raise complain(RangeError, name, "lifetime_s", words, shown(self.lifetime_s))
        if self.fading not in ("exponential", "gaussian"):
            raise complain(RangeError, name, "fading", "'exponential' or 'gaussian'", shown(self.fading))

    def efficiency_after(self, time_s: float) -> float:
        """Return the probability that a photon is given back after a time in memory.

        Parameters
        ----------
        time_s : float
            Seconds, >= 0.
        """
        time = real("AbsorptiveMemory.efficiency_after", "time_s", time_s, ">= 0 seconds")
        if time < 0.0:
            raise complain(RangeError, "AbsorptiveMemory.efficiency_after", "time_s", ">= 0 seconds", shown(time_s))
        share = time / self.lifetime_s
        return self.efficiency * math.exp(-share if self.fading == "exponential" else -0.5 * share * share)


@dataclass(frozen=True)
class EnsembleResult:
    """What a round of an ``EnsembleChain`` delivers; exact, so estimates have ``stderr`` 0.

    Parameters
    ----------
    chain : EnsembleChain
    mode_probability : float
        That one mode of one segment heralds.
    link_probability : float
        That one segment does, in any of its modes: 1 - (1 - p)^modes.
    success_probability : float
        Per round, that all segments herald, all Bell measurements at memories succeed, and both ends count one photon;
        the mean of both ends in Z and both in X.
    qber_x, qber_z : Estimate
        Shares of different outcomes.
    rate_hz : Estimate
        Successes per second, at one round per ``chain.round_time_s``.
    secret_key_rate_hz : Estimate
        rate_hz x max(0, 1 - h(qber_x) - h(qber_z)), h in bits, no sifting factor.
    """

    chain: EnsembleChain
    mode_probability: float
    link_probability: float
    success_probability: float
    qber_x: Estimate
    qber_z: Estimate
    rate_hz: Estimate
    secret_key_rate_hz: Estimate

    @property
    def secret_bits_per_round(self) -> float:
        """Secret bits per round, no sifting factor."""
        return self.success_probability * secret_fraction(self.qber_x.value, self.qber_z.value)

    @property
    def plob_per_round(self) -> float:
        """What the same fibre without repeaters could do at most, in secret bits per round: modes x -log2(1-eta)."""
        eta = 10.0 ** (-self.chain.fiber.loss_db / 10.0)
        return math.inf if eta >= 1.0 else self.chain.modes * plob(eta)

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Every ideal default in force, in words."""
        chain = self.chain
        said = [
            "all sources fire in step; a round without a herald in every segment is lost",
            "modes follow each other in no time, and any of them can be given back",
            "end nodes count one photon or drop the round; nothing is known of where others went",
        ]
        ideal = {
            "visibility": chain.visibility == 1.0,
            "memory efficiency": chain.memory.efficiency == 1.0,
            "memory lifetime": chain.memory.lifetime_s == math.inf,
            "detector efficiency": chain.detector.efficiency == 1.0,
            "detector dark counts": chain.detector.dark_count_rate_hz == 0.0,
            "second pairs": len(chain._emitted) == 2,
        }
        return (*said, *(f"ideal: {name}" for name, is_ideal in ideal.items() if is_ideal))


@dataclass(frozen=True)
class EnsembleChain:
    """A row of segments with a pair source and an absorptive memory at each of their ends, worked in rounds.

    In a round every source fires once in each mode. A segment heralds where its station counts one photon early and one
    late; then every inner node takes the two modes that heralded from its memories and measures them likewise. The end
    nodes have no memories: they measure their photons at once.

    Parameters
    ----------
    fiber : Fiber
        All of it, from end to end; its insertion loss is that of each arm from a source to a station.
    segments : int
        Equal segments, in [1, 1024].
    memory : AbsorptiveMemory
    detector : Detector
        Of stations, inner nodes and ends alike.
    pair_probabilities : float or sequence of float
        That a source emits 1, 2, .. pairs in a mode, up to 4; the rest is nothing.
    visibility : float
        Hong-Ou-Mandel visibility of two photons of different sources, at stations and at inner nodes.
    modes : int
        Spectral x temporal x spatial modes of a round.
    local_time_s : float
        Seconds per round beside the light time.

    Examples
    --------
    >>> import ebit
    >>> memory = AbsorptiveMemory(0.45, lifetime_s=1e-3)
    >>> chain = EnsembleChain(ebit.Fiber(100.0), 2, memory, ebit.Detector(0.9), (0.9, 0.01), visibility=0.9, modes=1000)
    >>> r = chain.exact()
    >>> print(f"{r.success_probability:.4f} per round, QBER {r.qber_x.value:.3f} in X, {r.qber_z.value:.3f} in Z")
    0.0425 per round, QBER 0.166 in X, 0.041 in Z
    """

    fiber: Fiber
    segments: int
    memory: AbsorptiveMemory
    detector: Detector
    pair_probabilities: float | Sequence[float] = (1.0,)
    visibility: float = 1.0
    modes: int = 1
    local_time_s: float = 0.0

    def __post_init__(self) -> None:
        name = "EnsembleChain"
        for field, kind in (("fiber", Fiber), ("memory", AbsorptiveMemory), ("detector", Detector)):
            if not isinstance(getattr(self, field), kind):
                raise complain(
                    WrongTypeError,
                    name,
                    field,
                    f"{'an' if kind is AbsorptiveMemory else 'a'} {kind.__name__}",
                    shown(getattr(self, field)),
                )
        integer(name, "segments", self.segments, 1, MOST_SEGMENTS)
        integer(name, "modes", self.modes, 1, MOST_MODES)
        probability(name, "visibility", self.visibility)
        if not real(name, "local_time_s", self.local_time_s, ">= 0 seconds") >= 0.0:
            raise complain(RangeError, name, "local_time_s", ">= 0 seconds", shown(self.local_time_s))
        given = self.pair_probabilities
        listed = isinstance(given, (Sequence, np.ndarray)) and not isinstance(given, (str, bytes))
        pairs = tuple(given) if listed else (given,)  # type: ignore[arg-type]
        words = f"probabilities of 1 to at most {MOST_PAIRS} pairs that add up to at most 1"
        if not 1 <= len(pairs) <= MOST_PAIRS:
            raise complain(RangeError, name, "pair_probabilities", words, f"{len(pairs)} of them")
        pairs = tuple(probability(name, f"pair_probabilities[{k}]", p) for k, p in enumerate(pairs))
        if not 0.0 < sum(pairs) <= 1.0 + 1e-12:
            raise complain(RangeError, name, "pair_probabilities", words, shown(given), "one of them > 0")
        object.__setattr__(self, "pair_probabilities", pairs)

    def replace(self, **changes: Any) -> EnsembleChain:
        """Return a copy with some fields changed."""
        return replace(self, **changes)

    @property
    def arm_transmission(self) -> float:
        """Probability that a photon reaches the station of its segment."""
        arm_km = self.fiber.length_km / (2 * self.segments)
        return float(10.0 ** (-self.fiber.replace(length_km=arm_km).loss_db / 10.0))

    @property
    def storage_time_s(self) -> float:
        """Seconds from storage to the herald: the way of the other photon to the station, and of its news back."""
        return self.fiber.length_km * 1e3 / self.segments / self.fiber.speed_m_per_s

    @property
    def round_time_s(self) -> float:
        """Seconds per round."""
        return self.storage_time_s + self.local_time_s

    @property
    def memory_efficiency(self) -> float:
        """Efficiency of the memories after ``storage_time_s``."""
        return self.memory.efficiency_after(self.storage_time_s)

    def exact(self) -> EnsembleResult:
        """Return what a round delivers; nothing is drawn and, beside more pairs than are given, nothing is cut.

        A source's n pairs are ``(n+1)^(-1/2) sum_m |n-m, m; n-m, m>``, n - m early and m late on either side (Krovi et
        al., arXiv:1505.03470). Different n never interfere: what stations, inner nodes and ends do commutes with the
        number of photons they are sent. A pair of modes a, b at a balanced beam splitter leaves detectors
        without a count, and with, as given by ::

            :exp(-x N_0 - y N_1):,   N_0,1 = (eta_a a+a + eta_b b+b +- sqrt(V eta_a eta_b) (a+b + b+a))/2,

        where :..: is normal order and acts on numbers of photons as a permanent; so losses need no modes of their own.
        All four patterns of clicks are accepted, each with its correction to Phi+.

        Returns
        -------
        EnsembleResult

        Raises
        ------
        RangeError
            No round ever succeeds.
        """
        counts = _Counts.of(self.detector)
        mode, link = self._link(counts)
        if not mode > 0.0:
            raise complain(RangeError, "EnsembleChain", "fiber", "a loss that lets a round succeed", "none ever does")
        eta = self.memory_efficiency * self.detector.efficiency
        measure = {(b, c): _station(b, c, eta, self.visibility, counts) for b in self._numbers for c in self._numbers}
        whole = _in_a_row(link, self.segments, measure)
        ends = {basis: _outcomes(whole, basis, self.detector.efficiency, counts) for basis in ("z", "x")}
        shares = {basis: equal + unequal for basis, (equal, unequal) in ends.items()}
        if not min(shares.values()) > 0.0:
            raise complain(RangeError, "EnsembleChain", "detector", "one that lets a round succeed", "none ever does")
        any_mode = -math.expm1(self.modes * math.log1p(-mode)) if mode < 1.0 else 1.0
        success = any_mode**self.segments * (shares["z"] + shares["x"]) / 2
        z, x = (ends[basis][1] / shares[basis] for basis in ("z", "x"))
        rate = success / self.round_time_s if self.round_time_s > 0.0 else math.inf
        key = rate * secret_fraction(x, z) if secret_fraction(x, z) > 0.0 else 0.0
        return EnsembleResult(self, mode, any_mode, success, _plain(x), _plain(z), _plain(rate), _plain(key))

    @property
    def _numbers(self) -> range:
        return range(len(self._emitted))

    @property
    def _emitted(self) -> tuple[float, ...]:
        pairs: tuple[float, ...] = self.pair_probabilities  # type: ignore[assignment]
        return (max(0.0, 1.0 - sum(pairs)), *pairs)

    def _link(self, counts: _Counts) -> tuple[float, Blocks]:
        """Return the probability of a herald in one mode, and what is then to the left and right of the segment."""
        eta = self.arm_transmission * self.detector.efficiency
        blocks: Blocks = {}
        for a, p in enumerate(self._emitted):
            for b, q in enumerate(self._emitted):
                # A source's sides have the same numbers: what the station sees of one is what stays of the other.
                stays = _station(a, b, eta, self.visibility, counts)
                # The station leaves one side early where the other is late; early and late of the right side in turn.
                blocks[a, b] = p * q / ((a + 1) * (b + 1)) * stays[:, :, ::-1, ::-1]
        total = sum(float(np.einsum("mmkk->", block)) for block in blocks.values())
        return total, {n: block / total for n, block in blocks.items()} if total > 0.0 else {}


@dataclass(frozen=True)
class _Counts:
    """How one detector's counts become a click: weights of no count, of one, and of more, with nothing on the other."""

    dark: float
    resolving: bool

    @staticmethod
    def of(detector: Detector) -> _Counts:
        return _Counts(-math.expm1(-detector.dark_count_rate_hz * detector.window_s), detector.number_resolving)

    def click(self, powers: Array) -> float:
        """Weigh the shares of 0, 1, 2, .. photons counted by one detector while the other counts none."""
        quiet = 1.0 - self.dark
        none, one = float(powers[0]), float(powers[1]) if len(powers) > 1 else 0.0
        seen = quiet * one if self.resolving else float(powers[1:].sum())
        return quiet * (seen + self.dark * none)


@lru_cache(maxsize=4096)
def _line(start: float, slope: float, power: int) -> Array:
    """Return the coefficients of (start + slope e)^power in e."""
    out: Array = np.array([math.comb(power, k) * start ** (power - k) * slope**k for k in range(power + 1)])
    return out


def _counted(bra: tuple[int, int], ket: tuple[int, int], one: Array, both: Array) -> Array:
    """Return <bra| :N_0^j/j! exp(-N_0 - N_1): |ket> for j = 0, 1, .., of two modes.

    N_0 = sum of one[i, k] a_i+ a_k, N_0 + N_1 likewise with ``both``. exp(e N_0 - N_0 - N_1) in normal order turns each
    creation operator into (1 - both + e one) of them; its matrix element is a permanent, a polynomial in e.
    """
    lines = [[(float(i == k) - float(both[i, k]), float(one[i, k])) for k in range(2)] for i in range(2)]
    total = sum(ket)
    out = np.zeros(total + 1)
    # j of the first mode's photons stay there, bra[0] - j of the second's come to it.
    for j in range(max(0, bra[0] - ket[1]), min(ket[0], bra[0]) + 1):
        ways = math.comb(ket[0], j) * math.comb(ket[1], bra[0] - j)
        product: Array = np.array([float(ways)])
        for (row, column), power in (
            ((0, 0), j),
            ((1, 0), ket[0] - j),
            ((0, 1), bra[0] - j),
            ((1, 1), ket[1] - bra[0] + j),
        ):
            product = np.convolve(product, _line(*lines[row][column], power))
        out[: len(product)] += product
    return out * math.sqrt(
        math.factorial(bra[0]) * math.factorial(bra[1]) / (math.factorial(ket[0]) * math.factorial(ket[1]))
    )


def _station(a: int, b: int, eta: float, visibility: float, counts: _Counts) -> Array:
    """Return the operator of a Bell measurement on a and b photons, [m, m', M, M'], m and M of them late.

    One click early and one late, in any of the four patterns: each is the one of two equal clicks but for a sign of the
    late photons of one side, which the correction takes away.
    """
    cross = 0.5 * eta * math.sqrt(visibility)
    one = np.array([[0.5 * eta, cross], [cross, 0.5 * eta]])
    both = np.array([[eta, 0.0], [0.0, eta]])
    seen: dict[tuple[tuple[int, int], tuple[int, int]], float] = {}

    def click(bra: tuple[int, int], ket: tuple[int, int]) -> float:
        if (bra, ket) not in seen:
            seen[bra, ket] = counts.click(_counted(bra, ket, one, both))
        return seen[bra, ket]

    out = np.zeros((a + 1, a + 1, b + 1, b + 1))
    for m in range(a + 1):
        for k in range(b + 1):
            for m2 in range(max(0, m + k - b), min(a, m + k) + 1):
                k2 = m + k - m2
                out[m, m2, k, k2] = 4.0 * click((a - m, b - k), (a - m2, b - k2)) * click((m, k), (m2, k2))
    return out


def _in_a_row(link: Blocks, count: int, measure: Blocks) -> Blocks:
    """Return equal links joined; the order does not matter, so doubling will do."""
    whole: Blocks | None = None
    power = link
    while True:
        if count & 1:
            whole = power if whole is None else _swapped(whole, power, measure)
        count >>= 1
        if not count:
            return whole if whole is not None else link
        power = _swapped(power, power, measure)


def _swapped(left: Blocks, right: Blocks, measure: Blocks) -> Blocks:
    """Return what is left of A-B and C-D when a Bell measurement of B and C succeeds, corrected to Phi+."""
    out: Blocks = {}
    for (a, b), ab in left.items():
        for (c, d), cd in right.items():
            joined = np.einsum("xybc,pqzw,bcpq->xyzw", ab, cd, measure[b, c], optimize=True)[:, :, ::-1, ::-1]
            out[a, d] = out.get((a, d), 0.0) + joined
    return out


def _outcomes(whole: Blocks, basis: str, eta: float, counts: _Counts) -> tuple[float, float]:
    """Return the probabilities of equal and of different outcomes of both ends, each one click of its two detectors."""
    one = eta * (np.array([[1.0, 0.0], [0.0, 0.0]]) if basis == "z" else np.full((2, 2), 0.5))
    both = eta * np.eye(2)

    @cache
    def end(n: int, outcome: int) -> Array:
        of = one if outcome == 0 else both - one
        rows = [[counts.click(_counted((n - m, m), (n - k, k), of, both)) for k in range(n + 1)] for m in range(n + 1)]
        return np.array(rows)

    shares = [[0.0, 0.0], [0.0, 0.0]]
    for (a, d), block in whole.items():
        for i in range(2):
            for j in range(2):
                shares[i][j] += float(np.einsum("xyzw,yx,wz->", block, end(a, i), end(d, j)))
    return shares[0][0] + shares[1][1], shares[0][1] + shares[1][0]


def _plain(value: float) -> Estimate:
    return Estimate(value, 0.0, value, value)
