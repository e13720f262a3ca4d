"""Real topologies by name (package topohub), great-circle distances and fibre lengths."""

from __future__ import annotations

import difflib
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ebit._arguments import real, shown
from ebit.errors import RangeError, WrongTypeError, complain

__all__ = ["Topology", "fiber_length_km", "great_circle_km", "topology", "topology_names"]

#: Mean radius of the Earth in km (IUGG mean radius R1).
EARTH_RADIUS_KM = 6371.0088


def great_circle_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Return the great-circle distance in km between two (longitude, latitude) positions in degrees (haversine).

    >>> round(great_circle_km((4.36, 52.01), (4.90, 52.37)), 1)   # Delft to Amsterdam
    54.4
    """
    for name, position in (("a", a), ("b", b)):
        if not isinstance(position, (tuple, list)) or len(position) != 2:
            words = "(longitude, latitude) in degrees"
            raise complain(WrongTypeError, "maps.great_circle_km", name, words, shown(position))
    (lon_a, lat_a), (lon_b, lat_b) = ((math.radians(x), math.radians(y)) for x, y in (a, b))
    h = math.sin((lat_b - lat_a) / 2) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(h)))


def fiber_length_km(distance_km: float, factor: float | None = None) -> float:
    """Return the fibre length in km to expect for a great-circle distance when nothing better is known.

    Without ``factor``: x1.5 below 1000 km, 1500 km up to 1200 km, x1.25 above (ITU-T G.826, annex A).

    Parameters
    ----------
    distance_km : float
    factor : float, optional
        Fibre length over distance, at all distances.

    Examples
    --------
    >>> fiber_length_km(100.0), fiber_length_km(1100.0), fiber_length_km(2000.0)
    (150.0, 1500.0, 2500.0)
    """
    distance_km = real("maps.fiber_length_km", "distance_km", distance_km, "finite and >= 0")
    if distance_km < 0.0:
        raise complain(RangeError, "maps.fiber_length_km", "distance_km", "finite and >= 0", shown(distance_km))
    if factor is not None:
        words, hint = "in [1, 100]", "fibre is never shorter than the great circle"
        if not 1.0 <= real("maps.fiber_length_km", "factor", factor, words, hint) <= 100.0:
            raise complain(RangeError, "maps.fiber_length_km", "factor", words, shown(factor), hint)
        return distance_km * factor
    if distance_km < 1000.0:
        return 1.5 * distance_km
    return 1500.0 if distance_km <= 1200.0 else 1.25 * distance_km


@dataclass(frozen=True)
class Topology:
    """Rows of a real topology.

    Parameters
    ----------
    name : str
    nodes : tuple of str
        Node names, made unique.
    positions : tuple of (float, float)
        Longitude and latitude in degrees.
    links : tuple of (int, int)
        Node indices.
    """

    name: str
    nodes: tuple[str, ...]
    positions: tuple[tuple[float, float], ...]
    links: tuple[tuple[int, int], ...]

    def great_circle_km(self, link: int) -> float:
        """Great-circle length in km of one link."""
        a, b = self.links[link]
        return great_circle_km(self.positions[a], self.positions[b])


def topology_names() -> list[str]:
    """Return the names of all topologies of the installed package topohub.

    >>> "topozoo/Surfnet" in topology_names()
    True
    """
    root = _folder()
    return sorted(p.relative_to(root).with_suffix("").as_posix() for p in root.rglob("*.json"))


def _folder() -> Path:
    import topohub

    return Path(topohub.__file__).parent / "data"


def topology(name: str) -> Topology:
    """Return a real topology by its name in the package topohub.

    Parameters
    ----------
    name : str
        As in ``topozoo/Surfnet``.

    Raises
    ------
    RangeError
        topohub has no such topology; the hint suggests near names.

    Examples
    --------
    >>> surfnet = topology("topozoo/Surfnet")
    >>> len(surfnet.nodes), len(surfnet.links)
    (50, 68)
    """
    if not isinstance(name, str):
        raise complain(WrongTypeError, "Network.from_topohub", "name", "a name as 'topozoo/Surfnet'", shown(name))
    known = topology_names()
    if name not in known:
        near = difflib.get_close_matches(str(name), known, n=3, cutoff=0.5)
        hint = "did you mean " + " or ".join(f"'{n}'" for n in near) + "?" if near else "topology_names() lists them"
        raise complain(
            RangeError, "Network.from_topohub", "name", f"one of the {len(known)} of topohub", repr(name), hint
        )
    data: dict[str, Any] = json.loads((_folder() / f"{name}.json").read_text(encoding="utf-8"))
    index = {row["id"]: k for k, row in enumerate(data["nodes"])}
    links: list[tuple[int, int]] = []
    for edge in data["edges"]:
        a, b = index[edge["source"]], index[edge["target"]]
        if a != b and (a, b) not in links and (b, a) not in links:
            links.append((a, b))
    positions = tuple((float(r["pos"][0]), float(r["pos"][1])) for r in data["nodes"])
    for position in positions:
        if not (abs(position[0]) <= 180.0 and abs(position[1]) <= 90.0):
            # Synthetic graphs lie in a plane whose unit topohub does not give.
            words = "a topology with longitudes and latitudes"
            value = f"'{name}', a node of which is at {position}"
            raise complain(RangeError, "Network.from_topohub", "name", words, value, "distances in km are not known")
    names = [r.get("name") or f"node {r['id']}" for r in data["nodes"]]
    return Topology(name, _unique(names), positions, tuple(links))


def _unique(names: list[str]) -> tuple[str, ...]:
    """Number the second and later bearers of a name."""
    seen: dict[str, int] = {}
    out = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(out)
