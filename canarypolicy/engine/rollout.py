"""
Where a rollout is: its phases, the one table of transitions, and the state that the fold carries.

A state is a value; whatever happens makes a new one. The drawing in the docs is made from `TRANSITIONS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

from canarypolicy.documents.step_names import START
from canarypolicy.engine.sustained import NO_STREAK, Streak

if TYPE_CHECKING:
    from canarypolicy.engine.decision import Decision
    from canarypolicy.engine.event import FreezeEvent, PauseEvent
    from canarypolicy.engine.program import Program


class Phase(Enum):
    """
    The phases of a rollout.
    """

    AHEAD = "ahead"
    """Before its start: all is only history for derived signals."""
    BEFORE = "before"
    """Waiting for the gates before the first step; nothing is released."""
    IN_STEP = "in-step"
    COMPLETE = "complete"
    ROLLED_BACK = "rolled-back"
    REFUSED = "refused"


class Happening(Enum):
    """
    What moves a rollout from phase to phase.
    """

    START = "start"
    GATE_FAILED = "gate-failed"
    STEP_ENTERED = "step-entered"
    LAST_ADVANCE = "last-advance"
    ROLLBACK = "rollback"


TRANSITIONS: Mapping[tuple[Phase, Happening], Phase] = {
    (Phase.AHEAD, Happening.START): Phase.BEFORE,
    (Phase.AHEAD, Happening.GATE_FAILED): Phase.REFUSED,
    (Phase.BEFORE, Happening.GATE_FAILED): Phase.REFUSED,
    (Phase.BEFORE, Happening.STEP_ENTERED): Phase.IN_STEP,
    (Phase.BEFORE, Happening.ROLLBACK): Phase.ROLLED_BACK,
    (Phase.IN_STEP, Happening.STEP_ENTERED): Phase.IN_STEP,
    (Phase.IN_STEP, Happening.LAST_ADVANCE): Phase.COMPLETE,
    (Phase.IN_STEP, Happening.ROLLBACK): Phase.ROLLED_BACK,
}
"""Whatever is not in this table does not happen."""


class Follow(Enum):
    """
    Whose steps the fold goes through.
    """

    POLICY = "policy"
    """Its own decisions: an advance enters the next step at once."""
    RECORDING = "recording"
    """The steps that happened: only a step event enters a step. A live rollout follows so, too."""


class GateState(Enum):
    """
    What is known of a gate.
    """

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """
    What changes seldom: the phase, the step, the gates, and what operators said.
    """

    follow: Follow
    gated: bool
    """Whether the history has gate events; without any, it is judged without gates."""
    phase: Phase = Phase.AHEAD
    start_us: int | None = None
    """When the rollout starts; None: at its first sample or step event."""
    started_us: int | None = None
    step: int = 0
    is_under_way: bool = False
    """Whether the step is known already when the rollout starts."""
    entered_us: int | None = None
    entries: Mapping[str, int] = field(default_factory=dict)
    """When `start` and each step were entered."""
    gates: Mapping[str, GateState] = field(default_factory=dict)
    approvals: frozenset[str] = frozenset()
    pause: PauseEvent | None = None
    freeze: FreezeEvent | None = None
    idle_since_us: int | None = None
    """Since when it is paused or frozen."""
    idle_us: int = 0
    """How long it was paused or frozen in this step before that."""
    by_hand: Mapping[str, object] = field(default_factory=dict)
    """Signals that an operator set."""
    drifted: bool = False
    final: Decision | None = None

    def idle_until(self, at_us: int) -> int:
        """
        Give the time paused or frozen in this step, up to now.
        """
        return self.idle_us + (0 if self.idle_since_us is None else at_us - self.idle_since_us)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """
    All that the fold remembers.
    """

    course: Course
    previous_us: int | None = None
    """The time of the last sample."""
    watches: tuple[Streak, ...]
    """One streak per rollback and hold rule of the program."""
    slos: tuple[Streak, ...]
    """One streak per SLO of the program; empty again at each step's entry."""
    derived: tuple[Any, ...]
    """One state per derived signal of the program."""


NOT_YET_US = 2**62
"""The start of a rollout that has not begun: later than every sample."""
_NEVER_SEEN_US = -(2**62)
"""Long before any sample: when an earlier step was entered of which this history knows nothing."""


