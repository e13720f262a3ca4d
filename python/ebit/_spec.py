"""Frozen dataclasses that Rust checks where they are typed, and the JSON they become."""

from __future__ import annotations

import dataclasses
import functools
import json
import math
import numbers
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ebit import _core
from ebit._arguments import shown
from ebit.errors import WrongTypeError, complain


@functools.cache
def _definitions() -> Mapping[str, Any]:
    definitions: Mapping[str, Any] = json.loads(_core.schema())["$defs"]
    return definitions


def default(kind: str, field: str) -> Any:
    """Return a field's default as the Rust type declares it: the one place where defaults live."""
    return _definitions()[kind]["properties"][field].get("default")


#: What fits an i64.
_BIG = 1 << 63


def _is_plain(value: Any) -> bool:
    kind = type(value)
    if kind is int:
        return bool(-_BIG < value < _BIG)
    return value is None or kind is str or (kind is float and math.isfinite(value))


def _is_plain_column(items: Sequence[Any]) -> bool:
    """The same of many values at once; False where one has to look at each."""
    kinds = set(map(type, items))
    if kinds <= {str, type(None)}:
        return True
    if kinds == {int}:
        return bool(min(items) > -_BIG and max(items) < _BIG)
    return kinds == {float} and all(map(math.isfinite, items))


def plain(value: object, place: str = "value") -> Any:
    """Turn a specification into what JSON can say; NaN and infinities become strings that Rust judges."""
    if _is_plain(value):
        return value
    if isinstance(value, Spec):
        return value.nested()
    if isinstance(value, _core.BellDiagonal):
        # Before the numbers, whose abstract types take their time to ask.
        weights = value.weights
        return weights.tolist() if isinstance(weights, np.ndarray) else [float(w) for w in weights]
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, numbers.Integral):
        whole = int(value)
        # Beyond a double there is no number for JSON to hold.
        return whole if whole.bit_length() <= 1023 else ("Infinity" if whole > 0 else "-Infinity")
    if isinstance(value, numbers.Real):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf if value > 0 else -math.inf  # type: ignore[operator]
        if math.isnan(number):
            return "NaN"
        if math.isinf(number):
            return "Infinity" if number > 0 else "-Infinity"
        return number
    if isinstance(value, Mapping):
        return {str(k): plain(v, f"{place}.{k}") for k, v in value.items()}
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return plain(value.item(), place)
    if isinstance(value, (list, tuple, np.ndarray)):
        items = value.tolist() if isinstance(value, np.ndarray) else value
        # Columns are long and mostly plain already.
        if _is_plain_column(items):
            return list(items)
        return [v if _is_plain(v) else plain(v, f"{place}[{k}]") for k, v in enumerate(items)]
    object, _, parameter = place.rpartition(".")
    raise complain(
        WrongTypeError,
        object or place,
        parameter,
        "a value of the documented type",
        f"{type(value).__name__} {shown(value)}",
    )


_NOT_FINITE = ("NaN", "Infinity", "-Infinity")


@functools.cache
def _fields(kind: type) -> tuple[tuple[str, bool], ...]:
    """The names of a specification's fields, and whether each is a text."""
    return tuple((f.name, str(f.type).startswith("str")) for f in dataclasses.fields(kind))


class Spec:
    """Base of all specifications: checked on construction, immutable, picklable, comparable."""

    def __post_init__(self) -> None:
        for name, _ in _fields(type(self)):  # type: ignore[arg-type]
            value = getattr(self, name)
            if isinstance(value, np.ndarray) and value.ndim == 0:
                # A number, and hashable as one.
                object.__setattr__(self, name, value.item())
        _core.check(type(self).__name__, self._document())

    def _document(self) -> str:
        """Return what Rust reads."""
        return json.dumps(self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values, nested specifications included."""
        name = type(self).__name__
        out = {}
        for field, is_text in _fields(type(self)):  # type: ignore[arg-type]
            value = getattr(self, field)
            # These spell non-finite numbers on the way to Rust, and nothing that a user may type.
            if not is_text and isinstance(value, str) and value in _NOT_FINITE:
                raise complain(WrongTypeError, name, field, "a number", shown(value), "math.inf and math.nan are")
            out[field] = value if _is_plain(value) else plain(value, f"{name}.{field}")
        return out

    def nested(self) -> dict[str, Any]:
        """Return what stands in a document where this is a part of something else."""
        return self.to_dict()

    def replace(self, **changes: Any) -> Any:
        """Return a copy with some fields changed."""
        return dataclasses.replace(self, **changes)  # type: ignore[type-var]
