"""The account of a key: what became public about it, what older key it cost, and how long its messages took.

    purpose         disclosed bits   key bits   rounds
    parities                22,614          0       71
    verification                64          0        1

Every function that sends something about a key returns such an account, and what is left of a key is reckoned from the
sum of them and from nothing else. A round is a message and its answer: light goes there and back once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ebit._arguments import integer, real, shown
from ebit.errors import RangeError, WrongTypeError, complain
from ebit.units import light_time_s

__all__ = ["Ledger", "LedgerEntry"]

#: The most of anything on a line: whole numbers that arithmetic with fractions keeps apart.
MOST = 1 << 53


@dataclass(frozen=True)
class LedgerEntry:
    """A line of a ledger.

    Parameters
    ----------
    purpose : str
        ``sample``, ``parities``, ``syndrome``, ``revealed``, ``verification`` or ``authentication``.
    disclosed_bits : int
        Bits of information on the key that became public.
    key_bits : int
        Bits of older secret key that were used up.
    rounds : int
        Messages that had to be answered before the next.

    Examples
    --------
    >>> LedgerEntry("verification", disclosed_bits=64, key_bits=0, rounds=1).purpose
    'verification'
    """

    purpose: str
    disclosed_bits: int
    key_bits: int
    rounds: int

    def __post_init__(self) -> None:
        if not isinstance(self.purpose, str):
            raise complain(WrongTypeError, "LedgerEntry", "purpose", "a string", shown(self.purpose))
        for name in ("disclosed_bits", "key_bits", "rounds"):
            object.__setattr__(self, name, integer("LedgerEntry", name, getattr(self, name), 0, MOST))


@dataclass(frozen=True)
class Ledger:
    """Disclosed bits, spent key and rounds, one line for each purpose; ledgers add up.

    Parameters
    ----------
    entries : tuple of LedgerEntry

    Examples
    --------
    >>> parities = Ledger((LedgerEntry("parities", 22_614, 0, 71),))
    >>> tag = Ledger((LedgerEntry("verification", 64, 0, 1),))
    >>> both = parities + tag
    >>> both.disclosed_bits, both.rounds, round(both.light_time_s(100.0), 9)
    (22678, 72, 0.072)
    """

    entries: tuple[LedgerEntry, ...] = ()

    def __post_init__(self) -> None:
        words = "a tuple of LedgerEntry"
        if not isinstance(self.entries, (tuple, list)):
            raise complain(WrongTypeError, "Ledger", "entries", words, shown(self.entries))
        for entry in self.entries:
            if not isinstance(entry, LedgerEntry):
                raise complain(WrongTypeError, "Ledger", "entries", words, shown(entry), "Ledger.of takes tuples")
        object.__setattr__(self, "entries", tuple(self.entries))

    @classmethod
    def of(cls, lines: Iterable[tuple[str, int, int, int]]) -> Ledger:
        """Return the ledger of lines (purpose, disclosed bits, key bits, rounds).

        Parameters
        ----------
        lines : iterable of tuples

        Examples
        --------
        >>> Ledger.of([("verification", 64, 0, 1)]).disclosed_bits
        64
        """
        words = "tuples (purpose, disclosed bits, key bits, rounds)"
        if not isinstance(lines, Iterable):
            raise complain(WrongTypeError, "Ledger.of", "lines", words, shown(lines))
        entries = []
        for line in lines:
            if not isinstance(line, (tuple, list)) or len(line) != 4:
                raise complain(WrongTypeError, "Ledger.of", "lines", words, shown(line))
            entries.append(LedgerEntry(*line))
        return cls(tuple(entries))

    @property
    def disclosed_bits(self) -> int:
        """Bits of information on the key that became public, all purposes together."""
        return sum(e.disclosed_bits for e in self.entries)

    @property
    def key_bits(self) -> int:
        """Bits of older secret key that were used up."""
        return sum(e.key_bits for e in self.entries)

    @property
    def rounds(self) -> int:
        """Messages that had to be answered before the next."""
        return sum(e.rounds for e in self.entries)

    def __add__(self, other: Ledger) -> Ledger:
        lines: dict[str, LedgerEntry] = {}
        for e in (*self.entries, *other.entries):
            old = lines.get(e.purpose, LedgerEntry(e.purpose, 0, 0, 0))
            lines[e.purpose] = LedgerEntry(
                e.purpose, old.disclosed_bits + e.disclosed_bits, old.key_bits + e.key_bits, old.rounds + e.rounds
            )
        return Ledger(tuple(lines.values()))

    def light_time_s(self, length_km: float) -> float:
        """Return how long the rounds take over a fibre, in seconds: light there and back for each.

        Parameters
        ----------
        length_km : float
            Fibre length in km.

        Examples
        --------
        >>> round(Ledger.of([("parities", 1000, 0, 71)]).light_time_s(50.0), 9)
        0.0355
        """
        return 2.0 * self.rounds * light_time_s(length_km)

    def remaining(self, secret_bits: float) -> float:
        """Return what a key of so many secret bits is worth after this account; less than 0 where it cost more.

        Parameters
        ----------
        secret_bits : float
            Bits that could be extracted if nothing had been disclosed.

        Examples
        --------
        >>> Ledger.of([("parities", 1000, 0, 71), ("authentication", 0, 64, 0)]).remaining(5000.0)
        3936.0
        """
        return real("Ledger.remaining", "secret_bits", secret_bits) - self.disclosed_bits - self.key_bits

    def key_rate_hz(self, secret_bits: float, collection_time_s: float, length_km: float) -> float:
        """Return secret bits per second when a key is collected while the last one's messages travel.

        The rate is ``remaining(secret_bits)`` over the longer of the two times, 0 where nothing remains.

        Parameters
        ----------
        secret_bits : float
            Bits that could be extracted if nothing had been disclosed.
        collection_time_s : float
            Time in which the key's pulses are sent and detected.
        length_km : float
            Fibre length of the public channel.

        Examples
        --------
        >>> account = Ledger.of([("parities", 1000, 0, 71)])
        >>> f"{account.key_rate_hz(5000.0, collection_time_s=0.01, length_km=50.0):.0f}"
        '112676'
        """
        words = "finite and >= 0"
        if (seconds := real("Ledger.key_rate_hz", "collection_time_s", collection_time_s, words)) < 0.0:
            raise complain(RangeError, "Ledger.key_rate_hz", "collection_time_s", words, shown(collection_time_s))
        longest = max(seconds, self.light_time_s(length_km))
        if longest <= 0.0:
            raise complain(
                RangeError, "Ledger.key_rate_hz", "collection_time_s", "> 0 where messages take no time", "0"
            )
        return max(0.0, self.remaining(secret_bits)) / longest
