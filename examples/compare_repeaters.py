"""Which schedule for four segments? Secret bits per second against distance, beside fibre without repeaters.

Four equal links by single photons, memories that dephase in ten seconds, good swaps; the schedules share all of it. The
bounds are for as many attempts per second as each link makes: PLOB for the whole fibre (doi:10.1038/ncomms15043), and
the capacity of four segments between ideal repeaters (doi:10.1038/s42005-019-0147-3).

    python compare_repeaters.py [PICTURE]
"""

from __future__ import annotations

import math
import sys

import ebit
from ebit import schedules

SEGMENTS = 4
DISTANCES_KM = (50, 100, 150, 200, 250, 300, 350, 400, 450, 500, 550, 600)
SCHEDULES: dict[str, schedules.Schedule] = {
    "swap as soon as possible": schedules.SwapAsap(),
    "the same, cut-off after 0.5 s": schedules.SwapAsap(cutoff_s=0.5),
    "nested": schedules.Nested(),
    "nested, one round of distillation": schedules.Nested(distill=[1, 0]),
    "one link after another": schedules.Sequential(start="one-after-another"),
}


def chain(distance_km: float, schedule: schedules.Schedule) -> ebit.RepeaterChain:
    """Return the chain at one distance."""
    link = ebit.SingleClick(
        fiber=ebit.Fiber(distance_km / SEGMENTS),
        detector=ebit.Detector(0.9, dark_count_rate_hz=1.0),
        bright_state_population=0.02,
        visibility=0.98,
        local_time_s=1e-5,
    )
    return ebit.RepeaterChain([link] * SEGMENTS, ebit.Memory(slots=2, t2_s=10.0), ebit.Swap(fidelity=0.995), schedule)


def bounds_hz(distance_km: float) -> tuple[float, float]:
    """Return the capacity per second of the fibre alone, and of its segments."""
    one = chain(distance_km, schedules.SwapAsap())
    eta = 10 ** (-distance_km * 0.2 / 10)
    attempts = 1 / one.links[0].attempt_time_s
    return ebit.bounds.plob(eta) * attempts, ebit.bounds.chain_capacity(eta, SEGMENTS) * attempts


def picture(keys: dict[str, list[float]], path: str) -> None:
    """Draw all schedules in one picture."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.0, 5.4), layout="constrained")
    axes = figure.subplots()
    plob, ideal = zip(*(bounds_hz(km) for km in DISTANCES_KM), strict=True)
    axes.plot(DISTANCES_KM, ideal, color="0.55", ls=":", lw=1.5, label=f"bound for {SEGMENTS} segments")
    axes.plot(DISTANCES_KM, plob, color="black", ls="--", lw=1.5, label="bound without repeaters (PLOB)")
    for k, (name, values) in enumerate(keys.items()):
        there = [(km, v) for km, v in zip(DISTANCES_KM, values, strict=True) if v > 0.0]
        if there:
            x, y = zip(*there, strict=True)
            axes.plot(x, y, color=f"C{k}", lw=1.8, marker="os^Dv"[k % 5], ms=4.5, label=name)
    axes.set_yscale("log")
    most = max(v for values in keys.values() for v in values)
    least = min(v for values in keys.values() for v in values if v > 0.0)
    axes.set_ylim(least / 5, 100 * most)
    axes.set_xlim(0.0, max(DISTANCES_KM) * 1.02)
    axes.set_xlabel("fibre from end to end (km)")
    axes.set_ylabel("secret bits per second")
    axes.set_title(f"{SEGMENTS} segments, the same hardware, five schedules", loc="left", fontsize=11)
    axes.legend(frameon=False, fontsize=9)
    axes.grid(alpha=0.25, lw=0.5)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    figure.savefig(path, dpi=160)


def main() -> None:
    """Print the table, say who beats the bound from where, and draw."""
    keys: dict[str, list[float]] = {name: [] for name in SCHEDULES}
    for km in DISTANCES_KM:
        for name, schedule in SCHEDULES.items():
            keys[name].append(chain(float(km), schedule).evaluate(1e-2, rng=0).secret_key_rate_hz.value)
    print("secret bits per second")
    print(f"{'km':>34}" + "".join(f"{km:>10}" for km in DISTANCES_KM))
    print(f"{'PLOB':34}" + "".join(f"{bounds_hz(km)[0]:10.3g}" for km in DISTANCES_KM))
    for name, values in keys.items():
        print(f"{name:34}" + "".join(f"{value:10.3g}" for value in values))
    for name, values in keys.items():
        beats = [km for km, value in zip(DISTANCES_KM, values, strict=True) if value > bounds_hz(km)[0]]
        last = max((km for km, value in zip(DISTANCES_KM, values, strict=True) if value > 0.0), default=math.nan)
        where = f"beats PLOB from {beats[0]} km on" if beats else "never beats PLOB"
        print(f"{name}: {where}, last key at {last} km")
    picture(keys, sys.argv[1] if len(sys.argv) > 1 else "compare_repeaters.png")


if __name__ == "__main__":
    main()
