"""Lines at the ends of what is allowed: every key rate is a number of 0 or more, or the mistake is named.

Legal numbers reach from 1e-300 to 1, and what is worked out of them may overflow, vanish or be no number: a fibre of
15,000 km, detectors that never click, blocks that no number of pulses fills. EBIT_PROPERTY_CASES sets how many lines
are tried; `make soak` tries 20,000.
"""

from __future__ import annotations

import dataclasses
import math
import os
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import ebit
import ebit.qkd

CASES = int(os.environ.get("EBIT_PROPERTY_CASES", "300"))

KINDS = [
    ebit.qkd.BB84, ebit.qkd.WeakBB84, ebit.qkd.DecoyBB84, ebit.qkd.SixState, ebit.qkd.B92, ebit.qkd.SARG04,
    ebit.qkd.BBM92, ebit.qkd.E91, ebit.qkd.MDI, ebit.qkd.TwinField, ebit.qkd.SendingOrNotSending,
    ebit.qkd.ModePairing, ebit.qkd.COW, ebit.qkd.DPS, ebit.qkd.GG02, ebit.qkd.DeviceIndependent,
]  # fmt: skip

exponents = st.floats(-300.0, 0.0)
tiny = st.sampled_from([0.0, 1e-300, 1e-160, 1e-12]) | exponents.map(lambda x: 0.5 * 10.0**x)
lengths = st.sampled_from([0.0, 100.0, 7000.0, 14_900.0, 15_000.0, 1e5]) | st.floats(0.0, 16_000.0)
efficiencies = st.sampled_from([0.0, 1e-300, 1e-150, 0.1, 1.0]) | exponents.map(lambda x: 10.0**x)
shares = st.sampled_from([0.0, 0.03, 0.11, 0.5]) | st.floats(0.0, 0.5)
blocks = st.sampled_from([1.0, 1e5, 1e15, 1e18]) | st.floats(0.0, 18.0).map(lambda x: 10.0**x)
signals = st.sampled_from([1e-300, 1e-9, 0.5, 10.0]) | exponents.map(lambda x: 10.0**x)
SIFTED = st.sampled_from([1e-300, 0.2, 0.5, 1.0 - 1e-15]) | st.floats(0.01, 0.99)


@settings(max_examples=CASES, deadline=None, derandomize=True)
@given(
    kind=st.sampled_from(KINDS),
    length=lengths,
    efficiency=efficiencies,
    background=tiny,
    error=shares,
    block=blocks,
    signal=st.none() | signals,
    sifting=st.none() | SIFTED,
    epsilon=st.sampled_from([1e-10, 1e-300, 0.5]),
)
def test_every_line_has_a_key_rate_or_a_mistake(
    kind: type,
    length: float,
    efficiency: float,
    background: float,
    error: float,
    block: float,
    signal: float | None,
    sifting: float | None,
    epsilon: float,
) -> None:
    fields = {field.name for field in dataclasses.fields(kind)}
    more: dict[str, Any] = {
        "background_probability": background,
        "dark_count_probability": background,
        "misalignment": error,
        "excess_noise": error if error > 1e-12 else 0.0,
        "visibility": 1.0 - error,
        "sifting": sifting,
        "signal": 0.5 if signal is None and kind is ebit.qkd.WeakBB84 else signal,
        "mean_pairs": signal,
        "modulation_variance": None if signal is None else max(signal, 1e-12),
    }
    given_ = {name: value for name, value in more.items() if name in fields and value is not None}
    try:
        line = kind(ebit.Fiber(length), efficiency, **given_)
        rates = [line.key_rate()]
        rates.append(line.key_rate(block, epsilon))
    except ebit.EbitError:
        return
    for rate in rates:
        assert math.isfinite(rate.value)
        assert rate.value >= 0.0
        assert (rate.value == 0.0) == bool(rate.why_no_key())
        for name, value in rate.parts.items():
            assert math.isfinite(value), name
