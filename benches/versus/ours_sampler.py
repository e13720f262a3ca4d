"""ebit's sampler: shots delivered as an array, shot by shot, on one thread. Compiling is left out of its time.

A whole call goes before: on a virtual machine memory that nobody has touched yet costs ten times what it costs later.
"""

from __future__ import annotations

from time import process_time
from typing import Any

import sampler_jobs as jobs

import ebit


def sample(circuit: str, packed: bool, shots: int, seed: int, check: bool = False) -> dict[str, Any]:
    """Time one call, after one that compiles."""
    c = ebit.Circuit(jobs.CIRCUITS[circuit]())
    ebit.sample(c, shots, rng=seed, bit_packed=packed, threads=1)
    start = process_time()
    bits = ebit.sample(c, shots, rng=seed, bit_packed=packed, threads=1)
    cpu = process_time() - start
    out = {"cpu_s": cpu, "work": shots}
    return out | jobs.compared(bits) if check else out
