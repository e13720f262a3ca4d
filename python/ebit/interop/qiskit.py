"""To and from Qiskit: circuits, states, Cliffords, Paulis and operators. The extra ``qiskit`` brings the package.

Both programs count qubit 0 as the least significant bit of an index, so arrays go over as they are. Labels do not:
Qiskit writes qubit 0 on the right, ebit on the left.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from ebit._arguments import shown
from ebit.errors import RangeError, WrongTypeError, complain
from ebit.interop._dense import DENSE
from ebit.interop._dense import state as state_of
from ebit.interop._package import package
from ebit.states import Circuit, PauliString, StabilizerState, Tableau

__all__ = ["from_qiskit", "to_qiskit"]

#: Qiskit's methods for gates that it has under its own names.
_METHODS = {
    "I": "id", "X": "x", "Y": "y", "Z": "z", "H": "h", "S": "s", "S_DAG": "sdg", "SQRT_X": "sx", "SQRT_X_DAG": "sxdg",
    "CX": "cx", "CY": "cy", "CZ": "cz", "SWAP": "swap", "ISWAP": "iswap",
}  # fmt: skip
_ANNOTATIONS = ("DETECTOR", "OBSERVABLE_INCLUDE", "QUBIT_COORDS", "SHIFT_COORDS")
#: Name, tag, arguments and targets of an instruction.
_LINE = re.compile(r"(\w+)(\[[^\]]*\])?(\([^)]*\))?(.*)")
#: What a record controls.
_FEEDBACK = {"CX": "x", "CY": "y", "CZ": "z", "XCZ": "x", "YCZ": "y"}


def to_qiskit(thing: Any) -> Any:
    """Return Qiskit's equal of a circuit, a state, a tableau, a Pauli string or a matrix.

    Parameters
    ----------
    thing : Circuit, StateVector, DensityMatrix, StabilizerState, Tableau, PauliString, or array of shape (2^n, 2^n)
        A circuit without noise; its annotations are left out. Measurement k goes to classical bit k, loops are
        written out, and measurements of Pauli products become gates and measurements of Z.

    Returns
    -------
    QuantumCircuit, Statevector, DensityMatrix, StabilizerState, Clifford, Pauli or Operator

    Raises
    ------
    MissingExtraError
        Qiskit is not installed.
    WrongTypeError
        Another class.
    UnsupportedQasmError
        A circuit with noise or ``MPAD``.
    RangeError
        A mixed stabilizer state.

    Examples
    --------
    >>> import ebit
    >>> from ebit.interop.qiskit import to_qiskit
    >>> circuit = to_qiskit(ebit.Circuit("H 0\\nCX 0 1\\nM 0 1"))
    >>> circuit.num_qubits, circuit.num_clbits
    (2, 2)
    """
    qiskit = package("qiskit")
    info = package("qiskit.quantum_info")
    if isinstance(thing, Circuit):
        return _Builder(qiskit, thing).circuit
    if isinstance(thing, DENSE):
        array = thing.to_numpy()
        return info.Statevector(array) if array.ndim == 1 else info.DensityMatrix(array)
    if isinstance(thing, StabilizerState):
        labels = [_label(s) for s in thing.stabilizers()]
        if len(labels) != thing.num_qubits:
            hint = "Qiskit's stabilizer states are pure"
            raise complain(RangeError, "to_qiskit", "the state", "pure", f"{len(labels)} stabilizers", hint)
        return info.StabilizerState.from_stabilizer_list(labels)
    if isinstance(thing, Tableau):
        n = range(thing.num_qubits)
        rows = [thing.x_output(k) for k in n] + [thing.z_output(k) for k in n]
        return info.Clifford([_row(info.Pauli(_label(str(p)))) for p in rows])
    if isinstance(thing, PauliString):
        return info.Pauli(_label(str(thing)))
    if isinstance(thing, np.ndarray) and thing.ndim == 2:
        return info.Operator(thing)
    what = "a Circuit, a state, a Tableau, a PauliString or a matrix"
    raise complain(WrongTypeError, "to_qiskit", "thing", what, shown(thing))


def from_qiskit(thing: Any, *, rng: Any = None) -> Any:
    """Return ebit's equal of a Qiskit circuit, state, Clifford, Pauli or operator.

    Parameters
    ----------
    thing : QuantumCircuit, Statevector, DensityMatrix, StabilizerState, Clifford, Pauli or Operator
        A circuit goes over as OpenQASM 3; its outcomes are recorded in the order of measurement.
    rng : int, SeedSequence, Generator or None
        The root of a state's random stream.

    Returns
    -------
    Circuit, StateVector, DensityMatrix, StabilizerState, Tableau, PauliString, or an array of shape (2^n, 2^n)

    Raises
    ------
    MissingExtraError
        Qiskit is not installed.
    WrongTypeError, RangeError
        Another class; subsystems that are no qubits.
    UnsupportedQasmError
        A circuit with unbound parameters or loops on outcomes.

    Examples
    --------
    >>> import qiskit
    >>> from ebit.interop.qiskit import from_qiskit
    >>> circuit = qiskit.QuantumCircuit(2, 2)
    >>> _ = circuit.h(0), circuit.cx(0, 1), circuit.measure([0, 1], [0, 1])
    >>> print(from_qiskit(circuit))
    H 0
    CX 0 1
    M 0 1
    """
    qiskit = package("qiskit")
    info = package("qiskit.quantum_info")
    if isinstance(thing, qiskit.QuantumCircuit):
        return _circuit(qiskit, thing)
    if isinstance(thing, info.StabilizerState):
        labels = thing.clifford.to_labels(mode="S")
        return StabilizerState.from_stabilizers([_string(label) for label in labels], rng)
    if isinstance(thing, info.Clifford):
        xs, zs = (thing.to_labels(mode=mode) for mode in ("D", "S"))
        return Tableau.from_images([_string(x) for x in xs], [_string(z) for z in zs])
    if isinstance(thing, info.Pauli):
        return PauliString(_string(thing.to_label()))
    if isinstance(thing, (info.Statevector, info.DensityMatrix, info.Operator)):
        dims = thing.input_dims() if isinstance(thing, info.Operator) else thing.dims()
        if any(d != 2 for d in dims):
            raise complain(RangeError, "from_qiskit", "dims", "all 2: qubits", str(dims))
        if isinstance(thing, info.Operator):
            return np.array(thing.data, dtype=np.complex128)
        return state_of(np.asarray(thing.data, dtype=np.complex128), rng, "from_qiskit")
    what = "a QuantumCircuit, a state, a Clifford, a Pauli or an Operator of Qiskit"
    raise complain(WrongTypeError, "from_qiskit", "thing", what, shown(thing))


def _label(text: str) -> str:
    """Qiskit's label of a Pauli string: qubit 0 on the right, "I" for nothing."""
    start = len(text) - len(text.lstrip("+-i"))
    return text[:start] + text[start:].replace("_", "I")[::-1]


