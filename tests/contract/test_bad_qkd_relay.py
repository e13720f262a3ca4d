"""Networks of keys: mistakes are named where they are typed, with object, parameter, range and value."""

# Tables read best with a mistake per line.
# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import ebit
from ebit import qkd
from ebit.errors import NoRouteError, RangeError, SpecError, TooLargeError, WrongTypeError
from ebit.qkd import KeyDemand, KeyNetwork, Outage

LINK = ebit.HeraldedLink(success_probability=0.1, attempt_time_s=1e-3)
NET = ebit.Network.chain(nodes=3, link=LINK, memory=ebit.Memory.perfect(), length_km=25.0)
KEYS = KeyNetwork(NET, 1000.0)
DAY = KEYS.simulate([KeyDemand.aes("n0", "n2")], 600.0, rng=1)
LINE: dict[str, Any] = {"fiber": ebit.Fiber(50.0), "receiver_efficiency": 0.1}

Row = tuple[Callable[[], object], type[SpecError], str, str, str, str]


def wanted(**more: Any) -> KeyDemand:
    return KeyDemand(**({"source": "n0", "target": "n2", "bits": 256.0, "every_s": 60.0} | more))


def simulate(demands: Any = (), **more: Any) -> qkd.KeyDay:
    return KEYS.simulate(demands, **({"until_s": 600.0, "rng": 1} | more))


