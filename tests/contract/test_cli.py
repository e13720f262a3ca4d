"""The command line: what it prints, what it writes, what it returns."""

from __future__ import annotations

import csv
import json
import math
import re
import subprocess
import sys
from pathlib import Path

import pytest

import ebit
import ebit.validate
from ebit.cli import main
from ebit.results import Estimate
from ebit.validate import Row

SCENARIO = """title = "two cities"
[network]
topohub = "topozoo/Surfnet"
[[hardware]]
preset = "ion-target-2022"
label = "target"
[[hardware]]
preset = "ion-2023"
label = "today"
[run]
pairs = 30
replicas = 2
seed = 7
[[requests]]
source = "Delft"
target = "Den Haag"
[[requests]]
source = "Delft"
target = "Amsterdam"
"""

HEADINGS = ("route", "hops", "km", "pairs/s", "fidelity", "QBER X %", "QBER Z %", "secret bit/s", "mean wait",
            "95th percentile", "direct bound")  # fmt: skip


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    out = tmp_path / "s.toml"
    out.write_text(SCENARIO)
    return out


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(words) == 0
    out, err = capsys.readouterr()
    assert not [line for line in err.splitlines() if not line.startswith("wrote ")]
    return out


def test_table(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "run", str(file))
    for heading in HEADINGS:
        assert heading in out
    assert "target  (event-driven (skip)" in out
    assert "seed 7" in out
    assert "Delft – Den Haag" in out
    assert "assumed: " in out
    assert out.count("±") + out.count("…") >= 6, "intervals stand beside the values"
    assert [p.name for p in file.parent.iterdir()] == ["s.toml"]


