"""Density matrices and state vectors from Python: against QuTiP, NumPy, Qiskit's conventions and closed forms."""

# Tables read best with a mistake per line.
# ruff: noqa: E501

from __future__ import annotations

import copy
import math
import pickle

import numpy as np
import pytest
import qutip

import ebit

ROUNDING = 1e-12


def random_rho(qubits: int, seed: int, rank: int | None = None) -> np.ndarray:
    rng = np.random.default_rng(seed)
    shape = (2**qubits, rank or 2**qubits)
    a = rng.normal(size=shape) + 1j * rng.normal(size=shape)
    rho = a @ a.conj().T
    return rho / np.trace(rho).real


def quantum_object(rho: np.ndarray) -> qutip.Qobj:
    """QuTiP's first tensor factor is the most significant bit."""
    n = int(np.log2(len(rho)))
    return qutip.Qobj(rho, dims=[[2] * n, [2] * n])


@pytest.mark.parametrize("seed", range(5))
def test_measures_of_two_qubits_are_qutips(seed: int) -> None:
    a, b = random_rho(2, seed, rank=1 + seed % 4), random_rho(2, 100 + seed, rank=2)
    rho, sigma = ebit.DensityMatrix.from_numpy(a), ebit.DensityMatrix.from_numpy(b)
    assert rho.concurrence() == pytest.approx(qutip.concurrence(quantum_object(a)), abs=1e-7)
    assert rho.entropy() == pytest.approx(qutip.entropy_vn(quantum_object(a), 2), abs=1e-10)
    # qutip.fidelity is the root.
    assert rho.fidelity(sigma) == pytest.approx(qutip.fidelity(quantum_object(a), quantum_object(b)) ** 2, abs=1e-7)
    # qutip.tracedist takes roots of squares, which leaves 1e-8.
    wanted = np.abs(np.linalg.eigvalsh(a - b)).sum() / 2
    assert rho.trace_distance(sigma) == pytest.approx(wanted, abs=ROUNDING)
    assert wanted == pytest.approx(qutip.tracedist(quantum_object(a), quantum_object(b)), abs=1e-7)
    transposed = np.linalg.eigvalsh(qutip.partial_transpose(quantum_object(a), [0, 1]).full())
    assert rho.negativity([0]) == pytest.approx(-transposed[transposed < 0].sum(), abs=ROUNDING)


@pytest.mark.parametrize("fidelity", [0.25, 0.5, 0.7, 0.95, 1.0])
def test_werner_states_have_closed_forms(fidelity: float) -> None:
    rho = ebit.DensityMatrix.bell("phi+")
    w = (4 * fidelity - 1) / 3
    rho.depolarize(1 - w, [0, 1])
    assert rho.fidelity(ebit.DensityMatrix.bell()) == pytest.approx(fidelity, abs=ROUNDING)
    assert rho.concurrence() == pytest.approx(max(0.0, 2 * fidelity - 1), abs=1e-7)
    assert rho.negativity([1]) == pytest.approx(max(0.0, fidelity - 0.5), abs=ROUNDING)
    assert rho.log_negativity([0]) == pytest.approx(math.log2(max(1.0, 2 * fidelity)), abs=ROUNDING)
    weights = [fidelity] + 3 * [(1 - fidelity) / 3]
    assert rho.entropy() == pytest.approx(-sum(p * math.log2(p) for p in weights if p > 0), abs=1e-11)
    assert rho.trace_distance(ebit.DensityMatrix.bell()) == pytest.approx(1 - fidelity, abs=ROUNDING)


def test_fidelity_of_seven_qubits_is_the_formula() -> None:
    a, b = random_rho(7, 1), random_rho(7, 2)
    rho, sigma = ebit.DensityMatrix.from_numpy(a), ebit.DensityMatrix.from_numpy(b)
    values, vectors = np.linalg.eigh(a)
    root = (vectors * np.sqrt(values.clip(0))) @ vectors.conj().T
    wanted = np.sqrt(np.linalg.eigvalsh(root @ b @ root).clip(0)).sum() ** 2
    assert rho.fidelity(sigma) == pytest.approx(wanted, abs=1e-10)
    assert sigma.fidelity(rho) == pytest.approx(wanted, abs=1e-10)


