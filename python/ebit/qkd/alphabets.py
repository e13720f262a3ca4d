"""Alphabets of prepare-and-measure protocols: which states are sent, what is said about them, and which bit they mean.

A protocol of this family is four small tables: states with a bit and an announcement, axes, and what the receiver
concludes from announcement, axis and outcome. The sampler knows none of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Alphabet", "b92", "bb84", "sarg04", "six_state"]

#: The receiver concludes nothing.
NOTHING = 2

_AXES = {"Z": (0.0, 0.0, 1.0), "X": (1.0, 0.0, 0.0), "Y": (0.0, 1.0, 0.0)}


@dataclass(frozen=True, eq=False)
class Alphabet:
    """States, axes and what they mean.

    Parameters
    ----------
    states : tuple of (Bloch vector, probability)
        What the sender prepares.
    bits : tuple of int
        The sender's bit of each state.
    announced : tuple of int
        What the sender says of each state.
    axes : tuple of (Bloch vector, probability)
        Along what the receiver measures.
    public : tuple of int
        What the receiver says of each axis before the sender speaks; all 0: nothing.
    concluded : int array (announcements, axes, 2)
        The receiver's bit by announcement, axis and outcome; 2: none.
    names : tuple of str
        A word for each announcement.
    overlap : float
        |<a|b>|^2 of the two states that an announcement leaves open: what photons kept till then can tell.

    Examples
    --------
    >>> bb84(0.5).names, bb84(0.5).bits
    (('Z', 'X'), (0, 1, 0, 1))
    """

    states: tuple[tuple[tuple[float, float, float], float], ...]
    bits: tuple[int, ...]
    announced: tuple[int, ...]
    axes: tuple[tuple[tuple[float, float, float], float], ...]
    public: tuple[int, ...]
    concluded: NDArray[np.uint8]
    names: tuple[str, ...]
    overlap: float = 0.0

    def fields(self) -> dict[str, Any]:
        """Return states and axes as a line's document holds them."""
        return {
            "states": [{"bloch": list(v), "probability": p} for v, p in self.states],
            "measurements": [{"bloch": list(v), "probability": p} for v, p in self.axes],
        }


def _opposite(v: tuple[float, float, float]) -> tuple[float, float, float]:
    return (-v[0], -v[1], -v[2])


def _bases(names: str, probabilities: tuple[float, ...]) -> Alphabet:
    """Conjugate bases: the basis is announced, and kept where both took the same."""
    states = []
    for name, p in zip(names, probabilities, strict=True):
        states += [(_AXES[name], p / 2), (_opposite(_AXES[name]), p / 2)]
    concluded = np.full((len(names), len(names), 2), NOTHING, dtype=np.uint8)
    for k in range(len(names)):
        concluded[k, k] = (0, 1)
    return Alphabet(
        states=tuple(states),
        bits=(0, 1) * len(names),
        announced=tuple(k // 2 for k in range(2 * len(names))),
        axes=tuple((_AXES[name], p) for name, p in zip(names, probabilities, strict=True)),
        public=tuple(range(len(names))),
        concluded=concluded,
        names=tuple(names),
    )


def bb84(key_basis: float) -> Alphabet:
    """Return BB84's alphabet: Z with the given probability, else X, for both parties (doi:10.1016/j.tcs.2014.05.025).

    >>> len(bb84(0.9).states)
    4
    """
    return _bases("ZX", (key_basis, 1.0 - key_basis))


def six_state(key_basis: float) -> Alphabet:
    """Return the six states of Bruss (doi:10.1103/PhysRevLett.81.3018): Z with the given probability, else X or Y.

    >>> six_state(1 / 3).names
    ('Z', 'X', 'Y')
    """
    return _bases("ZXY", (key_basis, (1.0 - key_basis) / 2, (1.0 - key_basis) / 2))


def b92(overlap: float = 0.5) -> Alphabet:
    """Return Bennett's two states (doi:10.1103/PhysRevLett.68.3121), with <0|1> = ``overlap``.

    The receiver measures along one of them, half of the time each; an outcome against a state excludes it. Nothing is
    announced but that.

    >>> b92().bits
    (0, 1)
    """
    cosine = 2 * overlap**2 - 1
    z, x = math.sqrt((1 + cosine) / 2), math.sqrt((1 - cosine) / 2)
    vectors = ((x, 0.0, z), (-x, 0.0, z))
    return Alphabet(
        states=tuple((v, 0.5) for v in vectors),
        bits=(0, 1),
        announced=(0, 0),
        axes=tuple((v, 0.5) for v in vectors),
        public=(0, 0),
        concluded=np.array([[[NOTHING, 1], [NOTHING, 0]]], dtype=np.uint8),
        names=("all",),
        overlap=overlap**2,
    )


def sarg04() -> Alphabet:
    """Return the alphabet of Scarani, Acin, Ribordy and Gisin (doi:10.1103/PhysRevLett.92.057901).

    The states are BB84's, the bit is the basis (Z 0, X 1), and the sender announces one of the four pairs of a Z and an
    X state that hold the one sent; an outcome against one of them leaves the other.

    >>> len(sarg04().states), round(sum(p for _, p in sarg04().states), 12)
    (8, 1.0)
    """
    states, bits, announced = [], [], []
    concluded = np.full((4, 2, 2), NOTHING, dtype=np.uint8)
    for z in (0, 1):
        for x in (0, 1):
            pair = 2 * z + x
            for name, sign, bit in (("Z", z, 0), ("X", x, 1)):
                states.append((_opposite(_AXES[name]) if sign else _AXES[name], 1 / 8))
                bits.append(bit)
                announced.append(pair)
            concluded[pair, 0, 1 - z] = 1
            concluded[pair, 1, 1 - x] = 0
    return Alphabet(
        states=tuple(states),
        bits=tuple(bits),
        announced=tuple(announced),
        axes=((_AXES["Z"], 0.5), (_AXES["X"], 0.5)),
        public=(0, 0),
        concluded=concluded,
        names=("++", "+-", "-+", "--"),
        overlap=0.5,
    )


def key_basis_probability(sifting: float, bases: int = 2) -> float:
    """Return p with p^2 + (1 - p)^2/(bases - 1) = sifting, both parties alike; below 1/bases p^2 = sifting.

    >>> key_basis_probability(0.5), round(key_basis_probability(0.82), 12)
    (0.5, 0.9)
    >>> round(key_basis_probability(0.5, 3), 12), round(key_basis_probability(0.3, 3) ** 2, 12)
    (0.666666666667, 0.3)
    """
    if names_of_key(sifting, bases):
        return math.sqrt(sifting)
    others = bases - 1
    return (1.0 + math.sqrt(max(others * (bases * sifting - 1.0), 0.0))) / bases


def names_of_key(sifting: float, bases: int = 2) -> tuple[int, ...] | None:
    """Return which announcements make key; None: all. Bases that are alike sift 1/bases, and others more.

    >>> names_of_key(0.5), names_of_key(0.4)
    (None, (0,))
    """
    return (0,) if bases * sifting < 1.0 - 1e-9 else None
