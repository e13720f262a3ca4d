"""Files in and out: TOML and JSON with the line of a mistake, and writing whole or not at all."""

from __future__ import annotations

import difflib
import errno
import json
import os
import re
import tempfile
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ebit import _core
from ebit._arguments import path_of, shown
from ebit._spec import plain
from ebit.errors import EbitError, ScenarioError, SpecError, UnknownFieldError, complain, located

__all__ = ["check_writable", "read_json", "read_network", "read_toml", "write_whole"]


def _text(path: str | Path) -> str:
    file = path_of(path)
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        near = [p.name for p in file.parent.glob(f"*{file.suffix}")][:3] if file.parent.is_dir() else []
        hint = f"this folder has {', '.join(sorted(near))}" if near else ""
        raise complain(ScenarioError, str(path), "file", "a file that exists", "no such file", hint) from None
    except OSError as error:
        raise complain(ScenarioError, str(path), "file", "a readable text file", error.strerror or str(error)) from None
    except (UnicodeDecodeError, ValueError) as error:
        raise complain(ScenarioError, str(path), "file", "UTF-8 text", str(error)) from None


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
    except (ValueError, RecursionError) as error:
        raise complain(ScenarioError, str(path), "text", "valid TOML", str(error)) from None


def read_json(path: str | Path) -> dict[str, Any]:
    """Read a JSON file whose top is an object; a mistake names the file, the line and the column."""
    text = _text(path)
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        place = f"{path}:{error.lineno}:{error.colno}"
        raise complain(ScenarioError, place, "text", "valid JSON", error.msg) from None
    except (ValueError, RecursionError) as error:
        raise complain(ScenarioError, str(path), "text", "valid JSON", str(error)) from None
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
    target = path_of(path)
    data = text.encode() if isinstance(text, str) else text
    handle, name = _neighbour(target)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            # On the disk before the name points to it.
            stream.flush()
            os.fsync(stream.fileno())
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
        os.replace(name, target)
    except IsADirectoryError:
        Path(name).unlink(missing_ok=True)
        raise complain(ScenarioError, str(path), "file", "writable", "a folder") from None
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise EbitError(f"{path}: not written: {error.strerror or error}") from error
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _neighbour(target: Path) -> tuple[int, str]:
    try:
        if target.parent.exists() and not target.parent.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        target.parent.mkdir(parents=True, exist_ok=True)
        return tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:
        raise complain(ScenarioError, str(target), "file", "writable", error.strerror or str(error)) from None


def check_writable(path: str | Path) -> None:
    """Complain now if a file could not be written later; makes its folder."""
    target = Path(path)
    if target.is_dir():
        raise complain(ScenarioError, str(path), "file", "writable", "a folder")
    handle, name = _neighbour(target)
    os.close(handle)
    Path(name).unlink(missing_ok=True)


