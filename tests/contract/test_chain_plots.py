"""Pictures of chains: what is drawn is what the results say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ebit
from ebit.bounds import chain_capacity, plob
from ebit.errors import RangeError, SpecError, WrongTypeError
from ebit.plot_chain import _segments

pytest.importorskip("matplotlib")

LINK = ebit.HeraldedLink(success_probability=0.1, attempt_time_s=1e-3, pair=ebit.BellDiagonal.werner(0.985))
CHAIN = ebit.RepeaterChain([LINK] * 4, ebit.Memory(depolarizing_time_s=0.8), ebit.Swap(0.5), ebit.schedules.Nested())
CLICK = ebit.SingleClick(
    fiber=ebit.Fiber(20.0), detector=ebit.Detector(0.9), bright_state_population=0.05, visibility=0.98
)
LONG = ebit.RepeaterChain([CLICK] * 4, ebit.Memory(t2_s=10.0), end_memory="measured")


def bars(figure: Any) -> Any:
    from matplotlib.patches import StepPatch

    return next(p for p in figure.axes[0].get_children() if isinstance(p, StepPatch))


@pytest.mark.parametrize("sampled", [False, True])
def test_waiting_times(sampled: bool, tmp_path: Path) -> None:
    result = CHAIN.sample(20_000, rng=1) if sampled else CHAIN.exact()
    figure = result.plot(tmp_path / "waiting.png")
    assert (tmp_path / "waiting.png").stat().st_size > 10_000
    values, edges, _ = bars(figure).get_data()
    assert 0.998 <= values.sum() <= 1.0
    middles = (edges[1:] + edges[:-1]) / 2
    # In milliseconds; the last thousandth is not shown.
    assert (values * middles).sum() == pytest.approx(1e3 * result.waiting_time_s.value, rel=0.02)
    said = " ".join(t.get_text() for t in figure.axes[0].texts)
    assert f"{1e3 * result.quantile(0.95):.4g} ms" in said


def test_rates_against_distance(tmp_path: Path) -> None:
    lengths = [50.0, 200.0, 400.0]
    figure = LONG.plot_rate_distance(lengths, tmp_path / "rates.svg")
    assert (tmp_path / "rates.svg").read_text(encoding="utf-8").startswith("<?xml")
    lines = {line.get_label(): np.asarray(line.get_ydata()) for line in figure.axes[0].get_lines()}
    keys = []
    for k, length in enumerate(lengths):
        links = [CLICK.replace(fiber=ebit.Fiber(length / 4))] * 4
        result = LONG.replace(links=links).exact()
        eta, attempts = 10 ** (-0.02 * length), 1 / links[0].attempt_time_s
        assert lines["pairs"][k] == pytest.approx(result.rate_hz.value, rel=1e-6)
        assert lines["bound without repeaters (PLOB)"][k] == pytest.approx(plob(eta) * attempts, rel=1e-9)
        assert result.plob_hz == pytest.approx(plob(eta) * attempts, rel=1e-9)
        assert lines["bound for 4 segments"][k] == pytest.approx(chain_capacity(eta, 4) * attempts, rel=1e-9)
        keys.append(result.secret_key_rate_hz.value)
    # What is not there is not drawn.
    assert lines["secret bits"] == pytest.approx(np.array([key for key in keys if key > 0.0]), rel=1e-6)
    assert keys[0] > 0.0
    assert np.all(lines["bound for 4 segments"] > lines["pairs"])


@pytest.mark.parametrize("seed", range(9))
def test_a_run_in_space_and_time(seed: int, tmp_path: Path) -> None:
    schedules = (CHAIN.schedule, ebit.schedules.SwapAsap(cutoff_s=0.03), ebit.schedules.Nested((12e-3, 25e-3)))
    chain = CHAIN.replace(schedule=schedules[seed % 3])
    request = ebit.Request("n0", "n4", pairs=1, restart=True, schedule=chain.schedule)
    run = ebit.simulate(chain.network(), [request], rng=seed, trace=True, threads=1)
    segments = _segments(run.events, 4)
    kinds = run.events["kind"]
    assert sum(s[4] == "delivered" for s in segments) == 1
    delivered = next(s for s in segments if s[4] == "delivered")
    assert delivered[:2] == (0, 4)
    assert delivered[3] == run[0].pairs["waiting_time_s"][0]
    assert sum(s[4] == "lost" for s in segments) >= 2 * np.count_nonzero(kinds == "swap_failed")
    # No two segments over the same link at once, and every herald is the birth of one.
    for left, right, born, died, _ in segments:
        assert 0 <= left < right <= 4
        assert born <= died
        for other in segments:
            if other[0] < right and left < other[1] and other != (left, right, born, died, _):
                assert other[3] <= born or died <= other[2]
    figure = chain.plot_run(tmp_path / "run.png", rng=seed)
    assert f"{1e3 * delivered[3]:.4g} ms" in figure.axes[0].texts[0].get_text()


def test_capacity_of_a_chain() -> None:
    for eta in (1e-12, 1e-4, 0.3, 0.999):
        assert chain_capacity(eta, 1) == plob(eta)
        values = [chain_capacity(eta, n) for n in (1, 2, 5, 50)]
        assert values == sorted(values)
    # Each of N segments is a channel of its own.
    assert chain_capacity(0.25, 2) == pytest.approx(1.0)
    with pytest.raises(RangeError):
        chain_capacity(1.0, 2)
    with pytest.raises(SpecError):
        chain_capacity(0.5, 0)


def test_what_cannot_be_drawn() -> None:
    for call, kind, parameter in (
        (lambda: CHAIN.plot_rate_distance([10.0]), WrongTypeError, "links[0]"),
        (lambda: LONG.plot_rate_distance([]), RangeError, "distances_km"),
        (lambda: LONG.plot_rate_distance("10"), WrongTypeError, "distances_km"),  # type: ignore[arg-type]
        (lambda: LONG.plot_rate_distance([10.0, -1.0]), RangeError, "distances_km[1]"),
        (lambda: LONG.exact().plot("x.bmpp"), RangeError, "path"),
        (lambda: CHAIN.replace(memory=ebit.Memory(slots=2), schedule=ebit.schedules.Nested(distill=[1, 0])).plot_run(),
         RangeError, "schedule.distill"),
    ):  # fmt: skip
        with pytest.raises(SpecError) as caught:
            call()
        assert isinstance(caught.value, kind)
        assert caught.value.parameter == parameter
