"""Protocols on entangled pairs: BBM92 and E91 with down-conversion, on delivered pairs, and device-independent."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

from ebit import _core
from ebit._arguments import probability, shown
from ebit._spec import default
from ebit.channels import OpticalChannel
from ebit.errors import RangeError, WrongTypeError, complain
from ebit.estimates import Estimate
from ebit.photonic import PerSide
from ebit.qkd.protocol import EPSILON, Epsilon, KeyRate, Protocol

__all__ = ["BBM92", "E91", "DeliveredPairs", "DeviceIndependent", "chsh"]


def chsh(qber: float) -> float:
    """Return the CHSH value of pairs with the same error rate in every direction: 2 sqrt 2 (1 - 2Q).

    Clauser, Horne, Shimony and Holt's S at the best directions (Acin et al. 2007, doi:10.1103/PhysRevLett.98.230501).

    Parameters
    ----------
    qber : float
        Q, in [0, 1].

    Returns
    -------
    float
        2 at Q = (1 - 1/sqrt 2)/2 = 14.64 %, beyond which no Bell inequality is violated.

    Examples
    --------
    >>> round(chsh(0.0), 10)
    2.8284271247
    """
    return _core.qkd_chsh(probability("chsh", "qber", qber))


@dataclass(frozen=True)
class DeliveredPairs(Protocol):
    """BBM92 on pairs that somebody else delivers: a chain, a path of a network, an experiment.

    R = q [1 - f h(qber_z) - h(qber_x)] per pair (Shor and Preskill 2000, doi:10.1103/PhysRevLett.85.441). Finite keys:
    Tomamichel et al. 2012, doi:10.1038/ncomms1631. ``BBM92.over(result)`` makes one, with the error bars of the result.

    Parameters
    ----------
    qber_x, qber_z : float or Estimate
        Error rates in the two bases; the key is from Z.
    pair_rate_hz : float or Estimate
        Pairs per second.
    error_correction : float
        Bits disclosed over those of the Shannon limit, >= 1.
    sifting : float
        Share of pairs that both measure in the key basis.

    Examples
    --------
    >>> pairs = DeliveredPairs(qber_x=0.02, qber_z=0.01, pair_rate_hz=1e3, error_correction=1.0, sifting=1.0)
    >>> round(pairs.key_rate_hz().value, 3)
    777.766
    """

    qber_x: float | Estimate
    qber_z: float | Estimate
    pair_rate_hz: float | Estimate = default("DeliveredPairs", "pair_rate_hz")
    error_correction: float = default("DeliveredPairs", "error_correction")
    sifting: float = default("DeliveredPairs", "sifting")

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values, estimates by their values."""
        return self._plainly().__dict__.copy() if self._estimates() else super().to_dict()

    def _estimates(self) -> dict[str, Estimate]:
        names = ("qber_x", "qber_z", "pair_rate_hz")
        return {name: getattr(self, name) for name in names if isinstance(getattr(self, name), Estimate)}

    def _plainly(self, **changes: float) -> DeliveredPairs:
        values = {name: estimate.value for name, estimate in self._estimates().items()}
        return dataclasses.replace(self, **(values | changes))

    def _key_rate(self, block: float | None, epsilon: float | Epsilon) -> tuple[KeyRate, float]:
        # The pairs are counted in key_rate_hz; here a rate is per pair.
        errors = {name: e for name, e in self._estimates().items() if name != "pair_rate_hz"}
        rate, repetition = Protocol._key_rate(self._plainly() if self._estimates() else self, block, epsilon)
        if not errors:
            return rate, repetition

        def at(**changes: float) -> float:
            return Protocol._key_rate(self._plainly(**changes), block, epsilon)[0].value

        variance = 0.0
        low, high = {}, {}
        for name, e in errors.items():
            step = max(1e-7, 1e-3 * min(e.value, 1.0 - e.value))
            up, down = min(1.0, e.value + step), max(0.0, e.value - step)
            slope = (at(**{name: up}) - at(**{name: down})) / (up - down)
            variance += (slope * e.stderr) ** 2 if math.isfinite(e.stderr) else math.inf
            # Beyond 1/2 an error rate is one below with the bit flipped: the worst is at 1/2.
            low[name] = 0.5 if e.low <= 0.5 <= e.high else e.low if e.value > 0.5 else e.high
            high[name] = e.high if e.value > 0.5 else e.low
        bars = dataclasses.replace(rate, stderr=math.sqrt(variance), low=at(**low), high=at(**high))
        return bars, repetition

    def key_rate_hz(self, block: float | None = None, epsilon: float | Epsilon = EPSILON) -> KeyRate:
        """Return the secret bits per second, with the error bars of error rates and of the pair rate together.

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
        >>> counted = Estimate(1e3, 10.0, 980.0, 1020.0)
        >>> DeliveredPairs(qber_x=0.0, qber_z=0.0, pair_rate_hz=counted, sifting=1.0).key_rate_hz()
        KeyRate(value=1000.0, stderr=10.0, low=980.0, high=1020.0)
        """
        rate, repetition = self._key_rate(block, epsilon)
        pairs = self.pair_rate_hz
        if not isinstance(pairs, Estimate):
            return rate.scaled(repetition)
        stderr = math.hypot(rate.stderr * pairs.value, rate.value * pairs.stderr)
        low, high = rate.low * pairs.low, rate.high * pairs.high
        return dataclasses.replace(rate, value=rate.value * pairs.value, stderr=stderr, low=low, high=high)


