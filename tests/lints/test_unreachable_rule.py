"""
What can never be true is told at the part that is to blame; what can be is not.
"""

import pytest


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        pytest.param(
            "rollback: [{name: r, when: 'canary.error_rate > 1.0'}]",
            [("canary.error_rate > 1.0", "rollback rule `r` can never fire: `canary.error_rate > 1.0` is never true")],
            id="a rollback rule beyond the range",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'canary.error_rate >= 1.0'}]",
            [],
            id="the end of the range can be reached",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'canary.requests > 1e300'}]",
            [],
            id="no range, no claim",
        ),
        pytest.param(
            "slos: [{name: s, require: canary.error_rate < 0.0}]",
            [("canary.error_rate < 0.0", "SLO `s` can never be met: `canary.error_rate < 0.0` is never true")],
            id="an SLO below the range",
        ),
        pytest.param(
            "hold: [{name: h, when: canary.failures < 0}]",
            [("canary.failures < 0", "hold rule `h` can never hold: `canary.failures < 0` is never true")],
            id="a hold rule",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'incident.data && (canary.latency > 2.0 && canary.error_rate > 1.0)'}]",
            [("canary.error_rate > 1.0", "rollback rule `r` can never fire: `canary.error_rate > 1.0` is never true")],
            id="the operand that is to blame",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'incident.data || canary.error_rate > 1.0'}]",
            [],
            id="an alternative can still be true",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'canary.error_rate < 0.0 || canary.error_rate > 1.0'}]",
            [
                (
                    "canary.error_rate < 0.0 || canary.error_rate > 1.0",
                    "rollback rule `r` can never fire: `canary.error_rate < 0.0 || canary.error_rate > 1.0` is never true",
                )
            ],
            id="no alternative can be true",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'canary.latency > 2.0 && canary.latency < 1.0'}]",
            [
                (
                    "canary.latency > 2.0 && canary.latency < 1.0",
                    "rollback rule `r` can never fire: `canary.latency > 2.0 && canary.latency < 1.0` is never true",
                )
            ],
            id="operands that exclude each other",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'rollout.weight > 50.0 && rollout.weight < 100.0 && rollout.weight != rollout.weight'}]",
            [
                (
                    "rollout.weight != rollout.weight",
                    "rollback rule `r` can never fire: `rollout.weight != rollout.weight` is never true",
                )
            ],
            id="a step that is not there",
        ),
        pytest.param(
            "derived: {d.x: {mean: {of: canary.error_rate, over: 5m}}}\nrollback: [{name: r, when: 'd.x > 1.0'}]",
            [("d.x > 1.0", "rollback rule `r` can never fire: `d.x > 1.0` is never true")],
            id="a derived signal keeps the range",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'canary.error_rate > 0.02', unless: baseline.error_rate > 1.0}]",
            [
                (
                    "baseline.error_rate > 1.0",
                    "`unless` of rollback rule `r` exempts nothing: `baseline.error_rate > 1.0` is never true",
                )
            ],
            id="an exemption that never is",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'canary.error_rate > 0.02', unless: canary.error_rate > 0.01}]",
            [("canary.error_rate > 0.01", "rollback rule `r` can never fire: `unless` is true whenever `when` is")],
            id="an exemption of everything",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'canary.error_rate > 0.02', unless: canary.error_rate > 0.05}]",
            [],
            id="an exemption of a part",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'canary.error_rate > 1.0', unless: canary.error_rate > 0.5}]",
            [("canary.error_rate > 1.0", "rollback rule `r` can never fire: `canary.error_rate > 1.0` is never true")],
            id="a rule that is never true is not told twice",
        ),
        pytest.param(
            "plan: {gates: {before: [{name: g, probe: p, require: 'result.failed < 0'}], after: [{name: k, probe: p, require: result.failed == 0}]}}",
            [("result.failed < 0", "gate `g` can never be met: `result.failed < 0` is never true")],
            id="a gate",
        ),
        pytest.param(
            "plan: {on_rollback: {recovery: {require: 'canary.error_rate < 0.0', within: 10m}}}",
            [("canary.error_rate < 0.0", "recovery can never be met: `canary.error_rate < 0.0` is never true")],
            id="the recovery",
        ),
        pytest.param(
            "invariants: [{name: a, never: advance, while: canary.error_rate > 1.0}, {name: b, when: canary.error_rate > 2.0, always: rollback, within: 5m}, {name: c, never: {reach: full}, before: 5m}]",
            [
                ("canary.error_rate > 1.0", "invariant `a` says nothing: `canary.error_rate > 1.0` is never true"),
                ("canary.error_rate > 2.0", "invariant `b` says nothing: `canary.error_rate > 2.0` is never true"),
            ],
            id="invariants",
        ),
    ],
)
def test_unreachable_rule(said, fragment, expected):
    assert said("unreachable-rule", fragment) == expected
