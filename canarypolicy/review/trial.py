"""
Whether a shape shows what is asked: both policies' folds, and how many histories may be tried.

A search tries hundreds of shapes, so it folds only the rules that could tell. What is found is replayed with all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from canarypolicy.documents.rule import RuleKind
from canarypolicy.documents.signals import BUILT_IN_SIGNALS
from canarypolicy.engine.observation import truth_of
from canarypolicy.review.folder import Folder
from canarypolicy.review.histories import Spacing, ages

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from canarypolicy.documents.signals import Value
    from canarypolicy.engine.decision import Verdict
    from canarypolicy.engine.program import Program, ProgramDerived, ProgramRule
    from canarypolicy.engine.sustained import Asked
    from canarypolicy.review.histories import Shape
    from canarypolicy.review.replaying import Judgement, Pair

MOST_SAMPLES = 5_000
"""A longer history is no witness that anybody reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """
    Whether a sample of a step that the old policy decides so can be decided so by the new one.
    """

    step: str
    """In the new policy's words."""
    old: Verdict
    new: Verdict


def shows(pair: Pair, question: Question, judgements: tuple[Judgement | None, Judgement | None]) -> bool:
    """
    Tell whether two judgements answer a question with yes.
    """
    old, new = judgements
    return (
        old is not None
        and new is not None
        and old.is_fresh
        and new.is_fresh
        and (old.verdict, new.verdict) == (question.old, question.new)
        and (old.step, new.step) == (pair.old_name(question.step), question.step)
    )


class Trial:
    """
    Shapes tried against one question; a shape after the last that may be tried shows nothing.
    """

    def __init__(self, pair: Pair, question: Question, most: int, spacing: Spacing | None = None) -> None:
        self.pair, self.question = pair, question
        self._most = most
        self.tries = 0
        self._seen: dict[Shape, bool] = {}
        self._folders = Folder(pair.old, pair, is_old=True), Folder(pair.new, pair, is_old=False)
        self.spacing = spacing_of(pair) if spacing is None else spacing
        self.asks_clean = False
        """Whether histories are refused in which the step would have been left before."""

    @property
    def is_spent(self) -> bool:
        return self.tries >= self._most

    def shows(self, shape: Shape) -> bool:
        """
        Tell whether a shape answers the question with yes.
        """
        if shape not in self._seen:
            if self.is_spent:
                return False
            self._seen[shape] = self._try(shape)
        return self._seen[shape]

    def ask_clean(self, *, wanted: bool) -> None:
        """
        From here on refuse histories in which the step would have been left before, or take them again.
        """
        self.asks_clean = wanted
        self._seen = {}

    def _try(self, shape: Shape) -> bool:
        if len(ages(shape, self.spacing)) > MOST_SAMPLES:
            return False
        self.tries += 1
        old, new = (folder.judge(shape, self.spacing) for folder in self._folders)
        if not shows(self.pair, self.question, (old, new)):
            return False
        is_clean = old is not None and new is not None and old.is_clean and new.is_clean
        return is_clean or not self.asks_clean


def spacing_of(pair: Pair) -> Spacing:
    """
    Give the spacing of live rollouts, and before the start the widest that leaves no gap, unless samples are counted there.
    """
    every_us = every_of(pair)
    longest_us = min(pair.old.max_gap_us, pair.new.max_gap_us)
    counts = any(_counts_samples(program) for program in (pair.old, pair.new))
    return Spacing(in_rollout_us=every_us, before_us=every_us if counts else max(every_us, longest_us // every_us * every_us))


def wide_spacing_of(pair: Pair) -> Spacing:
    """
    Give the widest spacing that leaves no gap, so that a search folds few samples; where they are counted, that of live rollouts.
    """
    usual, every_us = spacing_of(pair), every_of(pair)
    rules = [rule for program in (pair.old, pair.new) for rule in (*program.slos, *program.watches)]
    if any(rule.asked.of is not None for rule in rules) or any(_counts_samples(program) for program in (pair.old, pair.new)):
        return usual
    longest_us = min(pair.old.max_gap_us, pair.new.max_gap_us)
    return replace(usual, in_rollout_us=max(every_us, longest_us // every_us * every_us))


def _counts_samples(program: Program) -> bool:
    return any(each.function.name in ("sum", "count") for each in program.derived)


def every_of(pair: Pair) -> int:
    """
    Give how often both policies' rollouts are judged at least.
    """
    return min(pair.old.every_us, pair.new.every_us)


def reduced(pair: Pair, step: str, moved: frozenset[str]) -> Pair:
    """
    Leave out the rules that say the same at every sample, and what they alone read, if only some signals are not healthy.

    A derived signal whose inputs are not moved is taken for what it is where all is well: that its window may not be filled
    yet is overlooked here.
    """
    return replace(
        pair,
        old=reduced_alone(pair.old, pair.old_name(step), moved, pair.at_health["old"]),
        new=reduced_alone(pair.new, step, moved, pair.at_health["new"]),
    )


def reduced_alone(program: Program, step: str, moved: frozenset[str], values: Mapping[str, Value]) -> Program:
    """
    Leave the same rules out of one policy; `values` are those of its signals where all is well.
    """
    varying = moved | BUILT_IN_SIGNALS.keys()
    for each in program.derived:
        if varying.intersection(each.reads) or each.name not in values:
            varying |= {each.name}
    watches: list[ProgramRule] = []
    slos: list[ProgramRule] = []
    met: set[Asked] = set()
    for rule in (*program.watches, *program.slos):
        if step not in rule.acts_in:
            continue
        truth = None if varying & set(rule.reads) else truth_of(rule, values)
        if rule.kind is not RuleKind.SLO:
            if truth is not False:
                watches.append(rule)
        elif truth is not True or rule.asked not in met:
            slos.append(rule)
            met |= {rule.asked} if truth is True else set()
    derived = _read_by((*watches, *slos), program)
    read = {name for rule in (*watches, *slos) for name in rule.reads} | {name for each in derived for name in each.reads}
    declared = {name: signal for name, signal in program.declared.items() if name in read}
    return replace(program, watches=tuple(watches), slos=tuple(slos), derived=derived, declared=declared)


def _read_by(rules: Iterable[ProgramRule], program: Program) -> tuple[ProgramDerived, ...]:
    """
    Keep the derived signals that some rules read, or that one of these reads.
    """
    read = {name for rule in rules for name in rule.reads}
    kept: list[ProgramDerived] = []
    for each in reversed(program.derived):  # each comes after those that it reads
        if each.name in read:
            read |= set(each.reads)
            kept.append(each)
    return tuple(reversed(kept))
