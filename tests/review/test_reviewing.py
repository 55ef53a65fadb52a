"""
The review of one policy: what is asked of which module, and the cases in which there is only one side.
"""

import pytest
from canarypolicy.documents.loading import load_policy
from canarypolicy.review.findings import Certainty
from canarypolicy.review.reviewing import ReviewOptions, review

TEXT = """\
apiVersion: canarypolicy/v1
kind: RolloutPolicy
metadata: {name: shop}
signals: {a.b: {range: [0, 10], healthy: 0.0, worse: higher}}
slos: [{name: low, require: a.b < 1.0, for: 1m}]
rollback: [{name: high, when: a.b >= 2.0, for: 1m}]
plan: {every: 1m, steps: [{name: canary-10, weight: 10, min: 2m}, {name: full, weight: 100, min: 2m}]}
"""


def checked(text, path="policy.yaml"):
    document = load_policy(text.encode(), path).document
    assert document is not None
    return document


def test_a_pair_is_asked_all_questions_of_every_common_step():
    new = TEXT.replace("name: canary-10", "name: canary-20").replace("weight: 10,", "weight: 20,")
    found = review(checked(TEXT, "old.yaml"), checked(new, "new.yaml"), ReviewOptions())
    assert (found.name, found.old_path, found.new_path, found.place.text) == ("shop", "old.yaml", "new.yaml", "shop")
    assert [each.step for each in found.transitions] == ["full"] * 6
    assert (found.added_steps, found.removed_steps) == (("canary-20",), ("canary-10",))
    assert {each.certainty for each in found.transitions} == {Certainty.PROVED}
    assert (found.recordings, found.headroom, found.not_proved) == (None, (), None)


def test_the_solver_is_asked_where_formulas_differ():
    found = review(checked(TEXT), checked(TEXT.replace("a.b >= 2.0", "a.b >= 3.0")), ReviewOptions())
    assert found.queries > 0
    assert {each.certainty for each in found.transitions} == {Certainty.PROVED, Certainty.WITNESS}


def test_a_renamed_step_is_asked_by_its_new_name():
    new = TEXT.replace("name: canary-10", "name: first")
    found = review(checked(TEXT), checked(new), ReviewOptions())
    assert found.renamed_steps == {"canary-10": "first"}
    assert [each.step for each in found.transitions] == ["first"] * 6 + ["full"] * 6


def test_no_common_step_leaves_nothing_to_ask():
    one = TEXT.replace("{name: canary-10, weight: 10, min: 2m}, ", "")
    other = one.replace("name: full, weight: 100, min: 2m", "name: all, weight: 100, min: 3m")
    found = review(checked(one), checked(other), ReviewOptions())
    assert (found.transitions, found.added_steps, found.removed_steps) == ((), ("all",), ("full",))


def test_a_new_policy_is_looked_at_by_itself():
    found = review(None, checked(TEXT), ReviewOptions())
    assert (found.old_path, found.transitions, found.edits) == (None, (), ())
    assert [remark.name for remark in found.remarks] == ["endless-hold"]


def test_of_a_policy_that_is_gone_nothing_is_asked():
    found = review(checked(TEXT), None, ReviewOptions())
    assert (found.new_path, found.transitions, found.remarks, found.not_proved) == (None, (), (), None)


def test_no_policy_is_a_mistake():
    with pytest.raises(ValueError, match="needs a policy"):
        review(None, None, ReviewOptions())
