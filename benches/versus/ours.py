"""ebit's side of each comparison: the same jobs as the peers', asked through ebit's public face.

The jobs and their outputs are described in MODELS.md; the callables here return what the peers' return.
"""

from __future__ import annotations

from math import exp, sqrt
from time import process_time
from typing import Any

import numpy as np

import ebit

# The scenario of peer_sequence.py and peer_requsim.py, in ebit's units.
LOSS_DB_PER_KM = 0.2
EFFICIENCY = 0.9
LINK_FIDELITY = 0.95
TRIAL_S = 250e-6
T2_S = 0.1
SWAP_FIDELITY = 0.9925


def hold(pending: int, events: int, seed: int) -> dict[str, Any]:
    """The hold model on ebit's own event queue, filling it included."""
    start = process_time()
    out = ebit._core.bench_hold(pending, events, seed, "auto")
    cpu = process_time() - start
    return {"cpu_s": cpu, "work": events, "events": int(out["events"]), "final_time": int(out["final_time"])}


def emission_fidelity(link_fidelity: float) -> float:
    """Fidelity per emitter so that two Werner emitters give a link of `link_fidelity`."""
    w = sqrt((4 * link_fidelity - 1) / 3)
    return (3 * w + 1) / 4


def barrett_kok(nodes: int, hop_km: float, pairs: int, seed: int, method: str) -> dict[str, Any]:
    """SeQUeNCe's chain: two-round links, nested swaps, every message taking its light time."""
    start = process_time()
    link = ebit.DoubleClick(
        fiber=ebit.Fiber(length_km=hop_km, loss_db_per_km=LOSS_DB_PER_KM),
        detector=ebit.Detector(efficiency=EFFICIENCY, dark_count_rate_hz=0.0, window_s=1e-9),
        emission_fidelity=emission_fidelity(LINK_FIDELITY),
        negotiation="two-round",
    )
    net = ebit.Network.chain(nodes=nodes, link=link, memory=ebit.Memory.perfect(1), swap=ebit.Swap.perfect())
    # Nested, because SeQUeNCe's nodes swap by the power of two in their index; a round trip before each, as they ask.
    schedule = ebit.schedules.Nested(handshake=True)
    request = ebit.Request("n0", f"n{nodes - 1}", pairs=pairs, classical_delay=True, schedule=schedule)
    return _delivered(net, request, pairs, seed, method, start)


def swap_asap(links: int, pairs: int, seed: int) -> dict[str, Any]:
    """requsim's chain: every pair from empty memories, instant knowledge, dephasing memories."""
    start = process_time()
    link = ebit.HeraldedLink(
        success_probability=0.8 * exp(-25 / 22),
        attempt_time_s=TRIAL_S,
        pair=ebit.BellDiagonal.werner(fidelity=1.0),
    )
    memory = ebit.Memory(slots=1, t2_s=T2_S)
    swap = ebit.Swap(success_probability=1.0, fidelity=SWAP_FIDELITY)
    net = ebit.Network.chain(nodes=links + 1, link=link, memory=memory, swap=swap)
    request = ebit.Request("n0", f"n{links}", pairs=pairs, restart=True, classical_delay=False)
    return _delivered(net, request, pairs, seed, "auto", start)


def _delivered(net: Any, request: Any, pairs: int, seed: int, method: str, start: float) -> dict[str, Any]:
    result = ebit.simulate(net, [request], rng=seed, method=method, threads=1)[0]
    columns = {name: np.asarray(result.pairs[name]) for name in ("time_s", "fidelity")}
    cpu = process_time() - start
    if len(columns["time_s"]) != pairs:
        raise RuntimeError(f"asked for {pairs} pairs, got {len(columns['time_s'])}")
    return {"cpu_s": cpu, "work": pairs, "columns": columns}
