"""
A reason is equal to another that says the same, however it came to say it.
"""

import pytest
from canarypolicy.engine.decision import ReasonState

from results import reason


def test_reasons_that_say_the_same_are_equal_and_one_of_a_set():
    assert reason() == reason()
    assert len({reason(), reason()}) == 1
    assert reason() != "low"


@pytest.mark.parametrize(
    "other",
    [
        reason(rule="high"),
        reason(state=ReasonState.UNKNOWN),
        reason(since_us=1),
        reason(lacking_us=1),
        reason(values={"canary.errors": 0.5}),
        reason(message="something else"),
    ],
)
def test_reasons_that_differ_in_anything_are_not_equal(other):
    assert reason() != other
