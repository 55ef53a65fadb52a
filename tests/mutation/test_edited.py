"""
One thing changed in a checked policy: what is shared, what follows from it, and what the models refuse.
"""

from datetime import timedelta

from canarypolicy.mutation.edited import with_characters, with_derived, with_keys, with_text, without_key

from driver import program_of
from mutation.policies import EVERYTHING

CHECKED = program_of(EVERYTHING).checked


def test_what_is_not_changed_is_shared():
    edited = with_keys(CHECKED, ("plan", "steps", 0), min=timedelta(minutes=7))
    assert edited.policy.plan.steps[0].min == timedelta(minutes=7)
    assert edited.policy.plan.steps[1] is CHECKED.policy.plan.steps[1]
    assert edited.expressions is CHECKED.expressions


def test_what_the_models_refuse_is_none():
    assert with_keys(CHECKED, ("plan", "steps", 0), min=timedelta(hours=1)) is None
    assert without_key(CHECKED, ("rollback", 0, "when")) is None
    assert with_derived(CHECKED, "errors.mean", {"over": timedelta(0)}) is None


def test_an_expression_of_another_type_is_none():
    assert with_characters(CHECKED, ("rollback", 1, "when"), (0, len("canary.restarts")), "incident.data") is None
    assert with_characters(CHECKED, ("rollback", 1, "when"), (0, 0), "((") is None


def test_a_changed_expression_stands_in_model_and_expressions():
    path = ("plan", "gates", "before", 0, "require")
    changed = with_characters(CHECKED, path, (0, len("result.failed")), "result.passed")
    edited = with_text(CHECKED, path, changed)
    assert edited.policy.plan.gates.before[0].require == edited.expressions[path].text == "result.passed == 0"


def test_a_derived_signal_of_another_type_is_none():
    """`min` of an int is an int: whatever reads it would have to be checked again."""
    text = EVERYTHING.replace("{mean: {of: canary.errors, over: 10m}}", "{max: {of: canary.errors, over: 10m}}")
    assert with_derived(program_of(text).checked, "errors.mean", {"of": "canary.restarts"}) is None
