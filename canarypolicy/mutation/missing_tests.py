"""
The tests that are missing: a witness between a policy and its mutant, written as a scenario and tried on both.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from canarypolicy.documents.series_writing import yaml_text
from canarypolicy.mutation.killing import Case, fails
from canarypolicy.mutation.result import MissingTest
from canarypolicy.review.policy_test import Named, header_lines, scenario_lines
from canarypolicy.testing.loading import load_policy_test
from canarypolicy.testing.running import run_course

if TYPE_CHECKING:
    from canarypolicy.engine.program import Program
    from canarypolicy.mutation.mutant import Mutant
    from canarypolicy.review.findings import Witness

_NAMED = Named(test="missing", policy="policy.yaml")


def missing_test(witness: Witness, program: Program, mutant: Mutant) -> MissingTest | None:
    """
    Write a witness as a scenario of the policy's own decision; None where a series cannot say it.
    """
    lines = scenario_lines(witness, program, witness.old)
    if lines is None:
        return None
    old, new = witness.old.verdict.value, witness.new.verdict.value
    name = f"{old} in {witness.old.step}, not {new}: {mutant.sentence}"
    head = "  - name: "
    return MissingTest(name=name, lines=tuple(head + yaml_text(name) if line.startswith(head) else line for line in lines))


def case_of(test: MissingTest) -> Case:
    """
    Read a scenario as its file will be read; one that cannot be is a mistake in the program.
    """
    loaded = load_policy_test(file_text([test], _NAMED).encode(), "missing.test.yaml")
    if loaded.document is None:
        raise ValueError(f"the scenario `{test.name}` cannot be read: {loaded.findings[0].message}")
    return Case(test=loaded.document, scenario=loaded.document.scenarios[0])


def tells_apart(case: Case, program: Program, mutant: Program) -> bool:
    """
    Tell whether the policy passes a scenario and the mutant does not, both run as a whole.
    """
    return not fails(case, run_course(program, case.scenario)) and fails(case, run_course(mutant, case.scenario))


def file_text(tests: Iterable[MissingTest], named: Named) -> str:
    """
    Give the text of a PolicyTest with some scenarios; there must be one at least.
    """
    return "\n".join((*header_lines(named), *(line for test in tests for line in test.lines))) + "\n"
