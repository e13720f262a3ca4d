"""What is wrong with a run or an attack is said in the one shape of the house."""

# Tables read best with a mistake per line.
# ruff: noqa: E501

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ebit
from ebit import qkd
from ebit.errors import RangeError, SpecError, TooLargeError, WrongTypeError
from ebit.qkd import BB84, DecoyBB84

sys.path.insert(0, str(Path(__file__).parents[1] / "statistical"))


LINE = BB84(ebit.Fiber(10.0), 0.5)
DPS = qkd.DPS(ebit.Fiber(10.0), 0.5)
COW = qkd.COW(ebit.Fiber(10.0), 0.5)


class OnTrains(qkd.Eavesdropper):
    def __init__(self, act: Any = None) -> None:
        self.act = act

    def train(self, train: qkd.Train, rng: np.random.Generator) -> None:
        self.act(train)


class Seen(qkd.Eavesdropper):
    def __init__(self, readings: Any) -> None:
        self.readings = readings

    def monitors(self) -> dict[str, float]:
        out: dict[str, float] = self.readings
        return out


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: LINE.run(-1), RangeError, "BB84.run: pulses must be an integer in [0,"),
        (lambda: LINE.run(1.5), WrongTypeError, "BB84.run: pulses must be an integer"),
        (lambda: LINE.run(10**14), TooLargeError, "more clicks than 4 GiB hold"),
        (lambda: LINE.run(10, "eve"), WrongTypeError, "eavesdropper must be an Eavesdropper or None, got 'eve'"),
        (lambda: LINE.run(10, sample=1.0), RangeError, "sample must be a share in [0, 1), got 1.0"),
        (lambda: LINE.run(10, on_alarm="shout"), RangeError, "on_alarm must be 'stop' or 'continue', got 'shout'"),
        (lambda: LINE.run(10, qkd.DetectorBlinding(), monitors={"receiver_power_w": float("nan")}), RangeError, "BB84.run: monitors['receiver_power_w'] must be a number >= 0, or infinity, got nan"),
        (lambda: LINE.run(10, monitors={"receiver_power_w": -1}), RangeError, "monitors['receiver_power_w'] must be a number >= 0, or infinity, got -1"),
        (lambda: LINE.run(10, monitors={"receiver_power_w": "low"}), WrongTypeError, "monitors['receiver_power_w'] must be a number >= 0, or infinity, got 'low'"),
        (lambda: LINE.run(10, monitors={"reciever_power_w": 1e-9}), RangeError, "monitors must be of sender_photons, receiver_power_w, got 'reciever_power_w'"),
        (lambda: LINE.run(10, monitors=[1e-9]), WrongTypeError, "monitors must be a mapping of monitor to limit, got [1e-09]"),
        (lambda: LINE.run(10, Seen({"heat_k": float("nan")})), RangeError, "Eavesdropper.monitors: heat_k must be a number >= 0, or infinity, got nan"),
        (lambda: LINE.run(10, Seen(3)), WrongTypeError, "Eavesdropper.monitors: monitors must be a mapping of monitor to reading, got 3"),
        (lambda: LINE.run(10**4, rng=1, reconciliation=lambda a, b, q, rng: None), WrongTypeError, "BB84.run: reconciliation must be a callable that returns a Reconciled, got None"),
        (lambda: LINE.run(10**4, rng=1, reconciliation=lambda a, b, q, rng: qkd.cascade(a[1:], b[1:], q, rng=rng)), WrongTypeError, "whose corrected is a bool array of shape"),
        (lambda: qkd.Together("x"), WrongTypeError, "Together: attacks must be Eavesdroppers, got 'x'"),
        (lambda: qkd.Together(qkd.InterceptResend), WrongTypeError, "attacks themselves, not their classes: InterceptResend()"),
        (lambda: qkd.GG02(ebit.Fiber(1.0), 0.5).run(10, qkd.FalseRelay(0.1)), WrongTypeError, "GG02.run: eavesdropper must be one that acts on quadratures"),
        (lambda: qkd.GG02(ebit.Fiber(1.0), 0.5).run(10, qkd.LocalAnswers(0.1)), WrongTypeError, "GG02.run: eavesdropper must be one that acts on quadratures"),
        (lambda: qkd.GG02(ebit.Fiber(1.0), 0.5).run(10, OnTrains()), WrongTypeError, "GG02.run: eavesdropper must be one that acts on quadratures"),
        (lambda: LINE.run(10, dead_time_s=1e300), RangeError, "dead_time_s must be in [0, 1], got 1e+300"),
        (lambda: LINE.run(10, dead_time_s=-1.0), RangeError, "dead_time_s must be in [0, 1], got -1.0"),
        (lambda: LINE.run(10, threads=0), RangeError, "threads must be an integer in [1,"),
        (lambda: LINE.run(10, reconciliation="guess"), WrongTypeError, "BB84.run: reconciliation must be one of cascade, ldpc, winnow, or a callable like cascade, got 'guess'"),
        (lambda: LINE.run(10, epsilon=0.0), RangeError, "BB84.run: epsilon must be an Epsilon, or a number in (0, 1), got 0.0"),
        (lambda: qkd.B92(ebit.Fiber(1.0), 0.5).run(10, epsilon=1e-10, dead_time_s=1e-8), RangeError, "B92.run: dead_time_s must be 0 for a finite key, got 1e-08"),
        (lambda: qkd.SARG04(ebit.Fiber(1.0), 0.5).run(10, epsilon=1e-10), RangeError, "SARG04.run: epsilon must be None for a run that ends in no finite key; those of BB84"),
        (lambda: qkd.SARG04(ebit.Fiber(1.0), 0.5, decoys=(0.1, 0.0)).run(10, epsilon=1e-10, dead_time_s=1e-8), RangeError, "SARG04.run: dead_time_s must be 0 for a finite key, got 1e-08"),
        (lambda: qkd.SixState(ebit.Fiber(1.0), 0.5, sifting=0.1).run(10, epsilon=1e-10), RangeError, "SixState.run: sifting must be in (1/9, 1) for a finite key, got 0.1"),
        (lambda: qkd.SixState(ebit.Fiber(1.0), 0.5, sifting=1.0).run(10, epsilon=1e-10), RangeError, "SixState.run: sifting must be in (1/9, 1) for a finite key, got 1.0"),
        (lambda: DecoyBB84(ebit.Fiber(1.0), 0.5).run(10, epsilon=1e-10), RangeError, "one decoy, or a pair of decoys"),
        (lambda: BB84(ebit.Fiber(1.0), 0.5, sifting=1.0).run(10, epsilon=1e-10), RangeError, "BB84.run: sifting must be < 1 for a finite key, got 1.0"),
        (lambda: qkd.BBM92(ebit.Fiber(1.0), 0.5).run(10, qkd.BeamSplitting()), WrongTypeError, "eavesdropper must be InterceptResend or None on this line"),
        (lambda: qkd.E91(ebit.Fiber(1.0), 0.5).run(10, qkd.InterceptResend(basis="Y")), WrongTypeError, "InterceptResend in random, X, Z or breidbart"),
        (lambda: qkd.TwinField(ebit.Fiber(1.0), 0.5).run(10, qkd.InterceptResend()), WrongTypeError, "None on this line"),
        (lambda: LINE.run(10, rng=-1), RangeError, "rng must be an integer in [0, 2^128)"),
        (lambda: qkd.run(object(), 10), RangeError, "run must be a protocol with a Monte Carlo"),
        (lambda: BB84(ebit.Fiber(1.0), 1.5), RangeError, "BB84: receiver_efficiency must be a probability in [0, 1], got 1.5"),
        (lambda: BB84(ebit.Fiber(1.0), 0.5, misalignment=0.7).run(10), RangeError, "misalignment must be in [0, 0.5], got 0.7"),
        (lambda: DecoyBB84(ebit.Fiber(1.0), 0.5, signal=-0.1), RangeError, "DecoyBB84: signal must be in (0, 10], got -0.1"),
        (lambda: DecoyBB84(ebit.Fiber(1.0), 0.5, signal=float("nan")).run(10), RangeError, "got nan"),
        (lambda: qkd.InterceptResend(fraction=1.5), RangeError, "InterceptResend: fraction must be a probability in [0, 1], got 1.5"),
        (lambda: qkd.InterceptResend(basis="W"), SpecError, "one of random, X, Y, Z, breidbart"),
        (lambda: qkd.TrojanHorse(reflected_photons=-1.0), RangeError, "TrojanHorse: reflected_photons must be finite and >= 0"),
        (lambda: qkd.TimeShift(ratio=2.0), RangeError, "TimeShift: ratio"),
        (lambda: qkd.EfficiencyMismatch(ratio=-0.1), RangeError, "EfficiencyMismatch: ratio"),
        (lambda: qkd.DetectorBlinding(blinding_power_w=-1.0), RangeError, "DetectorBlinding: blinding_power_w"),
        (lambda: qkd.MessageTampering("letters"), WrongTypeError, "kind must be one of amplification, detections,"),
        (lambda: qkd.Together(qkd.InterceptResend(), qkd.BeamSplitting()), WrongTypeError, "at most one acts on photons"),
        (lambda: DPS.run(-1), RangeError, "DPS.run: pulses must be an integer in [0,"),
        (lambda: DPS.run(10**14), TooLargeError, "run: pulses must be few enough for 89478485 clicks: more than 4 GiB hold"),
        (lambda: DPS.run(2**40, per_pulse=True), RangeError, "every pulse is sent, and all are kept"),
        (lambda: qkd.SendingOrNotSending(ebit.Fiber(1.0), 0.5).run(10, epsilon=1e-10), RangeError, "SendingOrNotSending.run: weak must be given for a finite key, got None"),
        (lambda: qkd.SendingOrNotSending(ebit.Fiber(1.0), 0.5).optimize(block=1e6).run(10, epsilon=1e-10, dead_time_s=1e-8), RangeError, "SendingOrNotSending.run: dead_time_s must be 0 for a finite key, got 1e-08"),
        (lambda: qkd.MDI(ebit.Fiber(1.0), 0.5).run(10, epsilon=1e-10), RangeError, "MDI.run: epsilon must be None for a run that ends in no finite key; those of BB84"),
        (lambda: qkd.MDI(ebit.Fiber(1.0), 0.5, decoys=(0.1, 0.0)).run(10, epsilon=1e-10), RangeError, "MDI.run: signal_probability must be given for a finite key, got None"),
        (lambda: qkd.TwinField(ebit.Fiber(1.0), 0.5).optimize(block=1e6).run(10, epsilon=1e-10, dead_time_s=1e-8), RangeError, "TwinField.run: dead_time_s must be 0 for a finite key, got 1e-08"),
        (lambda: qkd.TwinField(ebit.Fiber(1.0), 0.5).run(10, epsilon=1e-10), RangeError, "TwinField.run: weak must be given for a finite key, got None (optimize(block=...) chooses"),
        (lambda: qkd.WeakBB84(ebit.Fiber(1.0), 0.5, 0.1, sifting=1.0).run(10, epsilon=1e-10), RangeError, "WeakBB84.run: sifting must be < 1 for a finite key, got 1.0"),
        (lambda: qkd.MDI(ebit.Fiber(1.0), 0.5).optimize(block=1e6).run(10, epsilon=1e-10, dead_time_s=1e-8), RangeError, "MDI.run: dead_time_s must be 0 for a finite key, got 1e-08"),
        (lambda: DPS.run(10, epsilon=1e-10), RangeError, "DPS.run: epsilon must be None for a run that ends in no finite key; those of BB84"),
        (lambda: DPS.run(10, qkd.PhotonNumberSplitting()), WrongTypeError, "run: eavesdropper must be one that acts on a train, got"),
        (lambda: COW.run(10, qkd.ManInTheMiddle()), WrongTypeError, "InterceptResend, BeamSplitting, or a class with a method train"),
        (lambda: DPS.run(10, qkd.InterceptResend(basis="Z")), RangeError, "InterceptResend: basis must be 'random' on a train, got 'Z'"),
        (lambda: COW.run(10, qkd.BeamSplitting(fraction=0.5)), RangeError, "BeamSplitting: fraction must be 1 on a train, got 0.5"),
        (lambda: LINE.run(10, OnTrains()), WrongTypeError, "run: eavesdropper must be None on this line"),
        (lambda: qkd.SendingOrNotSending(ebit.Fiber(1.0), 0.5).run(10, OnTrains()), WrongTypeError, "a method train acts on DPS and COW"),
        (lambda: qkd.ModePairing(ebit.Fiber(1.0), 0.5).run(10, qkd.InterceptResend()), WrongTypeError, "None on this line"),
        (lambda: qkd.COW(ebit.Fiber(1.0), 0.5, monitoring=1.5), RangeError, "COW: monitoring must be a probability in [0, 1], got 1.5"),
        (lambda: DPS.run(10, OnTrains(lambda t: t.split(1.5))), RangeError, "Train.split: transmittance must be a probability in [0, 1], got 1.5"),
        (lambda: DPS.run(10, OnTrains(lambda t: t.channel(-0.1))), RangeError, "Train.channel: transmittance must be a probability in [0, 1], got -0.1"),
        (lambda: DPS.run(10, OnTrains(lambda t: t.note(128))), RangeError, "Train.note: values must be integers in [0, 127], got"),
        (lambda: DPS.run(10, OnTrains(lambda t: t.turn(1.0, np.ones(3, dtype=bool)))), WrongTypeError, "Train: where must be a bool array (10,), got shape (3,)"),
    ],
)  # fmt: skip
def test_mistakes(call: Any, kind: type[SpecError], words: str) -> None:
    with pytest.raises(kind) as caught:
        call()
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda p, rng: p.measure("W", rng), "axis must be one of X, Y, Z, breidbart"),
        (lambda p, rng: p.measure([1.0, 0.0], rng), "a vector (3,)"),
        (lambda p, rng: p.note(200), "values must be integers in [0, 127], got"),
        (lambda p, rng: p.channel(1.5), "transmittance must be a probability in [0, 1]"),
        (lambda p, rng: p.shift((2.0, 1.0)), "efficiency_factors must be shares in [0, 1]"),
    ],
)  # fmt: skip
def test_programs_are_judged_too(act: Any, words: str) -> None:
    class Program(qkd.Eavesdropper):
        def photons(self, pulses: qkd.Pulses, rng: np.random.Generator) -> None:
            act(pulses, rng)

    with pytest.raises(SpecError) as caught:
        LINE.run(100, Program(), rng=1)
    assert words in str(caught.value)


