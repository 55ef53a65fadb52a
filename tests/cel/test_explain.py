"""
Every sub-expression is given with its value, the whole first.
"""

from canarypolicy.cel.explain import explain
from canarypolicy.cel.expression import UNKNOWN

from cel_expressions import checked


def steps(text, values):
    expression = checked(text)
    found = explain(expression, values)
    assert all(expression.text[slice(*step.span)] == step.text for step in found)
    return [(step.text, step.outcome) for step in found]


def test_the_parts_of_a_rule():
    assert steps("canary.errors < baseline.errors * 2 && !has(zone)", {"canary.errors": 0.03, "baseline.errors": 0.01}) == [
        ("canary.errors < baseline.errors * 2 && !has(zone)", False),
        ("canary.errors < baseline.errors * 2", False),
        ("canary.errors", 0.03),
        ("baseline.errors * 2", 0.02),
        ("baseline.errors", 0.01),
        ("2", 2.0),
        ("!has(zone)", True),
        ("has(zone)", False),
    ]


def test_what_is_missing_is_unknown_where_it_stands():
    """The reader sees which signal an unknown comes from."""
    assert steps("canary.errors / canary.latency > 0.5 || incident.data", {"canary.errors": 1.0, "canary.latency": 0.0}) == [
        ("canary.errors / canary.latency > 0.5 || incident.data", UNKNOWN),
        ("canary.errors / canary.latency > 0.5", UNKNOWN),
        ("canary.errors / canary.latency", UNKNOWN),
        ("canary.errors", 1.0),
        ("canary.latency", 0.0),
        ("0.5", 0.5),
        ("incident.data", UNKNOWN),
    ]


def test_the_body_of_a_macro_has_no_value_of_its_own():
    assert steps("[1, canary.requests].all(x, x > 0) && zone.contains('e')", {"canary.requests": 2, "zone": "eu"}) == [
        ("[1, canary.requests].all(x, x > 0) && zone.contains('e')", True),
        ("[1, canary.requests].all(x, x > 0)", True),
        ("[1, canary.requests]", [1, 2]),
        ("1", 1),
        ("canary.requests", 2),
        ("zone.contains('e')", True),
        ("zone", "eu"),
        ("'e'", "e"),
    ]
