"""Repeater chains: how long until the end nodes share a pair, how good it is, and how many secret bits per second.

One chain, three evaluators with the same physics: ``exact`` draws nothing, ``sample`` draws on all cores, ``simulate``
runs the event engine (the only one that carries messages). Where two of them answer, they agree.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ebit import _core
from ebit._arguments import integer, real, shown
from ebit._evaluator_cost import predict
from ebit._rng import root_seed
from ebit._spec import Spec, default
from ebit.chain_links import links_of
from ebit.chain_result import ChainResult
from ebit.chain_sampling import draw
from ebit.codes import Encoding
from ebit.devices import Memory, Swap
from ebit.errors import (
    NeverSucceedsError,
    RangeError,
    SpecError,
    WrongTypeError,
    complain,
)
from ebit.estimates import NORMAL_95
from ebit.link_model import LinkModel
from ebit.network import Link, Network, Node
from ebit.optimize import Optimum
from ebit.optimize import optimize as _optimize
from ebit.schedules import Schedule, SwapAsap
from ebit.simulate import Request, simulate

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure

    from ebit.request_result import RequestResult
    from ebit.simulate import Progress

__all__ = ["ChainResult", "RepeaterChain"]

#: Mass left beyond the lattice of an exact evaluation.
TOLERANCE = 1e-9
#: Seconds below which an exact answer is always worth it.
QUICK_S = 0.1
#: Links up to which a chain keeps its own document.
MOST_KEPT = 10_000
#: Pairs of the first guess when a sample is asked for an accuracy.
PILOT = 20_000


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
        object.__setattr__(self, "links", links_of(name, self.links))
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
        return draw(
            "RepeaterChain.sample",
            count,
            threads,
            progress,
            lambda cores, report: _core.chain_sample(self._json, count, root, cores, report),
            lambda raw: ChainResult(self, "sampled", raw["formalism"], root, columns=raw),
        )

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
