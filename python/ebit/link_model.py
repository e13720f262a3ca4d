"""What a link model is, whatever its hardware: an outcome per attempt, and the one that states its outcome itself.

Everything here is re-exported by ``ebit.hardware``.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ebit import _core
from ebit._core import BellDiagonal, DensityMatrix
from ebit._spec import Spec, default

__all__ = ["HeraldedLink", "LinkModel"]


class LinkModel(Spec):
    """Any way to herald a pair over one link.

    Examples
    --------
    >>> link = DoubleClick(fiber=Fiber(0.0), detector=Detector(efficiency=0.9), local_time_s=1e-6)
    >>> round(link.success_probability, 12), link.false_herald_probability
    (0.405, 0.0)
    >>> link.state.to_numpy().shape
    (4, 4)
    """

    def tagged(self) -> dict[str, Any]:
        """Return the model under its name, as documents hold it."""
        return {type(self).__name__: self.to_dict()}

    def _document(self) -> str:
        # Said once: to be checked, and for every chain that the link is part of.
        kept: str | None = self.__dict__.get("_said")
        if kept is None:
            kept = super()._document()
            object.__setattr__(self, "_said", kept)
        return kept

    @functools.cached_property
    def physics(self) -> Mapping[str, Any]:
        """What every evaluator uses of this link, computed once."""
        return _core.link_physics(json.dumps(self.tagged()))

    @property
    def state(self) -> DensityMatrix:
        """Exact two-qubit state at the herald, without herald ageing; the node on side A is qubit 0."""
        return DensityMatrix.from_numpy(self.physics["state"])

    @property
    def false_herald_probability(self) -> float:
        """Share of heralds that took dark counts: 1 - P(same clicks from photons alone)/P."""
        return float(self.physics["false_herald_probability"])


@dataclass(frozen=True)
class HeraldedLink(LinkModel):
    """A link described by its outcome.

    Parameters
    ----------
    success_probability : float
        Per attempt.
    attempt_time_s : float
        Seconds from the start of an attempt to its herald.
    pair : BellDiagonal or sequence of 4 floats
        The delivered pair.
    herald_age_s : float
        How long each half has been stored at its herald, in seconds.

    Examples
    --------
    >>> link = HeraldedLink(success_probability=0.1, attempt_time_s=1e-3, pair=BellDiagonal.werner(fidelity=0.985))
    >>> link.false_herald_probability
    0.0
    """

    success_probability: float
    attempt_time_s: float
    pair: BellDiagonal = BellDiagonal([1.0, 0.0, 0.0, 0.0])
    herald_age_s: float = default("HeraldedLink", "herald_age_s")

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.pair, BellDiagonal):
            # Rust has judged the weights.
            object.__setattr__(self, "pair", BellDiagonal(list(self.pair)))
            self.__dict__.pop("_said", None)
