"""Optional packages, imported when they are first needed."""

from __future__ import annotations

import importlib
from typing import Any

from ebit.errors import MissingExtraError


def package(name: str, extra: str | None = None) -> Any:
    """Import an optional package, or say which extra brings it."""
    try:
        return importlib.import_module(name)
    except ImportError:
        top = name.split(".")[0]
        raise MissingExtraError(f"{top} is not installed: pip install 'ebit[{extra or top}]'") from None
