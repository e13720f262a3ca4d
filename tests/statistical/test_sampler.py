"""Samples of circuits against exact distributions, against Stim, and against themselves.

Every comparison with a law is a test at a false-alarm rate of 1e-6 for all its cases together, on a seed of its own.
"""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys

import numpy as np
import pytest
import stim
from circuit_oracle import distribution
from scipy.stats import chi2

import ebit
from ebit.errors import FormalismError, RangeError, TooLargeError, WrongTypeError

FALSE_ALARM = 1e-6
SHOTS = 200_000
QUBITS = 3
RESULTS = 6

ONE = [n for n, g in stim.gate_data().items() if g.is_unitary and g.is_single_qubit_gate]
TWO = [n for n, g in stim.gate_data().items() if g.is_unitary and g.is_two_qubit_gate]
NOISE = [
    "X_ERROR(0.3) {a}", "Y_ERROR(0.02) {a} {b}", "Z_ERROR(0.5) {a}",
    "DEPOLARIZE1(0.4) {a}", "DEPOLARIZE1(0.03) {a} {b}",
    "DEPOLARIZE2(0.6) {a} {b}", "DEPOLARIZE2(0.05) {a} {b}", "PAULI_CHANNEL_1(0.1, 0.02, 0.3) {a}",
    "PAULI_CHANNEL_2(0.01,0.02,0.03,0.04,0.05,0.06,0.07,0.08,0.09,0.1,0,0.02,0.03,0.04,0.05) {a} {b}",
    "E(0.3) X{a} Z{b}\nELSE_CORRELATED_ERROR(0.5) Y{b}\nH {c}\nELSE_CORRELATED_ERROR(0.04) X{c}*Y{a}",
    "X_ERROR(1) {a}", "I_ERROR(0.1) {a}", "II_ERROR(0.1) {a} {b}",
]  # fmt: skip
MEASURE = [
    ("M {a} !{b}", 2), ("M(0.2) {a}", 1), ("MX !{a}", 1), ("MX(0.03) {a}", 1), ("MY {a}", 1), 
    ("MR {a} {a}", 2), ("MR(0.1) !{a}", 1),
    ("MRX {a}", 1), ("MRY {a} {b}", 2), ("MXX {a} !{b}", 1), ("MYY(0.1) {a} {b}", 1), ("MZZ {a} {b}", 1),
    ("MPP X{a}*Y{b}*!Z{c} Y{a}*Y{b}", 2), ("MPP(0.02) Z{a}*X{b}", 1), ("HERALDED_ERASE(0.3) {a}", 1),
    ("HERALDED_PAULI_CHANNEL_1(0.1, 0.2, 0.05, 0.3) {a} {b}", 2), ("MPAD(0.1) 1", 1), ("MPP X{a}*X{a}", 1),
]  # fmt: skip
OTHER = [
    "R {a}", "RX {a} {b}", "RY {a}", "SPP X{a}*Y{b} !Z{c}", "SPP_DAG Y{a}*Z{b}*X{c}",
    "CX rec[-1] {a}", "CY rec[-1] {a}", "CZ {a} rec[-1]", "XCZ {a} rec[-1]", "YCZ {b} rec[-1] {a} rec[-1]",
    "REPEAT 3 {{\nH {a}\nCX {a} {b}\nC_XYZ {c} {a}\nX_ERROR(0.1) {b}\n}}",
    "REPEAT 2 {{\nSWAP {a} {b}\nS {a}\nCX rec[-1] {c}\nH_YZ {c}\n}}",
]  # fmt: skip


def circuit(seed: int) -> stim.Circuit:
    """A random circuit of everything there is."""
    rng = random.Random(seed)
    lines = ["M(0.25) 0"]
    results = 1
    while results < RESULTS:
        a, b, c = rng.sample(range(QUBITS), 3)
        kind = rng.choice(["one", "two", "two", "noise", "measure", "other"])
        if kind == "one":
            text = f"{rng.choice(ONE)} {a} {b}"
        elif kind == "two":
            text = f"{rng.choice(TWO)} {a} {b} {b} {c}"
        elif kind == "measure":
            text, more = rng.choice(MEASURE)
            results += more
        else:
            text = rng.choice(NOISE if kind == "noise" else OTHER)
        lines.append(text.format(a=a, b=b, c=c))
    return stim.Circuit("\n".join(lines))


