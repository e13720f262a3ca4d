"""Block codes for the memories of a chain, and how encoded pairs are made of physical ones.

A code here is of the type of Calderbank, Shor and Steane: products of X alone and products of Z alone are checked, and
one qubit is encoded. Outcomes are decoded by a table from syndromes to the lightest errors, X and Z by themselves.

>>> f"{steane().logical_error_rate(0.01, 'X'):.6f}"
'0.002004'
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ebit import _core
from ebit._arguments import integer, probability, shown
from ebit._spec import Spec, default
from ebit.errors import RangeError, WrongTypeError, complain

__all__ = ["CSSCode", "Encoding", "bare", "detecting", "golay", "repetition", "shor", "steane"]

Array = np.ndarray[Any, Any]
Pauli = Literal["X", "Z"]


def _rows(name: str, value: object) -> tuple[tuple[int, ...], ...]:
    words = "a list of checks, each a list of qubits"

    def items(of: object) -> Any:
        if isinstance(of, (str, bytes, Mapping)) or not isinstance(of, (Sequence, np.ndarray)):
            raise complain(WrongTypeError, "CSSCode", name, words, shown(of))
        return of

    return tuple(tuple(integer("CSSCode", name, qubit) for qubit in items(check)) for check in items(value))


@functools.lru_cache(maxsize=64)
def _facts(text: str) -> Mapping[str, Any]:
    facts: Mapping[str, Any] = _core.css_code(text)
    return facts


@dataclass(frozen=True)
class CSSCode(Spec):
    """A code of one qubit in ``size`` qubits by checks of X alone and of Z alone.

    Parameters
    ----------
    size : int
        Qubits of a block, in [1, 25].
    x_checks, z_checks : sequence of sequence of int
        The qubits, counted from 0, whose product of X (of Z) is checked; ``size`` - 1 independent ones in all, at most
        16 of either type. Z checks find X errors.

    Raises
    ------
    SpecError
        A qubit that is not there, checks that do not commute, another number of logical qubits than one.

    Examples
    --------
    >>> code = CSSCode(3, z_checks=[[0, 1], [1, 2]])
    >>> code.distance_x, code.distance_z, code.logical_x
    (3, 1, (0, 1, 2))
    """

    size: int
    x_checks: Sequence[Sequence[int]] = ()
    z_checks: Sequence[Sequence[int]] = ()

    def __post_init__(self) -> None:
        for name in ("x_checks", "z_checks"):
            object.__setattr__(self, name, _rows(name, getattr(self, name)))
        super().__post_init__()

    @property
    def _facts(self) -> Mapping[str, Any]:
        return _facts(json.dumps(self.to_dict()))

    @property
    def logical_x(self) -> tuple[int, ...]:
        """Qubits of one logical X."""
        return tuple(self._facts["logical_x"])

    @property
    def logical_z(self) -> tuple[int, ...]:
        """Qubits of one logical Z."""
        return tuple(self._facts["logical_z"])

    @property
    def distance_x(self) -> int:
        """Least X errors that no check sees and that change the logical qubit."""
        return int(self._facts["distance_x"])

    @property
    def distance_z(self) -> int:
        """Least Z errors that no check sees and that change the logical qubit."""
        return int(self._facts["distance_z"])

    def failures(self, pauli: Pauli) -> Array:
        """Return how many patterns of errors of each weight are decoded wrongly, of all 2^n.

        Parameters
        ----------
        pauli : {"X", "Z"}
            Of which errors.

        Returns
        -------
        array of int, shape (size + 1,)

        Examples
        --------
        >>> steane().failures("X")
        array([ 0,  0, 21,  7, 28,  0,  7,  1], dtype=uint64)
        """
        if pauli not in ("X", "Z"):
            raise complain(RangeError, "CSSCode.failures", "pauli", "'X' or 'Z'", shown(pauli))
        counts: Array = self._facts[f"failures_{pauli.lower()}"]
        return counts.copy()

    def logical_error_rate(self, error: float, pauli: Pauli = "X") -> float:
        """Return the probability that independent errors are decoded wrongly, by all patterns of them.

        sum over weights w of A_w p^w (1-p)^(n-w), A_w from ``failures``.

        Parameters
        ----------
        error : float
            Probability p that a qubit has this error, in [0, 1].
        pauli : {"X", "Z"}

        Examples
        --------
        >>> round(repetition(3).logical_error_rate(0.1), 12)  # 3 p^2 - 2 p^3
        0.028
        """
        p = probability("CSSCode.logical_error_rate", "error", error)
        weights = np.arange(self.size + 1)
        return float(np.sum(self.failures(pauli) * p**weights * (1.0 - p) ** (self.size - weights)))


@dataclass(frozen=True)
class Encoding(Spec):
    """How the pairs between stations are encoded: the code, and the errors of the circuit that makes them.

    ``RepeaterChain(..., encoding=...)``: n physical pairs join each two stations, a CNOT teleported over them makes two
    fresh blocks an encoded pair, and stations measure their two blocks qubit by qubit (doi:10.1103/PhysRevA.79.032325).

    Parameters
    ----------
    code : CSSCode
    gate_error : float
        Depolarizing of the two qubits of each gate of that circuit; that of the Bell measurements is the chain's
        ``swap``.
    measurement_error : float
        Probability, in [0, 1/2], that an outcome is flipped, in that circuit and in Bell measurements.
    preparation_error : float
        Depolarizing of each qubit of a fresh block, independently: what is left after a fault-tolerant preparation.

    Examples
    --------
    >>> Encoding(steane(), gate_error=1e-3).code.size
    7
    """

    code: CSSCode
    gate_error: float = default("Encoding", "gate_error")
    measurement_error: float = default("Encoding", "measurement_error")
    preparation_error: float = default("Encoding", "preparation_error")

    def __post_init__(self) -> None:
        if not isinstance(self.code, CSSCode):
            raise complain(
                WrongTypeError, "Encoding", "code", "a CSSCode", shown(self.code), "ebit.codes.steane(), for one"
            )
        super().__post_init__()


def encoding_from_dict(fields: Mapping[str, Any]) -> Encoding:
    """Build an encoding from ``{"code": {...}, ...}``."""
    return Encoding(**{**fields, "code": CSSCode(**fields["code"])})


def bare() -> CSSCode:
    """Return the code of one qubit that checks nothing.

    >>> bare().distance_x
    1
    """
    return CSSCode(1)


def repetition(size: int, corrects: Pauli = "X") -> CSSCode:
    """Return the repetition code, which corrects (size - 1) / 2 errors of one type and none of the other.

    Parameters
    ----------
    size : int
        In [1, 17]; an even one also detects one error more, which its table takes for a wrong one half of the time.
    corrects : {"X", "Z"}

    Examples
    --------
    >>> repetition(5).distance_x, repetition(5, corrects="Z").distance_x
    (5, 1)
    """
    count = integer("codes.repetition", "size", size, 1, 17)
    checks = [(k, k + 1) for k in range(count - 1)]
    if corrects == "X":
        return CSSCode(count, z_checks=checks)
    if corrects == "Z":
        return CSSCode(count, x_checks=checks)
    raise complain(RangeError, "codes.repetition", "corrects", "'X' or 'Z'", shown(corrects))


def detecting() -> CSSCode:
    """Return the [[4,1,2]] code: X on all four qubits, Z on two pairs; it finds any one error and corrects some.

    Vaidman, Goldenberg and Wiesner, doi:10.1103/PhysRevA.54.R1745, with one of its two qubits fixed.

    >>> code = detecting()
    >>> code.distance_x, code.distance_z
    (2, 2)
    """
    return CSSCode(4, x_checks=[(0, 1, 2, 3)], z_checks=[(0, 1), (2, 3)])


def steane() -> CSSCode:
    """Return the [[7,1,3]] code of Steane, doi:10.1103/PhysRevLett.77.793: the Hamming code in X and in Z.

    >>> code = steane()
    >>> code.distance_x, code.distance_z
    (3, 3)
    """
    hamming = [tuple(q for q in range(7) if (q + 1) >> k & 1) for k in range(3)]
    return CSSCode(7, x_checks=hamming, z_checks=hamming)


def shor() -> CSSCode:
    """Return the [[9,1,3]] code of Shor, doi:10.1103/PhysRevA.52.R2493: three blocks of three.

    >>> code = shor()
    >>> code.distance_x, code.distance_z
    (3, 3)
    """
    pairs = [(3 * row + k, 3 * row + k + 1) for row in range(3) for k in range(2)]
    return CSSCode(9, x_checks=[tuple(range(6)), tuple(range(3, 9))], z_checks=pairs)


def golay() -> CSSCode:
    """Return the [[23,1,7]] code: the words of even weight of the Golay code check X and Z. ``exact`` cannot hold it.

    >>> code = golay()
    >>> code.distance_x, code.failures("X")[:4].tolist()
    (7, [0, 0, 0, 0])
    """
    # Words of even weight: multiples of (1 + x)(1 + x + x^5 + x^6 + x^7 + x^9 + x^11), orthogonal to each other.
    generator = (0, 1, 5, 6, 7, 9, 11)
    even = sorted(set(generator) ^ {k + 1 for k in generator})
    checks = [tuple(k + shift for k in even) for shift in range(11)]
    return CSSCode(23, x_checks=checks, z_checks=checks)
