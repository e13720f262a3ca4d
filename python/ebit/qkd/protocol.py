"""What every protocol can be asked: a key rate with what it rests on, its best parameters, its longest distance."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from ebit import _core
from ebit._arguments import real, shown
from ebit._spec import Spec
from ebit.channels import CHANNELS, OpticalChannel, channel_from_plain
from ebit.errors import RangeError, WrongTypeError, complain
from ebit.estimates import Estimate

if TYPE_CHECKING:
    from ebit.qkd.attacks import Eavesdropper
    from ebit.qkd.session import Session

__all__ = ["Epsilon", "KeyRate", "Protocol"]

#: Security of a finite key when none is asked for.
EPSILON = 1e-10


@dataclass(frozen=True)
class Epsilon(Spec):
    """How insecure a finite key may be, by its parts: give ``secrecy``, or ``secrecy_per_bit``.

    Parameters
    ----------
    correctness : float
        Probability that the two keys differ, in (0, 1).
    secrecy : float, optional
        Probability that the key is anything but ideal, in (0, 1).
    secrecy_per_bit : float, optional
        The same per secret bit; the whole is this times the length of the key, and there is none where that reaches 1.

    Examples
    --------
    >>> Epsilon(correctness=1e-15, secrecy_per_bit=1e-15).secrecy is None
    True
    """

    correctness: float
    secrecy: float | None = None
    secrecy_per_bit: float | None = None


@dataclass(frozen=True)
class KeyRate(Estimate):
    """A key rate: an ``Estimate`` without statistical error, and what it rests on.

    Parameters
    ----------
    value, stderr, low, high : float
        As of an ``Estimate``.
    parts : Mapping[str, float]
        Intermediate results by name: gains, error rates, bounds.
    epsilon : Mapping[str, float]
        Of a finite key: the parts of epsilon, which add up to it.
    why : str
        Why there is no key; empty where there is one.
    security : str
        Against whom, by which method, with its source.
    assumptions : tuple of str
        Every ideal value and simplification in force.
    method, formalism : str
        How it was computed.
    version : str
        Of this package.

    Examples
    --------
    >>> KeyRate(0.25, 0.0, 0.25, 0.25).value
    0.25
    """

    parts: Mapping[str, float] = field(default_factory=dict, compare=False, repr=False)
    epsilon: Mapping[str, float] = field(default_factory=dict, compare=False, repr=False)
    why: str = field(default="", compare=False, repr=False)
    security: str = field(default="", compare=False, repr=False)
    assumptions: tuple[str, ...] = field(default=(), compare=False, repr=False)
    method: str = field(default="exact", compare=False, repr=False)
    formalism: str = field(default="closed form", compare=False, repr=False)
    version: str = field(default="", compare=False, repr=False)

    @property
    def seed(self) -> int | None:
        """Nothing was drawn."""
        return None

    def why_no_key(self) -> str:
        """Say why there is no key, or return an empty string."""
        return self.why

    def scaled(self, factor: float) -> KeyRate:
        """Return the rate times a number: per second instead of per signal."""
        value, stderr, low, high = (factor * x for x in (self.value, self.stderr, self.low, self.high))
        return dataclasses.replace(self, value=value, stderr=stderr, low=low, high=high)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values; what is not finite becomes None."""
        more = {
            "parts": dict(self.parts),
            "epsilon": dict(self.epsilon),
            "why": self.why,
            "security": self.security,
            "assumptions": list(self.assumptions),
            "method": self.method,
            "formalism": self.formalism,
            "seed": self.seed,
            "version": self.version,
        }
        return super().to_dict() | more


def budget(name: str, epsilon: object) -> Epsilon:
    """Return epsilon with its parts: half for correctness, half for secrecy, when it is one number."""
    if isinstance(epsilon, Epsilon):
        return epsilon
    words = "an Epsilon, or a number in (0, 1)"
    number = real(name, "epsilon", epsilon, words)
    if not 0.0 < number < 1.0:
        raise complain(RangeError, name, "epsilon", words, shown(epsilon), "no key is perfectly secret: 1e-10")
    return Epsilon(correctness=0.5 * number, secrecy=0.5 * number)


