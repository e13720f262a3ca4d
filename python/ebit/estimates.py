"""Numbers with error bars, and the 95 % intervals that these hold."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from statistics import NormalDist

__all__ = ["NORMAL_95", "Estimate", "finite", "student_t"]

#: Half the width of a 95 % interval in standard errors.
NORMAL_95 = 1.959963984540054


@dataclass(frozen=True)
class Estimate:
    """A number with its error bar.

    Parameters
    ----------
    value, stderr : float
        The estimate and its standard error.
    low, high : float
        Its 95 % interval.

    Examples
    --------
    >>> print(Estimate(12.34, 0.4, 11.5, 13.1))
    12.3 ± 0.4
    """

    value: float
    stderr: float
    low: float
    high: float

    def __str__(self) -> str:
        if not math.isfinite(self.value) or not math.isfinite(self.stderr):
            return f"{self.value:.4g} ± {self.stderr:.2g}"
        if self.stderr <= 0:
            return f"{self.value:.10g} ± 0"
        digits = -math.floor(math.log10(self.stderr))
        if abs(self.value) < 1e-3 or abs(self.value) >= 1e6:
            exponent = math.floor(math.log10(max(abs(self.value), self.stderr)))
            scale = 10.0**exponent
            places = max(0, digits + exponent)
            return f"({self.value / scale:.{places}f} ± {self.stderr / scale:.{places}f})e{exponent:+03d}"
        places = max(0, digits)
        return f"{self.value:.{places}f} ± {self.stderr:.{places}f}"

    def __float__(self) -> float:
        return self.value

    def to_dict(self) -> dict[str, float | None]:
        """Return the four numbers; what is not finite becomes None."""
        return {k: finite(getattr(self, k)) for k in ("value", "stderr", "low", "high")}


def finite(x: float) -> float | None:
    """Return a number as JSON can hold it; what is not finite becomes None."""
    return float(x) if math.isfinite(x) else None


@functools.cache
def student_t(freedom: int) -> float:
    """Return the 97.5 % quantile of Student's t.

    Exact for 1 and 2 degrees of freedom, else the expansion of Hill, Comm. ACM 13, 619 (1970), good to 1e-4.

    >>> [round(student_t(n), 3) for n in (3, 10)]
    [3.182, 2.228]
    """
    if freedom < 1:
        return math.inf
    if freedom == 1:
        return math.tan(math.pi * 0.475)
    if freedom == 2:
        return math.sqrt(2 / (0.05 * 1.95) - 2)
    # Hill's algorithm 396 for a two-tail probability of 0.05.
    n, p = float(freedom), 0.05
    a = 1 / (n - 0.5)
    b = 48 / a**2
    c = ((20700 * a / b - 98) * a - 16) * a + 96.36
    d = ((94.5 / (b + c) - 3) / b + 1) * math.sqrt(a * math.pi / 2) * n
    y = (d * p) ** (2 / n)
    if y > 0.05 + a:
        x = NormalDist().inv_cdf(p / 2)
        y = x * x
        if n < 5:
            c += 0.3 * (n - 4.5) * (x + 0.6)
        c += (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b
        y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x
        y = math.expm1(a * y * y)
    else:
        inner = (1 / (((n + 6) / (n * y) - 0.089 * d - 0.822) * (n + 2) * 3) + 0.5 / (n + 4)) * y - 1
        y = inner * (n + 1) / (n + 2) + 1 / y
    return math.sqrt(n * y)
