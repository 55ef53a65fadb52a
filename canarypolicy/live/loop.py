"""
The loop that carries a rollout out: opened, ticked through its steps, ended.

Where it is stands in the journal's record alone, so a run that is continued after a crash begins here, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.engine.rollout import Phase
from canarypolicy.live import desk
from canarypolicy.live.ending import finish_complete, roll_back
from canarypolicy.live.entry import EntryKind
from canarypolicy.live.gates import Gates
from canarypolicy.live.opening import open_up, refuse
from canarypolicy.live.ticking import next_tick_us, tick, wait_for_tick

if TYPE_CHECKING:
    from canarypolicy.live.run import Run


def carry_out(run: Run) -> str | None:
    """
    Carry a rollout out and give how it ended; None if the process was asked to stop before.

    `LeaseLost` if somebody else holds the run: nothing is done any more then.
    """
    gates = Gates(run)
    while run.record.ending is None:
        if run.clock.is_stopping() and not _must_roll_back(run):
            _interrupt(run)
            return None
        phase = run.fold.state.course.phase
        if run.fold.is_over:
            _end(run, phase)
        elif not run.fold.has_started:
            open_up(run)
        else:
            at_us = next_tick_us(run)
            wait_for_tick(run, gates, at_us)
            if not run.fold.is_over and not run.clock.is_stopping():
                tick(run, at_us)
    run.store.release(run.journal.lease, run.record.ending)
    return run.record.ending


def _must_roll_back(run: Run) -> bool:
    """
    Tell whether a rollback is decided and was not tried by this process yet.
    """
    is_open = run.fold.state.course.phase is Phase.ROLLED_BACK and not run.record.is_rolled_back
    return is_open and not run.steering.attempts


def _end(run: Run, phase: Phase) -> None:
    match phase:
        case Phase.COMPLETE:
            finish_complete(run)
        case Phase.REFUSED:
            decision = run.fold.state.course.final
            refuse(run, "; ".join(reason.message for reason in decision.reasons) if decision is not None else "")
        case _:
            roll_back(run)


def _interrupt(run: Run) -> None:
    """
    Stop as asked: the traffic stays where it is.
    """
    run.journal.note(EntryKind.NOTE, note="interrupted")
    desk.take_in(run)
    if not run.is_store_lost:
        run.store.release(run.journal.lease, "interrupted")
