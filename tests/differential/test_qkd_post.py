"""Post-processing against plain definitions and other methods: hashes, corrected keys, disclosed bits."""

from __future__ import annotations

import math
import os
import subprocess
import sys

import numpy as np
import pytest

from ebit import qkd
from ebit.bounds import binary_entropy


def bits(rng: np.random.Generator, n: int, p: float = 0.5) -> np.ndarray:
    return rng.random(n) < p


def schoolbook(key: np.ndarray, seed: np.ndarray, length: int) -> np.ndarray:
    """The sum of the definition, as a matrix."""
    i, j = np.arange(length)[:, None], np.arange(len(key))
    return (seed[i - j + len(key) - 1] & key).sum(axis=1) % 2 == 1


@pytest.mark.parametrize(
    ("n", "length"),
    [(1, 1), (1, 200), (200, 1), (3, 2), (63, 64), (64, 63), (64, 64), (65, 65), (127, 129), (1000, 500), (501, 1999),
     (1023, 1025), (4096, 2048), (5003, 4999)],
)  # fmt: skip
def test_toeplitz_is_the_definition(n: int, length: int) -> None:
    rng = np.random.default_rng(n * 10_000 + length)
    key, seed = bits(rng, n), bits(rng, n + length - 1)
    wanted = schoolbook(key, seed, length)
    ours = qkd.toeplitz(key, seed, length)
    assert ours.dtype == np.bool_
    np.testing.assert_array_equal(ours, wanted)
    np.testing.assert_array_equal(qkd.toeplitz(key.astype(np.int64), seed.astype(np.uint8), length), wanted)
    packed = qkd.toeplitz(
        np.packbits(key, bitorder="little"), np.packbits(seed, bitorder="little"), length, bit_length=n
    )
    np.testing.assert_array_equal(np.unpackbits(packed, count=length, bitorder="little"), wanted)


def by_integers(key: np.ndarray, seed: np.ndarray, length: int) -> np.ndarray:
    """The same by Python's integers: a bit every 32, so that no sum of up to 2^32 terms carries into the next."""

    def spread(values: np.ndarray) -> int:
        wide = np.zeros((len(values), 4), np.uint8)
        wide[:, 0] = values
        return int.from_bytes(wide.tobytes(), "little")

    n = len(key)
    product = (spread(key) * spread(seed)).to_bytes(4 * (2 * n + length), "little")
    return np.frombuffer(product, np.uint32)[n - 1 : n - 1 + length] % 2 == 1


def by_fft(key: np.ndarray, seed: np.ndarray, length: int) -> np.ndarray:
    """The same by a float64 FFT of pieces so short that rounding is far below 1/2: sums of at most 2^16 terms."""
    n, piece = len(key), 1 << 16
    out = np.zeros(length, bool)
    size = 1 << 18
    for start in range(0, n, piece):
        part = np.fft.rfft(key[start : start + piece].astype(float), size)
        many = min(piece, n - start)
        for first in range(0, length, size - 2 * piece):
            count = min(size - 2 * piece, length - first)
            low = first - start + n - many
            window = seed[low : low + many + count - 1].astype(float)
            sums = np.fft.irfft(part * np.fft.rfft(window, size), size)[many - 1 : many - 1 + count]
            assert np.abs(sums - np.rint(sums)).max() < 0.01
            out[first : first + count] ^= np.rint(sums).astype(np.int64) % 2 == 1
    return out


def test_toeplitz_by_integers() -> None:
    rng = np.random.default_rng(5)
    n, length = 20_011, 12_345
    key, seed = bits(rng, n), bits(rng, n + length - 1)
    wanted = by_integers(key, seed, length)
    np.testing.assert_array_equal(by_fft(key, seed, length), wanted)
    np.testing.assert_array_equal(qkd.toeplitz(key, seed, length), wanted)


