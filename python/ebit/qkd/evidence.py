"""What a finite key rests on, as a session counted it, and how long a key its proof allows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ebit._arguments import shown
from ebit.errors import RangeError, complain
from ebit.qkd.decoy_pairs import Totals, pairing_length
from ebit.qkd.games import Played, game_length
from ebit.qkd.key_length import (
    KeyLength,
    decoy_key_length,
    six_state_key_length,
    uncertainty_key_length,
    weak_key_length,
)
from ebit.qkd.lines import Line
from ebit.qkd.meeting_lines import intensities_of
from ebit.qkd.pair_lengths import ekert_key_length
from ebit.qkd.protocol import Epsilon, budget
from ebit.qkd.relay_lengths import relay_key_length, twin_field_key_length
from ebit.qkd.sarg_length import sarg_key_length
from ebit.qkd.two_states import Hits, hits_length
from ebit.qkd.windows import Tested, window_length, windows_sent

__all__ = ["Bases", "Counts", "Evidence", "Grid", "finite_budget", "finite_length"]

Bits = NDArray[np.bool_]

#: Protocols with a proof for finite keys, of those that can be run.
FINITE = (
    "BB84", "WeakBB84", "DecoyBB84", "SixState", "B92", "SARG04", "BBM92", "E91", "DeviceIndependent", "MDI",
    "TwinField", "SendingOrNotSending", "ModePairing",
)  # fmt: skip
#: Why there is no key where its proof leaves none.
SHORT = "the block is too short for a key at this epsilon"


@dataclass(frozen=True, eq=False)
class Counts:
    """Bits by intensity that a finite key rests on.

    Parameters
    ----------
    pulses : int
        Sent, whatever became of them.
    key, test : int array (intensities,)
        Sifted bits of the key basis, and of the other one, all of which were compared.
    test_errors : int array (intensities,)
        Wrong ones among the latter.
    lights : uint8 array
        Intensity of each bit of the key basis.
    """

    pulses: int
    key: NDArray[np.int64]
    test: NDArray[np.int64]
    test_errors: NDArray[np.int64]
    lights: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Bases:
    """Bits by what was announced of them, that a finite key of six states or of E91 rests on.

    Parameters
    ----------
    pairs : int
        All clicks, bases that differ included.
    test, test_errors : int array (names,)
        Bits that were compared, and wrong ones: by basis, that of the key first, or by directions.
    """

    pairs: int
    test: NDArray[np.int64]
    test_errors: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Grid:
    """Clicks of test windows, that a finite key of twin fields rests on.

    Parameters
    ----------
    clicks : int array (3, 3)
        By what Alice and Bob sent: strong, weak, vacuum.
    """

    clicks: NDArray[np.int64]


#: What a finite key may rest on.
Evidence = Counts | Bases | Hits | Grid | Tested | Totals | Played


#: Why detectors must be live for a finite key: at a relay, more of bright pulses come together at the few left.
_JUDGED = "pairs of intensities are judged by detectors that are live"
_DRAWN = "phases are drawn for live detectors"
_HITS = "hits are judged by detectors that are both live"
DEAD = {
    "B92": _HITS, "SARG04": _HITS, "MDI": _JUDGED, "TwinField": _JUDGED, "SendingOrNotSending": _DRAWN,
    "ModePairing": _DRAWN,
}  # fmt: skip
#: What a run must be told of what tests.
_WINDOWS = ("weak", "strong", "weak_probability", "strong_probability", "key_window_probability")
CHOICES = {
    "TwinField": _WINDOWS,
    "SendingOrNotSending": (*_WINDOWS, "phase_slice_rad"),
    "ModePairing": ("weak", "signal_probability", "weak_probability", "phase_slice_rad"),
}


def finite_budget(system: Any, name: str, epsilon: float | Epsilon, dead_time_s: float) -> Epsilon:
    """Return epsilon by its parts, where the protocol has a proof for finite keys and all that the proof asks for."""
    kind = type(system).__name__
    if kind not in FINITE or (kind in ("DecoyBB84", "SARG04", "MDI") and isinstance(system.decoys, str)):
        words = f"None for a run that ends in no finite key; those of {', '.join(FINITE)} do"
        pair = "a pair of decoys"
        hint = {"DecoyBB84": f"one decoy, or {pair}", "SARG04": pair, "MDI": pair}.get(kind)
        raise complain(
            RangeError, name, "epsilon", words, shown(epsilon), hint or "leave it out for the asymptotic key"
        )
    if kind == "MDI" and (system.signal_probability is None or system.decoys[-1] != 0.0 or len(system.decoys) != 2):
        which, words = ("decoys", "(weak, 0)") if system.signal_probability else ("signal_probability", "given")
        raise complain(
            RangeError, name, which, f"{words} for a finite key", shown(getattr(system, which)),
            "optimize(block=...) chooses decoys and their shares",
        )  # fmt: skip
    if kind in DEAD and dead_time_s > 0.0:
        raise complain(RangeError, name, "dead_time_s", "0 for a finite key", shown(dead_time_s), DEAD[kind])
    for choice in CHOICES.get(kind, ()):
        if getattr(system, choice) is None:
            words, hint = "given for a finite key", "optimize(block=...) chooses all that tests"
            raise complain(RangeError, name, choice, words, "None", hint)
    if kind == "SixState" and not 1 / 9 < float(system.sifting) < 1.0:
        hint = "its square root is the probability of the key basis; the other two, less likely, test"
        raise complain(RangeError, name, "sifting", "in (1/9, 1) for a finite key", shown(system.sifting), hint)
    if float(getattr(system, "sifting", 0.5)) >= 1.0:
        hint = "its square root is the probability of the key basis; the other basis is needed to test"
        raise complain(RangeError, name, "sifting", "< 1 for a finite key", shown(system.sifting), hint)
    return budget(name, epsilon)


def finite_length(
    system: Any, line: Line, counts: Evidence, wrong_bits: Bits, told: float, epsilon: Epsilon
) -> tuple[KeyLength, str]:
    """Return how long a key this evidence allows, and why there is none; ``told``: by error correction."""
    if isinstance(counts, Played):
        # This proof counts a bit less of the tag, and two words by which both accept.
        return game_length(system, counts, wrong_bits, told + 1, epsilon)
    if isinstance(counts, Tested):
        found = window_length(system, counts, len(wrong_bits), told, epsilon)
    elif isinstance(counts, Hits):
        found = hits_length(system, counts, len(wrong_bits), told, epsilon)
    elif isinstance(counts, Totals):
        found = pairing_length(system, counts, told, epsilon)
    elif isinstance(counts, Grid):
        sent = windows_sent(system)
        found = twin_field_key_length(
            [system.signal, system.strong, system.weak], sent, counts.clicks, len(wrong_bits), told, epsilon
        )
    elif isinstance(counts, Bases):
        if type(system).__name__ == "E91":
            found = ekert_key_length(counts.pairs, len(wrong_bits), counts.test_errors[2:].tolist(), told, epsilon)
        elif counts.test.min() == 0:
            return KeyLength(0, {}, {}), "no bits of a test basis"
        else:
            rates = counts.test_errors / counts.test
            found = six_state_key_length(counts.pairs, len(wrong_bits), counts.test.min(), rates, told, epsilon)
    elif counts.test.sum() == 0:
        return KeyLength(0, {}, {}), "no bits of the test basis"
    else:
        found = _by_intensity(system, line, counts, wrong_bits, told, epsilon)
    return found, "" if found.bits else SHORT


def _by_intensity(
    system: Any, line: Line, counts: Counts, wrong_bits: Bits, told: float, epsilon: Epsilon
) -> KeyLength:
    """Return the length of keys whose evidence is counted by intensity."""
    errors = np.bincount(counts.lights[wrong_bits], minlength=len(counts.key))
    n, k, wrong = (int(c.sum()) for c in (counts.key, counts.test, counts.test_errors))
    name = type(system).__name__
    if name == "MDI":
        means, shares = intensities_of(system)
        grids = [each.reshape(3, 3) for each in (counts.key, errors, counts.test, counts.test_errors)]
        return relay_key_length(means, shares, grids[0], grids[1], grids[2], grids[3], told, epsilon)
    if name == "WeakBB84":
        basis = math.sqrt(system.sifting)
        return weak_key_length(counts.pulses, system.signal, basis, n, k, wrong, told, epsilon)
    if name == "SARG04":
        lights = line.document["intensities"]
        means, shares = ([light[word] for light in lights] for word in ("mean", "probability"))
        counted = counts.key.tolist(), counts.test_errors.tolist()
        return sarg_key_length(means, shares, system.test_probability, *counted, told, epsilon)
    if len(line.lights) > 1:
        lights = line.document["intensities"]
        by_light = (counts.key.tolist(), errors.tolist(), counts.test.tolist(), counts.test_errors.tolist())
        means = [light["mean"] for light in lights]
        return decoy_key_length(means, [light["probability"] for light in lights], *by_light, told, epsilon)
    return uncertainty_key_length(n, k, wrong / k, told, epsilon)
