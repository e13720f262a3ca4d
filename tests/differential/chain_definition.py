"""A chain by its definition, clock tick by clock tick: every attempt drawn, every stored qubit decayed at every tick.

Slow and plain. Shares nothing with ebit but the distillation map of two pairs (tested elsewhere); time is whole ticks.
Within a tick: attempts end, swaps end and begin from the lowest up, then cut-offs.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import ebit

Weights = list[float]


@dataclass
class Pair:
    left: int
    right: int
    weights: Weights


@dataclass
class World:
    """What all parts of a chain share."""

    last: int
    flip: float
    swap_success: float
    swap_visibility: float
    swap_ticks: int
    measured: bool
    protocol: str
    one_after_another: bool
    random: random.Random
    pairs: list[Pair] = field(default_factory=list)

    def tick(self) -> None:
        """Let every stored half dephase by one tick."""
        for pair in self.pairs:
            for node in (pair.left, pair.right):
                if not (self.measured and node in (0, self.last)):
                    a, b, c, d = pair.weights
                    f = self.flip
                    pair.weights = [a + f * (b - a), b + f * (a - b), c + f * (d - c), d + f * (c - d)]

    def joined(self, a: Pair, b: Pair) -> Pair:
        """Bell measurement: the weights convolve over the group of Pauli errors."""
        out = [0.0] * 4
        for i, x in enumerate(a.weights):
            for j, y in enumerate(b.weights):
                out[i ^ j] += x * y
        v = self.swap_visibility
        return Pair(a.left, b.right, [v * w + (1 - v) / 4 for w in out])

    def drop(self, pair: Pair | None) -> None:
        if pair is not None:
            self.pairs = [p for p in self.pairs if p is not pair]


class Link:
    def __init__(self, world: World, k: int, success: float, ticks: int, weights: Weights) -> None:
        self.world, self.k, self.success, self.ticks, self.weights = world, k, success, ticks, weights
        self.pair: Pair | None = None
        self.ends: int | None = None

    def start(self, now: int) -> None:
        self.stop()
        self.ends = now + self.ticks

    def stop(self) -> None:
        self.world.drop(self.pair)
        self.pair, self.ends = None, None

    def happen(self, now: int) -> None:
        if self.ends == now:
            if self.world.random.random() < self.success:
                self.pair, self.ends = Pair(self.k, self.k + 1, list(self.weights)), None
                self.world.pairs.append(self.pair)
            else:
                self.ends = now + self.ticks

    def give_up(self, now: int) -> None:
        pass


class Round:
    """Two copies become one."""

    def __init__(self, world: World, copies: list[Any]) -> None:
        self.world, self.copies = world, copies
        self.pair: Pair | None = None

    def start(self, now: int) -> None:
        self.stop()
        for copy in self.copies:
            copy.start(now)

    def stop(self) -> None:
        self.world.drop(self.pair)
        self.pair = None
        for copy in self.copies:
            copy.stop()

    def happen(self, now: int) -> None:
        if self.pair is not None:
            return
        for copy in self.copies:
            copy.happen(now)
        a, b = (copy.pair for copy in self.copies)
        if a is not None and b is not None:
            made = [ebit.BellDiagonal(p.weights) for p in (a, b)]
            probability, better = made[0].distill(made[1], protocol=self.world.protocol)
            for copy in self.copies:
                copy.stop()
            if self.world.random.random() < probability:
                self.pair = Pair(a.left, a.right, [float(w) for w in better.weights])
                self.world.pairs.append(self.pair)
            else:
                self.start(now)

    def give_up(self, now: int) -> None:
        if self.pair is None:
            for copy in self.copies:
                copy.give_up(now)


class Pump:
    """A stored pair, and one fresh pair after another, each begun when the stored one is there."""

    def __init__(self, world: World, stored: Any, fresh: Any, rounds: int) -> None:
        self.world, self.makers, self.rounds = world, (stored, fresh), rounds
        self.pair: Pair | None = None
        self.stored: Pair | None = None
        self.done = 0

    def start(self, now: int) -> None:
        self.stop()
        self.makers[0].start(now)

    def stop(self) -> None:
        for pair in (self.pair, self.stored):
            self.world.drop(pair)
        self.pair = self.stored = None
        self.done = 0
        for maker in self.makers:
            maker.stop()

    def happen(self, now: int) -> None:
        if self.pair is not None:
            return
        first, fresh = self.makers
        if self.stored is None:
            first.happen(now)
            if first.pair is not None:
                self.keep(first.pair.weights, first, now)
            return
        fresh.happen(now)
        if fresh.pair is None:
            return
        probability, better = ebit.BellDiagonal(self.stored.weights).distill(
            ebit.BellDiagonal(fresh.pair.weights), protocol=self.world.protocol
        )
        if self.world.random.random() >= probability:
            self.start(now)
            return
        self.done += 1
        self.world.drop(self.stored)
        self.keep([float(w) for w in better.weights], fresh, now)

    def keep(self, weights: Weights, maker: Any, now: int) -> None:
        pair = Pair(maker.pair.left, maker.pair.right, list(weights))
        maker.stop()
        self.world.pairs.append(pair)
        if self.done == self.rounds:
            self.pair, self.stored = pair, None
        else:
            self.stored = pair
            self.makers[1].start(now)

    def give_up(self, now: int) -> None:
        if self.pair is None:
            self.makers[self.stored is not None].give_up(now)


class Swap:
    def __init__(self, world: World, halves: list[Any], cutoff: float) -> None:
        self.world, self.halves, self.cutoff = world, halves, cutoff
        self.pair: Pair | None = None
        self.made: Pair | None = None
        self.first: int | None = None
        self.done: int | None = None
        self.right_runs = False

    def start(self, now: int) -> None:
        self.stop()
        self.halves[0].start(now)
        if not self.world.one_after_another:
            self.halves[1].start(now)
            self.right_runs = True

    def stop(self) -> None:
        for pair in (self.pair, self.made):
            self.world.drop(pair)
        self.pair = self.made = self.first = self.done = None
        self.right_runs = False
        for half in self.halves:
            half.stop()

    def happen(self, now: int) -> None:
        if self.pair is not None:
            return
        if self.done is None:
            self.wait(now)
        if self.done == now:
            if self.made is None:
                self.start(now)
            else:
                self.pair, self.made, self.done = self.made, None, None

    def wait(self, now: int) -> None:
        left, right = self.halves
        left.happen(now)
        if left.pair is not None and not self.right_runs:
            right.start(now)
            self.right_runs = True
        if self.right_runs:
            right.happen(now)
        there = [half.pair for half in self.halves]
        if self.first is None and any(there):
            self.first = now
        if all(there):
            made = self.world.joined(*there)
            for half in self.halves:
                half.stop()
            self.done = now + self.world.swap_ticks
            if self.world.random.random() < self.world.swap_success:
                # Its outer halves are stored while the measurement lasts.
                self.made = made
                self.world.pairs.append(made)

    def give_up(self, now: int) -> None:
        if self.pair is not None or self.done is not None:
            return
        if self.first is not None and now >= self.first + self.cutoff:
            self.start(now)
            return
        for half in self.halves:
            half.give_up(now)


def by_definition(chain: ebit.RepeaterChain, tree: Any, pairs: int, seed: int) -> list[tuple[float, float]]:
    """Waiting time in ticks of 1 ms, and fidelity, of each pair of a chain whose schedule is this ``Tree``."""
    t2 = chain.memory.t2_s
    assert t2 is not None
    v = (4 * chain.swap.fidelity - 1) / 3
    world = World(
        len(chain.links),
        (1 - math.exp(-1e-3 / t2)) / 2,
        chain.swap.success_probability,
        v,
        round(1e3 * chain.swap.duration_s),
        chain.end_memory == "measured",
        tree.protocol,
        tree.start == "one-after-another",
        random.Random(seed),
    )

    def value(of: Any, node: int, level: int, none: float) -> float:
        if hasattr(of, "keys"):
            return float(of.get(node, none))
        return float(of[level]) if of else none

    def make(subtree: Any) -> tuple[Callable[[], Any], int, int, int]:
        """A maker of fresh copies, the links it spans, its height."""
        if isinstance(subtree, int):
            link = chain.links[subtree]
            weights = [float(w) for w in link.pair.weights]
            ticks = round(1e3 * link.attempt_time_s)
            return lambda: Link(world, subtree, link.success_probability, ticks, weights), subtree, subtree + 1, 0
        left, low, at, left_height = make(subtree[0])
        right, _, high, right_height = make(subtree[1])
        level = max(left_height, right_height)
        cutoff = round(1e3 * c, 6) if math.isfinite(c := value(tree.cutoffs_s, at, level, math.inf)) else c
        rounds = int(value(tree.distill, at, level, 0))

        def copies(one: Callable[[], Any], rounds: int) -> Any:
            if tree.scheme == "pumping" and rounds:
                return Pump(world, one(), one(), rounds)
            return one() if rounds == 0 else Round(world, [copies(one, rounds - 1) for _ in range(2)])

        return lambda: Swap(world, [copies(left, rounds), copies(right, rounds)], cutoff), low, high, level + 1

    out = []
    for _ in range(pairs):
        world.pairs = []
        top = make(tree.tree)[0]()
        now = 0
        top.start(now)
        while top.pair is None:
            now += 1
            world.tick()
            top.happen(now)
            if top.pair is None:
                top.give_up(now)
        out.append((float(now), top.pair.weights[0]))
    return out
