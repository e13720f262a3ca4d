"""A key over a thousand kilometres: decoy states, twin field, quantum repeaters, or a satellite?

Everybody has the same detectors (80 %, one dark count per second) and fibre of 0.17 dB/km. The repeaters hold photons
in 1,000 memories side by side, each good for ten seconds, and measure their ends at once: what is asked of a target.
The satellite is trusted by both stations and passes each of them once a day; its key counts over the whole day.

    python thousand_km.py [PICTURE]
"""

from __future__ import annotations

import math
import sys

import ebit
from ebit import qkd

DISTANCES_KM = tuple(range(50, 1001, 50))
LOSS_DB_PER_KM = 0.17
EFFICIENCY, DARK_HZ, CLOCK_HZ, GATE_S = 0.8, 1.0, 1e9, 2e-10
DARK = DARK_HZ * GATE_S
#: Lengths of a repeater's segments that are tried.
SEGMENTS = (2, 4, 8, 16)
MODES = 1000


def decoys(distance_km: float) -> float:
    """Return secret bits per second of BB84 with decoy states."""
    line = qkd.DecoyBB84(
        fiber=ebit.Fiber(distance_km, LOSS_DB_PER_KM),
        receiver_efficiency=EFFICIENCY,
        background_probability=2 * DARK,
        misalignment=0.01,
        repetition_rate_hz=CLOCK_HZ,
    )
    return line.optimize().key_rate_hz().value


def twin_field(distance_km: float) -> float:
    """Return secret bits per second of twin-field QKD, the station in the middle."""
    line = qkd.TwinField(
        fiber=ebit.Fiber(distance_km, LOSS_DB_PER_KM),
        receiver_efficiency=EFFICIENCY,
        dark_count_probability=DARK,
        misalignment=0.02,
        repetition_rate_hz=CLOCK_HZ,
    )
    return line.optimize().key_rate_hz().value


def repeaters(distance_km: float) -> float:
    """Return secret bits per second of the best number of segments, swapped as soon as possible."""
    best = 0.0
    for segments in SEGMENTS:
        link = ebit.DoubleClick(
            fiber=ebit.Fiber(distance_km / segments, LOSS_DB_PER_KM),
            detector=ebit.Detector(EFFICIENCY, dark_count_rate_hz=DARK_HZ),
            visibility=0.98,
            local_time_s=1e-6,
            modes=MODES,
        )
        memory, swap = ebit.Memory(t2_s=10.0), ebit.Swap(fidelity=0.99)
        chain = ebit.RepeaterChain([link] * segments, memory, swap, end_memory="measured")
        result = chain.evaluate(rel=0.05, rng=1)
        best = max(best, qkd.BBM92.over(result).key_rate_hz().value)
    return best


def satellite() -> float:
    """Return secret bits per second, averaged over a day, of a satellite at 500 km that each station sees once a day.

    The pass goes through the zenith at 7.6 km/s over a ground that is taken to be flat; keys are made above 20 degrees.
    """
    height, speed, step_s = 500.0, 7.6, 2.0
    bits, time = 0.0, 0.0
    while (elevation := math.degrees(math.atan2(height, speed * time))) > 20.0:
        down = ebit.SatelliteDownlink(
            height_km=height,
            divergence_rad=5e-6,
            receiver_radius_m=0.5,
            pointing_jitter_rad=1e-6,
            zenith_transmittance=0.6,
            elevation_deg=elevation,
            insertion_loss_db=3.0,
        )
        # A telescope at night sees a hundred times the dark counts.
        line = qkd.DecoyBB84(
            fiber=down,
            receiver_efficiency=0.5,
            background_probability=200 * DARK,
            misalignment=0.01,
            repetition_rate_hz=1e8,
        )
        bits += (2.0 if time else 1.0) * step_s * line.key_rate_hz().value
        time += step_s
    return bits / 86_400.0


def picture(rates: dict[str, list[float]], orbit: float, path: str) -> None:
    """Draw all of them in one picture."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.0, 5.2), layout="constrained")
    axes = figure.subplots()
    plob = [CLOCK_HZ * ebit.bounds.plob(10 ** (-LOSS_DB_PER_KM * km / 10)) for km in DISTANCES_KM]
    axes.plot(DISTANCES_KM, plob, color="black", ls="--", lw=1.5, label="bound without repeaters (PLOB), 1 GHz")
    for k, (name, values) in enumerate(rates.items()):
        there = [(km, v) for km, v in zip(DISTANCES_KM, values, strict=True) if v > 0.0]
        axes.plot(*zip(*there, strict=True), marker="osD"[k], ms=4, lw=1.5, label=name)
    axes.axhline(orbit, color="tab:purple", lw=1.5, label="satellite, trusted, day's mean")
    axes.set_yscale("log")
    axes.set_ylim(1e-3, 1e9)
    axes.set_xlabel("distance (km)")
    axes.set_ylabel("secret bits per second")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=9)
    figure.savefig(path, dpi=150)


def main() -> None:
    """Print the table; draw it if a picture is asked for."""
    rates: dict[str, list[float]] = {"BB84 with decoys": [], "twin field": [], "repeaters": []}
    print(f"{'km':>5s} " + " ".join(f"{name:>18s}" for name in rates))
    for km in DISTANCES_KM:
        for name, rate in zip(rates, (decoys, twin_field, repeaters), strict=True):
            rates[name].append(rate(km))
        print(f"{km:5d} " + " ".join(f"{v[-1]:18.4g}" if v[-1] > 0 else f"{'no key':>18s}" for v in rates.values()))
    orbit = satellite()
    print(f"satellite, over the day, at any distance: {orbit:.4g} bit/s")
    if len(sys.argv) > 1:
        picture(rates, orbit, sys.argv[1])


if __name__ == "__main__":
    main()
