"""The monitoring line of coherent one-way: what it saw, and whether neighbouring pulses still interfere.

Where both of two neighbouring slots hold a pulse, all light leaves by the bright port: within a decoy, and from a late
slot to an early one across two periods. V = (bright - dark)/(bright + dark) over clicks at such slots. Whoever measures
in which slots there is light, or sends pulses of her own, breaks it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ebit.errors import RangeError, complain
from ebit.estimates import Estimate
from ebit.qkd.conversation import ClassicalChannel
from ebit.qkd.judgement import ALARM_SIGMA, Alarm, share_of, surprise
from ebit.qkd.lines import Line
from ebit.qkd.train_line import FILLED, TrainLaw

if TYPE_CHECKING:
    from ebit.qkd.transmission import Transmission

__all__ = ["Monitor", "watch"]

Bytes = NDArray[np.uint8]
#: Slots at which two pulses meet: from one period to the next, and within a decoy.
KINDS = ("across", "decoy")


@dataclass(frozen=True, eq=False)
class Monitor:
    """Clicks of the monitor, a column each, in the order of pulses.

    Parameters
    ----------
    pulse : uint64 array
        Period of each click.
    slot, port : uint8 arrays
        Early (0) or late slot; bright (0) or dark port.
    before, alice : uint8 arrays
        The sender's symbols of the period before and of the period.
    live : bool array
        Whether neither port's detector was blind at that slot.

    Examples
    --------
    >>> import numpy as np
    >>> from ebit.qkd.visibility import Monitor
    >>> one = np.array([2], dtype=np.uint8)
    >>> Monitor.of(np.array([7]), one, one, np.array([0b0101], dtype=np.uint8), None).slot
    array([0, 1], dtype=uint8)
    """

    pulse: NDArray[np.uint64]
    slot: Bytes
    port: Bytes
    before: Bytes
    alice: Bytes
    live: NDArray[np.bool_]

    @classmethod
    def of(cls, pulse: NDArray[np.int64], before: Bytes, symbol: Bytes, windows: Bytes, blind: Bytes | None) -> Monitor:
        """Return the clicks of four windows: bright and dark at the early slot, the same at the late one.

        ``blind``: detectors that were when the period began, bits 1 and 2 the ports'; None: no click blinds.
        """
        bits = windows[:, None] >> np.arange(4, dtype=np.uint8) & 1
        row, window = np.nonzero(bits)
        slot, port = (window // 2).astype(np.uint8), (window % 2).astype(np.uint8)
        live = np.ones(len(row), dtype=bool)
        if blind is not None:
            # What clicked at the early slot is blind at the late one.
            live = (blind[row] >> 1 & 3 == 0) & ((slot == 0) | (windows[row] & 3 == 0))
        return cls(pulse[row].astype(np.uint64), slot, port, before[row], symbol[row], live)

    def meets(self, slot: Bytes) -> NDArray[np.int64]:
        """Return for each click, at the named slot, where two pulses met: 0 across, 1 within a decoy, -1 nowhere."""
        earlier = np.where(slot == 0, FILLED[self.before, 1], FILLED[self.alice, 0])
        own = np.where(slot == 0, FILLED[self.alice, 0], FILLED[self.alice, 1])
        return np.where(earlier * own > 0, np.minimum(slot, 1).astype(np.int64), -1)


def watch(line: Line, sent: Transmission, channel: ClassicalChannel) -> tuple[dict[str, Estimate], list[Alarm]]:
    """Let Bob tell what his monitor saw, and Alice reckon visibilities; alarms where they are too low."""
    monitor = sent.monitor
    if monitor is None:
        return {}, []
    content: dict[str, NDArray[Any]] = {"pulse": monitor.pulse, "slot": monitor.slot, "port": monitor.port}
    heard = channel.send("Bob", "monitor", content)
    if not np.array_equal(heard["pulse"], monitor.pulse):
        words = "pulses at which the monitor clicked"
        raise complain(RangeError, "monitor", "pulse", words, "others", "change slots or ports, not pulses")
    kind = monitor.meets(heard["slot"])
    seen, alarms = {}, []
    for k, name in enumerate(KINDS):
        # While one port is blind the clicks are the other's.
        port = heard["port"][(kind == k) & monitor.live]
        dark, n = int(np.count_nonzero(port)), len(port)
        share = share_of(dark, n)
        seen[name] = Estimate(1 - 2 * share.value, 2 * share.stderr, 1 - 2 * share.high, 1 - 2 * share.low)
        p = dark_share(line, k)
        # One count of slack, as elsewhere.
        apart = surprise(dark - n * p - 1.0, max(n * p * (1 - p), 1.0))
        if apart > ALARM_SIGMA:
            alarms.append(Alarm(f"visibility {name}", 1 - 2 * dark / n, 1 - 2 * p, apart))
    return seen, alarms


def dark_share(line: Line, kind: int) -> float:
    """Return the dark port's share of the clicks where two pulses meet, when nobody is on the line."""
    law = TrainLaw.of(line)
    meet = np.outer(FILLED[:, 1], FILLED[:, 0]) if kind == 0 else np.outer(np.ones(3), FILLED[:, 0] * FILLED[:, 1])
    weight = law.pairs * meet
    bright, dark = (float((weight * law.clicks(1 << (2 + 2 * kind + port))).sum()) for port in (0, 1))
    return dark / (bright + dark) if bright + dark > 0.0 else 0.0
