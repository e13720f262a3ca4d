"""Variants of a repeater chain: what they are made of, and what the evaluators say of each, asked once.

Knows which fields a chain has; what to ask for next is the search's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ebit._arguments import integer, shown
from ebit._cutoffs import levels_of, with_cutoffs
from ebit._evaluator_cost import states
from ebit._knobs import NAME, OF_LINKS, ranges_of
from ebit._pattern_search import Score
from ebit._rng import root_seed
from ebit.bounds import binary_entropy
from ebit.channels import Fiber
from ebit.errors import RangeError, SpecError, TooLargeError, WrongTypeError, complain
from ebit.schedules import Schedule

if TYPE_CHECKING:
    from ebit.chain import RepeaterChain
    from ebit.chain_result import ChainResult

__all__ = ["Evaluation", "Variants", "key_score"]

#: Mass beyond the lattices of the search; the result's own is that of ``exact``.
TOLERANCE = 1e-7
#: States of a chain from which on a sample is sooner there than their table.
MOST_STATES = 3e4
#: Mean attempts of a link from which on no lattice is tried.
SLOWEST = 2.0**19


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


@dataclass
class Variants:
    """A chain with its knobs: variants of it are built, and each is evaluated once."""

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
            "secret_key_rate": key_score,
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
        self.ranges = ranges_of(self.over)
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
                if refused.parameter == "lattice" and chain.schedule != with_cutoffs(chain.schedule, ()):
                    # The chain fits without cut-offs: with them it waits too long to be an optimum.
                    raise
        return chain.sample(self.pairs, rng=root)

    # Chains.

    def _of_length(self, length_km: float, link: Any) -> Any:
        return link.replace(fiber=link.fiber.replace(length_km=length_km))

    def base(self, schedule: Schedule, segments: int | None) -> RepeaterChain:
        """Return the chain with this schedule and number of segments, and no cut-offs if they are tuned."""
        if "cutoffs_s" in self.ranges:
            schedule = with_cutoffs(schedule, ())
        changes: dict[str, Any] = {"schedule": schedule}
        if segments is not None:
            link = self._of_length(self.length_km / segments, self.chain.links[0])
            changes["links"] = [link] * segments
        made: RepeaterChain = self.chain.replace(**changes)
        return made

    def levels(self, base: RepeaterChain) -> int:
        """Return how many cut-offs there are to tune."""
        return levels_of(base.schedule, len(base.links)) if "cutoffs_s" in self.ranges else 0

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
                changes["schedule"] = with_cutoffs(base.schedule, said["cutoffs_s"])
        return (base.replace(**changes) if changes else base), said


def key_score(result: ChainResult) -> Score:
    """Return the secret-key rate, and where there is none, how far from one."""
    share = 1.0 - sum(binary_entropy(min(max(q.value, 0.0), 1.0)) for q in (result.qber_x, result.qber_z))
    return result.secret_key_rate_hz.value, share


def _finite(value: object) -> float:
    number = float(value)  # type: ignore[arg-type]
    return -math.inf if math.isnan(number) else number