def test_noisy_swap() -> None:
    """Two Werner pairs of F = 0.95, swapped with noise; corrected on the outcome."""
    w = (4 * 0.95 - 1) / 3
    rho = ebit.DensityMatrix(4, rng=1)
    for left in (0, 2):
        rho.h(left)
        rho.cx(left, left + 1)
        rho.depolarize(1 - w, [left, left + 1])
    for qubit in range(4):
        rho.depolarize(0.02, [qubit])
    rho.cx(1, 2)
    rho.depolarize(0.01, [1, 2])
    rho.h(1)
    z, x = rho.measure(1), rho.measure(2)
    pair = rho.partial_trace([0, 3])
    if x:
        pair.x(1)
    if z:
        pair.z(1)
    assert pair.fidelity(ebit.DensityMatrix.bell("phi+")) == pytest.approx(0.846587725888, abs=5e-13)


@pytest.mark.parametrize("qubits", [2, 4, 7])
def test_a_prepared_channel_is_the_channel(qubits: int) -> None:
    gamma = 0.3
    kraus = [np.diag([1, math.sqrt(1 - gamma)]), np.array([[0, math.sqrt(gamma)], [0, 0]])]
    start = random_rho(qubits, 3)
    for target in range(qubits):
        one, two, three = (ebit.DensityMatrix.from_numpy(start) for _ in range(3))
        op = ebit.prepare(kraus, [target], qubits)
        one.apply(op)
        op.apply(two)
        three.amplitude_damp(gamma, [target])
        np.testing.assert_allclose(one.to_numpy(), three.to_numpy(), rtol=0, atol=ROUNDING)
        np.testing.assert_array_equal(one.to_numpy(), two.to_numpy())


def test_endianness() -> None:
    """X on qubit 0 of three is index 1 in little-endian order, 4 in big-endian order."""
    psi = ebit.StateVector(3, rng=1)
    psi.x(0)
    assert np.flatnonzero(psi.to_numpy()).tolist() == [1]
    assert np.flatnonzero(psi.to_numpy(endian="big")).tolist() == [4]
    rho = psi.to_density_matrix()
    assert np.flatnonzero(rho.to_numpy(endian="big").diagonal()).tolist() == [4]
    a = random_rho(3, 5)
    a = (a + a.conj().T) / 2  # Hermitian to the last bit, whatever the machine's linear algebra
    for endian in ("little", "big"):
        np.testing.assert_array_equal(ebit.DensityMatrix.from_numpy(a, endian=endian).to_numpy(endian=endian), a)
    cx = np.array([[1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0], [0, 1, 0, 0]])
    psi.apply(cx, [0, 2])  # the control is the first target, the matrix's least significant bit
    assert np.flatnonzero(psi.to_numpy()).tolist() == [5]


def test_depolarizing_conventions() -> None:
    """DEPOLARIZE1(p) is `depolarize` of 4p/3, DEPOLARIZE2(p) of 16p/15."""
    for name, p, factor, targets in (("DEPOLARIZE1", 0.1, 4 / 3, [1]), ("DEPOLARIZE2", 0.1, 16 / 15, [1, 0])):
        start = random_rho(2, 6)
        one, two = ebit.DensityMatrix.from_numpy(start), ebit.DensityMatrix.from_numpy(start)
        one.run(ebit.Circuit(f"{name}({p}) {' '.join(map(str, targets))}"))
        two.depolarize(factor * p, targets)
        np.testing.assert_allclose(one.to_numpy(), two.to_numpy(), rtol=0, atol=ROUNDING)


def test_circuits_run_alike_on_both() -> None:
    """Parities that a circuit makes certain, feedback, resets and products of Paulis."""
    text = "H 0\nCX 0 1 1 2\nMPP X0*X1*X2 Z0*Z1\nMXX 0 1\nM 2\nCX rec[-1] 2\nM 2\nRX 0\nMX 0\nRY 1\nMY 1\nSQRT_XX 0 1"
    circuit = ebit.Circuit(text)
    for seed in range(20):
        psi, rho = ebit.StateVector(3, rng=seed), ebit.DensityMatrix(3, rng=seed)
        a, b = psi.run(circuit), rho.run(circuit)
        for bits in (a, b):
            assert not bits[:2].any(), "GHZ is +XXX, +ZZ_"
            assert not bits[4:].any(), "corrected, reset in X, reset in Y"
        assert psi.norm() == pytest.approx(1, abs=ROUNDING)
        assert rho.trace() == pytest.approx(1, abs=ROUNDING)
        assert rho.purity() == pytest.approx(1, abs=ROUNDING)


