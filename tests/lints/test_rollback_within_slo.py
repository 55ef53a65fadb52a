"""
A rollback limit lies beyond the SLO's.
"""

import pytest


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        pytest.param(
            "slos: [{name: s, require: 'canary.error_rate < 0.01'}]\nrollback: [{name: r, when: 'canary.error_rate >= 0.02'}]",
            [],
            id="room between them",
        ),
        pytest.param(
            "slos: [{name: s, require: 'canary.error_rate < 0.01'}]\nrollback: [{name: r, when: 'canary.error_rate >= 0.01'}]",
            [],
            id="they meet",
        ),
        pytest.param(
            "slos: [{name: s, require: 'canary.error_rate <= 0.01'}]\nrollback: [{name: r, when: 'canary.error_rate >= 0.01'}]",
            [
                (
                    "canary.error_rate >= 0.01",
                    "rollback rule `r` fires at values that SLO `s` accepts: `canary.error_rate <= 0.01`",
                )
            ],
            id="they meet in one value",
        ),
        pytest.param(
            "slos: [{name: s, require: 'canary.error_rate < 0.02'}]\nrollback: [{name: r, when: '0.01 <= canary.error_rate'}]",
            [("0.01 <= canary.error_rate", "rollback rule `r` fires at values that SLO `s` accepts: `canary.error_rate < 0.02`")],
            id="swapped",
        ),
        pytest.param(
            "slos: [{name: s, require: 'canary.requests > 100.0'}]\nrollback: [{name: r, when: 'canary.requests < 500.0'}]",
            [("canary.requests < 500.0", "rollback rule `r` fires at values that SLO `s` accepts: `canary.requests > 100.0`")],
            id="lower limits",
        ),
        pytest.param(
            "slos: [{name: s, require: 'canary.requests > 100.0'}]\nrollback: [{name: r, when: 'canary.requests > 500.0'}]",
            [],
            id="limits of the same direction",
        ),
        pytest.param(
            "slos: [{name: s, require: 'canary.failures == 0'}]\nrollback: [{name: r, when: 'canary.failures > 3'}]",
            [],
            id="an equality",
        ),
        pytest.param(
            "slos: [{name: s, require: 'canary.error_rate < 0.02'}]\nrollback: [{name: r, when: 'baseline.error_rate >= 0.01'}]",
            [],
            id="another signal",
        ),
        pytest.param(
            "slos: [{name: s, require: 'canary.error_rate - baseline.error_rate < 0.02'}]\nrollback: [{name: r, when: 'canary.error_rate - baseline.error_rate >= 0.01'}]",
            [
                (
                    "canary.error_rate - baseline.error_rate >= 0.01",
                    "rollback rule `r` fires at values that SLO `s` accepts: `canary.error_rate - baseline.error_rate < 0.02`",
                )
            ],
            id="a computed value",
        ),
        pytest.param(
            "slos: [{name: s, require: 'canary.error_rate < 0.02'}]\nrollback: [{name: r, when: 'canary.error_rate >= 0.01', unless: baseline.error_rate > 0.01}]",
            [],
            id="an exemption",
        ),
        pytest.param(
            "slos: [{name: s, require: canary.error_rate < 0.02, steps: [full]}, {name: t, require: canary.latency < 1.0}]\nrollback: [{name: r, when: 'canary.error_rate >= 0.01', steps: [canary-10]}]",
            [],
            id="no step in common",
        ),
        pytest.param(
            "slos: [{name: s, require: canary.error_rate < 0.02, steps: [full]}, {name: t, require: canary.latency < 1.0}]\nrollback: [{name: r, when: 'canary.error_rate >= 0.01', steps: [canary-10, full]}]",
            [("canary.error_rate >= 0.01", "rollback rule `r` fires at values that SLO `s` accepts: `canary.error_rate < 0.02`")],
            id="a step in common",
        ),
        pytest.param(
            "slos: [{name: s, require: 'canary.error_rate < 0.02'}]\nrollback: [{name: r, when: 'incident.data'}]",
            [],
            id="no limit",
        ),
    ],
)
def test_rollback_within_slo(said, fragment, expected):
    assert said("rollback-within-slo", fragment) == expected
