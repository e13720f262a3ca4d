"""SeQUeNCe as a peer: end-to-end pairs of a Barrett-Kok repeater chain.

The network is put together from SeQUeNCe's own routers, Bell stations, fibres and resource-manager rules:

    n00 ---- b00 ---- n01 ---- b01 ---- n02          n: QuantumRouter, b: BSMNode, one memory per side of a router
     <- hop_km fibre ->

The rules are those its network manager would install for a reservation, less two: purification, which this chain
never uses, and the swap's action, because the stock one fixes `degradation` at 0.95 with no way to change it. The
reservation handshake is skipped. Both make the peer faster. What the protocols then do in time is in MODELS.md.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from time import process_time
from typing import Any

import numpy as np
from sequence.components.optical_channel import ClassicalChannel, QuantumChannel
from sequence.entanglement_management.swapping import EntanglementSwappingA
from sequence.kernel.timeline import Timeline
from sequence.network_management.reservation import Reservation
from sequence.resource_management import action_condition_set as stock
from sequence.resource_management.rule_manager import Rule
from sequence.topology.node import BSMNode, QuantumRouter

LIGHT_M_PER_PS = 2e-4
LOSS_DB_PER_M = 2e-4
DETECTOR = {"efficiency": 0.9, "dark_count": 0}
LINK_FIDELITY = 0.95
FOREVER_PS = 10**22
PHI_PLUS = np.array([1, 0, 0, 1]) / np.sqrt(2)


@dataclass
class Chain:
    """The parts of a chain that a run needs."""

    timeline: Timeline
    routers: list[QuantumRouter]


class Delivery:
    """The application at an end node: counts and notes end-to-end pairs and frees each one's memory at once.

    `overlaps` is shared by both ends. They hear in the same picosecond, and the one that hears second is the one that
    applies the Pauli correction, so its look at the state is the one to keep.
    """

    def __init__(self, node: QuantumRouter, remote: str, pairs: int, overlaps: dict[int, float] | None) -> None:
        self.node, self.remote, self.pairs, self.overlaps = node, remote, pairs, overlaps
        self.times_ps: list[int] = []
        self.fidelities: list[float] = []
        node.set_app(self)

    def get_memory(self, info: Any) -> None:
        """Called by the resource manager for a memory that no rule wants."""
        if info.state != "ENTANGLED" or info.remote_node != self.remote:
            return
        timeline = self.node.timeline
        if self.overlaps is not None:
            ket = timeline.quantum_manager.get(info.memory.qstate_key).state
            self.overlaps[len(self.times_ps)] = abs(np.vdot(PHI_PLUS, ket)) ** 2
        self.times_ps.append(timeline.now())
        self.fidelities.append(info.fidelity)
        if len(self.times_ps) == self.pairs:
            timeline.stop()
        self.node.resource_manager.update(None, info.memory, "RAW")


def swap_action(infos: list[Any], _args: dict[str, Any]) -> Any:
    """The stock swap action with success probability 1 and degradation 1."""
    left, right = infos
    protocol = EntanglementSwappingA(
        None, f"ESA.{left.memory.name}.{right.memory.name}", left.memory, right.memory, success_prob=1, degradation=1
    )
    wanted = [{"target_memo": left.remote_memo}, {"target_memo": right.remote_memo}]
    return protocol, [left.remote_node, right.remote_node], [stock.es_match_func, stock.es_match_func], wanted


def build(nodes: int, hop_km: float, seed: int, stock_swap: bool = False) -> Chain:
    """A chain of `nodes` routers with its rules loaded, ready to run."""
    timeline = Timeline(formalism="ket_vector")
    seeds = iter(int(s) for s in np.random.SeedSequence(seed).generate_state(2 * nodes))
    hop_m = 1000 * hop_km
    memory = {"fidelity": LINK_FIDELITY, "efficiency": 1, "coherence_time": -1}
    routers = []
    for i in range(nodes):
        slots = 1 if i in (0, nodes - 1) else 2
        # Names must rise along the path: the greater name leads the negotiation (MODELS.md).
        router = QuantumRouter(f"n{i:02}", timeline, slots, component_templates={"MemoryArray": memory})
        router.set_seed(next(seeds))
        routers.append(router)
    for i, (a, b) in enumerate(itertools.pairwise(routers)):
        name = f"b{i:02}"
        detectors = {"SingleAtomBSM": {"detectors": [DETECTOR, DETECTOR]}}
        station = BSMNode(name, timeline, [a.name, b.name], component_templates=detectors)
        station.set_seed(next(seeds))
        for end, other in ((a, b), (b, a)):
            end.add_bsm_node(name, other.name)
            QuantumChannel(f"q.{end.name}.{name}", timeline, LOSS_DB_PER_M, hop_m / 2).set_ends(end, name)
            for source, target in ((end, station), (station, end)):
                _messages(timeline, source, target.name, hop_m / 2)
    for i, a in enumerate(routers):
        for j, b in enumerate(routers):
            if i != j:
                _messages(timeline, a, b.name, abs(i - j) * hop_m)
    timeline.init()
    path = [router.name for router in routers]
    reservation = Reservation(path[0], path[-1], 0, FOREVER_PS, 1, 1e-9)
    for i, router in enumerate(routers):
        for rule in _rules(router, i, path, reservation, stock_swap):
            rule.set_reservation(reservation)
            router.resource_manager.load(rule)
    return Chain(timeline, routers)


def _messages(timeline: Timeline, source: Any, target: str, metres: float) -> None:
    delay_ps = round(metres / LIGHT_M_PER_PS)
    ClassicalChannel(f"c.{source.name}.{target}", timeline, metres, delay_ps).set_ends(source, target)


def _rules(node: QuantumRouter, i: int, path: list[str], reservation: Reservation, stock_swap: bool) -> list[Rule]:
    last = len(path) - 1
    slots = list(range(len(node.resource_manager.memory_manager)))
    rules = []
    if i > 0:
        args = {"mid": node.map_to_middle_node[path[i - 1]], "path": path, "index": i}
        rules.append(Rule(10, stock.eg_rule_action_await, stock.eg_rule_condition, args, {"memory_indices": [0]}))
    if i < last:
        args = {"mid": node.map_to_middle_node[path[i + 1]], "path": path, "index": i, "name": node.name}
        args["reservation"] = reservation
        wanted = {"memory_indices": slots[-1:]}
        rules.append(Rule(10, stock.eg_rule_action_request, stock.eg_rule_condition, args, wanted))
    wanted = {"memory_indices": slots, "fidelity": reservation.fidelity}
    if i in (0, last):
        if last > 1:
            wanted["target_remote"] = path[last - i]
            rules.append(Rule(10, stock.es_rule_action_B, stock.es_rule_condition_B_end, {}, wanted))
        return rules
    reach = i & -i  # nested swapping: the largest power of two that divides i
    wanted |= {"left": path[i - reach], "right": path[min(i + reach, last)]}
    action = stock.es_rule_action_A if stock_swap else swap_action
    rules.append(Rule(10, action, stock.es_rule_condition_A, {}, wanted))
    rules.append(Rule(10, stock.es_rule_action_B, stock.es_rule_condition_B, {}, wanted))
    return rules


def chain(nodes: int, hop_km: float, pairs: int, seed: int, overlaps: bool = False) -> dict[str, Any]:
    """Deliver `pairs` end-to-end pairs; CPU seconds (building included) and the columns.

    `overlaps` adds `state_fidelity`, the overlap of each pair's state vector with Phi+ (0 or 1 in this formalism).
    """
    start = process_time()
    parts = build(nodes, hop_km, seed)
    ends = parts.routers[0], parts.routers[-1]
    looks: dict[int, float] | None = {} if overlaps else None
    log = Delivery(ends[0], ends[1].name, pairs, looks)
    Delivery(ends[1], ends[0].name, pairs, looks)
    parts.timeline.run()
    # Whichever end hears first stops the run: the last pair may have been noted at the other end only.
    log = max(log, ends[1].app, key=lambda app: len(app.times_ps))
    columns = {"time_s": np.array(log.times_ps) * 1e-12, "fidelity": np.array(log.fidelities)}
    cpu = process_time() - start
    if looks:
        columns["state_fidelity"] = np.array([looks[i] for i in range(pairs - 1)])  # the last may be uncorrected
    return {"cpu_s": cpu, "work": pairs, "events": parts.timeline.run_counter, "columns": columns}
