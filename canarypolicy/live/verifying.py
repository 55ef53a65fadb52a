"""
Whether a journal is whole and tells the truth: its chain, its end, and its decisions, which the engine makes again.

The chain tells what was changed, moved or left out by whoever did not make all later hashes anew; against one who did, only
a head noted elsewhere helps.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from canarypolicy.documents.loading import load_policy
from canarypolicy.engine.program import build
from canarypolicy.history.decision_record import ENGINE, PolicyMark, decision_record
from canarypolicy.history.draft import BadLine
from canarypolicy.live.entry import ROOT, EntryKind, canonical_text, first_fault
from canarypolicy.live.folding import Fold, item_of
from canarypolicy.live.record import ENDINGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from canarypolicy.engine.decision import Decision
    from canarypolicy.engine.program import Program
    from canarypolicy.live.entry import Entry
    from canarypolicy.live.storing import RunRow

_KINDS = {kind.value for kind in EntryKind}
_FOLDED = (EntryKind.SAMPLE.value, EntryKind.EVENT.value)


def verify(row: RunRow, entries: Sequence[Entry], head: str | None = None) -> tuple[str, ...]:
    """
    Give what is wrong with a run's journal, a sentence a fault; none if nothing is.

    `head` is the hash of its last entry, or of an earlier one, as somebody noted it. A broken chain is told alone: what
    stands in such a journal means nothing.
    """
    broken = first_fault(entries, row.run)
    if broken is not None:
        return (broken,)
    lost = _lost(row, entries)
    if lost is not None:
        return (lost,)
    faults = [*_faults_of_head(entries, head)]
    if entries:
        faults += _faults_of_kinds(entries) or _faults_of_content(row, entries)
    return tuple(faults)


def _lost(row: RunRow, entries: Sequence[Entry]) -> str | None:
    """
    Hold the end of the chain against what the store says of it.
    """
    seq, hash_ = (entries[-1].seq, entries[-1].hash) if entries else (0, ROOT)
    if seq != row.head_seq:
        return f"the journal ends at entry {seq}, and the store's note of its end says {row.head_seq}"
    if hash_ != row.head_hash:
        return f"the hash of the last entry, {seq}, is not the one in the store's note of the journal's end"
    return None


def _faults_of_head(entries: Sequence[Entry], head: str | None) -> Iterator[str]:
    if head is not None and head not in {ROOT, *(entry.hash for entry in entries)}:
        yield f"no entry has the hash `{head}`: this is not the journal of which it was noted"


def _faults_of_kinds(entries: Sequence[Entry]) -> list[str]:
    faults = [f"entry {entry.seq} is of the unknown kind `{entry.kind}`" for entry in entries if entry.kind not in _KINDS]
    if entries[0].kind != EntryKind.BEGIN.value:
        faults.append(f"the first entry is of the kind `{entries[0].kind}`: expected `begin`")
    faults += [f"entry {entry.seq} begins the run again" for entry in entries[1:] if entry.kind == EntryKind.BEGIN.value]
    return faults


def _faults_of_content(row: RunRow, entries: Sequence[Entry]) -> list[str]:
    try:
        begun = entries[0].body
        mark = PolicyMark(**begun["policy"])
        loaded = load_policy(begun["policy_text"].encode(), mark.path)
        is_gated: bool = begun["gated"]
    except (KeyError, TypeError, ValueError):
        return ["entry 1 does not say which policy the run began with"]
    if loaded.document is None or loaded.document.digest != mark.digest:
        return [f"the policy in entry 1 has not the digest `{mark.digest}` that stands beside it"]
    return [*_faults_of_row(row, entries, begun), *_faults_of_decisions(build(loaded.document), mark, entries, is_gated=is_gated)]


def _faults_of_row(row: RunRow, entries: Sequence[Entry], begun: Mapping[str, Any]) -> Iterator[str]:
    written = {
        "started_us": entries[0].at_us,
        "policy": begun["policy"]["name"],
        "digest": begun["policy"]["digest"],
        "environment": begun.get("environment"),
        "service": begun.get("service"),
    }
    for name, value in written.items():
        if value != getattr(row, name):
            yield f"the store's note of the run says the {name} `{getattr(row, name)}`, and its journal `{value}`"
    endings = {entry.body.get("note") for entry in entries if entry.kind == EntryKind.NOTE.value}
    if row.state in ENDINGS and row.state not in endings:
        yield f"the store's note of the run says that it ended as `{row.state}`, and its journal does not"


def _faults_of_decisions(program: Program, mark: PolicyMark, entries: Sequence[Entry], *, is_gated: bool) -> Iterator[str]:
    """
    Make every decision again; after the first one that cannot be made, nothing that follows is comparable.
    """
    fold = Fold(program, is_gated=is_gated)
    due: Decision | None = None
    for entry in entries[1:]:
        if entry.kind == EntryKind.DECISION.value:
            if due is None:
                yield f"entry {entry.seq} is a decision where the engine makes none"
            elif not _is_same(due, mark, entry):
                yield f"entry {entry.seq} is not the decision that the engine makes of what stands before it{_by(entry)}"
            due = None
            continue
        if due is not None:
            yield f"entry {entry.seq} stands where the engine makes a decision"
            due = None
        if entry.kind in _FOLDED:
            try:
                due = fold.take(item_of(entry.text))
            except (BadLine, ValueError):
                yield f"entry {entry.seq} is no {entry.kind} that could follow what stands before it"
                return
    if due is not None:
        yield f"entry {entries[-1].seq} is the last one, and the engine makes a decision of it"


def _is_same(decision: Decision, mark: PolicyMark, entry: Entry) -> bool:
    record = decision_record(decision, mark)
    return canonical_text({**record, "engine": _engine_of(entry)}) == entry.text


def _engine_of(entry: Entry) -> object:
    try:
        body = json.loads(entry.text)
    except ValueError:
        return None
    return body.get("engine") if isinstance(body, dict) else None


def _by(entry: Entry) -> str:
    engine = _engine_of(entry)
    return "" if engine == ENGINE else f": `{engine}` wrote it, and this is `{ENGINE}`"