MISTAKES: list[Row] = [
    (lambda: KeyNetwork(NET, 1.0, capacity_bits=-1.0), RangeError, "KeyNetwork", "capacity_bits", "finite and >= 0", "-1.0"),
    (lambda: KeyNetwork(NET, 1.0, initial_bits=-1.0), RangeError, "KeyNetwork", "initial_bits", "finite and >= 0", "-1.0"),
    (lambda: KeyNetwork(NET, 1.0, capacity_bits=np.nan), RangeError, "KeyNetwork", "capacity_bits", "finite and >= 0", "nan"),
    (lambda: KeyNetwork(NET, None), WrongTypeError, "KeyNetwork", "system", "a protocol, a number of bits per second, or 2 of them", "None"),
    (lambda: KeyNetwork(NET, True), WrongTypeError, "KeyNetwork", "system", "a protocol", "True"),
    (lambda: KeyNetwork(NET, "5"), WrongTypeError, "KeyNetwork", "system", "a protocol", "'5'"),
    (lambda: KeyNetwork(NET, [[1.0], [1.0, 2.0]]), WrongTypeError, "KeyNetwork", "system", "a protocol", "[[1.0]"),
    (lambda: KeyNetwork(NET, qkd.BB84), WrongTypeError, "KeyNetwork", "system", "a protocol", "BB84"),
    (lambda: KeyNetwork(NET, [1.0, -1.0]), RangeError, "KeyNetwork", "system", "finite and >= 0 bits per second", "[1.0, -1.0]"),
    (lambda: wanted(source=0), WrongTypeError, "KeyDemand", "source", "the name of a node", "0"),
    (lambda: wanted(target="n0"), RangeError, "KeyDemand", "target", "another site than the source", "'n0'"),
    (lambda: wanted(bits=0.0), RangeError, "KeyDemand", "bits", "finite and > 0", "0"),
    (lambda: wanted(bits="many"), WrongTypeError, "KeyDemand", "bits", "a finite number", "'many'"),
    (lambda: wanted(every_s=0.0), RangeError, "KeyDemand", "every_s", "in [1e-6, ", "0"),
    (lambda: wanted(every_s=-1.0), RangeError, "KeyDemand", "every_s", "in [1e-6, ", "-1"),
    (lambda: wanted(reserve=1.5), RangeError, "KeyDemand", "reserve", "in [0, 1]", "1.5"),
    (lambda: wanted(patience_s=-1.0), RangeError, "KeyDemand", "patience_s", "in [0, ", "-1"),
    (lambda: wanted(paths=0), RangeError, "KeyDemand", "paths", "an integer in [1, 16]", "0"),
    (lambda: wanted(alternatives=17), RangeError, "KeyDemand", "alternatives", "an integer in [0, 16]", "17"),
    (lambda: wanted(random="yes"), WrongTypeError, "KeyDemand", "random", "True or False", "'yes'"),
    (lambda: KeyDemand.one_time_pad("n0", "n2", bits_per_s=0.0), RangeError, "KeyDemand.one_time_pad", "bits_per_s", "finite and > 0", "0.0"),
    (lambda: KeyDemand.one_time_pad("n0", "n2", bits_per_s="fast"), WrongTypeError, "KeyDemand.one_time_pad", "bits_per_s", "finite and > 0", "'fast'"),  # type: ignore[arg-type]
    (lambda: Outage(0.0, 1.0), RangeError, "Outage", "link or node", "given", "neither"),
    (lambda: Outage(0.0, 1.0, link=0, node="n1"), RangeError, "Outage", "link or node", "given", "both"),
    (lambda: Outage(2.0, 1.0, link=0), RangeError, "Outage", "to_s", "in [2, ", "1"),
    (lambda: Outage(-1.0, 1.0, link=0), RangeError, "Outage", "from_s", "in [0, ", "-1"),
    (lambda: Outage(0.0, 1.0, link=-1), RangeError, "Outage", "link", "an integer in [0, ", "-1"),
    (lambda: Outage(0.0, 1.0, node=1), WrongTypeError, "Outage", "node", "the name of a node", "1"),  # type: ignore[arg-type]
    (lambda: simulate(wanted()), WrongTypeError, "KeyNetwork.simulate", "demands", "a list of KeyDemand", "KeyDemand("),
    (lambda: simulate(["n0"]), WrongTypeError, "KeyNetwork.simulate", "demands[0]", "a KeyDemand", "'n0'"),
    (lambda: simulate([wanted(target="x")]), RangeError, "demands[0]", "target", "a node of the network (n0, n1, n2)", "'x'"),
    (lambda: simulate([wanted(paths=2)]), NoRouteError, "demands[0]", "sites", "joined by 2 paths without a common node", "'n0' and 'n2'"),
    (lambda: simulate([wanted(every_s=1e-6)]), RangeError, "KeyNetwork.simulate", "demands", "fewer than 100000000 keys in all", "6.000e8"),
    (lambda: simulate(outages=Outage(0.0, 1.0, link=0)), WrongTypeError, "KeyNetwork.simulate", "outages", "a list of Outage", "Outage("),
    (lambda: simulate(outages=[1]), WrongTypeError, "KeyNetwork.simulate", "outages[0]", "an Outage", "1"),
    (lambda: simulate(outages=[Outage(0.0, 1.0, link=2)]), RangeError, "outages[0]", "link", "a link of the network (0 to 1)", "2"),
    (lambda: simulate(outages=[Outage(0.0, 1.0, node="x")]), RangeError, "outages[0]", "node", "a node of the network", "'x'"),
    (lambda: simulate(until_s=-1.0), RangeError, "KeyNetwork.simulate", "until_s", "in [0, ", "-1"),
    (lambda: simulate([wanted()], until_s=1e300), RangeError, "KeyNetwork.simulate", "until_s", "in [0, ", "1e300"),
    (lambda: simulate(mean_time_to_failure_s=0.0), RangeError, "KeyNetwork.simulate", "mean_time_to_failure_s", "> 0", "0"),
    (lambda: simulate(mean_time_to_failure_s="never"), WrongTypeError, "KeyNetwork.simulate", "mean_time_to_failure_s", "> 0", "'never'"),
    (lambda: simulate(mean_time_to_repair_s=-1.0), RangeError, "KeyNetwork.simulate", "mean_time_to_repair_s", "finite and >= 0", "-1"),
    (lambda: simulate(mean_time_to_failure_s=1e-6, mean_time_to_repair_s=1e-6), TooLargeError, "KeyNetwork.simulate", "mean_time_to_failure_s", "long enough for at most 1e7 failures", "1e-6: 6.000e8 of them"),
    (lambda: DAY.exposed("n1"), WrongTypeError, "KeyDay.exposed", "dishonest", "a list of node names", "'n1'"),
    (lambda: DAY.exposed(None), WrongTypeError, "KeyDay.exposed", "dishonest", "a list of node names", "None"),  # type: ignore[arg-type]
    (lambda: DAY.exposed(["n1", "zzz"]), RangeError, "KeyDay.exposed", "dishonest[1]", "a node of the network (n0, n1, n2)", "'zzz'"),
    (lambda: DAY.exposed([1]), WrongTypeError, "KeyDay.exposed", "dishonest[0]", "the name of a node", "1"),  # type: ignore[list-item]
    (lambda: DAY.trusted(1), RangeError, "KeyDay.trusted", "demand", "an integer in [0, 0]", "1"),
    (lambda: DAY.trusted(0, 1), RangeError, "KeyDay.trusted", "route", "an integer in [0, 0]", "1"),
    (lambda: simulate().trusted(0), RangeError, "KeyDay.trusted", "demand", "one of the run's demands", "none there"),
    (lambda: qkd.relay_key(None), WrongTypeError, "relay_key", "keys", "a list of bool arrays, one a link", "None"),  # type: ignore[arg-type]
    (lambda: qkd.relay_key([[[True], [True, False]]]), WrongTypeError, "relay_key", "keys[0]", "a bool array", "[[True]"),
    (lambda: qkd.BB84(**LINE).run(10, authenticated="no"), WrongTypeError, "BB84.run", "authenticated", "True or False", "'no'"),
    (lambda: qkd.BB84(**LINE).run(10, per_pulse=1), WrongTypeError, "BB84.run", "per_pulse", "True or False", "1"),
    (lambda: qkd.GG02(**LINE).run(10, authenticated=0), WrongTypeError, "GG02.run", "authenticated", "True or False", "0"),
    (lambda: qkd.GG02(**LINE).run(10, reconcile="no"), WrongTypeError, "GG02.run", "reconcile", "True or False", "'no'"),
]  # fmt: skip


