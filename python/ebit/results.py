"""Results: columns of delivered pairs, and estimates with error bars that hold.

Intervals are at 95 %. With at least 20 replicas each replica is one independent block; with fewer, every replica is
cut into blocks of consecutive pairs (pairs that follow each other are correlated, blocks hardly are), 40 in all where
there are pairs enough. Every mean is a ratio of sums over blocks, its variance the usual linearisation, its interval
Student's.
"""

from __future__ import annotations

import copy
import functools
import itertools
import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from ebit import _core
from ebit.bounds import binary_entropy, plob
from ebit.errors import MissingExtraError, NoPairsWarning

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from ebit._core import BellDiagonal
    from ebit.network import Network, Route
    from ebit.simulate import Request

__all__ = ["Columns", "Estimate", "EventLog", "RequestResult", "Results"]

Array = np.ndarray[Any, Any]

#: Blocks that the pairs of a few replicas are cut into, all together.
BLOCKS = 40
#: Replicas from which on each replica is one block.
REPLICAS_AS_BLOCKS = 20


@dataclass(frozen=True)
class Estimate:
    """A number with its error bar.

    Parameters
    ----------
    value, stderr : float
        The estimate and its standard error.
    low, high : float
        Its 95 % interval.

    Examples
    --------
    >>> print(Estimate(12.34, 0.4, 11.5, 13.1))
    12.3 ± 0.4
    """

    value: float
    stderr: float
    low: float
    high: float

    def __str__(self) -> str:
        if not math.isfinite(self.value) or not math.isfinite(self.stderr):
            return f"{self.value:.4g} ± {self.stderr:.2g}"
        if self.stderr <= 0:
            return f"{self.value:.10g} ± 0"
        digits = -math.floor(math.log10(self.stderr))
        if abs(self.value) < 1e-3 or abs(self.value) >= 1e6:
            exponent = math.floor(math.log10(max(abs(self.value), self.stderr)))
            scale = 10.0**exponent
            places = max(0, digits + exponent)
            return f"({self.value / scale:.{places}f} ± {self.stderr / scale:.{places}f})e{exponent:+03d}"
        places = max(0, digits)
        return f"{self.value:.{places}f} ± {self.stderr:.{places}f}"

    def __float__(self) -> float:
        return self.value

    def to_dict(self) -> dict[str, float | None]:
        """Return the four numbers; what is not finite becomes None."""
        return {k: _finite(getattr(self, k)) for k in ("value", "stderr", "low", "high")}


def _finite(x: float) -> float | None:
    return float(x) if math.isfinite(x) else None


