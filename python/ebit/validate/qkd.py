"""Rows of keys: post-processing, thresholds, attacks, and rates of protocols with weak pulses."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

import ebit
from ebit.validate.rows import Row, exact, near, sampled


def keys() -> Iterator[Row]:
    """Cascade, and the hash of privacy amplification."""
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


def qkd_thresholds() -> Iterator[Row]:
    """Error rates that a key survives, and the game of CHSH."""
    for protocol, reference in (
        ("BB84", "0.1100278644"),
        ("SixState", "0.1261930833"),
        ("DeviceIndependent", "0.071492"),
        ("SARG04", "0.09689"),
    ):
        yield exact(f"QBER threshold, {protocol}", reference, ebit.qkd.qber_threshold(protocol))
    yield exact("S at Q = 0", "2.8284271247", ebit.qkd.chsh(0.0))
    yield exact("S at Q = 0.146447", "2.00000", ebit.qkd.chsh(0.146447))


def _gys(**more: Any) -> Any:
    """The system of Gobby, Yuan and Shields, Appl. Phys. Lett. 84, 3762 (2004)."""
    fields: dict[str, Any] = {"receiver_efficiency": 0.045, "background_probability": 1.7e-6, "misalignment": 0.033}
    fiber = ebit.Fiber(more.pop("km", 100.0), loss_db_per_km=0.21)
    return ebit.qkd.DecoyBB84(fiber, **(fields | {"error_correction": 1.22, "signal": 0.48} | more))


def qkd_decoys() -> Iterator[Row]:
    """BB84 with decoys and keys without end."""
    for km, reference in ((0.0, "2.55457727e-3"), (100.0, "1.71843592e-5")):
        yield exact(f"decoy BB84, infinite decoys, {km:g} km: R", reference, _gys(km=km).key_rate().value)
    yield exact("decoy BB84, infinite decoys: last km", "142.014", _gys().max_distance_km())
    two = _gys(km=60.0, decoys=(0.05, 0.0))
    yield exact("decoy BB84, vacuum and weak, 60 km: R", "1.280585e-4", two.key_rate().value)
    yield exact("decoy BB84, vacuum and weak: last km", "140.62", two.max_distance_km())


def _lim(km: float, **more: Any) -> Any:
    """The system of figure 1 of Lim et al. 2014, doi:10.1103/PhysRevA.89.022307."""
    fields: dict[str, Any] = {"receiver_efficiency": 0.1, "background_probability": 1.2e-6, "misalignment": 5e-3}
    fields |= {"afterpulse_probability": 0.04, "gain": "union", "signal": 0.5, "decoys": (0.15, 2e-4)}
    return ebit.qkd.DecoyBB84(ebit.Fiber(km), **(fields | more))


def qkd_finite() -> Iterator[Row]:
    """Finite keys of single photons and of weak pulses."""
    epsilon = ebit.qkd.Epsilon(correctness=1e-15, secrecy_per_bit=1e-15)
    fixed = _lim(50.0, sifting=0.81, signal_probability=0.3, weak_probability=0.5)
    yield exact("Lim et al. 2014, 50 km, n 1e7: R", "5.16494944e-4", fixed.key_rate(1e7, epsilon).value)
    for block, reference in ((1e7, 5.157e-5), (1e9, 8.801e-5)):
        best = _lim(100.0).optimize(block, epsilon).key_rate(block, epsilon)
        yield near(f"Lim et al. 2014, optimized, 100 km, n {block:g}: R", reference, best.value, 1e-3)
    yield near("Tomamichel et al. 2012, m 1e6, k optimized: l/m", 0.51491, _best_test(1e6, 0.025), 1e-4)


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


def qkd_attacks() -> Iterator[Row]:
    """Intercept-resend on lines without noise of their own."""
    line: dict[str, Any] = {"fiber": ebit.Fiber(0.0), "receiver_efficiency": 1.0}
    for fraction in (0.2, 1.0):
        attack = ebit.qkd.InterceptResend(fraction=fraction)
        session = ebit.qkd.BB84(**line).run(10**6, attack, rng=71)
        yield sampled(f"BB84, intercept-resend on {fraction:g} of the pulses: QBER", fraction / 4, session.qber)
    whole = ebit.qkd.InterceptResend()
    yield sampled("six states, intercept-resend: QBER", 1 / 3, ebit.qkd.SixState(**line).run(10**6, whole, rng=72).qber)
    # So few pairs that hardly ever two of them are there at once, which alone would lower S by 0.0002.
    pairs = ebit.qkd.E91(**line, mean_pairs=1e-4).run(10**9, whole, rng=73)
    yield sampled("E91, intercept-resend: S", math.sqrt(2), pairs.chsh)
