"""What an answer would cost: seconds of one core for a chain's exact lattice, and for the samples of an accuracy.

Rough on purpose, to a factor of two or three: constants were fitted on one machine, and only their ratios matter. Knows
how the cost of each route grows; solves nothing, and draws a few pairs to learn how long the chain waits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ebit.estimates import NORMAL_95
from ebit.schedules import Nested, SwapAsap

if TYPE_CHECKING:
    from ebit.chain import RepeaterChain

__all__ = ["Prediction", "predict"]

#: Pairs that are drawn to learn the mean and the spread; seed 0, so that a chain always gets the same prediction.
PILOT = 256
#: States that a table has room for.
MAX_STATES = 2e6
#: Bytes of one step of a lattice, and what there is: as the native evaluators count them.
BYTES_PER_STEP, MAX_BYTES = 8.0 * 60.0, 4e9
#: Seconds per unit of each route.
SERIES_S, TRANSFER_S, WAITING_ENDS_S, RUNS_S, GENERATION_S = 8e-9, 20e-9, 1e-9, 1e-9, 50e-9
#: Seconds per state of an absorbing Markov chain: to find what may come of it, and to take it one step on.
STATE_S, STATE_STEP_S = 10e-6, 50e-9


@dataclass(frozen=True)
class Prediction:
    """Seconds of one core that each evaluator would take.

    Parameters
    ----------
    exact_s : float
        Infinite where there is no exact method, or its lattice would not fit.
    steps : float
        Of the lattice.
    sample_s : float
    pairs : float
        That the accuracy asks for.
    """

    exact_s: float
    steps: float
    sample_s: float
    pairs: float

    def __str__(self) -> str:
        exact = (
            f"about {self.exact_s:.1g} s for {self.steps:.2g} steps" if math.isfinite(self.exact_s) else "not possible"
        )
        return f"predicted: exact {exact}, sample about {self.sample_s:.1g} s for {self.pairs:.2g} pairs"


def predict(chain: RepeaterChain, rel: float, tolerance: float) -> Prediction | None:
    """Return what each evaluator would cost; None for chains whose cost is not known beforehand."""
    known = isinstance(chain.schedule, (Nested, SwapAsap)) and chain.encoding is None
    if not known or any(_uneven(link) for link in chain.links):
        return None
    waits = chain.sample(PILOT, rng=0, threads=1).pairs["waiting_time_s"]
    mean, spread = float(waits.mean()), float(waits.std(ddof=1))
    pairs = max(1.0, (NORMAL_95 * spread / (mean * rel)) ** 2)
    first = max(link.physics["attempt_time_s"] / link.physics["success_probability"] for link in chain.links)
    # Whatever takes longer than the slowest link has started over.
    generations = len(chain.links) * max(1.0, mean / first)
    steps = max(2.0, mean / _step_s(chain) * math.log(1.0 / tolerance))
    if isinstance(chain.schedule, SwapAsap) and states(chain) == 0.0:
        # Nothing starts over: the slowest link decides.
        steps = max(2.0, first / _step_s(chain) * math.log(len(chain.links) / tolerance))
    fits = steps * BYTES_PER_STEP <= MAX_BYTES
    return Prediction(_exact_s(chain, steps) if fits else math.inf, steps, pairs * generations * GENERATION_S, pairs)


def _uneven(link: Any) -> bool:
    """Whether attempts of a link differ in length."""
    return getattr(link, "negotiation", "herald") != "herald"


def _step_s(chain: RepeaterChain) -> float:
    """Return the common divisor of all durations, counted in picoseconds as the lattices do."""
    durations = [link.physics["attempt_time_s"] for link in chain.links] + [chain.swap.duration_s]
    if isinstance(chain.schedule, Nested):
        durations += [cutoff for cutoff in chain.schedule.cutoffs_s if math.isfinite(cutoff)]
    elif chain.schedule.cutoff_s is not None:  # type: ignore[attr-defined]
        durations.append(chain.schedule.cutoff_s)  # type: ignore[attr-defined]
    return math.gcd(*(round(1e12 * seconds) for seconds in durations)) / 1e12


def _exact_s(chain: RepeaterChain, steps: float) -> float:
    """Return the seconds of a lattice; infinite without an exact method."""
    links = len(chain.links)
    equal = all(link == chain.links[0] for link in chain.links)
    parts = 2.0 if chain.memory.t1_s is not None else 1.0
    if isinstance(chain.schedule, Nested):
        rounds = sum(chain.schedule.distill)
        merges = max(1.0, math.log2(links) if equal else links - 1.0)
        return parts * SERIES_S * steps * math.log2(steps) * (merges + rounds)
    if chain.swap.duration_s > 0.0 and links > 1:
        return math.inf
    if states(chain) == 0.0:
        kernels = WAITING_ENDS_S * steps**2 * links if chain.end_memory == "store" else TRANSFER_S * steps * links
        runs = RUNS_S * steps * (links**3 / 6 + 20 * links)
        return runs * parts if chain.memory.t1_s is not None else min(kernels, runs)
    count = states(chain)
    return count * (STATE_S + STATE_STEP_S * steps) if count < MAX_STATES else math.inf


def states(chain: RepeaterChain) -> float:
    """Return about how many states a chain under swap-asap has that is solved by them; 0 for others."""
    schedule, links = chain.schedule, len(chain.links)
    if not isinstance(schedule, SwapAsap):
        return 0.0
    slots = chain.memory.slots if schedule.slots_used == "all" else 1
    if schedule.cutoff_s is None and slots == 1 and (links == 1 or chain.swap.success_probability == 1.0):
        return 0.0
    ages = 1.0 if schedule.cutoff_s is None else max(1.0, schedule.cutoff_s / _step_s(chain))
    labels = 2.0 if chain.memory.t1_s is None else 5.0
    phases = [max(1.0, link.physics["attempt_time_s"] / _step_s(chain)) for link in chain.links]
    # Ways to lay segments on the links, none next to another: those that end with an empty link, and the others.
    empty, laid = [1.0], [0.0]
    for k, phase in enumerate(phases):
        laid.append(sum(empty) * labels * ages)
        empty.append((empty[k] + laid[k]) * phase)
    return float(min(1e300, (empty[-1] + laid[-1]) ** slots))
