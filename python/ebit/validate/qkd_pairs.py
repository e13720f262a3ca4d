"""Rows of keys from pairs, relays, Gaussian states and boxes that nobody trusts."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import ebit
from ebit.validate.rows import Row, exact, near


def qkd_pairs_and_relays() -> Iterator[Row]:
    """Keys of pairs, relays, Gaussian states and boxes."""
    line = ebit.qkd.BBM92(
        ebit.Fiber(0.0, insertion_loss_db=20.0),
        receiver_efficiency=0.145,
        background_probability=6.02e-6,
        misalignment=0.015,
        error_correction=1.22,
    )
    best = line.optimize()
    yield near("BBM92, source in the middle, 20 dB: best lambda", 0.0513, best.mean_pairs / 2, 1e-3)
    yield near("BBM92, source in the middle, 20 dB: R", 3.6209e-6, best.key_rate().value, 1e-3)
    mdi = ebit.qkd.MDI(
        ebit.Fiber(100.0), receiver_efficiency=0.145, dark_count_probability=3.01e-6, misalignment=0.015
    ).optimize()
    yield near("MDI, 100 km: best mu", 0.5486, mdi.signal, 1e-3)
    yield near("MDI, 100 km: R", 2.4668e-6, mdi.key_rate().value, 1e-3)

    def twin(db: float) -> Any:
        return ebit.qkd.TwinField(ebit.Fiber(0.0, insertion_loss_db=db), 1.0, dark_count_probability=1e-8).optimize()

    yield near("twin field, 40 dB, alpha optimized: R", 3.8624e-4, twin(40.0).key_rate().value, 1e-3)
    ratio = [twin(db).key_rate().value / ebit.bounds.plob(10 ** (-db / 10)) for db in (31.0, 33.0)]
    yield Row("twin field beats the PLOB bound between 31 and 33 dB", 1.0, float(ratio[0] < 1.0 < ratio[1]), 0.0)
    gaussian = ebit.qkd.GG02(ebit.Fiber(25.0), 0.6, modulation_variance=4.0, excess_noise=0.01, electronic_noise=0.01)
    yield exact("GG02 homodyne, trusted detector, 25 km: R", "0.0916266", gaussian.key_rate().value)
    untrusted = gaussian.replace(trusted_detector=False)
    yield exact("GG02 homodyne, untrusted detector, 25 km: R", "0.0339", untrusted.key_rate().value)
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
        yield near(f"GG02 {name}, composable key of {block:.1e} signals, 5 km: R", reference, found, relative)


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
    yield near("two ions, boxes that nobody trusts: key bits", 95_884, found.bits, 1e-4)
    line = ebit.qkd.DeviceIndependent(
        ebit.Fiber(0.0), 1.0, visibility=2.64 / 8**0.5, heralded=True, test_probability=13 / 256
    )
    asked = line.key_rate(1.5e6).parts["chsh_asked"]
    yield exact("two ions: score that the test asks for", "0.825538", (4 + asked) / 8)
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
    yield near("boxes, S = 2 sqrt2: least rounds with a key", 2.6e5, least, 0.02)
