"""`make instructions`: what a delivered pair costs, counted in instructions, whatever the links' success probability.

Failed attempts are skipped, not simulated: from p = 0.1 to 1e-9 a pair must cost the same within 20 %. Counted by
valgrind, as the difference of two runs, so that starting the program cancels; exact, on any machine, however busy.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROBABILITIES = (1e-1, 1e-2, 1e-3, 1e-5, 1e-7, 1e-9)
#: The sampler draws in blocks of 512: both are whole blocks.
FEW, MANY = 1024, 9216
SPREAD = 0.20


def instructions(program: Path, *words: object) -> int:
    """Instructions that one run executes."""
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", str(program), *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if found is None:
        raise RuntimeError(f"valgrind did not count: {done.stderr[-300:]}")
    return int(found[1])


def main() -> int:
    """Build, count, compare; the exit code."""
    if shutil.which("valgrind") is None:
        print("make: valgrind is missing: install your system's package valgrind")
        return 1
    build = ["cargo", "build", "--release", "--locked", "-q", "-p", "ebit-chain", "--example", "cost_per_pair"]
    subprocess.run(build, cwd=ROOT, check=True)
    program = ROOT / "target/release/examples/cost_per_pair"
    failed = False
    for schedule in ("swap-asap", "nested"):
        costs = []
        for p in PROBABILITIES:
            few, many = (instructions(program, schedule, p, pairs) for pairs in (FEW, MANY))
            costs.append((many - few) / (MANY - FEW))
            print(f"{schedule:10s} p = {p:g}: {costs[-1]:,.0f} instructions a pair", flush=True)
        spread = max(costs) / min(costs) - 1
        failed |= spread > SPREAD
        print(f"{schedule:10s} spread {spread:.1%}, at most {SPREAD:.0%}: {'FAIL' if spread > SPREAD else 'ok'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
