"""Key distribution: mistakes are named, rates without a key say why, specifications are what specifications are."""

# Tables read best with a mistake per line.
# ruff: noqa: E501

from __future__ import annotations

import copy
import doctest
import importlib
import math
import pickle
import pkgutil
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import ebit
import ebit.qkd
from ebit.errors import RangeError, SpecError, UnknownFieldError, WrongTypeError

FIBER = ebit.Fiber(50.0)
LINE: dict[str, Any] = {"fiber": FIBER, "receiver_efficiency": 0.1}
SYSTEM = ebit.qkd.DecoyBB84(**LINE)
COUNTS: dict[str, Any] = {
    "intensities": [0.5, 0.1, 0.0], "probabilities": [0.7, 0.2, 0.1], "key_counts": [6e6, 4e5, 1e3],
    "key_errors": [6e4, 4e3, 500], "test_counts": [6e5, 4e4, 100], "test_errors": [6e3, 400, 50], "disclosed_bits": 6e5,
}  # fmt: skip


def decoy(**more: Any) -> ebit.qkd.DecoyBB84:
    return ebit.qkd.DecoyBB84(**(LINE | more))


def gaussian(**more: Any) -> ebit.qkd.GG02:
    return ebit.qkd.GG02(**(LINE | more))


def boxes(**more: Any) -> ebit.qkd.DeviceIndependent:
    return ebit.qkd.DeviceIndependent(**(LINE | more))


def six(**more: Any) -> ebit.qkd.KeyLength:
    numbers: dict[str, Any] = {
        "pairs": 1e7,
        "key_bits": 8e6,
        "test_bits": 1e5,
        "qber": [0.01] * 3,
        "disclosed_bits": 1e6,
    }
    return ebit.qkd.six_state_key_length(**(numbers | more))


def directions(**more: Any) -> ebit.qkd.KeyLength:
    numbers: dict[str, Any] = {"pairs": 9e6, "key_bits": 2e6, "lost": [1.6e5] * 3, "disclosed_bits": 3e5}
    return ebit.qkd.ekert_key_length(**(numbers | more))


def two_states(**more: Any) -> ebit.qkd.KeyLength:
    numbers: dict[str, Any] = {
        "overlap": 0.5,
        "test_probability": 0.1,
        "expected": [0.2, 0.3, 0.002],
        "pulses": 1e7,
        "lost": 2e6,
        "key_bits": 2.7e6,
        "test_bits": 3e5,
        "test_errors": 2e3,
        "disclosed_bits": 2e5,
    }
    return ebit.qkd.b92_key_length(**(numbers | more))


def weak(**more: Any) -> ebit.qkd.KeyLength:
    numbers: dict[str, Any] = {
        "pulses": 1e10,
        "signal": 1e-3,
        "key_basis_probability": 0.9,
        "key_bits": 4e6,
        "test_bits": 5e4,
        "test_errors": 500,
        "disclosed_bits": 3e5,
    }
    return ebit.qkd.weak_key_length(**(numbers | more))


def conclusive(**more: Any) -> ebit.qkd.KeyLength:
    numbers: dict[str, Any] = {
        "intensities": [0.3, 0.1, 0.0],
        "probabilities": [0.6, 0.3, 0.1],
        "test_probability": 0.1,
        "key_counts": [9e7, 1.5e7, 1e3],
        "test_errors": [1e5, 1.7e4, 60.0],
        "disclosed_bits": 9e6,
    }
    return ebit.qkd.sarg_key_length(**(numbers | more))


def boxed(**more: Any) -> ebit.qkd.KeyLength:
    numbers: dict[str, Any] = {"rounds": 1e7, "test_probability": 0.05, "chsh": 2.6, "disclosed_bits": 1e6}
    return ebit.qkd.device_independent_key_length(**(numbers | more))


def counted(**more: Any) -> ebit.qkd.KeyLength:
    return ebit.qkd.decoy_key_length(**(COUNTS | more))


def relayed(**more: Any) -> object:
    eight, one = 8.0 * np.ones((3, 3)), np.ones((3, 3))
    counts = {"key_counts": eight, "key_errors": one, "test_counts": eight, "test_errors": one, "disclosed_bits": 1.0}
    sent = {"intensities": [0.4, 0.1, 0.0], "probabilities": [0.5, 0.3, 0.2]}
    return ebit.qkd.relay_key_length(**(sent | counts | more))


def sending(**more: Any) -> object:
    return ebit.qkd.SendingOrNotSending(**(LINE | more))


def pairing(**more: Any) -> object:
    return ebit.qkd.ModePairing(**(LINE | more))


def pairs(**more: Any) -> object:
    rounds = {"intensities": [0.4, 0.1, 0.0], "probabilities": [0.2, 0.3, 0.5], "phase_slice_rad": 0.5}
    counts = {"pair_counts": np.ones((3, 3)), "one_sided_pairs": 9.0, "slice_errors": 1.0, "disclosed_bits": 1.0}
    return ebit.qkd.pairing_key_length(**(rounds | counts | more))


def sent(**more: Any) -> object:
    windows = {"intensities": [0.4, 0.4, 0.1], "windows": [0.7, 0.1, 0.1, 0.1], "sending_probability": 0.1}
    counts = {"clicks": [9.0, 8.0, 1.0], "slice_errors": 1.0, "key_bits": 50.0, "disclosed_bits": 1.0}
    return ebit.qkd.sending_key_length(**(windows | {"phase_slice_rad": 0.5} | counts | more))


def twin(**more: Any) -> object:
    return ebit.qkd.TwinField(**(LINE | more))


def fields(**more: Any) -> object:
    windows = {"intensities": [0.02, 0.3, 0.06], "windows": [0.7, 0.1, 0.1, 0.1]}
    return ebit.qkd.twin_field_key_length(
        **(windows | {"clicks": np.ones((3, 3)), "key_bits": 50.0, "disclosed_bits": 1.0} | more)
    )


