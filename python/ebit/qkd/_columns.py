"""Columns that a program hands over, one entry for each pulse: judged before they are written anywhere."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ebit._arguments import shown
from ebit.errors import RangeError, WrongTypeError, complain

__all__ = ["amplitudes_of", "generator", "reals", "whole"]

#: Kinds of dtypes that are whole numbers.
WHOLE = "biu"


def whole(
    object: str, parameter: str, values: ArrayLike, shape: int | tuple[int, ...], most: int, range: str = ""
) -> NDArray[np.int64]:
    """Return whole numbers in [0, most]; ``shape`` is n, or (n, k), as of ``reals``."""
    words = range or f"integers in [0, {most}]"
    each = shape if isinstance(shape, tuple) else (shape,)
    column = _array(object, parameter, values, words)
    if column.dtype.kind not in WHOLE and column.size:
        raise complain(WrongTypeError, object, parameter, words, shown(values))
    _check_shape(object, parameter, column, each)
    outside = (column < 0) | (column > most)
    if outside.any():
        raise complain(RangeError, object, parameter, words, str(column[outside][0]))
    return np.broadcast_to(column.astype(np.int64), each)


def reals(
    object: str,
    parameter: str,
    values: ArrayLike,
    shape: tuple[int, ...],
    range: str,
    low: float = -math.inf,
    high: float = math.inf,
) -> NDArray[np.float64]:
    """Return numbers in [low, high], infinity excepted; ``range`` says it in words.

    ``shape`` is (n,), of which one number stands for all, or (n, k), of which one vector does.
    """
    column = _array(object, parameter, values, range)
    if column.dtype.kind not in WHOLE + "f" and column.size:
        raise complain(WrongTypeError, object, parameter, range, shown(values))
    _check_shape(object, parameter, column, shape)
    outside = ~((column >= low) & (column <= high) & np.isfinite(column))
    if outside.any():
        raise complain(RangeError, object, parameter, range, str(column[outside][0]))
    return np.broadcast_to(column.astype(np.float64), shape)


def amplitudes_of(object: str, parameter: str, values: ArrayLike, count: int) -> NDArray[np.complex128]:
    """Return finite complex numbers: one for all pulses, or one each."""
    words = "finite numbers"
    column = _array(object, parameter, values, words)
    if column.dtype.kind not in WHOLE + "fc" and column.size:
        raise complain(WrongTypeError, object, parameter, words, shown(values))
    _check_shape(object, parameter, column, (count,))
    outside = ~np.isfinite(column)
    if outside.any():
        raise complain(RangeError, object, parameter, words, str(column[outside][0]))
    return np.broadcast_to(column.astype(np.complex128), count)


def generator(object: str, rng: np.random.Generator) -> np.random.Generator:
    """Return where a program's random numbers come from: the generator it was given, or one of its own."""
    if not isinstance(rng, np.random.Generator):
        raise complain(WrongTypeError, object, "rng", "a numpy Generator", shown(rng))
    return rng


def _array(object: str, parameter: str, values: ArrayLike, range: str) -> NDArray[Any]:
    try:
        return np.asarray(values)
    except (TypeError, ValueError, OverflowError):
        raise complain(WrongTypeError, object, parameter, range, shown(values)) from None


def _check_shape(object: str, parameter: str, column: NDArray[Any], shape: tuple[int, ...]) -> None:
    """Refuse what does not stand for all pulses: one entry, or one for each of them."""
    if column.shape not in (shape, shape[1:]):
        one = f"a vector {shape[1:]}" if shape[1:] else "a number"
        raise complain(WrongTypeError, object, parameter, f"{one} or {shape}", f"shape {column.shape}")
