"""
How a run comes to hold its journal: a new one begins, one that was interrupted is taken over and continued.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from canarypolicy.documents.duration import SECOND_US, format_duration, format_instant
from canarypolicy.documents.loading import load_policy
from canarypolicy.engine.event import DriftEvent
from canarypolicy.engine.program import build
from canarypolicy.errors import InvalidInput, Unavailable, Unsupported
from canarypolicy.history.decision_record import ENGINE, decision_record, mark_of, number
from canarypolicy.live.entry import ROOT, Draft, EntryKind, first_fault
from canarypolicy.live.folding import Fold, item_of
from canarypolicy.live.journal import Journal
from canarypolicy.live.protocols import NotDone
from canarypolicy.live.record import Record
from canarypolicy.live.run import lease_us
from canarypolicy.live.steering import is_weight
from canarypolicy.live.storing import NewRun
from canarypolicy.live.ticking import tell_people

if TYPE_CHECKING:
    from collections.abc import Sequence

    from canarypolicy.engine.program import Program
    from canarypolicy.live.entry import Entry
    from canarypolicy.live.protocols import Clock
    from canarypolicy.live.run import Run
    from canarypolicy.live.storing import Holder, RunRow, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """
    Where a run writes, as whom, by which clock.
    """

    store: Store
    holder: Holder
    clock: Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """
    What a new run is called, where it is carried out, and by whom.
    """

    run: str
    environment: str
    is_dry: bool
    by: str | None
    artefact: str | None = None
    """The version that is rolled out, as whoever began the run called it."""


def service_of(policy: str, environment: str) -> str:
    """
    Name what only one run may move at a time.
    """
    return f"{policy}@{environment}"


def begin_journal(program: Program, where: Whereabouts, occasion: Occasion) -> Journal:
    """
    Make a new run in the store and write its first entry; `Held` if its service is held.
    """
    checked, now_us = program.checked, where.clock.now_us()
    mark, is_gated = mark_of(checked), bool(program.before_gates or program.after_gates)
    service = service_of(mark.name, occasion.environment)
    new = NewRun(
        run=occasion.run,
        policy=mark.name,
        environment=occasion.environment,
        service=service,
        digest=mark.digest,
        started_us=now_us,
    )
    lease = where.store.begin(new, where.holder, lease_us(program), now_us)
    record = Record(fold=Fold(program, is_gated))
    journal = Journal(
        store=where.store,
        lease=lease,
        lease_us=lease_us(program),
        record=record,
        mark=mark,
        clock=where.clock,
        head=(0, ROOT),
    )
    body: dict[str, Any] = {
        "policy": {"name": mark.name, "revision": mark.revision, "digest": mark.digest, "path": mark.path},
        "policy_text": checked.source.text,
        "environment": occasion.environment,
        "engine": ENGINE,
        "service": service,
        "gated": is_gated,
        "dry_run": occasion.is_dry,
        "by": occasion.by,
        "artefact": occasion.artefact,
    }
    journal.write([Draft(kind=EntryKind.BEGIN, at_us=now_us, body=body)])
    return journal


def program_of(row: RunRow, entries: Sequence[Entry]) -> Program:
    """
    Give the policy of a journal, made ready; a journal that was changed or has lost an entry is `Unavailable`.
    """
    fault = first_fault(entries, row.run)
    if fault is None and (len(entries), entries[-1].hash if entries else ROOT) != (row.head_seq, row.head_hash):
        fault = f"it ends at entry {len(entries)}, but {row.head_seq} were written"
    if fault is not None or not entries:
        why = fault or "it has no entry"
        raise Unavailable(
            f"the journal of `{row.run}` cannot be trusted: {why}", help=f"see `canarypolicy journal verify {row.run}`"
        )
    body = entries[0].body
    loaded = load_policy(body["policy_text"].encode(), body["policy"]["path"])
    if loaded.document is None:
        raise InvalidInput(tuple(finding for finding in loaded.findings if finding.is_error))
    return build(loaded.document)


def continue_journal(program: Program, where: Whereabouts, run: str) -> Journal:
    """
    Take a run over and fold its journal again; `Held` if its holder lives.

    A journal whose decisions this engine does not make again is `Unsupported`: it would go on differently.
    """
    lease = where.store.take_over(run, where.holder, lease_us(program), where.clock.now_us())
    try:
        entries = where.store.entries(run)
        record = _folded(program, entries)
    except (InvalidInput, Unavailable, Unsupported):
        where.store.release(lease, "interrupted")
        raise
    return Journal(
        store=where.store,
        lease=lease,
        lease_us=lease_us(program),
        record=record,
        mark=mark_of(program.checked),
        clock=where.clock,
        head=(entries[-1].seq, entries[-1].hash),
    )


def _folded(program: Program, entries: Sequence[Entry]) -> Record:
    record = Record(fold=Fold(program, entries[0].body["gated"]))
    mark = mark_of(program.checked)
    made: Any = None
    for entry in entries:
        kind = EntryKind(entry.kind)
        if kind in (EntryKind.SAMPLE, EntryKind.EVENT):
            decision = record.fold.take(item_of(entry.text))
            made = None if decision is None else decision_record(decision, mark)
            record.last_us = max(record.last_us, entry.at_us)
        elif kind is EntryKind.DECISION:
            _check_decision(entry, made)
        else:
            record.add(kind, entry.at_us, entry.body)
    return record


def _check_decision(entry: Entry, made: Any) -> None:
    written = entry.body
    engine = written.get("engine")
    if made is None or {**made, "engine": engine} != written:
        raise Unsupported(
            f"{ENGINE} does not make the decision of entry {entry.seq} again, which {engine} made",
            help="continue the run with the version that began it, or give its traffic back by hand",
        )


def go_on(run: Run, last_us: int) -> None:
    """
    Take up a run that nobody carried out for a while: the weight is read back first, and repaired.

    An advance that was decided too long ago is given up: its evidence is old. A rollback never is.
    """
    now_us = run.clock.now_us()
    run.gap_us = max(0, now_us - last_us)
    gap = format_duration(run.gap_us // SECOND_US * SECOND_US)
    run.journal.note(EntryKind.NOTE, note="continued", after=format_instant(last_us))
    run.tell("info", "continued", f"{run.name} is continued after {gap}")
    run.notices.send_again()
    tell_people(run)
    pending = run.record.pending
    if pending is not None and pending.purpose == "enter" and run.fold.has_started and run.is_stale:
        run.give_up(f"nobody carried the rollout out for {gap}")
    if run.record.pending is None and run.record.weight is not None and run.record.ending is None:
        _repair(run, run.record.weight)


def _repair(run: Run, wanted: float) -> None:
    try:
        seen = run.steering.seen(was_begun=run.steering.look())
    except NotDone:
        return  # the next tick reads it again, and holds if it cannot
    if is_weight(wanted, seen):
        return
    run.tell(
        "warning",
        "drift",
        f"the weight ought to be {number(wanted)} %, but {number(seen)} % is read back",
        wanted=wanted,
        read=seen,
    )
    run.take([DriftEvent(at_us=run.journal.stamp(), weight=seen)])
    if run.record.pending is None:
        run.intend_repair(wanted)
    run.steering.attempt()
