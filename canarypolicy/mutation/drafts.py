"""
Drafts of mutants: what a mutator says of a slip before it is known to leave a valid policy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from canarypolicy.documents.duration import format_duration, microseconds
from canarypolicy.documents.rule import RuleKind, SampleCount
from canarypolicy.documents.wording import code

if TYPE_CHECKING:
    from datetime import timedelta

    from canarypolicy.documents.checked import CheckedPolicy, Path
    from canarypolicy.documents.span import Span
    from canarypolicy.documents.written_rules import WrittenRule
    from canarypolicy.mutation.mutant import Danger, MutantKind, Says

WORDS = {RuleKind.SLO: "SLO", RuleKind.ROLLBACK: "rollback rule", RuleKind.HOLD: "hold rule"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """
    A slip, and the policy with it; None where the models refuse it.
    """

    kind: MutantKind
    sentence: str
    place: Span
    danger: Danger
    says: Says
    checked: CheckedPolicy | None


def was_is(who: str, key: str, was: str | None, now: str | None) -> str:
    """
    Write the sentence of a changed key, as a review does; None: it is not there.
    """
    if was is None:
        return f"{who}: `{key}` is {code(now or '')}, there was none"
    return f"{who}: `{key}` was {code(was)}, is gone" if now is None else f"{who}: `{key}` was {code(was)}, is {code(now)}"


def who(written: WrittenRule) -> str:
    """
    Name a rule as messages do.
    """
    home = f" of step {code(written.acts_in[0].name)}" if written.path[0] == "plan" else ""
    return f"{WORDS[written.kind]} {code(written.rule.name)}{home}"


def span_of(checked: CheckedPolicy, path: Path) -> Span:
    """
    Give where something is written or, if it is not there, where the part is that it belongs to.
    """
    while path not in checked.places:
        path = path[:-1]
    return checked.places[path]


def shown(value: Any) -> str | None:
    """
    Write the value of a key as a policy does.
    """
    match value:
        case None:
            return None
        case SampleCount(samples=samples, of=of):
            return f"{samples} of {of} samples"
        case _:
            return duration_text(value)


def duration_text(duration: timedelta) -> str:
    """
    Write a duration as a policy does.
    """
    return format_duration(microseconds(duration))
