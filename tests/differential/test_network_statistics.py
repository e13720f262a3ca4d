"""The engine against the reference simulator on streams of their own: means of random chains.

For each chain the mean waiting time, fidelity and both error rates are compared. False-alarm rate: 1e-6 per comparison
(|z| < 4.9 for a normal statistic; Student's t of the batches is used, at the same rate), 4 x 50 comparisons: 2e-4.

What can be detected is measured, not hoped for: ``DETECTABLE`` bounds 4.9 standard errors of each difference, and a
comparison that could not see that much fails: 1 % of the waiting time, 0.5 % (absolute) in fidelity and error rates.

Waiting times scatter by about half their mean, so that 1 % would cost the reference a million pairs. But its own luck
is known: the surplus of successes over their expectation, per link and node and per circumstance (``Draws``), has
expectation zero at every instant and explains most of the scatter; it is regressed out over batches of consecutive
pairs. How many pairs a chain needs then is decided by a pilot run, on a stream of its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
from chains import network, random_chain, request
from reference_network import MICROSECOND, Chain, Draws, Simulator, states
from scipy import stats

import ebit

pytestmark = pytest.mark.slow

FALSE_ALARM = 1e-6
BATCHES = 240
REPLICAS = 60
#: Pairs of the reference per batch: in the pilot run, and in the one that counts at least.
SHORT = 20
#: 4.9 standard errors: relative for the waiting time, absolute for the others.
DETECTABLE = {"waiting_time_s": 0.01, "fidelity": 0.005, "qber_x": 0.005, "qber_z": 0.005}
#: Share of it that the reference aims at; the engine and the luck of the pilot take the rest.
SHARE = 0.75

KINDS = [
    {"restart": True, "count": 8},
    {"restart": True, "cutoff": True, "count": 6},
    {"restart": True, "cutoff": True, "duration": True, "lattice": True, "count": 4},
    {"restart": True, "relaxing": True, "count": 4},
    {"restart": False, "slots": 1, "count": 4},
    {"restart": False, "slots": 3, "count": 5},
    {"restart": False, "slots": 2, "cutoff": True, "duration": True, "count": 3},
    {"restart": False, "slots": 1, "delay": True, "count": 4},
    {"restart": False, "slots": 3, "delay": True, "count": 6},
    {"restart": False, "slots": 2, "delay": True, "relaxing": True, "links": 2, "count": 2},
    {"restart": False, "slots": 2, "delay": True, "relaxing": True, "links": 3, "count": 2},
    {"restart": False, "slots": 2, "delay": True, "relaxing": True, "duration": True, "links": 2, "count": 2},
]
CHAINS = [(k, trial) for k, kind in enumerate(KINDS) for trial in range(kind["count"])]


@dataclass
class Mean:
    value: np.ndarray
    stderr: np.ndarray
    freedom: float


def batches(chain: Chain, seed: int, per_batch: int, states_per_batch: int) -> Mean:
    """Means over consecutive pairs; of states over the first pairs of each batch."""
    draws = Draws(chain, seed)
    deliveries, surprises, instants = [], [{}], [0]
    for told, delivery in enumerate(Simulator(chain, draws).run(per_batch * BATCHES)):
        if told % per_batch < states_per_batch:
            deliveries.append(delivery)
        if (told + 1) % per_batch == 0:
            surprises.append(dict(draws.surprise))
            instants.append(delivery.time)
    waiting = np.diff(instants) * MICROSECOND / per_batch
    read = states(chain, deliveries).reshape(BATCHES, states_per_batch, 3).mean(axis=1)
    y = np.column_stack([waiting, read])
    x = np.diff([[row.get(kind, 0.0) for kind in draws.surprise] for row in surprises], axis=0).reshape(BATCHES, -1)
    # What hardly ever happens explains nothing.
    x = x[:, (x != 0.0).sum(axis=0) >= BATCHES / 10]
    design = np.column_stack([np.ones(BATCHES), x])
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ design.T @ y
    freedom = BATCHES - design.shape[1]
    residual = ((y - design @ coefficients) ** 2).sum(axis=0) / freedom
    return Mean(coefficients[0], np.sqrt(residual * inverse[0, 0]), freedom)


def scale(mean: Mean) -> np.ndarray:
    """What one percent, or one unit, is one of."""
    return np.array([mean.value[0], 1.0, 1.0, 1.0])


def reference(chain: Chain, seed: int) -> Mean:
    pilot = batches(chain, seed + 1_000_000, SHORT, SHORT)
    needed = (4.9 * pilot.stderr / scale(pilot) / (SHARE * np.array(list(DETECTABLE.values())))) ** 2
    pairs, states_read = max(1.0, needed[0]), max(1.0, needed[1:].max())
    return batches(chain, seed, math.ceil(SHORT * max(pairs, states_read)), math.ceil(SHORT * states_read))


def engine(chain: Chain, seed: int) -> Mean:
    pairs = 10_000
    result = ebit.simulate(network(chain), [request(chain, pairs)], replicas=REPLICAS, rng=seed, threads=1)[0]
    columns = [result.pairs[name].reshape(REPLICAS, pairs).mean(axis=1) for name in DETECTABLE]
    y = np.column_stack(columns)
    return Mean(y.mean(axis=0), y.std(axis=0, ddof=1) / np.sqrt(REPLICAS), REPLICAS - 1)


@pytest.mark.parametrize(("kind", "trial"), CHAINS)
def test_means_agree(kind: int, trial: int) -> None:
    rng = np.random.default_rng([11, kind, trial])
    options = {name: value for name, value in KINDS[kind].items() if name != "count"}
    chain = random_chain(rng, **options, success=(0.5, 0.9), swaps=[0.7, 0.85, 1.0], patience=(4, 9))
    a, b = reference(chain, 100 * kind + trial), engine(chain, int(rng.integers(2**63)))
    stderr = np.hypot(a.stderr, b.stderr)
    freedom = stderr**4 / np.maximum(a.stderr**4 / a.freedom + b.stderr**4 / b.freedom, 1e-300)
    difference = b.value - a.value
    limit = stats.t.isf(FALSE_ALARM / 2, freedom)
    # Times that do not vary at all must agree to rounding.
    assert np.all(np.abs(difference) <= limit * stderr + 1e-12), (difference / np.maximum(stderr, 1e-300)).round(2)
    detectable = 4.9 * stderr / scale(a)
    assert np.all(detectable <= list(DETECTABLE.values())), detectable
