"""Keys as arrays: booleans, or eight bits a byte; judged here, packed in the core."""

from __future__ import annotations

from typing import Any

import numpy as np

from ebit._arguments import integer, shown
from ebit.errors import RangeError, WrongTypeError, complain

__all__ = ["Key", "key_of", "looked_up", "pair_of", "restored"]

Array = np.ndarray[Any, Any]

#: The longest key, so that places fit in 32 bits with some to spare.
MOST_BITS = 1 << 31


class Key:
    """Bytes as the core takes them, how many bits they are, and how they came."""

    def __init__(self, array: Array, bits: int, packed: bool, kind: np.dtype[Any]) -> None:
        self.array = array
        self.bits = bits
        self.packed = packed
        self.kind = kind


def key_of(object: str, parameter: str, value: object, bit_length: int | None = None, rows: bool = False) -> Key:
    """Return a key, or with ``rows`` also several of one length; an array of bits is never empty."""
    words = "an array of bits" + (", or a row of them for each key" if rows else "")
    try:
        array = np.asarray(value)
    except ValueError:
        raise complain(WrongTypeError, object, parameter, words, shown(value), "rows of one length") from None
    if array.dtype.kind not in "biu":
        raise complain(
            WrongTypeError, object, parameter, words, f"dtype {array.dtype}", "booleans, or integers 0 and 1"
        )
    if array.ndim not in ((1, 2) if rows else (1,)):
        raise complain(RangeError, object, parameter, words, f"shape {array.shape}")
    if array.size == 0:
        raise complain(RangeError, object, parameter, "not empty", f"shape {array.shape}")
    kind = array.dtype
    if bit_length is not None:
        bits = integer(object, "bit_length", bit_length, 1, 8 * array.shape[-1])
        if kind != np.uint8:
            text = "eight bits a byte come as uint8, as numpy.packbits(bits, bitorder='little') gives them"
            raise complain(WrongTypeError, object, parameter, "an array of uint8", f"dtype {kind}", text)
        if array.shape[-1] != (bits + 7) // 8:
            range_ = f"(bit_length + 7) // 8 = {(bits + 7) // 8} bytes"
            raise complain(RangeError, object, parameter, range_, f"{array.shape[-1]} bytes")
    else:
        bits = array.shape[-1]
        if kind.kind != "b" and kind != np.uint8:
            outside = (array != 0) & (array != 1)
            if outside.any():
                raise complain(RangeError, object, parameter, "bits, 0 or 1", shown(array[outside][0].item()))
    if bits > MOST_BITS:
        raise complain(RangeError, object, parameter, f"at most {MOST_BITS} bits", f"{bits} bits", "cut it into keys")
    array = np.ascontiguousarray(array)
    array = array.view(np.uint8) if kind.kind == "b" else array.astype(np.uint8, copy=False)
    return Key(array, bits, bit_length is not None, kind)


def pair_of(object: str, alice: object, bob: object, bit_length: int | None, rows: bool) -> tuple[Key, Key]:
    """Return two keys of one shape."""
    a, b = key_of(object, "alice", alice, bit_length, rows), key_of(object, "bob", bob, bit_length, rows)
    if a.array.shape != b.array.shape:
        range_ = f"as long as alice, shape {a.array.shape}"
        raise complain(
            RangeError, object, "bob", range_, f"shape {b.array.shape}", "keep only sifted bits on both sides"
        )
    return a, b


def restored(array: Array, like: Key) -> Array:
    """Return the core's bytes as what the caller gave: booleans, packed bytes or integers."""
    if like.packed:
        return array
    if like.kind.kind == "b":
        return array.view(np.bool_)
    return array.astype(like.kind, copy=False)


def looked_up(table: Array, index: Array) -> Array:
    """Return ``table[index]`` of a table of bytes or booleans.

    Where the index is of bytes, as bytes are translated: ten times faster than by an array of places.
    """
    if index.dtype != np.uint8 or len(table) > 256:
        return np.asarray(table[index])
    if index.size and int(index.max()) >= len(table):
        raise IndexError(f"index {int(index.max())} is out of bounds of a table of {len(table)}")
    translated = bytearray(index.tobytes()).translate(table.tobytes().ljust(256, b"\0"))
    return np.frombuffer(translated, dtype=table.dtype).reshape(index.shape)
