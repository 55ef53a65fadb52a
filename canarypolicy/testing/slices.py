"""
The part of a policy that a scenario can move: what is left out would not have changed a single decision.

A rule that reads only signals which keep their healthy value has one truth all along. A rollback or hold rule that is then
false is quiet at every sample, and no decision speaks of it. SLOs that are then true and act in the same steps gather the
same evidence, so those that ask for most stand for all of them. Of rules over derived signals that are alike, one stands for
all (`canarypolicy.testing.alike`). Everything else is kept, and so is every rule whose name the scenario expects as a reason.
What a part decides differs from the whole in the list of reasons and of missing signals alone, where it names fewer.
`tests/laws` holds this, decision by decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from canarypolicy.documents.rule import RuleKind
from canarypolicy.engine.observation import truth_of
from canarypolicy.testing.alike import AlikeRules, Groups
from canarypolicy.testing.scenes import grid_of, healthy_value

if TYPE_CHECKING:
    from canarypolicy.documents.policytest import Scenario
    from canarypolicy.documents.signals import Value
    from canarypolicy.engine.program import Program, ProgramRule
    from canarypolicy.testing.checked import CheckedScenario

_Key: TypeAlias = tuple[frozenset[str], frozenset[str], frozenset[str], Groups]

_FEWEST = 16
"""Of fewer rules over derived signals no groups are made: to judge them all costs less."""


class Slices:
    """
    A program and its parts, made as scenarios ask for them and kept for the next one that asks for the same.
    """

    def __init__(self, program: Program, *, is_whole: bool = False) -> None:
        """
        Take a program; with `is_whole`, every scenario is judged by all of it, as coverage and reports need it.
        """
        self.program = program
        self._is_whole = is_whole
        self._rules = (*program.slos, *program.watches)
        healthy = {name: healthy_value(signal) for name, signal in program.signals.items()}
        settled = [index for index, rule in enumerate(self._rules) if _is_settled(rule, healthy)]
        self._alike = AlikeRules(program, self._rules, settled)
        grouped = self._alike.indices if len(self._alike.indices) >= _FEWEST else frozenset()
        self._has_groups = bool(grouped)
        self._always = {*range(len(self._rules))} - {*settled} - grouped | _stand_ins(program.slos, settled)
        self._readers: dict[str, list[int]] = {}
        self._named: dict[str, list[int]] = {}
        for index in (*settled, *sorted(grouped)):
            self._named.setdefault(self._rules[index].name, []).append(index)
            for name in self._alike.roots_of(index):
                self._readers.setdefault(name, []).append(index)
        self._parts: dict[_Key, Program] = {}

    def part_for(self, each: CheckedScenario, also: frozenset[str] = frozenset()) -> Program:
        """
        Give a program that decides a scenario as the whole one does; a recording is judged by the whole.

        Rules of the names in `also` are kept in any case.
        """
        if self._is_whole or each.recording is not None:
            return self.program
        groups = self._alike.groups(*grid_of(each.scenario, self.program)) if self._has_groups else ()
        key = (_moved(each.scenario), _expected_reasons(each.scenario) | also, _asked_signals(each.scenario), groups)
        part = self._parts.get(key)
        if part is None:
            part = self._parts[key] = self._part(*key)
        return part

    def _part(self, moved: frozenset[str], named: frozenset[str], asked: frozenset[str], groups: Groups) -> Program:
        kept = {index for name in moved for index in self._readers.get(name, ())}
        for group in groups:
            # A rule that this scenario moves is no longer like the others: one that it does not move stands for them.
            kept.update(next(([index] for index in group if index not in kept), ()))
        kept |= self._always
        kept.update(index for name in named for index in self._named.get(name, ()))
        rules = [self._rules[index] for index in sorted(kept)]
        needed = {*moved, *asked, *(name for rule in rules for name in rule.reads)}
        derived = []
        for each in reversed(self.program.derived):  # each comes after those it reads
            if each.name in needed:
                derived.append(each)
                needed.update(each.reads)
        return replace(
            self.program,
            declared={name: self.program.declared[name] for name in sorted(needed) if name in self.program.declared},
            derived=tuple(reversed(derived)),
            slos=tuple(rule for rule in rules if rule.kind is RuleKind.SLO),
            watches=tuple(rule for rule in rules if rule.kind is not RuleKind.SLO),
        )


def _is_settled(rule: ProgramRule, healthy: dict[str, Value]) -> bool:
    """
    Tell whether a rule is on its good side as long as all that it reads is healthy.
    """
    return all(name in healthy for name in rule.reads) and truth_of(rule, healthy) is (rule.kind is RuleKind.SLO)


def _stand_ins(slos: Sequence[ProgramRule], settled: Iterable[int]) -> set[int]:
    """
    Choose, of SLOs that are true all along, those that are met last: for each set of steps the longest, and the most samples.
    """
    by_steps: dict[frozenset[str], list[int]] = {}
    for index in settled:
        if index < len(slos):
            by_steps.setdefault(slos[index].acts_in, []).append(index)
    chosen: set[int] = set()
    for indices in by_steps.values():
        chosen.add(max(indices, key=lambda index: slos[index].asked.for_us or 0))
        chosen.add(max(indices, key=lambda index: slos[index].asked.samples or 0))
    return chosen


def _moved(scenario: Scenario) -> frozenset[str]:
    by_hand = (name for event in scenario.events for name in event.signals or ())
    return frozenset((*(scenario.series or ()), *by_hand))


def _expected_reasons(scenario: Scenario) -> frozenset[str]:
    return frozenset(name for each in scenario.expect for name in each.because or ())


def _asked_signals(scenario: Scenario) -> frozenset[str]:
    return frozenset(name for each in scenario.expect for name in (*(each.missing or ()), *(each.values or ())))
