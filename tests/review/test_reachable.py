"""
The independent judge by itself: what it finds is so, and it finds what is there.
"""

from __future__ import annotations

from random import Random

import pytest
from canarypolicy.engine.decision import Verdict

from review.drawing import draw_policy, program_of
from review.happenings import Cell, Happens, confirm
from review.mutants import draw_mutant
from review.reachable import Search
from review.situations import after_event

ADVANCE, HOLD, ROLLBACK = Verdict.ADVANCE, Verdict.HOLD, Verdict.ROLLBACK


def document(**parts):
    plan = {"every": "1m", "steps": [{"name": "a", "weight": 10, "min": "1m"}, {"name": "b", "weight": 100, "min": "0s"}]}
    signals = {
        "c.err": {"range": [0, 1], "healthy": 0.125, "worse": "higher"},
        "b.err": {"range": [0, 1], "healthy": 0.125},
        "c.flag": {"type": "bool", "healthy": False},
    }
    made = {
        "apiVersion": "canarypolicy/v1",
        "kind": "RolloutPolicy",
        "metadata": {"name": "made"},
        "signals": signals,
        "slos": [{"name": "low", "require": "c.err < 0.2"}],
        "rollback": [{"name": "high", "when": "c.err >= 0.5"}],
        "plan": plan,
    }
    return {**made, **{key: value for key, value in parts.items() if value is not None}}


def high(**parts):
    return [{"name": "high", "when": "c.err >= 0.5", **parts}]


def in_both(*cells: tuple[Verdict, Verdict]) -> set[Cell]:
    return {(step, *cell) for step in "ab" for cell in cells}


PAIRS = {
    "the same policy": (document(), document(), set()),
    "a threshold raised": (document(), document(rollback=high(when="c.err > 0.5")), in_both((ROLLBACK, HOLD))),
    "a threshold raised where the SLO lets nothing through": (
        document(slos=[{"name": "low", "require": "c.err < 0.6"}]),
        document(slos=[{"name": "low", "require": "c.err < 0.6"}], rollback=high(when="c.err >= 0.6")),
        in_both((ROLLBACK, ADVANCE)) | {("a", ROLLBACK, HOLD), ("b", ROLLBACK, HOLD)},
    ),
    "a run asked for twice as long": (
        document(rollback=high(**{"for": "1m"})),
        document(rollback=high(**{"for": "2m"})),
        in_both((ROLLBACK, HOLD)),
    ),
    "the shortest step lengthened": (
        document(),
        document(
            plan={"every": "1m", "steps": [{"name": "a", "weight": 10, "min": "3m"}, {"name": "b", "weight": 100, "min": "0s"}]}
        ),
        {("a", ADVANCE, HOLD)},
    ),
    "missing evidence ignored, which the SLO asks for anyway": (document(), document(rollback=high(missing="ignore")), set()),
    "missing evidence of another signal ignored": (
        document(rollback=high(when="b.err >= 0.5")),
        document(rollback=high(when="b.err >= 0.5", missing="ignore")),
        in_both((HOLD, ADVANCE)),
    ),
    "missing evidence that rolls back later": (
        document(rollback=high(missing="rollback", after="1m")),
        document(rollback=high(missing="rollback", after="2m")),
        in_both((ROLLBACK, HOLD)),
    ),
    "an exemption dropped": (
        document(rollback=high(unless="b.err >= 0.5")),
        document(),
        in_both((HOLD, ROLLBACK)),
    ),
    "a rule limited to one step": (document(), document(rollback=high(steps=["a"])), {("b", ROLLBACK, HOLD)}),
    "two samples far apart, or close together": (
        document(rollback=high(**{"for": {"samples": 2, "of": 2}})),
        document(rollback=high(**{"for": "1m"})),
        in_both((ROLLBACK, HOLD)),
    ),
}


@pytest.mark.parametrize(("old", "new", "cells"), PAIRS.values(), ids=PAIRS.keys())
def test_it_finds_what_can_be_reached_and_nothing_else(old, new, cells):
    found = Search(program_of(old), program_of(new), Random(1)).run(20_000)
    assert found.cells.keys() == cells


def test_a_search_that_tried_everything_says_so():
    found = Search(program_of(document()), program_of(document()), Random(1)).run(20_000)
    assert found.is_exhausted
    assert {cell[1] for cell in found.agreed} == {ADVANCE, HOLD, ROLLBACK}


def test_its_decisions_are_those_of_the_engine():
    """On random walks through random pairs, with gaps, steps, pauses, approvals, gates and derived signals."""
    random, judged = Random(20), 0
    for seed in range(60):
        document = draw_policy(random)
        mutant, _ = draw_mutant(random, document)
        programs = program_of(document), program_of(mutant)
        search = Search(*programs, Random(seed))
        if not search.steps:
            continue
        search.run(600)
        for node in random.sample(range(len(search.nodes)), min(12, len(search.nodes))):
            situation = search.nodes[node][0]
            happens = next(search._choices(situation, None), Happens(60_000_000, 0))
            after, verdicts, _ = search._after_sample(after_event(situation, happens), happens)
            confirm(programs, search._history(node, happens), (after.step, *verdicts), gated=after.gated)
            judged += 1
    assert judged > 500
