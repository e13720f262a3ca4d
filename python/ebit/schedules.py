"""Schedules: when a repeater swaps. A schedule is data; evaluators execute it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ebit._arguments import shown
from ebit._spec import Spec, default
from ebit.errors import TooLargeError, WrongTypeError, complain

__all__ = ["Nested", "Schedule", "Sequential", "SwapAsap", "Tree"]

#: Levels of a written tree; documents nest no deeper.
MAX_DEPTH = 100


class _ByNode(dict[int, Any]):
    """A table from node to value that a frozen schedule can hold."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))


def _frozen(value: Any) -> Any:
    """Lists become tuples, tables such as hash; anything else is left for Rust to judge."""
    if isinstance(value, Mapping):
        # Documents spell their keys as text.
        return _ByNode({int(k) if isinstance(k, str) and k.isdecimal() else k: v for k, v in value.items()})
    return tuple(value) if isinstance(value, (list, np.ndarray)) else value


class Schedule(Spec):
    """Any schedule."""

    def tagged(self) -> dict[str, Any]:
        """Return the schedule under its name, as documents hold it."""
        return {type(self).__name__: self.to_dict()}


@dataclass(frozen=True)
class SwapAsap(Schedule):
    """Swap as soon as a pair waits on both sides.

    Parameters
    ----------
    cutoff_s : float, optional
        Age in seconds of its oldest elementary pair at which a segment that is still unswapped is dropped;
        None: never. The end-to-end pair is never dropped.
    cutoff_on : {"segment", "memory"}
        "memory": what is limited is instead the time for which each of the two memories has held its half of the
        segment (a measured end is in none); if one gives up, all of the segment is dropped.
    slots_used : {"one", "all"}
        Of a ``RepeaterChain``, or a request with ``restart=True``: each link makes and holds one pair at a time, or one
        per slot of its ends. A node then joins its oldest pair to the left with its oldest to the right, and a
        delivery empties all memories. Other requests always use all slots.

    Examples
    --------
    >>> SwapAsap(cutoff_s=0.01).cutoff_s
    0.01
    """

    cutoff_s: float | None = default("SwapAsap", "cutoff_s")
    cutoff_on: str = default("SwapAsap", "cutoff_on")
    slots_used: str = default("SwapAsap", "slots_used")


@dataclass(frozen=True)
class Nested(Schedule):
    """Swap the halves of 2^k links when both are there, from the smallest up (doubling).

    Node i of the route joins segments over as many links as the largest power of two that divides i. A failed swap
    empties both halves, and everything below starts anew.

    Parameters
    ----------
    cutoffs_s : sequence of float
        Per level, the lowest first: if the halves' completion times differ by more than this many seconds, both are
        dropped at the first completion + cut-off and start anew; ``math.inf`` for none at that level. Empty: none.
    distill : sequence of int
        Per level, the lowest first: rounds of distillation of each half before the swap, at most 30; empty: none.
    protocol : {"dejmps", "bbpssw"}
        How two pairs become one.
    handshake : bool
        Whether a node asks both far ends, and waits for their answers, before it swaps.
    scheme : {"recurrence", "pumping"}
        Which two. "recurrence": equal ones; r rounds combine 2^r copies made side by side, in that many slots, and a
        failed round makes both its inputs anew. "pumping": the stored one and a fresh one, begun when the stored one
        is there; r rounds use r fresh pairs, one after another, in two slots, and a failed round loses both, so that
        all r begin anew (Briegel et al. 1998, doi:10.1103/PhysRevLett.81.5932).

    Notes
    -----
    Cut-offs and distillation are for a ``RepeaterChain``, or a request with ``restart=True``. With classical delay a
    node counts a cut-off from when it knows of the first half, and each half begins anew when its far end has heard.

    Examples
    --------
    >>> Nested(cutoffs_s=[1e-2, 2e-2], distill=[1, 0]).protocol
    'dejmps'

    Three rounds of pumping on each of two links, in two slots:

    >>> import ebit
    >>> link = ebit.HeraldedLink(success_probability=0.1, attempt_time_s=1e-3, pair=ebit.BellDiagonal.werner(0.9))
    >>> pumped = Nested(distill=[3], scheme="pumping")
    >>> r = ebit.RepeaterChain([link] * 2, ebit.Memory(slots=2, t2_s=100.0), schedule=pumped).exact()
    >>> print(f"{1e3 * r.waiting_time_s.value:.1f} ms, fidelity {r.fidelity.value:.4f}")
    69.9 ms, fidelity 0.9204
    """

    cutoffs_s: Sequence[float] = ()
    distill: Sequence[int] = ()
    protocol: str = default("Nested", "protocol")
    handshake: bool = default("Nested", "handshake")
    scheme: str = default("Nested", "scheme")

    def __post_init__(self) -> None:
        for name in ("cutoffs_s", "distill"):
            value = getattr(self, name)
            if isinstance(value, (list, np.ndarray)):
                # Immutable, as the rest of it.
                object.__setattr__(self, name, tuple(value))
        super().__post_init__()


