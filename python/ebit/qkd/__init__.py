"""Quantum key distribution: protocols on a line, how many secret bits they give, and what that rests on.

Every protocol is a frozen specification: parameters in the constructor, ``key_rate`` and ``key_rate_hz`` for the rate,
``optimize`` for its best parameters, ``max_distance_km`` for how far it goes.

Post-processing works on one's own arrays: ``cascade`` makes two keys equal, ``verify`` says whether they are,
``toeplitz`` makes a short secret key of them, and a ``Ledger`` counts all that became public meanwhile.
"""

from __future__ import annotations

from ebit.qkd.attacks import (
    BeamSplitting,
    DetectorBlinding,
    Eavesdropper,
    EfficiencyMismatch,
    InterceptResend,
    Message,
    PhotonNumberSplitting,
    TimeShift,
    TrojanHorse,
)
from ebit.qkd.authentication import Authenticator
from ebit.qkd.boxes import Boxes, LocalAnswers
from ebit.qkd.decoy import DecoyBB84
from ebit.qkd.gaussian import GG02
from ebit.qkd.gaussian_session import GaussianSession
from ebit.qkd.impostors import ManInTheMiddle, MessageTampering, Together
from ebit.qkd.judgement import Alarm
from ebit.qkd.key_day import KeyDay
from ebit.qkd.key_demand import KeyDemand, Outage
from ebit.qkd.key_length import (
    KeyLength,
    decoy_key_length,
    six_state_key_length,
    uncertainty_key_length,
    weak_key_length,
)
from ebit.qkd.ledger import Ledger, LedgerEntry
from ebit.qkd.modes import EntanglingCloner, HeterodyneResend, Modes
from ebit.qkd.pair_lengths import device_independent_key_length, ekert_key_length
from ebit.qkd.pairs import BBM92, E91, DeliveredPairs, DeviceIndependent, chsh
from ebit.qkd.privacy import Verified, secret_length, toeplitz, verify
from ebit.qkd.protocol import Epsilon, KeyRate, Protocol
from ebit.qkd.pulse_trains import COW, DPS
from ebit.qkd.pulses import Pulses
from ebit.qkd.reconciliation import Reconciled, cascade, ldpc, winnow
from ebit.qkd.relay import KeyNetwork, relay_key
from ebit.qkd.relay_lengths import pairing_key_length, relay_key_length, sending_key_length, twin_field_key_length
from ebit.qkd.relay_lies import Announcements, FalseRelay
from ebit.qkd.relayed import MDI, ModePairing, SendingOrNotSending, TwinField
from ebit.qkd.rotated import Rotated, multidimensional
from ebit.qkd.running import run
from ebit.qkd.sarg_length import sarg_key_length
from ebit.qkd.session import Session
from ebit.qkd.single_photons import B92, BB84, SixState, qber_threshold
from ebit.qkd.sliced import Sliced, slices
from ebit.qkd.trains import Train
from ebit.qkd.two_states import b92_key_length
from ebit.qkd.weak_pulses import SARG04, WeakBB84

__all__ = [
    "B92",
    "BB84",
    "BBM92",
    "COW",
    "DPS",
    "E91",
    "GG02",
    "MDI",
    "SARG04",
    "Alarm",
    "Announcements",
    "Authenticator",
    "BeamSplitting",
    "Boxes",
    "DecoyBB84",
    "DeliveredPairs",
    "DetectorBlinding",
    "DeviceIndependent",
    "Eavesdropper",
    "EfficiencyMismatch",
    "EntanglingCloner",
    "Epsilon",
    "FalseRelay",
    "GaussianSession",
    "HeterodyneResend",
    "InterceptResend",
    "KeyDay",
    "KeyDemand",
    "KeyLength",
    "KeyNetwork",
    "KeyRate",
    "Ledger",
    "LedgerEntry",
    "LocalAnswers",
    "ManInTheMiddle",
    "Message",
    "MessageTampering",
    "ModePairing",
    "Modes",
    "Outage",
    "PhotonNumberSplitting",
    "Protocol",
    "Pulses",
    "Reconciled",
    "Rotated",
    "SendingOrNotSending",
    "Session",
    "SixState",
    "Sliced",
    "TimeShift",
    "Together",
    "Train",
    "TrojanHorse",
    "TwinField",
    "Verified",
    "WeakBB84",
    "b92_key_length",
    "cascade",
    "chsh",
    "decoy_key_length",
    "device_independent_key_length",
    "ekert_key_length",
    "ldpc",
    "multidimensional",
    "pairing_key_length",
    "qber_threshold",
    "relay_key",
    "relay_key_length",
    "run",
    "sarg_key_length",
    "secret_length",
    "sending_key_length",
    "six_state_key_length",
    "slices",
    "toeplitz",
    "twin_field_key_length",
    "uncertainty_key_length",
    "verify",
    "weak_key_length",
    "winnow",
]
