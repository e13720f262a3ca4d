"""Files in and out: TOML and JSON with the line of a mistake, and writing whole or not at all."""

from __future__ import annotations

import json
import os
import re
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ebit.errors import ScenarioError, complain

__all__ = ["read_json", "read_network", "read_toml", "write_whole"]


def _text(path: str | Path) -> str:
    file = Path(path)
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        near = [p.name for p in file.parent.glob(f"*{file.suffix}")][:3] if file.parent.is_dir() else []
        hint = f"this folder has {', '.join(sorted(near))}" if near else ""
        raise complain(ScenarioError, str(path), "file", "a file that exists", "no such file", hint) from None
    except (OSError, UnicodeDecodeError) as error:
        raise complain(ScenarioError, str(path), "file", "a readable text file", str(error)) from None


def read_toml(path: str | Path) -> dict[str, Any]:
    """Read a TOML file; a mistake names the file, the line and the column."""
    text = _text(path)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        where = re.search(r"line (\d+), column (\d+)", message)
        place = f"{path}:{where[1]}:{where[2]}" if where else str(path)
        said = message.split(" (at ")[0]
        raise complain(ScenarioError, place, "text", "valid TOML", said, _line(text, where)) from None


def read_json(path: str | Path) -> dict[str, Any]:
    """Read a JSON file whose top is an object; a mistake names the file, the line and the column."""
    text = _text(path)
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        place = f"{path}:{error.lineno}:{error.colno}"
        raise complain(ScenarioError, place, "text", "valid JSON", error.msg) from None
    if not isinstance(document, dict):
        raise complain(ScenarioError, str(path), "text", "a JSON object", type(document).__name__)
    return document


def _line(text: str, where: re.Match[str] | None) -> str:
    lines = text.splitlines()
    if where is None or int(where[1]) > len(lines):
        return ""
    return f"line {where[1]}: {lines[int(where[1]) - 1].strip()[:60]}"


def write_whole(path: str | Path, text: str | bytes) -> None:
    """Write a file so that it is either as before or complete: to a neighbour first, then renamed."""
    target = Path(path)
    data = text.encode() if isinstance(text, str) else text
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:
        raise complain(ScenarioError, str(path), "file", "writable", str(error)) from None
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read_network(path: str | Path) -> dict[str, Any]:
    """Read a network file: JSON as ``Network.save`` writes it, or TOML with ``[[nodes]]`` and ``[[links]]``."""
    if Path(path).suffix.lower() == ".json":
        return read_json(path)
    return _columns_of_rows(str(path), read_toml(path))


def _columns_of_rows(path: str, rows: Mapping[str, Any]) -> dict[str, Any]:
    """Turn named devices and rows of nodes and links into the document's columns.

    ::

        [memories.good]
        slots = 2
        t2_s = 1.0
        [models.metro.HeraldedLink]
        ...
    """
    for key in rows:
        if key not in ("memories", "swaps", "models", "nodes", "links", "message_loss_probability"):
            raise complain(ScenarioError, path, "table", "one of memories, swaps, models, nodes, links", f"'{key}'")
    tables = {key: dict(rows.get(key, {})) for key in ("memories", "swaps", "models")}
    tables["swaps"].setdefault("perfect", {})
    order = {key: {name: k for k, name in enumerate(table)} for key, table in tables.items()}

    def pick(kind: str, place: str, row: Mapping[str, Any], field: str, fallback: str | None = None) -> int:
        name = row.get(field, fallback)
        if name not in order[kind]:
            known = ", ".join(order[kind]) or "none defined"
            raise complain(ScenarioError, f"{path}: {place}", field, f"one of {known}", repr(name))
        return order[kind][name]

    nodes, links = list(rows.get("nodes", [])), list(rows.get("links", []))
    names = [str(row.get("name", f"nodes[{k}]")) for k, row in enumerate(nodes)]
    for label, table, allowed in (
        ("nodes", nodes, {"name", "memory", "swap", "readout_error", "position"}),
        ("links", links, {"a", "b", "model", "length_km"}),
    ):
        for k, row in enumerate(table):
            for field in row:
                if field not in allowed:
                    raise complain(ScenarioError, f"{path}: {label}[{k}]", "field", f"one of {', '.join(sorted(allowed))}",
                                   f"'{field}'")

    def end(k: int, row: Mapping[str, Any], side: str) -> int:
        if row.get(side) not in names:
            raise complain(ScenarioError, f"{path}: links[{k}]", side, "the name of a node", repr(row.get(side)))
        return names.index(row[side])

    positions = [row.get("position") for row in nodes]
    return {
        "format": 1,
        "devices": {
            "memories": list(tables["memories"].values()),
            "swaps": list(tables["swaps"].values()),
            "links": list(tables["models"].values()),
        },
        "nodes": {
            "name": names,
            "memory": [pick("memories", f"nodes[{k}]", row, "memory") for k, row in enumerate(nodes)],
            "swap": [pick("swaps", f"nodes[{k}]", row, "swap", "perfect") for k, row in enumerate(nodes)],
            "readout_error": [row.get("readout_error", 0.0) for row in nodes],
            "longitude_deg": [p[0] if p else None for p in positions],
            "latitude_deg": [p[1] if p else None for p in positions],
        },
        "links": {
            "a": [end(k, row, "a") for k, row in enumerate(links)],
            "b": [end(k, row, "b") for k, row in enumerate(links)],
            "model": [pick("models", f"links[{k}]", row, "model") for k, row in enumerate(links)],
            "length_km": [row.get("length_km", _fiber_length(tables["models"], row)) for row in links],
        },
        "message_loss_probability": rows.get("message_loss_probability", 0.0),
    }


def _fiber_length(models: Mapping[str, Any], row: Mapping[str, Any]) -> float | None:
    """The length in the model itself, for a photonic link that does not give its own."""
    model = next(iter(models.get(row.get("model", ""), {}).values()), {})
    fiber = model.get("fiber", {}) if isinstance(model, dict) else {}
    return fiber.get("length_km") if isinstance(fiber, dict) else None