@dataclass(frozen=True)
class Tree(Schedule):
    """Swap in the order of a binary tree, written as nested pairs of link numbers: two halves when both are there.

    Link k joins nodes k and k + 1, so the swap of ``((0, 1), 2)`` at node 1 comes before the one at node 2. A failed
    swap empties both halves, and everything below starts anew. ``Nested`` and ``Sequential`` are trees by rule.

    Parameters
    ----------
    tree : nested pairs of int
        Leaves are links 0, 1, 2, ... from left to right; at most 100 levels.
    cutoffs_s : sequence or mapping of float
        In seconds, as ``Nested``'s: a sequence has one per level (0 joins two links, others are one above the higher of
        their halves), a mapping ``{node: seconds}`` one per swap; ``math.inf`` or no entry for none.
    distill : sequence or mapping of int
        Rounds of distillation of each half before the swap, per level or per node likewise.
    protocol : {"dejmps", "bbpssw"}
        How two pairs become one.
    start : {"all-at-once", "one-after-another"}
        Whether both halves of a swap start together, or the right one when the left one is there. A cut-off then limits
        how long the right one takes.
    scheme : {"recurrence", "pumping"}
        Which two pairs a round takes, as ``Nested``'s; the fresh pair of pumping follows the stored one whatever
        ``start`` says.

    Notes
    -----
    Cut-offs, distillation and ``one-after-another`` are for a ``RepeaterChain``, or a request with ``restart=True``.

    Examples
    --------
    >>> Tree(((0, 1), (2, (3, 4))), cutoffs_s={2: 1e-2}).start
    'all-at-once'
    """

    tree: Any
    cutoffs_s: Sequence[float] | Mapping[int, float] = ()
    distill: Sequence[int] | Mapping[int, int] = ()
    protocol: str = default("Tree", "protocol")
    start: str = default("Tree", "start")
    scheme: str = default("Tree", "scheme")

    def __post_init__(self) -> None:
        object.__setattr__(self, "tree", _pairs(self.tree))
        for name in ("cutoffs_s", "distill"):
            object.__setattr__(self, name, _frozen(getattr(self, name)))
        super().__post_init__()


@dataclass(frozen=True)
class Sequential(Schedule):
    """Swap link after link from the left: the tree (((0, 1), 2), 3) and so on, over any number of links.

    Parameters
    ----------
    cutoffs_s : sequence or mapping of float
        In seconds, as ``Tree``'s; level k is the swap at node k + 1.
    distill : sequence or mapping of int
        Rounds of distillation of each half before the swap.
    protocol : {"dejmps", "bbpssw"}
        How two pairs become one.
    start : {"all-at-once", "one-after-another"}
        Whether all links start together, or each when everything to its left is one pair.
    scheme : {"recurrence", "pumping"}
        Which two pairs a round takes, as ``Nested``'s.

    Examples
    --------
    >>> Sequential(start="one-after-another").tree(4).tree
    (((0, 1), 2), 3)
    """

    cutoffs_s: Sequence[float] | Mapping[int, float] = ()
    distill: Sequence[int] | Mapping[int, int] = ()
    protocol: str = default("Sequential", "protocol")
    start: str = default("Sequential", "start")
    scheme: str = default("Sequential", "scheme")

    def __post_init__(self) -> None:
        for name in ("cutoffs_s", "distill"):
            object.__setattr__(self, name, _frozen(getattr(self, name)))
        super().__post_init__()

    def tree(self, links: int) -> Tree:
        """Return the same schedule written out for so many links, at most 101."""
        tree: Any = 0
        for link in range(1, links):
            tree = (tree, link)
        return Tree(tree, self.cutoffs_s, self.distill, self.protocol, self.start, self.scheme)


def _pairs(tree: Any, depth: int = 0) -> Any:
    """Nested lists as nested tuples; what is no pair is left for Rust to judge."""
    if isinstance(tree, (str, bytes, Mapping)) or not isinstance(tree, (Sequence, np.ndarray)):
        return tree
    if depth == MAX_DEPTH:
        range, hint = f"at most {MAX_DEPTH} levels", "Sequential() has any number of levels"
        raise complain(TooLargeError, "Tree", "tree", range, "a deeper one", hint)
    if len(tree) != 2:
        range, hint = "a link number, or a pair (left, right) of trees", "a swap joins two halves"
        raise complain(WrongTypeError, "Tree", "tree", range, f"{len(tree)} in {shown(tree)}", hint)
    return tuple(_pairs(half, depth + 1) for half in tree)


def schedule_from_tagged(tagged: Mapping[str, Any]) -> Schedule:
    """Build a schedule from ``{"SwapAsap": {...}}``."""
    ((name, fields),) = tagged.items()
    kinds: dict[str, type[Schedule]] = {"SwapAsap": SwapAsap, "Nested": Nested, "Sequential": Sequential, "Tree": Tree}
    return kinds[name](**fields)