@dataclass(frozen=True)
class BBM92(Protocol):
    """BBM92 with down-conversion: pairs from a source anywhere on the fibre, all of a pulse's pairs counted.

    R = q Q [1 - f h(E) - h(E)] (Ma, Fung and Lo 2007, doi:10.1103/PhysRevA.76.012307). Finite keys: Tomamichel et al.
    2012, doi:10.1038/ncomms1631. The source need not be trusted.

    Parameters
    ----------
    fiber : Fiber, SatelliteDownlink, FreeSpace or Arms
        From Alice to Bob, by way of the source.
    receiver_efficiency : float or (float, float)
        Of each receiver, detectors included.
    background_probability : float or (float, float)
        Clicks per pulse without light, per side.
    misalignment : float
        Share of pairs whose outcomes differ by alignment.
    error_correction : float
        Bits disclosed over those of the Shannon limit, >= 1.
    sifting : float
        Share of emissions whose bits make key: for which both take the same basis, from a half on; below that, and of a
        finite key, for which both take the key basis.
    mean_pairs : float
        Pairs per pulse, both polarizations: twice lambda.
    source : float
        Share of the fibre on Alice's side; 0 is at Alice's.
    repetition_rate_hz : float
        Pulses per second.

    Examples
    --------
    >>> from ebit import Fiber
    >>> line = BBM92(fiber=Fiber(100.0), receiver_efficiency=0.145, background_probability=6.02e-6, misalignment=0.015,
    ...              error_correction=1.22)
    >>> best = line.optimize()
    >>> f"lambda {best.mean_pairs / 2:.4f}, {best.key_rate().value:.4g} bits per pulse"
    'lambda 0.0513, 3.621e-06 bits per pulse'
    """

    fiber: OpticalChannel
    receiver_efficiency: PerSide
    background_probability: PerSide = default("BBM92", "background_probability")
    misalignment: float = default("BBM92", "misalignment")
    error_correction: float = default("BBM92", "error_correction")
    sifting: float = default("BBM92", "sifting")
    mean_pairs: float = default("BBM92", "mean_pairs")
    source: float = default("BBM92", "source")
    repetition_rate_hz: float = default("BBM92", "repetition_rate_hz")

    @staticmethod
    def over(
        result: Any, *, error_correction: float = default("DeliveredPairs", "error_correction"), sifting: float = 0.5
    ) -> DeliveredPairs:
        """Return BBM92 on what a chain or a path of a network delivers.

        Parameters
        ----------
        result : ChainResult or RequestResult
            With ``rate_hz``, ``qber_x`` and ``qber_z``.
        error_correction : float
            Bits disclosed over those of the Shannon limit, >= 1.
        sifting : float
            Share of pairs that both measure in the key basis.

        Returns
        -------
        DeliveredPairs

        Raises
        ------
        WrongTypeError
            Not a result.
        RangeError
            A result without a pair.

        Examples
        --------
        >>> import ebit
        >>> link = ebit.HeraldedLink(0.1, 1e-3, pair=ebit.BellDiagonal.werner(0.98))
        >>> r = ebit.RepeaterChain([link] * 2, ebit.Memory(t2_s=1.0)).exact()
        >>> 10 < ebit.qkd.BBM92.over(r).key_rate_hz().value < r.secret_key_rate_hz.value
        True
        """
        names = ("rate_hz", "qber_x", "qber_z")
        found: list[Estimate] = []
        for name in names:
            each = getattr(result, name, None)
            if not isinstance(each, Estimate):
                words, hint = f"a result with {', '.join(names)}", f"it has no estimate {name}"
                raise complain(WrongTypeError, "BBM92.over", "result", words, shown(result), hint)
            found.append(each)
        rate, x, z = found
        if not math.isfinite(x.value):
            raise complain(RangeError, "BBM92.over", "result", "one with at least one pair", "none", "run longer")
        return DeliveredPairs(x, z, rate, error_correction, sifting)


