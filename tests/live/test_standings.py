"""
Where every rule stands, beside what the decisions name.
"""

from contextlib import closing

import pytest
from canarypolicy.live.standings import rules_of
from canarypolicy.store.database import open_store

from journals import JournalMaker


@pytest.fixture
def maker(tmp_path):
    with closing(open_store(f"sqlite:///{tmp_path / 'runs.db'}")) as store:
        yield JournalMaker(store)


def rules(maker):
    return {rule["rule"]: rule for rule in rules_of(maker.journal.record.fold)}


def test_before_the_first_sample_no_rule_stands_anywhere(maker):
    assert rules(maker) == {}
    maker.sample()
    assert rules(maker) == {}, "a sample before the first step is only history"
    maker.enter(0)
    assert rules(maker) == {}


def test_every_rule_of_the_step_stands_somewhere_and_has_its_margin(maker):
    maker.enter(0)
    decision = maker.samples(4)[-1]
    found = rules(maker)
    assert {name: rule["state"] for name, rule in found.items()} == {
        "high": "quiet", "data-incident": "quiet", "too-little-traffic": "quiet", "low": "met",
    }  # fmt: skip
    assert found["high"]["margin"] == pytest.approx(0.9)
    assert found["low"]["margin"] == pytest.approx(0.8)
    assert found["data-incident"]["margin"] is None
    assert found["high"]["location"]["line"] == 11
    assert {reason.rule for reason in decision.reasons} == {"min-duration"}


def test_what_a_decision_names_stands_as_the_decision_says(maker):
    maker.enter(0)
    maker.samples(2)
    decision = maker.sample(canary_errors=0.03, canary_requests=None)
    found = rules(maker)
    named = {reason.rule: reason for reason in decision.reasons if reason.rule in found}
    assert set(named) == {"high", "low", "too-little-traffic"}
    for name, reason in named.items():
        assert found[name]["state"] == reason.state.value
        assert found[name]["margin"] == reason.margin


def test_what_was_seen_at_the_end_stays_in_sight(maker):
    maker.enter(0)
    maker.sample()
    assert maker.samples(4, canary_errors=0.03)[-1].verdict.value == "rollback"
    assert rules(maker)["high"]["state"] == "fires"
    assert rules(maker)["high"]["values"] == {"canary.errors": 0.03}
    maker.sample(canary_errors=0.001)
    assert rules(maker)["high"]["values"] == {"canary.errors": 0.03}
