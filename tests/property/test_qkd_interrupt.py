"""Ctrl-C in the reconciliation of one long key: a decoder that finds nothing looks thousands of times."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

#: Seconds from the signal to the exception, the best of two; 600,000 bits take about 4 s on an idle machine.
WITHIN_S = 0.5

#: A job in the background may have been told to ignore the signal, and its children inherit that.
PROGRAM = """
import signal, time
import numpy as np
from ebit import qkd
signal.signal(signal.SIGINT, signal.default_int_handler)
rng = np.random.default_rng(63)
alice = rng.random(600_000) < 0.5
bob = alice ^ (rng.random(600_000) < 0.045)
print("ready", flush=True)
try:
    qkd.ldpc(alice, bob, 0.03, rng=1)
except KeyboardInterrupt:
    print(time.monotonic(), flush=True)
"""


def test_ctrl_c_ends_one_long_key() -> None:
    took = []
    for _ in range(2):
        process = subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            time.sleep(0.3)
            sent = time.monotonic()
            process.send_signal(signal.SIGINT)
            out, _ = process.communicate(timeout=60)
        finally:
            process.kill()
        assert process.returncode == 0, out
        took.append(float(out) - sent)
    assert min(took) < WITHIN_S, took
