"""Alarms of visibilities and of S are no more frequent than promised, 1e-6 each, however few clicks there are.

What would be seen is made up, count by count, and the chance of all that raises the alarm is summed exactly.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from typing import Any

import numpy as np
import pytest

from ebit import Fiber, qkd
from ebit.qkd.box_run import TERMS, boxes_of, watch_boxes
from ebit.qkd.conversation import ClassicalChannel
from ebit.qkd.lines import Line
from ebit.qkd.train_line import train_line_of
from ebit.qkd.transmission import Transmission, transmit
from ebit.qkd.visibility import Monitor, dark_share, watch

PROMISED = 1e-6


def binomial(n: int, p: float) -> np.ndarray:
    return np.array([math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)])


@pytest.mark.parametrize("n", [20, 100, 500, 1_000])
@pytest.mark.parametrize("background", [1e-4, 1e-3, 1e-2])
def test_visibilities(n: int, background: float) -> None:
    line, empty = nothing_sent(
        qkd.COW(Fiber(0.0), 0.5, background, signal=0.5, decoy_fraction=0.2, monitoring=0.2), train_line_of
    )
    p = dark_share(line, 1)
    assert 1e-4 < p < 0.1
    decoy, slot = np.full(n, 2, np.uint8), np.ones(n, np.uint8)

    def alarm(dark: int) -> bool:
        port = (np.arange(n) < dark).astype(np.uint8)
        seen = Monitor(np.arange(n, dtype=np.uint64), slot, port, decoy, decoy, np.ones(n, bool))
        sent = dataclasses.replace(empty, monitor=seen)
        return bool(watch(line, sent, ClassicalChannel(None, None))[1])

    first = next(dark for dark in range(n + 1) if alarm(dark))
    assert float(binomial(n, p)[first:].sum()) < PROMISED
    # And not never.
    assert first < n * p + 10 + 7 * math.sqrt(n * p)


@pytest.mark.parametrize("n", [2, 5, 8])
@pytest.mark.parametrize("efficiency", [0.97, 0.6])
def test_bell_values(n: int, efficiency: float) -> None:
    system = qkd.DeviceIndependent(Fiber(0.0), efficiency, visibility=1.0)
    line, empty = nothing_sent(system, boxes_of)
    asked = np.repeat(np.array([term[:2] for term in TERMS], np.uint8), n, axis=0)
    chance = 0.0
    # The chance of so many equal answers to each of the four pairs of questions.
    equal = [(1 + math.sqrt(0.5) * efficiency**2 * sign + (1 - efficiency) ** 2) / 2 for *_, sign in TERMS]
    laws = [binomial(n, p) for p in equal]
    for counts in itertools.product(range(n + 1), repeat=4):
        same = np.concatenate([np.arange(n) < k for k in counts])
        pattern = np.where(same, 0b0101, 0b1001).astype(np.uint8)
        alice, bob = asked.T
        pulse, coins = np.arange(4 * n, dtype=np.uint64), np.zeros(4 * n, np.uint8)
        sent = dataclasses.replace(empty, pulse=pulse, alice=alice, bob=bob, pattern=pattern, coins=coins)
        if watch_boxes(line, sent, ClassicalChannel(None, None))[1]:
            chance += math.prod(float(law[k]) for law, k in zip(laws, counts, strict=True))
    assert chance < PROMISED


def nothing_sent(system: Any, line_of: Any) -> tuple[Line, Transmission]:
    """Return the line of a system, and what is there before the first pulse."""
    line = line_of(system, 0)
    line = line[0] if isinstance(line, tuple) else line
    return line, transmit(line, 0, None, 1, 1)
