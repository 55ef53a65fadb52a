"""
A tick: the signals and the weight are looked at together, the sample is judged, and what follows is done.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from canarypolicy.documents.duration import SECOND_US
from canarypolicy.engine.event import DriftEvent
from canarypolicy.history.decision_record import decision_record, number
from canarypolicy.live import desk
from canarypolicy.live.protocols import NotDone, Occurrence
from canarypolicy.live.standings import rules_of
from canarypolicy.live.steering import is_weight

if TYPE_CHECKING:
    from canarypolicy.engine.sample import RawSample
    from canarypolicy.live.gates import Gates
    from canarypolicy.live.run import Run

_LOOK_US = SECOND_US
"""How often is looked between two ticks."""


def next_tick_us(run: Run) -> int:
    """
    Give the time of the next tick: the run's own grid, which a crash does not move.
    """
    every_us = run.program.every_us
    started_us = run.fold.state.course.started_us or 0
    last_us = max(run.fold.sampled_us, run.fold.state.course.entered_us or 0, started_us)
    # stamps lie a little behind the grid: half of `every` tells one tick from the next
    following = (last_us - started_us + every_us // 2) // every_us + 1
    late = -((started_us - run.clock.now_us()) // every_us)
    return started_us + max(following, late) * every_us


def wait_for_tick(run: Run, gates: Gates, at_us: int) -> None:
    """
    Wait for the time of a tick; what comes in meanwhile is taken in, and what is pending is tried.
    """
    are_looked_at = False
    while True:
        desk.take_in(run)
        gates.take_in()
        run.notices.take_in()
        if run.fold.is_over or run.clock.is_stopping():
            return
        now_us = run.clock.now_us()
        next_try_us = run.steering.next_us
        if next_try_us is not None and next_try_us <= now_us:
            run.steering.attempt()
            next_try_us = run.steering.next_us
            now_us = run.clock.now_us()
        if not are_looked_at and run.fold.state.course.step == len(run.program.steps) - 1:
            are_looked_at = True
            gates.begin(run.program.checked.policy.plan.gates.after)
        if now_us >= at_us or run.fold.has_news:  # what a person says is judged at once
            return
        run.clock.sleep_until(min(at_us, now_us + _LOOK_US, next_try_us or at_us))


def tick(run: Run, at_us: int) -> None:
    """
    Look at everything once and judge it.
    """
    began_us = run.clock.now_us()
    # Asked for the time of the grid itself, evenly spaced samples stay so, however busy the machine is.
    asked_us = at_us if 0 <= began_us - at_us < run.program.every_us // 2 else began_us
    sample, seen, why = _look(run, asked_us)
    taken_us = max(asked_us, run.fold.last_us + 1)
    items: list[RawSample | DriftEvent] = []
    course = run.fold.state.course
    wanted = run.record.weight if course.final is None else 0.0
    if wanted is not None and run.record.pending is None and (seen is None or not is_weight(wanted, seen)):
        items.append(DriftEvent(at_us=taken_us, weight=seen))
        found = f"{number(seen)} % is read back" if seen is not None else why
        run.tell("warning", "drift", f"the weight ought to be {number(wanted)} %, but {found}", wanted=wanted, read=seen)
    items.append(replace(sample, at_us=taken_us, step=run.program.steps[course.step].name, weight=seen))
    run.take(items)
    if run.record.pending is not None and not run.fold.is_over:
        run.steering.attempt()
    tell_people(run)
    measure(run, (at_us, began_us), seen)


def _look(run: Run, at_us: int) -> tuple[RawSample, float | None, str]:
    """
    Ask for the signals and the weight at once; a weight that cannot be told is None, with why.
    """
    was_begun = run.steering.look()
    sample = run.signals.sample(at_us)
    try:
        return sample, run.steering.seen(was_begun=was_begun), ""
    except NotDone as error:
        return sample, None, f"it cannot be read back: {error.why}"


def tell_people(run: Run) -> None:
    """
    Send the notices that a hold may need: a step is overdue, or only a person's approval is lacking.
    """
    decision = run.fold.decision
    if decision is None or run.fold.is_over:
        return
    names = {reason.rule for reason in decision.reasons}
    facts = {"run": run.name, "policy": run.policy, "step": decision.step, "weight": decision.weight}
    if "overdue" in names:
        run.notices.send(Occurrence.OVERDUE, decision.step, f"{run.name}: step `{decision.step}` is overdue and holds", facts)
    if names == {"approval"}:
        text = f"{run.name}: step `{decision.step}` waits for `canarypolicy approve {run.name}`"
        run.notices.send(Occurrence.APPROVAL, decision.step, text, facts)


def measure(run: Run, times: tuple[int, int], seen: float | None) -> None:
    """
    Give what was seen to those who look on; the times are when it was due and when it began.
    """
    due_us, began_us = times
    decision = run.fold.decision
    run.watcher.measure(
        {
            "at_us": run.fold.sampled_us,
            "decision": None if decision is None else decision_record(decision, run.journal.mark),
            "rules": lambda: () if run.fold.is_over else rules_of(run.fold),
            "phase": run.fold.state.course.phase.value,
            "weight_wanted": run.record.weight,
            "weight_read": seen,
            "tick_seconds": (run.clock.now_us() - began_us) / SECOND_US,
            "lag_seconds": max(0, began_us - due_us) / SECOND_US,
            "missing": {} if decision is None else dict(decision.missing),
            "store_up": not run.is_store_lost,
            "every_seconds": run.program.every_us / SECOND_US,
            "run": run.name,
            "policy": run.policy,
        }
    )
