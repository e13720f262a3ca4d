"""What one request of a run got: estimates from the pairs delivered to it, and why there is no key."""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ebit.blocks import Blocks
from ebit.bounds import binary_entropy, entropy_slope, plob
from ebit.columns import Array, Columns
from ebit.errors import NoPairsWarning
from ebit.estimates import Estimate, finite, student_t

if TYPE_CHECKING:
    from ebit._core import BellDiagonal
    from ebit.network import Route
    from ebit.simulate import Request

__all__ = ["RequestResult"]


class RequestResult:
    """What one request got.

    ``rate_hz``, ``waiting_time_s``, ``waiting_time_p95_s``, ``fidelity``, ``qber_x``, ``qber_z``,
    ``secret_key_rate_hz`` are Estimates; ``pairs`` holds the columns of delivered pairs, ``request`` and ``route`` the
    question, ``finished`` (per replica) whether it got all its pairs, ``total_s`` (per replica) its time in seconds.
    ``attempts_hz`` counts the attempts per second of the slowest link, each slot and multiplexed mode as one;
    ``slowest_link_s`` is the longest mean time to a pair on one link; ``fresh_pair`` is the end-to-end pair if nothing
    decayed. ``method``, ``formalism``, ``seed``, ``version`` and ``assumptions`` are those of its run.
    """

    method: str
    formalism: str
    seed: int
    version: str
    assumptions: tuple[str, ...]

    def __init__(
        self,
        request: Request,
        route: Route,
        raw: Mapping[str, Any],
        replicas: Sequence[int],
        *,
        attempts_hz: float,
        slowest_link_s: float,
        fresh_pair: BellDiagonal,
    ) -> None:
        self.request = request
        self.route = route
        self.finished = tuple(raw["finished"])
        self.total_s: Array = raw["total_s"]
        self._counts: Array = raw["pairs"]
        names = ("time_s", "waiting_time_s", "fidelity", "qber_x", "qber_z")
        self.pairs = Columns(
            {k: raw[k] for k in names}
            | {"replica": np.repeat(np.array(replicas, dtype=np.int64), self._counts.astype(np.intp))}
        )
        self.attempts_hz = attempts_hz
        self.slowest_link_s = slowest_link_s
        self.fresh_pair = fresh_pair
        if self.pairs.count == 0:
            warnings.warn(
                f"{request.source}-{request.target}: no pair in {self.total_s.sum():.4g} s of simulated time; "
                "the rate is 0 with the upper bound 3/time, the fidelity is not a number",
                NoPairsWarning,
                stacklevel=4,
            )

    @functools.cached_property
    def _blocks(self) -> Blocks:
        return Blocks(self.pairs, self._counts, self.total_s)

    def _mean(self, name: str, high: float) -> Estimate:
        if self.pairs.count == 0:
            return Estimate(math.nan, math.nan, math.nan, math.nan)
        return self._blocks.mean(self.pairs[name], 0.0, high)[0]

    @functools.cached_property
    def rate_hz(self) -> Estimate:
        """Pairs per second: all pairs over all time of all replicas."""
        blocks = self._blocks
        if self.pairs.count == 0:
            return Estimate(0.0, 0.0, 0.0, 3.0 / blocks.total_s if blocks.total_s > 0 else math.inf)
        value = blocks.n / blocks.total_s
        return blocks.estimate(value, self._rate_influence(value), 0.0, math.inf)

    def _rate_influence(self, rate: float) -> Array:
        blocks = self._blocks
        return np.asarray((blocks.pairs - rate * blocks.time_s) / blocks.total_s)

    @functools.cached_property
    def waiting_time_s(self) -> Estimate:
        """Mean time in seconds between deliveries."""
        return self._mean("waiting_time_s", math.inf)

    @functools.cached_property
    def fidelity(self) -> Estimate:
        """Mean weight of Phi+."""
        return self._mean("fidelity", 1.0)

    @functools.cached_property
    def qber_x(self) -> Estimate:
        """Mean error rate in the X basis, readout included."""
        return self._mean("qber_x", 1.0)

    @functools.cached_property
    def qber_z(self) -> Estimate:
        """Mean error rate in the Z basis, readout included."""
        return self._mean("qber_z", 1.0)

    @functools.cached_property
    def waiting_time_p95_s(self) -> Estimate:
        """95th percentile of the time between deliveries, in seconds.

        The interval is that of the empirical distribution function at the percentile, by blocks, mapped back through
        the order statistics.
        """
        if self.pairs.count == 0:
            return Estimate(math.nan, math.nan, math.nan, math.nan)
        ordered = np.sort(self.pairs["waiting_time_s"])
        value = _quantile(ordered, 0.95)
        below = (self.pairs["waiting_time_s"] <= value).astype(np.float64)
        share, _ = self._blocks.mean(below, 0.0, 1.0)
        width = student_t(len(self._blocks.pairs) - 1)
        half = share.high - share.value
        if not 0.0 < share.stderr < math.inf:
            # One block, or all alike: as if the pairs were independent.
            width = student_t(10**6)
            half = width * math.sqrt(0.95 * 0.05 / len(ordered))
        low, high = _quantile(ordered, 0.95 - half), _quantile(ordered, 0.95 + half)
        if 0.95 + half >= 1.0:
            high = math.inf
        stderr = (high - low) / (2 * width) if math.isfinite(high) else math.inf
        return Estimate(value, stderr, low, high)

    @functools.cached_property
    def secret_key_rate_hz(self) -> Estimate:
        """Secret bits per second: rate x max(0, 1 - h(qber_x) - h(qber_z)), no sifting factor."""
        if self.pairs.count == 0:
            return Estimate(0.0, 0.0, 0.0, self.rate_hz.high)
        blocks = self._blocks
        qx, ix = blocks.mean(self.pairs["qber_x"], 0.0, 1.0)
        qz, iz = blocks.mean(self.pairs["qber_z"], 0.0, 1.0)
        share = 1 - binary_entropy(qx.value) - binary_entropy(qz.value)
        rate = self.rate_hz
        if share <= 0.0:
            best = max(0.0, 1 - binary_entropy(min(qx.low, 0.5)) - binary_entropy(min(qz.low, 0.5)))
            return Estimate(0.0, 0.0, 0.0, rate.high * best)
        influence = share * self._rate_influence(rate.value)
        influence = influence - rate.value * (entropy_slope(qx.value) * ix + entropy_slope(qz.value) * iz)
        return blocks.estimate(rate.value * share, influence, 0.0, math.inf)

    @property
    def plob_hz(self) -> float | None:
        """Direct-transmission bound in bits/s; None where a link has no fibre.

        -log2(1-eta) of the whole fibre (Pirandola et al., doi:10.1038/ncomms15043) times the modes attempted per second
        by the slowest link, all its slots together.
        """
        if self.route.loss_db is None:
            return None
        eta = 10 ** (-self.route.loss_db / 10)
        # No loss, no bound.
        return math.inf if eta >= 1.0 else plob(eta) * self.attempts_hz

    def why_no_key(self) -> str:
        """Say why there is no key, or return an empty string.

        Either no pair came (and how long the slowest link takes for one), or the memories decayed (the QBERs would do
        if every pair were swapped and delivered at its herald), or the links are too noisy even then.
        """
        if self.secret_key_rate_hz.value > 0:
            return ""
        if self.pairs.count == 0:
            return (
                f"rate bound: no pair in {self.total_s.sum():.3g} s, the slowest link takes {self.slowest_link_s:.3g} s"
            )
        x, z = 100 * self.qber_x.value, 100 * self.qber_z.value
        fresh = self.fresh_pair
        now = f"QBER {x:.3g} and {z:.3g} %"
        then = f"{100 * fresh.qber_x:.2g} and {100 * fresh.qber_z:.2g} %"
        if 1 - binary_entropy(fresh.qber_x) - binary_entropy(fresh.qber_z) > 0:
            return f"decayed memory: {now}, {then} fresh"
        return f"noisy links: {now}, {then} even fresh"

    def to_dict(self) -> dict[str, Any]:
        """Return estimates, route and counts as plain values; the columns stay in ``pairs``."""
        estimates = (
            "rate_hz",
            "waiting_time_s",
            "waiting_time_p95_s",
            "fidelity",
            "qber_x",
            "qber_z",
            "secret_key_rate_hz",
        )
        return {
            "source": self.request.source,
            "target": self.request.target,
            "route": list(self.route.nodes),
            "hops": self.route.hops,
            "length_km": self.route.length_km,
            "loss_db": self.route.loss_db,
            "pairs": self.pairs.count,
            "finished": all(self.finished),
            "plob_hz": None if self.plob_hz is None else finite(self.plob_hz),
            "no_key": self.why_no_key(),
        } | {name: getattr(self, name).to_dict() for name in estimates}

    def __repr__(self) -> str:
        return (
            f"RequestResult({self.request.source}-{self.request.target}: {self.pairs.count} pairs, "
            f"rate {self.rate_hz} Hz, fidelity {self.fidelity}, key {self.secret_key_rate_hz} bit/s)"
        )


def _quantile(ordered: Array, share: float) -> float:
    """Smallest value with at least this share of values at or below it."""
    index = min(len(ordered), max(1, math.ceil(share * len(ordered) - 1e-9)))
    return float(ordered[index - 1])
