"""
Weights rise or stay.
"""

import pytest


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        pytest.param(
            "",
            [],
            id="rising weights",
        ),
        pytest.param(
            "plan: {steps: [{name: a, weight: 50, min: 1m}, {name: b, weight: 50.0, min: 1m}]}",
            [],
            id="equal weights",
        ),
        pytest.param(
            "plan: {steps: [{name: a, weight: 50, min: 1m}, {name: b, weight: 12.5, min: 1m}, {name: c, weight: 100, min: 1m}]}",
            [("12.5", "step `b` sends 12.5% after `a` sent 50%")],
            id="one falls",
        ),
        pytest.param(
            "plan: {steps: [{name: a, weight: 50, min: 1m}, {name: b, weight: 20, min: 1m}, {name: c, weight: 10, min: 1m}]}",
            [("20", "step `b` sends 20% after `a` sent 50%"), ("10", "step `c` sends 10% after `b` sent 20%")],
            id="each that falls is told",
        ),
    ],
)
def test_weight_goes_down(said, fragment, expected):
    assert said("weight-goes-down", fragment) == expected
