"""
After the decision that ends a rollout (SPEC section 6).

Rolled back: the traffic first and at once, tried for ever; then recovery is watched and judged, people are told, and
further rollouts are frozen. Each part is written down when it is done, so that after a crash the rest is done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from canarypolicy.documents.duration import SECOND_US, format_duration
from canarypolicy.history.decision_record import instant
from canarypolicy.live import desk
from canarypolicy.live.entry import EntryKind
from canarypolicy.live.opening import wait
from canarypolicy.live.protocols import Occurrence
from canarypolicy.live.recovery import RECOVERED, Recovery
from canarypolicy.live.run import recovery_asked
from canarypolicy.live.storing import NewFreeze, StoreDown
from canarypolicy.live.ticking import next_tick_us, tick

if TYPE_CHECKING:
    from canarypolicy.engine.decision import Decision
    from canarypolicy.live.run import Run


def finish_complete(run: Run) -> None:
    """
    Close a rollout whose last step was left by an advance.
    """
    text = f"{run.name} is complete: the canary has all of the traffic"
    run.tell("info", "complete", text)
    run.notices.send(Occurrence.COMPLETE, "", text, _facts(run))
    run.notices.finish()
    _close(run, "complete")


def roll_back(run: Run) -> None:
    """
    Carry out the rollback from wherever it stands; returns early when the process is to stop.
    """
    if not run.record.is_rolled_back and not _give_traffic_back(run):
        return
    text = f"{run.name} is rolled back, all traffic is at the stable version: {_because(run)}"
    run.notices.send(Occurrence.ROLLED_BACK, "", text, _facts(run))
    if not _watch_recovery(run):
        return
    _tell_recovery(run)
    if not _freeze(run):
        return
    run.notices.finish()
    _close(run, "rolled-back")


def _give_traffic_back(run: Run) -> bool:
    """
    Try until the stable version has all of the traffic, at once and for as long as this process lives.
    """
    while True:
        if (run.steering.next_us or 0) <= run.clock.now_us() and run.steering.attempt():
            return True
        if run.clock.is_stopping():
            run.tell("error", "rollback-open", "STOPPED BEFORE THE ROLLBACK WAS CONFIRMED: the canary may still have traffic")
            return False
        if run.journal.is_behind or run.is_store_lost:
            run.journal.flush()
        run.journal.renew()
        wait(run)


def _watch_recovery(run: Run) -> bool:
    """
    Watch until there is a verdict; True if there is one, or none is asked.
    """
    asked = recovery_asked(run.program)
    if asked is None or run.record.recovery is not None:
        return True
    assert run.fold.at_end is not None, "a rollback has a state before it"
    assert run.record.rolled_back_us is not None, "the traffic is back"
    watch = Recovery(run.program, run.fold.at_end, run.record.rolled_back_us, asked)
    for_us, within_us = asked
    run.tell("info", "recovery", f"recovery is watched: {format_duration(for_us)} within {format_duration(within_us)}")
    done, verdict = 0, None
    while True:
        for raw in run.fold.samples_after[done:]:
            verdict = verdict or watch.take(raw)
        done = len(run.fold.samples_after)
        if verdict is not None:
            break
        at_us = next_tick_us(run)
        _wait(run, at_us)
        if run.clock.is_stopping():
            return False
        tick(run, at_us)
    run.journal.note(EntryKind.NOTE, note=verdict)
    return True


def _tell_recovery(run: Run) -> None:
    """
    Tell people whether the service has recovered, where the policy asks.
    """
    asked = recovery_asked(run.program)
    if asked is None:
        return
    has_recovered = run.record.recovery == RECOVERED
    text = (
        f"{run.name}: the service has recovered after the rollback"
        if has_recovered
        else f"{run.name}: the service has NOT recovered within {format_duration(asked[1])} of the rollback; a person takes over"
    )
    run.tell("info" if has_recovered else "error", run.record.recovery or "", text)
    run.notices.send(Occurrence.RECOVERED if has_recovered else Occurrence.NOT_RECOVERED, "", text, _facts(run))


def _wait(run: Run, at_us: int) -> None:
    """
    Wait for a tick after the rollback: a weight that drifted is repaired all the same.
    """
    while not run.clock.is_stopping():
        desk.take_in(run)
        run.notices.take_in()
        now_us = run.clock.now_us()
        if run.record.pending is not None and (run.steering.next_us or 0) <= now_us:
            run.steering.attempt()
        if now_us >= at_us:
            return
        run.clock.sleep_until(min(at_us, now_us + SECOND_US))


def _freeze(run: Run) -> bool:
    """
    Freeze further rollouts if the policy says so; True if it is done or not asked.
    """
    freeze = run.program.checked.policy.plan.on_rollback.freeze
    decision = run.fold.state.course.final
    if not freeze or run.is_dry or run.record.is_frozen or decision is None:
        return True
    new = NewFreeze(
        policy=None if freeze == "all" else run.policy,
        at_us=decision.at_us,
        by=run.name,
        reason=f"rolled back: {', '.join(reason.rule for reason in decision.reasons)}",
    )
    if not run.record.is_freeze_intended:
        run.journal.note(EntryKind.INTEND, act="freeze", policy=new.policy)
    while True:
        try:
            run.store.freeze(new)
        except StoreDown:
            if run.clock.is_stopping():
                return False
            desk.take_in(run)
            wait(run)
            continue
        run.journal.note(EntryKind.CONFIRM, act="freeze", policy=new.policy, reason=new.reason)
        whose = "all rollouts are" if new.policy is None else f"further rollouts of `{new.policy}` are"
        run.tell("warning", "freeze", f"{whose} frozen: lift it with `canarypolicy unfreeze`", policy=new.policy)
        return True


def _close(run: Run, note: str) -> None:
    """
    Write how the rollout ended; a store that cannot be reached is waited for until the process is to stop.
    """
    run.journal.note(EntryKind.NOTE, note=note)
    while not run.journal.flush() and not run.clock.is_stopping():
        wait(run)


def _because(run: Run) -> str:
    decision = run.fold.state.course.final
    return "; ".join(f"{reason.rule}: {reason.message}" for reason in decision.reasons) if decision is not None else ""


def _facts(run: Run) -> dict[str, Any]:
    decision: Decision | None = run.fold.state.course.final
    facts: dict[str, Any] = {"run": run.name, "policy": run.policy}
    if decision is not None:
        facts |= {
            "decision": decision.verdict.value,
            "step": decision.step,
            "weight": decision.weight,
            "at": instant(decision.at_us),
            "reasons": [reason.rule for reason in decision.reasons],
        }
    return facts
