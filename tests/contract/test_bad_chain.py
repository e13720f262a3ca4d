"""Mistakes in a repeater chain: each names object, parameter, range, value, and helps."""

# ruff: noqa: E501

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

import ebit
from ebit.errors import NeverSucceedsError, RangeError, SpecError, TooLargeError, WrongTypeError

LINK = ebit.HeraldedLink(success_probability=0.1, attempt_time_s=1e-3)
MEMORY = ebit.Memory(t2_s=1.0)
SOURCE = ebit.MidpointSource(fiber=ebit.Fiber(20.0), detector=ebit.Detector(0.9), pair_probability=0.1)
CLICK = ebit.SingleClick(fiber=ebit.Fiber(20.0), detector=ebit.Detector(0.9), bright_state_population=0.1)
ASAP, NESTED = ebit.schedules.SwapAsap(), ebit.schedules.Nested
CLICK = ebit.SingleClick(fiber=ebit.Fiber(1.0), detector=ebit.Detector(0.9), bright_state_population=0.1)
TREE, SEQUENTIAL = ebit.schedules.Tree, ebit.schedules.Sequential


def deep(levels: int) -> Any:
    tree: Any = 0
    for link in range(1, levels + 1):
        tree = (tree, link)
    return tree


def chain(links: Any = (LINK,) * 4, memory: Any = MEMORY, **options: Any) -> ebit.RepeaterChain:
    return ebit.RepeaterChain(links=links, memory=memory, **options)


def pipelined(schedule: Any, restart: bool = False) -> object:
    net = ebit.Network.chain(nodes=5, link=LINK, memory=MEMORY)
    return ebit.simulate(net, [ebit.Request("n0", "n4", pairs=5, restart=restart, schedule=schedule)])


def link(p: float, attempt_s: float = 1e-3) -> ebit.HeraldedLink:
    return ebit.HeraldedLink(success_probability=p, attempt_time_s=attempt_s)


