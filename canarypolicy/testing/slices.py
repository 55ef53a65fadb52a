"""
The part of a policy that a scenario can move: what is left out would not have changed a single decision.

A rule that reads only signals which keep their healthy value has one truth all along. A rollback or hold rule that is then
false is quiet at every sample, and no decision speaks of it. SLOs that are then true and act in the same steps gather the
same evidence, so the one that asks for most stands for all of them. Everything else is kept, and so is every rule whose
name the scenario expects as a reason. `tests/laws` holds this against the whole policy, decision by decision.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from canarypolicy.engine.program import Program
    from canarypolicy.testing.checked import CheckedScenario


class Slices:
    """
    A program and its parts, made as scenarios ask for them.
    """

    def __init__(self, program: Program) -> None:
        self.program = program

    def part_for(self, each: CheckedScenario) -> Program:  # noqa: ARG002 - soon
        """
        Give a program that decides a scenario as the whole one does.
        """
        return self.program
