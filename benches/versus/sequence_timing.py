"""SeQUeNCe's chain timing restated as a small event model: MODELS.md in executable form.

It knows nothing of SeQUeNCe's code and needs only NumPy. Use it to ask what a chain should give when SeQUeNCe is too
slow to say, and to see what a single rule costs: `grid_s=0` drops the 12.5 ns emission grid, `poll=False` the
requester's polling, `handshake=False` the round trip before each swap, `ahead=False` the request that is under way
while the other memory is still busy (ebit's links start when both memories are free).

    python sequence_timing.py 5 20 100000
"""

from __future__ import annotations

import heapq
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np

LIGHT_M_PER_S = 2e8


@dataclass(frozen=True)
class Link:
    """Chances of a Barrett-Kok attempt and the light time `h` of its fibre (seconds)."""

    h: float
    first_round: float
    second_round: float

    @classmethod
    def at(cls, hop_km: float, efficiency: float = 0.9, loss_db_per_km: float = 0.2) -> Link:
        """A link with its Bell station in the middle and no dark counts."""
        eta = efficiency * 10 ** (-loss_db_per_km * hop_km / 20)
        passes = eta / 2 + (2 * eta * (1 - eta) + eta**2 / 2) / 4
        return cls(hop_km * 1e3 / LIGHT_M_PER_S, passes, eta**2 / 2 / passes)

    @property
    def mean_s(self) -> float:
        """Mean time of a link with both memories free: (4h + 3h q1)/p."""
        return (4 + 3 * self.first_round) * self.h / (self.first_round * self.second_round)


class Model:
    """Nested swapping on 2^k links, one memory per side, every memory reused as soon as its node frees it."""

    def __init__(
        self,
        links: int,
        link: Link,
        seed: int,
        grid_s: float = 12.5e-9,
        poll: bool = True,
        handshake: bool = True,
        ahead: bool = True,
    ) -> None:
        if links & (links - 1):
            raise ValueError(f"links must be a power of two, got {links}")
        self.links, self.link, self.grid_s, self.poll, self.ahead = links, link, grid_s, poll, ahead
        self.trips = 2 if handshake else 0
        self.rng = np.random.default_rng(seed)
        self.heap: list[tuple[float, int, int, int, int]] = []
        self.free: dict[tuple[int, int], float] = {}  # (link, side) -> since when
        self.known: dict[tuple[int, int], float] = {}  # (node, side) -> since when it holds its swap's pair
        self.count = 0

    def deliveries(self, pairs: int) -> np.ndarray:
        """Times in seconds at which both ends know of the first `pairs` end-to-end pairs."""
        for k in range(self.links):
            self._free(k, 0, 0.0)
            self._free(k, 1, 0.0)
        times: list[float] = []
        while len(times) < pairs:
            now, _, left, right, swap = heapq.heappop(self.heap)
            if swap:
                self._swap(left, right, now)
            elif right - left == self.links:
                times.append(now)
                self._free(0, 0, now)
                self._free(self.links - 1, 1, now)
            else:
                self._learn(left, right, now)
        return np.array(times)

    def _push(self, when: float, left: int, right: int, swap: int) -> None:
        self.count += 1
        heapq.heappush(self.heap, (when, self.count, left, right, swap))

    def _learn(self, left: int, right: int, now: float) -> None:
        """Both ends of segment (left, right) know it now; the one whose swap consumes it may begin."""
        reach = right - left
        node, side = (left, 1) if left & -left == reach else (right, 0)
        self.known[node, side] = now
        if (node, 1 - side) in self.known:
            del self.known[node, 0], self.known[node, 1]
            self._push(now + self.trips * reach * self.link.h, node - reach, node + reach, 1)

    def _swap(self, left: int, right: int, now: float) -> None:
        node = (left + right) // 2
        self._push(now + (right - node) * self.link.h, left, right, 0)
        self._free(node - 1, 1, now)
        self._free(node, 0, now)

    def _free(self, link: int, side: int, now: float) -> None:
        """A memory is free; with both, generation runs from the request that finds the right-hand one waiting."""
        self.free[link, side] = now
        if (link, 1 - side) not in self.free:
            return
        begin, right = self.free.pop((link, 0)), self.free.pop((link, 1))
        h = self.link.h
        late = right - begin - h
        if not self.ahead:
            begin = max(begin, right)
        elif late > 1e-12:  # the same picosecond counts as in time
            begin = begin + 2 * h * np.ceil((late - 1e-12) / (2 * h)) if self.poll else right - h
        while self.rng.random() >= self.link.first_round:
            begin += 4 * h + self.grid_s
        begin += 7 * h + 2 * self.grid_s
        if self.rng.random() < self.link.second_round:
            self._push(begin, link, link + 1, 0)
        else:
            self._free(link, 0, begin)
            self._free(link, 1, begin)


def mean_gap(times: np.ndarray, blocks: int = 20) -> tuple[float, float]:
    """Mean time between deliveries and its standard error, from blocks of consecutive pairs."""
    gaps = np.diff(times, prepend=0.0)
    size = len(gaps) // blocks
    means = gaps[: size * blocks].reshape(blocks, size).mean(axis=1)
    return float(times[-1] / len(times)), float(means.std(ddof=1) / np.sqrt(blocks))


VARIANTS: dict[str, dict[str, Any]] = {
    "as SeQUeNCe": {},
    "no grid": {"grid_s": 0.0},
    "no polling": {"grid_s": 0.0, "poll": False},
    "both free": {"grid_s": 0.0, "poll": False, "ahead": False},
    "no handshake": {"grid_s": 0.0, "poll": False, "handshake": False},
}

if __name__ == "__main__":
    nodes, hop_km, pairs = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    for name, options in VARIANTS.items():
        mean, error = mean_gap(Model(nodes - 1, Link.at(hop_km), seed=1, **options).deliveries(pairs))
        print(f"{name:14s} {1e3 * mean:10.4f} +- {1e3 * error:.4f} ms")