def test_toeplitz_of_a_million_bits() -> None:
    rng = np.random.default_rng(6)
    n, length = 1_000_003, 499_999
    key, seed = bits(rng, n), bits(rng, n + length - 1)
    np.testing.assert_array_equal(qkd.toeplitz(key, seed, length), by_fft(key, seed, length))


@pytest.mark.slow
def test_toeplitz_of_ten_million_bits() -> None:
    rng = np.random.default_rng(7)
    n, length = 10_000_000, 5_000_000
    key, seed = bits(rng, n), bits(rng, n + length - 1)
    ours = qkd.toeplitz(key, seed, length)
    # 76 blocks of 131,072 outputs would take minutes; five of them, the first and the last among them, do not.
    for first in (0, 1_234_567, 2_500_000, 3_999_999, length - 70_000):
        count = 70_000
        window = seed[first : first + n + count - 1]
        np.testing.assert_array_equal(ours[first : first + count], by_fft(key, window, count))


@pytest.mark.parametrize("path", ["portable", "avx2"])
def test_the_portable_product_gives_the_same_bits(path: str) -> None:
    code = (
        "import numpy as np, hashlib; from ebit import qkd; rng = np.random.default_rng(8)\n"
        "key, seed = rng.random(100_003) < 0.5, rng.random(170_002) < 0.5\n"
        "print(hashlib.sha256(qkd.toeplitz(key, seed, 70_000).tobytes()).hexdigest())\n"
        "bob = key ^ (rng.random(100_003) < 0.03)\n"
        "r = qkd.cascade(key, bob, 0.03, rng=1)\n"
        "print(hashlib.sha256(r.corrected.tobytes()).hexdigest(), r.disclosed_bits, r.rounds)"
    )

    def run(env: dict[str, str]) -> str:
        command = [sys.executable, "-c", code]
        return subprocess.run(command, env=os.environ | env, capture_output=True, text=True, check=True).stdout

    assert run({"EBIT_CPU": path}) == run({})


