"""The links of a chain, as a caller gives them: a list of link models, no longer than the evaluators can be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ebit._arguments import shown
from ebit.errors import TooLargeError, WrongTypeError, complain
from ebit.link_model import LinkModel

__all__ = ["links_of"]

#: Bytes that a link takes on its way to the evaluators, about.
BYTES_PER_LINK = 2_000
#: Bytes that all links may take.
MAX_BYTES = 4_000_000_000


def links_of(chain: str, links: object) -> tuple[LinkModel, ...]:
    """Return the links of a chain of the kind so named."""
    if isinstance(links, (str, bytes, Mapping)) or not isinstance(links, (Sequence, np.ndarray)):
        raise complain(WrongTypeError, chain, "links", "a list of link models", shown(links))
    size = BYTES_PER_LINK * len(links)
    if size > MAX_BYTES:
        most, value = MAX_BYTES // BYTES_PER_LINK, f"{len(links)} ({size / 1e9:.3g} GB)"
        raise complain(TooLargeError, chain, "links", f"at most {most}", value, "solve a part of it")
    models = tuple(links)
    for k, link in enumerate(models):
        if not isinstance(link, LinkModel):
            raise complain(WrongTypeError, chain, f"links[{k}]", "a link model", shown(link))
    return models
