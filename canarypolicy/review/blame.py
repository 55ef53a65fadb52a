"""
Who is to blame: the edits without which a witness shows nothing any more.

Each edit is taken back by itself and the witness replayed. Where none alone undoes it, two together may, or only all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

from canarypolicy.engine.event import ApproveEvent, StepEvent
from canarypolicy.engine.program import build
from canarypolicy.review.edits import edits as edits_between
from canarypolicy.review.edits import without
from canarypolicy.review.replaying import judged

if TYPE_CHECKING:
    from collections.abc import Iterable

    from canarypolicy.documents.checked import CheckedPolicy
    from canarypolicy.documents.span import Span
    from canarypolicy.engine.decision import Decision
    from canarypolicy.engine.program import Program
    from canarypolicy.review.findings import Edit, Witness
    from canarypolicy.review.histories import Item
    from canarypolicy.review.replaying import Pair

MOST_SUSPECTS = 40
"""With more edits only those on what the decisions name are taken back."""
_MOST_PAIRS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Blame:
    """
    The edits that cause what a witness shows.
    """

    edits: tuple[Edit, ...]
    is_joint: bool = False
    """Whether no single one undoes it: they do so together."""


class Accusation:
    """
    The edits of a change, and the policies that are left when some are taken back: each is made once.
    """

    def __init__(self, pair: Pair, edits: Sequence[Edit]) -> None:
        self._pair, self._edits = pair, tuple(edits)
        self._made: dict[frozenset[str], Program | None] = {}

    def blame(self, witness: Witness) -> Blame:
        """
        Give the edits that undo a witness: each of them alone, else the first two that do together, else all.
        """
        suspects = self._edits if len(self._edits) <= MOST_SUSPECTS else _named(self._edits, witness)
        alone = tuple(edit for edit in suspects if self._undoes((edit,), witness))
        if alone:
            return Blame(edits=alone)
        couples = list(combinations(suspects, 2))
        if len(couples) <= _MOST_PAIRS:
            for couple in couples:
                if self._undoes(couple, witness):
                    return Blame(edits=couple, is_joint=True)
        return Blame(edits=self._edits, is_joint=len(self._edits) > 1)

    def _undoes(self, taken: tuple[Edit, ...], witness: Witness) -> bool:
        program = self._without(taken)
        if program is None:
            return False
        decision = judged(program, self._in_words_of(program, witness.items))
        return decision is not None and decision.decision.verdict is not witness.new.verdict

    def _without(self, taken: tuple[Edit, ...]) -> Program | None:
        key = frozenset(edit.sentence for edit in taken)
        if key not in self._made:
            checked = _taken_back(self._pair.old.checked, self._pair.new.checked, taken, self._edits)
            self._made[key] = None if checked is None else build(checked)
        return self._made[key]

    def _in_words_of(self, program: Program, items: Iterable[Item]) -> tuple[Item, ...]:
        """
        Name a witness's steps as a policy does that has some of the new names and some of the old.
        """
        known = {step.name for step in program.steps}

        def renamed(item: Item) -> Item:
            if isinstance(item, (StepEvent, ApproveEvent)) and item.step is not None and item.step not in known:
                return replace(item, step=self._pair.old_name(item.step))
            return item

        return tuple(renamed(item) for item in items)


def _taken_back(old: CheckedPolicy, new: CheckedPolicy, taken: tuple[Edit, ...], between: Sequence[Edit]) -> CheckedPolicy | None:
    """
    Take edits back one after the other, `between` being those of the whole change; a later one is told by its sentence.
    """
    present: CheckedPolicy | None = new
    for edit in taken:
        if present is None:
            return None
        known = between if present is new else edits_between(old, present)
        left = next((each for each in known if each.sentence == edit.sentence), None)
        if left is None:
            return None
        present = without(old, present, left)
    return present


def _named(edits: Sequence[Edit], witness: Witness) -> tuple[Edit, ...]:
    """
    Keep the edits that lie where a reason of the old or the new decision is written.
    """
    return tuple(edit for edit in edits if _lies_in(edit.old, witness.old) or _lies_in(edit.new, witness.new))


def _lies_in(span: Span | None, decision: Decision) -> bool:
    places = (reason.location for reason in decision.reasons)
    return span is not None and any(each is not None and each.start < span.end and span.start < each.end for each in places)
