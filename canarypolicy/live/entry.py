"""
Entries of a journal and the chain of hashes that holds them together.

An entry's hash is the SHA-256 of the hash before it and the entry's own text, so no entry can be changed, moved or left
out without all later hashes being wrong; that none is lost at the end, the store's own note of the last one tells.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = "0" * 64
"""The hash before the first entry."""


class EntryKind(Enum):
    """
    What a journal records. `sample` and `event` bodies are lines of a recording (SPEC section 3).
    """

    BEGIN = "begin"
    """Which policy, in its own text, and which environment; the first entry, and no other."""
    SAMPLE = "sample"
    EVENT = "event"
    DECISION = "decision"
    """What the engine decided at the sample or event before it."""
    INTEND = "intend"
    """An act that is about to be done."""
    CONFIRM = "confirm"
    """An act was done, and seen to be done."""
    FAIL = "fail"
    """An attempt at an act failed, and why; it is tried again or given up as its next entry says."""
    ABANDON = "abandon"
    """An intended act will not be done, and why."""
    NOTE = "note"
    """What happened around the rollout: interrupted, continued, recovered, not recovered, complete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """
    What is to be written.
    """

    kind: EntryKind
    at_us: int
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """
    One entry as it is written: `text` is the body in canonical JSON.
    """

    run: str
    seq: int
    """1, 2, 3 ... without a gap."""
    at_us: int
    kind: str
    text: str
    previous: str
    """The hash of the entry before it."""
    hash: str

    @property
    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.text)
        return body


def chained(run: str, head: tuple[int, str], drafts: Iterable[Draft]) -> tuple[Entry, ...]:
    """
    Put drafts behind the entry whose number and hash are `head`; `(0, ROOT)` is the beginning.
    """
    seq, previous = head
    entries: list[Entry] = []
    for draft in drafts:
        seq += 1
        text = canonical_text(draft.body)
        hash_ = hash_of(previous, (run, seq, draft.at_us, draft.kind.value), text)
        entries.append(
            Entry(run=run, seq=seq, at_us=draft.at_us, kind=draft.kind.value, text=text, previous=previous, hash=hash_)
        )
        previous = hash_
    return tuple(entries)


def canonical_text(body: Mapping[str, Any]) -> str:
    """
    Write a body so that the same content is the same text: sorted keys, no blanks, no NaN.
    """
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def hash_of(previous: str, about: tuple[str, int, int, str], text: str) -> str:
    """
    Give an entry's hash; it is about a run, its number there, its time and its kind.
    """
    head = json.dumps([previous, *about], separators=(",", ":"), ensure_ascii=False)
    return sha256(f"{head}\n{text}".encode()).hexdigest()


def first_fault(entries: Iterable[Entry], run: str) -> str | None:
    """
    Give the first thing that is wrong with a chain, as a sentence; None if nothing is.

    What the store says about the chain's end is held against it by the one who reads both.
    """
    previous = ROOT
    for seq, entry in enumerate(entries, start=1):
        if entry.seq != seq:
            return f"entry {seq} is not there: {entry.seq} follows {seq - 1}"
        if entry.run != run:
            return f"entry {seq} belongs to the run `{entry.run}`"
        if entry.previous != previous:
            return f"entry {seq} does not follow the entry before it: the hashes differ"
        if hash_of(previous, (run, seq, entry.at_us, entry.kind), entry.text) != entry.hash:
            return f"entry {seq} was changed: its hash is not that of its content"
        previous = entry.hash
    return None
