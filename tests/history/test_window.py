"""
How far back a stateless evaluation looks.
"""

import pytest
from canarypolicy.documents.duration import SECOND_US
from canarypolicy.history.window import frozen_before, window_needed

from driver import ORIGIN_US, program_of

MINUTE = 60 * SECOND_US
SIGNALS = """
signals:
  canary.errors: {unit: ratio, range: [0, 1], healthy: 0.002}
derived:
  errors.mean: {mean: {of: canary.errors, over: 10m}}
  errors.worst: {max: {of: errors.mean, over: 5m}}
  errors.frozen: {frozen: {of: canary.errors, at: b, over: 3m}}
  errors.first: {frozen: {of: canary.errors, at: start, over: 3m}}
"""
BARE = "signals: {canary.errors: {unit: ratio, range: [0, 1], healthy: 0.002}}"
PLAN = "plan:\n  every: 1m\n  max_gap: 2m\n  steps: [{name: a, weight: 10, min: 2m}, {name: b, weight: 100, min: 2m}]"


def back(rules, step="a", entered=None, signals=BARE):
    """Give how many minutes before the last sample the window begins."""
    program = program_of(signals=signals, rules=rules, plan=PLAN)
    entered_us = None if entered is None else ORIGIN_US - entered * MINUTE
    window = window_needed(program.checked, step, entered_us, ORIGIN_US)
    assert (window.end_us, window.every_us) == (ORIGIN_US, MINUTE)
    assert list(window.times_us)[-1] == ORIGIN_US
    return (ORIGIN_US - window.start_us) / MINUTE


SLO = "slos: [{name: low, require: canary.errors < 0.01%s}]\n"
CASES = [
    ("a rule without time needs the sample before, for gaps", SLO % "", {}, 1),
    ("`for` and a gap on top", SLO % ", for: 5m", {}, 8),
    ("k of n, each a gap apart", SLO % ", for: {samples: 2, of: 3}", {}, 7),
    ("`after` of missing", SLO % "" + "rollback: [{name: x, when: canary.errors > 0.5, missing: rollback, after: 10m}]", {}, 13),
    (
        "rules of another step do not count",
        SLO % "" + "rollback: [{name: x, when: canary.errors > 0.5, for: 9m, steps: [b]}]",
        {},
        1,
    ),
    ("windows of derived signals add up", SLO % "", {"signals": SIGNALS}, 18),
    ("a frozen one needs the window before its step's entry", SLO % "", {"signals": SIGNALS, "step": "b", "entered": 30}, 35),
    ("frozen at the start is frozen at the first step's entry", SLO % "", {"signals": SIGNALS, "step": "a", "entered": 30}, 35),
]


@pytest.mark.parametrize(("rules", "more", "minutes"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_how_far_back(rules, more, minutes):
    assert back(rules, **more) == minutes


def test_what_was_fixed_before_the_present_step_cannot_be_known():
    checked = program_of(signals=SIGNALS, rules=SLO % "", plan=PLAN).checked
    assert frozen_before(checked, "a") == ()
    assert frozen_before(checked, "b") == ("errors.first",)
    with pytest.raises(ValueError, match="the policy has no step `c`"):
        frozen_before(checked, "c")
