"""Rows of chains whose qubits are encoded: parity codes in photons, CSS codes in memories."""

from __future__ import annotations

import math
from collections.abc import Iterator

import ebit
from ebit.validate.rows import Row, exact


def encoded() -> Iterator[Row]:
    """Parity codes of photons, as published."""
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
        yield exact(f"parity code ({n}, {m}), {km:,.0f} km, coupling loss {loss}: R t_0", reference, rate)


def encoded_memories() -> Iterator[Row]:
    """Steane's code at both ends of a link, and along a chain."""
    # Seven pairs with independent errors, all 128 patterns added up by hand; the last of 28 pairs to come.
    p = 0.03
    wrong = sum(a * p**w * (1 - p) ** (7 - w) for w, a in enumerate((0, 0, 21, 7, 28, 0, 7, 1)))
    link = ebit.HeraldedLink(0.1, 1.0, ebit.BellDiagonal([1 - p, 0.0, p, 0.0]))
    encoding = ebit.Encoding(ebit.codes.steane())
    r = ebit.RepeaterChain([link], ebit.Memory(7), encoding=encoding).exact()
    yield exact("Steane code, X errors 3 %: qber_z", f"{wrong:.12g}", r.qber_z.value)
    last = sum((-1) ** (k + 1) * math.comb(28, k) / (1 - 0.9**k) for k in range(1, 29))
    r = ebit.RepeaterChain([link] * 4, ebit.Memory(7), encoding=encoding).exact(tolerance=1e-11)
    yield exact("Steane code, four links, p=.1: steps", f"{last:.9g}", r.waiting_time_s.value)
