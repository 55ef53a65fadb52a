"""
The difference of two policies as edits: what a person changed, one sentence each, in the order of the new file.

Order alone is no edit (but that of steps), nor is another way to write the same: edits are compared by meaning.
What an edit does to decisions is not asked here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.review.edits_of_parts import compare_parts
from canarypolicy.review.edits_of_rules import compare_rules
from canarypolicy.review.edits_of_steps import compare_steps
from canarypolicy.review.matching import matched_steps
from canarypolicy.review.noted import Noted
from canarypolicy.review.taking_back import taken_back
from canarypolicy.review.written import side_of

if TYPE_CHECKING:
    from canarypolicy.documents.checked import CheckedPolicy
    from canarypolicy.review.findings import Edit
    from canarypolicy.review.noted import Change


def edits(old: CheckedPolicy, new: CheckedPolicy) -> tuple[Edit, ...]:
    """
    Give the edits that make the new policy of the old one, in the order of the new file.
    """
    return tuple(change.edit for change in _changes(old, new).in_order())


def decides_alike(old: CheckedPolicy, new: CheckedPolicy) -> bool:
    """
    Tell whether the two say the same of every decision, but for names and words; false is no claim.
    """
    return all(change.is_silent for change in _changes(old, new).changes)


def without(old: CheckedPolicy, new: CheckedPolicy, edit: Edit) -> CheckedPolicy | None:
    """
    Give the new policy with one edit taken back; None if that alone makes no valid policy.

    Places in it are those of a text of its own. An edit that is none between these two is a `ValueError`.
    """
    noted = _changes(old, new)
    change = _change_of(noted, edit)
    return taken_back(noted.new.data, new.source.path, change.back)


def _change_of(noted: Noted, edit: Edit) -> Change:
    for change in noted.changes:
        if change.edit == edit:
            return change
    raise ValueError(f"there is no such edit between the two policies: {edit.sentence}")


def _changes(old: CheckedPolicy, new: CheckedPolicy) -> Noted:
    noted = Noted(old=side_of(old), new=side_of(new))
    steps = matched_steps(noted.old, noted.new)
    compare_parts(noted, steps)
    compare_rules(noted, steps)
    compare_steps(noted, steps)
    return noted
