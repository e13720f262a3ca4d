"""What a network of keys is asked for: keys of two sites, again and again, and what is out of order meanwhile."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ebit import _core
from ebit._arguments import flag, integer, real, shown
from ebit.errors import RangeError, WrongTypeError, complain

__all__ = ["KeyDemand", "Outage"]

#: Links that 32 bits number.
_MOST = 2**32 - 1


@dataclass(frozen=True)
class KeyDemand:
    """Two sites that want keys again and again.

    Parameters
    ----------
    source, target : str
        Node names.
    bits : float
        Of each key.
    every_s : float
        Mean time between two keys.
    random : bool
        At random times (Poisson) instead of by the clock.
    reserve : float
        Share of every store that is left to others: 0 for the most important, more for those who may wait.
    patience_s : float
        How long a key that cannot be had at once is waited for, before it is refused.
    paths : int
        Node-disjoint paths that each carry a share of every key.
    alternatives : int
        Further sets of paths, tried in order when the first lacks key: none uses a node between the two, or a link
        between them, of a set before it.

    Examples
    --------
    A line that rekeys AES-256 once a minute, and a document a second under a one-time pad:

    >>> KeyDemand.aes("a", "b", every_s=60.0).bits, KeyDemand.one_time_pad("a", "b", bits_per_s=1e4).bits
    (256, 10000.0)
    """

    source: str
    target: str
    bits: float
    every_s: float
    random: bool = False
    reserve: float = 0.0
    patience_s: float = 0.0
    paths: int = 1
    alternatives: int = 0

    def __post_init__(self) -> None:
        for side in ("source", "target"):
            if not isinstance(getattr(self, side), str):
                raise complain(WrongTypeError, "KeyDemand", side, "the name of a node", shown(getattr(self, side)))
        if self.source == self.target:
            words = "another site than the source: a key is between two sites"
            raise complain(RangeError, "KeyDemand", "target", words, shown(self.target))
        _core.check("KeyDemand", json.dumps(self._document(0, 1)))

    def _document(self, source: int, target: int) -> dict[str, Any]:
        """What Rust reads, with the numbers of the two sites."""
        place = "KeyDemand"
        return {
            "source": source,
            "target": target,
            **{n: real(place, n, getattr(self, n)) for n in ("bits", "every_s", "reserve", "patience_s")},
            "random": flag(place, "random", self.random),
            "paths": integer(place, "paths", self.paths, 1, 16),
            "alternatives": integer(place, "alternatives", self.alternatives, 0, 16),
        }

    @classmethod
    def aes(cls, source: str, target: str, every_s: float = 60.0, bits: int = 256, **options: Any) -> KeyDemand:
        """Return the demand of a cipher that takes a fresh key by the clock.

        Parameters
        ----------
        source, target : str
        every_s : float
            Between two keys.
        bits : int
            Of each.
        **options
            As of the class.
        """
        return cls(source, target, bits, every_s, **options)

    @classmethod
    def one_time_pad(
        cls, source: str, target: str, bits_per_s: float, every_s: float = 1.0, **options: Any
    ) -> KeyDemand:
        """Return the demand of a one-time pad: as many bits of key as of data, drawn by the message.

        Parameters
        ----------
        source, target : str
        bits_per_s : float
            Data on average.
        every_s : float
            Mean time between two messages, which come at random.
        **options
            As of the class.
        """
        place, words = "KeyDemand.one_time_pad", "finite and > 0"
        rate, gap = real(place, "bits_per_s", bits_per_s, words), real(place, "every_s", every_s, words)
        if rate <= 0.0:
            raise complain(RangeError, place, "bits_per_s", words, shown(bits_per_s))
        return cls(source, target, rate * gap, every_s, **({"random": True} | options))


@dataclass(frozen=True)
class Outage:
    """A link that makes no key, or a node that relays none, for a while; a link's stored key stays usable.

    Parameters
    ----------
    from_s, to_s : float
        When it begins and ends.
    link : int, optional
        Index of the link.
    node : str, optional
        Name of the node.

    Examples
    --------
    >>> Outage(60.0, 120.0, node="hub").link is None
    True
    """

    from_s: float
    to_s: float
    link: int | None = None
    node: str | None = None

    def __post_init__(self) -> None:
        if self.node is not None and not isinstance(self.node, str):
            raise complain(WrongTypeError, "Outage", "node", "the name of a node", shown(self.node))
        _core.check("Outage", json.dumps(self._document(None if self.node is None else 0)))

    def _document(self, node: int | None) -> dict[str, Any]:
        """What Rust reads, with the number of the node."""
        link = None if self.link is None else integer("Outage", "link", self.link, 0, _MOST)
        return {"link": link, "node": node, **{n: real("Outage", n, getattr(self, n)) for n in ("from_s", "to_s")}}


def node_number(place: str, parameter: str, name: object, names: tuple[str, ...]) -> int:
    """Return the number of a node by its name."""
    if not isinstance(name, str):
        raise complain(WrongTypeError, place, parameter, "the name of a node", shown(name))
    if name not in names:
        few = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
        raise complain(RangeError, place, parameter, f"a node of the network ({few})", shown(name))
    return names.index(name)
