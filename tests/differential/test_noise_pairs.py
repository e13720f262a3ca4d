"""Noise and Bell-diagonal pairs: every projection against NumPy, density matrices and Stim."""

from __future__ import annotations

import itertools
import pickle
from math import erfc, sqrt

import numpy as np
import pytest
import stim

import ebit
from ebit import BellDiagonal, Circuit, DensityMatrix, Noise

PAULIS = {
    "I": np.eye(2),
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1, -1]),
}
H = np.array([[1, 1], [1, -1]]) / sqrt(2)
#: Two-sided, in standard errors: one false alarm in a million.
SIGMAS = 4.9

NOISES = [
    Noise.dephase(0.1),
    Noise.bit_flip(0.2),
    Noise.depolarize(0.3),
    Noise.depolarize(0.3, qubits=2),
    Noise.pauli({"X": 0.1, "Y": 0.05, "Z": 0.2}),
    Noise.pauli({"XI": 0.1, "ZY": 0.3, "_X": 0.05}),
    Noise.amplitude_damp(0.3),
    Noise.amplitude_damp(0.3, excited_population=0.2),
    Noise.thermal_relaxation(0.3, t1_s=1.0, t2_s=0.7, excited_population=0.1),
    Noise.unitary(H),
    Noise.kraus([np.sqrt(0.5) * np.eye(2), np.sqrt(0.5) * H]),
    Noise.dephase(0.1).then(Noise.amplitude_damp(0.2)),
]


def word(letters: str) -> np.ndarray:
    """The matrix of a Pauli word; character k on qubit k, the least significant first."""
    out = np.eye(1)
    for letter in letters:
        out = np.kron(PAULIS[letter], out)
    return out


def applied(kraus: list[np.ndarray], rho: np.ndarray) -> np.ndarray:
    return sum(k @ rho @ k.conj().T for k in kraus)