CASES: list[tuple[str, Callable[[], object], type[SpecError], str, str, str]] = [
    ("negative intensity", lambda: decoy(signal=-0.5), RangeError, "DecoyBB84", "signal", "-0.5"),
    ("no intensity", lambda: decoy(signal=0.0), RangeError, "DecoyBB84", "signal", "0"),
    ("nan", lambda: decoy(signal=math.nan), RangeError, "DecoyBB84", "signal", "nan"),
    ("negative decoy", lambda: decoy(decoys=-0.1), RangeError, "DecoyBB84", "decoys", "-0.1"),
    ("decoy above signal", lambda: decoy(signal=0.4, decoys=0.5), RangeError, "DecoyBB84", "decoys", "0.5"),
    ("decoys above signal", lambda: decoy(decoys=(0.4, 0.2)), RangeError, "DecoyBB84", "decoys", "0.6"),
    ("decoys in the wrong order", lambda: decoy(decoys=(0.0, 0.1)), RangeError, "DecoyBB84", "decoys", "0"),
    ("three decoys", lambda: decoy(decoys=(0.3, 0.1, 0.0)), WrongTypeError, "DecoyBB84", "decoys", "3 values"),
    ("decoys by a wrong name", lambda: decoy(decoys="many"), RangeError, "DecoyBB84", "decoys", "'many'"),
    ("gain by a wrong name", lambda: decoy(gain="product"), RangeError, "DecoyBB84", "gain", "'product'"),
    ("efficiency in percent", lambda: decoy(receiver_efficiency=10), RangeError, "DecoyBB84", "receiver_efficiency", "10"),
    ("sifting 0", lambda: decoy(sifting=0.0), RangeError, "DecoyBB84", "sifting", "0"),
    ("below Shannon", lambda: decoy(error_correction=0.9), RangeError, "DecoyBB84", "error_correction", "0.9"),
    ("half the probabilities", lambda: decoy(decoys=(0.1, 0.0), signal_probability=0.5), RangeError, "DecoyBB84",
     "weak_probability", "None"),
    ("probabilities above 1", lambda: decoy(decoys=(0.1, 0.0), signal_probability=0.5, weak_probability=0.6), RangeError,
     "DecoyBB84", "weak_probability", "0.6"),
    ("no fibre", lambda: decoy(fiber=100.0), WrongTypeError, "DecoyBB84", "fiber", "float 100.0"),
    ("bad fibre", lambda: decoy(fiber=ebit.Fiber(-1.0)), RangeError, "Fiber", "length_km", "-1"),
    ("epsilon 0", lambda: SYSTEM.key_rate(1e7, 0.0), RangeError, "DecoyBB84.key_rate", "epsilon", "0.0"),
    ("epsilon 1", lambda: SYSTEM.optimize(1e7, 1.0), RangeError, "DecoyBB84.key_rate", "epsilon", "1.0"),
    ("epsilon in words", lambda: SYSTEM.key_rate(1e7, "small"), WrongTypeError, "DecoyBB84.key_rate", "epsilon", "'small'"),  # type: ignore[arg-type]
    ("block 0", lambda: SYSTEM.key_rate(0), RangeError, "key_rate", "block", "0"),
    ("block nan", lambda: SYSTEM.key_rate(math.nan), RangeError, "DecoyBB84.key_rate", "block", "nan"),
    ("block in words", lambda: SYSTEM.key_rate("all"), WrongTypeError, "DecoyBB84.key_rate", "block", "'all'"),  # type: ignore[arg-type]
    ("nothing to test", lambda: decoy(sifting=1.0).key_rate(1e7), RangeError, "DecoyBB84", "sifting", "1"),
    ("budget of nothing", lambda: ebit.qkd.Epsilon(1e-15), RangeError, "Epsilon", "secrecy", "neither"),
    ("budget twice", lambda: ebit.qkd.Epsilon(1e-15, 1e-10, 1e-15), RangeError, "Epsilon", "secrecy", "both"),
    ("correctness 0", lambda: ebit.qkd.Epsilon(0.0, 1e-10), RangeError, "Epsilon", "correctness", "0"),
    ("clicks beyond all counting", lambda: counted(key_counts=[1e308, 1e307, 1e306]), RangeError, "decoy_key_length",
     "key_counts[0]", "1e+308"),
    ("blinding decoys counted", lambda: counted(intensities=[800.0, 0.1, 0.0]), RangeError, "decoy_key_length",
     "intensities", "800.0"),
    ("an intensity hardly ever sent", lambda: counted(probabilities=[1.0, 1e-300, 1e-300]), RangeError, "decoy_key_length",
     "probabilities", "1e-300"),
    ("weak pulses beyond all counting", lambda: weak(pulses=1e308), RangeError, "weak_key_length", "pulses", "1e+308"),
    ("blinding weak pulses", lambda: weak(signal=800.0), RangeError, "weak_key_length", "signal", "800.0"),
    ("pairs beyond all counting", lambda: relayed(key_counts=np.full((3, 3), 1e308)), RangeError, "relay_key_length",
     "key_counts", "1.e+308"),
    ("test bits beyond all counting", lambda: ebit.qkd.uncertainty_key_length(1e6, 1e308, 0.01, 0.0), RangeError,
     "uncertainty_key_length", "test_bits", "1e+308"),
    ("six states beyond all counting", lambda: six(pairs=1e308), RangeError, "six_state_key_length", "pairs", "1e+308"),
    ("windows beyond all counting", lambda: sent(clicks=[1e308, 8.0, 1.0]), RangeError, "sending_key_length", "clicks[0]",
     "1e+308"),
    ("directions beyond all counting", lambda: directions(pairs=1e308), RangeError, "ekert_key_length", "pairs", "1e+308"),
    ("twin clicks beyond all counting", lambda: fields(clicks=np.full((3, 3), 1e308)), RangeError, "twin_field_key_length",
     "clicks", "1.e+308"),
    ("one-sided pairs beyond all counting", lambda: pairs(one_sided_pairs=1e308), RangeError, "pairing_key_length",
     "one_sided_pairs", "1e+308"),
    ("rounds beyond all counting", lambda: boxed(rounds=1e308), RangeError, "device_independent_key_length", "rounds",
     "1e+308"),
    ("no proof", lambda: ebit.qkd.COW(**LINE).key_rate(1e7), RangeError, "COW", "block", "a block"),
    ("SARG04, one decoy", lambda: ebit.qkd.SARG04(**LINE, decoys=0.1), RangeError, "SARG04", "decoys", "0.1"),
    ("SARG04, decoy above signal", lambda: ebit.qkd.SARG04(**LINE, decoys=(0.6, 0.0)), RangeError, "SARG04", "decoys", "0.6"),
    ("SARG04, half the shares", lambda: ebit.qkd.SARG04(**LINE, signal_probability=0.5), RangeError, "SARG04",
     "weak_probability", "None"),
    ("SARG04, shares above 1", lambda: ebit.qkd.SARG04(**LINE, signal_probability=0.5, weak_probability=0.5), RangeError,
     "SARG04", "weak_probability", "0.5"),
    ("SARG04, all compared", lambda: ebit.qkd.SARG04(**LINE, test_probability=1.0), RangeError, "SARG04",
     "test_probability", "1"),
    ("SARG04, compared nan", lambda: ebit.qkd.SARG04(**LINE, test_probability=math.nan), RangeError, "SARG04",
     "test_probability", "nan"),
    ("SARG04, block 0", lambda: ebit.qkd.SARG04(**LINE).key_rate(0), RangeError, "key_rate", "block", "0"),
    ("conclusive of two intensities", lambda: conclusive(intensities=[0.3, 0.1]), RangeError, "sarg_key_length",
     "intensities", "[2, 3, 3, 3]"),
    ("conclusive in words", lambda: conclusive(key_counts="many"), WrongTypeError, "sarg_key_length", "key_counts", "'many'"),
    ("conclusive, rising", lambda: conclusive(intensities=[0.1, 0.3, 0.0]), RangeError, "sarg_key_length", "intensities",
     "[0.1, 0.3, 0.0]"),
    ("conclusive, bright", lambda: conclusive(intensities=[800.0, 0.3, 0.0]), RangeError, "sarg_key_length", "intensities",
     "800.0"),
    ("conclusive, negative", lambda: conclusive(intensities=[0.3, 0.1, -0.1]), RangeError, "sarg_key_length",
     "intensities[2]", "-0.1"),
    ("conclusive, shares of 0.9", lambda: conclusive(probabilities=[0.5, 0.3, 0.1]), RangeError, "sarg_key_length",
     "probabilities", "[0.5, 0.3, 0.1]"),
    ("conclusive, none compared", lambda: conclusive(test_probability=0.0), RangeError, "sarg_key_length",
     "test_probability", "0.0"),
    ("conclusive, counts below 0", lambda: conclusive(key_counts=[1e7, -1.0, 0.0]), RangeError, "sarg_key_length",
     "key_counts[1]", "-1.0"),
    ("conclusive, errors nan", lambda: conclusive(test_errors=[1.0, math.nan, 0.0]), RangeError, "sarg_key_length",
     "test_errors[1]", "nan"),
    ("conclusive, told below 0", lambda: conclusive(disclosed_bits=-1.0), RangeError, "sarg_key_length", "disclosed_bits",
     "-1.0"),
    ("conclusive, epsilon 0", lambda: conclusive(epsilon=0.0), RangeError, "sarg_key_length", "epsilon", "0.0"),
    ("nothing to test at a relay", lambda: ebit.qkd.MDI(**LINE, sifting=1.0).key_rate(1e7), RangeError, "MDI", "sifting", "1"),
    ("half the shares at a relay", lambda: ebit.qkd.MDI(**LINE, signal_probability=0.5), RangeError, "MDI",
     "weak_probability", "None"),
    ("shares above 1 at a relay", lambda: ebit.qkd.MDI(**LINE, signal_probability=0.5, weak_probability=0.6), RangeError,
     "MDI", "weak_probability", "0.6"),
    ("pairs of two intensities", lambda: relayed(intensities=[0.4, 0.1]), RangeError, "relay_key_length", "intensities", "[0.4"),
    ("a vacuum of light", lambda: relayed(intensities=[0.4, 0.1, 0.01]), RangeError, "relay_key_length", "intensities", "0.01"),
    ("shares of pairs above 1", lambda: relayed(probabilities=[0.9, 0.2, 0.1]), RangeError, "relay_key_length", "probabilities", "0.9"),
    ("a row of pairs", lambda: relayed(key_counts=[1.0, 2.0, 3.0]), RangeError, "relay_key_length", "key_counts", "(3,)"),
    ("pairs in words", lambda: relayed(test_counts="many"), WrongTypeError, "relay_key_length", "test_counts", "'many'"),
    ("pairs below 0", lambda: relayed(key_errors=-np.ones((3, 3))), RangeError, "relay_key_length", "key_errors", "-1."),
    ("more errors than pairs", lambda: relayed(test_errors=9 * np.eye(3)), RangeError, "relay_key_length",
     "test_errors[0, 0]", "9.0"),
    ("disclosed below 0 of pairs", lambda: relayed(disclosed_bits=-1.0), RangeError, "relay_key_length", "disclosed_bits", "-1.0"),
    ("no fibre to lengthen", lambda: decoy(fiber=ebit.FreeSpace(1.0, 1e-5, 0.1, 0.0, 0.1)).max_distance_km(), RangeError,
     "DecoyBB84", "fiber", "another channel"),
    ("no attenuation", lambda: decoy(fiber=ebit.Fiber(1.0, 0.0)).max_distance_km(), RangeError, "DecoyBB84", "fiber",
     "loss_db_per_km 0"),
    ("weak pulses of nothing", lambda: ebit.qkd.WeakBB84(**LINE, signal=0.0), RangeError, "WeakBB84", "signal", "0"),
    ("orthogonal states", lambda: ebit.qkd.B92(**LINE, overlap=0.0), RangeError, "B92", "overlap", "0"),
    ("one decoy at a relay", lambda: ebit.qkd.MDI(**LINE, decoys=0.1), RangeError, "MDI", "decoys", "0.1"),
    ("vacuum of light", lambda: ebit.qkd.MDI(**LINE, decoys=(0.1, 0.01)), RangeError, "MDI", "decoys", "0.01"),
    ("arms that differ", lambda: ebit.qkd.TwinField(ebit.Arms(FIBER, ebit.Fiber(10.0)), 0.5), RangeError, "TwinField",
     "fiber", "10 and 2 dB"),
    ("always sending", lambda: ebit.qkd.SendingOrNotSending(**LINE, sending_probability=1.0), RangeError,
     "SendingOrNotSending", "sending_probability", "1"),
    ("weak decoy above the strong", lambda: sending(weak=0.4, strong=0.3), RangeError, "SendingOrNotSending", "strong", "0.3"),
    ("a decoy of nothing", lambda: sending(weak=0.0), RangeError, "SendingOrNotSending", "weak", "0"),
    ("a blinding decoy", lambda: sending(strong=11.0), RangeError, "SendingOrNotSending", "strong", "11"),
    ("half the shares of test windows", lambda: sending(weak_probability=0.5), RangeError, "SendingOrNotSending",
     "strong_probability", "None"),
    ("the other half", lambda: sending(strong_probability=0.5), RangeError, "SendingOrNotSending", "strong_probability", "0.5"),
    ("no vacuum windows", lambda: sending(weak_probability=0.5, strong_probability=0.5), RangeError, "SendingOrNotSending",
     "strong_probability", "0.5"),
    ("weak windows only", lambda: sending(weak_probability=1.0, strong_probability=0.1), RangeError, "SendingOrNotSending",
     "weak_probability", "1"),
    ("no window tests", lambda: sending(key_window_probability=1.0), RangeError, "SendingOrNotSending",
     "key_window_probability", "1"),
    ("a slice of nothing", lambda: sending(phase_slice_rad=0.0), RangeError, "SendingOrNotSending", "phase_slice_rad", "0"),
    ("a slice in degrees", lambda: sending(phase_slice_rad=30.0), RangeError, "SendingOrNotSending", "phase_slice_rad", "30"),
    ("test windows in words", lambda: sending(weak="faint"), WrongTypeError, "SendingOrNotSending", "weak", "'faint'"),
    ("counts of two intensities", lambda: sent(intensities=[0.4, 0.1]), RangeError, "sending_key_length", "intensities", "[0.4"),
    ("counts of a bright weak decoy", lambda: sent(intensities=[0.4, 0.1, 0.2]), RangeError, "sending_key_length",
     "intensities", "0.2"),
    ("windows above 1", lambda: sent(windows=[0.9, 0.1, 0.1, 0.1]), RangeError, "sending_key_length", "windows", "[0.9"),
    ("windows without vacuum", lambda: sent(windows=[0.8, 0.1, 0.1]), RangeError, "sending_key_length", "windows", "[0.8"),
    ("counts of always sending", lambda: sent(sending_probability=1.0), RangeError, "sending_key_length",
     "sending_probability", "1.0"),
    ("counts of a slice in degrees", lambda: sent(phase_slice_rad=30.0), RangeError, "sending_key_length",
     "phase_slice_rad", "30.0"),
    ("two counts", lambda: sent(clicks=[9.0, 8.0]), RangeError, "sending_key_length", "clicks", "[9.0"),
    ("counts below 0", lambda: sent(clicks=[9.0, 8.0, -1.0]), RangeError, "sending_key_length", "clicks[2]", "-1.0"),
    ("counts in words", lambda: sent(clicks="many"), WrongTypeError, "sending_key_length", "clicks", "'many'"),
    ("errors below 0", lambda: sent(slice_errors=-1.0), RangeError, "sending_key_length", "slice_errors", "-1.0"),
    ("key bits of nothing", lambda: sent(key_bits=math.nan), RangeError, "sending_key_length", "key_bits", "nan"),
    ("epsilon 0 of windows", lambda: sent(epsilon=0.0), RangeError, "sending_key_length", "epsilon", "0.0"),
    ("a strong twin as weak as the weak one", lambda: twin(weak=0.2, strong=0.2), RangeError, "TwinField", "strong", "0.2"),
    ("twin windows that always make key", lambda: twin(key_window_probability=1.0), RangeError, "TwinField",
     "key_window_probability", "1"),
    ("half the twins' shares", lambda: twin(weak_probability=0.2), RangeError, "TwinField", "strong_probability", "None"),
    ("twin decoys fainter than the signal", lambda: fields(intensities=[0.3, 0.2, 0.1]), RangeError,
     "twin_field_key_length", "intensities", "[0.3"),
    ("two twin intensities", lambda: fields(intensities=[0.02, 0.3]), RangeError, "twin_field_key_length", "intensities",
     "[0.02"),
    ("twin windows above 1", lambda: fields(windows=[0.9, 0.1, 0.1, 0.1]), RangeError, "twin_field_key_length", "windows",
     "[0.9"),
    ("twin clicks of two", lambda: fields(clicks=np.ones((2, 2))), RangeError, "twin_field_key_length", "clicks", "(2, 2)"),
    ("twin clicks below 0", lambda: fields(clicks=-np.ones((3, 3))), RangeError, "twin_field_key_length", "clicks", "-1"),
    ("twin key bits below 0", lambda: fields(key_bits=-2.0), RangeError, "twin_field_key_length", "key_bits", "-2"),
    ("decoy above the signal of pairs", lambda: pairing(weak=0.5), RangeError, "ModePairing", "weak", "0.5"),
    ("a decoy of nothing in pairs", lambda: pairing(weak=0.0), RangeError, "ModePairing", "weak", "0"),
    ("half the shares of rounds", lambda: pairing(signal_probability=0.5), RangeError, "ModePairing",
     "weak_probability", "None"),
    ("the other half of rounds", lambda: pairing(weak_probability=0.5), RangeError, "ModePairing",
     "weak_probability", "0.5"),
    ("no empty rounds", lambda: pairing(signal_probability=0.5, weak_probability=0.5), RangeError, "ModePairing",
     "weak_probability", "0.5"),
    ("signals in all rounds", lambda: pairing(signal_probability=1.0, weak_probability=0.1), RangeError, "ModePairing",
     "signal_probability", "1"),
    ("a slice of nothing in pairs", lambda: pairing(phase_slice_rad=0.0), RangeError, "ModePairing", "phase_slice_rad", "0"),
    ("a slice of pairs in degrees", lambda: pairing(phase_slice_rad=30.0), RangeError, "ModePairing",
     "phase_slice_rad", "30"),
    ("a decoy of pairs in words", lambda: pairing(weak="faint"), WrongTypeError, "ModePairing", "weak", "'faint'"),
    ("pairs of two intensities", lambda: pairs(intensities=[0.4, 0.0]), RangeError, "pairing_key_length",
     "intensities", "[0.4"),
    ("pairs without vacuum", lambda: pairs(intensities=[0.4, 0.2, 0.1]), RangeError, "pairing_key_length",
     "intensities", "0.1"),
    ("shares of pairs above 1", lambda: pairs(probabilities=[0.5, 0.3, 0.5]), RangeError, "pairing_key_length",
     "probabilities", "[0.5"),
    ("pairs of a slice in degrees", lambda: pairs(phase_slice_rad=30.0), RangeError, "pairing_key_length",
     "phase_slice_rad", "30.0"),
    ("pairs in a row", lambda: pairs(pair_counts=np.ones(9)), RangeError, "pairing_key_length", "pair_counts", "(9,)"),
    ("pairs below 0", lambda: pairs(pair_counts=-np.ones((3, 3))), RangeError, "pairing_key_length", "pair_counts", "-1"),
    ("one-sided pairs below 0", lambda: pairs(one_sided_pairs=-1.0), RangeError, "pairing_key_length",
     "one_sided_pairs", "-1.0"),
    ("errors of pairs in words", lambda: pairs(slice_errors="few"), WrongTypeError, "pairing_key_length",
     "slice_errors", "'few'"),
    ("epsilon 0 of pairs", lambda: pairs(epsilon=0.0), RangeError, "pairing_key_length", "epsilon", "0.0"),
    ("no interval", lambda: ebit.qkd.ModePairing(**LINE, pairing_interval=0), RangeError, "ModePairing",
     "pairing_interval", "0"),
    ("pairs of nothing", lambda: ebit.qkd.BBM92(**LINE, mean_pairs=0.0), RangeError, "BBM92", "mean_pairs", "0"),
    ("one side", lambda: ebit.qkd.BBM92(FIBER, (0.1, 1.5)), RangeError, "BBM92", "receiver_efficiency of side B", "1.5"),
    ("modulation 0", lambda: ebit.qkd.GG02(**LINE, modulation_variance=0.0), RangeError, "GG02", "modulation_variance", "0"),
    ("modulation 1e7", lambda: gaussian(modulation_variance=1e7), RangeError, "GG02", "modulation_variance", "10000000"),
    ("noise 1e7", lambda: gaussian(excess_noise=1e7), RangeError, "GG02", "excess_noise", "10000000"),
    ("nothing compared", lambda: gaussian(estimation_share=0.0), RangeError, "GG02", "estimation_share", "0"),
    ("all compared", lambda: gaussian(estimation_share=1), RangeError, "GG02", "estimation_share", "1"),
    ("share nan", lambda: gaussian(estimation_share=math.nan), RangeError, "GG02", "estimation_share", "nan"),
    ("share in words", lambda: gaussian(estimation_share="half"), WrongTypeError, "GG02", "estimation_share", "'half'"),
    ("no bits", lambda: gaussian(digitization_bits=0), RangeError, "GG02", "digitization_bits", "0"),
    ("many bits", lambda: gaussian(digitization_bits=17), RangeError, "GG02", "digitization_bits", "17"),
    ("half a bit", lambda: gaussian(digitization_bits=2.5), WrongTypeError, "GG02", "digitization_bits", "2.5"),
    ("never reconciled", lambda: gaussian(frame_success_probability=0.0), RangeError, "GG02", "frame_success_probability", "0"),
    ("reconciled too often", lambda: gaussian(frame_success_probability=1.1), RangeError, "GG02",
     "frame_success_probability", "1.1"),
    ("gaussian block of nothing", lambda: gaussian().key_rate(0.5), RangeError, "key_rate", "block", "0.5"),
    ("gaussian block too long", lambda: gaussian().optimize(1e16), RangeError, "key_rate", "block", "1e16"),
    ("gaussian epsilon 0", lambda: gaussian().key_rate(1e8, 0.0), RangeError, "GG02.key_rate", "epsilon", "0.0"),
    ("error rate above 1", lambda: ebit.qkd.DeliveredPairs(1.2, 0.0), RangeError, "DeliveredPairs", "qber_x", "1.2"),
    ("over nothing", lambda: ebit.qkd.BBM92.over(3), WrongTypeError, "BBM92.over", "result", "3"),
    ("six states without a test", lambda: ebit.qkd.SixState(**LINE, sifting=1.0).key_rate(1e8), RangeError, "SixState",
     "sifting", "1"),
    ("six states, key basis rare", lambda: ebit.qkd.SixState(**LINE, sifting=0.1).key_rate(1e8), RangeError, "SixState",
     "sifting", "0.1"),
    ("six states, block 0", lambda: ebit.qkd.SixState(**LINE).key_rate(0), RangeError, "key_rate", "block", "0"),
    ("fewer pairs than bits", lambda: six(pairs=8.2e6), RangeError, "six_state_key_length", "pairs", "8200000.0"),
    ("pairs nan", lambda: six(pairs=math.nan), RangeError, "six_state_key_length", "pairs", "nan"),
    ("key below 0", lambda: six(key_bits=-1), RangeError, "six_state_key_length", "key_bits", "-1"),
    ("tests in words", lambda: six(test_bits="few"), WrongTypeError, "six_state_key_length", "test_bits", "'few'"),
    ("one rate of six states", lambda: six(qber=0.01), WrongTypeError, "six_state_key_length", "qber", "0.01"),
    ("two rates of six states", lambda: six(qber=[0.01] * 2), WrongTypeError, "six_state_key_length", "qber", "[0.01"),
    ("a rate above 1", lambda: six(qber=[0.01, 1.2, 0.0]), RangeError, "six_state_key_length", "qber[1]", "1.2"),
    ("six states epsilon 0", lambda: six(epsilon=0.0), RangeError, "six_state_key_length", "epsilon", "0.0"),
    ("fewer pairs than games", lambda: directions(pairs=2.4e6), RangeError, "ekert_key_length", "pairs", "2400000.0"),
    ("key of directions nan", lambda: directions(key_bits=math.nan), RangeError, "ekert_key_length", "key_bits", "nan"),
    ("two games", lambda: directions(lost=[1.0] * 2), WrongTypeError, "ekert_key_length", "lost", "[1.0, 1.0]"),
    ("games in a word", lambda: directions(lost="few"), WrongTypeError, "ekert_key_length", "lost", "'few'"),
    ("a game below 0", lambda: directions(lost=[0, -1, 0]), RangeError, "ekert_key_length", "lost[1]", "-1"),
    ("directions told below 0", lambda: directions(disclosed_bits=-1.0), RangeError, "ekert_key_length", "disclosed_bits",
     "-1.0"),
    ("directions epsilon 0", lambda: directions(epsilon=0.0), RangeError, "ekert_key_length", "epsilon", "0.0"),
    ("E91, block 0", lambda: ebit.qkd.E91(**LINE).key_rate(0), RangeError, "key_rate", "block", "0"),
    ("states too few", lambda: two_states(pulses=4.9e6), RangeError, "b92_key_length", "pulses", "4900000.0"),
    ("states beyond all counting", lambda: two_states(pulses=1e308), RangeError, "b92_key_length", "pulses", "1e+308"),
    ("equal states", lambda: two_states(overlap=1.0), RangeError, "b92_key_length", "overlap", "1.0"),
    ("orthogonal states counted", lambda: two_states(overlap=0), RangeError, "b92_key_length", "overlap", "0"),
    ("states in words", lambda: two_states(overlap="much"), WrongTypeError, "b92_key_length", "overlap", "'much'"),
    ("every hit compared", lambda: two_states(test_probability=1.0), RangeError, "b92_key_length", "test_probability",
     "1.0"),
    ("no hit compared", lambda: two_states(test_probability=0.0), RangeError, "b92_key_length", "test_probability", "0.0"),
    ("lost nan", lambda: two_states(lost=math.nan), RangeError, "b92_key_length", "lost", "nan"),
    ("hits below 0", lambda: two_states(key_bits=-1), RangeError, "b92_key_length", "key_bits", "-1"),
    ("compared in words", lambda: two_states(test_bits="few"), WrongTypeError, "b92_key_length", "test_bits", "'few'"),
    ("more wrong hits than compared", lambda: two_states(test_errors=4e5), RangeError, "b92_key_length", "test_errors",
     "400000.0"),
    ("one share expected", lambda: two_states(expected=0.2), WrongTypeError, "b92_key_length", "expected", "0.2"),
    ("two shares expected", lambda: two_states(expected=[0.2] * 2), WrongTypeError, "b92_key_length", "expected", "[0.2"),
    ("a share in a word", lambda: two_states(expected=["a", 0.2, 0]), WrongTypeError, "b92_key_length", "expected[0]", "a"),
    ("a share nan", lambda: two_states(expected=[math.nan, 0.2, 0]), RangeError, "b92_key_length", "expected[0]", "nan"),
    ("more expected than sent", lambda: two_states(expected=[0.8, 0.3, 0.0]), RangeError, "b92_key_length", "expected[1]",
     "0.3"),
    ("more errors expected than hits", lambda: two_states(expected=[0.2, 0.3, 0.4]), RangeError, "b92_key_length",
     "expected[2]", "0.4"),
    ("states told below 0", lambda: two_states(disclosed_bits=-1.0), RangeError, "b92_key_length", "disclosed_bits",
     "-1.0"),
    ("states epsilon 0", lambda: two_states(epsilon=0.0), RangeError, "b92_key_length", "epsilon", "0.0"),
    ("B92, block 0", lambda: ebit.qkd.B92(**LINE).key_rate(0), RangeError, "key_rate", "block", "0"),
    ("B92, all compared", lambda: ebit.qkd.B92(**LINE, test_probability=1.0), RangeError, "B92", "test_probability", "1"),
    ("B92, none compared", lambda: ebit.qkd.B92(**LINE, test_probability=0.0), RangeError, "B92", "test_probability", "0"),
    ("B92, compared nan", lambda: ebit.qkd.B92(**LINE, test_probability=math.nan), RangeError, "B92", "test_probability",
     "nan"),
    ("weak pulses too few", lambda: weak(pulses=4e6), RangeError, "weak_key_length", "pulses", "4000000.0"),
    ("weak signal nan", lambda: weak(signal=math.nan), RangeError, "weak_key_length", "signal", "nan"),
    ("weak basis 1", lambda: weak(key_basis_probability=1.0), RangeError, "weak_key_length", "key_basis_probability",
     "1.0"),
    ("weak bits in words", lambda: weak(key_bits="all"), WrongTypeError, "weak_key_length", "key_bits", "'all'"),
    ("weak tests below 0", lambda: weak(test_bits=-1), RangeError, "weak_key_length", "test_bits", "-1"),
    ("more weak errors than bits", lambda: weak(test_errors=6e4), RangeError, "weak_key_length", "test_errors", "60000.0"),
    ("weak epsilon 0", lambda: weak(epsilon=0.0), RangeError, "weak_key_length", "epsilon", "0.0"),
    ("weak, all in one basis", lambda: ebit.qkd.WeakBB84(**LINE, signal=0.01, sifting=1.0).key_rate(1e6), RangeError,
     "WeakBB84", "sifting", "1"),
    ("nothing tested", lambda: boxes(test_probability=0.0), RangeError, "DeviceIndependent", "test_probability", "0"),
    ("all tested", lambda: boxes(test_probability=1.0), RangeError, "DeviceIndependent", "test_probability", "1"),
    ("tested nan", lambda: boxes(test_probability=math.nan), RangeError, "DeviceIndependent", "test_probability", "nan"),
    ("tested in words", lambda: boxes(test_probability="often"), WrongTypeError, "DeviceIndependent", "test_probability",
     "'often'"),
    ("no rounds", lambda: boxed(rounds=0.5), RangeError, "device_independent_key_length", "rounds", "0.5"),
    ("rounds in words", lambda: boxed(rounds="many"), WrongTypeError, "device_independent_key_length", "rounds", "'many'"),
    ("rounds infinite", lambda: boxed(rounds=math.inf), RangeError, "device_independent_key_length", "rounds", "inf"),
    ("no test", lambda: boxed(test_probability=0.0), RangeError, "device_independent_key_length", "test_probability", "0.0"),
    ("only tests", lambda: boxed(test_probability=1.0), RangeError, "device_independent_key_length", "test_probability", "1.0"),
    ("S of no quantum box", lambda: boxed(chsh=2.83), RangeError, "device_independent_key_length", "chsh", "2.83"),
    ("S below 0", lambda: boxed(chsh=-2.5), RangeError, "device_independent_key_length", "chsh", "-2.5"),
    ("told nan", lambda: boxed(disclosed_bits=math.nan), RangeError, "device_independent_key_length", "disclosed_bits", "nan"),
    ("boxes epsilon 1", lambda: boxed(epsilon=1.0), RangeError, "device_independent_key_length", "epsilon", "1.0"),
    ("threshold of nothing", lambda: ebit.qkd.qber_threshold(None), WrongTypeError, "qber_threshold", "protocol", "None"),
    ("threshold of GG02", lambda: ebit.qkd.qber_threshold("GG02"), RangeError, "qber_threshold", "protocol", "'GG02'"),
    ("chsh of 2", lambda: ebit.qkd.chsh(2.0), RangeError, "chsh", "qber", "2.0"),
    ("columns that differ", lambda: counted(key_counts=[1.0, 2.0]), RangeError, "decoy_key_length", "intensities", "[3,"),
    ("intensities that rise", lambda: counted(intensities=[0.1, 0.5, 0.0]), RangeError, "decoy_key_length",
     "intensities", "[0.1"),
    ("shares of more than 1", lambda: counted(probabilities=[0.9, 0.2, 0.1]), RangeError, "decoy_key_length",
     "probabilities", "[0.9"),
    ("more errors than clicks", lambda: counted(key_errors=[7e6, 1.0, 1.0]), RangeError, "decoy_key_length",
     "key_errors", "7000000"),
    ("negative counts", lambda: counted(test_counts=[-1.0, 1.0, 1.0]), RangeError, "decoy_key_length",
     "test_counts[0]", "-1"),
    ("counts in words", lambda: counted(key_counts="many"), WrongTypeError, "decoy_key_length", "key_counts", "'many'"),
    ("error rate of 2", lambda: ebit.qkd.uncertainty_key_length(1e6, 1e5, 2.0, 0.0), RangeError,
     "uncertainty_key_length", "qber", "2.0"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("call", "kind", "place", "parameter", "value"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_mistakes_are_named(
    call: Callable[[], object], kind: type[SpecError], place: str, parameter: str, value: str
) -> None:
    with pytest.raises(kind) as caught:
        call()
    error = caught.value
    assert (error.object, error.parameter) == (place, parameter), str(error)
    assert value in error.value, str(error)
    assert error.range, str(error)


def test_an_unknown_field_is_suggested() -> None:
    with pytest.raises(UnknownFieldError, match="did you mean 'misalignment'"):
        ebit._core.check("DecoyBB84", '{"fiber": {"length_km": 1}, "receiver_efficiency": 0.1, "misalignement": 0.1}')


PROTOCOLS: list[ebit.qkd.Protocol] = [
    ebit.qkd.B92(**LINE), ebit.qkd.BB84(**LINE), ebit.qkd.BBM92(**LINE), ebit.qkd.BBM92(FIBER, [0.1, 0.2]),  # type: ignore[arg-type]
    ebit.qkd.COW(**LINE), ebit.qkd.DPS(**LINE), ebit.qkd.E91(**LINE), ebit.qkd.GG02(**LINE), ebit.qkd.MDI(**LINE),
    ebit.qkd.MDI(**LINE, decoys=np.array([0.1, 0.0])), ebit.qkd.SARG04(**LINE), SYSTEM, decoy(decoys=[0.1, 0.0]),
    ebit.qkd.DeliveredPairs(0.01, 0.02), ebit.qkd.DeviceIndependent(**LINE), ebit.qkd.ModePairing(**LINE),
    ebit.qkd.SendingOrNotSending(**LINE), ebit.qkd.SixState(**LINE), ebit.qkd.TwinField(**LINE),
    ebit.qkd.WeakBB84(**LINE, signal=0.01), decoy(fiber=ebit.SatelliteDownlink(500.0, 5e-6, 0.6, 1e-6, 0.8)),
]  # fmt: skip


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda p: type(p).__name__)
def test_protocols_are_specifications(protocol: ebit.qkd.Protocol) -> None:
    for again in (pickle.loads(pickle.dumps(protocol)), copy.deepcopy(protocol), protocol.replace()):
        assert again == protocol
        assert hash(again) == hash(protocol)
    rate = protocol.key_rate()
    assert rate.stderr == 0.0
    assert rate.low == rate.value == rate.high >= 0.0
    assert bool(rate.why_no_key()) == (rate.value == 0.0)
    assert rate.security
    assert rate.assumptions
    assert rate.version == ebit.__version__
    assert pickle.loads(pickle.dumps(rate)) == rate
    plain = rate.to_dict()
    assert plain["method"] == "exact"
    assert plain["value"] == rate.value
    best = protocol.optimize()
    assert type(best) is type(protocol)
    assert best.key_rate().value >= rate.value * (1 - 1e-12)
    assert {type(p) for p in PROTOCOLS} >= {getattr(ebit.qkd, name) for name in
                                            ("B92", "BB84", "BBM92", "COW", "DPS", "E91", "GG02", "MDI", "SARG04")}  # fmt: skip


def test_a_face_as_written() -> None:
    system = ebit.qkd.DecoyBB84(
        fiber=ebit.Fiber(length_km=100, loss_db_per_km=0.21), receiver_efficiency=0.045,
        background_probability=1.7e-6, misalignment=0.033, error_correction=1.22, sifting=0.5, signal=0.48,
        decoys="infinite", repetition_rate_hz=1e9,
    )  # fmt: skip
    assert system.key_rate_hz().value == pytest.approx(1e9 * system.key_rate().value, rel=1e-15)
    finite = system.key_rate(block=1e7, epsilon=1e-10)
    assert 0 < finite.value < system.key_rate().value
    assert sum(finite.epsilon.values()) == pytest.approx(1e-10, rel=1e-12)
    assert set(finite.epsilon) == {
        "correctness", "smoothing_and_phase_error", "privacy_amplification", "detection_counts", "error_counts"
    }  # fmt: skip
    best = system.optimize(block=1e7, epsilon=1e-10)
    assert best.key_rate(block=1e7, epsilon=1e-10).value > finite.value
    assert system.max_distance_km() > system.max_distance_km(block=1e7) > 100


def test_counts_that_bound_nothing_are_no_key() -> None:
    # Two intensities that differ by a rounding; a test of a part of a bit.
    nearly = 0.5 * (1.0 - 2**-52)
    assert counted(
        intensities=[0.5, nearly], probabilities=[0.5, 0.5],
        **{name: [1e6, 1e6] for name in ("key_counts", "key_errors", "test_counts", "test_errors")},
    ).bits == 0  # fmt: skip
    assert ebit.qkd.uncertainty_key_length(1e6, 1e-300, 0.01, 0.0).bits == 0
    assert six(test_bits=0.0).bits == 0


def test_rates_without_a_key_say_why() -> None:
    assert "QBER 0.12" in ebit.qkd.BB84(FIBER, 0.1, misalignment=0.12).key_rate().why_no_key()
    assert "photon-number splitting" in ebit.qkd.WeakBB84(FIBER, 0.1, signal=0.5).key_rate().why_no_key()
    assert "block" in decoy(background_probability=1e-5).key_rate(block=100).why_no_key()
    assert "larger estimation_share" in gaussian().key_rate(block=100).why_no_key()
    assert "the finite block costs" in gaussian().key_rate(block=1e6).why_no_key()
    assert "nothing clicks" in decoy(receiver_efficiency=0.0).key_rate().why_no_key()
    assert "nothing clicks" in decoy(receiver_efficiency=0.0).key_rate(block=1e6).why_no_key()
    for seldom in (
        decoy(receiver_efficiency=0.0, background_probability=1e-300, decoys=(0.1, 0.0)),
        ebit.qkd.WeakBB84(FIBER, 1e-300, signal=0.1),
        ebit.qkd.BBM92(FIBER, 1e-150),
        ebit.qkd.SixState(ebit.Fiber(14_900.0), 0.5),
        ebit.qkd.MDI(FIBER, 1e-150),
        ebit.qkd.TwinField(FIBER, 1e-300),
        ebit.qkd.SendingOrNotSending(FIBER, 1e-300),
        ebit.qkd.ModePairing(FIBER, 1e-150),
    ):
        rate = seldom.key_rate(block=1e15)
        assert rate.value == 0.0, seldom
        assert "more than 1e150 pulses" in rate.why_no_key(), seldom
        assert set(rate.parts) == {"gain"}
    assert "tell the states apart" in ebit.qkd.B92(FIBER, 0.1).key_rate().why_no_key()
    assert "loophole" in boxes(receiver_efficiency=0.9).key_rate().why_no_key()
    assert "loophole" in boxes(receiver_efficiency=0.9).key_rate(block=1e9).why_no_key()
    assert "leave the error rates open" in ebit.qkd.SixState(**LINE).key_rate(block=1e3).why_no_key()
    ions = ebit.qkd.DeviceIndependent(ebit.Fiber(0.0), 1.0, visibility=0.97)
    assert "can only ask for S" in ions.key_rate(block=1e3).why_no_key()
    assert "the finite block costs" in ions.key_rate(block=3e5).why_no_key()


@pytest.mark.parametrize("name", [m.name for m in pkgutil.walk_packages(ebit.qkd.__path__, "ebit.qkd.")])
def test_examples_of_the_docstrings(name: str) -> None:
    module = importlib.import_module(name)
    flags = doctest.ELLIPSIS | doctest.DONT_ACCEPT_TRUE_FOR_1
    assert doctest.testmod(module, optionflags=flags).failed == 0
