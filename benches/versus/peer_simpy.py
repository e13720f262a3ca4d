"""SimPy as a peer: the hold model of an event queue.

`pending` no-op processes; each, when its time comes, schedules itself again after a uniform whole increment of
1..2_000_000 ticks. `events` such steps are timed. Increments are drawn with NumPy and turned into a list, and the queue
is filled, before the clock starts: both favour SimPy. The garbage collector is off while the clock runs, as nothing
here is cyclic: that favours it too.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from itertools import repeat
from time import process_time
from typing import Any

import numpy as np
import simpy
from simpy.events import Timeout

LARGEST_INCREMENT = 2_000_000


def _generators(env: simpy.Environment, pending: int, increments: Iterator[int]) -> None:
    """One generator process per entity: the way SimPy's guide writes it."""

    def entity() -> Iterator[Timeout]:
        timeout = env.timeout
        while True:
            yield timeout(next(increments))

    for _ in range(pending):
        env.process(entity())
    for _ in range(pending):  # the processes' own start events
        env.step()


def _callbacks(env: simpy.Environment, pending: int, increments: Iterator[int]) -> None:
    """A callback on a fresh Timeout: no process at all, the fastest documented way."""
    draw = increments.__next__

    def fire(_event: Any) -> None:
        Timeout(env, draw()).callbacks.append(fire)

    for _ in range(pending):
        fire(None)


def _reused(env: simpy.Environment, pending: int, increments: Iterator[int]) -> None:
    """The same event object scheduled again and again: undocumented, kept to know the limit of SimPy's queue."""
    draw, schedule = increments.__next__, env.schedule

    def fire(event: Any) -> None:
        event.callbacks = [fire]
        schedule(event, 1, draw())

    for _ in range(pending):
        Timeout(env, draw()).callbacks.append(fire)


STYLES: dict[str, Callable[[simpy.Environment, int, Iterator[int]], None]] = {
    "generators": _generators,
    "callbacks": _callbacks,
    "reused": _reused,
}


def hold(pending: int, events: int, seed: int, style: str = "callbacks") -> dict[str, Any]:
    """Run `events` hold steps on `pending` entities; CPU seconds, events and the final time in ticks."""
    draws = np.random.default_rng(seed).integers(1, LARGEST_INCREMENT + 1, pending + events)
    env = simpy.Environment()
    STYLES[style](env, pending, iter(draws.tolist()))
    step = env.step
    gc.collect()
    gc.disable()
    start = process_time()
    for _ in repeat(None, events):
        step()
    cpu = process_time() - start
    gc.enable()
    return {"cpu_s": cpu, "work": events, "events": events, "final_time": int(env.now)}


if __name__ == "__main__":
    for size, steps in ((100, 1_000_000), (10_000, 500_000), (1_000_000, 1_000_000)):
        for name in STYLES:
            result = hold(size, steps, 1, name)
            print(f"{size:8d} pending, {name:10s} {steps / result['cpu_s'] / 1e6:6.3f} M events/s")
