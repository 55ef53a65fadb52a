"""
Plans and beginnings that tests of the engine share.
"""

from canarypolicy.documents.duration import SECOND_US
from canarypolicy.engine.engine import decide
from canarypolicy.engine.event import (
    GateEvent,
)
from canarypolicy.engine.rollout import begin

from driver import at, sample

MINUTE = 60 * SECOND_US
OK = 0.002

GATED_PLAN = """
plan:
  every: 1m
  gates:
    before: [{name: ready, probe: p, require: result.failed == 0}, {name: smoke, probe: q, require: result.passed >= 6}]
    after: [{name: again, probe: p, require: result.failed == 0, on_fail: rollback}, {name: soft, probe: q, require: result.failed == 0}]
  steps:
    - {name: canary-10, weight: 10, min: 1m, max: 20m}
    - {name: full, weight: 100, min: 1m}
"""


def plan(*steps):
    return "plan:\n  every: 1m\n  steps:\n" + "".join(f"    - {step}\n" for step in steps)


ONE_STEP = plan("{name: full, weight: 100, min: 2m}")


UNKNOWN = [
    ("missing: hold is the default", "", "hold"),
    ("missing: ignore lets it advance", ", missing: ignore", "advance"),
    ("missing: rollback holds until `after`", ", missing: rollback, after: 5m", "hold"),
    ("missing: rollback is due after `after`", ", missing: rollback, after: 4m", "rollback"),
]


def _state_after(program, items, state=None):
    state = state or begin(program)
    for item in items:
        _, state = decide(program, state, item)
    return state


def _to_full(program):
    return [
        GateEvent(at_us=at("0s"), gate="ready", passed=True), GateEvent(at_us=at("0s"), gate="smoke", passed=True),
        sample(program, "0s"), sample(program, "1m"), sample(program, "2m"),
    ]  # fmt: skip
