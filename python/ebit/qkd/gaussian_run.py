"""A run of GG02: modulated light, what is read off it, and what the parties conclude about the line.

Alice draws x and p with variance V_A; what arrives through a channel (T, xi) at a detector (eta, v_el) is
b = sqrt(eta T) a + noise of variance 1 + v_el + eta T xi, half of T for heterodyne detection. The pulses compared give
slope and noise: t = sum a b / sum a^2, s^2 = mean (b - t a)^2.
"""

from __future__ import annotations

import math
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
from ebit.qkd.gaussian_estimates import deviations, estimates, knowledge, rates, regression
from ebit.qkd.gaussian_key import GaussianKey, measured, one_key
from ebit.qkd.gaussian_session import GaussianSession
from ebit.qkd.judgement import Alarm
from ebit.qkd.modes import Modes
from ebit.qkd.protocol import Epsilon, budget
from ebit.qkd.transmission import methods_of
from ebit.simulate import Progress, progress_bar

if TYPE_CHECKING:
    from ebit.qkd.gaussian import GG02

__all__ = ["run_gaussian"]

#: Pulses drawn at a time.
BATCH = 1 << 18
#: The most pulses: three columns of them are kept.
MOST_PULSES = 1 << 28

Reals = NDArray[np.float64]


def run_gaussian(
    system: GG02,
    pulses: int,
    eavesdropper: Eavesdropper | None = None,
    *,
    rng: object = None,
    progress: Progress = None,
    sample: float | None = None,
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
    sample : float, optional
        Share of the pulses that is compared, in (0, 1]; None: the system's ``estimation_share``.
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
    acts = methods_of(name, eavesdropper)
    if acts and "quadratures" not in acts:
        hint = "EntanglingCloner, HeterodyneResend, or a class with a method quadratures"
        raise complain(WrongTypeError, name, "eavesdropper", "one that acts on quadratures", shown(eavesdropper), hint)
    words = "a share in (0, 1]"
    share = real(name, "sample", system.estimation_share if sample is None else sample, words)
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
        slope, noise = regression(told["values"], bob[told["place"]])
        t, xi = estimates(system, told["values"], slope, noise)
        channel.send("Bob", "errors", {"estimates": np.array([t.value, xi.value])})
        alarms += deviations(system, told["values"], slope, noise, (t, xi))
        mutual, rate = rates(system, t, xi)
        key = GaussianKey(why="somebody is on the line" if alarms else "no reconciliation was asked for")
        if made and not alarms:
            left = np.delete(np.arange(count), place)
            line = measured(system, t.value, xi.value)
            key = one_key(line, alice[left], bob[left], slope, noise, len(place), secrecy, root)
    except Rejected as error:
        alarms.append(Alarm(str(error), math.nan, math.nan, math.inf))
    return GaussianSession(
        system, count, t, xi, mutual, rate, knowledge(system, eavesdropper), tuple(alarms), key, alice, bob, which,
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
