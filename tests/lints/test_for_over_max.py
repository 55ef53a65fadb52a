"""
An SLO fits into the steps in which it acts.
"""

import pytest


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        pytest.param(
            "plan: {steps: [{name: a, weight: 10, min: 1m, max: 10m}, {name: b, weight: 100, min: 1m}]}\nslos: [{name: s, require: canary.error_rate < 0.01}]",
            [],
            id="no `for`",
        ),
        pytest.param(
            "plan: {steps: [{name: a, weight: 10, min: 1m, max: 10m}, {name: b, weight: 100, min: 1m}]}\nslos: [{name: s, require: canary.error_rate < 0.01, for: 10m}]",
            [],
            id="as long as the step",
        ),
        pytest.param(
            "plan: {steps: [{name: a, weight: 10, min: 1m, max: 10m}, {name: b, weight: 100, min: 1m}]}\nslos: [{name: s, require: canary.error_rate < 0.01, for: 10m1s}]",
            [("10m1s", "SLO `s` takes at least 10m1s to be met, but `a` lasts at most 10m")],
            id="longer than the step",
        ),
        pytest.param(
            "plan: {steps: [{name: a, weight: 10, min: 1m, max: 10m}, {name: b, weight: 100, min: 1m}]}\nslos: [{name: s, require: canary.error_rate < 0.01, for: 11m, steps: [b]}]",
            [],
            id="longer, but it does not act there",
        ),
        pytest.param(
            "plan: {steps: [{name: a, weight: 10, min: 1m, max: 10m}, {name: b, weight: 100, min: 1m}]}\nslos: [{name: s, require: canary.error_rate < 0.01, for: {samples: 21, of: 30}}]",
            [],
            id="k samples just fit",
        ),
        pytest.param(
            "plan: {steps: [{name: a, weight: 10, min: 1m, max: 10m}, {name: b, weight: 100, min: 1m}]}\nslos: [{name: s, require: canary.error_rate < 0.01, for: {samples: 22, of: 30}}]",
            [("samples: 22\n    of: 30", "SLO `s` takes at least 10m30s to be met, but `a` lasts at most 10m")],
            id="k samples take longer",
        ),
        pytest.param(
            "plan: {steps: [{name: a, weight: 10, min: 1m, max: 10m}, {name: b, weight: 100, min: 1m}]}\nrollback: [{name: r, when: canary.error_rate > 0.02, for: 1h}]",
            [],
            id="a rollback rule runs on across steps",
        ),
        pytest.param(
            "slos: [{name: s, require: canary.error_rate < 0.01, for: 1h}]",
            [("1h", "SLO `s` takes at least 1h to be met, but `canary-10` lasts at most 30m, `canary-50` lasts at most 45m")],
            id="two steps are too short",
        ),
    ],
)
def test_for_over_max(said, fragment, expected):
    assert said("for-over-max", fragment) == expected
