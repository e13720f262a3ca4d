"""Stabilizer states and Clifford operations against Stim, string by string.

Random outcomes are ours: Stim's state is projected on each of them, and an outcome that Stim calls certain must be the
one we got. Canonical stabilizers are then equal as text, signs included.
"""

from __future__ import annotations

import numpy as np
import pytest
import stim

import ebit

ONE = [
    "x", "y", "z", "h", "h_xy", "h_yz", "h_nxy", "h_nxz", "h_nyz", "s", "s_dag", "sqrt_x", "sqrt_x_dag", "sqrt_y",
    "sqrt_y_dag", "c_xyz", "c_zyx", "c_nxyz", "c_xnyz", "c_xynz", "c_nzyx", "c_znyx", "c_zynx", "h_xz", "sqrt_z",
    "sqrt_z_dag",
]  # fmt: skip
TWO = [
    "cx", "cy", "cz", "xcx", "xcy", "xcz", "ycx", "ycy", "ycz", "swap", "iswap", "iswap_dag", "cxswap", "swapcx",
    "czswap", "sqrt_xx", "sqrt_xx_dag", "sqrt_yy", "sqrt_yy_dag", "sqrt_zz", "sqrt_zz_dag", "cnot", "zcx", "zcy",
    "zcz", "swapcz",
]  # fmt: skip
SIZES = [2, 3, 7, 63, 64, 65, 128, 129, 300]


def canonical(sim: stim.TableauSimulator) -> list[str]:
    return [str(p) for p in sim.canonical_stabilizers()]


def stim_state(n: int) -> stim.TableauSimulator:
    sim = stim.TableauSimulator()
    sim.set_num_qubits(n)
    return sim


def random_gate(n: int, rng: np.random.Generator) -> tuple[str, list[int]]:
    two = rng.random() < 0.6
    names = TWO if two else ONE
    return names[rng.integers(len(names))], rng.choice(n, 2 if two else 1, replace=False).tolist()


def letters(n: int, rng: np.random.Generator) -> str:
    weight = rng.integers(1, min(n, 12) + 1)
    text = ["_"] * n
    for q in rng.choice(n, weight, replace=False):
        text[q] = "XYZ"[rng.integers(3)]
    return "+-"[rng.integers(2)] + "".join(text)


def do(sim: stim.TableauSimulator, name: str, targets: list[int]) -> None:
    circuit = stim.Circuit()
    circuit.append(name.upper(), targets)
    sim.do(circuit)


def test_the_methods_are_all_of_stims_unitaries() -> None:
    names = {
        alias.lower() for g in stim.gate_data().values() if g.is_unitary and g.num_parens_arguments_range == range(1)
        and (g.is_single_qubit_gate or g.is_two_qubit_gate) for alias in g.aliases
    }  # fmt: skip
    assert names - {"i", "ii"} == set(ONE) | set(TWO)


@pytest.mark.parametrize("name", ONE + TWO)
def test_every_gate(name: str) -> None:
    theirs = stim.Tableau.from_named_gate(name.upper())
    ours = ebit.Tableau.from_gate(name)
    n = len(theirs)
    assert [str(ours.x_output(k)) for k in range(n)] == [str(theirs.x_output(k)) for k in range(n)]
    assert [str(ours.z_output(k)) for k in range(n)] == [str(theirs.z_output(k)) for k in range(n)]
    rng = np.random.default_rng([1, *name.encode()])
    for _ in range(10):
        u = stim.Tableau.random(4)
        s = ebit.StabilizerState.from_stabilizers([str(u.z_output(k)) for k in range(4)], rng=1)
        sim = stim.TableauSimulator()
        sim.set_inverse_tableau(u.inverse())
        assert s.stabilizers() == canonical(sim)
        targets = rng.choice(4, n, replace=False).tolist()
        getattr(s, name)(*targets)
        do(sim, name, targets)
        assert s.stabilizers() == canonical(sim)