def chi_square(counts: np.ndarray, law: np.ndarray, false_alarm: float) -> None:
    """Pearson's test, cells that expect fewer than 10 taken together."""
    assert not counts[law < 1e-12].any()
    expected = law * counts.sum()
    rare = expected < 10
    observed = np.append(counts[~rare], counts[rare].sum())
    expected = np.append(expected[~rare], expected[rare].sum())
    observed, expected = observed[expected > 1e-6], expected[expected > 1e-6]
    if expected[-1] < 10 and len(expected) > 1:
        observed, expected = (
            np.append(observed[:-2], observed[-2:].sum()),
            np.append(expected[:-2], expected[-2:].sum()),
        )
    statistic = float(((observed - expected) ** 2 / expected).sum())
    if len(expected) > 1:
        assert chi2.sf(statistic, len(expected) - 1) > false_alarm


CASES = 50
PINNED = "784041be35075b993a0eb52dec571f359b77e50477d064ea1686a6623c72aa38"


@pytest.mark.parametrize("seed", range(CASES))
def test_records_have_the_exact_distribution(seed: int) -> None:
    """With 63 degrees of freedom, sees half the time a cell of 1/2 that is off by 0.01, one of 1/64 by 0.0025."""
    theirs = circuit(seed)
    bits = ebit.sample(ebit.Circuit(str(theirs)), SHOTS, rng=seed)
    records = bits @ (1 << np.arange(bits.shape[1]))
    chi_square(np.bincount(records, minlength=2 ** bits.shape[1]), distribution(theirs), FALSE_ALARM / CASES)


def test_the_oracle_is_no_other_than_stim() -> None:
    for seed in range(1000, 1010):
        theirs = circuit(seed)
        bits = theirs.compile_sampler(seed=seed).sample(SHOTS)
        records = bits @ (1 << np.arange(bits.shape[1]))
        chi_square(np.bincount(records, minlength=2 ** bits.shape[1]), distribution(theirs), FALSE_ALARM / 10)


def test_certain_errors_do_what_they_do_in_stim() -> None:
    """U, certain Pauli errors and U backwards: no result is random, so every bit must be Stim's."""
    rng = random.Random(5)
    for _ in range(20):
        there, back = stim.Circuit(), stim.Circuit()
        for _ in range(60):
            a, b = rng.sample(range(8), 2)
            there.append(rng.choice(TWO), [a, b])
            there.append(rng.choice(ONE), [a])
        back = there.inverse()
        errors = stim.Circuit("X_ERROR(1) 0 3\nY_ERROR(1) 1\nZ_ERROR(1) 2\nPAULI_CHANNEL_1(0, 1, 0) 4\nE(1) X5*Z6")
        both = there + errors + back + stim.Circuit("M 0 1 2 3 4 5 6 7")
        ours = ebit.sample(ebit.Circuit(str(both)), 3, rng=1)
        np.testing.assert_array_equal(ours, both.compile_sampler().sample(3))


def surface_code(distance: int, rounds: int, p: float) -> stim.Circuit:
    return stim.Circuit.generated(
        "surface_code:rotated_memory_x",
        distance=distance,
        rounds=rounds,
        after_clifford_depolarization=p,
        after_reset_flip_probability=p,
        before_measure_flip_probability=p,
        before_round_data_depolarization=p,
    )


def agree(ours: np.ndarray, theirs: np.ndarray) -> None:
    """Means of columns, and of products of 500 pairs of columns, within Bonferroni's bound of two binomial samples."""
    picks = np.random.default_rng(3).integers(0, ours.shape[1], (2, 500))
    near = np.arange(ours.shape[1] - 1)
    first, second = np.append(picks[0], near), np.append(picks[1], near + 1)
    for a, b in ((ours, theirs), (ours[:, first] & ours[:, second], theirs[:, first] & theirs[:, second])):
        p, q = a.mean(axis=0), b.mean(axis=0)
        pooled = (a.sum(axis=0) + b.sum(axis=0)) / (len(a) + len(b))
        error = np.sqrt(pooled * (1 - pooled) * (1 / len(a) + 1 / len(b)))
        assert (np.abs(p - q) <= 6.5 * error + 1e-12).all()


