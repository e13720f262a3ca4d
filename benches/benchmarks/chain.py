"""Chains solved and sampled."""

from __future__ import annotations

import random
from typing import ClassVar

import ebit


def link(p: float) -> ebit.HeraldedLink:
    """One attempt a millisecond, perfect pairs."""
    return ebit.HeraldedLink(success_probability=p, attempt_time_s=1e-3, pair=ebit.BellDiagonal.werner(fidelity=1.0))


class Nested:
    """Whole distributions of nested chains."""

    params: ClassVar = [16, 1024]
    param_names: ClassVar = ["links"]

    def setup(self, links: int) -> None:
        memory, swap = ebit.Memory.perfect(1), ebit.Swap(success_probability=0.9)
        self.chain = ebit.RepeaterChain([link(0.1)] * links, memory, swap, ebit.schedules.Nested())

    def time_exact(self, links: int) -> None:
        self.chain.exact()


class SwapAsap:
    """A hundred unequal links with dephasing memories."""

    def setup(self) -> None:
        draw = random.Random(4)
        links = [link(draw.uniform(0.05, 0.3)) for _ in range(100)]
        memory = ebit.Memory(t2_s=0.4)
        self.chain = ebit.RepeaterChain(
            links, memory, ebit.Swap.perfect(), ebit.schedules.SwapAsap(), end_memory="measured"
        )

    def time_exact(self) -> None:
        self.chain.exact()


class Sampled:
    """Eight links by Monte Carlo, swaps certain or failing."""

    params: ClassVar = [1.0, 0.9, 0.5]
    param_names: ClassVar = ["swap success"]
    pairs = 100_000

    def setup(self, q: float) -> None:
        memory, swap = ebit.Memory(t2_s=1.0), ebit.Swap(success_probability=q)
        self.chain = ebit.RepeaterChain([link(0.25)] * 8, memory, swap, ebit.schedules.SwapAsap())

    def time_sample(self, q: float) -> None:
        self.chain.sample(self.pairs, rng=1, threads=1)


class Messages:
    """One pair over a thousand nodes on the event engine, every message taking its light time: the goal is 20 ms."""

    def setup(self) -> None:
        link = ebit.DoubleClick(fiber=ebit.Fiber(length_km=25.0), detector=ebit.Detector(efficiency=0.9))
        memory, swap = ebit.Memory(t2_s=1.0), ebit.Swap.perfect()
        self.network = ebit.Network.chain(nodes=1000, link=link, memory=memory, swap=swap)
        self.request = ebit.Request("n0", "n999", pairs=1, restart=True, classical_delay=True)

    def time_first_pair(self) -> None:
        ebit.simulate(self.network, [self.request], rng=1, threads=1)


class Events:
    """Trees on the event engine: by the lengths of segments, with cut-offs, with distillation."""

    params: ClassVar = ["order", "cut-offs", "distillation"]
    param_names: ClassVar = ["tree"]
    pairs = 20_000

    def setup(self, tree: str) -> None:
        schedule = {
            "order": ebit.schedules.Nested(),
            "cut-offs": ebit.schedules.Nested(cutoffs_s=[2e-2, 4e-2]),
            "distillation": ebit.schedules.Nested(distill=[1, 0]),
        }[tree]
        memory, swap = ebit.Memory(slots=2, t2_s=1.0), ebit.Swap(success_probability=0.9)
        self.chain = ebit.RepeaterChain([link(0.2)] * 4, memory, swap, schedule)

    def time_simulate(self, tree: str) -> None:
        self.chain.simulate(self.pairs, rng=1, threads=1)
