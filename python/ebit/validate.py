"""``ebit validate``: the installed package against closed forms, through its public face only.

A deterministic row passes within half a unit of the last digit printed in its source, or relative 1e-9 where ten digits
are printed. A simulated row passes within 4.9 standard errors (false alarm 1e-6) and prints what it could detect.
A row that cannot run is a FAIL.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

import ebit

__all__ = ["CHECKS", "Row", "run_checks"]

#: Standard errors at a two-sided false-alarm rate of 1e-6.
SIGMAS = 4.9


@dataclass(frozen=True)
class Row:
    """One comparison: what, the reference, what ebit says, how far apart they may be."""

    name: str
    reference: float
    value: float
    tolerance: float
    how: str = "exact"

    @property
    def passed(self) -> bool:
        """Whether value and reference agree; a NaN never does."""
        return abs(self.value - self.reference) <= self.tolerance


def _exact(name: str, reference: str, value: float) -> Row:
    """Compare to half a unit of the last printed digit, or relative 1e-9 with ten digits and more."""
    mantissa, _, exponent = reference.partition("e")
    digits = len(mantissa.replace(".", "").replace("-", "").lstrip("0"))
    number = float(reference)
    decimals = len(mantissa.partition(".")[2])
    unit = 0.5 * 10.0 ** (int(exponent or 0) - decimals)
    return Row(name, number, value, abs(number) * 1e-9 if digits >= 10 else unit)


def _sampled(name: str, reference: float, estimate: ebit.Estimate) -> Row:
    can = SIGMAS * estimate.stderr / abs(reference)
    return Row(name, reference, estimate.value, SIGMAS * estimate.stderr, f"simulated, sees {100 * can:.2g} %")


def _bounds() -> Iterator[Row]:
    # At 400 km the exact value is 1.44269504810e-8; 1.442695055e-8 is what the naive log2(1 - eta) gives.
    for km, reference in ((50, "0.1520030934"), (100, "0.01449956970"), (400, "1.442695048e-8")):
        yield _exact(f"PLOB bound, {km} km at 0.2 dB/km", reference, ebit.bounds.plob(10 ** (-0.02 * km)))
    yield _exact("repeater bound, 100 km, two segments", "0.1520030934", ebit.bounds.chain_capacity(0.01, 2))
    yield _exact("TGW bound, 100 km", "0.02885486267", ebit.bounds.tgw(0.01))
    yield _exact("BB84 threshold", "0.1100278644", ebit.bounds.bb84_threshold())
    for km, reference in ((100, "150"), (1100, "1500"), (2000, "2500")):
        yield _exact(f"fibre length, {km} km great circle", reference, ebit.maps.fiber_length_km(float(km)))


def _double_click() -> Iterator[Row]:
    link = ebit.DoubleClick(fiber=ebit.Fiber(length_km=0.0), detector=ebit.Detector(efficiency=0.9), local_time_s=1e-6)
    yield _exact("double click, eta .9: p", "0.405", link.success_probability)
    yield _exact("double click, eta .9: F", "1", link.pair.fidelity)
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


def _single_click() -> Iterator[Row]:
    link = ebit.SingleClick(
        fiber=ebit.Fiber(length_km=0.0),
        detector=ebit.Detector(efficiency=0.1),
        bright_state_population=0.05,
        visibility=0.9,
        local_time_s=1e-6,
    )
    yield _exact("single click: p", "0.00997375", link.success_probability)
    yield _exact("single click: F", "0.928060726", link.pair.fidelity)


def _channels() -> Iterator[Row]:
    down = ebit.SatelliteDownlink(
        height_km=400.0, divergence_rad=3e-6, receiver_radius_m=0.5, pointing_jitter_rad=1e-6, zenith_transmittance=0.8
    )
    yield _exact("satellite downlink, 400 km, zenith: loss (dB)", "7.684203307", down.loss_db)
    # At 1/a = 21.7 km the co-propagating noise is greatest; against the signal a long fibre gives all there is.
    for direction, km, reference in (("co", 10 / (0.2 * math.log(10)), 2.99e7), ("counter", 1000.0, 4.07e7)):
        light = ebit.hardware.ClassicalLight(0.0, 3e-9, 0.2, direction)
        rate = light.raman_photon_rate_hz(ebit.Fiber(km), wavelength_nm=1550.0, filter_nm=0.16)
        yield Row(f"Raman noise, {direction}, 0 dBm, 0.16 nm: photons/s", reference, rate, 5e-3 * reference)


def _midpoint_source() -> Iterator[Row]:
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


def _attempt_times() -> Iterator[Row]:
    for km, reference in ((20.0, "0.0001"), (100.0, "0.0005")):
        link = ebit.DoubleClick(fiber=ebit.Fiber(length_km=km), detector=ebit.Detector(efficiency=0.9))
        yield Row(f"attempt time, {km:g} km, station in the middle (s)", float(reference), link.attempt_time_s, 1e-15)


def _pairs() -> Iterator[Row]:
    pair = ebit.BellDiagonal.werner(fidelity=0.99)
    chain = pair
    for _ in range(9):
        chain = chain.swap(pair)
    yield _exact("Werner swap, 10 links of F .99", "0.9057915657", chain.fidelity)
    low = ebit.BellDiagonal.werner(fidelity=0.75)
    probability, better = low.distill(low, protocol="bbpssw")
    yield _exact("BBPSSW, F .75: F", "0.7884615385", better.fidelity)
    yield _exact("BBPSSW, F .75: success", "0.7222222222", probability)
    _, once = low.distill(low)
    _, twice = once.distill(once)
    yield _exact("DEJMPS, F .75: F after 1 round", "0.7884615385", once.fidelity)
    yield _exact("DEJMPS, F .75: F after 2 rounds", "0.9023605150", twice.fidelity)


def _noisy_swap() -> Iterator[Row]:
    reference = "0.846587725888"
    pair = ebit.BellDiagonal.werner(fidelity=0.95).depolarize_qubit(0.02).depolarize_qubit(0.02)
    # depolarize(.01) on both qubits before the measurement turns the outcome into noise with probability .01.
    yield _exact("noisy swap, Bell-diagonal", reference, pair.swap(pair).depolarize(0.01).fidelity)
    yield _exact("noisy swap, density matrix", reference, _noisy_swap_density_matrix())


def _noisy_swap_density_matrix() -> float:
    werner = ebit.DensityMatrix(2, rng=1)
    werner.h(0)
    werner.cx(0, 1)
    target = werner.copy()
    werner.depolarize(4 / 3 * 0.05, [0, 1])
    both = ebit.DensityMatrix.from_numpy(np.kron(werner.to_numpy(), werner.to_numpy()), rng=1)
    for qubit in range(4):
        both.depolarize(0.02, [qubit])
    both.cx(1, 2)
    both.depolarize(0.01, [1, 2])
    both.h(1)
    phase, amplitude = both.measure(1), both.measure(2)
    if amplitude:
        both.x(3)
    if phase:
        both.z(3)
    return both.partial_trace(keep=[0, 3]).fidelity(target)


def _chain(nodes: int, link: Any, memory: ebit.Memory, swap: ebit.Swap, pairs: int, rng: int) -> Any:
    net = ebit.Network.chain(nodes=nodes, link=link, memory=memory, swap=swap)
    request = ebit.Request("n0", f"n{nodes - 1}", pairs=pairs, restart=True)
    return ebit.simulate(net, [request], rng=rng)[0]


def _waiting() -> Iterator[Row]:
    step = ebit.HeraldedLink(success_probability=0.1, attempt_time_s=1.0)
    perfect = ebit.Memory.perfect()
    for n, reference in ((2, 14.73684210526), (4, 20.27337819176)):
        r = _chain(n + 1, step, perfect, ebit.Swap.perfect(), 400_000, 11 + n)
        yield _sampled(f"E[max of {n} geometric(.1)], steps", reference, r.waiting_time_s)
    half = ebit.Swap(success_probability=0.5)
    for n, reference in ((2, 29.47368421053), (3, 57.05742888712)):
        r = _chain(n + 1, step, perfect, half, 400_000, 21 + n)
        yield _sampled(f"swap-asap, p .1, q .5, {n} segments, steps", reference, r.waiting_time_s)


def _n_links() -> Iterator[Row]:
    link = ebit.HeraldedLink(success_probability=0.8 * math.exp(-25 / 22), attempt_time_s=250e-6)
    memory, swap = ebit.Memory(slots=1, t2_s=0.1), ebit.Swap(fidelity=0.9925)
    for n, mean, fidelity in ((2, 1.388645949e-3, 0.984418634), (4, 1.879984740e-3, 0.957526542)):
        r = _chain(n + 1, link, memory, swap, 400_000, 31 + n)
        yield _sampled(f"{n} links of 25 km: mean time (s)", mean, r.waiting_time_s)
        yield _sampled(f"{n} links of 25 km: F", fidelity, r.fidelity)


def _exact_chains() -> Iterator[Row]:
    step = ebit.HeraldedLink(success_probability=0.1, attempt_time_s=1.0, pair=ebit.BellDiagonal.werner(0.985))
    memory, half = ebit.Memory(depolarizing_time_s=800.0), ebit.Swap(success_probability=0.5)
    # The published weight of two segments is cut off after eight digits; this is .98^2 times the row of ten digits.
    for n, cutoffs, steps, w in (
        (2, (), "29.473684", 0.98**2 * 0.9768652518),
        (4, (), "84.817580", 0.82690174),
        (4, (16.0, 31.0), "108.256782", 0.86726055),
    ):
        schedule = ebit.schedules.Nested(cutoffs_s=cutoffs)
        r = ebit.RepeaterChain([step] * n, memory, half, schedule).exact()
        name = f"nested, {n} segments{', cut-offs' if cutoffs else ''}"
        yield _exact(f"{name}: steps", steps, r.waiting_time_s.value)
        yield Row(f"{name}: w", w, (4 * r.fidelity.value - 1) / 3, 5e-9)
    step = ebit.HeraldedLink(success_probability=0.1, attempt_time_s=1.0)
    for n, reference in ((2, "14.73684210526"), (4, "20.27337819176")):
        r = ebit.RepeaterChain([step] * n, ebit.Memory.perfect()).exact()
        yield _exact(f"E[max of {n} geometric(.1)], steps", reference, r.waiting_time_s.value)
    for n, reference in ((2, "0.9768652518"), (3, "0.9544348518")):
        r = ebit.RepeaterChain([step] * n, ebit.Memory(t2_s=400.0), end_memory="measured").exact()
        yield _exact(f"swap-asap, {n} segments, ends measured: coherence", reference, 1 - 2 * r.qber_x.value)
    for n, reference in ((2, "29.47368421053"), (3, "57.05742888712")):
        r = ebit.RepeaterChain([step] * n, ebit.Memory.perfect(), half).exact(tolerance=1e-12)
        yield _exact(f"swap-asap, p .1, q .5, {n} segments: steps", reference, r.waiting_time_s.value)
    nested = ebit.schedules.Nested()
    r = ebit.RepeaterChain([step] * 1024, ebit.Memory.perfect(), ebit.Swap(0.9), nested).exact(tolerance=1e-11)
    yield _exact("nested, 1,024 segments, q .9: steps", "445.0953", r.waiting_time_s.value)
    rare = ebit.HeraldedLink(success_probability=1e-3, attempt_time_s=1.0)
    r = ebit.RepeaterChain([rare] * 2, ebit.Memory.perfect(), half, nested).exact(tolerance=1e-12)
    ratio = r.waiting_time_s.value / (1.5 / (1e-3 * 0.5))
    yield _exact("nested, 2 segments, p 1e-3, q .5: mean over 3/(2pq)", "0.99983325", ratio)
    link = ebit.HeraldedLink(success_probability=0.8 * math.exp(-25 / 22), attempt_time_s=250e-6)
    for n, mean, fidelity in ((2, "1.388645949", "0.984418634"), (4, "1.879984740", "0.957526542")):
        r = ebit.RepeaterChain([link] * n, ebit.Memory(t2_s=0.1), ebit.Swap(fidelity=0.9925)).exact()
        yield _exact(f"{n} links of 25 km: mean time (ms)", mean, 1e3 * r.waiting_time_s.value)
        yield _exact(f"{n} links of 25 km: F", fidelity, r.fidelity.value)


def _two_links() -> Iterator[Row]:
    trial = 2 * 50e3 / 2e8
    link = ebit.HeraldedLink(0.8 * math.exp(-50 / 22), trial, herald_age_s=trial)
    centre, end = ebit.Memory(t2_s=0.1), ebit.Memory.perfect()
    swap = ebit.Swap(fidelity=0.9925)
    nodes = [ebit.Node("A", end), ebit.Node("centre", centre, swap), ebit.Node("B", end)]
    net = ebit.Network(nodes, [ebit.Link("A", "centre", link), ebit.Link("centre", "B", link)])
    r = ebit.simulate(net, [ebit.Request("A", "B", pairs=400_000, restart=True)], rng=41)[0]
    yield _sampled("two links from a central station, 100 km: F", 0.9606877088, r.fidelity)
    yield _sampled("two links from a central station, 100 km: pairs/s", 111.4970453, r.rate_hz)


def _two_round() -> Iterator[Row]:
    link = ebit.DoubleClick(
        fiber=ebit.Fiber(length_km=20.0), detector=ebit.Detector(efficiency=0.9), negotiation="two-round"
    )
    mean = link.attempt_time_s / link.success_probability
    yield Row("two-round negotiation, 20 km: mean time (ms)", 3.3125, 1e3 * mean, 5e-5)
    net = ebit.Network.chain(nodes=2, link=link, memory=ebit.Memory.perfect())
    r = ebit.simulate(net, [ebit.Request("n0", "n1", pairs=400_000)], rng=51)[0]
    yield _sampled("two-round negotiation, 20 km, simulated (s)", mean, r.waiting_time_s)


def _tuned_chain() -> Iterator[Row]:
    # Li, Coopmans and Elkouss, from the data beside their code (examples/cutoff_optimization.py): cut-offs 21, 39, 36.
    step = ebit.HeraldedLink(success_probability=0.1, attempt_time_s=1.0, pair=ebit.BellDiagonal.werner(0.985))
    swap, schedule = ebit.Swap(success_probability=0.9), ebit.schedules.Nested()
    chain = ebit.RepeaterChain([step] * 8, ebit.Memory(depolarizing_time_s=800.0), swap, schedule)

    def key_in_nats(result: ebit.chain.ChainResult) -> float:
        q = (1 - result.fidelity.value) * 2 / 3
        return max(0.0, 1 + 2 * (q * math.log(q) + (1 - q) * math.log(1 - q))) * result.rate_hz.value

    best = chain.optimize(key_in_nats, {"cutoffs_s": (16.0, 64.0)})
    yield _exact("eight links, tuned cut-offs: steps", "44.312674", best.result.waiting_time_s.value)
    yield _exact("eight links, tuned cut-offs: w", "0.727371874", (4 * best.result.fidelity.value - 1) / 3)
    yield _exact("eight links, tuned cut-offs: key in nats", "4.593918253e-3", best.value)


def _encoded() -> Iterator[Row]:
    # doi:10.1103/PhysRevLett.112.250501, table I: R t_0 with one entropy of the mean error.
    for loss, error, km, n, m, spacing, reference in (
        (0.0, 1e-3, 1e3, 10, 5, 2.0, "0.74"),
        (0.1, 1e-3, 1e3, 31, 7, 1.8, "0.67"),
        (0.0, 1e-3, 1e4, 13, 6, 1.5, "0.78"),
        (0.1, 1e-3, 1e4, 41, 8, 1.2, "0.59"),
    ):
        fiber = ebit.EncodedChain.fiber_20_km(km)
        r = ebit.EncodedChain(ebit.ParityCode(n, m), fiber, round(km / spacing), error, 1 - loss).exact()
        mean = (r.qber_x.value + r.qber_z.value) / 2
        rate = r.success_probability * (1 - 2 * ebit.bounds.binary_entropy(mean))
        yield _exact(f"parity code ({n}, {m}), {km:,.0f} km, coupling loss {loss}: R t_0", reference, rate)


def _keys() -> Iterator[Row]:
    rng = np.random.default_rng(31)
    for qber, reference in ((0.01, 1.140), (0.03, 1.173), (0.05, 1.183)):
        alice = rng.random((20, 100_000)) < 0.5
        r = ebit.qkd.cascade(alice, alice ^ (rng.random(alice.shape) < qber), qber, rng=1)
        how = "simulated, another implementation to 2 %"
        yield Row(
            f"Cascade, 1e5 bits at {100 * qber:g} %: parities / n h(q)", reference, r.efficiency, 0.02 * reference, how
        )
    alice = rng.random((20, 100_000)) < 0.5
    r = ebit.qkd.cascade(alice, alice ^ (rng.random(alice.shape) < 0.03), 0.03, "option-8", rng=1)
    below = max(0.0, 1.0 - float(r.disclosed_per_key.mean()) / (100_000 * ebit.bounds.binary_entropy(0.03)))
    yield Row("Cascade, option 8 at 3 %: share disclosed below n h(q)", 0.0, below, 1e-3, "simulated")
    n, length = 1_000_000, 500_000
    key, seed = rng.random(n) < 0.5, rng.random(n + length - 1) < 0.5
    ours = ebit.qkd.toeplitz(key, seed, length)
    places = rng.integers(0, length, 200)
    wrong = sum(bool(ours[i]) != bool(np.count_nonzero(key & seed[i : i + n][::-1]) % 2) for i in places)
    yield Row("Toeplitz hash, 1e6 to 5e5 bits: wrong of 200", 0.0, float(wrong), 0.0)


def _near(name: str, reference: float, value: float, relative: float) -> Row:
    return Row(name, reference, value, relative * abs(reference))


def _qkd_thresholds() -> Iterator[Row]:
    for protocol, reference in (
        ("BB84", "0.1100278644"),
        ("SixState", "0.1261930833"),
        ("DeviceIndependent", "0.071492"),
        ("SARG04", "0.09689"),
    ):
        yield _exact(f"QBER threshold, {protocol}", reference, ebit.qkd.qber_threshold(protocol))
    yield _exact("S at Q = 0", "2.8284271247", ebit.qkd.chsh(0.0))
    yield _exact("S at Q = 0.146447", "2.00000", ebit.qkd.chsh(0.146447))


def _gys(**more: Any) -> Any:
    """The system of Gobby, Yuan and Shields, Appl. Phys. Lett. 84, 3762 (2004)."""
    fields: dict[str, Any] = {"receiver_efficiency": 0.045, "background_probability": 1.7e-6, "misalignment": 0.033}
    fiber = ebit.Fiber(more.pop("km", 100.0), loss_db_per_km=0.21)
    return ebit.qkd.DecoyBB84(fiber, **(fields | {"error_correction": 1.22, "signal": 0.48} | more))


def _qkd_decoys() -> Iterator[Row]:
    for km, reference in ((0.0, "2.55457727e-3"), (100.0, "1.71843592e-5")):
        yield _exact(f"decoy BB84, infinite decoys, {km:g} km: R", reference, _gys(km=km).key_rate().value)
    yield _exact("decoy BB84, infinite decoys: last km", "142.014", _gys().max_distance_km())
    two = _gys(km=60.0, decoys=(0.05, 0.0))
    yield _exact("decoy BB84, vacuum and weak, 60 km: R", "1.280585e-4", two.key_rate().value)
    yield _exact("decoy BB84, vacuum and weak: last km", "140.62", two.max_distance_km())


def _lim(km: float, **more: Any) -> Any:
    """The system of figure 1 of Lim et al. 2014, doi:10.1103/PhysRevA.89.022307."""
    fields: dict[str, Any] = {"receiver_efficiency": 0.1, "background_probability": 1.2e-6, "misalignment": 5e-3}
    fields |= {"afterpulse_probability": 0.04, "gain": "union", "signal": 0.5, "decoys": (0.15, 2e-4)}
    return ebit.qkd.DecoyBB84(ebit.Fiber(km), **(fields | more))


def _qkd_finite() -> Iterator[Row]:
    epsilon = ebit.qkd.Epsilon(correctness=1e-15, secrecy_per_bit=1e-15)
    fixed = _lim(50.0, sifting=0.81, signal_probability=0.3, weak_probability=0.5)
    yield _exact("Lim et al. 2014, 50 km, n 1e7: R", "5.16494944e-4", fixed.key_rate(1e7, epsilon).value)
    for block, reference in ((1e7, 5.157e-5), (1e9, 8.801e-5)):
        best = _lim(100.0).optimize(block, epsilon).key_rate(block, epsilon)
        yield _near(f"Lim et al. 2014, optimized, 100 km, n {block:g}: R", reference, best.value, 1e-3)
    yield _near("Tomamichel et al. 2012, m 1e6, k optimized: l/m", 0.51491, _best_test(1e6, 0.025), 1e-4)


def _best_test(total: float, qber: float) -> float:
    """Key bits per sifted bit with the best number of test bits, by golden section."""
    epsilon = ebit.qkd.Epsilon(correctness=1e-15, secrecy=1e-10)

    def share(log_k: float) -> float:
        k = math.exp(log_k)
        leak = 1.1 * (total - k) * ebit.bounds.binary_entropy(qber)
        return ebit.qkd.uncertainty_key_length(total - k, k, qber, leak, epsilon).bits / total

    low, high, ratio = math.log(1e3), math.log(5e5), (math.sqrt(5) - 1) / 2
    while high - low > 1e-4:
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        low, high = (left, high) if share(left) < share(right) else (low, right)
    return share(low)


def _qkd_pairs_and_relays() -> Iterator[Row]:
    line = ebit.qkd.BBM92(
        ebit.Fiber(0.0, insertion_loss_db=20.0),
        receiver_efficiency=0.145,
        background_probability=6.02e-6,
        misalignment=0.015,
        error_correction=1.22,
    )
    best = line.optimize()
    yield _near("BBM92, source in the middle, 20 dB: best lambda", 0.0513, best.mean_pairs / 2, 1e-3)
    yield _near("BBM92, source in the middle, 20 dB: R", 3.6209e-6, best.key_rate().value, 1e-3)
    mdi = ebit.qkd.MDI(
        ebit.Fiber(100.0), receiver_efficiency=0.145, dark_count_probability=3.01e-6, misalignment=0.015
    ).optimize()
    yield _near("MDI, 100 km: best mu", 0.5486, mdi.signal, 1e-3)
    yield _near("MDI, 100 km: R", 2.4668e-6, mdi.key_rate().value, 1e-3)

    def twin(db: float) -> Any:
        return ebit.qkd.TwinField(ebit.Fiber(0.0, insertion_loss_db=db), 1.0, dark_count_probability=1e-8).optimize()

    yield _near("twin field, 40 dB, alpha optimized: R", 3.8624e-4, twin(40.0).key_rate().value, 1e-3)
    ratio = [twin(db).key_rate().value / ebit.bounds.plob(10 ** (-db / 10)) for db in (31.0, 33.0)]
    yield Row("twin field beats the PLOB bound between 31 and 33 dB", 1.0, float(ratio[0] < 1.0 < ratio[1]), 0.0)
    gaussian = ebit.qkd.GG02(ebit.Fiber(25.0), 0.6, modulation_variance=4.0, excess_noise=0.01, electronic_noise=0.01)
    yield _exact("GG02 homodyne, trusted detector, 25 km: R", "0.0916266", gaussian.key_rate().value)
    untrusted = gaussian.replace(trusted_detector=False)
    yield _exact("GG02 homodyne, untrusted detector, 25 km: R", "0.0339", untrusted.key_rate().value)
    yield from _finite_gaussian()
    yield from _boxes()


def _finite_gaussian() -> Iterator[Row]:
    """Composable keys as the programs softquanta/homCVQKD and hetCVQKD reckon them (doi:10.48550/arXiv.2103.16589).

    Their example: 5 km, 0.2 dB/km, eta = 0.8, v_el = 0.1 (of heterodyne detection theirs is twice what is meant here),
    xi = 0.01, beta = 0.92, V_A six times the noise, p = 7, a tenth compared, p_ec = 0.95, all parts of epsilon 2^-32
    (estimation: 2 p_ec eps_pe), one frame, the program's second way of bounding T. Bounds here hold to all orders in
    1/sqrt(m), theirs to the first: the difference falls as 1/m.
    """
    variance = 6 * (1.1 / (0.8 * 10**-0.1) + 0.01)
    line = ebit.qkd.GG02(
        ebit.Fiber(5.0), 0.8, modulation_variance=variance, excess_noise=0.01, electronic_noise=0.1,
        reconciliation_efficiency=0.92, estimation_share=0.1, digitization_bits=7, frame_success_probability=0.95,
    )  # fmt: skip
    epsilon = ebit.qkd.Epsilon(correctness=2.0**-32, secrecy=3 * 2.0**-32)
    both = line.replace(detection="heterodyne", electronic_noise=0.05)
    for name, system, block, reference, relative in (
        ("homodyne", line, 1.8e7, 0.3911884707, 1e-3),
        ("homodyne", line, 1.8e9, 0.4630035209, 1e-5),
        ("heterodyne", both, 1.8e7, 0.4274371389, 1e-3),
        ("heterodyne", both, 1.8e9, 0.5499682921, 1e-5),
    ):
        found = system.key_rate(block, epsilon).value
        yield _near(f"GG02 {name}, composable key of {block:.1e} signals, 5 km: R", reference, found, relative)


def _boxes() -> Iterator[Row]:
    """The first device-independent key (Nadlinger et al. 2022, doi:10.1038/s41586-022-04941-5, arXiv:2109.14600v2).

    n = 1.5e6, gamma = 13/256, w = 0.825538, a syndrome of 296 517 bits, soundness 1e-10: 95 884 bits. Four tags of 64
    bits, of collisions 2^-61, are told; one of them is counted here, with 61. Their figure S15 has keys from n = 2.6e5
    on, of S = 2 sqrt2 without errors, a syndrome of gamma h((4 - S)/8) n + 50 sqrt(n), and the best gamma, here to 1 %.
    """
    tag = 2.0**-61
    epsilon = ebit.qkd.Epsilon(correctness=tag, secrecy=1e-10 - 3 * tag)
    length = ebit.qkd.device_independent_key_length
    found = length(1.5e6, 13 / 256, 8 * 0.825538 - 4, 296_517 + 3 * 64 + 3, epsilon)
    yield _near("two ions, boxes that nobody trusts: key bits", 95_884, found.bits, 1e-4)
    line = ebit.qkd.DeviceIndependent(
        ebit.Fiber(0.0), 1.0, visibility=2.64 / 8**0.5, heralded=True, test_probability=13 / 256
    )
    asked = line.key_rate(1.5e6).parts["chsh_asked"]
    yield _exact("two ions: score that the test asks for", "0.825538", (4 + asked) / 8)
    shares = [0.05 * 1.01**k for k in range(180)]

    def best(n: float) -> int:
        keys = []
        for gamma in shares:
            lost = gamma * (4 - 8**0.5) / 8
            asked = 8**0.5 - 24 * math.sqrt(lost * (1 - lost) / n) / gamma
            told = gamma * n * ebit.bounds.binary_entropy((4 - 8**0.5) / 8) + 50 * math.sqrt(n) + 3 * 64 + 3
            keys.append(length(n, gamma, max(asked, 0.0), told, epsilon).bits)
        return max(keys)

    least = next(n for n in range(200_000, 400_000, 5_000) if best(n) > 0)
    yield _near("boxes, S = 2 sqrt2: least rounds with a key", 2.6e5, least, 0.02)


def _qkd_attacks() -> Iterator[Row]:
    """Intercept-resend on lines without noise of their own."""
    line: dict[str, Any] = {"fiber": ebit.Fiber(0.0), "receiver_efficiency": 1.0}
    for fraction in (0.2, 1.0):
        attack = ebit.qkd.InterceptResend(fraction=fraction)
        session = ebit.qkd.BB84(**line).run(10**6, attack, rng=71)
        yield _sampled(f"BB84, intercept-resend on {fraction:g} of the pulses: QBER", fraction / 4, session.qber)
    whole = ebit.qkd.InterceptResend()
    yield _sampled(
        "six states, intercept-resend: QBER", 1 / 3, ebit.qkd.SixState(**line).run(10**6, whole, rng=72).qber
    )
    # So few pairs that hardly ever two of them are there at once, which alone would lower S by 0.0002.
    pairs = ebit.qkd.E91(**line, mean_pairs=1e-4).run(10**9, whole, rng=73)
    yield _sampled("E91, intercept-resend: S", math.sqrt(2), pairs.chsh)


def _encoded_memories() -> Iterator[Row]:
    # Seven pairs with independent errors, all 128 patterns added up by hand; the last of 28 pairs to come.
    p = 0.03
    wrong = sum(a * p**w * (1 - p) ** (7 - w) for w, a in enumerate((0, 0, 21, 7, 28, 0, 7, 1)))
    link = ebit.HeraldedLink(0.1, 1.0, ebit.BellDiagonal([1 - p, 0.0, p, 0.0]))
    encoding = ebit.Encoding(ebit.codes.steane())
    r = ebit.RepeaterChain([link], ebit.Memory(7), encoding=encoding).exact()
    yield _exact("Steane code, X errors 3 %: qber_z", f"{wrong:.12g}", r.qber_z.value)
    last = sum((-1) ** (k + 1) * math.comb(28, k) / (1 - 0.9**k) for k in range(1, 29))
    r = ebit.RepeaterChain([link] * 4, ebit.Memory(7), encoding=encoding).exact(tolerance=1e-11)
    yield _exact("Steane code, four links, p=.1: steps", f"{last:.9g}", r.waiting_time_s.value)


#: Every group of rows.
CHECKS: tuple[Callable[[], Iterator[Row]], ...] = (
    _bounds,
    _double_click,
    _single_click,
    _channels,
    _midpoint_source,
    _attempt_times,
    _pairs,
    _noisy_swap,
    _waiting,
    _n_links,
    _exact_chains,
    _two_links,
    _two_round,
    _tuned_chain,
    _encoded,
    _keys,
    _qkd_thresholds,
    _qkd_decoys,
    _qkd_finite,
    _qkd_pairs_and_relays,
    _qkd_attacks,
    _encoded_memories,
)


def run_checks(console: Any) -> int:
    """Run all checks, print the table and return the exit code."""
    from rich.markup import escape
    from rich.progress import track
    from rich.table import Table

    out = Table(
        "check",
        "reference",
        "ebit",
        "deviation",
        "allowed",
        "how",
        "",
        title=f"ebit {ebit.__version__} validate",
        title_justify="left",
    )
    failures = 0
    for check in track(
        CHECKS, description="validating", console=console, transient=True, disable=not console.is_terminal
    ):
        try:
            rows = list(check())
        except Exception as error:
            failures += 1
            out.add_row(
                check.__name__.strip("_"), "", "", "", "", escape(f"{type(error).__name__}: {error}"), "[red]FAIL[/red]"
            )
            continue
        for row in rows:
            failures += not row.passed
            verdict = "[green]pass[/green]" if row.passed else "[red]FAIL[/red]"
            out.add_row(
                escape(row.name),
                f"{row.reference:.10g}",
                f"{row.value:.10g}",
                f"{row.value - row.reference:.1e}",
                f"{row.tolerance:.1e}",
                row.how,
                verdict,
            )
    console.print(out)
    console.print("all checks pass" if not failures else f"[red]{failures} checks FAIL[/red]")
    return 1 if failures else 0
