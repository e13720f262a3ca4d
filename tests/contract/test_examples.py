"""Every file in examples/ runs."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from ebit.cli import main

EXAMPLES = Path(__file__).parents[2] / "examples"
FILES = sorted(p for p in EXAMPLES.rglob("*") if p.suffix in (".toml", ".py") and "__pycache__" not in p.parts)


def test_there_are_examples() -> None:
    assert "netherlands.toml" in {p.name for p in FILES}
    others = [
        p.name for p in EXAMPLES.rglob("*") if p.is_file() and p.suffix not in (".toml", ".py", ".json", ".md", ".pyc")
    ]
    assert not others, "tests run TOML files and scripts"


def is_scenario(path: Path) -> bool:
    return "requests" in tomllib.loads(path.read_text(encoding="utf-8"))


def script(path: Path, folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(path)], cwd=folder, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout


def example(path: Path) -> object:
    marks = [pytest.mark.slow] if path.suffix == ".py" else []
    return pytest.param(path, id=str(path.relative_to(EXAMPLES)), marks=marks)


@pytest.mark.parametrize("path", [example(path) for path in FILES])
def test_runs(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    if path.suffix == ".py":
        script(path, tmp_path)
        return
    if not is_scenario(path):
        import ebit

        assert ebit.Network.load(path).nodes
        return
    small = ["--set", "run.pairs=20", "--replicas", "2", "--out", str(tmp_path / "results"), "--json"]
    assert main(["run", str(path), *small]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["title"]
    for results in document["results"].values():
        assert results["requests"]
    assert {p.suffix for p in (tmp_path / "results").iterdir()} == {".json", ".csv", ".png"}


@pytest.mark.slow
def test_the_hospitals_feel_the_cut_and_have_another_way(tmp_path: Path) -> None:
    script = EXAMPLES / "hospital.py"
    done = subprocess.run([sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True, check=True)
    lines = [line.strip() for line in done.stdout.splitlines()]
    whole, cut = (
        next(line for line in lines if line.startswith(name)) for name in ("all fibres", "university - north cut")
    )
    assert "0 keys over a minute late" in whole
    assert "  0 went another way" in whole
    assert " 0 keys over" not in cut
    assert "  0 went another way" not in cut
    # All five tunnels have a second route, and it says whom to trust.
    assert sum(line.startswith("or ") for line in lines) == 5
