"""Writes the remembered digests: `python tests/golden/generate.py`, after a deliberate change of the engine's draws."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ebit.files import write_whole

sys.path.insert(0, str(Path(__file__).parent))
from scenarios import SCENARIOS, digest

FILE = Path(__file__).with_name("hashes.json")

if __name__ == "__main__":
    write_whole(FILE, json.dumps({name: digest(make(None)) for name, make in SCENARIOS.items()}, indent=1) + "\n")
    print(f"wrote {FILE}")
