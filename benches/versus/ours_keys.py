"""ebit's side of post-processing: through the public face, from booleans to booleans, on one thread."""

from __future__ import annotations

from time import process_time
from typing import Any

import keys_jobs as jobs
import numpy as np

import ebit
from ebit import qkd
from ebit.bounds import binary_entropy


def cascade(n: int, qber: float, variant: str, keys: int, seed: int) -> dict[str, Any]:
    """Keys one by one, each with permutations of its own."""
    pairs = [jobs.pair(n, qber, seed * 1000 + k) for k in range(min(keys, 50))]
    left, disclosed = 0, 0
    start = process_time()
    for k in range(keys):
        alice, bob = pairs[k % len(pairs)]
        r = qkd.cascade(alice, bob, qber, variant, rng=k)
        disclosed += r.disclosed_bits
        left += not np.array_equal(r.corrected, alice)
    cpu = process_time() - start
    return {
        "cpu_s": cpu,
        "work": keys * n,
        "keys": keys,
        "left": left,
        "f": disclosed / (keys * n * binary_entropy(qber)),
    }


def ldpc(n: int, qber: float, efficiency: float, keys: int, seed: int) -> dict[str, Any]:
    """Keys in one call: the code is made once."""
    pairs = [jobs.pair(n, qber, seed * 1000 + k) for k in range(keys)]
    alice, bob = (np.array(side) for side in zip(*pairs, strict=True))
    start = process_time()
    r = qkd.ldpc(alice, bob, qber, efficiency, rng=seed)
    cpu = process_time() - start
    left = int((r.corrected != alice).any(axis=1).sum())
    return {"cpu_s": cpu, "work": keys * n, "keys": keys, "left": left, "f": r.efficiency}


def bb84(
    pulses: int,
    mean: float,
    loss_db: float,
    efficiency: float,
    dark_hz: float,
    dead_time_s: float,
    misalignment: float,
    seed: int,
) -> dict[str, Any]:
    """Weak pulses at a gigahertz over a lossy fibre, from the laser to the sifted bits, the parties' talk included."""
    start = process_time()
    line = qkd.WeakBB84(
        fiber=ebit.Fiber(1.0, 0.0, insertion_loss_db=loss_db),
        receiver_efficiency=efficiency,
        background_probability=1 - (1 - dark_hz / 1e9) ** 2,
        misalignment=misalignment,
        signal=mean,
        repetition_rate_hz=1e9,
    )
    session = line.run(pulses, rng=seed, threads=1, dead_time_s=dead_time_s, sample=0.0, authenticated=False)
    cpu = process_time() - start
    errors = int((session.alice_sifted != session.bob_sifted).sum())
    numbers = {"pulses": pulses, "sifted": session.sifted_bits, "errors": errors, "clicks": session.clicks}
    return {"cpu_s": cpu, "work": pulses, **numbers}


def bb84_clicks(clicks: int, seed: int, **line: Any) -> dict[str, Any]:
    """The same, counted in clicks."""
    done = bb84(round(clicks / 0.03), seed=seed, **line)
    return done | {"work": done["clicks"]}


def toeplitz(n: int, length: int, hashes: int, seed: int) -> dict[str, Any]:
    """The same hash again and again."""
    key, diagonals = jobs.to_hash(n, length)
    qkd.toeplitz(key, diagonals, length)
    start = process_time()
    for _ in range(hashes):
        out = qkd.toeplitz(key, diagonals, length)
    cpu = process_time() - start
    return {"cpu_s": cpu, "work": hashes * n, "bits": jobs.sample(out)}
