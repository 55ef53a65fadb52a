"""
Presence, constants and built-in signals are no evidence.
"""

import pytest


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        pytest.param(
            "",
            [],
            id="a measured signal",
        ),
        pytest.param(
            "slos: [{name: a, require: has(canary.error_rate)}]",
            [("has(canary.error_rate)", "SLO `a` reads no measured signal, so it is no evidence for an advance")],
            id="presence alone",
        ),
        pytest.param(
            "slos: [{name: a, require: rollout.elapsed_seconds > 60.0}]",
            [("rollout.elapsed_seconds > 60.0", "SLO `a` reads no measured signal, so it is no evidence for an advance")],
            id="time alone",
        ),
        pytest.param(
            "slos: [{name: a, require: has(canary.latency) && canary.error_rate < 0.01}]",
            [],
            id="presence beside a value",
        ),
        pytest.param(
            "derived: {canary.errors: {mean: {of: canary.error_rate, over: 5m}}}\nslos: [{name: a, require: canary.errors < 0.01}]",
            [],
            id="a derived signal is measured",
        ),
        pytest.param(
            "plan: {steps: [{name: full, weight: 100, min: 1m, slos: [{name: b, require: 'rollout.weight > 1.0'}]}]}",
            [("rollout.weight > 1.0", "SLO `b` reads no measured signal, so it is no evidence for an advance")],
            id="an SLO of a step",
        ),
    ],
)
def test_evidence_free_slo(said, fragment, expected):
    assert said("evidence-free-slo", fragment) == expected
