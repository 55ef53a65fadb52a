"""
Before anything is released: the gates, the snapshot, and the first step's weight.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from canarypolicy.documents.duration import SECOND_US
from canarypolicy.engine.rollout import GateState
from canarypolicy.live import desk
from canarypolicy.live.background import OneAtATime
from canarypolicy.live.entry import EntryKind
from canarypolicy.live.gates import Gates
from canarypolicy.live.protocols import NotDone, Occurrence
from canarypolicy.live.ticking import measure

if TYPE_CHECKING:
    from canarypolicy.documents.plan import Snapshot
    from canarypolicy.live.protocols import Taken
    from canarypolicy.live.run import Run

_LOOK_US = SECOND_US // 4


def open_up(run: Run) -> None:
    """
    Bring the rollout into its first step, or to its end as refused; returns early when the process is to stop.
    """
    plan = run.program.checked.policy.plan
    history = [sample for sample in run.signals.history(run.clock.now_us()) if sample.at_us > run.fold.last_us]
    if history:
        run.take(history)
    if not _pass_gates(run):
        return
    if plan.snapshot is not None and run.record.snapshot is None and not _take_snapshot(run, plan.snapshot):
        return
    if run.record.pending is None:
        run.intend_first()
    while not run.fold.has_started and not run.clock.is_stopping():
        desk.take_in(run)
        if _refuse_if_aborted(run):
            return
        if (run.steering.next_us or 0) <= run.clock.now_us() and run.steering.attempt():
            return
        _wait(run)


def refuse(run: Run, why: str) -> None:
    """
    End the rollout before anything is released.
    """
    run.journal.note(EntryKind.NOTE, note="refused", why=why)
    run.tell("error", "refused", f"refused, nothing is released: {why}", why=why)
    run.notices.send(Occurrence.REFUSED, "", f"{run.name} is refused, nothing is released: {why}", {"run": run.name, "why": why})
    run.notices.finish()


def wait(run: Run) -> None:
    """
    Wait for a moment.
    """
    run.clock.sleep_until(run.clock.now_us() + min(_LOOK_US, run.program.every_us))


def _wait(run: Run) -> None:
    """
    Wait for a moment before the first step; samples go on meanwhile, for derived signals look back to them.
    """
    wait(run)
    now_us = run.clock.now_us()
    if now_us - run.fold.sampled_us >= run.program.every_us:
        sample = run.signals.sample(now_us)
        run.take([replace(sample, at_us=max(sample.at_us, run.fold.last_us + 1))])
        measure(run, (now_us, now_us), None)


def _pass_gates(run: Run) -> bool:
    """
    Look at each before-gate in turn; True if all have passed. What was found long ago is looked at again.
    """
    gates = Gates(run)
    for gate in run.program.checked.policy.plan.gates.before:
        if run.fold.state.course.gates.get(gate.name) is GateState.PASSED and not run.is_stale:
            continue
        gates.look_again(gate)
        while not gates.are_open and not run.clock.is_stopping():
            _wait(run)
            desk.take_in(run)
            gates.take_in()
            if _refuse_if_aborted(run):
                return False
        if run.clock.is_stopping():
            return False
        state = run.fold.state.course.gates.get(gate.name)
        if state is not GateState.PASSED:
            how = "failed" if state is GateState.FAILED else "cannot be judged"
            refuse(run, f"gate `{gate.name}` {how}")
            return False
    return not _refuse_if_aborted(run)


def _refuse_if_aborted(run: Run) -> bool:
    abort = run.fold.early_abort
    if abort is None:
        return False
    if run.record.weight is None and run.record.pending is None:
        refuse(run, f"aborted by {abort.by or 'somebody'}{f': {abort.reason}' if abort.reason else ''}")
        return True
    if run.record.pending is not None and run.record.pending.purpose == "enter":
        run.give_up("the rollout was aborted")
    if run.record.pending is None or run.steering.attempt():
        refuse(run, f"aborted by {abort.by or 'somebody'}{f': {abort.reason}' if abort.reason else ''}")
        return True
    return False


def _take_snapshot(run: Run, snapshot: Snapshot) -> bool:
    """
    Take the rollback snapshot; without it nothing is released.
    """
    actuator = snapshot.actuator
    if run.is_dry:
        return run.journal.note(
            EntryKind.CONFIRM, act="snapshot", actuator=actuator, snapshot="none", detail="a dry run takes none"
        )
    assert run.backup is not None, "wiring gives the backup that the policy names"
    if not run.record.is_snapshot_intended:
        run.journal.note(EntryKind.INTEND, act="snapshot", actuator=actuator)
    calls: OneAtATime[Taken] = OneAtATime()
    calls.begin(run.backup.create)
    while not run.clock.is_stopping():
        try:
            taken = calls.result(0)
        except NotDone as error:
            if calls.is_busy:
                _wait(run)
                desk.take_in(run)
                if _refuse_if_aborted(run):
                    return False
                continue
            run.journal.note(EntryKind.FAIL, act="snapshot", actuator=actuator, why=error.why)
            refuse(run, f"the snapshot `{actuator}` was not taken: {error.why}")
            return False
        run.journal.note(EntryKind.CONFIRM, act="snapshot", actuator=actuator, snapshot=taken.snapshot, detail=taken.detail)
        run.tell("info", "snapshot", f"snapshot `{taken.snapshot}` is taken", snapshot=taken.snapshot)
        return True
    return False
