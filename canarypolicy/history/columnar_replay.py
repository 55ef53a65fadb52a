"""
Replay of many rollouts at once, in columns: outcomes, and the decisions that change anything.

It gives what `canarypolicy.history.replay` gives for recordings without events that follow the policy's own steps.
Nothing is approximated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import inf
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from canarypolicy.cel.columnar import lower
from canarypolicy.cel.columnar_plan import CHUNK
from canarypolicy.cel.columns import Column
from canarypolicy.derived.columnar_window import Stretches
from canarypolicy.documents.duration import SECOND_US
from canarypolicy.documents.signals import BUILT_IN_SIGNALS, SignalType
from canarypolicy.engine.columnar_derived import Derivation, all_known, depends_on_steps, derive
from canarypolicy.engine.columnar_fold import Changes, Folded, fold_rows
from canarypolicy.engine.columnar_streaks import rows_of
from canarypolicy.engine.rollout import NOT_YET_US, Phase
from canarypolicy.history.replay import Outcome, outcome_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from canarypolicy.cel.columnar_plan import Plan
    from canarypolicy.cel.types import CelType
    from canarypolicy.engine.program import Program

    Array: TypeAlias = NDArray[Any]

ELAPSED: Final = "rollout.elapsed_seconds"
_LARGE: Final = 32_000_000
"""Bytes: just below what glibc learns from; none of them is touched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """
    The samples of many rollouts, one after the other, each in order of time.
    """

    times_us: Array
    firsts: Array
    """The row with which each rollout begins; none is empty."""
    started_us: Array
    """When each rollout starts."""
    columns: Mapping[str, Column]
    """The admitted values of each measured signal that is read."""
    found: dict[object, Any] = field(default_factory=dict)
    """What was derived from them, for a second policy that derives the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """
    What a policy decides along many rollouts.
    """

    outcomes: tuple[Outcome, ...]
    changes: Changes
    """Its rows and rollouts are those of the samples."""
    folded: tuple[str, ...]
    """The derived signals that were folded sample by sample."""


class ColumnarReplay:
    """
    A program made ready for columns.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        expressions = [rule.when for rule in (*program.watches, *program.slos)]
        expressions += [rule.unless for rule in program.watches if rule.unless is not None]
        read = {name for expression in expressions for name in expression.signals}
        for each in reversed(program.derived):
            if each.name in read:
                read.update(each.reads)
        self.read = frozenset(read)
        self.signals = {name: signal for name, signal in program.signals.items() if name in read}
        self._trees = [expression.tree for expression in expressions]
        # glibc gives back whatever is as large as our arrays, page by page, until it has freed something larger once.
        np.empty(_LARGE, dtype=np.int8)

    @cached_property
    def passes(self) -> int:
        """
        How often all is evaluated: once, or for a policy that decides by its own steps once a step.
        """
        by_step = any(name in self.read for name in BUILT_IN_SIGNALS if name != ELAPSED)
        by_step = by_step or any(depends_on_steps(each) for each in self.program.derived if each.name in self.read)
        return len(self.program.steps) if by_step else 1

    @cached_property
    def plan(self) -> Plan:
        """
        The plan of all rules: `when` of each, then every `unless`.
        """
        program = self.program
        types: dict[str, CelType] = {**BUILT_IN_SIGNALS, **{name: signal.type for name, signal in program.signals.items()}}
        for each in program.derived:
            types[each.name] = each.function.result(each.parameters, each.inputs).type
        values = {name: signal.values for name, signal in program.signals.items() if signal.values is not None}
        values["rollout.step"] = tuple(step.name for step in program.steps)
        most = {name: _most(signal.range) for name, signal in program.signals.items() if signal.type is SignalType.DOUBLE}
        return lower(self._trees, types, values=values, most=most, chunk=CHUNK)

    def replay(self, samples: Samples) -> Replayed:
        """
        Fold all rollouts.

        What is decided up to the entry of a step depends on the entries before it alone: each pass settles one more.
        """
        entered_us = np.full((len(self.program.steps), len(samples.firsts)), NOT_YET_US)
        entered_us[0] = samples.started_us
        for known in range(1, self.passes):
            found, _, kept = self._pass(samples, entered_us)
            entered_us[known, kept] = found.entered_us[known]
        found, replayed, _ = self._pass(samples, entered_us)
        return replayed

    def _pass(self, samples: Samples, entered_us: Array) -> tuple[Folded, Replayed, Array]:
        columns = dict(samples.columns)
        stretches = Stretches(
            times_us=samples.times_us, firsts=samples.firsts, max_gap_us=self.program.max_gap_us, found=samples.found
        )
        derivation = Derivation(
            program=self.program,
            stretches=stretches,
            started_us=samples.started_us,
            entered_us=entered_us,
            texts=self.plan.texts,
        )
        folded = derive(derivation, columns, self.read)
        count = len(samples.times_us)
        lengths = np.append(samples.firsts[1:], count) - samples.firsts
        elapsed_us = samples.times_us - np.repeat(samples.started_us, lengths)
        if ELAPSED in self.read:
            columns[ELAPSED] = all_known(elapsed_us / SECOND_US)
        if self.passes > 1:
            columns |= self._steps(samples.times_us, np.repeat(entered_us, lengths, axis=1))
        live = elapsed_us >= 0
        truths = self._truths(columns, count, None if live.all() else live)
        kept = np.add.reduceat(live, samples.firsts) > 0 if count else np.zeros(0, dtype=np.bool_)
        lived = np.flatnonzero(live)
        rows = rows_of(samples.times_us[lived], _places(live, samples.firsts)[kept], samples.started_us[kept])
        watches = len(self.program.watches)
        found = fold_rows(self.program, rows, truths[:watches], truths[watches:])
        there = np.flatnonzero(kept)
        return found, _in_samples(found, lived, there, len(samples.firsts), folded), there

    def _steps(self, times_us: Array, entered_us: Array) -> dict[str, Column]:
        """
        Give the built-in signals of the step of each row: a sample at which a step is left still belongs to it.
        """
        step = (entered_us[1:] < times_us).sum(axis=0)
        codes = [self.plan.texts.codes[each.name] for each in self.program.steps]
        since_us = np.take_along_axis(entered_us, step[np.newaxis], axis=0)[0]
        weights = np.array([each.weight for each in self.program.steps])
        return {
            "rollout.step": Column(type=SignalType.STRING, values=np.array(codes, dtype=np.int32)[step]),
            "rollout.weight": all_known(weights[step]),
            "rollout.step_elapsed_seconds": all_known((times_us - since_us) / SECOND_US),
        }

    def _truths(self, columns: Mapping[str, Column], count: int, live: Array | None) -> list[tuple[Array, Array]]:
        """
        Give for each rule where it is true and where it is false (SPEC section 2.3).
        """
        rules = (*self.program.watches, *self.program.slos)
        truths = [(np.empty(count, dtype=np.bool_), np.empty(count, dtype=np.bool_)) for _ in rules]
        for part in self.plan.chunks(count):
            outcomes = self.plan.run(columns, part)
            unless = iter(outcomes[len(rules) :])
            for rule, (true, false), (whole_true, whole_false) in zip(rules, outcomes, truths, strict=False):
                whole_true[part], whole_false[part] = true, false
                if rule.unless is not None:
                    exempt, _ = next(unless)
                    whole_true[part] &= ~np.asarray(exempt)
                    whole_false[part] |= exempt
        return truths if live is None else [(true[live], false[live]) for true, false in truths]


def _in_samples(found: Folded, lived: Array, kept: Array, rollouts: int, folded: tuple[str, ...]) -> Replayed:
    """
    Number rows and rollouts as those of the samples, with what lies before the starts.
    """
    outcomes = [outcome_of(Phase.AHEAD)] * rollouts
    for rollout, phase in zip(kept.tolist(), found.phases, strict=True):
        outcomes[rollout] = outcome_of(phase)
    changes = replace(found.changes, rows=lived[found.changes.rows], rollouts=kept[found.changes.rollouts])
    return Replayed(outcomes=tuple(outcomes), changes=changes, folded=folded)


def _places(live: Array, rows: Array) -> Array:
    """
    Count the live rows before each of some rows.
    """
    counted: Array = np.cumsum(live)[rows] - live[rows]
    return counted


def _most(range_: tuple[float | None, float | None]) -> float:
    low, high = range_
    return inf if low is None or high is None else max(abs(float(low)), abs(float(high)))
