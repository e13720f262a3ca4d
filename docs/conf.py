"""Sphinx configuration; pages that repeat what the package knows are written here at build time."""

import doctest
import re
from pathlib import Path

import ebit

HERE = Path(__file__).parent
GENERATED = HERE / "_generated"

project = "ebit"
copyright = "the ebit contributors"
version = release = ebit.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.doctest"]
exclude_patterns = ["_build", "_generated"]
html_theme = "furo"
html_title = f"ebit {release}"
html_show_copyright = False

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

# Messages of errors are part of the examples.
doctest_default_flags = doctest.ELLIPSIS | doctest.DONT_ACCEPT_TRUE_FOR_1
autodoc_member_order = "bysource"
autodoc_typehints = "none"
napoleon_numpy_docstring = True
napoleon_google_docstring = False

# The examples of docstrings name things as their own modules do.
doctest_global_setup = """
import ebit
import numpy as np
from ebit import *
from ebit.bounds import *
from ebit.errors import *
from ebit.codes import *
from ebit.cost import *
from ebit.hardware import *
from ebit.maps import *
from ebit.qkd import *
from ebit.results import *
from ebit.scenario import Scenario
from ebit.schedules import *
from ebit.units import *
from ebit import build_info, simulate, __version__
"""


def _preset_tables() -> str:
    """Every value of every preset, with kind and source."""
    out = []
    for name in ebit.hardware.presets():
        p = ebit.hardware.preset(name)
        out += [f"## `{name}`", "", f"{p.title}. Horizon: {p.horizon}. Link model: `{p.scheme}`.", "", p.note, ""]
        out += ["| field | value | unit | kind | evidence | source |", "|---|---|---|---|---|---|"]
        for v in p.values:
            unit = "" if v.unit == "1" else v.unit
            source = f"[{v.doi}](https://doi.org/{v.doi})" + (f", read in {v.read_in}" if v.read_in else "")
            out.append(f"| `{v.field}` | {v.value:g} | {unit} | {v.kind} | {v.evidence} | {source} |")
        out.append("")
    return "\n".join(out)


def _readme_example() -> str:
    """The README's example and what it prints, as a test."""
    readme = (HERE.parent / "README.md").read_text(encoding="utf-8")
    found = re.search(r"```python\n(.*?)```\n\n```text\n(.*?)```", readme, re.DOTALL)
    if found is None:
        raise RuntimeError("README.md has no python example followed by its output")
    return f"```{{testcode}}\n{found[1]}```\n\n```{{testoutput}}\n{found[2]}```\n"


def _write(name: str, text: str) -> None:
    GENERATED.mkdir(exist_ok=True)
    path = GENERATED / name
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def _plain_bars(app, what, name, obj, options, lines):
    """Docstrings of states say |0> and mean it; what is in double backticks is left alone."""
    native = (
        "DensityMatrix",
        "StateVector",
        "StabilizerState",
        "Tableau",
        "PauliString",
        "Circuit",
        "BellDiagonal",
        "Noise",
        "Channel",
        "prepare",
    )
    if name == "ebit.states" or name.startswith(tuple(f"ebit.{kind}" for kind in native)):
        text = "\n".join(lines).split("``")
        text[::2] = [part.replace("|", r"\|") for part in text[::2]]
        lines[:] = "``".join(text).split("\n")


def setup(app):
    """Hook into autodoc."""
    app.connect("autodoc-process-docstring", _plain_bars)


_write("presets.md", _preset_tables())
_write("readme_example.md", _readme_example())
