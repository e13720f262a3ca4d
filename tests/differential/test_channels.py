"""Channels, background and detectors a second way, and links over them in every evaluator."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

import ebit
from ebit import hardware

C = 299_792_458.0
DOWN = ebit.SatelliteDownlink(
    height_km=500.0, divergence_rad=5e-6, receiver_radius_m=0.6, pointing_jitter_rad=2e-6, zenith_transmittance=0.75
)
DETECTOR = ebit.Detector(efficiency=0.9, dark_count_rate_hz=100.0)


def test_downlink_is_a_beam_averaged_over_shots() -> None:
    """Photons thrown at a telescope: position of a Gaussian beam plus the pointing error of the shot.

    With 4e6 photons the standard error is below 1e-3 of the value; 4.9 of them are allowed (false alarm 1e-6), so an
    error of 0.5 % shows.
    """
    down = DOWN.replace(elevation_deg=35.0, receiver_radius_m=2.0)
    d = 1e3 * down.length_km
    w = math.hypot(down.wavelength_nm * 1e-9 / (math.pi * down.divergence_rad), down.divergence_rad * d)
    rng, n = np.random.default_rng(20_251_125), 4_000_000
    beam = rng.normal(scale=w / 2, size=(n, 2))
    pointing = rng.normal(scale=down.pointing_jitter_rad * d, size=(n, 2))
    hit = np.hypot(*(beam + pointing).T) < down.receiver_radius_m
    air = 0.75 ** (1 / math.sin(math.radians(35.0)))
    error = hit.std() / math.sqrt(n) * air
    assert abs(hit.mean() * air - down.transmittance) < 4.9 * error
    assert error < 1e-3 * down.transmittance


@pytest.mark.parametrize("elevation", [10.0, 45.0, 90.0])
def test_slant_distance_is_a_distance(elevation: float) -> None:
    down, r = DOWN.replace(elevation_deg=elevation), 6371.0088
    angle = math.radians(elevation)
    satellite = down.length_km * np.array([math.cos(angle), math.sin(angle)]) + [0.0, r]
    assert np.hypot(*satellite) == pytest.approx(r + 500.0, rel=1e-12)
    assert down.light_time_s == pytest.approx(1e3 * down.length_km / C, rel=1e-14)


@pytest.mark.parametrize("direction", ["co", "counter"])
@pytest.mark.parametrize(("classical", "quantum"), [(0.2, 0.2), (0.35, 0.2), (0.19, 0.33)])
def test_raman_noise_is_its_integral_along_the_fibre(direction: str, classical: float, quantum: float) -> None:
    light = hardware.ClassicalLight(3.0, 2e-9, classical, direction)
    length, filter_nm, nm = 70.0, 0.2, 1545.0
    z, h = np.linspace(0.0, length, 200_001, retstep=True)
    there = 10 ** (-classical * z / 10)
    back = 10 ** (-quantum * (length - z if direction == "co" else z) / 10)
    share = there * back
    power = 1e-3 * 10**0.3 * 2e-9 * filter_nm * h * (share.sum() - 0.5 * (share[0] + share[-1]))
    photons = power / (6.62607015e-34 * C / (nm * 1e-9))
    fiber = ebit.Fiber(length, quantum)
    assert light.raman_photon_rate_hz(fiber, wavelength_nm=nm, filter_nm=filter_nm) == pytest.approx(photons, rel=1e-9)


def test_background_is_a_dark_count() -> None:
    noisy = DETECTOR.with_background(5e3)
    assert noisy == ebit.Detector(0.9, 100.0 + 0.9 * 5e3)
    link = ebit.DoubleClick(fiber=ebit.Fiber(20.0), detector=noisy)
    assert (
        link.false_herald_probability
        > ebit.DoubleClick(fiber=ebit.Fiber(20.0), detector=DETECTOR).false_herald_probability
    )


def record(rate: float, dead: float, afterpulse: float, seconds: float, rng: np.random.Generator) -> np.ndarray:
    """Times at which a detector counts: Poisson candidates, blind after each count, afterpulses much later."""
    out, later = [], []
    candidates = np.sort(rng.uniform(0.0, seconds, rng.poisson(rate * seconds)))
    blind = -1.0
    import heapq

    for t in candidates:
        while later and later[0] < t:
            u = heapq.heappop(later)
            if u >= blind:
                out.append(u)
                blind = u + dead
                if rng.random() < afterpulse:
                    heapq.heappush(later, u + dead * (50.0 + 50.0 * rng.random()))
        if t >= blind:
            out.append(t)
            blind = t + dead
            if rng.random() < afterpulse:
                heapq.heappush(later, t + dead * (50.0 + 50.0 * rng.random()))
    return np.array(out)


def test_load_is_what_a_simulated_detector_records() -> None:
    """Dead time and afterpulses event by event: the share of time seen, from the photons that were missed.

    About 4e5 candidates: the seen share has a standard error near 7e-4; 4.9 of them are allowed (false alarm 1e-6).
    """
    rate, dead, afterpulse, seconds = 4e5, 1e-6, 0.15, 1.0
    clicks = record(rate, dead, afterpulse, seconds, np.random.default_rng(7_001))
    ideal = ebit.Detector(efficiency=1.0)
    loaded = ideal.under_load(rate, dead_time_s=dead, afterpulse_probability=afterpulse)
    seen = 1.0 - len(clicks) * dead / seconds
    # Counts of a renewal process scatter less than Poisson's; Poisson's scatter is the bound.
    assert abs(seen - loaded.efficiency) < 4.9 * math.sqrt(len(clicks)) * dead / seconds
    recorded = (1.0 - loaded.efficiency) / dead
    assert loaded.dark_count_rate_hz == pytest.approx(afterpulse * recorded * loaded.efficiency, rel=1e-12)
    assert abs(loaded.efficiency - 1.0 / (1.0 + rate * dead)) > 0.01, "the afterpulses show"


def test_jitter_is_the_share_of_a_gaussian() -> None:
    times = np.random.default_rng(7_002).normal(scale=300e-12 / (2 * math.sqrt(2 * math.log(2))), size=2_000_000)
    inside = np.abs(times) < 100e-12
    detector = ebit.Detector(efficiency=1.0, window_s=200e-12).with_jitter(300e-12)
    assert abs(inside.mean() - detector.efficiency) < 4.9 * inside.std() / math.sqrt(times.size)


def test_dispersion_spoils_unequal_arms_only() -> None:
    fiber = ebit.Fiber(100.0)
    assert fiber.dispersion_visibility(100e9) == 1.0
    assert fiber.dispersion_visibility(100e9, station=0.6) == fiber.dispersion_visibility(100e9, station=0.4) < 0.5
    # At the zero of dispersion even these do not.
    assert fiber.dispersion_visibility(100e9, station=0.6, wavelength_nm=1310.0) == 1.0
    broad, wide = (fiber.dispersion_visibility(f, station=0.6) for f in (2e12, 4e12))
    assert broad / wide == pytest.approx(4.0, rel=1e-3)


def test_a_satellite_link_in_every_evaluator() -> None:
    """The same link as a satellite sees it and as its numbers say, in exact, sampled and event-driven form."""
    arms = ebit.Arms(DOWN, DOWN.replace(elevation_deg=50.0))
    space = ebit.DoubleClick(fiber=arms, detector=DETECTOR, modes=1000)
    plain = ebit.HeraldedLink(space.success_probability, space.attempt_time_s, space.pair, space.herald_age_s)
    memory = ebit.Memory(t2_s=10.0)
    exact = [ebit.RepeaterChain([link, link], memory).exact() for link in (space, plain)]
    assert exact[0].rate_hz.value == pytest.approx(exact[1].rate_hz.value, rel=1e-12)
    assert exact[0].fidelity.value == pytest.approx(exact[1].fidelity.value, rel=1e-12)
    sampled = ebit.RepeaterChain([space, space], memory).sample(20_000, rng=7_003)
    assert abs(sampled.rate_hz.value - exact[0].rate_hz.value) < 4.9 * sampled.rate_hz.stderr
    nodes = [ebit.Node(name, memory) for name in ("A", "B")]
    net = ebit.Network(nodes, [ebit.Link("A", "B", space)])
    r = ebit.simulate(net, [ebit.Request("A", "B", pairs=20_000, restart=True)], rng=7_004)[0]
    expected = space.success_probability / space.attempt_time_s
    assert abs(r.rate_hz.value - expected) < 4.9 * r.rate_hz.stderr


def test_networks_hold_channels(tmp_path: Path) -> None:
    nodes = [ebit.Node(name, ebit.Memory.perfect()) for name in ("space", "ground", "city")]
    links = [
        ebit.Link("space", "ground", ebit.DoubleClick(fiber=DOWN, detector=DETECTOR, station=1.0)),
        ebit.Link(
            "ground", "city", ebit.DoubleClick(fiber=ebit.Arms(ebit.Fiber(5.0), ebit.Fiber(9.0)), detector=DETECTOR)
        ),
    ]
    net = ebit.Network(nodes, links)
    route = net.route("space", "city")
    assert route.length_km == pytest.approx(500.0 + 14.0)
    assert route.loss_db == pytest.approx(DOWN.loss_db + 2.8)
    net.save(tmp_path / "net.json")
    again = ebit.Network.load(tmp_path / "net.json")
    assert again == net
    assert again.link(0).model == links[0].model
    file = tmp_path / "net.toml"
    file.write_text(
        """
