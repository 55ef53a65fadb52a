"""
Derived signals folded once: what a derived function makes of a state, a moment and its inputs is remembered.

The functions are pure and their states are values, so a mutant that has the same history up to a sample has the same values.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import BaseModel

    from canarypolicy.derived.window import DerivedFunction, Input, Missing, Tick
    from canarypolicy.documents.signals import Value
    from canarypolicy.engine.program import Program, ProgramDerived


class Remembering:
    """
    A derived function that remembers; made for one derived signal, whose parameters are its own.
    """

    def __init__(self, each: ProgramDerived) -> None:
        self._function: DerivedFunction = each.function
        self.name: str = each.function.name
        self.Parameters: type[BaseModel] = each.function.Parameters
        self._beginning = each.function.begin(each.parameters, each.inputs)
        self._folded: dict[tuple[object, ...], tuple[Any, tuple[Value | Missing, Any]]] = {}

    def inputs(self, parameters: Any) -> tuple[str, ...]:
        """
        Name what it reads.
        """
        return self._function.inputs(parameters)

    def result(self, parameters: Any, inputs: tuple[Input, ...]) -> Input:
        """
        Give the type and range of what it gives.
        """
        return self._function.result(parameters, inputs)

    def begin(self, parameters: Any, inputs: tuple[Input, ...]) -> Any:  # noqa: ARG002 - they are always the same
        """
        Give the one state before the first sample.
        """
        return self._beginning

    def fold(self, state: Any, tick: Tick, values: tuple[Value | Missing, ...]) -> tuple[Value | Missing, Any]:
        """
        Give what the function gives, from memory where it was asked before.
        """
        key = (
            id(state), tick.at_us, tick.previous_us, tick.entered_us, tick.entry_belongs, tick.max_gap_us,
            *tick.entries.items(), *map(repr, values),
        )  # fmt: skip
        found = self._folded.get(key)
        if found is None:
            # The state is kept beside the result, so that its identity stays its own.
            found = self._folded[key] = (state, self._function.fold(state, tick, values))
        return found[1]


class Memory:
    """
    The remembering functions of all derived signals that were met so far.
    """

    def __init__(self) -> None:
        self._functions: dict[tuple[object, ...], Remembering] = {}

    def program(self, program: Program) -> Program:
        """
        Give a program whose derived signals remember what they were folded to.
        """
        return replace(program, derived=tuple(self._derived(each) for each in program.derived))

    def _derived(self, each: ProgramDerived) -> ProgramDerived:
        key = (each.name, each.function.name, repr(each.parameters), each.inputs)
        if key not in self._functions:
            self._functions[key] = Remembering(each)
        return replace(each, function=self._functions[key])
