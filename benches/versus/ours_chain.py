"""ebit's side of the chains that are solved or sampled: asked through `RepeaterChain`."""

from __future__ import annotations

from math import exp
from time import process_time
from typing import Any

import numpy as np
from ours import SWAP_FIDELITY, T2_S, TRIAL_S

import ebit

STEP_S = 1e-3


def _link(p: float) -> ebit.HeraldedLink:
    return ebit.HeraldedLink(p, STEP_S, ebit.BellDiagonal.werner(fidelity=1.0))


def nested(points: list[list[float]], segments: int, repeats: int, missing: float, seed: int) -> dict[str, Any]:
    """Whole distributions and mean steps of nested chains."""
    start = process_time()
    means = []
    memory, schedule = ebit.Memory.perfect(1), ebit.schedules.Nested()
    for _ in range(repeats):
        means = []
        for p, q in points:
            chain = ebit.RepeaterChain([_link(p)] * segments, memory, ebit.Swap(success_probability=q), schedule)
            result = chain.exact(tolerance=missing)
            law = result.waiting_time_pmf
            means.append(result.waiting_time_s.value / STEP_S)
        if len(law) < segments:
            raise RuntimeError("no law")
    return {"cpu_s": process_time() - start, "work": repeats * len(points), "numbers": means}


def correlation(p: list[float], decay_steps: float, repeats: int, seed: int) -> dict[str, Any]:
    """The mean correlation <XX> of a chain with dephasing memories whose ends are measured."""
    start = process_time()
    value = 0.0
    memory = ebit.Memory(t2_s=decay_steps * STEP_S)
    for _ in range(repeats):
        links = [_link(chance) for chance in p]
        chain = ebit.RepeaterChain(links, memory, ebit.Swap.perfect(), ebit.schedules.SwapAsap(), end_memory="measured")
        value = 1 - 2 * chain.exact().qber_x.value
    return {"cpu_s": process_time() - start, "work": repeats, "numbers": [value]}


def sample(links: int, pairs: int, seed: int) -> dict[str, Any]:
    """requsim's chain, drawn by Monte Carlo on one thread."""
    start = process_time()
    link = ebit.HeraldedLink(0.8 * exp(-25 / 22), TRIAL_S, ebit.BellDiagonal.werner(fidelity=1.0))
    swap = ebit.Swap(success_probability=1.0, fidelity=SWAP_FIDELITY)
    chain = ebit.RepeaterChain([link] * links, ebit.Memory(t2_s=T2_S), swap, ebit.schedules.SwapAsap())
    drawn = chain.sample(pairs, rng=seed, threads=1)
    columns = {
        "time_s": np.cumsum(np.asarray(drawn.pairs["waiting_time_s"])),
        "fidelity": np.asarray(drawn.pairs["fidelity"]),
    }
    return {"cpu_s": process_time() - start, "work": pairs, "columns": columns}


def messages(nodes: int, pairs: int, seed: int) -> dict[str, Any]:
    """Pairs over a long chain on the event engine, each from empty memories, every message taking its light time."""
    start = process_time()
    link = ebit.DoubleClick(fiber=ebit.Fiber(length_km=25.0), detector=ebit.Detector(efficiency=0.9))
    net = ebit.Network.chain(nodes=nodes, link=link, memory=ebit.Memory(slots=1, t2_s=T2_S), swap=ebit.Swap.perfect())
    request = ebit.Request("n0", f"n{nodes - 1}", pairs=pairs, restart=True, classical_delay=True)
    result = ebit.simulate(net, [request], rng=seed, threads=1)[0]
    waiting = np.asarray(result.pairs["time_s"])
    return {"cpu_s": process_time() - start, "work": pairs, "numbers": [float(waiting[0])]}
