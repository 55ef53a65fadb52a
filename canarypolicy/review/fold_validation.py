"""
The second half of translation validation: each step's decision in terms against the fold's own, on drawn standings.

What is drawn is where each rule stands and for how long, next to the times that it asks for; values of signals play no part.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from canarypolicy.cel import terms
from canarypolicy.cel.computation import Computation
from canarypolicy.cel.expression import UNKNOWN
from canarypolicy.cel.lowered import Truth
from canarypolicy.cel.terms import name_of
from canarypolicy.documents.rule import RuleKind
from canarypolicy.engine.engine import verdict_of
from canarypolicy.engine.event import FreezeEvent, PauseEvent
from canarypolicy.engine.observation import Observation
from canarypolicy.engine.program import RuleStanding
from canarypolicy.engine.rollout import Course, Follow, GateState, Phase
from canarypolicy.engine.sustained import Streak, gathered, has_lasted, watched
from canarypolicy.review.decisions import Flags, new_flags, step_terms
from canarypolicy.review.validation import Mismatch
from canarypolicy.review.windows import Counted, Windows

if TYPE_CHECKING:
    from canarypolicy.cel.expression import Truth as Truthful
    from canarypolicy.cel.terms import Exact
    from canarypolicy.engine.program import Program, ProgramGate, ProgramStep
    from canarypolicy.review.encoded import Encoded
    from canarypolicy.review.windows import RuleTerms

_NOW_US: Final = 10**15
_MOST_STANDINGS: Final = 1_000
"""So many rules are judged for each step at most, unless more is asked for."""


@dataclass(slots=True)
class Draws:
    """
    Numbers that look drawn and are the same in every run.
    """

    state: int = 1

    def below(self, count: int) -> int:
        """
        Draw a number from 0 on.
        """
        self.state = (self.state * 6_364_136_223_846_793_005 + 1_442_695_040_888_963_407) % 2**64
        return (self.state >> 33) % count

    def near(self, *limits: int | None) -> int:
        """
        Draw a time at, just before or just after one of the limits, or far from all; never before 0.
        """
        known = [limit for limit in limits if limit is not None] or [0]
        limit = known[self.below(len(known))]
        return max(0, (limit, limit - 1, limit + 1, 0, 2 * limit + 5)[self.below(5)])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Calm:
    """
    A point at which all lets an advance pass, or all but one rule.
    """

    odd: RuleTerms | None = None
    is_unknown: bool = False
    has_lasted: bool = False
    is_timely: bool = True
    """Whether the time, operators and gates let it pass, too; else they are drawn."""


_UNTIMELY: Final = 24


@dataclass(slots=True, kw_only=True)
class _Drawn:
    """
    One point: the values of all names, and the same as the fold knows it.
    """

    values: dict[str, Exact] = field(default_factory=dict)
    watches: list[RuleStanding] = field(default_factory=list)
    slos: list[RuleStanding] = field(default_factory=list)


def decision_mismatches(encoded: Encoded, *, most: int = _MOST_STANDINGS) -> Iterator[Mismatch]:
    """
    Hold the decision in each common step of both policies against the fold, on drawn standings.
    """
    seen: set[tuple[object, ...]] = set()
    odd: set[tuple[object, ...]] = set()
    for side in (encoded.old, encoded.new):
        windows, flags = Windows(clock=encoded.snapshot.clock), new_flags(encoded.snapshot.clock)
        rules = [windows.rule(rule.rule, _free(index)) for index, rule in enumerate(side.rules)]
        for pair in encoded.snapshot.steps:
            step = side.program.step_named(pair[side is encoded.new])
            acting = [rule for rule in rules if step.name in rule.rule.acts_in]
            shape = _shape(side.program, step, acting)
            if shape not in seen:
                seen.add(shape)
                count = max(3, min(most // 80, most // max(1, len(acting))))
                points = (*_calm(acting, odd), *[None] * count)
                yield from _of_step(side.program, step, acting, flags, points)


def _shape(program: Program, step: ProgramStep, acting: Iterable[RuleTerms]) -> tuple[object, ...]:
    """
    Give all that a step's decision is made of, values of signals apart: steps of one shape are looked at once.
    """
    asked = tuple((each.rule.kind, each.rule.asked) for each in acting)
    gates = tuple((gate.name, gate.rolls_back_on_fail, is_before) for gate, is_before in _gates(program))
    is_last = step.index == len(program.steps) - 1
    return step.min_us, step.max_us, step.rolls_back_on_timeout, step.needs_approval, is_last, asked, gates


def _free(index: int) -> Truth:
    return Truth(yes=terms.boolean(f"yes#{index}"), no=terms.boolean(f"no#{index}"))


def _of_step(
    program: Program, step: ProgramStep, acting: list[RuleTerms], flags: Flags, points: Iterable[_Calm | None]
) -> Iterator[Mismatch]:
    made = step_terms(program, step, acting, flags)
    computed = Computation((made.rollback, made.blocked))
    names = [_Names.of(rule) for rule in acting]
    nothing = dict.fromkeys(computed.names, False)
    draws = Draws()
    for calm in points:
        drawn = _Drawn()
        for rule, called in zip(acting, names, strict=True):
            _put(rule, called, drawn, _stand(rule, draws, calm))
        seen = Observation(
            at_us=_NOW_US,
            course=_course(program, step, flags, drawn, None if calm is not None and calm.is_timely else draws),
            step=step,
            values={},
            missing={},
            clipped={},
            watches=tuple(drawn.watches),
            slos=tuple(drawn.slos),
        )
        is_rollback, is_blocked = computed.on({**nothing, **drawn.values})
        expected = verdict_of(program, seen).value
        found = "rollback" if is_rollback else "hold" if is_blocked else "advance"
        if expected != found:
            point = ", ".join(f"{each.rule.name} {each.standing.value}" for each in (*seen.watches, *seen.slos))
            yield Mismatch(what=f"step `{step.name}`", point=point, expected=expected, found=found)
            return


def _calm(acting: Iterable[RuleTerms], seen: set[tuple[object, ...]]) -> Iterator[_Calm]:
    """
    Give the calm points: without an odd rule, and with each as the odd one that asks what none before it asked.
    """
    yield _Calm()
    yield from [_Calm(is_timely=False)] * _UNTIMELY
    for odd in acting:
        if (odd.rule.kind, odd.rule.asked) in seen:
            continue
        seen.add((odd.rule.kind, odd.rule.asked))
        for is_unknown in (False, True):
            for lasts in (False, True):
                yield _Calm(odd=odd, is_unknown=is_unknown, has_lasted=lasts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stand:
    """
    What a rule is, and for how long.
    """

    truth: Truthful
    held: int
    lost: int
    count: int


def _stand(rule: RuleTerms, draws: Draws, calm: _Calm | None) -> _Stand:
    """
    Say where a rule stands at a calm point, or draw it.
    """
    asked, good = rule.rule.asked, rule.rule.kind is RuleKind.SLO
    if calm is None:
        truths: tuple[Truthful, ...] = (good, not good, UNKNOWN)
        held, lost = draws.near(asked.for_us), draws.near(asked.after_us)
        return _Stand(truth=truths[draws.below(3)], held=held, lost=lost, count=draws.below((asked.of or 0) + 1))
    is_odd = rule is calm.odd
    is_long = calm.has_lasted or not is_odd
    truth: Truthful = good if not is_odd else UNKNOWN if calm.is_unknown else not good
    if not is_long:
        return _Stand(truth=truth, held=0, lost=0, count=0)
    return _Stand(truth=truth, held=asked.for_us or 0, lost=asked.after_us or 0, count=asked.of or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    """
    The names in a rule's terms; None where it asks for no such thing.
    """

    yes: str
    no: str
    window: str | None
    unknown: str | None

    @classmethod
    def of(cls, rule: RuleTerms) -> _Names:
        window = None
        if rule.window is not None:
            window = name_of(rule.window.reached if isinstance(rule.window, Counted) else rule.window.held)
        unknown = None if rule.unknown is None else name_of(rule.unknown.held)
        return cls(yes=name_of(rule.truth.yes), no=name_of(rule.truth.no), window=window, unknown=unknown)


def _put(rule: RuleTerms, called: _Names, drawn: _Drawn, stand: _Stand) -> None:
    """
    Put where a rule stands into a point, in terms and as the fold knows it.
    """
    asked, is_slo, truth = rule.rule.asked, rule.rule.kind is RuleKind.SLO, stand.truth
    count = max(stand.count, 1) if truth is True else stand.count  # this very sample is one of them
    streak = Streak(
        since_us=_NOW_US - stand.held if truth is True else None,
        last_true_us=_NOW_US if truth is True else None,
        unknown_since_us=_NOW_US - stand.lost if truth is UNKNOWN else None,
        recent=tuple((_NOW_US, index < count) for index in range(asked.of or 0)),
    )
    standing = (gathered if is_slo else watched)(asked, streak, truth, _NOW_US)
    (drawn.slos if is_slo else drawn.watches).append(RuleStanding(rule=rule.rule, standing=standing, streak=streak))
    drawn.values[called.yes] = truth is True
    drawn.values[called.no] = truth is False
    if called.window is not None:
        is_counted = isinstance(rule.window, Counted)
        drawn.values[called.window] = has_lasted(asked, streak, _NOW_US) if is_counted else stand.held
    if called.unknown is not None:
        drawn.values[called.unknown] = stand.lost


def _course(program: Program, step: ProgramStep, flags: Flags, drawn: _Drawn, draws: Draws | None) -> Course:
    """
    Draw what the time, operators and gates say; at a calm point they let an advance pass.
    """
    elapsed, idle, halt, gated, approved = step.min_us, 0, 3, False, True
    if draws is not None:
        elapsed = draws.near(step.min_us, step.max_us)
        idle = min(elapsed, draws.near(0, step.min_us))
        halt, gated, approved = draws.below(6), draws.below(3) == 0, draws.below(4) > 0
    gates: dict[str, GateState] = {}
    clock = flags.clock
    drawn.values.update({name_of(clock.elapsed): elapsed, name_of(clock.total): elapsed, name_of(clock.idle): idle})
    drawn.values.update({name_of(flags.halted): halt < 3, name_of(flags.approved): approved, name_of(flags.gated): gated})
    for gate, is_before in _gates(program):
        made = flags.gate(gate, is_before=is_before)
        states = (GateState.PASSED, GateState.PASSED, GateState.UNKNOWN, GateState.FAILED)
        drawn_state = states[0 if draws is None else draws.below(3 if gate.rolls_back_on_fail or not gated else 4)]
        state = gates.setdefault(gate.name, drawn_state)
        drawn.values[name_of(made.passed)] = state is GateState.PASSED
        drawn.values[name_of(made.has_failed)] = state is GateState.FAILED
    return Course(
        follow=Follow.RECORDING,
        gated=gated,
        phase=Phase.IN_STEP,
        started_us=_NOW_US - elapsed,
        step=step.index,
        entered_us=_NOW_US - elapsed,
        gates=gates,
        approvals=frozenset({step.name} if approved else ()),
        pause=PauseEvent(at_us=_NOW_US) if halt == 0 else None,
        freeze=FreezeEvent(at_us=_NOW_US) if halt == 1 else None,
        drifted=halt == 2,
        idle_us=idle,
    )


def _gates(program: Program) -> Iterator[tuple[ProgramGate, bool]]:
    for gate in program.before_gates:
        yield gate, True
    for gate in program.after_gates:
        yield gate, False
