"""
Slips in derived signals: another window, another signal, frozen at another step.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from canarypolicy.documents.plan import START
from canarypolicy.mutation.drafts import Draft, duration_text, span_of, was_is
from canarypolicy.mutation.edited import chosen_parameters, with_derived
from canarypolicy.mutation.expressions import other_names
from canarypolicy.mutation.mutant import Danger, MutantKind

if TYPE_CHECKING:
    from canarypolicy.documents.checked import CheckedPolicy

_SIGNALS = ("of", "to")


def derived_drafts(checked: CheckedPolicy) -> Iterator[Draft]:
    """
    Give the slips in all derived signals. What each does to the decisions is anybody's guess, so all may lose a rollback.
    """
    for name, chosen in checked.policy.derived.items():
        for key, value in chosen_parameters(chosen).items():
            for kind, other in _others(checked, key, value):
                yield Draft(
                    kind=kind,
                    sentence=was_is(f"derived signal `{name}`", key, _text(value), _text(other)),
                    place=span_of(checked, ("derived", name, chosen.name, key)),
                    danger=Danger.LOSES_ROLLBACK,
                    says=(("derived", name), key, other),
                    checked=with_derived(checked, name, {key: other}),
                )


def _others(checked: CheckedPolicy, key: str, value: Any) -> Iterator[tuple[MutantKind, Any]]:
    match value:
        case timedelta():
            yield MutantKind.WINDOW, value / 2
            yield MutantKind.WINDOW, value * 2
        case bool():
            yield MutantKind.WINDOW, not value
        case str() if key in _SIGNALS:
            yield from other_names(checked, value)
        case str() if key == "at":
            steps = (START, *(step.name for step in checked.policy.plan.steps))
            yield from ((MutantKind.WINDOW, step) for step in steps if step != value)


def _text(value: Any) -> str:
    if isinstance(value, timedelta):
        return duration_text(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
