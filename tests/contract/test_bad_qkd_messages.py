"""Messages that an eavesdropper changed without authentication: what no receiver can read is named, not stumbled over."""

# Tables read best with a mistake per line.
# ruff: noqa: E501

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from mistakes import names_the_mistake

import ebit
from ebit import qkd
from ebit.errors import EbitError, RangeError, SpecError, WrongTypeError

LINE = qkd.BB84(ebit.Fiber(10.0), 0.5)
GAUSSIAN = qkd.GG02(ebit.Fiber(10.0), 0.5)
NEAR = ebit.Fiber(1.0)
SYSTEMS = (
    LINE, qkd.DecoyBB84(NEAR, 0.5), qkd.BBM92(NEAR, 0.5), qkd.E91(NEAR, 0.5), qkd.MDI(NEAR, 0.5), qkd.TwinField(NEAR, 0.5),
    qkd.SendingOrNotSending(NEAR, 0.5), qkd.ModePairing(NEAR, 0.5), qkd.DPS(NEAR, 0.5), qkd.B92(NEAR, 0.5),
    qkd.SARG04(NEAR, 0.5), qkd.SixState(NEAR, 0.5), qkd.COW(NEAR, 0.5, monitoring=0.1, decoy_fraction=0.1),
    qkd.DeviceIndependent(ebit.Fiber(0.1), 0.99), GAUSSIAN,
)  # fmt: skip


class Changes(qkd.Eavesdropper):
    def __init__(self, change: Callable[[qkd.Message], Any]) -> None:
        self.change = change

    def message(self, message: qkd.Message) -> qkd.Message:
        out: qkd.Message = self.change(message)
        return out


def tampered(kind: str, column: str, value: Any, system: Any = LINE) -> Callable[[], object]:
    return lambda: system.run(3000, qkd.MessageTampering(kind, column, value), rng=1, authenticated=False)


def changed(change: Callable[[qkd.Message], Any], system: Any = LINE) -> Callable[[], object]:
    return lambda: system.run(3000, Changes(change), rng=1, authenticated=False)


def every(function: Callable[[Any], Any]) -> Callable[[qkd.Message], qkd.Message]:
    return lambda m: m.replace(**{name: function(column) for name, column in m.content.items()})


CASES: list[tuple[str, Callable[[], object], type[SpecError], str, str, str, str]] = [
    ("a basis that is none", tampered("preparations", "announced", 3), RangeError, "message 'preparations'", "announced", "[0, 1]", "3"),
    ("a light that is none", tampered("preparations", "light", 1), RangeError, "message 'preparations'", "light", "[0, 0]", "1"),
    ("a basis below 0", tampered("preparations", "announced", -1), RangeError, "MessageTampering", "value", "[0, 255] in the column announced", "-1"),
    ("a pulse below 0", tampered("detections", "pulse", -1), RangeError, "MessageTampering", "value", "in the column pulse", "-1"),
    ("a pulse never sent", tampered("detections", "pulse", 10**6), RangeError, "message 'detections'", "pulse", "[0, 2999]", "1000000"),
    ("a place below 0", tampered("sample", "place", -1), RangeError, "message 'sample'", "place", "[0, ", "-1"),
    ("kept twice", tampered("kept", "kept", 2, qkd.B92(NEAR, 0.5)), RangeError, "MessageTampering", "value", "[0, 1] in the column kept", "2"),
    ("half a count", tampered("errors", "count", 0.5), RangeError, "MessageTampering", "value", "an integer", "0.5"),
    ("a value in words", tampered("errors", "count", "abc"), WrongTypeError, "MessageTampering", "value", "a finite number", "'abc'"),
    ("a value NaN", tampered("errors", "count", math.nan), RangeError, "MessageTampering", "value", "a finite number", "nan"),
    ("a column misspelt", tampered("errors", "cuont", 0), RangeError, "MessageTampering", "column", "count in a message 'errors'", "'cuont'"),
    ("a column without a name", tampered("errors", None, 0), WrongTypeError, "MessageTampering", "column", "a string", "None"),  # type: ignore[arg-type]
    ("no message", changed(lambda m: None), WrongTypeError, "Eavesdropper.message", "message", "a Message", "None"),
    ("no columns", changed(lambda m: qkd.Message(m.sender, m.receiver, m.kind, {})), RangeError, "message 'detections'", "content", "pulse, axis", "none"),
    ("no content", changed(lambda m: qkd.Message(m.sender, m.receiver, m.kind, None)), WrongTypeError, "message 'detections'", "content", "mapping", "None"),  # type: ignore[arg-type]
    ("words in a column", changed(lambda m: m.replace(pulse=np.array("abc"))), WrongTypeError, "message 'detections'", "pulse", "numbers", "<U3"),
    ("halves of whole numbers", changed(every(lambda c: c * 0.5)), WrongTypeError, "message 'detections'", "pulse", "uint64", "float64"),
    ("columns apart", changed(lambda m: m.replace(axis=m.content["axis"][:3])if m.kind == "detections" else m), RangeError, "message 'detections'", "axis", "as long as pulse", "3"),
    ("half of all columns", changed(every(lambda c: c[::2])), RangeError, "message 'preparations'", "announced", "entries", "entries"),
    ("a place never measured", tampered("sample", "place", 3000, GAUSSIAN), RangeError, "message 'sample'", "place", "[0, 2999]", "3000"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_a_mistake_is_named(case: Any) -> None:
    names_the_mistake(*case[1:])


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: type(system).__name__)
def test_whatever_is_said_a_run_ends_or_names_it(system: Any) -> None:
    """Columns cut, emptied, filled with ones or with the largest number: no error but the house's."""
    for change in (
        every(lambda c: c[::2]),
        every(lambda c: c[:1]),
        every(lambda c: c[:0]),
        every(np.ones_like),
        every(lambda c: np.full_like(c, 1 if c.dtype.kind in "bf" else np.iinfo(c.dtype).max)),
        every(np.zeros_like),
    ):
        with contextlib.suppress(EbitError):
            changed(change, system)()


def test_a_message_that_nobody_believes_is_not_read() -> None:
    """With authentication what was changed ends the session, readable or not."""
    for change in (every(lambda c: c[::2]), every(np.zeros_like)):
        session = LINE.run(3000, Changes(change), rng=1)
        assert session.why == "the message 'detections' from Bob failed authentication"


def test_values_that_nobody_sends_are_an_alarm() -> None:
    for value in (0.0, 1e300):
        session = GAUSSIAN.run(3000, qkd.MessageTampering("sample", "values", value), rng=1, authenticated=False)
        assert [str(alarm) for alarm in session.alarms] == ["the values compared are none that were sent"]