def test_noise_objects_prepare() -> None:
    start = random_rho(2, 9)
    one, two = ebit.DensityMatrix.from_numpy(start), ebit.DensityMatrix.from_numpy(start)
    one.apply(ebit.prepare(ebit.Noise.depolarize(0.2, qubits=2), [1, 0], 2))
    two.depolarize(0.2, [0, 1])
    np.testing.assert_allclose(one.to_numpy(), two.to_numpy(), rtol=0, atol=ROUNDING)


def test_a_forgotten_measurement_differs_from_a_read_one() -> None:
    rho = ebit.DensityMatrix.bell()
    rho.measure_nonselective([0])
    np.testing.assert_allclose(rho.to_numpy(), np.diag([0.5, 0, 0, 0.5]), rtol=0, atol=ROUNDING)
    bit = rho.measure(1)
    assert rho.measure_probability(0) == pytest.approx(bit, abs=ROUNDING)
    with pytest.raises(ebit.errors.ImpossibleOutcomeError, match="the outcome is certain"):
        rho.postselect(0, 1 - bit)


def test_states_copy_and_pickle_with_their_streams() -> None:
    psi = ebit.StateVector(3, rng=5)
    for qubit in range(3):
        psi.h(qubit)
    psi.measure(0)
    for again in (pickle.loads(pickle.dumps(psi)), psi.copy(), copy.deepcopy(psi)):
        np.testing.assert_array_equal(again.to_numpy(), psi.to_numpy())
        other = psi.copy()
        assert [again.measure(k) for k in (1, 2)] == [other.measure(k) for k in (1, 2)]


