"""Running a network: requests, seeds, the one long call, results."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ebit import _core
from ebit._arguments import integer, shown
from ebit._rng import root_seed
from ebit._spec import Spec, default, plain
from ebit.codes import Encoding
from ebit.errors import Interrupted, StuckWarning, WrongTypeError, complain
from ebit.network import Network
from ebit.results import RequestResult, Results
from ebit.schedules import Schedule, SwapAsap

__all__ = ["Request", "simulate"]

#: As many as the native module starts.
MAX_THREADS = 1024

Progress = bool | Callable[[float], object] | None


@dataclass(frozen=True)
class Request(Spec):
    """Entangled pairs wanted between two nodes.

    Parameters
    ----------
    source, target : str
        Node names.
    pairs : int, optional
        Pairs per replica; None: as many as come until ``until_s``.
    route : sequence of str, optional
        Node names from source to target; None: the shortest path.
    start_s : float
        When the request starts, in seconds.
    restart : bool
        Start each pair from empty memories, as a repeater chain does; False: links restart as soon as their memories
        are free.
    classical_delay : bool, optional
        Whether knowledge travels at the speed of light; None: True, but False with ``restart``.
    schedule : SwapAsap, Nested, Sequential or Tree
        Cut-offs per level, distillation and links that start one after another need ``restart``.
    end_memory : {"store", "measured"}
        Whether the ends age until delivery, or are measured at their own heralds and age no further, which needs
        ``restart``.
    encoding : Encoding, optional
        Each pair between stations is one of encoded qubits, as in ``RepeaterChain``; needs ``restart``, and for each
        memory on the route one slot per qubit of the block.

    Examples
    --------
    >>> Request("n0", "n4", pairs=1_000).pairs
    1000
    """

    source: str
    target: str
    pairs: int | None = default("Request", "pairs")
    route: Sequence[str] | None = None
    start_s: float = default("Request", "start_s")
    restart: bool = default("Request", "restart")
    classical_delay: bool | None = default("Request", "classical_delay")
    schedule: Schedule = SwapAsap()
    end_memory: str = default("Request", "end_memory")
    encoding: Encoding | None = default("Request", "encoding")

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values."""
        if not isinstance(self.schedule, Schedule):
            raise complain(WrongTypeError, "Request", "schedule", "a schedule", shown(self.schedule))
        if self.encoding is not None and not isinstance(self.encoding, Encoding):
            hint = "ebit.Encoding(ebit.codes.steane()), for one"
            raise complain(WrongTypeError, "Request", "encoding", "an Encoding or None", shown(self.encoding), hint)
        return super().to_dict() | {"schedule": self.schedule.tagged()}

    document = to_dict


