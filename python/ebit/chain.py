"""Repeater chains: how long until the end nodes share a pair, how good it is, and how many secret bits per second.

One chain, three evaluators with the same physics: ``exact`` draws nothing, ``sample`` draws on all cores, ``simulate``
runs the event engine (the only one that carries messages). Where two of them answer, they agree.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ebit import _core
from ebit._arguments import integer, real, shown
from ebit._evaluator_cost import predict
from ebit._rng import root_seed
from ebit._spec import Spec, default
from ebit.bounds import binary_entropy, plob
from ebit.channels import Fiber
from ebit.codes import Encoding
from ebit.devices import Memory, Swap
from ebit.errors import (
    Interrupted,
    NeverSucceedsError,
    RangeError,
    SpecError,
    TooLargeError,
    WrongTypeError,
    complain,
)
from ebit.link_model import LinkModel
from ebit.network import Link, Network, Node
from ebit.optimize import Optimum
from ebit.optimize import optimize as _optimize
from ebit.results import Estimate
from ebit.schedules import Schedule, SwapAsap
from ebit.simulate import MAX_THREADS, Request, progress_bar, simulate
from ebit.states import BellDiagonal

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure

    from ebit.results import RequestResult
    from ebit.simulate import Progress

__all__ = ["ChainResult", "RepeaterChain"]

Array = np.ndarray[Any, Any]

#: Mass left beyond the lattice of an exact evaluation.
TOLERANCE = 1e-9
#: Columns of eight bytes per pair that a sample holds.
COLUMNS = 4
#: Bytes that a sample may take.
MAX_BYTES = 4_000_000_000
#: Seconds below which an exact answer is always worth it.
QUICK_S = 0.1
#: Bytes that a link takes on its way to the evaluators, about.
BYTES_PER_LINK = 2_000
#: Links up to which a chain keeps its own document.
MOST_KEPT = 10_000
#: Pairs of the first guess when a sample is asked for an accuracy.
PILOT = 20_000
#: Half the width of a 95 % interval in standard errors.
NORMAL_95 = 1.959963984540054


@dataclass(frozen=True)
class RepeaterChain(Spec):
    """A row of links with equal memories and swaps, which makes one end-to-end pair at a time from empty memories.

    Parameters
    ----------
    links : sequence of LinkModel
        Link k joins nodes k and k + 1; they may differ.
    memory : Memory
        Of every node.
    swap : Swap
        Of every inner node.
    schedule : SwapAsap, Nested, Sequential or Tree
    end_memory : {"store", "measured"}
        Whether the end qubits age until delivery, or are measured at their own heralds and age no further.
    classical_delay : bool
        Whether knowledge travels at the speed of light; only ``simulate`` can.
    encoding : Encoding, optional
        Pairs between stations are pairs of encoded qubits, each made of as many physical pairs as its block has qubits;
        ``swap`` is the Bell measurement of one qubit of a block with its partner. ``exact`` and ``sample`` can.

    Examples
    --------
    >>> import ebit
    >>> link = ebit.HeraldedLink(success_probability=0.1, attempt_time_s=1e-3, pair=ebit.BellDiagonal.werner(0.985))
    >>> memory, swap = ebit.Memory(depolarizing_time_s=0.8), ebit.Swap(success_probability=0.5)
    >>> chain = RepeaterChain(links=[link] * 4, memory=memory, swap=swap, schedule=ebit.schedules.Nested())
    >>> r = chain.exact()
    >>> print(f"{r.waiting_time_s.value:.8f} s, {r.coverage > 1 - 1e-9}")
    0.08481758 s, True
    """

    links: Sequence[LinkModel]
    memory: Memory
    swap: Swap = Swap.perfect()
    schedule: Schedule = SwapAsap()
    end_memory: str = default("RepeaterChain", "end_memory")
    classical_delay: bool = default("RepeaterChain", "classical_delay")
    encoding: Encoding | None = default("RepeaterChain", "encoding")

    def __post_init__(self) -> None:
        name = "RepeaterChain"
        if isinstance(self.links, (str, bytes, Mapping)) or not isinstance(self.links, (Sequence, np.ndarray)):
            raise complain(WrongTypeError, name, "links", "a list of link models", shown(self.links))
        size = BYTES_PER_LINK * len(self.links)
        if size > MAX_BYTES:
            most, value = MAX_BYTES // BYTES_PER_LINK, f"{len(self.links)} ({size / 1e9:.3g} GB)"
            raise complain(TooLargeError, name, "links", f"at most {most}", value, "solve a part of it")
        object.__setattr__(self, "links", tuple(self.links))
        for k, link in enumerate(self.links):
            if not isinstance(link, LinkModel):
                raise complain(WrongTypeError, name, f"links[{k}]", "a link model", shown(link))
        for field, kind, range in (
            ("memory", Memory, "a Memory"),
            ("swap", Swap, "a Swap"),
            ("schedule", Schedule, "a schedule"),
        ):
            if not isinstance(getattr(self, field), kind):
                raise complain(WrongTypeError, name, field, range, shown(getattr(self, field)))
        if self.encoding is not None and not isinstance(self.encoding, Encoding):
            hint = "ebit.Encoding(ebit.codes.steane()), for one"
            raise complain(WrongTypeError, name, "encoding", "an Encoding or None", shown(self.encoding), hint)
        super().__post_init__()

    def to_dict(self) -> dict[str, Any]:
        """Return the chain as plain values."""
        return {"links": [link.tagged() for link in self.links], **self._but_links()}

    def _but_links(self) -> dict[str, Any]:
        return {
            "memory": self.memory.to_dict(),
            "swap": self.swap.to_dict(),
            "schedule": self.schedule.tagged(),
            "end_memory": self.end_memory,
            "classical_delay": self.classical_delay,
            "encoding": None if self.encoding is None else self.encoding.to_dict(),
        }

    def _document(self) -> str:
        # Said once, to be checked and solved; a long chain is said again rather than kept.
        kept: str | None = self.__dict__.get("_said")
        if kept is None:
            links = ", ".join([f'{{"{type(link).__name__}": {link._document()}}}' for link in self.links])
            kept = f'{{"links": [{links}], {json.dumps(self._but_links())[1:]}'
            if len(self.links) <= MOST_KEPT:
                object.__setattr__(self, "_said", kept)
        return kept

    @property
    def _json(self) -> str:
        return self._document()

    def exact(self, *, tolerance: float = TOLERANCE) -> ChainResult:
        """Solve the chain; nothing is drawn.

        ``Nested``, ``Sequential``, ``Tree``: power series by FFT, swap by swap, with cut-offs and distillation.
        ``SwapAsap`` of one slot without cut-off whose swaps always succeed at once: a transfer operator. With swaps
        that fail, a cut-off or several slots: an absorbing Markov chain over what is there, for as few links, slots and
        steps per cut-off as its table of states has room for (1 GB). The lattice, whose step is the common divisor of
        all durations, is extended until no more than ``tolerance`` of the probability lies beyond it.

        The delivered state is carried as its correlations (``formalism`` ``"bell-diagonal"``), and with finite T1 as
        all Pauli coefficients that count, <ZI> and <IZ> among them (``"pauli-correlations"``).

        With an encoding, a sum over all operators that a station may read its outcomes from; of at most about twelve
        checks.

        Parameters
        ----------
        tolerance : float
            In [1e-12, 1).

        Returns
        -------
        ChainResult
            ``coverage``, ``waiting_time_pmf``; estimates have ``stderr`` 0 and ``low``, ``high`` that bracket what lies
            beyond the lattice.

        Raises
        ------
        SpecError
            No exact method applies (classical delay; swap-asap whose swaps take time, or of two-round links; DEJMPS
            in several rounds with finite T1), or the lattice or the table of states would not fit; says why and what
            to call.
        NeverSucceedsError
            A probability of 0, or a cut-off that no two halves can keep.
        """
        raw = _core.chain_exact(
            self._json, real("RepeaterChain.exact", "tolerance", tolerance, "a float in [1e-12, 1)")
        )
        return ChainResult(self, raw["method"], raw["formalism"], None, law=raw)

    def sample(
        self,
        pairs: int | None = None,
        *,
        rel: float | None = None,
        rng: object = None,
        threads: int | None = None,
        progress: Progress = None,
    ) -> ChainResult:
        """Draw pairs by Monte Carlo on all cores; any schedule, any memory.

        Parameters
        ----------
        pairs : int, optional
            How many; or give ``rel``.
        rel : float, optional
            Stop when the 95 % interval of the mean waiting time is this narrow, half its width over the mean.
        rng : int, SeedSequence, Generator or None
            The result's ``seed`` repeats the run.
        threads : int, optional
            None: one per core. The number never changes a bit.
        progress : bool or callable, optional
            True shows a bar; a callable gets the fraction done.

        Returns
        -------
        ChainResult

        Raises
        ------
        SpecError
            Bad input, or a result that would not fit, refused before anything is drawn.
        Interrupted
            Ctrl-C; ``.results`` holds the finished blocks of pairs.
        """
        name = "RepeaterChain.sample"
        if (pairs is None) == (rel is None):
            raise complain(
                RangeError, name, "pairs", "given, or rel, and not both", f"pairs={shown(pairs)}, rel={shown(rel)}"
            )
        root = root_seed(rng)
        if rel is not None:
            half = real(name, "rel", rel, "a float in (0, 1)")
            if not 0.0 < half < 1.0:
                raise complain(RangeError, name, "rel", "in (0, 1)", shown(rel))
            return self._sample_to(half, root, threads, progress)
        count = integer(name, "pairs", pairs, 1)
        return self._draw(count, root, threads, progress)

    def _sample_to(self, rel: float, root: int, threads: int | None, progress: Progress) -> ChainResult:
        # A stream belongs to its block of pairs: a longer sample begins with the same pairs.
        count = PILOT
        while True:
            result = self._draw(count, root, threads, progress)
            reached = NORMAL_95 * result.waiting_time_s.stderr / result.waiting_time_s.value
            if reached <= rel:
                return result
            count = max(count * 2, int(1.1 * count * (reached / rel) ** 2))

    def _draw(self, count: int, root: int, threads: int | None, progress: Progress) -> ChainResult:
        name = "RepeaterChain.sample"
        size = 8 * COLUMNS * count
        if size > MAX_BYTES:
            raise complain(
                TooLargeError,
                name,
                "pairs",
                f"<= {MAX_BYTES // (8 * COLUMNS)}",
                f"{count} ({size / 1e9:.3g} GB)",
                "draw parts with different seeds",
            )
        if threads is None:
            threads = min(os.cpu_count() or 1, MAX_THREADS)
        threads = integer(name, "threads", threads, 1, MAX_THREADS, "None for one per core")
        with progress_bar(progress, "sampling") as report:
            raw = _core.chain_sample(self._json, count, root, threads, report)
        result = ChainResult(self, "sampled", raw["formalism"], root, columns=raw)
        stopped = raw["stopped_by"]
        if stopped is None:
            return result
        if not isinstance(stopped, KeyboardInterrupt):
            raise stopped
        drawn = len(raw["waiting_time_s"])
        raise Interrupted(f"stopped by Ctrl-C after {drawn} of {count} pairs; .results has them", result) from None

    def network(self) -> Network:
        """Return the chain as a network of nodes ``n0``, ``n1``, ...; links without a fibre have no length."""
        nodes = [Node(f"n{k}", self.memory, self.swap) for k in range(len(self.links) + 1)]
        links = [Link(f"n{k}", f"n{k + 1}", model) for k, model in enumerate(self.links)]
        return Network(nodes, links)

    def simulate(self, pairs: int = 1_000, **options: Any) -> RequestResult:
        """Run the chain on the event engine; each pair starts from empty memories.

        Parameters
        ----------
        pairs : int
            Per replica.
        **options
            ``replicas``, ``rng``, ``until_s``, ``method`` and the rest of ``ebit.simulate``.

        Returns
        -------
        RequestResult

        Raises
        ------
        SpecError
            As ``ebit.simulate``.
        NeverSucceedsError
            Without ``until_s``, a cut-off that no pair can ever keep.
        """
        if not self.classical_delay and options.get("until_s") is None:
            self._refuse_endless()
        return simulate(self.network(), [self._request(pairs)], **options)[0]

    def _refuse_endless(self) -> None:
        """Raise if a cut-off can never be kept, as the other evaluators do: events would go on for ever."""
        try:
            _core.chain_sample(self._json, 0, 0, 1, None)
        except NeverSucceedsError:
            raise
        except SpecError:
            # What cannot be sampled may still be simulated.
            return

    def _request(self, pairs: int) -> Request:
        return Request(
            "n0",
            f"n{len(self.links)}",
            pairs=pairs,
            restart=True,
            classical_delay=self.classical_delay,
            schedule=self.schedule,
            end_memory=self.end_memory,
            encoding=self.encoding,
        )

    def evaluate(self, rel: float = 1e-3, *, rng: object = None, threads: int | None = None) -> ChainResult:
        """Answer by the cheaper of ``exact`` and ``sample``, as predicted; the result's ``prediction`` says why.

        An exact answer that takes less than a tenth of a second is taken even where a sample would be cheaper.

        Parameters
        ----------
        rel : float
            Half the width of the 95 % interval of the mean waiting time over the mean.
        rng, threads
            As in ``sample``.
        """
        half = real("RepeaterChain.evaluate", "rel", rel, "a float in (0, 1)")
        if not 0.0 < half < 1.0:
            raise complain(RangeError, "RepeaterChain.evaluate", "rel", "in (0, 1)", shown(rel))
        tolerance = min(TOLERANCE, half)
        prediction = predict(self, half, tolerance)
        result = None
        if prediction is None or prediction.exact_s <= max(QUICK_S, prediction.sample_s):
            try:
                result = self.exact(tolerance=tolerance)
            except SpecError as refused:
                if not refused.object.startswith("RepeaterChain.exact"):
                    raise
        if result is None:
            result = self.sample(rel=half, rng=rng, threads=threads)
        result.prediction = None if prediction is None else str(prediction)
        return result

    def optimize(
        self,
        objective: str | Callable[[ChainResult], float] = "secret_key_rate",
        over: Sequence[str] | Mapping[str, Any] = ("cutoffs_s",),
        *,
        pairs: int = 20_000,
        rng: object = 0,
    ) -> Optimum:
        """Return the variant of this chain that makes most of the objective, by a deterministic direct search.

        Each variant is evaluated by ``exact``, and by ``sample`` on one seed where ``exact`` does not apply.

        Parameters
        ----------
        objective : {"secret_key_rate", "rate"} or callable
            What to make large; a callable takes a ``ChainResult`` and returns a float.
        over : sequence of str, or mapping of str to range
            What to tune: ``"cutoffs_s"`` (per level of a tree, the one of ``SwapAsap``; range (least, most) in
            seconds, any by default), ``"bright_state_population"`` (one for all ``SingleClick`` links; (0.001, 0.5)),
            ``"mean_pairs"`` (one for all ``MidpointSource`` links; (0.001, 1)),
            ``"spacing"`` (number of equal segments on the same total length; (1, 16)), ``"schedule"`` (candidates;
            ``SwapAsap()``, ``Nested()``).
        pairs : int
            Pairs per sample.
        rng : int, SeedSequence, Generator or None
            Of the samples.

        Returns
        -------
        Optimum
            ``chain``, ``result``, ``value``, ``parameters``, ``sensitivity``, ``trace``.

        Raises
        ------
        SpecError
            Bad input, or no variant that an evaluator can hold.

        Notes
        -----
        A local search from a ladder of equal cut-offs (Hooke and Jeeves 1961, doi:10.1145/321062.321069): on landscapes
        with several hills it may climb a lower one.

        Examples
        --------
        >>> import ebit
        >>> link = ebit.HeraldedLink(success_probability=0.1, attempt_time_s=1e-3, pair=ebit.BellDiagonal.werner(0.985))
        >>> memory, swap = ebit.Memory(depolarizing_time_s=0.8), ebit.Swap(success_probability=0.5)
        >>> chain = RepeaterChain(links=[link] * 4, memory=memory, swap=swap, schedule=ebit.schedules.Nested())
        >>> best = chain.optimize()
        >>> print([round(1e3 * c) for c in best.parameters["cutoffs_s"]], f"{best.value:.4f} bit/s")
        [16, 29] 2.7327 bit/s
        """
        return _optimize(self, objective, over, pairs=pairs, rng=rng)

    def plot_rate_distance(
        self, distances_km: Sequence[float], path: str | Path | None = None, *, rel: float = 1e-2
    ) -> Figure:
        """Draw pairs and secret bits per second against distance, and the bounds; needs the extra ``plot``.

        All fibres are stretched alike. Bounds are for as many channel uses per second as the slowest link attempts:
        ``bounds.plob`` of the whole fibre, and of the worst segment (doi:10.1038/s42005-019-0147-3).

        Parameters
        ----------
        distances_km : sequence of float
            Fibre from end to end in km.
        path : str, optional
            Where to save; the ending chooses the format.
        rel : float
            As in ``evaluate``.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from ebit.plot_chain import plot_rate_distance

        return plot_rate_distance(self, distances_km, path, rel=rel)

    def plot_run(self, path: str | Path | None = None, *, rng: object = None) -> Figure:
        """Draw one run of the event engine in space and time, up to its first pair; needs the extra ``plot``.

        Parameters
        ----------
        path : str, optional
            Where to save; the ending chooses the format.
        rng : int, SeedSequence, Generator or None

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        SpecError
            What ``simulate`` refuses; distillation, whose copies would hide each other.
        """
        from ebit.plot_chain import plot_run

        return plot_run(self, path, rng=rng)


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
            slope = math.log2((1 - error.value) / error.value) if 0.0 < error.value < 1.0 else 0.0
            influence = influence - rate.value * slope * (columns[name] - error.value)
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
