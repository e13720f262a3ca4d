"""Pictures of sessions: what was seen beside what the line gives when nobody is on it. Needs the extra ``plot``."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from ebit.files import write_whole
from ebit.qkd.box_run import honest_chsh

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ebit.qkd.session import Session

__all__ = ["plot_session"]


def plot_session(session: Session, path: str | Path | None = None) -> Figure:
    """Draw gains by intensity and error rates by announcement, as points with error bars over the honest line's bars.

    Of boxes that nobody trusts, S in the place of gains.

    Parameters
    ----------
    session : Session
    path : str or Path, optional
        Where to save; the ending chooses the format.
    """
    from ebit.plot import check_picture

    ending = "png" if path is None else check_picture(path)
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.0, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    honest, lights = session.honest, session.line.lights
    if session.line.kind == "BoxLine":
        _bell(left, session)
    else:
        left.bar(range(len(lights)), honest.gain, color="0.8", label="nobody on the line")
        gains = [session.gains[name] for name in lights]
        left.errorbar(
            range(len(lights)), [g.value for g in gains], yerr=[1.96 * g.stderr for g in gains], fmt="o", label="seen"
        )
        # Pairs of intensities have long names.
        many = len(lights) > 4
        left.set_xticks(range(len(lights)), lights, rotation=40 if many else 0, ha="right" if many else "center")
        left.set_yscale("log")
        # Below what a click or two would be there is nothing to see.
        least = min((g.value or g.high for g in gains), default=0.0)
        left.set_ylim(bottom=0.3 * least if least > 0.0 else None)
        left.set_ylabel("clicks per pulse")
    left.legend(loc="best" if session.line.kind == "BoxLine" else "lower left")
    names = list(session.qbers)
    rows = list(session.line.key_lights)
    bits, errors = honest.bits[rows].sum(axis=0), honest.errors[rows].sum(axis=0)
    right.bar(range(len(names)), [e / b if b > 0 else 0.0 for e, b in zip(errors, bits, strict=True)], color="0.8")
    seen = [session.qbers[name] for name in names]
    right.errorbar(range(len(names)), [q.value for q in seen], yerr=[1.96 * min(q.stderr, 1.0) for q in seen], fmt="o")
    right.axhline(session.line.threshold, color="tab:red", lw=1, ls="--")
    right.set_xticks(range(len(names)), names)
    right.set_ylabel("error rate of sifted bits")
    right.set_ylim(bottom=0)
    loudest = sorted(session.alarms, key=lambda alarm: -alarm.sigma)[:2]
    title = f"{type(session.system).__name__}: {session.sifted_bits} sifted bits, {len(session.alice_key)} bits of key"
    figure.suptitle("\n".join([title, *(f"alarm: {alarm}" for alarm in loudest)]), fontsize=10)
    if path is not None:
        stream = io.BytesIO()
        figure.savefig(stream, format=ending, dpi=150)
        write_whole(path, stream.getvalue())
    return figure


def _bell(axes: Axes, session: Session) -> None:
    """Draw S between what answers decided beforehand can reach and what entangled pairs can."""
    seen = session.chsh
    axes.bar([0], [honest_chsh(session.line)], color="0.8", label="boxes that measure")
    axes.errorbar([0], [seen.value], yerr=[1.96 * min(seen.stderr, 10.0)], fmt="o", label="seen")
    for value, words, color in ((2.0, "answers decided beforehand", "tab:red"), (8.0**0.5, "entangled pairs", "0.4")):
        axes.axhline(value, color=color, lw=1, ls="--")
        axes.annotate(f"most of {words}: {value:.4g}", (-0.95, value), va="bottom", fontsize=8, color=color)
    axes.set_xlim(-1.0, 1.0)
    axes.set_ylim(min(1.8, seen.value - 0.1) if seen.value == seen.value else 1.8, 3.05)
    axes.set_xticks([0], ["S"])
    axes.set_ylabel("S of Clauser, Horne, Shimony and Holt")
