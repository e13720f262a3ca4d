"""Syndrome decoding by the package ldpc: min-sum on a random code with the degrees of ours and as many checks."""

from __future__ import annotations

from math import ceil, log2
from time import process_time
from typing import Any

import keys_jobs as jobs
import numpy as np
from ldpc import BpDecoder
from scipy.sparse import csr_matrix

#: Keys of one run: each takes seconds.
MOST_KEYS = 4
#: Shares of columns by degree.
DEGREES = {2: 0.15, 3: 0.65, 12: 0.20}


def matrix(n: int, checks: int) -> csr_matrix:
    """Sockets of columns joined to sockets of checks at random; what meets twice cancels."""
    rng = np.random.default_rng(n)
    degrees = np.concatenate([np.full(round(share * n), degree) for degree, share in DEGREES.items()])
    columns = np.repeat(np.arange(n), degrees)
    rows = rng.permutation(np.arange(len(columns)) % checks)
    h = csr_matrix((np.ones(len(columns), np.uint8), (rows, columns)), shape=(checks, n))
    h.data %= 2
    h.eliminate_zeros()
    return h


def ldpc(n: int, qber: float, efficiency: float, keys: int, seed: int) -> dict[str, Any]:
    """Decode the difference of the keys from the difference of their syndromes; making the decoder is not timed."""
    checks = ceil(efficiency * n * -(qber * log2(qber) + (1 - qber) * log2(1 - qber)))
    h = matrix(n, checks)
    # Its parallel schedule takes more iterations and a third of the time.
    decoder = BpDecoder(
        h, error_rate=qber, max_iter=120, bp_method="minimum_sum", ms_scaling_factor=0.75, schedule="parallel"
    )
    left, cpu = 0, 0.0
    keys = min(keys, MOST_KEYS)
    for k in range(keys):
        alice, bob = jobs.pair(n, qber, seed * 1000 + k)
        start = process_time()
        syndrome = (h @ (alice ^ bob).astype(np.uint8)) % 2
        found = decoder.decode(syndrome.astype(np.uint8))
        left += not np.array_equal(found == 1, alice ^ bob)
        cpu += process_time() - start
    return {"cpu_s": cpu, "work": keys * n, "keys": keys, "left": left, "f": efficiency}
