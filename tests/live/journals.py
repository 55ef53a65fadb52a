"""
Journals made by hand: a policy's decisions along a short history, written to a store as a run writes them.
"""

from __future__ import annotations

from canarypolicy.engine.event import GateEvent, PauseEvent, ResumeEvent, SignalEvent, StepEvent
from canarypolicy.engine.sample import RawSample
from canarypolicy.live.beginning import Occasion, Whereabouts, begin_journal
from canarypolicy.live.entry import Draft, EntryKind
from canarypolicy.store.holder import holder_of_this_process

from driver import HEALTHY, ORIGIN_US, at, policy_text, program_of

POLICY = policy_text()
GATED_PLAN = """
plan:
  every: 1m
  gates: {before: [{name: ready, probe: ready, require: result.failed == 0}]}
  steps:
    - {name: canary-10, weight: 10, min: 5m, max: 20m}
    - {name: full, weight: 100, min: 5m}
"""


class FakeClock:
    """
    A clock that stands where a test puts it.
    """

    def __init__(self) -> None:
        self.at_us = ORIGIN_US

    def now_us(self) -> int:
        return self.at_us

    def sleep_until(self, at_us: int) -> None:
        self.at_us = max(self.at_us, at_us)

    def is_stopping(self) -> bool:
        return False


def write_journal(store, run: str = "shop-1", *, items=None, plan: str | None = None, ending: str | None = "rolled-back"):
    """
    Write a run's journal; the usual history enters a step, is paused for a while and rolls back.
    """
    program = program_of(policy_text() if plan is None else policy_text(plan=plan))
    where = Whereabouts(store=store, holder=holder_of_this_process(), clock=FakeClock())
    journal = begin_journal(program, where, Occasion(run=run, environment="test", is_dry=True, by="ann"))
    for item in course() if items is None else items:
        drafts, _ = journal.fold(item)
        journal.write(drafts)
    if ending is not None:
        journal.write([Draft(kind=EntryKind.NOTE, at_us=journal.stamp(), body={"note": ending})])
        store.release(journal.lease, ending)
    return journal


def course():
    """
    Give samples before the start, the step, operators' events, and errors that roll back.
    """
    yield sample("0m")
    yield sample("1m")
    yield GateEvent(at_us=at("90s"), gate="ready", result={"passed": 1, "failed": 0})
    yield StepEvent(at_us=at("100s"), step="canary-10", weight=10.0)
    yield sample("2m")
    yield PauseEvent(at_us=at("130s"), by="ann ✓", reason="lunch")
    yield sample("3m", **{"canary.requests": None})
    yield ResumeEvent(at_us=at("200s"), by="ann ✓")
    yield SignalEvent(at_us=at("210s"), signals={"incident.data": False}, by="bob")
    for minute in range(4, 12):
        yield sample(f"{minute}m", **{"canary.errors": 0.004 if minute < 6 else 0.05})


def sample(when: str, **changed) -> RawSample:
    return RawSample(at_us=at(when), signals={**HEALTHY, **changed}, times_us={"canary.errors": at(when) - 1_500_000})
