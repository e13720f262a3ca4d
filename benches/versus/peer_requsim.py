"""requsim as a peer: a chain of N links that swaps as soon as it can.

requsim gives stations, sources, pairs, noise channels and an event queue; the protocol is the user's, so the one below
is ours. Every pair starts from empty memories: all sources start together, each interior station swaps when it holds a
pair on either side, and the last swap delivers. Every qubit dephases from its pair's birth until it is measured or
delivered; knowledge is instant.
"""

from __future__ import annotations

import itertools
from functools import partial
from math import exp
from time import process_time
from typing import Any

import numpy as np
from requsim.events import EntanglementSwappingEvent
from requsim.libs import matrix as mat
from requsim.noise import NoiseChannel, NoiseModel
from requsim.quantum_objects import SchedulingSource, Station
from requsim.tools.noise_channels import z_noise_channel
from requsim.tools.protocol import Protocol
from requsim.world import World

HOP_M = 25_000
SUCCESS_PROBABILITY = 0.8 * exp(-25 / 22)
TRIAL_S = 250e-6
T2_S = 0.1
SWAP_FIDELITY = 0.9925
PHI_PLUS = mat.phiplus @ mat.H(mat.phiplus)


def _dephase(rho: np.ndarray, t: float) -> np.ndarray:
    return z_noise_channel(rho, epsilon=(1 - exp(-t / T2_S)) / 2)


def _depolarize(rho: np.ndarray) -> np.ndarray:
    """The noise of one swap: v rho + (1-v) Tr(rho) I/4, v = (4F-1)/3."""
    v = (4 * SWAP_FIDELITY - 1) / 3
    return v * rho + (1 - v) * np.trace(rho) * np.eye(4) / 4


class SwapAsap(Protocol):
    """Swap whenever an interior station holds two pairs; note the end-to-end pair and start again."""

    def setup(self) -> None:
        self.stations = sorted(self.world.world_objects["Station"], key=lambda station: station.position)
        self.sources = sorted(self.world.world_objects["Source"], key=lambda source: source.position)
        self.place = {station: i for i, station in enumerate(self.stations)}
        self.times: list[float] = []
        self.fidelities: list[float] = []
        self.restart()

    def restart(self) -> None:
        """Empty memories: every source draws when its next pair comes."""
        self.right_of: dict[int, Any] = {}  # place -> pair that begins there
        self.left_of: dict[int, Any] = {}  # place -> pair that ends there
        for source in self.sources:
            source.schedule_event()

    def check(self, message: Any = None) -> None:
        """A new pair, from a source or a swap: swap it further, keep it, or deliver it."""
        pair = message["output_pair"]
        a, b = sorted(self.place[qubit._info["station"]] for qubit in pair.qubits)
        queue = self.world.event_queue
        if (a, b) == (0, len(self.stations) - 1):
            pair.update_time()
            self.times.append(queue.current_time)
            self.fidelities.append(float(np.trace(PHI_PLUS @ pair.state).real))
            for qubit in pair.qubits:  # which destroys the pair
                qubit.destroy()
            self.restart()
        elif a in self.left_of:
            self._swap([self.left_of.pop(a), pair], a)
        elif b in self.right_of:
            self._swap([pair, self.right_of.pop(b)], b)
        else:
            self.right_of[a] = self.left_of[b] = pair

    def _swap(self, pairs: list[Any], place: int) -> None:
        for pair in pairs:  # neither is free for another swap
            a, b = sorted(self.place[qubit._info["station"]] for qubit in pair.qubits)
            self.right_of.pop(a, None)
            self.left_of.pop(b, None)
        queue = self.world.event_queue
        queue.add_event(EntanglementSwappingEvent(queue.current_time, pairs, self.stations[place]))


def chain(links: int, pairs: int, seed: int) -> dict[str, Any]:
    """Deliver `pairs` end-to-end pairs; CPU seconds (building included) and the columns."""
    start = process_time()
    rng = np.random.default_rng(seed)
    world = World()
    memory = NoiseChannel(n_qubits=1, channel_function=_dephase)
    # after the projection, on two qubits: the same map on these states as before it on four, and far cheaper
    swap = NoiseModel(channel_after=NoiseChannel(n_qubits=2, channel_function=_depolarize))
    stations = [Station(world, position=i * HOP_M, memory_noise=memory, BSM_noise_model=swap) for i in range(links + 1)]
    for ends in itertools.pairwise(stations):
        SchedulingSource(
            world,
            ends[0].position,
            list(ends),
            time_distribution=lambda source: rng.geometric(SUCCESS_PROBABILITY) * TRIAL_S,
            state_generation=lambda source: PHI_PLUS,
        )
    protocol = SwapAsap(world)
    protocol.setup()
    step = partial(world.event_queue.resolve_next_event)
    while len(protocol.times) < pairs:
        protocol.check(step())
    columns = {"time_s": np.array(protocol.times), "fidelity": np.array(protocol.fidelities)}
    return {"cpu_s": process_time() - start, "work": pairs, "columns": columns}


if __name__ == "__main__":
    for n, count in ((2, 4000), (4, 2000), (8, 800), (16, 400)):
        result = chain(n, count, 1)
        gaps = np.diff(result["columns"]["time_s"], prepend=0) * 1e3
        f = result["columns"]["fidelity"]
        error = count**-0.5
        print(
            f"{n:2d} links: {1e3 * result['cpu_s'] / count:.3f} ms of CPU a pair; mean {gaps.mean():.6f} +- "
            f"{gaps.std() * error:.6f} ms; F {f.mean():.7f} +- {f.std() * error:.7f}"
        )
