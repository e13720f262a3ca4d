"""Trains of pulses sent over their line: by skipping to the clicks, or pulse by pulse as amplitudes.

```
    frame 0            frame 1          one random stream each
    |--x----x--x-------|-----x----      candidates: as if every period clicked as often as the brightest pair of symbols
       |    |  |                        symbols, own and before, are drawn where there is a candidate;
       +----+--+--- one number          one number says whether it clicked, and in which windows
```

A candidate whose neighbour is none draws the symbol before afresh: nobody has asked for it yet. So does the first
period of a frame, which for one period in a frame forgets what was drawn.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ebit._rng import user_stream
from ebit.errors import TooLargeError, complain
from ebit.qkd.lines import Line
from ebit.qkd.train_line import FILLED, TrainLaw
from ebit.qkd.trains import STRETCH, Train, ports
from ebit.qkd.transmission import BATCH, Transmission
from ebit.qkd.visibility import Monitor

__all__ = ["candidates", "stretches", "transmit_train"]

Ints = NDArray[np.int64]
Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]
Report = Callable[[float], object] | None
#: Pulse, symbol before, own symbol, windows that clicked, note.
Columns = tuple[Ints, Bytes, Bytes, Bytes, Bytes]

#: Candidates of a frame: part of what a seed means.
CANDIDATES = 1 << 17
#: Periods of a frame, so that sums of gaps stay in 64 bits.
LONGEST_FRAME = 1 << 50
#: Bytes that a click takes on its way, and that all may take.
BYTES_PER_CLICK, MOST_BYTES = 48, 4 << 30
#: Streams of the source and the receiver, of an eavesdropper, and of double clicks.
OWN, HERS, COINS = 8, 9, 10


def stretches(line: Line, pulse: NDArray[np.uint64]) -> Ints | None:
    """Return which stretch of a train each period is of, touched or left alone as a whole; None: this is no train."""
    if line.kind != "TrainLine":
        return None
    return pulse.astype(np.int64) // (STRETCH // 2 if line.document["train"] == "slots" else STRETCH)


def transmit_train(
    line: Line, pulses: int, act: Callable[..., Any] | None, root: int, report: Report, per_pulse: bool
) -> Transmission:
    """Send a train; ``act`` is an eavesdropper's method that has each batch in her hands."""
    law = TrainLaw.of(line)
    any_click = law.clicks((1 << len(law.windows)) - 1)
    most = MOST_BYTES // BYTES_PER_CLICK
    if float((law.pairs * any_click).sum()) * pulses > most:
        words = f"few enough for {most} clicks: more than 4 GiB hold"
        raise complain(TooLargeError, "run", "pulses", words, str(pulses), "send fewer at a time, with other seeds")
    prepared, held = None, 0.0
    if act is None and not per_pulse:
        columns = _skip(law, any_click, pulses, root, report)
    else:
        columns, prepared, held = _each(line, pulses, act, root, report)
    pulse, before, symbol, windows, note = columns
    dead = int(line.document["dead_pulses"])
    windows, blind, detections = _blind(pulse, windows, law.windows, dead)
    data = np.flatnonzero(windows & 3)
    coins = user_stream(root, COINS, 0).integers(0, 2, len(data), dtype=np.uint8)
    nothing = np.zeros(len(data), dtype=np.uint8)
    light = _light(line, symbol)
    own = np.uint8(sum(1 << d for d in set(law.windows[:2])))
    kept = None if prepared is None else (prepared, _light(line, prepared), np.zeros(pulses, dtype=np.uint8))
    return Transmission(
        pulses, pulse[data].astype(np.uint64), symbol[data], nothing, light[data], nothing, note[data],
        (windows[data] & 3).astype(np.uint8), coins, blind[data] & own, detections, kept,
        None if len(law.windows) == 2 else
        Monitor.of(pulse, before, symbol, (windows >> 2).astype(np.uint8), blind if dead > 0 else None),
        held,
    )  # fmt: skip


def _light(line: Line, symbol: Bytes) -> Bytes:
    """Which intensity a symbol is: decoys of COW fill both slots."""
    return (symbol == 2).astype(np.uint8) if len(line.lights) > 1 else np.zeros(len(symbol), dtype=np.uint8)


