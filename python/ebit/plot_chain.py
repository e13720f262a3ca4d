"""Pictures of repeater chains: waiting times, rates against distance, a run in space and time. Needs extra ``plot``.

Draws what evaluators answer; computes nothing that a result does not say.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ebit._arguments import real, shown
from ebit.bounds import chain_capacity, plob
from ebit.channels import Fiber
from ebit.errors import RangeError, WrongTypeError, complain
from ebit.plot import check_picture
from ebit.simulate import Request, simulate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ebit.chain import ChainResult, RepeaterChain

__all__ = ["plot_rate_distance", "plot_run", "plot_waiting"]

#: Bars of a distribution.
BINS = 200
#: Times are whole picoseconds.
TICKS_PER_S = 1e12
#: Share of pairs that the time axis shows.
SHOWN = 0.999
#: Quantiles that are marked.
MARKED = (0.5, 0.95)


def plot_waiting(result: ChainResult, path: str | Path | None = None) -> Figure:
    """Draw the distribution of waiting times, its mean and its quantiles."""
    figure, axes = _figure(path, (7.5, 4.4))
    scale, unit = _unit(result.quantile(MARKED[-1]))
    if result.pairs:
        waits = result.pairs["waiting_time_s"]
        edges: Any = _edges(waits, result.quantile(SHOWN))
        share: Any = np.histogram(waits, edges)[0] / len(waits)
    else:
        pmf = result.waiting_time_pmf
        end = np.searchsorted(np.cumsum(pmf), min(SHOWN, 0.999 * result.coverage)) + 1
        width = max(1, math.ceil(end / BINS))
        count = math.ceil(end / width)
        padded = np.zeros(count * width)
        padded[: min(len(pmf), count * width)] = pmf[: count * width]
        share = padded.reshape(count, width).sum(axis=1)
        # A step belongs to the time at its end.
        edges = (np.arange(count + 1) * width - 0.5) * result.step_s
    axes.stairs(share, edges * scale, fill=True, color="C0", alpha=0.35, lw=0)
    axes.stairs(share, edges * scale, color="C0", lw=1.2)
    top = float(share.max())
    mean = result.waiting_time_s.value
    axes.axvline(mean * scale, color="C3", lw=1.4)
    marks = [(mean, "mean", "C3")]
    for quantile in MARKED:
        at = result.quantile(quantile)
        axes.axvline(at * scale, color="0.35", lw=1.0, ls="--")
        marks.append((at, f"{100 * quantile:.0f} %", "0.35"))
    # Mean and median are often close: labels at three heights, on white where they cross another's line.
    blank = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
    for level, (at, label, colour) in zip((1.14, 1.08, 1.02), marks, strict=True):
        text = f"{label}: {at * scale:.4g} {unit}"
        place: dict[str, Any] = {"xytext": (4, 0), "textcoords": "offset points", "va": "bottom"}
        axes.annotate(text, (at * scale, level * top), color=colour, fontsize=9, bbox=blank, **place)
    axes.set_ylim(0.0, 1.22 * top)
    axes.set_xlim(0.0, edges[-1] * scale)
    axes.set_xlabel(f"time from empty memories to delivery ({unit})")
    axes.set_ylabel(f"share of pairs per {(edges[1] - edges[0]) * scale:.3g} {unit}")
    axes.set_title(
        f"{_links(len(result.chain.links))}, {_name(result.chain)}, {result.method}", loc="left", fontsize=11
    )
    return _finished(figure, axes, path)


def plot_rate_distance(
    chain: RepeaterChain, distances_km: Sequence[float], path: str | Path | None = None, *, rel: float = 1e-2
) -> Figure:
    """Draw pairs and secret bits per second against distance, with the bounds of repeaterless and repeated fibre."""
    name = "RepeaterChain.plot_rate_distance"
    if isinstance(distances_km, (str, bytes)) or not isinstance(distances_km, (Sequence, np.ndarray)):
        raise complain(WrongTypeError, name, "distances_km", "a list of lengths in km", shown(distances_km))
    lengths = [real(name, f"distances_km[{k}]", d, "> 0 km") for k, d in enumerate(distances_km)]
    for k, length in enumerate(lengths):
        if not length > 0.0:
            raise complain(RangeError, name, f"distances_km[{k}]", "> 0 km", shown(length))
    if not lengths:
        raise complain(RangeError, name, "distances_km", "at least one length", "none")
    for k, link in enumerate(chain.links):
        fiber = getattr(link, "fiber", None)
        if not isinstance(fiber, Fiber) or not fiber.length_km > 0.0:
            raise complain(WrongTypeError, name, f"links[{k}]", "a link with a fibre longer than 0", shown(link))
    total = sum(link.fiber.length_km for link in chain.links)  # type: ignore[attr-defined]
    figure, axes = _figure(path, (7.5, 5.2))
    rows: dict[str, list[float]] = {"pairs": [], "key": [], "plob": [], "repeaters": []}
    for length in lengths:
        links = [
            link.replace(fiber=link.fiber.replace(length_km=link.fiber.length_km * length / total))  # type: ignore[attr-defined]
            for link in chain.links
        ]
        result = chain.replace(links=links).evaluate(rel, rng=0)
        rows["pairs"].append(result.rate_hz.value)
        rows["key"].append(result.secret_key_rate_hz.value)
        losses = [link.fiber.loss_db for link in links]
        attempts = min(getattr(link, "modes", 1) / link.physics["attempt_time_s"] for link in links)
        rows["plob"].append(plob(_below_one(10 ** (-sum(losses) / 10))) * attempts)
        # The worst link decides.
        rows["repeaters"].append(chain_capacity(_below_one(10 ** (-max(losses) / 10)), 1) * attempts)
    count = len(chain.links)
    dots = "o" if len(lengths) <= 30 else ""
    _line(axes, lengths, rows["repeaters"], color="0.45", ls="--", lw=1.3, label=f"bound for {count} segments")
    _line(axes, lengths, rows["plob"], color="black", ls="--", lw=1.3, label="bound without repeaters (PLOB)")
    _line(axes, lengths, rows["pairs"], color="C0", lw=1.6, marker=dots, ms=3.5, label="pairs")
    _line(axes, lengths, rows["key"], color="C3", lw=1.8, marker=dots, ms=3.5, label="secret bits")
    axes.set_yscale("log")
    positive = [v for name in ("pairs", "key") for v in rows[name] if v > 0.0]
    if positive:
        axes.set_ylim(min(positive) / 10.0, 3.0 * max(max(rows["repeaters"]), *positive))
    axes.set_xlabel("fibre from end to end (km)")
    axes.set_ylabel("per second, at the same attempts per second")
    axes.set_title(f"{_links(count)}, {_name(chain)}", loc="left", fontsize=11)
    axes.legend(frameon=False, fontsize=9)
    return _finished(figure, axes, path)


def plot_run(chain: RepeaterChain, path: str | Path | None = None, *, rng: object = None) -> Figure:
    """Draw one run of the event engine in space and time: which segment exists when, until a pair is delivered."""
    last = len(chain.links)
    rounds = getattr(chain.schedule, "distill", ())
    if any(rounds.values() if isinstance(rounds, Mapping) else rounds):
        wanted, hint = "a schedule without distillation", "copies of a segment would hide each other"
        raise complain(RangeError, "RepeaterChain.plot_run", "schedule.distill", wanted, shown(rounds), hint)
    request = Request(
        "n0",
        f"n{last}",
        pairs=1,
        restart=True,
        classical_delay=chain.classical_delay,
        schedule=chain.schedule,
        end_memory=chain.end_memory,
        encoding=chain.encoding,
    )
    events = simulate(chain.network(), [request], rng=rng, trace=True, threads=1).events
    figure, axes = _figure(path, (7.5, 5.4))
    segments = _segments(events, last)
    end = max(segment[3] for segment in segments)
    scale, unit = _unit(end)
    colours = {"waits": "C0", "swapped": "C0", "lost": "C3", "delivered": "C2"}
    for left, right, born, died, fate in segments:
        middle = (left + right) / 2
        height = (died - born) * scale
        axes.bar(
            middle,
            height,
            width=(right - left) - 0.12,
            bottom=born * scale,
            color=colours[fate],
            alpha=0.25 + 0.55 * (right - left) / last,
            lw=0,
        )
        axes.plot([left + 0.06, right - 0.06], [born * scale] * 2, color=colours[fate], lw=2.0, solid_capstyle="butt")
        if fate == "lost":
            axes.plot([middle], [died * scale], marker="x", color="C3", ms=7, mew=2.0, zorder=4)
    for node in range(last + 1):
        axes.axvline(node, color="0.6", lw=0.8, zorder=0)
    axes.axhline(end * scale, color="C2", lw=1.5)
    text = f"delivered after {end * scale:.4g} {unit}"
    place: dict[str, Any] = {"xytext": (0, 4), "textcoords": "offset points", "ha": "right", "va": "bottom"}
    axes.annotate(text, (last, end * scale), color="C2", **place)
    axes.set_xticks(range(last + 1), [f"n{k}" for k in range(last + 1)])
    axes.set_xlim(-0.15, last + 0.15)
    axes.set_ylim(0.0, 1.1 * end * scale)
    axes.set_ylabel(f"time ({unit})")
    for fate, label in (("swapped", "segment, until it is swapped"), ("lost", "lost to a failed swap or a cut-off")):
        axes.bar([0], [0], color=colours[fate], alpha=0.5, label=label)
    axes.legend(frameon=False, fontsize=9, loc="upper center", bbox_to_anchor=(0.5, -0.07), ncols=2)
    axes.set_title(f"One run: {_links(last)}, {_name(chain)}", loc="left", fontsize=11)
    return _finished(figure, axes, path)


def _segments(events: Any, last: int) -> list[tuple[int, int, float, float, str]]:
    """Return (left node, right node, born, died, fate) of every segment of a run, from its log."""
    alive: dict[tuple[int, int], tuple[float, int]] = {}
    out: list[tuple[int, int, float, float, str]] = []

    def end(segment: tuple[int, int], at: float, fate: str) -> None:
        born, _ = alive.pop(segment)
        if fate != "swapped" or at > born:
            out.append((*segment, born, at, fate))

    for at, kind, place, pair in zip(events["time_s"], events["kind"], events["place"], events["pair"], strict=True):
        now, where, identity = float(at), int(place), int(pair)
        if kind == "herald":
            alive[(where, where + 1)] = (now, identity)
        elif kind in ("swap", "swap_failed"):
            touching = sorted(segment for segment in alive if where in segment)
            for segment in touching:
                end(segment, now, "swapped" if kind == "swap" else "lost")
            if kind == "swap" and touching:
                alive[(touching[0][0], touching[-1][1])] = (now, identity)
        elif kind == "dropped":
            for segment in [s for s, (_, known) in alive.items() if known == identity]:
                end(segment, now, "lost")
        elif kind == "delivered":
            for segment in sorted(alive):
                end(segment, now, "delivered" if segment == (0, last) else "waits")
            break
    return out


def _edges(waits: Any, end: float) -> Any:
    """Bins of a sample up to `end`: each holds as many steps of the clock as the others, if there is one."""
    width = 2 * end / BINS
    # Where times are multiples of a step, bins of a fraction of steps would show a comb that is not there.
    countable = float(waits.max()) * TICKS_PER_S < 9e18
    step = float(np.gcd.reduce(np.rint(waits * TICKS_PER_S).astype(np.int64))) / TICKS_PER_S if countable else 0.0
    if step > width / BINS:
        width = math.ceil(width / step) * step
        return (np.arange(math.ceil(end / width) + 1)) * width + 0.5 * step
    return np.linspace(0.0, end, BINS // 2 + 1)


def _links(count: int) -> str:
    return "1 link" if count == 1 else f"{count} links"


def _below_one(eta: float) -> float:
    return min(eta, math.nextafter(1.0, 0.0))


def _line(axes: Axes, x: Sequence[float], y: Sequence[float], **style: Any) -> None:
    keep = [k for k, v in enumerate(y) if v > 0.0]
    axes.plot([x[k] for k in keep], [y[k] for k in keep], **style)


def _unit(seconds: float) -> tuple[float, str]:
    for scale, unit in ((1.0, "s"), (1e3, "ms"), (1e6, "µs")):
        if seconds * scale >= 1.0 or unit == "µs":
            return scale, unit
    raise AssertionError


def _name(chain: RepeaterChain) -> str:
    return {"SwapAsap": "swap as soon as possible", "Nested": "nested"}.get(
        type(chain.schedule).__name__, type(chain.schedule).__name__
    )


def _figure(path: str | Path | None, size: tuple[float, float]) -> tuple[Figure, Axes]:
    # A picture that cannot be saved is refused before anything is drawn.
    check_picture(path if path is not None else "x.png")
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    return figure, figure.subplots()


def _finished(figure: Figure, axes: Axes, path: str | Path | None) -> Figure:
    axes.grid(alpha=0.25, which="major", lw=0.5)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    if path is not None:
        from ebit.files import write_whole

        stream = io.BytesIO()
        figure.savefig(stream, format=check_picture(path), dpi=160)
        write_whole(path, stream.getvalue())
    return figure
