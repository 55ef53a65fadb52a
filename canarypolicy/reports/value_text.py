"""
Values, outcomes and margins as a reader writes them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.cel.expression import UNKNOWN
from canarypolicy.reports.escape import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from canarypolicy.documents.signal_type import Value
    from canarypolicy.engine.decision import Decision


def value_text(value: Value) -> str:
    """
    Give a signal's value as a reader writes it.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.6g}"
    return visible(str(value))


def seen_text(values: Mapping[str, Value | None]) -> str:
    """
    List signals with their values, and those that have none.
    """
    shown = (f"{visible(name)} {'missing' if value is None else f'= {value_text(value)}'}" for name, value in values.items())
    return ", ".join(shown)


def outcome_text(outcome: object) -> str:
    """
    Give the value of an expression as a reader writes it.
    """
    if outcome is UNKNOWN:
        return "unknown"
    if isinstance(outcome, (list, tuple)):
        return f"[{', '.join(outcome_text(item) for item in outcome)}]"
    if isinstance(outcome, (bool, int, float)):
        return value_text(outcome)
    return f'"{visible(str(outcome))}"'


def margin_text(margin: float) -> str:
    """
    Say how far a value is from its limit.
    """
    percent = abs(margin) * 100
    if percent == 0:
        return "exactly at the limit"
    shown = f"{percent:.0f}" if percent >= 10 else f"{percent:.2g}"
    return f"{shown} % {'inside' if margin > 0 else 'beyond'} the limit"


def verdict_word(decision: Decision) -> str:
    """
    Give the decision in one word: also that a rollout is complete, or refused.
    """
    if decision.is_complete:
        return "complete"
    return "refused" if decision.is_refused else decision.verdict.value