def test_a_table_fits_80_columns(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = printed(capsys, "run", str(file)).splitlines()
    assert max(len(line) for line in lines) <= 80
    for heading in HEADINGS:
        assert any(heading in line for line in lines), heading


def test_a_number_and_its_interval_read_well() -> None:
    from ebit.report import _interval

    assert _interval(Estimate(227.93, 1.7, 224.63, 231.23)) == "228 ± 3"
    assert _interval(Estimate(0.38635, 2e-4, 0.38592, 0.38678)) == "0.3864 ± 0.0004"
    assert _interval(Estimate(14.31, 0.7, 13.24, 15.84)) == "14.3 (13.2…15.8)"
    assert _interval(Estimate(475.9, math.inf, 399.9, math.inf)) == "476 (400…∞)"
    assert _interval(Estimate(0.05, 0.0, 0.05, 0.05)) == "0.05"
    assert _interval(Estimate(0.0, 0.0, 0.0, 3.0)) == "0 (0…3)"
    assert _interval(Estimate(math.nan, math.nan, math.nan, math.nan)) == "–"


def test_why_no_key(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "run", str(file), "--set", "hardware.0.override={visibility = 0.1}")
    assert "no key" in out
    out = json.loads(printed(capsys, "run", str(file), "--set", "hardware.0.override={visibility = 0.1}", "--json"))
    said = out["results"]["target"]["requests"][0]["no_key"]
    assert re.fullmatch(r"noisy links: QBER [\d.]+ and [\d.]+ %, [\d.]+ and [\d.]+ % even fresh", said)
    assert out["results"]["target"]["requests"][0]["secret_key_rate_hz"]["value"] == 0


def test_no_pair_is_said(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "run", str(file), "--set", "run.until_s=1e-9", "--json")
    row = json.loads(out)["results"]["today"]["requests"][0]
    assert re.fullmatch(r"rate bound: no pair in 2e-09 s, the slowest link takes [\d.]+ s", row["no_key"])
    assert row["rate_hz"]["value"] == 0
    assert row["rate_hz"]["high"] == pytest.approx(3 / 2e-9)
    assert row["fidelity"]["value"] is None
    assert "no key" in printed(capsys, "run", str(file), "--set", "run.until_s=1e-9")


def test_json_and_flags(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = json.loads(printed(capsys, "run", str(file), "--json"))
    assert first["title"] == "two cities"
    assert list(first["results"]) == ["target", "today"]
    results = first["results"]["target"]
    assert (results["seed"], results["replicas"]) == (7, 2)
    assert json.loads(printed(capsys, "run", str(file), "--json", "--threads", "1")) == first
    assert json.loads(printed(capsys, "run", str(file), "--json", "--threads", "3", "--seed", "7")) == first
    other = json.loads(printed(capsys, "run", str(file), "--json", "--seed", "8", "--replicas", "3"))
    assert other["results"]["target"]["seed"] == 8
    assert other["results"]["target"]["replicas"] == 3
    assert other["results"]["target"]["requests"] != results["requests"]


def test_recorded_seed_repeats_the_run(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(SCENARIO.replace("seed = 7\n", ""))
    first = json.loads(printed(capsys, "run", str(file), "--json"))
    seeds = {results["seed"] for results in first["results"].values()}
    for label, results in first["results"].items():
        assert results["seed"] < 2**128
        again = json.loads(printed(capsys, "run", str(file), "--json", "--seed", str(results["seed"])))
        assert again["results"][label] == results
    assert any(seed >= 2**64 for seed in seeds), "128 bits"


def test_out_and_plot(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "run", str(file), "--json", "--out", "deep/folder", "--plot", "picture.svg")
    folder = file.parent / "deep" / "folder"
    assert sorted(p.name for p in folder.iterdir()) == ["s.csv", "s.json"]
    assert (folder / "s.json").read_text(encoding="utf-8") == out
    with (folder / "s.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(r["hardware"], r["target"]) for r in rows] == [
        ("target", "Den Haag"), ("target", "Amsterdam"), ("today", "Den Haag"), ("today", "Amsterdam"),
    ]  # fmt: skip
    assert all(float(r["rate_hz_low"]) <= float(r["rate_hz"]) <= float(r["rate_hz_high"]) for r in rows)
    assert "<svg" in (file.parent / "picture.svg").read_text(encoding="utf-8")
    printed(capsys, "run", str(file), "--out", "other")
    assert (file.parent / "other" / "s.png").read_bytes().startswith(b"\x89PNG")


def test_together_or_alone(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    alone = json.loads(printed(capsys, "run", str(file), "--json", "--set", "run.together=false"))
    assert len(alone["results"]["target"]["requests"]) == 2


def test_network_file(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    link = ebit.HeraldedLink(success_probability=0.1, attempt_time_s=1e-3)
    ebit.Network.chain(nodes=3, link=link, memory=ebit.Memory.perfect()).save(file.parent / "net.json")
    file.write_text(
        '[network]\nfile = "net.json"\n[run]\npairs = 5\nseed = 1\n[[requests]]\nsource = "n0"\ntarget = "n2"\n'
    )
    out = json.loads(printed(capsys, "run", str(file), "--json"))
    assert out["results"]["network file"]["requests"][0]["pairs"] == 5


def test_hardware(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    out = printed(capsys, "hardware")
    assert all(name in out for name in ebit.hardware.presets())
    out = printed(capsys, "hardware", "ion-2023")
    preset = ebit.hardware.preset("ion-2023")
    assert preset.title in out
    for value in preset.values:
        assert value.field in out
        assert value.doi.split("/")[0] in out
        assert value.kind in ("measured", "baseline", "target")
        assert not value.read_in or value.read_in.split(",")[0] in out
    # A line of code keeps its brackets, which are no markup.
    assert "[radians]" in printed(capsys, "hardware", "nv-2019")


def test_info_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "info")
    info = ebit.build_info()
    assert set(info) >= {"version", "profile", "target", "cpu_features"}
    assert info["profile"] == "release"
    for key, value in info.items():
        assert f"{key:15} {value}\n" in out
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"ebit {ebit.__version__}\n"


def test_validate_exit_codes(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad, missing = Row("good", 1.0, 1.0, 0.1), Row("bad", 1.0, 2.0, 0.1), Row("none", 1.0, float("nan"), 0.1)

    def broken() -> list[Row]:
        raise RuntimeError("cannot run")

    monkeypatch.setattr(ebit.validate, "CHECKS", (lambda: [good],))
    assert "all checks pass" in printed(capsys, "validate")
    for check in (lambda: [good, bad], lambda: [missing], broken):
        monkeypatch.setattr(ebit.validate, "CHECKS", (check,))
        assert main(["validate"]) == 1
        assert "FAIL" in capsys.readouterr().out


@pytest.mark.slow
def test_validate() -> None:
    done = subprocess.run([sys.executable, "-m", "ebit", "validate"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "all checks pass" in done.stdout


def test_module_and_script_and_pipe(file: Path) -> None:
    script = Path(sys.executable).with_name("ebit")
    for command in ([sys.executable, "-m", "ebit"], [str(script)]):
        done = subprocess.run(
            [*command, "run", "absent.toml"], capture_output=True, text=True, check=False, cwd=file.parent
        )
        assert (done.returncode, done.stdout) == (2, "")
        assert (
            done.stderr
            == "ebit: absent.toml: file must be a file that exists, got no such file (this folder has s.toml)\n"
        )
    done = subprocess.run(
        f"{sys.executable} -m ebit hardware ion-2023 | head -n 1",
        shell=True,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
