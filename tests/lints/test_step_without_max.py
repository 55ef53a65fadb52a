"""
Every step but the last has a limit in time.
"""

import pytest


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        pytest.param(
            "",
            [],
            id="the last step needs none",
        ),
        pytest.param(
            "plan: {steps: [{name: a, weight: 10, min: 1m}, {name: b, weight: 100, min: 1m}]}",
            [("a", "step `a` has no `max`, so it may wait for ever without being overdue")],
            id="a step before it does",
        ),
        pytest.param(
            "plan: {steps: [{name: b, weight: 100, min: 1m}]}",
            [],
            id="a single step is the last",
        ),
    ],
)
def test_step_without_max(said, fragment, expected):
    assert said("step-without-max", fragment) == expected
