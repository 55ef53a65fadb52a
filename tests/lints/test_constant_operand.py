"""
An operand with one truth value decides nothing; the smallest whole one is told.
"""

import pytest


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        pytest.param(
            "rollback: [{name: r, when: 'incident.data || canary.error_rate > 1.0'}]",
            [("canary.error_rate > 1.0", "`canary.error_rate > 1.0` is never true, so it decides nothing")],
            id="an alternative that is never true",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'incident.data && canary.error_rate <= 1.0'}]",
            [("canary.error_rate <= 1.0", "`canary.error_rate <= 1.0` is never false, so it decides nothing")],
            id="an operand that is never false",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'canary.latency >= 0.0 ? incident.data : canary.failures > 3'}]",
            [("canary.latency >= 0.0", "`canary.latency >= 0.0` is never false, so it decides nothing")],
            id="a condition that is always true",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'incident.data ? incident.data || canary.latency / (canary.error_rate * 0.0) > 1.0 : has(canary.latency)'}]",
            [
                (
                    "canary.latency / (canary.error_rate * 0.0) > 1.0",
                    "`canary.latency / (canary.error_rate * 0.0) > 1.0` is always unknown, so it decides nothing",
                )
            ],
            id="an operand that is always unknown",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'incident.data || (canary.latency > 2.0 && canary.latency < 1.0)'}]",
            [
                (
                    "canary.latency > 2.0 && canary.latency < 1.0",
                    "`canary.latency > 2.0 && canary.latency < 1.0` is never true, so it decides nothing",
                )
            ],
            id="a contradiction is told as a whole",
        ),
        pytest.param(
            "rollback: [{name: r, when: '!(incident.data && (canary.failures > 3 || canary.error_rate > 1.0))'}]",
            [("canary.error_rate > 1.0", "`canary.error_rate > 1.0` is never true, so it decides nothing")],
            id="deeper down",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'incident.data && canary.error_rate > 1.0'}]",
            [],
            id="a rule that is constant as a whole is another lint's",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'incident.data || false'}]",
            [],
            id="a literal is meant",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'incident.data || [1.0].exists(v, v > 2.0 || canary.error_rate > 1.0)'}]",
            [],
            id="the body of a macro is left alone",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'incident.data || canary.error_rate > 0.5'}]",
            [],
            id="everything can be both",
        ),
    ],
)
def test_constant_operand(said, fragment, expected):
    assert said("constant-operand", fragment) == expected
