"""
The matrix: what a change can do, step by step, each cell proved impossible or with a moment to look at.
"""

from copy import deepcopy

import pytest
from canarypolicy.engine.decision import Verdict
from canarypolicy.review.encoded import encode
from canarypolicy.review.questions import PRODUCTS, QUESTIONS, Form, ask_all, transitions
from canarypolicy.review.solver import MOST_NONLINEAR, Answer

from review.drawing import SIGNALS, program_of
from review.test_validation import policy

R, H, A = Verdict.ROLLBACK, Verdict.HOLD, Verdict.ADVANCE
STEPS = {"a": "a", "b": "b"}


def small(rollback, slo="c.err < 0.2", **rule):
    return policy(
        slos=[{"name": "low", "require": slo, "for": "2m"}],
        rollback=[{"name": "high", "when": rollback, "for": "5m", **rule}],
        hold=[],
        plan={"every": "1m", "steps": [{"name": "a", "weight": 10, "min": "5m"}, {"name": "b", "weight": 100, "min": "5m"}]},
    )


def possible(old, new, step="a"):
    asked = transitions(program_of(old), program_of(new), STEPS)
    assert all(each.answer is not Answer.UNKNOWN for each in asked)
    return {(each.old, each.new) for each in asked if each.answer is Answer.POSSIBLE and each.step == step}


CASES = [
    ("the same", "c.err >= 0.3", "c.err >= 0.3", set()),
    ("the same, written otherwise", "c.err >= 0.3 && c.flag", "!(c.err < 0.3 || !c.flag)", set()),
    ("a threshold loosened", "c.err >= 0.3", "c.err >= 0.5", {(R, H)}),
    ("a threshold tightened", "c.err >= 0.5", "c.err >= 0.3", {(H, R)}),
    ("another signal", "c.any >= 2.0", "c.lat >= 0.7", {(R, A), (R, H), (H, A), (H, R), (A, H), (A, R)}),
    ("a quotient loosened", "c.lat / b.err >= 1.5", "c.lat / b.err >= 2.5", {(R, A), (R, H), (H, A)}),
]


@pytest.mark.parametrize(("name", "old", "new", "cells"), CASES, ids=[case[0] for case in CASES])
def test_what_a_rollback_rule_can_do(name, old, new, cells):
    """Exactly these cells are possible; all others are proved."""
    assert possible(small(old), small(new)) == cells


def test_a_longer_time_loses_only_rollbacks():
    """`for: 5m` to `for: 10m` on one predicate: windows are shared, so nothing becomes stricter."""
    assert possible(small("c.err >= 0.3"), small("c.err >= 0.3", **{"for": "10m"})) == {(R, H)}


def test_missing_evidence():
    """A rule that ignores what is missing lets an advance pass that it kept away before."""
    assert possible(small("c.any >= 2.0"), small("c.any >= 2.0", missing="ignore")) == {(H, A)}
    assert possible(small("c.any >= 2.0"), small("c.any >= 2.0", missing="rollback", after="5m")) == {(H, R)}


def test_a_range_that_clips():
    """Values beyond the range on the worse side are the bound: a declaration can change decisions without any rule."""
    document = small("c.err >= 0.9")
    narrow = deepcopy(document)
    narrow["signals"]["c.err"] = {"range": [0, 1], "healthy": 0.125}
    assert (R, H) in possible(document, narrow)
    stale = deepcopy(document)
    stale["signals"]["c.err"] = {**SIGNALS["c.err"], "max_age": "1m"}
    assert possible(document, stale) == {(R, H), (A, H), (H, R)}  # a stale sample no longer ends a run


def test_candidates_are_moments_a_recording_can_hold():
    """A possible cell has values of the right types, a time, and is steady and clear of rounding where that is possible."""
    old, new = (
        program_of(small("c.err * 1.1 >= 0.3 && c.mode == 'bad'")),
        program_of(small("c.err * 1.1 >= 0.5 && c.mode == 'bad'")),
    )
    asked = next(each for each in transitions(old, new, STEPS) if each.answer is Answer.POSSIBLE)
    candidate = asked.candidate
    assert candidate is not None
    assert (asked.form, candidate.has_margin, candidate.step) == (Form.STEADY, True, "a")
    assert 0.3 <= candidate.values["c.err"] * 1.1 < 0.5
    assert candidate.values["c.mode"] == "bad"
    assert candidate.lasted_us >= 300_000_000
    assert not asked.depends_on


def test_riddles_are_named():
    """What no proof sees into is possible until shown, and named; around it proofs still hold."""
    old, new = small("string(c.lat) == '0.7' && c.flag"), small("c.flag && string(c.lat) == '0.7'")
    assert possible(old, new) == set()
    asked = transitions(program_of(old), program_of(small("c.flag && string(c.lat) == '0.3'")), STEPS)
    named = {each.depends_on for each in asked if each.answer is Answer.POSSIBLE}
    assert named == {('string(c.lat) == "0.7"', 'string(c.lat) == "0.3"')}


def test_too_many_products_are_named():
    """Products and quotients that differ are known exactly while they are few, and named beyond that."""
    few = small("c.err * b.err >= c.lat"), small("c.err * b.err >= c.lat && c.err * b.err >= 0.0")
    assert possible(*few) == set()
    names = ["c.err", "b.err", "c.lat", "c.any", "c.req"]
    products = [f"{a} * {b} + {i}.5 > c.lat" for i, (a, b) in enumerate((a, b) for a in names for b in names if a < b)]
    products += [f"{a} / {b} > c.lat" for a in names for b in names if a != b]
    assert len(products) > MOST_NONLINEAR
    both = encode(program_of(small("c.flag")), program_of(small(" || ".join(products))), STEPS)
    assert both.exact_solver() is None
    assert {each.depends_on for each in ask_all(both) if each.answer is Answer.POSSIBLE} == {(PRODUCTS,)}
    assert both.queries > len(QUESTIONS)


def test_gates_are_part_of_the_moment():
    """A gate that is gone lets an advance pass, in a history that has gates; an opened range has no infinite value."""
    gate = {"after": [{"name": "smoke", "probe": "p", "require": "result.failed == 0"}]}
    old = policy(slos=[{"name": "low", "require": "c.any > 5.0"}], rollback=[], hold=[])
    old["plan"] = {"every": "1m", "gates": gate, "steps": [{"name": "a", "weight": 100, "min": "0s"}]}
    new = deepcopy(old)
    del new["plan"]["gates"]
    asked = [each for each in transitions(program_of(old), program_of(new), {"a": "a"}) if each.answer is Answer.POSSIBLE]
    assert [(each.old, each.new) for each in asked] == [(H, A)]
    candidate = asked[0].candidate
    assert candidate is not None
    assert candidate.gates == {"smoke": None}
    assert candidate.values["c.any"] > 5.0
