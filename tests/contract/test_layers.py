"""The rooms of python/ebit: arrows point one way, and importing ebit is cheap."""

from __future__ import annotations

import ast
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import ebit

ROOT = Path(ebit.__file__).parent

#: From the bottom up; a module imports only from levels below, and from its own along ORDER.
LEVELS = [
    {"errors", "_core"},
    {"_arguments"},
    {"_pattern_search", "_rng", "_spec", "units", "bounds", "columns", "estimates", "files"},
    {"blocks", "channels", "link_model"},
    {"photon_sources", "request_result"},
    {"devices"},
    {"photonic"},
    {"links"},
    {"chain_links", "codes", "cost", "hardware", "maps", "network_document", "network_parts", "schedules"},
    {"_cutoffs", "_knobs", "network_columns"},
    {"network", "states", "results"},
    {"chain_result", "simulate"},
    {"_evaluator_cost", "chain_sampling", "encoded", "ensembles"},
    {"_variants"},
    {"optimize"},
    {"chain", "sampling", "simulation"},
    {"qkd"},
    {"processors"},
    {"scenario", "report"},
]
#: They see the face as a user does.
FACES = {"__init__", "__main__", "cli", "validate"}
#: Imported inside functions only.
LAZY = {"interop", "plot", "plot_chain"}
#: Within one level, an arrow that DESIGN.md allows.
SIDEWAYS = {
    ("files", "_spec"),
    ("plot_chain", "plot"),
    ("__main__", "cli"),
    ("cli", "validate"),
}


def modules() -> dict[str, Path]:
    out = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        out[".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)] = path
    return out


def room(module: str) -> str:
    return module.split(".")[0]


def _targets(node: ast.stmt) -> Iterator[str]:
    """Rooms of ebit that an import statement names; "__init__" for the face."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            parts = alias.name.split(".")
            if parts[0] == "ebit":
                yield parts[1] if len(parts) > 1 else "__init__"
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, "absolute imports only"
        parts = (node.module or "").split(".")
        if parts[0] == "ebit" and len(parts) > 1:
            yield parts[1]
        elif parts[0] == "ebit":
            here = {room(m) for m in modules()} | {"_core"}
            for alias in node.names:
                yield alias.name if alias.name in here else "__init__"


def _is_type_checking(test: ast.expr) -> bool:
    return ast.unparse(test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def imports(path: Path) -> tuple[set[str], set[str]]:
    """Rooms imported when the module is, and rooms imported inside its functions."""
    top: set[str] = set()
    lazy: set[str] = set()

    def walk(node: ast.AST, into: set[str]) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.Import, ast.ImportFrom)):
                into.update(_targets(child))
            elif isinstance(child, ast.If) and _is_type_checking(child.test):
                for other in child.orelse:
                    walk(other, into)
            elif isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                walk(child, lazy)
            else:
                walk(child, into)

    walk(ast.parse(path.read_text(encoding="utf-8")), top)
    return top, lazy


def level(name: str) -> int:
    for k, names in enumerate(LEVELS):
        if name in names:
            return k
    if name in LAZY or name in FACES:
        return len(LEVELS)
    raise AssertionError(f"{name} has no level: add it to LEVELS in {__file__}, where DESIGN.md puts it")


def upward(name: str, target: str) -> bool:
    if name in FACES:
        return target in LAZY
    if (name, target) in SIDEWAYS or target == name:
        return False
    return target in FACES or level(target) >= level(name)


MODULES = modules()


@pytest.mark.parametrize("module", MODULES)
def test_arrows_point_down(module: str) -> None:
    name = room(module)
    top, lazy = imports(MODULES[module])
    assert not [t for t in top if t in LAZY and name not in LAZY], "interop and plot are imported inside functions"
    assert not [t for t in top if upward(name, t)]
    # Inside a function the two leaves may be reached from anywhere; nothing else may point up.
    assert not [t for t in lazy - LAZY if upward(name, t)]


def test_no_cycles() -> None:
    arrows: dict[str, set[str]] = {}
    for module, path in MODULES.items():
        arrows.setdefault(room(module), set()).update(imports(path)[0] - {room(module), "__init__"})
    seen: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail, name))
        if name not in seen:
            for target in sorted(arrows.get(name, ())):
                visit(target, (*trail, name))
            seen.add(name)

    for name in arrows:
        visit(name, ())


def test_walker_sees_an_upward_arrow(tmp_path: Path) -> None:
    file = tmp_path / "units.py"
    file.write_text("from __future__ import annotations\nfrom ebit.network import Network\n"
                    "def f():\n    import ebit.plot\n")  # fmt: skip
    top, lazy = imports(file)
    assert (top, lazy) == ({"network"}, {"plot"})
    assert upward("units", "network")
    assert upward("results", "__init__")
    assert not upward("network", "units")


def test_import_is_light() -> None:
    heavy = ["matplotlib", "pandas", "networkx", "topohub", "rich", "scipy"]
    code = f"import sys, ebit; print([m for m in {heavy!r} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout == "[]\n"
    assert out.stderr == ""


def test_import_is_quick() -> None:
    def seconds(code: str) -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        return time.perf_counter() - start

    # Beyond Python and NumPy, the best of a few: other processes come and go.
    bare = min(seconds("import numpy") for _ in range(3))
    assert min(seconds("import ebit") for _ in range(5)) - bare < 0.5
