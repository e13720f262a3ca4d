"""Rows of chains: swaps and distillation of pairs, waiting times, ages and cut-offs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

import ebit
from ebit.validate.rows import Row, exact, sampled


def pairs() -> Iterator[Row]:
    """Swaps and distillation of pairs."""
    pair = ebit.BellDiagonal.werner(fidelity=0.99)
    chain = pair
    for _ in range(9):
        chain = chain.swap(pair)
    yield exact("Werner swap, 10 links of F .99", "0.9057915657", chain.fidelity)
    low = ebit.BellDiagonal.werner(fidelity=0.75)
    probability, better = low.distill(low, protocol="bbpssw")
    yield exact("BBPSSW, F .75: F", "0.7884615385", better.fidelity)
    yield exact("BBPSSW, F .75: success", "0.7222222222", probability)
    _, once = low.distill(low)
    _, twice = once.distill(once)
    yield exact("DEJMPS, F .75: F after 1 round", "0.7884615385", once.fidelity)
    yield exact("DEJMPS, F .75: F after 2 rounds", "0.9023605150", twice.fidelity)


def noisy_swap() -> Iterator[Row]:
    """One swap with noise, by pairs and by density matrices."""
    reference = "0.846587725888"
    pair = ebit.BellDiagonal.werner(fidelity=0.95).depolarize_qubit(0.02).depolarize_qubit(0.02)
    # depolarize(.01) on both qubits before the measurement turns the outcome into noise with probability .01.
    yield exact("noisy swap, Bell-diagonal", reference, pair.swap(pair).depolarize(0.01).fidelity)
    yield exact("noisy swap, density matrix", reference, _noisy_swap_density_matrix())


def _noisy_swap_density_matrix() -> float:
    werner = ebit.DensityMatrix(2, rng=1)
    werner.h(0)
    werner.cx(0, 1)
    target = werner.copy()
    werner.depolarize(4 / 3 * 0.05, [0, 1])
    both = ebit.DensityMatrix.from_numpy(np.kron(werner.to_numpy(), werner.to_numpy()), rng=1)
    for qubit in range(4):
        both.depolarize(0.02, [qubit])
    both.cx(1, 2)
    both.depolarize(0.01, [1, 2])
    both.h(1)
    phase, amplitude = both.measure(1), both.measure(2)
    if amplitude:
        both.x(3)
    if phase:
        both.z(3)
    return both.partial_trace(keep=[0, 3]).fidelity(target)


def _chain(nodes: int, link: Any, memory: ebit.Memory, swap: ebit.Swap, pairs: int, rng: int) -> Any:
    net = ebit.Network.chain(nodes=nodes, link=link, memory=memory, swap=swap)
    request = ebit.Request("n0", f"n{nodes - 1}", pairs=pairs, restart=True)
    return ebit.simulate(net, [request], rng=rng)[0]


def waiting() -> Iterator[Row]:
    """Waiting for the last of several links, and for swaps that fail."""
    step = ebit.HeraldedLink(success_probability=0.1, attempt_time_s=1.0)
    perfect = ebit.Memory.perfect()
    for n, reference in ((2, 14.73684210526), (4, 20.27337819176)):
        r = _chain(n + 1, step, perfect, ebit.Swap.perfect(), 400_000, 11 + n)
        yield sampled(f"E[max of {n} geometric(.1)], steps", reference, r.waiting_time_s)
    half = ebit.Swap(success_probability=0.5)
    for n, reference in ((2, 29.47368421053), (3, 57.05742888712)):
        r = _chain(n + 1, step, perfect, half, 400_000, 21 + n)
        yield sampled(f"swap-asap, p .1, q .5, {n} segments, steps", reference, r.waiting_time_s)


def n_links() -> Iterator[Row]:
    """Chains of nodes whose memories dephase."""
    link = ebit.HeraldedLink(success_probability=0.8 * math.exp(-25 / 22), attempt_time_s=250e-6)
    memory, swap = ebit.Memory(slots=1, t2_s=0.1), ebit.Swap(fidelity=0.9925)
    for n, mean, fidelity in ((2, 1.388645949e-3, 0.984418634), (4, 1.879984740e-3, 0.957526542)):
        r = _chain(n + 1, link, memory, swap, 400_000, 31 + n)
        yield sampled(f"{n} links of 25 km: mean time (s)", mean, r.waiting_time_s)
        yield sampled(f"{n} links of 25 km: F", fidelity, r.fidelity)


def exact_chains() -> Iterator[Row]:
    """Chains by trees, and swap-asap, with nothing drawn."""
    step = ebit.HeraldedLink(success_probability=0.1, attempt_time_s=1.0, pair=ebit.BellDiagonal.werner(0.985))
    memory, half = ebit.Memory(depolarizing_time_s=800.0), ebit.Swap(success_probability=0.5)
    # The published weight of two segments is cut off after eight digits; this is .98^2 times the row of ten digits.
    for n, cutoffs, steps, w in (
        (2, (), "29.473684", 0.98**2 * 0.9768652518),
        (4, (), "84.817580", 0.82690174),
        (4, (16.0, 31.0), "108.256782", 0.86726055),
    ):
        schedule = ebit.schedules.Nested(cutoffs_s=cutoffs)
        r = ebit.RepeaterChain([step] * n, memory, half, schedule).exact()
        name = f"nested, {n} segments{', cut-offs' if cutoffs else ''}"
        yield exact(f"{name}: steps", steps, r.waiting_time_s.value)
        yield Row(f"{name}: w", w, (4 * r.fidelity.value - 1) / 3, 5e-9)
    step = ebit.HeraldedLink(success_probability=0.1, attempt_time_s=1.0)
    for n, reference in ((2, "14.73684210526"), (4, "20.27337819176")):
        r = ebit.RepeaterChain([step] * n, ebit.Memory.perfect()).exact()
        yield exact(f"E[max of {n} geometric(.1)], steps", reference, r.waiting_time_s.value)
    for n, reference in ((2, "0.9768652518"), (3, "0.9544348518")):
        r = ebit.RepeaterChain([step] * n, ebit.Memory(t2_s=400.0), end_memory="measured").exact()
        yield exact(f"swap-asap, {n} segments, ends measured: coherence", reference, 1 - 2 * r.qber_x.value)
    for n, reference in ((2, "29.47368421053"), (3, "57.05742888712")):
        r = ebit.RepeaterChain([step] * n, ebit.Memory.perfect(), half).exact(tolerance=1e-12)
        yield exact(f"swap-asap, p .1, q .5, {n} segments: steps", reference, r.waiting_time_s.value)
    nested = ebit.schedules.Nested()
    r = ebit.RepeaterChain([step] * 1024, ebit.Memory.perfect(), ebit.Swap(0.9), nested).exact(tolerance=1e-11)
    yield exact("nested, 1,024 segments, q .9: steps", "445.0953", r.waiting_time_s.value)
    rare = ebit.HeraldedLink(success_probability=1e-3, attempt_time_s=1.0)
    r = ebit.RepeaterChain([rare] * 2, ebit.Memory.perfect(), half, nested).exact(tolerance=1e-12)
    ratio = r.waiting_time_s.value / (1.5 / (1e-3 * 0.5))
    yield exact("nested, 2 segments, p 1e-3, q .5: mean over 3/(2pq)", "0.99983325", ratio)
    link = ebit.HeraldedLink(success_probability=0.8 * math.exp(-25 / 22), attempt_time_s=250e-6)
    for n, mean, fidelity in ((2, "1.388645949", "0.984418634"), (4, "1.879984740", "0.957526542")):
        r = ebit.RepeaterChain([link] * n, ebit.Memory(t2_s=0.1), ebit.Swap(fidelity=0.9925)).exact()
        yield exact(f"{n} links of 25 km: mean time (ms)", mean, 1e3 * r.waiting_time_s.value)
        yield exact(f"{n} links of 25 km: F", fidelity, r.fidelity.value)


def two_links() -> Iterator[Row]:
    """Two links from a central station whose memory dephases."""
    trial = 2 * 50e3 / 2e8
    link = ebit.HeraldedLink(0.8 * math.exp(-50 / 22), trial, herald_age_s=trial)
    centre, end = ebit.Memory(t2_s=0.1), ebit.Memory.perfect()
    swap = ebit.Swap(fidelity=0.9925)
    nodes = [ebit.Node("A", end), ebit.Node("centre", centre, swap), ebit.Node("B", end)]
    net = ebit.Network(nodes, [ebit.Link("A", "centre", link), ebit.Link("centre", "B", link)])
    r = ebit.simulate(net, [ebit.Request("A", "B", pairs=400_000, restart=True)], rng=41)[0]
    yield sampled("two links from a central station, 100 km: F", 0.9606877088, r.fidelity)
    yield sampled("two links from a central station, 100 km: pairs/s", 111.4970453, r.rate_hz)


def tuned_chain() -> Iterator[Row]:
    """Cut-offs that a search finds."""
    # Li, Coopmans and Elkouss, from the data beside their code (examples/cutoff_optimization.py): cut-offs 21, 39, 36.
    step = ebit.HeraldedLink(success_probability=0.1, attempt_time_s=1.0, pair=ebit.BellDiagonal.werner(0.985))
    swap, schedule = ebit.Swap(success_probability=0.9), ebit.schedules.Nested()
    chain = ebit.RepeaterChain([step] * 8, ebit.Memory(depolarizing_time_s=800.0), swap, schedule)

    def key_in_nats(result: ebit.chain.ChainResult) -> float:
        q = (1 - result.fidelity.value) * 2 / 3
        return max(0.0, 1 + 2 * (q * math.log(q) + (1 - q) * math.log(1 - q))) * result.rate_hz.value

    best = chain.optimize(key_in_nats, {"cutoffs_s": (16.0, 64.0)})
    yield exact("eight links, tuned cut-offs: steps", "44.312674", best.result.waiting_time_s.value)
    yield exact("eight links, tuned cut-offs: w", "0.727371874", (4 * best.result.fidelity.value - 1) / 3)
    yield exact("eight links, tuned cut-offs: key in nats", "4.593918253e-3", best.value)
