"""From a protocol's parameters to the line that its Monte Carlo runs: what is sent, over what, onto which detectors."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field, replace
from typing import Any

from ebit import _core
from ebit._spec import plain
from ebit.errors import RangeError, complain
from ebit.qkd.alphabets import Alphabet, b92, bb84, key_basis_probability, names_of_key, sarg04, six_state
from ebit.qkd.two_states import b92_threshold

__all__ = ["Line", "line_of"]

#: Shares of signal, and of each decoy, where a protocol does not say: few enough to cost little key.
SIGNAL_SHARE = 0.8


@dataclass(frozen=True, eq=False)
class Line:
    """A protocol as the sampler takes it.

    Parameters
    ----------
    kind : {"PulseLine", "PairLine", "RelayLine", "TrainLine", "BoxLine"}
        Which of the native lines, a train of pulses that keep their phases, or boxes that are asked questions.
    document : dict
        Its parameters.
    alphabet : Alphabet, optional
        What the symbols of a ``PulseLine`` or ``TrainLine`` mean.
    lights : tuple of str
        A word for each intensity.
    light_shares : tuple of float
        How often each is sent, where the document does not say.
    key_lights : tuple of int
        Which intensities make key.
    error_correction : float
        f of the protocol, for what reconciliation is expected to disclose.
    threshold : float
        Error rate above which the protocol gives no key.
    infinite_decoys : bool
        The yields of photon numbers are known as if by infinitely many decoys.
    finite : bool
        The run is for a finite key: the first announcement's bits make it, the others are all compared.
    key_names : tuple of int, optional
        Which announcements make key; None: all.
    key_too : bool
        Of a finite key some bits of these are compared, too: as many as of the rarest other announcement.
    test_probability : float, optional
        How often a bit of a finite key is compared, each by a draw of its own, instead.
    by_name : bool
        A finite key rests on counts by announcement, not by intensity.
    assumptions : tuple of str
        What had to be decided for the run.
    repetition_rate_hz : float
        Pulses per second.
    length_km : float or None
        Of the channel, for the light time of messages.
    """

    kind: str
    document: dict[str, Any]
    alphabet: Alphabet | None = None
    lights: tuple[str, ...] = ("signal",)
    light_shares: tuple[float, ...] = ()
    key_lights: tuple[int, ...] = (0,)
    error_correction: float = 1.16
    threshold: float = 0.11
    infinite_decoys: bool = False
    finite: bool = False
    key_names: tuple[int, ...] | None = None
    key_too: bool = False
    test_probability: float | None = None
    by_name: bool = False
    assumptions: tuple[str, ...] = ()
    repetition_rate_hz: float = 1e9
    length_km: float | None = None
    json: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "json", json.dumps(plain(self.document, self.kind)))
        if self.kind in ("TrainLine", "BoxLine"):
            # Their numbers are those of a protocol, which are checked there.
            return
        _core.qkd_check_line(self.kind, self.json)


def _get(system: Any, name: str, default: Any = None) -> Any:
    value = getattr(system, name, default)
    return default if value is None else value


def _detectors(system: Any, count: int) -> list[dict[str, float]]:
    """Equal detectors that together have the background of the receiver."""
    background = float(_get(system, "background_probability", 0.0))
    dark = -math.expm1(math.log1p(-background) / count) if background < 1.0 else 1.0
    return [{"efficiency": float(_get(system, "receiver_efficiency", 1.0)), "dark_probability": dark}] * count


def _intensities(system: Any) -> tuple[list[dict[str, float]], tuple[str, ...], bool, list[str]]:
    """Intensities with their shares, their names, whether decoys are infinite, and what was assumed."""
    signal, decoys = float(_get(system, "signal", 1.0)), _get(system, "decoys", ())
    if isinstance(decoys, str) or (isinstance(decoys, tuple) and not decoys):
        infinite = isinstance(decoys, str)
        note = ["infinite decoys: single-photon yields read off the photon numbers sent, every pulse a signal"]
        return [{"mean": signal, "probability": 1.0}], ("signal",), infinite, note if infinite else []
    means = [signal, *([float(decoys)] if not isinstance(decoys, tuple) else [float(d) for d in decoys])]
    given = [getattr(system, name, None) for name in ("signal_probability", "weak_probability")][: len(means) - 1]
    notes = []
    shares = [float(share) for share in given if share is not None]
    if len(shares) < len(given):
        notes.append(f"signal share {SIGNAL_SHARE}, the decoys alike")
        shares = [SIGNAL_SHARE] + [(1.0 - SIGNAL_SHARE) / (len(means) - 1)] * (len(means) - 2)
    shares.append(1.0 - sum(shares))
    names = ("signal", "weak", "vacuum")[: len(means)]
    return [{"mean": m, "probability": p} for m, p in zip(means, shares, strict=True)], names, False, notes


def _prepared(
    system: Any, alphabet: Alphabet, source: str, threshold: float, dead_pulses: int, finite: bool = False
) -> Line:
    lights, names, infinite, notes = _intensities(system)
    if source == "Single":
        lights = [{"mean": float(_get(system, "source_efficiency", 1.0)), "probability": 1.0}]
        names, infinite, notes = ("photon",), False, []
    if float(_get(system, "afterpulse_probability", 0.0)) > 0.0:
        notes = [*notes, "afterpulses are left out of the run"]
    fiber = system.fiber
    document = {
        "source": source,
        "intensities": lights,
        **alphabet.fields(),
        "transmittance": fiber.transmittance,
        "detectors": _detectors(system, 2),
        "misalignment": float(_get(system, "misalignment", 0.0)),
        "dead_pulses": dead_pulses,
    }
    return Line(
        "PulseLine",
        document,
        alphabet,
        names,
        # Asymptotically the signal makes the key; the proofs for finite keys take all intensities together.
        key_lights=tuple(range(len(names))) if finite else (0,),
        error_correction=float(_get(system, "error_correction", 1.16)),
        threshold=threshold,
        infinite_decoys=infinite,
        finite=finite,
        assumptions=tuple(notes),
        repetition_rate_hz=float(_get(system, "repetition_rate_hz", 1e9)),
        length_km=getattr(fiber, "length_km", None),
    )


def line_of(system: Any, dead_time_s: float = 0.0, finite: bool = False) -> Line:
    """Return the line of a protocol, its detectors blind for some time after a click.

    ``finite``: for a finite key ``sifting`` is the share of pulses that both have in the key basis, as in the proofs;
    otherwise the share that both have in any one basis, and below what bases that are alike sift in the key basis.

    Raises a RangeError for a protocol that has no Monte Carlo.
    """
    name = type(system).__name__
    sifting = float(_get(system, "sifting", 0.5))
    bases = 3 if name == "SixState" else 2
    basis = math.sqrt(sifting) if finite else key_basis_probability(sifting, bases)
    names = (0,) if finite else names_of_key(sifting, bases)
    dead = round(dead_time_s * float(_get(system, "repetition_rate_hz", 1e9)))
    source = "Single" if _get(system, "signal") is None else "Poisson"
    if name in ("BB84", "WeakBB84", "DecoyBB84"):
        return replace(_prepared(system, bb84(basis), source, 0.11, dead, finite), key_names=names)
    if name == "SixState":
        line = _prepared(system, six_state(basis), source, 0.126193, dead, finite)
        return replace(line, key_names=names, key_too=finite, by_name=finite)
    if name == "B92":
        line = _prepared(system, b92(float(_get(system, "overlap", 0.5))), source, b92_threshold(system), dead, finite)
        drawn = float(_get(system, "test_probability", 0.1)) if finite else None
        return replace(line, key_too=finite, test_probability=drawn)
    if name == "SARG04":
        line = _prepared(system, sarg04(), source, 0.0968, dead, finite)
        return replace(line, key_too=finite, test_probability=float(system.test_probability) if finite else None)
    words = "a protocol with a Monte Carlo"
    raise complain(RangeError, name, "run", words, name, "BB84, DecoyBB84, SixState, B92, SARG04, DPS have one")
