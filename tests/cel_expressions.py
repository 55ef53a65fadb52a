"""
Expressions for tests: a few declared signals, and checking a text that stands in no document.
"""

from __future__ import annotations

from canarypolicy.cel.checking import check_expression
from canarypolicy.documents.signals import SignalType
from canarypolicy.documents.span import Embedded, SourceText

DECLARED = {
    "canary.errors": SignalType.DOUBLE,
    "canary.latency": SignalType.DOUBLE,
    "baseline.errors": SignalType.DOUBLE,
    "canary.requests": SignalType.INT,
    "canary.logins": SignalType.INT,
    "incident.data": SignalType.BOOL,
    "incident.login": SignalType.BOOL,
    "rollout.step": SignalType.STRING,
    "zone": SignalType.STRING,
}


def embedded(text):
    source = SourceText(path="policy.yaml", text=text)
    return Embedded(text=text, span=source.span(0, len(text)), offsets=tuple(range(len(text) + 1)))


def check(text, **options):
    """Check a text against the declared signals, or against `declared`."""
    declared = options.pop("declared", DECLARED)
    return check_expression(embedded(text), declared, **options)


def checked(text, **options):
    """Give the expression of a text that has no fault."""
    options.setdefault("expects", None)
    expression, faults = check(text, **options)
    assert expression is not None, faults
    return expression


def faults_of(text, **options):
    """Give name, underlined text and sentence of each fault."""
    _, faults = check(text, **options)
    return [(fault.name, text[slice(*fault.span)], fault.message) for fault in faults]
