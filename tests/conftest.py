"""What holds for every test: a skip that nobody agreed to fails the session."""

from __future__ import annotations

from pathlib import Path

import pytest

#: One test id per line, as pytest prints it; what follows a blank and # says why.
ALLOWED = Path(__file__).parent / "allowed-skips.txt"


def allowed_skips() -> set[str]:
    """Return the agreed list, comments taken off."""
    lines = (line.split(" #")[0].strip() for line in ALLOWED.read_text(encoding="utf-8").splitlines())
    return {line for line in lines if line and not line.startswith("#")}


def _unagreed(terminal: object) -> list[str]:
    agreed = allowed_skips()
    reports = getattr(terminal, "stats", {}).get("skipped", [])
    ids = sorted({str(report.nodeid) for report in reports})
    return [i for i in ids if i not in agreed and i.split("[")[0] not in agreed]


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    # Workers of pytest-xdist have no terminal; what they skip arrives at the controller.
    terminal = session.config.pluginmanager.get_plugin("terminalreporter")
    if terminal is not None and _unagreed(terminal) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    unagreed = _unagreed(terminalreporter)
    if unagreed:
        terminalreporter.section("skipped without being on tests/allowed-skips.txt", red=True)
        for line in unagreed:
            terminalreporter.line(line, red=True)
