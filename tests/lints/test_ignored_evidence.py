"""
Only `missing: ignore` on a rollback rule lets a lack of evidence pass.
"""

import pytest


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        pytest.param(
            "rollback: [{name: r, when: canary.error_rate > 0.02}]",
            [],
            id="the default holds",
        ),
        pytest.param(
            "rollback: [{name: r, when: canary.error_rate > 0.02, missing: ignore}]",
            [("ignore", "rollback rule `r` lets the rollout advance while its signals are missing")],
            id="a rollback rule ignores",
        ),
        pytest.param(
            "hold: [{name: r, when: canary.error_rate > 0.02, missing: ignore}]",
            [],
            id="a hold rule may",
        ),
        pytest.param(
            "plan: {steps: [{name: full, weight: 100, min: 1m, rollback: [{name: r, when: canary.error_rate > 0.02, missing: ignore}]}]}",
            [("ignore", "rollback rule `r` lets the rollout advance while its signals are missing")],
            id="a rule of a step",
        ),
    ],
)
def test_ignored_evidence(said, fragment, expected):
    assert said("ignored-evidence", fragment) == expected
