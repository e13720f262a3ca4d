"""Random repeater chains, for the reference simulator and for ebit alike."""

from __future__ import annotations

import numpy as np
from reference_network import MICROSECOND, Chain, Link, Memory, Swap

import ebit

KM_PER_MICROSECOND = 0.2


def random_chain(
    rng: np.random.Generator,
    *,
    restart: bool,
    delay: bool = False,
    links: int | None = None,
    relaxing: bool = False,
    cutoff: bool = False,
    duration: bool = False,
    slots: int = 1,
    lattice: bool = False,
    patience: tuple[int, int] = (2, 6),
    success: tuple[float, float] = (0.3, 0.9),
    swaps: list[float] | None = None,
) -> Chain:
    """A chain with everything unequal; ``lattice``: times on a coarse grid, so that many things coincide."""
    count = int(rng.integers(2, 5)) if links is None else links

    def time(low: int, high: int) -> int:
        return int(rng.integers(1, 4)) * 100 if lattice else int(rng.integers(low, high))

    def memory() -> Memory:
        room = int(rng.integers(1, slots + 1))
        if relaxing:
            t1 = float(rng.uniform(2e-3, 8e-3))
            return Memory(room, t1_s=t1, t2_s=float(rng.uniform(0.3, 1.9)) * t1)
        if rng.random() < 0.5:
            return Memory(room, t2_s=float(rng.uniform(2e-3, 2e-2)))
        return Memory(room, depolarizing_time_s=float(rng.uniform(5e-3, 4e-2)))

    def weights() -> tuple[float, float, float, float]:
        rest = rng.dirichlet([1.0, 1.0, 1.0]) * rng.uniform(0.0, 0.1)
        return (1.0 - float(rest.sum()), float(rest[0]), float(rest[1]), float(rest[2]))

    def swap() -> Swap:
        return Swap(
            float(rng.choice([0.5, 0.8, 1.0] if swaps is None else swaps)),
            float(rng.uniform(0.94, 1.0)),
            time(20, 150) if duration else 0,
        )

    rows = tuple(
        Link(
            float(rng.choice([rng.uniform(*success), 1.0], p=[0.85, 0.15])),
            time(80, 400),
            weights(),
            time(10, 100) if rng.random() < 0.5 else 0,
            time(20, 300) if delay else 0,
        )
        for _ in range(count)
    )
    slowest = max(link.attempt for link in rows)
    limit = int(rng.integers(*patience)) * slowest if cutoff else None
    return Chain(
        rows,
        tuple(memory() for _ in range(count + 1)),
        tuple(swap() for _ in range(count + 1)),
        restart,
        delay,
        limit,
    )


def network(chain: Chain, message_loss: float = 0.0) -> ebit.Network:
    nodes = [
        ebit.Node(
            f"n{k}",
            ebit.Memory(m.slots, t1_s=m.t1_s, t2_s=m.t2_s, depolarizing_time_s=m.depolarizing_time_s),
            ebit.Swap(s.success_probability, s.fidelity, s.duration * MICROSECOND),
        )
        for k, (m, s) in enumerate(zip(chain.memories, chain.swaps, strict=True))
    ]
    links = [
        ebit.Link(
            f"n{k}",
            f"n{k + 1}",
            ebit.HeraldedLink(
                success_probability=link.success_probability,
                attempt_time_s=link.attempt * MICROSECOND,
                pair=ebit.BellDiagonal(list(link.weights)),
                herald_age_s=link.herald_age * MICROSECOND,
            ),
            length_km=link.light * KM_PER_MICROSECOND,
        )
        for k, link in enumerate(chain.links)
    ]
    return ebit.Network(nodes, links, message_loss_probability=message_loss)


def request(chain: Chain, pairs: int | None) -> ebit.Request:
    cutoff = None if chain.cutoff is None else chain.cutoff * MICROSECOND
    return ebit.Request(
        "n0",
        f"n{chain.last}",
        pairs=pairs,
        restart=chain.restart,
        classical_delay=chain.delay,
        schedule=ebit.schedules.SwapAsap(cutoff_s=cutoff),
    )
