"""The document of a network: what files hold and Rust reads, and the columns that it becomes again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ebit import _core
from ebit._arguments import table
from ebit._spec import plain
from ebit.channels import number
from ebit.devices import Memory, Swap
from ebit.links import link_from_tagged

__all__ = ["columns_of_document", "document_of"]


def document_of(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return columns with devices as plain values."""
    devices = columns["devices"]
    document = {k: plain(v, f"Network.{k}") for k, v in columns.items() if k != "devices"}
    document["devices"] = {
        "memories": [m.to_dict() for m in devices["memories"]],
        "swaps": [s.to_dict() for s in devices["swaps"]],
        "links": [m.tagged() for m in devices["links"]],
    }
    return document


def columns_of_document(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return columns with devices as objects, from a document that Rust will judge."""
    for name in ("devices", "nodes", "links"):
        if name in document:
            table("Network", name, document[name])
    for name in ("memories", "swaps", "links"):
        rows = document.get("devices", {}).get(name)
        for k, row in enumerate(rows if isinstance(rows, list) else ()):
            table("Network.devices", f"{name}[{k}]", row)
    _core.check("Network", json.dumps(plain(document)))
    devices = document["devices"]

    def fields(row: Mapping[str, Any]) -> dict[str, Any]:
        return {k: number(v) for k, v in row.items()}

    columns = dict(document)
    nodes = document["nodes"]
    columns["nodes"] = {**nodes, **{k: nodes.get(k, []) for k in ("longitude_deg", "latitude_deg")}}
    columns["devices"] = {
        "memories": [Memory(**fields(row)) for row in devices["memories"]],
        "swaps": [Swap(**fields(row)) for row in devices["swaps"]],
        "links": [link_from_tagged(row) for row in devices["links"]],
    }
    return columns
