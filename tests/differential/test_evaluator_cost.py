"""``evaluate`` takes the cheaper evaluator: predictions against what the evaluators then need, counted, not clocked."""

from __future__ import annotations

import math
from typing import Any

import pytest

import ebit
from ebit._evaluator_cost import predict
from ebit.errors import TooLargeError
from ebit.estimates import NORMAL_95
from ebit.schedules import Nested, SwapAsap


def chain(links: int, p: float, q: float, schedule: Any, end: str = "store", attempt_s: float = 1.0) -> Any:
    link = ebit.HeraldedLink(success_probability=p, attempt_time_s=attempt_s, pair=ebit.BellDiagonal.werner(0.985))
    return ebit.RepeaterChain([link] * links, ebit.Memory(depolarizing_time_s=800.0), ebit.Swap(q), schedule, end)


@pytest.mark.parametrize(
    "case",
    [
        (4, 0.1, 0.5, Nested(), "store", 1e-3), (8, 0.1, 0.7, Nested()), (4, 0.2, 0.5, Nested(cutoffs_s=[9.0, 17.0])),
        (2, 1e-3, 0.5, Nested(), "measured"), (6, 0.02, 1.0, SwapAsap(), "measured"), (3, 0.1, 1.0, SwapAsap()),
        (4, 0.1, 0.6, SwapAsap()),
    ],
)  # fmt: skip
def test_counts_are_right_to_a_factor(case: Any) -> None:
    made = chain(*case)
    said = predict(made, 1e-2, 1e-9)
    assert said is not None
    result = made.exact()
    # The pilot's own 7 %, and ends of laws that are not quite exponential.
    assert 0.4 <= said.steps / len(result.waiting_time_pmf) <= 2.6
    t = made.sample(20_000, rng=1).waiting_time_s
    pairs = 20_000 * (NORMAL_95 * t.stderr / (1e-2 * t.value)) ** 2
    # The spread of 256 exponential waits, squared: 5 standard errors are less than a factor of 3.
    assert 1 / 3 < said.pairs / pairs < 3
    assert 0.0 < said.exact_s < math.inf
    assert predict(made, 1e-2, 1e-9) == said


def test_the_cheaper_one_is_taken() -> None:
    quick = chain(4, 0.1, 0.5, Nested())
    assert quick.evaluate(1e-2).method.startswith("exact")
    # Seven links with failing swaps: two seconds of absorbing chain, or a sample of some 24,000 pairs.
    slow = chain(7, 0.01, 0.5, SwapAsap())
    said = predict(slow, 1e-2, 1e-9)
    assert said is not None
    assert said.exact_s > 4 * said.sample_s
    r = slow.evaluate(1e-2, rng=4)
    assert r.method == "sampled"
    assert r.prediction == str(said)
    assert r.to_dict()["prediction"].startswith("predicted: exact about")
    t = r.waiting_time_s
    assert (t.high - t.low) / 2 <= 1e-2 * t.value
    # A hundredfold accuracy takes ten thousand times the pairs, and no more of the lattice.
    fine = predict(slow, 1e-4, 1e-9)
    assert fine is not None
    assert fine.exact_s == said.exact_s < fine.sample_s


def test_a_lattice_that_does_not_fit_is_not_tried() -> None:
    link = ebit.HeraldedLink(success_probability=1e-8, attempt_time_s=1e-3)
    rare = ebit.RepeaterChain([link] * 2, ebit.Memory.perfect(), ebit.Swap(0.5), Nested())
    with pytest.raises(TooLargeError):
        rare.exact()
    r = rare.evaluate(2e-2, rng=1)
    assert r.method == "sampled"
    assert "exact not possible" in str(r.prediction)
    for refused in (chain(6, 0.3, 0.9, SwapAsap(90.0)), chain(20, 0.3, 0.9, SwapAsap())):
        said = predict(refused, 1e-2, 1e-9)
        assert said is not None
        assert said.exact_s == math.inf
        assert refused.evaluate(2e-2, rng=1).method == "sampled"


def test_what_is_not_known_beforehand_is_tried() -> None:
    link = ebit.DoubleClick(fiber=ebit.Fiber(20.0), detector=ebit.Detector(0.9), negotiation="two-round")
    made = ebit.RepeaterChain([link] * 2, ebit.Memory.perfect(), ebit.Swap(), Nested())
    assert predict(made, 1e-2, 1e-9) is None
    r = made.evaluate(1e-2, rng=1)
    assert r.prediction is None
    assert made.exact().prediction is None