@pytest.mark.parametrize("variant", ["original", "option-3", "option-7", "option-8"])
@pytest.mark.parametrize("shape", [(20_000,), (3, 4_001), (1, 1)])
def test_cascade_takes_what_arrays_there_are(variant: str, shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(9)
    alice = rng.random(shape) < 0.5
    bob = alice ^ (rng.random(shape) < 0.02)
    r = qkd.cascade(alice, bob, 0.02, variant, rng=3)  # type: ignore[arg-type]
    np.testing.assert_array_equal(r.corrected, alice)
    assert r.corrected.dtype == np.bool_
    assert r.disclosed_bits == r.disclosed_per_key.sum()
    np.testing.assert_array_equal(r.flips_per_key, np.atleast_2d(alice ^ bob).sum(axis=1))
    integers = qkd.cascade(alice.astype(np.int32), bob.astype(np.uint8), 0.02, variant, rng=3)  # type: ignore[arg-type]
    assert integers.corrected.dtype == np.uint8
    np.testing.assert_array_equal(integers.corrected, alice)
    packed = [np.packbits(key, axis=-1, bitorder="little") for key in (alice, bob)]
    again = qkd.cascade(*packed, 0.02, variant, rng=3, bit_length=shape[-1])  # type: ignore[arg-type]
    np.testing.assert_array_equal(again.corrected, packed[0])
    assert again.ledger == integers.ledger == r.ledger


def test_rows_share_messages() -> None:
    rng = np.random.default_rng(10)
    alice = rng.random((5, 3_000)) < 0.5
    bob = alice ^ (rng.random(alice.shape) < 0.05)
    together = qkd.cascade(alice, bob, 0.05, rng=4)
    alone = [qkd.cascade(a, b, 0.05, rng=4) for a, b in zip(alice, bob, strict=True)]
    assert together.disclosed_per_key.tolist() == [r.disclosed_bits for r in alone]
    assert together.rounds == max(r.rounds for r in alone)


@pytest.mark.parametrize(("qber", "reference"), [(0.01, 1.140), (0.03, 1.173), (0.05, 1.183)])
def test_cascade_discloses_what_others_measured(qber: float, reference: float) -> None:
    """Parities over n h(q) at n = 1e5 to 2 %; 30 keys: a standard error of 0.2 %."""
    rng = np.random.default_rng(11)
    alice = rng.random((30, 100_000)) < 0.5
    bob = alice ^ (rng.random(alice.shape) < qber)
    r = qkd.cascade(alice, bob, qber, rng=5)
    per_key = r.disclosed_per_key / (100_000 * binary_entropy(qber))
    assert per_key.std() / math.sqrt(30) < 0.004
    assert abs(r.efficiency / reference - 1.0) < 0.02
    assert r.efficiency > 1.0


@pytest.mark.parametrize("name", ["ldpc", "winnow"])
def test_the_other_protocols_take_what_arrays_there_are(name: str) -> None:
    rng = np.random.default_rng(15)
    alice = rng.random((3, 20_000)) < 0.5
    bob = alice ^ (rng.random(alice.shape) < 0.03)
    protocol = getattr(qkd, name)
    r = protocol(alice, bob, 0.03, rng=1)
    np.testing.assert_array_equal(r.corrected, alice)
    assert r.found_per_key.all()
    assert r.disclosed_bits == r.disclosed_per_key.sum()
    np.testing.assert_array_equal(r.flips_per_key >= (alice ^ bob).sum(axis=1), True)
    assert 1.0 < r.efficiency < 1.6
    one = protocol(alice[0].astype(int), bob[0].astype(np.int8), 0.03, rng=1)
    assert one.corrected.dtype == np.int8
    np.testing.assert_array_equal(one.corrected, alice[0])
    packed = [np.packbits(key, axis=-1, bitorder="little") for key in (alice, bob)]
    again = protocol(*packed, 0.03, rng=1, bit_length=20_000)
    np.testing.assert_array_equal(again.corrected, packed[0])
    assert again.ledger == r.ledger


def test_a_code_discloses_what_it_is_asked_to() -> None:
    rng = np.random.default_rng(16)
    alice = rng.random((10, 100_000)) < 0.5
    bob = alice ^ (rng.random(alice.shape) < 0.03)
    r = qkd.ldpc(alice, bob, 0.03, 1.25, rng=1)
    np.testing.assert_array_equal(r.corrected, alice)
    assert r.rounds == 1
    assert r.efficiency == pytest.approx(1.25, abs=1e-4)
    # Half of what a code needs: shown bits make up for it, or Bob says that he gave up.
    short = qkd.ldpc(alice[:1], bob[:1], 0.03, 0.8, rng=1)
    assert short.rounds > 1
    assert [e.purpose for e in short.ledger.entries] == ["syndrome", "revealed"]
    assert not short.found_per_key[0] or (short.corrected == alice[:1]).all()


@pytest.mark.slow
def test_frame_errors_of_cascade() -> None:
    """10,000 keys of 10,000 bits at 3 %: how many stay wrong, and that every one of them is seen.

    A bound of 1e-3 on the rate is refuted by more than 10 + 4.9 sqrt(10) = 25 failures at a false-alarm rate near 1e-6.
    """
    rng = np.random.default_rng(12)
    failures = {"original": 0, "option-8": 0}
    seen = dict(failures)
    for _ in range(20):
        alice = rng.random((500, 10_000)) < 0.5
        bob = alice ^ (rng.random(alice.shape) < 0.03)
        for name in failures:
            r = qkd.cascade(alice, bob, 0.03, name, rng=rng)  # type: ignore[arg-type]
            wrong = np.flatnonzero((r.corrected != alice).any(axis=1))
            failures[name] += len(wrong)
            seen[name] += sum(not qkd.verify(alice[k], r.corrected[k], rng=rng) for k in wrong)
    assert seen == failures
    assert all(count <= 25 for count in failures.values()), failures


def test_a_key_from_end_to_end() -> None:
    rng = np.random.default_rng(13)
    n, qber = 100_000, 0.03
    alice = bits(rng, n)
    bob = alice ^ bits(rng, n, qber)
    r = qkd.cascade(alice, bob, qber, "option-8", rng=rng)
    check = qkd.verify(alice, r.corrected, rng=rng)
    account = r.ledger + check.ledger
    assert check
    assert account.disclosed_bits == r.disclosed_bits + 64
    length = qkd.secret_length(n * (1 - binary_entropy(qber)), account, 1e-10)
    assert 0.58 * n < length < (1 - 2 * binary_entropy(qber)) * n
    seed = bits(rng, n + length - 1)
    ours, theirs = qkd.toeplitz(alice, seed, length), qkd.toeplitz(r.corrected, seed, length)
    np.testing.assert_array_equal(ours, theirs)
    assert abs(ours.mean() - 0.5) < 4.9 * 0.5 / math.sqrt(length)
    # Light limits a block of 0.1 s over 100 km: rounds at 1 ms each.
    assert account.light_time_s(100.0) == pytest.approx(1e-3 * account.rounds)
    assert account.key_rate_hz(length, 0.1, 1000.0) < account.key_rate_hz(length, 0.1, 1.0)


def test_an_altered_message_is_refused() -> None:
    key = bits(np.random.default_rng(14), 128 + 3 * 64)
    alice, bob, eve = qkd.Authenticator(key), qkd.Authenticator(key), qkd.Authenticator(~key)
    message = b"bases 0110100"
    assert bob.accepts(message, alice.tag(message))
    assert not bob.accepts(message[:-1] + b"1", alice.tag(message))
    assert not bob.accepts(message, eve.tag(message))
    assert (bob.key_bits_used, bob.key_bits_left, bob.ledger.key_bits) == (320, 0, 320)


def _times(a: int, b: int) -> int:
    """Multiply in GF(2^128), by shifts and additions."""
    total = 0
    for k in range(127, -1, -1):
        total = (total << 1) ^ (((1 << 128) | 0x87) if total >> 127 else 0)
        total ^= a if b >> k & 1 else 0
    return total


def _power(a: int, exponent: int) -> int:
    total = 1
    for bit in f"{exponent:b}":
        total = _times(total, total)
        total = _times(total, a) if bit == "1" else total
    return total


def _hash(point: int, message: bytes) -> int:
    """Hash a message of 16 bytes as the authenticator does: m k^2 + 128 k."""
    return _times(int.from_bytes(message, "little"), _times(point, point)) ^ _times(128, point)


@pytest.mark.parametrize("reused", [True, False])
def test_a_pad_used_twice_gives_the_hash_away(reused: bool) -> None:
    """Tags of two messages under one pad differ by (m1 + m2) k^2: who sees both knows k and can forge."""
    key = bits(np.random.default_rng(15), 128 + 4 * 128)
    first, second, third, wanted = b"pay Bob 10 euros", b"pay Bob 20 euros", b"pay Bob 30 euros", b"pay Eve 90 euros"
    alice, bob = qkd.Authenticator(key, 128), qkd.Authenticator(key, 128)
    tags = [alice.tag(first)]
    assert bob.accepts(first, tags[0])
    if reused:
        alice, bob = qkd.Authenticator(key, 128), qkd.Authenticator(key, 128)
    tags.append(alice.tag(second))
    assert bob.accepts(second, tags[1])
    apart = [int.from_bytes(x, "little") ^ int.from_bytes(y, "little") for x, y in ((first, second), tags)]
    square = _times(apart[1], _power(apart[0], 2**128 - 2))
    point = _power(square, 2**127)
    assert (point == sum(1 << k for k in np.flatnonzero(key[:128]).tolist())) == reused
    # The third message has a pad of its own; its tag is carried over to another message all the same.
    tag = int.from_bytes(alice.tag(third), "little")
    forged = tag ^ _hash(point, third) ^ _hash(point, wanted)
    assert bob.accepts(wanted, forged.to_bytes(16, "little")) == reused
