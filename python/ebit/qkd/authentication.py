"""Message authentication that no computer breaks, paid for in secret key.

    key: | point of the hash, 128 bits | pad 1 | pad 2 | ...
    tag k = (hash of message k at the point, cut to the tag's length) XOR pad k

Wegman and Carter, doi:10.1016/0022-0000(81)90033-7. It knows nothing of what the messages say.
"""

from __future__ import annotations

from ebit import _core
from ebit._arguments import integer, shown
from ebit.errors import RangeError, WrongTypeError, complain
from ebit.qkd._bits import key_of
from ebit.qkd.ledger import Ledger

__all__ = ["Authenticator"]


def _bytes(method: str, parameter: str, value: object) -> bytes:
    if not isinstance(value, (bytes, bytearray, memoryview)):
        raise complain(WrongTypeError, f"Authenticator.{method}", parameter, "bytes", shown(value))
    return bytes(value)


class Authenticator:
    """One side of an authenticated channel; the other side is made from the same key.

    Both take pads in the same order, one for each message, whether it was accepted or not. A forger succeeds with
    probability at most (ceil(bits / 128) + 1) 2^-tag_bits for a message of so many bits.

    Parameters
    ----------
    key : array of bool
        Shared secret key: 128 bits for the hash, then ``tag_bits`` for each message.
    tag_bits : int
        Length of a tag, in [1, 128].
    bit_length : int, optional
        Bits of the key, where they come eight a byte.

    Examples
    --------
    >>> import numpy as np
    >>> key = np.random.default_rng(1).random(128 + 2 * 64) < 0.5
    >>> alice, bob = Authenticator(key), Authenticator(key)
    >>> tag = alice.tag(b"basis: 0110")
    >>> bob.accepts(b"basis: 0110", tag), bob.key_bits_used, bob.key_bits_left
    (True, 192, 64)
    >>> bob.accepts(b"basis: 1110", alice.tag(b"basis: 0110"))
    False
    """

    def __init__(self, key: object, tag_bits: int = 64, *, bit_length: int | None = None) -> None:
        bits = key_of("Authenticator", "key", key, bit_length)
        self._tag_bits = integer("Authenticator", "tag_bits", tag_bits, 1, 128)
        self._core = _core.QkdAuthenticator(bits.array, bits.bits, bits.packed, self._tag_bits)

    @property
    def key_bits_used(self) -> int:
        """Bits of key spent so far, those of the hash included."""
        return self._core.key_bits_used()

    @property
    def key_bits_left(self) -> int:
        """Bits of key left."""
        return self._core.key_bits_left()

    @property
    def ledger(self) -> Ledger:
        """What was spent, as a ledger."""
        return Ledger.of(self._core.lines())

    def tag(self, message: bytes) -> bytes:
        """Return the tag of the next message; spends a pad.

        Parameters
        ----------
        message : bytes

        Raises
        ------
        RangeError
            The key is used up.

        Examples
        --------
        >>> import numpy as np
        >>> len(Authenticator(np.ones(200, bool), tag_bits=60).tag(b"hello"))
        8
        """
        return bytes(self._core.tag(_bytes("tag", "message", message)))

    def accepts(self, message: bytes, tag: bytes) -> bool:
        """Return whether the next message came with its tag; spends a pad either way.

        Parameters
        ----------
        message, tag : bytes

        Raises
        ------
        RangeError
            The key is used up, or the tag has not the length of one.

        Examples
        --------
        >>> import numpy as np
        >>> Authenticator(np.ones(200, bool)).accepts(b"hello", bytes(8))
        False
        """
        received = _bytes("accepts", "tag", tag)
        size = (self._tag_bits + 7) // 8
        if len(received) != size:
            raise complain(RangeError, "Authenticator.accepts", "tag", f"{size} bytes", f"{len(received)} bytes")
        return self._core.accepts(_bytes("accepts", "message", message), received)