@pytest.mark.parametrize("row", MISTAKES, ids=lambda row: f"{row[2]}-{row[3]}")
def test_mistakes(row: Row) -> None:
    call, kind, object_, parameter, range_, value = row
    with pytest.raises(kind) as caught:
        call()
    error = caught.value
    assert type(error) is kind
    assert (error.object, error.parameter) == (object_, parameter)
    assert range_ in error.range
    assert value in error.value


def test_numbers_of_numpy_are_numbers() -> None:
    demand = wanted(bits=np.int64(256), every_s=np.float32(60.0), random=np.bool_(False), paths=np.int8(1))
    day = KeyNetwork(NET, np.float32(1000.0)).simulate(
        [demand], np.int64(600), outages=[Outage(np.float64(0.0), np.int64(1), link=np.int64(1))],  # type: ignore[arg-type]
        mean_time_to_failure_s=np.float64(np.inf), rng=1,
    )  # fmt: skip
    assert int(day.served[0]) == int(DAY.served[0])


def test_progress_is_told_and_an_error_in_it_stops_the_run() -> None:
    def broken(_: float) -> None:
        raise RuntimeError("from the callback")

    with pytest.raises(RuntimeError, match="from the callback"):
        simulate([wanted()], progress=broken)
    # Random failures alone: seconds to draw, and stopped between two of them.
    with pytest.raises(RuntimeError, match="from the callback"):
        simulate(mean_time_to_failure_s=7e-5, mean_time_to_repair_s=7e-5, progress=broken)
