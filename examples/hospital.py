"""Five hospitals of a region and their data centre: keys over nodes that must be trusted, or that need not be.

Each fibre carries decoy-state keys into a store at both its ends. A hospital that has no fibre to the other site gets
its key hop by hop: the nodes between know it. Records of patients therefore go in two shares over two paths without a
common node; nobody in between knows both. One fibre is cut for two hours: its store lasts for a while, then the tunnels
go the other way round and trust others, and the records, which need both ways, are late.

    python hospital.py [PICTURE]
"""

from __future__ import annotations

import sys

import numpy as np

import ebit
from ebit import qkd

SITES = ("data centre", "university", "north", "east", "south", "west")
#: Fibres in km; every site has two.
FIBRES = (
    ("data centre", "university", 8.0),
    ("university", "north", 31.0),
    ("north", "east", 24.0),
    ("east", "south", 42.0),
    ("south", "west", 27.0),
    ("west", "data centre", 19.0),
)
DAY_S = 86_400.0
#: Bits in each store at most, and at midnight.
CAPACITY = 2e6


def network() -> ebit.Network:
    """Return the sites and their fibres."""
    # Keys need no memories; the network asks for some link and memory, and these stand for none.
    link = ebit.HeraldedLink(success_probability=1.0, attempt_time_s=1.0)
    links = [ebit.Link(a, b, model=link, length_km=km) for a, b, km in FIBRES]
    return ebit.Network([ebit.Node(site, memory=ebit.Memory.perfect()) for site in SITES], links)


def demands() -> list[qkd.KeyDemand]:
    """Return who wants keys of whom."""
    return [
        # Tunnels to the data centre change their key once a minute. They leave a tenth of every store to the records
        # and go the other way round the ring where it holds less.
        *(qkd.KeyDemand.aes(site, "data centre", every_s=60.0, reserve=0.1, alternatives=1) for site in SITES[1:]),
        # Patients' records between two hospitals: 100 kbit every two minutes under a one-time pad, in two shares.
        qkd.KeyDemand("north", "south", bits=1e5, every_s=120.0, random=True, paths=2, patience_s=4 * 3600.0),
    ]


def main() -> None:
    """Simulate a day with and without the cut."""
    line = qkd.DecoyBB84(
        fiber=ebit.Fiber(1.0),
        receiver_efficiency=0.1,
        background_probability=2e-6,
        misalignment=0.01,
        signal=0.5,
        decoys=(0.1, 0.0),
        repetition_rate_hz=1e6,
    )
    net = qkd.KeyNetwork(network(), line, capacity_bits=CAPACITY, initial_bits=CAPACITY)
    for (a, b, km), rate in zip(FIBRES, net.bits_per_s, strict=True):
        print(f"{a + ' - ' + b:>28s} {km:5.0f} km {rate:8.0f} bit/s")
    cut = qkd.Outage(from_s=9 * 3600.0, to_s=11 * 3600.0, link=1)
    whole, day = (net.simulate(demands(), DAY_S, outages=outages, rng=1) for outages in ([], [cut]))
    print()
    for name, run in (("all fibres whole", whole), ("university - north cut", day)):
        late, around = run.keys["waited_s"] / 60.0, (run.keys["route"] == 1).sum()
        print(
            f"{name + ':':>24s} {(late > 1.0).sum():3d} keys over a minute late, at worst {late.max():.0f} minutes; "
            f"{around:3d} went another way; {run.refused.sum()} refused"
        )
    print(f"\n{'keys for':>24s} {'asked':>6s} {'served':>7s}  who must be trusted")
    for k, demand in enumerate(day.demands):
        ends = f"{demand.source} - {demand.target}"
        for route in range(len(day.routes[k])):
            served = ((day.keys["demand"] == k) & (day.keys["route"] == route)).sum()
            groups = " or ".join("{" + ", ".join(sorted(g)) + "}" if g else "nobody" for g in day.trusted(k, route))
            asked = f"{ends:>24s} {day.requests[k]:6d}" if route == 0 else f"{'or':>31s}"
            print(f"{asked} {served:7d}  {groups}")
    for bad in (["university"], ["east"], ["university", "east"]):
        # Their own keys are theirs to know.
        others = [k for k, d in enumerate(day.demands) if d.source not in bad and d.target not in bad]
        known = day.exposed(bad)
        share = known[np.isin(day.keys["demand"], others)].mean()
        records = "some" if known[day.keys["demand"] == len(day.demands) - 1].any() else "none"
        who = " and ".join(bad)
        print(f"if {who} cheat: {100 * share:.0f} % of the others' keys known, of the records' keys {records}")
    if len(sys.argv) > 1:
        picture(day, sys.argv[1])


def picture(day: qkd.KeyDay, path: str) -> None:
    """Draw what each fibre's stores took in over the day, what was drawn, and how empty they ever were."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.0, 4.5), layout="constrained")
    flow, least = figure.subplots(1, 2, sharey=True, width_ratios=(2, 1))
    rows = range(len(FIBRES))
    for shift, column, label in ((-0.2, "supplied_bits", "made"), (0.2, "drawn_bits", "drawn for keys")):
        flow.barh([r + shift for r in rows], day.links[column] / 1e6, height=0.38, label=label)
    flow.set_yticks(rows, [f"{a} - {b}" for a, b, _ in FIBRES])
    flow.invert_yaxis()
    flow.set_xlabel("Mbit of key in the day")
    flow.legend(loc="lower right")
    least.barh(rows, day.links["lowest_bits"] / 1e6, height=0.6, color="tab:green")
    least.axvline(CAPACITY / 1e6, color="black", linestyle="--")
    least.set_xlim(0.0, 1.1 * CAPACITY / 1e6)
    least.set_xlabel("Mbit held at least (dashed: full)")
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    main()
