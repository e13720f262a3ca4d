"""The root of all random streams, from whatever a user calls a seed."""

from __future__ import annotations

import secrets

import numpy as np

from ebit._arguments import shown
from ebit.errors import RangeError, WrongTypeError, complain


def root_seed(rng: object, object: str = "simulate", parameter: str = "rng") -> int:
    """Return the 128-bit root of all random streams.

    Parameters
    ----------
    rng : int, SeedSequence, Generator or None
        An int in [0, 2^128) is itself; a ``SeedSequence`` gives ``generate_state(4)``; a ``Generator`` is advanced by
        one draw; None takes the system's entropy.
    object, parameter : str
        What a complaint names.

    Examples
    --------
    >>> root_seed(7)
    7
    """
    if rng is None:
        return secrets.randbits(128)
    if isinstance(rng, (int, np.integer)) and not isinstance(rng, bool):
        if not 0 <= int(rng) < 2**128:
            raise complain(RangeError, object, parameter, "an integer in [0, 2^128)", shown(int(rng)))
        return int(rng)
    if isinstance(rng, np.random.SeedSequence):
        return sum(int(word) << (32 * k) for k, word in enumerate(rng.generate_state(4)))
    if isinstance(rng, np.random.Generator):
        return int.from_bytes(rng.bytes(16), "little")
    raise complain(WrongTypeError, object, parameter, "an int, a SeedSequence, a Generator or None", shown(rng))


def user_stream(root: int, replica: int, entity: int) -> np.random.Generator:
    """Return the generator for a user's own draws at one entity: Philox, apart from every stream of the engine.

    Key and counter name the stream as in the core: [block, entity, replica, purpose], purpose 2^32 for users.

    >>> float(user_stream(1, 0, 2).random()) == float(user_stream(1, 0, 2).random())
    True
    """
    counter = entity << 64 | replica << 128 | (1 << 32) << 192
    return np.random.Generator(np.random.Philox(counter=counter, key=root))
