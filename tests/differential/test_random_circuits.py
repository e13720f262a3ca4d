"""Random circuits with their errors and outcomes drawn once and forced on every engine: no statistics, no mismatch.

Stabilizer states against Stim and against state vectors in NumPy; density matrices against whole-register matrices in
NumPy and against Qiskit. A failure names the circuit by its number.
"""

from __future__ import annotations

import numpy as np
import pytest
import stim
from qiskit.quantum_info import DensityMatrix as QiskitDensityMatrix
from qiskit.quantum_info import Kraus

from ebit import DensityMatrix, Noise, StabilizerState

ONE = ["h", "s", "s_dag", "sqrt_x", "sqrt_x_dag", "sqrt_y", "sqrt_y_dag", "h_xy", "h_yz", "c_xyz", "c_zyx"]
TWO = ["cx", "cy", "cz", "xcx", "xcy", "xcz", "ycx", "ycy", "ycz", "swap", "iswap", "iswap_dag"]
ERRORS = ["x", "y", "z"]


def exact(matrix: np.ndarray) -> np.ndarray:
    """Stim's matrices have single precision; their entries are multiples of 1/2 or of 1/sqrt 2."""
    wide = matrix.astype(complex)
    for unit in (0.5, np.sqrt(0.5)):
        rounded = np.round(wide / unit) * unit
        if abs(rounded - wide).max() < 1e-6:
            return rounded
    raise AssertionError(matrix)


UNITARY = {
    name: exact(stim.Tableau.from_named_gate(name.upper()).to_unitary_matrix(endian="little"))
    for name in ONE + TWO + ERRORS
}

#: Written out: a unitary that comes from a tableau has any phase, and a projector must have the right one.
PAULI = {"x": np.array([[0, 1], [1, 0]]), "y": np.array([[0, -1j], [1j, 0]]), "z": np.diag([1, -1])}


def embedded(matrix: np.ndarray, targets: list[int], n: int) -> np.ndarray:
    """The matrix on the whole register; the first target is its least significant bit, qubit 0 the register's."""
    order = targets + [q for q in range(n) if q not in targets]
    whole = np.kron(np.eye(2 ** (n - len(targets))), matrix).reshape((2,) * (2 * n))
    # Axis k of a reshaped matrix is bit n - 1 - k of its row, axis n + k of its column.
    place = [n - 1 - order.index(n - 1 - k) for k in range(n)]
    return whole.transpose(place + [n + k for k in place]).reshape(2**n, 2**n)


def clifford_circuit(number: int, most: int) -> tuple[int, list[tuple[str, list[int], int]]]:
    """Steps (name, qubits, bit): gates, Pauli errors that happened, and measurements with the bit they shall give."""
    rng = np.random.default_rng((2009, number))
    n = int(rng.integers(2, most + 1))
    # One draw for the circuit, not one for each step: generators are slow.
    kinds, picks, bits = rng.random(24), rng.integers(0, 1 << 16, 24), rng.integers(0, 2, 24)
    qubits = rng.integers(0, n, (24, 2))
    steps = []
    for kind, pick, bit, (a, b) in zip(kinds, picks.tolist(), bits.tolist(), qubits.tolist(), strict=True):
        if kind < 0.35 and a != b:
            steps.append((TWO[pick % len(TWO)], [a, b], 0))
        elif kind < 0.7:
            steps.append((ONE[pick % len(ONE)], [a], 0))
        elif kind < 0.8:
            steps.append((ERRORS[pick % 3], [a], 0))
        else:
            steps.append(("m" + "xyz"[pick % 3], [a], bit))
    return n, steps


def against_stim(number: int) -> None:
    n, steps = clifford_circuit(number, 12)
    ours, theirs = StabilizerState(n, rng=1), stim.TableauSimulator()
    theirs.set_num_qubits(n)
    for name, qubits, bit in steps:
        if name[0] != "m":
            getattr(ours, name)(*qubits)
            getattr(theirs, name)(*qubits)
            continue
        basis, qubit = name[1].upper(), qubits[0]
        sign = getattr(theirs, f"peek_{name[1]}")(qubit)
        known = ours.peek(qubit, basis)
        assert known == {1: 0, -1: 1, 0: None}[sign], f"circuit {number}: what is known of {name} {qubit}"
        wanted = bit if known is None else known
        assert ours.postselect(qubit, wanted, basis) == (0.5 if known is None else 1.0), f"circuit {number}"
        getattr(theirs, f"postselect_{name[1]}")(qubit, desired_value=bool(wanted))
    assert ours.stabilizers() == [str(s) for s in theirs.canonical_stabilizers()], f"circuit {number}"


