"""
A step without an SLO is an error, whoever else watches it.
"""

import pytest


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        pytest.param(
            "",
            [],
            id="an SLO of the policy guards every step",
        ),
        pytest.param(
            "slos: [{name: a, require: canary.error_rate < 0.01, steps: [canary-10]}]",
            [
                ("canary-50", "step `canary-50` has no SLO, so it would advance on time alone"),
                ("full", "step `full` has no SLO, so it would advance on time alone"),
            ],
            id="an SLO that names steps guards only those",
        ),
        pytest.param(
            "slos: [{name: a, require: canary.error_rate < 0.01, steps: [canary-10]}]\nplan: {steps: [{name: canary-10, weight: 10, min: 1m}, {name: full, weight: 100, min: 1m, slos: [{name: b, require: canary.latency < 1.0}]}]}",
            [],
            id="an SLO of the step itself is enough",
        ),
        pytest.param(
            "slos: []\nrollback: [{name: a, when: canary.error_rate > 0.02}]\nplan: {steps: [{name: full, weight: 100, min: 1m}]}",
            [("full", "step `full` has no SLO, so it would advance on time alone")],
            id="a rollback rule is no SLO",
        ),
    ],
)
def test_unguarded_step(said, fragment, expected):
    assert said("unguarded-step", fragment) == expected
