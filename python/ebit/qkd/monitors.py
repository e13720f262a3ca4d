"""Monitors of the devices: what they read of whoever is on the line, and from where on that is an alarm."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping

from ebit._arguments import shown
from ebit.errors import RangeError, WrongTypeError, complain
from ebit.qkd.attacks import Eavesdropper
from ebit.qkd.judgement import Alarm

__all__ = ["limits_of", "too_much"]

#: What monitors tolerate: photons into the sender per pulse, light on the receiver's detectors in watts.
LIMITS: Mapping[str, float] = {"sender_photons": 1e3, "receiver_power_w": 1e-9}
WORDS = "a number >= 0, or infinity"


def limits_of(name: str, monitors: object, eavesdropper: Eavesdropper | None) -> Mapping[str, float]:
    """Return the limits of all monitors, ``monitors`` in the place of the usual ones.

    A name that no monitor has is refused: it would switch nothing on. Those of an eavesdropper's own are known by what
    her ``monitors`` returns before the run.
    """
    if monitors is None:
        return LIMITS
    if not isinstance(monitors, Mapping):
        raise complain(WrongTypeError, name, "monitors", "a mapping of monitor to limit", shown(monitors))
    known = [*LIMITS, *(each for each in _readings(eavesdropper) if each not in LIMITS)]
    limits = dict(LIMITS)
    for key, limit in monitors.items():
        if key not in known:
            raise complain(RangeError, name, "monitors", f"of {', '.join(known)}", shown(key))
        limits[key] = _number(name, f"monitors['{key}']", limit)
    return limits


def too_much(eavesdropper: Eavesdropper | None, limits: Mapping[str, float]) -> tuple[dict[str, float], list[Alarm]]:
    """Return what monitors read, and alarms where that is more than their limits."""
    seen = _readings(eavesdropper)
    alarms = []
    for name, reading in seen.items():
        limit = limits.get(name, math.inf)
        if reading > limit:
            alarms.append(Alarm(f"monitor {name}", reading, limit, math.inf))
    return seen, alarms


def _readings(eavesdropper: Eavesdropper | None) -> dict[str, float]:
    seen = {} if eavesdropper is None else eavesdropper.monitors()
    if not isinstance(seen, Mapping):
        words = "a mapping of monitor to reading"
        raise complain(WrongTypeError, "Eavesdropper.monitors", "monitors", words, shown(seen))
    return {str(name): _number("Eavesdropper.monitors", str(name), reading) for name, reading in seen.items()}


def _number(object: str, parameter: str, value: object) -> float:
    """Return a number that others can be compared with; nan would pass for a limit that nothing exceeds."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise complain(WrongTypeError, object, parameter, WORDS, shown(value))
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not number >= 0.0:
        raise complain(RangeError, object, parameter, WORDS, shown(value))
    return number
