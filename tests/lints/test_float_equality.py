"""
Doubles are not compared for equality, but for zero.
"""

import pytest


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        pytest.param(
            "hold: [{name: h, when: canary.error_rate >= 0.5}]",
            [],
            id="an inequality",
        ),
        pytest.param(
            "hold: [{name: h, when: canary.error_rate == 0.5}]",
            [
                (
                    "canary.error_rate == 0.5",
                    "`canary.error_rate == 0.5` asks whether doubles are equal, which measured values hardly ever are",
                )
            ],
            id="`==`",
        ),
        pytest.param(
            "hold: [{name: h, when: '!(canary.error_rate != baseline.error_rate)'}]",
            [
                (
                    "canary.error_rate != baseline.error_rate",
                    "`canary.error_rate != baseline.error_rate` asks whether doubles are equal, which measured values hardly ever are",
                )
            ],
            id="`!=` below a negation",
        ),
        pytest.param(
            "hold: [{name: h, when: 'canary.error_rate in [0.1, 0.2]'}]",
            [
                (
                    "canary.error_rate in [0.1, 0.2]",
                    "`canary.error_rate in [0.1, 0.2]` asks whether doubles are equal, which measured values hardly ever are",
                )
            ],
            id="`in`",
        ),
        pytest.param(
            "hold: [{name: h, when: 'canary.error_rate in [0.0]'}]",
            [],
            id="`in` a list with zero only",
        ),
        pytest.param(
            "hold: [{name: h, when: canary.error_rate == 0.0}]",
            [],
            id="zero is exact",
        ),
        pytest.param(
            "hold: [{name: h, when: canary.failures == 3}]",
            [],
            id="ints are exact",
        ),
        pytest.param(
            "hold: [{name: h, when: 'app.color == \"green\"'}]",
            [],
            id="strings are exact",
        ),
        pytest.param(
            "hold: [{name: h, when: rollout.weight == 50.0 && canary.latency > 1.0}]",
            [],
            id="a weight is nobody's measurement",
        ),
        pytest.param(
            "invariants: [{name: i, never: advance, while: canary.latency == 1.5}]",
            [
                (
                    "canary.latency == 1.5",
                    "`canary.latency == 1.5` asks whether doubles are equal, which measured values hardly ever are",
                )
            ],
            id="in an invariant",
        ),
    ],
)
def test_float_equality(said, fragment, expected):
    assert said("float-equality", fragment) == expected
