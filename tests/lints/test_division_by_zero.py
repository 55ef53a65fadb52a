"""
A divisor that may be zero where it stands is told.
"""

import pytest


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        pytest.param(
            "rollback: [{name: r, when: 'canary.latency / canary.requests > 0.5'}]",
            [("canary.requests", "`canary.requests` may be zero, and then `canary.latency / canary.requests` is unknown")],
            id="a range with zero",
        ),
        pytest.param(
            "signals: {canary.requests: {range: [1, null]}}\nrollback: [{name: r, when: 'canary.latency / canary.requests > 0.5'}]",
            [],
            id="a range without zero",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'canary.requests / 60.0 < 0.5'}]",
            [],
            id="a constant divisor",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'canary.requests > 0.0 && canary.latency / canary.requests > 0.5'}]",
            [],
            id="guarded by an operand before it",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'canary.latency / canary.requests > 0.5 && canary.requests > 0.0'}]",
            [],
            id="guarded by an operand behind it",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'canary.requests != 0.0 && canary.latency / canary.requests > 0.5'}]",
            [],
            id="guarded by `!=`",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'canary.requests >= 0.0 && canary.latency / canary.requests > 0.5'}]",
            [("canary.requests", "`canary.requests` may be zero, and then `canary.latency / canary.requests` is unknown")],
            id="the guard lets zero in",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'canary.requests == 0.0 || canary.latency / canary.requests > 0.5'}]",
            [],
            id="guarded by an alternative",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'canary.requests == 0.0 && canary.latency / canary.requests > 0.5'}]",
            [("canary.requests", "`canary.requests` may be zero, and then `canary.latency / canary.requests` is unknown")],
            id="an alternative guards nothing of `&&`",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'canary.requests > 0.0 ? canary.latency / canary.requests > 0.5 : incident.data'}]",
            [],
            id="guarded by a condition",
        ),
        pytest.param(
            "rollback: [{name: r, when: '(canary.requests == 0.0 ? 0.0 : canary.latency / canary.requests) > 0.5'}]",
            [],
            id="guarded in the other branch",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'canary.latency / canary.requests > 0.5 ? canary.requests > 0.0 : canary.latency / canary.error_rate > 1.0'}]",
            [
                ("canary.requests", "`canary.requests` may be zero, and then `canary.latency / canary.requests` is unknown"),
                (
                    "canary.error_rate",
                    "`canary.error_rate` may be zero, and then `canary.latency / canary.error_rate` is unknown",
                ),
            ],
            id="unguarded in a condition and a branch",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'canary.latency / (canary.error_rate - baseline.error_rate) > 1.0'}]",
            [
                (
                    "canary.error_rate - baseline.error_rate",
                    "`canary.error_rate - baseline.error_rate` may be zero, and then `canary.latency / (canary.error_rate - baseline.error_rate)` is unknown",
                )
            ],
            id="a computed divisor",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'canary.error_rate - baseline.error_rate != 0.0 && canary.latency / (canary.error_rate - baseline.error_rate) > 1.0'}]",
            [],
            id="a guarded computed divisor",
        ),
        pytest.param(
            "rollback: [{name: r, when: '10 % canary.failures > 1'}]",
            [("canary.failures", "`canary.failures` may be zero, and then `10 % canary.failures` is unknown")],
            id="a remainder of ints",
        ),
        pytest.param(
            "rollback: [{name: r, when: '[canary.latency / canary.requests].exists(v, canary.latency / canary.error_rate > v)'}]",
            [("canary.requests", "`canary.requests` may be zero, and then `canary.latency / canary.requests` is unknown")],
            id="in a macro's list, not in its body",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'canary.latency * canary.requests > 0.5'}]",
            [],
            id="a product is no division",
        ),
    ],
)
def test_division_by_zero(said, fragment, expected):
    assert said("division-by-zero", fragment) == expected
