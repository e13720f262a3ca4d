"""BBM92 over a repeater, as protocols of one's own: three nodes, and a key whose error rate is measured, not computed.

The repeater joins whatever it has. Alice and Bob measure each pair as soon as they know of it, in a basis that each
draws for itself; afterwards Alice tells everything, and Bob compares where his basis was the same.
"""

from __future__ import annotations

import ebit

PAIRS = 4_000


@ebit.protocol
async def repeater(node: ebit.ProtocolNode, left: str, right: str) -> None:
    """Join the oldest pair to the left with the oldest to the right."""
    while True:
        a, b = await ebit.all_of(node.pair(left), node.pair(right))
        node.swap(a, b)


async def measure_all(node: ebit.ProtocolNode, neighbour: str, far: str) -> list[tuple[str, int]]:
    """Measure pairs as soon as both their ends are known, each in a basis of its own."""
    results = []
    for _ in range(PAIRS):
        pair = await node.pair(neighbour, end=far)
        basis = "Z" if node.rng.random() < 0.5 else "X"
        results.append((basis, await node.measure(pair, basis)))
    return results


@ebit.protocol
async def alice(node: ebit.ProtocolNode, table: dict[str, int]) -> None:
    """Measure, tell everything, and hear how well it went."""
    results = await measure_all(node, "repeater", "bob")
    await node.send("bob", results)
    table |= await node.receive("bob")


@ebit.protocol
async def bob(node: ebit.ProtocolNode) -> None:
    """Measure, and compare where the bases were the same."""
    mine = await measure_all(node, "repeater", "alice")
    hers = await node.receive("alice")
    table = {"X": 0, "Z": 0, "X errors": 0, "Z errors": 0}
    for (basis, bit), (her_basis, her_bit) in zip(mine, hers, strict=True):
        if basis == her_basis:
            table[basis] += 1
            table[f"{basis} errors"] += bit != her_bit
    await node.send("alice", table)


def main() -> None:
    """Run it, and put the same question to the built-in schedule."""
    link = ebit.DoubleClick(
        fiber=ebit.Fiber(20.0), detector=ebit.Detector(0.8, dark_count_rate_hz=50.0), visibility=0.96
    )
    memory = ebit.Memory(slots=2, t2_s=0.2)
    nodes = [ebit.Node(name, memory, ebit.Swap(fidelity=0.99), 0.005) for name in ("alice", "repeater", "bob")]
    net = ebit.Network(nodes, [ebit.Link("alice", "repeater", link), ebit.Link("repeater", "bob", link)])

    table: dict[str, int] = {}
    sim = ebit.Simulation(net, rng=2026)
    sim.spawn("repeater", repeater, "alice", "bob", background=True)
    sim.spawn("alice", alice, table)
    sim.spawn("bob", bob)
    sim.run()

    print(f"{PAIRS} pairs in {sim.now_s:.3f} s of simulated time")
    for basis in "XZ":
        n, errors = table[basis], table[f"{basis} errors"]
        print(
            f"{basis}: {n} in the same basis, QBER {errors / n:.3f} +- {(errors / n * (1 - errors / n) / n) ** 0.5:.3f}"
        )

    # The same question, put to the built-in schedule.
    r = ebit.simulate(net, [ebit.Request("alice", "bob", pairs=PAIRS)], rng=2026)[0]
    print(f"simulate: {r.rate_hz} pairs/s, QBER {r.qber_x} in X and {r.qber_z} in Z")


if __name__ == "__main__":
    main()
