"""A repeater chain simulated the slow way, from the sentences of the manual and nothing else.

Every attempt is an event, every qubit is followed by itself, and every pair is a dense two-qubit density matrix. Time
is an integer count of microseconds. Nothing here knows how the engine under test is built: there is no registry of
pairs and no lazy decay; who is joined with whom is found by walking from qubit to qubit.

::

    node 0        node 1        node 2
      L ---link 0--- R   L ---link 1--- R       L and R: the two halves of an elementary pair

Readings taken where the manual is brief: without classical delay, a segment in a swap that takes time is busy at both
of its ends, and is waited for (with it, the far end cannot know); an end keeps its half until the pair is delivered; of
halves heralded at once the first in memory is the oldest, whatever happens to their other ends.

Slow measurements can overlap, with classical delay: both halves of a pair are under measurement at once. The manual
says that measured halves age up to the *start* of their swap, what follows being part of its fidelity, and that the
outer halves go on ageing; and that with classical delay a swap is carried out when it starts. So a half ages to the
start of its own measurement and no further, also if the measurement of its partner ends later, and a swap acts on the
state at its start. (An earlier version aged the partner to the end of the swap, past its own measurement: against the
first of these sentences.) Without classical delay a swap acts when it is done.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

MICROSECOND = 1e-6

ARRIVALS, CUTOFFS = 0, 2


@dataclass(frozen=True)
class Memory:
    slots: int = 1
    t1_s: float | None = None
    t2_s: float | None = None
    depolarizing_time_s: float | None = None


@dataclass(frozen=True)
class Swap:
    success_probability: float = 1.0
    fidelity: float = 1.0
    duration: int = 0


@dataclass(frozen=True)
class Link:
    success_probability: float
    attempt: int
    weights: tuple[float, float, float, float] = (1.0, 0.0, 0.0, 0.0)
    herald_age: int = 0
    light: int = 0


@dataclass(frozen=True)
class Chain:
    """``memories[k]`` and ``swaps[k]`` sit at node k; ``links[k]`` joins nodes k and k + 1."""

    links: tuple[Link, ...]
    memories: tuple[Memory, ...]
    swaps: tuple[Swap, ...]
    restart: bool = False
    delay: bool = False
    cutoff: int | None = None

    @property
    def last(self) -> int:
        return len(self.links)


@dataclass(eq=False)
class Qubit:
    """One half of an elementary pair."""

    node: int
    link: int
    born: int
    partner: Qubit = None  # type: ignore[assignment]
    #: The qubit it was measured with, once it was, and how that went.
    measured_with: Qubit | None = None
    swap_worked: bool = False
    swap_start: int = -1
    swap_end: int = -1
    busy: bool = False
    #: Messages that come in the middle of its measurement go on when that is over.
    mail: list[tuple[int, bool, set[int]]] = field(default_factory=list)
    #: Its slot was given back without a measurement.
    freed: bool = False
    #: Nodes whose successful swaps are known here, and corrections applied here: (time, node of the swap).
    heard: set[int] = field(default_factory=set)
    corrected: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True)
class Delivery:
    """When everything happened to the elementary pairs of one delivered pair."""

    time: int
    born: tuple[int, ...]
    #: Per inner node: start and end of its swap.
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    #: With classical delay: (time, node of the swap, link whose right half was corrected).
    corrections: tuple[tuple[int, int, int], ...] = ()


class Draws:
    """Independent Bernoulli draws, and how far each kind of them has strayed from its expectation.

    ``surprise`` adds up (outcome - probability) per link and per node, and there per circumstance under which the draw
    was made: which links had a pair then, how long the segments were that a swap joined. All of that is known before
    the draw, so each sum is a martingale: its expectation is zero at any instant one stops at.
    """

    def __init__(self, chain: Chain, seed: int) -> None:
        self._uniform = self._stream(np.random.Generator(np.random.PCG64(np.random.SeedSequence([20_240_117, seed]))))
        self._p = [link.success_probability for link in chain.links]
        self._q = [swap.success_probability for swap in chain.swaps]
        self.surprise: dict[tuple[Any, ...], float] = {}

    @staticmethod
    def _stream(rng: np.random.Generator) -> Iterator[float]:
        while True:
            yield from rng.random(65_536).tolist()

    def attempt(self, link: int, occupied: tuple[bool, ...]) -> bool:
        return self._draw(self._p[link], ("link", link, occupied))

    def swap(self, node: int, joined: tuple[int, int]) -> bool:
        return self._draw(self._q[node], ("node", node, joined))

    def _draw(self, probability: float, kind: tuple[Any, ...]) -> bool:
        if probability == 1.0:
            return True
        outcome = next(self._uniform) < probability
        self.surprise[kind] = self.surprise.get(kind, 0.0) + outcome - probability
        return outcome


class Simulator:
    def __init__(self, chain: Chain, draws: Any) -> None:
        self.chain, self.draws = chain, draws
        self.now = 0
        self.events: list[tuple[int, int, int, str, Any]] = []
        self.counter = itertools.count()
        #: free[link] = [slots at its left node, slots at its right node]
        self.free = [[chain.memories[k].slots, chain.memories[k + 1].slots] for k in range(chain.last)]
        #: Per node: halves of the link to its left, and to its right, oldest first.
        self.to_left: list[list[Qubit]] = [[] for _ in range(chain.last + 1)]
        self.to_right: list[list[Qubit]] = [[] for _ in range(chain.last + 1)]
        self.deliveries: list[Delivery] = []
        self.swaps: list[tuple[int, int, bool]] = []
        self.dropped: list[int] = []

    # -- the loop ---------------------------------------------------------------------------------------------------

    def run(self, pairs: int) -> Iterator[Delivery]:
        for link in range(self.chain.last):
            self.start_attempts(link)
        told = 0
        while told < pairs:
            if not self.events:
                raise RuntimeError("everyone waits")
            self.now = self.events[0][0]
            # Attempts that end and messages that arrive; then the scan; then cut-offs.
            while self.events and self.events[0][:2] == (self.now, ARRIVALS):
                while self.events and self.events[0][:2] == (self.now, ARRIVALS):
                    _, _, _, what, about = heapq.heappop(self.events)
                    getattr(self, what)(about)
                self.scan()
            while self.events and self.events[0][0] == self.now and self.events[0][1] == CUTOFFS:
                _, _, _, what, about = heapq.heappop(self.events)
                getattr(self, what)(about)
            while told < min(pairs, len(self.deliveries)):
                yield self.deliveries[told]
                told += 1

    def schedule(self, time: int, priority: int, what: str, about: Any) -> None:
        heapq.heappush(self.events, (time, priority, next(self.counter), what, about))

    # -- links ------------------------------------------------------------------------------------------------------

    def start_attempts(self, link: int) -> None:
        left, right = self.free[link]
        for _ in range(min(left, right)):
            self.free[link][0] -= 1
            self.free[link][1] -= 1
            self.schedule(self.now + self.chain.links[link].attempt, ARRIVALS, "attempt_ends", link)

    def attempt_ends(self, link: int) -> None:
        occupied = tuple(bool(self.to_right[k] or self.to_left[k + 1]) for k in range(self.chain.last))
        if not self.draws.attempt(link, occupied):
            self.schedule(self.now + self.chain.links[link].attempt, ARRIVALS, "attempt_ends", link)
            return
        left, right = Qubit(link, link, self.now), Qubit(link + 1, link, self.now)
        left.partner, right.partner = right, left
        self.to_right[link].append(left)
        self.to_left[link + 1].append(right)
        if self.chain.last == 1:
            self.deliver(left, right)
            return
        if self.chain.cutoff is not None:
            self.schedule(self.now + self.chain.cutoff, CUTOFFS, "cutoff", left)

    # -- segments ---------------------------------------------------------------------------------------------------

    @staticmethod
    def far_end(qubit: Qubit) -> Qubit:
        """The other end of the segment that begins with this qubit."""
        end = qubit.partner
        while end.measured_with is not None and end.swap_worked:
            end = end.measured_with.partner
        return end

    def segment(self, qubit: Qubit) -> tuple[Qubit, Qubit]:
        """Left and right end of the segment that this qubit is in, or was swapped into."""
        left = qubit if qubit.node == qubit.link else qubit.partner
        return self.far_end(left.partner), self.far_end(left)

    def pairs_of(self, left: Qubit) -> list[Qubit]:
        """Left halves of the elementary pairs of a segment."""
        halves = [left]
        while halves[-1].partner.measured_with is not None and halves[-1].partner.swap_worked:
            halves.append(halves[-1].partner.measured_with)
        return halves

    # -- memories ---------------------------------------------------------------------------------------------------

    def slot_free(self, qubit: Qubit) -> None:
        self.free[qubit.link][0 if qubit.node == qubit.link else 1] += 1
        capacity = self.chain.memories[qubit.node].slots
        assert self.free[qubit.link][0 if qubit.node == qubit.link else 1] <= capacity
        self.start_attempts(qubit.link)

    def forget(self, qubit: Qubit) -> None:
        """A half that nobody measured is thrown away."""
        if qubit.freed or qubit.measured_with is not None:
            return
        qubit.freed = True
        (self.to_right if qubit.node == qubit.link else self.to_left)[qubit.node].remove(qubit)
        if not self.chain.restart:
            self.slot_free(qubit)

    def empty(self, left: Qubit, right: Qubit) -> None:
        """A segment, the elementary pairs of which are ``pairs_of(left)``, is no more; everybody knows."""
        pairs = self.pairs_of(left)
        self.forget(left)
        self.forget(right)
        if self.chain.restart:
            for half in pairs:
                self.free[half.link] = [1, 1]
            for half in pairs:
                self.start_attempts(half.link)

    # -- swaps ------------------------------------------------------------------------------------------------------

    def scan(self) -> None:
        for node in range(1, self.chain.last):
            while True:
                # Halves under measurement here have left the queue; the oldest of the others is waited for.
                left = next((q for q in self.to_left[node] if not q.busy), None)
                right = next((q for q in self.to_right[node] if not q.busy), None)
                if left is None or right is None or self.is_busy(left) or self.is_busy(right):
                    break
                left.busy = right.busy = True
                left.swap_start = right.swap_start = self.now
                duration = self.chain.swaps[node].duration
                if duration == 0:
                    self.swap_ends((left, right))
                else:
                    self.schedule(self.now + duration, ARRIVALS, "swap_ends", (left, right))

    def is_busy(self, qubit: Qubit) -> bool:
        if self.chain.delay:
            return qubit.busy
        return qubit.busy or (self.far_end(qubit).busy and self.far_end(qubit).measured_with is None)

    def swap_ends(self, halves: tuple[Qubit, Qubit]) -> None:
        left, right = halves
        node = left.node
        # What each segment was, before its near half is measured.
        a, b = self.far_end(left), self.far_end(right)
        whole = (a, left), (right, b)
        works = self.draws.swap(node, (node - a.node, b.node - node))
        self.swaps.append((self.now, node, works))
        self.to_left[node].remove(left)
        self.to_right[node].remove(right)
        for one, other in ((left, right), (right, left)):
            one.measured_with, one.swap_worked, one.swap_end = other, works, self.now
        if self.chain.delay:
            self.tell(left.partner, node, works, right.heard)
            self.tell(right.partner, node, works, left.heard)
            for half in halves:
                for letter in half.mail:
                    self.message((half, *letter))
        elif not works:
            for one, other in whole:
                self.empty(one, other)
        if not self.chain.restart:
            self.slot_free(left)
            self.slot_free(right)
        if works and not self.chain.delay and a.node == 0 and b.node == self.chain.last:
            self.deliver(a, b)
        if works and self.chain.cutoff is not None:
            oldest = min(half.born for half in self.pairs_of(self.segment(left)[0]))
            self.schedule(max(self.now, oldest + self.chain.cutoff), CUTOFFS, "cutoff", left)

    def cutoff(self, qubit: Qubit) -> None:
        left, right = self.segment(qubit)
        ends = (left.node, right.node)
        swapped = left.measured_with is not None or right.measured_with is not None
        if swapped or left.freed or right.freed or left.busy or right.busy or ends == (0, self.chain.last):
            return
        assert self.chain.cutoff is not None
        if self.now - min(half.born for half in self.pairs_of(left)) >= self.chain.cutoff:
            self.dropped.append(self.now)
            self.empty(left, right)

    # -- classical messages: from node to node, each hop takes its light time ------------------------------

    def tell(self, half: Qubit, node: int, works: bool, heard: set[int]) -> None:
        """A swap at ``node`` tells the other half of the pair it measured; that is one hop away."""
        arrival = self.now + self.chain.links[half.link].light
        self.schedule(arrival, ARRIVALS, "message", (half, node, works, heard | {node}))

    def message(self, about: tuple[Qubit, int, bool, set[int]]) -> None:
        half, node, works, heard = about
        if half.busy and half.measured_with is None:
            half.mail.append((node, works, heard))
            return
        if half.measured_with is not None:
            onward = half.measured_with.partner
            # After a failed swap here the next node has been told the worst already.
            if half.swap_worked:
                arrival = self.now + self.chain.links[onward.link].light
                self.schedule(arrival, ARRIVALS, "message", (onward, node, works, heard))
            return
        if half.freed:
            return
        if not works:
            self.forget(half)
            return
        half.heard |= heard
        if half.node > half.link:
            half.corrected.append((self.now, node))
        if half.node in (0, self.chain.last):
            other = self.far_end(half)
            everything = set(range(1, self.chain.last))
            whole = {half.node, other.node} == {0, self.chain.last} and not other.freed
            if whole and half.heard >= everything and other.heard >= everything:
                self.deliver(*((half, other) if half.node == 0 else (other, half)))

    # -- delivery ---------------------------------------------------------------------------------------------------

    def deliver(self, left: Qubit, right: Qubit) -> None:
        pairs = self.pairs_of(left)
        inner = [half.partner for half in pairs[:-1]]
        corrections = [(time, node, half.link) for half in pairs for time, node in half.partner.corrected]
        self.deliveries.append(
            Delivery(
                self.now,
                tuple(half.born for half in pairs),
                tuple(q.swap_start for q in inner),
                tuple(q.swap_end for q in inner),
                tuple(sorted(corrections)),
            )
        )
        self.empty(left, right)


# -- states: arrays (n, 2, 2, 2, 2), indices left, right, left', right' of rho -----------------------------------

BELL = np.array([[[1, 0], [0, 1]], [[1, 0], [0, -1]], [[0, 1], [1, 0]], [[0, 1], [-1, 0]]], dtype=complex) / np.sqrt(2)
X = np.array([[0, 1], [1, 0]], dtype=complex)
Z = np.diag([1.0 + 0j, -1.0])
#: The operator on the right-hand qubit that turns a Bell state into Phi+.
CORRECTION = [np.eye(2, dtype=complex), Z, X, Z @ X]
LEFT, RIGHT = 0, 1


def bell_mixture(weights: tuple[float, ...], count: int) -> np.ndarray:
    rho = sum(w * np.einsum("ab,cd->abcd", v, v.conj()) for w, v in zip(weights, BELL, strict=True))
    return np.broadcast_to(rho, (count, 2, 2, 2, 2)).copy()


def rest(rho: np.ndarray, side: int, memory: Memory, microseconds: np.ndarray) -> np.ndarray:
    """One half waits in memory."""
    t = np.asarray(microseconds, dtype=float) * MICROSECOND
    assert np.all(t >= 0)

    def kept(time_s: float | None) -> np.ndarray:
        return np.exp(-t / time_s)[:, None, None] if time_s is not None else np.ones((len(t), 1, 1))

    ket, bra = (1, 3) if side == LEFT else (2, 4)
    rho = np.moveaxis(rho, (ket, bra), (1, 2)).copy()
    rest_of = rho.shape[1:3]
    assert rest_of == (2, 2)
    if memory.depolarizing_time_s is not None:
        k = kept(memory.depolarizing_time_s)
        mean = (rho[:, 0, 0] + rho[:, 1, 1]) / 2
        rho *= k[..., None, None]
        rho[:, 0, 0] += (1 - k) * mean
        rho[:, 1, 1] += (1 - k) * mean
    population, coherence = kept(memory.t1_s), kept(memory.t2_s)
    rho[:, 0, 0] += (1 - population) * rho[:, 1, 1]
    rho[:, 1, 1] *= population
    rho[:, 0, 1] *= coherence
    rho[:, 1, 0] *= coherence
    return np.moveaxis(rho, (1, 2), (ket, bra))


def correct(rho: np.ndarray, outcome: int) -> np.ndarray:
    c = CORRECTION[outcome]
    return np.einsum("rs,zlsmt,qt->zlrmq", c, rho, c.conj(), optimize=True)


def measure(left: np.ndarray, right: np.ndarray, outcome: int) -> np.ndarray:
    """Bell measurement of the inner halves with this outcome; not normalised."""
    b = BELL[outcome]
    half = np.einsum("ab,zlamc,cd->zbdlm", b.conj(), left, b, optimize=True)
    return np.einsum("zbdlm,zbrds->zlrms", half, right, optimize=True)


def noisy(rho: np.ndarray, fidelity: float) -> np.ndarray:
    v = (4 * fidelity - 1) / 3
    trace = np.einsum("zlrlr->z", rho)
    return v * rho + (1 - v) * trace[:, None, None, None, None] * np.eye(4).reshape(2, 2, 2, 2) / 4


def read(rho: np.ndarray) -> np.ndarray:
    """Columns fidelity, qber_x, qber_z, trace."""
    w = [np.einsum("ab,zabcd,cd->z", v.conj(), rho, v, optimize=True).real for v in BELL]
    return np.stack([w[0], w[1] + w[3], w[2] + w[3], sum(w)], axis=1)


def states(chain: Chain, deliveries: list[Delivery]) -> np.ndarray:
    """Fidelity, qber_x and qber_z of each delivery, averaged over the outcomes of its Bell measurements."""
    out = np.empty((len(deliveries), 3))
    # Deliveries in which the same things happened in the same order are computed together.
    alike: dict[tuple[Any, ...], list[int]] = {}
    for k, d in enumerate(deliveries):
        alike.setdefault(order_of_events(chain, d), []).append(k)
    for order, members in alike.items():
        group = [deliveries[k] for k in members]
        outcomes = itertools.product(range(4), repeat=chain.last - 1) if chain.delay and relaxing(chain) else [None]
        out[members] = sum(one_story(chain, group, order, outcome) for outcome in outcomes)[:, :3]
    return out


def states_by_outcome(chain: Chain, delivery: Delivery) -> tuple[np.ndarray, np.ndarray]:
    """Probability, and fidelity, qber_x and qber_z, of a delivery for each sequence of Bell outcomes."""
    order = order_of_events(chain, delivery)
    outcomes = itertools.product(range(4), repeat=chain.last - 1)
    rows = np.concatenate([one_story(chain, [delivery], order, outcome) for outcome in outcomes])
    return rows[:, 3], rows[:, :3] / rows[:, 3:]


def order_of_events(chain: Chain, delivery: Delivery) -> tuple[Any, ...]:
    """Swaps (0, node, -1) and corrections (-1, node of the swap, link) in order of time."""
    steps = [(time, 0, node + 1, -1) for node, time in enumerate(acts(chain, delivery))]
    if relaxing(chain):
        # Pauli noise does not care when a correction comes.
        steps += [(time, -1, node, link) for time, node, link in delivery.corrections]
    return tuple(step[1:] for step in sorted(steps))


def acts(chain: Chain, delivery: Delivery) -> tuple[int, ...]:
    """Per inner node: when its swap is carried out."""
    return delivery.starts if chain.delay else delivery.ends


def relaxing(chain: Chain) -> bool:
    return any(memory.t1_s is not None for memory in chain.memories)


def one_story(
    chain: Chain, group: list[Delivery], order: tuple[Any, ...], outcomes: tuple[int, ...] | None
) -> np.ndarray:
    """Weights of one sequence of Bell outcomes (None: all, each corrected at once), all qubits aged step by step."""
    born = np.array([d.born for d in group])
    start, act = np.array([d.starts for d in group]), np.array([acts(chain, d) for d in group])
    time = np.array([d.time for d in group])
    #: Left node -> [right node, state, when the left and right halves were last aged]
    segments: dict[int, list[Any]] = {}
    for k, link in enumerate(chain.links):
        rho = bell_mixture(link.weights, len(group))
        age = np.full(len(group), link.herald_age)
        for side in (LEFT, RIGHT):
            rho = rest(rho, side, chain.memories[k + side], age)
        segments[k] = [k + 1, rho, [born[:, k].copy(), born[:, k].copy()]]

    def age_to(left: int, side: int, until: np.ndarray) -> None:
        right, rho, aged = segments[left]
        segments[left][1] = rest(rho, side, chain.memories[right if side else left], until - aged[side])
        aged[side] = until

    for _, node, link in order:
        if link >= 0:
            if outcomes is None:
                continue
            # The message about the swap at `node` reaches the right half of `link`.
            when = np.array([next(c[0] for c in d.corrections if c[1:] == (node, link)) for d in group])
            left = next(k for k, segment in segments.items() if segment[0] == link + 1)
            age_to(left, RIGHT, when)
            segments[left][1] = correct(segments[left][1], outcomes[node - 1])
            continue
        left = next(k for k, segment in segments.items() if segment[0] == node)
        age_to(left, RIGHT, start[:, node - 1])
        age_to(node, LEFT, start[:, node - 1])
        age_to(left, LEFT, act[:, node - 1])
        age_to(node, RIGHT, act[:, node - 1])
        right = segments.pop(node)
        a, b = segments[left][1], right[1]
        rho = (
            sum(correct(measure(a, b, k), k) for k in range(4))
            if outcomes is None
            else measure(a, b, outcomes[node - 1])
        )
        rho = noisy(rho, chain.swaps[node].fidelity)
        segments[left] = [right[0], rho, [segments[left][2][LEFT], right[2][RIGHT]]]
    age_to(0, LEFT, time)
    age_to(0, RIGHT, time)
    return read(segments[0][1])
