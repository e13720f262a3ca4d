"""What a stabilizer state promises by itself: streams, batches, instruction sets, errors, pickles."""

from __future__ import annotations

import copy
import hashlib
import os
import pickle
import subprocess
import sys
from math import log2

import numpy as np
import pytest

import ebit
from ebit.errors import ImpossibleOutcomeError, RangeError, TooLargeError, WrongTypeError


def scrambled(n: int, rng: int) -> ebit.StabilizerState:
    """A random circuit of some depth on n qubits, the same for a seed."""
    draws = np.random.default_rng([7, n])
    s = ebit.StabilizerState(n, rng=rng)
    for _ in range(6):
        s.h(draws.permutation(n)[: n // 2 + 1])
        s.s(draws.permutation(n)[: n // 2 + 1])
        order = draws.permutation(n)
        s.cx(order[: n // 2 * 2].reshape(-1, 2))
        s.sqrt_yy(order[::-1][: n // 2 * 2].reshape(-1, 2))
        s.measure_many(draws.permutation(n)[: n // 8])
    return s


def digest(n: int) -> str:
    """Everything a state of n qubits says, as a hash."""
    s = scrambled(n, 11)
    record = s.measure_many(range(0, n, 3))
    t = ebit.Tableau.random(min(n, 100), rng=3)
    parts = [
        bytes(record), bytes(s.run(ebit.Circuit("H 0\nDEPOLARIZE1(0.5) 0 1\nMX 0 1\nMPP X0*Z1"))),
        "".join(s.stabilizers()),
        str(t.then(t).inverse()("X" * min(n, 100))), str(s.entanglement_entropy(range(n // 2))),
    ]  # fmt: skip
    return hashlib.sha256(b"".join(p if isinstance(p, bytes) else p.encode() for p in parts)).hexdigest()


SIZES = (2, 40, 64, 100, 128, 200, 700, 2100)


@pytest.fixture(scope="module")
def own_digests() -> list[str]:
    return [digest(n) for n in SIZES]


@pytest.mark.parametrize("cpu", ["portable", "avx2", "avx512"])
def test_every_instruction_set_gives_the_same_bits(cpu: str, own_digests: list[str]) -> None:
    code = f"from test_stabilizer_state import digest; print(*[digest(n) for n in {SIZES}])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=os.path.dirname(__file__),
        env={**os.environ, "EBIT_CPU": cpu},
    )  # fmt: skip
    assert done.stdout.split() == own_digests


def test_the_face() -> None:
    s = ebit.StabilizerState(3, rng=7)
    s.h(0)
    s.cx(0, 1)
    s.cx(1, 2)
    assert s.stabilizers() == ["+XXX", "+Z_Z", "+_ZZ"]
    assert [s.expectation(p) for p in ("ZZI", "ZZ_", "-ZZI", "YYX", "ZII")] == [1, 1, -1, -1, 0]
    assert s.measure_pauli("XXX") == 0
    first = s.measure(0)
    assert type(first) is int
    assert [s.measure(k) for k in range(3)] == [first] * 3
    assert (s.num_qubits, len(s), repr(s)) == (3, 3, "StabilizerState(3 qubits)")


@pytest.mark.parametrize("n", [2, 64, 130, 2100])
def test_batches_and_single_calls_give_the_same_bits(n: int) -> None:
    draws = np.random.default_rng([8, n])
    one, many, run = (ebit.StabilizerState(n, rng=5) for _ in range(3))
    text = []
    for _ in range(4):
        single, pairs = draws.permutation(n), draws.permutation(n)[: n // 2 * 2].reshape(-1, 2)
        for q in single[:100].tolist():
            one.h(q)
        for a, b in pairs[:100].tolist():
            one.cy(a, b)
        many.h(*single[:100].tolist())
        many.cy(pairs[:100])
        text += [f"H {' '.join(map(str, single[:100]))}", f"CY {' '.join(map(str, pairs[:100].ravel()))}"]
    for q in range(min(n, 20)):
        text.append(f"M {q}")
    bits = [one.measure(q) for q in range(min(n, 20))]
    assert many.measure_many(np.arange(min(n, 20))).tolist() == bits
    assert run.run(ebit.Circuit("\n".join(text))).tolist() == bits
    assert 0 < sum(bits) < len(bits) or n == 2
    few = min(n, 6)
    assert one.partial_trace(range(few)).stabilizers() == many.partial_trace(range(few)).stabilizers()
    assert one.partial_trace(range(few)).stabilizers() == run.partial_trace(range(few)).stabilizers()


def test_seeds() -> None:
    def bits(rng: object) -> list[int]:
        s = ebit.StabilizerState(64, rng=rng)  # type: ignore[arg-type]
        s.h(range(64))
        return s.measure_many(range(64)).tolist()

    assert bits(1) == bits(1)
    assert bits(1) != bits(2)
    assert bits(None) != bits(None)
    assert bits(np.random.SeedSequence(3)) == bits(np.random.SeedSequence(3))


def test_outcomes_are_fair() -> None:
    """20,000 fair bits: 4.9 standard deviations are 347 (false alarms 1e-6); a bias of 0.02 is seen half the time."""
    s = ebit.StabilizerState(100, rng=20_260_103)
    ones = 0
    for _ in range(200):
        s.h(range(100))
        ones += int(s.measure_many(range(100)).sum())
    assert abs(ones - 10_000) < 347


def test_noise_is_sampled() -> None:
    """20,000 flips with p = 1/4: 4.9 standard deviations are 300 (false alarms 1e-6); 0.27 is seen as well as not."""
    s = ebit.StabilizerState(100, rng=20_260_104)
    circuit = ebit.Circuit(f"R {' '.join(map(str, range(100)))}\nX_ERROR(0.25) {' '.join(map(str, range(100)))}\n"
                           f"M {' '.join(map(str, range(100)))}")  # fmt: skip
    ones = sum(int(s.run(circuit).sum()) for _ in range(200))
    assert abs(ones - 5_000) < 300


def test_postselection() -> None:
    s = ebit.StabilizerState(2, rng=1)
    with pytest.raises(ImpossibleOutcomeError, match="outcome must be 0, got 1"):
        s.postselect(0, 1)
    assert s.postselect(0, 1, "X") == 0.5
    assert s.postselect(0, 1, basis="X") == 1.0
    with pytest.raises(ImpossibleOutcomeError):
        s.postselect(0, 0, "X")
    assert s.stabilizers() == ["-X_", "+_Z"]
    assert s.postselect_pauli("ZZ", 1) == 0.5
    assert s.stabilizers() == ["-Z_", "+_Z"]
    with pytest.raises(ImpossibleOutcomeError):
        s.postselect_pauli("-ZZ", 1)
    assert s.peek(0) == 1
    assert s.peek(0, "Y") is None


def test_mixed_states() -> None:
    s = ebit.StabilizerState(4, rng=1)
    s.h(0)
    s.cx(0, 1, 0, 2)
    half = s.partial_trace([2, 0])
    assert half.stabilizers() == ["+ZZ"]
    assert (half.entropy(), s.entropy(), s.entanglement_entropy([0, 3]), s.entanglement_entropy([3])) == (1, 0, 1, 0)
    assert half.fidelity(half) == 1.0
    bell = ebit.StabilizerState.from_stabilizers(["XX", "ZZ"])
    assert half.fidelity(bell) == bell.fidelity(half) == 0.5
    assert ebit.StabilizerState.from_stabilizers(["-ZZ"]).fidelity(half) == 0.0
    nothing = s.partial_trace([1])
    assert nothing.stabilizers() == []
    assert ebit.StabilizerState(1).fidelity(nothing) == 0.5
    nothing.h(0)
    first = nothing.measure_y(0)
    assert [nothing.measure_y(0) for _ in range(5)] == [first] * 5
    assert nothing.entropy() == 0


@pytest.mark.parametrize("n", [2, 5, 9])
def test_against_dense_states(n: int) -> None:
    for seed in range(10):
        a, b = (ebit.StabilizerState.from_tableau(ebit.Tableau.random(n, rng=100 * seed + k)) for k in (0, 1))
        psi, phi = a.to_state_vector(), b.to_state_vector()
        assert np.vdot(psi, psi).real == pytest.approx(1.0, abs=1e-12)
        assert a.fidelity(b) == pytest.approx(abs(np.vdot(psi, phi)) ** 2, abs=1e-12)
        cut = n // 2
        weights = np.linalg.svd(psi.reshape(2 ** (n - cut), 2**cut), compute_uv=False) ** 2
        entropy = sum(-w * log2(w) for w in weights if w > 1e-12)
        assert a.entanglement_entropy(range(cut)) == pytest.approx(entropy, abs=1e-9)


def test_copies_and_pickles_go_on_alike() -> None:
    for n in (3, 64, 100, 300):
        s = scrambled(n, 4).partial_trace(range(n - 1)) if n > 3 else scrambled(n, 4)
        twins = [s.copy(), copy.copy(s), copy.deepcopy(s), pickle.loads(pickle.dumps(s))]
        expected = s.stabilizers()
        bits = s.measure_many(range(len(s))).tolist()
        for twin in twins:
            assert twin.stabilizers() == expected
            assert twin.measure_many(range(len(s))).tolist() == bits
    t = ebit.Tableau.random(70, rng=1)
    assert pickle.loads(pickle.dumps(t)) == t == t.copy()
    assert t != t.inverse()
    p = ebit.PauliString("-iXZ_")
    assert pickle.loads(pickle.dumps(p)) == p
    assert hash(ebit.PauliString("XI")) == hash(ebit.PauliString("+X_"))
    assert (list(p), p[-1], str(-p)) == (["X", "Z", "I"], "I", "+iXZ_")


def test_bad_input() -> None:
    s = ebit.StabilizerState(3, rng=1)
    for call in (
        lambda: s.h(3),
        lambda: s.h(-1),
        lambda: s.cx(0, 0),
        lambda: s.cx(0),
        lambda: s.cx(0, 1, 2),
        lambda: s.measure(3),
        lambda: s.measure_many([0, 7]),
        lambda: s.expectation("ZZ"),
        lambda: s.expectation("iZZZ"),
        lambda: s.apply("T", 0),
        lambda: s.postselect(0, 2),
        lambda: s.peek(0, "A"),
        lambda: s.partial_trace([0, 0]),
        lambda: s.partial_trace([]),
        lambda: s.measure_pauli("XQX"),
        lambda: ebit.StabilizerState(0),
        lambda: ebit.StabilizerState(-3),
        lambda: ebit.StabilizerState.from_stabilizers(["XX", "ZI"]),
        lambda: ebit.StabilizerState.from_stabilizers([]),
        lambda: ebit.StabilizerState.from_graph([(0, 0)]),
        lambda: ebit.StabilizerState.from_graph([]),
        lambda: s.run(ebit.Circuit("H 3")),
        lambda: s.fidelity(ebit.StabilizerState(2)),
        lambda: ebit.Tableau.from_circuit(ebit.Circuit("M 0")),
        lambda: ebit.Tableau.from_gate("T"),
        lambda: ebit.Tableau(2)("XXX"),
        lambda: s.apply_tableau(ebit.Tableau(2)),
        lambda: s.h(2**70),
    ):
        with pytest.raises(RangeError):
            call()
    for call in (
        lambda: s.h(0.5),
        lambda: s.h(True),
        lambda: s.h("0"),
        lambda: s.h(None),
        lambda: s.cx([0.0, 1.0]),
        lambda: s.run("H 0"),
        lambda: s.measure(1.0),
        lambda: s.expectation(3),
        lambda: ebit.StabilizerState("3"),
        lambda: ebit.StabilizerState.from_graph([0, 1]),
        lambda: ebit.StabilizerState(2, rng="x"),
        lambda: s.fidelity(1),
        lambda: ebit.PauliString(None),
    ):
        with pytest.raises(WrongTypeError):
            call()
    assert s.stabilizers() == ["+Z__", "+_Z_", "+__Z"]
    with pytest.raises(TooLargeError, match="bytes"):
        ebit.StabilizerState(10**7)


def test_a_wide_state_uses_memory_as_it_is_written() -> None:
    """20,000 qubits are 200 MB if every word is written; a few gates touch a few pages."""
    n = 20_000
    s = ebit.StabilizerState(n, rng=1)
    s.h(0)
    s.cx(np.column_stack([np.arange(50), np.arange(1, 51)]))
    bit = s.measure(50)
    assert [s.measure(k) for k in range(50)] == [bit] * 50
    assert s.measure(n - 1) == 0
