"""
Healthy values do not hold a rollout for ever.
"""

import pytest

EMPTY = "signals: {canary.requests: {healthy: 0}}\n"
UNKNOWN = "when: canary.latency / canary.requests > 0.5"
ALL = "with all signals at their healthy values,"


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        pytest.param("hold: [{name: h, when: canary.error_rate > 0.01}]", [], id="a hold rule that is false"),
        pytest.param(
            "hold: [{name: h, when: canary.error_rate > 0.001}]",
            [("0.002", "`canary.error_rate` is healthy at 0.002, but there hold rule `h` holds")],
            id="a hold rule that is true",
        ),
        pytest.param("hold: [{name: h, when: canary.error_rate > 0.001, unless: canary.latency > 0.1}]", [], id="exempted"),
        pytest.param(
            f"{EMPTY}hold: [{{name: h, {UNKNOWN}}}]",
            [("canary.latency / canary.requests > 0.5", f"{ALL} hold rule `h` is unknown")],
            id="an unknown hold rule",
        ),
        pytest.param(
            f"{EMPTY}rollback: [{{name: r, {UNKNOWN}}}]",
            [("canary.latency / canary.requests > 0.5", f"{ALL} rollback rule `r` is unknown")],
            id="an unknown rollback rule",
        ),
        pytest.param(f"{EMPTY}rollback: [{{name: r, {UNKNOWN}, missing: ignore}}]", [], id="unknown, and ignored"),
        pytest.param(
            "rollback: [{name: r, when: canary.error_rate > 0.001}]", [], id="a rollback rule that fires is another lint's"
        ),
        pytest.param(
            f"{EMPTY}slos: [{{name: s, require: canary.latency / canary.requests > 0.5}}]", [], id="an SLO is another lint's"
        ),
        pytest.param("hold: [{name: h, when: rollout.step_elapsed_seconds < 600.0}]", [], id="a hold rule that ends"),
        pytest.param(
            "hold: [{name: h, when: 'rollout.step == \"full\"'}]",
            [('rollout.step == "full"', f"{ALL} hold rule `h` holds in step `full`")],
            id="a hold rule of one step",
        ),
    ],
)
def test_held_when_healthy(said, fragment, expected):
    assert said("held-when-healthy", fragment) == expected
