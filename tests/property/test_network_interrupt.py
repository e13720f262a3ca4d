"""Ctrl-C: a run stops at once and hands over what is finished."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

#: Seconds from the signal to the exception; the best of five, since other processes take their share of the machine.
WITHIN_S = 0.05

#: A job in the background may have been told to ignore the signal, and its children inherit that.
PROGRAM = """
import signal, sys, time, warnings
import ebit
signal.signal(signal.SIGINT, signal.default_int_handler)
warnings.simplefilter("ignore")
link = ebit.HeraldedLink(success_probability=1e-3, attempt_time_s=1e-6)
net = ebit.Network.chain(nodes=4, link=link, memory=ebit.Memory(2, t2_s=1.0), swap=ebit.Swap(0.5))
request = ebit.Request("n0", "n3", pairs={pairs})
print("ready", flush=True)
try:
    ebit.simulate(net, [request], replicas={replicas}, rng=1, method="{method}", threads={threads})
except KeyboardInterrupt as error:
    at = time.monotonic()
    assert isinstance(error, ebit.Interrupted), type(error)
    r = error.results
    done = sorted(set(r[0].pairs["replica"].tolist()))
    same = len(done) == r.replicas
    for k in done[:3] + done[-3:]:
        alone = ebit.simulate(net, [request], first_replica=k, rng=1, method="{method}")[0].pairs
        mine = r[0].pairs["replica"] == k
        same &= all((r[0].pairs[name][mine] == alone[name]).all() for name in alone)
    print(at, r.replicas, r[0].pairs.count, r.interrupted, same, flush=True)
"""


def interrupt(pairs: int, replicas: int, method: str, threads: int) -> tuple[float, int, int]:
    program = PROGRAM.format(pairs=pairs, replicas=replicas, method=method, threads=threads)
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
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
    at, finished, count, interrupted, same = out.split()
    assert (interrupted, same) == ("True", "True")
    return float(at) - sent, int(finished), int(count)


@pytest.mark.parametrize(("method", "threads"), [("skip", 1), ("skip", 4), ("per-attempt", 2)])
def test_finished_replicas_survive(method: str, threads: int) -> None:
    pairs, replicas = (1_000, 60_000) if method == "skip" else (20, 60_000)
    tries = []
    for _ in range(5):
        latency, finished, count = interrupt(pairs, replicas, method, threads)
        assert 0 < finished < replicas
        assert count == finished * pairs
        tries.append(latency)
    assert min(tries) < WITHIN_S, tries


def test_a_replica_is_stopped_in_its_middle() -> None:
    tries = []
    for _ in range(5):
        latency, finished, count = interrupt(6_000_000, 1, "skip", 1)
        assert (finished, count) == (0, 0)
        tries.append(latency)
    assert min(tries) < WITHIN_S, tries