def simulate(
    network: Network,
    requests: Iterable[Request],
    *,
    replicas: int = 1,
    rng: object = None,
    until_s: float | None = None,
    method: str = "auto",
    formalism: str = "auto",
    assign: str = "oldest",
    match: str = "oldest",
    trace: bool = False,
    first_replica: int = 0,
    threads: int | None = None,
    progress: Progress = None,
) -> Results:
    """Deliver entangled pairs over a network by event-driven simulation.

    Links restart as soon as their memories are free; a request's waiting time is the gap to its former delivery. Each
    replica delivers the ``pairs`` of every request, or ends at ``until_s``.

    Parameters
    ----------
    network : Network
    requests : iterable of Request
        They compete for memories.
    replicas : int
        Independent repetitions.
    rng : int, SeedSequence, Generator or None
        Root of all random streams; see ``root_seed``. The result's ``seed`` repeats the run.
    until_s : float, optional
        Horizon in simulated seconds.
    method : {"auto", "skip", "per-attempt"}
        "skip" draws the number of failed attempts at once; "per-attempt" makes one Bernoulli event per attempt.
    formalism : {"auto", "bell-diagonal", "density-matrix"}
        "auto" takes Bell-diagonal pairs where that is exact, density matrices where memories relax (finite T1).
    assign : {"oldest", "fewest-pairs"}
        A fresh pair goes to the oldest unfinished request routed over that link (equally old ones take turns: fewest
        pairs first), or always to the one with fewest pairs.
    match : {"oldest", "longest"}
        Which waiting pair a node swaps first: the oldest at the node, or the one that spans most links.
    trace : bool
        Record every event; ``results.events`` then holds the log.
    first_replica : int
        Index of the first replica: ``replicas=8`` is ``replicas=3`` and ``first_replica=3, replicas=5``, bit for bit.
    threads : int, optional
        None: one per core. The number never changes a bit.
    progress : bool or callable, optional
        True shows a bar; a callable gets the fraction done.

    Returns
    -------
    Results
        One ``RequestResult`` per request.

    Raises
    ------
    SpecError
        Bad input: names object, parameter, range and value.
    NeverSucceedsError
        A link or swap that can never deliver.
    TooLargeError
        Results that would not fit, refused before the run.
    StuckError
        Everyone waits, and no ``until_s`` ends the wait; names who waits for what.
    Interrupted
        Ctrl-C; ``.results`` holds the finished replicas.

    Examples
    --------
    >>> import ebit
    >>> link = ebit.HeraldedLink(success_probability=0.1, attempt_time_s=1e-3)
    >>> net = ebit.Network.chain(nodes=3, link=link, memory=ebit.Memory.perfect())
    >>> r = ebit.simulate(net, [ebit.Request("n0", "n2", pairs=1000)], rng=1)[0]
    >>> r.pairs.count
    1000
    """
    if not isinstance(network, Network):
        raise complain(WrongTypeError, "simulate", "network", "a Network", shown(network))
    if isinstance(requests, Request):
        requests = [requests]
    try:
        asked = list(requests)
    except TypeError:
        raise complain(WrongTypeError, "simulate", "requests", "a list of Requests", shown(requests)) from None
    for k, request in enumerate(asked):
        if not isinstance(request, Request):
            raise complain(WrongTypeError, "simulate", f"requests[{k}]", "a Request", shown(request))
    options = {
        "seed": str(root_seed(rng)),
        "replicas": replicas,
        "first_replica": first_replica,
        "until_s": until_s,
        "method": method,
        "formalism": formalism,
        "assign": assign,
        "match": match,
        "trace": trace,
    }
    options = {k: plain(v, f"simulate.{k}") for k, v in options.items()}
    document = (
        f'{{"network": {network._json}, "requests": {json.dumps([r.document() for r in asked])}, '
        f'"options": {json.dumps(options)}}}'
    )
    if threads is None:
        threads = min(os.cpu_count() or 1, MAX_THREADS)
    threads = integer("simulate", "threads", threads, 1, MAX_THREADS, "None for one per core")
    if progress is not None and not isinstance(progress, bool) and not callable(progress):
        raise complain(WrongTypeError, "simulate", "progress", "True, False, None or a callable", shown(progress))
    with progress_bar(progress, "simulating") as report:
        raw = _core.simulate(document, threads, report)
    if raw["stuck"]:
        warnings.warn(
            f"in {raw['stuck']} of {len(raw['replicas'])} replicas everyone waited for ever before until_s "
            "(lost messages leave pairs stale); the time until then counts",
            StuckWarning,
            stacklevel=2,
        )
    results = collect(network, asked, options, raw)
    stopped_by = raw["stopped_by"]
    if stopped_by is None:
        return results
    if not isinstance(stopped_by, KeyboardInterrupt):
        raise stopped_by
    done, total = results.replicas, options["replicas"]
    raise Interrupted(f"stopped by Ctrl-C after {done} of {total} replicas; .results has them", results) from None


def collect(network: Network, asked: list[Request], options: dict[str, Any], raw: dict[str, Any]) -> Results:
    nodes = network.nodes
    results = []
    for request, row in zip(asked, raw["requests"], strict=True):
        # Equal links share their model: its numbers are asked for once.
        shared: dict[int, _Numbers] = {}
        models = [_numbers(network._model(k), shared) for k in row["links"]]
        ends = zip(row["nodes"], row["nodes"][1:], strict=False)
        slots = [1 if request.restart else min(nodes[a].memory.slots, nodes[b].memory.slots) for a, b in ends]
        fresh = models[0].pair
        for model, node in zip(models[1:], row["nodes"][1:-1], strict=True):
            visibility = (4 * nodes[node].swap.fidelity - 1) / 3
            fresh = fresh.swap(model.pair).depolarize(1 - visibility)
        results.append(
            RequestResult(
                request,
                network.describe_route(row["nodes"], row["links"]),
                row,
                raw["replicas"],
                attempts_hz=min(m.modes * s / m.attempt_time_s for m, s in zip(models, slots, strict=True)),
                slowest_link_s=max(m.attempt_time_s / m.success_probability for m in models),
                fresh_pair=fresh,
            )
        )
    return Results(results, network, options, raw)


class _Numbers(NamedTuple):
    """What results say of a link."""

    pair: _core.BellDiagonal
    attempt_time_s: float
    success_probability: float
    modes: int


def _numbers(model: Any, shared: dict[int, _Numbers]) -> _Numbers:
    found = shared.get(id(model))
    if found is None:
        found = _Numbers(model.pair, model.attempt_time_s, model.success_probability, getattr(model, "modes", 1))
        shared[id(model)] = found
    return found


class progress_bar:
    """Progress as the native module wants it: a callable, or None."""

    def __init__(self, progress: Progress, label: str) -> None:
        self._progress = progress
        self._label = label
        self._bar: Any = None

    def __enter__(self) -> Callable[[float], object] | None:
        if self._progress is None or self._progress is False:
            return None
        if callable(self._progress):
            return self._progress
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, transient=True)
        self._bar.start()
        task = self._bar.add_task(self._label, total=1.0)
        return lambda fraction: self._bar.update(task, completed=fraction)

    def __exit__(self, *exc: object) -> None:
        if self._bar is not None:
            self._bar.stop()
