"""Post-processing of keys, from booleans to booleans."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

import ebit
from ebit import qkd

N, QBER = 100_000, 0.03


def pair(n: int = N) -> tuple[np.ndarray, np.ndarray]:
    """Two keys that differ in 3 % of their bits."""
    rng = np.random.default_rng(1)
    alice = rng.random(n) < 0.5
    return alice, alice ^ (rng.random(n) < QBER)


class Cascade:
    """A key of 1e5 bits."""

    params: ClassVar = ["original", "option-7", "option-8"]
    param_names: ClassVar = ["variant"]

    def setup(self, variant: str) -> None:
        self.alice, self.bob = pair()

    def time_cascade(self, variant: str) -> None:
        qkd.cascade(self.alice, self.bob, QBER, variant, rng=1)


class Toeplitz:
    """Half the bits are left."""

    params: ClassVar = [10_000, 1_000_000, 10_000_000]
    param_names: ClassVar = ["bits"]

    def setup(self, bits: int) -> None:
        rng = np.random.default_rng(2)
        self.key, self.seed = rng.random(bits) < 0.5, rng.random(bits + bits // 2 - 1) < 0.5

    def time_toeplitz(self, bits: int) -> None:
        qkd.toeplitz(self.key, self.seed, bits // 2)


class Session:
    """Pulses to keys: sifting, comparison, Cascade, hashing."""

    params: ClassVar = [1_000_000, 100_000_000]
    param_names: ClassVar = ["pulses"]

    def setup(self, pulses: int) -> None:
        self.line = qkd.DecoyBB84(fiber=ebit.Fiber(50.0), receiver_efficiency=0.5, misalignment=0.01)

    def time_run(self, pulses: int) -> None:
        self.line.run(pulses, rng=1, threads=1)


class Smoke:
    """A second's worth, for the test suite."""

    def time_keys(self) -> None:
        alice, bob = pair(10_000)
        r = qkd.cascade(alice, bob, QBER, rng=1)
        qkd.toeplitz(r.corrected, np.ones(15_000 - 1, bool), 5_000)
