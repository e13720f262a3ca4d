"""What a run of GG02 gave: the line as it was measured, what was noticed, and the keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ebit.estimates import Estimate
from ebit.qkd.gaussian_key import GaussianKey
from ebit.qkd.judgement import Alarm
from ebit.qkd.ledger import Ledger

if TYPE_CHECKING:
    from ebit.qkd.gaussian import GG02

__all__ = ["GaussianSession"]

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