def begin(  # noqa: PLR0913 - each has a name and a default
    program: Program,
    *,
    start_us: int | None = None,
    follow: Follow = Follow.POLICY,
    gated: bool = False,
    step: str | None = None,
    entered_us: int | None = None,
) -> State:
    """
    Give the state before the first item of a history.

    Without `start_us` the rollout starts at its first sample or step event.
    With `step`, it already is in that step, entered at `entered_us`; an unknown step is a `ValueError`.
    """
    course = Course(follow=follow, gated=gated, start_us=start_us)
    if step is not None:
        course = _already_in(program, course, step, entered_us)
    return State(
        course=course,
        watches=(NO_STREAK,) * len(program.watches),
        slos=(NO_STREAK,) * len(program.slos),
        derived=tuple(each.function.begin(each.parameters, each.inputs) for each in program.derived),
    )


def _already_in(program: Program, course: Course, step: str, entered_us: int | None) -> Course:
    present = program.step_named(step)
    course = replace(course, step=present.index, is_under_way=True, entered_us=entered_us)
    if present.index == 0:
        return course if course.start_us is not None else replace(course, start_us=entered_us)
    unseen = {each.name: _NEVER_SEEN_US for each in program.steps[: present.index]}
    if course.start_us is None:
        unseen[START] = _NEVER_SEEN_US
    return replace(course, entries=unseen)


def move(course: Course, happening: Happening) -> Course:
    """
    Take the transition of the table; one that is not in it is a mistake in the program.
    """
    return replace(course, phase=TRANSITIONS[course.phase, happening])


def start(program: Program, state: State, at_us: int) -> State:
    """
    Start the rollout; no gate being waited for, its first step is entered at once.

    A followed recording enters its steps itself.
    """
    course = state.course
    started_us = at_us if course.start_us is None else course.start_us
    course = replace(move(course, Happening.START), started_us=started_us, entries={START: started_us, **course.entries})
    state = replace(state, course=course)
    if course.is_under_way:
        return enter(program, state, course.step, started_us if course.entered_us is None else course.entered_us)
    if course.follow is Follow.POLICY and not is_waiting_for_gates(program, course):
        return enter(program, state, 0, started_us)
    return state


def enter(program: Program, state: State, step: int, at_us: int) -> State:
    """
    Enter a step: its clock starts, and evidence for leaving it is gathered from nothing.
    """
    course = move(state.course, Happening.STEP_ENTERED)
    entries = course.entries
    if program.steps[step].name not in entries:
        entries = {**entries, program.steps[step].name: at_us}
    course = replace(
        course,
        step=step,
        entered_us=at_us,
        entries=entries,
        idle_us=0,
        idle_since_us=None if course.idle_since_us is None else max(at_us, course.idle_since_us),
    )
    return replace(state, course=course, slos=(NO_STREAK,) * len(program.slos))


def finish(state: State, happening: Happening, final: Decision) -> State:
    """
    End the rollout with a decision that stands for all samples to come.
    """
    return replace(state, course=replace(move(state.course, happening), final=final))


def undrifted(state: State) -> State:
    """
    Forget that a weight was not what it should be: one sample holds for it.
    """
    return replace(state, course=replace(state.course, drifted=False)) if state.course.drifted else state


def is_waiting_for_gates(program: Program, course: Course) -> bool:
    """
    Tell whether a gate before the first step has not passed yet.
    """
    return course.gated and any(course.gates.get(gate.name) is not GateState.PASSED for gate in program.before_gates)


def entry_belongs(course: Course) -> bool:
    """
    Tell whether a sample at the very entry belongs to the step: it does where the rollout began.
    """
    return course.entered_us is not None and course.entered_us == course.started_us


def is_in_step_at(course: Course, at_us: int) -> bool:
    """
    Tell whether a sample at that time belongs to the present step.
    """
    entered = course.entered_us
    return entered is not None and (at_us > entered or (at_us == entered and entry_belongs(course)))


def lapse(course: Course, at_us: int) -> Course:
    """
    End a freeze whose time is over.
    """
    freeze = course.freeze
    if freeze is None or freeze.until_us is None or at_us < freeze.until_us:
        return course
    return idle(replace(course, freeze=None), freeze.until_us)


def idle(course: Course, at_us: int) -> Course:
    """
    Start or stop the count of time that is taken off for `max`.
    """
    is_idle = course.pause is not None or course.freeze is not None
    if is_idle and course.idle_since_us is None:
        return replace(course, idle_since_us=at_us)
    if not is_idle and course.idle_since_us is not None:
        return replace(course, idle_us=course.idle_until(at_us), idle_since_us=None)
    return course