CASES: list[tuple[str, Callable[[], object], type[SpecError], str, str, str, str]] = [
    # name, call, kind, object, parameter, part of the range, part of the value
    ("no links", lambda: chain([]), RangeError, "RepeaterChain", "links", "at least one", "none"),
    ("a link by name", lambda: chain(["x"]), WrongTypeError, "RepeaterChain", "links[0]", "a link model", "'x'"),
    ("links a string", lambda: chain("abc"), WrongTypeError, "RepeaterChain", "links", "a list of link models", "'abc'"),
    ("links a number", lambda: chain(3), WrongTypeError, "RepeaterChain", "links", "a list of link models", "3"),
    ("memory a number", lambda: chain(memory=3), WrongTypeError, "RepeaterChain", "memory", "a Memory", "3"),
    ("schedule a word", lambda: chain(schedule="asap"), WrongTypeError, "RepeaterChain", "schedule", "a schedule", "'asap'"),
    ("end memory", lambda: chain(end_memory="drop"), RangeError, "RepeaterChain", "end_memory", "store", "drop"),
    ("three nested links", lambda: chain([LINK] * 3, schedule=NESTED()), RangeError, "RepeaterChain", "links", "2^k links", "3"),
    ("cut-offs of the wrong length", lambda: chain(schedule=NESTED(cutoffs_s=[1e-2])), RangeError, "RepeaterChain", "schedule.cutoffs_s", "length 2", "1 entries"),
    ("distill of the wrong length", lambda: chain(schedule=NESTED(distill=[1, 0, 0])), RangeError, "RepeaterChain", "schedule.distill", "length 2", "3 entries"),
    ("negative cut-off", lambda: NESTED(cutoffs_s=[-1.0]), RangeError, "Nested", "cutoffs_s[0]", "> 0", "-1"),
    ("NaN cut-off", lambda: NESTED(cutoffs_s=[math.nan]), RangeError, "Nested", "cutoffs_s[0]", "> 0", "nan"),
    ("negative rounds", lambda: NESTED(distill=[-1]), RangeError, "Nested", "distill[0]", "[0, 30]", "-1"),
    ("unknown protocol", lambda: NESTED(protocol="dejmp"), SpecError, "Nested", "protocol", "dejmps", "dejmp"),
    ("distil measured ends", lambda: chain(memory=ebit.Memory(slots=2), schedule=NESTED(distill=[1, 0]), end_memory="measured"), RangeError, "RepeaterChain", "end_memory", "'store'", "'measured'"),
    ("too few slots to distil", lambda: chain(schedule=NESTED(distill=[2, 0])), RangeError, "RepeaterChain", "memory.slots", ">= 4", "1"),
    ("a link that never succeeds", lambda: chain([LINK, link(0.0)]).exact(), NeverSucceedsError, "RepeaterChain", "links[1].success_probability", "> 0", "0"),
    ("a swap that never succeeds", lambda: chain(swap=ebit.Swap(0.0)).sample(10), NeverSucceedsError, "RepeaterChain", "swap.success_probability", "> 0", "0"),
    ("p = 1e-300", lambda: chain([link(1e-300)] * 2).exact(), TooLargeError, "RepeaterChain.exact", "lattice", "<= 4e9 bytes", "bytes"),
    ("attempt times without a common step", lambda: chain([link(0.01), link(0.01, 1.000000001e-3)]).exact(), TooLargeError, "RepeaterChain.exact", "lattice", "<= 4e9 bytes", "steps"),
    ("DEJMPS twice with finite T1", lambda: chain(memory=ebit.Memory(slots=4, t1_s=1.0), schedule=NESTED(distill=[1, 1])).exact(), RangeError, "RepeaterChain.exact", "memory.t1_s", "infinite for exact() with DEJMPS in more than one round", "finite"),
    ("swap-asap with a long cut-off", lambda: chain(schedule=ebit.schedules.SwapAsap(10.0)).exact(), TooLargeError, "RepeaterChain.exact", "states", "<= 1e9 bytes", "e11 bytes"),
    ("swap-asap whose swaps take time", lambda: chain(swap=ebit.Swap(0.5, duration_s=1e-3)).exact(), RangeError, "RepeaterChain.exact", "swap", "instantaneous", "another"),
    ("swap-asap that fails", lambda: chain([LINK] * 20, swap=ebit.Swap(0.5)).exact(), TooLargeError, "RepeaterChain.exact", "states", "<= 1e9 bytes", "bytes"),
    ("classical delay", lambda: chain(classical_delay=True).exact(), RangeError, "RepeaterChain", "classical_delay", "False", "True"),
    ("tolerance 0", lambda: chain().exact(tolerance=0.0), RangeError, "RepeaterChain.exact", "tolerance", "[1e-12, 1)", "0"),
    ("tolerance a word", lambda: chain().exact(tolerance="x"), WrongTypeError, "RepeaterChain.exact", "tolerance", "a float", "'x'"),  # type: ignore[arg-type]
    ("no pairs", lambda: chain().sample(0), RangeError, "RepeaterChain.sample", "pairs", ">= 1", "0"),
    ("neither pairs nor rel", lambda: chain().sample(), RangeError, "RepeaterChain.sample", "pairs", "or rel", "None"),
    ("1e12 pairs", lambda: chain().sample(10**12), TooLargeError, "RepeaterChain.sample", "pairs", "<= ", "1000000000000"),
    ("rel 2", lambda: chain().sample(rel=2.0), RangeError, "RepeaterChain.sample", "rel", "(0, 1)", "2.0"),
    ("evaluate to rel 0", lambda: chain().evaluate(0.0), RangeError, "RepeaterChain.evaluate", "rel", "(0, 1)", "0.0"),
    ("seed -1", lambda: chain().sample(10, rng=-1), RangeError, "simulate", "rng", "[0, 2^128)", "-1"),
    ("measured ends, pipelined", lambda: ebit.Request("n0", "n4", pairs=5, end_memory="measured"), RangeError, "Request", "end_memory", "'store' without restart", "'measured'"),
    ("cut-offs, pipelined", lambda: pipelined(NESTED(cutoffs_s=[1.0, 1.0])), RangeError, "requests[0] 'n0-n4'", "schedule.cutoffs_s", "empty without restart", "cut-offs"),
    ("a swap of three", lambda: TREE((0, (1, 2, 3))), WrongTypeError, "Tree", "tree", "a pair (left, right)", "3 in (1, 2, 3)"),
    ("a swap of one", lambda: TREE(((0,), 1)), WrongTypeError, "Tree", "tree", "a pair (left, right)", "1 in (0,)"),
    ("an empty tree", lambda: TREE(()), WrongTypeError, "Tree", "tree", "a pair (left, right)", "0 in ()"),
    ("a leaf by name", lambda: TREE(("a", 1)), WrongTypeError, "Tree", "tree[0]", "a link number, or a pair", "'a'"),
    ("half a link", lambda: TREE((0, 1.5)), WrongTypeError, "Tree", "tree[1]", "a link number", "1.5"),
    ("a negative link", lambda: TREE((-1, 0)), RangeError, "Tree", "tree[0]", "a link number", "-1"),
    ("links out of order", lambda: TREE(((0, 2), 1)), RangeError, "Tree", "tree", "in order", "link 2 where link 1 belongs"),
    ("a link twice", lambda: TREE(((0, 1), 1)), RangeError, "Tree", "tree", "in order", "link 1 where link 2 belongs"),
    ("links from 1", lambda: TREE((1, 2)), RangeError, "Tree", "tree", "in order", "link 1 where link 0 belongs"),
    ("a deep tree", lambda: TREE(deep(200)), TooLargeError, "Tree", "tree", "at most 100 levels", "a deeper one"),
    ("a tree over other links", lambda: chain(schedule=TREE(((0, 1), 2))), RangeError, "RepeaterChain", "links", "3 links", "4"),
    ("tree cut-offs of the wrong length", lambda: TREE(((0, 1), (2, 3)), cutoffs_s=[1.0]), RangeError, "Tree", "cutoffs_s", "length 2", "1 entries"),
    ("a cut-off at an end", lambda: TREE((0, 1), cutoffs_s={2: 1.0}), RangeError, "Tree", "cutoffs_s", "nodes 1 to 1", "node 2"),
    ("a cut-off at a name", lambda: TREE((0, 1), cutoffs_s={"n1": 1.0}), RangeError, "Tree", "cutoffs_s", "a node number", "'n1'"),  # type: ignore[dict-item]
    ("a cut-off of 0", lambda: TREE((0, 1), cutoffs_s={1: 0.0}), RangeError, "Tree", "cutoffs_s[1]", "> 0", "0"),
    ("31 rounds", lambda: TREE((0, 1), distill=[31]), RangeError, "Tree", "distill[0]", "[0, 30]", "31"),
    ("an unknown start", lambda: TREE((0, 1), start="later"), RangeError, "Tree", "start", "one-after-another", "later"),
    ("sequential cut-offs of the wrong length", lambda: chain(schedule=SEQUENTIAL(cutoffs_s=[1.0, 2.0])), RangeError, "RepeaterChain", "schedule.cutoffs_s", "length 3", "2 entries"),
    ("a sequential cut-off at an end", lambda: chain(schedule=SEQUENTIAL(cutoffs_s={4: 2.0})), RangeError, "RepeaterChain", "schedule.cutoffs_s", "nodes 1 to 3", "node 4"),
    ("distil a measured tree", lambda: chain(memory=ebit.Memory(slots=2), schedule=SEQUENTIAL(distill={3: 1}), end_memory="measured"), RangeError, "RepeaterChain", "end_memory", "'store'", "'measured'"),
    ("one after another, pipelined", lambda: pipelined(SEQUENTIAL(start="one-after-another")), RangeError, "requests[0] 'n0-n4'", "schedule.start", "'all-at-once' without restart", "'one-after-another'"),
    ("rounds, pipelined", lambda: pipelined(TREE(((0, 1), (2, 3)), distill=[1, 0])), RangeError, "requests[0] 'n0-n4'", "schedule.distill", "empty without restart", "rounds"),
    ("rounds without slots", lambda: pipelined(NESTED(distill=[1, 0]), restart=True), RangeError, "requests[0] 'n0-n4'", "nodes[0] 'n0'.memory.slots", ">= 2", "1"),
    ("measured ends to distil", lambda: ebit.Request("n0", "n4", pairs=5, restart=True, schedule=NESTED(distill=[1, 0]), end_memory="measured"), RangeError, "Request", "end_memory", "with distillation", "'measured'"),
    ("ends that vanish", lambda: ebit.Request("n0", "n4", pairs=5, restart=True, end_memory="vanish"), RangeError, "Request", "end_memory", "measured", "vanish"),
    ("a billion copies", lambda: chain(memory=ebit.Memory(slots=2**16), schedule=NESTED(distill=[16, 14])).simulate(5, until_s=1.0), TooLargeError, "requests[0] 'n0-n4'", "schedule.distill", "copies of links and swaps", "e"),
    ("an unknown scheme", lambda: NESTED(distill=[1], scheme="pump"), SpecError, "Nested", "scheme", "pumping", "pump"),
    ("a scheme by number", lambda: SEQUENTIAL(scheme=3), SpecError, "Sequential", "scheme", "", "3"),  # type: ignore[arg-type]
    ("pumping by an unknown protocol", lambda: TREE((0, 1), distill=[1], protocol="DEJMPS", scheme="pumping"), SpecError, "Tree", "protocol", "dejmps", "DEJMPS"),
    ("negative rounds of pumping", lambda: NESTED(distill=[0, -1], scheme="pumping"), RangeError, "Nested", "distill[1]", "[0, 30]", "-1"),
    ("31 rounds of pumping", lambda: TREE((0, 1), distill={1: 31}, scheme="pumping"), RangeError, "Tree", "distill[1]", "[0, 30]", "31"),
    ("1e18 rounds of pumping", lambda: SEQUENTIAL(distill=[10**18], scheme="pumping"), RangeError, "Sequential", "distill[0]", "[0, 30]", "1000000000000000000"),
    ("half a round of pumping", lambda: SEQUENTIAL(distill=[0.5], scheme="pumping"), WrongTypeError, "Sequential", "distill[0]", "an integer", "0.5"),  # type: ignore[list-item]
    ("pumping in one slot", lambda: chain(schedule=NESTED(distill=[0, 5], scheme="pumping")), RangeError, "RepeaterChain", "memory.slots", ">= 2 for 5 rounds of distillation at node 2", "1"),
    ("pumping in one slot of a network", lambda: pipelined(NESTED(distill=[5, 0], scheme="pumping"), restart=True), RangeError, "requests[0] 'n0-n4'", "nodes[0] 'n0'.memory.slots", ">= 2", "1"),
    ("pumping, pipelined", lambda: pipelined(NESTED(distill=[1, 0], scheme="pumping")), RangeError, "requests[0] 'n0-n4'", "schedule.distill", "empty without restart", "rounds"),
    ("pump measured ends", lambda: chain(memory=ebit.Memory(slots=2), schedule=NESTED(distill=[1, 0], scheme="pumping"), end_memory="measured"), RangeError, "RepeaterChain", "end_memory", "'store'", "'measured'"),
    ("DEJMPS pumped twice with finite T1", lambda: chain(memory=ebit.Memory(slots=2, t1_s=1.0), schedule=NESTED(distill=[2, 0], scheme="pumping")).exact(), RangeError, "RepeaterChain.exact", "memory.t1_s", "infinite for exact() with DEJMPS in more than one round", "finite"),
    ("pumped late", lambda: chain([link(1.0)] * 2, memory=ebit.Memory(slots=2), schedule=SEQUENTIAL(distill=[3], start="one-after-another", cutoffs_s=[3.9e-3], scheme="pumping")).sample(5), NeverSucceedsError, "RepeaterChain", "schedule.cutoffs_s", ">= 0.004 s at node 1", "0.0039 s"),
    ("a tower of pumping", lambda: chain([LINK] * 16, memory=ebit.Memory(slots=2), schedule=NESTED(distill=[30] * 4, scheme="pumping")).simulate(5, until_s=1.0), TooLargeError, "requests[0] 'n0-n16'", "schedule.distill", "copies of links and swaps", "e"),
    ("a picture of copies", lambda: chain(memory=ebit.Memory(slots=2), schedule=NESTED(distill=[1, 0])).plot_run(), RangeError, "RepeaterChain.plot_run", "schedule.distill", "without distillation", "(1, 0)"),
    ("no time for the right half, exact", lambda: chain(schedule=SEQUENTIAL(start="one-after-another", cutoffs_s={2: 0.9e-3})).exact(), NeverSucceedsError, "RepeaterChain", "schedule.cutoffs_s", ">= 0.001 s at node 2", "0.0009 s"),
    ("no time for the right half, sampled", lambda: chain(schedule=TREE((0, (1, (2, 3))), start="one-after-another", cutoffs_s={1: 2.9e-3})).sample(5), NeverSucceedsError, "RepeaterChain", "schedule.cutoffs_s", ">= 0.003 s at node 1", "0.0029 s"),
    ("halves that never meet", lambda: chain([link(1.0), link(0.5, 5e-3)], schedule=TREE((0, 1), cutoffs_s=[3e-3])).sample(5), NeverSucceedsError, "RepeaterChain", "schedule.cutoffs_s", ">= 0.004 s at node 1", "0.003 s"),
    ("halves that never meet, exact", lambda: chain([link(1.0), link(1.0, 5e-3)], schedule=TREE((0, 1), cutoffs_s=[3e-3])).exact(), NeverSucceedsError, "RepeaterChain", "schedule.cutoffs_s", ">= 0.004 s", "0.003 s"),
    ("a tree that never succeeds", lambda: chain([LINK, link(0.0), LINK], schedule=TREE(((0, 1), 2))).sample(10), NeverSucceedsError, "RepeaterChain", "links[1].success_probability", "> 0", "0"),
    ("a tree with p = 1e-300", lambda: chain([link(1e-300)] * 2, schedule=TREE((0, 1))).exact(), TooLargeError, "RepeaterChain.exact", "lattice", "<= 4e9 bytes", "bytes"),
    ("a tree distilled twice with finite T1", lambda: chain([LINK] * 2, ebit.Memory(slots=4, t1_s=1.0), schedule=TREE((0, 1), distill=[2])).exact(), RangeError, "RepeaterChain.exact", "memory.t1_s", "infinite", "finite"),
    ("many slots, exact", lambda: chain([LINK] * 6, ebit.Memory(slots=10), schedule=ASAP.replace(slots_used="all")).exact(), TooLargeError, "RepeaterChain.exact", "states", "a minute", "operations"),
    ("several slots with messages", lambda: chain([LINK] * 2, ebit.Memory(slots=2), schedule=ASAP.replace(slots_used="all"), classical_delay=True).simulate(5), RangeError, "requests[0] 'n0-n2'", "classical_delay", "False", "True"),
    ("more slots than fit", lambda: chain([LINK] * 200, ebit.Memory(slots=60_000), schedule=ASAP.replace(slots_used="all")).sample(5), TooLargeError, "RepeaterChain", "memory.slots", "<= 50000", "60000"),
    ("slots by number", lambda: ASAP.replace(slots_used=2), SpecError, "SwapAsap", "slots_used", "", "2"),
    ("a cut-off on a pair", lambda: ASAP.replace(cutoff_on="pair"), RangeError, "SwapAsap", "cutoff_on", "memory", "pair"),
    ("a long memory cut-off, exact", lambda: chain(schedule=ASAP.replace(cutoff_s=10.0, cutoff_on="memory")).exact(), TooLargeError, "RepeaterChain.exact", "states", "<= 1e9 bytes", "bytes"),
    ("ten million links", lambda: chain([LINK] * 10**7), TooLargeError, "RepeaterChain", "links", "at most 2000000", "20 GB"),
    ("sampling p = 1e-300", lambda: chain([link(1e-300)] * 2).sample(5), TooLargeError, "RepeaterChain.sample", "links[0].success_probability", ">= 1.0e-17", "1e-300"),
    ("pmf of a sample", lambda: chain().sample(10).waiting_time_pmf, RangeError, "ChainResult", "waiting_time_pmf", "exact()", "a sample"),
    ("quantile 1", lambda: chain().exact().quantile(1.0), RangeError, "ChainResult.quantile", "share", "(0, 1)", "1.0"),
    ("tune the weather", lambda: chain().optimize(over=["weather"]), RangeError, "RepeaterChain.optimize", "over", "some of cutoffs_s", "'weather'"),
    ("tune a word", lambda: chain().optimize(over="cutoffs_s"), WrongTypeError, "RepeaterChain.optimize", "over", "a list", "'cutoffs_s'"),
    ("tune nothing", lambda: chain().optimize(over=[]), RangeError, "RepeaterChain.optimize", "over", "some of", "none"),
    ("unknown objective", lambda: chain().optimize("beauty"), RangeError, "RepeaterChain.optimize", "objective", "'secret_key_rate'", "'beauty'"),
    ("objective a number", lambda: chain().optimize(3), WrongTypeError, "RepeaterChain.optimize", "objective", "a function", "3"),  # type: ignore[arg-type]
    ("population of a heralded link", lambda: chain().optimize(over=["bright_state_population"]), WrongTypeError, "RepeaterChain.optimize", "links[0]", "a SingleClick link", "HeraldedLink"),
    ("mean pairs of a heralded link", lambda: chain().optimize(over=["mean_pairs"]), WrongTypeError, "RepeaterChain.optimize", "links[0]", "a MidpointSource link", "HeraldedLink"),
    ("mean pairs of a source of single ones", lambda: chain([SOURCE]).optimize(over=["mean_pairs"]), RangeError, "RepeaterChain.optimize", "links[0].mean_pairs", "given", "pair_probability"),
    ("101 mean pairs", lambda: chain([SOURCE]).optimize(over={"mean_pairs": (1.0, 101.0)}), RangeError, "RepeaterChain.optimize", "over['mean_pairs']", "<= 100", "101.0"),
    ("spacing without a fibre", lambda: chain().optimize(over=["spacing"]), WrongTypeError, "RepeaterChain.optimize", "links[0]", "a link with a fibre", "HeraldedLink"),
    ("spacing of unequal links", lambda: chain([CLICK, CLICK.replace(modes=2)]).optimize(over=["spacing"]), RangeError, "RepeaterChain.optimize", "links[1]", "as links[0]", "another link"),
    ("no power of two", lambda: chain([CLICK] * 2, schedule=NESTED()).optimize(over={"spacing": (5, 7)}), RangeError, "RepeaterChain.optimize", "over['spacing']", "a power of two", "(5, 7)"),
    ("half a segment", lambda: chain([CLICK] * 2).optimize(over={"spacing": (1.5, 7)}), WrongTypeError, "RepeaterChain.optimize", "over['spacing'][0]", "an integer", "1.5"),
    ("cut-offs upside down", lambda: chain(schedule=NESTED()).optimize(over={"cutoffs_s": (2.0, 1.0)}), RangeError, "RepeaterChain.optimize", "over['cutoffs_s']", "least <= most", "(2.0, 1.0)"),
    ("a population of 2", lambda: chain([CLICK] * 2).optimize(over={"bright_state_population": (0.1, 2.0)}), RangeError, "RepeaterChain.optimize", "over['bright_state_population']", "<= 1", "(0.1, 2.0)"),
    ("a schedule by name", lambda: chain().optimize(over={"schedule": ["nested"]}), WrongTypeError, "RepeaterChain.optimize", "over['schedule'][0]", "a schedule", "'nested'"),
    ("ten pairs a sample", lambda: chain().optimize(pairs=10), RangeError, "RepeaterChain.optimize", "pairs", ">= 100", "10"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_a_mistake_is_named(case: Any) -> None:
    _, call, kind, object_, parameter, range_, value = case
    with pytest.raises(SpecError) as caught:
        call()
    error = caught.value
    assert isinstance(error, kind), error
    assert error.exit_code == 2
    assert (error.object, error.parameter) == (object_, parameter), error
    assert range_ in error.range, error
    assert value in error.value, error
