"""Quantum states: Bell-diagonal pairs and the dense density matrix of a few qubits.

``BellDiagonal`` holds weights of (Phi+, Phi-, Psi+, Psi-); ``DensityMatrix`` counts qubit 0 as the least significant
bit. Fidelities are <psi|rho|psi>, not the root.

``BellDiagonal(weights)``, weights of shape (4,) that sum to 1, is immutable; operations return new pairs. ``swap``:
after a perfect Bell measurement, corrected. ``dephase(p)``: (1-p) rho + p Z rho Z on one half. ``depolarize(p)``:
(1-p) rho + p I/4; ``depolarize_qubit(p)``: one half only. ``distill(other, protocol)``: success probability and the
better pair; "dejmps" (Deutsch et al., doi:10.1103/PhysRevLett.77.2818) never twirls, "bbpssw" (Bennett et al.,
doi:10.1103/PhysRevLett.76.722) first twirls both inputs to Werner. ``swap_many``, ``distill_many``,
``depolarize_many`` take weights of shape (n, 4).

``DensityMatrix(n, rng=None)`` starts with all qubits in 0, n <= 10, and owns the random stream of its measurements.
Gates ``h x y z s s_dag cx cz`` and channels change it in place; ``apply`` and ``apply_kraus`` take matrices of shape
(2^k, 2^k) whose least significant bit is the first of the k targets.

>>> BellDiagonal.werner(fidelity=0.95).swap(BellDiagonal.werner(fidelity=0.95)).fidelity.__round__(10)
0.9033333333
>>> rho = DensityMatrix(2)
>>> rho.h(0)
>>> rho.cx(0, 1)
>>> round(rho.measure_probability(1), 12)
0.5
"""

from __future__ import annotations

from ebit._core import BellDiagonal, Circuit, DensityMatrix

__all__ = ["BellDiagonal", "Circuit", "DensityMatrix"]