@functools.cache
def student_t(freedom: int) -> float:
    """Return the 97.5 % quantile of Student's t.

    Exact for 1 and 2 degrees of freedom, else the expansion of Hill, Comm. ACM 13, 619 (1970), good to 1e-4.

    >>> round(student_t(10), 3)
    2.228
    """
    if freedom < 1:
        return math.inf
    if freedom == 1:
        return math.tan(math.pi * 0.475)
    if freedom == 2:
        return math.sqrt(2 / (0.05 * 1.95) - 2)
    # Hill's algorithm 396 for a two-tail probability of 0.05.
    n, p = float(freedom), 0.05
    a = 1 / (n - 0.5)
    b = 48 / a**2
    c = ((20700 * a / b - 98) * a - 16) * a + 96.36
    d = ((94.5 / (b + c) - 3) / b + 1) * math.sqrt(a * math.pi / 2) * n
    y = (d * p) ** (2 / n)
    if y > 0.05 + a:
        x = NormalDist().inv_cdf(p / 2)
        y = x * x
        if n < 5:
            c += 0.3 * (n - 4.5) * (x + 0.6)
        c += (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b
        y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x
        y = math.expm1(a * y * y)
    else:
        y = ((1 / (((n + 6) / (n * y) - 0.089 * d - 0.822) * (n + 2) * 3) + 0.5 / (n + 4)) * y - 1) * (n + 1) / (n + 2)
        y += 1 / y
    return math.sqrt(n * y)


class Columns(Mapping[str, Array]):
    """Columns of delivered pairs, one row per pair, as NumPy arrays.

    ``replica``, ``time_s`` (since the start of the run), ``waiting_time_s``, ``fidelity``, ``qber_x``, ``qber_z``;
    readout errors are in the QBERs and not in the fidelity.
    """

    def __init__(self, columns: Mapping[str, Array]) -> None:
        self._columns = dict(columns)

    def __getitem__(self, name: str) -> Array:
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    @property
    def count(self) -> int:
        """Number of pairs."""
        return len(self._columns["time_s"])

    def __repr__(self) -> str:
        return f"Columns({self.count} pairs: {', '.join(self._columns)})"


class EventLog(Mapping[str, Array]):
    """What happened, in columns: ``replica``, ``time_s``, ``kind``, ``place``, ``pair``.

    ``place`` is a link index for heralds and failed attempts, else a node index (of a distillation: the left end's).
    Empty unless the run had ``trace=True``; ``processed`` counts the events of the kernel either way.
    """

    def __init__(self, columns: Mapping[str, Any], counts: Mapping[str, int]) -> None:
        kinds = np.array(columns["kinds"])
        self._columns: dict[str, Array] = {k: v for k, v in columns.items() if k != "kinds"}
        self._columns["kind"] = kinds[self._columns["kind"]]
        self.counts = dict(counts)

    @property
    def processed(self) -> int:
        """Events the kernel processed in all replicas."""
        return self.counts["events"]

    def __getitem__(self, name: str) -> Array:
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def __repr__(self) -> str:
        return f"EventLog({self.processed} events processed, {len(self._columns['time_s'])} logged)"


class _Blocks:
    """Sums over blocks of one request: pairs and time, and any column."""

    def __init__(self, columns: Columns, pairs: Array, total_s: Array) -> None:
        self.columns = columns
        replicas = len(pairs)
        starts: list[int] = []
        counts: list[int] = []
        times: list[float] = []
        offset = 0
        each = 1 if replicas >= REPLICAS_AS_BLOCKS else math.ceil(BLOCKS / max(1, replicas))
        waiting = columns["waiting_time_s"]
        for n, total in zip(pairs.tolist(), total_s.tolist(), strict=True):
            blocks = max(1, min(each, n))
            edges = [offset + (n * k) // blocks for k in range(blocks + 1)]
            spent = [float(waiting[i:j].sum()) for i, j in itertools.pairwise(edges)]
            if blocks > 0:
                # Time after the last delivery belongs to the last block.
                spent[-1] += max(0.0, total - sum(spent))
            starts.extend(edges[:-1])
            counts.extend(j - i for i, j in itertools.pairwise(edges))
            times.extend(spent)
            offset += n
        self.starts = np.array(starts, dtype=np.intp)
        self.pairs = np.array(counts, dtype=np.float64)
        self.time_s = np.array(times)
        self.n = float(self.pairs.sum())
        self.total_s = float(total_s.sum())

    def sums(self, column: Array) -> Array:
        """Sum of a column in each block; empty blocks give 0."""
        cumulative = np.concatenate(([0.0], np.cumsum(column)))
        ends = np.append(self.starts[1:], len(column))
        return np.asarray(cumulative[ends] - cumulative[self.starts])

    def estimate(self, value: float, influence: Array, low: float, high: float) -> Estimate:
        """Turn the influence of each block into an interval, kept within the range of the quantity."""
        blocks = len(influence)
        if blocks < 2:
            return Estimate(value, math.inf, low, high)
        stderr = math.sqrt(float(np.sum(influence**2)) * blocks / (blocks - 1))
        half = student_t(blocks - 1) * stderr
        if stderr <= 1e-13 * abs(value):
            # All alike: what is left is the rounding of the sums.
            stderr, half = 0.0, max(half, 1e-13 * abs(value))
        return Estimate(value, stderr, max(low, value - half), min(high, value + half))

    def mean(self, column: Array, low: float, high: float) -> tuple[Estimate, Array]:
        """Mean of a column over pairs, and the influence of each block on it."""
        sums = self.sums(column)
        value = float(sums.sum()) / self.n
        influence = (sums - value * self.pairs) / self.n
        return self.estimate(value, influence, low, high), influence


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
    def _blocks(self) -> _Blocks:
        return _Blocks(self.pairs, self._counts, self.total_s)

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
        influence = influence - rate.value * (_entropy_slope(qx.value) * ix + _entropy_slope(qz.value) * iz)
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
            "plob_hz": None if self.plob_hz is None else _finite(self.plob_hz),
            "no_key": self.why_no_key(),
        } | {name: getattr(self, name).to_dict() for name in estimates}

    def __repr__(self) -> str:
        return (
            f"RequestResult({self.request.source}-{self.request.target}: {self.pairs.count} pairs, "
            f"rate {self.rate_hz} Hz, fidelity {self.fidelity}, key {self.secret_key_rate_hz} bit/s)"
        )


def _entropy_slope(q: float) -> float:
    """h'(q) = log2((1-q)/q); 0 where q is 0 and has no variance."""
    return math.log2((1 - q) / q) if 0.0 < q < 1.0 else 0.0


def _quantile(ordered: Array, share: float) -> float:
    """Smallest value with at least this share of values at or below it."""
    index = min(len(ordered), max(1, math.ceil(share * len(ordered) - 1e-9)))
    return float(ordered[index - 1])


class Results(Sequence[RequestResult]):
    """Results of a run, one ``RequestResult`` per request, with everything needed to run it again.

    ``method``, ``formalism``, ``seed``, ``version``, ``assumptions`` (every ideal default in force), ``replicas``
    (finished ones), ``tick_s`` (length of a tick in seconds), ``events``, ``network``, ``options``, ``interrupted``.
    """

    def __init__(
        self, requests: Sequence[RequestResult], network: Network, options: Mapping[str, Any], raw: Mapping[str, Any]
    ) -> None:
        self._requests = tuple(requests)
        self.network = network
        self.options = dict(options)
        self.seed = int(options["seed"])
        self.version = dict(_core.build_info())["version"]
        method = options["method"] if options["method"] in ("per-attempt", "protocols") else "skip"
        self.method = f"event-driven ({method})"
        self.formalism: str = raw["formalism"]
        self.assumptions: tuple[str, ...] = tuple(raw["assumptions"])
        for r in self._requests:
            r.method, r.formalism, r.seed = self.method, self.formalism, self.seed
            r.version, r.assumptions = self.version, self.assumptions
        self.tick_s: float = raw["tick_s"]
        self.replicas = len(raw["replicas"])
        #: The questions of runs that were joined; empty for a single run.
        self._runs: tuple[dict[str, Any], ...] = ()
        self.events = EventLog(raw["log"], raw["counts"])
        self.interrupted = raw["stopped_by"] is not None

    @overload
    def __getitem__(self, index: int) -> RequestResult: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[RequestResult, ...]: ...
    def __getitem__(self, index: int | slice) -> RequestResult | tuple[RequestResult, ...]:
        return self._requests[index]

    def __len__(self) -> int:
        return len(self._requests)

    def joined(self, runs: Sequence[Results]) -> Results:
        """Return the requests of several runs as one result with the options of this one."""
        out = copy.copy(self)
        out._requests = tuple(r for run in runs for r in run)
        out.assumptions = tuple(sorted({a for run in runs for a in run.assumptions}))
        out._runs = tuple(run._run() for run in runs)
        return out

    def _run(self) -> dict[str, Any]:
        """Return the question: network, requests, options."""
        return {
            "network": self.network.to_dict(),
            "requests": [r.request.document() for r in self._requests],
            "options": self.options,
        }

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the columns as plain values, ready for JSON."""
        return {
            "ebit": self.version,
            "method": self.method,
            "formalism": self.formalism,
            "seed": self.seed,
            "replicas": self.replicas,
            "interrupted": self.interrupted,
            "assumptions": list(self.assumptions),
            "tick_s": self.tick_s,
            "counts": self.events.counts,
            "requests": [r.to_dict() for r in self._requests],
        } | ({"runs": list(self._runs)} if self._runs else {"run": self._run()})

    def to_pandas(self) -> pd.DataFrame:
        """Return all delivered pairs of all requests as one DataFrame."""
        try:
            import pandas as pd
        except ImportError:
            raise MissingExtraError("pandas is not installed: pip install 'ebit[pandas]'") from None
        frames = []
        for k, r in enumerate(self._requests):
            frame = pd.DataFrame(dict(r.pairs))
            frame.insert(0, "target", r.request.target)
            frame.insert(0, "source", r.request.source)
            frame.insert(0, "request", k)
            frames.append(frame)
        return pd.concat(frames, ignore_index=True)

    def plot(self, path: str | None = None) -> Figure:
        """Draw the map (where nodes have positions) and the waiting-time distributions.

        Parameters
        ----------
        path : str, optional
            Where to save the picture; its ending chooses the format.
        """
        from ebit.plot import plot_results

        return plot_results({"": self}, path)

    def __repr__(self) -> str:
        rows = "\n  ".join(repr(r) for r in self._requests)
        return f"Results({self.method}, {self.formalism}, seed {self.seed})\n  {rows}"
