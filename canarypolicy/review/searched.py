"""
The matrix of a change without a solver: searched, not proved.

Both policies are folded over histories that stand still, at and beside the limits of the rules that differ, with each signal
missing once. What is found is shown and replayed; what is not found is unknown, and not impossible. Only where two policies
say the same of every decision, no search is needed to exclude a change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise, product
from typing import TYPE_CHECKING, TypeAlias

from canarypolicy.cel.stack import deep_stack
from canarypolicy.cel.unparse import unparse
from canarypolicy.documents.signals import SignalType
from canarypolicy.engine.observation import truth_of
from canarypolicy.engine.sample import RawSample, admit_sample
from canarypolicy.review.blame import Accusation
from canarypolicy.review.candidate import Candidate
from canarypolicy.review.edits import decides_alike
from canarypolicy.review.findings import Certainty, Transition
from canarypolicy.review.folder import Folder
from canarypolicy.review.histories import Shape
from canarypolicy.review.limits import limits_of
from canarypolicy.review.openings import durations, off_healthy
from canarypolicy.review.standing import DANGER
from canarypolicy.review.trial import Question, every_of, reduced, spacing_of
from canarypolicy.review.witness import find_witness

if TYPE_CHECKING:
    from canarypolicy.documents.signals import Signal, Value
    from canarypolicy.engine.decision import Verdict
    from canarypolicy.engine.program import Program, ProgramRule
    from canarypolicy.review.findings import Edit, Witness
    from canarypolicy.review.replaying import Pair

    Point: TypeAlias = Mapping[str, Value | None]
    Change: TypeAlias = tuple[Verdict, Verdict]

NOT_PROVED = "nothing was proved: the extra `prove` is not installed"
"""Why a change that was not found is not excluded."""

_MOST_POINTS = 256
"""How many points of a rule's grid are looked at."""
_MOST_ALIKE = 8
"""How many points are folded that differ only in what no single sample shows."""
_MOST_TRIES = 300


def search(pair: Pair, steps: Mapping[str, str], edits: Sequence[Edit]) -> tuple[Transition, ...]:
    """
    Answer the six questions of each common step, as far as histories show; `steps` gives the new name of each old one.
    """
    is_alike = decides_alike(pair.old.checked, pair.new.checked)
    accusation = Accusation(pair, edits)
    transitions: list[Transition] = []
    for step in steps.values():
        found = {} if is_alike else _Search(pair=pair, step=step).run()
        transitions += [_transition(step, change, found.get(change), accusation, is_alike=is_alike) for change in DANGER]
    return tuple(transitions)


def _transition(step: str, change: Change, witness: Witness | None, accusation: Accusation, *, is_alike: bool) -> Transition:
    old, new = change
    if witness is not None:
        blamed = accusation.blame(witness).edits
        return Transition(step=step, old=old, new=new, certainty=Certainty.WITNESS, witness=witness, blamed=blamed)
    if is_alike:
        return Transition(step=step, old=old, new=new, certainty=Certainty.PROVED)
    return Transition(step=step, old=old, new=new, certainty=Certainty.UNKNOWN, why=NOT_PROVED)


