"""A relay that nobody need trust, in the hands of somebody who lies: what it announces of the clicks it saw."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ebit import _core
from ebit._arguments import mask_of, probability
from ebit._rng import user_stream
from ebit.errors import RangeError, complain
from ebit.qkd._columns import whole
from ebit.qkd.attacks import Eavesdropper
from ebit.qkd.lines import Line
from ebit.qkd.transmission import Transmission

__all__ = ["Announcements", "FalseRelay", "announce"]

Bytes = NDArray[np.uint8]
_Mask = NDArray[np.bool_]

#: What makes the other outcome of one: Psi- of Psi+ behind four detectors, the other port behind two.
OTHER = {"Bell": 0b1010, "Single": 0b11}
#: Stream of a relay that lies.
HERS = 13


class Announcements:
    """What a relay is about to announce, before anybody heard it.

    Parameters
    ----------
    pulse : uint64 array (n,)
        Rounds with clicks that count as an outcome.
    pattern : uint8 array (n,)
        Which detectors clicked (bit d: detector d).
    outcomes : tuple of int
        The patterns that the parties take for an outcome.

    Examples
    --------
    >>> import numpy as np
    >>> from ebit.qkd import Announcements
    >>> heard = Announcements(np.array([3, 9], dtype=np.uint64), np.array([1, 2], dtype=np.uint8), (1, 2))
    >>> heard.say(heard.pattern ^ 3, where=np.array([True, False]))
    >>> heard.pattern
    array([2, 2], dtype=uint8)
    """

    def __init__(self, pulse: NDArray[np.uint64], pattern: Bytes, outcomes: tuple[int, ...]) -> None:
        self.pulse, self.outcomes = pulse, outcomes
        self._pattern = pattern.copy()
        self._said = np.ones(len(pulse), dtype=bool)

    def __len__(self) -> int:
        return len(self.pulse)

    @property
    def pattern(self) -> Bytes:
        """What is announced as it stands."""
        return self._pattern.copy()

    def say(self, pattern: ArrayLike, where: _Mask | None = None) -> None:
        """Announce other clicks than there were: one pattern, or one a round."""
        rows = whole("Announcements.say", "pattern", pattern, len(self), max(self.outcomes), self._words())
        chosen = mask_of("Announcements", where, len(self))
        if not np.isin(rows[chosen], self.outcomes).all():
            wrong = rows[chosen][~np.isin(rows[chosen], self.outcomes)][0]
            raise complain(RangeError, "Announcements.say", "pattern", self._words(), f"{wrong:#b}")
        self._pattern[chosen] = rows[chosen]

    def _words(self) -> str:
        return f"outcomes of this relay, {', '.join(f'{each:#b}' for each in self.outcomes)}"

    def withhold(self, where: _Mask | None = None) -> None:
        """Announce nothing of some rounds."""
        self._said[mask_of("Announcements", where, len(self))] = False


class FalseRelay(Eavesdropper):
    """Announces, in a share of the rounds, the other outcome than it saw; she learns nothing by it.

    Psi+ for Psi- and the reverse: MDI's errors in X become (1 - f) e + f (1 - e), those in Z stay. The other port: twin
    field's errors likewise. Sending or not and mode pairing do not ask which port it was.

    Parameters
    ----------
    fraction : float
        f, in [0, 1].

    Examples
    --------
    >>> FalseRelay(fraction=0.1).fraction
    0.1
    """

    def __init__(self, fraction: float = 1.0) -> None:
        self.fraction = probability("FalseRelay", "fraction", fraction)
        self.other = 0

    def begin(self, line: Line, root: int) -> None:
        """See which detectors the relay has."""
        self.other = OTHER.get(line.document.get("relay", ""), 0)

    def relay(self, announcements: Announcements, rng: np.random.Generator) -> None:
        """Lie in some of the rounds."""
        lies = rng.random(len(announcements)) < self.fraction
        announcements.say(announcements.pattern ^ np.uint8(self.other), lies)


def announce(line: Line, sent: Transmission, eavesdropper: Eavesdropper | None, root: int) -> Transmission:
    """Return what the parties hear of a relay that somebody else may have in hand."""
    act = getattr(eavesdropper, "relay", None)
    if act is None or line.kind != "RelayLine":
        return sent
    outcomes = np.flatnonzero(_core.qkd_law(line.kind, line.json)["recorded"])
    heard = Announcements(sent.pulse, sent.pattern, tuple(int(each) for each in outcomes))
    act(heard, user_stream(root, HERS, 0))
    said = heard._said
    lamps = np.arange(4, dtype=np.uint8)
    counted = [(pattern[:, None] >> lamps & 1).sum(axis=0) for pattern in (sent.pattern, heard._pattern[said])]
    # Its lamps, too, are what it says they were.
    detections = (sent.detections.astype(np.int64) - counted[0] + counted[1]).astype(np.uint64)
    columns = ("pulse", "alice", "bob", "light", "photons", "note", "coins", "blind")
    kept = {name: getattr(sent, name)[said] for name in columns}
    return dataclasses.replace(sent, **kept, pattern=heard._pattern[said], detections=detections)
