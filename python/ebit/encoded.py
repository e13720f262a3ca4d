"""One-way repeaters: quantum parity codes, corrected at every station, with no message back.

Owns the law of one station (erasures and flipped outcomes of an (n, m) parity code under teleportation-based error
correction) and of a row of stations. It draws nothing and knows no circuits: how a gate's noise becomes a flipped
outcome is the caller's number.

    sender ))) fibre ))) [station] ))) fibre ))) [station] ... [receiver]

    block of n x m photons     rows: n blocks, X vote each       X of a block: product of all its m qubits, if all came
                               columns: m qubits, Z vote each    Z of the code: product over blocks of the majority's Z

Muralidharan, Kim, Lütkenhaus, Lukin and Jiang, doi:10.1103/PhysRevLett.112.250501; the code is that of Ralph, Hayes
and Gilchrist, doi:10.1103/PhysRevLett.95.100501.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ebit._arguments import integer, real, shown
from ebit.bounds import binary_entropy
from ebit.channels import Fiber
from ebit.errors import RangeError, WrongTypeError, complain
from ebit.estimates import Estimate

__all__ = ["EncodedChain", "EncodedResult", "ParityCode"]

Array = np.ndarray[Any, Any]

#: Blocks, and qubits per block, that a code may have.
MOST = 1000
#: Loss of a fibre whose attenuation length is 20 km, in dB/km: the one of the papers.
LOSS_20_KM = 10.0 / math.log(10.0) / 20.0


def _probability(object: str, name: str, value: object, most: float = 1.0) -> float:
    words = f"a probability in [0, {most:g}]"
    number = real(object, name, value, words)
    if not 0.0 <= number <= most:
        raise complain(RangeError, object, name, words, shown(value))
    return number


@dataclass(frozen=True)
class ParityCode:
    """A quantum parity code: n blocks of m qubits, one logical qubit.

    The logical ``|+>`` and ``|->`` are ``|0...0> + |1...1>`` and ``|0...0> - |1...1>`` in every block.

    Parameters
    ----------
    blocks : int
        n, in [1, 1000].
    qubits : int
        m, qubits per block, in [1, 1000].

    Examples
    --------
    >>> code = ParityCode(blocks=10, qubits=5)
    >>> f"{code.success_probability(0.9):.6f}"
    '0.999767'
    """

    blocks: int
    qubits: int

    def __post_init__(self) -> None:
        for name in ("blocks", "qubits"):
            object.__setattr__(self, name, integer("ParityCode", name, getattr(self, name), 1, MOST))

    @property
    def size(self) -> int:
        """Physical qubits of one encoded qubit, n x m."""
        return self.blocks * self.qubits

    def success_probability(self, transmission: float) -> float:
        """Return the probability that what arrives determines the logical qubit, without errors.

        Every block needs one qubit, and one block needs all of them (doi:10.1038/nphoton.2012.243):
        (1 - (1-t)^m)^n - (1 - (1-t)^m - t^m)^n.

        Parameters
        ----------
        transmission : float
            Probability t that a qubit arrives.
        """
        t = _probability("ParityCode.success_probability", "transmission", transmission)
        there, whole = 1.0 - (1.0 - t) ** self.qubits, t**self.qubits
        return float(there**self.blocks - max(0.0, there - whole) ** self.blocks)

    def outcomes(self, transmission: float, error: float = 0.0, error_z: float | None = None) -> Array:
        """Return the probabilities of correct, wrong and no logical outcomes at one station.

        Teleportation-based correction measures X of the received block and Z of the local one. A qubit that arrived
        gives a wrong X outcome with probability ``error`` and, independently, a wrong Z outcome with ``error_z``.
        X is the majority over whole blocks of the product of their outcomes; Z the product over blocks of the majority
        of theirs; a tie, as nothing at all, is no outcome.

        Parameters
        ----------
        transmission : float
            Probability that a qubit arrives.
        error, error_z : float
            In [0, 1/2]; ``error_z`` is ``error`` unless given.

        Returns
        -------
        array of float, shape (3, 3)
            [X][Z], each in the order correct, wrong, none; p_(alpha, beta) of doi:10.1103/PhysRevLett.112.250501.

        Examples
        --------
        >>> p = ParityCode(1, 1).outcomes(0.9, error=0.01)
        >>> [round(float(q), 6) for q in (p[0, 0], p[1, 1], p[2, 2])]
        [0.88209, 9e-05, 0.1]
        """
        name = "ParityCode.outcomes"
        t = _probability(name, "transmission", transmission)
        x = _probability(name, "error", error, 0.5)
        z = x if error_z is None else _probability(name, "error_z", error_z, 0.5)
        return _law(self.blocks, self.qubits, t, x, z)


def _law(n: int, m: int, t: float, x: float, z: float) -> Array:
    """Return [X][Z] of a station: first one block, then n of them."""
    # Z of a block by how many of its qubits came: majority right, wrong, or a tie.
    came = [math.comb(m, j) * t**j * (1.0 - t) ** (m - j) for j in range(m + 1)]
    votes = np.zeros((m + 1, 3))
    votes[0, 2] = 1.0
    for j in range(1, m + 1):
        for k in range(j + 1):
            kind = 0 if 2 * k < j else (1 if 2 * k > j else 2)
            votes[j, kind] += math.comb(j, k) * z**k * (1.0 - z) ** (j - k)
    partial = np.asarray(came[:m]) @ votes[:m]
    whole = came[m] * votes[m]
    flipped = -0.5 * math.expm1(m * math.log1p(-2.0 * x)) if x < 0.5 else 0.5
    # Weights of a block for the three sums over Z: all of it; right minus wrong; right plus wrong.
    sums = []
    for weight in (np.array([1.0, 1.0, 1.0]), np.array([1.0, -1.0, 0.0]), np.array([1.0, 1.0, 0.0])):
        step = np.array([flipped * (whole @ weight), partial @ weight, (1.0 - flipped) * (whole @ weight)])
        row = _power(step, n)
        # Wrong votes less than, more than, as many as right ones.
        sums.append([row[n + 1 :].sum(), row[:n].sum(), row[n]])
    total, signed, known = (np.asarray(s) for s in sums)
    right, wrong = (known + signed) / 2.0, _odd(n, partial, whole, flipped)
    law: Array = np.clip(np.stack([right, wrong, total - known], axis=1), 0.0, 1.0)
    return law


def _odd(n: int, partial: Array, whole: Array, flipped: float) -> Array:
    """Return P(X vote, an odd number of blocks with the wrong Z), without a difference of nearly equal numbers."""
    right = np.array([flipped * whole[0], partial[0], (1.0 - flipped) * whole[0]])
    wrong = np.array([flipped * whole[1], partial[1], (1.0 - flipped) * whole[1]])
    even_row, odd_row = np.ones(1), np.zeros(1)
    even_base, odd_base = right, wrong
    count = n
    while count:
        if count & 1:
            even_row, odd_row = (
                np.convolve(even_row, even_base) + np.convolve(odd_row, odd_base),
                np.convolve(even_row, odd_base) + np.convolve(odd_row, even_base),
            )
        even_base, odd_base = (
            np.convolve(even_base, even_base) + np.convolve(odd_base, odd_base),
            2.0 * np.convolve(even_base, odd_base),
        )
        count >>= 1
    return np.array([odd_row[n + 1 :].sum(), odd_row[:n].sum(), odd_row[n]])


def _power(step: Array, count: int) -> Array:
    row, base = np.ones(1), step
    while count:
        if count & 1:
            row = np.convolve(row, base)
        base = np.convolve(base, base) if count > 1 else base
        count >>= 1
    return row


@dataclass(frozen=True)
class EncodedResult:
    """What a chain of encoded stations delivers; exact, so estimates have ``stderr`` 0.

    Parameters
    ----------
    chain : EncodedChain
    success_probability : float
        That no station fails to decode.
    qber_x, qber_z : Estimate
        Error rates of what arrives.
    secret_key_rate_hz : Estimate
        Secret bits per second: success / correction time x max(0, 1 - h(qber_x) - h(qber_z)), h in bits.
    cost_coefficient : float
        2 n m qubits per station x correction times, per secret bit and km; infinite without a key.
    """

    chain: EncodedChain
    success_probability: float
    qber_x: Estimate
    qber_z: Estimate
    secret_key_rate_hz: Estimate
    cost_coefficient: float

    @property
    def qubits(self) -> int:
        """Memory qubits at all stations together: two blocks each."""
        return 2 * self.chain.code.size * self.chain.stations

    @property
    def length_km(self) -> float:
        """Fibre from end to end in km."""
        return self.chain.fiber.length_km

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Every ideal default in force, in words."""
        chain = self.chain
        said = ["encoded Bell pairs are ready when a block arrives", "blocks follow each other at once"]
        if chain.coupling_efficiency == 1.0:
            said.append("all light gets into the fibre and out of it (coupling_efficiency 1)")
        if chain.error == 0.0:
            said.append("gates and measurements are perfect (error 0)")
        return tuple(said)


