"""
Units that do not go together are told; a plausible limit is not.
"""

import pytest


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        pytest.param(
            "signals: {canary.good: {unit: percent, range: [0, 100], healthy: 99.5}, canary.bad: {unit: percent, healthy: 0.2}, canary.share: {unit: ratio, healthy: 0.002}, canary.slowness: {unit: ratio, healthy: 1.0}, canary.ms: {unit: milliseconds, healthy: 200.0}, canary.none: {unit: ratio, healthy: 0.0}, canary.many: {type: int, unit: percent, healthy: 90}, canary.plain: {healthy: 50.0}}\nrollback: [{name: r, when: 'canary.good < 0.95'}]",
            [
                (
                    "canary.good < 0.95",
                    "the unit of `canary.good` is percent, and it is healthy at 99.5: the limit 0.95 looks like a ratio",
                )
            ],
            id="a share against a percentage",
        ),
        pytest.param(
            "signals: {canary.good: {unit: percent, range: [0, 100], healthy: 99.5}, canary.bad: {unit: percent, healthy: 0.2}, canary.share: {unit: ratio, healthy: 0.002}, canary.slowness: {unit: ratio, healthy: 1.0}, canary.ms: {unit: milliseconds, healthy: 200.0}, canary.none: {unit: ratio, healthy: 0.0}, canary.many: {type: int, unit: percent, healthy: 90}, canary.plain: {healthy: 50.0}}\nrollback: [{name: r, when: '0.95 > canary.good'}]",
            [
                (
                    "0.95 > canary.good",
                    "the unit of `canary.good` is percent, and it is healthy at 99.5: the limit 0.95 looks like a ratio",
                )
            ],
            id="the limit on the left",
        ),
        pytest.param(
            "signals: {canary.good: {unit: percent, range: [0, 100], healthy: 99.5}, canary.bad: {unit: percent, healthy: 0.2}, canary.share: {unit: ratio, healthy: 0.002}, canary.slowness: {unit: ratio, healthy: 1.0}, canary.ms: {unit: milliseconds, healthy: 200.0}, canary.none: {unit: ratio, healthy: 0.0}, canary.many: {type: int, unit: percent, healthy: 90}, canary.plain: {healthy: 50.0}}\nrollback: [{name: r, when: 'canary.many < 1'}]",
            [
                (
                    "canary.many < 1",
                    "the unit of `canary.many` is percent, and it is healthy at 90: the limit 1 looks like a ratio",
                )
            ],
            id="an int in percent",
        ),
        pytest.param(
            "signals: {canary.good: {unit: percent, range: [0, 100], healthy: 99.5}, canary.bad: {unit: percent, healthy: 0.2}, canary.share: {unit: ratio, healthy: 0.002}, canary.slowness: {unit: ratio, healthy: 1.0}, canary.ms: {unit: milliseconds, healthy: 200.0}, canary.none: {unit: ratio, healthy: 0.0}, canary.many: {type: int, unit: percent, healthy: 90}, canary.plain: {healthy: 50.0}}\nrollback: [{name: r, when: 'canary.good < 95.0'}]",
            [],
            id="a percentage against a percentage",
        ),
        pytest.param(
            "signals: {canary.good: {unit: percent, range: [0, 100], healthy: 99.5}, canary.bad: {unit: percent, healthy: 0.2}, canary.share: {unit: ratio, healthy: 0.002}, canary.slowness: {unit: ratio, healthy: 1.0}, canary.ms: {unit: milliseconds, healthy: 200.0}, canary.none: {unit: ratio, healthy: 0.0}, canary.many: {type: int, unit: percent, healthy: 90}, canary.plain: {healthy: 50.0}}\nrollback: [{name: r, when: 'canary.bad > 0.5'}]",
            [],
            id="a small percentage of failures",
        ),
        pytest.param(
            "signals: {canary.good: {unit: percent, range: [0, 100], healthy: 99.5}, canary.bad: {unit: percent, healthy: 0.2}, canary.share: {unit: ratio, healthy: 0.002}, canary.slowness: {unit: ratio, healthy: 1.0}, canary.ms: {unit: milliseconds, healthy: 200.0}, canary.none: {unit: ratio, healthy: 0.0}, canary.many: {type: int, unit: percent, healthy: 90}, canary.plain: {healthy: 50.0}}\nrollback: [{name: r, when: 'canary.bad > 1.0'}]",
            [],
            id="one percent of failures",
        ),
        pytest.param(
            "signals: {canary.good: {unit: percent, range: [0, 100], healthy: 99.5}, canary.bad: {unit: percent, healthy: 0.2}, canary.share: {unit: ratio, healthy: 0.002}, canary.slowness: {unit: ratio, healthy: 1.0}, canary.ms: {unit: milliseconds, healthy: 200.0}, canary.none: {unit: ratio, healthy: 0.0}, canary.many: {type: int, unit: percent, healthy: 90}, canary.plain: {healthy: 50.0}}\nrollback: [{name: r, when: 'canary.share > 2.0'}]",
            [
                (
                    "canary.share > 2.0",
                    "the unit of `canary.share` is ratio, and it is healthy at 0.002: the limit 2 looks like a percentage",
                )
            ],
            id="a percentage against a share",
        ),
        pytest.param(
            "signals: {canary.good: {unit: percent, range: [0, 100], healthy: 99.5}, canary.bad: {unit: percent, healthy: 0.2}, canary.share: {unit: ratio, healthy: 0.002}, canary.slowness: {unit: ratio, healthy: 1.0}, canary.ms: {unit: milliseconds, healthy: 200.0}, canary.none: {unit: ratio, healthy: 0.0}, canary.many: {type: int, unit: percent, healthy: 90}, canary.plain: {healthy: 50.0}}\nrollback: [{name: r, when: 'canary.share > 0.5'}]",
            [],
            id="a share against a share far from healthy",
        ),
        pytest.param(
            "signals: {canary.good: {unit: percent, range: [0, 100], healthy: 99.5}, canary.bad: {unit: percent, healthy: 0.2}, canary.share: {unit: ratio, healthy: 0.002}, canary.slowness: {unit: ratio, healthy: 1.0}, canary.ms: {unit: milliseconds, healthy: 200.0}, canary.none: {unit: ratio, healthy: 0.0}, canary.many: {type: int, unit: percent, healthy: 90}, canary.plain: {healthy: 50.0}}\nrollback: [{name: r, when: 'canary.slowness > 1.2'}]",
            [],
            id="a quotient above one",
        ),
        pytest.param(
            "signals: {canary.good: {unit: percent, range: [0, 100], healthy: 99.5}, canary.bad: {unit: percent, healthy: 0.2}, canary.share: {unit: ratio, healthy: 0.002}, canary.slowness: {unit: ratio, healthy: 1.0}, canary.ms: {unit: milliseconds, healthy: 200.0}, canary.none: {unit: ratio, healthy: 0.0}, canary.many: {type: int, unit: percent, healthy: 90}, canary.plain: {healthy: 50.0}}\nrollback: [{name: r, when: 'canary.none > 2.0'}]",
            [],
            id="healthy at zero says nothing of the scale",
        ),
        pytest.param(
            "signals: {canary.good: {unit: percent, range: [0, 100], healthy: 99.5}, canary.bad: {unit: percent, healthy: 0.2}, canary.share: {unit: ratio, healthy: 0.002}, canary.slowness: {unit: ratio, healthy: 1.0}, canary.ms: {unit: milliseconds, healthy: 200.0}, canary.none: {unit: ratio, healthy: 0.0}, canary.many: {type: int, unit: percent, healthy: 90}, canary.plain: {healthy: 50.0}}\nrollback: [{name: r, when: 'canary.plain > 0.5'}]",
            [],
            id="another unit has no scale",
        ),
        pytest.param(
            "signals: {canary.good: {unit: percent, range: [0, 100], healthy: 99.5}, canary.bad: {unit: percent, healthy: 0.2}, canary.share: {unit: ratio, healthy: 0.002}, canary.slowness: {unit: ratio, healthy: 1.0}, canary.ms: {unit: milliseconds, healthy: 200.0}, canary.none: {unit: ratio, healthy: 0.0}, canary.many: {type: int, unit: percent, healthy: 90}, canary.plain: {healthy: 50.0}}\nrollback: [{name: r, when: 'canary.latency > canary.ms'}]",
            [("canary.latency > canary.ms", "the unit of `canary.latency` is seconds, that of `canary.ms` is milliseconds")],
            id="seconds against milliseconds",
        ),
        pytest.param(
            "signals: {canary.good: {unit: percent, range: [0, 100], healthy: 99.5}, canary.bad: {unit: percent, healthy: 0.2}, canary.share: {unit: ratio, healthy: 0.002}, canary.slowness: {unit: ratio, healthy: 1.0}, canary.ms: {unit: milliseconds, healthy: 200.0}, canary.none: {unit: ratio, healthy: 0.0}, canary.many: {type: int, unit: percent, healthy: 90}, canary.plain: {healthy: 50.0}}\nrollback: [{name: r, when: 'canary.ms - canary.latency > 1.0'}]",
            [("canary.ms - canary.latency", "the unit of `canary.ms` is milliseconds, that of `canary.latency` is seconds")],
            id="a difference of unlike units",
        ),
        pytest.param(
            "signals: {canary.good: {unit: percent, range: [0, 100], healthy: 99.5}, canary.bad: {unit: percent, healthy: 0.2}, canary.share: {unit: ratio, healthy: 0.002}, canary.slowness: {unit: ratio, healthy: 1.0}, canary.ms: {unit: milliseconds, healthy: 200.0}, canary.none: {unit: ratio, healthy: 0.0}, canary.many: {type: int, unit: percent, healthy: 90}, canary.plain: {healthy: 50.0}}\nrollback: [{name: r, when: 'canary.ms / canary.latency > 1.0'}]",
            [],
            id="a quotient of unlike units is a rate",
        ),
        pytest.param(
            "signals: {canary.good: {unit: percent, range: [0, 100], healthy: 99.5}, canary.bad: {unit: percent, healthy: 0.2}, canary.share: {unit: ratio, healthy: 0.002}, canary.slowness: {unit: ratio, healthy: 1.0}, canary.ms: {unit: milliseconds, healthy: 200.0}, canary.none: {unit: ratio, healthy: 0.0}, canary.many: {type: int, unit: percent, healthy: 90}, canary.plain: {healthy: 50.0}}\nrollback: [{name: r, when: 'canary.latency * 1000.0 > canary.ms'}]",
            [],
            id="a converted side",
        ),
        pytest.param(
            "signals: {canary.good: {unit: percent, range: [0, 100], healthy: 99.5}, canary.bad: {unit: percent, healthy: 0.2}, canary.share: {unit: ratio, healthy: 0.002}, canary.slowness: {unit: ratio, healthy: 1.0}, canary.ms: {unit: milliseconds, healthy: 200.0}, canary.none: {unit: ratio, healthy: 0.0}, canary.many: {type: int, unit: percent, healthy: 90}, canary.plain: {healthy: 50.0}}\nrollback: [{name: r, when: 'canary.plain > canary.ms'}]",
            [],
            id="no unit goes with every unit",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'canary.error_rate > baseline.error_rate'}]",
            [],
            id="the same unit",
        ),
        pytest.param(
            "derived: {d.x: {mean: {of: canary.error_rate, over: 5m}}}\nrollback: [{name: r, when: 'd.x > canary.latency && d.x > 2.0'}]",
            [],
            id="a derived signal has no unit",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'app.color == \"green\"'}]",
            [],
            id="a string",
        ),
        pytest.param(
            "rollback: [{name: r, when: 'incident.data || 1.0 > 2.0'}]",
            [],
            id="two constants",
        ),
    ],
)
def test_unit_mismatch(said, fragment, expected):
    assert said("unit-mismatch", fragment) == expected
