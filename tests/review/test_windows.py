"""
Windows: one number for what is one run, and facts that tie unlike ones only as far as they are proved.
"""

import pytest
from canarypolicy.cel.terms import negated
from canarypolicy.engine.decision import Verdict
from canarypolicy.review.encoded import encode
from canarypolicy.review.questions import ask_all, transitions
from canarypolicy.review.solver import Answer
from canarypolicy.review.windows import lattice_facts

from review.drawing import program_of
from review.test_validation import policy

R, H, A = Verdict.ROLLBACK, Verdict.HOLD, Verdict.ADVANCE
COUNT = {"samples": 2, "of": 4}


def small(slo=None, rollback=None, **plan):
    return program_of(
        policy(
            slos=[{"name": "low", "require": "c.err < 0.2", "for": "5m", **(slo or {})}],
            rollback=[{"name": "high", "when": "c.err >= 0.3", "for": "5m", **(rollback or {})}],
            hold=[],
            plan={"every": "1m", "steps": [{"name": "a", "weight": 10, "min": "0s"}], **plan},
        )
    )


def possible(old, new, steps=None):
    asked = transitions(old, new, steps or {"a": "a"})
    assert all(each.answer is not Answer.UNKNOWN for each in asked)
    return {(each.old, each.new) for each in asked if each.answer is Answer.POSSIBLE}


CASES = [
    ("an SLO asked for longer", {}, {"slo": {"for": "10m"}}, {(A, H)}),
    ("a stricter SLO", {}, {"slo": {"require": "c.err < 0.1"}}, {(A, H)}),
    ("a looser SLO", {"slo": {"require": "c.err < 0.1"}}, {}, {(H, A)}),
    ("a looser SLO asked for longer", {"slo": {"require": "c.err < 0.1"}}, {"slo": {"for": "10m"}}, {(H, A), (A, H)}),
    ("a rule asked for a shorter time", {}, {"rollback": {"for": "1m"}}, {(H, R)}),
    ("a lower threshold", {}, {"rollback": {"when": "c.err >= 0.25"}}, {(H, R)}),
    ("more of the samples", {"rollback": {"for": COUNT}}, {"rollback": {"for": {"samples": 3, "of": 4}}}, {(R, H)}),
    ("the same of more samples", {"rollback": {"for": COUNT}}, {"rollback": {"for": {"samples": 2, "of": 6}}}, {(H, R)}),
    (
        "a count with a lower threshold",
        {"rollback": {"for": COUNT}},
        {"rollback": {"for": COUNT, "when": "c.err >= 0.25"}},
        {(H, R)},
    ),
    (
        "an SLO's count with a lower threshold",
        {"slo": {"for": COUNT}},
        {"slo": {"for": COUNT, "require": "c.err < 0.1"}},
        {(A, H)},
    ),
    ("one sample is enough", {"rollback": {"for": {"samples": 1, "of": 4}}}, {"rollback": {"for": "0s"}}, set()),
    ("longer gaps", {}, {"max_gap": "9m"}, {(H, R), (H, A)}),
    ("longer gaps for a count", {"rollback": {"for": COUNT}}, {"rollback": {"for": COUNT}, "max_gap": "9m"}, {(H, R), (H, A)}),
    (
        "unknown for longer",
        {"rollback": {"missing": "rollback", "after": "5m"}},
        {"rollback": {"missing": "rollback", "after": "9m"}},
        {(R, H)},
    ),
    (
        "unknown, with a lower threshold",
        {"rollback": {"missing": "rollback", "after": "5m"}},
        {"rollback": {"missing": "rollback", "after": "5m", "when": "c.err >= 0.25"}},
        {(H, R)},
    ),
]


@pytest.mark.parametrize(("name", "old", "new", "cells"), CASES, ids=[case[0] for case in CASES])
def test_what_a_change_of_time_can_do(name, old, new, cells):
    """Exactly these cells are possible; all others are proved over all histories."""
    assert possible(small(**old), small(**new)) == cells


def test_a_rollback_rules_run_is_no_evidence_for_an_slo():
    """The run of a rollback rule goes on across steps and unknowns, so that it proves nothing of an SLO's."""
    old = small(slo={"require": "c.err >= 0.3", "for": "5m"})
    encoded = encode(old, old, {"a": "a"})
    slo, watch = (rule.window for rule in encoded.old.rules)
    facts = [lattice.fact for lattice in lattice_facts(watch, slo)]
    assert [str(fact) for fact in facts] == [f"{slo.held} <= {watch.held}"]
    assert not encoded.solver.is_impossible(watch.held > slo.held)


def test_steps_that_say_something_else_share_no_run_of_them():
    """A predicate on the step or its weight is another one where the common steps have other names or weights."""
    when = {"when": "rollout.weight > 20.0 && c.err >= 0.3"}
    steps = [{"name": "a", "weight": 10, "min": "0s"}, {"name": "b", "weight": 50, "min": "0s"}]
    heavier = [steps[0] | {"weight": 30}, steps[1]]
    both = {"a": "a", "b": "b"}
    assert possible(small(rollback=when, steps=steps), small(rollback=when, steps=steps), both) == set()
    assert (H, R) in possible(small(rollback=when, steps=steps), small(rollback=when, steps=heavier), both)


def test_what_only_one_policy_declares():
    """A signal of one policy, and one whose type changed, are free of the other's."""
    more = policy(rollback=[{"name": "high", "when": "c.more > 1.0 || c.login > 2.0"}])
    more["signals"] = {**more["signals"], "c.more": {"healthy": 0.0}, "c.login": {"healthy": 0.0}}
    more["rollback"].append({"name": "grown", "when": "d.mean > 3.0"})
    more["derived"] = {"d.mean": {"mean": {"of": "c.more", "over": "5m"}}}
    del more["hold"]
    less = policy(derived={"d.mean": {"mean": {"of": "c.lat", "over": "5m"}}})
    encoded = encode(program_of(less), program_of(more), {"a": "a", "b": "b"})
    assert encoded.snapshot.old["d.mean"] is not encoded.snapshot.new["d.mean"]
    assert "c.more" not in encoded.snapshot.old
    assert encoded.snapshot.old["c.login"] is not encoded.snapshot.new["c.login"]
    assert encoded.snapshot.old["c.err"] is encoded.snapshot.new["c.err"]
    assert any(each.answer is Answer.POSSIBLE for each in ask_all(encoded))


def test_what_is_fresh_enough_for_the_stricter_policy_is_so_for_the_other():
    """Two ages of one signal: the longer one never misses what the shorter one has."""
    documents = [policy(), policy()]
    for document, age in zip(documents, ("1m", "5m"), strict=True):
        document["signals"] = {**document["signals"], "c.err": {**document["signals"]["c.err"], "max_age": age}}
    encoded = encode(*map(program_of, documents), {"a": "a", "b": "b"})
    short, long = (side["c.err"].present for side in (encoded.snapshot.old, encoded.snapshot.new))
    assert encoded.solver.is_impossible(short, negated(long))
    assert not encoded.solver.is_impossible(long, negated(short))


def test_counts_of_slos_and_of_other_rules_are_not_tied():
    """Unknown samples count for the one and not for the other, and steps begin only the one anew."""
    count = {"for": COUNT}
    old = small(slo={"require": "c.err >= 0.3", **count}, rollback=count)
    slo, watch = (rule.window for rule in encode(old, old, {"a": "a"}).old.rules)
    assert list(lattice_facts(slo, watch)) == []