def test_monitors_of_ones_own_have_limits() -> None:
    hot = Seen({"heat_k": 4.0})
    assert not LINE.run(1000, hot, rng=1).alarm
    assert not LINE.run(1000, hot, rng=1, monitors={"heat_k": 5}).alarm
    assert not LINE.run(1000, qkd.DetectorBlinding(), rng=1, monitors={"receiver_power_w": float("inf")}).alarms
    assert [a.what for a in LINE.run(1000, hot, rng=1, monitors={"heat_k": 3.5}).alarms] == ["monitor heat_k"]


def test_nothing_sent_is_nothing_seen() -> None:
    for eavesdropper in (None, qkd.InterceptResend(), qkd.ManInTheMiddle()):
        session = LINE.run(0, eavesdropper, rng=1, authenticated=False)
        assert (session.clicks, session.sifted_bits) == (0, 0)
        assert not session.alarm
        assert np.isnan(session.qber.value)
        assert len(session.alice_key) == 0


@pytest.mark.parametrize(
    "system",
    [
        DPS,
        COW.replace(monitoring=0.1, decoy_fraction=0.1),
        qkd.SendingOrNotSending(ebit.Fiber(1.0), 0.5),
        qkd.ModePairing(ebit.Fiber(1.0), 0.5),
    ],
    ids=lambda x: type(x).__name__,
)
def test_few_or_no_pulses_of_every_protocol(system: Any) -> None:
    for pulses in (0, 1, 3):
        for options in ({}, {"per_pulse": True}, {"dead_time_s": 1e-6}):
            session = system.run(pulses, rng=1, **options)
            assert not session.alarm
            assert session.sifted_bits <= session.clicks <= pulses
            assert len(session.alice_key) == 0
            session.to_dict()


def test_attacks_pickle_and_compare() -> None:
    attack = qkd.InterceptResend(fraction=0.2)
    assert pickle.loads(pickle.dumps(attack)) == attack != qkd.InterceptResend(fraction=0.3)


def test_progress_is_told_and_an_error_in_it_stops_the_run() -> None:
    seen: list[float] = []
    LINE.run(10**6, rng=1, progress=seen.append)
    assert seen[-1] == 1.0

    def broken(_: float) -> None:
        raise RuntimeError("from the callback")

    with pytest.raises(RuntimeError, match="from the callback"):
        LINE.run(10**6, rng=1, progress=broken)


def test_a_session_prints_plots_and_becomes_plain(tmp_path: Path) -> None:
    session = DecoyBB84(ebit.Fiber(10.0), 0.5, signal=0.5, decoys=(0.1, 0.0)).run(10**6, qkd.InterceptResend(), rng=1)
    assert "alarm" not in repr(session)
    assert "qber in Z" in repr(session)
    file = tmp_path / "session.png"
    session.plot(str(file))
    assert file.stat().st_size > 10_000
    assert session.to_dict()["alarms"]
