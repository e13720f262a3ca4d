"""Chains and a real network, events and failures skipped."""

from __future__ import annotations

import math
from typing import ClassVar

import ebit


def chain(links: int) -> ebit.Network:
    """The N-link chain of the reference values: 25 km links, dephasing memories."""
    link = ebit.HeraldedLink(success_probability=0.8 * math.exp(-25 / 22), attempt_time_s=250e-6)
    memory, swap = ebit.Memory(slots=1, t2_s=0.1), ebit.Swap(fidelity=0.9925)
    return ebit.Network.chain(nodes=links + 1, link=link, memory=memory, swap=swap)


class Chain:
    """Pairs from empty memories, knowledge instant."""

    params: ClassVar = [2, 8, 16]
    param_names: ClassVar = ["links"]
    pairs = 50_000

    def setup(self, links: int) -> None:
        self.network = chain(links)
        self.request = ebit.Request("n0", f"n{links}", pairs=self.pairs, restart=True)

    def time_pairs(self, links: int) -> None:
        ebit.simulate(self.network, [self.request], rng=1, threads=1)


class Surfnet:
    """Two requests on a real topology, messages included."""

    def setup(self) -> None:
        self.network = ebit.Network.from_topohub("topozoo/Surfnet", hardware="ion-target-2022")
        self.requests = [
            ebit.Request("Maastricht", "Enschede", pairs=2000),
            ebit.Request("Delft", "Utrecht", pairs=2000),
        ]

    def time_run(self) -> None:
        ebit.simulate(self.network, self.requests, rng=1, threads=1)

    def time_build(self) -> None:
        ebit.Network.from_topohub("topozoo/Surfnet", hardware="ion-target-2022")


class Smoke:
    """A second's worth, for the test suite."""

    def time_chain(self) -> None:
        ebit.simulate(chain(2), [ebit.Request("n0", "n2", pairs=1000, restart=True)], rng=1, threads=1)
