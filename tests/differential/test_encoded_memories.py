"""Chains of encoded pairs against four other ways: the bare chain, frames, closed forms, and whole circuits.

The circuits are written gate by gate: blocks prepared by measuring their checks, physical pairs, the teleported CNOT
with its feedback, Bell measurements, and a decoder of this file's own that looks for the lightest error in all
patterns.

Statistical comparisons: false alarm 1e-6 each (4.9 standard errors), on streams of their own; what they could see is
asserted beside them.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence

import numpy as np
import pytest

import ebit
from ebit import codes

BELL = ebit.BellDiagonal


def step(
    p: float, attempt_s: float = 1e-3, weights: Sequence[float] = (0.985, 0.008, 0.004, 0.003)
) -> ebit.HeraldedLink:
    return ebit.HeraldedLink(
        success_probability=p, attempt_time_s=attempt_s, pair=BELL(list(weights)), herald_age_s=1e-4
    )


def correlations(result: ebit.chain.ChainResult) -> list[float]:
    return [result.fidelity.value, result.qber_x.value, result.qber_z.value]


# --- Code distance 1: the bare chain ---


@pytest.mark.parametrize("end_memory", ["store", "measured"])
@pytest.mark.parametrize("memory", [ebit.Memory(t2_s=0.02), ebit.Memory(depolarizing_time_s=0.05), ebit.Memory()])
def test_one_qubit_blocks_are_the_bare_chain(memory: ebit.Memory, end_memory: str) -> None:
    for links in ([step(0.3)], [step(0.2), step(0.1, 2e-3), step(0.4, 3e-3, (0.9, 0.05, 0.03, 0.02)), step(0.3)]):
        chain = ebit.RepeaterChain(links, memory, ebit.Swap(fidelity=0.97), end_memory=end_memory)
        bare, encoded = chain.exact(), chain.replace(encoding=ebit.Encoding(codes.bare())).exact()
        assert encoded.waiting_time_s.value == pytest.approx(bare.waiting_time_s.value, rel=1e-8)
        np.testing.assert_allclose(correlations(encoded), correlations(bare), atol=2e-9)
        np.testing.assert_allclose(encoded.pair.weights, bare.pair.weights, atol=2e-9)


# --- Exact and sampled ---


def random_chain(seed: int) -> ebit.RepeaterChain:
    rng = np.random.default_rng([41, seed])
    code = [codes.repetition(3), codes.repetition(3, corrects="Z"), codes.detecting(), codes.steane()][seed % 4]
    links = []
    for _ in range(rng.integers(1, 5)):
        bad = rng.uniform(0.0, 0.02, 3)
        weights = (1.0 - bad.sum(), *bad)
        links.append(step(rng.uniform(0.2, 1.0), rng.integers(1, 4) * 1e-3, weights))
    memory = [ebit.Memory(9, t2_s=0.5), ebit.Memory(9, depolarizing_time_s=0.8), ebit.Memory(9)][rng.integers(3)]
    errors = rng.uniform(0.0, 0.02, 3)
    return ebit.RepeaterChain(
        links,
        memory,
        ebit.Swap(fidelity=rng.uniform(0.97, 1.0), duration_s=rng.integers(3) * 1e-3),
        end_memory=["store", "measured"][rng.integers(2)],
        encoding=ebit.Encoding(code, *(float(e) for e in errors)),
    )


@pytest.mark.parametrize("seed", range(24))
def test_exact_and_sampled_agree(seed: int) -> None:
    chain = random_chain(seed)
    exact, drawn = chain.exact(), chain.sample(200_000, rng=700 + seed)
    for name in ("waiting_time_s", "fidelity", "qber_x", "qber_z"):
        a, b = getattr(exact, name), getattr(drawn, name)
        sees = 0.01 * a.value if name == "waiting_time_s" else 0.006
        assert 4.9 * b.stderr < sees, name
        assert abs(a.value - b.value) <= 4.9 * b.stderr + 1e-9, (name, a, b)


@pytest.mark.parametrize("seed", range(8))
def test_exact_and_events_agree(seed: int) -> None:
    chain, method = random_chain(seed), ["skip", "per-attempt"][seed // 4]
    exact, drawn = chain.exact(), chain.simulate(100_000, replicas=2, rng=800 + seed, method=method)
    for name in ("waiting_time_s", "fidelity", "qber_x", "qber_z"):
        a, b = getattr(exact, name), getattr(drawn, name)
        sees = 0.01 * a.value if name == "waiting_time_s" else 0.006
        assert 4.9 * b.stderr < sees, name
        assert abs(a.value - b.value) <= 4.9 * b.stderr + 1e-9, (name, a, b)


def route(lengths_km: Sequence[float], loss: float = 0.0, swap_s: float = 1e-4) -> ebit.results.RequestResult:
    """Encoded pairs of links that succeed at their first attempts, of 1, 2, 3, ... ms, with messages."""
    count = len(lengths_km)
    nodes = [ebit.Node(f"n{k}", ebit.Memory(3), ebit.Swap(duration_s=swap_s * k)) for k in range(count + 1)]
    links = [
        ebit.Link(f"n{k}", f"n{k + 1}", ebit.HeraldedLink(1.0, 1e-3 * (k + 1)), length_km=length)
        for k, length in enumerate(lengths_km)
    ]
    request = ebit.Request(
        "n0",
        f"n{count}",
        pairs=3,
        restart=True,
        classical_delay=True,
        encoding=ebit.Encoding(codes.repetition(3)),
    )
    network = ebit.Network(nodes, links, message_loss_probability=loss)
    return ebit.simulate(network, [request], rng=1)[0]


@pytest.mark.parametrize("lengths_km", [(100.0,), (400.0, 20.0), (30.0, 1_000.0, 10.0, 200.0)])
def test_words_take_their_light_time(lengths_km: Sequence[float]) -> None:
    count = len(lengths_km)
    at = [sum(lengths_km[:k]) / 2e5 for k in range(count + 1)]
    # A station tells when its later link is there and its measurement done; an end, when its link is.
    told = [1e-3, *(1e-3 * (k + 1) + 1e-4 * k for k in range(1, count)), 1e-3 * count]
    heard = [max(told[k] + abs(at[k] - at[end]) for k in range(count + 1) if k != end) for end in (0, count)]
    times = route(lengths_km).pairs["time_s"]
    np.testing.assert_allclose(times, max(heard) * np.arange(1, 4), rtol=1e-9)
    # No word, no wait for it: the same with all places in one.
    here = route([0.0] * count).pairs["time_s"]
    np.testing.assert_allclose(here, max(told) * np.arange(1, 4), rtol=1e-9)


def test_light_of_half_the_speed_takes_twice_as_long() -> None:
    near, far, here = (route([f * 100.0, f * 300.0], swap_s=0.0).pairs["time_s"] for f in (1.0, 2.0, 0.0))
    # The last link is there last, so all that is added is the longest way of what that makes known.
    np.testing.assert_array_equal(np.rint((far - here) * 1e12), 2 * np.rint((near - here) * 1e12))


def test_who_misses_a_word_waits_for_ever() -> None:
    with pytest.raises(ebit.errors.StuckError, match="node 'n0' for 2 messages about pair") as caught:
        route([10.0, 10.0], loss=1.0)
    assert "node 'n2' for 2 messages" in str(caught.value)


def test_all_evaluators_take_the_same_for_granted() -> None:
    chain = random_chain(4).replace(encoding=ebit.Encoding(codes.steane(), gate_error=1e-3))
    own = [words for words in chain.exact().assumptions if re.search("encod|blocks|Bell-diagonal", words)]
    assert len(own) == 5
    assert set(own) <= set(chain.simulate(1, rng=1).assumptions)


def test_threads_change_no_bit() -> None:
    one, three = (random_chain(3).sample(5_000, rng=9, threads=threads).pairs for threads in (1, 3))
    for name in one:
        np.testing.assert_array_equal(one[name], three[name])


# --- The same round as a circuit ---


def lightest(checks: Sequence[Sequence[int]], size: int) -> dict[tuple[int, ...], list[int]]:
    """A table from syndromes to errors, by all patterns in the order of their weight."""
    table: dict[tuple[int, ...], list[int]] = {}
    for weight in range(size + 1):
        for error in itertools.combinations(range(size), weight):
            syndrome = tuple(len(set(check) & set(error)) % 2 for check in checks)
            table.setdefault(syndrome, list(error))
    return table


def decoded(outcomes: np.ndarray, checks: Sequence[Sequence[int]], logical: Sequence[int]) -> np.ndarray:
    """The logical bit of measured words."""
    table = lightest(checks, outcomes.shape[1])
    syndromes = np.stack([outcomes[:, list(c)].sum(axis=1) % 2 for c in checks], axis=1) if checks else None
    bits = outcomes[:, list(logical)].sum(axis=1) % 2
    if syndromes is None:
        return bits
    flip = {s: len(set(logical) & set(error)) % 2 for s, error in table.items()}
    return bits ^ np.array([flip[tuple(row)] for row in syndromes.tolist()])


def destabilizers(checks: Sequence[Sequence[int]], size: int) -> list[list[int]]:
    """For each check, qubits whose flips change that check alone."""
    table = lightest(checks, size)
    return [table[tuple(int(j == k) for j in range(len(checks)))] for k in range(len(checks))]


def fresh(code: ebit.CSSCode, first: int, plus: bool) -> list[str]:
    """|0> or |+> of the code: a product state with the other type's checks measured and set to +1."""
    qubits = [first + k for k in range(code.size)]
    kind, checks, fix = ("Z", code.z_checks, "CX") if plus else ("X", code.x_checks, "CZ")
    lines = [f"{'RX' if plus else 'R'} {' '.join(map(str, qubits))}"]
    lines += ["MPP " + "*".join(f"{kind}{first + k}" for k in check) for check in checks]
    for j, flips in enumerate(destabilizers(checks, code.size)):
        lines += [f"{fix} rec[{j - len(checks)}] {first + k}" for k in flips]
    return lines