def test_stabilizer_states_against_stim() -> None:
    for number in range(20_000):
        against_stim(number)


@pytest.mark.soak
@pytest.mark.parametrize("block", range(1, 50))
def test_stabilizer_states_against_stim_at_length(block: int) -> None:
    for number in range(20_000 * block, 20_000 * (block + 1)):
        against_stim(number)


def test_stabilizer_states_against_state_vectors() -> None:
    for number in range(400):
        n, steps = clifford_circuit(10_000_000 + number, 5)
        ours = StabilizerState(n, rng=1)
        psi = np.zeros(2**n, dtype=complex)
        psi[0] = 1
        for name, qubits, bit in steps:
            if name[0] != "m":
                getattr(ours, name)(*qubits)
                psi = embedded(UNITARY[name], qubits, n) @ psi
                continue
            sign = 1 - 2 * bit
            projector = embedded((np.eye(2) + sign * PAULI[name[1]]) / 2, qubits, n)
            p = np.linalg.norm(projector @ psi) ** 2
            if p < 1e-6:
                projector, p, bit = np.eye(2**n) - projector, 1 - p, 1 - bit
            assert ours.postselect(qubits[0], bit, name[1].upper()) == pytest.approx(p, abs=1e-12)
            psi = projector @ psi / np.sqrt(p)
        assert abs(np.vdot(psi, ours.to_state_vector())) == pytest.approx(1, abs=1e-10), f"circuit {number}"


def random_unitary(n: int, rng: np.random.Generator) -> np.ndarray:
    q, _ = np.linalg.qr(rng.normal(size=(n, n)) + 1j * rng.normal(size=(n, n)))
    return q


def random_noise(rng: np.random.Generator, qubits: int) -> Noise:
    p, q = rng.random(2)
    if qubits == 2:
        return Noise.depolarize(p, qubits=2) if p < 0.5 else Noise.unitary(random_unitary(4, rng))
    return [
        lambda: Noise.dephase(p),
        lambda: Noise.bit_flip(p),
        lambda: Noise.depolarize(p),
        lambda: Noise.amplitude_damp(p, excited_population=q),
        lambda: Noise.thermal_relaxation(p, t1_s=1.0, t2_s=2 * (1 - q)),
        lambda: Noise.amplitude_damp(p).then(Noise.unitary(random_unitary(2, rng))),
    ][rng.integers(6)]()


def noisy_circuit(number: int, against: str) -> None:
    """Random unitaries and channels, and outcomes forced where they are possible."""
    rng = np.random.default_rng((1927, number))
    n = int(rng.integers(1, 6))
    ours = DensityMatrix(n, rng=1)
    rho = np.zeros((2**n, 2**n), dtype=complex)
    rho[0, 0] = 1
    theirs = QiskitDensityMatrix(rho) if against == "qiskit" else None
    for _ in range(8):
        targets = rng.permutation(n)[: int(rng.integers(1, min(n, 2) + 1))].tolist()
        kraus = random_noise(rng, len(targets)).kraus_operators()
        if rng.random() < 0.3:
            kraus = [random_unitary(2 ** len(targets), rng)]
            ours.apply(kraus[0], targets)
        else:
            ours.apply_kraus(kraus, targets)
        if theirs is not None:
            theirs = theirs.evolve(Kraus(kraus), qargs=targets)
            continue
        whole = [embedded(k, targets, n) for k in kraus]
        rho = sum(k @ rho @ k.conj().T for k in whole)
        if rng.random() < 0.2:
            qubit, bit = int(rng.integers(n)), int(rng.integers(2))
            projector = embedded(np.diag([1 - bit, bit]), [qubit], n)
            p = np.trace(projector @ rho).real
            if p > 1e-3:
                assert ours.postselect(qubit, bit) == pytest.approx(p, abs=1e-10), f"circuit {number}"
                rho = projector @ rho @ projector / p
    expected = rho if theirs is None else theirs.data
    assert abs(ours.to_numpy() - expected).max() < 1e-10, f"circuit {number}"


def test_density_matrices_against_matrices() -> None:
    for number in range(2_000):
        noisy_circuit(number, "numpy")


def test_density_matrices_against_qiskit() -> None:
    for number in range(2_000):
        noisy_circuit(10_000_000 + number, "qiskit")


@pytest.mark.soak
@pytest.mark.parametrize("block", range(1, 50))
@pytest.mark.parametrize(("against", "first"), [("numpy", 0), ("qiskit", 10_000_000)])
def test_density_matrices_at_length(against: str, first: int, block: int) -> None:
    for number in range(2_000 * block, 2_000 * (block + 1)):
        noisy_circuit(first + number, against)
