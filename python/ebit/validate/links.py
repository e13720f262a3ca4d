"""Rows of links: what fibres, satellites, stations and sources deliver, and what nothing can beat."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

import ebit
from ebit.validate.rows import Row, exact, sampled


def bounds() -> Iterator[Row]:
    """Capacities, a threshold, and fibre lengths of maps."""
    # At 400 km the exact value is 1.44269504810e-8; 1.442695055e-8 is what the naive log2(1 - eta) gives.
    for km, reference in ((50, "0.1520030934"), (100, "0.01449956970"), (400, "1.442695048e-8")):
        yield exact(f"PLOB bound, {km} km at 0.2 dB/km", reference, ebit.bounds.plob(10 ** (-0.02 * km)))
    yield exact("repeater bound, 100 km, two segments", "0.1520030934", ebit.bounds.chain_capacity(0.01, 2))
    yield exact("TGW bound, 100 km", "0.02885486267", ebit.bounds.tgw(0.01))
    yield exact("BB84 threshold", "0.1100278644", ebit.bounds.bb84_threshold())
    for km, reference in ((100, "150"), (1100, "1500"), (2000, "2500")):
        yield exact(f"fibre length, {km} km great circle", reference, ebit.maps.fiber_length_km(float(km)))


def double_click() -> Iterator[Row]:
    """Two-photon heralding, without losses and with everything."""
    link = ebit.DoubleClick(fiber=ebit.Fiber(length_km=0.0), detector=ebit.Detector(efficiency=0.9), local_time_s=1e-6)
    yield exact("double click, eta .9: p", "0.405", link.success_probability)
    yield exact("double click, eta .9: F", "1", link.pair.fidelity)
    rate, window = 2e5, 1e-6
    link = ebit.DoubleClick(
        fiber=ebit.Fiber(length_km=30.0),
        detector=ebit.Detector(0.8, rate, window),
        visibility=0.85,
        source_efficiency=(0.7, 0.4),
        station=0.3,
    )
    a, b = 0.7 * 0.8 * 10 ** (-0.6 * 0.3), 0.4 * 0.8 * 10 ** (-0.6 * 0.7)
    d = -math.expm1(-rate * window)
    q, v = 1 - d, 0.85
    true, same = a * b * q * q / 2, a * b * (1 + v) * d * q * q / 2
    one, none = 2 * d * (a + b - 2 * a * b) * q * q, 4 * d * d * (1 - a) * (1 - b) * q * q
    p = true + same + one + none
    fidelity = (true * (1 + v) / 2 + (one + none) / 4) / p
    yield Row("double click, asymmetric, dark counts: p", p, link.success_probability, 1e-12 * p)
    yield Row("double click, asymmetric, dark counts: F", fidelity, link.pair.fidelity, 1e-12)


def single_click() -> Iterator[Row]:
    """Single-photon heralding."""
    link = ebit.SingleClick(
        fiber=ebit.Fiber(length_km=0.0),
        detector=ebit.Detector(efficiency=0.1),
        bright_state_population=0.05,
        visibility=0.9,
        local_time_s=1e-6,
    )
    yield exact("single click: p", "0.00997375", link.success_probability)
    yield exact("single click: F", "0.928060726", link.pair.fidelity)


def channels() -> Iterator[Row]:
    """A downlink's loss, and Raman noise."""
    down = ebit.SatelliteDownlink(
        height_km=400.0, divergence_rad=3e-6, receiver_radius_m=0.5, pointing_jitter_rad=1e-6, zenith_transmittance=0.8
    )
    yield exact("satellite downlink, 400 km, zenith: loss (dB)", "7.684203307", down.loss_db)
    # At 1/a = 21.7 km the co-propagating noise is greatest; against the signal a long fibre gives all there is.
    for direction, km, reference in (("co", 10 / (0.2 * math.log(10)), 2.99e7), ("counter", 1000.0, 4.07e7)):
        light = ebit.hardware.ClassicalLight(0.0, 3e-9, 0.2, direction)
        rate = light.raman_photon_rate_hz(ebit.Fiber(km), wavelength_nm=1550.0, filter_nm=0.16)
        yield Row(f"Raman noise, {direction}, 0 dBm, 0.16 nm: photons/s", reference, rate, 5e-3 * reference)


def midpoint_source() -> Iterator[Row]:
    """Sources of pairs, single ones and all that down-conversion emits."""
    fiber = ebit.Fiber(length_km=30.0)
    link = ebit.MidpointSource(
        fiber=fiber, detector=ebit.Detector(0.8), pair_probability=0.2, visibility=0.9, memory_efficiency=(0.5, 0.6)
    )
    yield Row("midpoint source, single pairs: p", 0.05 * 0.3 * 0.8**4 * 10**-0.6, link.success_probability, 1e-15)
    yield Row("midpoint source, single pairs: F", 0.905, link.pair.fidelity, 1e-12)
    yield Row("midpoint source, 30 km: attempt time (s)", 1.5e-4, link.attempt_time_s, 1e-15)

    mu, v, d, m = 0.4, 0.9, 1e-3, 0.5 * 0.8
    rate = -math.log1p(-d) / 1e-6
    link = ebit.MidpointSource(
        fiber=fiber, detector=ebit.Detector(0.8, rate, 1e-6), mean_pairs=mu, visibility=v, memory_efficiency=0.5
    )
    # Both nodes alike: sums over the photons of one polarisation.
    t, eta, q = mu / (2 + mu), 0.8 * 10**-0.3, 1 - d
    n = np.arange(200)
    none, half = (1 - eta) ** n, (1 - eta / 2) ** n
    w0 = 2 * q * (d * none + half - none)
    w1 = (1 - m) * w0 + q * m * half * (1 + v * eta * n / (2 - eta))
    law = (1 - t) * t**n
    coherent = (math.sqrt(t) * law @ (q * q * (n + 1) * v * m * eta * half**2)) ** 2 / 4
    equal, different = (law @ w1**2) * (law @ w0**2) / 4, (law @ (w0 * w1)) ** 2 / 4
    p = float(2 * (equal + different))
    yield Row("midpoint source, all pairs, dark counts: p", p, link.success_probability, 1e-12 * p)
    yield Row("midpoint source, all pairs, dark counts: F", float(equal + coherent) / p, link.pair.fidelity, 1e-12)


def attempt_times() -> Iterator[Row]:
    """Light to a station and back."""
    for km, reference in ((20.0, "0.0001"), (100.0, "0.0005")):
        link = ebit.DoubleClick(fiber=ebit.Fiber(length_km=km), detector=ebit.Detector(efficiency=0.9))
        yield Row(f"attempt time, {km:g} km, station in the middle (s)", float(reference), link.attempt_time_s, 1e-15)


def two_round() -> Iterator[Row]:
    """Attempts that differ in length, in the mean and simulated."""
    link = ebit.DoubleClick(
        fiber=ebit.Fiber(length_km=20.0), detector=ebit.Detector(efficiency=0.9), negotiation="two-round"
    )
    mean = link.attempt_time_s / link.success_probability
    yield Row("two-round negotiation, 20 km: mean time (ms)", 3.3125, 1e3 * mean, 5e-5)
    net = ebit.Network.chain(nodes=2, link=link, memory=ebit.Memory.perfect())
    r = ebit.simulate(net, [ebit.Request("n0", "n1", pairs=400_000)], rng=51)[0]
    yield sampled("two-round negotiation, 20 km, simulated (s)", mean, r.waiting_time_s)
