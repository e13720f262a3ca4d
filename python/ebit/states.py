"""Quantum states: stabilizer states, Bell-diagonal pairs, density matrices and state vectors.

``BellDiagonal`` holds weights of (Phi+, Phi-, Psi+, Psi-); ``DensityMatrix`` counts qubit 0 as the least significant
bit. Fidelities are <psi|rho|psi>, not the root.

``BellDiagonal(weights)``, weights of shape (4,) that sum to 1, is immutable; operations return new pairs. ``swap``:
after a perfect Bell measurement, corrected. ``dephase(p)``: (1-p) rho + p Z rho Z on one half. ``depolarize(p)``:
(1-p) rho + p I/4; ``depolarize_qubit(p)``: one half only. ``distill(other, protocol)``: success probability and the
better pair; "dejmps" (Deutsch et al., doi:10.1103/PhysRevLett.77.2818) never twirls, "bbpssw" (Bennett et al.,
doi:10.1103/PhysRevLett.76.722) first twirls both inputs to Werner. ``swap_many``, ``distill_many``,
``depolarize_many`` take weights of shape (n, 4).

``DensityMatrix(n, rng=None)``, n <= 13, and ``StateVector(n, rng=None, threads=None)``, n <= 28, start with all qubits
in 0 and own the random stream of their measurements. Gates and channels change them in place; on a state vector a
channel draws one Kraus operator. ``apply`` and ``apply_kraus`` take matrices of shape (2^k, 2^k) whose least
significant bit is the first of the k targets. ``prepare(channel, targets, num_qubits)`` checks and compiles one
for many uses: ``state.apply(prepared)``. Angles are in radians, entropies in bits.

``StabilizerState(n, rng=None)`` starts in |0...0>, up to 100,000 qubits (8 n^2 bits of memory), and owns the random
stream of its outcomes. Gates are methods under Stim's names, on one qubit (pair), several, or arrays of them: ``h x y z
s s_dag sqrt_x c_xyz h_xy cx cy cz xcx swap iswap sqrt_xx cxswap ...``. ``measure``, ``measure_x``, ``measure_y``,
``measure_many``; ``measure_pauli("XXX")`` measures a product and none of its factors. ``reset``; ``postselect(qubit,
outcome, basis)`` returns the outcome's probability or raises ``ImpossibleOutcomeError``; ``peek`` tells an outcome that
is certain, ``expectation("ZZI")`` is -1, 0 or +1. ``stabilizers()``: Stim's canonical ones. ``partial_trace`` leaves a
mixed state where qubits were entangled; ``entanglement_entropy(qubits)`` in bits is their number less that of their own
stabilizers (Fattal et al., arXiv:quant-ph/0406168). ``from_graph``, ``to_graph``: graph states up to a gate on each
vertex (Van den Nest et al., doi:10.1103/PhysRevA.69.022316).

``Tableau`` is a Clifford operation U: ``tableau("XZ_")`` is U P U^dagger; ``then``, ``inverse``, ``from_gate``,
``from_circuit``, ``random`` (uniform; van den Berg, arXiv:2008.06011). ``PauliString("+XX_Z")``: products with ``*``.

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
