"""What one evaluation of a chain found: a law that was solved or columns that were sampled, and what follows of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ebit import _core
from ebit._arguments import real, shown
from ebit.bounds import binary_entropy, entropy_slope, plob
from ebit.channels import Fiber
from ebit.columns import Array
from ebit.errors import RangeError, complain
from ebit.estimates import NORMAL_95, Estimate
from ebit.states import BellDiagonal

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure

    from ebit.chain import RepeaterChain

__all__ = ["ChainResult"]


class ChainResult:
    """What one evaluation of a chain found.

    ``method``, ``formalism``, ``seed`` (None where nothing was drawn), ``version``, ``assumptions``,
    ``prediction`` (of costs, by ``evaluate``); estimates ``waiting_time_s``, ``rate_hz`` (1/mean), ``fidelity``,
    ``qber_x``, ``qber_z``, ``secret_key_rate_hz``; ``plob_hz``.
    After ``exact`` also ``coverage``, ``waiting_time_pmf``, ``step_s``; after ``sample`` the columns ``pairs``.
    """

    def __init__(
        self,
        chain: RepeaterChain,
        method: str,
        formalism: str,
        seed: int | None,
        *,
        law: Mapping[str, Any] | None = None,
        columns: Mapping[str, Any] | None = None,
    ) -> None:
        self.chain, self.method, self.formalism, self.seed = chain, method, formalism, seed
        #: What ``evaluate`` expected each evaluator to cost; None elsewhere.
        self.prediction: str | None = None
        self.version = dict(_core.build_info())["version"]
        self._law, self._columns = law, columns

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Every ideal default in force, in words."""
        memory, swap = self.chain.memory, self.chain.swap
        said = [] if self.chain.classical_delay else ["knowledge is instant (classical_delay False)"]
        if memory.depolarizing_time_s is None and memory.t1_s is None:
            said.append("memories never relax (t1_s infinite)")
            if memory.t2_s is None:
                said.append("memories keep their state for ever")
        if len(self.chain.links) > 1:
            if swap.success_probability == 1.0:
                said.append("swaps always succeed (success_probability 1)")
            if swap.fidelity == 1.0:
                said.append("swaps are noiseless (fidelity 1)")
            if swap.duration_s == 0.0:
                said.append("swaps take no time (duration_s 0)")
        links = sorted({words for link in self.chain.links for words in link.physics["assumptions"]})
        encoding = self.chain.encoding
        if encoding is None:
            return (*said, *links, "readout is perfect")
        for name, what in (
            ("gate_error", "gates"),
            ("measurement_error", "measurements"),
            ("preparation_error", "fresh blocks"),
        ):
            if getattr(encoding, name) == 0.0:
                said.append(f"{what} of the encoding are perfect ({name} 0)")
        return (
            *said,
            *links,
            "physical pairs are taken by their Bell-diagonal part",
            "gates of the encoding take no time, and fresh blocks are ready",
            "the ends decode their blocks without further errors",
        )

    @property
    def qubits(self) -> int:
        """Memory qubits at all stations together: slots of both ends of each link, and of an encoding its blocks."""
        encoding = self.chain.encoding
        block = 0 if encoding is None else encoding.code.size
        return 2 * len(self.chain.links) * (self.chain.memory.slots + block)

    @property
    def length_km(self) -> float | None:
        """Fibre from end to end in km; None where a link has none."""
        fibers = [getattr(link, "fiber", None) for link in self.chain.links]
        lengths = [fiber.length_km for fiber in fibers if isinstance(fiber, Fiber)]
        return math.fsum(lengths) if len(lengths) == len(fibers) else None

    @property
    def pair(self) -> BellDiagonal:
        """Mean delivered pair, Bell-diagonal part; of an encoding, of the logical qubits."""
        if self._law is not None:
            mass, *sums = self._law["totals"]
            x, y, z = (s / mass for s in sums)
        else:
            x, z = (1.0 - 2.0 * self._mean(name).value for name in ("qber_x", "qber_z"))
            y = 4.0 * self._mean("fidelity").value - 1.0 - x - z
        weights = np.array([1 + x + y + z, 1 - x - y + z, 1 + x - y - z, 1 - x + y - z]) / 4.0
        # Below zero by rounding alone.
        weights = np.maximum(weights, 0.0)
        return BellDiagonal([float(w) for w in weights / weights.sum()])

    @property
    def match(self) -> str:
        """Which of several waiting pairs a node swaps first: the oldest on either side."""
        return "oldest"

    @property
    def pairs(self) -> Mapping[str, Array]:
        """Columns of a sample: ``waiting_time_s``, ``fidelity``, ``qber_x``, ``qber_z``; empty after ``exact``."""
        names = ("waiting_time_s", "fidelity", "qber_x", "qber_z")
        return {} if self._columns is None else {name: self._columns[name] for name in names}

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw the distribution of waiting times with its mean and quantiles; needs the extra ``plot``.

        Parameters
        ----------
        path : str, optional
            Where to save; the ending chooses the format.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from ebit.plot_chain import plot_waiting

        return plot_waiting(self, path)

    @property
    def coverage(self) -> float:
        """Probability inside the lattice; 1 for a sample."""
        return 1.0 if self._law is None else float(self._law["totals"][0])

    @property
    def step_s(self) -> float:
        """Step of the lattice in seconds; NaN for a sample."""
        return math.nan if self._law is None else float(self._law["step_s"])

    @property
    def waiting_time_pmf(self) -> Array:
        """P(delivered at step k), k = 0, 1, ...; a sample has none: take a histogram of ``pairs``."""
        if self._law is None:
            raise complain(
                RangeError,
                "ChainResult",
                "waiting_time_pmf",
                "asked of exact()",
                "a sample",
                "use pairs['waiting_time_s']",
            )
        pmf: Array = self._law["probability"]
        return pmf

    def quantile(self, share: float) -> float:
        """Return the smallest time in seconds by which at least this share of pairs is there.

        Infinite beyond ``coverage``.
        """
        wanted = real("ChainResult.quantile", "share", share, "a float in (0, 1)")
        if not 0.0 < wanted < 1.0:
            raise complain(RangeError, "ChainResult.quantile", "share", "in (0, 1)", shown(share))
        if self._columns is not None:
            ordered = np.sort(self._columns["waiting_time_s"])
            return float(ordered[min(len(ordered) - 1, math.ceil(wanted * len(ordered) - 1e-9) - 1)])
        below = np.cumsum(self.waiting_time_pmf)
        index = int(np.searchsorted(below, wanted - 1e-15))
        return index * self.step_s if index < len(below) else math.inf

    @property
    def waiting_time_s(self) -> Estimate:
        """Mean time from empty memories to delivery, in seconds."""
        if self._law is not None:
            low, high = (steps * self.step_s for steps in self._law["mean_steps"])
            return Estimate((low + high) / 2, 0.0, low, high)
        return self._mean("waiting_time_s")

    @property
    def rate_hz(self) -> Estimate:
        """Pairs per second: 1 / mean waiting time."""
        t = self.waiting_time_s
        value = 1.0 / t.value
        if self._law is not None:
            return Estimate(value, 0.0, 1.0 / t.high, 1.0 / t.low)
        return _around(value, t.stderr * value**2, 0.0, math.inf)

    @property
    def fidelity(self) -> Estimate:
        """Mean weight of Phi+ at delivery."""
        if self._law is not None:
            mass, x, y, z = self._law["totals"]
            return self._bracket((mass + x + y + z) / 4)
        return self._mean("fidelity")

    @property
    def qber_x(self) -> Estimate:
        """Mean probability that X outcomes of the ends differ."""
        return self._bracket_error(1) if self._law is not None else self._mean("qber_x")

    @property
    def qber_z(self) -> Estimate:
        """Mean probability that Z outcomes of the ends differ."""
        return self._bracket_error(3) if self._law is not None else self._mean("qber_z")

    @property
    def secret_key_rate_hz(self) -> Estimate:
        """Secret bits per second: rate x max(0, 1 - h(qber_x) - h(qber_z)), h in bits, no sifting factor."""
        rate, x, z = self.rate_hz, self.qber_x, self.qber_z
        share = 1 - binary_entropy(x.value) - binary_entropy(z.value)
        if self._law is not None:
            least, most = (
                max(0.0, 1 - binary_entropy(min(a, 0.5)) - binary_entropy(min(b, 0.5)))
                for a, b in ((x.high, z.high), (x.low, z.low))
            )
            return Estimate(rate.value * max(0.0, share), 0.0, rate.low * least, rate.high * most)
        if share <= 0.0:
            most = max(0.0, 1 - binary_entropy(min(x.low, 0.5)) - binary_entropy(min(z.low, 0.5)))
            return Estimate(0.0, 0.0, 0.0, rate.high * most)
        columns = self.pairs
        mean = self.waiting_time_s.value
        # First order in the deviations of all three means at once: they are correlated.
        influence = -share * (columns["waiting_time_s"] / mean - 1) / mean
        for error, name in ((x, "qber_x"), (z, "qber_z")):
            influence = influence - rate.value * entropy_slope(error.value) * (columns[name] - error.value)
        stderr = float(influence.std(ddof=1) / math.sqrt(len(influence))) if len(influence) > 1 else math.inf
        return _around(rate.value * share, stderr, 0.0, math.inf)

    @property
    def plob_hz(self) -> float | None:
        """Direct-transmission bound in bits/s; None where a link has no fibre.

        PLOB of the whole fibre times the attempts per second of the slowest link.
        """
        fibers = [getattr(link, "fiber", None) for link in self.chain.links]
        if any(fiber is None for fiber in fibers):
            return None
        eta = 10 ** (-sum(fiber.loss_db for fiber in fibers if fiber is not None) / 10)
        attempts = min(getattr(link, "modes", 1) / link.physics["attempt_time_s"] for link in self.chain.links)
        return math.inf if eta >= 1.0 else float(plob(eta) * attempts)

    def to_dict(self) -> dict[str, Any]:
        """Return estimates, question and provenance as plain values."""
        names = ("waiting_time_s", "rate_hz", "fidelity", "qber_x", "qber_z", "secret_key_rate_hz")
        return {
            "chain": self.chain.to_dict(),
            "method": self.method,
            "formalism": self.formalism,
            "match": self.match,
            "prediction": self.prediction,
            "seed": self.seed,
            "version": self.version,
            "assumptions": list(self.assumptions),
            "coverage": self.coverage,
        } | {name: getattr(self, name).to_dict() for name in names}

    def _mean(self, name: str) -> Estimate:
        column = self.pairs[name]
        stderr = float(column.std(ddof=1) / math.sqrt(len(column))) if len(column) > 1 else math.inf
        return _around(float(column.mean()), stderr, 0.0, math.inf if name == "waiting_time_s" else 1.0)

    def _bracket(self, inside: float) -> Estimate:
        """A mean of something in [0, 1], of which `inside` is the part from the lattice."""
        mass = min(1.0, self.coverage)
        return Estimate(inside / mass, 0.0, inside, inside + (1.0 - mass))

    def _bracket_error(self, entry: int) -> Estimate:
        totals = self._law["totals"] if self._law is not None else (1.0, 1.0, 1.0, 1.0)
        return self._bracket((totals[0] - totals[entry]) / 2)

    def __repr__(self) -> str:
        return (
            f"ChainResult({len(self.chain.links)} links, {self.method}: {self.rate_hz} Hz, fidelity {self.fidelity}, "
            f"key {self.secret_key_rate_hz} bit/s)"
        )


def _around(value: float, stderr: float, least: float, most: float) -> Estimate:
    half = NORMAL_95 * stderr
    return Estimate(value, stderr, max(least, value - half), min(most, value + half))
