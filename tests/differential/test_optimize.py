"""The tuned chain against brute force: every cut-off, every number of segments, fine grids of populations."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

import ebit
from ebit.schedules import Nested, Sequential, SwapAsap, Tree


def nested(links: int, p: float, q: float, decay_s: float, cutoffs: tuple[float, ...] = ()) -> ebit.RepeaterChain:
    link = ebit.HeraldedLink(success_probability=p, attempt_time_s=1.0, pair=ebit.BellDiagonal.werner(0.985))
    return ebit.RepeaterChain(
        [link] * links, ebit.Memory(depolarizing_time_s=decay_s), ebit.Swap(q), Nested(cutoffs_s=cutoffs)
    )


def single_click(links: int, total_km: float, schedule: Any, population: float = 0.1, q: float = 1.0) -> Any:
    link = ebit.SingleClick(
        fiber=ebit.Fiber(total_km / links),
        detector=ebit.Detector(0.8, dark_count_rate_hz=10.0),
        bright_state_population=population,
        visibility=0.95,
    )
    return ebit.RepeaterChain([link] * links, ebit.Memory(t2_s=1.0), ebit.Swap(q, fidelity=0.99), schedule, "measured")


def key(chain: ebit.RepeaterChain) -> float:
    return chain.exact().secret_key_rate_hz.value


@pytest.mark.parametrize(
    ("p", "q", "decay_s"), [(0.3, 0.5, 100.0), (0.2, 0.8, 150.0), (0.5, 0.6, 1e4), (0.4, 0.5, 60.0)]
)
def test_cutoffs_of_two_links(p: float, q: float, decay_s: float) -> None:
    chain = nested(2, p, q, decay_s)
    best = chain.optimize()
    every = {float(c): key(nested(2, p, q, decay_s, (float(c),))) for c in range(1, 120)}
    every[math.inf] = key(chain)
    top = max(every.values())
    assert best.value == pytest.approx(top, rel=1e-6)
    assert best.chain.exact().secret_key_rate_hz.value == best.value == best.result.secret_key_rate_hz.value
    for cutoff, change in best.sensitivity["cutoffs_s[0]"].items():
        assert change == pytest.approx(every[cutoff] / top - 1, abs=1e-5)


@pytest.mark.parametrize(("p", "q", "decay_s"), [(0.3, 0.5, 120.0), (0.4, 0.8, 60.0), (0.5, 0.5, 90.0)])
def test_cutoffs_of_four_links(p: float, q: float, decay_s: float) -> None:
    best = nested(4, p, q, decay_s).optimize()
    grid = itertools.product([*map(float, range(2, 24)), math.inf], [*map(float, range(2, 34)), math.inf])
    top = max(key(nested(4, p, q, decay_s, cutoffs)) for cutoffs in grid)
    assert best.value > 0.0
    assert best.value >= top * (1 - 1e-5)


def test_cutoffs_find_a_key_where_there_is_none() -> None:
    chain = nested(4, 0.2, 0.5, 150.0)
    assert key(chain) == 0.0
    best = chain.optimize()
    grid = itertools.product(map(float, range(1, 16)), map(float, range(1, 24)))
    top = max(key(nested(4, 0.2, 0.5, 150.0, cutoffs)) for cutoffs in grid)
    assert top > 0.0
    assert best.value >= top * (1 - 1e-5)


def test_any_objective() -> None:
    """Pairs per second that a fidelity of 0.9 is asked of: a hard edge."""

    def good_pairs(r: Any) -> float:
        return float(r.rate_hz.value) if r.fidelity.value >= 0.9 else 0.0

    best = nested(2, 0.3, 0.5, 100.0).optimize(good_pairs)
    every = [good_pairs(nested(2, 0.3, 0.5, 100.0, (float(c),)).exact()) for c in range(1, 120)]
    assert best.objective == "good_pairs"
    assert best.value == pytest.approx(max(every), rel=1e-6)
    four = nested(4, 0.1, 0.5, 800.0)
    grid = itertools.product(map(float, range(12, 26)), map(float, range(24, 42)))
    top = max(good_pairs(nested(4, 0.1, 0.5, 800.0, cutoffs).exact()) for cutoffs in grid)
    assert four.optimize(good_pairs).value == pytest.approx(top, rel=1e-6)
    assert nested(2, 0.3, 0.5, 100.0).optimize("rate").parameters["cutoffs_s"] == (math.inf,)


def test_population_of_the_bright_state() -> None:
    chain = single_click(2, 60.0, SwapAsap())
    best = chain.optimize(over=["bright_state_population"])
    grid = np.geomspace(1e-3, 0.5, 400)
    top = max(key(single_click(2, 60.0, SwapAsap(), float(a))) for a in grid)
    # The grid's own step costs less than this; the search's finest factor too.
    assert top * (1 - 1e-6) <= best.value <= top * (1 + 1e-3)
    at = best.parameters["bright_state_population"]
    for other, change in best.sensitivity["bright_state_population"].items():
        assert abs(other / at - 1) == pytest.approx(0.05)
        assert change < 0.0
        assert change == pytest.approx(key(single_click(2, 60.0, SwapAsap(), other)) / best.value - 1, abs=1e-6)


def test_population_and_cutoff_together() -> None:
    best = single_click(2, 100.0, Nested()).optimize(over=["bright_state_population", "cutoffs_s"])
    step = single_click(2, 100.0, Nested()).exact().step_s
    top = 0.0
    at, steps = best.parameters["bright_state_population"], round(best.parameters["cutoffs_s"][0] / step)
    for a in np.geomspace(0.5 * at, 2 * at, 25):
        for c in np.unique(np.geomspace(0.3 * steps, 4 * steps, 25).astype(int)):
            top = max(top, key(single_click(2, 100.0, Nested(cutoffs_s=[float(c) * step]), float(a))))
    assert best.value >= top * (1 - 1e-4)


def test_number_of_segments() -> None:
    best = single_click(2, 240.0, SwapAsap(), 0.01).optimize(over={"spacing": (1, 14)})
    every = {n: key(single_click(n, 240.0, SwapAsap(), 0.01)) for n in range(1, 15)}
    top = max(every, key=lambda n: every[n])
    assert 2 < top < 14
    assert best.parameters["spacing"] == len(best.chain.links) == top
    assert sum(link.fiber.length_km for link in best.chain.links) == pytest.approx(240.0)
    for n, change in best.sensitivity["spacing"].items():
        assert change == pytest.approx(every[n] / every[top] - 1, abs=1e-6)


def test_schedule_and_segments() -> None:
    chain = single_click(2, 200.0, SwapAsap(), q=0.9)
    over = {"schedule": (SwapAsap(), Nested()), "spacing": (1, 7)}
    best = chain.optimize(over=over)
    variants = [(SwapAsap(), n) for n in range(1, 8)] + [(Nested(), n) for n in (1, 2, 4)]
    every = [key(single_click(n, 200.0, schedule, q=0.9)) for schedule, n in variants]
    assert best.value == pytest.approx(max(every), rel=1e-6)
    assert type(best.chain.schedule).__name__ == best.parameters["schedule"]


def test_sampled_cutoff_of_swap_asap() -> None:
    """``exact`` refuses long cut-offs here: one seed for all makes the landscape one, the answer repeatable."""
    link = ebit.HeraldedLink(success_probability=0.1, attempt_time_s=1.0, pair=ebit.BellDiagonal.werner(0.985))
    chain = ebit.RepeaterChain([link] * 4, ebit.Memory(depolarizing_time_s=500.0))
    best, again = chain.optimize(pairs=20_000, rng=3), chain.optimize(pairs=20_000, rng=3)
    assert best.parameters == again.parameters
    assert best.value == again.value
    assert "sampled" in {e.method for e in best.trace}
    cutoffs = np.unique(np.geomspace(8, 120, 16).astype(int))
    r = {int(c): chain.replace(schedule=SwapAsap(float(c))).sample(120_000, rng=8).secret_key_rate_hz for c in cutoffs}
    top = max(r.values(), key=lambda e: e.value)
    # Both fresh samples, each within 5.2 standard errors (false alarm 1e-6 together), and 1 % for a flat top.
    e = best.result.secret_key_rate_hz
    assert top.value > 1.1 * key(chain)
    assert e.value >= 0.99 * top.value - 5.2 * math.hypot(e.stderr, top.stderr)
    assert 5.2 * math.hypot(e.stderr, top.stderr) < 0.08 * top.value


@pytest.mark.parametrize("schedule", [Tree(((0, 1), 2)), Tree((0, (1, 2)), start="one-after-another"), Sequential()])
def test_cutoffs_of_trees(schedule: Any) -> None:
    """Three links in any order: two levels of cut-offs, against all of them."""
    link = ebit.HeraldedLink(success_probability=0.3, attempt_time_s=1.0, pair=ebit.BellDiagonal.werner(0.985))
    chain = ebit.RepeaterChain([link] * 3, ebit.Memory(depolarizing_time_s=90.0), ebit.Swap(0.6), schedule)
    best = chain.optimize()
    some = [*map(float, range(3, 22)), math.inf]
    pairs = itertools.product(some, some)
    top = max(key(chain.replace(schedule=schedule.replace(cutoffs_s=cutoffs))) for cutoffs in pairs)
    assert top > 1.01 * key(chain)
    assert best.value >= top * (1 - 1e-5)
    # Where a cut-off changes nothing but the rounding, it is not followed.
    assert len(best.trace) < 200


def test_schedules_that_do_not_fit_are_left_out() -> None:
    link = ebit.HeraldedLink(success_probability=0.3, attempt_time_s=1.0, pair=ebit.BellDiagonal.werner(0.985))
    chain = ebit.RepeaterChain([link] * 3, ebit.Memory(depolarizing_time_s=90.0), ebit.Swap(0.6))
    candidates = (Nested(), SwapAsap(), Tree(((0, 1), 2)), Tree((0, 1)))
    best = chain.optimize(over={"schedule": candidates})
    every = [key(chain.replace(schedule=s)) for s in candidates[1:3]]
    assert best.value == pytest.approx(max(every), rel=1e-6)
    assert {e.parameters["schedule"] for e in best.trace} == {"SwapAsap", "Tree"}


def test_chains_without_a_lattice_are_sampled() -> None:
    """Attempt times without a common step: what ``exact`` says is too large, samples tune."""
    links = [ebit.HeraldedLink(0.1, t, ebit.BellDiagonal.werner(0.985)) for t in (1.0, 1.000000001)]
    chain = ebit.RepeaterChain(links, ebit.Memory(depolarizing_time_s=200.0), ebit.Swap(0.5), Nested())
    best = chain.optimize(pairs=20_000)
    assert {e.method for e in best.trace} == {best.result.method} == {"sampled"}
    twin = chain.replace(links=[links[0]] * 2).optimize()
    r = best.result.secret_key_rate_hz
    # 5.2 standard errors of a fresh sample, and 2 % for a top that is flat within the noise.
    assert abs(r.value - twin.value) < 5.2 * r.stderr + 0.02 * twin.value
    assert 5.2 * r.stderr < 0.1 * twin.value


def test_the_trace_tells_everything() -> None:
    best = nested(4, 0.3, 0.5, 120.0).optimize()
    assert max(e.value for e in best.trace) == pytest.approx(best.value, rel=1e-6)
    assert len({e.parameters["cutoffs_s"] for e in best.trace}) == len(best.trace)
    for e in best.trace[:: len(best.trace) // 5]:
        again = key(nested(4, 0.3, 0.5, 120.0, e.parameters["cutoffs_s"]))
        assert e.value == pytest.approx(again, rel=1e-5, abs=1e-12)


def test_the_brightness_of_sources() -> None:
    """The key of two links with a pair source each has one maximum in the mean number of pairs."""
    link = ebit.MidpointSource(fiber=ebit.Fiber(20.0), detector=ebit.Detector(0.8), mean_pairs=0.3)

    def made(mean_pairs: float) -> ebit.RepeaterChain:
        return ebit.RepeaterChain(
            [link.replace(mean_pairs=mean_pairs)] * 2, ebit.Memory(t2_s=1.0), end_memory="measured"
        )

    best = made(0.3).optimize(over={"mean_pairs": (0.005, 0.5)})
    grid = {float(mu): key(made(float(mu))) for mu in np.geomspace(0.005, 0.5, 60)}
    top = max(grid, key=lambda mu: grid[mu])
    assert 0.005 < top < 0.5
    assert best.value >= grid[top] * (1 - 1e-5)
    assert best.parameters["mean_pairs"] == pytest.approx(top, rel=0.09)
    assert best.chain.links[0].mean_pairs == best.parameters["mean_pairs"]  # type: ignore[attr-defined]
    assert set(best.sensitivity) == {"mean_pairs"}
    assert all(change <= 1e-9 for change in best.sensitivity["mean_pairs"].values())
