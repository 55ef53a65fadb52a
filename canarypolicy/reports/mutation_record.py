"""
A mutation run as plain data, with stable keys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.history.decision_record import place_record

if TYPE_CHECKING:
    from canarypolicy.history.decision_record import Record
    from canarypolicy.mutation.mutant import Mutant
    from canarypolicy.mutation.result import MutationRun, PolicyMutation, Survivor


def mutation_record(run: MutationRun) -> Record:
    """
    Give all mutants and what is known of each.
    """
    return {
        "score": run.score,
        "fail_under": run.fail_under,
        "missing_file": run.missing_file,
        "policies": [_policy(each) for each in run.policies],
    }


def _policy(policy: PolicyMutation) -> Record:
    return {
        "path": policy.path,
        "tests": list(policy.tests),
        "scenarios": policy.scenarios,
        "mutants": policy.count,
        "not_proved": policy.not_proved,
        "survivors": [_survivor(each) for each in policy.survivors],
        "equivalent": [_mutant(each) for each in policy.equivalent],
        "killed": [{**_mutant(each.mutant), "by": {"path": each.path, "scenario": each.scenario}} for each in policy.killed],
    }


def _survivor(survivor: Survivor) -> Record:
    return {
        **_mutant(survivor.mutant),
        "danger": survivor.danger.value,
        "knowledge": survivor.knowledge.value,
        "why": survivor.why,
        "test": None if survivor.test is None else "\n".join(survivor.test.lines) + "\n",
    }


def _mutant(mutant: Mutant) -> Record:
    return {
        "kind": mutant.kind.value,
        "sentence": mutant.sentence,
        "danger": mutant.danger.value,
        "location": place_record(mutant.place),
    }
