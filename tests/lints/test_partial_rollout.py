"""
A rollout that ends below 100 % is told.
"""

import pytest


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        pytest.param(
            "",
            [],
            id="all traffic in the end",
        ),
        pytest.param(
            "plan: {steps: [{name: a, weight: 95, min: 1m}]}",
            [("95", "the rollout is complete after `a`, with 95% of the traffic on the new version")],
            id="a baseline is kept",
        ),
        pytest.param(
            "plan: {steps: [{name: a, weight: 100, min: 1m}, {name: b, weight: 100, min: 1m}]}",
            [],
            id="an earlier step may be partial",
        ),
    ],
)
def test_partial_rollout(said, fragment, expected):
    assert said("partial-rollout", fragment) == expected