def _join(parts: list[Columns]) -> Columns:
    kinds = (np.int64, np.uint8, np.uint8, np.uint8, np.uint8)
    joined = [np.concatenate([p[k] for p in parts]) if parts else np.zeros(0, kind) for k, kind in enumerate(kinds)]
    return tuple(joined)  # type: ignore[return-value]


def _skip(law: TrainLaw, any_click: Floats, pulses: int, root: int, report: Report) -> Columns:
    """Draw the clicks of the honest line."""
    symbols = len(law.weights)
    sent = np.flatnonzero(law.weights > 0)
    p = float(any_click[np.ix_(sent, sent)].max())
    if p <= 0.0 or pulses == 0:
        return _join([])
    # Rows of cumulated patterns, each a unit apart, so that one search finds row and pattern.
    steps = np.cumsum(law.patterns.reshape(symbols * symbols, -1)[:, 1:], axis=1) / p
    table = (np.minimum(steps, 1.0) + np.arange(symbols * symbols)[:, None]).ravel()
    width = steps.shape[1]
    chosen = np.cumsum(law.weights)[:-1]
    frame = max(int(min(CANDIDATES / p, LONGEST_FRAME)), 1)
    parts = []
    for number, start in enumerate(range(0, pulses, frame)):
        rng = user_stream(root, OWN, number)
        place = candidates(rng, p, min(frame, pulses - start))
        symbol = np.searchsorted(chosen, rng.random(len(place)), side="right").astype(np.uint8)
        before = np.searchsorted(chosen, rng.random(len(place)), side="right").astype(np.uint8)
        next_door = np.flatnonzero(np.diff(place) == 1)
        before[next_door + 1] = symbol[next_door]
        row = before.astype(np.int64) * symbols + symbol
        u = rng.random(len(place))
        clicked = u < steps[row, -1]
        pattern = np.searchsorted(table, u[clicked] + row[clicked], side="right") - width * row[clicked] + 1
        # A sum that rounding leaves a hair below the last step belongs to it.
        pattern = np.minimum(pattern, width).astype(np.uint8)
        columns = (start + place[clicked], before[clicked], symbol[clicked], pattern)
        parts.append((*columns, np.zeros(len(pattern), dtype=np.uint8)))
        if report is not None:
            report(min(start + frame, pulses) / pulses)
    return _join(parts)


def candidates(rng: np.random.Generator, p: float, length: int) -> Ints:
    """Return the periods below ``length`` that come up with probability p each."""
    parts, last = [], -1
    mean = length * p
    while last < length:
        gaps = rng.geometric(p, int(mean + 5.0 * math.sqrt(mean)) + 16)
        # No gap needs to be longer than the frame; sums of longer ones would overflow.
        parts.append(last + np.cumsum(np.minimum(gaps, length + 1)))
        last = int(parts[-1][-1])
        mean = max(length - last, 0) * p
    place: Ints = np.concatenate(parts)
    return place[place < length]


def _each(
    line: Line, pulses: int, act: Callable[..., Any] | None, root: int, report: Report
) -> tuple[Columns, Bytes, float]:
    """Send every pulse as an amplitude, through whose hands there are; with what she holds of each."""
    d = line.document
    slots = d["train"] == "slots"
    size = BATCH // 2 if slots else BATCH
    amplitude, efficiency = math.sqrt(d["signal"]), d["efficiency"] * (1.0 - d["monitoring"])
    parts: list[Columns] = []
    prepared: list[Bytes] = []
    held: set[float] = set()
    # The train goes on before its first period that counts.
    rng = user_stream(root, OWN, 0)
    last, phase = int(_symbols(d, rng, 1)[0]), 1.0
    arrived = complex(math.sqrt(d["transmittance"]) * amplitude * (FILLED[last, 1] if slots else 1.0))
    for number, start in enumerate(range(0, pulses, size)):
        rng = user_stream(root, OWN, number + 1)
        symbol = _symbols(d, rng, min(size, pulses - start))
        if slots:
            light = (amplitude * FILLED[symbol].ravel()).astype(complex)
        else:
            # The symbol of DPS is the phase to the pulse before.
            signs = phase * np.cumprod(1.0 - 2.0 * symbol)
            phase = float(signs[-1])
            light = (amplitude * signs).astype(complex)
        train = Train(light, d["transmittance"], d["train"], d["signal"], efficiency)
        if act is not None:
            act(train, user_stream(root, HERS, number))
        held.add(train._kept())
        out = train._arrived()
        means = _slots(d, out, arrived) if slots else _phases(d, out, arrived)
        arrived = complex(out[-1])
        clicks = rng.random(means.shape) >= (1.0 - d["dark_probability"]) * np.exp(-means)
        windows = np.packbits(clicks, axis=0, bitorder="little")[0]
        place = np.flatnonzero(windows)
        before = np.concatenate(([last], symbol[:-1])).astype(np.uint8)
        last = int(symbol[-1])
        prepared.append(symbol)
        parts.append((start + place, before[place], symbol[place], windows[place], train._note[place]))
        if report is not None:
            report((start + len(symbol)) / pulses)
    kept = held.pop() if len(held) == 1 else math.nan if held else 0.0
    return _join(parts), np.concatenate(prepared) if prepared else np.zeros(0, np.uint8), kept


