"""Exact evolution of small circuits by branches: one unnormalized density matrix per record of outcomes.

Shares nothing with the engines: ebit's circuits are read from their text, unitaries of gates come from Stim.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import stim

Branches = dict[tuple[int, ...], np.ndarray]

P0 = np.diag([1.0, 0.0]).astype(complex)
P1 = np.diag([0.0, 1.0]).astype(complex)
LOWER = np.array([[0, 1], [0, 0]], dtype=complex)


def embedded(matrix: np.ndarray, qubits: list[int], n: int) -> np.ndarray:
    """The matrix on n qubits, qubit 0 the least significant bit, the first of `qubits` that of `matrix`."""
    out = np.zeros((2**n, 2**n), dtype=complex)
    rest = [q for q in range(n) if q not in qubits]
    spread = [sum(((v >> k) & 1) << q for k, q in enumerate(qubits)) for v in range(2 ** len(qubits))]
    for other in range(2 ** len(rest)):
        base = sum(((other >> k) & 1) << q for k, q in enumerate(rest))
        out[np.ix_([base + s for s in spread], [base + s for s in spread])] = matrix
    return out


def start(n: int) -> Branches:
    rho = np.zeros((2**n, 2**n), dtype=complex)
    rho[0, 0] = 1
    return {(): rho}


def conjugate(branches: Branches, u: np.ndarray, when: Any = None) -> Branches:
    return {r: u @ rho @ u.conj().T if when is None or when(r) else rho for r, rho in branches.items()}


def measure(branches: Branches, qubit: int, n: int) -> Branches:
    out = {}
    for record, rho in branches.items():
        for bit, projector in enumerate((P0, P1)):
            p = embedded(projector, [qubit], n)
            new = p @ rho @ p
            if np.trace(new).real > 1e-12:
                out[(*record, bit)] = new
    return out


def reset(branches: Branches, qubit: int, n: int, when: Any = None) -> Branches:
    kraus = [embedded(k, [qubit], n) for k in (P0, LOWER)]
    return {
        r: sum(k @ rho @ k.conj().T for k in kraus) if when is None or when(r) else rho for r, rho in branches.items()
    }


def of_text(text: str, n: int) -> Branches:
    """What a circuit in Stim's language, with UNITARY and IF, makes of |0...0>."""
    return _lines([line.strip() for line in text.splitlines() if line.strip()], start(n), n, None)


def _when(tokens: list[str], outer: Any) -> Any:
    terms = [(not t.startswith("!"), int(t.lstrip("!")[4:-1])) for t in tokens]
    return lambda r: (outer is None or outer(r)) and all(bool(r[k]) == wanted for wanted, k in terms)


def _lines(lines: list[str], branches: Branches, n: int, when: Any) -> Branches:
    k = 0
    while k < len(lines):
        if lines[k].endswith("{"):
            depth, end = 1, k + 1
            while depth:
                depth += lines[end].endswith("{") - (lines[end] == "}")
                end += 1
            words = lines[k].split()[1:-1]
            if lines[k].startswith("IF"):
                branches = _lines(lines[k + 1 : end - 1], branches, n, _when(words, when))
            else:
                for _ in range(int(words[0])):
                    branches = _lines(lines[k + 1 : end - 1], branches, n, when)
            k = end
            continue
        branches = _instruction(lines[k], branches, n, when)
        k += 1
    return branches


def stims(name: str) -> np.ndarray:
    """Stim's unitary, whose entries are single precision, to the last bit of a double."""
    matrix = stim.gate_data(name).unitary_matrix.astype(complex)
    parts = matrix.view(float)
    known = np.array([0, 0.5, np.sqrt(0.5), 1])
    nearest = known[np.abs(np.abs(parts)[..., None] - known).argmin(-1)] * np.sign(parts)
    assert np.abs(nearest - parts).max() < 1e-6
    return nearest.view(complex)


