"""What a finite key rests on, as a session counted it, and how long a key its proof allows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ebit.qkd.games import Played, game_length
from ebit.qkd.key_length import (
    KeyLength,
    decoy_key_length,
    relay_key_length,
    six_state_key_length,
    uncertainty_key_length,
    weak_key_length,
)
from ebit.qkd.lines import Line
from ebit.qkd.meetings import intensities_of
from ebit.qkd.pair_lengths import ekert_key_length
from ebit.qkd.protocol import Epsilon
from ebit.qkd.windows import Tested, window_length

__all__ = ["FINITE", "Bases", "Counts", "Evidence", "finite_length"]

Bits = NDArray[np.bool_]

#: Protocols with a proof for finite keys, of those that can be run.
FINITE = (
    "BB84", "WeakBB84", "DecoyBB84", "SixState", "BBM92", "E91", "DeviceIndependent", "MDI", "SendingOrNotSending",
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


#: What a finite key may rest on.
Evidence = Counts | Bases | Tested | Played


def finite_length(
    system: Any, line: Line, counts: Evidence, wrong_bits: Bits, told: float, epsilon: Epsilon
) -> tuple[KeyLength, str]:
    """Return how long a key this evidence allows, and why there is none; ``told``: by error correction."""
    if isinstance(counts, Played):
        # This proof counts a bit less of the tag, and two words by which both accept.
        return game_length(system, counts, wrong_bits, told + 1, epsilon)
    if isinstance(counts, Tested):
        found = window_length(system, counts, len(wrong_bits), told, epsilon)
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
    if len(line.lights) > 1:
        lights = line.document["intensities"]
        by_light = (counts.key.tolist(), errors.tolist(), counts.test.tolist(), counts.test_errors.tolist())
        means = [light["mean"] for light in lights]
        return decoy_key_length(means, [light["probability"] for light in lights], *by_light, told, epsilon)
    return uncertainty_key_length(n, k, wrong / k, told, epsilon)
