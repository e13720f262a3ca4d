"""Quantum key distribution: protocols on a line, how many secret bits they give, and what that rests on.

Post-processing works on one's own arrays: `cascade` makes two keys equal, `verify` says whether they are, `toeplitz`
makes a short secret key of them, and a `Ledger` counts all that became public meanwhile.
"""

from __future__ import annotations

from ebit.qkd.authentication import Authenticator
from ebit.qkd.ledger import Ledger, LedgerEntry
from ebit.qkd.postprocessing import Reconciled, Verified, cascade, ldpc, secret_length, toeplitz, verify, winnow

__all__ = [
    "Authenticator",
    "Ledger",
    "LedgerEntry",
    "Reconciled",
    "Verified",
    "cascade",
    "ldpc",
    "secret_length",
    "toeplitz",
    "verify",
    "winnow",
]
