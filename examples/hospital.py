"""Five hospitals of a region and their data centre: keys over nodes that must be trusted, or that need not be.

Each fibre carries decoy-state keys into a store at both its ends. A hospital that has no fibre to the other site gets
its key hop by hop: the nodes between know it. Records of patients therefore go in two shares over two paths without a
common node; nobody in between knows both. One fibre is cut for two hours.

    python hospital.py [PICTURE]
"""

from __future__ import annotations

import sys

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


def network() -> ebit.Network:
    """Return the sites and their fibres."""
    # Keys need no memories; the network asks for some link and memory, and these stand for none.
    link = ebit.HeraldedLink(success_probability=1.0, attempt_time_s=1.0)
    links = [ebit.Link(a, b, model=link, length_km=km) for a, b, km in FIBRES]
    return ebit.Network([ebit.Node(site, memory=ebit.Memory.perfect()) for site in SITES], links)


def main() -> None:
    """Simulate a day."""
    line = qkd.DecoyBB84(
        fiber=ebit.Fiber(1.0),
        receiver_efficiency=0.1,
        background_probability=2e-6,
        misalignment=0.01,
        signal=0.5,
        decoys=(0.1, 0.0),
        repetition_rate_hz=1e6,
    )
    net = qkd.KeyNetwork(network(), line, capacity_bits=2e7)
    for (a, b, km), rate in zip(FIBRES, net.bits_per_s, strict=True):
        print(f"{a + ' - ' + b:>28s} {km:5.0f} km {rate:8.0f} bit/s")
    demands = [
        # Tunnels to the data centre change their key once a minute.
        *(qkd.KeyDemand.aes(site, "data centre", every_s=60.0, alternatives=1) for site in SITES[1:]),
        # Patients' records between two hospitals: a megabit twice an hour under a one-time pad, in two shares.
        qkd.KeyDemand("north", "south", bits=1e6, every_s=1800.0, paths=2, patience_s=3600.0),
    ]
    cut = qkd.Outage(from_s=9 * 3600.0, to_s=11 * 3600.0, link=1)
    day = net.simulate(demands, DAY_S, outages=[cut], rng=1)
    print(f"\n{'keys for':>24s} {'asked':>6s} {'served':>7s} {'late s':>7s}  who must be trusted")
    for k, demand in enumerate(demands):
        waited = day.keys["waited_s"][day.keys["demand"] == k]
        groups = " or ".join("{" + ", ".join(sorted(g)) + "}" if g else "nobody" for g in day.trusted(k))
        print(
            f"{demand.source + ' - ' + demand.target:>24s} {day.requests[k]:6d} {day.served[k]:7d} "
            f"{waited.mean() if len(waited) else 0.0:7.1f}  {groups}"
        )
    for bad in (["university"], ["east"], ["university", "east"]):
        share = day.exposed(bad).mean()
        records = day.exposed(bad)[day.keys["demand"] == len(demands) - 1].any()
        known = "some" if records else "none"
        print(f"if {' and '.join(bad)} cheat: {100 * share:.0f} % of all keys known, of the records' keys {known}")
    if len(sys.argv) > 1:
        picture(day, sys.argv[1])


def picture(day: qkd.KeyDay, path: str) -> None:
    """Draw what each fibre's stores took in over the day, what was drawn, and how empty they ever were."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.0, 4.5), layout="constrained")
    axes = figure.subplots()
    names = [f"{a} - {b}" for a, b, _ in FIBRES]
    rows = range(len(names))
    for shift, column, label in ((0.2, "supplied_bits", "made"), (-0.2, "drawn_bits", "drawn for keys")):
        axes.barh([r + shift for r in rows], day.links[column] / 1e6, height=0.38, label=label)
    axes.set_yticks(rows, names)
    axes.invert_yaxis()
    axes.set_xlabel("Mbit of key in the day")
    axes.legend()
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    main()