def pauli_noise(decay: Sequence[float], qubits: Sequence[int]) -> list[str]:
    """Noise of a stored qubit that shrinks (x, y, z) like this."""
    x, y, z = decay
    px, py, pz = (1 + x - y - z) / 4, (1 - x + y - z) / 4, (1 - x - y + z) / 4
    where = " ".join(map(str, qubits))
    return [f"PAULI_CHANNEL_1({max(px, 0.0)}, {max(py, 0.0)}, {max(pz, 0.0)}) {where}"]


def circuit(chain: ebit.RepeaterChain) -> tuple[str, int]:
    """A chain whose links all succeed at once, gate by gate; its record ends with stations' words, ends' products."""
    encoding = chain.encoding
    assert encoding is not None
    code, n = encoding.code, encoding.code.size
    gate, flip, prep = encoding.gate_error, encoding.measurement_error, encoding.preparation_error
    v = (4 * chain.swap.fidelity - 1) / 3
    times = [link.attempt_time_s for link in chain.links]
    lines: list[str] = []

    def decay(seconds: float) -> list[float]:
        if chain.memory.t2_s is not None:
            return [math.exp(-seconds / chain.memory.t2_s)] * 2 + [1.0]
        return [math.exp(-seconds / (chain.memory.depolarizing_time_s or math.inf))] * 3

    def blocks(link: int) -> list[list[int]]:
        return [[4 * n * link + n * part + k for k in range(n)] for part in range(4)]

    for k, link in enumerate(chain.links):
        a, c, d, b = blocks(k)
        lines += fresh(code, a[0], plus=True) + fresh(code, b[0], plus=False)
        lines.append(f"DEPOLARIZE1({0.75 * prep}) {' '.join(map(str, a + b))}")
        lines += [f"R {' '.join(map(str, c + d))}", f"H {' '.join(map(str, c))}"]
        lines.append("CX " + " ".join(f"{x} {y}" for x, y in zip(c, d, strict=True)))
        _, phi_minus, psi_plus, psi_minus = link.pair.weights
        lines.append(f"PAULI_CHANNEL_1({psi_plus}, {psi_minus}, {phi_minus}) {' '.join(map(str, d))}")
        lines += pauli_noise(decay(link.herald_age_s), c + d)
        for pairs in (zip(a, c, strict=True), zip(d, b, strict=True)):
            where = " ".join(f"{x} {y}" for x, y in pairs)
            lines += [f"CX {where}", f"DEPOLARIZE2({15 / 16 * gate}) {where}"]
        lines.append(f"M({flip}) {' '.join(map(str, c))}")
        lines += [f"CX rec[{j - n}] {b[j]}" for j in range(n)]
        lines.append(f"MX({flip}) {' '.join(map(str, d))}")
        lines += [f"CZ rec[{j - n}] {a[j]}" for j in range(n)]
    last = max(times) + chain.swap.duration_s * (len(times) > 1)
    for k, done in enumerate(times):
        left = max(done, times[k - 1]) if k > 0 else last
        right = max(done, times[k + 1]) if k + 1 < len(times) else last
        lines += pauli_noise(decay(left - done), blocks(k)[0]) + pauli_noise(decay(right - done), blocks(k)[3])
    for k in range(1, len(times)):
        left_block, right_block = blocks(k - 1)[3], blocks(k)[0]
        where = " ".join(f"{x} {y}" for x, y in zip(left_block, right_block, strict=True))
        lines += [f"DEPOLARIZE2({15 / 16 * (1 - v)}) {where}", f"CX {where}"]
        lines += [f"MX({flip}) {' '.join(map(str, left_block))}", f"M({flip}) {' '.join(map(str, right_block))}"]
    for first in (blocks(0)[0][0], blocks(len(times) - 1)[3][0]):
        for kind, checks in (("X", code.x_checks), ("Z", code.z_checks)):
            lines += ["MPP " + "*".join(f"{kind}{first + q}" for q in check) for check in checks]
    for kind, logical in (("X", code.logical_x), ("Z", code.logical_z)):
        ends = [f"{kind}{first + q}" for first in (blocks(0)[0][0], blocks(len(times) - 1)[3][0]) for q in logical]
        lines.append("MPP " + "*".join(ends))
    return "\n".join(lines), (len(times) - 1) * 2 * n + 2 * (code.size - 1) + 2


