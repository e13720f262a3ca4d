"""Dense states as arrays, in either order of qubits.

ebit counts qubit 0 as the least significant bit of an index ("little"). In "big" order it is the most significant one,
as in a tensor product written from qubit 0 on. Reversing the bits of every index turns one into the other.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from ebit import states
from ebit._arguments import shown
from ebit.errors import RangeError, WrongTypeError, complain

Endian = Literal["little", "big"]
Array = np.ndarray[Any, np.dtype[np.complex128]]

#: Of a vector, and of a matrix.
_KINDS = {1: getattr(states, "StateVector", None), 2: states.DensityMatrix}
DENSE = tuple(kind for kind in _KINDS.values() if kind is not None)


def ordered(array: Array, endian: str, object: str) -> Array:
    """Return an array of ebit's order in the asked one, or the other way round: it is the same permutation."""
    if endian not in ("little", "big"):
        hint = "of qubit 0 in the index: ebit's own order is little"
        kind = RangeError if isinstance(endian, str) else WrongTypeError
        raise complain(kind, object, "endian", '"little" or "big"', shown(endian), hint)
    if endian == "little":
        return array
    n = array.shape[0].bit_length() - 1
    axes = list(range(n))[::-1]
    both = axes + [n + k for k in axes] if array.ndim == 2 else axes
    return np.ascontiguousarray(array.reshape([2] * (n * array.ndim)).transpose(both).reshape(array.shape))


def state(array: Array, rng: Any, object: str) -> Any:
    """Return the state of a vector or a matrix in ebit's order."""
    kind = _KINDS[array.ndim]
    if kind is None:
        raise complain(RangeError, object, "the state", "a density matrix", "a vector", "take its projector")
    return kind.from_numpy(array, rng)
