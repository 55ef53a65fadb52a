"""
Where two policies stand beside one another, in the words of SPEC 2.3 and 2.4: times relative to now, cut where longer
makes no difference, and what each policy decides there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from canarypolicy.documents.rule import RuleKind
from canarypolicy.engine.decision import Verdict
from canarypolicy.engine.program import Program, ProgramRule

from review.happenings import Cell, Happens, Item
from review.runs import FIRES, NO_RUN, QUIET, TOO_LONG, UNCLEAR, Run

if TYPE_CHECKING:
    from review.reachable import Search

TakenOn = tuple[tuple[Run, ...], tuple[Run, ...], tuple[int, ...], tuple[bool, ...]]
"""The pasts of watches and of SLOs after a sample, where each watch stands, and which SLOs are met."""


class Situation(NamedTuple):
    """
    A pair of states, in relative times.
    """

    step: str
    elapsed_us: int
    spent_us: int
    is_first: bool = True
    """Whether there was no sample yet."""
    idle: str | None = None
    approved: bool = False
    gated: bool = False
    ready: bool = False
    """Whether the gates before the first step have passed."""
    passed: bool = False
    events: int = 0
    watches: tuple[Run, ...] = ()
    slos: tuple[Run, ...] = ()
    past: Any = None
    """Absolute times and derived states, where expressions read them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """
    What derived and built-in signals need to know.
    """

    now_us: int
    previous_us: int | None
    entered_us: int
    entries: dict[str, int]
    derived: tuple[tuple[Any, ...], tuple[Any, ...]]


@dataclass(slots=True, kw_only=True)
class Found:
    """
    What a search found.
    """

    cells: dict[Cell, tuple[Item, ...]] = field(default_factory=dict)
    """Each pair of different decisions that was reached, with a history that leads there."""
    agreed: set[Cell] = field(default_factory=set)
    transitions: int = 0
    is_exhausted: bool = False
    """Whether nothing on the grid was left to try."""


def after_event(now: Situation, happens: Happens) -> Situation:
    if happens.event is None:
        return now
    now = now._replace(events=now.events + 1)
    match happens.event:
        case "step":
            past = now.past
            if past is not None:
                entries = {**past.entries, happens.named: past.now_us}
                past = Past(
                    now_us=past.now_us,
                    previous_us=past.previous_us,
                    entered_us=past.now_us,
                    entries=entries,
                    derived=past.derived,
                )
            return now._replace(
                step=happens.named, elapsed_us=0, spent_us=0, approved=False, passed=False, past=past,
                slos=(NO_RUN,) * len(now.slos),
            )  # fmt: skip
        case "pause" | "freeze":
            return now._replace(idle=happens.event)
        case "approve":
            return now._replace(approved=True)
        case "pass" | "fail":
            return now._replace(passed=happens.event == "pass")
    return now


class Side:
    """
    One policy of a pair: where its rules' pasts are kept, and how it decides.
    """

    def __init__(self, search: Search, program: Program, index: int, *, one: bool) -> None:
        self.program = program
        self.steps = {step.name: step for step in program.steps}
        self.last = program.steps[-1].name
        self.rolls_back_on_fail = any(gate.rolls_back_on_fail for gate in program.after_gates)
        self.watches: list[tuple[int, ProgramRule]] = []
        self.slos: list[tuple[int, ProgramRule]] = []
        for rules, slots, kept in (
            (program.watches, search.watch_slots, self.watches),
            (program.slos, search.slo_slots, self.slos),
        ):
            for rule in rules:
                key = (0 if one else index, rule.when.text, None if rule.unless is None else rule.unless.text)
                if "rollout.weight" in rule.reads:
                    key = (index, *key[1:])
                search.truths.setdefault(key, (index, rule))
                kept.append((slots.setdefault((key, rule.asked, rule.asked.max_gap_us), len(slots)), rule))
        self.acting: dict[str, Any] = {
            name: (
                [
                    (slot, rule.kind is RuleKind.ROLLBACK, rule.ignores_unknown)
                    for slot, rule in self.watches
                    if name in rule.acts_in
                ],
                [slot for slot, rule in self.slos if name in rule.acts_in],
            )
            for name in self.steps
        }

    def decide(self, now: Situation, standings: tuple[int, ...], met: tuple[bool, ...]) -> Verdict:
        """
        Decide in the order of SPEC 2.4.
        """
        step = self.steps[now.step]
        watches, slos = self.acting[now.step]
        is_met = bool(slos) and all(met[slot] for slot in slos)
        holds = not is_met or now.idle is not None or now.elapsed_us < step.min_us
        for slot, is_rollback, ignores in watches:
            standing = standings[slot]
            if standing == TOO_LONG or (standing == FIRES and is_rollback):
                return Verdict.ROLLBACK
            if not (standing == QUIET or (standing == UNCLEAR and ignores)):
                holds = True
        if step.rolls_back_on_timeout and step.max_us is not None and now.spent_us > step.max_us and not is_met:
            return Verdict.ROLLBACK
        if holds or (step.needs_approval and not now.approved):
            return Verdict.HOLD
        is_passed = now.passed or now.step != self.last or not self.program.after_gates
        if now.gated and not (is_passed and (now.ready or not self.program.before_gates)):
            return Verdict.HOLD
        return Verdict.ADVANCE
