"""One chain, three evaluators, one answer: exact laws, samples, and the event engine, on streams of their own.

Random chains of each kind: the mean waiting time, fidelity and both error rates of every pair of evaluators that answer
must agree within 4.9 standard errors (false-alarm rate 1e-6 per comparison; about 500 comparisons in an ordinary run),
and every comparison could detect 1 % of the time and 0.005 of the others, which is asserted. ``make soak`` runs 20
chains of each kind, an ordinary run one.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import ebit

QUANTITIES = {"waiting_time_s": 0.01, "fidelity": 0.005, "qber_x": 0.005, "qber_z": 0.005}

#: Pairs that an evaluator draws: where the second is asked for, the first saw too little.
PAIRS = (600_000,)
#: Rounds of a stored pair with fresh ones.
PUMPING: dict[str, Any] = {"distill": (1, 3), "scheme": "pumping", "pairs": (180_000, 900_000)}
#: Each kind of chain and who answers for it.
KINDS: dict[str, dict[str, Any]] = {
    "nested": {"links": (2, 4, 8)},
    "nested, failing swaps": {"links": (2, 4), "q": (0.5, 0.95)},
    "nested, unequal": {"links": (2, 4), "q": (0.6, 1.0), "unequal": True},
    "nested, cut-offs": {"links": (2, 4), "q": (0.7, 1.0), "cutoffs": True},
    "nested, distillation": {"links": (2, 4), "q": (0.8, 1.0), "distill": True},
    "nested, ends measured": {"links": (2, 4), "q": (0.6, 1.0), "ends": "measured"},
    "nested, swaps take time": {"links": (2, 4), "q": (0.7, 1.0), "duration": True},
    "nested, relaxing": {"links": (2, 4), "q": (0.7, 1.0), "relaxing": True},
    "swap-asap": {"schedule": "asap", "links": (2, 3, 5), "unequal": True},
    "swap-asap, failing swaps": {"schedule": "asap", "links": (2, 3, 5), "q": (0.6, 0.95)},
    "swap-asap, cut-off": {"schedule": "asap", "links": (2, 3, 4), "q": (0.7, 1.0), "cutoff": True},
    "swap-asap, relaxing": {"schedule": "asap", "links": (2, 3), "unequal": True, "relaxing": True},
    "tree": {"schedule": "tree", "links": (3, 5, 6), "q": (0.7, 1.0), "unequal": True},
    "tree, cut-offs": {"schedule": "tree", "links": (3, 4, 5), "q": (0.8, 1.0), "cutoffs": True},
    "tree, distillation": {"schedule": "tree", "links": (3, 4), "q": (0.9, 1.0), "distill": True},
    "tree, one after another": {
        "schedule": "tree",
        "links": (3, 4, 5),
        "q": (0.8, 1.0),
        "unequal": True,
        "cutoffs": True,
        "duration": True,
        "start": "one-after-another",
    },
    "swap-asap, memory cut-off": {
        "schedule": "asap",
        "links": (3, 4),
        "q": (0.7, 1.0),
        "cutoff": "memory",
        "duration": True,
        "exact": False,
    },
    "swap-asap, slots": {"schedule": "asap", "links": (2, 3, 4), "q": (0.6, 1.0), "slots": (2, 4), "exact": "up to 6"},
    "swap-asap, slots, slow swaps, cut-off": {
        "schedule": "asap",
        "links": (2, 3, 4),
        "q": (0.7, 1.0),
        "unequal": True,
        "cutoff": "segment",
        "duration": True,
        "slots": (2, 3),
        "exact": False,
    },
    "sequential": {"schedule": "sequential", "links": (3, 5), "q": (0.8, 1.0), "duration": True},
    "sequential, one after another": {
        "schedule": "sequential",
        "links": (3, 5),
        "q": (0.8, 1.0),
        "ends": "measured",
        "start": "one-after-another",
    },
    "nested, cut-offs, unequal": {"links": (2, 4), "q": (0.7, 1.0), "unequal": True, "cutoffs": True},
    "nested, cut-offs, slow swaps, ends measured": {
        "links": (2, 4),
        "q": (0.7, 1.0),
        "cutoffs": True,
        "duration": True,
        "ends": "measured",
    },
    "nested, cut-offs and distillation, unequal": {
        "links": (2, 4),
        "q": (0.8, 1.0),
        "unequal": True,
        "cutoffs": True,
        "distill": True,
    },
    "nested, cut-offs, relaxing": {"links": (2, 4), "q": (0.7, 1.0), "cutoffs": True, "relaxing": True},
    "nested, distillation, relaxing, slow swaps": {
        "links": (2, 4),
        "q": (0.8, 1.0),
        "distill": True,
        "relaxing": True,
        "duration": True,
        "exact": False,
    },
    "nested, cut-offs and distillation, per attempt": {
        "links": (2, 4),
        "q": (0.8, 1.0),
        "cutoffs": True,
        "distill": True,
        "method": "per-attempt",
    },
    "tree, one after another, per attempt": {
        "schedule": "tree",
        "links": (3, 4),
        "q": (0.8, 1.0),
        "unequal": True,
        "cutoffs": True,
        "start": "one-after-another",
        "method": "per-attempt",
    },
    "sequential, cut-offs": {"schedule": "sequential", "links": (3, 5), "q": (0.8, 1.0), "cutoffs": True},
    "swap-asap, ends measured": {"schedule": "asap", "links": (2, 3, 5), "unequal": True, "ends": "measured"},
    "swap-asap, memory cut-off, ends measured": {
        "schedule": "asap",
        "links": (3, 4),
        "q": (0.7, 1.0),
        "cutoff": "memory",
        "ends": "measured",
        "exact": False,
    },
    "swap-asap, slots, ends measured, relaxing": {
        "schedule": "asap",
        "links": (2, 3),
        "q": (0.7, 1.0),
        "slots": (2, 3),
        "ends": "measured",
        "relaxing": True,
        "exact": False,
    },
    "tree, relaxing": {"schedule": "tree", "links": (3, 4, 5), "q": (0.8, 1.0), "unequal": True, "relaxing": True},
    "tree, relaxing, one after another, cut-offs": {
        "schedule": "tree",
        "links": (3, 4),
        "q": (0.8, 1.0),
        "relaxing": True,
        "cutoffs": True,
        "duration": True,
        "start": "one-after-another",
    },
    "nested, relaxing, distillation": {
        "links": (2, 4),
        "q": (0.8, 1.0),
        "relaxing": True,
        "distill": (1, 1),
    },
    "swap-asap, relaxing, failing swaps": {"schedule": "asap", "links": (2, 3), "q": (0.6, 0.95), "relaxing": True},
    "swap-asap, relaxing, memory cut-off": {
        "schedule": "asap",
        "links": (2, 3),
        "q": (0.7, 1.0),
        "cutoff": "memory",
        "relaxing": True,
    },
    "nested, pumping": {"links": (2, 4), "q": (0.8, 1.0), **PUMPING},
    "nested, pumping, unequal": {"links": (2,), "q": (0.8, 1.0), "unequal": True, **PUMPING, "distill": (2, 3)},
    "nested, pumping, slow swaps": {"links": (2,), "q": (0.8, 1.0), "duration": True, **PUMPING, "distill": (1, 2)},
    "nested, pumping, cut-offs": {"links": (2, 4), "q": (0.9, 1.0), "cutoffs": True, **PUMPING, "distill": (1, 1)},
    "nested, pumping, relaxing": {"links": (2, 4), "q": (0.8, 1.0), "relaxing": True, **PUMPING, "distill": (1, 1)},
    "nested, pumping, per attempt": {
        "links": (2,),
        "q": (0.8, 1.0),
        **PUMPING,
        "distill": (1, 2),
        "method": "per-attempt",
    },
    "tree, pumping": {"schedule": "tree", "links": (3, 4), "q": (0.9, 1.0), **PUMPING},
    "tree, pumping, unequal, slow swaps": {
        "schedule": "tree",
        "links": (3, 4),
        "q": (0.9, 1.0),
        "unequal": True,
        "duration": True,
        **PUMPING,
    },
    "tree, pumping, one after another": {
        "schedule": "tree",
        "links": (3,),
        "q": (0.9, 1.0),
        "start": "one-after-another",
        **PUMPING,
    },
    "sequential, pumping": {"schedule": "sequential", "links": (3,), "q": (0.9, 1.0), "unequal": True, **PUMPING},
}
PER_KIND = 20
CHAINS = [
    pytest.param(kind, k, id=f"{kind} {k}", marks=() if k < 1 else pytest.mark.soak)
    for kind in KINDS
    for k in range(PER_KIND)
]


def random_chain(kind: str, trial: int) -> ebit.RepeaterChain:
    rng = np.random.default_rng([2024, list(KINDS).index(kind), trial])
    o = KINDS[kind]
    n = int(rng.choice(o["links"]))

    def link() -> ebit.HeraldedLink:
        rest = rng.dirichlet([1.0, 1.0, 1.0]) * rng.uniform(0.0, 0.08)
        return ebit.HeraldedLink(
            success_probability=float(rng.uniform(0.15, 0.6)),
            attempt_time_s=float(rng.integers(1, 4)) * 1e-3 if o.get("unequal") else 1e-3,
            pair=ebit.BellDiagonal([1.0 - float(rest.sum()), *map(float, rest)]),
            herald_age_s=float(rng.choice([0.0, 0.4e-3])),
        )

    links = [link() for _ in range(n)] if o.get("unequal") else [link()] * n
    if o.get("relaxing"):
        t1 = float(rng.uniform(0.1, 0.4))
        memory = ebit.Memory(slots=4, t1_s=t1, t2_s=float(rng.uniform(0.5, 1.9)) * t1)
    elif rng.random() < 0.5:
        memory = ebit.Memory(slots=4, t2_s=float(rng.uniform(0.1, 0.5)))
    else:
        memory = ebit.Memory(slots=4, depolarizing_time_s=float(rng.uniform(0.2, 1.0)))
    swap = ebit.Swap(
        success_probability=float(rng.uniform(*o.get("q", (1.0, 1.0)))),
        fidelity=float(rng.uniform(0.97, 1.0)),
        duration_s=1e-3 * int(rng.integers(1, 3)) if o.get("duration") else 0.0,
    )
    levels = int(math.log2(n))
    if o.get("schedule") in ("tree", "sequential"):
        schedule: Any = random_tree(rng, n, o)
    elif o.get("schedule") == "asap":
        cutoff = 1e-3 * int(rng.integers(6, 15)) if o.get("cutoff") else None
        schedule = ebit.schedules.SwapAsap(
            cutoff_s=cutoff,
            cutoff_on="memory" if o.get("cutoff") == "memory" else "segment",
            slots_used="all" if o.get("slots") else "one",
        )
        if o.get("slots"):
            memory = memory.replace(slots=int(rng.integers(*o["slots"], endpoint=True)))
    else:
        schedule = ebit.schedules.Nested(
            cutoffs_s=[1e-3 * int(rng.integers(5, 12)) * (k + 1) for k in range(levels)] if o.get("cutoffs") else (),
            distill=[_rounds(rng, o), *([0] * (levels - 1))] if o.get("distill") else (),
            protocol=str(rng.choice(["dejmps", "bbpssw"])),
            scheme=o.get("scheme", "recurrence"),
        )
    return ebit.RepeaterChain(
        links=links, memory=memory, swap=swap, schedule=schedule, end_memory=o.get("ends", "store")
    )


def _rounds(rng: np.random.Generator, o: dict[str, Any]) -> int:
    low, high = (1, 2) if o["distill"] is True else o["distill"]
    return int(rng.integers(low, high + 1))


def random_tree(rng: np.random.Generator, n: int, o: dict[str, Any]) -> Any:
    """A tree with cut-offs and rounds by level or by node, of the kind asked for."""

    def grow(low: int, high: int) -> Any:
        if high - low == 1:
            return low
        at = int(rng.integers(low + 1, high))
        return (grow(low, at), grow(at, high))

    def height(tree: Any) -> int:
        return 0 if isinstance(tree, int) else 1 + max(map(height, tree))

    tree = grow(0, n)
    cutoffs: Any = ()
    distill: Any = ()
    if o.get("cutoffs"):
        times = [1e-3 * int(rng.integers(6, 14)) for _ in range(n - 1)]
        by_level = rng.random() < 0.5
        # Not every node has one.
        cutoffs = times[: height(tree)] if by_level else {k + 1: t for k, t in enumerate(times) if rng.random() < 0.7}
    if o.get("distill"):
        distill = {int(rng.integers(1, n)): 1 if o["distill"] is True else _rounds(rng, o)}
    options = {
        "start": o.get("start", "all-at-once"),
        "protocol": str(rng.choice(["dejmps", "bbpssw"])),
        "scheme": o.get("scheme", "recurrence"),
    }
    if o["schedule"] == "sequential":
        return ebit.schedules.Sequential(times[: n - 1] if o.get("cutoffs") else (), distill, **options)
    return ebit.schedules.Tree(tree, cutoffs, distill, **options)


def from_events(chain: ebit.RepeaterChain, seed: int, method: str, pairs: int) -> dict[str, tuple[float, float]]:
    r = chain.simulate(pairs // 4, replicas=4, rng=seed, threads=1, method=method)
    out = {}
    for name in QUANTITIES:
        # Each pair starts from empty memories: they are independent.
        column = r.pairs[name]
        out[name] = (float(column.mean()), float(column.std(ddof=1) / math.sqrt(len(column))))
    return out


def from_result(result: Any) -> dict[str, tuple[float, float]]:
    return {name: (getattr(result, name).value, getattr(result, name).stderr) for name in QUANTITIES}


def sees_enough(answers: dict[str, dict[str, tuple[float, float]]]) -> bool:
    """Whether a difference of any quantity would show that is as large as it may be."""

    def shows(what: str, sees: float) -> bool:
        stderr = math.hypot(*(answer[what][1] for answer in answers.values()))
        scale = min(answer[what][0] for answer in answers.values()) if what == "waiting_time_s" else 1.0
        return 4.9 * stderr <= sees * scale

    return all(shows(what, sees) for what, sees in QUANTITIES.items())


def never(chain: ebit.RepeaterChain, seed: int) -> bool:
    """Whether a cut-off can never be kept; if so all three evaluators must say it, of the same parameter."""
    try:
        chain.sample(1, rng=seed, threads=1)
    except ebit.errors.NeverSucceedsError:
        for ask in (chain.exact, lambda: chain.simulate(1, rng=seed, threads=1)):
            with pytest.raises(ebit.errors.NeverSucceedsError, match="cutoffs_s"):
                ask()
        return True
    return False


@pytest.mark.parametrize(("kind", "trial"), CHAINS)
def test_evaluators_agree(kind: str, trial: int) -> None:
    chain = random_chain(kind, trial)
    seed = 10_000 * (1 + list(KINDS).index(kind)) + trial
    if never(chain, seed):
        return
    for pairs in KINDS[kind].get("pairs", PAIRS):
        answers = {"sampled": from_result(chain.sample(pairs, rng=seed, threads=1))}
        if KINDS[kind].get("event", True):
            answers["events"] = from_events(chain, seed + 1_000_000, KINDS[kind].get("method", "auto"), pairs)
        if sees_enough(answers):
            break
    asked = KINDS[kind].get("exact", True)
    # All slots of all links together: what a table of states holds.
    if asked == "up to 6":
        asked = len(chain.links) * chain.memory.slots <= 6
    if asked:
        answers["exact"] = from_result(chain.exact())
    names = list(answers)
    for i, a in enumerate(names):
        for b in names[i + 1 :]:
            for what, sees in QUANTITIES.items():
                (x, dx), (y, dy) = answers[a][what], answers[b][what]
                stderr = math.hypot(dx, dy)
                assert 4.9 * stderr <= sees * (x if what == "waiting_time_s" else 1.0), (a, b, what, "sees too little")
                assert abs(x - y) <= 4.9 * stderr + 1e-9 * abs(x), (a, b, what, x, y, (x - y) / max(stderr, 1e-300))


def test_every_attempt_an_event() -> None:
    """The per-attempt mode of the event engine: the same mean as the exact law, one Bernoulli event per attempt."""
    link = ebit.HeraldedLink(success_probability=0.2, attempt_time_s=1e-3, pair=ebit.BellDiagonal.werner(0.97))
    chain = ebit.RepeaterChain([link] * 4, ebit.Memory(t2_s=0.2), ebit.Swap(0.8), ebit.schedules.Nested())
    exact = chain.exact()
    r = chain.simulate(50_000, replicas=4, rng=77, method="per-attempt", threads=1)
    for name, column in (("waiting_time_s", "waiting_time_s"), ("fidelity", "fidelity")):
        data = r.pairs[column]
        stderr = data.std(ddof=1) / math.sqrt(len(data))
        assert 4.9 * stderr < 0.01 * data.mean()
        assert abs(data.mean() - getattr(exact, name).value) < 4.9 * stderr


def test_exact_draws_nothing_and_brackets() -> None:
    link = ebit.HeraldedLink(success_probability=0.1, attempt_time_s=1.0, pair=ebit.BellDiagonal.werner(0.985))
    # Cut-offs so short that the first lattice holds only a part.
    schedule = ebit.schedules.Nested(cutoffs_s=[2.0, 2.0])
    chain = ebit.RepeaterChain([link] * 4, ebit.Memory(depolarizing_time_s=800.0), ebit.Swap(0.5), schedule)
    fine, coarse = chain.exact(tolerance=1e-12), chain.exact(tolerance=0.05)
    assert fine.seed is None
    assert coarse.coverage < 1 - 1e-6 < fine.coverage
    for name in (*QUANTITIES, "rate_hz", "secret_key_rate_hz"):
        a, b = getattr(coarse, name), getattr(fine, name)
        assert a.low - 1e-12 <= b.value <= a.high + 1e-12, name
        assert a.stderr == b.stderr == 0.0
    np.testing.assert_array_equal(chain.exact().waiting_time_pmf, chain.exact().waiting_time_pmf)


@pytest.mark.parametrize("threads", [2, 4])
def test_threads_change_nothing(threads: int) -> None:
    chain = random_chain("swap-asap, cut-off", 0)
    one, many = chain.sample(5_000, rng=3, threads=1), chain.sample(5_000, rng=3, threads=threads)
    for name in one.pairs:
        np.testing.assert_array_equal(one.pairs[name], many.pairs[name])


def test_a_sample_reaches_the_asked_interval() -> None:
    chain = random_chain("swap-asap, slots, slow swaps, cut-off", 1)
    r = chain.evaluate(rel=2e-3, rng=5)
    t = r.waiting_time_s
    assert r.method == "sampled"
    assert (t.high - t.low) / 2 <= 2e-3 * t.value
    longer = chain.sample(len(r.pairs["fidelity"]), rng=5)
    np.testing.assert_array_equal(r.pairs["fidelity"], longer.pairs["fidelity"])


def test_rows_computed_elsewhere() -> None:
    """The reference rows of chains that no other test meets through the face."""
    step = 1.0

    def nested(n: int, **options: Any) -> Any:
        link = ebit.HeraldedLink(success_probability=0.1, attempt_time_s=step, pair=ebit.BellDiagonal.werner(0.985))
        schedule = ebit.schedules.Nested(**options)
        return ebit.RepeaterChain([link] * n, ebit.Memory(depolarizing_time_s=800.0), ebit.Swap(0.5), schedule).exact()

    for n, steps, w in ((2, 29.473684, 0.98 * 0.98 * 0.9768652518), (4, 84.817580, 0.82690174)):
        r = nested(n)
        assert abs(r.waiting_time_s.value - steps) < 5e-7
        assert abs((4 * r.fidelity.value - 1) / 3 - w) < 5e-9
    r = nested(4, cutoffs_s=[16.0, 31.0])
    assert abs(r.waiting_time_s.value - 108.256782) < 5e-7
    assert abs((4 * r.fidelity.value - 1) / 3 - 0.86726055) < 5e-9
    for n, value in ((2, 0.9768652518), (3, 0.9544348518)):
        link = ebit.HeraldedLink(success_probability=0.1, attempt_time_s=step)
        r = ebit.RepeaterChain([link] * n, ebit.Memory(t2_s=400.0), end_memory="measured").exact()
        assert abs(1 - 2 * r.qber_x.value - value) < 1e-9 * value
    link = ebit.HeraldedLink(success_probability=1e-3, attempt_time_s=step)
    r = ebit.RepeaterChain([link] * 2, ebit.Memory.perfect(), ebit.Swap(0.5), ebit.schedules.Nested()).exact()
    # (3/2)^n / (p q^n) is above the exact mean.
    assert abs(r.waiting_time_s.value / (1.5 / (1e-3 * 0.5)) - 0.99983325) < 5e-9