@pytest.mark.parametrize("n", SIZES)
def test_random_circuits_with_forced_outcomes(n: int) -> None:
    rng = np.random.default_rng([2, n])
    s, sim = ebit.StabilizerState(n, rng=n), stim_state(n)
    certain = 0
    for _ in range(60):
        for _ in range(rng.integers(1, 2 + n // 4)):
            name, targets = random_gate(n, rng)
            getattr(s, name)(*targets)
            do(sim, name, targets)
        q = int(rng.integers(n))
        kind = rng.integers(5)
        if kind < 3:
            basis = "XYZ"[kind]
            known = getattr(sim, f"peek_{basis.lower()}")(q)
            assert s.peek(q, basis) == {0: None, 1: 0, -1: 1}[known]
            outcome = {"X": s.measure_x, "Y": s.measure_y, "Z": s.measure}[basis](q)
            certain += known != 0
            getattr(sim, f"postselect_{basis.lower()}")(q, desired_value=bool(outcome))
        elif kind == 3:
            text = letters(n, rng)
            known = sim.peek_observable_expectation(stim.PauliString(text))
            assert s.expectation(text) == known
            outcome = s.measure_pauli(text)
            assert known in (0, 1 - 2 * outcome)
            sim.postselect_observable(stim.PauliString(text), desired_value=bool(outcome))
        else:
            # Whatever the outcome was, both are in |0> there; what it left elsewhere is forced the same way.
            outcome = s.copy().measure(q)
            s.reset(q)
            sim.postselect_z(q, desired_value=bool(outcome))
            sim.reset(q)
        assert s.peek(q) == {0: None, 1: 0, -1: 1}[sim.peek_z(q)]
        if rng.random() < 0.3:
            assert s.stabilizers() == canonical(sim)
    assert s.stabilizers() == canonical(sim)
    assert n > 100 or certain > 0


@pytest.mark.parametrize("n", [1, 2, 5, 63, 64, 65, 130])
def test_operations(n: int) -> None:
    rng = np.random.default_rng([3, n])
    a, b = stim.Tableau.random(n), stim.Tableau.random(n)

    def taken(t: stim.Tableau) -> ebit.Tableau:
        return ebit.Tableau.from_images(
            [ebit.PauliString(str(t.x_output(k))) for k in range(n)], [str(t.z_output(k)) for k in range(n)]
        )

    ours, other = taken(a), taken(b)
    assert ours.then(other) == taken(a.then(b))
    assert ours.inverse() == taken(a.inverse())
    for _ in range(10):
        text = letters(n, rng)
        assert str(ours(text)) == str(a(stim.PauliString(text)))
    circuit = a.to_circuit()
    assert ebit.Tableau.from_circuit(ebit.Circuit(str(circuit))) == ours
    s = ebit.StabilizerState.from_tableau(ours, rng=1)
    sim = stim.TableauSimulator()
    sim.do(circuit)
    assert s.stabilizers() == canonical(sim)


def test_pauli_strings() -> None:
    rng = np.random.default_rng(4)
    for _ in range(100):
        n = int(rng.integers(1, 150))
        (a, b) = (letters(n, rng) for _ in range(2))
        p, q = stim.PauliString(a), stim.PauliString(b)
        x, y = ebit.PauliString(a), ebit.PauliString(b)
        assert (str(x), str(y)) == (str(p), str(q))
        product = x * y
        assert str(product) == str(p * q)
        assert product.sign == (p * q).sign
        assert str(product * x) == str(p * q * p)
        assert x.commutes(y) == p.commutes(q)
        assert x.weight == p.weight
        assert str(x.tensor(product)) == str(p + p * q)


def forced(circuit: stim.Circuit, record: np.ndarray, n: int) -> stim.TableauSimulator:
    """Stim's state after `circuit` with the outcomes of `record`."""
    sim, k = stim_state(n), 0

    def force(text: dict[int, str], inverted: bool) -> None:
        nonlocal k
        observable = stim.PauliString(n)
        for q, letter in text.items():
            observable[q] = letter
        wanted = bool(record[k]) != inverted
        known = sim.peek_observable_expectation(observable)
        assert known in (0, 1 - 2 * wanted), f"measurement {k}"
        sim.postselect_observable(observable, desired_value=wanted)
        k += 1

    for instruction in circuit.flattened():
        name = instruction.name
        if name == "MPP":
            for group in instruction.target_groups():
                factors = [t for t in group if not t.is_combiner]
                inverted = sum(t.is_inverted_result_target for t in factors) % 2 == 1
                force({t.value: t.pauli_type for t in factors}, inverted)
        elif name in ("M", "MX", "MY", "MR"):
            for target in instruction.targets_copy():
                force({target.value: {"MX": "X", "MY": "Y"}.get(name, "Z")}, target.is_inverted_result_target)
                if name == "MR" and record[k - 1] != target.is_inverted_result_target:
                    sim.x(target.value)
        elif name in ("CX", "CY", "CZ"):
            for control, target in instruction.target_groups():
                if not control.is_measurement_record_target:
                    do(sim, name, [control.value, target.value])
                elif record[k + control.value]:
                    do(sim, name[1], [target.value])
        else:
            sim.do(instruction)
    assert k == len(record)
    return sim


@pytest.mark.parametrize("n", [3, 10, 70])
def test_circuits_run_with_feedback(n: int) -> None:
    rng = np.random.default_rng([5, n])
    for seed in range(8):
        circuit, measured = stim.Circuit(), 0
        for _ in range(60):
            name, targets = random_gate(n, rng)
            circuit.append(name.upper(), targets)
            q, kind = int(rng.integers(n)), rng.integers(8)
            if kind < 4:
                circuit.append(["M", "MX", "MY", "MR"][kind], [stim.target_inv(q) if rng.random() < 0.3 else q])
                measured += 1
            elif kind == 4:
                text = letters(n, rng)
                product = stim.target_combined_paulis(stim.PauliString(text[1:]), invert=text[0] == "-")
                circuit.append("MPP", product)
                measured += 1
            elif kind < 7 and measured:
                back = int(rng.integers(1, measured + 1))
                circuit.append(["CX", "CY", "CZ"][rng.integers(3)], [stim.target_rec(-back), q])
        s = ebit.StabilizerState(n, rng=seed)
        record = s.run(ebit.Circuit(str(circuit)))
        assert s.stabilizers() == canonical(forced(circuit, record, n))


def test_graph_states() -> None:
    rng = np.random.default_rng(6)
    for n in (1, 2, 6, 40, 70):
        pairs = [(a, b) for a in range(n) for b in range(a + 1, n) if rng.random() < 0.4]
        s = ebit.StabilizerState.from_graph(pairs, qubits=n)
        sim = stim_state(n)
        sim.h(*range(n))
        for a, b in pairs:
            sim.cz(a, b)
        assert s.stabilizers() == canonical(sim)
        edges, gates = s.to_graph()
        assert (edges.tolist(), set(gates)) == ([list(p) for p in pairs], {"I"})
        s = ebit.StabilizerState.from_tableau(ebit.Tableau.random(n, rng=n), rng=1)
        edges, gates = s.to_graph()
        again = ebit.StabilizerState.from_graph(edges, qubits=n)
        for q, gate in enumerate(gates):
            if gate != "I":
                again.apply(gate, q)
        assert again.stabilizers() == s.stabilizers()