@dataclass(frozen=True)
class EncodedChain:
    """A row of stations that send an encoded qubit one way and correct it at every station.

    Parameters
    ----------
    code : ParityCode
    fiber : Fiber
        All of it, from sender to receiver; its insertion loss is that of each segment.
    stations : int
        Corrections on the way, the receiver's included: segments of fibre.
    error : float
        Probability that a received qubit's outcome is wrong, in X and in Z independently, in [0, 1/2]. To first order
        depolarizing + gate error / 2 + 2 x measurement error (doi:10.1103/PhysRevLett.112.250501).
    coupling_efficiency : float
        Share of photons that get into a segment and out of it again.
    correction_time_s : float
        Seconds per block: of one correction.

    Examples
    --------
    >>> code = ParityCode(blocks=10, qubits=5)
    >>> r = EncodedChain(code, EncodedChain.fiber_20_km(1000.0), stations=500, error=1e-3).exact()
    >>> f"{r.secret_key_rate_hz.value * 1e-6:.3f} bits per correction, {r.cost_coefficient:.1f} qubits per bit and km"
    '0.743 bits per correction, 67.3 qubits per bit and km'
    """

    code: ParityCode
    fiber: Fiber
    stations: int
    error: float = 0.0
    coupling_efficiency: float = 1.0
    correction_time_s: float = 1e-6

    def __post_init__(self) -> None:
        name = "EncodedChain"
        for field, kind in (("code", ParityCode), ("fiber", Fiber)):
            if not isinstance(getattr(self, field), kind):
                raise complain(WrongTypeError, name, field, f"a {kind.__name__}", shown(getattr(self, field)))
        if not self.fiber.length_km > 0.0:
            raise complain(RangeError, name, "fiber.length_km", "> 0", shown(self.fiber.length_km))
        integer(name, "stations", self.stations, 1, 10**7)
        _probability(name, "error", self.error, 0.5)
        _probability(name, "coupling_efficiency", self.coupling_efficiency)
        if not real(name, "correction_time_s", self.correction_time_s, "> 0 seconds") > 0.0:
            raise complain(RangeError, name, "correction_time_s", "> 0 seconds", shown(self.correction_time_s))

    @staticmethod
    def fiber_20_km(length_km: float) -> Fiber:
        """Return a fibre with an attenuation length of 20 km, 0.2171 dB/km: the one of the papers."""
        return Fiber(length_km, loss_db_per_km=LOSS_20_KM)

    def replace(self, **changes: Any) -> EncodedChain:
        """Return a copy with some fields changed."""
        return replace(self, **changes)

    @property
    def spacing_km(self) -> float:
        """Fibre between neighbouring stations in km."""
        return self.fiber.length_km / self.stations

    @property
    def transmission(self) -> float:
        """Probability that a photon survives one segment."""
        loss_db = self.fiber.replace(length_km=self.spacing_km).loss_db
        return float(self.coupling_efficiency * 10.0 ** (-loss_db / 10.0))

    def exact(self) -> EncodedResult:
        """Return what arrives; nothing is drawn.

        With p the outcomes of one station, success is (sum of p over outcomes)^N, and an error an odd number of wrong
        ones: Q = (1 - (1 - 2 q)^N)/2, q the share of wrong ones (doi:10.1103/PhysRevLett.112.250501, equations 2 to 5).
        """
        p = _law(self.code.blocks, self.code.qubits, self.transmission, self.error, self.error)
        return self._of(p)

    def _of(self, p: Array) -> EncodedResult:
        n = self.stations
        done = float(p[:2, :2].sum())
        if done <= 0.0:
            return EncodedResult(self, 0.0, _plain(0.5), _plain(0.5), _plain(0.0), math.inf)
        failed = float(p[2].sum() + p[:2, 2].sum())
        success = math.exp(n * math.log1p(-failed)) if failed < 0.5 else done**n
        wrong = (min(0.5, float(p[1, :2].sum()) / done), min(0.5, float(p[:2, 1].sum()) / done))
        x, z = (0.5 if q >= 0.5 else -0.5 * math.expm1(n * math.log1p(-2.0 * q)) for q in wrong)
        per_round = success * max(0.0, 1.0 - binary_entropy(x) - binary_entropy(z))
        qubits = 2 * self.code.size * n
        cost = qubits / (per_round * self.fiber.length_km) if per_round > 0.0 else math.inf
        rate = per_round / self.correction_time_s
        return EncodedResult(self, success, _plain(x), _plain(z), _plain(rate), cost)

    def optimize(self, blocks: int = 60, qubits: int = 12) -> EncodedChain:
        """Return the chain with the code and number of stations of the least cost coefficient.

        Every code up to a size; per code, numbers of stations on a geometric ladder, then halved in on.

        Parameters
        ----------
        blocks, qubits : int
            Largest n and m.

        Returns
        -------
        EncodedChain

        Raises
        ------
        RangeError
            No code up to this size carries a key over this fibre.

        Examples
        --------
        >>> start = EncodedChain(ParityCode(2, 2), EncodedChain.fiber_20_km(1000.0), stations=500, error=1e-3)
        >>> best = start.optimize(blocks=16, qubits=8)
        >>> best.code
        ParityCode(blocks=10, qubits=5)
        """
        name = "EncodedChain.optimize"
        integer(name, "blocks", blocks, 1, MOST)
        integer(name, "qubits", qubits, 1, MOST)
        best: tuple[float, EncodedChain | None] = (math.inf, None)
        arrives = {count: replace(self, stations=count).transmission for count in _ladder(self.fiber.length_km)}
        sizes = [(n, m) for n in range(1, blocks + 1) for m in range(1, qubits + 1)]
        for n, m in sorted(sizes, key=lambda size: (size[0] * size[1], size)):
            cost, count = self._best_stations(n, m, best[0], arrives)
            if cost < best[0]:
                best = (cost, replace(self, code=ParityCode(n, m), stations=count))
        if best[1] is None:
            raise complain(
                RangeError,
                name,
                "blocks",
                "enough for a key over this fibre",
                f"{blocks} x {qubits}",
                "allow larger codes, or lower error and loss",
            )
        return best[1]

    def _best_stations(self, n: int, m: int, beat: float, arrives: dict[int, float]) -> tuple[float, int]:
        """Return the least cost of a code and its number of stations; infinite if it cannot beat another's.

        ``arrives``: the transmission of a segment, by the number of stations.
        """
        code, length = ParityCode(n, m), self.fiber.length_km
        seen: dict[int, float] = {}

        def cost(count: int) -> float:
            if count not in seen:
                # A round carries one bit at most, and none unless at every station enough of the code arrives.
                least = 2 * n * m * count / length
                there = code.success_probability(arrives[count]) if count in arrives else 1.0
                if least >= beat * there**count:
                    return math.inf
                seen[count] = replace(self, code=code, stations=count).exact().cost_coefficient
            return seen[count]

        counts = list(arrives)
        least = min(counts, key=cost)
        if math.isinf(cost(least)):
            return math.inf, least
        stride = max(1, least // 8)
        while stride:
            near = [c for c in (least - stride, least + stride) if c >= 1]
            better = min([least, *near], key=cost)
            if better == least:
                stride //= 2
            least = better
        return cost(least), least


def _plain(value: float) -> Estimate:
    return Estimate(value, 0.0, value, value)


def _ladder(length_km: float) -> Iterator[int]:
    """Numbers of stations from 20 km apart to 100 m apart, by factors of 1.15."""
    last = 0
    spacing = 20.0
    while spacing > 0.1:
        count = max(1, round(length_km / spacing))
        if count != last:
            yield count
        last = count
        spacing /= 1.15
