"""Two parties who send a pulse or nothing to a relay that looks for one click: sending or not, and mode pairing.

Phases are random, so that a round is four probabilities: of exactly one click, by what the two sent. Sending or not
makes a bit of every click (Wang, Yu and Hu 2018, doi:10.1103/PhysRevA.98.062323): Alice's is whether she sent, Bob's
whether he did not. Mode pairing makes a bit of two clicks (``pairings``).

What phases tell, in test pulses and in pairs of which both were sent, is taken to be as the key-rate model has it; for
a finite key sending or not sends windows that test (``windows``), and mode pairing a decoy (``decoy_pairs``).
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np

from ebit.bounds import binary_entropy
from ebit.qkd.decoy_pairs import decoy_pairs_of
from ebit.qkd.lines import Line
from ebit.qkd.meeting_lines import meeting_line, relay_document
from ebit.qkd.meetings import Meeting
from ebit.qkd.pairings import Pairing
from ebit.qkd.windows import windows_of

__all__ = ["sending_of"]

#: What both models leave to test pulses.
NOTE = "test pulses are a vanishing share: yields and phase errors are those of the key-rate model"


def sending_of(system: Any, dead_pulses: int, finite: bool = False) -> tuple[Line, Meeting] | None:
    """Return the line of a protocol of this family and what its symbols mean; None for any other protocol.

    ``finite``: with windows that test, or a decoy.
    """
    name = type(system).__name__
    if name not in ("SendingOrNotSending", "ModePairing"):
        return None
    if finite:
        sendings, windows = decoy_pairs_of(system) if name == "ModePairing" else windows_of(system)
        document = relay_document(system, "Single", sendings, dead_pulses)
        return dataclasses.replace(meeting_line("RelayLine", system, document, (), 0.5), finite=True), windows
    often = float(getattr(system, "sending_probability", 0.5))
    sendings = [
        {"mean": 0.0, "light": 0, "probability": 1.0 - often},
        {"mean": float(system.signal), "light": 0, "probability": often},
    ]
    # Random phases do not feel the misalignment.
    document = relay_document(system, "Single", sendings, dead_pulses)
    line = meeting_line("RelayLine", system, document, (NOTE,), _threshold(system))
    zero, sent = np.zeros(2, np.int64), np.arange(2)
    fields = ((zero, zero), np.zeros((1, 1), np.int64), ("Z",), (sent, 1 - sent), np.zeros((1, 16), np.int64))
    if name == "ModePairing":
        return line, Pairing(*fields, interval=int(system.pairing_interval))
    return line, Meeting(*fields)


def _threshold(system: Any) -> float:
    """Return the error rate at which error correction, if ideal, takes all that is secret; 1/2 where nothing is."""
    rate = system.key_rate()
    parts = rate.parts
    if "phase_error" not in parts:
        return 0.5
    if "single_photon_share" in parts:
        single = parts["single_photon_share"]
    else:
        send, mu = float(system.sending_probability), float(system.signal)
        single = 2.0 * send * (1.0 - send) * mu * math.exp(-mu) * parts["single_photon_yield"] / parts["gain"]
    secret = single * (1.0 - binary_entropy(parts["phase_error"]))
    if secret <= 0.0:
        return 0.5
    low, high = 0.0, 0.5
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if binary_entropy(middle) < secret else (low, middle)
    return high
