"""What an error must say of a mistake."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ebit.errors import SpecError


def names_the_mistake(
    call: Callable[[], object], kind: type[SpecError], object_: str, parameter: str, range_: str, value: str
) -> None:
    """The call raises an error of this kind that names object, parameter, range and value."""
    with pytest.raises(SpecError) as caught:
        call()
    error = caught.value
    assert isinstance(error, kind), error
    assert (error.object, error.parameter) == (object_, parameter), error
    assert range_ in error.range, error
    assert value in error.value, error