def test_thermal_relaxation_and_pauli_channels() -> None:
    rho = ebit.DensityMatrix.from_numpy(np.full((2, 2), 0.5))
    rho.thermal_relax(0.3, [0], t1_s=1.0, t2_s=0.5, excited_population=0.1)
    out = rho.to_numpy()
    assert out[1, 1].real == pytest.approx(0.1 + 0.4 * math.exp(-0.3), abs=ROUNDING)
    assert out[0, 1].real == pytest.approx(0.5 * math.exp(-0.6), abs=ROUNDING)
    start = random_rho(2, 7)
    rho = ebit.DensityMatrix.from_numpy(start)
    rng = np.random.default_rng(8)
    p = rng.dirichlet(np.ones(16))
    rho.pauli_channel(p.tolist(), [0, 1])
    paulis = [np.eye(2), np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1, -1])]
    words = [np.kron(paulis[k // 4], paulis[k % 4]) for k in range(16)]  # qubit 0 is the last factor
    wanted = sum(q * w @ start @ w.conj().T for q, w in zip(p, words, strict=True))
    np.testing.assert_allclose(rho.to_numpy(), wanted, rtol=0, atol=ROUNDING)


def test_threads_change_no_bit() -> None:
    states = [ebit.StateVector(18, rng=1, threads=k) for k in (1, 2, 3)]
    for psi in states:
        for qubit in range(18):
            psi.h(qubit)
            psi.rx(0.1 * qubit, qubit)
            psi.cx(qubit, (qubit + 7) % 18)
            psi.t(qubit)
    for psi in states[1:]:
        np.testing.assert_array_equal(psi.to_numpy(), states[0].to_numpy())


# fmt: off
MISTAKES = [
    ("qubits", lambda: ebit.StateVector(29), "StateVector: qubits must be an integer in [1, 28], got 29"),
    ("density", lambda: ebit.DensityMatrix(14), "DensityMatrix: qubits must be an integer in [1, 13], got 14"),
    ("threads", lambda: ebit.StateVector(2, threads=0), "StateVector: threads must be an integer in [1, 1024], got 0"),
    ("norm", lambda: ebit.StateVector.from_numpy([1, 1]), "StateVector: amplitudes must be of norm 1"),
    ("length", lambda: ebit.StateVector.from_numpy([1, 0, 0]), "StateVector: amplitudes must be 2^n amplitudes"),
    ("endian", lambda: ebit.StateVector(1).to_numpy(endian="middle"), "StateVector: endian must be 'little' or 'big'"),
    ("bell", lambda: ebit.StateVector.bell("phi"), "StateVector: name must be 'phi+'"),
    ("angle", lambda: ebit.StateVector(1).rx(math.nan, 0), "StateVector: angle must be finite, got nan"),
    ("gate", lambda: ebit.DensityMatrix(1).gate("T", [0]), "DensityMatrix: name must be a Clifford gate of Stim's, got 'T'"),
    ("count", lambda: ebit.DensityMatrix(2).gate("CX", [0]), "DensityMatrix: targets must be 2 qubits, got 1 of them"),
    ("impossible", lambda: ebit.StateVector(1).postselect(0, 1), "StateVector: outcome must be 0, got 1"),
    ("size", lambda: ebit.DensityMatrix(2).apply(ebit.prepare(np.eye(2), [0], 3)), "must be prepared for 2 qubits, got one for 3"),
    ("targets", lambda: ebit.prepare(np.eye(2), [3], 3), "must be in [0, 2], got 3"),
    ("no targets", lambda: ebit.DensityMatrix(2).apply(np.eye(2)), "DensityMatrix: targets must be a list of qubits, got None"),
    ("incomplete", lambda: ebit.prepare([np.eye(2) / 2], [0], 2), "Channel: kraus must be complete"),
    ("concurrence", lambda: ebit.DensityMatrix(3).concurrence(), "DensityMatrix: qubits must be 2 for a concurrence, got 3"),
    ("letters", lambda: ebit.StateVector(2).expectation("XQ"), "StateVector: paulis must be of the letters I _ X Y Z, got 'Q'"),
]
# fmt: on


@pytest.mark.parametrize(("name", "call", "message"), MISTAKES, ids=[m[0] for m in MISTAKES])
def test_mistakes_name_what_is_wrong(name: str, call, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ebit.EbitError) as caught:
        call()
    assert message in str(caught.value)


@pytest.mark.parametrize("qubits", [2, 3, 6])
@pytest.mark.parametrize("p", [0.0, 0.01, 0.75, 0.8, 15 / 16, 1.0])
def test_depolarizing_is_its_even_pauli_channel(qubits: int, p: float) -> None:
    """Also beyond 3/4 and 15/16, where it is no mixture with I/d."""
    before = "\n".join(["H 0 1", "S 1", "CX 0 1", f"H {qubits - 1}", f"CX {qubits - 1} 0", "SQRT_Y 1"])
    for short, long in (
        (f"DEPOLARIZE1({p}) 0 1", f"PAULI_CHANNEL_1({', '.join([str(p / 3)] * 3)}) 0 1"),
        (f"DEPOLARIZE2({p}) 1 0", f"PAULI_CHANNEL_2({', '.join([str(p / 15)] * 15)}) 1 0"),
    ):
        ours, theirs = (ebit.DensityMatrix(qubits) for _ in range(2))
        ours.run(ebit.Circuit(f"{before}\n{short}"))
        theirs.run(ebit.Circuit(f"{before}\n{long}"))
        np.testing.assert_allclose(ours.to_numpy(), theirs.to_numpy(), atol=1e-14)


@pytest.mark.parametrize("kind", [ebit.DensityMatrix, ebit.StateVector, ebit.StabilizerState])
def test_all_states_speak_alike(kind: type) -> None:
    """The same calls on every formalism: what `run` returns, signs of Pauli strings, impossible outcomes."""
    s = kind(2, rng=1)
    bits = s.run(ebit.Circuit("X 0\nM 0 1"))
    assert (bits.dtype, bits.tolist()) == (np.dtype(bool), [True, False])
    for pauli in ("Z_", "-_Z", ebit.PauliString("-_Z"), ebit.PauliString("Z_")):
        assert s.expectation(pauli) == -1
    with pytest.raises(ebit.errors.ImpossibleOutcomeError, match=r"outcome must be 1, got 0"):
        s.postselect(0, 0)
    assert s.expectation("Z_") == -1
    with pytest.raises(ebit.EbitError):
        s.expectation(ebit.PauliString("X_") * ebit.PauliString("Z_"))


def test_trajectories_in_a_warm_bath() -> None:
    """Generalized damping of trajectories has the density matrix's means (4.9 standard errors, false alarm 1e-6)."""
    shots, gamma, excited = 20_000, 0.6, 0.3
    rho = ebit.DensityMatrix(1)
    rho.h(0)
    rho.amplitude_damp(gamma, [0], excited_population=excited)
    sums = {letter: 0.0 for letter in "XZ"}
    for shot in range(shots):
        psi = ebit.StateVector(1, rng=shot)
        psi.h(0)
        psi.amplitude_damp(gamma, [0], excited_population=excited)
        for letter in sums:
            sums[letter] += psi.expectation(letter)
    for letter, total in sums.items():
        assert abs(total / shots - rho.expectation(letter)) < 4.9 / np.sqrt(shots), letter
    with pytest.raises(ebit.errors.RangeError, match="excited_population"):
        ebit.StateVector(1).amplitude_damp(0.1, [0], excited_population=1.5)
