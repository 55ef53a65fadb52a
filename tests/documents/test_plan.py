from datetime import timedelta

from canarypolicy.documents.loading import load_policy


def plan_of(text):
    checked = load_policy(text.encode(), "policy.yaml").document
    assert checked is not None
    return checked.policy.plan


def test_the_longest_gap_is_three_times_every_unless_it_is_written(valid):
    """Three samples in a row may be late before a run ends."""
    assert plan_of(valid).longest_gap == timedelta(seconds=90)
    assert plan_of(valid.replace("  steps:\n", "  max_gap: 30s\n  steps:\n")).longest_gap == timedelta(seconds=30)


def test_a_plan_has_defaults_that_are_safe(valid):
    """Nothing is rolled back on time alone, and nothing is frozen, unless it is written."""
    plan = plan_of(valid)
    assert {step.on_timeout.value for step in plan.steps} == {"hold"}
    assert plan.on_rollback.freeze is False
    assert plan.steps[0].approval is None
