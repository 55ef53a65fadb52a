"""
Rules over derived signals that, as long as all is healthy, have the same truth at every sample.

A derived signal that does not depend on steps follows from the samples alone; while those are healthy, what it is at the n-th
sample depends on the time between samples and on nothing else. Rules that then ask for the same and are true, false and unknown
at the same samples stand where one of them stands. What depends on steps, and the built-in signals, is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from canarypolicy.engine.observation import observe, truth_of
from canarypolicy.engine.rollout import NOT_YET_US, begin
from canarypolicy.engine.sample import Sample
from canarypolicy.testing.scenes import healthy_value

if TYPE_CHECKING:
    from canarypolicy.documents.signals import Value
    from canarypolicy.engine.program import Program, ProgramDerived, ProgramRule

Groups: TypeAlias = tuple[tuple[int, ...], ...]
"""Indices of rules of which one stands for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grid:
    """
    Healthy samples: so many, and so far apart.
    """

    every_us: int
    count: int


class AlikeRules:
    """
    The rules of a program over derived signals, in groups of which one member stands for all.
    """

    def __init__(self, program: Program, rules: Sequence[ProgramRule], settled: Iterable[int]) -> None:
        self._program = program
        self._rules = rules
        self._roots = _roots(program)
        self._derived = tuple(each for each in program.derived if each.name in self._roots)
        others = {*range(len(rules))} - {*settled}
        self.indices = frozenset(index for index in others if all(name in self._roots for name in rules[index].reads))
        self._groups: dict[_Grid, Groups] = {}

    def roots_of(self, index: int) -> frozenset[str]:
        """
        Give the measured signals that a rule depends on.
        """
        return frozenset().union(*(self._roots[name] for name in self._rules[index].reads))

    def groups(self, every_us: int, count: int) -> Groups:
        """
        Give the groups for histories of up to `count` samples; at most twice as many are looked at, once for all.
        """
        grid = _Grid(every_us=every_us, count=1 << max(count - 1, 0).bit_length())
        if grid not in self._groups:
            self._groups[grid] = self._grouped(grid)
        return self._groups[grid]

    def _grouped(self, grid: _Grid) -> Groups:
        values = self._values(grid)
        groups: dict[object, list[int]] = {}
        for index in sorted(self.indices):
            rule = self._rules[index]
            truths = tuple(truth_of(rule, seen) for seen in values)
            groups.setdefault((rule.kind, rule.acts_in, rule.asked, truths), []).append(index)
        return tuple(tuple(members) for members in groups.values())

    def _values(self, grid: _Grid) -> list[Mapping[str, Value]]:
        """
        Fold derived signals over healthy samples before the start, where no step has a part in it.
        """
        program = replace(self._program, derived=self._derived, slos=(), watches=())
        healthy = {name: healthy_value(signal) for name, signal in program.signals.items()}
        state, found = begin(program, start_us=NOT_YET_US), []
        for index in range(grid.count):
            seen, state = observe(program, state, Sample(at_us=index * grid.every_us, values=healthy))
            found.append(seen.values)
        return found


def _roots(program: Program) -> dict[str, frozenset[str]]:
    """
    Give the measured signals below each signal that does not depend on steps.
    """
    roots = {name: frozenset((name,)) for name in program.signals}
    for each in program.derived:  # each comes after those it reads
        if _is_apart_from_steps(each) and all(name in roots for name in each.reads):
            roots[each.name] = frozenset().union(*(roots[name] for name in each.reads))
    return roots


def _is_apart_from_steps(each: ProgramDerived) -> bool:
    return not getattr(each.parameters, "within_step", False) and not hasattr(each.parameters, "at")