def ends_flip(record: np.ndarray, checks: Sequence[Sequence[int]], logical: Sequence[int], size: int) -> np.ndarray:
    """Whether the correction of an end, by its measured checks, flips its logical operator."""
    flip = {s: len(set(logical) & set(error)) % 2 for s, error in lightest(checks, size).items()}
    return np.array([flip[tuple(row)] for row in record.tolist()])


def wrong(chain: ebit.RepeaterChain, shots: int, rng: int) -> tuple[np.ndarray, np.ndarray]:
    """Whether XX and ZZ of the ends, corrected by all that was measured, are -1."""
    text, kept = circuit(chain)
    assert chain.encoding is not None
    code = chain.encoding.code
    record = np.asarray(ebit.sample(ebit.Circuit(text), shots, rng=rng))[:, -kept:].astype(int)
    n, at = code.size, 0
    x, z = record[:, -2].copy(), record[:, -1].copy()
    for _ in range(len(chain.links) - 1):
        x ^= decoded(record[:, at : at + n], code.x_checks, code.logical_x)
        z ^= decoded(record[:, at + n : at + 2 * n], code.z_checks, code.logical_z)
        at += 2 * n
    for _ in range(2):
        nx, nz = len(code.x_checks), len(code.z_checks)
        # Checks of X find Z errors, which flip logical X.
        x ^= ends_flip(record[:, at : at + nx], code.x_checks, code.logical_x, n)
        z ^= ends_flip(record[:, at + nx : at + nx + nz], code.z_checks, code.logical_z, n)
        at += nx + nz
    return x, z