def random_state(n: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    g = rng.normal(size=(n, n)) + 1j * rng.normal(size=(n, n))
    return g @ g.conj().T / np.trace(g @ g.conj().T).real


def random_rows(n: int, seed: int) -> np.ndarray:
    rows = np.random.default_rng(seed).random((n, 4))
    return rows / rows.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("noise", NOISES, ids=repr)
def test_projections(noise: Noise) -> None:
    n = 2**noise.num_qubits
    kraus = noise.kraus_operators()
    np.testing.assert_allclose(sum(k.conj().T @ k for k in kraus), np.eye(n), atol=1e-12)
    rho = random_state(n, 1)
    words = ["".join(w) for w in itertools.product("IXYZ", repeat=noise.num_qubits)]
    average = sum(word(w) @ applied(kraus, word(w) @ rho @ word(w)) @ word(w) for w in words) / n**2
    twirl = noise.pauli_twirl()
    np.testing.assert_allclose(average, sum(p * word(w) @ rho @ word(w) for w, p in twirl.items()), atol=1e-12)
    if noise.is_pauli:
        np.testing.assert_allclose(applied(kraus, rho), average, atol=1e-12)
    else:
        assert abs(applied(kraus, rho) - average).max() > 1e-3
    again = pickle.loads(pickle.dumps(noise))
    for a, b in zip(again.kraus_operators(), kraus, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("noise", [n for n in NOISES if n.is_pauli], ids=repr)
def test_bell_action_is_the_density_matrix(noise: Noise) -> None:
    pair = BellDiagonal([0.7, 0.15, 0.1, 0.05])
    places = {"both": [[0, 1]]} if noise.num_qubits == 2 else {"left": [[0]], "right": [[1]], "both": [[0], [1]]}
    for on, targets in places.items():
        rho = pair.to_density_matrix()
        for target in targets:
            rho.apply_kraus(noise.kraus_operators(), target)
        expected = BellDiagonal.from_density_matrix(rho)
        np.testing.assert_allclose(pair.apply(noise, on).weights, expected.weights, atol=1e-12)
        np.testing.assert_allclose(noise.bell_action(on) @ pair.weights, expected.weights, atol=1e-12)


def test_a_damped_pair_names_two_ways_on() -> None:
    pair = BellDiagonal.werner(0.95)
    with pytest.raises(ebit.errors.FormalismError, match=r"to_density_matrix\(\).*twirled\(\)"):
        pair.amplitude_damp(0.2)
    # The first way: exact, and seen not to be Bell-diagonal.
    rho = pair.to_density_matrix()
    rho.amplitude_damp(0.2, [0])
    with pytest.raises(ebit.errors.FormalismError, match="twirl=True"):
        BellDiagonal.from_density_matrix(rho)
    # The second: twirling the noise or the state is the same for a Bell-diagonal pair.
    twirled = pair.apply(Noise.amplitude_damp(0.2).twirled(), "left")
    np.testing.assert_allclose(BellDiagonal.from_density_matrix(rho, twirl=True).weights, twirled.weights, atol=1e-12)
    assert pair.amplitude_damp(0.0) == pair


def test_outcomes_are_those_of_the_density_matrix() -> None:
    pair = BellDiagonal([0.6, 0.2, 0.15, 0.05])
    turn = {"X": H, "Y": np.array([[1, -1j], [1, 1j]]) / sqrt(2), "Z": np.eye(2)}
    for basis, u in turn.items():
        rho = pair.to_density_matrix()
        rho.apply(u, [0])
        rho.apply(u, [1])
        diagonal = np.diag(rho.to_numpy()).real
        np.testing.assert_allclose(pair.outcomes(basis), diagonal.reshape(2, 2).T, atol=1e-12)
    xx, yy, zz = pair.correlations
    rho = pair.to_density_matrix().to_numpy()
    for value, letters in ((xx, "XX"), (yy, "YY"), (zz, "ZZ")):
        assert value == pytest.approx(np.trace(rho @ word(letters)).real, abs=1e-12)
    assert pair.to_werner() == BellDiagonal.werner(0.6)


def test_distillation_of_the_reference_table() -> None:
    pair = BellDiagonal.werner(0.75)
    p, better = pair.distill(pair, protocol="bbpssw")
    assert (p, better.fidelity) == pytest.approx((0.7222222222, 0.7884615385), abs=5e-11)
    _, first = pair.distill(pair)
    _, second = first.distill(first)
    assert (first.fidelity, second.fidelity) == pytest.approx((0.7884615385, 0.9023605150), abs=5e-11)


def test_protocols_are_circuits() -> None:
    a, b, c = BellDiagonal([0.8, 0.1, 0.06, 0.04]), BellDiagonal([0.7, 0.05, 0.05, 0.2]), BellDiagonal.werner(0.85)
    for circuit, pairs, (p, pair) in [
        ("SQRT_X 0 1\nCX 0 1\nM 1", [a, b], a.distill(b)),
        ("CX 0 1\nM 1", [a.to_werner(), b.to_werner()], a.distill(b, "bbpssw")),
        ("SQRT_X 0 1 2\nCX 0 1 2 1\nM 1\nMX 2", [a, b, c], a.double_select(b, c)),
    ]:
        q, other = BellDiagonal.distill_circuit(pairs, Circuit(circuit))
        assert q == pytest.approx(p, abs=1e-12)
        np.testing.assert_allclose(other.weights, pair.weights, atol=1e-12)


def test_noisy_distillation_circuit_against_stim() -> None:
    """Samples of the whole circuit at both ends; false alarms 1e-6 a number, shows errors of 1 % of a fidelity."""
    text = "CX 0 1 2 1\nDEPOLARIZE2(0.02) 0 1 2 1\nM(0.01) 1\nMX(0.01) 2"
    weights = [0.85, 0.05, 0.07, 0.03]
    p, pair = BellDiagonal.distill_circuit([BellDiagonal(weights)] * 3, Circuit(text))
    prepare = "".join(f"H {2 * k}\nCX {2 * k} {2 * k + 1}\n" for k in range(3))
    # Psi+ is X on a half, Psi- Y, Phi- Z.
    errors = f"PAULI_CHANNEL_1({weights[2]}, {weights[3]}, {weights[1]}) 0 2 4\n"
    ends = "CX 0 2 4 2 1 3 5 3\nDEPOLARIZE2(0.02) 0 2 4 2 1 3 5 3\nM(0.01) 2 3\nMX(0.01) 4 5\nMXX 0 1\nMZZ 0 1"
    shots = 400_000
    m = stim.Circuit(prepare + errors + ends).compile_sampler(seed=11).sample(shots)
    kept = ~(m[:, 0] ^ m[:, 1]) & ~(m[:, 2] ^ m[:, 3])
    check(kept.mean(), p, shots)
    right = m[kept]
    for value, wanted in (
        (~right[:, 4] & ~right[:, 5], pair.fidelity),
        (right[:, 4], pair.qber_x),
        (right[:, 5], pair.qber_z),
    ):
        check(value.mean(), wanted, int(kept.sum()))


def check(mean: float, wanted: float, shots: int) -> None:
    assert erfc(SIGMAS / sqrt(2)) < 1e-6
    assert abs(mean - wanted) < SIGMAS * sqrt(wanted * (1 - wanted) / shots) + 1 / shots


NOISY_SWAP = 0.846587725888
SWAP_TEXT = (
    "H 0 2\nCX 0 1 2 3\n"
    + f"PAULI_CHANNEL_1({0.05 / 3}, {0.05 / 3}, {0.05 / 3}) 0 2\n"
    + Noise.depolarize(0.02).to_stim([0]) + "\n"
    + "".join(Noise.depolarize(0.02).to_stim([k]) + "\n" for k in (1, 2, 3))
    + "CX 1 2\n" + Noise.depolarize(0.01, qubits=2).to_stim([1, 2]) + "\nH 1\nM 1 2\n"
    + "CZ rec[-2] 3\nCX rec[-1] 3\nMXX 0 3\nMZZ 0 3"
)  # fmt: skip


def test_noisy_swap_by_bell_weights() -> None:
    link = BellDiagonal.werner(0.95).apply(Noise.depolarize(0.02), "both")
    fidelity = link.swap(link).apply(Noise.depolarize(0.01, qubits=2)).fidelity
    assert fidelity == pytest.approx(NOISY_SWAP, abs=5e-13)
    rows = BellDiagonal.swap_many([link.weights], [link.weights], depolarize=0.01)
    assert rows[0, 0] == pytest.approx(NOISY_SWAP, abs=5e-13)


def test_noisy_swap_by_density_matrix() -> None:
    one = BellDiagonal.werner(0.95).to_density_matrix().to_numpy()
    rho = DensityMatrix.from_numpy(np.kron(one, one))
    for qubit in range(4):
        rho.depolarize(0.02, [qubit])
    rho.cx(1, 2)
    rho.depolarize(0.01, [1, 2])
    rho.h(1)
    # Corrected coherently: the measured qubits control.
    rho.cx(2, 3)
    rho.cz(1, 3)
    pair = BellDiagonal.from_density_matrix(rho.partial_trace(keep=[0, 3]))
    assert pair.fidelity == pytest.approx(NOISY_SWAP, abs=5e-13)


def test_noisy_swap_by_stim() -> None:
    """False alarm 1e-6; shows 0.4 % of the fidelity."""
    shots = 400_000
    m = stim.Circuit(SWAP_TEXT).compile_sampler(seed=5).sample(shots)
    check((~m[:, 2] & ~m[:, 3]).mean(), NOISY_SWAP, shots)


def test_noisy_swap_by_stabilizer_states() -> None:
    """The whole circuit on tableaux, errors drawn for each shot; false alarm 1e-6, shows 2 % of the fidelity."""
    shots, circuit = 20_000, Circuit(SWAP_TEXT)
    good = 0
    for seed in range(shots):
        bits = ebit.StabilizerState(4, rng=10_000_000 + seed).run(circuit)
        good += not bits[2] and not bits[3]
    check(good / shots, NOISY_SWAP, shots)


@pytest.mark.parametrize("order", ["C", "F"])
def test_rows(order: str) -> None:
    n = 1001
    a, b = (np.asarray(random_rows(n, seed), order=order) for seed in (1, 2))
    p = np.random.default_rng(3).random(n)
    flip = np.array([[j ^ k for k in range(4)] for j in range(4)])
    swapped = sum(a[:, [j]] * b[:, flip[j]] for j in range(4))
    noisy = (1 - p[:, None]) * swapped + p[:, None] / 4
    np.testing.assert_allclose(BellDiagonal.swap_many(a, b), swapped, atol=1e-12)
    out = np.empty((n, 4))
    assert BellDiagonal.swap_many(a, b, depolarize=p, out=out) is out
    np.testing.assert_allclose(out, noisy, atol=1e-12)
    np.testing.assert_allclose(BellDiagonal.depolarize_many(swapped, p), noisy, atol=1e-12)
    phase = (1 - p[:, None]) * a + p[:, None] * a[:, [1, 0, 3, 2]]
    np.testing.assert_allclose(BellDiagonal.dephase_many(a, p), phase, atol=1e-12)
    np.testing.assert_allclose(BellDiagonal.werner_many(p)[:, 0], p)
    np.testing.assert_allclose(BellDiagonal.werner_many(p)[:, 1:], np.repeat((1 - p[:, None]) / 3, 3, axis=1))
    probability, better = BellDiagonal.distill_many(a, b)
    for k in (0, 17, n - 1):
        wanted, pair = BellDiagonal(a[k]).distill(BellDiagonal(b[k]))
        assert probability[k] == pytest.approx(wanted, abs=1e-12)
        np.testing.assert_allclose(better[k], pair.weights, atol=1e-12)


def test_rows_cut_out_of_bytes() -> None:
    """Arrays that start at odd addresses are copied, not read where they are."""
    rows = random_rows(5, 4)
    raw = np.frombuffer(b"x" + rows.tobytes(), dtype=np.uint8)[1:].view(np.float64).reshape(5, 4)
    np.testing.assert_array_equal(BellDiagonal.swap_many(raw, [[1, 0, 0, 0]] * 5), rows)


def test_no_rows() -> None:
    empty = np.empty((0, 4))
    assert BellDiagonal.swap_many(empty, empty).shape == (0, 4)
    assert BellDiagonal.distill_many(empty, empty)[0].shape == (0,)


@pytest.mark.parametrize(
    "noise",
    [
        Noise.dephase(0.2),
        Noise.bit_flip(0.2),
        Noise.depolarize(0.4),
        Noise.depolarize(0.4, qubits=2),
        Noise.pauli({"X": 0.1, "Z": 0.3}),
        Noise.pauli({"XI": 0.1, "ZY": 0.3, "IX": 0.05}),
        Noise.pauli({"XII": 0.1, "ZYX": 0.3, "IIZ": 0.25}),
        Noise.depolarize(0.5, qubits=3),
    ],
    ids=repr,
)
def test_stim_reads_its_instructions(noise: Noise) -> None:
    """Stim's samples of Bell-pair syndromes have our probabilities; false alarms 1e-6 for each word."""
    k, shots = noise.num_qubits, 200_000
    halves = "".join(f"H {q}\nCX {q} {q + k}\n" for q in range(k))
    reads = "".join(f"MXX {q} {q + k}\nMZZ {q} {q + k}\n" for q in range(k))
    m = stim.Circuit(halves + noise.to_stim() + "\n" + reads).compile_sampler(seed=k).sample(shots)
    letters = np.array([["I", "X"], ["Z", "Y"]])
    found = np.array(["".join(w) for w in letters[m[:, ::2].astype(int), m[:, 1::2].astype(int)]])
    for name, p in noise.pauli_twirl().items():
        check((found == name).mean(), p, shots)