def _matrix(line: str) -> tuple[np.ndarray, int, list[str]]:
    """Unitary, number of qubits and targets of a line."""
    if line.startswith("UNITARY"):
        numbers, targets = line[line.index("](") + 2 :].rsplit(")", 1)
        flat = np.array([float(x) for x in numbers.split(",")])
        d = int(np.sqrt(len(flat) // 2))
        return (flat[::2] + 1j * flat[1::2]).reshape(d, d), d.bit_length() - 1, targets.split()
    name, targets = line.split(maxsplit=1)
    data = stim.gate_data(name)
    return stims(name), 2 if data.is_two_qubit_gate else 1, targets.split()


def _instruction(line: str, branches: Branches, n: int, when: Any) -> Branches:
    if line.startswith("UNITARY"):
        matrix, size, targets = _matrix(line)
        for j in range(0, len(targets), size):
            qubits = [int(t) for t in targets[j : j + size]]
            branches = conjugate(branches, embedded(matrix, qubits, n), when)
        return branches
    name, *targets = line.split()
    if name == "TICK":
        return branches
    if name in ("M", "R"):
        for t in targets:
            assert name == "R" or when is None
            branches = measure(branches, int(t), n) if name == "M" else reset(branches, int(t), n, when)
        return branches
    data = stim.gate_data(name)
    size = 2 if data.is_two_qubit_gate else 1
    for j in range(0, len(targets), size):
        group = targets[j : j + size]
        if group[0].startswith("rec"):
            pauli = stims(name[1])
            condition = _when([group[0]], when)
            branches = conjugate(branches, embedded(pauli, [int(group[1])], n), condition)
        else:
            branches = conjugate(branches, embedded(stims(name), [int(t) for t in group], n), when)
    return branches


def of_qiskit(circuit: Any) -> Branches:
    """The same for a Qiskit circuit; records are outcomes in the order of measurement."""
    n = circuit.num_qubits
    count = [0]
    return _qiskit(circuit, list(range(n)), circuit.clbits, start(n), n, {}, None, count)


def _qiskit(
    circuit: Any, qubits: list[int], bits: list[Any], branches: Branches, n: int, where: Any, when: Any, count: Any
) -> Branches:
    from qiskit.quantum_info import Operator

    for instruction in circuit.data:
        operation = instruction.operation
        on = [qubits[circuit.find_bit(q).index] for q in instruction.qubits]
        at = [bits[circuit.find_bit(c).index] for c in instruction.clbits]
        if operation.name == "measure":
            branches = measure(branches, on[0], n)
            where[at[0]] = count[0]
            count[0] += 1
        elif operation.name == "reset":
            branches = reset(branches, on[0], n, when)
        elif operation.name == "if_else":
            left, value = operation.condition
            named = [left] if not hasattr(left, "__len__") else list(left)
            wanted = [(bit, (int(value) >> k) & 1) for k, bit in enumerate(named)]
            known = dict(where)

            def holds(r: tuple[int, ...], wanted: Any = wanted, known: Any = known, outer: Any = when) -> bool:
                both = all((r[known[b]] if b in known else 0) == v for b, v in wanted)
                return both and (outer is None or outer(r))

            def fails(r: tuple[int, ...], wanted: Any = wanted, known: Any = known, outer: Any = when) -> bool:
                both = all((r[known[b]] if b in known else 0) == v for b, v in wanted)
                return not both and (outer is None or outer(r))

            for block, condition in zip(operation.blocks, (holds, fails), strict=False):
                branches = _qiskit(block, on, at, branches, n, where, condition, count)
        elif operation.name not in ("barrier", "delay"):
            branches = conjugate(branches, embedded(Operator(operation).data, on, n), when)
    return branches


def distance(a: Branches, b: Branches) -> float:
    """The largest difference of an entry, over all records."""
    zero = np.zeros(1)
    return max(float(np.abs(a.get(r, zero) - b.get(r, zero)).max()) for r in a.keys() | b.keys())


def unitary_of_text(text: str, n: int) -> np.ndarray:
    """The unitary of a circuit of gates."""
    u = np.eye(2**n, dtype=complex)
    for line in text.splitlines():
        if line.strip() not in ("", "TICK"):
            matrix, size, targets = _matrix(line)
            for j in range(0, len(targets), size):
                u = embedded(matrix, [int(t) for t in targets[j : j + size]], n) @ u
    return u


def phase_distance(a: np.ndarray, b: np.ndarray) -> float:
    """The largest difference of an entry once the global phase is taken away."""
    overlap = np.vdot(a, b)
    return float(np.abs(a * (overlap / abs(overlap)) - b).max())
