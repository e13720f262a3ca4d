"""Every attack moves what theory says within 4.9 standard errors, and leaves alone what it says it does."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from qkd_lines import deviation, eta_of

import ebit
from ebit import qkd
from ebit.qkd import BB84, DecoyBB84, SixState, WeakBB84

SIGMA = 4.9
CLEAN: dict[str, Any] = {"fiber": ebit.Fiber(10.0), "receiver_efficiency": 0.5}
NOISY: dict[str, Any] = {**CLEAN, "background_probability": 1e-4, "misalignment": 0.02}


def h(p: float) -> float:
    return -p * math.log2(p) - (1 - p) * math.log2(1 - p)


def near(seen: qkd.Session, name: str, wanted: float) -> None:
    """A share of sifted bits as theory has it."""
    value = getattr(seen, name).value
    assert abs(value - wanted) < SIGMA * math.sqrt(max(wanted * (1 - wanted), 1e-12) / seen.sifted_bits), (name, value)


def unmoved(
    seen: qkd.Session, honest: qkd.Session, *, gains: bool = True, qber: bool = True, photons: bool = True
) -> None:
    """Gains of all intensities, error rates, and clicks by photon number as without her."""
    assert seen.clicks > 2e4
    if gains:
        for name, gain in seen.gains.items():
            assert abs(gain.value - honest.gains[name].value) < SIGMA * math.hypot(
                gain.stderr, honest.gains[name].stderr
            ), name
    if qber:
        for name, q in seen.qbers.items():
            other = honest.qbers[name]
            # Without noise there is no error at all on either side.
            assert abs(q.value - other.value) <= SIGMA * math.hypot(q.stderr, other.stderr), name
    if photons:
        for n in range(4):
            a, b = (int((s.transmission.photons == n).sum()) for s in (seen, honest))
            assert abs(a - b) < SIGMA * math.sqrt(a + b + 1), n


@pytest.mark.parametrize("fraction", [0.2, 1.0])
@pytest.mark.parametrize("basis", ["random", "Z", "X", "breidbart"])
def test_intercept_resend_in_bb84(fraction: float, basis: str) -> None:
    system = BB84(**CLEAN)
    seen = system.run(10**6, qkd.InterceptResend(fraction=fraction, basis=basis), rng=1)
    near(seen, "qber", fraction / 4)
    assert seen.alarm
    by_basis = {"random": (1 / 4, 1 / 4), "breidbart": (1 / 4, 1 / 4), "Z": (0, 1 / 2), "X": (1 / 2, 0)}[basis]
    for name, wanted in zip("ZX", by_basis, strict=True):
        q = fraction * wanted
        assert abs(seen.qbers[name].value - q) <= SIGMA * math.sqrt(2 * q * (1 - q) / seen.sifted_bits)
    # She knows every bit whose basis she took; along Breidbart's axis any bit with probability cos^2(pi/8).
    wanted = {"breidbart": 1 - h(math.cos(math.pi / 8) ** 2)}.get(basis, 0.5)
    assert abs(seen.eve_information.value - fraction * wanted) < SIGMA * math.sqrt(1 / seen.sifted_bits) + 1e-4
    unmoved(seen, system.run(10**6, rng=2), qber=False)


def test_intercept_resend_in_the_six_state_protocol() -> None:
    seen = SixState(**CLEAN).run(10**6, qkd.InterceptResend(), rng=3)
    near(seen, "qber", 1 / 3)
    assert abs(seen.eve_information.value - 1 / 3) < SIGMA * math.sqrt(1 / seen.sifted_bits) + 1e-4


def test_photon_number_splitting_keeps_gain_and_errors_of_the_signal() -> None:
    system = DecoyBB84(**{**NOISY, "fiber": ebit.Fiber(50.0)}, signal=0.5, decoys=(0.1, 0.0))
    attack = qkd.PhotonNumberSplitting()
    seen, honest = (system.run(10**8, a, rng=k) for k, a in ((4, attack), (5, None)))
    assert not honest.alarm
    a, b = seen.gains["signal"], honest.gains["signal"]
    assert abs(a.value - b.value) < SIGMA * math.hypot(a.stderr, b.stderr)
    unmoved(seen, honest, gains=False, photons=False)
    # Single photons are held back, and a weak pulse has little else.
    share = {n: qkd_share(system, n) for n in (1, 2)}
    assert share[1] == 0.0
    wanted = weak_gain_under_splitting(system, share[2])
    count = seen.gains["weak"].value * 0.1 * 10**8
    assert deviation(count, 10**8, 0.1 * wanted) < SIGMA
    assert seen.gains["weak"].value < 0.6 * honest.gains["weak"].value
    assert any("weak" in str(alarm) for alarm in seen.alarms)
    # She has a photon of every click that is not background.
    assert seen.eve_information.value > 0.97
    # The yields, counted: none of single photons but background.
    assert seen.photon_yields()[1].value < 3e-4
    assert honest.photon_yields()[1].value > 0.04


def poisson(mean: float, n: int) -> float:
    return math.exp(-mean) * mean**n / math.factorial(n)


def qkd_share(system: Any, n: int) -> float:
    """The share that goes on of single photons, and of larger pulses: 2 for all of these."""
    y0, eta = system.background_probability, system.receiver_efficiency
    t = system.fiber.transmittance
    wanted = sum(poisson(0.5, k) * (1 - (1 - eta * t) ** k) for k in range(1, 40)) * (1 - y0)
    multi = sum(poisson(0.5, k) * (1 - (1 - eta) ** (k - 1)) for k in range(2, 40)) * (1 - y0)
    assert multi > wanted
    return 0.0 if n == 1 else wanted / multi


def weak_gain_under_splitting(system: Any, share: float) -> float:
    y0, eta = system.background_probability, system.receiver_efficiency
    lit = sum(poisson(0.1, k) * (1 - (1 - eta) ** (k - 1)) for k in range(2, 40))
    return float(y0 + (1 - y0) * share * lit)


def test_beam_splitting_moves_nothing() -> None:
    system = DecoyBB84(**NOISY, signal=0.5, decoys=(0.1, 0.0))
    seen, honest = (system.run(10**7, a, rng=k) for k, a in ((6, qkd.BeamSplitting()), (7, None)))
    unmoved(seen, honest)
    assert not seen.alarm
    assert not seen.monitors
    # Her part of a laser pulse is independent of the receiver's; the signal makes the key.
    near(seen, "eve_information", 1 - math.exp(-0.5 * (1 - system.fiber.transmittance)))


def test_a_trojan_horse_moves_only_the_senders_monitor() -> None:
    system = DecoyBB84(**NOISY, signal=0.5, decoys=(0.1, 0.0))
    attack = qkd.TrojanHorse(reflected_photons=0.4, isolation_db=100.0)
    seen, honest = (system.run(10**7, a, rng=k) for k, a in ((8, attack), (9, None)))
    unmoved(seen, honest)
    near(seen, "eve_information", 1 - math.exp(-0.4))
    assert [alarm.what for alarm in seen.alarms] == ["monitor sender_photons"]
    assert not system.run(10**6, attack, rng=8, monitors={"sender_photons": math.inf}).alarm


def test_blinding_moves_only_the_receivers_monitor() -> None:
    # She must be heard in half of the cases at most: twice the yield of a pulse's photons is below 1 here up to six.
    system = DecoyBB84(**{**NOISY, "fiber": ebit.Fiber(35.0)}, signal=0.5, decoys=(0.1, 0.0))
    attack = qkd.DetectorBlinding(blinding_power_w=1e-3)
    seen, honest = (system.run(10**7, a, rng=k) for k, a in ((10, attack), (11, None)))
    unmoved(seen, honest)
    assert [alarm.what for alarm in seen.alarms] == ["monitor receiver_power_w"]
    # All clicks are hers; what she does not know is the receiver's bit where she flipped hers: she knows Alice's with
    # the line's own errors.
    q = honest.qber.value
    assert abs(seen.eve_information.value - (1 - h(q))) < 0.01
    assert not system.run(10**6, attack, rng=10, monitors={"receiver_power_w": math.inf}).alarm


@pytest.mark.parametrize("ratio", [0.0, 0.066, 0.3, 1.0])
def test_faked_states_on_mismatched_detectors(ratio: float) -> None:
    system = BB84(**CLEAN)
    seen = system.run(10**6, qkd.EfficiencyMismatch(ratio=ratio), rng=12)
    near(seen, "qber", 2 * ratio / (1 + 3 * ratio))
    # In the receiver's basis half of her states are of it.
    assert deviation(seen.sifted_bits, 10**6, eta_of(system) / 2 * (1 + 3 * ratio) / 4) < SIGMA
    if ratio == 0.0:
        assert seen.qber.value == 0.0


@pytest.mark.parametrize(("signal", "per_pulse"), [(0.5, False), (0.5, True), (2.0, False), (2.0, True)])
def test_faked_states_of_weak_pulses(signal: float, per_pulse: bool) -> None:
    """Poisson light splits into Poisson light: each detector clicks by itself.

    In the sender's basis she has the bit, and half of her light falls on the strong detector of it, half on the weak
    one of the other. In the other basis she has nothing: all light falls on a weak detector, right or wrong.
    """
    system = WeakBB84(**CLEAN, signal=signal)
    r, x = 0.1, signal * eta_of(system)
    right, wrong, weak = (-math.expm1(-mean) for mean in (x / 2, r * x / 2, r * x))
    known = 1 - (1 - right) * (1 - wrong)
    qber = (wrong * (1 - right / 2) + weak / 2) / (known + weak)
    pulses = 10**6
    seen = system.run(pulses, qkd.EfficiencyMismatch(ratio=r), rng=15, per_pulse=per_pulse)
    near(seen, "qber", qber)
    assert deviation(seen.sifted_bits, pulses, (known + weak) / 4) < SIGMA
    assert deviation(seen.eve_information.value * seen.sifted_bits, seen.sifted_bits, known / (known + weak)) < SIGMA
    # Of single photons it is 0.1538.
    assert qber == pytest.approx({0.5: 0.1558, 2.0: 0.1621}[signal], abs=5e-5)


@pytest.mark.parametrize("ratio", [0.0, 0.5])
def test_time_shift_takes_clicks_and_no_errors(ratio: float) -> None:
    system = BB84(**CLEAN)
    seen = system.run(10**6, qkd.TimeShift(ratio=ratio), rng=13)
    assert seen.qber.value == 0.0
    assert deviation(seen.clicks, 10**6, eta_of(system) * (1 + ratio) / 2) < SIGMA
    wanted = 1 - h(1 / (1 + ratio)) if ratio else 1.0
    assert abs(seen.eve_information.value - wanted) < SIGMA * math.sqrt(1 / seen.sifted_bits)


def test_with_nobody_there_nothing_is_known() -> None:
    seen = BB84(**CLEAN).run(10**6, rng=14)
    assert seen.eve_information.value == 0.0
    assert seen.qber.value == 0.0
    assert not seen.alarm


# -- messages --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["BB84", "DecoyBB84", "SARG04", "B92"])
def test_a_man_in_the_middle_succeeds_without_authentication(kind: str) -> None:
    more = {"signal": 0.5} if kind in ("DecoyBB84", "SARG04") else {}
    system = getattr(qkd, kind)(**NOISY, **more)
    attack = qkd.ManInTheMiddle()
    seen = system.run(2 * 10**6, attack, rng=15, authenticated=False)
    assert not seen.alarm
    assert seen.eve_information.value > 0.98
    with_bob = attack.stand_in("Alice")
    assert with_bob is not None
    assert len(with_bob) > 1e4
    assert seen.eve_keys is not None
    if kind == "B92":
        # Its proof gives no key over a lossy line, to anybody.
        assert seen.why
        return
    # Each of the two has a key, and she has both.
    assert len(seen.alice_key) > 1e3
    assert len(seen.bob_key) > 1e3
    assert np.array_equal(seen.alice_key, seen.eve_keys[0])
    assert np.array_equal(seen.bob_key, seen.eve_keys[1])
    n = min(len(seen.alice_key), len(seen.bob_key))
    assert deviation(int((seen.alice_key[:n] != seen.bob_key[:n]).sum()), n, 0.5) < SIGMA


def test_a_man_in_the_middle_fails_with_authentication() -> None:
    seen = BB84(**NOISY).run(10**6, qkd.ManInTheMiddle(), rng=16)
    assert seen.alarm
    assert "failed authentication" in str(seen.alarms[0])
    assert len(seen.alice_key) == len(seen.bob_key) == 0


@pytest.mark.parametrize("authenticated", [False, True])
def test_a_tampered_message(authenticated: bool) -> None:
    """She measures everything and tells Alice that there were no errors."""
    attack = qkd.Together(qkd.InterceptResend(), qkd.MessageTampering("errors", "count", 0))
    seen = BB84(**CLEAN).run(10**6, attack, rng=17, authenticated=authenticated)
    assert (seen.sample.value == 0.0) == (not authenticated)
    assert any("authentication" in str(alarm) for alarm in seen.alarms) == authenticated


def test_lost_positions_are_noticed() -> None:
    attack = qkd.MessageTampering("preparations", "announced", 0)
    seen = BB84(**CLEAN).run(10**5, attack, rng=18, authenticated=False)
    assert any("different lengths" in str(alarm) for alarm in seen.alarms)


# -- attacks of one's own ---------------------------------------------------------------------------------------------


class Twin(qkd.Eavesdropper):
    """Intercept-resend in a random basis, by public names only."""

    def photons(self, pulses: qkd.Pulses, rng: np.random.Generator) -> None:
        number, lit = pulses.count, (pulses.count > 0) & (rng.random(len(pulses)) < 0.4)
        axis = rng.integers(2, size=len(pulses))
        vectors = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])[axis]
        bits = pulses.measure(vectors, rng, where=lit)
        pulses.send(number, vectors, bits, where=lit)
        pulses.note(1 + 2 * axis + bits, where=lit)


class SplittingTwin(qkd.Eavesdropper):
    """Photon-number splitting that sends everything beyond one photon on."""

    def photons(self, pulses: qkd.Pulses, rng: np.random.Generator) -> None:
        count = pulses.count
        goes_on = rng.random(len(pulses)) < self.share
        pulses.channel(1.0, where=count > 0)
        pulses.keep(1, where=count > 1)
        pulses.keep(count, where=(count == 1) | ~goes_on)

    def __init__(self, share: float) -> None:
        self.share = share


class SplitterTwin(qkd.Eavesdropper):
    def begin(self, line: Any, root: int) -> None:
        self.transmittance = line.document["transmittance"]

    def photons(self, pulses: qkd.Pulses, rng: np.random.Generator) -> None:
        pulses.keep(rng.binomial(pulses.count, 1.0 - self.transmittance))
        pulses.channel(1.0)


class BlindingTwin(qkd.Eavesdropper):
    def begin(self, line: Any, root: int) -> None:
        self.eta = line.document["transmittance"] * line.document["detectors"][0]["efficiency"]

    def photons(self, pulses: qkd.Pulses, rng: np.random.Generator) -> None:
        # Without dark counts and misalignment: one of two copies is heard, so twice the honest yield is sent.
        sent = rng.random(len(pulses)) < 2 * (1 - (1 - self.eta) ** pulses.count)
        vectors = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])[rng.integers(2, size=len(pulses))]
        bits = pulses.measure(vectors, rng)
        pulses.blind()
        pulses.bright(vectors, bits, where=sent)
        pulses.note(1 + 2 * (vectors[:, 0] > 0) + bits, where=sent)


class ShiftTwin(qkd.Eavesdropper):
    def photons(self, pulses: qkd.Pulses, rng: np.random.Generator) -> None:
        late = rng.integers(2, size=len(pulses))
        pulses.shift(np.array([[1.0, 0.3], [0.3, 1.0]])[late])
        pulses.note(1 + late)


class FakedTwin(qkd.Eavesdropper):
    def photons(self, pulses: qkd.Pulses, rng: np.random.Generator) -> None:
        number, axis = pulses.count, rng.integers(2, size=len(pulses))
        vectors = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
        bits = pulses.measure(vectors[axis], rng)
        pulses.send(number, vectors[1 - axis], 1 - bits)
        pulses.shift(np.array([[1.0, 0.2], [0.2, 1.0]])[bits])
        pulses.note(1 + 2 * axis + bits, where=number > 0)


def twins() -> list[tuple[str, qkd.Eavesdropper, qkd.Eavesdropper]]:
    return [
        ("intercept-resend", qkd.InterceptResend(fraction=0.4), Twin()),
        ("beam splitting", qkd.BeamSplitting(), SplitterTwin()),
        ("blinding", qkd.DetectorBlinding(), BlindingTwin()),
        ("time shift", qkd.TimeShift(ratio=0.3), ShiftTwin()),
        ("faked states", qkd.EfficiencyMismatch(ratio=0.2), FakedTwin()),
    ]


@pytest.mark.parametrize(("name", "native", "twin"), twins(), ids=lambda x: x if isinstance(x, str) else "")
def test_a_twin_of_a_built_in_attack_needs_only_public_names(
    name: str, native: qkd.Eavesdropper, twin: qkd.Eavesdropper
) -> None:
    system = DecoyBB84(**{**CLEAN, "fiber": ebit.Fiber(35.0)}, signal=0.5, decoys=(0.1, 0.0))
    a = system.run(2 * 10**6, native, rng=20, monitors={"receiver_power_w": math.inf}, dead_time_s=5e-9)
    b = system.run(2 * 10**6, twin, rng=21, dead_time_s=5e-9)
    unmoved(a, b)
    spread = math.sqrt(0.25 * (1 / a.sifted_bits + 1 / b.sifted_bits))
    assert abs(a.eve_information.value - b.eve_information.value) < SIGMA * spread


def test_a_twin_of_photon_number_splitting() -> None:
    system = DecoyBB84(**{**NOISY, "fiber": ebit.Fiber(50.0)}, signal=0.5, decoys=(0.1, 0.0))
    a = system.run(3 * 10**6, qkd.PhotonNumberSplitting(), rng=22)
    b = system.run(3 * 10**6, SplittingTwin(qkd_share(system, 2)), rng=23)
    unmoved(a, b)
    assert abs(a.eve_information.value - b.eve_information.value) < 0.02


def test_a_program_is_repeatable() -> None:
    system = BB84(**NOISY)
    a, b = (system.run(500_000, Twin(), rng=24) for _ in range(2))
    assert a.to_dict() == b.to_dict()
    assert np.array_equal(a.alice_key, b.alice_key)
    assert a.transmission.prepared is not None
