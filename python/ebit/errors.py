"""Everything ebit can complain about, under one base class."""

from __future__ import annotations

__all__ = [
    "EbitError",
    "FormalismError",
    "ImpossibleOutcomeError",
    "Interrupted",
    "MissingExtraError",
    "NeverSucceedsError",
    "NoPairsWarning",
    "NoRouteError",
    "PairGoneError",
    "QasmError",
    "RangeError",
    "ScenarioError",
    "SpecError",
    "StuckError",
    "StuckWarning",
    "TimeOverflowError",
    "TooLargeError",
    "UnknownFieldError",
    "UnsupportedQasmError",
    "WrongTypeError",
]


class EbitError(Exception):
    """Base class of every error ebit raises on purpose."""

    #: What the command line exits with.
    exit_code = 1


class SpecError(EbitError, ValueError):
    """Input that cannot be: names the object, the parameter, the allowed range, the value and a hint.

    Parameters
    ----------
    message : str
        The whole sentence.
    object, parameter, range, value, hint : str
        Its parts, for programs.

    Examples
    --------
    >>> from ebit import Fiber
    >>> try:
    ...     Fiber(length_km=-1.0)
    ... except SpecError as error:
    ...     print(error.object, error.parameter, error.range, error.value)
    Fiber length_km finite and >= 0 -1
    """

    exit_code = 2

    def __init__(
        self, message: str, *, object: str = "", parameter: str = "", range: str = "", value: str = "", hint: str = ""
    ) -> None:
        super().__init__(message)
        self.object = object
        self.parameter = parameter
        self.range = range
        self.value = value
        self.hint = hint

    def __reduce__(self) -> tuple[object, ...]:
        parts = {k: getattr(self, k) for k in ("object", "parameter", "range", "value", "hint")}
        return _rebuild, (type(self), str(self), parts)


def _rebuild(kind: type[SpecError], message: str, parts: dict[str, str]) -> SpecError:
    return kind(message, **parts)


def complain(kind: type[SpecError], object: str, parameter: str, range: str, value: str, hint: str = "") -> SpecError:
    """Build an error whose sentence has the one shape of the house."""
    tail = f" ({hint})" if hint else ""
    message = f"{object}: {parameter} must be {range}, got {value}{tail}"
    return kind(message, object=object, parameter=parameter, range=range, value=value, hint=hint)


def located(error: SpecError, place: str) -> SpecError:
    """Return the same complaint with a place, as a file, before its object."""
    return complain(type(error), f"{place}: {error.object}", error.parameter, error.range, error.value, error.hint)


class RangeError(SpecError):
    """A value outside its allowed range."""


class FormalismError(SpecError):
    """Something a state formalism cannot hold; the hint names the formalisms that can, or the approximation."""


class ImpossibleOutcomeError(RangeError):
    """An outcome of probability zero was asked for; the state is left as it was."""


class QasmError(SpecError):
    """An OpenQASM text that is wrong; ``line`` and ``column`` say where, counted from 1.

    Examples
    --------
    >>> from ebit import Circuit
    >>> try:
    ...     Circuit.from_qasm("OPENQASM 3.0;\\nqubit q\\nx q;")
    ... except QasmError as error:
    ...     print(error.line, error.column, error.range, error.value)
    3 1 ';' 'x'
    """

    def __init__(self, message: str, *, line: str | int = 0, column: str | int = 0, **parts: str) -> None:
        super().__init__(message, **parts)
        self.line = int(line)
        self.column = int(column)

    def __reduce__(self) -> tuple[object, ...]:
        names = ("object", "parameter", "range", "value", "hint", "line", "column")
        return _rebuild, (type(self), str(self), {k: getattr(self, k) for k in names})


class UnsupportedQasmError(QasmError):
    """OpenQASM that a circuit cannot hold, or an instruction that OpenQASM cannot say (``line`` 0)."""


class UnknownFieldError(SpecError):
    """A field that does not exist; the hint suggests one that does."""


class WrongTypeError(SpecError, TypeError):
    """A value of the wrong type, or a missing one."""


class NoRouteError(SpecError):
    """Two nodes that no path joins; the value names both components."""


class NeverSucceedsError(SpecError):
    """A link, swap or request that can never deliver."""


class TooLargeError(SpecError, MemoryError):
    """A run whose results or clock would not fit; refused before anything is allocated."""


class ScenarioError(SpecError):
    """A scenario or network file that cannot be read; names the file and the line."""


class StuckError(EbitError, RuntimeError):
    """Nothing is scheduled and requests are unfinished; the message names who waits for what."""


class PairGoneError(EbitError, RuntimeError):
    """A protocol acts on, or waits for, a pair that its node no longer holds."""


class TimeOverflowError(EbitError, OverflowError):
    """Simulated time ran past what the clock of the run can count."""


class MissingExtraError(EbitError, ImportError):
    """An optional package is not installed; the message names the extra that brings it."""


class Interrupted(KeyboardInterrupt):
    """A run stopped by Ctrl-C; a ``KeyboardInterrupt`` and no ``EbitError``.

    Parameters
    ----------
    message : str
    results : Results
        What the finished replicas gave; empty when none was finished.
    """

    def __init__(self, message: str, results: object = None) -> None:
        super().__init__(message)
        self.results = results


class NoPairsWarning(UserWarning):
    """A request delivered no pair: its rate is 0 with an upper bound, its fidelity is not a number."""


class StuckWarning(UserWarning):
    """Everyone waited for ever before the horizon; the results count the time until then."""