def _string(label: str) -> str:
    start = len(label) - len(label.lstrip("+-i"))
    return label[:start] + label[start:][::-1]


def _row(pauli: Any) -> np.ndarray[Any, Any]:
    """One row of Qiskit's table of a Clifford: x, z and the sign."""
    label = pauli.to_label()
    return np.concatenate([pauli.x, pauli.z, [label.startswith("-")]])


def _circuit(qiskit: Any, circuit: Any) -> Circuit:
    """Through OpenQASM 3, whose exporter names registers before loose qubits."""
    registered = [bit for register in circuit.qregs for bit in register]
    if registered != list(circuit.qubits):
        flat = qiskit.QuantumCircuit(circuit.num_qubits, circuit.num_clbits)
        flat.compose(circuit, range(circuit.num_qubits), range(circuit.num_clbits), inplace=True)
        circuit = flat
    return Circuit.from_qasm(package("qiskit.qasm3").Exporter(allow_aliasing=True).dumps(circuit))


class _Builder:
    """Runs through a circuit's text, one instruction at a time."""

    def __init__(self, qiskit: Any, circuit: Circuit) -> None:
        self.qiskit = qiskit
        self.circuit = qiskit.QuantumCircuit(circuit.num_qubits, circuit.num_measurements)
        self.measured = 0
        self.lines([line.strip() for line in str(circuit).splitlines()])

    def lines(self, lines: list[str]) -> None:
        k = 0
        while k < len(lines):
            if not lines[k].endswith("{"):
                self.line(lines[k])
                k += 1
                continue
            depth, end = 1, k + 1
            while depth:
                depth += lines[end].endswith("{") - (lines[end] == "}")
                end += 1
            words, body = lines[k].split()[1:-1], lines[k + 1 : end - 1]
            if lines[k].startswith("IF"):
                self.conditional(words, body)
            else:
                for _ in range(int(words[-1])):
                    self.lines(body)
            k = end

    def bit(self, record: str) -> Any:
        return self.circuit.clbits[self.measured + int(record[4:-1])]

    def conditional(self, words: list[str], body: list[str]) -> None:
        """One block inside the other: each tests one bit."""
        if not words:
            self.lines(body)
            return
        with self.circuit.if_test((self.bit(words[0].lstrip("!")), int(not words[0].startswith("!")))):
            self.conditional(words[1:], body)

    def line(self, line: str) -> None:
        found = _LINE.match(line)
        if found is None:
            return
        name, tag, arguments = found[1], found[2] or "", found[3] or ""
        targets = found[4].split()
        if name == "UNITARY":
            self.unitary(tag[1:-1], arguments[1:-1], targets)
        elif name == "TICK":
            self.circuit.barrier()
        elif name == "M" and not arguments and not any(t.startswith("!") for t in targets):
            for target in targets:
                self.circuit.measure(int(target), self.measured)
                self.measured += 1
        elif name == "R":
            self.circuit.reset([int(t) for t in targets])
        elif any(t.startswith("rec") for t in targets) and name in _FEEDBACK:
            self.feedback(name, targets)
        elif name in _METHODS:
            size = 2 if name in ("CX", "CY", "CZ", "SWAP", "ISWAP") else 1
            for group in _groups(targets, size):
                getattr(self.circuit, _METHODS[name])(*map(int, group))
        elif name not in _ANNOTATIONS:
            self.spelled(line)

    def spelled(self, line: str) -> None:
        """Anything else, as OpenQASM 2 spells it."""
        qasm2 = package("qiskit.qasm2")
        text = Circuit(line).to_qasm(2)
        part = qasm2.loads(text, custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS)
        for instruction in part.data:
            qubits = [part.find_bit(q).index for q in instruction.qubits]
            bits = [self.measured + part.find_bit(c).index for c in instruction.clbits]
            self.circuit.append(instruction.operation, qubits, bits)
        self.measured += part.num_clbits

    def feedback(self, name: str, targets: list[str]) -> None:
        for group in _groups(targets, 2):
            records = [t for t in group if t.startswith("rec")]
            plain = [int(t) for t in group if not t.startswith("rec")]
            if not records:
                self.line(f"{name} {group[0]} {group[1]}")
            elif plain:
                with self.circuit.if_test((self.bit(records[0]), 1)):
                    getattr(self.circuit, _FEEDBACK[name])(plain[0])

    def unitary(self, name: str, numbers: str, targets: list[str]) -> None:
        flat = np.array([float(x) for x in numbers.split(",")])
        size = round(np.sqrt(len(flat) // 2))
        matrix = (flat[::2] + 1j * flat[1::2]).reshape(size, size)
        gate = self.qiskit.circuit.library.UnitaryGate(matrix, label=name or None)
        for group in _groups(targets, size.bit_length() - 1):
            self.circuit.append(gate, list(map(int, group)))


def _groups(targets: list[str], size: int) -> Iterable[list[str]]:
    return (targets[k : k + size] for k in range(0, len(targets), size))
