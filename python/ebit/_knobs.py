"""Knobs of a repeater chain: what a search may tune, and within which range."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ebit._arguments import integer, real, shown
from ebit.errors import RangeError, WrongTypeError, complain
from ebit.links import MidpointSource, SingleClick
from ebit.schedules import Nested, Schedule, SwapAsap

__all__ = ["NAME", "OF_LINKS", "ranges_of"]

#: Who complains.
NAME = "RepeaterChain.optimize"
#: What may be tuned, with the range of each where a caller gives none.
KNOBS: dict[str, Any] = {
    "cutoffs_s": None,
    "bright_state_population": (1e-3, 0.5),
    "mean_pairs": (1e-3, 1.0),
    "spacing": (1, 16),
    "schedule": (SwapAsap(), Nested()),
}
#: Knobs that all links share: of which link, and the most it may be.
OF_LINKS: dict[str, tuple[type, float]] = {
    "bright_state_population": (SingleClick, 1.0),
    "mean_pairs": (MidpointSource, 100.0),
}


def ranges_of(over: Any) -> dict[str, Any]:
    """Return what to tune, each with its range."""
    words = f"some of {', '.join(KNOBS)}"
    if isinstance(over, str) or not isinstance(over, (Sequence, Mapping)):
        raise complain(WrongTypeError, NAME, "over", f"a list of {words}", shown(over))
    ranges = dict(over) if isinstance(over, Mapping) else dict.fromkeys(over)
    for name in ranges:
        if name not in KNOBS:
            raise complain(RangeError, NAME, "over", words, shown(name))
    if not ranges:
        raise complain(RangeError, NAME, "over", words, "none")
    ranges = {name: KNOBS[name] if value is None else value for name, value in ranges.items()}
    for name, value in ranges.items():
        if value is None:
            continue
        place = f"over['{name}']"
        if isinstance(value, (str, Mapping)) or not isinstance(value, Sequence):
            raise complain(WrongTypeError, NAME, place, "a list", shown(value))
        if name == "schedule":
            for k, schedule in enumerate(value):
                if not isinstance(schedule, Schedule):
                    raise complain(WrongTypeError, NAME, f"{place}[{k}]", "a schedule", shown(schedule))
            if not value:
                raise complain(RangeError, NAME, place, "at least one schedule", "none")
            continue
        if len(value) != 2:
            raise complain(RangeError, NAME, place, "(least, most)", shown(value))
        if name == "spacing":
            least = integer(NAME, f"{place}[0]", value[0], 1)
            integer(NAME, f"{place}[1]", value[1], least, 4096)
        else:
            top = OF_LINKS[name][1] if name in OF_LINKS else math.inf
            low = real(NAME, f"{place}[0]", value[0])
            # No cut-off is a cut-off for ever.
            high = math.inf if value[1] == math.inf else real(NAME, f"{place}[1]", value[1])
            if not 0.0 < low <= high <= top:
                limit = f"{top:g}" if math.isfinite(top) else "infinity"
                raise complain(RangeError, NAME, place, f"0 < least <= most <= {limit}", shown(value))
    return ranges
