"""The committed schema, help and face are what the installed package says."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import pkgutil
import re
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import ebit
from ebit import _core

ROOT = Path(__file__).parents[2]
SPEC = importlib.util.spec_from_file_location("generate", Path(__file__).with_name("generate.py"))
assert SPEC is not None
assert SPEC.loader is not None
generate = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(generate)

SCHEMA: dict[str, Any] = json.loads(_core.schema())
CLASSES = [
    cls
    for module in (ebit, ebit.hardware, ebit.schedules, ebit.qkd)
    for cls in vars(module).values()
    if isinstance(cls, type) and dataclasses.is_dataclass(cls) and cls.__name__ in SCHEMA["$defs"]
]


@pytest.mark.parametrize("name", generate.FILES)
def test_committed_file_is_current(name: str) -> None:
    committed = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert committed == generate.FILES[name](), "python tests/contract/generate.py"


def test_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def definition(name: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}", "$defs": SCHEMA["$defs"]}


@pytest.mark.parametrize("cls", dict.fromkeys(CLASSES), ids=lambda cls: cls.__name__)
def test_dataclass_equals_schema(cls: Any) -> None:
    row = SCHEMA["$defs"][cls.__name__]
    fields = {f.name: f for f in dataclasses.fields(cls)}
    assert set(fields) == set(row["properties"])
    required = [n for n, f in fields.items() if f.default is dataclasses.MISSING]
    assert sorted(required) == sorted(row.get("required", []))
    for name, field in fields.items():
        if field.default is not dataclasses.MISSING:
            expected = row["properties"][name].get("default")
            assert plain(field.default) == expected, name


def plain(value: Any) -> Any:
    if isinstance(value, ebit.BellDiagonal):
        return list(value.weights)
    if isinstance(value, tuple):
        return list(value)
    if hasattr(value, "tagged"):
        return value.tagged()
    return value.to_dict() if hasattr(value, "to_dict") else value


def test_classes_were_found() -> None:
    names = {cls.__name__ for cls in CLASSES}
    assert names >= {
        "Fiber",
        "Detector",
        "Memory",
        "Swap",
        "HeraldedLink",
        "DoubleClick",
        "SingleClick",
        "MidpointSource",
        "SenderReceiver",
        "SwapAsap",
        "Request",
    }


def test_documents_satisfy_the_schema() -> None:
    link = ebit.DoubleClick(fiber=ebit.Fiber(20.0), detector=ebit.Detector(0.9), source_efficiency=(0.5, 0.6))
    net = ebit.Network.chain(nodes=3, link=link, memory=ebit.Memory(t2_s=1.0))
    results = ebit.simulate(net, [ebit.Request("n0", "n2", pairs=2)], rng=2**127)
    jsonschema.validate(results.to_dict()["run"], definition("RunDoc"))
    for file in sorted((ROOT / "examples").glob("*.toml")):
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        if "network" in data:
            jsonschema.validate(data, definition("Scenario"))


def test_schema_refuses_what_ebit_refuses() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"length_km": 1.0, "lenght": 2}, definition("Fiber"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"length_km": "far"}, definition("Fiber"))


def test_all_is_sorted_and_there() -> None:
    assert ebit.__all__ == sorted(ebit.__all__)
    assert all(hasattr(ebit, name) for name in ebit.__all__)


def test_reference_lists_the_face() -> None:
    pages = [*(ROOT / "docs").glob("reference.*"), *(ROOT / "docs" / "reference").rglob("*.*")]
    text = "\n".join(p.read_text(encoding="utf-8") for p in pages if p.suffix in (".md", ".rst"))
    listed: set[str] = set()
    for kind, path in re.findall(r"auto(\w+):: ebit\.([\w.]+)", text):
        # Every name is there, and every module brings what it calls public.
        thing = pkgutil.resolve_name(f"ebit.{path}")
        listed |= {path.rpartition(".")[2], *(getattr(thing, "__all__", ()) if kind == "module" else ())}
    assert set(ebit.__all__) - {"__version__"} <= listed


def test_stub_lists_the_native_module() -> None:
    stub = (Path(ebit.__file__).with_name("_core.pyi")).read_text(encoding="utf-8")
    public = {name for name in dir(_core) if not name.startswith("_")}
    assert public == set(re.findall(r'^    "(\w+)",$', stub, re.M))
