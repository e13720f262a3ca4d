"""Registers wide enough that their rows are cut in panels (above 2,048 qubits), against Stim, sign by sign."""

from __future__ import annotations

import numpy as np
import pytest
import stim

import ebit
from ebit.interop.stim import from_stim, to_stim

ONE = ["H", "S", "SQRT_X", "C_XYZ", "Y", "SQRT_Y_DAG"]
TWO = ["CX", "CZ", "SWAP", "ISWAP", "XCY", "SQRT_ZZ"]
WIDTHS = [2047, 2049, 2400, 4100]


def layers(n: int, depth: int, rng: np.random.Generator) -> stim.Circuit:
    """Layers of one gate each on random qubits: enough to fill the rows."""
    circuit = stim.Circuit()
    for _ in range(depth):
        circuit.append(ONE[rng.integers(len(ONE))], rng.permutation(n)[: n // 2])
        circuit.append(TWO[rng.integers(len(TWO))], rng.permutation(n)[: n // 2 * 2])
    return circuit


@pytest.mark.parametrize("n", WIDTHS[:3])
def test_tableaus(n: int) -> None:
    rng = np.random.default_rng([11, n])
    first, second = layers(n, 12, rng), layers(n, 4, rng)
    a, b = stim.Tableau.from_circuit(first), stim.Tableau.from_circuit(second)
    ours, other = (ebit.Tableau.from_circuit(ebit.Circuit(str(c))) for c in (first, second))
    assert to_stim(ours) == a
    assert from_stim(a) == ours
    assert to_stim(ours.inverse()) == a.inverse()
    assert to_stim(ours.then(other)) == a.then(b)
    text = "+-"[rng.integers(2)] + "".join(rng.choice(list("_XYZ"), n))
    assert str(ours(text)) == str(a(stim.PauliString(text)))


@pytest.mark.parametrize("n", WIDTHS)
def test_a_circuit_and_its_inverse_leave_zeros(n: int) -> None:
    circuit = layers(n, 16, np.random.default_rng([12, n]))
    ours = ebit.Circuit(str(circuit))
    s = ebit.StabilizerState(n, rng=1)
    s.run(ours)
    s.run(ours.inverse())
    assert not s.measure_many(range(n)).any()
    whole = ebit.Circuit(f"{circuit}\n{circuit.inverse()}\nM {' '.join(map(str, range(n)))}")
    assert not ebit.sample(whole, 3, rng=1).any()


@pytest.mark.parametrize("n", WIDTHS[1:3])
def test_measurements(n: int) -> None:
    """Our random outcomes are forced on Stim; both then agree on every stabilizer."""
    rng = np.random.default_rng([13, n])
    circuit = layers(n, 6, rng)
    s, sim = ebit.StabilizerState(n, rng=n), stim.TableauSimulator()
    sim.set_num_qubits(n)
    s.run(ebit.Circuit(str(circuit)))
    sim.do(circuit)
    for k, q in enumerate(rng.permutation(n)[:90].tolist()):
        basis = "XYZ"[k % 3]
        known = getattr(sim, f"peek_{basis.lower()}")(q)
        assert s.peek(q, basis) == {0: None, 1: 0, -1: 1}[known]
        outcome = {"X": s.measure_x, "Y": s.measure_y, "Z": s.measure}[basis](q)
        getattr(sim, f"postselect_{basis.lower()}")(q, desired_value=bool(outcome))
        if k % 10 == 0:
            letters = ["_"] * n
            for p in rng.permutation(n)[:40]:
                letters[p] = "XYZ"[rng.integers(3)]
            text = "".join(letters)
            outcome = s.measure_pauli(text)
            assert sim.peek_observable_expectation(stim.PauliString(text)) in (0, 1 - 2 * outcome)
            sim.postselect_observable(stim.PauliString(text), desired_value=bool(outcome))
            more = layers(n, 1, rng)
            s.run(ebit.Circuit(str(more)))
            sim.do(more)
    assert s.stabilizers() == [str(p) for p in sim.canonical_stabilizers()]
