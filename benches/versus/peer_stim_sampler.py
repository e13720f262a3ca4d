"""Stim's compiled sampler: shots delivered as an array, shot by shot. Compiling is left out of its time.

A whole call goes before: on a virtual machine memory that nobody has touched yet costs ten times what it costs later.
"""

from __future__ import annotations

from time import process_time
from typing import Any

import sampler_jobs as jobs
import stim


def sample(circuit: str, packed: bool, shots: int, seed: int, check: bool = False) -> dict[str, Any]:
    """Time one call, after one that warms up."""
    sampler = stim.Circuit(jobs.CIRCUITS[circuit]()).compile_sampler(seed=seed)
    sampler.sample(shots, bit_packed=packed)
    start = process_time()
    bits = sampler.sample(shots, bit_packed=packed)
    cpu = process_time() - start
    out = {"cpu_s": cpu, "work": shots}
    return out | jobs.compared(bits) if check else out
