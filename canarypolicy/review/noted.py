"""
Changes while they are collected: each an edit, where it belongs in the new file, and how it is taken back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from canarypolicy.review.findings import Edit
from canarypolicy.review.taking_back import drop, insert, put, restore
from canarypolicy.review.written import apart

if TYPE_CHECKING:
    from canarypolicy.documents.checked import Path
    from canarypolicy.documents.span import Span
    from canarypolicy.review.taking_back import TakingBack
    from canarypolicy.review.written import Fact, Facts, Side


_SILENT_OF_SIGNALS = ("unit", "healthy")
_SILENT_OF_RULES = ("name", "message", "runbook")
"""Keys that no decision depends on: the fold is not given them, or repeats them only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """
    One edit, and how it is taken back.
    """

    edit: Edit
    anchor: int
    """Where in the new text it belongs: where it stands or, if it is gone, where it would."""
    back: TakingBack
    path: Path
    """Where it is on the new side or, if it is gone, would be."""

    @property
    def is_silent(self) -> bool:
        """
        Tell whether no decision can depend on it, whatever the history.
        """
        match self.path:
            case ("metadata" | "invariants", *_) | ("plan", "checklist" | "on_rollback" | "snapshot", *_):
                return True
            case ("signals", _, key):
                return key in _SILENT_OF_SIGNALS
            case ("plan", "gates", _, _, key):
                return key == "probe"
            case (*_, "slos" | "rollback" | "hold", _, key):
                return key in _SILENT_OF_RULES
            case _:
                return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Both:
    """
    One part of a policy and its places on both sides.
    """

    who: str
    """Such as "rollback rule `errors`"."""
    old: Path
    new: Path


@dataclass(slots=True, kw_only=True)
class Noted:
    """
    The two sides, and the changes found so far.
    """

    old: Side
    new: Side
    changes: list[Change] = field(default_factory=list)

    def in_order(self) -> list[Change]:
        """
        Give the changes in the order of the new file.
        """
        return sorted(self.changes, key=lambda change: change.anchor)

    def note(self, edit: Edit, path: Path, back: TakingBack, anchor: int | None = None) -> None:
        """
        Add a change; without `anchor`, it belongs where its new span is.
        """
        assert anchor is not None or edit.new is not None, "what is gone needs an anchor"
        where = edit.new.start if anchor is None and edit.new is not None else anchor or 0
        self.changes.append(Change(edit=edit, anchor=where, back=back, path=path))

    def compare(self, both: Both, old: Facts, new: Facts, *, without: str | None = None) -> None:
        """
        Note each fact that differs between two parts, but for the one of the key `without`.
        """
        for key in {**new, **old}:
            if key != without and not _says_the_same(old, new, key):
                back = restore(self.old.at(both.old), both.new, (new.get(key) or old[key]).keys)
                self.differ(both, old.get(key), new.get(key), back)

    def differ(self, both: Both, old: Fact | None, new: Fact | None, back: TakingBack) -> None:
        """
        Note that one fact is another now.
        """
        fact = new or old
        assert fact is not None, "one side has it"
        sentence = f"{both.who}: {_what_changed(fact.keys[0], old, new)}"
        was = _span(self.old, both.old, fact)
        present = _span(self.new, both.new, fact)
        edit = Edit(sentence=sentence, old=was, new=present)
        self.note(edit, (*both.new, fact.keys[0]), back, None if present else self.new.start_of(both.new))

    def added(self, sentence: str, path: Path) -> None:
        """
        Note a part that was not there.
        """
        self.note(Edit(sentence=sentence, old=None, new=self.new.span(path)), path, drop(path))

    def item_removed(self, sentence: str, old: Path, into: Path, back: TakingBack | None = None) -> None:
        """
        Note an item of a list that is gone; unless said otherwise, it is put back at the end.
        """
        back = back or insert(into, len(self.new.at(into) or []), self.old.at(old))
        self.note(Edit(sentence=sentence, old=self.old.span(old), new=None), into, back, self.new.end_of(into))

    def key_removed(self, sentence: str, path: Path) -> None:
        """
        Note a key of a mapping that is gone.
        """
        edit = Edit(sentence=sentence, old=self.old.span(path), new=None)
        self.note(edit, path, put(path, self.old.at(path)), self.new.end_of(path[:-1]))

    def replaced(self, both: Both, old_text: str, new_text: str) -> None:
        """
        Note a part that is another one as a whole.
        """
        was, present = apart(old_text, new_text)
        back = put(both.new, self.old.at(both.old))
        sentence = f"{both.who} was {was}, is {present}"
        self.note(Edit(sentence=sentence, old=self.old.span(both.old), new=self.new.span(both.new)), both.new, back)


def _says_the_same(old: Facts, new: Facts, key: str) -> bool:
    return key in old and key in new and old[key].value == new[key].value


def _what_changed(key: str, old: Fact | None, new: Fact | None) -> str:
    before = None if old is None else old.text
    after = None if new is None else new.text
    was, present = apart(before or "", after or "")
    if before is None:
        return f"`{key}` is {present}, there was none"
    return f"`{key}` was {was}, is gone" if after is None else f"`{key}` was {was}, is {present}"


def _span(side: Side, path: Path, fact: Fact) -> Span | None:
    """
    Give where a fact is written; one that is not, where its part is.
    """
    written = (side.span((*path, key)) for key in fact.keys)
    return next((span for span in written if span is not None), side.span(path))