[memories.m]
[models.down.DoubleClick]
station = 1.0
detector = {efficiency = 0.9}
[models.down.DoubleClick.fiber.SatelliteDownlink]
height_km = 500.0
divergence_rad = 5e-6
receiver_radius_m = 0.6
pointing_jitter_rad = 2e-6
zenith_transmittance = 0.75
[[nodes]]
name = "A"
memory = "m"
[[nodes]]
name = "B"
memory = "m"
[[links]]
a = "A"
b = "B"
model = "down"
"""
    )
    assert ebit.Network.load(file).route("A", "B").loss_db == pytest.approx(DOWN.loss_db)


def test_converters_are_efficiency_and_noise() -> None:
    link = ebit.DoubleClick(fiber=ebit.Fiber(20.0), detector=ebit.Detector(0.8, 10.0), source_efficiency=(0.5, 0.4))
    out = link.with_converters(hardware.FrequencyConverter(0.5, 1e4))
    assert isinstance(out, ebit.DoubleClick)
    assert out.source_efficiency == (0.25, 0.2)
    assert out.detector.dark_count_rate_hz == pytest.approx(10.0 + 0.8 * 1e4 * 10**-0.2)
    by_hand = link.replace(source_efficiency=(0.25, 0.2), detector=ebit.Detector(0.8, out.detector.dark_count_rate_hz))
    assert out.pair == by_hand.pair


def test_results_say_what_is_ideal_about_a_beam() -> None:
    down = DOWN.replace(pointing_jitter_rad=0.0, zenith_transmittance=1.0)
    link = ebit.DoubleClick(fiber=ebit.Arms(down, ebit.Fiber(1.0)), detector=DETECTOR)
    results = ebit.simulate(
        ebit.Network.chain(2, link, ebit.Memory.perfect()), [ebit.Request("n0", "n1", pairs=2)], rng=1
    )
    said = set(results.assumptions)
    assert {
        "beams are pointed perfectly (pointing_jitter_rad 0)",
        "beams meet no turbulence",
        "there is no atmosphere (zenith_transmittance 1)",
    } <= said
    plain = ebit.Network.chain(2, ebit.DoubleClick(fiber=ebit.Fiber(1.0), detector=DETECTOR), ebit.Memory.perfect())
    assert not [a for a in ebit.simulate(plain, [ebit.Request("n0", "n1", pairs=2)], rng=1).assumptions if "beam" in a]


#: Vibrations of silica: position, weight, width of the Gaussian and of the Lorentzian part, 1/cm (D. Hollenbeck and
#: C. D. Cantrell, J. Opt. Soc. Am. B 19, 2886 (2002), doi:10.1364/JOSAB.19.002886).
VIBRATIONS = np.array([
    [56.25, 1.00, 52.10, 17.37], [100.00, 11.40, 110.42, 38.81], [231.25, 36.67, 175.00, 58.33],
    [362.50, 67.67, 162.50, 54.17], [463.00, 74.00, 135.33, 45.11], [497.00, 4.50, 24.50, 8.17],
    [611.50, 6.80, 41.50, 13.83], [691.67, 4.60, 155.00, 51.67], [793.67, 4.20, 59.50, 19.83],
    [835.50, 4.50, 64.30, 21.43], [930.00, 2.70, 150.00, 50.00], [1080.00, 3.10, 91.00, 30.33],
    [1215.00, 3.00, 160.00, 53.33],
])  # fmt: skip


def test_raman_spectrum_is_that_of_silica_s_vibrations() -> None:
    """From 1 to 14.5 THz the gain behind rho is that of 13 damped vibrations, within a tenth of its greatest value.

    The gain is rho without its known factors; the vibrations give it as the imaginary part of the spectrum of their
    response. Both are divided by their greatest value: what is compared is the shape, from two measurements. Behind its
    peak the table falls earlier.
    """
    t, step = np.linspace(0.0, 6e-12, 60_001, retstep=True)
    position, weight, gauss, lorentz = VIBRATIONS.T
    omega, big, small = 200 * math.pi * C * position, 100 * math.pi * C * gauss, 100 * math.pi * C * lorentz
    response = sum(
        a * np.exp(-g * t - (b * t) ** 2 / 4) * np.sin(w * t)
        for a, w, b, g in zip(weight, omega, big, small, strict=True)
    )
    offsets = np.arange(1e12, 14.6e12, 0.25e12)
    silica = np.array([(response * np.sin(2 * math.pi * d * t)).sum() * step for d in offsets])
    classical, h, k = C / 1450e-9, 6.62607015e-34, 1.380649e-23
    quantum = classical - offsets
    rho = np.array([hardware.raman_per_km_nm(1450.0, 1e9 * C / q) for q in quantum])
    phonons = 1 / np.expm1(h * offsets / (k * 295.0))
    gain = rho / (quantum**3 * (phonons + 1))
    assert np.abs(gain / gain.max() - silica / silica.max()).max() < 0.1


def test_light_at_a_wavelength_has_the_cross_section_and_loss_of_it() -> None:
    light = hardware.ClassicalLight.at_wavelength(-3.0, 1310.0, 1545.0, "counter", temperature_k=280.0)
    rho = hardware.raman_per_km_nm(1310.0, 1545.0, temperature_k=280.0)
    assert light == hardware.ClassicalLight(-3.0, rho, ebit.Fiber.at_wavelength(1.0, 1310.0).loss_db_per_km, "counter")
    # Warm fibre scatters more, and more so to shorter wavelengths.
    warm = [hardware.raman_per_km_nm(1550.0, q, temperature_k=310.0) for q in (1500.0, 1600.0)]
    cold = [hardware.raman_per_km_nm(1550.0, q, temperature_k=280.0) for q in (1500.0, 1600.0)]
    assert warm[0] / cold[0] > warm[1] / cold[1] > 1.0
