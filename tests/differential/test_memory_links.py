"""Links whose memories herald, in every evaluator: one answer, and the herald's age on the side where it belongs.

Means of three evaluators must agree within 4.9 standard errors (false-alarm rate 1e-6 per comparison, some 40 of them),
and could detect 1 % of the time and 0.005 of a fidelity or error rate, which is asserted. Closed forms to rounding.
"""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import ebit

QUANTITIES = {"waiting_time_s": 0.01, "fidelity": 0.005, "qber_x": 0.005, "qber_z": 0.005}
FIBER = ebit.Fiber(20.0)
NOISY = ebit.Detector(0.9, dark_count_rate_hz=1e4, window_s=1e-6)

LINKS = {
    "emissive": ebit.MidpointSource(
        fiber=FIBER,
        detector=NOISY,
        mean_pairs=0.2,
        visibility=0.95,
        memory_efficiency=(0.9, 0.8),
        station=0.4,
        modes=20,
    ),
    "absorptive": ebit.MidpointSource(
        fiber=FIBER, detector=NOISY, mean_pairs=0.1, memory="absorptive", memory_efficiency=0.7, modes=10
    ),
    "single pairs": ebit.MidpointSource(fiber=FIBER, detector=NOISY, pair_probability=0.5, modes=10),
    "sender": ebit.SenderReceiver(
        fiber=FIBER, detector=NOISY, memory_efficiency=0.8, emission_fidelity=0.98, double_excitation_probability=0.02
    ),
    "weak pulses": ebit.SenderReceiver(
        fiber=FIBER, detector=NOISY, memory_efficiency=0.8, source=ebit.hardware.WeakCoherentPulse(0.3)
    ),
}


@pytest.mark.parametrize("name", LINKS)
def test_evaluators_agree(name: str) -> None:
    link = LINKS[name]
    assert 0.02 < link.success_probability < 0.9
    assert 0.0 < link.false_herald_probability < 0.3
    memory = ebit.Memory(t2_s=0.05)
    chain = ebit.RepeaterChain([link] * 3, memory, ebit.Swap(0.9, 0.99), ebit.schedules.SwapAsap())
    seed = 500 + list(LINKS).index(name)
    exact, sampled = chain.exact(), chain.sample(400_000, rng=seed)
    events = chain.simulate(60_000, replicas=4, rng=seed + 100)
    for what, sees in QUANTITIES.items():
        column = events.pairs[what]
        rows = {
            "exact": (getattr(exact, what).value, 0.0),
            "sampled": (getattr(sampled, what).value, getattr(sampled, what).stderr),
            "events": (float(column.mean()), float(column.std(ddof=1)) / math.sqrt(len(column))),
        }
        reference, scale = rows["exact"][0], rows["exact"][0] if what == "waiting_time_s" else 1.0
        for evaluator in ("sampled", "events"):
            value, stderr = rows[evaluator]
            assert 4.9 * stderr <= sees * scale, (evaluator, what, "sees too little")
            assert abs(value - reference) <= 4.9 * stderr + 1e-9, (evaluator, what, value, reference, stderr)


@pytest.mark.parametrize("name", LINKS)
def test_a_link_alone_delivers_its_state(name: str) -> None:
    link = LINKS[name]
    exact = ebit.RepeaterChain([link], ebit.Memory.perfect(), ebit.Swap.perfect(), ebit.schedules.SwapAsap()).exact()
    assert exact.fidelity.value == pytest.approx(link.pair.fidelity, abs=1e-12)
    assert exact.waiting_time_s.value == pytest.approx(link.attempt_time_s / link.success_probability, rel=1e-9)
    assert ebit.DensityMatrix.from_numpy(link.state.to_numpy()).purity() == pytest.approx(
        link.state.purity(), abs=1e-15
    )


@pytest.mark.parametrize("backwards", [False, True])
def test_the_sender_waits_longer_than_the_receiver(backwards: bool) -> None:
    """w falls by e^(-2h/T) at the sender and e^(-h/T') at the receiver, whichever way the request runs."""
    link = ebit.SenderReceiver(fiber=FIBER, detector=ebit.Detector(1.0))
    h, slow, fast = FIBER.light_time_s, 1e-3, 3e-4
    nodes = [
        ebit.Node("sender", ebit.Memory(depolarizing_time_s=slow)),
        ebit.Node("receiver", ebit.Memory(depolarizing_time_s=fast)),
    ]
    net = ebit.Network(nodes, [ebit.Link("sender", "receiver", link)])
    ends = ("receiver", "sender") if backwards else ("sender", "receiver")
    r = ebit.simulate(net, [ebit.Request(*ends, pairs=50)], rng=1)[0]
    w = math.exp(-2 * h / slow - h / fast)
    assert r.pairs["fidelity"] == pytest.approx((1 + 3 * w) / 4, abs=1e-12)


def test_relaxing_memories_know_their_side() -> None:
    """With T1 the two sides of a sender's link age differently: chain and event engine carry the same full state."""
    link = ebit.SenderReceiver(fiber=FIBER, detector=NOISY, memory_efficiency=0.9)
    chain = ebit.RepeaterChain(
        [link] * 2, ebit.Memory(t1_s=5e-3, t2_s=4e-3), ebit.Swap(1.0, 0.99), ebit.schedules.SwapAsap()
    )
    sampled = chain.sample(400_000, rng=71)
    events = chain.simulate(60_000, replicas=4, rng=72)
    for what, sees in QUANTITIES.items():
        column, value = events.pairs[what], getattr(sampled, what)
        stderr = math.hypot(float(column.std(ddof=1)) / math.sqrt(len(column)), value.stderr)
        assert 4.9 * stderr <= sees * (value.value if what == "waiting_time_s" else 1.0)
        assert abs(float(column.mean()) - value.value) <= 4.9 * stderr


@pytest.mark.parametrize("name", LINKS)
def test_files_and_assumptions(name: str, tmp_path: Path) -> None:
    link = LINKS[name]
    net = ebit.Network.chain(nodes=3, link=link, memory=ebit.Memory.perfect(), swap=ebit.Swap.perfect())
    net.save(tmp_path / "net.json")
    assert ebit.Network.load(tmp_path / "net.json").link(1).model == link
    chain = ebit.RepeaterChain([link] * 2, ebit.Memory.perfect(), ebit.Swap.perfect(), ebit.schedules.SwapAsap())
    said = {words for words in chain.exact().assumptions if "lose nothing" in words}
    assert said == {
        words for words in ebit.simulate(net, [ebit.Request("n0", "n2", pairs=1)]).assumptions if words in said
    }
    expected = {"single pairs": {"sources", "memories"}, "weak pulses": set()}.get(name, {"sources"})
    assert {words.split()[0] for words in said} == expected


def test_a_file_by_hand(tmp_path: Path) -> None:
    text = """
[memories.good]
[models.source.MidpointSource]
fiber = { length_km = 20.0 }
detector = { efficiency = 0.9 }
mean_pairs = 0.05
memory = "absorptive"
memory_efficiency = [0.5, 0.6]
[[nodes]]
name = "a"
memory = "good"
[[nodes]]
name = "b"
memory = "good"
[[links]]
a = "a"
b = "b"
model = "source"
length_km = 15.0
"""
    file = tmp_path / "net.toml"
    file.write_text(text, encoding="utf-8")
    assert ebit.Network.load(file).link(0).model == ebit.MidpointSource(
        fiber=ebit.Fiber(15.0),
        detector=ebit.Detector(0.9),
        mean_pairs=0.05,
        memory="absorptive",
        memory_efficiency=(0.5, 0.6),
    )
