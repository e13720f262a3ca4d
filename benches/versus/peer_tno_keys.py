"""Cascade of tno.quantum.communication.qkd_key_rate: its own block sizes, four passes as in the original."""

from __future__ import annotations

from time import process_time
from typing import Any

import keys_jobs as jobs
from scipy.special import entr
from tno.quantum.communication.qkd_key_rate.classical import Message, ParityStrategy, Permutations
from tno.quantum.communication.qkd_key_rate.classical.cascade import CascadeCorrector, CascadeReceiver, CascadeSender

PASSES = 4


def cascade(n: int, qber: float, keys: int, seed: int) -> dict[str, Any]:
    """Permutations and messages are made outside the clock."""
    cpu, left, exposed = 0.0, 0, 0
    for k in range(keys):
        alice, bob = jobs.pair(n, qber, seed * 1000 + k)
        permutations = Permutations.random_permutation(number_of_passes=PASSES, message_size=n)
        strategy = ParityStrategy(error_rate=qber, number_of_passes=PASSES)
        sender = CascadeSender(message=Message(alice.astype(int).tolist()), permutations=permutations)
        receiver = CascadeReceiver(
            message=Message(bob.astype(int).tolist()), permutations=permutations, parity_strategy=strategy
        )
        corrector = CascadeCorrector(alice=sender, bob=receiver)
        start = process_time()
        corrector.correct_errors()
        cpu += process_time() - start
        left += sender.message != receiver.message
        exposed += receiver.number_of_exposed_bits
    least = n * float(entr(qber) + entr(1 - qber)) / 0.6931471805599453
    return {"cpu_s": cpu, "work": keys * n, "keys": keys, "left": left, "f": exposed / (keys * least)}
