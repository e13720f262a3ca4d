"""Protocols with an untrusted relay: measurement-device-independent, twin-field, mode pairing."""

from __future__ import annotations

from dataclasses import dataclass

from ebit._spec import default
from ebit.channels import OpticalChannel
from ebit.qkd.protocol import Protocol

__all__ = ["MDI", "ModePairing", "SendingOrNotSending", "TwinField"]


@dataclass(frozen=True)
class MDI(Protocol):
    """Measurement-device-independent QKD with decoys: two senders, a relay that nobody need trust.

    R = q {P11 Y11 [1 - h(e11)] - Q f h(E)} (Lo, Curty and Qi 2012, doi:10.1103/PhysRevLett.108.130503; Ma and Razavi
    2012, doi:10.1103/PhysRevA.86.062319). Finite keys: Curty et al. 2014 (doi:10.1038/ncomms4732) by analytic bounds,
    all intensities make key; each sender takes the key basis with probability sqrt(q).

    Parameters
    ----------
    fiber : Fiber, SatelliteDownlink, FreeSpace or Arms
        From Alice to Bob, by way of the relay.
    receiver_efficiency : float
        Of the relay's detectors.
    dark_count_probability : float
        Per detector and pulse.
    misalignment : float
        Share of photons that click in the wrong detector.
    error_correction : float
        Bits disclosed over those of the Shannon limit, >= 1.
    sifting : float
        Share of pulses for which both take the key basis; a finite key needs < 1, to test in the other.
    signal : float
        Mean photons of a signal pulse, of both senders.
    decoys : "infinite" or tuple
        Or (weak, 0) on both sides, which a finite key takes for "infinite", too, with the best weak one.
    signal_probability, weak_probability : float, optional
        Shares of each sender's pulses, for finite keys; None: those that give the most key.
    station : float
        Share of the fibre on Alice's side.
    repetition_rate_hz : float
        Pulses per second.

    Examples
    --------
    >>> from ebit import Fiber
    >>> line = MDI(fiber=Fiber(100.0), receiver_efficiency=0.145, dark_count_probability=3.01e-6, misalignment=0.015)
    >>> best = line.optimize()
    >>> f"{best.signal:.4f} photons, {best.key_rate().value:.4g} bits per pulse"
    '0.5486 photons, 2.467e-06 bits per pulse'
    >>> block = 1e7
    >>> best = line.optimize(block=block)
    >>> 0.0 < best.key_rate(block=block).value < 2.467e-6
    True
    """

    fiber: OpticalChannel
    receiver_efficiency: float
    dark_count_probability: float = default("MDI", "dark_count_probability")
    misalignment: float = default("MDI", "misalignment")
    error_correction: float = default("MDI", "error_correction")
    sifting: float = default("MDI", "sifting")
    signal: float = default("MDI", "signal")
    decoys: str | tuple[float, ...] = default("MDI", "decoys")
    signal_probability: float | None = default("MDI", "signal_probability")
    weak_probability: float | None = default("MDI", "weak_probability")
    station: float = default("MDI", "station")
    repetition_rate_hz: float = default("MDI", "repetition_rate_hz")


