"""SeQUeNCe as a peer: BB84 with weak pulses, dark counts and dead time, from the laser to the sifted bits.

Alice and Bob are SeQUeNCe's own QKD nodes with only its BB84 on them. They send bursts until enough pulses are out; the
fibre is short and lossy, so that few bursts are under way when it ends. All pulses sent count as work, the sifted bits
are those of the bursts that were finished.
"""

from __future__ import annotations

from time import process_time
from typing import Any

import numpy as np
from sequence.components.optical_channel import ClassicalChannel, QuantumChannel
from sequence.kernel.timeline import Timeline
from sequence.qkd.BB84 import pair_bb84_protocols
from sequence.topology.node import QKDNode

CLOCK_HZ = 1e9
LENGTH_M = 1000.0
BURST = 20_000


def bb84(
    pulses: int,
    mean: float,
    loss_db: float,
    efficiency: float,
    dark_hz: float,
    dead_time_s: float,
    misalignment: float,
    seed: int,
) -> dict[str, Any]:
    """Send about so many pulses; sifted bits and errors of the bursts that came to an end."""
    # The protocol draws bits and bases from NumPy's global stream.
    np.random.seed(seed)  # noqa: NPY002
    start = process_time()
    timeline = Timeline()
    nodes = [QKDNode(name, timeline, stack_size=1, seed=2 * seed + k) for k, name in enumerate(("alice", "bob"))]
    alice, bob = nodes
    protocols = [node.protocol_stack[0] for node in nodes]
    pair_bb84_protocols(*protocols)
    for sender, receiver in ((alice, "bob"), (bob, "alice")):
        # Light goes one way; the protocol asks for the delay of the other, too.
        quantum = QuantumChannel(f"q {receiver}", timeline, loss_db / LENGTH_M, LENGTH_M, 1 - 2 * misalignment)
        quantum.set_ends(sender, receiver)
        channel = ClassicalChannel(f"c {receiver}", timeline, LENGTH_M)
        channel.set_ends(sender, receiver)
    alice.update_lightsource_params("frequency", CLOCK_HZ)
    alice.update_lightsource_params("mean_photon_num", mean)
    for k in (0, 1):
        for name, value in (
            ("efficiency", efficiency), ("dark_count", dark_hz), ("count_rate", 1 / dead_time_s),
            ("time_resolution", 10),
        ):  # fmt: skip
            bob.update_detector_params(k, name, value)
    sent, errors, sifted, finished = [0], [0], [0], [0]
    source = alice.components["alice.lightsource"]
    emit = source.emit

    def counted(states: list[Any]) -> None:
        sent[0] += len(states)
        emit(states)

    source.emit = counted
    received = protocols[0].received_message

    def heard(src: str, message: Any) -> None:
        received(src, message)
        if message.msg_type.name == "MATCHING_INDICES":
            finished[0] += 1
            hers, his = (p.key_bits for p in protocols)
            n = len(hers)
            # The first burst is over for Bob before its light has come: nearly nothing of it is sifted.
            if finished[0] > 1:
                sifted[0] += n
                errors[0] += sum(int(a != b) for a, b in zip(hers, his[:n], strict=True))
            del hers[:], his[:n]

    protocols[0].received_message = heard
    timeline.init()
    # A key of burst x mean bits is what makes a burst of this many pulses; it is never reached.
    length = round(BURST * mean)
    seconds = pulses / CLOCK_HZ
    protocols[0].push(length, 1 << 30, run_time=round(seconds * 1e12))
    timeline.stop_time = round((seconds + 1e-3) * 1e12)
    timeline.run()
    cpu = process_time() - start
    done = max(finished[0] - 1, 0) * round(length / mean)
    return {"cpu_s": cpu, "work": sent[0], "pulses": done, "sifted": sifted[0], "errors": errors[0]}
