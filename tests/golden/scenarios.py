"""Fixed runs whose every bit is remembered, and the digest of a run."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import numpy as np

import ebit

#: Fixed for ever: another seed is another run.
SEED = 20_260_101


def heralded(p: float = 0.2, **fields: float) -> ebit.HeraldedLink:
    pair = ebit.BellDiagonal([0.93, 0.04, 0.02, 0.01])
    return ebit.HeraldedLink(success_probability=p, attempt_time_s=1e-3, pair=pair, **fields)


def chain(nodes: int, memory: ebit.Memory, *, q: float = 1.0, loss: float = 0.0, p: float = 0.2) -> ebit.Network:
    swap = ebit.Swap(success_probability=q, fidelity=0.98)
    return ebit.Network.chain(
        nodes=nodes, link=heralded(p), memory=memory, swap=swap, readout_error=0.01, length_km=20.0,
        message_loss_probability=loss,
    )  # fmt: skip


def run(net: ebit.Network, *requests: ebit.Request, threads: int | None = None, **options: object) -> ebit.Results:
    return ebit.simulate(net, requests, rng=SEED, trace=True, threads=threads, **options)  # type: ignore[arg-type]


def chain_restart(threads: int | None = None) -> ebit.Results:
    net = chain(5, ebit.Memory(t2_s=0.5), q=0.6)
    return run(net, ebit.Request("n0", "n4", pairs=40, restart=True), replicas=5, threads=threads)


def pipelined_delay(threads: int | None = None) -> ebit.Results:
    link = ebit.DoubleClick(
        fiber=ebit.Fiber(20.0), detector=ebit.Detector(0.8, dark_count_rate_hz=100.0), visibility=0.95, station=0.4
    )
    swap = ebit.Swap(success_probability=0.8, fidelity=0.99, duration_s=1e-6)
    net = ebit.Network.chain(nodes=4, link=link, memory=ebit.Memory(slots=3, depolarizing_time_s=0.5), swap=swap)
    return run(net, ebit.Request("n0", "n3", pairs=60), replicas=5, threads=threads)


def cut_offs(threads: int | None = None) -> ebit.Results:
    net = chain(4, ebit.Memory(slots=2, t2_s=0.1))
    schedule = ebit.schedules.SwapAsap(cutoff_s=8e-3)
    return run(net, ebit.Request("n0", "n3", pairs=40, schedule=schedule), replicas=5, threads=threads)


def density_matrix(threads: int | None = None) -> ebit.Results:
    net = chain(4, ebit.Memory(t1_s=1.0, t2_s=0.3), q=0.7)
    return run(net, ebit.Request("n0", "n3", pairs=30), replicas=5, threads=threads)


def contention(threads: int | None = None) -> ebit.Results:
    net = chain(5, ebit.Memory(slots=2, t2_s=1.0), q=0.9)
    requests = [
        ebit.Request("n0", "n3", pairs=20),
        ebit.Request("n4", "n1", pairs=20),
        ebit.Request("n1", "n2", pairs=20),
    ]
    return run(net, *requests, replicas=5, threads=threads)


def message_loss(threads: int | None = None) -> ebit.Results:
    # Who loses the last message of a pair keeps its memory for ever: memories enough for the run.
    net = chain(4, ebit.Memory(slots=64, t2_s=1.0), q=0.9, loss=0.1)
    schedule = ebit.schedules.SwapAsap(cutoff_s=20e-3)
    return run(net, ebit.Request("n0", "n3", schedule=schedule), until_s=0.01, replicas=5, threads=threads)


def per_attempt(threads: int | None = None) -> ebit.Results:
    net = chain(3, ebit.Memory(t2_s=0.5), q=0.8, p=0.05)
    return run(net, ebit.Request("n0", "n2", pairs=20), method="per-attempt", replicas=5, threads=threads)


def nested(threads: int | None = None) -> ebit.Results:
    net = chain(5, ebit.Memory(slots=2, t2_s=1.0), q=0.8)
    schedule = ebit.schedules.Nested(handshake=True)
    return run(net, ebit.Request("n0", "n4", pairs=20, schedule=schedule), replicas=5, threads=threads)


SCENARIOS: dict[str, Callable[[int | None], ebit.Results]] = {
    f.__name__: f
    for f in (chain_restart, pipelined_delay, cut_offs, density_matrix, contention, message_loss, per_attempt, nested)
}


def digest(results: ebit.Results) -> str:
    """Return the sha256 over the bytes of every column of every request, and of the trace."""
    out = hashlib.sha256()

    def add(name: str, column: np.ndarray) -> None:
        out.update(f"{name} {len(column)}\n".encode())
        if column.dtype.kind == "U":
            out.update("\n".join(column.tolist()).encode())
        else:
            # Little-endian and eight bytes wide, whatever machine and index type this is.
            out.update(np.ascontiguousarray(column.astype("<f8" if column.dtype.kind == "f" else "<i8")).tobytes())

    for k, request in enumerate(results):
        for name in sorted(request.pairs):
            add(f"requests[{k}].{name}", request.pairs[name])
        add(f"requests[{k}].total_s", request.total_s)
    for name in sorted(results.events):
        add(f"events.{name}", results.events[name])
    out.update(repr(sorted(results.events.counts.items())).encode())
    return out.hexdigest()
