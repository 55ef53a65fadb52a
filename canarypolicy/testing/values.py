"""
Values that signals were expected to have, held against those that the rules saw.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from canarypolicy.documents.policytest import Near

if TYPE_CHECKING:
    from canarypolicy.documents.signals import Value
    from canarypolicy.testing.result import Judged


def wrong_values(expected: Mapping[str, Value | Near], judged: Judged) -> Iterator[tuple[str, str, str]]:
    """
    Give each signal that has another value than expected, what was expected, and what it has.
    """
    for name, wanted in expected.items():
        actual = judged.seen().get(name)
        if actual is None:
            why = judged.decision.missing.get(name, "it is not known at this decision")
            yield name, f"{name} = {_written(wanted)}", f"no value: {why}"
        elif not _fits(actual, wanted):
            yield name, f"{name} = {_written(wanted)}", f"{name} = {value_text(actual)}"


def _fits(actual: Value, wanted: Value | Near) -> bool:
    if isinstance(wanted, Near):
        if isinstance(actual, (bool, str)):
            return False
        # In decimals, as it is written: 0.3 is within 0.1 of 0.2, though as doubles it lies a little further off.
        return abs(Decimal(str(actual)) - Decimal(str(wanted.value))) <= Decimal(str(wanted.within))
    if isinstance(wanted, bool) or isinstance(actual, bool):
        return wanted is actual
    return wanted == actual


def _written(wanted: Value | Near) -> str:
    if isinstance(wanted, Near):
        return f"{wanted.value!r}, within {wanted.within!r}"
    return value_text(wanted)


def value_text(value: Value) -> str:
    """
    Write a value as the document would.
    """
    return str(value).lower() if isinstance(value, bool) else str(value) if isinstance(value, str) else repr(value)
