"""A tree of swaps with messages, told from the inside out: when each end of a pair knows of it.

The recursion of the samplers, with a start of its own for each half: whoever starts anew does so when the far end has
heard. It draws times and nothing happens between them: no events, no queue, nothing called off. Times are whole
microseconds; memories dephase.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ebit

Weights = list[float]


@dataclass
class Pair:
    left: int
    right: int
    #: When each end knows of it, and until when each half has been aged.
    known: list[int]
    aged: list[int]
    weights: Weights


@dataclass(frozen=True)
class Link:
    success: float
    attempt: int
    weights: tuple[float, ...]
    light: int


@dataclass(frozen=True)
class Chain:
    links: tuple[Link, ...]
    t2: float
    swap_success: float
    swap_fidelity: float
    swap_duration: int
    tree: Any
    cutoffs: dict[int, int]
    rounds: dict[int, int]
    protocol: str = "dejmps"
    one_after_another: bool = False
    scheme: str = "recurrence"


Maker = Callable[[int], Pair]


class Teller:
    def __init__(self, chain: Chain, seed: int) -> None:
        self.chain, self.random = chain, random.Random(seed)
        self.place = [0]
        for link in chain.links:
            self.place.append(self.place[-1] + link.light)

    def light(self, a: int, b: int) -> int:
        return abs(self.place[a] - self.place[b])

    def age(self, pair: Pair, side: int, until: int) -> None:
        lost = (1.0 - math.exp((pair.aged[side] - until) / self.chain.t2)) / 2
        a, b, c, d = pair.weights
        pair.weights = [a + lost * (b - a), b + lost * (a - b), c + lost * (d - c), d + lost * (c - d)]
        pair.aged[side] = until

    def maker(self, tree: Any) -> tuple[Maker, int, int]:
        if isinstance(tree, int):
            return (lambda start: self.link(tree, start)), tree, tree + 1
        left, low, at = self.maker(tree[0])
        right, _, high = self.maker(tree[1])
        rounds = self.chain.rounds.get(at, 0)
        if self.chain.scheme == "pumping" and rounds:
            left, right = self.pumped(left, low, at, rounds), self.pumped(right, at, high, rounds)
            rounds = 0
        for _ in range(rounds):
            left, right = self.distilled(left, low, at), self.distilled(right, at, high)
        return (lambda start: self.swap(left, right, low, at, high, start)), low, high

    def link(self, k: int, start: int) -> Pair:
        link = self.chain.links[k]
        attempts = 1
        while self.random.random() >= link.success:
            attempts += 1
        there = start + attempts * link.attempt
        return Pair(k, k + 1, [there, there], [there, there], list(link.weights))

    def compared(self, pairs: list[Pair], low: int, high: int) -> tuple[Pair | None, int]:
        """What a round keeps, and when both ends know."""
        light = self.light(low, high)
        measured = [max(pair.known[side] for pair in pairs) for side in (0, 1)]
        for pair in pairs:
            for side in (0, 1):
                self.age(pair, side, measured[side])
        kept, other = (ebit.BellDiagonal(pair.weights) for pair in pairs)
        probability, better = kept.distill(other, protocol=self.chain.protocol)
        known = [max(measured[side], measured[1 - side] + light) for side in (0, 1)]
        if self.random.random() < probability:
            return Pair(low, high, known, measured, [float(w) for w in better.weights]), max(known)
        return None, max(known)

    def distilled(self, make: Maker, low: int, high: int) -> Maker:
        def both(start: int) -> Pair:
            while True:
                kept, start = self.compared([make(start), make(start)], low, high)
                if kept is not None:
                    return kept

        return both

    def pumped(self, make: Maker, low: int, high: int, rounds: int) -> Maker:
        def all_rounds(start: int) -> Pair:
            while True:
                kept: Pair | None = make(start)
                for _ in range(rounds):
                    if kept is not None:
                        # An attempt takes both ends: the fresh pair begins when both know of the stored one.
                        kept, start = self.compared([kept, make(max(kept.known))], low, high)
                if kept is not None:
                    return kept

        return all_rounds

    def swap(self, left: Maker, right: Maker, low: int, at: int, high: int, start: int) -> Pair:
        chain = self.chain
        begin = [start, start]
        far = [self.light(low, at), self.light(at, high)]
        cutoff = chain.cutoffs.get(at)
        while True:
            a = left(begin[0])
            if chain.one_after_another:
                begin[1] = a.known[1] + far[1]
            b = right(begin[1])
            first, last = sorted((a.known[1], b.known[0]))
            if cutoff is not None and last - first > cutoff:
                # A half that has yet to hear of the last time is not told again.
                over = first + cutoff
                begin = [over + f if over >= t else t for t, f in zip(begin, far, strict=True)]
                continue
            done = last + chain.swap_duration
            told = [done + f for f in far]
            if self.random.random() >= chain.swap_success:
                begin = told
                continue
            self.age(a, 1, last)
            self.age(b, 0, last)
            out = [0.0] * 4
            for i, x in enumerate(a.weights):
                for j, y in enumerate(b.weights):
                    out[i ^ j] += x * y
            v = (4 * chain.swap_fidelity - 1) / 3
            known = [max(a.known[0], told[0]), max(b.known[1], told[1])]
            return Pair(low, high, known, [a.aged[0], b.aged[1]], [v * w + (1 - v) / 4 for w in out])

    def deliveries(self, pairs: int) -> list[tuple[float, float]]:
        """Waiting time in microseconds, and fidelity, of each pair."""
        make, _, _ = self.maker(self.chain.tree)
        out = []
        for _ in range(pairs):
            pair = make(0)
            there = max(pair.known)
            self.age(pair, 0, there)
            self.age(pair, 1, there)
            out.append((float(there), pair.weights[0]))
        return out
