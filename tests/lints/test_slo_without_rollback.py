"""
An SLO has a rollback rule on the same signal, or a step that times out.
"""

import pytest


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        pytest.param(
            "",
            [
                (
                    "canary.error_rate < 0.01",
                    "no rollback rule reads what SLO `error-rate` measures, so the canary stays when it breaks",
                )
            ],
            id="no rollback rule at all",
        ),
        pytest.param(
            "rollback: [{name: r, when: canary.error_rate > 0.02}]",
            [],
            id="a rollback rule on the same signal",
        ),
        pytest.param(
            "plan: {steps: [{name: full, weight: 100, min: 1m, rollback: [{name: r, when: canary.error_rate > 0.02}]}]}",
            [],
            id="a rollback rule of a single step counts",
        ),
        pytest.param(
            "rollback: [{name: r, when: canary.latency > 2.0}]",
            [
                (
                    "canary.error_rate < 0.01",
                    "no rollback rule reads what SLO `error-rate` measures, so the canary stays when it breaks",
                )
            ],
            id="a rollback rule on another signal",
        ),
        pytest.param(
            "rollback: [{name: r, when: canary.latency > 2.0, unless: canary.error_rate > 0.5}]",
            [
                (
                    "canary.error_rate < 0.01",
                    "no rollback rule reads what SLO `error-rate` measures, so the canary stays when it breaks",
                )
            ],
            id="an exemption reads it, which is not enough",
        ),
        pytest.param(
            "derived: {d.x: {mean: {of: canary.error_rate, over: 5m}}}\nrollback: [{name: r, when: d.x > 0.02}]",
            [],
            id="a rollback rule on a signal derived from it",
        ),
        pytest.param(
            "plan: {steps: [{name: full, weight: 100, min: 1m, max: 2m, on_timeout: rollback}]}",
            [],
            id="every step times out",
        ),
        pytest.param(
            "slos: [{name: a, require: rollout.weight > 1.0}]",
            [],
            id="an SLO without evidence has nothing to be read",
        ),
    ],
)
def test_slo_without_rollback(said, fragment, expected):
    assert said("slo-without-rollback", fragment) == expected
