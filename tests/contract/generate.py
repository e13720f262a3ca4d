"""Writes what is committed and compared: the JSON schema and the help of the command line.

Run it after a deliberate change, `make generate`, and commit what it writes.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

from ebit import _core
from ebit.cli import _parser
from ebit.files import write_whole

DOCS = Path(__file__).parents[2] / "docs"


def schema() -> str:
    """Return the schema of all that crosses to Rust."""
    return json.dumps(json.loads(_core.schema()), indent=1, ensure_ascii=False) + "\n"


def cli_help() -> str:
    """Return every help page of the command line, 100 columns wide."""
    columns = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = "100"
    try:
        parser = _parser()
        pages = [("ebit --help", parser.format_help())]
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                pages += [(f"ebit {name} --help", sub.format_help()) for name, sub in action.choices.items()]
    finally:
        if columns is None:
            del os.environ["COLUMNS"]
        else:
            os.environ["COLUMNS"] = columns
    return "\n".join(f"$ {command}\n{text}" for command, text in pages)


#: What is written where.
FILES = {"schema.json": schema, "cli-help.txt": cli_help}


if __name__ == "__main__":
    for name, make in FILES.items():
        write_whole(DOCS / name, make())
        print(f"wrote {DOCS / name}")
