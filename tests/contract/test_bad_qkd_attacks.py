"""Every attack on every line: it runs, or is refused in the one shape of the house."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

import ebit
from ebit import qkd
from ebit.errors import EbitError, SpecError, WrongTypeError

NEAR = ebit.Fiber(5.0)
LINES: list[Any] = [
    qkd.BB84(NEAR, 0.8),
    qkd.WeakBB84(NEAR, 0.8, signal=0.5),
    qkd.DecoyBB84(NEAR, 0.8, signal=0.5),
    qkd.SixState(NEAR, 0.8),
    qkd.B92(NEAR, 0.8),
    qkd.SARG04(NEAR, 0.8, signal=0.3),
    qkd.BBM92(NEAR, 0.8, mean_pairs=0.1),
    qkd.E91(NEAR, 0.8, mean_pairs=0.1),
    qkd.MDI(NEAR, 0.8, signal=0.5),
    qkd.TwinField(NEAR, 0.8, signal=0.3),
    qkd.SendingOrNotSending(NEAR, 0.8, signal=0.5, sending_probability=0.2),
    qkd.ModePairing(NEAR, 0.8, signal=0.5),
    qkd.DPS(NEAR, 0.8, signal=0.3),
    qkd.COW(NEAR, 0.8, signal=0.3, decoy_fraction=0.1, monitoring=0.1),
    qkd.GG02(NEAR, 0.8),
    qkd.DeviceIndependent(ebit.Fiber(0.0), 0.97),
]
BUILT_IN: list[qkd.Eavesdropper] = [
    qkd.InterceptResend(),
    qkd.PhotonNumberSplitting(),
    qkd.BeamSplitting(),
    qkd.TrojanHorse(),
    qkd.DetectorBlinding(),
    qkd.EfficiencyMismatch(),
    qkd.TimeShift(),
    qkd.ManInTheMiddle(),
    qkd.MessageTampering("errors", "count", 0),
    qkd.FalseRelay(),
    qkd.LocalAnswers(),
    qkd.EntanglingCloner(),
    qkd.HeterodyneResend(),
]
HOOKS = ("photons", "train", "relay", "boxes", "quadratures")


def program(base: type, *hooks: str) -> qkd.Eavesdropper:
    """A class with methods that do nothing, of the names given."""
    attack: qkd.Eavesdropper = type("Own", (base,), dict.fromkeys(hooks, lambda self, sent, rng: None))()
    return attack


def attacks() -> list[qkd.Eavesdropper]:
    own = [program(qkd.Eavesdropper, *some) for n in (1, 2) for some in itertools.combinations(HOOKS, n)]
    own += [program(base, hook) for base in (qkd.InterceptResend, qkd.BeamSplitting) for hook in HOOKS]
    return [*BUILT_IN, *own, *(qkd.Together(each, qkd.MessageTampering("errors", "count", 0)) for each in own)]


@pytest.mark.parametrize("line", LINES, ids=lambda line: type(line).__name__)
def test_every_attack_runs_or_is_refused_as_such(line: Any) -> None:
    refused = []
    for attack in attacks():
        try:
            line.run(50, attack, rng=1)
        except EbitError as error:
            refused.append(error)
    for error in refused:
        assert isinstance(error, SpecError), str(error)
        assert all((error.object, error.parameter, error.range, error.value)), str(error)


@pytest.mark.parametrize("line", LINES[6:12], ids=lambda line: type(line).__name__)
@pytest.mark.parametrize("base", [qkd.Eavesdropper, qkd.InterceptResend])
def test_no_program_acts_on_photons_of_pairs_or_of_relays(line: Any, base: type) -> None:
    with pytest.raises(WrongTypeError) as caught:
        line.run(50, program(base, "photons", "relay"))
    error = caught.value
    suits = "InterceptResend without" if line in LINES[6:8] else "one that acts on what the relay says"
    assert (error.object, error.parameter) == (f"{type(line).__name__}.run", "eavesdropper")
    assert suits in error.range
    assert "Own" in error.value
    assert "leave out its method photons" in error.hint


@pytest.mark.parametrize("hook", HOOKS[1:])
def test_what_is_called_as_a_method_is_one(hook: str) -> None:
    attack = program(qkd.Eavesdropper)
    setattr(attack, hook, 3)
    for line in (LINES[0], LINES[-2]):
        with pytest.raises(WrongTypeError, match=f"run: eavesdropper must be an Eavesdropper whose {hook} is a method"):
            line.run(50, attack)
