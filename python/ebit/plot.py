"""Pictures: routes on the map coloured by rate, and waiting-time distributions. Needs the extra ``plot``."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ebit.errors import MissingExtraError, RangeError, complain
from ebit.results import RequestResult, Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["check_picture", "plot_results"]


def _matplotlib() -> Any:
    try:
        import matplotlib
    except ImportError:
        raise MissingExtraError("matplotlib is not installed: pip install 'ebit[plot]'") from None
    return matplotlib


def check_picture(path: str | Path) -> str:
    """Return the format that a file's ending chooses, or complain about it."""
    _matplotlib()
    from matplotlib.backend_bases import FigureCanvasBase

    known = FigureCanvasBase.get_supported_filetypes()
    ending = Path(path).suffix.lstrip(".").lower() or "png"
    if ending not in known:
        raise complain(RangeError, "plot", "path", f"a file ending in one of {', '.join(sorted(known))}", f"'{path}'")
    return ending


def plot_results(runs: Mapping[str, Results], path: str | Path | None = None, title: str = "") -> Figure:
    """Draw a row per hardware: the map with routes coloured by rate, and the waiting-time distributions.

    Parameters
    ----------
    runs : mapping of label to Results
    path : str, optional
        Where to save; the ending chooses the format.
    title : str
        Over everything.

    Returns
    -------
    matplotlib.figure.Figure
    """
    _matplotlib()
    ending = "png" if path is None else check_picture(path)
    from matplotlib import colormaps
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import LogNorm
    from matplotlib.figure import Figure

    with_map = all(all(n.position for n in results.network.nodes) for results in runs.values())
    height = 5.2 * len(runs) + 0.6
    figure = Figure(figsize=(13.5 if with_map else 7.5, height), layout="constrained")
    rates = [r.rate_hz.value for results in runs.values() for r in results if r.rate_hz.value > 0]
    low, high = (min(rates), max(rates)) if rates else (0.1, 1.0)
    norm = LogNorm(low / 1.5, high * 1.5)
    colours = colormaps["viridis"]
    axes = figure.subplots(
        len(runs), 2 if with_map else 1, squeeze=False, width_ratios=[1.0, 1.05] if with_map else [1.0]
    )
    waits = [w for results in runs.values() for r in results if r.pairs.count for w in _range(r)]
    for row, (label, results) in zip(axes, runs.items(), strict=True):
        if with_map:
            _map(row[0], label, results, colours, norm)
        _waiting(row[-1], label, results, (min(waits), max(waits)) if waits else (1e-3, 1.0))
    if with_map and rates:
        bar = figure.colorbar(ScalarMappable(norm, colours), ax=axes[:, 0].tolist(), shrink=0.6, pad=0.02)
        bar.set_label("pairs per second (each request)")
    if title:
        figure.suptitle(title, fontsize=15, fontweight="bold")
    if path is not None:
        from ebit.files import write_whole

        stream = io.BytesIO()
        figure.savefig(stream, format=ending, dpi=160)
        write_whole(path, stream.getvalue())
    return figure


def _range(r: RequestResult) -> tuple[float, float]:
    wait = r.pairs["waiting_time_s"]
    return max(float(np.quantile(wait, 0.001)), 1e-9), float(wait.max())


def _map(axes: Axes, label: str, results: Results, colours: Any, norm: Any) -> None:
    nodes = results.network.nodes
    place = {n.name: n.position for n in nodes if n.position}
    for link in results.network.links:
        (x0, y0), (x1, y1) = place[link.a], place[link.b]
        axes.plot([x0, x1], [y0, y1], color="0.82", lw=1.0, zorder=1, solid_capstyle="round")
    axes.scatter([p[0] for p in place.values()], [p[1] for p in place.values()], s=10, color="0.6", zorder=2, lw=0)
    used: dict[tuple[str, str], int] = {}
    ends: set[str] = set()
    middle = math.radians(sum(p[1] for p in place.values()) / len(place))
    for r in results:
        rate = r.rate_hz.value
        colour = colours(norm(rate)) if rate > 0 else (0.75, 0.1, 0.1, 1.0)
        for a, b in zip(r.route.nodes, r.route.nodes[1:], strict=False):
            edge = (min(a, b), max(a, b))
            shift = used.get(edge, 0)
            used[edge] = shift + 1
            (x0, y0), (x1, y1) = place[edge[0]], place[edge[1]]
            # Routes that share a fibre run side by side.
            length = math.hypot((x1 - x0) * math.cos(middle), y1 - y0) or 1.0
            dx = -(y1 - y0) / length / math.cos(middle) * 0.022 * shift
            dy = (x1 - x0) * math.cos(middle) / length * 0.022 * shift
            axes.plot(
                [x0 + dx, x1 + dx],
                [y0 + dy, y1 + dy],
                color=colour,
                lw=3.2,
                zorder=3,
                solid_capstyle="round",
                ls="-" if r.secret_key_rate_hz.value > 0 else (0, (1.2, 1.2)),
            )
        ends |= {r.request.source, r.request.target}
    for name in sorted(ends):
        x, y = place[name]
        axes.scatter([x], [y], s=42, color="white", edgecolor="black", lw=1.2, zorder=5)
        # A name goes to the right of its town, unless another named town is right there above it.
        crowded = any(0 < place[o][1] - y < 0.2 and abs(place[o][0] - x) < 0.4 for o in ends if o != name)
        offset, align = ((6, -12), "left") if crowded else ((5, 5), "left")
        axes.annotate(
            name,
            (x, y),
            xytext=offset,
            textcoords="offset points",
            fontsize=9,
            fontweight="bold",
            zorder=6,
            ha=align,
            bbox={"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.75},
        )
    axes.set_aspect(1 / math.cos(middle))
    axes.set_axis_off()
    axes.set_title(f"{label}: routes by rate" if label else "Routes by rate", loc="left", fontsize=12)
    axes.plot([], [], color="0.3", lw=3.2, label="key")
    axes.plot([], [], color="0.3", lw=3.2, ls=(0, (1.2, 1.2)), label="pairs, no key")
    axes.legend(loc="upper left", fontsize=8, frameon=False)


def _waiting(axes: Axes, label: str, results: Results, span: tuple[float, float]) -> None:
    for k, r in enumerate(results):
        name = f"{r.request.source} – {r.request.target}"
        if r.pairs.count == 0:
            axes.plot([], [], color=f"C{k % 10}", ls=":", label=f"{name}: no pair")
            continue
        wait = np.sort(r.pairs["waiting_time_s"])
        share = np.arange(1, len(wait) + 1) / len(wait)
        keep = np.unique(np.linspace(0, len(wait) - 1, 400).astype(int))
        axes.step(
            wait[keep],
            share[keep],
            where="post",
            color=f"C{k % 10}",
            lw=1.8,
            label=f"{name} ({r.route.hops} hop{'s' if r.route.hops > 1 else ''})",
        )
    axes.set_xscale("log")
    axes.set_xlim(*span)
    axes.set_ylim(0, 1)
    axes.axhline(0.95, color="0.7", lw=0.8, ls="--", zorder=0)
    axes.annotate("95 %", (span[0], 0.95), xytext=(3, 2), textcoords="offset points", fontsize=8, color="0.4")
    axes.set_xlabel("waiting time between pairs (s)")
    axes.set_ylabel("share of pairs that waited at most this long")
    axes.set_title(f"{label}: waiting times" if label else "Waiting times", loc="left", fontsize=12)
    axes.grid(alpha=0.25, which="both", lw=0.5)
    axes.legend(fontsize=8, frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=3)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
