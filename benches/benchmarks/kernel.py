"""The event queue under the hold model."""

from __future__ import annotations

from typing import ClassVar

from ebit import _core

EVENTS = 500_000


class Hold:
    """Pop an event, schedule it again after a random time."""

    params: ClassVar = [100, 10_000, 1_000_000]
    param_names: ClassVar = ["pending"]

    def time_hold(self, pending: int) -> None:
        _core.bench_hold(pending, EVENTS, 1, "auto")


class Smoke:
    """A second's worth, for the test suite."""

    def time_hold(self) -> None:
        _core.bench_hold(100, 10_000, 1, "auto")