def read_network(path: str | Path) -> dict[str, Any]:
    """Read a network file: JSON as ``Network.save`` writes it, or TOML with ``[[nodes]]`` and ``[[links]]``."""
    if path_of(path).suffix.lower() == ".json":
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
    _known(path, "table", rows, ("memories", "swaps", "models", "nodes", "links", "message_loss_probability"))
    kinds = ("memories", "swaps", "models")
    tables = {key: _tables(path, key, rows.get(key, {})) for key in kinds}
    for key, kind in (("memories", "Memory"), ("swaps", "Swap")):
        for name, table in tables[key].items():
            try:
                _core.check(kind, json.dumps(plain(table, f"{key}.{name}")))
            except SpecError as error:
                raise located(error, f"{path}: {key}.{name}") from None
    for name, table in tables["models"].items():
        if len(table) != 1 or not isinstance(next(iter(table.values())), dict):
            words = "one table named after a link model, as [models.metro.HeraldedLink]"
            raise complain(ScenarioError, f"{path}: models.{name}", "model", words, shown(table))
        try:
            _core.link_physics(json.dumps(plain(table, f"models.{name}")))
        except SpecError as error:
            raise located(error, f"{path}: models.{name}") from None
    tables["swaps"].setdefault("perfect", {})
    order: dict[str, dict[str, int]] = {key: {name: k for k, name in enumerate(table)} for key, table in tables.items()}

    def pick(kind: str, place: str, row: Mapping[str, Any], field: str, fallback: str | None = None) -> int:
        name: object = row.get(field, fallback)
        if name is None:
            raise complain(ScenarioError, f"{path}: {place}", field, "given", "nothing", "it has no default")
        if not isinstance(name, str) or name not in order[kind]:
            known = ", ".join(order[kind]) or "none defined"
            raise complain(
                ScenarioError, f"{path}: {place}", field, f"one of {known}", shown(name), _near(name, order[kind])
            )
        return order[kind][name]

    nodes, links = _rows(path, "nodes", rows), _rows(path, "links", rows)
    names: list[str] = []
    for k, row in enumerate(nodes):
        _known(f"{path}: nodes[{k}]", "field", row, ("name", "memory", "swap", "readout_error", "position"))
        if not isinstance(row.get("name"), str):
            raise complain(ScenarioError, f"{path}: nodes[{k}]", "name", "a string", shown(row.get("name", "nothing")))
        names.append(row["name"])
    for k, row in enumerate(links):
        _known(f"{path}: links[{k}]", "field", row, ("a", "b", "model", "length_km"))
    index: dict[str, int] = {name: k for k, name in reversed(list(enumerate(names)))}

    def end(k: int, row: Mapping[str, Any], side: str) -> int:
        name = row.get(side)
        if not isinstance(name, str) or name not in index:
            words = "the name of a node"
            raise complain(ScenarioError, f"{path}: links[{k}]", side, words, shown(name), _near(name, names))
        return index[name]

    positions = [_position(f"{path}: nodes[{k}] '{names[k]}'", row.get("position")) for k, row in enumerate(nodes)]
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
            "longitude_deg": [p[0] for p in positions],
            "latitude_deg": [p[1] for p in positions],
        },
        "links": {
            "a": [end(k, row, "a") for k, row in enumerate(links)],
            "b": [end(k, row, "b") for k, row in enumerate(links)],
            "model": [pick("models", f"links[{k}]", row, "model") for k, row in enumerate(links)],
            "length_km": [_length(path, k, row, tables["models"]) for k, row in enumerate(links)],
        },
        "message_loss_probability": rows.get("message_loss_probability", 0.0),
    }


def _near(name: object, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(str(name), list(known), n=1, cutoff=0.6)
    return f"did you mean '{near[0]}'?" if near else ""


def _known(object_: str, what: str, row: Mapping[str, Any], allowed: Sequence[str]) -> None:
    for key in row:
        if key not in allowed:
            words = f"one of {', '.join(allowed)}"
            raise complain(UnknownFieldError, object_, what, words, f"'{key}'", _near(key, allowed))


def _tables(path: str, key: str, value: Any) -> dict[str, dict[str, Any]]:
    if not isinstance(value, dict) or not all(isinstance(row, dict) for row in value.values()):
        raise complain(ScenarioError, path, key, f"tables with a name each, as [{key}.good]", shown(value))
    return dict(value)


def _rows(path: str, key: str, rows: Mapping[str, Any]) -> list[dict[str, Any]]:
    value = rows.get(key, [])
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise complain(ScenarioError, path, key, f"tables, each as [[{key}]]", shown(value))
    return value


def _position(object_: str, value: Any) -> tuple[Any, Any]:
    if value is None:
        return None, None
    if not isinstance(value, list) or len(value) != 2:
        raise complain(ScenarioError, object_, "position", "[longitude, latitude] in degrees", shown(value))
    return value[0], value[1]


def _length(path: str, k: int, row: Mapping[str, Any], models: Mapping[str, Any]) -> float | None:
    """The length of a link: its own, or that of its photonic model; a beam has no other length than its own."""
    model: object = next(iter(models.get(row.get("model", ""), {}).values()), {})
    fiber = model.get("fiber", {}) if isinstance(model, dict) else {}
    if not isinstance(fiber, dict) or not any(isinstance(part, dict) for part in fiber.values()):
        known: float | None = row.get("length_km", fiber.get("length_km") if isinstance(fiber, dict) else None)
        return known
    if "length_km" in row:
        words = "left out: the channel of this model has its own length"
        raise complain(ScenarioError, f"{path}: links[{k}]", "length_km", words, shown(row["length_km"]))
    try:
        return _core.crossing(json.dumps(plain(fiber)))[1]
    except SpecError:
        # The network's own check says where it is.
        return None
