"""The rows of keys: pulses, reconciliation, hashing."""

from __future__ import annotations

import math
from typing import Any

from agreement import Verdict
from rows import Cell, Row, Side

N, QBER = 100_000, 0.03


def corrected(most: float, most_left: float) -> Any:
    """The verdict on reconciliation: hardly a key stays wrong, and no more is disclosed than the row allows."""

    def check(peer: dict[str, Any], ours: dict[str, Any], _args: dict[str, Any]) -> Verdict:
        wrong = " | ".join(f"{side['left']}/{side['keys']}" for side in (peer, ours))
        text = f"f {peer['f']:.3f} | {ours['f']:.3f}; left wrong {wrong}"
        return Verdict(ours["f"] <= most and ours["left"] <= most_left * ours["keys"], text)

    return check


def same_bits(peer: dict[str, Any], ours: dict[str, Any], _args: dict[str, Any]) -> Verdict:
    """The same hash, bit by bit."""
    differ = sum(a != b for a, b in zip(peer["bits"], ours["bits"], strict=True))
    return Verdict(differ == 0, f"{len(ours['bits']) - 1} bits and their sum, {differ} differ")


def _cascade() -> Row:
    cells = []
    for variant, most, rate, ratio in (("original", 1.18, 60e6, 200.0), ("option-8", 1.065, 30e6, None)):
        args = {"n": N, "qber": QBER}
        peer = Side("peer_tno_keys:cascade", args, "keys", 1)
        ours = Side("ours_keys:cascade", args | {"variant": variant}, "keys", 100)
        cells.append(Cell(variant, peer, ours, 40, ratio, corrected(most, 0.02), rate))
    name = "tno-quantum-communication-qkd-key-rate"
    return Row("cascade, bits of 1e5-bit keys at 3 %", (name,), tuple(cells))


def _ldpc() -> Row:
    args = {"n": N, "qber": QBER, "efficiency": 1.25}
    peer = Side("peer_ldpc_keys:ldpc", args, "keys", 1)
    # Bits are whole: 1.25 n h rounded up, as both do it, is more than the row allows.
    ours = Side("ours_keys:ldpc", args | {"efficiency": 1.2499}, "keys", 50)
    cell = Cell("f = 1.25", peer, ours, 40, 1.0, corrected(1.25, 0.02), 10e6)
    return Row("ldpc, bits of 1e5-bit keys at 3 %", ("ldpc",), (cell,))


def _toeplitz() -> Row:
    cells = []
    for n, length, hashes in ((1_000_000, 500_000, 5), (10_000_000, 5_000_000, 1)):
        for library in ("numpy", "scipy"):
            args = {"n": n, "length": length}
            peer = Side("peer_fft_keys:toeplitz", args | {"library": library}, "hashes", hashes)
            ours = Side("ours_keys:toeplitz", args, "hashes", 20 * hashes)
            cells.append(Cell(f"{n:.0e} to {length:.0e}, {library}", peer, ours, 40, 5.0, same_bits))
    return Row("toeplitz hash, bits", ("numpy", "scipy"), tuple(cells))


def counted(peer: dict[str, Any], ours: dict[str, Any], _args: dict[str, Any]) -> Verdict:
    """Sifted bits per pulse and errors among them, at 4.9 standard errors: false alarm 1e-6 each."""
    text, agree = [], True
    for what, of in (("sifted", "pulses"), ("errors", "sifted")):
        p, q = (side[what] / side[of] for side in (peer, ours))
        sigma = math.sqrt(max(peer[what], 1) / peer[of] ** 2 + max(ours[what], 1) / ours[of] ** 2)
        agree &= abs(p - q) < 4.9 * sigma
        text.append(f"{what} per {of} {p:.5f} | {q:.5f} (sees {490 * sigma / q:.0f}%)")
    return Verdict(bool(agree), "; ".join(text))


def _pulses() -> Row:
    line = {"mean": 0.5, "efficiency": 0.9, "dark_hz": 1e3, "dead_time_s": 50e-9, "misalignment": 0.03}
    at_20 = line | {"loss_db": 20.0}
    peer = Side("peer_sequence_bb84:bb84", at_20, "pulses", 100_000)
    ours = Side("ours_keys:bb84", at_20, "pulses", 200_000_000)
    clicks = Side("ours_keys:bb84_clicks", line | {"loss_db": 10.0}, "clicks", 3_000_000)
    why = "no peer: SeQUeNCe's time goes into pulses"
    cells = (
        Cell("20 dB, a pulse", peer, ours, 1_000_000, 1_000.0, counted, 1e9),
        Cell("10 dB, a click", None, clicks, 1, None, counted, 1e7, why),
    )
    return Row("bb84, pulses to sifted bits", ("sequence",), cells)


def rows() -> tuple[Row, ...]:
    """Rates are bits of key per CPU second on one thread; ratios are of CPU time."""
    return (_pulses(), _cascade(), _ldpc(), _toeplitz())
