"""One side of one cell, in a process of its own: `python worker.py '{"call": ..., "args": {...}}'`.

Imports come before the clock; the callable times itself. Prints one JSON object on its last line.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from importlib.metadata import version
from typing import Any

# NumPy's linear algebra chooses its own kernels and blocks, whatever the shell forces on it.
for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)

import agreement  # noqa: E402  it loads NumPy


def run(job: dict[str, Any]) -> dict[str, Any]:
    """Import `module:function`, call it, and replace its columns by their summary."""
    module, function = job["call"].split(":")
    result = getattr(importlib.import_module(module), function)(**job["args"])
    if "columns" in result:
        result["summary"] = agreement.summary(result.pop("columns"))
    result["versions"] = {name: version(name) for name in job["distributions"]}
    return result


if __name__ == "__main__":
    print(json.dumps(run(json.loads(sys.argv[1]))))
