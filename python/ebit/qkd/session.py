"""A session: what a run of a protocol gave, from the clicks to the secret keys."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ebit.estimates import Estimate
from ebit.qkd.box_run import TERMS
from ebit.qkd.honest import Honest
from ebit.qkd.judgement import Alarm, rate
from ebit.qkd.ledger import Ledger
from ebit.qkd.lines import Line
from ebit.qkd.meetings import EKERT, chsh_of
from ebit.qkd.transmission import Transmission

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Session"]

Bits = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Session:
    """What a run of a protocol gave.

    Parameters
    ----------
    pulses : int
        How many were sent.
    clicks : int
        Recorded clicks, double clicks counted once.
    sifted_bits : int
        Bits that both parties kept, before any is disclosed.
    qber : Estimate
        Share of wrong bits among them.
    sample : Estimate
        The same among the bits that were compared in public.
    gains : dict of str to Estimate
        Clicks per pulse of each intensity.
    qbers : dict of str to Estimate
        Error rate by announcement: by basis, where a basis is announced.
    alarm : bool
        Whether anything was noticed: ``alarms`` says what.
    alarms : tuple of Alarm
    eve_information : Estimate
        What the eavesdropper knows of each sifted bit, in bits, after the announcements; nan where it is not known.
    monitors : dict of str to float
        What watchers of the devices saw.
    alice_key, bob_key : bool arrays
        The parties' secret keys, corrected, verified and shortened; empty after an alarm, unless the run went on.
    eve_keys : tuple of two bool arrays, optional
        The keys that somebody who stood in for both has with Alice, and with Bob.
    why : str
        Why there is no key; empty where there is one.
    parts, epsilon : mapping of str to float
        Of a finite key: the bounds that its length rests on, and the parts of epsilon.
    ledger : Ledger
        Every disclosed bit, older key spent on tags, and rounds. Bits compared (``sample``) are in no key any more.
    alice_sifted, bob_sifted : bool arrays
        Their bits after sifting, before any is disclosed.
    transmission : Transmission
        The clicks, a column each.
    visibilities : dict of str to Estimate
        Of a monitoring line, by where pulses meet: ``across`` periods, within a ``decoy``; empty where there is none.
    seed, version, method, formalism, assumptions
        As of every result.
    """

    system: Any
    line: Line
    pulses: int
    clicks: int
    sifted_bits: int
    qber: Estimate
    sample: Estimate
    gains: dict[str, Estimate]
    qbers: dict[str, Estimate]
    alarms: tuple[Alarm, ...]
    eve_information: Estimate
    monitors: dict[str, float]
    alice_key: Bits
    bob_key: Bits
    eve_keys: tuple[Bits, Bits] | None
    why: str
    parts: Mapping[str, float]
    epsilon: Mapping[str, float]
    ledger: Ledger
    alice_sifted: Bits
    bob_sifted: Bits
    transmission: Transmission
    honest: Honest
    messages: int
    seed: int
    version: str
    method: str
    assumptions: tuple[str, ...]
    formalism: str = "photon numbers and clicks"
    visibilities: Mapping[str, Estimate] = field(default_factory=dict)

    @property
    def chsh(self) -> Estimate:
        """S, for a protocol that asks for it: of Ekert's directions, or of boxes that are not trusted."""
        sent = self.transmission
        terms = TERMS if self.line.kind == "BoxLine" else EKERT
        s, error = chsh_of((sent.alice, sent.bob), (sent.outcome(0), sent.outcome(1)), terms)
        return Estimate(s, error, s - 1.96 * error, s + 1.96 * error)

    @property
    def alarm(self) -> bool:
        """Whether anything was noticed."""
        return bool(self.alarms)

    @property
    def key_rate_hz(self) -> float:
        """Secret bits per second, less the older key that tags cost, 0 at least.

        Over the time in which the pulses were sent or that the messages took there and back, whichever is longer: the
        next block is sent while the last one's messages travel. A channel without a length counts as short.
        """
        sending = self.pulses / self.line.repetition_rate_hz
        longest = max(sending, self.ledger.light_time_s(self.line.length_km or 0.0))
        return max(0.0, float(len(self.alice_key) - self.ledger.key_bits)) / longest if longest > 0.0 else 0.0

    def photon_yields(self, light: str = "signal") -> dict[int, Estimate]:
        """Return clicks per pulse sent with each photon number: what decoys try to find out, counted.

        The numbers of pulses with ``n`` photons are taken from the law of the source; photon numbers that never clicked
        are left out. Only pulses of one sender with random phases have photon numbers.
        """
        if self.line.kind != "PulseLine":
            return {}
        k = self.line.lights.index(light)
        intensity = self.line.document["intensities"][k]
        law = _photon_law(self.line.document["source"], intensity["mean"], intensity["probability"])
        mask = self.transmission.light == k
        counts = np.bincount(self.transmission.photons[mask], minlength=2)
        sent = [law(n) * self.pulses for n in range(len(counts))]
        return {n: rate(int(c), sent[n]) for n, c in enumerate(counts) if c > 0 and sent[n] > 0}

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the columns as plain values."""
        estimates = {k: v.to_dict() for k, v in self.gains.items()}
        return {
            "pulses": self.pulses,
            "clicks": self.clicks,
            "sifted_bits": self.sifted_bits,
            "qber": self.qber.to_dict(),
            "gains": estimates,
            "qbers": {k: v.to_dict() for k, v in self.qbers.items()},
            "visibilities": {k: v.to_dict() for k, v in self.visibilities.items()},
            "alarms": [str(a) for a in self.alarms],
            "eve_information": self.eve_information.to_dict(),
            "monitors": self.monitors,
            "key_bits": len(self.alice_key),
            "key_rate_hz": self.key_rate_hz,
            "why": self.why,
            "parts": dict(self.parts),
            "epsilon": dict(self.epsilon),
            "ledger": [dataclasses.asdict(entry) for entry in self.ledger.entries],
            "method": self.method,
            "formalism": self.formalism,
            "seed": self.seed,
            "version": self.version,
            "assumptions": list(self.assumptions),
        }

    def plot(self, path: str | None = None) -> Figure:
        """Draw gains and error rates beside what the line gives when nobody is on it.

        Parameters
        ----------
        path : str, optional
            Where to save the picture; its ending chooses the format.
        """
        from ebit.qkd.picture import plot_session

        return plot_session(self, path)

    def __repr__(self) -> str:
        heard = "; ".join(str(a) for a in self.alarms) or "no alarm"
        return (
            f"Session({type(self.system).__name__}: {self.pulses} pulses, {self.clicks} clicks, "
            f"{self.sifted_bits} sifted bits, QBER {self.qber}, {heard})"
        )


def _photon_law(source: str, mean: float, probability: float) -> Any:
    if source == "Single":
        return lambda n: probability * (mean if n == 1 else 1.0 - mean if n == 0 else 0.0)
    return lambda n: probability * math.exp(-mean) * mean**n / math.factorial(n)
