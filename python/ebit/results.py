"""Results: columns of delivered pairs, and estimates with error bars that hold.

Intervals are at 95 %. With at least 20 replicas each replica is one independent block; with fewer, every replica is
cut into blocks of consecutive pairs, 40 in all where there are pairs enough; how, is in ``blocks``.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

from ebit import _core
from ebit.columns import Columns, EventLog
from ebit.errors import MissingExtraError
from ebit.estimates import Estimate
from ebit.request_result import RequestResult

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from ebit.network import Network

__all__ = ["Columns", "Estimate", "EventLog", "RequestResult", "Results"]


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