CIRCUITS = [
    (codes.bare(), [1.0], ebit.Memory(9, t2_s=0.05)),
    (codes.repetition(3), [1.0, 3.0], ebit.Memory(9, depolarizing_time_s=0.2)),
    (codes.repetition(5, corrects="Z"), [2.0, 1.0], ebit.Memory(9, t2_s=0.05)),
    (codes.steane(), [1.0], ebit.Memory(9, depolarizing_time_s=0.2)),
    (codes.steane(), [2.0, 1.0, 3.0], ebit.Memory(9, depolarizing_time_s=0.2)),
    (codes.steane(), [1.0, 1.0, 2.0], ebit.Memory(9, t2_s=0.1)),
    (codes.shor(), [1.0, 2.0], ebit.Memory(9, depolarizing_time_s=0.2)),
]


@pytest.mark.slow
@pytest.mark.parametrize("case", range(len(CIRCUITS)))
def test_the_same_round_as_a_circuit(case: int) -> None:
    code, times, memory = CIRCUITS[case]
    weights = (0.97, 0.012, 0.01, 0.008)
    chain = ebit.RepeaterChain(
        [step(1.0, t * 1e-3, weights) for t in times],
        memory,
        ebit.Swap(fidelity=0.985, duration_s=1e-3),
        encoding=ebit.Encoding(code, gate_error=0.012, measurement_error=0.01, preparation_error=0.015),
    )
    exact, shots = chain.exact(), 400_000
    x, z = wrong(chain, shots, 900 + case)
    for found, wanted in (
        (x, exact.qber_x.value),
        (z, exact.qber_z.value),
        (1 - (x | z), exact.fidelity.value),
        (x & z, exact.pair.weights[3]),
    ):
        p = found.mean()
        stderr = math.sqrt(wanted * (1 - wanted) / shots)
        # Errors are 2 to 30 %: a difference of 0.4 % of the pairs at most would be seen.
        assert 4.9 * stderr < 0.004
        assert abs(p - wanted) < 4.9 * stderr, (p, wanted, (p - wanted) / stderr)
    assert 0.005 < exact.qber_z.value < 0.35