@dataclass(frozen=True)
class E91(Protocol):
    """E91 with down-conversion: three directions each; two pairs of directions make key, four make CHSH.

    R = 2/9 Q [1 - f h(E) - h(e_S)], e_S = (1 - S/(2 sqrt 2))/2, S = 2 sqrt 2 (1 - 2E) (Ekert 1991,
    doi:10.1103/PhysRevLett.67.661). The receivers are trusted; clicks are a fair sample.

    Finite keys count the CHSH games that are lost (``ekert_key_length``); a block counts bits of equal directions.

    Parameters
    ----------
    fiber : Fiber, SatelliteDownlink, FreeSpace or Arms
        From Alice to Bob, by way of the source.
    receiver_efficiency : float or (float, float)
        Of each receiver, detectors included.
    background_probability : float or (float, float)
        Clicks per pulse without light, per side.
    misalignment : float
        Share of pairs whose outcomes differ by alignment.
    error_correction : float
        Bits disclosed over those of the Shannon limit, >= 1.
    mean_pairs : float
        Pairs per pulse, both polarizations.
    source : float
        Share of the fibre on Alice's side.
    repetition_rate_hz : float
        Pulses per second.

    Examples
    --------
    >>> from ebit import Fiber
    >>> rate = E91(fiber=Fiber(20.0), receiver_efficiency=0.2, mean_pairs=0.02).key_rate()
    >>> 2.7 < rate.parts["chsh"] < 2 * 2**0.5
    True
    """

    fiber: OpticalChannel
    receiver_efficiency: PerSide
    background_probability: PerSide = default("E91", "background_probability")
    misalignment: float = default("E91", "misalignment")
    error_correction: float = default("E91", "error_correction")
    mean_pairs: float = default("E91", "mean_pairs")
    source: float = default("E91", "source")
    repetition_rate_hz: float = default("E91", "repetition_rate_hz")


@dataclass(frozen=True)
class DeviceIndependent(Protocol):
    """Device-independent QKD: secrecy from the violation of CHSH alone; the detection loophole is checked.

    R = 1 - f h(Q) - h((1 + sqrt((S/2)^2 - 1))/2) (Acin et al. 2007, doi:10.1103/PhysRevLett.98.230501). A click that
    fails to come is read as 0, never thrown away, so that S > 2 asks for clicks of at least 82.8 %. ``run`` asks the
    boxes round by round; its key is as long as the lower end of the measured S allows, or, finite, as was agreed on.

    Finite keys against general attacks by entropy accumulation: Nadlinger et al. 2022 (doi:10.1038/s41586-022-04941-5).
    A block counts rounds, of key and test together, and of heralded pairs those with a herald.

    Parameters
    ----------
    fiber : Fiber, SatelliteDownlink, FreeSpace or Arms
        From Alice to Bob, by way of the source.
    receiver_efficiency : float or (float, float)
        A click per photon that arrives.
    visibility : float
        Of the pairs, Werner.
    error_correction : float
        Bits disclosed over those of the Shannon limit, >= 1.
    heralded : bool
        Whether a herald announces that both photons arrived: loss then costs rate, and no clicks.
    source : float
        Share of the fibre on Alice's side.
    test_probability : float
        gamma: how often a round is a test, in [1e-9, 1); finite keys only.
    repetition_rate_hz : float
        Pairs per second.

    Examples
    --------
    >>> from ebit import Fiber
    >>> DeviceIndependent(fiber=Fiber(1.0), receiver_efficiency=0.8).key_rate().why_no_key()[:35]
    'the detection loophole is open: cli'
    >>> session = DeviceIndependent(Fiber(0.0), 0.97, visibility=0.99).run(10**6, rng=1)
    >>> print(session.chsh, session.qber, len(session.alice_key) > 150_000)
    2.631 ± 0.008 0.0339 ± 0.0002 True
    """

    fiber: OpticalChannel
    receiver_efficiency: PerSide
    visibility: float = default("DeviceIndependent", "visibility")
    error_correction: float = default("DeviceIndependent", "error_correction")
    heralded: bool = default("DeviceIndependent", "heralded")
    source: float = default("DeviceIndependent", "source")
    test_probability: float = default("DeviceIndependent", "test_probability")
    repetition_rate_hz: float = default("DeviceIndependent", "repetition_rate_hz")
