"""The compiled classes of states document themselves: every member has a text, and its example runs."""

from __future__ import annotations

import doctest
import inspect
import re

import pytest

import ebit
import ebit.states

CLASSES = [getattr(ebit.states, name) for name in ebit.states.__all__ if inspect.isclass(getattr(ebit.states, name))]
FLAGS = doctest.ELLIPSIS | doctest.DONT_ACCEPT_TRUE_FOR_1
#: What gates take; a sentence is enough for them.
PLAIN = {
    "more", "qubit", "control", "target", "a", "b", "c", "other", "first", "second", "angle", "theta", "phi", "lam",
}  # fmt: skip


def public(kind: type) -> list[str]:
    return [name for name in dir(kind) if not name.startswith("_")]


def documented() -> dict[str, str]:
    """Every text by its name."""
    texts = {"prepare": ebit.states.prepare.__doc__ or ""}
    for kind in CLASSES:
        texts[kind.__name__] = kind.__doc__ or ""
        texts |= {f"{kind.__name__}.{name}": getattr(kind, name).__doc__ or "" for name in public(kind)}
    return texts


TEXTS = documented()
MEMBERS = [(kind, name) for kind in CLASSES for name in public(kind)]


def examples(text: str) -> list[doctest.Example]:
    return doctest.DocTestParser().get_examples(text)


def parameters(thing: object) -> list[str]:
    found = inspect.signature(thing).parameters.values()  # type: ignore[arg-type]
    return [p.name for p in found if p.name != "self"]


def named(text: str) -> set[str]:
    """Names in the section of parameters."""
    section = text.partition("\nParameters\n----------\n")[2].partition("\n\n")[0]
    lines = re.findall(r"^(\S.*?)(?: : .*)?$", section, re.MULTILINE)
    return {name.strip().lstrip("*") for line in lines for name in line.split(",")}


def test_all_classes_are_looked_at() -> None:
    assert {kind.__name__ for kind in CLASSES} == {
        "BellDiagonal", "Channel", "Circuit", "DensityMatrix", "Noise", "PauliString", "StabilizerState", "StateVector",
        "Tableau",
    }  # fmt: skip


@pytest.mark.parametrize("name", [name for name, text in TEXTS.items() if examples(text)])
def test_examples_show_what_happens(name: str) -> None:
    names = {"ebit": ebit, **{each: getattr(ebit.states, each) for each in ebit.states.__all__}}
    test = doctest.DocTest(examples(TEXTS[name]), names, name, None, None, None)
    runner = doctest.DocTestRunner(optionflags=FLAGS, verbose=False)
    report: list[str] = []
    assert runner.run(test, out=report.append).failed == 0, "".join(report)


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_a_class_names_its_parameters_and_shows_an_example(kind: type) -> None:
    text = TEXTS[kind.__name__]
    assert examples(text)
    # Classes that are made otherwise have no constructor to call.
    if kind.__text_signature__ is not None:  # type: ignore[attr-defined]
        assert set(parameters(kind)) == named(text)
    else:
        assert kind in (ebit.states.Channel, ebit.states.Noise)
        with pytest.raises(TypeError, match=r"[Nn]o constructor|cannot create"):
            kind()


@pytest.mark.parametrize("name", TEXTS)
def test_every_public_member_begins_with_a_sentence(name: str) -> None:
    first = TEXTS[name].split("\n\n")[0]
    assert re.search(r"\w.*[.:]$", first, re.DOTALL), f"{name}: {first!r}"


@pytest.mark.parametrize(("kind", "name"), MEMBERS)
def test_a_member_that_is_more_than_a_gate_names_its_parameters_and_shows_an_example(kind: type, name: str) -> None:
    text = TEXTS[f"{kind.__name__}.{name}"]
    member = getattr(kind, name)
    names = set(parameters(member)) if callable(member) else set()
    if "\n\n" in text:
        assert examples(text)
        assert names == named(text)
    else:
        assert names <= PLAIN