def test_a_circuit_without_noise_is_a_pair() -> None:
    chain = ebit.RepeaterChain([step(1.0, 1e-3, (1.0, 0.0, 0.0, 0.0))] * 3, ebit.Memory(9))
    for code in (codes.steane(), codes.shor(), codes.detecting()):
        x, z = wrong(chain.replace(encoding=ebit.Encoding(code)), 200, 1)
        assert not x.any()
        assert not z.any()


# --- Closed forms and limits ---


def test_without_noise_nothing_is_lost() -> None:
    perfect = step(0.3, 1e-3, (1.0, 0.0, 0.0, 0.0))
    for code in (codes.bare(), codes.repetition(3), codes.detecting(), codes.steane(), codes.shor()):
        r = ebit.RepeaterChain([perfect] * 5, ebit.Memory(code.size), encoding=ebit.Encoding(code)).exact()
        assert r.fidelity.value == pytest.approx(1.0, abs=1e-13)
        drawn = ebit.RepeaterChain([perfect] * 5, ebit.Memory(code.size), encoding=ebit.Encoding(code)).sample(
            500, rng=1
        )
        assert drawn.fidelity.value == 1.0


@pytest.mark.parametrize(
    ("p", "links", "code"), [(0.3, 1, codes.steane()), (0.1, 4, codes.repetition(3)), (0.7, 3, codes.shor())]
)
def test_waiting_is_for_the_last_of_all_pairs(p: float, links: int, code: ebit.CSSCode) -> None:
    pairs = links * code.size
    # The mean of the largest of m geometric variables.
    wanted = sum((-1) ** (k + 1) * math.comb(pairs, k) / (1 - (1 - p) ** k) for k in range(1, pairs + 1))
    chain = ebit.RepeaterChain([step(p)] * links, ebit.Memory(code.size), encoding=ebit.Encoding(code))
    r = chain.exact(tolerance=1e-11)
    assert r.waiting_time_s.low <= r.waiting_time_s.high
    assert r.waiting_time_s.value == pytest.approx(1e-3 * wanted, rel=1e-7)
    drawn = chain.sample(200_000, rng=31).waiting_time_s
    assert 4.9 * drawn.stderr < 0.006e-3 * wanted
    assert abs(drawn.value - 1e-3 * wanted) < 4.9 * drawn.stderr


@pytest.mark.parametrize(
    "code", [codes.repetition(3), codes.repetition(5), codes.steane(), codes.shor(), codes.detecting()]
)
def test_one_link_fails_as_the_code_does(code: ebit.CSSCode) -> None:
    # X errors of a physical pair are all on the right block, Z errors all on the left one.
    for phi_minus, psi_plus in ((0.0, 0.03), (0.07, 0.02)):
        weights = (1 - phi_minus - psi_plus, phi_minus, psi_plus, 0.0)
        link = ebit.HeraldedLink(1.0, 1e-3, BELL(list(weights)))
        r = ebit.RepeaterChain([link], ebit.Memory(code.size), encoding=ebit.Encoding(code)).exact()
        assert r.qber_z.value == pytest.approx(code.logical_error_rate(psi_plus, "X"), abs=1e-14)
        assert r.qber_x.value == pytest.approx(code.logical_error_rate(phi_minus, "Z"), abs=1e-14)


