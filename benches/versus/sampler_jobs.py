"""The circuits that both samplers run, as text, and what is compared of their samples."""

from __future__ import annotations

from typing import Any

import numpy as np


def surface_code() -> str:
    """Rotated surface code, distance 11, 11 rounds, every noise 0.001: 1,441 results."""
    import stim

    noise = {
        name: 0.001
        for name in (
            "after_clifford_depolarization",
            "after_reset_flip_probability",
            "before_measure_flip_probability",
            "before_round_data_depolarization",
        )
    }
    return str(stim.Circuit.generated("surface_code:rotated_memory_z", distance=11, rounds=11, **noise))


def ghz() -> str:
    """1,000 qubits in a GHZ state, all measured."""
    chain = " ".join(f"{k} {k + 1}" for k in range(999))
    return f"H 0\nCX {chain}\nM {' '.join(map(str, range(1000)))}"


def repeaters() -> str:
    """64 noisy Bell pairs in a row, swapped, corrected at the far end by feedback; 128 results."""
    links, end = 64, 127
    ends = " ".join(str(2 * k) for k in range(links))
    pairs = " ".join(f"{2 * k} {2 * k + 1}" for k in range(links))
    lines = [f"H {ends}", f"CX {pairs}", f"DEPOLARIZE2(0.01) {pairs}"]
    for k in range(links - 1):
        a, b = 2 * k + 1, 2 * k + 2
        lines += [f"CX {a} {b}", f"H {a}", f"M {a} {b}", f"CX rec[-1] {end}", f"CZ rec[-2] {end}"]
    return "\n".join([*lines, f"M 0 {end}"])


CIRCUITS = {"surface code": surface_code, "ghz": ghz, "repeaters": repeaters}


def compared(bits: np.ndarray) -> dict[str, Any]:
    """Means of all columns, and of the XOR of each with the next and with the last."""
    bits = bits[:100_000]
    parts = (bits, bits[:, 1:] ^ bits[:, :-1], bits[:, :-1] ^ bits[:, -1:])
    return {"shots": len(bits), "means": [float(x) for part in parts for x in part.mean(axis=0)]}
