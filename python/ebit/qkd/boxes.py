"""Boxes that nobody trusts, in the hands of whoever made them: answers that were decided before any question came.

A box that obeys quantum mechanics measures its half of a pair along the direction it is asked for. A box that its maker
programmed has an answer ready for every question, and cannot know what the other box is asked: then S is at most 2
(Bell 1964; Clauser, Horne, Shimony and Holt 1969, doi:10.1103/PhysRevLett.23.880). No answer is an answer too.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ebit._arguments import mask_of, probability
from ebit.qkd._columns import whole
from ebit.qkd.attacks import Eavesdropper

__all__ = ["TERMS", "Boxes", "LocalAnswers"]

Bytes = NDArray[np.uint8]
_Mask = NDArray[np.bool_]

#: A box asked so says nothing.
SILENT = 2
#: Questions that Alice's box, and Bob's, may be asked.
QUESTIONS = (3, 2)
#: Questions and signs in S.
TERMS = ((1, 0, 1), (1, 1, 1), (2, 0, 1), (2, 1, -1))


class Boxes:
    """Both boxes before they are asked, a batch of rounds at a time.

    Parameters
    ----------
    rounds : int
        How many.

    Examples
    --------
    >>> import numpy as np
    >>> from ebit.qkd import Boxes
    >>> boxes = Boxes(4)
    >>> boxes.answer(alice=[0, 0, 1], bob=[0, 1], where=np.array([True, False, False, True]))
    >>> len(boxes)
    4
    """

    def __init__(self, rounds: int) -> None:
        self._programmed = np.zeros(rounds, dtype=bool)
        self._answers = tuple(np.zeros((rounds, n), dtype=np.uint8) for n in QUESTIONS)
        self._note = np.zeros(rounds, dtype=np.uint8)

    def __len__(self) -> int:
        return len(self._programmed)

    def answer(self, alice: ArrayLike, bob: ArrayLike, where: _Mask | None = None) -> None:
        """Have the answers to all questions ready: 0, 1, or 2 for silence; one row, or one a round.

        Parameters
        ----------
        alice : array (3,) or (n, 3)
            To the key's direction, and to the two of the test.
        bob : array (2,) or (n, 2)
        where : bool array (n,), optional
            In which rounds; in the others the boxes measure their halves of a pair.
        """
        chosen = mask_of("Boxes", where, len(self))
        for name, given, answers in zip(("alice", "bob"), (alice, bob), self._answers, strict=True):
            rows = whole("Boxes.answer", name, given, answers.shape, SILENT, "0, 1, or 2 for silence")
            answers[chosen] = rows[chosen]
        self._programmed[chosen] = True

    def note(self, values: ArrayLike, where: _Mask | None = None) -> None:
        """Write down a number in [0, 127] for each round; what it tells of the bit is reckoned later."""
        numbers = whole("Boxes.note", "values", values, len(self), 127)
        chosen = mask_of("Boxes", where, len(self))
        self._note[chosen] = numbers[chosen].astype(np.uint8)


class LocalAnswers(Eavesdropper):
    """Made the boxes, and programmed a share of the rounds: always the same bit, whatever is asked.

    These rounds have no errors and S = 2, the most that answers decided beforehand can have; she knows their bits. With
    the share f, S becomes (1 - f) S + 2 f and the error rate (1 - f) Q; how often the boxes answer becomes
    (1 - f) eta + f.

    Parameters
    ----------
    fraction : float
        f, in [0, 1].

    Examples
    --------
    >>> LocalAnswers(fraction=0.2).fraction
    0.2
    """

    def __init__(self, fraction: float = 1.0) -> None:
        self.fraction = probability("LocalAnswers", "fraction", fraction)

    def boxes(self, boxes: Boxes, rng: np.random.Generator) -> None:
        """Decide on a random bit for each of her rounds."""
        n = len(boxes)
        hers, bit = rng.random(n) < self.fraction, rng.integers(0, 2, n)
        boxes.answer(np.repeat(bit[:, None], QUESTIONS[0], 1), np.repeat(bit[:, None], QUESTIONS[1], 1), hers)
        boxes.note(1 + bit, hers)
