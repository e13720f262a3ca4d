"""Networks of keys: links that fill key stores, and sites that draw keys through nodes between them.

Each link of an ``ebit.Network`` runs a protocol of this package and fills a store. A key for two distant sites is
relayed: every node on the way publishes the XOR of the keys of its two links. Whoever must not be trusted with a whole
key can be given a share of it: the XOR of shares over paths that have no node in common.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ebit import _core
from ebit._arguments import real, shown
from ebit._rng import root_seed
from ebit.channels import Fiber
from ebit.errors import NoRouteError, RangeError, WrongTypeError, complain
from ebit.network import Network
from ebit.qkd.key_day import KeyDay
from ebit.qkd.key_demand import KeyDemand, Outage, node_number
from ebit.simulate import Progress, progress_bar

__all__ = ["KeyNetwork", "relay_key"]

Bits = NDArray[np.bool_]
_T = TypeVar("_T")


def relay_key(keys: Sequence[ArrayLike]) -> tuple[Bits, list[Bits]]:
    """Carry the key of the first link of a path to its last node.

    Node ``i`` publishes k_i XOR k_(i+1); the last node takes its own link's key and XORs all announcements to it.

    Parameters
    ----------
    keys : list of bool arrays
        The key of each link along the path, all of one length.

    Returns
    -------
    (bool array, list of bool arrays)
        The key as the last node recovers it, and what the nodes between published.

    Examples
    --------
    >>> key, published = relay_key([[True, False], [True, True], [False, True]])
    >>> key, published
    (array([ True, False]), [array([False,  True]), array([ True, False])])
    """
    if not isinstance(keys, Iterable):
        raise complain(WrongTypeError, "relay_key", "keys", "a list of bool arrays, one a link", shown(keys))
    rows = [_row(k, key) for k, key in enumerate(keys)]
    if not rows:
        raise complain(RangeError, "relay_key", "keys", "one key a link, at least one", "none")
    for k, row in enumerate(rows):
        if len(row) != len(rows[0]):
            words = f"{len(rows[0])} bits long, as keys[0]"
            raise complain(RangeError, "relay_key", f"keys[{k}]", words, f"{len(row)} bits")
    published = [a ^ b for a, b in itertools.pairwise(rows)]
    key = rows[-1].copy()
    for announcement in published:
        key ^= announcement
    return key, published


def _row(k: int, key: ArrayLike) -> Bits:
    try:
        row = np.asarray(key)
    except ValueError:
        raise complain(WrongTypeError, "relay_key", f"keys[{k}]", "a bool array", shown(key)) from None
    if row.dtype != np.bool_ or row.ndim != 1:
        value = f"{row.dtype} of shape {row.shape}"
        raise complain(WrongTypeError, "relay_key", f"keys[{k}]", "a bool array", value)
    return row


class KeyNetwork:
    """A network whose links make keys.

    Parameters
    ----------
    network : Network
        Its nodes and links, with their fibre lengths.
    system : protocol, float or sequence of float
        What every link runs, on its own fibre: a protocol of ``ebit.qkd``; or secret bits per second, for all links or
        for each.
    capacity_bits : float
        Of each link's key store.
    initial_bits : float
        In each store at the beginning; what is beyond its capacity counts as spilt.

    Examples
    --------
    >>> from ebit import HeraldedLink, Memory
    >>> link = HeraldedLink(success_probability=0.1, attempt_time_s=1e-3)
    >>> net = Network.chain(nodes=4, link=link, memory=Memory.perfect(), length_km=25.0)
    >>> day = KeyNetwork(net, 1000.0).simulate([KeyDemand.aes("n0", "n3")], until_s=3600.0, rng=1)
    >>> int(day.served[0]), sorted(day.trusted(0)[0])
    (59, ['n1', 'n2'])
    """

    def __init__(self, network: Network, system: Any, *, capacity_bits: float = 1e9, initial_bits: float = 0.0) -> None:
        if not isinstance(network, Network):
            raise complain(WrongTypeError, "KeyNetwork", "network", "a Network", shown(network))
        self.network = network
        self.capacity_bits = _bits("capacity_bits", capacity_bits)
        self.initial_bits = _bits("initial_bits", initial_bits)
        document = network.to_dict()["links"]
        self._ends = list(zip(document["a"], document["b"], strict=True))
        self._lengths = document["length_km"]
        self.bits_per_s = self._rates(system)

    def _rates(self, system: Any) -> NDArray[np.float64]:
        count = len(self._ends)
        if hasattr(system, "key_rate_hz") and not isinstance(system, type):
            missing = [k for k, length in enumerate(self._lengths) if length is None]
            if missing:
                words = "given for every link: a protocol runs on its fibre"
                raise complain(WrongTypeError, f"links[{missing[0]}]", "length_km", words, "None")
            fiber = getattr(system, "fiber", None)
            if not isinstance(fiber, Fiber):
                raise complain(WrongTypeError, "KeyNetwork", "system.fiber", "a Fiber", shown(fiber))
            rate = {}
            for length in set(self._lengths):
                line = system.replace(fiber=fiber.replace(length_km=length))
                rate[length] = float(line.key_rate_hz().value)
            return np.array([rate[length] for length in self._lengths], dtype=float)
        try:
            given = np.asarray(system)
        except ValueError:
            given = np.array(None)
        # Neither None nor True is a rate, nor is a text.
        if given.dtype.kind not in "iuf" or given.shape not in ((), (count,)):
            words = f"a protocol, a number of bits per second, or {count} of them"
            hint = "an object, not its class" if isinstance(system, type) else ""
            raise complain(WrongTypeError, "KeyNetwork", "system", words, shown(system), hint)
        rates = given.astype(float)
        if not np.isfinite(rates).all() or (rates < 0).any():
            raise complain(RangeError, "KeyNetwork", "system", "finite and >= 0 bits per second", shown(system))
        return np.broadcast_to(rates, (count,)).copy()

    def simulate(
        self,
        demands: Iterable[KeyDemand],
        until_s: float = 86_400.0,
        *,
        outages: Iterable[Outage] = (),
        mean_time_to_failure_s: float = math.inf,
        mean_time_to_repair_s: float = 0.0,
        rng: object = None,
        progress: Progress = None,
    ) -> KeyDay:
        """Run the network: keys are asked for, drawn along their paths, waited for, or refused.

        A key of n bits takes n bits from every link of every path that carries a share of it, at one instant.

        Parameters
        ----------
        demands : iterable of KeyDemand
        until_s : float
            Simulated time.
        outages : iterable of Outage
            That are known.
        mean_time_to_failure_s, mean_time_to_repair_s : float
            Links also fail at random, exponentially.
        rng : int, SeedSequence, Generator or None
        progress : bool or callable, optional

        Returns
        -------
        KeyDay

        Raises
        ------
        NoRouteError
            A demand whose sites have fewer node-disjoint paths than it asks for.
        TooLargeError
            Random failures so frequent that they would not fit.
        """
        wanted, known = _all_of("demands", demands, KeyDemand), _all_of("outages", outages, Outage)
        failure = mean_time_to_failure_s
        if not (isinstance(failure, float) and failure == math.inf):
            failure = real("KeyNetwork.simulate", "mean_time_to_failure_s", failure, "> 0")
        document = {
            "nodes": len(self.network.names),
            "links": [
                {
                    "a": a,
                    "b": b,
                    "bits_per_s": float(rate),
                    "capacity_bits": self.capacity_bits,
                    "initial_bits": self.initial_bits,
                    "length_km": 1.0 if length is None else length,
                }
                for (a, b), rate, length in zip(self._ends, self.bits_per_s, self._lengths, strict=True)
            ],
            "demands": [self._demand(k, d) for k, d in enumerate(wanted)],
            "outages": [self._failure(k, o) for k, o in enumerate(known)],
            # As documents spell it.
            "mean_time_to_failure_s": "Infinity" if math.isinf(failure) else failure,
            "mean_time_to_repair_s": real(
                "KeyNetwork.simulate", "mean_time_to_repair_s", mean_time_to_repair_s, "finite and >= 0"
            ),
            "until_s": real("KeyNetwork.simulate", "until_s", until_s, "finite and >= 0"),
        }
        root = root_seed(rng, "KeyNetwork.simulate")
        with progress_bar(progress, "keys") as report:
            raw = _core.qkd_key_network(json.dumps(document), root, report)
        names = self.network.names
        routes = [[[tuple(names[n] for n in path) for path in paths] for paths in sets] for sets in raw["routes"]]
        for k, (demand, sets) in enumerate(zip(wanted, routes, strict=True)):
            if not sets:
                words = f"joined by {demand.paths} paths without a common node"
                value = f"'{demand.source}' and '{demand.target}'"
                raise complain(NoRouteError, f"demands[{k}]", "sites", words, value)
        columns = ("time_s", "demand", "route", "waited_s")
        stores = ("initial_bits", "supplied_bits", "drawn_bits", "spilt_bits", "level_bits", "lowest_bits")
        return KeyDay(
            tuple(wanted), raw["requests"], raw["served"], raw["refused"], routes,
            {name: raw[name] for name in columns}, {name: raw[name] for name in stores}, root, raw["until_s"], names,
        )  # fmt: skip

    def _demand(self, k: int, demand: KeyDemand) -> Mapping[str, Any]:
        ends = [node_number(f"demands[{k}]", n, getattr(demand, n), self.network.names) for n in ("source", "target")]
        return demand._document(ends[0], ends[1])

    def _failure(self, k: int, outage: Outage) -> Mapping[str, Any]:
        place = f"outages[{k}]"
        if outage.link is not None and outage.link >= len(self._ends):
            raise complain(
                RangeError, place, "link", f"a link of the network (0 to {len(self._ends) - 1})", f"{outage.link}"
            )
        return outage._document(
            None if outage.node is None else node_number(place, "node", outage.node, self.network.names)
        )


def _bits(name: str, value: object) -> float:
    number = real("KeyNetwork", name, value, "finite and >= 0")
    if number < 0.0:
        raise complain(RangeError, "KeyNetwork", name, "finite and >= 0", shown(value))
    return number


def _all_of(name: str, values: object, kind: type[_T]) -> list[_T]:
    """Return what is in an iterable, all of one type."""
    if not isinstance(values, Iterable):
        raise complain(WrongTypeError, "KeyNetwork.simulate", name, f"a list of {kind.__name__}", shown(values))
    out = list(values)
    for k, value in enumerate(out):
        if not isinstance(value, kind):
            article = "an" if kind is Outage else "a"
            raise complain(
                WrongTypeError, "KeyNetwork.simulate", f"{name}[{k}]", f"{article} {kind.__name__}", shown(value)
            )
    return out
