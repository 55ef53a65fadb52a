"""
Everything declared is read.
"""

import pytest


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        pytest.param(
            "signals: {canary.latency: {healthy: 1}}\nderived: {d.x: {mean: {of: canary.latency, over: 5m}}}\nhold: [{name: h, when: 'd.x > 2.0 && has(canary.requests) && app.color == \"green\" && canary.failures > 1'}]\nrollback: [{name: r, when: incident.data, unless: baseline.error_rate > 0.1}]",
            [],
            id="what expressions and derived signals read is used",
        ),
        pytest.param(
            "",
            [
                ("canary.latency", "signal `canary.latency` is read by nothing"),
                ("canary.requests", "signal `canary.requests` is read by nothing"),
                ("canary.failures", "signal `canary.failures` is read by nothing"),
                ("baseline.error_rate", "signal `baseline.error_rate` is read by nothing"),
                ("app.color", "signal `app.color` is read by nothing"),
                ("incident.data", "signal `incident.data` is read by nothing"),
            ],
            id="what nothing reads is told, at its name",
        ),
        pytest.param(
            "derived: {d.x: {mean: {of: canary.latency, over: 5m}}}\nhold: [{name: h, when: 'canary.requests < 5.0 && app.color == \"green\" && canary.failures > 1'}]\nrollback: [{name: r, when: incident.data, unless: baseline.error_rate > 0.1}]",
            [("d.x", "derived signal `d.x` is read by nothing")],
            id="a derived signal, too",
        ),
    ],
)
def test_unused_signal(said, fragment, expected):
    assert said("unused-signal", fragment) == expected