def test_a_surface_code_has_stims_detection_fractions() -> None:
    """6.5 standard errors in some 1,400 columns: 1e-7. Sees a fraction of 3 % that is off by 0.35 %."""
    theirs = surface_code(5, 20, 0.004)
    ours = ebit.Circuit(str(theirs))
    n = 100_000
    detectors, observables = ebit.sample_detectors(ours, n, rng=11, separate_observables=True)
    wanted, flipped = theirs.compile_detector_sampler(seed=1).sample(n, separate_observables=True)
    agree(detectors, wanted)
    agree(np.hstack([detectors[:, :50], observables]), np.hstack([wanted[:, :50], flipped]))
    agree(ebit.sample(ours, n, rng=12), theirs.compile_sampler(seed=2).sample(n))


@pytest.mark.parametrize("p", [0.0, 0.003])
def test_detectors_are_parities_of_the_record(p: float) -> None:
    noisy = surface_code(3, 4, p) if p > 0 else surface_code(3, 4, p).without_noise()
    for theirs in (noisy, stim.Circuit.generated("color_code:memory_xyz", distance=3, rounds=5)):
        ours = ebit.Circuit(str(theirs))
        record = ebit.sample(ours, 3000, rng=5)
        detectors, observables = ebit.sample_detectors(ours, 3000, rng=5, separate_observables=True)
        wanted, flipped = theirs.compile_m2d_converter().convert(measurements=record, separate_observables=True)
        np.testing.assert_array_equal(detectors, wanted)
        np.testing.assert_array_equal(observables, flipped)
        assert detectors.any() == ("DEPOLARIZE" in str(theirs))


def test_observables_may_be_paulis() -> None:
    text = "RX 0\nR 1\nZ_ERROR(1) 0\nX_ERROR(1) 1\nOBSERVABLE_INCLUDE(0) X0\n"
    text += "OBSERVABLE_INCLUDE(1) Z1 X0\nOBSERVABLE_INCLUDE(2) Z1\nM 1"
    theirs = stim.Circuit(text).compile_detector_sampler().sample(9, separate_observables=True)[1]
    ours = ebit.sample_detectors(ebit.Circuit(text), 9, rng=1, separate_observables=True)[1]
    np.testing.assert_array_equal(ours, theirs)


NOISY = (
    str(surface_code(3, 3, 0.01))
    + "\nHERALDED_ERASE(0.2) 1 2\nMPP(0.1) X1*Z2 Y3\nE(0.1) X1\nELSE_CORRELATED_ERROR(0.3) Z2\nMX 1 2"
)


def test_threads_batches_orders_and_packing_change_nothing() -> None:
    c = ebit.Circuit(NOISY)
    whole = ebit.sample(c, 5000, rng=9, threads=1)
    for threads in (2, 4, 7):
        np.testing.assert_array_equal(ebit.sample(c, 5000, rng=9, threads=threads), whole)
    for shots in (0, 1, 63, 64, 65, 1023, 1024, 1025, 4999):
        part = whole[:shots]
        np.testing.assert_array_equal(ebit.sample(c, shots, rng=9), part)
        np.testing.assert_array_equal(ebit.sample(c, shots, rng=9, order="measurements"), part.T)
        packed = ebit.sample(c, shots, rng=9, bit_packed=True)
        np.testing.assert_array_equal(packed, np.packbits(part, axis=1, bitorder="little"))
        packed = ebit.sample(c, shots, rng=9, bit_packed=True, order="measurements", threads=3)
        np.testing.assert_array_equal(packed, np.packbits(part.T, axis=1, bitorder="little"))
        detectors = ebit.sample_detectors(c, shots, rng=9, order="detectors", bit_packed=True)
        plain = ebit.sample_detectors(c, shots, rng=9)
        np.testing.assert_array_equal(detectors, np.packbits(plain.T, axis=1, bitorder="little"))
    assert (ebit.sample(c, 5000, rng=10) != whole).any()


def test_every_instruction_set_gives_the_same_bits() -> None:
    code = (
        "import ebit, hashlib, sys; c = ebit.Circuit(sys.argv[1]); "
        "print(hashlib.sha256(ebit.sample(c, 5000, rng=9).tobytes()).hexdigest())"
    )
    digests = set()
    for cpu in ("portable", "avx2", "avx512"):
        done = subprocess.run(
            [sys.executable, "-c", code, NOISY],
            env=os.environ | {"EBIT_CPU": cpu},
            capture_output=True,
            text=True,
            check=True,
        )
        digests.add(done.stdout.strip())
    assert digests == {hashlib.sha256(ebit.sample(ebit.Circuit(NOISY), 5000, rng=9).tobytes()).hexdigest()}


