"""
The mutation run of one policy: its mutants, those that its tests notice, and what is known of the others.

Survivors are taken up by their danger. A test that is found for one is tried on the others first, so that the solver is
asked only about what no test, written or offered, tells apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from canarypolicy.cel.terms import new_space
from canarypolicy.engine.program import build
from canarypolicy.mutation.killing import Suite, cases_of
from canarypolicy.mutation.missing_tests import case_of, missing_test, tells_apart
from canarypolicy.mutation.mutants import mutants
from canarypolicy.mutation.proofs import differences, lacking_solver
from canarypolicy.mutation.result import Killed, Knowledge, PolicyMutation, Survivor

if TYPE_CHECKING:
    from canarypolicy.engine.program import Program
    from canarypolicy.mutation.killing import Case
    from canarypolicy.mutation.mutant import Mutant
    from canarypolicy.mutation.proofs import Known
    from canarypolicy.mutation.result import MissingTest
    from canarypolicy.testing.checked import CheckedPolicyTest

UNSAYABLE = "no series says the history that shows it"
ROUNDING = "only values within rounding of a limit could show it"
_MOST_QUESTIONS = 3
"""With so many differences that are possible, further ones are not searched for a history."""


def mutate(program: Program, tests: Sequence[CheckedPolicyTest]) -> PolicyMutation:
    """
    Run the tests of a policy, all of which it must pass, against its mutants.
    """
    cases = cases_of(tests)
    suite = Suite(program, cases)
    killed: list[Killed] = []
    left: list[Mutant] = []
    for mutant in mutants(program.checked):
        case = suite.killer_of(mutant)
        if case is None:
            left.append(mutant)
        else:
            killed.append(Killed(mutant=mutant, path=case.test.path, scenario=case.scenario.name))
    lacking = lacking_solver() if left else None
    survivors = _unproved(left) if lacking else _Survivors(program).all(left)
    return PolicyMutation(
        path=program.checked.source.path,
        tests=tuple(test.path for test in tests),
        scenarios=len(cases),
        killed=tuple(killed),
        survivors=tuple(sorted((each for each in survivors if each.knowledge is not Knowledge.EQUIVALENT), key=_order)),
        equivalent=tuple(each.mutant for each in survivors if each.knowledge is Knowledge.EQUIVALENT),
        not_proved=lacking,
    )


def _order(survivor: Survivor) -> tuple[int, bool, int, int]:
    """
    Put the most dangerous first and, of one danger, what was seen before what is only feared.
    """
    place = survivor.mutant.place
    return survivor.danger.rank, survivor.knowledge is not Knowledge.SHOWN, place.start, place.end


def _unproved(left: Sequence[Mutant]) -> list[Survivor]:
    return [Survivor(mutant=each, knowledge=Knowledge.NOT_PROVED, danger=each.danger) for each in left]


class _Survivors:
    """
    What is found out about survivors, and the tests found so far.
    """

    def __init__(self, program: Program) -> None:
        self._program = program
        self._offered: list[tuple[MissingTest, Case]] = []

    def all(self, left: Sequence[Mutant]) -> list[Survivor]:
        """
        Look into each, the most dangerous first.
        """
        ordered = sorted(left, key=lambda each: (each.danger.rank, each.place.start))
        return [self._known(mutant) for mutant in ordered]

    def _known(self, mutant: Mutant) -> Survivor:
        changed = build(mutant.checked)
        for test, case in self._offered:
            if tells_apart(case, self._program, changed):
                return Survivor(mutant=mutant, knowledge=Knowledge.SHOWN, danger=mutant.danger, test=test)
        with new_space():  # what a witness shows depends on this mutant alone
            found = differences(self._program, changed, most=_MOST_QUESTIONS)
        if not found:
            return Survivor(mutant=mutant, knowledge=Knowledge.EQUIVALENT, danger=mutant.danger)
        shown = [each for each in found if each.witness is not None]
        danger = next((each.danger for each in shown if each.danger is not None), mutant.danger)
        for each in shown:
            offered = self._offer(each, mutant, changed)
            if offered is not None:
                return Survivor(mutant=mutant, knowledge=Knowledge.SHOWN, danger=danger, test=offered)
        if shown:
            return Survivor(mutant=mutant, knowledge=Knowledge.SHOWN, danger=danger, why=UNSAYABLE)
        why = next((each.why for each in found if each.why), ROUNDING)
        return Survivor(mutant=mutant, knowledge=Knowledge.UNKNOWN, danger=danger, why=why)

    def _offer(self, found: Known, mutant: Mutant, changed: Program) -> MissingTest | None:
        """
        Make a test of a witness, if it is one: the policy passes it and the mutant does not.
        """
        assert found.witness is not None, "only what is shown can be offered"
        test = missing_test(found.witness, self._program, mutant)
        if test is None:
            return None
        case = case_of(test)
        if not tells_apart(case, self._program, changed):
            return None
        self._offered.append((test, case))
        return test