class Protocol(Spec):
    """A protocol on its line; the parameters are its fields.

    Examples
    --------
    >>> from ebit import Fiber
    >>> from ebit.qkd import DecoyBB84
    >>> isinstance(DecoyBB84(fiber=Fiber(10.0), receiver_efficiency=0.1), Protocol)
    True
    """

    def __post_init__(self) -> None:
        for each in dataclasses.fields(self):  # type: ignore[arg-type]
            value = getattr(self, each.name)
            if isinstance(value, (list, np.ndarray)) and np.ndim(value) == 1:
                # Pairs, hashable and comparable.
                object.__setattr__(self, each.name, tuple(np.asarray(value).tolist()))
        fiber = getattr(self, "fiber", None)
        if hasattr(self, "fiber") and not isinstance(fiber, OpticalChannel):
            raise complain(
                WrongTypeError, type(self).__name__, "fiber", CHANNELS, f"{type(fiber).__name__} {shown(fiber)}"
            )
        super().__post_init__()

    def tagged(self) -> dict[str, Any]:
        """Return the protocol as documents hold it, under its name."""
        return {type(self).__name__: self.to_dict()}

    def key_rate(self, block: float | None = None, epsilon: float | Epsilon = EPSILON) -> KeyRate:
        """Return the secret bits per signal sent.

        Parameters
        ----------
        block : float, optional
            Sifted bits of the key basis for a finite key, of GG02 the signals that make key, of TwinField and
            SendingOrNotSending the clicks of key windows, of ModePairing the pairs that make key, of DeviceIndependent
            the rounds, with its tests; None: asymptotic.
        epsilon : float or Epsilon
            Of a finite key: correctness + secrecy, half each when given as one number.

        Returns
        -------
        KeyRate
            0 with the reason in ``why_no_key()`` where there is no key.
            So is a finite one where clicks are so seldom that a block takes more than 1e150 pulses.

        Raises
        ------
        RangeError
            A block or an epsilon outside its range, or a finite key of a protocol for which no proof is implemented.

        Examples
        --------
        >>> from ebit import Fiber
        >>> from ebit.qkd import DecoyBB84
        >>> line = DecoyBB84(fiber=Fiber(50.0), receiver_efficiency=0.1, background_probability=1e-6, misalignment=0.01)
        >>> line.key_rate().value > line.key_rate(block=1e7).value > 0
        True
        """
        return self._key_rate(block, epsilon)[0]

    def key_rate_hz(self, block: float | None = None, epsilon: float | Epsilon = EPSILON) -> KeyRate:
        """Return the secret bits per second: ``key_rate`` times the signals per second.

        Parameters
        ----------
        block : float, optional
            As of ``key_rate``.
        epsilon : float or Epsilon
            As of ``key_rate``.

        Returns
        -------
        KeyRate

        Examples
        --------
        >>> from ebit import Fiber
        >>> from ebit.qkd import DecoyBB84
        >>> line = DecoyBB84(fiber=Fiber(50.0), receiver_efficiency=0.1, repetition_rate_hz=1e6)
        >>> line.key_rate_hz().value == 1e6 * line.key_rate().value
        True
        """
        rate, repetition = self._key_rate(block, epsilon)
        return rate.scaled(repetition)

    def optimize(self, block: float | None = None, epsilon: float | Epsilon = EPSILON) -> Self:
        """Return the same protocol at its best parameters.

        Intensities; of a finite key also their probabilities and the bias of the bases. The search starts without loss
        and carries its optimum out to the distance: where bounds are cut off, a cold start would see no key. Where that
        one gives none, it starts from other places, too.

        Parameters
        ----------
        block : float, optional
            As of ``key_rate``.
        epsilon : float or Epsilon
            As of ``key_rate``.

        Returns
        -------
        Protocol
            Of the same class; where no parameters give a key, ones that come nearest.

        Examples
        --------
        >>> from ebit import Fiber
        >>> from ebit.qkd import DecoyBB84
        >>> line = DecoyBB84(fiber=Fiber(50.0), receiver_efficiency=0.1, misalignment=0.01)
        >>> line.optimize().key_rate().value >= line.key_rate().value
        True
        """
        best = json.loads(_core.qkd_optimum(json.dumps(self.tagged()), self._finite(block, epsilon)))
        return self._from_plain(best[type(self).__name__])

    def max_distance_km(self, block: float | None = None, epsilon: float | Epsilon = EPSILON) -> float:
        """Return the longest fibre over which there is a key, in km; all other parameters stay as they are.

        Parameters
        ----------
        block : float, optional
            As of ``key_rate``.
        epsilon : float or Epsilon
            As of ``key_rate``.

        Returns
        -------
        float
            0 where there is no key even without a fibre.

        Raises
        ------
        RangeError
            A channel that is no fibre, or a fibre without attenuation.

        Examples
        --------
        >>> from ebit import Fiber
        >>> from ebit.qkd import DecoyBB84
        >>> line = DecoyBB84(fiber=Fiber(50.0), receiver_efficiency=0.1, background_probability=1e-5)
        >>> 100 < line.max_distance_km() < 200
        True
        """
        return _core.qkd_max_distance_km(json.dumps(self.tagged()), self._finite(block, epsilon))

    def run(self, pulses: int, eavesdropper: Eavesdropper | None = None, **options: Any) -> Session:
        """Run the protocol from the source to the parties' bits, with somebody on the line or not.

        Parameters
        ----------
        pulses : int
            How many are sent.
        eavesdropper : Eavesdropper, optional
            Built in, or a class of one's own.
        **options
            As of ``ebit.qkd.run``: ``rng``, ``threads``, ``progress``, ``dead_time_s`` and more.

        Returns
        -------
        Session

        Examples
        --------
        >>> from ebit import Fiber
        >>> from ebit.qkd import BB84, InterceptResend
        >>> session = BB84(fiber=Fiber(10.0), receiver_efficiency=0.5).run(10**6, InterceptResend(), rng=1)
        >>> print(session.qber, session.alarm)
        0.250 ± 0.001 True
        """
        from ebit.qkd.running import run

        return run(self, pulses, eavesdropper, **options)

    def _key_rate(self, block: float | None, epsilon: float | Epsilon) -> tuple[KeyRate, float]:
        raw = _core.qkd_key_rate(json.dumps(self.tagged()), self._finite(block, epsilon))
        value = raw["value"]
        version = dict(_core.build_info())["version"]
        more = {name: raw[name] for name in ("parts", "epsilon", "why", "security")}
        rate = KeyRate(value, 0.0, value, value, **more, assumptions=tuple(raw["assumptions"]), version=version)
        return rate, raw["repetition_rate_hz"]

    def _finite(self, block: float | None, epsilon: float | Epsilon) -> str | None:
        if block is None:
            return None
        name = f"{type(self).__name__}.key_rate"
        bits = real(name, "block", block, "sifted bits in the key basis")
        return json.dumps({"block": bits, "epsilon": budget(name, epsilon).to_dict()})

    @classmethod
    def _from_plain(cls, values: Mapping[str, Any]) -> Self:
        """Build the protocol from what a document holds."""
        fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
        if "fiber" in fields:
            fields["fiber"] = channel_from_plain(fields["fiber"])
        return cls(**fields)
