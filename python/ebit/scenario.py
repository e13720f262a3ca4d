"""Scenario files: which network, which hardware side by side, which requests, how to run."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ebit import _core
from ebit._arguments import integer, shown, table
from ebit._rng import root_seed
from ebit._spec import plain
from ebit.codes import encoding_from_dict
from ebit.errors import SpecError, UnknownFieldError, WrongTypeError, complain, located
from ebit.files import read_toml
from ebit.hardware import Preset, preset
from ebit.network import Network
from ebit.results import Results
from ebit.schedules import schedule_from_tagged
from ebit.simulate import Progress, Request, simulate

__all__ = ["Scenario"]


class Scenario:
    """A question about a network, as a TOML file holds it (see the documentation for every field).

    Parameters
    ----------
    data : mapping
        The file's contents.
    folder : path, optional
        What relative file names are relative to.

    Examples
    --------
    >>> scenario = Scenario({"network": {"topohub": "topozoo/Surfnet"}, "hardware": [{"preset": "ion-target-2022"}],
    ...                      "run": {"pairs": 100}, "requests": [{"source": "Delft", "target": "Amsterdam"}]})
    >>> scenario = scenario.override({"run.replicas": 2, "run.seed": 7})
    >>> results = scenario.run()["ion-target-2022"]
    >>> results.replicas
    2
    """

    def __init__(self, data: Mapping[str, Any], folder: str | Path = ".") -> None:
        if not isinstance(data, Mapping):
            raise complain(WrongTypeError, "scenario", "data", "a mapping", shown(data))
        self.data: dict[str, Any] = copy.deepcopy(dict(data))
        self.folder = Path(folder)
        for name in ("network", "run", "output"):
            if self.data.get(name) is not None:
                table("scenario", name, self.data[name])
        for name in ("hardware", "requests"):
            rows = self.data.get(name)
            for k, row in enumerate(rows if isinstance(rows, list) else ()):
                table("scenario", f"{name}[{k}]", row)
        document = plain(self.data, "scenario")
        run = document.get("run")
        if isinstance(run, dict) and run.get("seed") is not None:
            integer("scenario.run", "seed", run["seed"])
            # Digits: 128 bits are more than a JSON number holds.
            run["seed"] = str(root_seed(run["seed"], "scenario.run", "seed"))
        _core.check("Scenario", json.dumps(document))

    @classmethod
    def load(cls, path: str | Path) -> Scenario:
        """Read a scenario from a TOML file; mistakes name the file and the line, or the field."""
        data = read_toml(path)
        try:
            return cls(data, Path(path).parent)
        except SpecError as error:
            raise located(error, str(path)) from None

    def override(self, changes: Mapping[str, Any]) -> Scenario:
        """Return a copy with some fields changed, named by their path: ``{"run.pairs": 10, "requests.0.pairs": 5}``.

        Parameters
        ----------
        changes : mapping
            Values by path; rows of tables are counted from 0.
        """
        if not isinstance(changes, Mapping):
            raise complain(WrongTypeError, "scenario", "override", "a mapping of paths to values", shown(changes))
        data = copy.deepcopy(self.data)
        for path, value in changes.items():
            if not isinstance(path, str):
                raise complain(
                    WrongTypeError, "scenario", "override", "the path of a field, as 'run.pairs'", shown(path)
                )
            place: Any = data
            *parents, last = [int(p) if p.isdigit() else p for p in path.split(".")]
            try:
                for key in parents:
                    place = place.setdefault(key, {}) if isinstance(place, dict) else place[key]
                place[last] = value
            except (IndexError, KeyError, TypeError):
                hint = "as run.pairs or requests.0.pairs; rows count from 0"
                raise complain(
                    UnknownFieldError, "scenario", "override", "the path of a field", f"'{path}'", hint
                ) from None
        return Scenario(data, self.folder)

    @property
    def title(self) -> str:
        """Title for tables and pictures."""
        return str(self.data.get("title", ""))

    @property
    def hardware(self) -> dict[str, Preset | None]:
        """Hardware by label; None where the network file brings its own."""
        rows = self.data.get("hardware", [])
        if not rows:
            return {"network file": None}
        return {
            row.get("label", row["preset"]): preset(row["preset"]).override(row.get("override", {})) for row in rows
        }

    def network(self, label: str) -> Network:
        """Return the network on one of the hardware choices."""
        source, device = self.data["network"], self.hardware[label]
        if source.get("file") is not None:
            return Network.load(self.folder / source["file"])
        assert device is not None
        return Network.from_topohub(source["topohub"], device, fiber_length_factor=source.get("fiber_length_factor"))

    def requests(self) -> list[Request]:
        """Return the requests, with what ``[run]`` says filled in."""
        run = self.data["run"]
        out = []
        for row in self.data["requests"]:
            fields = {"pairs": run.get("pairs"), "classical_delay": run.get("classical_delay"), **row}
            schedule = fields.pop("schedule", {"SwapAsap": {"cutoff_s": run.get("cutoff_s")}})
            encoding = fields.pop("encoding", None)
            if encoding is not None:
                fields["encoding"] = encoding_from_dict(encoding)
            out.append(Request(**fields, schedule=schedule_from_tagged(schedule)))
        return out

    def run(self, *, threads: int | None = None, progress: Progress = None) -> dict[str, Results]:
        """Run every hardware choice and return its results by label.

        With ``together = false`` each request runs alone, and the results hold them in order.

        Parameters
        ----------
        threads, progress
            As in ``simulate``.
        """
        run = self.data["run"]
        options = {k: run[k] for k in ("replicas", "until_s", "method", "formalism", "assign", "match") if k in run}
        # One root for every hardware and request, drawn here when the file gives none: the results then repeat the run.
        options |= {"rng": root_seed(run.get("seed")), "threads": threads, "progress": progress}
        requests = self.requests()
        out = {}
        for label in self.hardware:
            network = self.network(label)
            if run.get("together", True):
                out[label] = simulate(network, requests, **options)
            else:
                alone = [simulate(network, [request], **options) for request in requests]
                out[label] = alone[0].joined(alone)
        return out
