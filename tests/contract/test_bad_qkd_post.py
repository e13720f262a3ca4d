"""Mistakes in post-processing: each names object, parameter, range, value."""

# ruff: noqa: E501

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from mistakes import names_the_mistake

from ebit import qkd
from ebit.errors import RangeError, SpecError, WrongTypeError

KEY = np.arange(100) % 3 == 0
PACKED = np.packbits(KEY, bitorder="little")
LEDGER = qkd.Ledger.of([("parities", 10, 0, 1)])


def cascade(**options: Any) -> object:
    return qkd.cascade(**({"alice": KEY, "bob": KEY, "qber": 0.03, "rng": 1} | options))


X = np.linspace(-1.0, 1.0, 100)


def slices(**options: Any) -> object:
    return qkd.slices(**({"alice": X, "bob": X, "slope": 1.0, "noise_variance": 0.1, "rng": 1} | options))


def turned(**options: Any) -> object:
    return qkd.multidimensional(**({"alice": X, "bob": X, "slope": 1.0, "noise_variance": 0.1, "rng": 1} | options))


CASES: list[tuple[str, Callable[[], object], type[SpecError], str, str, str, str]] = [
    ("values of unequal number", lambda: slices(bob=X[:-1]), RangeError, "slices", "bob", "100", "99"),
    ("no values", lambda: slices(alice=X[:0], bob=X[:0]), RangeError, "slices", "alice", "at least one", "none"),
    ("values in words", lambda: slices(alice="many"), WrongTypeError, "slices", "alice", "finite numbers", "'many'"),
    ("a value NaN", lambda: slices(bob=X * math.nan), RangeError, "slices", "bob", "finite numbers", "others"),
    ("labels of no bits", lambda: slices(bits=0), RangeError, "slices", "bits", "[1, 8]", "0"),
    ("labels of many bits", lambda: slices(bits=9), RangeError, "slices", "bits", "[1, 8]", "9"),
    ("no noise", lambda: slices(noise_variance=0.0), RangeError, "slices", "noise_variance", "> 0", "0.0"),
    ("noise below 0", lambda: slices(noise_variance=-1.0), RangeError, "slices", "noise_variance", "> 0", "-1.0"),
    ("no reach", lambda: slices(reach=0.0), RangeError, "slices", "reach", "> 0", "0.0"),
    ("a slope in words", lambda: slices(slope="steep"), WrongTypeError, "slices", "slope", "a finite number", "'steep'"),
    ("slices below the limit", lambda: slices(efficiency=0.1), RangeError, "slices", "efficiency", "[0.5, 10]", "0.1"),
    ("blocks of nothing", lambda: slices(block=0), RangeError, "slices", "block", ">= 1", "0"),
    ("turned values of unequal number", lambda: turned(bob=X[:-1]), RangeError, "multidimensional", "bob", "100", "99"),
    ("nothing to turn", lambda: turned(alice=X[:0], bob=X[:0]), RangeError, "multidimensional", "alice", "at least one", "none"),
    ("seven to turn", lambda: turned(alice=X[:7], bob=X[:7]), RangeError, "multidimensional", "bob", "at least 8", "7"),
    ("turned in words", lambda: turned(bob="many"), WrongTypeError, "multidimensional", "bob", "finite numbers", "'many'"),
    ("a turned NaN", lambda: turned(alice=X * math.nan), RangeError, "multidimensional", "alice", "finite numbers", "others"),
    ("turned without noise", lambda: turned(noise_variance=0.0), RangeError, "multidimensional", "noise_variance", "> 0", "0.0"),
    ("turned below the limit", lambda: turned(efficiency=0.4), RangeError, "multidimensional", "efficiency", "[0.5, 10]", "0.4"),
    ("blocks of seven", lambda: turned(block=7), RangeError, "multidimensional", "block", ">= 8", "7"),
    ("unequal lengths", lambda: cascade(bob=KEY[:-1]), RangeError, "cascade", "bob", "as long as alice, shape (100,)", "(99,)"),
    ("a row against a key", lambda: cascade(bob=KEY[None]), RangeError, "cascade", "bob", "as long as alice", "(1, 100)"),
    ("empty keys", lambda: cascade(alice=KEY[:0], bob=KEY[:0]), RangeError, "cascade", "alice", "not empty", "(0,)"),
    ("no rows", lambda: cascade(alice=np.zeros((0, 5), bool), bob=np.zeros((0, 5), bool)), RangeError, "cascade", "alice", "not empty", "(0, 5)"),
    ("three dimensions", lambda: cascade(alice=KEY[None, None]), RangeError, "cascade", "alice", "an array of bits", "(1, 1, 100)"),
    ("a scalar", lambda: cascade(alice=True), RangeError, "cascade", "alice", "an array of bits", "()"),
    ("a two", lambda: cascade(alice=KEY * 2), RangeError, "cascade", "alice", "0 or 1", "2"),
    ("a two in a byte", lambda: cascade(bob=(KEY * 2).astype(np.uint8)), RangeError, "cascade", "bob", "0 or 1", "2"),
    ("256 is no 0", lambda: cascade(alice=KEY * 256), RangeError, "cascade", "alice", "0 or 1", "256"),
    ("minus one", lambda: cascade(alice=-KEY.astype(int)), RangeError, "cascade", "alice", "0 or 1", "-1"),
    ("fractions", lambda: cascade(alice=KEY * 1.0), WrongTypeError, "cascade", "alice", "bits", "float64"),
    ("text", lambda: cascade(alice="0101"), WrongTypeError, "cascade", "alice", "bits", "<U4"),
    ("ragged", lambda: cascade(alice=[[True], [True, False]]), WrongTypeError, "cascade", "alice", "bits", "[[True], [True, False]]"),
    ("qber above", lambda: cascade(qber=0.5), RangeError, "cascade", "qber", "[0, 0.5)", "0.5"),
    ("qber below", lambda: cascade(qber=-0.01), RangeError, "cascade", "qber", "[0, 0.5)", "-0.01"),
    ("qber NaN", lambda: cascade(qber=math.nan), RangeError, "cascade", "qber", "[0, 0.5)", "nan"),
    ("qber a word", lambda: cascade(qber="3 %"), WrongTypeError, "cascade", "qber", "[0, 0.5)", "'3 %'"),
    ("another variant", lambda: cascade(variant="best"), RangeError, "cascade", "variant", "one of original, option-3", "best"),
    ("variant a number", lambda: cascade(variant=8), WrongTypeError, "cascade", "variant", "one of original", "8"),
    ("rng", lambda: cascade(rng=-1), RangeError, "cascade", "rng", "[0, 2^128)", "-1"),
    ("packed booleans", lambda: cascade(bit_length=800), WrongTypeError, "cascade", "alice", "uint8", "bool"),
    ("bits beyond the bytes", lambda: cascade(alice=PACKED, bob=PACKED, bit_length=105), RangeError, "cascade", "bit_length", "[1, 104]", "105"),
    ("too many bytes", lambda: cascade(alice=PACKED, bob=PACKED, bit_length=96), RangeError, "cascade", "alice", "12 bytes", "13"),
    ("no bits", lambda: cascade(alice=PACKED, bob=PACKED, bit_length=0), RangeError, "cascade", "bit_length", "[1, 104]", "0"),
    ("ldpc without errors", lambda: qkd.ldpc(KEY, KEY, 0.0), RangeError, "ldpc", "qber", "(0, 0.5)", "0.0"),
    ("ldpc of unequal keys", lambda: qkd.ldpc(KEY, KEY[1:], 0.03), RangeError, "ldpc", "bob", "as long as alice", "(99,)"),
    ("ldpc below reason", lambda: qkd.ldpc(KEY, KEY, 0.03, 0.1), RangeError, "ldpc", "efficiency", "[0.5, 10]", "0.1"),
    ("ldpc for nothing", lambda: qkd.ldpc(KEY, KEY, 0.03, math.nan), RangeError, "ldpc", "efficiency", "[0.5, 10]", "nan"),
    ("ldpc qber 0.5", lambda: qkd.ldpc(KEY, KEY, 0.5), RangeError, "ldpc", "qber", "[0, 0.5)", "0.5"),
    ("winnow of nothing", lambda: qkd.winnow(KEY[:0], KEY[:0], 0.03), RangeError, "winnow", "alice", "not empty", "(0,)"),
    ("winnow of threes", lambda: qkd.winnow(KEY, KEY * 3, 0.03), RangeError, "winnow", "bob", "0 or 1", "3"),
    ("winnow qber 1", lambda: qkd.winnow(KEY, KEY, 1), RangeError, "winnow", "qber", "[0, 0.5)", "1"),
    ("no tag", lambda: qkd.verify(KEY, KEY, tag_bits=0), RangeError, "verify", "tag_bits", "[1, 128]", "0"),
    ("verify rows", lambda: qkd.verify(KEY[None], KEY[None]), RangeError, "verify", "alice", "an array of bits", "(1, 100)"),
    ("verify lengths", lambda: qkd.verify(KEY, KEY[1:]), RangeError, "verify", "bob", "as long as alice", "(99,)"),
    ("short seed", lambda: qkd.toeplitz(KEY, KEY, 2), RangeError, "toeplitz", "seed_bits", "n + length - 1 = 101", "100"),
    ("long seed", lambda: qkd.toeplitz(KEY[:50], KEY, 2), RangeError, "toeplitz", "seed_bits", "= 51", "100"),
    ("negative length", lambda: qkd.toeplitz(KEY, KEY, -1), RangeError, "toeplitz", "length", "[0, ", "-1"),
    ("half a bit", lambda: qkd.toeplitz(KEY, KEY, 1.5), WrongTypeError, "toeplitz", "length", "[0, ", "1.5"),
    ("seed of twos", lambda: qkd.toeplitz(KEY, np.full(101, 2), 2), RangeError, "toeplitz", "seed_bits", "0 or 1", "2"),
    ("nothing to hash", lambda: qkd.toeplitz([], KEY, 2), WrongTypeError, "toeplitz", "bits", "an array of bits", "float64"),
    ("epsilon 0", lambda: qkd.secret_length(100.0, LEDGER, 0.0), RangeError, "secret_length", "epsilon", "(0, 1)", "0.0"),
    ("epsilon 1", lambda: qkd.secret_length(100.0, LEDGER, 1), RangeError, "secret_length", "epsilon", "(0, 1)", "1"),
    ("a number for a ledger", lambda: qkd.secret_length(100.0, 10, 1e-10), WrongTypeError, "secret_length", "ledger", "a Ledger", "10"),
    ("infinite entropy", lambda: qkd.secret_length(math.inf, LEDGER, 1e-10), RangeError, "secret_length", "min_entropy_bits", "finite", "inf"),
    ("short key", lambda: qkd.Authenticator(KEY), RangeError, "Authenticator", "key", "at least 128 bits", "100 bits"),
    ("key used up", lambda: qkd.Authenticator(np.ones(150, bool)).tag(b""), RangeError, "Authenticator", "key", "at least 64 bits", "22 bits"),
    ("text for a message", lambda: qkd.Authenticator(np.ones(200, bool)).tag("hello"), WrongTypeError, "Authenticator.tag", "message", "bytes", "'hello'"),
    ("tag too short", lambda: qkd.Authenticator(np.ones(200, bool)).accepts(b"", b"1"), RangeError, "Authenticator.accepts", "tag", "8 bytes", "1 bytes"),
    ("no time at all", lambda: qkd.Ledger().key_rate_hz(10.0, 0.0, 0.0), RangeError, "Ledger.key_rate_hz", "collection_time_s", "> 0", "0"),
    ("negative time", lambda: qkd.Ledger().key_rate_hz(10.0, -1.0, 0.0), RangeError, "Ledger.key_rate_hz", "collection_time_s", ">= 0", "-1.0"),
    ("values without a slope", lambda: slices(slope=0.0), RangeError, "slices", "slope", "not 0", "0.0"),
    ("values of nothing", lambda: slices(alice=0.0 * X), RangeError, "slices", "alice", "not all 0", "0 of"),
    ("values beyond arithmetic", lambda: slices(alice=1e300 * X), RangeError, "slices", "alice", "at most", "inf"),
    ("others beyond arithmetic", lambda: slices(bob=1e300 * X), RangeError, "slices", "bob", "standard deviations", "1e+300"),
    ("hardly any noise", lambda: slices(noise_variance=1e-300), RangeError, "slices", "alice", "of the noise", "0.34"),
    ("complex values", lambda: slices(bob=1j * X), WrongTypeError, "slices", "bob", "finite numbers", "j"),
    ("turned without a slope", lambda: turned(slope=0.0), RangeError, "multidimensional", "slope", "not 0", "0.0"),
    ("turned nothing", lambda: turned(alice=0.0 * X), RangeError, "multidimensional", "alice", "not all 0", "0 of"),
    ("turned beyond arithmetic", lambda: turned(bob=1e300 * X), RangeError, "multidimensional", "bob", "standard deviations", "1e+300"),
    ("turned complex", lambda: turned(alice=1j * X), WrongTypeError, "multidimensional", "alice", "finite numbers", "j"),
    ("a variant without a name", lambda: cascade(variant=""), RangeError, "cascade", "variant", "one of original", "''"),
    ("no seed for nothing", lambda: qkd.toeplitz([1, 0, 1], "nonsense", 0), WrongTypeError, "toeplitz", "seed_bits", "an array of bits", "<U8"),
    ("a long seed for nothing", lambda: qkd.toeplitz(KEY, KEY, 0), RangeError, "toeplitz", "seed_bits", "= 99", "100"),
    ("more entropy than bits", lambda: qkd.secret_length(1e300, LEDGER, 1e-10), RangeError, "secret_length", "min_entropy_bits", "2^53", "1e+300"),
    ("bits taken back", lambda: qkd.Ledger.of([("x", -900, 0, 1)]), RangeError, "LedgerEntry", "disclosed_bits", "[0, ", "-900"),
    ("key paid back", lambda: qkd.LedgerEntry("x", 0, -1, 0), RangeError, "LedgerEntry", "key_bits", "[0, ", "-1"),
    ("rounds before", lambda: qkd.LedgerEntry("x", 0, 0, -1), RangeError, "LedgerEntry", "rounds", "[0, ", "-1"),
    ("bits uncounted", lambda: qkd.Ledger.of([("x", math.nan, 0, 0)]), WrongTypeError, "LedgerEntry", "disclosed_bits", "[0, ", "nan"),  # type: ignore[list-item]
    ("half bits", lambda: qkd.Ledger.of([("x", 2.5, 0, 0)]), WrongTypeError, "LedgerEntry", "disclosed_bits", "[0, ", "2.5"),  # type: ignore[list-item]
    ("bits in words", lambda: qkd.Ledger.of([("x", "a", 0, 0)]), WrongTypeError, "LedgerEntry", "disclosed_bits", "[0, ", "'a'"),  # type: ignore[list-item]
    ("bits beyond counting", lambda: qkd.LedgerEntry("x", 10**30, 0, 0), RangeError, "LedgerEntry", "disclosed_bits", "[0, ", "1" + 30 * "0"),
    ("no purpose", lambda: qkd.LedgerEntry(3, 0, 0, 0), WrongTypeError, "LedgerEntry", "purpose", "a string", "3"),  # type: ignore[arg-type]
    ("a short line", lambda: qkd.Ledger.of([("x", 1, 2)]), WrongTypeError, "Ledger.of", "lines", "(purpose, disclosed bits, key bits, rounds)", "('x', 1, 2)"),  # type: ignore[list-item]
    ("no lines", lambda: qkd.Ledger.of(3), WrongTypeError, "Ledger.of", "lines", "tuples", "3"),  # type: ignore[arg-type]
    ("a tuple for an entry", lambda: qkd.Ledger((("x", 1, 0, 0),)), WrongTypeError, "Ledger", "entries", "LedgerEntry", "('x', 1, 0, 0)"),  # type: ignore[arg-type]
    ("bits NaN", lambda: qkd.Ledger().remaining(math.nan), RangeError, "Ledger.remaining", "secret_bits", "finite", "nan"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_a_mistake_is_named(case: Any) -> None:
    names_the_mistake(*case[1:])


def test_more_than_was_there_leaves_nothing() -> None:
    """The most that lines may say, three times over: beyond 64 bits."""
    told = qkd.Ledger(tuple(qkd.LedgerEntry(name, 2**53, 0, 0) for name in "abc"))
    assert qkd.secret_length(2.0**53, told, 1e-10) == 0
    assert told.remaining(2.0**53) == -(2.0**54)


def test_no_bits_of_a_key_take_what_is_left_of_a_matrix() -> None:
    assert qkd.toeplitz(KEY, KEY[1:], 0).shape == (0,)
    assert qkd.toeplitz([1], [], 0).shape == (0,)


def test_winnow_says_when_it_gave_up() -> None:
    """Unrelated keys: forty passes leave them as they were, as far as anyone can tell."""
    unrelated = np.random.default_rng(1).random(2000) < 0.5
    given_up = qkd.winnow(np.zeros(2000, bool), unrelated, 0.03, rng=1)
    assert given_up.found_per_key.tolist() == [False]
    assert qkd.winnow(unrelated, unrelated ^ (np.arange(2000) % 50 == 0), 0.03, rng=1).found_per_key.tolist() == [True]


@pytest.mark.parametrize("protocol", ["ldpc", "multidimensional"])
def test_one_long_key_says_how_far_it_is_and_ends_when_it_is_told_to(protocol: str) -> None:
    """More errors than were told: a key that takes seconds; the first word of it while it runs stops it."""
    rng = np.random.default_rng(62)
    seen = []

    def stop(fraction: float) -> None:
        seen.append(fraction)
        if 0.0 < fraction < 1.0:
            raise InterruptedError("enough")

    alice = rng.random(300_000) < 0.5
    bob = alice ^ (rng.random(300_000) < 0.045)
    x = rng.standard_normal(300_000)
    y = x + 1.4 * rng.standard_normal(300_000)
    calls = {
        "ldpc": lambda: qkd.ldpc(alice, bob, 0.03, rng=1, progress=stop),
        "multidimensional": lambda: qkd.multidimensional(x, y, 1.0, 1.0, block=300_000, rng=1, progress=stop),
    }
    with pytest.raises(InterruptedError, match="enough"):
        calls[protocol]()
    assert 0.0 < seen[-1] < 1.0
