"""The engine against the reference simulator on streams of their own: means of random chains.

For each chain the mean waiting time, fidelity and both error rates are compared. False-alarm rate: 1e-6 per comparison
(|z| < 4.9 for a normal statistic; Student's t of the batches is used, at the same rate), 4 x 48 comparisons: 2e-4.

What can be detected is measured, not hoped for: ``DETECTABLE`` bounds 4.9 standard errors of each difference, and a
comparison that could not see that much fails. Fidelity and error rates (absolute) are seen to 0.5 % or better. Waiting times scatter with a standard deviation of about half their mean; what the reference can afford sees 1 % of it only
because its own draws are regressed out: the surplus of successes over their expectation, per link and node, has
expectation zero at every instant, and explains most of the scatter. It explains least where four links share swaps that
fail or cut-offs that strike: 16 of the 48 waiting times are seen to between 1 % and 3.5 % only. The replay of the engine's
own luck (``test_network_replay``) has no such limit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from chains import network, random_chain, request
from reference_network import MICROSECOND, Chain, Draws, Simulator, states
from scipy import stats

import ebit

FALSE_ALARM = 1e-6
BATCHES = 120
REPLICAS = 60
#: Attempts and other events of the reference per chain.
EVENTS = 90_000
#: 4.9 standard errors: relative for the waiting time, absolute for the others.
DETECTABLE = {"waiting_time_s": 0.035, "fidelity": 0.005, "qber_x": 0.005, "qber_z": 0.005}

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
    {"restart": False, "slots": 2, "delay": True, "relaxing": True, "links": 3, "count": 2, "effort": 0.3},
]
CHAINS = [(k, trial) for k, kind in enumerate(KINDS) for trial in range(kind["count"])]


@dataclass
class Mean:
    value: np.ndarray
    stderr: np.ndarray
    freedom: float


def reference(chain: Chain, seed: int, effort: float) -> Mean:
    pilot = Simulator(chain, Draws(chain, seed + 1_000_000))
    for _ in pilot.run(100):
        pass
    per_batch = max(20, int(effort * EVENTS * 100 / next(pilot.counter)) // BATCHES)
    draws = Draws(chain, seed)
    simulator = Simulator(chain, draws)
    deliveries, surprises, instants = [], [np.zeros(len(draws.surprise))], [0]
    for delivery in simulator.run(per_batch * BATCHES):
        deliveries.append(delivery)
        if len(deliveries) % per_batch == 0:
            surprises.append(np.array(draws.surprise))
            instants.append(delivery.time)
    waiting = np.diff(instants) * MICROSECOND / per_batch
    read = states(chain, deliveries).reshape(BATCHES, per_batch, 3).mean(axis=1)
    y = np.column_stack([waiting, read])
    x = np.diff(surprises, axis=0)
    x = x[:, x.any(axis=0)]
    design = np.column_stack([np.ones(BATCHES), x])
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ design.T @ y
    freedom = BATCHES - design.shape[1]
    residual = ((y - design @ coefficients) ** 2).sum(axis=0) / freedom
    return Mean(coefficients[0], np.sqrt(residual * inverse[0, 0]), freedom)


def engine(chain: Chain, seed: int) -> Mean:
    pairs = 10_000
    result = ebit.simulate(network(chain), [request(chain, pairs)], replicas=REPLICAS, rng=seed, threads=1)[0]
    columns = [result.pairs[name].reshape(REPLICAS, pairs).mean(axis=1) for name in DETECTABLE]
    y = np.column_stack(columns)
    return Mean(y.mean(axis=0), y.std(axis=0, ddof=1) / np.sqrt(REPLICAS), REPLICAS - 1)


@pytest.mark.parametrize(("kind", "trial"), CHAINS)
def test_means_agree(kind: int, trial: int) -> None:
    rng = np.random.default_rng([11, kind, trial])
    options = {name: value for name, value in KINDS[kind].items() if name not in ("count", "effort")}
    chain = random_chain(rng, **options, success=(0.5, 0.9), swaps=[0.7, 0.85, 1.0], patience=(4, 9))
    effort = KINDS[kind].get("effort", 1.0)
    a, b = reference(chain, 100 * kind + trial, effort), engine(chain, int(rng.integers(2**63)))
    stderr = np.hypot(a.stderr, b.stderr)
    freedom = stderr**4 / np.maximum(a.stderr**4 / a.freedom + b.stderr**4 / b.freedom, 1e-300)
    difference = b.value - a.value
    limit = stats.t.isf(FALSE_ALARM / 2, freedom)
    scale = np.array([a.value[0], 1.0, 1.0, 1.0])
    # Times that do not vary at all must agree to rounding.
    assert np.all(np.abs(difference) <= limit * stderr + 1e-12), (difference / np.maximum(stderr, 1e-300)).round(2)
    detectable = 4.9 * stderr / scale
    assert np.all(detectable <= list(DETECTABLE.values())), detectable
