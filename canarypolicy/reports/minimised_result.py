"""
A minimised incident as the command gives it: the test's text, and how it looks in each format.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from canarypolicy.documents.duration import format_duration

if TYPE_CHECKING:
    from canarypolicy.engine.decision import Decision
    from canarypolicy.history.decision_record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class MinimisedTest:
    """
    A PolicyTest made from a rollout.
    """

    rollout: str
    path: str | None
    """The file that was written; None: the text is the result."""
    text: str
    decision: Decision
    samples: int
    recorded_samples: int
    signals: tuple[str, ...]
    """Those that are off healthy."""
    is_smallest: bool


def render_minimised(minimised: MinimisedTest, *, color: bool = False) -> str:  # noqa: ARG001 - all renderers are called alike
    """
    Give the test itself or, if it went into a file, one line on it.
    """
    if minimised.path is None:
        return minimised.text
    off = ", ".join(minimised.signals) or "no signal"
    return (
        f"{minimised.path}: {minimised.decision.verdict.value} in {minimised.decision.step}, "
        f"{minimised.samples} of {minimised.recorded_samples} samples, off healthy: {off}\n"
    )


def minimised_record(minimised: MinimisedTest) -> Record:
    """
    Give the object of the JSON document.
    """
    decision = minimised.decision
    return {
        "rollout": minimised.rollout,
        "path": minimised.path,
        "decision": decision.verdict.value,
        "step": decision.step,
        "because": list(dict.fromkeys(reason.rule for reason in decision.reasons)),
        "at": format_duration(decision.at_us),
        "samples": minimised.samples,
        "recorded_samples": minimised.recorded_samples,
        "signals": list(minimised.signals),
        "smallest": minimised.is_smallest,
        "test": minimised.text,
    }
