"""Which generation of repeaters makes a secret bit cheapest, over which distance, on which hardware?

One cost coefficient for all, qubits x seconds per secret bit and km (doi:10.1038/srep20463), each at its best spacing:

- first: nested swaps of physical pairs, distilled at the lowest level or at all of them;
- second, bare: the same without distillation, all stations at once;
- second, encoded: pairs of encoded qubits (doi:10.1103/PhysRevA.79.032325);
- third: one-way parity codes (doi:10.1103/PhysRevLett.112.250501).

An attempt at a pair succeeds with probability (coupling efficiency)^2 exp(-spacing / 20 km) / 2 and takes the light
time of the spacing. Two-qubit gates depolarize with probability e, outcomes are wrong with e/4, fresh pairs have
fidelity 1 - 5e/4; memories keep their state for ever. Gates of a distillation spoil the pairs that go into it, once
per level; it hears of its success at once, which flatters the first generation.
With matplotlib it also draws generations.png.
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable, Iterator

import ebit

DISTANCES_KM = (100, 200, 500, 1_000, 2_000, 4_000)
#: Name: coupling efficiency, gate error.
HARDWARE = {
    "poor coupling, noisy gates": (0.5, 1e-2),
    "poor coupling, good gates": (0.5, 1e-3),
    "poor coupling, fine gates": (0.5, 1e-5),
    "fine coupling, good gates": (0.99, 1e-3),
}
#: Seconds of a local operation: of a correction at a one-way station.
LOCAL_S = 1e-6
SPACINGS_KM = (2.5, 5, 10, 15, 20, 30, 40, 60)
CODES = {"Steane": ebit.codes.steane(), "Shor": ebit.codes.shor()}

Found = tuple[float, str]


def link(spacing_km: float, coupling: float, error: float, kept: float = 1.0) -> ebit.HeraldedLink:
    """Return a link of this length: what its attempts make, after white noise that keeps this share."""
    return ebit.HeraldedLink(
        success_probability=coupling**2 * math.exp(-spacing_km / 20.0) / 2,
        attempt_time_s=round(1e12 * max(spacing_km / 2e5, LOCAL_S)) / 1e12,
        pair=ebit.BellDiagonal.werner(fidelity=0.25 + kept * (0.75 - 1.25 * error)),
    )


def cheapest(candidates: Iterator[tuple[ebit.RepeaterChain, str]], length_km: float) -> Found:
    """Return the least cost among some chains and what has it."""
    best: Found = (math.inf, "no key")
    for chain, name in candidates:
        cost = ebit.cost_coefficient(chain.exact(tolerance=1e-4), length_km=length_km)
        best = min(best, (cost, name))
    return best


def swap(error: float) -> ebit.Swap:
    """Return a Bell measurement by a gate that depolarizes."""
    return ebit.Swap(fidelity=1 - 0.75 * error)


def outcome(error: float, kept: float = 1.0) -> ebit.Swap:
    """Return a Bell measurement whose two outcomes are wrong as well, as white noise, and which keeps this share."""
    return ebit.Swap(fidelity=1 - 0.75 * (1 - kept * (1 - error) * (1 - error / 2) ** 2))


def first(length_km: float, coupling: float, error: float) -> Found:
    """Nested swaps of 2^k links, with or without distillation below all swaps, and below the further levels."""

    def candidates() -> Iterator[tuple[ebit.RepeaterChain, str]]:
        for levels in range(1, 10):
            spacing = length_km / 2**levels
            if not 7.5 <= spacing <= 60:
                continue
            for low in range(2):
                # Many levels that fail take long to solve, and short links do not need them.
                for high in range(2 if levels > 1 and spacing > 15 else 1):
                    rounds = [low] + [high] * (levels - 1)
                    # Two gates per distillation; slots for all copies of all levels at once.
                    pair, joined = ((1 - error) ** (2 * min(1, r)) for r in (low, high))
                    links = [link(spacing, coupling, error, pair)] * 2**levels
                    memory = ebit.Memory.perfect(2 ** sum(rounds))
                    schedule = ebit.schedules.Nested(distill=rounds)
                    name = f"{spacing:.1f} km, rounds {low}, then {high}"
                    yield ebit.RepeaterChain(links, memory, outcome(error, joined), schedule), name

    return cheapest(candidates(), length_km)


def second(length_km: float, coupling: float, error: float, encoded: bool) -> Found:
    """All stations at once, with and without a code."""

    def candidates() -> Iterator[tuple[ebit.RepeaterChain, str]]:
        for count in sorted({max(1, round(length_km / spacing)) for spacing in SPACINGS_KM}):
            links = [link(length_km / count, coupling, error)] * count
            if not encoded:
                yield ebit.RepeaterChain(links, ebit.Memory(), outcome(error)), f"{length_km / count:.1f} km"
                continue
            for name, code in CODES.items():
                encoding = ebit.Encoding(code, gate_error=error, measurement_error=error / 4, preparation_error=error)
                chain = ebit.RepeaterChain(links, ebit.Memory.perfect(code.size), swap(error), encoding=encoding)
                yield chain, f"{length_km / count:.1f} km, {name}"

    return cheapest(candidates(), length_km)


def third(length_km: float, coupling: float, error: float) -> Found:
    """One-way parity codes; an outcome is wrong by the gate and by the measurements, e/2 + 2 e/4."""
    start = ebit.EncodedChain(
        ebit.ParityCode(2, 2), ebit.EncodedChain.fiber_20_km(length_km), 10, error, coupling, LOCAL_S
    )
    # Where half the light is lost at every station no code helps, and bare photons are all there is.
    blocks, qubits = (1, 1) if coupling <= 0.5 else (16, 7)
    try:
        best = start.optimize(blocks, qubits)
    except ebit.errors.RangeError:
        return math.inf, "no key"
    code = best.code
    how = f"{best.spacing_km:.1f} km, ({code.blocks}, {code.qubits})" if code.size > 1 else "bare photons"
    return ebit.cost_coefficient(best.exact()), how


GENERATIONS: dict[str, Callable[[float, float, float], Found]] = {
    "first": first,
    "second, bare": lambda *given: second(*given, encoded=False),
    "second, encoded": lambda *given: second(*given, encoded=True),
    "third": third,
}


def draw(table: dict[str, dict[str, list[float]]]) -> None:
    """Draw cost against distance, one panel per hardware."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, len(table), figsize=(4 * len(table), 4.2), sharey=True)
    marks = dict(zip(GENERATIONS, ("o-", "v-", "s-", "D-"), strict=True))
    for panel, (hardware, rows) in zip(panels, table.items(), strict=True):
        for name, costs in rows.items():
            # No key, no point; a lone one must still be seen.
            panel.loglog(
                DISTANCES_KM, [c if math.isfinite(c) else math.nan for c in costs], marks[name], label=name, ms=4
            )
        coupling, error = HARDWARE[hardware]
        panel.set_title(f"{hardware}\n$\\eta_c$ = {coupling}, $\\epsilon$ = {error:g}", fontsize=10)
        panel.set_xlabel("distance in km")
        # Bare photons over a thousand kilometres are beyond any scale.
        panel.set_ylim(1e-6, 30)
        panel.grid(alpha=0.3)
    panels[0].set_ylabel("cost in qubit s per secret bit and km")
    panels[0].legend(fontsize=8)
    figure.tight_layout()
    figure.savefig("generations.png", dpi=120)


def main() -> None:
    """Print the least cost of each generation, and which is cheapest."""
    table: dict[str, dict[str, list[float]]] = {}
    for hardware, (coupling, error) in HARDWARE.items():
        print(f"{hardware}: coupling efficiency {coupling}, gate error {error:g}")
        table[hardware] = {name: [] for name in GENERATIONS}
        for distance in DISTANCES_KM:
            found = {name: of(distance, coupling, error) for name, of in GENERATIONS.items()}
            for name, (cost, _) in found.items():
                table[hardware][name].append(cost)
            least = min(found, key=lambda name: found[name])
            print(f"  {distance:6,} km  cheapest: {least if math.isfinite(found[least][0]) else 'none'}")
            for name, (cost, how) in found.items():
                print(f"             {name:16} {cost:9.3g}  {how}")
    if importlib.util.find_spec("matplotlib") is not None:
        draw(table)


if __name__ == "__main__":
    main()
