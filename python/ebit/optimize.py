"""What makes most of a repeater chain: cut-offs, how brightly its links shine, number of segments, schedule.

Owns a direct search: it asks for numbers of variants, takes no derivatives, and draws nothing itself. It knows which
knobs there are, and no physics.

    schedule x number of segments       every candidate, or a walk over whole numbers
        bright-state population, pairs  \\  pattern search with factors 2, sqrt 2, ... on all of these at once;
        cut-off per level in steps      /   cut-offs end at whole steps whose neighbours are all worse
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ebit._arguments import shown
from ebit._cutoffs import links_waited_for
from ebit._knobs import NAME, OF_LINKS
from ebit._pattern_search import Score, pattern_search
from ebit._variants import Evaluation, Variants, key_score
from ebit.errors import RangeError, SpecError, TooLargeError, complain
from ebit.schedules import Nested, Schedule

if TYPE_CHECKING:
    from ebit.chain import RepeaterChain
    from ebit.chain_result import ChainResult

__all__ = ["Evaluation", "Optimum", "optimize"]

#: A cut-off that makes a pair take this many times longer than none is not worth a look.
SLOWDOWN = 100.0
#: Half the change by which the sensitivity of a real number is probed.
PROBE = 0.05

Objective = Callable[["ChainResult"], float]


@dataclass(frozen=True)
class Optimum:
    """The best chain that a search found.

    Parameters
    ----------
    chain : RepeaterChain
        The best one.
    result : ChainResult
        Its evaluation; of a sample, one that the search has not seen.
    objective : str
        Name of what was made large.
    value : float
        The objective of ``result``.
    parameters : mapping
        What was tuned, and to what: ``schedule``, ``spacing`` (number of segments), ``bright_state_population`` or
        ``mean_pairs``, ``cutoffs_s``.
    sensitivity : mapping
        Per parameter, the relative change of the objective at other values of it, all else equal: 5 % below and above
        for a real number, the next whole steps for a cut-off (5 % of it, where that is more). With other numbers of
        segments and other schedules, whatever else is tuned was tuned anew.
    trace : tuple of Evaluation
        Everything that was looked at, in order.
    """

    chain: RepeaterChain
    result: ChainResult
    objective: str
    value: float
    parameters: Mapping[str, Any]
    sensitivity: Mapping[str, Mapping[Any, float]]
    trace: tuple[Evaluation, ...]

    def __repr__(self) -> str:
        return f"Optimum({self.objective} {self.value:.6g} at {dict(self.parameters)}, {len(self.trace)} evaluations)"


def optimize(
    chain: RepeaterChain,
    objective: str | Objective = "secret_key_rate",
    over: Sequence[str] | Mapping[str, Any] = ("cutoffs_s",),
    *,
    pairs: int = 20_000,
    rng: object = 0,
) -> Optimum:
    """Return the best variant of a chain; see ``RepeaterChain.optimize``."""
    return _Search(chain, objective, over, pairs, rng).run()


@dataclass
class _Tuned:
    """The best knobs for one schedule and one number of segments."""

    score: Score
    knobs: tuple[float, ...]
    base: RepeaterChain
    step: float
    sampling: bool


class _Search(Variants):
    """A walk from variant to variant, to the best of them."""

    def tune(self, base: RepeaterChain) -> _Tuned | None:
        """Return the best knobs of one chain; None where no evaluator answers."""
        levels = self.levels(base)
        population: list[float] = []
        bounds: list[tuple[float, float]] = []
        if self.shared is not None:
            low, high = map(float, self.ranges[self.shared])
            population = [math.sqrt(low * high)]
            bounds = [(low, high)]
        step, free = self._unlimited(base, population)
        if free is None and not levels:
            return None
        least, most = (step, math.inf) if self.ranges.get("cutoffs_s") is None else self.ranges["cutoffs_s"]
        fewest, largest = max(1, math.ceil(least / step - 1e-9)), most / step if math.isinf(most) else most // step
        if levels:
            slowest = max(link.physics["attempt_time_s"] for link in base.links) + base.swap.duration_s
            needs = [max(fewest, math.ceil(need * slowest / step)) for need in links_waited_for(base.schedule, levels)]
            bounds += [(need, max(need, largest)) for need in needs]
            fewest = max(needs)
        whole = [False] * len(population) + [True] * levels

        def score(knobs: tuple[float, ...]) -> Score:
            chain, said = self.build(base, step, knobs)
            return self.ask(chain, said)[0]

        starts = [tuple(population)] if not levels else []
        if levels:
            starts = list(self._ladder(base, step, free, fewest, most, population, levels))
        best = max(starts, key=score)
        knobs = pattern_search(score, best, bounds, whole, self._far(base, step, free))
        return _Tuned(score(knobs), knobs, base, step, self.sampling)

    def _unlimited(self, base: RepeaterChain, population: list[float]) -> tuple[float, ChainResult | None]:
        """Return the step of cut-offs in seconds, and the chain's result without any."""
        slowest = min(link.physics["attempt_time_s"] for link in base.links)
        levels = self.levels(base)
        chain, said = self.build(base, 1.0, (*population, *([math.inf] * levels)))
        self.sampling = False
        result = self.ask(chain, said)[1]
        self.sampling = result is not None and result.seed is not None
        if result is None:
            return slowest, None
        return (slowest if math.isnan(result.step_s) else result.step_s), result

    def _far(self, base: RepeaterChain, step: float, free: ChainResult | None) -> float:
        """Return a cut-off in steps that is about as good as none, a power of two."""
        longest = 64.0 * max(link.physics["attempt_time_s"] for link in base.links)
        if free is not None and math.isfinite(free.quantile(0.999)):
            longest = free.quantile(0.999)
        return float(2 ** math.ceil(math.log2(max(2.0, longest / step))))

    def _ladder(
        self,
        base: RepeaterChain,
        step: float,
        free: ChainResult | None,
        fewest: float,
        most: float,
        population: list[float],
        levels: int,
    ) -> Any:
        """Equal cut-offs at all levels, each half the one before, as long as they may pay."""
        allowed = math.inf if math.isinf(most) else float(most // step)
        best: Score = (-math.inf, -math.inf)
        if math.isinf(allowed):
            yield (*population, *([math.inf] * levels))
        if free is not None:
            best = self.score_of(free) if math.isinf(allowed) else best
        steps = min(allowed, self._far(base, step, free))
        downs = 0
        while steps >= fewest:
            knobs = (*population, *([float(math.floor(steps))] * levels))
            chain, said = self.build(base, step, knobs)
            score, result = self.ask(chain, said)
            yield knobs
            if result is None:
                return
            if free is not None and result.waiting_time_s.value > SLOWDOWN * free.waiting_time_s.value:
                return
            if self.score_of is key_score and result.rate_hz.value < best[0]:
                # Shorter ones deliver even fewer pairs, and no pair carries more than one bit.
                return
            downs = downs + 1 if score < best and best[0] > 0.0 else 0
            if downs == 2:
                return
            best = max(best, score)
            steps /= 2

    def segments(self, schedule: Schedule) -> tuple[int | None, dict[int | None, _Tuned]]:
        """Return the best number of segments for a schedule, and everything tuned on the way."""
        tuned: dict[int | None, _Tuned] = {}

        def look(count: int | None) -> Score:
            if count not in tuned:
                found = self.tune(self.base(schedule, count))
                if found is None:
                    return (-math.inf, -math.inf)
                tuned[count] = found
            return tuned[count].score

        if "spacing" not in self.ranges:
            look(None)
            return None, tuned
        low, high = self.ranges["spacing"]
        counts = [2**k for k in range(13) if low <= 2**k <= high]
        if not isinstance(schedule, Nested):
            counts = sorted({low, *counts, high})
        if not counts:
            raise complain(
                RangeError, NAME, "over['spacing']", "a range with a power of two for Nested", shown((low, high))
            )
        scores: list[Score] = []
        for count in counts:
            scores.append(look(count))
            # Two steps down from the best: the rest of the ladder is longer and no better.
            if len(scores) > 2 and max(scores) > max(scores[-2:]) and max(scores)[0] > 0:
                break
        best = max(counts[: len(scores)], key=look)
        if not isinstance(schedule, Nested):
            stride = max(1, best // 2)
            while stride:
                around = [c for c in (best - stride, best + stride) if low <= c <= high]
                better = max([best, *around], key=look)
                if better == best:
                    stride //= 2
                best = better
        return (best, tuned) if best in tuned else (None, {})

    def run(self) -> Optimum:
        """Search, and say what was found."""
        schedules = self.ranges.get("schedule", (self.chain.schedule,))
        fits = [s for s in schedules if "spacing" in self.ranges or self._fits(s)]
        found = [(schedule, *self.segments(schedule)) for schedule in fits]
        found = [row for row in found if row[2]]
        if not found:
            raise complain(
                TooLargeError,
                NAME,
                "chain",
                "one that an evaluator can hold",
                "none of the variants",
                "give over ranges nearer to working chains",
            )
        schedule, count, tuned = max(found, key=lambda row: row[2][row[1]].score)
        best = tuned[count]
        chain, parameters = self.build(best.base, best.step, best.knobs)
        value = best.score[0]
        self.sampling = best.sampling
        sensitivity = self._sensitivity(best)
        if "spacing" in self.ranges:
            near = [count // 2, count * 2] if isinstance(schedule, Nested) else [count - 1, count + 1]  # type: ignore[operator]
            low, high = self.ranges["spacing"]
            for other in (c for c in near if low <= c <= high and c not in tuned):
                retuned = self.tune(self.base(schedule, other))
                if retuned is not None:
                    tuned[other] = retuned
            sensitivity["spacing"] = {c: _change(tuned[c].score[0], value) for c in near if c in tuned}
        if "schedule" in self.ranges:
            sensitivity["schedule"] = {
                type(other).__name__: _change(rows[c].score[0], value)
                for other, c, rows in found
                if other is not schedule
            }
        self.sampling = best.sampling
        seen = self.ask(chain, parameters)[1]
        try:
            # The best of many samples is lucky, a fresh one is not; an exact one is taken to the end.
            result = self._evaluate(chain, (self.root + 1) % 2**128, 1e-9)
        except TooLargeError:
            if seen is None:
                raise
            result = seen
        value = self.score_of(result)[0]
        return Optimum(chain, result, self.name, value, parameters, sensitivity, tuple(self.trace))

    def _fits(self, schedule: Schedule) -> bool:
        """Whether a schedule among several suits the number of links; one that is alone must."""
        try:
            self.base(schedule, None)
        except SpecError:
            if len(self.ranges.get("schedule", ())) <= 1:
                raise
            return False
        return True

    def _sensitivity(self, best: _Tuned) -> dict[str, dict[Any, float]]:
        names = [] if self.shared is None else [self.shared]
        names += [f"cutoffs_s[{k}]" for k in range(self.levels(best.base))]
        out: dict[str, dict[Any, float]] = {}
        for k, name in enumerate(names):
            at = best.knobs[k]
            if math.isinf(at):
                out[name] = {}
                continue
            by = PROBE * at if name == self.shared else max(1.0, round(PROBE * at))
            top = OF_LINKS[name][1] if name == self.shared else math.inf
            row: dict[Any, float] = {}
            for value in (at - by, at + by):
                if not 0.0 < value < top:
                    continue
                knobs = (*best.knobs[:k], value, *best.knobs[k + 1 :])
                chain, said = self.build(best.base, best.step, knobs)
                shown_value = value if name == self.shared else value * best.step
                row[shown_value] = _change(self.ask(chain, said)[0][0], best.score[0])
            out[name] = row
        return out


def _change(value: float, at: float) -> float:
    return (value - at) / at if at else math.nan
