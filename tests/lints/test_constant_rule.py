"""
What can never be false is told at the part that is to blame; what can be is not.
"""

import pytest


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        pytest.param(
            "slos: [{name: s, require: canary.error_rate <= 1.0}]",
            [("canary.error_rate <= 1.0", "SLO `s` asks for nothing: `canary.error_rate <= 1.0` is never false")],
            id="an SLO at the end of the range",
        ),
        pytest.param(
            "slos: [{name: s, require: canary.error_rate < 1.0}]",
            [],
            id="just below the end",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'canary.error_rate >= 0.0'}]",
            [
                (
                    "canary.error_rate >= 0.0",
                    "rollback rule `r` is true whatever is measured: `canary.error_rate >= 0.0` is never false",
                )
            ],
            id="a rollback rule",
        ),
        pytest.param(
            "slos: [{name: s, require: canary.latency < 1.0 || (incident.data || canary.failures >= 0)}]",
            [("canary.failures >= 0", "SLO `s` asks for nothing: `canary.failures >= 0` is never false")],
            id="an operand settles it",
        ),
        pytest.param(
            "slos: [{name: s, require: canary.latency < 1.0 || canary.latency > 0.5}]",
            [
                (
                    "canary.latency < 1.0 || canary.latency > 0.5",
                    "SLO `s` asks for nothing: `canary.latency < 1.0 || canary.latency > 0.5` is never false",
                )
            ],
            id="operands that leave nothing out",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'canary.error_rate > 1.0'}]",
            [],
            id="what is never true is another lint's",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'canary.error_rate > 0.02', unless: baseline.error_rate >= 0.0}]",
            [
                (
                    "baseline.error_rate >= 0.0",
                    "`unless` of rollback rule `r` exempts everything that is measured: `baseline.error_rate >= 0.0` is never false",
                )
            ],
            id="an exemption",
        ),
        pytest.param(
            "plan: {gates: {before: [{name: g, probe: p, require: 'result.failed >= 0'}], after: [{name: k, probe: p, require: result.failed == 0}]}}",
            [("result.failed >= 0", "gate `g` asks for nothing: `result.failed >= 0` is never false")],
            id="a gate",
        ),
        pytest.param(
            "invariants: [{name: a, never: advance, while: canary.error_rate <= 1.0}]",
            [("canary.error_rate <= 1.0", "invariant `a` speaks of every sample: `canary.error_rate <= 1.0` is never false")],
            id="an invariant",
        ),
        pytest.param(
            "slos: [{name: s, require: 'canary.latency < 1.0 || canary.latency < 2.0 || canary.latency < 3.0 || canary.latency < 4.0 || has(canary.requests) || !has(canary.requests)'}]",
            [
                (
                    "canary.latency < 1.0 || canary.latency < 2.0 || canary.latency < 3.0 || canary.latency < 4.0 || has(canary.requests) || !has(canary.requests)",
                    "SLO `s` asks for nothing: `canary.latency < 1.0 || canary.latency < 2.0 || canary.latency < 3.0 || canary.l...` is never false",
                )
            ],
            id="a long text is cut",
        ),
    ],
)
def test_constant_rule(said, fragment, expected):
    assert said("constant-rule", fragment) == expected