@dataclass(frozen=True)
class TwinField(Protocol):
    """Twin-field QKD in the version of Curty, Azuma and Lo: the rate goes with the root of the transmittance.

    R = 2 p [1 - f h(e) - h(e_p)] (doi:10.1038/s41534-019-0175-6); the phase error from the yields of photon numbers,
    known from infinitely many decoys. The relay is in the middle. Finite keys: windows that test with random phases and
    three intensities bound the phase error, against general attacks; derived here after Maeda, Sasaki and Koashi 2019
    (doi:10.1038/s41467-019-11008-z) and Curras-Lorenzo et al. 2021 (doi:10.1038/s41534-020-00345-3).

    Parameters
    ----------
    fiber : Fiber, SatelliteDownlink, FreeSpace or Arms
        From Alice to Bob, by way of the relay; arms of equal loss.
    receiver_efficiency : float
        Of the relay's detectors.
    dark_count_probability : float
        Per detector and pulse.
    misalignment : float
        Of the phase: share of interference in the wrong port.
    error_correction : float
        Bits disclosed over those of the Shannon limit, >= 1.
    signal : float
        Mean photons alpha^2 of a key pulse, of each sender.
    weak, strong : float, optional
        Mean photons of the decoys of test windows, for finite keys; None here and below: what gives the most key. The
        strong one is to be brighter than the signal.
    weak_probability, strong_probability : float, optional
        Shares of each sender's test windows; the rest is vacuum.
    key_window_probability : float, optional
        Share of each sender's windows that make key, in (0, 1).
    repetition_rate_hz : float
        Pulses per second.

    Examples
    --------
    >>> from ebit import Fiber, bounds
    >>> far = TwinField(fiber=Fiber(250.0), receiver_efficiency=0.5, dark_count_probability=1e-9).optimize()
    >>> far.key_rate().value > bounds.plob(far.fiber.transmittance)
    True
    >>> best = far.optimize(block=1e7)
    >>> far.key_rate().value > best.key_rate(block=1e7).value > bounds.plob(far.fiber.transmittance)
    True
    """

    fiber: OpticalChannel
    receiver_efficiency: float
    dark_count_probability: float = default("TwinField", "dark_count_probability")
    misalignment: float = default("TwinField", "misalignment")
    error_correction: float = default("TwinField", "error_correction")
    signal: float = default("TwinField", "signal")
    weak: float | None = default("TwinField", "weak")
    strong: float | None = default("TwinField", "strong")
    weak_probability: float | None = default("TwinField", "weak_probability")
    strong_probability: float | None = default("TwinField", "strong_probability")
    key_window_probability: float | None = default("TwinField", "key_window_probability")
    repetition_rate_hz: float = default("TwinField", "repetition_rate_hz")


@dataclass(frozen=True)
class SendingOrNotSending(Protocol):
    """Twin-field QKD by sending or not sending: a bit is right where exactly one of the two sent.

    R = 2 p (1-p) mu e^-mu s1 [1 - h(e1)] - S f h(E) (Wang, Yu and Hu 2018, doi:10.1103/PhysRevA.98.062323), with
    infinitely many decoys. The relay is in the middle. Finite keys: Jiang et al. 2019
    (doi:10.1103/PhysRevApplied.12.024061), with windows that test: each sender takes a key window, or sends one of two
    decoys or vacuum.

    Parameters
    ----------
    fiber : Fiber, SatelliteDownlink, FreeSpace or Arms
        From Alice to Bob, by way of the relay; arms of equal loss.
    receiver_efficiency : float
        Of the relay's detectors.
    dark_count_probability : float
        Per detector and pulse.
    misalignment : float
        Of the phase, in test pulses: the bits do not feel it.
    error_correction : float
        Bits disclosed over those of the Shannon limit, >= 1.
    signal : float
        Mean photons of a pulse that is sent.
    sending_probability : float
        How often each sends, in (0, 1); in a key window.
    weak, strong : float, optional
        Mean photons of the decoys of test windows, for finite keys; None here and below: what gives the most key.
    weak_probability, strong_probability : float, optional
        Shares of each sender's test windows; the rest is vacuum.
    key_window_probability : float, optional
        Share of each sender's windows that make key, in (0, 1).
    phase_slice_rad : float, optional
        Errors are looked for where both sent a weak decoy and the phases differ by at most half of this, or by pi and
        at most half of this; in (0, pi].
    repetition_rate_hz : float
        Pulses per second.

    Examples
    --------
    >>> from ebit import Fiber, bounds
    >>> far = SendingOrNotSending(fiber=Fiber(350.0), receiver_efficiency=0.5, dark_count_probability=1e-10,
    ...                           misalignment=0.05).optimize()
    >>> far.key_rate().value > bounds.plob(far.fiber.transmittance)
    True
    >>> line = SendingOrNotSending(fiber=Fiber(300.0), receiver_efficiency=0.5, dark_count_probability=1e-9)
    >>> best = line.optimize(block=1e7)
    >>> line.optimize().key_rate().value > best.key_rate(block=1e7).value > 0.0
    True
    >>> session = SendingOrNotSending(Fiber(200.0), 0.5, 1e-9, sending_probability=0.03).run(10**8, rng=1)
    >>> print(session.qber)
    0.027 ± 0.001
    """

    fiber: OpticalChannel
    receiver_efficiency: float
    dark_count_probability: float = default("SendingOrNotSending", "dark_count_probability")
    misalignment: float = default("SendingOrNotSending", "misalignment")
    error_correction: float = default("SendingOrNotSending", "error_correction")
    signal: float = default("SendingOrNotSending", "signal")
    sending_probability: float = default("SendingOrNotSending", "sending_probability")
    weak: float | None = default("SendingOrNotSending", "weak")
    strong: float | None = default("SendingOrNotSending", "strong")
    weak_probability: float | None = default("SendingOrNotSending", "weak_probability")
    strong_probability: float | None = default("SendingOrNotSending", "strong_probability")
    key_window_probability: float | None = default("SendingOrNotSending", "key_window_probability")
    phase_slice_rad: float | None = default("SendingOrNotSending", "phase_slice_rad")
    repetition_rate_hz: float = default("SendingOrNotSending", "repetition_rate_hz")