def _symbols(d: dict[str, Any], rng: np.random.Generator, n: int) -> Bytes:
    symbol = rng.integers(0, 2, n, dtype=np.uint8)
    if d["decoys"] > 0.0:
        symbol[rng.random(n) < d["decoys"]] = 2
    return symbol


def _phases(d: dict[str, Any], light: NDArray[np.complex128], before: complex) -> Floats:
    """Mean photons in each window of DPS."""
    e, eta = d["misalignment"], float(d["efficiency"])
    equal, opposite = ports(light, before)
    out: Floats = np.stack([(1 - e) * equal + e * opposite, e * equal + (1 - e) * opposite])
    return eta * out


def _slots(d: dict[str, Any], light: NDArray[np.complex128], before: complex) -> Floats:
    """Mean photons in each window of COW."""
    e, m = d["misalignment"], d["monitoring"]
    early, late = (light[k::2].real ** 2 + light[k::2].imag ** 2 for k in (0, 1))
    means = [(1 - m) * ((1 - e) * early + e * late), (1 - m) * (e * early + (1 - e) * late)]
    if m > 0.0:
        bright, dark = ports(light, before)
        means += [m * bright[0::2], m * dark[0::2], m * bright[1::2], m * dark[1::2]]
    out: Floats = float(d["efficiency"]) * np.stack(means)
    return out


def _blind(
    pulse: Ints, windows: Bytes, detectors: tuple[int, ...], dead: int
) -> tuple[Bytes, Bytes, NDArray[np.uint64]]:
    """Take out the clicks of blind detectors; return which windows clicked, who was blind, and each one's periods.

    A detector is blind for the rest of the period in which it clicks, and for ``dead`` more; without a dead time a
    detector with two windows a period may click in both.
    """
    counts = np.zeros(4, dtype=np.uint64)
    blind = np.zeros(len(windows), dtype=np.uint8)
    for detector in sorted(set(detectors)):
        own = [w for w, d in enumerate(detectors) if d == detector]
        mask = np.uint8(sum(1 << w for w in own))
        rows = np.flatnonzero(windows & mask)
        if dead > 0:
            kept = rows[_live(pulse[rows], dead)]
            first = np.zeros(len(windows), dtype=np.uint8)
            hit = windows[kept] & mask
            # The lowest bit that is set is the earliest window.
            first[kept] = hit & (~hit + np.uint8(1))
            windows = (windows & ~mask) | first
            rows = kept
            # Each period is there once: its last click before is the one counted last.
            hits = np.minimum(first, 1).astype(np.int64)
            last = np.cumsum(hits) - hits - 1
            near = (last >= 0) & (pulse - pulse[kept[np.maximum(last, 0)]] <= dead) if len(kept) else last >= 0
            blind |= near.astype(np.uint8) << np.uint8(detector)
        counts[detector] = len(rows)
    return windows, blind, counts


def _live(pulse: Ints, dead: int) -> Ints:
    """Return which clicks of a detector it was live for."""
    after = np.searchsorted(pulse, pulse + dead, side="right").tolist()
    kept, k, n = [], 0, len(after)
    while k < n:
        kept.append(k)
        k = after[k]
    return np.array(kept, dtype=np.int64)
