"""Quantum states: Bell-diagonal pairs and the dense density matrix of a few qubits.

``BellDiagonal`` holds weights of (Phi+, Phi-, Psi+, Psi-); ``DensityMatrix`` counts qubit 0 as the least significant
bit. Fidelities are <psi|rho|psi>, not the root.

>>> BellDiagonal.werner(fidelity=0.95).swap(BellDiagonal.werner(fidelity=0.95)).fidelity.__round__(10)
0.9033333333
>>> rho = DensityMatrix(2)
>>> rho.h(0)
>>> rho.cx(0, 1)
>>> round(rho.measure_probability(1), 12)
0.5
"""

from __future__ import annotations

from ebit._core import BellDiagonal, DensityMatrix

__all__ = ["BellDiagonal", "DensityMatrix"]
