from datetime import timedelta

from canarypolicy.documents.loading import load_policy
from canarypolicy.documents.rule import Missing, SampleCount


def policy_of(text):
    checked = load_policy(text.encode(), "policy.yaml").document
    assert checked is not None
    return checked.policy


def test_for_is_a_duration_or_a_number_of_samples(valid):
    """Each form is read as what it is; without it, one sample is enough."""
    assert policy_of(valid).rollback[0].for_ == timedelta(minutes=5)
    counted = policy_of(valid.replace("0.02, for: 5m", "0.02, for: {samples: 3, of: 5}")).rollback[0]
    assert counted.for_ == SampleCount(samples=3, of=5)
    assert policy_of(valid.replace("0.02, for: 5m", "0.02")).rollback[0].for_ is None


def test_a_rule_that_is_unknown_holds_unless_it_is_written_otherwise(valid):
    """No evidence, no advance."""
    assert policy_of(valid).rollback[0].missing is Missing.HOLD
    blind = policy_of(valid.replace("0.02, for: 5m", "0.02, missing: rollback, after: 10m")).rollback[0]
    assert (blind.missing, blind.after) == (Missing.ROLLBACK, timedelta(minutes=10))
