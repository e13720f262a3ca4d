"""The command line: ``ebit run``, ``ebit validate``, ``ebit hardware``, ``ebit info``.

Exit codes: 0 done, 1 the run failed, 2 bad input.
"""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import ebit
from ebit.errors import EbitError, Interrupted, NoPairsWarning, RangeError, SpecError, complain, located

__all__ = ["main"]


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say it in one line, as every other mistake."""
        print(f"ebit: {message} (see {self.prog} --help)", file=sys.stderr)
        raise SystemExit(2)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="ebit", description="Simulate and plan the quantum internet.")
    parser.add_argument("--version", action="version", version=f"ebit {ebit.__version__}")
    parser.add_argument("--traceback", action="store_true", help="show Python tracebacks of errors")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="run a scenario file", description="Run a scenario file and print its table.")
    run.add_argument("file", help="scenario file (TOML)")
    run.add_argument("--json", action="store_true", help="print the results as JSON instead of the table")
    run.add_argument("--plot", metavar="OUT.png", help="save the picture; the ending chooses the format")
    run.add_argument("--out", metavar="DIR", help="folder for JSON, CSV and picture (default: what the file says)")
    run.add_argument("--replicas", type=int, metavar="N", help="independent repetitions")
    run.add_argument("--seed", type=int, metavar="N", help="root of all random streams")
    run.add_argument("--threads", type=int, metavar="N", help="threads (default: one per core); changes no number")
    run.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        dest="changes",
        help="override a field of the file, as run.pairs=100",
    )
    run.set_defaults(function=_run)

    validate = commands.add_parser("validate", help="check the installed package against closed forms")
    validate.set_defaults(function=_validate)

    hardware = commands.add_parser("hardware", help="list cited hardware presets with their sources")
    hardware.add_argument("name", nargs="?", help="show every value of one preset")
    hardware.set_defaults(function=_hardware)

    info = commands.add_parser("info", help="version, build profile, CPU features")
    info.set_defaults(function=_info)
    for command in commands.choices.values():
        command.add_argument("--traceback", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    return parser


def _console(stderr: bool = False) -> Any:
    from rich.console import Console

    # Not a terminal: as wide as the table needs, so that a log keeps whole lines.
    stream = sys.stderr if stderr else sys.stdout
    columns = os.environ.get("COLUMNS", "")
    width = None if stream.isatty() else int(columns) if columns.isdecimal() else 200
    return Console(stderr=stderr, width=width)


def _run(options: argparse.Namespace) -> int:
    from ebit.scenario import Scenario

    scenario = Scenario.load(options.file)
    changes = dict(_assignment(text) for text in options.changes)
    changes |= {f"run.{k}": getattr(options, k) for k in ("replicas", "seed") if getattr(options, k) is not None}
    try:
        scenario = scenario.override(changes)
    except SpecError as error:
        raise located(error, options.file) from None
    _check_output(options, scenario)
    interrupted: Interrupted | None = None
    with warnings.catch_warnings():
        # The table says it, request by request.
        warnings.simplefilter("ignore", NoPairsWarning)
        try:
            runs = scenario.run(threads=options.threads, progress=True if sys.stderr.isatty() else None)
        except Interrupted as stopped:
            interrupted, runs = stopped, {"interrupted": stopped.results}  # type: ignore[dict-item]
            if not runs["interrupted"].replicas:
                raise
        _write(options, scenario, runs)
    if interrupted is not None:
        print(f"ebit: {interrupted}", file=sys.stderr)
        return 1
    return 0


def _check_output(options: argparse.Namespace, scenario: Any) -> None:
    """Complain about what cannot be written before anything runs."""
    from ebit.files import check_writable

    folder = _folder(options, scenario)
    if folder:
        check_writable(folder / f"{Path(options.file).stem}.json")
    if options.plot is not None:
        from ebit.plot import check_picture

        check_picture(options.plot)
        check_writable(options.plot)


def _folder(options: argparse.Namespace, scenario: Any) -> Path | None:
    folder = options.out or (scenario.data.get("output") or {}).get("directory")
    return Path(folder) if folder else None


def _write(options: argparse.Namespace, scenario: Any, runs: dict[str, Any]) -> None:
    from ebit.files import write_whole
    from ebit.report import csv_text, explanations, json_text, table

    if options.json:
        sys.stdout.write(json_text(runs, scenario.title))
    else:
        console = _console()
        for label, results in runs.items():
            console.print(table(label, results))
            for line in explanations(results):
                console.print(line, highlight=False)
            console.print(f"[dim]assumed: {'; '.join(results.assumptions)}[/dim]\n", highlight=False)
    folder = _folder(options, scenario)
    written = []
    if folder:
        stem = folder / Path(options.file).stem
        for ending, text in ((".json", json_text(runs, scenario.title)), (".csv", csv_text(runs))):
            write_whole(stem.with_suffix(ending), text)
            written.append(stem.with_suffix(ending))
    picture = options.plot or (stem.with_suffix(".png") if folder else None)
    if picture is not None:
        written.extend(_picture(picture, runs, scenario.title, asked=options.plot is not None))
    if written:
        print("wrote " + ", ".join(str(path) for path in written), file=sys.stderr)


def _picture(path: Any, runs: dict[str, Any], title: str, *, asked: bool) -> list[Any]:
    from ebit.errors import MissingExtraError
    from ebit.plot import plot_results

    try:
        plot_results(runs, path, title)
    except MissingExtraError as error:
        if asked:
            raise
        print(f"ebit: no picture: {error}", file=sys.stderr)
        return []
    return [path]


def _assignment(text: str) -> tuple[str, Any]:
    import tomllib

    field, sign, value = text.partition("=")
    if not sign or not field.strip():
        raise complain(RangeError, "ebit run", "--set", "FIELD=VALUE", repr(text), "as run.pairs=100")
    try:
        return field.strip(), tomllib.loads(f"x = {value}")["x"]
    except tomllib.TOMLDecodeError:
        return field.strip(), value


def _validate(options: argparse.Namespace) -> int:
    from ebit.validate import run_checks

    return run_checks(_console())


def _hardware(options: argparse.Namespace) -> int:
    from rich.markup import escape
    from rich.table import Table

    console = _console()
    if options.name is None:
        out = Table("preset", "horizon", "link", "what")
        for name in ebit.hardware.presets():
            p = ebit.hardware.preset(name)
            out.add_row(name, p.horizon, p.scheme, p.title)
        console.print(out)
        return 0
    p = ebit.hardware.preset(options.name)
    out = Table(
        "field",
        "value",
        "unit",
        "kind",
        "evidence",
        "source (doi)",
        "line of the source",
        title=f"{p.name}: {p.title}",
        show_lines=True,
        title_justify="left",
    )
    for v in p.values:
        read_in = f"read in {v.read_in}" if v.read_in else ""
        out.add_row(
            v.field,
            str(v.value),
            v.unit,
            v.kind,
            v.evidence,
            v.doi,
            escape(v.line) + "".join(f"\n[dim]{escape(words)}[/dim]" for words in (read_in, v.derivation) if words),
        )
    console.print(out)
    console.print(p.note)
    return 0


def _info(options: argparse.Namespace) -> int:
    for key, value in ebit.build_info().items():
        print(f"{key:15} {value}")
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.function(options)
    except SpecError as error:
        return _fail(options, error, 2)
    except Interrupted as error:
        return _fail(options, error, 1)
    except EbitError as error:
        return _fail(options, error, error.exit_code)
    except KeyboardInterrupt:
        print("ebit: stopped", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader went away (as in `ebit run ... | head`): not our failure.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        # Nothing that a user did: still one line, and the traceback for whoever asks.
        return _fail(options, error, 1, f"internal error: {type(error).__name__}: ")
    return code


def _fail(options: argparse.Namespace, error: BaseException, code: int, before: str = "") -> int:
    if options.traceback:
        raise error
    print("ebit: " + " ".join(f"{before}{error}".split()), file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
