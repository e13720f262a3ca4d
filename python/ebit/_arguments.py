"""Arguments judged in Python: plain numbers, before they reach arithmetic."""

from __future__ import annotations

import math
import numbers
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ebit.errors import RangeError, WrongTypeError, complain

__all__ = ["flag", "integer", "mask_of", "path_of", "probability", "real", "shown", "table"]


def shown(value: object) -> str:
    """Return what was typed, short enough for a sentence."""
    if isinstance(value, int) and value.bit_length() > 1000:
        return f"an integer of {value.bit_length()} bits"
    try:
        text = " ".join(repr(value).split())
    except Exception:
        text = type(value).__name__
    return text if len(text) <= 60 else text[:57] + "..."


def integer(
    object: str, parameter: str, value: object, low: int | None = None, high: int | None = None, hint: str = ""
) -> int:
    """Return a whole number within its range; True and 1.0 are none."""
    if high is not None:
        words = f"an integer in [{low}, {high}]"
    else:
        words = "an integer" if low is None else f"an integer >= {low}"
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise complain(WrongTypeError, object, parameter, words, shown(value), hint)
    number = int(value)
    if (low is not None and number < low) or (high is not None and number > high):
        raise complain(RangeError, object, parameter, words, shown(number), hint)
    return number


def real(object: str, parameter: str, value: object, range: str = "a finite number", hint: str = "") -> float:
    """Return a finite number; True and strings are none."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise complain(WrongTypeError, object, parameter, range, shown(value), hint)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise complain(RangeError, object, parameter, range, shown(value), hint)
    return number


def flag(object: str, parameter: str, value: object) -> bool:
    """Return True or False; no other value is taken for one of them."""
    if not isinstance(value, (bool, np.bool_)):
        raise complain(WrongTypeError, object, parameter, "True or False", shown(value))
    return bool(value)


def probability(object: str, parameter: str, value: object) -> float:
    """Return a number in [0, 1]."""
    words = "a probability in [0, 1]"
    number = real(object, parameter, value, words)
    if not 0.0 <= number <= 1.0:
        raise complain(RangeError, object, parameter, words, shown(value))
    return number


def mask_of(object: str, where: ArrayLike | None, count: int) -> NDArray[np.bool_]:
    """Return which of ``count`` things are meant; None: all. Numbers are no mask: places would be taken for one."""
    if where is None:
        return np.ones(count, dtype=bool)
    words = f"a bool array ({count},)"
    try:
        mask = np.asarray(where)
    except (TypeError, ValueError):
        raise complain(WrongTypeError, object, "where", words, shown(where)) from None
    if mask.dtype.kind != "b" and mask.size:
        raise complain(WrongTypeError, object, "where", words, f"dtype {mask.dtype}")
    if mask.shape != (count,):
        raise complain(WrongTypeError, object, "where", words, f"shape {mask.shape}")
    return mask.astype(bool)


def table(object: str, parameter: str, value: object) -> Mapping[str, Any]:
    """Return a mapping: the native reader would take a list for one, field by field."""
    if not isinstance(value, Mapping):
        raise complain(WrongTypeError, object, parameter, "a table", shown(value))
    return value


def path_of(value: object) -> Path:
    """Return the path of a file."""
    if not isinstance(value, (str, os.PathLike)):
        raise complain(WrongTypeError, "file", "path", "a string or a Path", shown(value))
    return Path(value)
