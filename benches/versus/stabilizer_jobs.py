"""The stabilizer jobs that Stim and ebit are both given, as text of circuits and lists of qubits; NumPy only.

Everything is drawn from fixed seeds, so that both sides get the same circuits, outcomes included.
"""

from __future__ import annotations

import hashlib

import numpy as np

#: Pairs in the block of a batch; a REPEAT block runs it as often as needed.
BLOCK = 2_000


def scramble(n: int, layers: int = 24) -> str:
    """A random circuit after which a state has no structure left."""
    draws = np.random.default_rng([1, n])
    lines = []
    for _ in range(layers):
        half = n // 2
        for name in ("H", "S"):
            lines.append(f"{name} {' '.join(map(str, draws.permutation(n)[:half]))}")
        lines.append(f"CX {' '.join(map(str, draws.permutation(n)[: half * 2]))}")
    return "\n".join(lines)


def block(n: int, kind: str) -> list[tuple[str, list[int]]]:
    """`BLOCK` gates: CX on random pairs, or H, S, CX and CZ in turn."""
    draws = np.random.default_rng([2, n])
    gates = []
    for k in range(BLOCK):
        a = int(draws.integers(n))
        pair = [a, (a + 1 + int(draws.integers(n - 1))) % n]
        name = "CX" if kind == "cx" else ("H", "S", "CX", "CZ")[k % 4]
        gates.append((name, pair[:1] if name in "HS" else pair))
    return gates


def batch(n: int, kind: str, times: int) -> str:
    """The block as a circuit, `times` over."""
    body = "\n".join(f"    {name} {' '.join(map(str, targets))}" for name, targets in block(n, kind))
    return f"REPEAT {times} {{\n{body}\n}}"


def forced(n: int) -> list[tuple[int, bool]]:
    """Qubits and the outcomes they shall give, in the runs for agreement."""
    draws = np.random.default_rng([3, n])
    return [(int(q), bool(draws.integers(2))) for q in draws.permutation(n)[: 20 if n <= 1000 else 3]]


def digest(lines: list[str]) -> str:
    """What is compared: a hash of text."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
