"""
The words for a run's state, rules and freezes that the table, the page and the live view share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from canarypolicy.documents.duration import SECOND_US, format_duration, format_instant
from canarypolicy.reports.escape import visible
from canarypolicy.reports.paint import Tone
from canarypolicy.reports.value_text import value_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from canarypolicy.live.storing import Freeze, RunRow
    from canarypolicy.live.summary import RunSummary

STATE_TONES = {
    "complete": Tone.GOOD,
    "running": Tone.STRONG,
    "interrupted": Tone.WAIT,
    "rolled-back": Tone.BAD,
    "refused": Tone.BAD,
}
DECISION_TONES = {"advance": Tone.GOOD, "hold": Tone.WAIT, "rollback": Tone.BAD}
RULE_TONES = {
    "fires": Tone.BAD,
    "failed": Tone.BAD,
    "unknown-too-long": Tone.BAD,
    "pending": Tone.WAIT,
    "unknown": Tone.WAIT,
    "not-met": Tone.WAIT,
    "waiting": Tone.WAIT,
    "met": Tone.GOOD,
    "passed": Tone.GOOD,
    "quiet": Tone.GOOD,
}


def second(at_us: int) -> str:
    """
    Write an instant to the second.
    """
    return format_instant(at_us - at_us % SECOND_US)


def lasting(duration_us: int) -> str:
    """
    Write a duration to the second.
    """
    return format_duration(max(0, duration_us) // SECOND_US * SECOND_US)


def is_abandoned(row: RunRow) -> bool:
    """
    Tell whether a run goes on by its own word while nobody holds it.
    """
    return row.state == "running" and not row.is_held


def state_word(row: RunRow) -> str:
    """
    Give a run's state.
    """
    return f"{row.state}, held by nobody" if is_abandoned(row) else row.state


def holder_text(row: RunRow) -> str:
    """
    Say which process carries a run out.
    """
    if row.is_held and row.holder is not None:
        return f"by process {row.holder.pid} on {visible(row.holder.host)}"
    return f"no living process holds it; `canarypolicy run POLICY ENV --continue {visible(row.run)}` goes on"


def decision_word(summary: RunSummary) -> str:
    """
    Give the last decision with its reasons in short.
    """
    decision = summary.decision
    if decision is None:
        return "nothing judged yet"
    names = ", ".join(dict.fromkeys(visible(reason["rule"]) for reason in decision["reasons"]))
    word = "complete" if decision["complete"] else decision["decision"]
    return f"{word}: {names}" if decision["decision"] != "advance" else word


def lacking_word(reason: Mapping[str, Any]) -> str:
    """
    Say how much time is lacking: `2m30s of 5m`.
    """
    lacking = reason["lacking_seconds"]
    if lacking is None:
        return ""
    whole = reason["for_seconds"]
    of = "" if whole is None else f" of {format_duration(round(whole * SECOND_US))}"
    return f"{format_duration(round(lacking * SECOND_US))}{of}"


def value_word(value: object) -> str:
    """
    Give a signal's value as a journal holds it.
    """
    return (
        "missing" if value is None else value_text(value) if isinstance(value, (bool, int, float, str)) else visible(str(value))
    )


def values_word(values: Mapping[str, object]) -> str:
    """
    List signals with their values.
    """
    return ", ".join(f"{visible(name)} {value_word(value)}" for name, value in values.items())


def given_word(signals: Mapping[str, object]) -> str:
    """
    List signals given by hand; null takes a value back.
    """
    shown = (f"{visible(name)} {'taken back' if value is None else f'= {value_word(value)}'}" for name, value in signals.items())
    return ", ".join(shown)


def freeze_text(freeze: Freeze) -> str:
    """
    Describe a freeze.
    """
    whose = "all policies" if freeze.policy is None else f"policy {visible(freeze.policy)}"
    by = "" if freeze.by is None else f" by {visible(freeze.by)}"
    why = "" if freeze.reason is None else f": {visible(freeze.reason)}"
    until = "until it is lifted" if freeze.until_us is None else f"until {second(freeze.until_us)}"
    return f"{whose} frozen since {second(freeze.at_us)}{by}, {until}{why}"


def request_text(event: Mapping[str, Any]) -> str:
    """
    Describe what an operator asked.
    """
    what = [event["event"]]
    if event.get("step"):
        what.append(visible(event["step"]))
    if event["event"] == "item":
        what.append(f"{visible(event['item'])} ticked")
    if event["event"] == "signal":
        what.append(given_word(event["signals"]))
    by = f" by {visible(event['by'])}" if event.get("by") else ""
    why = f": {visible(event['reason'])}" if event.get("reason") else ""
    return f"{' '.join(what)}{by}{why}"
