"""A row of ``ebit validate``: one comparison, and how far apart its two numbers may be."""

from __future__ import annotations

from dataclasses import dataclass

import ebit

__all__ = ["Row", "exact", "near", "sampled"]

#: Standard errors at a two-sided false-alarm rate of 1e-6.
SIGMAS = 4.9


@dataclass(frozen=True)
class Row:
    """One comparison: what, the reference, what ebit says, how far apart they may be."""

    name: str
    reference: float
    value: float
    tolerance: float
    how: str = "exact"

    @property
    def passed(self) -> bool:
        """Whether value and reference agree; a NaN never does."""
        return abs(self.value - self.reference) <= self.tolerance


def exact(name: str, reference: str, value: float) -> Row:
    """Compare to half a unit of the last printed digit, or relative 1e-9 with ten digits and more."""
    mantissa, _, exponent = reference.partition("e")
    digits = len(mantissa.replace(".", "").replace("-", "").lstrip("0"))
    number = float(reference)
    decimals = len(mantissa.partition(".")[2])
    unit = 0.5 * 10.0 ** (int(exponent or 0) - decimals)
    return Row(name, number, value, abs(number) * 1e-9 if digits >= 10 else unit)


def sampled(name: str, reference: float, estimate: ebit.Estimate) -> Row:
    """Compare within 4.9 standard errors, and say what that sees."""
    can = SIGMAS * estimate.stderr / abs(reference)
    return Row(name, reference, estimate.value, SIGMAS * estimate.stderr, f"simulated, sees {100 * can:.2g} %")


def near(name: str, reference: float, value: float, relative: float) -> Row:
    """Compare within a share of the reference."""
    return Row(name, reference, value, relative * abs(reference))
