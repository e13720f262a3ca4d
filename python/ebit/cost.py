"""What a secret bit costs: one number for repeaters of every kind."""

from __future__ import annotations

import math
from typing import Protocol

from ebit._arguments import real, shown
from ebit.errors import RangeError, WrongTypeError, complain

__all__ = ["Costed", "cost_coefficient"]


class Costed(Protocol):
    """What has a cost: a ``ChainResult``, an ``EncodedResult``, or anything with these three."""

    @property
    def qubits(self) -> int:
        """Memory qubits at all stations together."""

    @property
    def length_km(self) -> float | None:
        """Fibre from end to end in km, if it has one."""

    @property
    def secret_key_rate_hz(self) -> object:
        """Secret bits per second."""


def cost_coefficient(result: Costed, *, length_km: float | None = None) -> float:
    """Return qubits times seconds per secret bit and kilometre; infinite without a key.

    C' = qubits of all stations / (secret bits per second x km): the cost coefficient by which Muralidharan et al.,
    doi:10.1038/srep20463, compare the generations of repeaters.

    Parameters
    ----------
    result : ChainResult or EncodedResult
        What an evaluation of a chain found; a ``RepeaterChain`` with or without ``encoding``, an ``EncodedChain``.
    length_km : float, optional
        For links that have no fibre.

    Returns
    -------
    float
        In qubit s / (bit km). An ``EncodedResult.cost_coefficient`` is this in units of its correction time.

    Raises
    ------
    SpecError
        Neither the result nor the caller knows a length.

    Examples
    --------
    >>> import ebit
    >>> fiber = ebit.EncodedChain.fiber_20_km(1000.0)
    >>> chain = ebit.EncodedChain(ebit.ParityCode(10, 5), fiber, stations=500, error=1e-3)
    >>> r = chain.exact()
    >>> f"{cost_coefficient(r):.3e}, {r.cost_coefficient * chain.correction_time_s:.3e}"
    '6.727e-05, 6.727e-05'
    """
    name = "cost_coefficient"
    for field in ("qubits", "secret_key_rate_hz"):
        if not hasattr(result, field):
            raise complain(WrongTypeError, name, "result", "the result of a chain", shown(result))
    length = result.length_km if length_km is None else length_km
    if length is None:
        words = "given for links without a fibre"
        raise complain(RangeError, name, "length_km", words, "None", "fibre from end to end in km")
    km = real(name, "length_km", length, "> 0 km")
    if not km > 0.0:
        raise complain(RangeError, name, "length_km", "> 0 km", shown(length))
    rate = float(result.secret_key_rate_hz)  # type: ignore[arg-type]
    return result.qubits / (rate * km) if rate > 0.0 else math.inf
