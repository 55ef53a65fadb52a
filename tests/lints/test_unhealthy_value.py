"""
Healthy values meet every SLO and fire no rollback rule.
"""

import pytest

MEAN = "derived: {d.mean: {mean: {of: canary.error_rate, over: 5m}}}\n"
THERE = "but there"
ALL = "with all signals at their healthy values,"


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        pytest.param("", [], id="an SLO that is met"),
        pytest.param(
            "slos: [{name: s, require: canary.error_rate < 0.002}]",
            [("0.002", f"`canary.error_rate` is healthy at 0.002, {THERE} SLO `s` is not met")],
            id="an SLO that is not met underlines the healthy value",
        ),
        pytest.param(
            "rollback: [{name: r, when: canary.error_rate >= 0.002}]",
            [("0.002", f"`canary.error_rate` is healthy at 0.002, {THERE} rollback rule `r` fires")],
            id="a rollback rule that fires",
        ),
        pytest.param("hold: [{name: h, when: canary.error_rate >= 0.002}]", [], id="a hold rule is another lint's"),
        pytest.param(
            "rollback: [{name: r, when: canary.error_rate >= 0.002, unless: baseline.error_rate > 0.001}]", [], id="exempted"
        ),
        pytest.param(
            "rollback: [{name: r, when: canary.error_rate >= 0.002, unless: baseline.error_rate > 0.5}]",
            [("canary.error_rate >= 0.002", f"{ALL} rollback rule `r` fires")],
            id="not exempted",
        ),
        pytest.param(
            "rollback: [{name: r, when: canary.error_rate >= 0.002, unless: canary.latency / canary.requests > 0.5}]\n"
            "signals: {canary.requests: {healthy: 0.0}}",
            [("canary.error_rate >= 0.002", f"{ALL} rollback rule `r` fires")],
            id="an unknown exemption exempts nobody",
        ),
        pytest.param(
            "slos: [{name: s, require: canary.error_rate < baseline.error_rate}]",
            [("canary.error_rate < baseline.error_rate", f"{ALL} SLO `s` is not met")],
            id="of two signals the rule is underlined",
        ),
        pytest.param(
            "slos: [{name: s, require: canary.latency / canary.requests < 0.5}]\nsignals: {canary.requests: {healthy: 0}}",
            [("canary.latency / canary.requests < 0.5", f"{ALL} SLO `s` is unknown")],
            id="an unknown SLO is not met",
        ),
        pytest.param(
            "signals: {canary.requests: {type: int, range: [0, null], healthy: 5}}\nslos: [{name: s, require: canary.requests > 5}]",
            [("5", f"`canary.requests` is healthy at 5, {THERE} SLO `s` is not met")],
            id="an int",
        ),
        pytest.param(
            "rollback: [{name: r, when: '!incident.data'}]",
            [("false", f"`incident.data` is healthy at false, {THERE} rollback rule `r` fires")],
            id="a bool",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'app.color == \"blue\"'}]",
            [("blue", f"`app.color` is healthy at `blue`, {THERE} rollback rule `r` fires")],
            id="a string",
        ),
        pytest.param(MEAN + "slos: [{name: s, require: d.mean < 0.01}]", [], id="a derived signal is computed"),
        pytest.param(
            MEAN + "slos: [{name: s, require: d.mean < 0.001}]",
            [("d.mean < 0.001", f"{ALL} SLO `s` is not met")],
            id="a derived signal that is not met",
        ),
        pytest.param(
            "derived: {d.sum: {sum: {of: canary.failures, over: 5m}}}\n"
            "signals: {canary.failures: {healthy: 2}}\nslos: [{name: s, require: d.sum <= 20}]",
            [],
            id="a sum over a full window: ten samples of 2",
        ),
        pytest.param(
            "derived: {d.sum: {sum: {of: canary.failures, over: 5m}}}\n"
            "signals: {canary.failures: {healthy: 2}}\nslos: [{name: s, require: d.sum < 20}]",
            [("d.sum < 20", f"{ALL} SLO `s` is not met")],
            id="a sum over a full window reaches it",
        ),
        pytest.param(
            "derived: {d.ref: {frozen: {of: baseline.error_rate, over: 30m, at: full}}, d.up: {growing: {of: canary.error_rate, over: 15m}}}\n"
            "slos: [{name: s, require: '!d.up && canary.error_rate <= d.ref * 1.2'}]",
            [],
            id="nothing grows where all is well, and references are fixed",
        ),
        pytest.param(
            "derived: {d.sum: {sum: {of: canary.failures, over: 5m, within_step: true}}, d.twice: {mean: {of: d.sum, over: 5m}}}\n"
            "signals: {canary.failures: {healthy: 2}}\nslos: [{name: s, require: d.twice >= 20.0}]",
            [],
            id="derived of derived, within a step, is full at last",
        ),
        pytest.param(
            "derived: {d.share: {ratio: {of: canary.failures, to: canary.requests, over: 5m}}}\n"
            "signals: {canary.requests: {healthy: 0}}\nslos: [{name: s, require: d.share < 0.1}]",
            [("d.share < 0.1", f"{ALL} SLO `s` is unknown")],
            id="a derived signal without a value",
        ),
        pytest.param(
            "derived: {d.share: {ratio: {of: canary.failures, to: canary.requests, over: 5m}}, d.top: {max: {of: d.share, over: 5m}}}\n"
            "signals: {canary.requests: {healthy: 0}}\nslos: [{name: s, require: d.top < 0.1}]",
            [("d.top < 0.1", f"{ALL} SLO `s` is unknown")],
            id="nor one derived from it",
        ),
        pytest.param(
            "derived: {d.mean: {mean: {of: canary.error_rate, over: 30d}}}\nslos: [{name: s, require: d.mean < 0.001}]",
            [],
            id="a window that takes too long to fill is not tried",
        ),
        pytest.param(
            "derived: {d.mean: {mean: {of: canary.error_rate, over: 30d}}, d.top: {max: {of: d.mean, over: 5m}}}\n"
            "slos: [{name: s, require: d.top < 0.001}]",
            [],
            id="nor what is derived from it",
        ),
        pytest.param(
            "slos: [{name: s, require: canary.error_rate < 0.01 && rollout.step_elapsed_seconds > 600.0}]",
            [],
            id="an SLO that is met later in the step",
        ),
        pytest.param(
            "slos: [{name: s, require: canary.error_rate < 0.01 && rollout.elapsed_seconds < 3000.0}]",
            [("0.002", f"`canary.error_rate` is healthy at 0.002, {THERE} SLO `s` is not met in step `full`")],
            id="an SLO that can no longer be met in the last step",
        ),
        pytest.param(
            "rollback: [{name: r, when: canary.error_rate < 0.01 && rollout.step_elapsed_seconds > 7200.0}]",
            [],
            id="a rollback rule that fires late",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'canary.error_rate < 0.01 && rollout.step == \"canary-50\" && rollout.weight == 50.0'}]",
            [("0.002", f"`canary.error_rate` is healthy at 0.002, {THERE} rollback rule `r` fires in step `canary-50`")],
            id="a rollback rule that fires in one step",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'rollout.weight > 20.0'}]",
            [("rollout.weight > 20.0", f"{ALL} rollback rule `r` fires in step `canary-50`")],
            id="a rule without a signal",
        ),
    ],
)
def test_unhealthy_value(said, fragment, expected):
    assert said("unhealthy-value", fragment) == expected