def test_conditions_act_where_they_hold() -> None:
    """Teleportation with IF: the message always arrives; and two-term conditions against their truth table."""
    teleport = ebit.Circuit("RY 0\nH 1\nCX 1 2\nCX 0 1\nH 0\nM 0 1\nIF rec[-1] {\nX 2\n}\nIF rec[-2] {\nZ 2\n}\nMY 2")
    bits = ebit.sample(teleport, 20_000, rng=4)
    assert not bits[:, 2].any()
    assert 0.4 < bits[:, 0].mean() < 0.6
    both = ebit.Circuit("H 0 1\nM 0 1\nIF rec[-1] !rec[-2] {\nX 2\nTICK\n}\nM 2")
    bits = ebit.sample(both, 20_000, rng=4)
    np.testing.assert_array_equal(bits[:, 2], bits[:, 1] & ~bits[:, 0])


def test_a_changed_circuit_is_sampled_as_it_is_now() -> None:
    c = ebit.Circuit("M 0")
    assert not ebit.sample(c, 5, rng=1).any()
    c.append("X", 0)
    c.append("M", 0)
    assert ebit.sample(c, 5, rng=1).tolist() == [[False, True]] * 5
    c += ebit.Circuit("M !0")
    assert ebit.sample(c, 2, rng=1).tolist() == [[False, True, False]] * 2


def test_what_frames_cannot_follow_is_refused() -> None:
    for text, error, reason in [
        ("UNITARY[t](1, 0, 0, 0, 0, 0, 0.6, 0.8) 0\nM 0", FormalismError, "StateVector"),
        ("M 0\nIF rec[-1] {\nH 0\n}", FormalismError, "IF with H"),
        ("CX rec[-1] 0", RangeError, "rec"),
        ("M 0\nREPEAT 2 {\nCX rec[-2] 0\nM 0\n}", RangeError, "rec"),
        ("MPP X0*Z0", RangeError, "Hermitian"),
        ("REPEAT 100000000 {\nM 0\n}", RangeError, "2\\^24"),
    ]:
        with pytest.raises(error, match=reason):
            ebit.sample(ebit.Circuit(text), 1, rng=1)
    c = ebit.Circuit("M 0")
    with pytest.raises(RangeError, match="shots"):
        ebit.sample(c, -1)
    with pytest.raises(RangeError, match="order"):
        ebit.sample(c, 1, order="columns")  # type: ignore[arg-type]
    with pytest.raises(RangeError, match="order"):
        ebit.sample_detectors(c, 1, order="measurements")  # type: ignore[arg-type]
    with pytest.raises(WrongTypeError, match="circuit"):
        ebit.sample("M 0", 1)  # type: ignore[arg-type]
    with pytest.raises(TooLargeError, match="shots"):
        ebit.sample(c, 10**15)
    with pytest.raises(TooLargeError, match="shots"):
        ebit.sample(c, 10**30)


def test_progress_and_interruption() -> None:
    c = ebit.Circuit("REPEAT 1000 {\nX_ERROR(0.5) 0\nMR 0\n}")
    seen: list[float] = []
    ebit.sample(c, 30_000, rng=1, progress=seen.append)
    assert seen[-1] == 1.0

    def stop(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ebit.sample(c, 300_000, rng=1, bit_packed=True, progress=stop)


def test_no_measurement_is_an_empty_array() -> None:
    assert ebit.sample(ebit.Circuit("H 0"), 5, rng=1).shape == (5, 0)
    assert ebit.sample(ebit.Circuit(), 5, rng=1, order="measurements").shape == (0, 5)
    assert ebit.sample(ebit.Circuit("MPAD 0 1"), 2, rng=1).tolist() == [[False, True]] * 2


def test_the_bits_of_a_seed_are_pinned() -> None:
    """A change of compilation, of draws or of their order shows here, and needs its line in the changelog."""
    text = "RX 0 1\nREPEAT 20 {\nH 1\nCX 0 1 1 2\nDEPOLARIZE2(0.01) 0 1\nX_ERROR(0.2) 2\n"
    text += "MR(0.01) 2\nMY 0\nCZ rec[-1] 1\n}\n"
    bits = ebit.sample(ebit.Circuit(text + "E(0.1) X0 Z1\nMPP X0*Z1\nHERALDED_ERASE(0.1) 0"), 3000, rng=2**100 + 1)
    assert hashlib.sha256(bits.tobytes()).hexdigest() == PINNED
