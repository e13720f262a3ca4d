"""A run of GG02: modulated light, what is read off it, and what the parties conclude about the line.

Alice draws x and p with variance V_A; what arrives through a channel (T, xi) at a detector (eta, v_el) is
b = sqrt(eta T) a + noise of variance 1 + v_el + eta T xi, half of T for heterodyne detection. The pulses compared give
slope and noise: t = sum a b / sum a^2, s^2 = mean (b - t a)^2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ebit import _core
from ebit._arguments import flag, integer, real, shown
from ebit._rng import root_seed, user_stream
from ebit.errors import RangeError, WrongTypeError, complain
from ebit.estimates import Estimate
from ebit.qkd.attacks import Eavesdropper
from ebit.qkd.conversation import ClassicalChannel, Rejected, Tags
from ebit.qkd.gaussian_key import GaussianKey, measured, one_key
from ebit.qkd.judgement import ALARM_SIGMA, Alarm
from ebit.qkd.ledger import Ledger
from ebit.qkd.modes import Modes
from ebit.qkd.protocol import Epsilon, budget
from ebit.qkd.transmission import WHERE
from ebit.simulate import Progress, progress_bar

if TYPE_CHECKING:
    from ebit.qkd.gaussian import GG02

__all__ = ["GaussianSession", "run_gaussian"]

#: Pulses drawn at a time.
BATCH = 1 << 18
#: The most pulses: three columns of them are kept.
MOST_PULSES = 1 << 28

Reals = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class GaussianSession:
    """What a run of GG02 gave.

    Parameters
    ----------
    system : GG02
    pulses : int
        How many were sent.
    transmittance, excess_noise : Estimate
        Of the channel, from the pulses compared.
    mutual_information : Estimate
        Of the parties, bits per pulse, from the same.
    key_rate : Estimate
        Secret bits per pulse that the estimates allow, asymptotically; its interval is that of the transmittance and
        noise at the ends of theirs.
    eve_information : Estimate
        What an entangling cloner may know of the receiver's data, in bits per pulse; nan where it is not known.
    alarms : tuple of Alarm
    key : GaussianKey
        The keys of both, and what they rest on.
    alice, bob : float arrays (pulses,) or (pulses, 2)
        What was sent and read in the quadratures that were measured.
    which : uint8 array (pulses,)
        The quadrature measured (homodyne).
    compared : int array
        Pulses whose values were told in public.
    seed, version, method, formalism, assumptions
        As of every result.
    """

    system: GG02
    pulses: int
    transmittance: Estimate
    excess_noise: Estimate
    mutual_information: Estimate
    key_rate: Estimate
    eve_information: Estimate
    alarms: tuple[Alarm, ...]
    key: GaussianKey
    alice: Reals
    bob: Reals
    which: NDArray[np.uint8]
    compared: NDArray[np.int64]
    seed: int
    version: str
    assumptions: tuple[str, ...] = ()
    method: str = "sampled (every pulse)"
    formalism: str = "Wigner functions"

    @property
    def alice_key(self) -> NDArray[np.bool_]:
        """Alice's secret key."""
        return self.key.alice

    @property
    def bob_key(self) -> NDArray[np.bool_]:
        """Bob's secret key."""
        return self.key.bob

    @property
    def why(self) -> str:
        """Why there is no key; empty where there is one."""
        return self.key.why

    @property
    def ledger(self) -> Ledger:
        """What reconciliation and verification told."""
        return self.key.ledger

    @property
    def alarm(self) -> bool:
        """Whether anything was noticed."""
        return bool(self.alarms)

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the columns as plain values."""
        out: dict[str, Any] = {"pulses": self.pulses, "alarms": [str(a) for a in self.alarms]}
        out |= {"key_bits": len(self.key.bob), "why_no_key": self.key.why, "efficiency": self.key.efficiency}
        for name in ("transmittance", "excess_noise", "mutual_information", "key_rate", "eve_information"):
            out[name] = getattr(self, name).to_dict()
        more = {name: getattr(self, name) for name in ("method", "formalism", "seed", "version")}
        return out | more | {"assumptions": list(self.assumptions)}

    def __repr__(self) -> str:
        heard = "; ".join(str(a) for a in self.alarms) or "no alarm"
        return (
            f"GaussianSession({self.pulses} pulses, transmittance {self.transmittance}, "
            f"excess noise {self.excess_noise}, {len(self.key.bob)} key bits, {heard})"
        )


def run_gaussian(
    system: GG02,
    pulses: int,
    eavesdropper: Eavesdropper | None = None,
    *,
    rng: object = None,
    progress: Progress = None,
    sample: float = 0.5,
    authenticated: bool = True,
    reconcile: bool = True,
    epsilon: float | Epsilon | None = None,
) -> GaussianSession:
    """Send modulated pulses, measure them, estimate the channel from a share, and make one key of the rest.

    Parameters
    ----------
    system : GG02
    pulses : int
    eavesdropper : Eavesdropper, optional
        With a method ``quadratures(modes, rng)``, ``message``, or both.
    rng : int, SeedSequence, Generator or None
        Root of all random streams.
    progress : bool or callable, optional
    sample : float
        Share of the pulses that is compared, in (0, 1].
    authenticated : bool
        Whether the receiver of a message checks who sent it.
    reconcile : bool
        Whether the values that were not compared become a key.
    epsilon : float or Epsilon, optional
        Of a finite key; None: its length is asymptotic.
    """
    name = "GG02.run"
    count = integer(name, "pulses", pulses, 2, MOST_PULSES)
    if eavesdropper is not None and not isinstance(eavesdropper, Eavesdropper):
        hint = "subclass ebit.qkd.Eavesdropper and give it a method quadratures"
        raise complain(WrongTypeError, name, "eavesdropper", "an Eavesdropper or None", shown(eavesdropper), hint)
    acts = {name for name in WHERE if hasattr(eavesdropper, name)}
    if eavesdropper is not None and eavesdropper.touches_photons():
        acts.add("photons")
    if acts and "quadratures" not in acts:
        hint = "EntanglingCloner, HeterodyneResend, or a class with a method quadratures"
        raise complain(WrongTypeError, name, "eavesdropper", "one that acts on quadratures", shown(eavesdropper), hint)
    words = "a share in (0, 1]"
    share = real(name, "sample", sample, words)
    if not 0.0 < share <= 1.0:
        raise complain(RangeError, name, "sample", words, shown(sample))
    secrecy = None if epsilon is None else budget(name, epsilon)
    checked, made = flag(name, "authenticated", authenticated), flag(name, "reconcile", reconcile)
    root = root_seed(rng, name)
    with progress_bar(progress, "pulses") as report:
        alice, bob, which = _transmit(system, count, eavesdropper, root, report)
    place = np.sort(user_stream(root, 1, 0).choice(count, max(2, round(share * count)), replace=False, shuffle=False))
    channel = ClassicalChannel(eavesdropper, Tags(root) if checked else None)
    alarms: list[Alarm] = []
    nothing = Estimate(math.nan, math.inf, 0.0, math.inf)
    t = xi = mutual = rate = nothing
    key = GaussianKey(why="nothing was measured")
    try:
        # Alice keeps the quadrature that Bob measured.
        channel.send("Bob", "quadratures", {"which": which})
        said = {"place": place, "values": alice[place]}
        told = channel.send("Alice", "sample", said, below={"place": count})
        slope, noise = _regression(told["values"], bob[told["place"]])
        t, xi = _estimates(system, told["values"], slope, noise)
        channel.send("Bob", "errors", {"estimates": np.array([t.value, xi.value])})
        alarms += _deviations(system, t, xi)
        mutual, rate = _rates(system, t, xi)
        key = GaussianKey(why="somebody is on the line" if alarms else "no reconciliation was asked for")
        if made and not alarms:
            left = np.delete(np.arange(count), place)
            line = measured(system, t.value, xi.value)
            key = one_key(line, alice[left], bob[left], slope, noise, len(place), secrecy, root)
    except Rejected as error:
        alarms.append(Alarm(str(error), math.nan, math.nan, math.inf))
    return GaussianSession(
        system, count, t, xi, mutual, rate, _knowledge(system, eavesdropper), tuple(alarms), key, alice, bob, which,
        place, root, dict(_core.build_info())["version"], _assumptions(secrecy),
    )  # fmt: skip


def _transmit(
    system: GG02, count: int, eavesdropper: Eavesdropper | None, root: int, report: Any
) -> tuple[Reals, Reals, NDArray[np.uint8]]:
    """Send and measure, a batch at a time; every batch has a stream of its own."""
    both = system.detection == "heterodyne"
    shape = (count, 2) if both else (count,)
    alice, bob, which = np.empty(shape), np.empty(shape), np.zeros(count, np.uint8)
    act = getattr(eavesdropper, "quadratures", None)
    for number, start in enumerate(range(0, count, BATCH)):
        rng, hers = user_stream(root, 6, number), user_stream(root, 7, number)
        size = min(BATCH, count - start)
        rows = slice(start, start + size)
        mean = math.sqrt(system.modulation_variance) * rng.standard_normal((size, 2))
        modes = Modes(mean + rng.standard_normal((size, 2)), system.fiber.transmittance, system.excess_noise)
        if act is not None:
            act(modes, hers)
        light = _arrived(modes, rng)
        eta = system.receiver_efficiency
        light = math.sqrt(eta) * light + math.sqrt(1.0 - eta) * rng.standard_normal(light.shape)
        if both:
            light = (light + rng.standard_normal(light.shape)) / math.sqrt(2.0)
            alice[rows] = mean
        else:
            which[rows] = rng.integers(0, 2, size, dtype=np.uint8)
            light, alice[rows] = (np.take_along_axis(a, which[rows, None], 1)[:, 0] for a in (light, mean))
        bob[rows] = light + math.sqrt(system.electronic_noise) * rng.standard_normal(light.shape)
        if report is not None:
            report((start + size) / count)
    return alice, bob, which


def _arrived(modes: Modes, rng: np.random.Generator) -> Reals:
    """Take light through the channel that lies ahead of it."""
    t = modes.transmittance
    noise = 1.0 - t + t * modes.excess_noise
    out: Reals = math.sqrt(t) * modes._light
    return out + math.sqrt(noise) * rng.standard_normal(out.shape) if noise > 0.0 else out


def _assumptions(epsilon: Epsilon | None) -> tuple[str, ...]:
    said = ("the entropy of a label is that of a normal law",)
    return said if epsilon is not None else ("no terms of finite size in the length of the key", *said)


def _regression(a: Reals, b: Reals) -> tuple[float, float]:
    """Return slope and noise of b on a by maximum likelihood.

    Leverrier, Grosshans and Grangier 2010, doi:10.1103/PhysRevA.81.062343.
    """
    a, b = a.ravel(), b.ravel()
    with np.errstate(over="ignore"):
        power = float(a @ a)
    # Whoever is not asked for a tag may have said anything.
    if not 0.0 < power < math.inf:
        raise Rejected("the values compared are none that were sent")
    t = float(a @ b) / power
    return t, float(np.mean((b - t * a) ** 2))


def _estimates(system: GG02, a: Reals, t: float, noise: float) -> tuple[Estimate, Estimate]:
    """Return transmittance and excess noise from slope and noise."""
    error_t, error_noise = math.sqrt(noise / float(np.sum(a * a))), noise * math.sqrt(2.0 / a.size)
    # Of heterodyne detection half the light falls on either quadrature.
    eta = system.receiver_efficiency / (2.0 if system.detection == "heterodyne" else 1.0)
    transmittance = _estimate(t * t / eta, 2 * abs(t) * error_t / eta)
    scale = max(t * t, 1e-300)
    xi = (noise - 1.0 - system.electronic_noise) / scale
    # An error of the transmittance counts twice over in what is divided by it.
    error = math.hypot(error_noise / scale, 2.0 * xi * error_t / max(abs(t), 1e-300))
    return transmittance, _estimate(xi, error)


def _estimate(value: float, error: float) -> Estimate:
    return Estimate(value, error, value - 1.96 * error, value + 1.96 * error)


def _deviations(system: GG02, t: Estimate, xi: Estimate) -> list[Alarm]:
    """Compare the estimates with the calibrated line: a wrong transmittance, or more noise than it has."""
    out = []
    for what, seen, expected, above_only in (
        ("transmittance", t, system.fiber.transmittance, False),
        ("excess noise", xi, system.excess_noise, True),
    ):
        apart = (seen.value - expected) / seen.stderr
        if apart > ALARM_SIGMA or (apart < -ALARM_SIGMA and not above_only):
            out.append(Alarm(what, seen.value, expected, abs(apart)))
    return out


def _rates(system: GG02, t: Estimate, xi: Estimate) -> tuple[Estimate, Estimate]:
    """Return mutual information and key rate at the estimates, and at the worst and best ends of their intervals."""

    def at(transmittance: float, noise: float) -> tuple[float, float]:
        rate = measured(system, transmittance, noise).key_rate()
        return float(rate.parts.get("mutual_information", 0.0)), rate.value

    middle, worst, best = at(t.value, xi.value), at(t.low, xi.high), at(t.high, xi.low)
    return tuple(  # type: ignore[return-value]
        Estimate(m, (b - w) / (2 * 1.96), min(w, m), max(b, m)) for m, w, b in zip(middle, worst, best, strict=True)
    )


def _knowledge(system: GG02, eavesdropper: Eavesdropper | None) -> Estimate:
    """Return what she may know, where it is known what she does."""
    if not hasattr(eavesdropper, "quadratures"):
        return Estimate(0.0, 0.0, 0.0, 0.0)
    holevo = getattr(eavesdropper, "holevo", None)
    if holevo is None:
        return Estimate(math.nan, math.inf, 0.0, math.inf)
    both, eta = system.detection == "heterodyne", system.receiver_efficiency
    split = 2.0 if both else 1.0
    noise = (split - eta + split * system.electronic_noise) / eta
    value = holevo(system.modulation_variance + 1.0, system.fiber.transmittance, system.excess_noise, noise, both)
    return Estimate(value, 0.0, value, value)
