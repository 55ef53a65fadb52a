"""
The margin is how far the deciding comparison is on its good side, relative to the limit.
"""

import math

import pytest
from canarypolicy.cel.margin import margin_of

from cel_expressions import checked

MARGINS = {
    # text, values, good truth, margin
    "an SLO that is met": ("canary.errors < 0.01", {"canary.errors": 0.004}, True, 0.6),
    "an SLO that is not met": ("canary.errors < 0.01", {"canary.errors": 0.03}, True, -2.0),
    "an SLO at its limit": ("canary.errors <= 0.01", {"canary.errors": 0.01}, True, 0.0),
    "an SLO from below at its limit": ("canary.requests > 500", {"canary.requests": 500}, True, 0.0),
    "a rollback rule at its limit": ("canary.errors >= 0.02", {"canary.errors": 0.02}, False, 0.0),
    "an SLO from below": ("canary.requests > 500", {"canary.requests": 750}, True, 0.5),
    "an SLO from below that is not met": ("canary.requests >= 500", {"canary.requests": 250}, True, -0.5),
    "a rollback rule that is far away": ("canary.errors >= 0.02", {"canary.errors": 0.005}, False, 0.75),
    "a rollback rule that fires": ("canary.errors >= 0.02", {"canary.errors": 0.03}, False, -0.5),
    "a hold rule from below": ("canary.requests < 500", {"canary.requests": 100}, False, -0.8),
    "a computed limit": ("canary.latency <= baseline.errors * 2", {"canary.latency": 0.3, "baseline.errors": 0.1}, True, -0.5),
    "a negative limit": ("canary.errors > -2.0", {"canary.errors": -1.0}, True, 0.5),
    "a limit of zero": ("canary.errors > 0.0", {"canary.errors": 1.0}, True, None),
    "a limit of minus zero": ("canary.errors > -0.0", {"canary.errors": 1.0}, True, None),
    "a margin beyond all doubles": ("canary.errors < 5e-324", {"canary.errors": -1e308}, True, None),
    "a missing signal": ("canary.errors < 0.01", {}, True, None),
    "a missing limit": ("canary.errors < baseline.errors", {"canary.errors": 1.0}, True, None),
    "an equality": ("canary.errors == 0.01", {"canary.errors": 0.01}, True, None),
    "an inequality": ("canary.requests != 5", {"canary.requests": 4}, True, None),
    "a comparison of texts": ("zone < 'b'", {"zone": "a"}, True, None),
    "a bool signal": ("incident.data", {"incident.data": True}, False, None),
    "has": ("has(zone)", {}, True, None),
    "a negation turns the good side": ("!(canary.errors >= 0.02)", {"canary.errors": 0.005}, True, 0.75),
    "a negation in a rollback rule": ("!(canary.errors < 0.02)", {"canary.errors": 0.03}, False, -0.5),
    # && and ||
    "an && that is true: the tightest": ("canary.errors < 0.01 && canary.latency < 1.0", {"canary.errors": 0.002, "canary.latency": 0.9}, True, 0.1),
    "a firing &&: the nearest to not firing": ("canary.errors >= 0.02 && canary.latency > 1.0", {"canary.errors": 0.2, "canary.latency": 1.1}, False, -0.1),
    "an && that one side makes false": ("canary.errors < 0.01 && canary.latency < 1.0", {"canary.errors": 0.002, "canary.latency": 3.0}, True, -2.0),
    "an && that both sides make false: the first": ("canary.errors < 0.01 && canary.latency < 1.0", {"canary.errors": 0.02, "canary.latency": 3.0}, True, -1.0),
    "an && that is false though one side is missing": ("canary.errors < 0.01 && canary.latency < 1.0", {"canary.latency": 3.0}, True, -2.0),
    "an && that is unknown": ("canary.errors < 0.01 && canary.latency < 1.0", {"canary.latency": 0.5}, True, None),
    "an && that a bool makes false": ("incident.data && canary.errors > 0.5", {"incident.data": False, "canary.errors": 0.1}, False, None),
    "an && with a bool that is true": ("!incident.data && canary.errors < 0.5", {"incident.data": False, "canary.errors": 0.25}, True, 0.5),
    "an && of bools": ("incident.data && incident.login", {"incident.data": True, "incident.login": True}, True, None),
    "an || that one side makes true": ("canary.errors < 0.01 || canary.latency < 1.0", {"canary.errors": 0.002, "canary.latency": 3.0}, True, 0.8),
    "an || that is true though one side is missing": ("canary.errors < 0.01 || canary.latency < 1.0", {"canary.latency": 0.5}, True, 0.5),
    "an || that is false: the tightest": ("canary.errors >= 0.02 || canary.latency > 1.0", {"canary.errors": 0.01, "canary.latency": 0.9}, False, 0.1),
    "an || that is unknown": ("canary.errors < 0.01 || canary.latency < 1.0", {"canary.errors": 0.2}, True, None),
    "a chain of &&": ("canary.errors < 0.01 && canary.latency < 1.0 && canary.requests > 100", {"canary.errors": 0.001, "canary.latency": 0.5, "canary.requests": 105}, True, 0.05),
    "|| inside &&": ("(canary.errors < 0.01 || incident.data) && canary.latency < 1.0", {"canary.errors": 0.008, "incident.data": True, "canary.latency": 0.5}, True, 0.2),
    "a negated &&": ("!(canary.errors >= 0.02 && canary.latency > 1.0)", {"canary.errors": 0.01, "canary.latency": 2.0}, True, 0.5),
    # ?:
    "the chosen branch": ("incident.data ? canary.errors < 0.01 : canary.errors < 0.1", {"incident.data": False, "canary.errors": 0.05}, True, 0.5),
    "the other branch": ("incident.data ? canary.errors < 0.01 : canary.errors < 0.1", {"incident.data": True, "canary.errors": 0.05}, True, -4.0),
    "a condition that is missing": ("incident.data ? canary.errors < 0.01 : canary.errors < 0.1", {"canary.errors": 0.05}, True, None),
    "a macro": ("[1].all(x, x < canary.requests)", {"canary.requests": 5}, True, None),
    "a limit that falls back": ("canary.requests > [100, 500][1]", {"canary.requests": 750}, True, 0.5),
}  # fmt: skip


@pytest.mark.parametrize("case", MARGINS)
def test_the_margin(case):
    text, values, good, expected = MARGINS[case]
    expression = checked(text)
    for _ in range(2):  # the second time its parts are read already
        margin = margin_of(expression, values, good=good)
        assert margin == (None if expected is None else pytest.approx(expected))
        assert margin is None or (math.isfinite(margin) and str(margin) != "-0.0")


def test_parts_are_read_once():
    expression = checked("canary.errors < baseline.errors * 1.2")
    values = {"canary.errors": 1.0, "baseline.errors": 1.0}
    margin_of(expression, values, good=True)
    before = dict(expression.readings)
    margin_of(expression, values, good=True)
    assert len(before) == 2
    assert expression.readings == before
