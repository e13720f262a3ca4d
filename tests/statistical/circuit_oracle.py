"""The exact distribution of a small circuit's record, by density matrices that branch at every classical event.

Shares nothing with ebit: text is read by Stim, gates are Stim's matrices, noise is written out as its definition says.
"""

from __future__ import annotations

from collections import defaultdict
from functools import reduce

import numpy as np
import stim

PAULIS = {
    "I": np.eye(2),
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1, -1]),
}
Key = tuple[tuple[int, ...], bool]


class Oracle:
    """Unnormalized states by (record, whether the error chain has fired)."""

    def __init__(self, qubits: int) -> None:
        self.n = qubits
        rho = np.zeros((2**qubits, 2**qubits), complex)
        rho[0, 0] = 1
        self.states: dict[Key, np.ndarray] = {((), False): rho}

    def pauli(self, factors: dict[int, str]) -> np.ndarray:
        """Qubit 0 is the least significant bit, so the last factor of the product."""
        return reduce(np.kron, [PAULIS[factors.get(q, "I")] for q in reversed(range(self.n))])

    def branch(self, events: list) -> None:
        """Each event maps (record, fired, rho) to a list of (record, fired, rho)."""
        out: dict[Key, np.ndarray] = defaultdict(lambda: 0)  # type: ignore[arg-type,return-value]
        for (record, fired), rho in self.states.items():
            for r, f, new in events(record, fired, rho):  # type: ignore[operator]
                if np.trace(new).real > 1e-15:
                    out[(r, f)] = out[(r, f)] + new
        self.states = dict(out)

    def unitary(self, matrix: np.ndarray, targets: list[int]) -> None:
        full = np.zeros((2**self.n, 2**self.n), complex)
        for column in range(2**self.n):
            small = sum((column >> q & 1) << k for k, q in enumerate(targets))
            rest = column & ~sum(1 << q for q in targets)
            for row in range(2 ** len(targets)):
                full[rest | sum((row >> k & 1) << q for k, q in enumerate(targets)), column] = matrix[row, small]
        self.branch(lambda r, f, rho: [(r, f, full @ rho @ full.conj().T)])

    def mix(self, terms: list[tuple[float, dict[int, str]]]) -> None:
        left = 1 - sum(p for p, _ in terms)
        operators = [(p, self.pauli(factors)) for p, factors in terms]
        self.branch(lambda r, f, rho: [(r, f, left * rho + sum(p * o @ rho @ o.conj().T for p, o in operators))])

    def measure(self, operator: np.ndarray, flip: float, inverted: bool) -> None:
        plus, minus = (np.eye(2**self.n) + operator) / 2, (np.eye(2**self.n) - operator) / 2

        def events(record: tuple, fired: bool, rho: np.ndarray) -> list:
            out = []
            for bit, projector in ((0, plus), (1, minus)):
                after = projector @ rho @ projector
                out.append(((*record, bit ^ inverted), fired, (1 - flip) * after))
                out.append(((*record, 1 ^ bit ^ inverted), fired, flip * after))
            return out

        self.branch(events)

    def reset(self, qubit: int, basis: str) -> None:
        operator, fix = self.pauli({qubit: basis}), self.pauli({qubit: "X" if basis == "Z" else "Z"})
        plus, minus = (np.eye(2**self.n) + operator) / 2, (np.eye(2**self.n) - operator) / 2
        back = fix @ minus
        self.branch(lambda r, f, rho: [(r, f, plus @ rho @ plus + back @ rho @ back.conj().T)])

    def run(self, circuit: stim.Circuit) -> None:
        for instruction in circuit.flattened():
            self.instruction(instruction)

    def instruction(self, i: stim.CircuitInstruction) -> None:
        name, args, targets = i.name, i.gate_args_copy(), i.targets_copy()
        flip = args[0] if args else 0.0
        basis = name[-1] if name[-1] in "XY" else "Z"
        pairs = list(zip(targets[::2], targets[1::2], strict=False))
        if name in ("SPP", "SPP_DAG"):
            for group in i.target_groups():
                operator = self.product(group)
                sign = -1 if name == "SPP_DAG" else 1
                root = ((1 + sign * 1j) * np.eye(2**self.n) + (1 - sign * 1j) * operator) / 2
                self.branch(lambda r, f, rho, root=root: [(r, f, root @ rho @ root.conj().T)])
        elif stim.gate_data(name).is_unitary:
            matrix = stim.gate_data(name).unitary_matrix
            if stim.gate_data(name).is_single_qubit_gate:
                for t in targets:
                    self.unitary(matrix, [t.value])
            for a, b in pairs if stim.gate_data(name).is_two_qubit_gate else []:
                if a.is_measurement_record_target or b.is_measurement_record_target:
                    record, qubit = (a, b) if a.is_measurement_record_target else (b, a)
                    pauli = name.replace("C", "").replace("Z", "", 1) if name in ("XCZ", "YCZ") else name[-1]
                    operator = self.pauli({qubit.value: pauli})

                    def feed(
                        r: tuple, f: bool, rho: np.ndarray, back: int = record.value, o: np.ndarray = operator
                    ) -> list:
                        return [(r, f, o @ rho @ o.conj().T if r[back] else rho)]

                    self.branch(feed)
                else:
                    self.unitary(matrix, [a.value, b.value])
        elif name in ("M", "MX", "MY", "MR", "MRX", "MRY"):
            for t in targets:
                self.measure(self.pauli({t.value: basis}), flip, t.is_inverted_result_target)
                if name.startswith("MR"):
                    self.reset(t.value, basis)
        elif name in ("R", "RX", "RY"):
            for t in targets:
                self.reset(t.value, basis)
        elif name in ("MXX", "MYY", "MZZ"):
            for a, b in pairs:
                inverted = a.is_inverted_result_target ^ b.is_inverted_result_target
                self.measure(self.pauli({a.value: name[-1], b.value: name[-1]}), flip, inverted)
        elif name == "MPP":
            for group in i.target_groups():
                self.measure(self.product(group), flip, False)
        elif name == "MPAD":
            for t in targets:
                self.measure(np.eye(2**self.n), flip, bool(t.value))
        elif name in ("E", "ELSE_CORRELATED_ERROR"):
            operator = self.product(targets)

            def chain(r: tuple, fired: bool, rho: np.ndarray) -> list:
                fired = fired and name != "E"
                if fired:
                    return [(r, True, rho)]
                return [(r, True, flip * operator @ rho @ operator.conj().T), (r, False, (1 - flip) * rho)]

            self.branch(chain)
        elif name in ("HERALDED_ERASE", "HERALDED_PAULI_CHANNEL_1"):
            weights = [flip / 4] * 4 if name == "HERALDED_ERASE" else args
            for t in targets:
                operators = [(p, self.pauli({t.value: o})) for p, o in zip(weights, "IXYZ", strict=True)]

                def herald(r: tuple, f: bool, rho: np.ndarray, operators: list = operators) -> list:
                    hit = sum(p * o @ rho @ o.conj().T for p, o in operators)
                    return [((*r, 0), f, (1 - sum(weights)) * rho), ((*r, 1), f, hit)]

                self.branch(herald)
        else:
            self.noise(name, args, [t.value for t in targets])

    def noise(self, name: str, args: list[float], qubits: list[int]) -> None:
        """Channels, after Stim's documentation of each."""
        pairs = [a + b for a in "IXYZ" for b in "IXYZ"][1:]
        one = {
            "X_ERROR": lambda: [(args[0], "X")],
            "Y_ERROR": lambda: [(args[0], "Y")],
            "Z_ERROR": lambda: [(args[0], "Z")],
            "DEPOLARIZE1": lambda: [(args[0] / 3, p) for p in "XYZ"],
            "PAULI_CHANNEL_1": lambda: list(zip(args, "XYZ", strict=True)),
        }
        two = {
            "DEPOLARIZE2": lambda: [(args[0] / 15, p) for p in pairs],
            "PAULI_CHANNEL_2": lambda: list(zip(args, pairs, strict=True)),
        }
        if name in one:
            for q in qubits:
                self.mix([(p, {q: letter}) for p, letter in one[name]()])
        elif name in two:
            for a, b in zip(qubits[::2], qubits[1::2], strict=True):
                self.mix([(p, {a: letters[0], b: letters[1]}) for p, letters in two[name]()])
        elif name not in ("TICK", "I_ERROR", "II_ERROR", "DETECTOR", "OBSERVABLE_INCLUDE", "QUBIT_COORDS"):
            # An instruction that is passed over would make two wrong distributions agree.
            raise ValueError(f"circuit oracle: {name} is no channel it knows")

    def product(self, targets: list[stim.GateTarget]) -> np.ndarray:
        operator = np.eye(2**self.n, dtype=complex)
        for t in targets:
            if not t.is_combiner:
                operator = operator @ self.pauli({t.value: t.pauli_type})
                operator = -operator if t.is_inverted_result_target else operator
        return operator


def distribution(circuit: stim.Circuit) -> np.ndarray:
    """Probabilities of all records, the first result least significant."""
    oracle = Oracle(max(circuit.num_qubits, 1))
    oracle.run(circuit)
    out = np.zeros(2**circuit.num_measurements)
    for (record, _), rho in oracle.states.items():
        out[sum(bit << k for k, bit in enumerate(record))] += np.trace(rho).real
    return out