def test_golay_by_frames() -> None:
    code = codes.golay()
    link = ebit.HeraldedLink(1.0, 1e-3, BELL([0.82, 0.0, 0.18, 0.0]))
    chain = ebit.RepeaterChain([link], ebit.Memory(23), encoding=ebit.Encoding(code))
    wanted, drawn = code.logical_error_rate(0.18, "X"), chain.sample(100_000, rng=8).qber_z
    assert 0.01 < wanted < 0.5
    assert 4.9 * drawn.stderr < 0.3 * wanted
    assert abs(drawn.value - wanted) < 4.9 * drawn.stderr
    # A perfect code: three errors are corrected, all patterns of four are not.
    assert code.failures("X")[:5].tolist() == [0, 0, 0, 0, math.comb(23, 4)]


def test_failures_by_all_patterns() -> None:
    for code in (codes.repetition(4), codes.detecting(), codes.steane(), codes.shor()):
        for pauli, checks, logical in (("X", code.z_checks, code.logical_z), ("Z", code.x_checks, code.logical_x)):
            words = np.array(list(itertools.product((0, 1), repeat=code.size)))
            bad = decoded(words, checks, logical)
            counts = np.bincount(words.sum(axis=1), weights=bad, minlength=code.size + 1)
            assert code.failures(pauli).tolist() == counts.tolist()  # type: ignore[arg-type]


def noisy(code: ebit.CSSCode, error: float, links: int = 4) -> float:
    """Infidelity of a chain all of whose operations are as bad as this."""
    weights = (1 - error, error / 3, error / 3, error / 3)
    link = ebit.HeraldedLink(1.0, 1e-3, BELL(list(weights)))
    encoding = ebit.Encoding(code, gate_error=error, measurement_error=error, preparation_error=error)
    swap = ebit.Swap(fidelity=1 - 0.75 * error)
    return (
        1 - ebit.RepeaterChain([link] * links, ebit.Memory(code.size), swap, encoding=encoding).exact().fidelity.value
    )


def test_below_and_above_the_pseudo_threshold() -> None:
    for code in (codes.steane(), codes.shor()):
        bare = codes.bare()
        assert noisy(code, 1e-3) < 0.3 * noisy(bare, 1e-3)
        assert noisy(code, 1e-4) < 0.03 * noisy(bare, 1e-4)
        assert noisy(code, 0.06) > noisy(bare, 0.06)
        # Two errors are needed: a tenth of the errors, a hundredth of the failures.
        slope = math.log10(noisy(code, 1e-3) / noisy(code, 1e-4))
        assert slope == pytest.approx(2.0, abs=0.05)
    # A code that only detects corrects nothing.
    assert noisy(codes.detecting(), 1e-3) > noisy(codes.bare(), 1e-3)


def test_bits_alone_are_protected_by_repetition() -> None:
    link = ebit.HeraldedLink(1.0, 1e-3, BELL([0.98, 0.0, 0.02, 0.0]))

    def key(code: ebit.CSSCode) -> float:
        chain = ebit.RepeaterChain([link] * 20, ebit.Memory(code.size), encoding=ebit.Encoding(code))
        return chain.exact().secret_key_rate_hz.value

    assert key(codes.repetition(3)) > key(codes.bare())
    assert key(codes.repetition(3, corrects="Z")) < key(codes.bare())


# --- Cost ---


def test_one_cost_for_all() -> None:
    fiber = ebit.Fiber(10.0)
    link = ebit.DoubleClick(fiber=fiber, detector=ebit.Detector(0.95))
    chain = ebit.RepeaterChain([link] * 4, ebit.Memory(7), encoding=ebit.Encoding(codes.steane()))
    r = chain.exact()
    assert r.qubits == 4 * 2 * 14
    assert r.length_km == 40.0
    assert ebit.cost_coefficient(r) == pytest.approx(112 / (r.secret_key_rate_hz.value * 40.0), rel=1e-14)
    assert ebit.cost_coefficient(chain.replace(encoding=None).exact()) == pytest.approx(
        56 / (chain.replace(encoding=None).exact().secret_key_rate_hz.value * 40.0), rel=1e-14
    )
    one_way = ebit.EncodedChain(ebit.ParityCode(10, 5), ebit.EncodedChain.fiber_20_km(1000.0), stations=500, error=1e-3)
    c = one_way.exact()
    assert ebit.cost_coefficient(c) == pytest.approx(c.cost_coefficient * one_way.correction_time_s, rel=1e-14)
    hopeless = chain.replace(swap=ebit.Swap(fidelity=0.3)).exact()
    assert ebit.cost_coefficient(hopeless) == math.inf