@dataclass(slots=True, kw_only=True)
class _Search:
    """
    The search in one step.
    """

    pair: Pair
    step: str
    found: dict[Change, Witness] = field(default_factory=dict)

    def run(self) -> dict[Change, Witness]:
        """
        Give the changes of decision that a history shows.
        """
        for point in points(self.pair, self.step):
            self._try(point)
        return self.found

    def _try(self, point: Point) -> None:
        """
        Fold the histories of one point; it stands from the step's entry on, or comes when all has been healthy for long.
        """
        searched = reduced(self.pair, self.step, frozenset(point))
        folders = Folder(searched.old, searched, is_old=True), Folder(searched.new, searched, is_old=False)
        spacing = spacing_of(searched)
        taken: set[Change] = set()
        for shape in self._shapes(point):
            old, new = (folder.judge(shape, spacing) for folder in folders)
            if old is None or new is None:
                continue
            change = old.verdict, new.verdict
            if change in DANGER and change not in self.found and change not in taken:
                taken.add(change)  # a search that fails is not repeated at each further sample
                self._take(change, point, shape)

    def _take(self, change: Change, point: Point, shape: Shape) -> None:
        """
        Make a small history of one that shows a change; the whole policies are the judge of it.
        """
        question = Question(step=self.step, old=change[0], new=change[1])
        candidate = Candidate(
            step=self.step,
            values=point,
            lasted_us=shape.lasted_us,
            elapsed_us=shape.elapsed_us,
            is_approved=shape.is_approved,
        )
        witness = find_witness(self.pair, question, (candidate,), most=_MOST_TRIES)
        if witness is not None:
            self.found[change] = witness

    def _shapes(self, point: Point) -> Iterator[Shape]:
        now = off_healthy(self.pair, point)
        sides = self.pair.old.step_named(self.pair.old_name(self.step)), self.pair.new.step_named(self.step)
        is_approved = any(side.needs_approval for side in sides)
        tried, every_us = durations(self.pair, self.step), every_of(self.pair)
        asked_us = max(
            _longest_us(rule) for program in (self.pair.old, self.pair.new) for rule in (*program.slos, *program.watches)
        )
        settled_us = -(-max(side.min_us for side in sides) // every_us) * every_us
        last_us = max(asked_us, settled_us, *(side.max_us or 0 for side in sides))
        for healthy_us, until_us in ((0, last_us), (settled_us, asked_us)):
            for lasted_us in (each for each in tried if each <= until_us + every_us):
                elapsed_us = healthy_us + lasted_us
                yield Shape(
                    step=self.step,
                    now=now,
                    lasted_us=lasted_us,
                    elapsed_us=elapsed_us,
                    total_us=elapsed_us,
                    is_approved=is_approved,
                )


def _longest_us(rule: ProgramRule) -> int:
    """
    Give the longest time that a rule asks for.
    """
    asked = rule.asked
    return max(asked.for_us or 0, asked.after_us or 0, (asked.of or 0) * asked.max_gap_us)


def points(pair: Pair, step: str) -> Iterator[Point]:
    """
    Give the snapshots that are worth a history: the healthy one, then those of the rules that differ.

    Of those at which all rules that act say the same, one is enough, unless some rule reads more than the sample.
    """
    acting = [
        (program, [rule for rule in (*program.slos, *program.watches) if name in rule.acts_in])
        for program, name in ((pair.old, pair.old_name(step)), (pair.new, step))
    ]
    seen: dict[tuple[object, ...], int] = {}
    for point in _all_points(pair):
        key = _truths(pair, acting, point)
        is_told_apart = not any(
            rule.reads and not set(rule.reads) <= pair.healthy.keys() for _, rules in acting for rule in rules
        )
        seen[key] = seen.get(key, 0) + 1
        if seen[key] <= (1 if is_told_apart else _MOST_ALIKE):
            yield point


def _truths(pair: Pair, acting: Sequence[tuple[Program, Sequence[ProgramRule]]], point: Point) -> tuple[object, ...]:
    measured = {name: value for name, value in {**pair.healthy, **point}.items() if value is not None}
    truths: list[object] = []
    for program, rules in acting:
        values = admit_sample(RawSample(at_us=0, signals=measured), program.declared).values
        truths += [truth_of(rule, values) for rule in rules]
    return tuple(truths)


def _all_points(pair: Pair) -> Iterator[Point]:
    yield {}
    limits = limits_of(pair)
    for names in dict.fromkeys(_signals_of(pair)):
        axes = {name: list(_axis(pair, name, limits.get(name, frozenset()))) for name in names}
        for name, axis in axes.items():
            for value in axis:
                yield {name: value}
        if len(axes) > 1:
            corners = islice(product(*axes.values()), _MOST_POINTS)
            yield from (dict(zip(axes, corner, strict=True)) for corner in corners)


def _signals_of(pair: Pair) -> Iterator[tuple[str, ...]]:
    """
    Give the measured signals of each rule that is on one side only, or reads what is declared otherwise there.
    """
    declared = [{name: program.signals[name] for name in program.signals} for program in (pair.old, pair.new)]
    other = {name for name in pair.healthy if declared[0].get(name) != declared[1].get(name)}
    computed = [
        {each.name: (each.function.name, each.parameters) for each in program.derived} for program in (pair.old, pair.new)
    ]
    other |= {name for name in {**computed[0], **computed[1]} if computed[0].get(name) != computed[1].get(name)}
    told = [{_said(rule, pair) for rule in (*program.slos, *program.watches)} for program in (pair.old, pair.new)]
    for program in (pair.old, pair.new):
        inputs = {each.name: each.reads for each in program.derived}
        for rule in (*program.slos, *program.watches):
            if other & set(rule.reads) or not all(_said(rule, pair) in side for side in told):
                names = dict.fromkeys(each for name in rule.reads for each in _measured(name, inputs))
                yield tuple(name for name in names if name in pair.healthy)


def _measured(name: str, inputs: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    if name not in inputs:
        yield name
        return
    for each in inputs[name]:
        yield from _measured(each, inputs)


def _said(rule: ProgramRule, pair: Pair) -> tuple[object, ...]:
    """
    Give what a rule says, with the old names of steps.
    """
    with deep_stack():
        texts = unparse(rule.when.tree), None if rule.unless is None else unparse(rule.unless.tree)
    return (rule.kind, *texts, rule.asked, frozenset(pair.old_name(step) for step in rule.acts_in))


def _axis(pair: Pair, name: str, limits: frozenset[float]) -> Iterator[Value | None]:
    """
    Give the values of a signal that could tell: missing, at each limit, between them and beyond.
    """
    yield None
    signal = pair.new.signals[name] if name in pair.new.signals else pair.old.signals[name]
    match signal.type:
        case SignalType.BOOL:
            yield from (False, True)
        case SignalType.STRING:
            yield from signal.values or ()
        case _:
            yield from _numbers(signal, limits, pair.healthy[name])


def _numbers(signal: Signal, limits: frozenset[float], healthy: Value) -> Iterator[Value]:
    assert isinstance(healthy, int | float), "a number's healthy value is one"
    low, high = signal.range
    known = sorted({*limits, float(healthy)})
    wide = [2 * known[0] - 1 if low is None else low, *known, 2 * known[-1] + 1 if high is None else high]
    wide += [(below + above) / 2 for below, above in pairwise(wide)]
    is_int = signal.type is SignalType.INT
    for value in dict.fromkeys(
        int(each) if is_int else float(each) for each in sorted(wide, key=lambda each: abs(each - healthy))
    ):
        if (low is None or value >= low) and (high is None or value <= high) and value != healthy:
            yield value
