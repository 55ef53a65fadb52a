"""
Edits of the plan's steps: added, gone, renamed, in another order, and what each says besides its rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.documents.wording import code, listed
from canarypolicy.review.facts import step_facts
from canarypolicy.review.findings import Edit
from canarypolicy.review.noted import Both
from canarypolicy.review.taking_back import insert, rename_step, reorder

if TYPE_CHECKING:
    from canarypolicy.documents.checked import Path
    from canarypolicy.review.matching import MatchedSteps
    from canarypolicy.review.noted import Noted
    from canarypolicy.review.written import Facts, Side

_STEPS: Path = ("plan", "steps")


def compare_steps(noted: Noted, steps: MatchedSteps) -> None:
    """
    Note what has become of the steps; their own rules are compared elsewhere.
    """
    before, after = _indices(noted.old), _indices(noted.new)
    for name, new_name in steps.common.items():
        index = after[new_name]
        both = Both(who=f"step {code(new_name)}", old=(*_STEPS, before[name]), new=(*_STEPS, index))
        if name != new_name:
            was, span = noted.old.span((*both.old, "name")), noted.new.span((*both.new, "name"))
            edit = Edit(sentence=f"step {code(name)} is called {code(new_name)} now", old=was, new=span)
            noted.note(edit, (*both.new, "name"), rename_step(index, name))
        noted.compare(both, _facts(noted.old, before[name]), _facts(noted.new, index))
    for name in steps.added:
        noted.added(f"step {code(name)} is new: {_told(noted.new, after[name])}", (*_STEPS, after[name]))
    for name in steps.removed:
        sentence = f"step {code(name)} is gone, it was {_told(noted.old, before[name])}"
        path = (*_STEPS, before[name])
        back = insert(_STEPS, _place_again(steps, before, after, name), noted.old.at(path))
        noted.item_removed(sentence, path, _STEPS, back)
    _compare_order(noted, steps, after)


def _indices(side: Side) -> dict[str, int]:
    return {step.name: index for index, step in enumerate(side.checked.policy.plan.steps)}


def _facts(side: Side, index: int) -> Facts:
    return step_facts(side, (*_STEPS, index), side.checked.policy.plan.steps[index])


def _told(side: Side, index: int) -> str:
    facts = _facts(side, index)
    return f"weight `{facts['weight'].text}` for at least `{facts['min'].text}`"


def _place_again(steps: MatchedSteps, before: dict[str, int], after: dict[str, int], name: str) -> int:
    """
    Give where a step that is gone would stand: behind the nearest step before it that is still there.
    """
    earlier = [new_name for old_name, new_name in steps.common.items() if before[old_name] < before[name]]
    return after[earlier[-1]] + 1 if earlier else 0


def _compare_order(noted: Noted, steps: MatchedSteps, after: dict[str, int]) -> None:
    was = list(steps.common.values())
    present = sorted(was, key=after.__getitem__)
    if was != present:
        sentence = f"the order of the steps was {listed(was)}, is {listed(present)}"
        back = reorder(_STEPS, [after[name] for name in was])
        noted.note(Edit(sentence=sentence, old=noted.old.span(_STEPS), new=noted.new.span(_STEPS)), _STEPS, back)
