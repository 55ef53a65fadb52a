"""
Edits of all that is neither rule nor step: signals, derived signals, the plan's times, gates, what follows, invariants.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from canarypolicy.documents.wording import code
from canarypolicy.review.facts import (
    checklist_value,
    derived_value,
    end_facts,
    gate_facts,
    invariant_value,
    plan_facts,
    recovery_facts,
    signal_facts,
)
from canarypolicy.review.findings import Edit
from canarypolicy.review.noted import Both
from canarypolicy.review.taking_back import put, restore
from canarypolicy.review.written import apart, flow

if TYPE_CHECKING:
    from canarypolicy.documents.checked import Path
    from canarypolicy.review.matching import MatchedSteps
    from canarypolicy.review.noted import Noted

Compared: TypeAlias = Callable[[Both, Any, Any], None]
"""Notes what differs between the two models of one part."""


def compare_parts(noted: Noted, steps: MatchedSteps) -> None:
    """
    Note what has become of everything but rules and steps.
    """
    before, after = noted.old.checked.policy, noted.new.checked.policy
    _compare_name(noted, before.metadata.name, after.metadata.name)
    _compare_mapping(noted, "signals", "signal", lambda both, old, new: _compare_signal(noted, both, old, new))
    renamed = steps.renamed

    def derived(both: Both, old: Any, new: Any) -> None:
        if derived_value(old, renamed) != derived_value(new, {}):
            _replace(noted, both)

    def invariant(both: Both, old: Any, new: Any) -> None:
        if invariant_value(noted.old, both.old, old, renamed) != invariant_value(noted.new, both.new, new, {}):
            _replace(noted, both)

    def item(both: Both, old: Any, new: Any) -> None:
        if checklist_value(old, renamed) != checklist_value(new, {}):
            _replace(noted, both)

    def gate(both: Both, old: Any, new: Any) -> None:
        noted.compare(both, gate_facts(noted.old, both.old, old), gate_facts(noted.new, both.new, new))

    _compare_mapping(noted, "derived", "derived signal", derived)
    for key in ("before", "after"):
        _compare_list(noted, ("plan", "gates", key), f"{key}-gate", gate)
    _compare_list(noted, ("plan", "checklist"), "checklist item", item)
    _compare_list(noted, ("invariants",), "invariant", invariant)
    times = plan_facts(noted.old, before.plan, after.plan), plan_facts(noted.new, after.plan, before.plan)
    noted.compare(_plan_of("plan", ()), *times)
    noted.compare(_plan_of("on_rollback", ("on_rollback",)), end_facts(noted.old, before.plan), end_facts(noted.new, after.plan))
    _compare_snapshot(noted)
    _compare_recovery(noted)


def _compare_name(noted: Noted, old: str, new: str) -> None:
    if old != new:
        path: Path = ("metadata", "name")
        edit = Edit(sentence=f"policy {code(old)} is called {code(new)} now", old=noted.old.span(path), new=noted.new.span(path))
        noted.note(edit, path, put(path, old))


def _plan_of(who: str, below: Path) -> Both:
    return Both(who=who, old=("plan", *below), new=("plan", *below))


def _compare_mapping(noted: Noted, key: str, word: str, compare: Compared) -> None:
    before, after = getattr(noted.old.checked.policy, key), getattr(noted.new.checked.policy, key)
    for name, model in after.items():
        who = f"{word} {code(name)}"
        if name in before:
            compare(Both(who=who, old=(key, name), new=(key, name)), before[name], model)
        else:
            noted.added(f"{who} is new: {apart(flow(noted.new.at((key, name))), '')[0]}", (key, name))
    for name in before:
        if name not in after:
            noted.key_removed(f"{word} {code(name)} is gone", (key, name))


def _compare_list(noted: Noted, path: Path, word: str, compare: Compared) -> None:
    before, after = (
        {item.name: (index, item) for index, item in enumerate(_models(side.checked.policy, path))}
        for side in (noted.old, noted.new)
    )
    for name, (index, model) in after.items():
        who = f"{word} {code(name)}"
        if name in before:
            old_index, old_model = before[name]
            compare(Both(who=who, old=(*path, old_index), new=(*path, index)), old_model, model)
        else:
            noted.added(f"{who} is new: {apart(flow(noted.new.at((*path, index))), '')[0]}", (*path, index))
    for name, (index, _) in before.items():
        if name not in after:
            noted.item_removed(f"{word} {code(name)} is gone", (*path, index), path)


def _models(policy: Any, path: Path) -> Any:
    for key in path:
        policy = getattr(policy, str(key))
    return policy


def _replace(noted: Noted, both: Both) -> None:
    noted.replaced(both, flow(noted.old.at(both.old)), flow(noted.new.at(both.new)))


def _compare_signal(noted: Noted, both: Both, old: Any, new: Any) -> None:
    if old.type is not new.type:
        _replace(noted, both)  # range, healthy and values change with the type, and go back with it
        return
    noted.compare(both, signal_facts(noted.old, both.old, old), signal_facts(noted.new, both.new, new))


def _compare_snapshot(noted: Noted) -> None:
    before, after = noted.old.checked.policy.plan.snapshot, noted.new.checked.policy.plan.snapshot
    if before != after:
        path: Path = ("plan", "snapshot")
        _compare_block(noted, path, "snapshot", is_there=(before is not None, after is not None))


def _compare_recovery(noted: Noted) -> None:
    before, after = (side.checked.policy.plan.on_rollback.recovery for side in (noted.old, noted.new))
    path: Path = ("plan", "on_rollback", "recovery")
    if before is not None and after is not None:
        both = Both(who="recovery", old=path, new=path)
        noted.compare(both, recovery_facts(noted.old, path, before), recovery_facts(noted.new, path, after))
    elif before is not after:
        _compare_block(noted, path, "recovery", is_there=(before is not None, after is not None))


def _compare_block(noted: Noted, path: Path, who: str, *, is_there: tuple[bool, bool]) -> None:
    """
    Note a block that came, went or is another one.
    """
    was_there, is_now_there = is_there
    if was_there and is_now_there:
        _replace(noted, Both(who=who, old=path, new=path))
    elif is_now_there:
        noted.added(f"{who} is new: {apart(flow(noted.new.at(path)), '')[0]}", path)
    else:
        back = restore(noted.old.at(path[:-1]), path[:-1], [str(path[-1])])
        anchor = noted.new.start_of(path)
        sentence = f"{who} is gone, it was {apart(flow(noted.old.at(path)), '')[0]}"
        noted.note(Edit(sentence=sentence, old=noted.old.span(path), new=None), path, back, anchor)
