"""
Rules that say the same whatever is measured.
"""

import pytest
from canarypolicy.review.dead_rules import dead_rules
from canarypolicy.review.findings import Certainty
from canarypolicy.review.own import encode_alone

from remarked import program_with


def remarked(fragment, budget=10_000_000):
    own = encode_alone(program_with(fragment), budget=budget)
    return [remark for _, remark in dead_rules(own)]


ALIVE = [
    ("the policy as it is", ""),
    ("a limit at the end of a range", "rollback: [{name: err, when: c.err >= 1.0}]"),
    (
        "a rule that only rolls back when it has been unknown for long",
        "rollback: [{name: err, when: c.err > 1.0, missing: rollback, after: 5m}]",
    ),
    ("a rule that is true in one step only", "rollback: [{name: err, when: c.err > 0.5 && rollout.weight > 50.0}]"),
    ("a rule about a signal that is missing", "rollback: [{name: gone, when: '!has(c.err)'}]"),
    ("a difference that rounding alone makes", "rollback: [{name: err, when: c.err + 0.1 - 0.1 != c.err}]"),
]


@pytest.mark.parametrize("fragment", [text for _, text in ALIVE], ids=[claim for claim, _ in ALIVE])
def test_rules_that_can_do_both_are_left_alone(fragment):
    assert remarked(fragment) == []


DEAD = [
    (
        "two limits that contradict each other",
        "rollback: [{name: err, when: c.err > 0.5 && c.err * 2.0 < 0.9}]",
        "dead-rule",
        "rollback rule `err` never fires, whatever is measured",
        False,
    ),
    (
        "an exemption that covers all",
        "rollback: [{name: err, when: c.err > 0.5, unless: c.err > 0.4}]",
        "dead-rule",
        "rollback rule `err` never fires, whatever is measured",
        False,
    ),
    (
        "a hold rule",
        "hold: [{name: lat, when: c.lat * c.lat < 0.0}]",
        "dead-rule",
        "hold rule `lat` never fires, whatever is measured",
        False,
    ),
    (
        "a step that the rule does not act in",
        "rollback: [{name: err, when: c.err > 0.5 && rollout.weight > 50.0, steps: [tenth]}]",
        "dead-rule",
        "rollback rule `err` never fires, whatever is measured",
        False,
    ),
    (
        "a division that is always one by zero",
        "hold: [{name: div, when: c.lat / (c.err - c.err) > 1.0}]",
        "dead-rule",
        "hold rule `div` never fires, whatever is measured",
        False,
    ),
    (
        "an SLO that is never met",
        "slos: [{name: err, require: c.err < 0.2 && c.err > 0.1 + 0.2, for: 5m}]",
        "unmeetable-slo",
        "SLO `err` is never met, whatever is measured, so that no rollout leaves a step in which it acts",
        True,
    ),
    (
        "an SLO that is always met",
        "slos: [{name: err, require: c.err < 0.5 || c.err * 2.0 >= 0.9}]",
        "effortless-slo",
        "SLO `err` is true of whatever is measured",
        False,
    ),
    (
        "a rollback rule that is always true",
        "rollback: [{name: err, when: c.err < 0.5 || c.err * 2.0 >= 0.9}]",
        "ever-true-rule",
        "rollback rule `err` is true of whatever is measured, so that no rollout leaves its steps",
        True,
    ),
    (
        "a hold rule that is always true",
        'hold: [{name: mode, when: \'c.mode in ["ok", "odd", "bad"]\'}]',
        "ever-true-rule",
        "hold rule `mode` is true of whatever is measured, so that no rollout leaves its steps",
        True,
    ),
]


@pytest.mark.parametrize(
    ("fragment", "name", "sentence", "is_fault"), [each[1:] for each in DEAD], ids=[each[0] for each in DEAD]
)
def test_a_rule_that_always_says_the_same_is_proved_to(fragment, name, sentence, is_fault):
    """What makes a policy useless is a fault, what only does nothing is none."""
    (remark,) = remarked(fragment)
    assert (remark.name, remark.sentence, remark.is_fault, remark.certainty) == (name, sentence, is_fault, Certainty.PROVED)


def test_the_place_is_what_the_rule_asks():
    (remark,) = remarked("rollback: [{name: err, when: c.err > 0.5, unless: c.err > 0.4}]")
    assert remark.place.text == "c.err > 0.5"


def test_a_budget_that_runs_out_leaves_it_open():
    """Nothing is said to be dead that was not proved."""
    found = remarked(
        "rollback: [{name: err, when: c.err * c.lat * c.lat > 3.0 && c.err * c.lat < 0.05 && c.lat + c.req * c.err < 0.5}]",
        budget=1,
    )
    assert {(remark.name, remark.certainty) for remark in found} == {("not-answered", Certainty.UNKNOWN)}
    assert {remark.why for remark in found} == {"the budget of steps ran out"}
    assert "whether rollback rule `err` never fires is not known" in {remark.sentence for remark in found}