@dataclass(frozen=True)
class ModePairing(Protocol):
    """Mode pairing: a relay and two senders without locked lasers; clicks are paired after they happened.

    R = r_p r_s {q11 [1 - h(e11)] - f h(E)} per round (Zeng, Zhou, Wu and Ma 2022, doi:10.1038/s41467-022-31534-7), with
    infinitely many decoys and mu or nothing sent evenly. The relay is in the middle. Long intervals scale as twin-field
    QKD, short ones as MDI. Finite keys, by bounds of this library's own, send one decoy, and each as often as is best:
    with long intervals nothing in two of three rounds.

    Parameters
    ----------
    fiber : Fiber, SatelliteDownlink, FreeSpace or Arms
        From Alice to Bob, by way of the relay; arms of equal loss.
    receiver_efficiency : float
        Of the relay's detectors.
    dark_count_probability : float
        Per detector and pulse.
    misalignment : float
        Of the phase between paired rounds: share of interference in the wrong port.
    error_correction : float
        Bits disclosed over those of the Shannon limit, >= 1.
    signal : float
        Mean photons of a pulse that is sent.
    pairing_interval : int
        Rounds apart that two paired clicks may be: coherence time x repetition rate.
    weak : float, optional
        Mean photons of the decoy, for finite keys; None here and below: what gives the most key.
    signal_probability, weak_probability : float, optional
        Shares of each sender's rounds in finite keys; nothing is sent in the rest.
    phase_slice_rad : float, optional
        Errors are looked for in pairs of rounds in which both sent weak decoys, and what their phases differ by changed
        by at most half of this, or by pi and at most half of this; in (0, pi].
    repetition_rate_hz : float
        Rounds per second.

    Examples
    --------
    >>> from ebit import Fiber, bounds
    >>> far = ModePairing(fiber=Fiber(300.0), receiver_efficiency=0.7, dark_count_probability=1e-9, misalignment=0.04,
    ...                   pairing_interval=10**6).optimize()
    >>> far.key_rate().value > bounds.plob(far.fiber.transmittance)
    True
    >>> line = ModePairing(fiber=Fiber(200.0), receiver_efficiency=0.5, dark_count_probability=1e-9)
    >>> best = line.optimize(block=1e8)
    >>> line.optimize().key_rate().value > best.key_rate(block=1e8).value > 0.0
    True
    >>> session = ModePairing(Fiber(200.0), 0.5, 1e-9).run(10**8, rng=1)
    >>> print(session.sifted_bits)
    15518
    """

    fiber: OpticalChannel
    receiver_efficiency: float
    dark_count_probability: float = default("ModePairing", "dark_count_probability")
    misalignment: float = default("ModePairing", "misalignment")
    error_correction: float = default("ModePairing", "error_correction")
    signal: float = default("ModePairing", "signal")
    pairing_interval: int = default("ModePairing", "pairing_interval")
    weak: float | None = default("ModePairing", "weak")
    signal_probability: float | None = default("ModePairing", "signal_probability")
    weak_probability: float | None = default("ModePairing", "weak_probability")
    phase_slice_rad: float | None = default("ModePairing", "phase_slice_rad")
    repetition_rate_hz: float = default("ModePairing", "repetition_rate_hz")
