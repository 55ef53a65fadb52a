"""
Journals as a run writes them, without a run: samples and events through the engine, acts said to be done, into a real store.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from canarypolicy.documents.duration import SECOND_US
from canarypolicy.documents.loading import load_policy
from canarypolicy.engine.decision import Verdict
from canarypolicy.engine.event import ApproveEvent, StepEvent
from canarypolicy.engine.program import build
from canarypolicy.engine.sample import RawSample
from canarypolicy.history.decision_record import ENGINE, mark_of
from canarypolicy.live.entry import ROOT, Draft, EntryKind
from canarypolicy.live.folding import Fold
from canarypolicy.live.journal import Journal
from canarypolicy.live.record import Record
from canarypolicy.live.storing import Holder, NewRun

START_US = 1_777_629_600 * SECOND_US
"""2026-05-01T10:00:00Z."""
MINUTE_US = 60 * SECOND_US
ELSEWHERE = Holder(host="build-7", pid=4711, started="")
"""A process of another host: whether it lives, only its lease tells."""

POLICY = """\
apiVersion: canarypolicy/v1
kind: RolloutPolicy
metadata: {name: shop, revision: 7}
signals:
  canary.errors: {unit: ratio, range: [0, 1], healthy: 0.002, worse: higher}
  canary.requests: {unit: count, range: [0, null], healthy: 3000.0, worse: lower}
  incident.data: {type: bool, healthy: false, worse: higher}
slos:
  - {name: low, require: canary.errors < 0.01, for: 3m}
rollback:
  - {name: high, when: canary.errors >= 0.02, for: 2m}
  - {name: data-incident, when: incident.data}
hold:
  - {name: too-little-traffic, when: canary.requests < 500.0}
plan:
  every: 1m
  steps:
    - {name: canary-10, weight: 10, min: 4m, max: 30m}
    - {name: canary-50, weight: 50, min: 4m, max: 30m, approval: required}
    - {name: full, weight: 100, min: 4m}
"""
HEALTHY = {"canary.errors": 0.002, "canary.requests": 3000.0, "incident.data": False}


class FakeClock:
    """
    A clock that stands where the journal is.
    """

    def __init__(self):
        self.at_us = START_US

    def now_us(self):
        return self.at_us


@dataclass
class JournalMaker:
    """
    One run's journal in a store, minute by minute.
    """

    store: object
    run: str = "shop-20260501-1"
    policy: str = POLICY
    service: str = "shop"
    holder: Holder = ELSEWHERE
    lease_us: int = 24 * 60 * MINUTE_US
    clock: FakeClock = field(default_factory=FakeClock)
    minute: float = 0

    def __post_init__(self):
        checked = load_policy(self.policy.encode(), "policy.yaml").document
        self.program = build(checked)
        mark = mark_of(checked)
        new = NewRun(
            run=self.run,
            policy=mark.name,
            environment="production",
            service=self.service,
            digest=mark.digest,
            started_us=START_US,
        )
        lease = self.store.begin(new, self.holder, self.lease_us, START_US)
        record = Record(fold=Fold(program=self.program, is_gated=False))
        self.journal = Journal(
            store=self.store, lease=lease, lease_us=self.lease_us, record=record, mark=mark, clock=self.clock, head=(0, ROOT)
        )
        policy = {"name": mark.name, "revision": mark.revision, "digest": mark.digest, "path": mark.path}
        body = {"policy": policy, "policy_text": self.policy, "environment": "production", "engine": ENGINE, "by": "ann"}
        self.draft(EntryKind.BEGIN, **body, service=self.service, gated=False, dry_run=False)

    @property
    def at_us(self):
        return START_US + round(self.minute * MINUTE_US)

    def draft(self, kind, **body):
        self.clock.at_us = self.at_us
        self.journal.write([Draft(kind=kind, at_us=self.at_us, body=body)])

    def take(self, item, taken=()):
        """Fold a sample or an event, write what it is and what is decided, and give the decision."""
        self.clock.at_us = self.at_us
        drafts, decision = self.journal.fold(item)
        self.journal.write(drafts, taken)
        return decision

    def event(self, kind, taken=(), **facts):
        """Let an event happen a second after the last entry."""
        self.minute += 1 / 60
        return self.take(kind(at_us=self.at_us, **facts), taken)

    def intend(self, step):
        self.draft(EntryKind.INTEND, act="weight", **{"for": "enter"}, step=step.name, weight=step.weight)

    def enter(self, index):
        """Set a step's weight and enter it."""
        step = self.program.steps[index]
        self.intend(step)
        body = {"act": "weight", "for": "enter", "step": step.name, "weight": step.weight, "read": step.weight, "attempts": 1}
        self.draft(EntryKind.CONFIRM, **body)
        self.event(StepEvent, step=step.name, weight=step.weight)

    def sample(self, why=None, **values):
        """Let a minute pass and sample; `canary_errors` stands for `canary.errors`, None is missing."""
        self.minute = int(self.minute) + 1
        changed = {name.replace("_", ".", 1): value for name, value in values.items()}
        signals = {name: value for name, value in {**HEALTHY, **changed}.items() if value is not None}
        return self.take(RawSample(at_us=self.at_us, signals=signals, why=why or {}))

    def samples(self, count, **values):
        return [self.sample(**values) for _ in range(count)]

    def end(self, state):
        self.draft(EntryKind.NOTE, note=state)
        self.store.release(self.journal.lease, state)

    def complete(self):
        """Carry it through to its end, each step approved."""
        step = 0
        self.enter(step)
        for _ in range(100):
            decision = self.sample()
            if decision.is_complete:
                return self.end("complete")
            if decision.verdict is Verdict.ADVANCE:
                step += 1
                self.enter(step)
                self.event(ApproveEvent, by="ann")
        raise AssertionError("the samples of a healthy rollout complete it")
