"""What is sent where both parties measure, or both send: pairs, Bell states, twin fields; and what symbols mean."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ebit.qkd.alphabets import key_basis_probability, names_of_key
from ebit.qkd.lines import Line
from ebit.qkd.meetings import Meeting

__all__ = ["arms", "intensities_of", "meeting_line", "meeting_of", "relay_document"]


def _per_side(value: Any) -> tuple[float, float]:
    return (float(value[0]), float(value[1])) if isinstance(value, Sequence) else (float(value), float(value))


def arms(system: Any, share: float) -> list[float]:
    """Return the transmittances of the two ways to a relay that has this share of the loss before it."""
    loss = float(system.fiber.loss_db)
    return [10 ** (-loss * share / 10), 10 ** (-loss * (1 - share) / 10)]


def meeting_of(system: Any, dead_pulses: int = 0, finite: bool = False) -> tuple[Line, Meeting] | None:
    """Return the line of a protocol of this family and what its symbols mean; None for any other protocol."""
    name = type(system).__name__
    if name in ("BBM92", "E91"):
        return _pairs(system, name == "E91", dead_pulses, finite)
    if name == "MDI":
        return _bell(system, dead_pulses, finite)
    if name == "TwinField":
        return _twin(system, dead_pulses, finite)
    return None


def meeting_line(
    kind: str, system: Any, document: dict[str, Any], notes: tuple[str, ...] = (), threshold: float = 0.11
) -> Line:
    """Return a line whose bits are made at a meeting."""
    return Line(
        kind,
        document,
        lights=("coincidences" if kind == "PairLine" else "announced",),
        threshold=threshold,
        error_correction=float(getattr(system, "error_correction", 1.16)),
        assumptions=notes,
        repetition_rate_hz=float(getattr(system, "repetition_rate_hz", 1e9)),
        length_km=getattr(system.fiber, "length_km", None),
    )


def _pairs(system: Any, ekert: bool, dead_pulses: int, finite: bool) -> tuple[Line, Meeting]:
    efficiency = _per_side(system.receiver_efficiency)
    background = _per_side(getattr(system, "background_probability", 0.0))
    detectors = [
        {"efficiency": e, "dark_probability": -math.expm1(0.5 * math.log1p(-y0))}
        for e, y0 in zip(efficiency, background, strict=True)
        for _ in range(2)
    ]
    sifting = float(getattr(system, "sifting", 0.5))
    if ekert:
        # Polarisers at 0, 22.5, 45 and 22.5, 45, 67.5 degrees: twice that on the sphere.
        eighth = math.pi / 4
        alice, bob = [0.0, eighth, 2 * eighth], [eighth, 2 * eighth, 3 * eighth]
        shares = [1 / 3] * 3
        heading = np.full((3, 3), -1)
        heading[1, 0], heading[2, 1] = 0, 1
        names: tuple[str, ...] = ("45", "90")
        if finite:
            # Games of a finite key, lost where answers differ, or agree at the second.
            heading[0, 0], heading[0, 2], heading[2, 2] = 2, 3, 4
            names = (*names, "0 and 45", "0 and 135", "90 and 135")
    else:
        alice = bob = [0.0, math.pi / 2]
        key = math.sqrt(sifting) if finite else key_basis_probability(sifting)
        shares = [key, 1.0 - key]
        heading = np.array([[0, -1], [-1, 1]])
        names = ("Z", "X")
    document = {
        "source": "DownConversion",
        "lambda": float(system.mean_pairs) / 2,
        "alice": [{"bloch_angle_rad": x, "probability": p} for x, p in zip(alice, shares, strict=True)],
        "bob": [{"bloch_angle_rad": x, "probability": p} for x, p in zip(bob, shares, strict=True)],
        "transmittance": arms(system, float(getattr(system, "source", 0.5))),
        "detectors": detectors,
        "misalignment": float(getattr(system, "misalignment", 0.0)),
        "dead_pulses": dead_pulses,
    }
    own = np.arange(len(alice))
    turned = np.zeros((len(names), 16), np.int64)
    # Games are lost by themselves, which says nothing of the errors of the key.
    line = meeting_line("PairLine", system, document, (), 0.5 if ekert and finite else 0.11)
    if not ekert and not finite:
        line = dataclasses.replace(line, key_names=names_of_key(sifting))
    if finite:
        line = dataclasses.replace(line, finite=True, key_names=(0, 1) if ekert else (0,), by_name=ekert)
        turned[3:4] = 1
    return line, Meeting((own, own), heading, names, None, turned)


_STATES = ([0.0, 0.0, 1.0], [0.0, 0.0, -1.0], [1.0, 0.0, 0.0], [-1.0, 0.0, 0.0])
#: Psi- clicks in different ports, Psi+ in one.
_PSI_MINUS = (0b1001, 0b0110)


def relay_document(system: Any, relay: str, sendings: list[dict[str, Any]], dead_pulses: int) -> dict[str, Any]:
    """Return a relay with equal detectors, four of them for Bell states, else two; both parties send alike."""
    dark = float(getattr(system, "dark_count_probability", 0.0))
    detector = {"efficiency": float(system.receiver_efficiency), "dark_probability": dark}
    return {
        "relay": relay,
        "alice": sendings,
        "bob": sendings,
        "transmittance": arms(system, float(getattr(system, "station", 0.5))),
        "detectors": [detector] * (4 if relay == "Bell" else 2),
        "misalignment": float(getattr(system, "misalignment", 0.0)),
        "dead_pulses": dead_pulses,
    }


def intensities_of(system: Any) -> tuple[list[float], list[float]]:
    """Return what each sender of MDI sends for a finite key, and how often: signal, weak decoy, vacuum."""
    shares = [float(system.signal_probability), float(system.weak_probability)]
    return [float(system.signal), *(float(d) for d in system.decoys)], [*shares, 1.0 - sum(shares)]


def _bell(system: Any, dead_pulses: int, finite: bool) -> tuple[Line, Meeting]:
    sifting = float(getattr(system, "sifting", 0.5))
    if finite:
        means, shares = intensities_of(system)
    else:
        decoys = getattr(system, "decoys", "infinite")
        means = [float(system.signal), *([] if isinstance(decoys, str) else [float(d) for d in decoys])]
        shares = [1.0] if len(means) == 1 else [0.8] + [0.2 / (len(means) - 1)] * (len(means) - 1)
    # Bits in X make no key: they tell of phases alone.
    key = math.sqrt(sifting)
    basis = (key / 2, key / 2, (1 - key) / 2, (1 - key) / 2)
    sendings = [
        {"mean": mean, "bloch": state, "light": k, "probability": share * p}
        for k, (mean, share) in enumerate(zip(means, shares, strict=True))
        for state, p in zip(_STATES, basis, strict=True)
    ]
    document = relay_document(system, "Bell", sendings, dead_pulses)
    symbol = np.arange(len(sendings))
    said = 2 * (symbol // 4) + symbol % 4 // 2
    turned = np.zeros((2, 16), dtype=np.int64)
    turned[0] = 1
    turned[1, list(_PSI_MINUS)] = 1
    # Announced are intensity and basis, the latter in the last bit.
    light, base = np.divmod(np.arange(2 * len(means)), 2)
    alike = base[:, None] == base[None, :]
    notes = () if len(means) == 1 or finite else ("signal share 0.8, the decoys alike",)
    # Weak pulses have 25 % errors in X by themselves: the sample of both bases judges nothing.
    line = dataclasses.replace(meeting_line("RelayLine", system, document, notes, 0.5), key_names=(0,))
    bits = (symbol % 2, symbol % 2)
    if not finite:
        heading = np.where(alike & (light[:, None] == 0) & (light[None, :] == 0), base[:, None], -1)
        return line, Meeting((said, said), heading, ("Z", "X"), bits, turned)
    # All pairs of intensities make key, and all are counted.
    words = ("signal", "weak", "vacuum")
    line = dataclasses.replace(
        line,
        finite=True,
        lights=tuple(f"{a} and {b}" for a in words for b in words),
        light_shares=tuple(a * b for a in shares for b in shares),
        key_lights=tuple(range(9)),
    )
    pairs = len(means) * light[:, None] + light[None, :]
    return line, Meeting((said, said), np.where(alike, base[:, None], -1), ("Z", "X"), bits, turned, pairs)


#: Intensities of test windows, as they are announced after the key's 0.
TEST_WINDOWS = ("strong", "weak", "vacuum")


def _twin(system: Any, dead_pulses: int, finite: bool) -> tuple[Line, Meeting]:
    often = float(system.key_window_probability) if finite else 1.0
    phases = (0.0, math.pi)
    sendings: list[dict[str, Any]] = [
        {"mean": float(system.signal), "phase_rad": phase, "light": 0, "probability": 0.5 * often} for phase in phases
    ]
    turned = np.zeros((1, 16), dtype=np.int64)
    # Equal phases leave by the first port, opposite ones by the second.
    turned[0, 0b10] = 1
    if not finite:
        document = relay_document(system, "Single", sendings, dead_pulses)
        zero, bit = np.zeros(2, np.int64), np.arange(2)
        notes = ("every pulse in the key mode: the yields of photon numbers are those of infinitely many decoys",)
        return meeting_line("RelayLine", system, document, notes), Meeting(
            (zero, zero), np.zeros((1, 1), np.int64), ("X",), (bit, bit), turned
        )
    # Random phases in test windows; key with key makes bits, test with test is counted, the rest is dropped.
    strong, weak = float(system.strong_probability), float(system.weak_probability)
    tests = [(1.0 - often) * share for share in (strong, weak, 1.0 - strong - weak)]
    means = (float(system.strong), float(system.weak), 0.0)
    sendings += [{"mean": m, "light": 0, "probability": p} for m, p in zip(means, tests, strict=True)]
    document = relay_document(system, "Single", sendings, dead_pulses)
    said, bits = np.array([0, 0, 1, 2, 3]), np.array([0, 1, 0, 0, 0])
    heading, pairs = np.full((4, 4), -1), np.full((4, 4), 10)
    heading[0, 0] = pairs[0, 0] = 0
    pairs[1:, 1:] = np.arange(1, 10).reshape(3, 3)
    both = [p * q for p in tests for q in tests]
    line = dataclasses.replace(
        meeting_line("RelayLine", system, document),
        finite=True,
        lights=("key", *(f"{a} and {b}" for a in TEST_WINDOWS for b in TEST_WINDOWS), "key and test"),
        light_shares=(often * often, *both, 2.0 * often * (1.0 - often)),
    )
    return line, Meeting((said, said), heading, ("X",), (bits, bits), turned, pairs)
