"""What a run of a network of keys gave: who got keys when, by which routes, and who knows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ebit._arguments import integer, shown
from ebit.errors import RangeError, WrongTypeError, complain
from ebit.qkd.key_demand import KeyDemand, node_number

__all__ = ["KeyDay"]


@dataclass(frozen=True, eq=False)
class KeyDay:
    """What a run of a network of keys gave.

    Parameters
    ----------
    demands : tuple of KeyDemand
    requests, served, refused : int arrays (demands,)
        Keys asked for, delivered, and refused; ``waiting`` are the others. Those of one demand are served in order.
    routes : list
        For each demand its sets of paths; a set is a list of paths, a path a tuple of node names.
    keys : dict of arrays
        The keys delivered, in the order of time: ``time_s``, ``demand``, ``route`` (which set), ``waited_s``.
    links : dict of arrays (links,)
        ``level_bits`` at the end = ``initial_bits`` + ``supplied_bits`` - ``drawn_bits`` - ``spilt_bits``, which found
        the store full; and ``lowest_bits``, the least that was ever there.
    seed : int
    until_s : float
        Simulated time.
    nodes : tuple of str
        All nodes of the network.
    """

    demands: tuple[KeyDemand, ...]
    requests: NDArray[np.uint64]
    served: NDArray[np.uint64]
    refused: NDArray[np.uint64]
    routes: list[list[list[tuple[str, ...]]]]
    keys: dict[str, NDArray[Any]]
    links: dict[str, NDArray[np.float64]]
    seed: int
    until_s: float
    nodes: tuple[str, ...]
    method: str = "event-driven (stores filled between draws)"

    @property
    def waiting(self) -> NDArray[np.uint64]:
        """Return how many keys of each demand were still waited for at the end, their patience not over yet."""
        return self.requests - self.served - self.refused

    def trusted(self, demand: int, route: int = 0) -> list[frozenset[str]]:
        """Return who must be trusted for a demand's keys: of these groups, one must be honest as a whole.

        A key with one path has one group: every node on it knows the key. Of a key in shares over several paths nobody
        learns anything as long as one path has no dishonest node. An empty group: a direct link, nobody is needed.

        Parameters
        ----------
        demand : int
            Index of the demand.
        route : int
            Which of its sets of paths; ``keys["route"]`` says it for each key.
        """
        if not self.routes:
            raise complain(RangeError, "KeyDay.trusted", "demand", "one of the run's demands", "none there")
        sets = self.routes[integer("KeyDay.trusted", "demand", demand, 0, len(self.routes) - 1)]
        paths = sets[integer("KeyDay.trusted", "route", route, 0, len(sets) - 1, "demands have routes of their own")]
        return [frozenset(path[1:-1]) for path in paths]

    def exposed(self, dishonest: Iterable[str]) -> NDArray[np.bool_]:
        """Return which of the delivered keys a coalition of nodes knows: those with a member on every path.

        The two ends are on every path: their keys are known to them.

        Parameters
        ----------
        dishonest : iterable of str
            Node names.
        """
        if isinstance(dishonest, str) or not isinstance(dishonest, Iterable):
            words, hint = "a list of node names", f"['{dishonest}']" if isinstance(dishonest, str) else ""
            raise complain(WrongTypeError, "KeyDay.exposed", "dishonest", words, shown(dishonest), hint)
        bad = list(dishonest)
        for k, name in enumerate(bad):
            node_number("KeyDay.exposed", f"dishonest[{k}]", name, self.nodes)
        known = [[all(not set(path).isdisjoint(bad) for path in paths) for paths in sets] for sets in self.routes]
        width = max((len(row) for row in known), default=1)
        table = np.array([row + [False] * (width - len(row)) for row in known], dtype=bool).reshape(len(known), width)
        return np.asarray(table[self.keys["demand"], self.keys["route"]], dtype=bool)

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the columns as plain values."""
        return {
            "requests": self.requests.tolist(),
            "served": self.served.tolist(),
            "refused": self.refused.tolist(),
            "until_s": self.until_s,
            "seed": self.seed,
            "method": self.method,
            "trusted": [
                [[sorted(g) for g in self.trusted(d, r)] for r in range(len(sets))]
                for d, sets in enumerate(self.routes)
            ],
        }

    def __repr__(self) -> str:
        return (
            f"KeyDay({len(self.demands)} demands: {int(self.requests.sum())} keys asked for, {int(self.served.sum())} "
            f"served, {int(self.refused.sum())} refused in {self.until_s:.6g} s)"
        )
