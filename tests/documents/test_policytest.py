"""
What PolicyTests may say; what they may not is in tests/cases/policytests.
"""

from __future__ import annotations

import pytest
from canarypolicy.documents.policytest import Expectation, Scenario
from canarypolicy.documents.policytest_time import TimeInTest
from pydantic import ValidationError

FORMS = {
    "at": {"at": "4m", "decision": "hold", "step": "full", "because": ["x"], "missing": ["a.b"], "values": {"a.b": 1}},
    "never": {"never": "advance", "step": "full", "because": ["x"], "after": "1m", "before": "3m"},
    "always": {"always": "hold", "between": ["1m", "1m"]},
    "first": {"first": "rollback", "at": "4m", "because": ["x"]},
    "outcome": {"outcome": "complete"},
}


@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_known_by_its_key(form):
    assert Expectation.model_validate(FORMS[form]).form == form


def test_each_kind_of_value_can_be_expected():
    values = {"a.b": 1, "a.c": 0.5, "a.d": True, "a.e": "blue", "a.f": {"value": 0.2, "within": 0.1}}
    assert dict(Expectation.model_validate({"at": "1m", "values": values}).values or {})["a.d"] is True


def test_an_interval_of_dates_is_held_against_its_own_kind_alone():
    """A date and a duration cannot be compared before the history is known."""
    mixed = {"never": "advance", "between": ["5m", "2026-05-01T10:00:00Z"]}
    assert Expectation.model_validate(mixed).between is not None
    with pytest.raises(ValidationError):
        Expectation.model_validate({"never": "advance", "between": ["2026-05-01T11:00:00Z", "2026-05-01T10:00:00Z"]})


def test_every_time_of_a_scenario_is_listed():
    scenario = Scenario.model_validate(
        {
            "name": "x", "lasts": "9m", "start": "1m", "events": [{"at": "2m", "event": "freeze", "until": "3m"}],
            "expect": [{"at": "4m", "decision": "hold"}, {"never": "hold", "after": "5m", "before": "6m"}, {"never": "hold", "between": ["7m", "8m"]}],
        }
    )  # fmt: skip
    assert [str(time) for _, time in scenario.times()] == ["1m", "2m", "3m", "4m", "5m", "6m", "7m", "8m"]


def test_times_count_from_the_first_sample_or_are_dates():
    assert TimeInTest(60).since(1000) == 1060
    assert TimeInTest(60, is_instant=True).since(1000) == 60
    assert str(TimeInTest(0, is_instant=True)) == "1970-01-01T00:00:00Z"
    made = TimeInTest(5)
    assert Expectation(at=made, step="full").at is made


def test_a_time_that_is_no_text_is_refused():
    with pytest.raises(ValidationError, match="a time is text"):
        Expectation.model_validate({"at": 4, "step": "full"})
