"""Circuits against Stim's reading of the same text, and against Stim's tableaux."""

from __future__ import annotations

import copy
import pickle
import random

import pytest
import stim

import ebit
from ebit.errors import RangeError, WrongTypeError

ODD = {
    "M": "M !0 1",
    "MPP": "MPP !X0*Y1 Z2 X0*X0",
    "SPP": "SPP !X0*Y1 Z2",
    "SPP_DAG": "SPP_DAG X0*Y1*Z2",
    "E": "E(0.1) X0 Y1",
    "ELSE_CORRELATED_ERROR": "ELSE_CORRELATED_ERROR(0.25) X0*Y1",
    "DETECTOR": "DETECTOR(1, 2.5) rec[-1]",
    "OBSERVABLE_INCLUDE": "OBSERVABLE_INCLUDE(3) rec[-1] X1",
    "SHIFT_COORDS": "SHIFT_COORDS(1, -2)",
    "TICK": "TICK",
    "MPAD": "MPAD 0 1",
    "REPEAT": "REPEAT 3 {\n    H 0\n}",
}


def lines() -> list[str]:
    out = []
    for name, gate in stim.gate_data().items():
        if name in ODD:
            out.append(ODD[name])
            continue
        count = gate.num_parens_arguments_range.start
        args = f"({', '.join(str((k + 1) / 1000) for k in range(count))})" if count else ""
        for alias in gate.aliases:
            out.append(f"{alias}{args} 0 1")
            out.append(f"{alias.lower()}[t]{args} 2 0")
        if gate.takes_measurement_record_targets:
            out.append(
                f"{name} 0 rec[-1]"
                if name.startswith("XC") or name.startswith("YC")
                else f"{name} rec[-1] 1 sweep[2] 0"
            )
    return out


@pytest.mark.parametrize("line", lines())
def test_every_instruction_of_stim_is_read_as_stim_reads_it(line: str) -> None:
    theirs = stim.Circuit("M 5 5\n" + line)
    ours = ebit.Circuit("M 5 5\n" + line)
    assert stim.Circuit(str(ours)) == theirs
    assert str(ours) == str(theirs)
    assert ours.num_qubits == theirs.num_qubits
    assert ours.num_measurements == theirs.num_measurements
    assert ours.num_detectors == theirs.num_detectors
    assert ours.num_observables == theirs.num_observables
    assert ours.num_ticks == theirs.num_ticks
    assert len(ours) == len(theirs)


GENERATED = [
    ("surface_code:rotated_memory_z", 5), ("surface_code:rotated_memory_x", 3), ("surface_code:unrotated_memory_z", 3),
    ("color_code:memory_xyz", 3), ("repetition_code:memory", 7),
]  # fmt: skip


@pytest.mark.parametrize(("code", "distance"), GENERATED)
def test_generated_codes_read_back(code: str, distance: int) -> None:
    noise = {"after_clifford_depolarization": 0.00123456789, "before_measure_flip_probability": 1e-7}
    theirs = stim.Circuit.generated(code, distance=distance, rounds=20, **noise)
    ours = ebit.Circuit(str(theirs))
    assert stim.Circuit(str(ours)) == stim.Circuit(str(theirs))
    assert stim.Circuit(str(ours.flattened())) == stim.Circuit(str(theirs)).flattened()
    assert ours.num_measurements == theirs.num_measurements
    assert ours.num_detectors == theirs.num_detectors


def test_joining_and_repeating_are_stims() -> None:
    a, b = "H 0\nX_ERROR(0.125) 0", "X_ERROR(0.125) 1\nREPEAT 2 {\n    M 0\n}"
    theirs, ours = stim.Circuit(a), ebit.Circuit(a)
    assert str(ours + ebit.Circuit(b)) == str(theirs + stim.Circuit(b))
    assert str(ours * 3) == str(3 * ours) == str(theirs * 3)
    assert str(ours * 0) == str(theirs * 0)
    assert str(ours * 1) == str(theirs * 1)
    before = ours
    ours += ebit.Circuit(b)
    theirs += stim.Circuit(b)
    assert before is ours
    assert str(ours) == str(theirs)
    ours += ours
    assert len(ours) == 6


def test_appending_is_writing() -> None:
    ours = ebit.Circuit()
    ours.append("h", 0)
    ours.append("CX", [0, 1])
    ours.append("CX", ["rec[-1]", 1])
    ours.append("DEPOLARIZE2", (0, 1), 0.01)
    ours.append("PAULI_CHANNEL_1", [0], [0.1, 0.2, 0.3], tag="]\\\n")
    ours.append("MPP", ["!X0", "*", "Z1"])
    ours.append("M", "!0")
    ours.append("TICK")
    first = "H 0\nCX 0 1 rec[-1] 1\nDEPOLARIZE2(0.01) 0 1\n"
    text = first + "PAULI_CHANNEL_1[\\C\\B\\n](0.1, 0.2, 0.3) 0\nMPP !X0*Z1\nM !0\nTICK"
    assert str(ours) == text
    assert ours == ebit.Circuit(text)
    assert ours != ebit.Circuit("H 0")
    for again in (
        pickle.loads(pickle.dumps(ours)),
        copy.copy(ours),
        copy.deepcopy(ours),
        ours.copy(),
        eval(repr(ours)),
    ):
        assert again == ours
        assert again is not ours
    with pytest.raises(TypeError):
        hash(ours)


def unitary(rng: random.Random) -> str:
    gates = [(name, gate) for name, gate in stim.gate_data().items() if gate.is_unitary and "SPP" not in name]
    out = []
    for _ in range(30):
        name, gate = rng.choice(gates)
        qubits = rng.sample(range(4), 2 if gate.is_two_qubit_gate else 1)
        out.append(f"{name} {' '.join(map(str, qubits))}")
    out.append("SPP X0*!Y1*Z3\nSPP_DAG Y2*Z0\nTICK\nREPEAT 3 {\n    C_XYZ 0\n    ISWAP 1 2\n}")
    return "\n".join(out)


def test_the_inverse_undoes_and_is_stims() -> None:
    rng = random.Random(1)
    for _ in range(20):
        ours = ebit.Circuit(unitary(rng))
        assert str(ours.inverse()) == str(stim.Circuit(str(ours)).inverse())
        both = stim.Circuit(str(ours + ours.inverse()))
        assert both.to_tableau() == stim.Tableau(4)


def test_complaints_name_line_and_remedy() -> None:
    for text, reason in [
        ("H 0\nCXX 0 1", "line 2.*did you mean CX"),
        ("X_ERROR(2) 0", r"line 1.*probability in \[0, 1\], got 2"),
        ("CX 0 0", "two different ones"),
        ("T 0", "OpenQASM"),
    ]:
        with pytest.raises(RangeError, match=reason):
            ebit.Circuit(text)
    with pytest.raises(RangeError, match="did you mean DEPOLARIZE1"):
        ebit.Circuit().append("DEPOLARISE1", 0, 0.1)
    with pytest.raises(RangeError, match=">= 0"):
        ebit.Circuit().append("H", -1)
    with pytest.raises(RangeError):
        ebit.Circuit().append("H", 2**40)
    for wrong in (1.5, True, None, b"H 0"):
        with pytest.raises(WrongTypeError):
            ebit.Circuit().append("H", [wrong])  # type: ignore[list-item]
    with pytest.raises(WrongTypeError):
        ebit.Circuit(3)  # type: ignore[arg-type]
    with pytest.raises(RangeError):
        ebit.Circuit("H 0") * -1
    with pytest.raises(WrongTypeError):
        ebit.Circuit("H 0") + "H 0"  # type: ignore[operator]
