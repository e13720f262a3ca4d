"""Trees of swaps as events: with messages against a recursion, without light time against instant knowledge.

Of the recursion: random chains with cut-offs, distillation, links one after another, swaps that fail and take time, all
with light times of their own; 4.9 standard errors (false-alarm rate 1e-6, two comparisons a chain), each able to detect
5 % of the mean time and 0.01 of the fidelity, which is asserted.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from tree_messages import Chain, Link, Teller

import ebit
from ebit.errors import RangeError
from ebit.schedules import Nested, Sequential, Tree

PAIRS = 10_000
MICROSECOND = 1e-6
#: Links, and what the schedule has beside its order; cut-offs in microseconds leave time for what they limit.
CASES: dict[str, dict[str, Any]] = {
    "order": {"links": 4},
    "cut-offs": {"links": 4, "cutoffs": (500, 1500)},
    "cut-offs shorter than light": {"links": 3, "cutoffs": (800, 1600), "far": True},
    "distillation": {"links": 2, "rounds": True},
    "distillation and cut-offs": {"links": 3, "rounds": True, "cutoffs": (2500, 5000)},
    "one after another": {"links": 4, "one_after_another": True},
    "one after another, cut-offs": {"links": 3, "one_after_another": True, "cutoffs": (2500, 5000)},
    "everything": {"links": 3, "rounds": True, "cutoffs": (6000, 9000), "one_after_another": True},
    "pumping": {"links": 2, "rounds": True, "scheme": "pumping"},
    "pumping and cut-offs": {"links": 3, "rounds": True, "cutoffs": (4000, 8000), "scheme": "pumping"},
}


def grow(rng: np.random.Generator, low: int, high: int) -> Any:
    if high - low == 1:
        return low
    at = int(rng.integers(low + 1, high))
    return (grow(rng, low, at), grow(rng, at, high))


def random_chain(case: str, trial: int) -> Chain:
    o = CASES[case]
    rng = np.random.default_rng([5, list(CASES).index(case), trial])
    n = o["links"]

    def link() -> Link:
        rest = rng.dirichlet([1.0, 1.0, 1.0]) * rng.uniform(0.0, 0.1)
        light = int(rng.integers(200, 900)) if o.get("far") else int(rng.integers(20, 300))
        weights = (1.0 - float(rest.sum()), *map(float, rest))
        return Link(float(rng.uniform(0.3, 0.9)), int(rng.integers(80, 400)), weights, light)

    nodes = range(1, n)
    return Chain(
        tuple(link() for _ in range(n)),
        float(rng.uniform(2e4, 1e5)),
        float(rng.choice([0.7, 0.9, 1.0])),
        float(rng.uniform(0.95, 1.0)),
        int(rng.integers(0, 2)) * int(rng.integers(20, 200)),
        grow(rng, 0, n),
        {k: int(rng.integers(*o["cutoffs"])) for k in nodes if rng.random() < 0.8} if o.get("cutoffs") else {},
        {int(rng.integers(1, n)): int(rng.integers(1, 3))} if o.get("rounds") else {},
        str(rng.choice(["dejmps", "bbpssw"])),
        bool(o.get("one_after_another")),
        o.get("scheme", "recurrence"),
    )


def repeater_chain(chain: Chain, delay: bool = True) -> tuple[ebit.Network, ebit.Request]:
    memory = ebit.Memory(slots=8, t2_s=chain.t2 * MICROSECOND)
    swap = ebit.Swap(chain.swap_success, chain.swap_fidelity, chain.swap_duration * MICROSECOND)
    nodes = [ebit.Node(f"n{k}", memory, swap) for k in range(len(chain.links) + 1)]
    links = [
        ebit.Link(
            f"n{k}",
            f"n{k + 1}",
            ebit.HeraldedLink(link.success, link.attempt * MICROSECOND, ebit.BellDiagonal(link.weights)),
            length_km=0.2 * link.light,
        )
        for k, link in enumerate(chain.links)
    ]
    schedule = Tree(
        chain.tree,
        {k: c * MICROSECOND for k, c in chain.cutoffs.items()},
        chain.rounds,
        chain.protocol,
        "one-after-another" if chain.one_after_another else "all-at-once",
        chain.scheme,
    )
    target = f"n{len(chain.links)}"
    asked = ebit.Request("n0", target, pairs=PAIRS, restart=True, classical_delay=delay, schedule=schedule)
    return ebit.Network(nodes, links), asked


#: Chains of each case in an ordinary run, where not two.
FEWER = {"pumping": 1, "pumping and cut-offs": 0}
TRIALS = [
    pytest.param(case, k, id=f"{case}-{k}", marks=() if k < FEWER.get(case, 2) else pytest.mark.soak)
    for case in CASES
    for k in range(20)
]


@pytest.mark.parametrize(("case", "trial"), TRIALS)
def test_messages_are_the_recursion(case: str, trial: int) -> None:
    chain = random_chain(case, trial)
    seed = 100 * list(CASES).index(case) + trial
    network, asked = repeater_chain(chain)
    # Cut-offs that are seldom kept make long tails: then it takes more pairs to see 5 %.
    for pairs in (PAIRS, 4 * PAIRS, 16 * PAIRS):
        told = np.array(Teller(chain, seed).deliveries(pairs))
        asked = asked.replace(pairs=pairs)
        events = ebit.simulate(network, [asked], replicas=8, rng=7_000 + seed, threads=1)[0].pairs
        columns = ((told[:, 0] * MICROSECOND, events["waiting_time_s"]), (told[:, 1], events["fidelity"]))
        stderr = [math.hypot(*(float(x.std(ddof=1)) / math.sqrt(len(x)) for x in both)) for both in columns]
        if 4.9 * stderr[0] <= 0.05 * columns[0][1].mean() and 4.9 * stderr[1] <= 0.01:
            break
    else:
        raise AssertionError(f"sees too little: {stderr}")
    for (wanted, got), error in zip(columns, stderr, strict=True):
        off = float(wanted.mean() - got.mean())
        assert abs(off) <= 4.9 * error + 1e-12, off / max(error, 1e-300)


def test_twice_the_speed_of_light_halves_what_messages_add() -> None:
    """Links that always succeed: the waiting time is linear in the light time, exactly."""
    times = []
    for light in (100, 50, 25):
        links = tuple(Link(1.0, 100 * (1 + k % 2), (1.0, 0.0, 0.0, 0.0), light) for k in range(4))
        chain = Chain(links, 1e6, 1.0, 1.0, 0, ((0, 1), (2, 3)), {1: 500, 2: 900}, {2: 1})
        network, asked = repeater_chain(chain)
        pairs = ebit.simulate(network, [asked.replace(pairs=3)], rng=1)[0].pairs
        times.append(np.rint(pairs["waiting_time_s"] / 1e-12))
    np.testing.assert_array_equal(times[0] - times[1], 2 * (times[1] - times[2]))
    assert times[0].min() > times[1].min() > times[2].min() > 200e6


SCHEDULES = {
    "cut-offs": Nested(cutoffs_s=[4e-3, 9e-3]),
    "distillation": Nested(distill=[1, 0]),
    "both": Nested(cutoffs_s=[8e-3, 20e-3], distill=[0, 1], protocol="bbpssw"),
    "by node": Tree(((0, 1), (2, 3)), cutoffs_s={2: 9e-3}),
    "pumping": Nested(cutoffs_s=[0.1, math.inf], distill=[2, 1], scheme="pumping"),
    "one after another": Sequential(cutoffs_s=[4e-3, 5e-3, 6e-3], start="one-after-another"),
}


def chain(schedule: Any, delay: bool, **options: Any) -> ebit.RepeaterChain:
    link = ebit.HeraldedLink(0.4, 1e-3, ebit.BellDiagonal([0.93, 0.04, 0.02, 0.01]))
    other = ebit.HeraldedLink(0.3, 2e-3, ebit.BellDiagonal.werner(0.97))
    return ebit.RepeaterChain(
        [link, other, other, link],
        options.pop("memory", ebit.Memory(slots=4, t2_s=0.1)),
        ebit.Swap(0.8, 0.99, options.pop("duration_s", 0.0)),
        schedule,
        classical_delay=delay,
    )


@pytest.mark.parametrize("method", ["skip", "per-attempt"])
@pytest.mark.parametrize("name", SCHEDULES)
def test_messages_without_light_time_change_nothing(name: str, method: str) -> None:
    """Messages over links without length arrive in the instant they are sent: the same luck, the same instants."""
    now, later = (
        chain(SCHEDULES[name], delay).simulate(2_000, replicas=2, rng=3, method=method).pairs for delay in (False, True)
    )
    np.testing.assert_array_equal(now["time_s"], later["time_s"])
    for column in ("fidelity", "qber_x", "qber_z"):
        np.testing.assert_allclose(now[column], later[column], rtol=0, atol=1e-12)


@pytest.mark.parametrize("delay", [False, True])
@pytest.mark.parametrize("name", SCHEDULES)
def test_formalisms_agree(name: str, delay: bool) -> None:
    """Dephasing memories: density matrices tell the same story as Bell-diagonal pairs, pair by pair."""
    made = chain(SCHEDULES[name], delay, duration_s=1e-3)
    bell, dense = (
        made.simulate(300, rng=4, formalism=formalism).pairs for formalism in ("bell-diagonal", "density-matrix")
    )
    np.testing.assert_array_equal(bell["time_s"], dense["time_s"])
    for column in ("fidelity", "qber_x", "qber_z"):
        np.testing.assert_allclose(bell[column], dense[column], rtol=0, atol=1e-10)


def test_threads_change_nothing() -> None:
    made = chain(SCHEDULES["both"], True)
    one, many = (made.simulate(200, replicas=5, rng=9, threads=threads).pairs for threads in (1, 4))
    for column in one:
        np.testing.assert_array_equal(one[column], many[column])


def test_what_is_not_bell_diagonal_is_distilled_whole() -> None:
    """Single-click pairs have coherences that a distillation sees: density matrices, and the sampler's fidelity."""
    click = ebit.SingleClick(
        fiber=ebit.Fiber(length_km=1.0),
        detector=ebit.Detector(efficiency=0.9, dark_count_rate_hz=100.0),
        bright_state_population=(0.2, 0.1),
        visibility=0.9,
    )
    made = ebit.RepeaterChain([click] * 2, ebit.Memory(slots=2, t2_s=1e-3), schedule=Nested(distill=[1]))
    events = made.simulate(20_000, replicas=4, rng=5)
    assert events.formalism == "density-matrix"
    drawn = made.sample(200_000, rng=6)
    for name, sees in (("fidelity", 0.005), ("qber_x", 0.005), ("qber_z", 0.005)):
        column = events.pairs[name]
        stderr = math.hypot(float(column.std(ddof=1)) / math.sqrt(len(column)), getattr(drawn, name).stderr)
        assert 4.9 * stderr < sees
        assert abs(float(column.mean()) - getattr(drawn, name).value) < 4.9 * stderr
    with pytest.raises(RangeError, match="pairs to distil"):
        made.simulate(10, formalism="bell-diagonal")
