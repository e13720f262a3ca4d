"""Messages that somebody changed on their way: what of them a receiver can read.

Whoever is not asked for a tag may say anything, but only in the form that was agreed on: the columns of a message, of
their types, as long as the receiver knows they are, with words that exist. Anything else is a mistake in the program
that wrote it, and is named as such before a party reckons with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ebit._arguments import shown
from ebit.errors import RangeError, WrongTypeError, complain
from ebit.qkd.attacks import Message

__all__ = ["checked_rows", "plain_message", "readable"]

#: Columns of which there may be more or fewer than were sent: whoever stands between the two has clicks of her own.
FREE: Mapping[str, tuple[str, ...]] = {
    "detections": ("pulse", "axis"),
    "preparations": ("announced", "light"),
    "kept": ("kept",),
    "sample": ("place", "bits", "values"),
}
#: Columns that name places, which begin at 0.
PLACES = ("pulse", "place")


def plain_message(message: object) -> Message:
    """Return what an eavesdropper lets go on, its columns as arrays; it must be a message."""
    if not isinstance(message, Message):
        hint = "return the message, or message.replace(...)"
        raise complain(WrongTypeError, "Eavesdropper.message", "message", "a Message", shown(message), hint)
    name = f"message '{message.kind}'"
    if not isinstance(message.content, Mapping):
        raise complain(WrongTypeError, name, "content", "a mapping of str to array", shown(message.content))
    columns: dict[str, NDArray[Any]] = {}
    for key, value in message.content.items():
        try:
            column = np.asarray(value)
        except (TypeError, ValueError):
            raise complain(WrongTypeError, name, str(key), "an array of numbers", shown(value)) from None
        if column.dtype.kind not in "biuf":
            raise complain(WrongTypeError, name, str(key), "an array of numbers", f"dtype {column.dtype}")
        columns[key] = column
    return Message(message.sender, message.receiver, message.kind, columns)


def readable(sent: Message, arrived: Message, below: Mapping[str, int]) -> Mapping[str, NDArray[Any]]:
    """Return what arrived in the place of what was sent, in its types; ``below``: how many words of a column exist."""
    name = f"message '{sent.kind}'"
    missing = [key for key in sent.content if key not in arrived.content]
    if missing:
        words, there = f"columns {', '.join(sent.content)}", ", ".join(arrived.content) or "none"
        raise complain(RangeError, name, "content", words, there)
    out: dict[str, NDArray[Any]] = {}
    free = {key: len(arrived.content[key]) for key in FREE.get(sent.kind, ()) if np.ndim(arrived.content.get(key, 0))}
    for key, model in sent.content.items():
        column = arrived.content[key]
        shape = (column.shape[:1] or (1,)) + model.shape[1:] if key in free else model.shape
        if column.shape != shape:
            raise complain(RangeError, name, key, f"an array of shape {shape}", f"shape {column.shape}")
        if key in free and free[key] != next(iter(free.values())):
            first = next(iter(free))
            raise complain(RangeError, name, key, f"as long as {first}, {free[first]}", str(free[key]))
        out[key] = _typed(name, key, column, model.dtype, below.get(key))
    return out


def checked_rows(kind: str, content: Mapping[str, NDArray[Any]], rows: int) -> None:
    """Refuse columns that are not as long as their receiver knows them to be."""
    for key in FREE.get(kind, content):
        if key in content and len(content[key]) != rows:
            words, hint = f"{rows} entries", "its receiver knows how many there are"
            raise complain(RangeError, f"message '{kind}'", key, words, f"{len(content[key])} entries", hint)


def _typed(name: str, key: str, column: NDArray[Any], dtype: np.dtype[Any], below: int | None) -> NDArray[Any]:
    """Return a column in the type that its receiver reads."""
    if dtype.kind == "f":
        if not np.isfinite(column).all():
            raise complain(RangeError, name, key, "finite numbers", str(column[~np.isfinite(column)][0]))
        return column.astype(dtype)
    if column.dtype.kind == "f":
        raise complain(WrongTypeError, name, key, f"an array of {dtype}", f"dtype {column.dtype}")
    low, high = (0, 1) if dtype.kind == "b" else (int(np.iinfo(dtype).min), int(np.iinfo(dtype).max))
    if key in PLACES:
        low = 0
    if below is not None:
        high = min(high, below - 1)
    outside = (column < low) | (column > high)
    if outside.any():
        raise complain(RangeError, name, key, f"integers in [{low}, {high}]", str(column[outside][0]))
    return column.astype(dtype)
