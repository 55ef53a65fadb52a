"""
What a tick measures, and a run's own server on a free port.
"""

import pytest
from canarypolicy.telemetry.address import ListenAddress

SECOND = 1_000_000
NOON_US = 1_777_636_800 * SECOND  # 2026-05-01T12:00:00Z

REASONS = [
    {"rule": "error-rate", "kind": "slo", "state": "not-met", "margin": -0.5, "values": {"canary.errors": 0.015}},
    {"rule": "min-duration", "kind": "plan", "state": "waiting", "margin": None, "values": {}},
]
RULES = [
    {"rule": "error-rate", "kind": "slo", "state": "not-met", "margin": -0.5, "values": {"canary.errors": 0.015}},
    {"rule": "too-high", "kind": "rollback", "state": "quiet", "margin": 0.25, "values": {"canary.errors": 0.015}},
]


def tick(**changed):
    facts = {
        "at_us": NOON_US,
        "decision": {"decision": "hold", "step": "canary-10", "reasons": REASONS},
        "rules": lambda: RULES,
        "phase": "steps",
        "weight_wanted": 10.0,
        "weight_read": 10.0,
        "tick_seconds": 0.02,
        "lag_seconds": 0.001,
        "missing": {},
        "store_up": True,
        "every_seconds": 30.0,
        "run": "shop-20260501-1",
        "policy": "shop",
    }
    return {**facts, **changed}


@pytest.fixture
def loopback():
    return ListenAddress(host="127.0.0.1", port=0)


@pytest.fixture
def make_tick():
    return tick
