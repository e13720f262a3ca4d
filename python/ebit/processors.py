"""Chains of processors: one communication qubit per node, so one link at a time; stored qubits suffer from attempts.

Nodes as colour centres and trapped ions with one optical interface: what emits photons is one qubit, and halves that
have to wait are moved out of its way into storage, which every further attempt disturbs.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ebit import _core
from ebit._arguments import integer, shown
from ebit._rng import root_seed
from ebit._spec import Spec, default
from ebit.chain_links import links_of
from ebit.chain_result import ChainResult
from ebit.chain_sampling import draw
from ebit.devices import Memory
from ebit.errors import WrongTypeError, complain
from ebit.link_model import LinkModel
from ebit.schedules import SwapAsap
from ebit.simulate import Progress
from ebit.states import BellDiagonal

__all__ = ["ProcessorChain", "ProcessorResult"]

#: Moves and swaps without noise.
PERFECT = BellDiagonal([1.0, 0.0, 0.0, 0.0])


class ProcessorResult(ChainResult):
    """What a sample of a ``ProcessorChain`` found; estimates and columns are those of ``ChainResult``."""

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Every ideal default in force, in words."""
        chain: Any = self.chain
        said = [] if chain.classical_delay else ["knowledge is instant (classical_delay False)"]
        for name in ("communication", "storage"):
            memory = getattr(chain, name)
            if memory.depolarizing_time_s is None:
                said.append(f"{name} qubits never relax (t1_s infinite)")
                if memory.t2_s is None:
                    said.append(f"{name} qubits keep their state for ever")
        if len(chain.links) > 1:
            said.append("moves and swaps always succeed")
            if chain.attempt_dephasing == 0.0:
                said.append("attempts do not disturb stored qubits (attempt_dephasing 0)")
            for name, words in (("store", "moves"), ("swap", "swaps")):
                if getattr(chain, name).fidelity == 1.0:
                    said.append(f"{words} are noiseless ({name} perfect)")
                if getattr(chain, f"{name}_time_s") == 0.0:
                    said.append(f"{words} take no time ({name}_time_s 0)")
        links = sorted({words for link in chain.links for words in link.physics["assumptions"]})
        return (*said, *links, "readout is perfect")


@dataclass(frozen=True)
class ProcessorChain(Spec):
    """A row of links between nodes that attempt with one neighbour at a time; one pair at a time, from empty memories.

    Links 0, 2, ... start at once. At their heralds inner nodes move their halves into storage; links 1, 3, ... start
    when both of their nodes are free, and their heralds are swapped at once with what is stored on either side. Moves
    and swaps always succeed. This is swap-asap of Coopmans et al. 2021 (doi:10.1038/s42005-021-00647-8, supplementary
    note 5).

    Parameters
    ----------
    links : sequence of LinkModel
        Link k joins nodes k and k + 1; they may differ. Their halves begin in communication qubits.
    communication, storage : Memory
        How either kind of qubit decays, without ``t1_s``; ``slots`` are not looked at. End nodes use communication
        qubits only.
    attempt_dephasing : float
        Probability in [0, 1/2] that an attempt of its node flips the phase of a stored qubit: each attempt leaves
        1 - 2p of its coherence.
    storage_rotated : bool
        Whether storage holds qubits behind a Hadamard gate, so that its dephasing flips bits of the pair, not phases.
    store : BellDiagonal
        What is left of Phi+ when one half of it is moved into storage.
    store_time_s : float
        Seconds of a move.
    swap : BellDiagonal
        The swap of two perfect pairs, one half in storage and one in the communication qubit.
    swap_time_s : float
        Seconds of a swap.
    classical_delay : bool
        Whether a pair is delivered when news of all swaps has reached both ends, at the speed of light in the links'
        fibres, or at the last swap.

    Examples
    --------
    >>> import ebit
    >>> link = ebit.HeraldedLink(success_probability=0.01, attempt_time_s=1e-4)
    >>> storage = ebit.Memory(t2_s=1.0)
    >>> chain = ProcessorChain([link] * 4, ebit.Memory(t2_s=0.1), storage, attempt_dephasing=1e-3)
    >>> r = chain.sample(20_000, rng=1)
    >>> print(f"{r.rate_hz} pairs/s, fidelity {r.fidelity}")
    35.0 ± 0.1 pairs/s, fidelity 0.7340 ± 0.0007
    """

    links: Sequence[LinkModel]
    communication: Memory
    storage: Memory
    attempt_dephasing: float = default("ProcessorChain", "attempt_dephasing")
    storage_rotated: bool = default("ProcessorChain", "storage_rotated")
    store: BellDiagonal = PERFECT
    store_time_s: float = default("ProcessorChain", "store_time_s")
    swap: BellDiagonal = PERFECT
    swap_time_s: float = default("ProcessorChain", "swap_time_s")
    classical_delay: bool = default("ProcessorChain", "classical_delay")

    def __post_init__(self) -> None:
        name = "ProcessorChain"
        object.__setattr__(self, "links", links_of(name, self.links))
        for field in ("communication", "storage"):
            if not isinstance(getattr(self, field), Memory):
                raise complain(WrongTypeError, name, field, "a Memory", shown(getattr(self, field)))
        super().__post_init__()
        for field in ("store", "swap"):
            if not isinstance(getattr(self, field), BellDiagonal):
                # Rust has judged the weights.
                object.__setattr__(self, field, BellDiagonal(list(getattr(self, field))))

    def to_dict(self) -> dict[str, Any]:
        """Return the chain as plain values."""
        out = super().to_dict()
        out["links"] = [link.tagged() for link in self.links]
        return out

    @property
    def schedule(self) -> SwapAsap:
        """Swap as soon as possible."""
        return SwapAsap()

    def sample(
        self, pairs: int = 20_000, *, rng: object = None, threads: int | None = None, progress: Progress = None
    ) -> ProcessorResult:
        """Draw pairs by Monte Carlo on all cores; failed attempts cost nothing.

        Parameters
        ----------
        pairs : int
            How many.
        rng : int, SeedSequence, Generator or None
            The result's ``seed`` repeats the run.
        threads : int, optional
            None: one per core. The number never changes a bit.
        progress : bool or callable, optional
            True shows a bar; a callable gets the fraction done.

        Returns
        -------
        ProcessorResult

        Raises
        ------
        SpecError
            Bad input, or a result that would not fit, refused before anything is drawn.
        Interrupted
            Ctrl-C; ``.results`` holds the finished blocks of pairs.
        """
        name = "ProcessorChain.sample"
        count, root = integer(name, "pairs", pairs, 1), root_seed(rng)
        return draw(
            name,
            count,
            threads,
            progress,
            lambda cores, report: _core.processor_sample(json.dumps(self.to_dict()), count, root, cores, report),
            lambda raw: ProcessorResult(self, "sampled", raw["formalism"], root, columns=raw),  # type: ignore[arg-type]
        )
