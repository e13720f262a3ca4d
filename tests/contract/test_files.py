"""Written files are whole: old or new, never half; and they parse."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import ebit
from ebit.errors import EbitError, NoPairsWarning, ScenarioError
from ebit.files import check_writable, write_whole
from ebit.report import csv_text, json_text

OLD, NEW = "old\n" * 1000, "new\n" * 1000


def test_new_file_and_its_folder(tmp_path: Path) -> None:
    file = tmp_path / "a" / "b" / "x.txt"
    write_whole(file, NEW)
    assert file.read_text() == NEW
    mask = os.umask(0)
    os.umask(mask)
    assert file.stat().st_mode & 0o777 == 0o666 & ~mask
    assert [p.name for p in file.parent.iterdir()] == ["x.txt"]


@pytest.mark.parametrize("step", ["fdopen", "fsync", "chmod", "replace"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=["full", "ctrl-c"])
def test_failure_leaves_the_old_file(
    step: str, error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "x.txt"
    write_whole(file, OLD)

    def fail(*arguments: object, **_: object) -> None:
        if step == "fdopen":
            os.close(arguments[0])  # type: ignore[arg-type]
        raise error

    monkeypatch.setattr(os, step, fail)
    expected = EbitError if isinstance(error, OSError) else KeyboardInterrupt
    with pytest.raises(expected) as caught:
        write_whole(file, NEW)
    monkeypatch.undo()
    if expected is EbitError:
        assert str(caught.value) == f"{file}: not written: No space left on device"
    assert file.read_text() == OLD
    assert [p.name for p in tmp_path.iterdir()] == ["x.txt"]


KILLED = """
import sys, itertools
from pathlib import Path
from ebit.files import write_whole
texts = ("a" * 3_000_000, "b" * 3_000_000)
for k in itertools.count():
    write_whole(sys.argv[1], texts[k % 2])
    if k == 2:
        print("started", flush=True)
"""


@pytest.mark.parametrize("delay_s", [0.0, 0.003, 0.011])
def test_kill_leaves_a_whole_file(delay_s: float, tmp_path: Path) -> None:
    file = tmp_path / "x.txt"
    with subprocess.Popen([sys.executable, "-c", KILLED, str(file)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"started\n"
        time.sleep(delay_s)
        process.send_signal(signal.SIGKILL)
    assert file.read_text() in ("a" * 3_000_000, "b" * 3_000_000)


def test_check_writable_leaves_nothing(tmp_path: Path) -> None:
    check_writable(tmp_path / "x.txt")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ScenarioError, match="got a folder"):
        check_writable(tmp_path)
    with pytest.raises(ScenarioError, match="got a folder"):
        write_whole(tmp_path, "x")


def no_constants(name: str) -> None:
    raise AssertionError(f"{name} is no JSON")


def results_without_pairs() -> ebit.Results:
    link = ebit.HeraldedLink(success_probability=1e-12, attempt_time_s=1.0)
    net = ebit.Network.chain(nodes=2, link=link, memory=ebit.Memory(t2_s=math.inf))
    with pytest.warns(NoPairsWarning):
        return ebit.simulate(net, [ebit.Request("n0", "n1")], until_s=1.0, rng=1)


def lossless() -> ebit.Results:
    link = ebit.DoubleClick(fiber=ebit.Fiber(0.0), detector=ebit.Detector(1.0), local_time_s=1e-6)
    net = ebit.Network.chain(nodes=2, link=link, memory=ebit.Memory.perfect())
    return ebit.simulate(net, [ebit.Request("n0", "n1", pairs=1)], rng=1)


@pytest.mark.parametrize("make", [results_without_pairs, lossless])
def test_json_is_strict_and_csv_parses(make: object) -> None:
    results = make()  # type: ignore[operator]
    document = json.loads(json_text({"a": results}, "title"), parse_constant=no_constants)
    row = document["results"]["a"]["requests"][0]
    assert set(row) >= {"source", "target", "rate_hz", "fidelity", "no_key"}
    if row["pairs"] == 0:
        assert row["fidelity"]["value"] is None
        assert row["no_key"] == "rate bound: no pair in 1 s, the slowest link takes 1e+12 s"
    else:
        # No loss, no bound.
        assert row["plob_hz"] is None
        assert results[0].plob_hz == math.inf
    head, line = csv.reader(io.StringIO(csv_text({"a, b": results})))
    assert len(head) == len(line) == len(set(head))
    assert line[0] == "a, b"
    json.loads(json.dumps(results.network.to_dict(), allow_nan=False), parse_constant=no_constants)
