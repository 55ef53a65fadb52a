"""
Derived signals as columns over many rollouts: by a function over columns where there is one, else by the function's own fold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from canarypolicy.cel.columns import Column, Texts, column_of
from canarypolicy.derived.columnar import COLUMNAR
from canarypolicy.derived.columnar_window import Stretches
from canarypolicy.derived.window import Missing, Tick
from canarypolicy.documents.plan import START
from canarypolicy.documents.signals import SignalType

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from canarypolicy.engine.program import Program, ProgramDerived

    Array: TypeAlias = NDArray[Any]

_ABSENT = Missing(why="no value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """
    The rows of many rollouts, those from before their starts included.
    """

    program: Program
    stretches: Stretches
    started_us: Array
    """Per rollout."""
    entered_us: Array
    """Per step and rollout, as far as it is known; `NOT_YET_US` where it is not."""
    texts: Texts


def derive(derivation: Derivation, columns: dict[str, Column], wanted: frozenset[str]) -> tuple[str, ...]:
    """
    Add the columns of the wanted derived signals, and give the names of those that were folded sample by sample.
    """
    folded: list[str] = []
    for each in derivation.program.derived:
        if each.name not in wanted:
            continue
        inputs = tuple(columns[name] for name in each.reads)
        # The inputs are kept with what came of them, so that their identities stay theirs.
        key = (each.function.name, repr(each.parameters), derivation.stretches.max_gap_us, tuple(map(id, inputs)))
        found = derivation.stretches.found
        if depends_on_steps(each):
            columns[each.name], is_folded = _derived(derivation, each, inputs)
        else:
            if key not in found:
                found[key] = (*_derived(derivation, each, inputs), inputs)
            columns[each.name], is_folded, _ = found[key]
        if is_folded:
            folded.append(each.name)
    return tuple(folded)


def depends_on_steps(each: ProgramDerived) -> bool:
    """
    Tell whether a derived signal changes with the entries of steps.
    """
    return getattr(each.parameters, "within_step", False) or getattr(each.parameters, "at", START) != START


def _derived(derivation: Derivation, each: ProgramDerived, inputs: tuple[Column, ...]) -> tuple[Column, bool]:
    """
    Give a derived signal's column, and whether it was folded sample by sample.
    """
    function = COLUMNAR.get(each.function.name)
    column = None if function is None else function(each.parameters, each.inputs, inputs, derivation.stretches)
    return (_fold(derivation, each, inputs), True) if column is None else (column, False)


def _fold(derivation: Derivation, each: ProgramDerived, inputs: tuple[Column, ...]) -> Column:
    """
    Fold each rollout's samples one by one.
    """
    stretches = derivation.stretches
    times_us = stretches.times_us.tolist()
    values = list(zip(*(_python_values(column) for column in inputs), strict=True))
    results: list[object] = []
    firsts = stretches.firsts.tolist()
    starts = derivation.started_us.tolist()
    steps = [step.name for step in derivation.program.steps]
    for first, end, started_us, entered in zip(
        firsts, [*firsts[1:], len(times_us)], starts, derivation.entered_us.T.tolist(), strict=True
    ):
        state, previous_us = each.function.begin(each.parameters, each.inputs), None
        for row in range(first, end):
            at_us = times_us[row]
            entries: dict[str, int] = {}
            entered_us = None
            if at_us >= started_us:
                # A sample at which a step is left still belongs to it.
                entries = {START: started_us, steps[0]: started_us}
                entries |= {name: us for name, us in zip(steps[1:], entered[1:], strict=True) if us < at_us}
                entered_us = max(entries.values())
            tick = Tick(
                at_us=at_us,
                previous_us=previous_us,
                entered_us=entered_us,
                entry_belongs=entered_us == started_us,
                entries=entries,
                max_gap_us=stretches.max_gap_us,
            )
            value, state = each.function.fold(state, tick, values[row])
            results.append(None if isinstance(value, Missing) else value)
            previous_us = at_us
    result = each.function.result(each.parameters, each.inputs)
    return column_of(results, result.type, derivation.texts)


def _python_values(column: Column) -> list[Any]:
    """
    Give a column's values one by one. Only `count` reads texts, and it never gets here, so codes are not turned back.
    """
    known = column.part("known", slice(0, len(column.values))).tolist()
    return [value if is_known else _ABSENT for value, is_known in zip(column.values.tolist(), known, strict=True)]


def all_known(values: Array) -> Column:
    """
    Make a column of doubles none of which is missing.
    """
    return Column(type=SignalType.DOUBLE, values=values, known=np.ones(len(values), dtype=np.bool_))
