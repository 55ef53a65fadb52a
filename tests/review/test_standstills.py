"""
States that hold for ever.
"""

import pytest
from canarypolicy.engine.decision import Verdict
from canarypolicy.review.findings import Certainty
from canarypolicy.review.own import encode_alone
from canarypolicy.review.standstills import standstills

from remarked import program_with, shown

ONE = "plan: {steps: [{name: full, weight: 100, min: 10m}]}"
MOVING = [
    ("a time limit that rolls back", ""),
    ("an SLO and a rollback rule without a gap", f"rollback: [{{name: r, when: c.err >= 0.01}}]\n{ONE}"),
    (
        "a hold rule that only waits",
        f"rollback: [{{name: r, when: c.err >= 0.01}}]\nhold: [{{name: h, when: rollout.step_elapsed_seconds < 900.0}}]\n{ONE}",
    ),
    (
        "a step that waits for an approval, which is there",
        "rollback: [{name: r, when: c.err >= 0.01}]\nplan: {steps: [{name: full, weight: 100, min: 10m, approval: required}]}",
    ),
    ("samples too many to be shown", "plan: {every: 1s, steps: [{name: full, weight: 100, min: 5h}]}"),
]


@pytest.mark.parametrize("fragment", [text for _, text in MOVING], ids=[claim for claim, _ in MOVING])
def test_nothing_is_said_where_every_state_ends(fragment):
    assert list(standstills(encode_alone(program_with(fragment)))) == []


STILL = [
    ("a gap between two limits", ONE, {"c.err"}, "step `full`", "18m"),
    (
        "a hold rule",
        f"rollback: [{{name: r, when: c.err >= 0.01}}]\nhold: [{{name: req, when: c.req < 500.0}}]\n{ONE}",
        {"c.req"},
        "step `full`",
        "17m",
    ),
    (
        "two steps of which both wait",
        "plan: {steps: [{name: a, weight: 1, min: 10m, approval: required}, {name: b, weight: 100, min: 20m}]}",
        {"c.err"},
        "steps `a` and `b`",
        "17m",
    ),
    (
        "a derived signal",
        f"derived: {{d.mean: {{mean: {{of: c.lat, over: 5m}}}}}}\nslos: [{{name: lat, require: d.mean < 1.0}}]\n{ONE}",
        {"c.lat"},
        "step `full`",
        "17m",
    ),
]


@pytest.mark.parametrize(("fragment", "off", "steps", "after"), [each[1:] for each in STILL], ids=[each[0] for each in STILL])
def test_a_state_that_holds_is_shown_with_all_signals_present(fragment, off, steps, after):
    """The values stand from the step's entry on, past every time that a rule asks for, and it still holds."""
    program = program_with(fragment)
    (remark,) = standstills(encode_alone(program))
    assert remark.sentence.startswith(f"values can stand for ever in {steps} without an advance or a rollback: after ")
    assert (remark.name, remark.certainty, remark.is_fault) == ("endless-hold", Certainty.WITNESS, False)
    assert set(remark.witness.off_healthy) == off
    assert None not in remark.witness.off_healthy.values()
    assert not remark.witness.new.missing
    assert shown(program, remark) == remark.witness.new
    assert remark.witness.new.verdict is Verdict.HOLD


def test_states_that_differ_from_step_to_step_are_said_of_each():
    rules = "rollback: [{name: r, when: c.err >= 0.01}]\nhold: [{name: a, when: c.lat > 1.0, steps: [tenth]}, {name: b, when: c.flag, steps: [full]}]"
    plan = "plan: {steps: [{name: tenth, weight: 10, min: 10m}, {name: full, weight: 100, min: 10m}]}"
    found = list(standstills(encode_alone(program_with(f"{rules}\n{plan}"))))
    assert [set(remark.witness.off_healthy) for remark in found] == [{"c.lat"}, {"c.flag"}]
