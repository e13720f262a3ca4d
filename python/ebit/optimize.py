"""What makes most of a repeater chain: cut-offs, how brightly its links shine, number of segments, schedule.

Owns a direct search: it asks a chain's evaluators for numbers, takes no derivatives, and draws nothing itself. It knows
which fields a chain has, and no physics.

    schedule x number of segments       every candidate, or a walk over whole numbers
        bright-state population, pairs  \\  pattern search with factors 2, sqrt 2, ... on all of these at once;
        cut-off per level in steps      /   cut-offs end at whole steps whose neighbours are all worse
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ebit._arguments import integer, real, shown
from ebit._evaluator_cost import states
from ebit._pattern_search import Score, pattern_search
from ebit._rng import root_seed
from ebit.bounds import binary_entropy
from ebit.channels import Fiber
from ebit.errors import RangeError, SpecError, TooLargeError, WrongTypeError, complain
from ebit.links import MidpointSource, SingleClick
from ebit.schedules import Nested, Schedule, Sequential, SwapAsap, Tree

if TYPE_CHECKING:
    from ebit.chain import ChainResult, RepeaterChain

__all__ = ["Evaluation", "Optimum", "optimize"]

NAME = "RepeaterChain.optimize"
#: What may be tuned, with the range of each where a caller gives none.
KNOBS: dict[str, Any] = {
    "cutoffs_s": None,
    "bright_state_population": (1e-3, 0.5),
    "mean_pairs": (1e-3, 1.0),
    "spacing": (1, 16),
    "schedule": (SwapAsap(), Nested()),
}
#: Knobs that all links share: of which link, and the most it may be.
OF_LINKS: dict[str, tuple[type, float]] = {
    "bright_state_population": (SingleClick, 1.0),
    "mean_pairs": (MidpointSource, 100.0),
}
#: Mass beyond the lattices of the search; the result's own is that of ``exact``.
TOLERANCE = 1e-7
#: The pattern search ends when its factor is this close to 1.
FINEST = 1e-3
#: A cut-off that makes a pair take this many times longer than none is not worth a look.
SLOWDOWN = 100.0
#: States of a chain from which on a sample is sooner there than their table.
MOST_STATES = 3e4
#: Mean attempts of a link from which on no lattice is tried.
SLOWEST = 2.0**19
#: Half the change by which the sensitivity of a real number is probed.
PROBE = 0.05

Objective = Callable[["ChainResult"], float]


@dataclass(frozen=True)
class Evaluation:
    """One chain that the search looked at.

    Parameters
    ----------
    parameters : mapping
        What was tuned, and to what.
    value : float
        The objective; NaN where no evaluator could answer.
    method : str
        The evaluator.
    """

    parameters: Mapping[str, Any]
    value: float
    method: str


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


def _key(result: ChainResult) -> Score:
    """Secret-key rate, and where there is none, how far from one."""
    share = 1.0 - sum(binary_entropy(min(max(q.value, 0.0), 1.0)) for q in (result.qber_x, result.qber_z))
    return result.secret_key_rate_hz.value, share


def _ranges(over: Any) -> dict[str, Any]:
    """Return what to tune, each with its range."""
    words = f"some of {', '.join(KNOBS)}"
    if isinstance(over, str) or not isinstance(over, (Sequence, Mapping)):
        raise complain(WrongTypeError, NAME, "over", f"a list of {words}", shown(over))
    ranges = dict(over) if isinstance(over, Mapping) else dict.fromkeys(over)
    for name in ranges:
        if name not in KNOBS:
            raise complain(RangeError, NAME, "over", words, shown(name))
    if not ranges:
        raise complain(RangeError, NAME, "over", words, "none")
    ranges = {name: KNOBS[name] if value is None else value for name, value in ranges.items()}
    for name, value in ranges.items():
        if value is None:
            continue
        place = f"over['{name}']"
        if isinstance(value, (str, Mapping)) or not isinstance(value, Sequence):
            raise complain(WrongTypeError, NAME, place, "a list", shown(value))
        if name == "schedule":
            for k, schedule in enumerate(value):
                if not isinstance(schedule, Schedule):
                    raise complain(WrongTypeError, NAME, f"{place}[{k}]", "a schedule", shown(schedule))
            if not value:
                raise complain(RangeError, NAME, place, "at least one schedule", "none")
            continue
        if len(value) != 2:
            raise complain(RangeError, NAME, place, "(least, most)", shown(value))
        if name == "spacing":
            least = integer(NAME, f"{place}[0]", value[0], 1)
            integer(NAME, f"{place}[1]", value[1], least, 4096)
        else:
            top = OF_LINKS[name][1] if name in OF_LINKS else math.inf
            low = real(NAME, f"{place}[0]", value[0])
            # No cut-off is a cut-off for ever.
            high = math.inf if value[1] == math.inf else real(NAME, f"{place}[1]", value[1])
            if not 0.0 < low <= high <= top:
                limit = f"{top:g}" if math.isfinite(top) else "infinity"
                raise complain(RangeError, NAME, place, f"0 < least <= most <= {limit}", shown(value))
    return ranges


@dataclass
class _Tuned:
    """The best knobs for one schedule and one number of segments."""

    score: Score
    knobs: tuple[float, ...]
    base: RepeaterChain
    step: float
    sampling: bool


@dataclass
class _Search:
    chain: RepeaterChain
    objective: Any
    over: Any
    pairs: int
    rng: object
    trace: list[Evaluation] = field(default_factory=list)
    seen: dict[RepeaterChain, tuple[Score, ChainResult | None]] = field(default_factory=dict)
    #: Whether the chain that is tuned has no lattice, even without cut-offs.
    sampling: bool = False

    def __post_init__(self) -> None:
        named: dict[str, Callable[[ChainResult], Score]] = {
            "secret_key_rate": _key,
            "rate": lambda r: (r.rate_hz.value, 0.0),
        }
        if callable(self.objective):
            own = self.objective
            self.score_of: Callable[[ChainResult], Score] = lambda r: (_finite(own(r)), 0.0)
            self.name = getattr(own, "__name__", "objective")
        elif isinstance(self.objective, str):
            if self.objective not in named:
                known = ", ".join(f"'{name}'" for name in named)
                raise complain(
                    RangeError, NAME, "objective", f"one of {known}, or a function of a result", shown(self.objective)
                )
            self.score_of, self.name = named[self.objective], self.objective
        else:
            raise complain(WrongTypeError, NAME, "objective", "a name or a function", shown(self.objective))
        self.ranges = _ranges(self.over)
        self.pairs = integer(NAME, "pairs", self.pairs, 100)
        self.root = root_seed(self.rng, NAME)
        links = self.chain.links
        #: The knob that all links share, if one is tuned; links are of one kind.
        self.shared = next((name for name in OF_LINKS if name in self.ranges), None)
        for name, (kind, _) in OF_LINKS.items():
            if name not in self.ranges:
                continue
            for k, link in enumerate(links):
                if not isinstance(link, kind):
                    raise complain(
                        WrongTypeError,
                        NAME,
                        f"links[{k}]",
                        f"a {kind.__name__} link to tune {name}",
                        type(link).__name__,
                    )
                if getattr(link, name) is None:
                    raise complain(
                        RangeError, NAME, f"links[{k}].{name}", f"given, to tune {name}", "pair_probability instead"
                    )
        if "spacing" in self.ranges:
            if not isinstance(getattr(links[0], "fiber", None), Fiber):
                raise complain(
                    WrongTypeError, NAME, "links[0]", "a link with a fibre to tune spacing", type(links[0]).__name__
                )
            self.length_km = sum(link.fiber.length_km for link in links)  # type: ignore[attr-defined]
            first = self._of_length(1.0, links[0])
            for k, link in enumerate(links):
                if type(link) is not type(links[0]) or self._of_length(1.0, link) != first:
                    raise complain(
                        RangeError,
                        NAME,
                        f"links[{k}]",
                        "as links[0] but for the length of its fibre to tune spacing",
                        "another link",
                    )

    # Asking.

    def ask(self, chain: RepeaterChain, parameters: Mapping[str, Any]) -> tuple[Score, ChainResult | None]:
        """Evaluate a chain, once."""
        if chain in self.seen:
            return self.seen[chain]
        answer: tuple[Score, ChainResult | None]
        try:
            result = self._evaluate(chain, self.root)
            answer = (self.score_of(result), result)
            self.trace.append(Evaluation(parameters, answer[0][0], result.method))
        except TooLargeError:
            answer = ((-math.inf, -math.inf), None)
            self.trace.append(Evaluation(parameters, math.nan, "too large"))
        self.seen[chain] = answer
        return answer

    def _evaluate(self, chain: RepeaterChain, root: int, tolerance: float = TOLERANCE) -> ChainResult:
        slowest = max(1.0 / max(link.physics["success_probability"], 1e-300) for link in chain.links)
        if not self.sampling and slowest < SLOWEST and states(chain) < MOST_STATES:
            try:
                return chain.exact(tolerance=tolerance)
            except SpecError as refused:
                if not refused.object.startswith("RepeaterChain.exact"):
                    raise
                if refused.parameter == "lattice" and chain.schedule != _with_cutoffs(chain.schedule, ()):
                    # The chain fits without cut-offs: with them it waits too long to be an optimum.
                    raise
        return chain.sample(self.pairs, rng=root)

    # Chains.

    def _of_length(self, length_km: float, link: Any) -> Any:
        return link.replace(fiber=link.fiber.replace(length_km=length_km))

    def base(self, schedule: Schedule, segments: int | None) -> RepeaterChain:
        """Return the chain with this schedule and number of segments, and no cut-offs if they are tuned."""
        if "cutoffs_s" in self.ranges:
            schedule = _with_cutoffs(schedule, ())
        changes: dict[str, Any] = {"schedule": schedule}
        if segments is not None:
            link = self._of_length(self.length_km / segments, self.chain.links[0])
            changes["links"] = [link] * segments
        made: RepeaterChain = self.chain.replace(**changes)
        return made

    def levels(self, base: RepeaterChain) -> int:
        """Return how many cut-offs there are to tune."""
        return _levels(base.schedule, len(base.links)) if "cutoffs_s" in self.ranges else 0

    def build(self, base: RepeaterChain, step: float, knobs: Sequence[float]) -> tuple[RepeaterChain, dict[str, Any]]:
        """Return the chain with these knobs, and what they are called."""
        said: dict[str, Any] = {}
        changes: dict[str, Any] = {}
        if "schedule" in self.ranges:
            said["schedule"] = type(base.schedule).__name__
        if "spacing" in self.ranges:
            said["spacing"] = len(base.links)
        rest = list(knobs)
        if self.shared is not None:
            said[self.shared] = rest.pop(0)
            first = base.links[0]
            # Equal links stay one object, which is computed and told once.
            made = first.replace(**{self.shared: said[self.shared]})
            changes["links"] = [
                made if link is first else link.replace(**{self.shared: said[self.shared]}) for link in base.links
            ]
        if "cutoffs_s" in self.ranges:
            said["cutoffs_s"] = tuple(step * steps for steps in rest)
            if rest:
                changes["schedule"] = _with_cutoffs(base.schedule, said["cutoffs_s"])
        return (base.replace(**changes) if changes else base), said

    # Searching.

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
            needs = [max(fewest, math.ceil(need * slowest / step)) for need in _needs(base.schedule, levels)]
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
            if self.score_of is _key and result.rate_hz.value < best[0]:
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


def _finite(value: object) -> float:
    number = float(value)  # type: ignore[arg-type]
    return -math.inf if math.isnan(number) else number


def _change(value: float, at: float) -> float:
    return (value - at) / at if at else math.nan


def _with_cutoffs(schedule: Schedule, cutoffs: Sequence[float]) -> Schedule:
    """Return a schedule with these cut-offs in seconds, infinite ones for none; an empty list takes all away."""
    changed: Schedule
    if isinstance(schedule, SwapAsap):
        changed = schedule.replace(cutoff_s=cutoffs[0] if cutoffs and math.isfinite(cutoffs[0]) else None)
    else:
        changed = schedule.replace(cutoffs_s=() if all(map(math.isinf, cutoffs)) else tuple(cutoffs))
    return changed


def _levels(schedule: Schedule, links: int) -> int:
    """Return how many cut-offs a schedule takes."""
    if isinstance(schedule, Tree):
        return _depth(schedule.tree)
    if links == 1 or isinstance(schedule, SwapAsap):
        return int(links > 1)
    return links - 1 if isinstance(schedule, Sequential) else links.bit_length() - 1


def _needs(schedule: Schedule, levels: int) -> list[int]:
    """Return how many links one after another each cut-off has to leave time for, or nothing would ever be kept."""
    needs = [0] * levels
    if getattr(schedule, "start", "") != "one-after-another":
        return needs

    def walk(tree: Any) -> tuple[int, int]:
        if not isinstance(tree, tuple):
            return 0, 1
        (a, left), (b, right) = map(walk, tree)
        level = max(a, b)
        needs[level] = max(needs[level], right)
        return level + 1, left + right

    if isinstance(schedule, Tree):
        walk(schedule.tree)
        return needs
    # Link after link.
    return [1] * levels


def _depth(tree: Any) -> int:
    return 1 + max(map(_depth, tree)) if isinstance(tree, tuple) else 0
