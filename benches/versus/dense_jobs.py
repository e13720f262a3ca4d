"""The known states and operators of the dense rows, the same for every side; no simulator in here."""

from __future__ import annotations

import numpy as np

# Weights of I/d: in each of two Werner pairs of F = 0.95, on every qubit, and after the gate that swaps them.
SWAP = {"pair": 4 / 3 * 0.05, "memory": 0.02, "gate": 0.01}


def density(qubits: int) -> np.ndarray:
    """A mixed state: the identity, and a random pure state with weight one half."""
    psi = amplitudes(qubits)
    return 0.5 * np.outer(psi, psi.conj()) + 0.5 * np.eye(2**qubits) / 2**qubits


def amplitudes(qubits: int) -> np.ndarray:
    """A random pure state."""
    rng = np.random.default_rng(5)
    psi = rng.random(2 << qubits).view(complex) - (0.5 + 0.5j)
    return psi / np.linalg.norm(psi)


def rotation() -> np.ndarray:
    """A dense one-qubit unitary."""
    return np.array([[0.6, 0.8j], [0.8j, 0.6]])


def damping() -> list[np.ndarray]:
    """Amplitude damping with gamma = 0.1."""
    return [np.diag([1, 0.9**0.5]).astype(complex), np.array([[0, 0.1**0.5], [0, 0]], dtype=complex)]


def summary(state: np.ndarray) -> list[float]:
    """Eight weighted sums, which no two states of a bug share."""
    flat = np.asarray(state).ravel()
    rng = np.random.default_rng(6)
    weights = rng.normal(size=(4, min(flat.size, 4096)))
    folded = np.resize(flat, (flat.size // weights.shape[1], weights.shape[1])).sum(axis=0)
    sums = weights @ folded
    return [float(x) for x in np.concatenate([sums.real, sums.imag])]
