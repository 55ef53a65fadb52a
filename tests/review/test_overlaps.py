"""
Rollback rules that fire where everything else lets the rollout advance.
"""

import pytest
from canarypolicy.engine.decision import Verdict
from canarypolicy.review.findings import Certainty
from canarypolicy.review.overlaps import overlaps
from canarypolicy.review.own import encode_alone

from remarked import program_with, shown

APART = [
    ("the policy as it is", ""),
    ("a rule on a signal that no SLO reads", "rollback: [{name: flag, when: c.flag}]"),
    ("limits that meet", "rollback: [{name: err, when: c.err >= 0.01}]"),
    (
        "values at which another rule rolls back, too",
        "rollback: [{name: a, when: c.err < 0.001}, {name: b, when: c.err < 0.001}]",
    ),
    (
        "an SLO in the steps in which the rule acts",
        "slos: [{name: e, require: c.err < 0.01}, {name: l, require: c.lat < 1.0, steps: [full]}]\nrollback: [{name: lat, when: c.lat > 3.0, steps: [full]}]",
    ),
]


@pytest.mark.parametrize("fragment", [text for _, text in APART], ids=[claim for claim, _ in APART])
def test_rules_that_do_not_meet_are_left_alone(fragment):
    assert list(overlaps(encode_alone(program_with(fragment)))) == []


MEETING = [
    ("a rollback limit below the SLO's", "rollback: [{name: err, when: c.err >= 0.008, for: 5m}]", {"c.err"}, "tenth"),
    (
        "swapped limits of two signals",
        "slos: [{name: s, require: c.err + c.lat < 1.0}]\nrollback: [{name: err, when: c.err > 0.5}]",
        {"c.err"},
        "tenth",
    ),
    (
        "a ratio",
        "slos: [{name: s, require: c.lat <= b.lat * 1.2}]\nrollback: [{name: err, when: c.lat > 0.5 * b.lat + 0.2, steps: [full]}]",
        None,
        "full",
    ),
]


@pytest.mark.parametrize(("fragment", "off", "step"), [each[1:] for each in MEETING], ids=[each[0] for each in MEETING])
def test_a_rule_that_fires_where_the_step_would_be_left_is_shown(fragment, off, step):
    """With the rule it is a rollback, without it an advance; it is worth knowing and no fault."""
    program = program_with(fragment)
    (remark,) = overlaps(encode_alone(program))
    name = program.watches[0].name
    assert (
        remark.sentence
        == f"rollback rule `{name}` fires where every SLO is met and nothing holds: without it, step `{step}` would be left"
    )
    assert (remark.name, remark.certainty, remark.is_fault) == ("rollback-over-advance", Certainty.WITNESS, False)
    assert (remark.witness.old.verdict, remark.witness.new.verdict) == (Verdict.ROLLBACK, Verdict.ADVANCE)
    assert off is None or set(remark.witness.off_healthy) == off
    assert shown(program, remark).verdict is Verdict.ROLLBACK
