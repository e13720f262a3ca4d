"""Quantum states: stabilizer states, Bell-diagonal pairs, density matrices and state vectors.

``StabilizerState`` is for Clifford circuits of up to 100,000 qubits, ``BellDiagonal`` for pairs between nodes,
``DensityMatrix`` for any state of up to 13 qubits, ``StateVector`` for pure ones of up to 28. ``Circuit``, ``Noise``
and ``prepare`` make what is applied to them; ``Tableau`` and ``PauliString`` are Clifford operations, Pauli products.

Qubit 0 is the least significant bit, character k of a Pauli string acts on qubit k, fidelities are <psi|rho|psi> and
not its root, angles are in radians, entropies in bits. States own the random stream of their measurements (``rng=``)
and change in place, but for ``BellDiagonal``, which is immutable.

>>> s = StabilizerState(3, rng=7)
>>> s.h(0)
>>> s.cx(0, 1, 1, 2)
>>> s.stabilizers()
['+XXX', '+Z_Z', '+_ZZ']
>>> s.measure_pauli("XXX"), s.expectation("ZZI"), s.entanglement_entropy([0])
(0, 1, 1)
>>> str(PauliString("X") * PauliString("Z"))
'-iY'
>>> str(Tableau.from_gate("CX")("X_"))
'+XX'
>>> BellDiagonal.werner(fidelity=0.95).swap(BellDiagonal.werner(fidelity=0.95)).fidelity.__round__(10)
0.9033333333
>>> rho = DensityMatrix(2)
>>> rho.h(0)
>>> rho.cx(0, 1)
>>> round(rho.measure_probability(1), 12)
0.5
"""

from __future__ import annotations

from ebit._core import (
    BellDiagonal,
    Channel,
    Circuit,
    DensityMatrix,
    Noise,
    PauliString,
    StabilizerState,
    StateVector,
    Tableau,
    prepare,
)

__all__ = [
    "BellDiagonal",
    "Channel",
    "Circuit",
    "DensityMatrix",
    "Noise",
    "PauliString",
    "StabilizerState",
    "StateVector",
    "Tableau",
    "prepare",
]
