"""Many shots of a circuit of Clifford gates with Pauli noise.

Shots are followed as Pauli frames (Gidney, doi:10.22331/q-2021-07-06-497): one noiseless shot is run on a stabilizer
state, and everything that makes other shots differ from it is tracked as bits, a thousand shots at a time. Unitaries
that are not Clifford gates, and conditions on other gates than Paulis, are refused: run those on a dense state.

>>> bell = Circuit("H 0\\nCX 0 1\\nM 0 1")
>>> bits = sample(bell, shots=1000, rng=7)
>>> bits.shape, bool((bits[:, 0] == bits[:, 1]).all())
((1000, 2), True)
"""

from __future__ import annotations

import os
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ebit import _core
from ebit._arguments import integer, shown
from ebit._core import Circuit
from ebit._rng import root_seed
from ebit.errors import RangeError, TooLargeError, WrongTypeError, complain
from ebit.simulate import MAX_THREADS, Progress, progress_bar

__all__ = ["sample", "sample_detectors"]

Order = Literal["shots", "measurements"]
Bits = NDArray[np.bool_] | NDArray[np.uint8]


def sample(
    circuit: Circuit,
    shots: int,
    rng: object = None,
    *,
    bit_packed: bool = False,
    order: Order = "shots",
    threads: int | None = None,
    progress: Progress = None,
) -> Bits:
    """Return measurement results of many shots.

    Parameters
    ----------
    circuit : Circuit
        Clifford gates, measurements, resets, Pauli noise and feedback; sweep bits are 0.
    shots : int
        How many; a smaller sample with the same seed is the beginning of a larger one.
    rng : int, SeedSequence, Generator or None
        The root of the random numbers; None takes the system's entropy.
    bit_packed : bool
        Eight bits a byte (uint8), the first one least significant, each line filled up with zeros.
    order : {"shots", "measurements"}
        Lines of the array: shape (shots, measurements) or (measurements, shots).
    threads : int, optional
        None for one per core; the results do not depend on it.
    progress : bool or callable, optional
        True shows a bar; a callable gets a fraction in [0, 1].

    Returns
    -------
    ndarray of bool, or of uint8 if packed

    Raises
    ------
    FormalismError
        A gate that is not Clifford.
    RangeError
        A lookback before the beginning, or a wrong argument.
    TooLargeError
        More results than there is memory.

    Examples
    --------
    >>> sample(Circuit("X 0\\nM 0 1 0"), shots=2, rng=1)
    array([[ True, False,  True],
           [ True, False,  True]])
    """
    (bits,) = _sample("sample", circuit, shots, rng, False, bit_packed, order, threads, progress)
    return bits


def sample_detectors(
    circuit: Circuit,
    shots: int,
    rng: object = None,
    *,
    separate_observables: bool = False,
    bit_packed: bool = False,
    order: Literal["shots", "detectors"] = "shots",
    threads: int | None = None,
    progress: Progress = None,
) -> Bits | tuple[Bits, Bits]:
    """Return which detectors fired in many shots: whether they differ from the noiseless circuit.

    Parameters are those of `sample`; lines with ``order="detectors"`` are detectors.

    Parameters
    ----------
    circuit : Circuit
        With DETECTOR and OBSERVABLE_INCLUDE.
    separate_observables : bool
        Also return the observables: a pair of arrays, of shapes (shots, detectors) and (shots, observables).

    Examples
    --------
    >>> circuit = Circuit("X_ERROR(1) 0\\nM 0 1\\nDETECTOR rec[-2]\\nDETECTOR rec[-1]\\nOBSERVABLE_INCLUDE(0) rec[-2]")
    >>> sample_detectors(circuit, shots=1, rng=1)
    array([[ True, False]])
    >>> sample_detectors(circuit, shots=1, rng=1, separate_observables=True)[1]
    array([[ True]])
    """
    lines: Order | object = "measurements" if order == "detectors" else order
    if order == "measurements":  # type: ignore[comparison-overlap]
        lines = None
    detectors, observables = _sample(
        "sample_detectors", circuit, shots, rng, True, bit_packed, lines, threads, progress
    )
    return (detectors, observables) if separate_observables else detectors


def _sample(
    name: str,
    circuit: object,
    shots: object,
    rng: object,
    detectors: bool,
    bit_packed: object,
    order: object,
    threads: object,
    progress: Progress,
) -> list[Bits]:
    if not isinstance(circuit, Circuit):
        raise complain(WrongTypeError, name, "circuit", "a Circuit", shown(circuit))
    count = integer(name, "shots", shots, 0)
    if order not in ("shots", "measurements"):
        words = "'shots' or 'detectors'" if detectors else "'shots' or 'measurements'"
        raise complain(RangeError, name, "order", words, shown(order))
    if not isinstance(bit_packed, bool):
        raise complain(WrongTypeError, name, "bit_packed", "True or False", shown(bit_packed))
    if threads is None:
        threads = min(os.cpu_count() or 1, MAX_THREADS)
    workers = integer(name, "threads", threads, 1, MAX_THREADS, "None for one per core")
    if progress is not None and not isinstance(progress, bool) and not callable(progress):
        raise complain(WrongTypeError, name, "progress", "True, False, None or a callable", shown(progress))
    columns = circuit.num_detectors + circuit.num_observables if detectors else circuit.num_measurements
    size = count * columns // (8 if bit_packed else 1)
    if size > _memory():
        hint = "sample fewer shots at a time, or bit_packed=True"
        raise complain(TooLargeError, name, "shots", "few enough for memory", f"{count} ({size} bytes)", hint)
    root = root_seed(rng, name)
    with progress_bar(progress, "sampling") as report:
        raw = _core.sample_circuit(circuit, count, root, workers, detectors, bit_packed, order == "shots", report)
    return [bits if bit_packed else bits.view(np.bool_) for bits in raw]


def _memory() -> int:
    """Return the bytes of this machine, where it tells."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 2**47
