"""The same run gives the same bits: on every machine, for any number of threads, split over replicas."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from scenarios import SCENARIOS, digest, run

import ebit

HASHES = json.loads(Path(__file__).with_name("hashes.json").read_text(encoding="utf-8"))


def test_every_scenario_is_remembered() -> None:
    assert list(HASHES) == list(SCENARIOS)
    assert len(set(HASHES.values())) == len(HASHES)


@pytest.mark.parametrize("threads", [1, 2, 4])
@pytest.mark.parametrize("name", SCENARIOS)
def test_digest(name: str, threads: int) -> None:
    results = SCENARIOS[name](threads)
    assert all(r.pairs.count > 0 for r in results)
    assert len(results.events["time_s"]) > 0
    assert digest(results) == HASHES[name], "a deliberate change? python tests/golden/generate.py"


def test_scenarios_are_what_their_names_say() -> None:
    results = {name: make(None) for name, make in SCENARIOS.items()}
    assert results["density_matrix"].formalism == "density-matrix"
    assert results["chain_restart"].formalism == "bell-diagonal"
    assert results["per_attempt"].method == "event-driven (per-attempt)"
    assert results["message_loss"].events.counts["lost_messages"] > 0
    assert results["cut_offs"].events.counts["dropped"] > 0
    assert results["pipelined_delay"].events.counts["messages"] > 0
    assert len(results["contention"]) == 3


def test_digest_sees_one_bit() -> None:
    link = ebit.HeraldedLink(success_probability=0.5, attempt_time_s=1e-3)
    net = ebit.Network.chain(nodes=2, link=link, memory=ebit.Memory.perfect())
    results = run(net, ebit.Request("n0", "n1", pairs=3))
    before = digest(results)
    assert digest(run(net, ebit.Request("n0", "n1", pairs=3))) == before
    column = results[0].pairs["fidelity"]
    column.view("u8")[1] ^= 1
    assert digest(results) != before
